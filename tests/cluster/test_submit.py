"""A job handed to a cluster whose task managers have nothing but Python; one of them dies, and no record is lost."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from jobs.cluster import Cluster
from tests.cluster.command import weir
from tests.flink.runs import DOCUMENTS, POLICY, lines_of

pytestmark = pytest.mark.chaos

RECORDS = 3000
SECRET = "ann.lee@example.com"


def _given(folder: Path, files: int) -> list[object]:
    """Policy, tables and input in a folder, and the words of the command line that name them."""
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "tables.sql").write_text("SET 'execution.checkpointing.interval' = '1 s';\n" + DOCUMENTS)
    (folder / "in").mkdir()
    for number in range(files):
        lines = [
            json.dumps({"n": n, "note": f"from {SECRET}", "card": "4111111111111111"})
            for n in range(number, RECORDS, files)
        ]
        (folder / "in" / f"part-{number}").write_text("".join(line + "\n" for line in lines))
    places = ["--set", f"in={folder / 'in'}", "--set", f"out={folder / 'out'}"]
    return ["--policy", folder / "policy.yaml", "--tables", folder / "tables.sql", *places]


def _wait(cluster: Cluster, job: str, wanted: str = "FINISHED", seconds: float = 180) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while True:
        told: dict[str, Any] = cluster.get(f"/jobs/{job}")
        if told["state"] == wanted:
            return told
        assert told["state"] not in ("FAILED", "CANCELED"), cluster.get(f"/jobs/{job}/exceptions")
        assert time.monotonic() < end, told["state"]
        time.sleep(0.3)


def test_every_record_once_though_a_task_manager_is_killed(
    cluster: Cluster, archives: Path, key_file: Path, tmp_path: Path
) -> None:
    words = _given(tmp_path, files=12)
    done = weir(
        "submit", "segment", *words, "--key-file", key_file, "--cluster", cluster.folder, "--archives", archives,
        "--parallelism", "2", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    job = json.loads(done.stdout)["job"]
    _wait(cluster, job, "RUNNING")
    cluster.kill_taskmanager(1)
    cluster.start_taskmanager()
    _wait(cluster, job)
    audit = [json.loads(line) for line in lines_of(tmp_path, "audit")]
    assert len(audit) == RECORDS
    for segment in ("vault", "support"):
        numbers = Counter(json.loads(line)["n"] for line in lines_of(tmp_path, segment))
        assert numbers == Counter(range(RECORDS))
    shown = b"".join(lines_of(tmp_path, "support"))
    assert SECRET.encode() not in shown
    assert b"4111111111111111" not in shown


def test_errors_come_before_anything_is_sent(cluster: Cluster, archives: Path, key_file: Path, tmp_path: Path) -> None:
    words = _given(tmp_path, files=1)
    (tmp_path / "tables.sql").write_text(DOCUMENTS.replace("TABLE orders", "TABLE support"))
    before = len(cluster.get("/jobs")["jobs"])
    done = weir(
        "submit", "segment", *words, "--key-file", key_file, "--cluster", cluster.folder, "--archives", archives
    )
    assert done.returncode == 1
    assert "tables.sql:" in done.stdout + done.stderr
    assert len(cluster.get("/jobs")["jobs"]) == before
