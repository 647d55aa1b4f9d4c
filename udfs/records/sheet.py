"""The sheet: the cells of a batch in one buffer, and the leaves (single values) that stand in them.

Documents and typed columns meet here. A document is one cell with many leaves; a typed column gives a cell with one
leaf per row. All that follows (detect, mask, splice) works on leaves alone, as arrays, whatever they came from.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

STRING, NUMBER, LITERAL, NULL, KEY = range(5)
"""Kinds of leaves: a text, a number, true or false, null, and the key of an object's member."""


@dataclass(frozen=True)
class Leaves:
    """Single values, in the order of their place in the buffer.

    Attributes:
        cell: index of the cell, one per leaf.
        path: number of the path in a `PathTable`.
        kind: STRING, NUMBER, LITERAL, NULL or KEY.
        start: first byte of the text in the buffer (of a JSON string: after the quote).
        end: one past its last byte (of a JSON string: the closing quote).
        escaped: True where the text holds JSON escapes, so that its bytes are not its text.
    """

    cell: Ints
    path: Ints
    kind: Bytes
    start: Ints
    end: Ints
    escaped: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Sheet:
    """Cells and their leaves.

    Attributes:
        buffer: the bytes of all cells, UTF-8, one after the other.
        offsets: where each cell starts, and the end of the last: cells + 1 byte positions.
        rows: rows of the batch; cell c belongs to row c % rows.
        json: per column, True when its cells are JSON documents, False when each is a plain text. The cells of a column
            follow those of the column before it.
    """

    buffer: Bytes
    offsets: Ints
    rows: int
    json: tuple[bool, ...]
    leaves: Leaves

    def in_json(self, leaves: Ints) -> npt.NDArray[np.bool_]:
        """For each of some leaves, True when it stands in a JSON document."""
        if len(set(self.json)) == 1:
            return np.full(len(leaves), self.json[0])
        return np.array(self.json, np.bool_)[self.leaves.cell[leaves] // max(self.rows, 1)]


def flat(array: pa.Array) -> tuple[Bytes, Ints]:
    """The bytes and offsets of a binary or string array, without a copy. A null is an empty cell.

    Args:
        array: pa.binary() or pa.string(), of any offset.

    Returns:
        The bytes from the first cell to the last, and cells + 1 positions in them, the first 0.

    >>> data, offsets = flat(pa.array(["ab", None, "c"]).slice(1))
    >>> bytes(data), offsets.tolist()
    (b'c', [0, 0, 1])
    """
    _, offset_buffer, data_buffer = array.buffers()
    if len(array) == 0 or offset_buffer is None:
        return np.empty(0, np.uint8), np.zeros(len(array) + 1, np.int64)
    offsets = np.frombuffer(offset_buffer, np.int32)[array.offset : array.offset + len(array) + 1].astype(np.int64)
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer is not None else np.empty(0, np.uint8)
    return data[offsets[0] : offsets[-1]], offsets - offsets[0]


def slices(buffer: Bytes, start: Ints, end: Ints) -> pa.Array:
    """The pieces [start, end) of a buffer as one binary array.

    Args:
        buffer: the bytes.
        start: byte positions in ascending order; the pieces do not overlap.
        end: as many positions, each at or after its start.

    >>> slices(np.frombuffer(b"abcdef", np.uint8), np.array([0, 3]), np.array([2, 6])).to_pylist()
    [b'ab', b'def']
    """
    count = len(start)
    if count == 0:
        return pa.array([], pa.binary())
    # Pieces and the gaps between them partition the buffer: one array over the same bytes, of which every second is
    # taken.
    bounds = np.empty(2 * count, np.int32)
    bounds[0::2] = start
    bounds[1::2] = end
    parts = pa.Array.from_buffers(pa.binary(), 2 * count - 1, [None, pa.py_buffer(bounds), pa.py_buffer(buffer)])
    return parts.take(pa.array(np.arange(0, 2 * count - 1, 2, dtype=np.int32)))


def splice(sheet: Sheet, start: Ints, end: Ints, replacements: pa.Array) -> pa.Array:
    """The cells, with the bytes of each span replaced and every other byte as it was.

    Args:
        start: first bytes of the spans in the sheet's buffer, ascending, not overlapping.
        end: one past their last bytes.
        replacements: pa.binary(), one for each span, no nulls.

    Returns:
        pa.binary(), one for each cell.
    """
    count = len(start)
    offsets = sheet.offsets
    if count == 0:
        return _array(offsets, pa.py_buffer(sheet.buffer))
    bounds = np.empty(2 * count + 2, np.int32)
    bounds[0], bounds[-1] = 0, len(sheet.buffer)
    bounds[1:-1:2] = start
    bounds[2:-1:2] = end
    parts = pa.Array.from_buffers(pa.binary(), 2 * count + 1, [None, pa.py_buffer(bounds), pa.py_buffer(sheet.buffer)])
    order = np.arange(2 * count + 1, dtype=np.int32)
    order[1::2] = 2 * count + 1 + np.arange(count, dtype=np.int32)
    data = pa.concat_arrays([parts, replacements]).take(pa.array(order))
    _, lengths = flat(replacements)
    growth = np.concatenate([[0], np.cumsum(np.diff(lengths) - (end - start))])
    moved = offsets + growth[np.searchsorted(start, offsets, "left")]
    return _array(moved, data.buffers()[2])


def only(cells: pa.Array, keep: npt.NDArray[np.bool_]) -> pa.Array:
    """The cells that are kept, and nulls for the others, with none of their bytes behind the nulls.

    Args:
        cells: pa.binary().
        keep: one flag for each cell.

    >>> some = only(pa.array([b"secret", b"b"]), np.array([False, True]))
    >>> some.to_pylist(), some.buffers()[2].to_pybytes()[:1]
    ([None, b'b'], b'b')
    """
    # Not with a null scalar: of a slice of texts and a null pyarrow 16.1 makes an array with wrong offsets.
    emptied = pc.if_else(pa.array(keep), cells, pa.scalar(b"", pa.binary()))
    valid = pc.and_(pa.array(keep), pc.is_valid(cells))
    return pa.Array.from_buffers(pa.binary(), len(cells), [valid.buffers()[1], *emptied.buffers()[1:]])


def _array(offsets: Ints, data: pa.Buffer | None) -> pa.Array:
    bounds = pa.py_buffer(offsets.astype(np.int32))
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, bounds, data or pa.py_buffer(b"")])
