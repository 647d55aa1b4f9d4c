"""Masks on typed columns: a result that is a value of the column's type stays one; anything else is NULL."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from tests.udfs.engines import KEYS, plan_of
from udfs.engine import Engine
from udfs.records.read import MOST

POLICY = """
weir: 1
name: typed
version: 1
entities: {DATE_TIME: confidential, AMOUNT: confidential, CREDIT_CARD: regulated, AGE: confidential}
fields: {at: DATE_TIME, day: DATE_TIME, zoned: DATE_TIME, amount: AMOUNT, card: CREDIT_CARD, age: AGE, id: public}
segments:
  open:
    clearance: public
    sink: open
    masks:
      DATE_TIME: {shift_date: {days: 10, subject: id}}
      AMOUNT: {noise: {percent: 10}}
      CREDIT_CARD: {fpe: {luhn: true}}
      AGE: {generalize: {bucket: 10}}
"""


def test_dates_numbers_and_cards_keep_their_types():
    at, day = dt.datetime(2024, 3, 1, 9, 30, 0, 123000), dt.date(2024, 3, 1)
    record = {
        "id": pa.array([7]),
        "at": pa.array([at], pa.timestamp("ms")),
        "day": pa.array([day]),
        "zoned": pa.array([at.replace(tzinfo=dt.timezone.utc)], pa.timestamp("us", "UTC")),
        "amount": pa.array([Decimal("1234.50")], pa.decimal128(10, 2)),
        "card": pa.array([4111111111111111]),
        "age": pa.array([41], pa.int32()),
    }
    batch = pa.RecordBatch.from_pydict(record)
    outcome = Engine(plan_of(POLICY), KEYS, batch.schema.names, document=False).run(batch)
    (view,) = outcome.segments["open"].to_pylist()
    days = view["day"] - day
    assert 0 < abs(days.days) <= 10
    assert view["at"] == at + days and view["zoned"] == at.replace(tzinfo=dt.timezone.utc) + days
    assert view["amount"] != Decimal("1234.50") and abs(view["amount"] - Decimal("1234.50")) <= Decimal("123.45")
    assert view["card"] != 4111111111111111 and luhn.is_valid(str(view["card"]))
    assert view["age"] is None, "40-49 is no number"
    assert outcome.segments["open"].type == pa.struct(list(batch.schema))


SHORT = """
weir: 1
name: short
version: 1
entities: {NOTE: confidential}
fields: {note: NOTE, other: public}
segments:
  open: {clearance: public, sink: open, masks: {NOTE: {replace: "\u00fcber acht"}}}
  all: {clearance: confidential, sink: all}
"""
MADE = "über acht"


@pytest.mark.parametrize(("most", "shown"), [(0, MADE), (8, None), (9, MADE), (10, MADE)])
@given(texts=st.lists(st.none() | st.text(max_size=12), min_size=1, max_size=20), start=st.integers(0, 3))
def test_what_a_mask_makes_longer_than_its_type_allows_is_null(most, shown, texts, start):
    """Lengths are code points. What no mask has changed stays, and so do its neighbours, also in a slice."""
    engine = Engine(plan_of(SHORT), KEYS, ("note", "other"), document=False)
    field = pa.field("note", pa.string(), metadata={MOST: str(most)} if most else None)
    given = pa.RecordBatch.from_arrays(
        [pa.array([*["before"] * start, *texts], pa.string())] * 2,
        schema=pa.schema([field, pa.field("other", pa.string())]),
    )
    outcome = engine.run(given.slice(start))
    wanted = [{"note": t if t in (None, "") else shown, "other": t} for t in texts]
    assert outcome.segments["open"].to_pylist() == wanted
    assert outcome.segments["all"].to_pylist() == [{"note": t, "other": t} for t in texts]


@pytest.mark.parametrize(("most", "shown"), [(9, None), (10, MADE.encode())])
def test_the_length_of_bytes_is_in_bytes(most, shown):
    field = pa.field("note", pa.binary(), metadata={MOST: str(most)})
    batch = pa.RecordBatch.from_arrays([pa.array([b"abc"])], schema=pa.schema([field]))
    outcome = Engine(plan_of(SHORT), KEYS, ("note",), document=False).run(batch)
    assert outcome.segments["open"].to_pylist() == [{"note": shown}]
