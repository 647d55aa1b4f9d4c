"""The command line: its help, its exit codes, what it prints, and that its errors hold no value."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.cli import app
from tests.jobs.cli import POLICY, SECRET, Weir, lines_of

ROOT = Path(__file__).resolve().parents[2]

BROKEN = """
weir: 1
name: broken
version: 1
entities: {EMAIL_ADDRESS: confidental}
segments:
  desk: {clearance: internal, sink: desk_out, masks: {EMAIL_ADDRESS: keep_lats}, colour: red}
"""


def commands(command: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    from typer.main import get_command

    group = get_command(app) if command is None else command
    if not hasattr(group, "commands"):
        return [path]
    return [leaf for name, child in group.commands.items() for leaf in commands(child, (*path, name))]


@pytest.mark.parametrize("path", commands(None), ids=" ".join)
def test_every_command_has_help_with_an_example(weir: Weir, path: tuple[str, ...]) -> None:
    result = weir(*path, "--help")
    assert result.exit_code == 0
    assert f"Example: weir {' '.join(path)}" in " ".join(result.stdout.split())


def test_without_a_command_it_prints_help(weir: Weir) -> None:
    assert "findings" in weir().stdout


@pytest.mark.parametrize(
    "words",
    [
        ["frobnicate"],
        ["check"],
        ["check", "no-such-file.yaml"],
        ["try", "no-such-file.yaml", "none.jsonl"],
        ["run", "segment"],
        ["findings", "--threshold", "2"],
        ["findings", "--format", "xml"],
        ["list", "masks", "keep_lats"],
        ["sql"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_ends_with_2(weir: Weir, words: list[str]) -> None:
    assert weir(*words, input="").exit_code == 2


def test_check_of_a_good_policy(weir: Weir, policy: Path) -> None:
    result = weir("check", policy)
    assert result.exit_code == 0
    assert "ok tested version 3" in result.stdout


def test_check_tells_every_error_at_once(weir: Weir, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    result = weir("check", path)
    assert result.exit_code == 1
    for part in (f"{path}:5", "'confidential'", f"{path}:7", "'keep_last'", "colour"):
        assert part in result.stderr
    assert result.stdout == ""
    as_json = weir("check", path, "--json")
    assert as_json.exit_code == 1
    (answer,) = lines_of(as_json)
    assert not answer["ok"]
    assert answer["digest"] is None
    assert {error["line"] for error in answer["errors"]} == {5, 7}


def test_check_json_of_a_good_policy(weir: Weir, policy: Path) -> None:
    (answer,) = lines_of(weir("check", policy, "--json"))
    assert answer["ok"]
    assert answer["errors"] == []
    assert len(answer["digest"]) == 64
    assert any("shared" in warning for warning in answer["warnings"])


def test_explain_shows_every_entity_in_every_segment(weir: Weir, policy: Path) -> None:
    (answer,) = lines_of(weir("explain", policy, "--json"))
    rows = {(row["entity"], row["segment"]): row for row in answer["rows"]}
    assert len(rows) == 9
    assert rows["CREDIT_CARD", "desk"]["exposure"] == "partial"
    assert rows["CREDIT_CARD", "growth"]["outcome"] == "redact"
    assert rows["EMPLOYEE_ID", "desk"]["exposure"] == "clear"
    assert rows["EMPLOYEE_ID", "open"]["outcome"] == "denied"
    assert [(join["entity"], join["segments"]) for join in answer["joins"]] == [("EMAIL_ADDRESS", ["desk", "growth"])]


def test_explain_as_a_table(weir: Weir, policy: Path) -> None:
    result = weir("explain", policy)
    row = next(line for line in result.stdout.splitlines() if "CREDIT_CARD" in line)
    assert row.split() == ["CREDIT_CARD", "regulated", "keep_last", "redact", "denied"]
    assert "desk, growth" in result.stdout
    narrow = weir("explain", policy, "--segment", "desk", "--entity", "CREDIT_CARD").stdout
    assert "keep_last(count=4" in narrow
    assert "EMPLOYEE_ID" not in narrow
    assert "growth" not in narrow


def test_explain_of_a_clearance_that_does_not_hold(weir: Weir, tmp_path: Path) -> None:
    path = tmp_path / "leaky.yaml"
    path.write_text(POLICY.replace("CREDIT_CARD: {keep_last: 4}", "CREDIT_CARD: keep"))
    result = weir("explain", path)
    assert result.exit_code == 1
    assert "in the clear" in result.stderr
    assert "CREDIT_CARD" not in result.stdout


def test_an_unknown_segment_has_a_hint(weir: Weir, policy: Path, records: Path) -> None:
    for result in (weir("explain", policy, "--segment", "dsk"), weir("try", policy, records, "--segment", "dsk")):
        assert result.exit_code == 2
        assert "did you mean 'desk'?" in result.stderr


def test_keys_new_writes_a_key_for_its_owner_alone(weir: Weir, tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    result = weir("keys", "new", path)
    before = path.read_text()
    key = json.loads(before)["epochs"][0]["key"]
    assert result.exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(key)) == 32
    assert key not in result.output
    again = weir("keys", "new", path)
    assert again.exit_code == 1
    assert path.read_text() == before


def test_list_masks(weir: Weir) -> None:
    from udfs.mask import MASKS

    table = weir("list", "masks").stdout
    assert all(name in table for name in MASKS)
    assert {row["name"] for row in lines_of(weir("list", "masks", "--json"))[0]} == set(MASKS)
    assert "Destroys:" in weir("list", "masks", "keep_last").stdout


def test_pages_that_the_code_dictates_are_current(weir: Weir) -> None:
    assert weir("list", "masks", "--markdown").stdout == (ROOT / "docs" / "masks.md").read_text(), "run: make schema"
    assert weir("schema").stdout == (ROOT / "docs" / "policy.schema.json").read_text(), "run: make schema"


def weir_process(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **options.pop("env", {})}  # type: ignore[dict-item]
    command = [sys.executable, "-m", "jobs", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


SABOTAGE = """
import sys, udfs.catalog
def boom(): raise ValueError("ann.lee@example.com")
udfs.catalog.installed = boom
from jobs.cli import main
sys.argv = ["weir", "check", sys.argv[1]]
main()
"""


def test_an_error_that_nobody_foresaw_does_not_show_its_text(policy: Path) -> None:
    command = [sys.executable, "-c", SABOTAGE, str(policy)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "unexpected ValueError" in done.stderr
    assert SECRET not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    debug = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "WEIR_DEBUG": "1"}
    )
    assert SECRET in debug.stderr


GOVERN = """
import sys
from typer.testing import CliRunner
from jobs.cli import app
result = CliRunner().invoke(app, sys.argv[1:], input="a\\n")
assert result.exit_code in (0, 1), result.output
assert not {"pyflink", "py4j", "pemja"} & set(sys.modules)
"""


@pytest.mark.parametrize("command", ["check", "explain", "try", "findings", "list masks", "recognizers", "schema"])
def test_governing_needs_no_flink(command: str, policy: Path, records: Path) -> None:
    arguments = {
        "check": [policy],
        "explain": [policy],
        "try": [policy, records],
        "findings": ["--policy", policy],
    }
    words = [*command.split(), *map(str, arguments.get(command, []))]
    done = subprocess.run([sys.executable, "-c", GOVERN, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_reader_that_leaves_early_is_no_crash(policy: Path) -> None:
    pipe = f"yes '{SECRET}' | head -50000 | {sys.executable} -m jobs findings --batch 100 --policy {policy} | head -1"
    done = subprocess.run(["bash", "-c", pipe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["line"] == 1
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


def test_it_prints_its_version() -> None:
    done = weir_process("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("weir ")
