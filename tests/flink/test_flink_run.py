"""The job as Flink's own client runs it: `flink run -py jobs/segment.py …`, with the code shipped as an archive."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pyflink
import pytest

from jobs.local import find_java
from tests.flink.runs import DOCUMENTS, POLICY, lines_of

ROOT = Path(__file__).parents[2]
FLINK = Path(pyflink.__file__).parent


def _archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for room in ("policy", "udfs", "jobs"):
            for file in (ROOT / room).rglob("*"):
                if file.is_file() and "__pycache__" not in file.parts:
                    archive.write(file, file.relative_to(ROOT))
    return path


def test_flink_run(tmp_path: Path, key_file: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "tables.sql").write_text(DOCUMENTS)
    (tmp_path / "in.jsonl").write_bytes(b'{"id":1,"card":"4111 1111 1111 1111"}\n{"id":2}\n{\n')
    (tmp_path / "log").mkdir()
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("FLINK_", "PYFLINK_", "LOG4J_", "JVM_ARGS", "PYTHONPATH"))
    }
    env = {
        **clean,
        "FLINK_HOME": str(FLINK),
        "FLINK_CONF_DIR": str(ROOT / "flink-conf"),
        "FLINK_LOG_DIR": str(tmp_path / "log"),
        "JAVA_HOME": str(find_java()),
        "USER": "weir",
    }
    command = [
        "bash", str(FLINK / "bin" / "flink"), "run", "-t", "local",
        "-pyexec", sys.executable, "-pyclientexec", sys.executable,
        "-pyfs", str(_archive(tmp_path / "weir.zip")), "-py", str(ROOT / "jobs" / "segment.py"),
        "--policy", str(tmp_path / "policy.yaml"), "--tables", str(tmp_path / "tables.sql"),
        "--key-file", str(key_file),
        "--set", f"in={tmp_path / 'in.jsonl'}", "--set", f"out={tmp_path / 'out'}",
    ]  # fmt: skip
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(lines_of(tmp_path, "vault")) == 2 and len(lines_of(tmp_path, "audit")) == 3
    assert len(lines_of(tmp_path, "quarantine")) == 1
    assert b'{"id":1,"card":"xxxx xxxx xxxx 1111"}' in lines_of(tmp_path, "support")
    logs = [p.read_text(errors="replace") for p in (tmp_path / "log").iterdir()]
    assert logs and not any("4111 1111" in text for text in [*logs, ran.stdout, ran.stderr])


@pytest.mark.parametrize("words", [["--policy", "none.yaml"], []])
def test_a_wrong_command_line_ends_with_an_error(words: list[str]) -> None:
    command = [sys.executable, str(ROOT / "jobs" / "segment.py"), *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 2 and "the following arguments are required" in ran.stderr
