"""Whom a record is about: masks with a subject take the record's own, and without one nothing passes."""

import json
from datetime import date, timedelta

import pyarrow as pa
import pytest

from policy.errors import PolicyErrors
from tests.udfs.engines import documents, plan_of
from udfs.engine import Engine
from udfs.keys import Keyring, Keys, KeysError
from udfs.keys.subjects import SubjectKeys
from udfs.keys.table import open_table

POLICY = """
weir: 1
name: persons
version: 1
entities: {EMAIL_ADDRESS: confidential, DATE_TIME: confidential}
fields: {mail: EMAIL_ADDRESS, seen: DATE_TIME, when: DATE_TIME, id: public, of.id: public}
segments:
  care:
    clearance: internal
    sink: care
    masks: {EMAIL_ADDRESS: {pseudonym: {subject: SUBJECT}}, DATE_TIME: {shift_date: {days: 30, subject: SUBJECT}}}
  all: {clearance: confidential, sink: all}
"""
RING = Keyring.of(bytes(range(32)))


@pytest.fixture
def keys(tmp_path):
    return Keys(lambda: RING, SubjectKeys(open_table(str(tmp_path / "keys.db"))))


def views(keys, *records, subject="id"):
    engine = Engine(plan_of(POLICY.replace("SUBJECT", f'"{subject}"')), keys, ["doc"], document=True)
    lines = [r if isinstance(r, bytes) else json.dumps(r).encode() for r in records]
    outcome = engine.run(documents(*lines))
    care = [None if v is None else json.loads(v) for v in outcome.segments["care"].to_pylist()]
    return care, outcome.quarantine.to_pylist()


def test_one_person_is_masked_alike_and_two_are_not(keys):
    mail, day = "ann@example.com", "2024-03-01"
    care, reasons = views(
        keys,
        {"id": "1", "mail": mail, "seen": day, "when": "2024-03-11"},
        {"id": "2", "mail": mail, "seen": day, "when": day},
        {"mail": mail, "id": 1, "seen": day, "when": day},
        b'{"id":"\\u0031","mail":"ann@example.com","seen":"2024-03-01","when":"2024-03-01"}',
    )
    assert reasons == [None] * 4
    one, two, number, escaped = care
    assert one["mail"] == number["mail"] == escaped["mail"] != two["mail"]
    assert one["seen"] == number["seen"] == escaped["seen"] != day
    seen, when = (date.fromisoformat(one[name]) for name in ("seen", "when"))
    assert one["seen"] != two["seen"] or one["mail"] != two["mail"]
    assert when - seen == timedelta(days=10), "an interval stays"


@pytest.mark.parametrize(
    ("record", "subject"),
    [
        ({"mail": "ann@example.com"}, "id"),
        ({"id": None, "mail": "ann@example.com"}, "id"),
        ({"id": "", "mail": "ann@example.com"}, "id"),
        ({"id": True, "mail": "ann@example.com"}, "id"),
        ({"id": {"a": "1"}, "mail": "ann@example.com"}, "id"),
        ({"of": [{"id": "1"}, {"id": "2"}], "mail": "ann@example.com"}, "of[*].id"),
        (b'{"id":"1","id":"2","mail":"ann@example.com"}', "id"),
        ({"seen": "2024-03-01"}, "id"),
    ],
)
def test_without_one_person_the_record_goes_to_quarantine(keys, record, subject):
    care, (reason, other) = views(
        keys, record, {"id": "7", "of": [{"id": "7"}], "mail": "b@example.com"}, subject=subject
    )
    assert care[0] is None and care[1]["mail"] != "b@example.com"
    assert other is None
    assert f"the record must have one value at {subject}; it has none, or several" in reason
    assert "ann" not in reason and "2024" not in reason


@pytest.mark.parametrize("record", [{"of": [{"id": "1"}, {"id": "1"}], "mail": "ann@example.com"}, {"note": "nothing"}])
def test_the_same_person_twice_is_one_and_who_is_not_needed_may_be_absent(keys, record):
    _, reasons = views(keys, record, subject="of[*].id")
    assert reasons == [None]


def test_typed_columns_have_persons_too(keys):
    plan = plan_of(POLICY.replace("SUBJECT", "id"))
    batch = pa.RecordBatch.from_pydict({"id": [1, 2, 1, None], "mail": ["a@example.com"] * 3 + [None]})
    outcome = Engine(plan, keys, ["id", "mail"], document=False).run(batch)
    one, two, again, nobody = (row["mail"] for row in outcome.segments["care"].to_pylist())
    assert one == again != two and nobody is None
    assert outcome.quarantine.null_count == 4


def test_a_subject_that_is_no_path_does_not_compile():
    with pytest.raises(PolicyErrors, match=r"segments\.care\.masks\.EMAIL_ADDRESS\.pseudonym\.subject: no valid path"):
        plan_of(POLICY.replace("{subject: SUBJECT}", '{subject: "a..b"}', 1).replace("SUBJECT", "id"))


def test_without_a_key_table_the_engine_is_not_made():
    with pytest.raises(KeysError, match=r"pseudonym of EMAIL_ADDRESS in care: a mask with a subject needs a key table"):
        Engine(plan_of(POLICY.replace("SUBJECT", "id")), Keys.of(bytes(32)), ["doc"], document=True)


def test_without_the_policys_epoch_the_engine_is_not_made(keys):
    plan = plan_of(POLICY.replace("SUBJECT", "id") + "key_epoch: 3\n")
    with pytest.raises(KeysError, match=r"the keyring has no epoch 3, only 1"):
        Engine(plan, keys, ["doc"], document=True)
