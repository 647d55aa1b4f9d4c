"""While a job runs under its keys, nobody sees them: not in its REST API, logs, checkpoints, nor among processes."""

import base64
import json
import sqlite3
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.kafka.servers.process import free_ports
from jobs.failure import JobFailed
from jobs.segment import run
from tests.flink.runs import DOCUMENTS, events_of
from udfs.keys import Keyring, Keys, load_keyring, new_root, write_keyring
from udfs.keys.subjects import SubjectKeys
from udfs.keys.table import open_table

POLICY = """
weir: 1
name: hidden
version: 1
entities: {CREDIT_CARD: regulated, EMAIL_ADDRESS: confidential, PERSON: confidential}
fields: {name: PERSON, id: public}
segments:
  vault: {clearance: regulated, sink: vault}
  support:
    clearance: internal
    sink: support
    masks: {CREDIT_CARD: token, EMAIL_ADDRESS: pseudonym, PERSON: {encrypt: {subject: id}}}
  open: {clearance: public, sink: public, masks: {CREDIT_CARD: fpe}}
"""
RECORD = b'{"id":"c-1","name":"Ann Lee","note":"4111 1111 1111 1111 ann@example.com"}\n'


class Running:
    """A job that runs until it is stopped, with a REST API and checkpoints.

    Attributes:
        folder: what it reads and writes.
        pages: what its REST API says, by path.
    """

    def __init__(self, folder: Path, keys: str) -> None:
        self.folder, self.problem = folder, None
        (self.port,) = free_ports(1)
        options = {
            "rest.port": str(self.port), "rest.bind-port": str(self.port), "rest.bind-address": "127.0.0.1",
            "execution.checkpointing.interval": "500ms",
            "execution.checkpointing.dir": (folder / "checkpoints").as_uri(),
            "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        }  # fmt: skip
        tables = DOCUMENTS.replace("'path'='${in}'", "'path'='${in}', 'source.monitor-interval'='1s'", 1)
        rolled = "'sink.rolling-policy.rollover-interval'='1s', 'sink.rolling-policy.check-interval'='1s'"
        tables = tables.replace("'path'='${out}", f"{rolled}, 'path'='${{out}}")
        (folder / "in").mkdir()
        (folder / "in" / "1").write_bytes(RECORD * 50)
        (folder / "policy.yaml").write_text(POLICY)
        (folder / "tables.sql").write_text(tables)
        self.thread = threading.Thread(target=self._run, args=(keys, options))
        self.thread.start()

    def _run(self, keys: str, options: dict[str, str]) -> None:
        variables = {"in": str(self.folder / "in"), "out": str(self.folder / "out")}
        try:
            run(
                self.folder / "policy.yaml", self.folder / "tables.sql", keys, key_table=str(self.folder / "keys.db"),
                variables=variables, options=options,
            )  # fmt: skip
        except JobFailed as error:
            self.problem = error

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def until(self, done: Callable[[], bool], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.thread.is_alive(), self.problem
            try:
                if done():
                    return
            except OSError:
                pass
            time.sleep(0.5)
        raise AssertionError("the job did not get so far in time")

    def job(self) -> str:
        return json.loads(self.get("/jobs/overview"))["jobs"][0]["jid"]

    def pages(self) -> dict[str, str]:
        job = self.job()
        (worker,) = (w["id"] for w in json.loads(self.get("/taskmanagers"))["taskmanagers"])
        vertices = [v["id"] for v in json.loads(self.get(f"/jobs/{job}"))["vertices"]]
        paths = ["/config", "/jobmanager/config", "/jobmanager/environment", "/jobmanager/logs", "/jars", "/datasets"]
        paths += [f"/jobs/{job}{end}" for end in ("", "/plan", "/config", "/exceptions", "/checkpoints")]
        paths += [f"/jobs/{job}{end}" for end in ("/checkpoints/config", "/accumulators", "/metrics", "/status")]
        paths += [f"/jobs/{job}/vertices/{v}{end}" for v in vertices for end in ("", "/accumulators", "/metrics")]
        paths += [f"/taskmanagers/{worker}{end}" for end in ("", "/metrics", "/logs")]
        found = {}
        for path in paths:
            try:
                found[path] = self.get(path)
            except urllib.error.HTTPError as error:
                found[path] = error.read().decode()
        return found

    def stop(self) -> None:
        if self.thread.is_alive():
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/jobs/{self.job()}", method="PATCH")
            urllib.request.urlopen(request, timeout=10).close()
        self.thread.join(60)


def secrets_of(keyring: Keyring, table: str) -> list[bytes]:
    """Every key of a job in every form in which one could stand somewhere."""
    roots = [keyring.root(epoch) for epoch in keyring.opening]
    masks = [(f"weir/1/{mask}", "segment:support") for mask in ("token", "pseudonym", "encrypt", "subject-wrap")]
    derived = [keyring.derive(*use) for use in (*masks, ("weir/1/audit", "digest"), ("weir/1/fpe", "segment:open"))]
    persons = [key for _, key in SubjectKeys(open_table(table)).keys_for(keyring, "segment:support", 2, ["c-1"])]
    return [form for key in (*roots, *derived, *persons) for form in forms(key)]


def forms(key: bytes) -> Iterator[bytes]:
    yield key
    yield key.hex().encode()
    yield key.hex().upper().encode()
    yield base64.b64encode(key)[:40]
    yield base64.urlsafe_b64encode(key)[:40]
    yield repr(key)[2:-1].encode()
    yield str(list(key))[1:-1].encode()


@pytest.mark.parametrize("source", ["file", pytest.param("environment", marks=pytest.mark.long)])
def test_a_running_job_shows_its_keys_nowhere(
    tmp_path: Path, logs: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "weir.key"
    write_keyring(path, Keyring.of(new_root(), new_root()))
    # Beam hands the environment of a worker on, and writes it to the log when the worker ends.
    monkeypatch.setenv(f"WEIR_HIDDEN_{source.upper()}", path.read_text())
    running = Running(tmp_path, str(path) if source == "file" else "env:WEIR_HIDDEN_ENVIRONMENT")
    try:
        running.until(lambda: len(events_of(tmp_path)) == 50)
        pages = running.pages()
        processes = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, check=True).stdout
    finally:
        running.stop()
    states = [p.read_bytes() for p in (tmp_path / "checkpoints").rglob("*") if p.is_file()]
    written = {str(p): p.read_bytes() for p in logs.rglob("*") if p.is_file()}
    outputs = [p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()]
    assert states and written and outputs
    assert "hidden@1" in pages[next(p for p in pages if p.startswith("/jobs/"))], "the API speaks of this job"
    assert b"ps -eww" in processes
    seen = [*(page.encode() for page in pages.values()), *states, *written.values(), *outputs, processes]
    found = secrets_of(load_keyring(path), str(tmp_path / "keys.db"))
    assert len(found) > 60
    shown = [place for place in seen for secret in found if secret in place]
    assert not shown, "a key is where it must not be"
    assert any(found[1] in line for line in [path.read_bytes()]), "the same search finds a key where one is"


def test_a_job_stops_while_its_keys_are_out_of_reach(tmp_path: Path) -> None:
    """Somebody holds the key table: nothing passes, and the job ends with the reason."""
    path = tmp_path / "weir.key"
    write_keyring(path, Keyring.of(new_root()))
    running = Running(tmp_path, str(path))
    try:
        running.until(lambda: len(events_of(tmp_path)) == 50)
        other = sqlite3.connect(tmp_path / "keys.db")
        other.execute("BEGIN IMMEDIATE")
        (tmp_path / "in" / "2.part").write_bytes(RECORD.replace(b"c-1", b"c-2"))
        (tmp_path / "in" / "2.part").rename(tmp_path / "in" / "2")
        running.thread.join(90)
        assert not running.thread.is_alive()
    finally:
        other.close()
        running.stop()
    problem: Any = running.problem
    assert "no record passes while keys are out of reach" in str(problem)
    assert len(events_of(tmp_path)) == 50
    assert Keys.open(path).keyring().active == 1
