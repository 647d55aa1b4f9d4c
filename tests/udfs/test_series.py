"""Series become Arrow and leave as Arrow without a change: NULLs, NaN and 64-bit integers included."""

import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.series import Argument, Arrow, Shape, needs_flag, rows_of, text

VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): st.text(),
    pa.binary(): st.binary(),
    pa.bool_(): st.booleans(),
    pa.int8(): st.integers(-128, 127),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float32(): st.floats(width=32),
    pa.float64(): st.floats(),
    pa.decimal128(38, 10): st.decimals(-(10**20), 10**20, places=10).map(Decimal),
    pa.date32(): st.dates(),
    pa.time32("s"): st.times().map(lambda t: t.replace(microsecond=0)),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("ms"): st.datetimes().map(lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)),
}


def _as_flink_passes(argument: Argument, array: pa.Array) -> list[pd.Series]:
    """What `arrow_to_pandas` of pyflink/table/utils.py makes of a column, after the job's SQL has flagged its NULLs."""
    if not argument.flagged:
        return [array.to_pandas(date_as_object=True)]
    zero = pa.scalar(0).cast(argument.type)
    return [array.fill_null(zero).to_pandas(), array.is_null().to_pandas()]


@pytest.mark.parametrize("kind", VALUES, ids=str)
@given(data=st.data())
def test_a_column_comes_through_unchanged(kind: pa.DataType, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | VALUES[kind], min_size=1, max_size=8))
    array = pa.array(values, kind)
    argument = Argument("x", kind, needs_flag(kind, True))
    batch = Shape((argument,), document=False).read(_as_flink_passes(argument, array))
    assert str(batch.records.column(0).to_pylist()) == str(array.to_pylist())
    assert batch.records.schema == pa.schema([("x", kind)])


def test_all_roles_in_order() -> None:
    shape = Shape(
        record=(Argument("doc", pa.binary()),),
        document=True,
        coordinates=(Argument("part", pa.int32()), Argument("offset", pa.int64(), flagged=True)),
        producer=Argument("headers", pa.binary()),
        time=Argument("ts", pa.timestamp("us")),
    )
    batch = shape.read([
        pd.Series([b"{}", None]), pd.Series([1, 2]), pd.Series([2**60 + 1, 0]), pd.Series([False, True]),
        pd.Series([b"svc", b"\xff"]), pd.Series([datetime.datetime(1970, 1, 1, 0, 0, 1, 2999), None]),
    ])  # fmt: skip
    assert batch.coordinates is not None and batch.producer is not None and batch.time is not None
    assert batch.coordinates.to_pylist() == [{"part": 1, "offset": 2**60 + 1}, {"part": 2, "offset": None}]
    assert batch.producer.to_pylist() == ["svc", "\ufffd"]
    assert batch.time.to_pylist() == [1002, None]


def test_constants_stand_for_the_whole_batch() -> None:
    shape = Shape((Argument("a", pa.string()), Argument("b", pa.int64(), flagged=True)), document=False)
    assert shape.read([pd.Series(["x", "y"]), 5, False]).records.to_pylist() == [{"a": "x", "b": 5}, {"a": "y", "b": 5}]
    assert shape.read([pd.Series(["x"]), 0, True]).records.to_pylist() == [{"a": "x", "b": None}]


def test_arrow_leaves_as_flinks_schema_states_it() -> None:
    array = pa.StructArray.from_arrays([pa.array(["a", None])], names=["f0"])
    kind = pa.struct([pa.field("s0", pa.string(), nullable=True)])
    made = pa.Array.from_pandas(Arrow(array), mask=Arrow(array).isnull(), type=kind)
    assert made.type == kind and made.to_pylist() == [{"s0": "a"}, {"s0": None}]


@pytest.mark.parametrize("values", [[1, 2], [1.5, None], ["a", b"b"], [True]])
def test_text_is_not_guessed_at(values: list[Any]) -> None:
    with pytest.raises(TypeError, match="must be a STRING"):
        text(pd.Series(values, dtype=object), len(values))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (pd.Series(["a", None]), ["a", None]),
        (pd.Series([b"a", b"\xff"]), ["a", None]),
        ("a", ["a", "a"]),
        (None, [None, None]),
        (pd.Series([None, None]), [None, None]),
    ],
)
def test_text(value: Any, expected: list[str | None]) -> None:
    assert text(value, 2).to_pylist() == expected


def test_what_one_function_returned_is_a_series_to_the_next() -> None:
    returned = Arrow(pa.array(["a", None]))
    assert text(returned, 2).to_pylist() == ["a", None]
    assert rows_of(["constant", returned]) == 2
    with pytest.raises(TypeError, match="must be a STRING"):
        text(Arrow(pa.array([1, None])), 2)


def test_rows_of() -> None:
    assert rows_of(["constant", pd.Series([1, 2, 3])]) == 3
    assert rows_of(["constant"]) == 1
