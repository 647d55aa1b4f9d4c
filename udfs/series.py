"""Between Flink's pandas Series and Arrow: what a vectorised function receives, and what it gives back.

Flink hands a vectorised function pandas Series and takes Series back. Inside, everything is Arrow: Series become
arrays in `Shape.read` and `text`, and arrays leave as they are in `Arrow`, which Flink's writer accepts
(`pa.Array.from_pandas` asks an object for `__arrow_array__` before anything else).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from udfs.records.read import MOST


class Arrow:
    """An Arrow array that Flink takes where it expects a pandas Series.

    Flink hands the result of the inner of two vectorised functions to the outer as it is: so it is read like a Series.
    """

    def __init__(self, array: pa.Array) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._array.to_pylist())

    def isnull(self) -> None:
        """No mask: the array knows its own nulls."""
        return None

    def __arrow_array__(self, type: pa.DataType | None = None) -> pa.Array:
        """The array, under the names and nullability that Flink's schema states."""
        if type is None or self._array.type == type:
            return self._array
        if pa.types.is_struct(type):
            children = zip(self._array.flatten(), type, strict=True)
            cast = [child if child.type == field.type else child.cast(field.type) for child, field in children]
            return pa.StructArray.from_arrays(cast, fields=list(type))
        return self._array.cast(type)


@dataclass(frozen=True)
class Argument:
    """A column that the function receives.

    A STRING comes as BYTES. Flink's strings may hold anything, and where they are no UTF-8, Flink's own
    conversion fails before the function is called, with the whole value in the text of its exception.

    Attributes:
        flagged: True when two arguments stand for the column: its value with NULLs replaced, and whether it is NULL.
            pandas would make floats of 64-bit integers with NULLs, and NULL of a NaN.
        most: how many characters (or bytes) a text may have; 0 for any number.
    """

    name: str
    type: pa.DataType
    flagged: bool = False
    most: int = 0


def needs_flag(kind: pa.DataType, nullable: bool) -> bool:
    """True for a type whose NULLs pandas cannot hold without a loss.

    >>> needs_flag(pa.int64(), True), needs_flag(pa.string(), True), needs_flag(pa.int64(), False)
    (True, False, False)
    """
    return nullable and (pa.types.is_integer(kind) or pa.types.is_floating(kind))


@dataclass(frozen=True)
class Batch:
    """What the engine gets."""

    records: pa.RecordBatch
    coordinates: pa.RecordBatch | None
    producer: pa.Array | None
    time: pa.Array | None

    def slice(self, start: int, length: int) -> "Batch":
        """The records from start on, length of them; copied, so that nothing depends on an offset."""
        parts = (self.records, self.coordinates, self.producer, self.time)
        chosen = pa.array(range(start, start + length), pa.int64())
        return Batch(*(None if part is None else part.take(chosen) for part in parts))


@dataclass(frozen=True)
class Shape:
    """The function's arguments, in order: record columns, coordinates, producer, time.

    Attributes:
        document: True when the first record column holds JSON documents; the others stand beside it.
        producer: the column that names the producer (STRING or BYTES), if any.
        time: the column of the record's time, if any: a timestamp in UTC, or a BIGINT of ms UTC.
        producer_path: where in a document the producer stands, if that is how it is known.
        nested: names of record columns that come as JSON, and go so.
        envelope: of change events; see `udfs.places.ENVELOPES`.
    """

    record: tuple[Argument, ...]
    document: bool
    coordinates: tuple[Argument, ...] = ()
    producer: Argument | None = None
    time: Argument | None = None
    producer_path: str | None = None
    nested: tuple[str, ...] = ()
    envelope: str | None = None

    @property
    def bare(self) -> bool:
        """True when a record is one document and nothing beside it."""
        return self.document and len(self.record) == 1

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """All of them, in order."""
        return self.record + self.coordinates + tuple(a for a in (self.producer, self.time) if a)

    def read(self, values: Sequence[Any]) -> Batch:
        """Arrow arrays from what Flink passes: a Series, or a bare value where the planner found a constant."""
        rows = next((len(v) for v in values if is_series(v)), 1)
        left = list(values)
        arrays = [_array(a, left.pop(0), left.pop(0) if a.flagged else None, rows) for a in self.arguments]
        columns, places = len(self.record), len(self.coordinates)
        rest = arrays[columns + places :]
        return Batch(
            _batch(self.record, arrays[:columns]),
            _batch(self.coordinates, [_readable(a) for a in arrays[columns : columns + places]]) if places else None,
            _text(rest.pop(0)) if self.producer else None,
            _milliseconds(rest.pop(0)) if self.time else None,
        )


def is_series(value: Any) -> bool:
    """True for a Series, or what another function returned; False for the bare value of a constant argument."""
    return isinstance(value, Arrow) or (hasattr(value, "dtype") and hasattr(value, "__len__"))


def _array(argument: Argument, value: Any, null: Any, rows: int) -> pa.Array:
    if not is_series(value):
        constant = None if null is True else value
        return pa.array([constant] * rows, argument.type)
    if pa.types.is_timestamp(argument.type) and getattr(value.dtype, "tz", None) is not None:
        value = value.dt.tz_localize(None)
    if argument.flagged and is_series(null):
        return pa.array(value.to_numpy(), argument.type, mask=null.to_numpy(), from_pandas=False)
    if pa.types.is_string(argument.type):
        return _string(pa.array(value, pa.binary()))
    return pa.array(value, argument.type, from_pandas=not argument.flagged)


def _string(array: pa.Array) -> pa.Array:
    """Strings, or the bytes as they are where one is no UTF-8: the engine knows what to do with them."""
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:
        return array


def _readable(array: pa.Array) -> pa.Array:
    return _text(array) if pa.types.is_binary(array.type) else array


def _batch(arguments: Sequence[Argument], arrays: list[pa.Array]) -> pa.RecordBatch:
    pairs = zip(arguments, arrays, strict=True)
    fields = [pa.field(a.name, array.type, metadata={MOST: str(a.most)} if a.most else None) for a, array in pairs]
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _text(array: pa.Array) -> pa.Array:
    """Strings; bytes that are no UTF-8 become U+FFFD (producers and coordinates are shown, never masked)."""
    if pa.types.is_string(array.type):
        return array
    if pa.types.is_binary(array.type):
        return pa.array([None if v is None else v.decode(errors="replace") for v in array.to_pylist()], pa.string())
    return array.cast(pa.string())


def _milliseconds(array: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("ms"), safe=False)
    return array.cast(pa.int64())


def text(value: Any, rows: int) -> pa.Array:
    """A text argument of a function for SQL, as strings.

    Args:
        value: a Series of str or bytes, or a constant.
        rows: length of the batch.

    Returns:
        pa.string(). NULLs are null, and so are bytes that are no UTF-8.

    Raises:
        TypeError: it is of another type. Numbers are not guessed at: pandas makes floats of integers with NULLs.

    >>> text("a", 2).to_pylist()
    ['a', 'a']
    """
    values = list(value) if is_series(value) else [value] * rows
    kinds = {type(v) for v in values if v is not None}
    if kinds <= {str}:
        return pa.array(values, pa.string())
    if kinds <= {bytes}:
        return pa.array([_decoded(v) for v in values], pa.string())
    raise TypeError("the text must be a STRING; write CAST(... AS STRING)")


def _decoded(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def rows_of(values: Sequence[Any]) -> int:
    """The length of a batch, from any argument that is not constant."""
    return next((len(v) for v in values if is_series(v)), 1)
