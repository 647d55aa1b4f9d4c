"""The demonstration from end to end, on a mini-cluster."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from examples.orders import demo
from examples.orders.outputs import read_run
from examples.orders.verify import Check, verify
from tests.examples.runs import ORDERS, demo_plan
from udfs.keys import Keyring, Keys, new_root, write_keyring

ROOT = ORDERS.parent.parent


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"FLINK_LOG_DIR": str(folder / "logs"), "COLUMNS": "140"}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )


@pytest.mark.long  # `make demo`, which the CI runs beside the tests
def test_the_demo_runs_and_all_its_checks_hold(tmp_path):
    done = run(tmp_path, "examples.orders.demo", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().splitlines()[-1].endswith("checks hold.")
    assert "✗" not in done.stdout
    for said in ("Who got what", "An order, in every view", "Its audit event", "Quarantine", "Where the files lie"):
        assert said in done.stdout
    assert demo.key_file(tmp_path).stat().st_mode & 0o777 == 0o600


@pytest.mark.long
def test_the_command_line_gives_the_same_and_tells_no_value(tmp_path):
    """What `weir run segment` prints is searched for leaks as its logs are."""
    out, key = tmp_path / "out", tmp_path / "root.key"
    write_keyring(key, Keyring.of(new_root()))
    settings = ["--set", f"data={ORDERS / 'data' / 'orders.jsonl'}", "--set", f"out={out}", "--json"]
    files = ["--policy", str(demo.POLICY), "--tables", str(demo.TABLES), "--key", str(key)]
    done = run(tmp_path, "jobs", "run", "segment", *files, *settings)
    assert done.returncode == 0, done.stderr
    (tmp_path / "logs" / "console.log").write_text(done.stdout + done.stderr)
    logs = [path for path in (tmp_path / "logs").rglob("*") if path.is_file()]
    finished = read_run(demo_plan(), Keys.open(key), demo.DATA, out, logs)
    assert [check for check in verify(finished) if not check.holds] == []
    summary = json.loads(done.stdout)
    assert summary["records"] == len(finished.lines)
    assert summary["balanced"]


@pytest.mark.parametrize("holds, code", [([True, True], 0), ([True, False], 1), ([False], 1)])
def test_the_exit_code_tells_whether_all_checks_hold(holds, code):
    assert demo.finish(Console(quiet=True), [Check("a promise", held, "") for held in holds]) == code
