"""The command line: what each command prints, how it fails, and that it never prints a value it should not."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from jobs.cli import app

ROOT = Path(__file__).resolve().parents[2]
SECRET = "ann.lee@example.com"
CARD = "4111 1111 1111 1111"

POLICY = r"""
weir: 1
name: tested
version: 3
entities: {EMAIL_ADDRESS: confidential, CREDIT_CARD: regulated, EMPLOYEE_ID: internal}
recognizers:
  - {entity: EMPLOYEE_ID, patterns: [{regex: '\bEMP-\d{6}\b', score: 0.8}]}
fields: {sku: public}
segments:
  desk:
    clearance: internal
    sink: desk_out
    masks: {CREDIT_CARD: {keep_last: 4}, EMAIL_ADDRESS: {pseudonym: {scope: shared}}}
  growth:
    clearance: public
    sink: growth_out
    masks: {EMAIL_ADDRESS: {pseudonym: {scope: shared}}}
  open:
    clearance: public
    sink: open_out
    above_clearance: deny
"""

BROKEN = """
weir: 1
name: broken
version: 1
entities: {EMAIL_ADDRESS: confidental}
segments:
  desk: {clearance: internal, sink: desk_out, masks: {EMAIL_ADDRESS: keep_lats}, colour: red}
"""

Weir = Callable[..., Result]


@pytest.fixture
def weir() -> Weir:
    runner = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"})
    return lambda *words, **options: runner.invoke(app, [str(word) for word in words], **options)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.jsonl"
    documents = [{"mail": SECRET, "pay": {"card": CARD}}, {"sku": "A-1", "by": "EMP-123456"}, {"sku": "A-2"}]
    path.write_text("".join(json.dumps(document) + "\n" for document in documents) + '{"mail": "' + SECRET + "\n")
    return path


def lines_of(result: Result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


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


def test_try_shows_what_each_segment_sees(weir: Weir, policy: Path, records: Path) -> None:
    result = weir("try", policy, records, "--json")
    assert result.exit_code == 1  # the last record is quarantined
    first, second, third, last = lines_of(result)
    desk = first["segments"]["desk"]["view"]
    assert first["level"] == "regulated"
    assert desk["pay"]["card"] == "xxxx xxxx xxxx 1111"
    assert desk["mail"] == first["segments"]["growth"]["view"]["mail"] != SECRET
    assert first["segments"]["open"] == {"decision": "deny", "rule": "above_clearance", "masks": {}, "view": None}
    assert {f["entity"] for f in first["findings"]} == {"EMAIL_ADDRESS", "CREDIT_CARD"}
    assert second["segments"]["desk"]["view"]["by"] == "EMP-123456"
    assert second["segments"]["growth"]["view"]["by"] == ""
    assert third["segments"]["open"]["view"] == {"sku": "A-2"}
    assert last["quarantine"].startswith("json")
    assert last["segments"] == {}
    assert SECRET not in json.dumps(last)


def test_try_keeps_bytes_that_no_mask_touches(weir: Weir, policy: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    odd = r'{"sku": 10.10, "b":1e400,"b": 123456789012345678901234567890 , "c":"\u00e9"}'
    path.write_text(odd + "\n")
    result = weir("try", policy, path, "--json", "--segment", "open")
    assert f'"view":{odd}}}' in result.stdout


def test_try_without_a_key_says_so_and_differs(weir: Weir, policy: Path, records: Path, tmp_path: Path) -> None:
    once, again = weir("try", policy, records, "--json"), weir("try", policy, records, "--json")
    assert "random key" in once.stderr
    assert lines_of(once)[0] != lines_of(again)[0]
    key = tmp_path / "root.key"
    assert weir("keys", "new", key).exit_code == 0
    once, again = (weir("try", policy, records, "--json", "--key-file", key) for _ in range(2))
    assert "random key" not in once.stderr
    assert lines_of(once) == lines_of(again)


def test_try_on_a_terminal(weir: Weir, policy: Path, records: Path) -> None:
    result = weir("try", policy, records)
    assert "record 1: regulated" in result.stdout
    assert '"card": "xxxx xxxx xxxx 1111"' in result.stdout
    assert f'"card": "{CARD}"' in result.stdout  # as it came
    assert "record 4: quarantined" in result.stdout
    assert "4 records tried, 1 quarantined" in result.stdout


def test_try_escapes_what_would_steer_the_terminal(weir: Weir, policy: Path, tmp_path: Path) -> None:
    path = tmp_path / "escape.jsonl"
    path.write_text(json.dumps({"sku": "\x1b[2J\x9b31m\u202eend", "\x1b]0;title": 1}) + "\n")
    result = weir("try", policy, path)
    assert result.exit_code == 0
    assert not {"\x1b", "\x9b", "\u202e"} & set(result.stdout)
    assert r"\u001b[2J" in result.stdout


def test_try_with_columns(weir: Weir, policy: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"mail": SECRET, "n": 7}) + "\n" + json.dumps({"mail": None, "n": 8}) + "\n")
    first, second = lines_of(weir("try", policy, path, "--columns", "--json", "--segment", "growth"))
    assert first["segments"]["growth"]["view"]["n"] == 7
    assert first["segments"]["growth"]["view"]["mail"] != SECRET
    assert second["segments"]["growth"]["view"] == {"mail": None, "n": 8}


@pytest.mark.parametrize("line", ['{"a": {"b": 1}}', "[1]", '{"a": ', '{"a": 1}\n{"a": "text"}'])
def test_try_with_columns_refuses_what_has_none(weir: Weir, policy: Path, tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line + "\n")
    result = weir("try", policy, path, "--columns")
    assert result.exit_code == 1
    assert "--columns" in result.stderr


def test_try_of_an_empty_file_and_a_limit(weir: Weir, policy: Path, records: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    assert weir("try", policy, empty).exit_code == 0
    limited = weir("try", policy, records, "--json", "--limit", 2)
    assert len(lines_of(limited)) == 2
    assert "first 2 records" in limited.stderr


def test_findings_in_text(weir: Weir, policy: Path) -> None:
    result = weir("findings", "--policy", policy, input=f"é {SECRET}\nnothing\n\nby EMP-123456\r\n")
    assert result.exit_code == 0
    first, second, third, fourth = lines_of(result)
    (found,) = first.pop("findings")
    assert first == {"line": 1}
    assert (found["path"], found["start"], found["end"]) == ("$", 2, 2 + len(SECRET))
    assert found["entity"] == "EMAIL_ADDRESS"
    assert found["detector"] == "EmailRecognizer"
    assert second == {"line": 2, "findings": []}
    assert third == {"line": 3, "findings": []}
    assert [f["entity"] for f in fourth["findings"]] == ["EMPLOYEE_ID"]


def test_findings_in_records(weir: Weir, policy: Path, records: Path) -> None:
    result = weir("findings", "--policy", policy, input=records.read_bytes())
    assert result.exit_code == 1
    first, second, third, last = lines_of(result)
    assert {(f["path"], f["entity"]) for f in first["findings"]} == {
        ("mail", "EMAIL_ADDRESS"),
        ("pay.card", "CREDIT_CARD"),
    }
    assert [f["path"] for f in second["findings"]] == ["by"]
    assert third == {"line": 3, "findings": []}
    assert set(last) == {"line", "error"}
    assert "1 of 4 lines" in result.stderr


def test_findings_never_print_a_value(weir: Weir, policy: Path, records: Path) -> None:
    for form in ("text", "json"):
        result = weir("findings", "--policy", policy, "--format", form, input=records.read_bytes())
        for value in (SECRET, "ann.lee", CARD, "1111", "EMP-123456"):
            assert value not in result.stdout + result.stderr


def test_findings_of_bytes_that_are_no_text(weir: Weir, policy: Path) -> None:
    result = weir("findings", "--policy", policy, input=b"good\n\xff\xfe bad\n" + SECRET.encode())
    assert result.exit_code == 1
    good, bad, last = lines_of(result)
    assert good == {"line": 1, "findings": []}
    assert bad == {"line": 2, "error": "encoding: not valid UTF-8"}
    assert len(last["findings"]) == 1


def test_findings_of_chosen_entities_and_scores(weir: Weir, policy: Path) -> None:
    text = f"{SECRET} {CARD} EMP-123456\n"
    only = weir("findings", "--policy", policy, "--entities", "credit_card, EMPLOYEE_ID", input=text)
    assert [f["entity"] for f in lines_of(only)[0]["findings"]] == ["CREDIT_CARD", "EMPLOYEE_ID"]
    high = weir("findings", "--policy", policy, "--threshold", "0.9", input=text)
    assert [f["entity"] for f in lines_of(high)[0]["findings"]] == ["EMAIL_ADDRESS", "CREDIT_CARD"]
    unknown = weir("findings", "--policy", policy, "--entities", "CREDIT_CRAD", input=text)
    assert unknown.exit_code == 2
    assert "did you mean 'CREDIT_CARD'?" in unknown.stderr


def test_findings_without_a_policy_look_for_everything(weir: Weir) -> None:
    found = {f["entity"] for f in lines_of(weir("findings", input=f"{SECRET} {CARD}\n"))[0]["findings"]}
    assert {"EMAIL_ADDRESS", "CREDIT_CARD"} <= found


def test_findings_do_not_depend_on_the_batch(weir: Weir, policy: Path) -> None:
    text = "".join(f"line {n} {SECRET if n % 3 else ''} EMP-{n:06}\n" for n in range(50))
    whole = weir("findings", "--policy", policy, input=text).stdout
    assert len(whole.splitlines()) == 50
    for batch in (1, 7):
        assert weir("findings", "--policy", policy, "--batch", batch, input=text).stdout == whole


def test_findings_of_nothing(weir: Weir, policy: Path) -> None:
    result = weir("findings", "--policy", policy, input="")
    assert (result.exit_code, result.stdout) == (0, "")


def test_keys_new_writes_a_key_for_its_owner_alone(weir: Weir, tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    result = weir("keys", "new", path)
    key = path.read_text().strip()
    assert result.exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(key)) == 32
    assert key not in result.output
    again = weir("keys", "new", path)
    assert again.exit_code == 1
    assert path.read_text().strip() == key


@pytest.mark.parametrize("content", [None, "short", "00" * 32])
def test_a_key_file_that_cannot_be_used(
    weir: Weir, policy: Path, records: Path, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "root.key"
    if content is not None:
        path.write_text(content)
        path.chmod(0o644)
    result = weir("try", policy, records, "--key-file", path)
    assert result.exit_code == 1
    assert str(path) in result.stderr
    assert "00" * 32 not in result.output
    assert result.stdout == ""


def test_list_recognizers_of_a_country(weir: Weir) -> None:
    answer = lines_of(weir("list", "recognizers", "--country", "gb", "--json"))[0]
    assert {row["country"] for row in answer} == {None, "gb"}
    assert "UK_NHS" in {row["entity"] for row in answer}
    assert "UK_NHS" in weir("list", "recognizers").stdout


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


@pytest.mark.parametrize("command", ["check", "explain", "try", "findings", "list masks", "schema"])
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
