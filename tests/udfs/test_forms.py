"""Records of several forms: documents with columns beside them, JSON inside typed columns, and change events."""

import hashlib
import json

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.udfs.engines import KEYS, SHOP, documents, engine_of, events, plan_of, views
from udfs.judge import Judge
from udfs.series import Argument, Batch, Shape

CARD, MAIL, SSN = "4111111111111111", "ann.lee@example.com", "536-90-4399"
BESIDE = SHOP.replace("  note: scan\n", '  note: scan\n  "@key": scan\n  "@header:agent": PERSON\n')
COLUMNS = ("doc", "@key", "@header:agent")


def beside(*rows: tuple[bytes | None, bytes | None, bytes | None]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [pa.array([row[i] for row in rows], pa.binary()) for i in range(3)], names=list(COLUMNS)
    )


def shown(outcome, segment: str) -> list[object]:
    return [v if v is None else tuple(v.values()) for v in outcome.segments[segment].to_pylist()]


def test_what_stands_beside_a_document_is_masked_as_it_is():
    record = (b'{"note":"a"}', MAIL.encode(), b"Ann Lee")
    outcome = engine_of(BESIDE, COLUMNS).run(beside(record))
    assert shown(outcome, "vault") == [record]
    assert shown(outcome, "support") == [(b'{"note":"a"}', b"<EMAIL_ADDRESS>", b"")]
    paths = {f["path"] for f in events(outcome)[0]["findings"]}
    assert paths == {"@key", "@header:agent"}


def test_a_record_is_as_high_as_its_highest_part():
    outcome = engine_of(BESIDE, COLUMNS).run(beside((b'{"note":"a"}', CARD.encode(), None), (b"{}", b"k", None)))
    assert outcome.level.to_pylist() == ["regulated", "public"]
    assert shown(outcome, "open") == [None, (b"{}", b"k", None)]


def test_nothing_but_a_key_is_a_deletion_and_nothing_at_all_is_no_record():
    outcome = engine_of(BESIDE, COLUMNS).run(beside((None, b"k", None), (None, None, None), (None, None, b"x")))
    assert outcome.quarantine.to_pylist() == [None, "record: null", None]
    assert shown(outcome, "vault") == [(None, b"k", None), None, (None, None, b"x")]


def test_a_key_that_is_no_text_is_quarantined_with_its_record():
    outcome = engine_of(BESIDE, COLUMNS).run(beside((b"{}", b"\xff", None)))
    assert outcome.quarantine.to_pylist() == ["encoding: not valid UTF-8"]
    assert shown(outcome, "vault") == [None]


def test_a_reader_can_make_the_digests_of_what_it_received_and_sees_no_python_in_them():
    event = events(engine_of(BESIDE, COLUMNS).run(beside((b'{"note":"a"}', b"k", None))))[0]
    key = KEYS.keyring().derive("weir/1/audit", "digest", 1)
    read = b'{"doc":{"base64":"eyJub3RlIjoiYSJ9"},"@key":{"base64":"aw=="},"@header:agent":null}'
    digest = hashlib.blake2b(read, key=key, digest_size=16).hexdigest()
    assert event["input"] == digest
    assert {d["segment"]: d["output"] for d in event["decisions"]}["vault"] == digest


def test_a_record_that_is_refused_has_its_digest_made_in_the_same_way():
    event = events(engine_of(BESIDE, COLUMNS).run(beside((b"{}", b"\xff", None))))[0]
    key = KEYS.keyring().derive("weir/1/audit", "digest", 1)
    read = b'{"doc":{"base64":"e30="},"@key":{"base64":"/w=="},"@header:agent":null}'
    assert event["input"] == hashlib.blake2b(read, key=key, digest_size=16).hexdigest()


PARTS = st.sampled_from(
    [None, b"k", MAIL.encode(), CARD.encode(), SSN.encode(), "ü ".encode() + MAIL.encode(), b"\xff"]
)
DOCS = st.sampled_from(
    [None, b"{}", b"{", b'{"note":"%s"}' % MAIL.encode(), b'{"id":1,"note":"\\u00fc %s"}' % CARD.encode()]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(DOCS, PARTS, PARTS), min_size=1, max_size=6))
def test_batches_do_not_matter_and_nothing_leaks(rows):
    engine = engine_of(BESIDE, COLUMNS)
    together = engine.run(beside(*rows))
    for place, row in enumerate(rows):
        alone = engine.run(beside(row))
        assert alone.quarantine[0] == together.quarantine[place]
        for segment in ("vault", "support", "open"):
            assert alone.segments[segment][0].as_py() == together.segments[segment][place].as_py()
    for segment in ("support", "open"):
        text = str(shown(together, segment)) + str(together.audit.to_pylist())
        assert not [secret for secret in (CARD, MAIL, SSN) if secret in text]


def test_what_is_quarantined_is_kept_whole():
    shape = Shape(tuple(Argument(name, pa.binary()) for name in COLUMNS), document=True)
    rows = Judge(plan_of(BESIDE), shape, KEYS).judge(Batch(beside((b"{", b"k", b"x")), None, None, None)).rows
    kept = rows.to_pylist()[0]
    values = list(kept.values())
    assert b"{" in values
    assert '{"@key":{"base64":"aw=="},"@header:agent":{"base64":"eA=="}}' in values


NESTED = SHOP.replace("  note: scan\n", "  note: scan\n  r.mail: EMAIL_ADDRESS\n")


def test_json_in_a_typed_column_has_the_columns_name_before_its_paths():
    batch = pa.RecordBatch.from_arrays(
        [pa.array([7, 8]), pa.array([f'{{"mail":"x","cards":["{CARD}",1]}}', None])], names=["id", "r"]
    )
    outcome = engine_of(NESTED, ("id", "r"), document=False, nested=["r"]).run(batch)
    seen = outcome.segments["support"].to_pylist()
    assert seen == [{"id": 7, "r": '{"mail":"<EMAIL_ADDRESS>","cards":["xxxxxxxxxxxx1111",1]}'}, {"id": 8, "r": None}]
    assert {f["path"] for f in events(outcome)[0]["findings"]} == {"r.mail", "r.cards[*]"}


DROPS = NESTED.replace("      EMAIL_ADDRESS: replace\n", "      EMAIL_ADDRESS: drop_field\n      PERSON: 'null'\n")


@pytest.mark.parametrize("text", ["", MAIL])
def test_fields_are_dropped_in_plain_and_json_columns_of_one_record(text):
    policy = DROPS.replace("  r.mail: EMAIL_ADDRESS\n", "  r.mail: EMAIL_ADDRESS\n  a: EMAIL_ADDRESS\n  b: PERSON\n")
    batch = pa.RecordBatch.from_arrays(
        [pa.array([text, "q"]), pa.array(["Bob", "Eve"]), pa.array(['{"mail":"x","n":1}', '{"n":2}'])],
        names=["a", "b", "r"],
    )
    outcome = engine_of(policy, ("a", "b", "r"), document=False, nested=["r"]).run(batch)
    seen = outcome.segments["support"].to_pylist()
    assert seen == [{"a": None, "b": None, "r": '{"n":1}'}, {"a": None, "b": None, "r": '{"n":2}'}]


CHANGE = SHOP.replace("  note: scan\n", "  note: scan\n  op: public\n  source: public\n  ts_ms: public\n")
ROW = {"id": 1, "customer": {"name": "Ann Lee"}, "note": MAIL}


def change(op: str, before: object, after: object, payload: bool) -> bytes:
    event = {"before": before, "after": after, "op": op, "ts_ms": 4111111111111111, "source": {"name": CARD}}
    return orjson.dumps({"schema": None, "payload": event} if payload else event)


@pytest.mark.parametrize("payload", [False, True])
@pytest.mark.parametrize(
    ("op", "before", "after"), [("c", None, ROW), ("u", ROW, ROW), ("d", ROW, None), ("r", None, ROW)]
)
def test_paths_are_meant_inside_both_images_of_a_change(op, before, after, payload):
    outcome = engine_of(CHANGE, envelope="debezium").run(documents(change(op, before, after, payload)))
    seen = json.loads(views(outcome)["support"])
    seen = seen["payload"] if payload else seen
    masked = {"id": 1, "customer": {"name": ""}, "note": "<EMAIL_ADDRESS>"}
    assert (seen["before"], seen["after"]) == (before and masked, after and masked)
    # What the policy calls public at the top stays: the envelope's own fields.
    assert (seen["op"], seen["ts_ms"], seen["source"]) == (op, 4111111111111111, {"name": CARD})


NO_IMAGE, NO_EVENT = "envelope: an image that is no object", "envelope: no change event"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        # MongoDB's images are texts with JSON in them, in which no path of the policy could be found.
        (change("c", None, orjson.dumps(ROW).decode(), False), NO_IMAGE),
        (change("u", [ROW], ROW, False), NO_IMAGE),
        (change("u", ["Ann Lee"], ROW, True), NO_IMAGE),
        (change("u", 7, ROW, True), NO_IMAGE),
        (change("d", True, None, False), NO_IMAGE),
        (orjson.dumps(ROW), NO_EVENT),
        (orjson.dumps({"before": None, "after": ROW}), NO_EVENT),
        (orjson.dumps({"op": 1, "after": ROW}), NO_EVENT),
        (orjson.dumps({"data": {"op": "c", "after": ROW}}), NO_EVENT),
        (orjson.dumps([{"op": "c", "after": ROW}]), NO_EVENT),
        (b'"Ann Lee"', NO_EVENT),
        (b"{}", NO_EVENT),
        (b"null", NO_EVENT),
        (b'{"op":"c","after":', "json: not valid JSON"),
        (orjson.dumps({"op": "t"}), None),
    ],
)
def test_what_is_no_change_event_is_quarantined(document, reason):
    # Between two that are: what becomes of a record must not depend on its neighbours.
    good = change("c", None, ROW, False)
    outcome = engine_of(CHANGE, envelope="debezium").run(documents(good, document, good))
    assert outcome.quarantine.to_pylist() == [None, reason, None]
    assert (outcome.segments["support"][1].as_py() is None) == (reason is not None)
    assert "Ann Lee" not in str(outcome.segments["support"].to_pylist())


def test_without_the_envelope_paths_are_meant_from_the_top():
    outcome = engine_of(CHANGE).run(documents(change("c", None, ROW, False)))
    assert json.loads(views(outcome)["support"])["after"]["customer"]["name"] == "Ann Lee"


def test_fields_that_are_unknown_are_told_by_their_place_in_the_image():
    policy = CHANGE.replace("fields:\n", "unknown_fields: deny\nfields:\n")
    outcome = engine_of(policy, envelope="debezium").run(
        documents(change("c", None, ROW, False), change("c", None, {"id": 1, "new": 2}, False))
    )
    assert outcome.quarantine.to_pylist() == [None, "fields: unknown field after.new"]
