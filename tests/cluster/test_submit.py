"""A job handed to a cluster whose task managers have nothing but Python; one of them dies, and no record is lost."""

import json
from collections import Counter
from pathlib import Path

import pytest

from jobs.cluster import Cluster
from tests.cluster.command import RECORDS, SECRET, given, submit, wait, weir
from tests.flink.runs import DOCUMENTS, lines_of

pytestmark = pytest.mark.long


def test_every_record_once_though_a_task_manager_is_killed(
    cluster: Cluster, archives: Path, key_file: Path, tmp_path: Path
) -> None:
    words = given(tmp_path, files=12)
    job = submit(cluster, [*words, "--key-file", key_file, "--parallelism", 2], archives)
    wait(cluster, job, "RUNNING", seconds=600)
    cluster.kill_taskmanager(1)
    cluster.start_taskmanager()
    wait(cluster, job, seconds=600)  # the replaced worker unpacks its archive again: minutes on a busy machine
    audit = [json.loads(line) for line in lines_of(tmp_path, "audit")]
    assert len(audit) == RECORDS
    for segment in ("vault", "support"):
        numbers = Counter(json.loads(line)["n"] for line in lines_of(tmp_path, segment))
        assert numbers == Counter(range(RECORDS))
    shown = b"".join(lines_of(tmp_path, "support"))
    assert SECRET.encode() not in shown
    assert b"4111111111111111" not in shown


def test_errors_come_before_anything_is_sent(cluster: Cluster, archives: Path, key_file: Path, tmp_path: Path) -> None:
    words = given(tmp_path, files=1)
    (tmp_path / "tables.sql").write_text(DOCUMENTS.replace("TABLE orders", "TABLE support"))
    before = len(cluster.get("/jobs")["jobs"])
    done = weir(
        "submit", "segment", *words, "--key-file", key_file, "--cluster", cluster.folder, "--archives", archives
    )
    assert done.returncode == 1
    assert "tables.sql:" in done.stdout + done.stderr
    assert len(cluster.get("/jobs")["jobs"]) == before
