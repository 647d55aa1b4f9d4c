"""The Kafka example from end to end, as its user starts it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest
from confluent_kafka import KafkaException

from examples.kafka import read
from examples.kafka.producer import messages
from examples.kafka.read import client_of, committed
from examples.kafka.shop import OUTPUTS, POLICY, SEGMENTS, SOURCE
from jobs.segment import load_plan
from jobs.statements import split
from udfs.keys import Keys

ROOT = Path(__file__).resolve().parents[2]


def start(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def holding(folder: Path, secrets: list[str]) -> set[str]:
    """The names of the files below a folder that hold a secret."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name for path in files if any(secret.encode() in path.read_bytes() for secret in secrets)}


@pytest.mark.long  # the same job runs over the shop's messages in test_shop.py
def test_the_demo_accounts_for_every_message(tmp_path):
    done = start("examples.kafka", "--seconds", "4", "--out", str(tmp_path / "demo"))
    said, _ = done.communicate(timeout=500)
    assert done.returncode == 0, said
    assert said.rstrip().endswith("messages are in the audit, each once.")
    counts = {
        topic: int(count.replace(",", "")) for topic, count in re.findall(r"^(orders\S*) .* ([\d,]+)$", said, re.M)
    }
    assert set(counts) == {"orders", *OUTPUTS.values()}
    assert counts["orders"] == counts["orders.audit"] > 0
    assert all(0 < counts[topic] < counts["orders"] for topic in SEGMENTS.values())
    passwords = json.loads((tmp_path / "demo" / "broker" / "passwords.json").read_text())
    assert holding(tmp_path, list(passwords.values())) == {"passwords.json", "server.properties"}


def test_the_servers_say_where_they_are_and_what_to_type_and_stop_in_order(tmp_path):
    process = start("examples.kafka.serve", "--out", str(tmp_path), "--rate", "50")
    said = ""
    for line in process.stdout or ():
        said += line
        if "Ctrl-C" in line:
            break
    assert re.search(r"bootstrap +127\.0\.0\.1:\d+", said), said
    assert str(tmp_path / "broker" / "tls" / "ca.pem") in said
    passwords = json.loads((tmp_path / "broker" / "passwords.json").read_text())
    assert not [user for user, password in passwords.items() if password in said]
    assert len(servers(tmp_path)) == 1
    (submit,) = (line for line in said.splitlines() if "weir submit segment" in line)
    assert f"--tables {tmp_path / 'tables.sql'} --key-file {tmp_path / 'weir.key'}" in submit
    assert len(split((tmp_path / "tables.sql").read_text())) > len(OUTPUTS)  # no variable is left
    assert Keys.open(tmp_path / "weir.key")
    secrets = holding(tmp_path, list(passwords.values()))
    assert secrets == {"passwords.json", "server.properties", "tables.sql", "clients.json"}
    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("*") if path.name in secrets} == {0}
    producer = client_of(tmp_path / "clients.json", "producer")
    with pytest.raises(KafkaException):
        list(committed(producer, SOURCE))  # who sends must not read
    admin = client_of(tmp_path / "clients.json", "admin")
    end = time.monotonic() + 60
    while not list(committed(admin, SOURCE)):  # the shop sends
        assert time.monotonic() < end
    assert list(committed(client_of(tmp_path / "clients.json", "support"), SEGMENTS["support"])) == []
    process.send_signal(signal.SIGINT)
    assert "stopped" in process.communicate(timeout=120)[0]
    assert process.returncode == 0
    assert servers(tmp_path) == []


def test_a_reader_is_told_what_is_missing(tmp_path, capsys):
    assert read.main(["support", "--out", str(tmp_path)]) == 1
    assert "next: make kafka" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        read.main(["suport"])


def servers(folder: Path) -> list[int]:
    """The processes whose command line names a folder, without the one that started them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile
            continue
        if words[0].endswith(b"java") and any(str(folder).encode() in word for word in words):
            found.append(int(path.parent.name))
    return found


def test_the_shops_segments_are_those_of_the_policy():
    assert list(SEGMENTS) == [segment.name for segment in load_plan(POLICY).segments]


def test_the_producer_sends_keys_tombstones_and_broken_lines():
    some = list(islice(messages(), 600))
    assert some == list(islice(messages(), 600))
    assert {message.value is None for message in some} == {True, False}
    assert all(message.producer for message in some)
    assert sum(message.key is None for message in some) >= 5
    tombstones = [message.key for message in some if message.value is None]
    assert set(tombstones) <= {message.key for message in some if message.value is not None}
