"""`weir` as a process of its own, as a shell runs it, and a job to hand over with it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jobs.cluster import Cluster
from tests.flink.runs import DOCUMENTS, POLICY

RECORDS = 3000
SECRET = "ann.lee@example.com"


def weir(*words: object, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run the command line, and wait for its end."""
    command = [sys.executable, "-m", "jobs", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def given(folder: Path, files: int, tables: str = DOCUMENTS) -> list[object]:
    """Write policy, tables and input to a folder; returns the words of the command line that name them."""
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "tables.sql").write_text("SET 'execution.checkpointing.interval' = '1 s';\n" + tables)
    (folder / "in").mkdir()
    for number in range(files):
        put(folder, range(number, RECORDS, files))
    places = ["--set", f"in={folder / 'in'}", "--set", f"out={folder / 'out'}"]
    return ["--policy", folder / "policy.yaml", "--tables", folder / "tables.sql", *places]


def submit(cluster: Cluster, words: Iterable[object], archives: Path) -> str:
    """Hand a segment job over; returns its id."""
    places = ["--cluster", cluster.folder, "--archives", archives]
    done = weir("submit", "segment", *words, *places, "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["job"])


def put(folder: Path, numbers: range) -> None:
    """Write a file of records with these numbers; it appears as a whole."""
    lines = [json.dumps({"n": n, "note": f"from {SECRET}", "card": "4111111111111111"}) for n in numbers]
    part = folder / f"part-{numbers.start}"
    part.write_text("".join(line + "\n" for line in lines))
    part.rename(folder / "in" / part.name)


def wait(cluster: Cluster, job: str, wanted: str = "FINISHED", seconds: float = 180) -> dict[str, Any]:
    """Wait until a job is in a state."""
    end = time.monotonic() + seconds
    while True:
        told: dict[str, Any] = cluster.get(f"/jobs/{job}")
        if told["state"] == wanted:
            return told
        assert told["state"] not in ("FAILED", "CANCELED"), cluster.get(f"/jobs/{job}/exceptions")
        assert time.monotonic() < end, told["state"]
        time.sleep(0.3)
