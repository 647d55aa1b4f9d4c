"""The laws, as properties: nothing leaks, everything is accounted for, batches do not matter."""

import json

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.udfs.engines import documents, engine_of, events
from udfs.recognizers import credit_card, us_taxpayers

ENGINE = engine_of()
SECRETS = {
    "CREDIT_CARD": ["4111111111111111", "5500 0000 0000 0004", "3400-000000-00009", "6011000000000004"],
    "EMAIL_ADDRESS": ["ann.lee@example.com", "bob+x@mail.example.org", "zoë@example.com"],
    "US_SSN": ["536-90-4399", "219 09 8123"],
}
# What a number is called counts: after "order", nine digits are no SSN.
OTHER_NUMBERS = {word for r in (*credit_card.RECOGNIZERS, *us_taxpayers.RECOGNIZERS) for word in r.against}
WORDS = st.text(st.characters(exclude_categories=["Cs", "N"], exclude_characters="@"), max_size=10).filter(
    lambda word: not any(other in word.casefold() for other in OTHER_NUMBERS)
)


@st.composite
def planted(draw) -> tuple[bytes, list[str]]:
    """A document with secrets in values, keys and numbers, at any depth, written in any way JSON allows."""
    secrets: list[str] = []

    def secret() -> str:
        secrets.append(draw(st.sampled_from([v for values in SECRETS.values() for v in values])))
        return secrets[-1]

    def value(depth: int) -> object:
        choice = draw(st.integers(0, 7 if depth < 3 else 4))
        if choice <= 1:
            return draw(st.none() | st.booleans() | st.integers(-9999, 9999) | WORDS)
        if choice == 2:
            return f"{draw(WORDS)} {secret()} {draw(WORDS)}"
        if choice == 3:
            return secret()
        if choice == 4:
            secrets.append("4111111111111111")
            return 4111111111111111
        if choice == 5:
            return [value(depth + 1) for _ in range(draw(st.integers(0, 3)))]
        return {key(): value(depth + 1) for _ in range(draw(st.integers(0, 3)))}

    def key() -> str:
        return (
            secret() if draw(st.integers(0, 9)) == 0 else draw(st.sampled_from(["note", "a", "b c", "é", '"', "items"]))
        )

    content = {key(): value(0) for _ in range(draw(st.integers(1, 4)))}
    text = json.dumps(content, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 2])))
    return text.encode(), secrets


BROKEN = st.sampled_from([None, b"", b"{", b"\xff", b'{"note": "ann.lee@example.com"', b"[" * 600 + b"]" * 600])
RECORDS = st.lists(planted().map(lambda p: p[0]) | BROKEN, max_size=6)


@settings(max_examples=200, deadline=None)
@given(planted())
def test_no_secret_reaches_a_segment_that_may_not_see_it_nor_the_audit(record):
    document, secrets = record
    outcome = ENGINE.run(documents(document))
    assert outcome.quarantine.to_pylist() == [None]
    event = outcome.audit[0].as_py()
    for segment in ("support", "orders", "open"):
        view = outcome.segments[segment][0].as_py()
        shown = "" if view is None else json.dumps(json.loads(view), ensure_ascii=False)
        assert not [s for s in secrets if s in shown or s in event]
    assert outcome.segments["vault"][0].as_py() == document


@settings(max_examples=100, deadline=None)
@given(RECORDS)
def test_every_record_has_one_account(records):
    outcome = ENGINE.run(documents(*records))
    read = events(outcome)
    quarantined = sum(e["quarantine"] is not None for e in read)
    assert len(read) == len(records) == outcome.counts["records"]
    assert quarantined == outcome.counts["quarantined"] == len(records) - outcome.quarantine.null_count
    for number, (name, views) in enumerate(outcome.segments.items()):
        delivered = sum(e["decisions"][number]["decision"] == "deliver" for e in read if e["decisions"])
        denied = sum(e["decisions"][number]["decision"] == "deny" for e in read if e["decisions"])
        assert delivered == len(records) - views.null_count == outcome.counts[f"{name}.delivered"]
        assert denied == outcome.counts[f"{name}.denied"]
        assert delivered + denied + quarantined == len(records)


@settings(max_examples=60, deadline=None)
@given(RECORDS.filter(len))
def test_the_batch_does_not_matter(records):
    together = ENGINE.run(documents(*records))
    alone = [engine.run(documents(r)) for engine in [engine_of()] for r in records]
    for name, views in together.segments.items():
        assert views.to_pylist() == [o.segments[name][0].as_py() for o in alone]
    assert together.quarantine.to_pylist() == [o.quarantine[0].as_py() for o in alone]
    assert together.audit.to_pylist() == [o.audit[0].as_py() for o in alone]


def test_a_large_batch_is_halved_and_the_outcome_is_the_same(monkeypatch):
    records = [b'{"note":"ann.lee@example.com"}', None, b"{", b'{"id":1}', b'{"note":"4111111111111111"}']
    coordinates = pa.RecordBatch.from_pydict({"offset": list(range(5))})
    about = (documents(*records), coordinates, pa.array(list("abcde")), pa.array(range(5)))
    whole = ENGINE.run(*about)
    monkeypatch.setattr("udfs.engine.MAX_BYTES", 20)
    assert engine_of().run(*about) == whole


@given(st.lists(st.sampled_from([b"ann.lee@example.com", b"\xff", None, b"", b"plain text"]), max_size=8), st.data())
def test_a_part_of_a_batch_of_bytes_is_read_as_the_part_it_is(values, data):
    start = data.draw(st.integers(0, len(values)))
    batch = pa.RecordBatch.from_arrays([pa.array(values, pa.binary())], ["bytes"]).slice(start)
    outcome = BYTES.run(batch)
    masked = {b"ann.lee@example.com": b"<EMAIL_ADDRESS>", b"\xff": None}
    want = [None if v == b"\xff" else {"bytes": masked.get(v, v)} for v in values[start:]]
    assert outcome.segments["support"].to_pylist() == want
    assert outcome.counts["quarantined"] == values[start:].count(b"\xff")


BYTES = engine_of(columns=("bytes",), document=False)
COLUMNS = ("id", "note", "amount", "ok", "when", "card")
TYPED = engine_of(columns=COLUMNS, document=False)


@st.composite
def typed(draw) -> pa.RecordBatch:
    rows = draw(st.integers(0, 5))

    def column(values: st.SearchStrategy, kind: pa.DataType) -> pa.Array:
        return pa.array(draw(st.lists(st.none() | values, min_size=rows, max_size=rows)), kind)

    secrets = st.sampled_from(["x ann.lee@example.com", "4111 1111 1111 1111", "", "nothing"])
    arrays = [
        column(st.integers(-(2**63), 2**63 - 1), pa.int64()),
        column(secrets | WORDS, pa.string()),
        column(st.decimals(-999, 999, places=2), pa.decimal128(10, 2)),
        column(st.booleans(), pa.bool_()),
        column(st.datetimes(), pa.timestamp("us")),
        column(st.sampled_from([4111111111111111, 5500000000000004, 12]), pa.int64()),
    ]
    return pa.RecordBatch.from_arrays(arrays, list(COLUMNS))


@settings(max_examples=100, deadline=None)
@given(typed())
def test_typed_columns_keep_their_types_and_what_is_not_masked(batch):
    outcome = TYPED.run(batch)
    for row, record in enumerate(batch.to_pylist()):
        assert outcome.segments["vault"][row].as_py() == record
        view = outcome.segments["support"][row].as_py()
        assert {k: view[k] for k in ("id", "amount", "ok", "when")} == {
            k: record[k] for k in ("id", "amount", "ok", "when")
        }
        assert view["card"] == (12 if record["card"] == 12 else None)
        assert "ann.lee@" not in str(view) and "4111 1111" not in str(view)
    assert outcome.segments["support"].type == pa.struct(list(batch.schema))
