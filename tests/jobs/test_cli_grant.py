"""`weir grant`: keys, grants, and what a check says of them."""

import json
import re
import stat
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from jobs.commands.grant import app
from udfs import grants

Grant = Callable[..., Result]

WORDS = {
    "--who": "bob",
    "--why": "fraud case 12",
    "--entity": "CREDIT_CARD",
    "--scope": "segment:support",
    "--values": "100",
    "--expires": "2h",
}


@pytest.fixture
def grant(monkeypatch: pytest.MonkeyPatch) -> Grant:
    monkeypatch.delenv("WEIR_GRANT_PASSPHRASE", raising=False)
    runner = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"})
    return lambda *words: runner.invoke(app, [str(word) for word in words])


@pytest.fixture
def keys(grant: Grant, tmp_path: Path) -> Path:
    """Ann's and Eve's keys, and a folder that trusts Ann."""
    for name in ("ann", "eve"):
        assert grant("new-key", name, "--folder", tmp_path).exit_code == 0
    trust = tmp_path / "trust"
    trust.mkdir(0o755)
    (tmp_path / "ann.pub").rename(trust / "ann.pub")
    return tmp_path


def making(keys: Path, signer: str = "ann", **changes: str) -> list[object]:
    words = {**WORDS, **{f"--{name}": word for name, word in changes.items()}}
    return ["make", "--key", keys / f"{signer}.key", *(part for pair in words.items() for part in pair)]


def checked(grant: Grant, keys: Path, file: Path) -> tuple[int, dict]:
    result = grant("check", file, "--trust", keys / "trust", "--json")
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.parametrize("command", ["new-key", "make", "check"])
def test_help_has_an_example(grant: Grant, command: str) -> None:
    result = grant(command, "--help")
    assert result.exit_code == 0
    assert f"Example: weir grant {command}" in " ".join(result.stdout.replace("`", "").split())


def test_new_key_writes_two_files_and_shows_no_key(grant: Grant, tmp_path: Path) -> None:
    result = grant("new-key", "ann", "--folder", tmp_path)
    private, public = (tmp_path / name for name in ("ann.key", "ann.pub"))
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert private.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert public.read_text().startswith("-----BEGIN PUBLIC KEY-----")
    assert private.read_text().split("\n")[1] not in result.output
    before = private.read_bytes()
    again = grant("new-key", "ann", "--folder", tmp_path)
    assert again.exit_code == 1
    assert "is not overwritten" in again.stderr
    assert private.read_bytes() == before


def test_new_key_tells_scripts_how_to_trust_it(grant: Grant, keys: Path) -> None:
    answer = json.loads(grant("new-key", "joe", "--folder", keys, "--json").stdout)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", answer["fingerprint"])
    trust = keys / "trust.yaml"
    trust.write_text(f"{answer['name']}: {answer['key']}\n")
    trust.chmod(0o644)
    file = keys / "bob.grant"
    assert grant(*making(keys, "joe"), "--out", file).exit_code == 0
    assert grant("check", file, "--trust", trust).exit_code == 0
    assert grant("check", file, "--trust", keys / "trust").exit_code == 1


@pytest.mark.parametrize("name", ["../ann", "a b", ".ann", "a/b", "", "x" * 65, "b\u202eob"])
def test_new_key_refuses_what_is_no_name(grant: Grant, tmp_path: Path, name: str) -> None:
    result = grant("new-key", "--folder", tmp_path, "--", name)
    assert result.exit_code == 1
    assert "choose one" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_made_is_valid(grant: Grant, keys: Path) -> None:
    file = keys / "bob.grant"
    made = grant(*making(keys), "--entity", "IBAN_CODE", "--scope", "scope:growth", "--out", file)
    assert made.exit_code == 0
    assert made.stdout == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().strip() not in made.stderr
    shown = grant("check", file, "--trust", keys / "trust")
    assert shown.exit_code == 0
    for part in ("ann", "bob", "fraud case 12", "CREDIT_CARD, IBAN_CODE", "segment:support, scope:growth", "100"):
        assert part in made.stderr
        assert part in shown.stdout
    assert "valid" in shown.stdout
    code, answer = checked(grant, keys, file)
    assert (code, answer["ok"], answer["reason"]) == (0, True, None)


def test_make_prints_the_grant_alone_without_a_file(grant: Grant, keys: Path) -> None:
    result = grant(*making(keys))
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]{86}\n", result.stdout)
    (keys / "bob.grant").write_text(result.stdout)
    assert checked(grant, keys, keys / "bob.grant")[0] == 0


def test_make_as_json(grant: Grant, keys: Path) -> None:
    answer = json.loads(grant(*making(keys), "--json").stdout)
    assert answer["file"] is None
    assert answer["grant"]["who"] == "bob"
    (keys / "bob.grant").write_text(answer["token"])
    assert checked(grant, keys, keys / "bob.grant")[1]["grant"] == answer["grant"]
    to_file = json.loads(grant(*making(keys), "--out", keys / "other.grant", "--json").stdout)
    assert to_file["token"] is None
    assert to_file["file"] == str(keys / "other.grant")


@pytest.mark.parametrize(
    ("duration", "seconds"), [("1s", 1), ("30m", 1800), ("2h", 7200), ("7d", 604_800), ("31d", 31 * 86_400)]
)
def test_durations(grant: Grant, keys: Path, duration: str, seconds: int) -> None:
    facts = json.loads(grant(*making(keys, expires=duration), "--json").stdout)["grant"]
    begins, ends = (datetime.fromisoformat(facts[name].replace("Z", "+00:00")) for name in ("begins", "ends"))
    assert (ends - begins).total_seconds() == seconds


def test_a_name_is_written_in_one_form(grant: Grant, keys: Path) -> None:
    facts = json.loads(grant(*making(keys, who=" Zoe\u0308 "), "--json").stdout)["grant"]
    assert facts["who"] == "Zo\u00eb"


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"why": ""}, "--why is empty"),
        ({"why": "  "}, "--why is empty"),
        ({"why": "a\nb"}, "why: must be given"),
        ({"who": ""}, "who: must be given"),
        ({"who": "b\u202eob"}, "who: must be given"),
        ({"entity": "*"}, "entity name"),
        ({"entity": "credit_card"}, "entity name"),
        ({"scope": "*"}, "segment:NAME or scope:NAME"),
        ({"scope": "support"}, "segment:NAME or scope:NAME"),
        ({"scope": "segment:*"}, "segment:NAME or scope:NAME"),
        ({"values": "0"}, "--values"),
        ({"values": "many"}, "--values"),
        ({"expires": "2"}, "--expires 2h"),
        ({"expires": "-2h"}, "--expires 2h"),
        ({"expires": "0h"}, "--expires 2h"),
        ({"expires": "1.5h"}, "--expires 2h"),
        ({"expires": "2w"}, "--expires 2h"),
        ({"expires": "٢h"}, "--expires 2h"),
        ({"expires": "32d"}, "31 days"),
        ({"expires": "999999d"}, "31 days"),
    ],
)
def test_make_refuses_words_that_are_wrong(grant: Grant, keys: Path, changes: dict[str, str], hint: str) -> None:
    result = grant(*making(keys, **changes), "--out", keys / "bob.grant")
    assert result.exit_code == 2
    assert hint in result.stderr
    assert result.stdout == ""
    assert not (keys / "bob.grant").exists()


@pytest.mark.parametrize("option", WORDS)
def test_make_needs_every_word(grant: Grant, keys: Path, option: str) -> None:
    words = [part for pair in WORDS.items() if pair[0] != option for part in pair]
    assert grant("make", "--key", keys / "ann.key", *words).exit_code == 2


def test_make_names_no_entity_twice(grant: Grant, keys: Path) -> None:
    result = grant(*making(keys), "--entity", "CREDIT_CARD")
    assert result.exit_code == 2
    assert "each named once" in result.stderr


def test_make_needs_a_key_that_is_the_signers_alone(grant: Grant, keys: Path) -> None:
    for signer in ("nobody", "trust/ann.pub", "open"):
        (keys / "open.key").write_bytes((keys / "ann.key").read_bytes())
        (keys / "open.key").chmod(0o640)
        result = grant(*making(keys, signer))
        assert result.exit_code == 1
        assert "key file" in result.stderr
        assert result.stdout == ""


def test_make_writes_over_no_file(grant: Grant, keys: Path) -> None:
    file = keys / "bob.grant"
    file.write_text("kept")
    result = grant(*making(keys), "--out", file)
    assert result.exit_code == 1
    assert "is not overwritten" in result.stderr
    assert file.read_text() == "kept"


def changed(text: str) -> str:
    header, claims, signature = text.strip().split(".")
    return f"{header}.{claims[:20]}{'A' if claims[20] != 'A' else 'B'}{claims[21:]}.{signature}"


@pytest.mark.parametrize(
    ("signer", "change", "reason"),
    [
        ("eve", str.strip, "unknown-signer"),
        ("ann", changed, "forged"),
        ("ann", lambda text: text.strip()[:-42], "forged"),
        ("ann", lambda text: text.rpartition(".")[0], "malformed"),
        ("ann", lambda text: "", "malformed"),
        ("ann", lambda text: "x" * 100_000, "unreadable"),
    ],
)
def test_check_refuses(grant: Grant, keys: Path, signer: str, change: Callable[[str], str], reason: str) -> None:
    file = keys / "bob.grant"
    assert grant(*making(keys, signer), "--out", file).exit_code == 0
    file.write_text(change(file.read_text()))
    code, answer = checked(grant, keys, file)
    assert (code, answer["ok"], answer["reason"], answer["grant"]) == (1, False, reason, None)
    shown = grant("check", file, "--trust", keys / "trust")
    assert shown.exit_code == 1
    assert reason in shown.stderr
    assert shown.stdout == ""
    assert "bob" not in shown.stderr.replace("bob.grant", "")


def test_check_refuses_a_key_under_the_name_of_another(grant: Grant, keys: Path) -> None:
    (keys / "ann.key").unlink()
    (keys / "eve.key").rename(keys / "ann.key")
    assert grant(*making(keys), "--out", keys / "bob.grant").exit_code == 0
    assert checked(grant, keys, keys / "bob.grant")[1]["reason"] == "forged"


@pytest.mark.parametrize(("begins", "lasts", "reason"), [(-60, 30, "expired"), (3600, 60, "not-yet-valid")])
def test_check_shows_what_a_grant_is_for_that_does_not_hold_now(
    grant: Grant, keys: Path, begins: int, lasts: int, reason: str
) -> None:
    start = (int(time.time()) + begins) * 1000
    issued = min(start, int(time.time()) * 1000)
    made = grants.Grant("bob", "case 12", ("A",), ("segment:a",), 1, issued, start, start + lasts * 1000)
    file = keys / "bob.grant"
    file.write_text(grants.sign(made, grants.load_private(keys / "ann.key"), "ann"))
    shown = grant("check", file, "--trust", keys / "trust")
    assert shown.exit_code == 1
    assert "case 12" in shown.stdout
    assert "valid" not in shown.stdout
    assert f"({reason})" in shown.stderr
    code, answer = checked(grant, keys, file)
    assert (code, answer["ok"], answer["reason"], answer["grant"]["id"]) == (1, False, reason, made.id)


def test_check_trusts_no_folder_that_others_can_write(grant: Grant, keys: Path) -> None:
    assert grant(*making(keys), "--out", keys / "bob.grant").exit_code == 0
    (keys / "trust").chmod(0o777)
    result = grant("check", keys / "bob.grant", "--trust", keys / "trust")
    assert result.exit_code == 1
    assert "others can write it" in result.stderr
    assert "chmod go-w" in result.stderr


def test_check_of_files_that_are_not_there(grant: Grant, keys: Path) -> None:
    assert grant("check", keys / "nothing", "--trust", keys / "trust").exit_code == 2
    assert grant("check", keys / "ann.key", "--trust", keys / "nothing").exit_code == 2
    assert grant("check", keys / "ann.key").exit_code == 2
