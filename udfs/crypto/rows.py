"""Byte strings of a batch as the rows of one matrix, so that numpy and one call of a cipher work on all of them.

A `pa.BinaryArray` is a run of bytes and the offsets in it. Its rows are padded with zeros to one width; that pays for
many short values, and would waste memory and time for a few long ones, which go one by one.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Lengths = npt.NDArray[np.int32]

LONGEST_ROW = 256
"""Bytes. Of longer values the ciphers' own work is most of the time, and not the calls."""

FEWEST_ROWS = 100
"""Below, the calls of numpy (0.3 ms in all) take longer than a call of the cipher for each value (2 to 3 us)."""


def by_length(
    values: pa.Array,
    type_: Any,
    rows: Callable[[pa.Array], pa.Array],
    each: Callable[[list[bytes]], Sequence[bytes]],
) -> pa.Array:
    """Does the short values of a large batch as rows, and all others one by one, with results in the same order.

    Args:
        values: strings or byte strings, none of them null.
        type_: of the results, `pa.binary()` or `pa.string()`.
        rows: gives a result for each of an array of values, as an array of that type.
        each: gives the bytes of a result for each of a list of values.

    >>> by_length(pa.array(["a"]), pa.string(), lambda few: few, lambda others: [b"other" for _ in others]).to_pylist()
    ['other']
    """
    short = pc.less_equal(pc.binary_length(values), LONGEST_ROW)
    if (pc.sum(short).as_py() or 0) < FEWEST_ROWS:
        return pa.array(each(pieces(values)), type_)
    if pc.all(short).as_py():
        return rows(values)
    long = pa.array(each(pieces(values.filter(pc.invert(short)))), type_)
    chosen = short.to_numpy(zero_copy_only=False)
    places = np.where(chosen, np.cumsum(chosen), np.cumsum(~chosen) + chosen.sum()) - 1
    return pa.concat_arrays([rows(values.filter(short)), long]).take(pa.array(places))


def pieces(values: pa.Array) -> list[bytes]:
    """The bytes of each value (none of them null).

    >>> pieces(pa.array(["a", "", "bc"])[1:])
    [b'', b'bc']
    """
    data, offsets = _parts(values)
    whole = data.tobytes()
    return [whole[start:end] for start, end in pairwise(offsets.tolist())]


def joined(parts: Sequence[bytes], lengths: Lengths) -> pa.BinaryArray:
    """Byte strings of these lengths, from parts that one after the other are their bytes.

    >>> joined([b"ab", b"c", b"d"], np.array([3, 1], np.int32)).to_pylist()
    [b'abc', b'd']
    """
    return _array(b"".join(parts), lengths, pa.binary())


def to_rows(values: pa.Array, unit: int, before: bytes = b"", fill: int = 0, skip: int = 0) -> tuple[Bytes, Lengths]:
    """The values as rows, and the length of each, in bytes.

    Args:
        values: strings or byte strings, none of them null.
        unit: the width is a multiple of it, and at least it.
        before: what comes before each value.
        fill: the byte that pads.
        skip: columns that the width does not count.

    >>> to_rows(pa.array(["abc", "d"]), 4, b"-", ord("."))[0].tobytes()
    b'-abc-d..'
    """
    data, offsets = _parts(values)
    lengths = np.diff(offsets)
    first = len(before)
    width = skip + max(-(-(first + int(lengths.max(initial=0)) - skip) // unit), 1) * unit
    rows = np.full((len(lengths), width), fill, np.uint8)
    if first:
        rows[:, :first] = np.frombuffer(before, np.uint8)
    rows[:, first:][inside(lengths, width - first)] = data
    return rows, lengths + np.int32(first)


def from_rows(rows: Bytes, lengths: Lengths, type_: Any) -> pa.Array:
    """The strings or byte strings that are the beginnings of rows.

    Args:
        rows: one for each value.
        lengths: the bytes of each value.
        type_: `pa.binary()`, or `pa.string()` for bytes that are valid UTF-8.

    >>> from_rows(*to_rows(pa.array(["abc", "d"]), 4), pa.string()).to_pylist()
    ['abc', 'd']
    """
    return _array(rows[inside(lengths, rows.shape[1])], lengths, type_)


def first_bytes(values: pa.Array, count: int) -> Bytes:
    """The first bytes of each value as rows; zeros beyond its end.

    >>> first_bytes(pa.array(["abc", "d"]), 2).tolist()
    [[97, 98], [100, 0]]
    """
    data, offsets = _parts(values)
    if not len(data):
        return np.zeros((len(values), count), np.uint8)
    places = offsets[:-1, None] + np.arange(count, dtype=np.int32)
    rows: Bytes = data[np.minimum(places, len(data) - 1)] * inside(np.minimum(np.diff(offsets), count), count)
    return rows


def inside(lengths: Lengths, width: int) -> npt.NDArray[np.bool_]:
    """True for each place of a row that is within its length; both are below 65,536.

    >>> inside(np.array([2, 0], np.int32), 3).tolist()
    [[True, True, False], [False, False, False]]
    """
    # In 16 bits it takes two thirds of the time that it takes in 32.
    return np.arange(width, dtype=np.uint16) < lengths.astype(np.uint16)[:, None]


def _array(data: Bytes | bytes, lengths: Lengths, type_: Any) -> pa.Array:
    offsets = np.append(np.int32(0), np.cumsum(lengths, dtype=np.int32))
    return pa.Array.from_buffers(type_, len(lengths), [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _parts(values: pa.Array) -> tuple[Bytes, Lengths]:
    _, offsets, data = values.buffers()
    if not len(values) or data is None:
        return np.empty(0, np.uint8), np.zeros(len(values) + 1, np.int32)
    ends = np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4)
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]], ends - ends[0]
