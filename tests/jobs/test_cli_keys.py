"""`weir keys`, `weir unmask` and `weir erase`: what they do to files, what they print, and what they refuse."""

import json
import stat
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.jobs.cli import Weir
from udfs.grants import Grant, sign
from udfs.keys import load_keyring

POLICY = """
weir: 1
name: shop
version: 1
entities: {CREDIT_CARD: regulated, PERSON: confidential}
fields: {card: CREDIT_CARD, name: PERSON, id: public}
segments:
  support: {clearance: internal, sink: support, masks: {CREDIT_CARD: token, PERSON: {token: {subject: id}}}}
"""
CARD = "4111 1111 1111 1111"


@pytest.fixture
def shop(tmp_path: Path, weir: Weir) -> Path:
    """A folder with a policy, keys, and what `support` gets of one record."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "records.jsonl").write_text(json.dumps({"id": "c-1", "card": CARD, "name": "Ann Lee"}) + "\n")
    assert weir("keys", "new", tmp_path / "weir.key").exit_code == 0
    tried = weir(
        "try", tmp_path / "policy.yaml", tmp_path / "records.jsonl", "--json",
        "--key-file", tmp_path / "weir.key", "--key-table", tmp_path / "keys.db",
    )  # fmt: skip
    view = json.loads(tried.stdout)["segments"]["support"]["view"]
    (tmp_path / "cards").write_text(view["card"] + "\n")
    (tmp_path / "names").write_text(view["name"] + "\n")
    return tmp_path


def grant(shop: Path, values: int = 5) -> list[object]:
    officer, begin = Ed25519PrivateKey.generate(), int(time.time()) * 1000
    (shop / "officers").mkdir(exist_ok=True)
    public = officer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (shop / "officers" / "ann.pub").write_bytes(public)
    what = Grant(
        "bob", "case 12", ("CREDIT_CARD", "PERSON"), ("segment:support",), values, begin, begin, begin + 60_000
    )  # fmt: skip
    (shop / "bob.grant").write_text(sign(what, officer, "ann"))
    return ["--key-table", shop / "keys.db", "--grant", shop / "bob.grant", "--trust", shop / "officers"]


def unmask(weir: Weir, shop: Path, entity: str, values: str, *more: object):
    return weir(
        "unmask", shop / "policy.yaml", shop / values, "--entity", entity, "--segment", "support",
        "--key-file", shop / "weir.key", "--audit", shop / "unmasked.jsonl", *more,
    )  # fmt: skip


def events(shop: Path) -> list[dict]:
    return [json.loads(line) for line in (shop / "unmasked.jsonl").read_text().splitlines()]


def test_rotate_list_and_retire(weir: Weir, shop: Path) -> None:
    path = shop / "weir.key"
    assert weir("keys", "rotate", path).exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    listed = json.loads(weir("keys", "list", path, "--json").stdout)
    assert [(e["epoch"], e["state"], e["key"]) for e in listed["epochs"]] == [
        (1, "previous", "there"), (2, "active", "there")
    ]  # fmt: skip
    keys = [entry["key"] for entry in json.loads(path.read_text())["epochs"]]
    table = weir("keys", "list", path).output
    assert "previous" in table and not any(key[:12] in table for key in keys)
    refused = weir("keys", "retire", path, "2")
    assert refused.exit_code == 1 and "is the active one; run `weir keys rotate` first" in refused.stderr
    refused = weir("keys", "retire", path, "1", "--policy", shop / "policy.yaml", "--key-table", shop / "keys.db")
    assert refused.exit_code == 1
    assert "has key_epoch 1" in refused.stderr and "holds 1 keys of persons under epoch 1" in refused.stderr
    assert load_keyring(path).opening == (1, 2)
    assert weir("keys", "re-wrap", path, "--key-table", shop / "keys.db").exit_code == 0
    (shop / "policy.yaml").write_text(POLICY + "key_epoch: 2\n")
    done = weir(
        "keys", "retire", path, "1", "--policy", shop / "policy.yaml", "--key-table", shop / "keys.db", "--destroy"
    )
    assert done.exit_code == 0, done.stderr
    assert [(e.state, e.root is None) for e in load_keyring(path).epochs] == [("retired", True), ("active", False)]


def test_retiring_in_spite_of_warnings(weir: Weir, shop: Path) -> None:
    path = shop / "weir.key"
    weir("keys", "rotate", path)
    done = weir("keys", "retire", path, "1", "--policy", shop / "policy.yaml", "--yes")
    assert done.exit_code == 0 and "Still needed" in done.stderr
    again = weir(
        "try", shop / "policy.yaml", shop / "records.jsonl", "--key-file", path, "--key-table", shop / "keys.db"
    )
    assert again.exit_code == 1 and "epoch 1 of the keyring is retired" in again.stderr


@pytest.mark.parametrize("command", [["list"], ["rotate"], ["retire"], ["re-wrap"]])
def test_a_key_file_that_cannot_be_used_is_said(weir: Weir, tmp_path: Path, command: list[str]) -> None:
    more = ["1"] if command == ["retire"] else []
    absent = weir("keys", *command, tmp_path / "absent.key", *more)
    assert absent.exit_code == 1 and "there is no such file; to make one, run: weir keys new" in absent.stderr
    (tmp_path / "open.key").write_text("00" * 32)
    (tmp_path / "open.key").chmod(0o644)
    readable = weir("keys", *command, tmp_path / "open.key", *more)
    assert readable.exit_code == 1 and "must be for its owner alone" in readable.stderr
    assert "0000" not in readable.output.replace("0600", "")


def test_keys_from_the_environment_serve_too(weir: Weir, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEYS", (shop / "weir.key").read_text())
    tried = weir(
        "try", shop / "policy.yaml", shop / "records.jsonl", "--json", "--key-file", "env:SHOP_KEYS",
        "--key-table", shop / "keys.db",
    )  # fmt: skip
    view = json.loads(tried.stdout)["segments"]["support"]["view"]
    assert view["card"] == (shop / "cards").read_text().strip()


def test_a_job_whose_policy_needs_a_key_table_does_not_start_without(weir: Weir, shop: Path) -> None:
    (shop / "tables.sql").write_text("")
    files = ["--policy", shop / "policy.yaml", "--tables", shop / "tables.sql", "--key-file", shop / "weir.key"]
    ran = weir("run", "segment", *files)
    assert ran.exit_code == 1
    assert "token of PERSON in support: a mask with a subject needs a key table; name one: --key-table" in ran.stderr


def test_trying_a_policy_needs_no_keys(weir: Weir, shop: Path) -> None:
    tried = weir("try", shop / "policy.yaml", shop / "records.jsonl", "--json")
    assert tried.exit_code == 0, tried.stderr
    assert json.loads(tried.stdout)["segments"]["support"]["view"]["name"].startswith("wr1.")
    found = weir("findings", "--policy", shop / "policy.yaml", input='{"card": "4111 1111 1111 1111"}\n')
    assert found.exit_code == 0, found.stderr


def test_unmask_with_a_grant_writes_first_and_prints_then(weir: Weir, shop: Path) -> None:
    opened = unmask(weir, shop, "CREDIT_CARD", "cards", *grant(shop))
    assert (opened.exit_code, opened.stdout) == (0, CARD + "\n")
    assert [(e["outcome"], e["grant"]["who"]) for e in events(shop)] == [("opened", "bob")]
    assert CARD not in (shop / "unmasked.jsonl").read_text()
    again = unmask(weir, shop, "CREDIT_CARD", "cards", *grant(shop), "--json")
    assert json.loads(again.stdout) == {"value": CARD}


def test_unmask_without_a_grant_prints_nothing_and_writes_the_refusal(weir: Weir, shop: Path) -> None:
    refused = unmask(weir, shop, "CREDIT_CARD", "cards")
    assert (refused.exit_code, refused.stdout) == (1, "\n")
    assert "1 of 1 were refused" in refused.stderr
    assert [(e["outcome"], e["reason"]) for e in events(shop)] == [("refused", "no-grant")]


def test_unmask_shows_nothing_that_it_cannot_write_down(weir: Weir, shop: Path) -> None:
    (shop / "unmasked.jsonl").mkdir()
    failed = unmask(weir, shop, "CREDIT_CARD", "cards", *grant(shop))
    assert failed.exit_code == 1 and "no value is shown without its event" in failed.stderr
    assert CARD not in failed.output


def test_erase_destroys_and_proves(weir: Weir, shop: Path) -> None:
    (shop / "forgotten").write_text("c-1\n\nc-2\n")
    erased = weir(
        "erase", shop / "forgotten", "--key-file", shop / "weir.key", "--key-table", shop / "keys.db"
    )  # fmt: skip
    assert erased.exit_code == 0
    assert [json.loads(line)["outcome"] for line in erased.stdout.splitlines()] == ["erased", "nothing"]
    assert "1 keys of 2 persons were destroyed" in erased.stderr and "c-1" not in erased.output
    closed = unmask(weir, shop, "PERSON", "names", *grant(shop))
    assert (closed.exit_code, closed.stdout) == (1, "\n")
    assert events(shop)[-1]["reason"] == "not-opened"


def test_explain_lists_the_joins_of_reversible_masks_but_none_of_random_ones(weir: Weir, tmp_path: Path) -> None:
    segment = (
        "{clearance: internal, sink: %s, masks: {CREDIT_CARD: {token: {scope: s}}, PERSON: {encrypt: {scope: s}}}}"
    )
    text = POLICY[: POLICY.index("  support:")] + f"  a: {segment % 'a'}\n  b: {segment % 'b'}\n"
    (tmp_path / "p.yaml").write_text(text)
    explained = json.loads(weir("explain", tmp_path / "p.yaml", "--json").stdout)
    assert [(w["segment"], w["entity"], w["mask"], w["scope"]) for w in explained["ways_back"]] == [
        (name, entity, mask, "scope:s")
        for name in "ab"
        for entity, mask in (("CREDIT_CARD", "token"), ("PERSON", "encrypt"))
    ]  # fmt: skip
    shown = weir("explain", tmp_path / "p.yaml").stdout
    assert "can be brought back" in shown and "CREDIT_CARD (token)" in shown
    assert explained["joins"] == [
        {"scope": "scope:s", "mask": "token", "entity": "CREDIT_CARD", "segments": ["a", "b"]}
    ]
