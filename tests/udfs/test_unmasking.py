"""The way back: open with a grant and only as far as it goes, and an event for each use and each refusal."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jsonschema import Draft202012Validator

from tests.udfs.engines import documents, plan_of
from udfs.engine import Engine
from udfs.grants import Grant, sign
from udfs.keys import Keys, KeysError, KeysUnavailable
from udfs.keys.subjects import SubjectKeys, erase
from udfs.keys.table import open_table
from udfs.unmasking import Permission, Unmasker, UnmaskError

SCHEMA = Draft202012Validator(json.loads(Path("docs/audit.schema.json").read_text(encoding="utf-8")))
OFFICER = Ed25519PrivateKey.generate()
NOW = 1_767_225_600_000
CARD, MAIL = "4111 1111 1111 1111", "zoë@example.com"

POLICY = """
weir: 1
name: way-back
version: 4
entities: {CREDIT_CARD: regulated, EMAIL_ADDRESS: confidential, PERSON: confidential, US_SSN: regulated}
fields: {card: CREDIT_CARD, mail: EMAIL_ADDRESS, name: PERSON, ssn: US_SSN, id: public}
segments:
  support:
    clearance: internal
    sink: support
    masks:
      CREDIT_CARD: token
      EMAIL_ADDRESS: {encrypt: {scope: growth}}
      PERSON: {token: {subject: id}}
      US_SSN: {fpe: {}}
  desk:
    clearance: internal
    sink: desk
    masks: {CREDIT_CARD: token, EMAIL_ADDRESS: {encrypt: {scope: growth}}, PERSON: redact, US_SSN: pseudonym}
"""


@pytest.fixture
def table(tmp_path):
    return open_table(str(tmp_path / "keys.db"))


@pytest.fixture
def keys(table):
    from udfs.keys import Keyring

    keyring = Keyring.of(bytes(range(32)))
    return Keys(lambda: keyring, SubjectKeys(table))


@pytest.fixture
def masked(keys):
    """What `support` gets of one record."""
    record = json.dumps({"id": "c-1", "card": CARD, "mail": MAIL, "name": "Ann Lee", "ssn": "078-05-1120"}).encode()
    outcome = Engine(plan_of(POLICY), keys, ["doc"], document=True).run(documents(record))
    assert outcome.quarantine.null_count == 1, outcome.quarantine
    return json.loads(outcome.segments["support"][0].as_py())


def token(**changes) -> str:
    what = {
        "who": "bob", "why": "fraud case 12", "entities": ("CREDIT_CARD", "EMAIL_ADDRESS", "PERSON", "US_SSN"),
        "scopes": ("segment:support", "scope:growth"), "values": 100, "issued": NOW, "begins": NOW,
        "ends": NOW + 3_600_000,
    }  # fmt: skip
    return sign(Grant(**{**what, **changes}), OFFICER, "ann")


def unmasker(keys, table, grant, at=NOW) -> Unmasker:
    trusted = {"ann": OFFICER.public_key()}
    return Unmasker(plan_of(POLICY), keys, Permission(grant, lambda: trusted, table), lambda: at)


def run(maker, entity, values, segment="support"):
    done = maker.unmask(entity, segment, pa.array(values, pa.string()))
    events = [None if e is None else json.loads(e) for e in done.events.to_pylist()]
    for event in filter(None, events):
        SCHEMA.validate(event)
    return done.values.to_pylist(), events


@pytest.mark.parametrize(
    ("entity", "field", "value"),
    [
        ("CREDIT_CARD", "card", CARD),
        ("EMAIL_ADDRESS", "mail", MAIL),
        ("PERSON", "name", "Ann Lee"),
        ("US_SSN", "ssn", "078-05-1120"),
    ],
)
def test_what_a_grant_permits_comes_back_with_its_event(keys, table, masked, entity, field, value):
    assert value not in masked[field]
    values, (event, none) = run(unmasker(keys, table, token()), entity, [masked[field], None])
    assert values == [value, None] and none is None
    assert (event["outcome"], event["reason"]) == ("opened", None)
    assert event["grant"] | {"id": ""} == {"id": "", "who": "bob", "why": "fraud case 12", "by": "ann"}
    assert event["policy"]["version"] == 4 and event["time"] == NOW
    text = json.dumps(event, ensure_ascii=False)
    assert value not in text and masked[field] not in text


@pytest.mark.parametrize(
    ("grant", "at", "reason", "known"),
    [
        (None, NOW, "no-grant", False),
        ("", NOW, "malformed", False),
        (token(entities=("IBAN_CODE",)), NOW, "other-entity", True),
        (token(scopes=("segment:desk",)), NOW, "other-scope", True),
        (token(), NOW + 3_600_000, "expired", True),
        (token(), NOW - 1, "not-yet-valid", True),
        (token()[:-8] + "AAAAAAAA", NOW, "forged", False),
        (sign(Grant("bob", "x", ("CREDIT_CARD",), ("segment:support",), 9, NOW, NOW, NOW + 1000), OFFICER, "eve"), NOW,
         "unknown-signer", False),
    ],
)  # fmt: skip
def test_without_a_grant_nothing_comes_back_and_the_refusal_is_written_down(
    keys, table, masked, grant, at, reason, known
):
    values, (event,) = run(unmasker(keys, table, grant, at), "CREDIT_CARD", [masked["card"]])
    assert values == [None]
    assert (event["outcome"], event["reason"], event["grant"] is not None) == ("refused", reason, known)


def test_a_grant_is_good_for_so_many_values(keys, table, masked):
    grant = token(values=3)
    first, events = run(unmasker(keys, table, grant), "CREDIT_CARD", [masked["card"]] * 2)
    assert first == [CARD] * 2
    values, events = run(unmasker(keys, table, grant), "CREDIT_CARD", [masked["card"]] * 3)
    assert values == [CARD, None, None]
    assert [e["reason"] for e in events] == [None, "used-up", "used-up"]
    assert run(unmasker(keys, table, grant), "CREDIT_CARD", [masked["card"]])[0] == [None]
    assert run(unmasker(keys, table, token(values=3)), "CREDIT_CARD", [masked["card"]])[0] == [CARD]


def test_a_signer_who_is_taken_away_grants_nothing_any_more(keys, table, masked):
    trusted = {"ann": OFFICER.public_key()}
    maker = Unmasker(plan_of(POLICY), keys, Permission(token(), lambda: trusted, table), lambda: NOW)
    assert run(maker, "CREDIT_CARD", [masked["card"]])[0] == [CARD]
    del trusted["ann"]
    values, (event,) = run(maker, "CREDIT_CARD", [masked["card"]])
    assert (values, event["reason"]) == ([None], "unknown-signer")


def test_what_the_mask_did_not_make_does_not_open(keys, table, masked):
    card = masked["card"]
    changed = card[:-3] + ("A" if card[-3] != "A" else "B") + card[-2:]
    values, events = run(unmasker(keys, table, token()), "CREDIT_CARD", [card, changed, card[:-5], "", CARD, card])
    assert values == [CARD, None, None, "", None, CARD]
    assert [e["reason"] for e in events] == [None, "not-opened", "not-opened", None, "not-opened", None]
    assert run(unmasker(keys, table, token()), "EMAIL_ADDRESS", [card])[1][0]["reason"] == "not-opened"


def test_a_token_of_another_segment_does_not_open(keys, table, masked):
    grant = token(scopes=("segment:desk",))
    assert run(unmasker(keys, table, grant), "CREDIT_CARD", [masked["card"]], "desk")[0] == [None]
    assert run(unmasker(keys, table, token()), "EMAIL_ADDRESS", [masked["mail"]], "desk")[0] == [MAIL]


def test_rotation_keeps_tokens_open_until_the_epoch_is_retired(keys, table, masked):
    old = keys.keyring()
    new = old.rotated(bytes(32), 0)
    for ring, opened in ((new, CARD), (new.retired(1), None)):
        later = Keys(lambda ring=ring: ring, SubjectKeys(table))
        if opened is None:
            with pytest.raises(KeysError, match="epoch 1 of the keyring is retired"):
                unmasker(later, table, token())
        else:
            assert run(unmasker(later, table, token()), "CREDIT_CARD", [masked["card"]])[0] == [opened]


def test_what_was_erased_stays_closed_and_does_not_join_what_comes_later(keys, table, masked):
    assert erase(table, keys.keyring(), "c-1", NOW).keys == 1
    again = Keys(keys.keyring, SubjectKeys(table))
    assert run(unmasker(again, table, token()), "PERSON", [masked["name"]])[0] == [None]
    assert run(unmasker(again, table, token()), "CREDIT_CARD", [masked["card"]])[0] == [CARD]
    engine = Engine(plan_of(POLICY), again, ["doc"], document=True)
    later = json.loads(engine.run(documents(b'{"id":"c-1","name":"Ann Lee"}')).segments["support"][0].as_py())
    assert later["name"] != masked["name"]
    values, _ = run(unmasker(again, table, token()), "PERSON", [later["name"], masked["name"]])
    assert values == ["Ann Lee", None]


@pytest.mark.parametrize(
    ("entity", "segment", "problem"),
    [
        ("CREDIT_CARD", "suport", "unknown segment; did you mean 'support'?"),
        ("CREDIT_CRAD", "support", "does not mask such an entity; did you mean 'CREDIT_CARD'?"),
        ("PERSON", "desk", "the mask 'redact' of PERSON in 'desk' has no way back; encrypt, fpe, token have one"),
        ("US_SSN", "desk", "the mask 'pseudonym' of US_SSN in 'desk' has no way back"),
        ("4111111111111111", "support", "does not mask such an entity; it masks "),
    ],
)
def test_calls_that_make_no_sense_are_errors(keys, table, entity, segment, problem):
    with pytest.raises(UnmaskError) as caught:
        run(unmasker(keys, table, token()), entity, ["x"], segment)
    assert problem in str(caught.value) and "4111111111111111" not in str(caught.value)


def test_a_grant_without_a_place_to_count_is_refused(keys):
    with pytest.raises(KeysError, match="counted in a key table; name one"):
        unmasker(keys, None, token())


def test_when_uses_cannot_be_counted_nothing_comes_back(keys, table, masked):
    maker = unmasker(keys, table, token())
    table.close()
    path = Path(table.name.removeprefix("sqlite:///"))
    for file in path.parent.glob("keys.db*"):
        file.chmod(0o644)
    with pytest.raises((KeysUnavailable, KeysError)):
        run(maker, "CREDIT_CARD", [masked["card"]])
