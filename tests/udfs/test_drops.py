"""Fields that are dropped disappear with their commas, and what is left is the rest of the document, still JSON."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.udfs.engines import documents, engine_of, events
from udfs.drops import field_spans
from udfs.records.paths import PathTable
from udfs.records.read import DOCUMENT, read
from udfs.records.sheet import splice

POLICY = """
weir: 1
name: drops
version: 1
entities: {EMAIL_ADDRESS: confidential, PERSON: confidential, CREDIT_CARD: regulated}
fields:
  name: PERSON
  who: PERSON
segments:
  open:
    clearance: public
    sink: open
    masks: {EMAIL_ADDRESS: drop_field, PERSON: drop_field, CREDIT_CARD: drop_record}
  all:
    clearance: regulated
    sink: all
"""


def view(document: bytes) -> bytes | None:
    return engine_of(POLICY).run(documents(document)).segments["open"][0].as_py()


@pytest.mark.parametrize(
    ("document", "left"),
    [
        (b'{"name":"Ann","a":1}', b'{"a":1}'),
        (b'{"a":1,"name":"Ann"}', b'{"a":1}'),
        (b'{"a":1,"name":"Ann","b":2}', b'{"a":1,"b":2}'),
        (b'{"name":"Ann"}', b"{}"),
        (b'{"name":"Ann","who":"Bob"}', b"{}"),
        (b'{"name":"Ann","who":"Bob","a":1}', b'{"a":1}'),
        (b'{"a":1,"name":"Ann","who":"Bob"}', b'{"a":1}'),
        (b'{"name":"Ann","a":10.10,"who":"Bob"}', b'{"a":10.10}'),
        (b'{ "name" : "Ann" , "a" : 1e400 }', b'{  "a" : 1e400 }'),
        (b'{"name":{"first":"Ann","last":"Lee"},"a":1}', b'{"name":{},"a":1}'),
        (b'{"name":["Ann","Bob"],"a":1}', b'{"name":[],"a":1}'),
        (b'{"t":["a@example.com",1,"b@example.com"]}', b'{"t":[1]}'),
        (b'{"t":"write to a@example.com or b@example.com","a":1}', b'{"a":1}'),
        (b'{"a@example.com":{"b":[1,{"c":"}"}]},"a":1}', b'{"a":1}'),
        (b'{"a@example.com":"b@example.com"}', b"{}"),
        (b'{"a":1,"a@example.com" : "x" }', b'{"a":1 }'),
        (b'{"name":"\\"Ann\\\\","a":1}', b'{"a":1}'),
        (b'"a@example.com"', b"null"),
        (b' "a@example.com" ', b" null "),
    ],
)
def test_a_field_goes_with_its_comma(document, left):
    assert view(document) == left


@pytest.mark.parametrize("document", [b'{"a":1}', b'{"name":null,"a":" , "}', b"[]", b'{"nam":"Ann"}'])
def test_what_holds_nothing_stays_as_it_is(document):
    assert view(document) == document


def test_a_record_is_withheld_from_the_segment_alone_and_the_audit_says_why():
    outcome = engine_of(POLICY).run(documents(b'{"n":"card 4111 1111 1111 1111","name":"Ann"}', b'{"a":1}'))
    assert [v.to_pylist()[0] is None for v in (outcome.segments["open"], outcome.segments["all"])] == [True, False]
    decision = events(outcome)[0]["decisions"][0]
    assert (decision["decision"], decision["rule"], decision["output"]) == ("deny", "drop_record", None)
    assert outcome.counts["open.denied"] == 1 and outcome.counts["open.delivered"] == 1


def test_in_typed_columns_null_stands_where_a_field_was_dropped():
    batch = pa.RecordBatch.from_pydict({"name": ["Ann", None], "note": ["a@example.com x", "nothing"]})
    outcome = engine_of(POLICY, columns=("name", "note"), document=False).run(batch)
    assert outcome.segments["open"].to_pylist() == [{"name": None, "note": None}, {"name": None, "note": "nothing"}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('a,:{}[]"\\ \n', max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('ab,:"{', max_size=3), inner, max_size=4),
    max_leaves=12,
)


def dropped(value, chosen: set[int], count: list[int]):
    """What is left when the chosen leaves' fields go; leaves are counted in the order in which they stand."""
    if isinstance(value, list):
        kept = [dropped(item, chosen, count) for item in value]
        return [item for item in kept if item is not GONE]
    if isinstance(value, dict):
        pairs = []
        for key, item in value.items():
            gone = count[0] in chosen
            count[0] += 1
            left = dropped(item, chosen, count)
            if not gone and left is not GONE:
                pairs.append((key, left))
        return dict(pairs)
    count[0] += 1
    return GONE if count[0] - 1 in chosen else value


GONE = object()


@settings(max_examples=300, deadline=None)
@given(values=st.lists(JSON, min_size=1, max_size=3), data=st.data(), indent=st.sampled_from([None, 0, 2]))
def test_what_is_left_is_the_document_without_the_fields(values, data, indent):
    texts = [json.dumps(value, indent=indent).encode() for value in values]
    sheet, reasons = read(pa.RecordBatch.from_arrays([pa.array(texts, pa.binary())], ["doc"]), [DOCUMENT], PathTable())
    assert not reasons
    chosen = data.draw(st.sets(st.integers(0, max(len(sheet.leaves) - 1, 0)))) if len(sheet.leaves) else set()
    start, end, whole = field_spans(sheet, np.array(sorted(chosen), np.int64))
    instead = pa.array([b"null" if alone else b"" for alone in whole], pa.binary())
    left = splice(sheet, start, end, instead).to_pylist()
    count = [0]
    expected = [dropped(value, chosen, count) for value in values]
    assert [json.loads(text) for text in left] == [None if e is GONE else e for e in expected]
