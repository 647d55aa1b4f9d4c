"""`weir try` and `weir findings`: what they find, what they show, and that findings never print a value."""

import json
from pathlib import Path

import pytest

from tests.jobs.cli import CARD, SECRET, Weir, lines_of


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
    assert found["detector"] == "EmailAddress"
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
