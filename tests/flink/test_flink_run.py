"""The job as Flink's own client runs it: `flink run -py jobs/segment.py …`, with the code shipped as an archive."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pyflink
import pytest

from jobs.local import find_java
from tests.flink.runs import DOCUMENTS, POLICY, events_of, filesystem, lines_of

ROOT = Path(__file__).parents[2]
FLINK = Path(pyflink.__file__).parent


def _archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for room in ("policy", "udfs", "jobs"):
            for file in (ROOT / room).rglob("*"):
                if file.is_file() and "__pycache__" not in file.parts:
                    archive.write(file, file.relative_to(ROOT))
    return path


def _flink_run(folder: Path, key_file: Path, job: str, tables: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a job of ours with Flink's client; its policy is `policy.yaml` in the folder, its output goes to `out`."""
    (folder / "tables.sql").write_text(tables)
    (folder / "log").mkdir(exist_ok=True)
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("FLINK_", "PYFLINK_", "LOG4J_", "JVM_ARGS", "PYTHONPATH"))
    }
    env = {
        **clean,
        "FLINK_HOME": str(FLINK),
        "FLINK_CONF_DIR": str(ROOT / "flink-conf"),
        "FLINK_LOG_DIR": str(folder / "log"),
        "JAVA_HOME": str(find_java()),
        "USER": "weir",
    }
    command = [
        "bash", str(FLINK / "bin" / "flink"), "run", "-t", "local",
        "-pyexec", sys.executable, "-pyclientexec", sys.executable,
        "-pyfs", str(_archive(folder / "weir.zip")), "-py", str(ROOT / "jobs" / job),
        "--policy", str(folder / "policy.yaml"), "--tables", str(folder / "tables.sql"),
        "--key-file", str(key_file),
        "--set", f"in={folder / 'in.jsonl'}", "--set", f"out={folder / 'out'}", *words,
    ]  # fmt: skip
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran


def _segment(folder: Path, key_file: Path) -> subprocess.CompletedProcess[str]:
    (folder / "policy.yaml").write_text(POLICY.replace("EMAIL_ADDRESS: pseudonym", "EMAIL_ADDRESS: token"))
    (folder / "in.jsonl").write_bytes(b'{"id":1,"card":"4111 1111 1111 1111","mail":"a@example.com"}\n{"id":2}\n{\n')
    return _flink_run(folder, key_file, "segment.py", DOCUMENTS)


@pytest.mark.long  # a minute; `weir submit` does as much in the chaos test
def test_the_segment_job(tmp_path: Path, key_file: Path) -> None:
    ran = _segment(tmp_path, key_file)
    assert len(lines_of(tmp_path, "vault")) == 2 and len(lines_of(tmp_path, "audit")) == 3
    assert len(lines_of(tmp_path, "quarantine")) == 1
    first = next(json.loads(line) for line in lines_of(tmp_path, "support") if b"card" in line)
    assert first["card"] == "xxxx xxxx xxxx 1111" and first["mail"].startswith("wr1.")
    logs = [p.read_text(errors="replace") for p in (tmp_path / "log").iterdir()]
    assert logs and not any("4111 1111" in text for text in [*logs, ran.stdout, ran.stderr])


@pytest.mark.long
def test_the_unmask_job(tmp_path: Path, key_file: Path) -> None:
    _segment(tmp_path, key_file)
    back = (
        filesystem("masked", "id INT, mail STRING", "${out}/support", "json")
        + filesystem("opened", "mail STRING", "${out}/opened", "json")
        + filesystem("audit", "event STRING", "${out}/audit")
    )
    words = ("--source", "masked", "--column", "mail", "--entity", "EMAIL_ADDRESS", "--segment", "support")
    _flink_run(tmp_path, key_file, "unmask.py", back, *words, "--sink", "opened")
    assert lines_of(tmp_path, "opened") == []
    refusals = [e for e in events_of(tmp_path) if e.get("event") == "unmask"]
    assert [(e["outcome"], e["reason"]) for e in refusals] == [("refused", "no-grant")]


@pytest.mark.parametrize("words", [["--policy", "none.yaml"], []])
def test_a_wrong_command_line_ends_with_an_error(words: list[str]) -> None:
    command = [sys.executable, str(ROOT / "jobs" / "segment.py"), *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 2 and "the following arguments are required" in ran.stderr
