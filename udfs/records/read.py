"""Reading: a batch of records becomes a sheet, and each record that can't be read gets its reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from udfs.records.document import invalid, locate
from udfs.records.paths import ROOT, PathTable
from udfs.records.sheet import LITERAL, NUMBER, STRING, Ints, Leaves, Sheet, flat, only

Reasons = dict[int, str]
"""Row index to a value-free reason."""

NULL_RECORD = "record: null"

MOST = b"weir.most"
"""Where the metadata of a column's field says how many characters a text may have, or bytes if it is binary."""


@dataclass(frozen=True)
class Form:
    """How a column is read.

    Attributes:
        json: True when its cells are JSON documents; False when each is one value.
        path: where they stand in the record: a column's name, or None for the record itself.
    """

    json: bool
    path: str | None


DOCUMENT = Form(True, None)
"""The form of a column whose documents are the records."""


def read(records: pa.RecordBatch, forms: Sequence[Form], paths: PathTable) -> tuple[Sheet, Reasons]:
    """The records of a batch.

    Args:
        records: as many columns as forms. JSON is of pa.binary() or pa.string(), the others of readable types.
        forms: how each column is read.
        paths: gets the paths that are new.

    Returns:
        The sheet (one column's cells after the other's), in which a cell that cannot be read is empty, and the reasons
        of rows with such cells. A NULL has no leaf. A record that is NULL is unreadable, unless another of its columns
        says something: then it is a deletion, as streams with keys have them.
    """
    cells, reasons = [], {}
    for column, form in zip(records.columns, forms, strict=True):
        text, unreadable = _documents(column) if form.json else _values(column)
        cells.append(text)
        reasons.update(unreadable)
    if DOCUMENT in forms:
        missing = records.column(forms.index(DOCUMENT)).is_null().to_numpy(zero_copy_only=False)
        reasons.update(dict.fromkeys(np.flatnonzero(missing & _silent(cells, forms)).tolist(), NULL_RECORD))
    joined = cells[0] if len(cells) == 1 else pa.concat_arrays(cells)
    buffer, offsets = flat(joined)
    rows = records.num_rows
    parts = []
    for number, (field, form) in enumerate(zip(records.schema, forms, strict=True)):
        root = ROOT if form.path is None else paths.child(ROOT, form.path)
        here = slice(number * rows, (number + 1) * rows + 1)
        if form.json:
            found = locate(buffer[offsets[here][0] : offsets[here][-1]], offsets[here] - offsets[here][0], paths, root)
        else:
            found = _leaves(cells[number], offsets[here] - offsets[here][0], root, _kind(field.type))
        parts.append(_moved(found, number * rows, int(offsets[here][0])) if number else found)
    return Sheet(buffer, offsets, rows, tuple(form.json for form in forms), _joined(parts)), reasons


def readable(kind: pa.DataType) -> bool:
    """True for a column type whose values can be read as text: strings, bytes, numbers, booleans, dates and times.

    >>> readable(pa.decimal128(10, 2)), readable(pa.list_(pa.string()))
    (True, False)
    """
    return not (pa.types.is_nested(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind))


def _documents(column: pa.Array) -> tuple[pa.Array, Reasons]:
    raw = column.cast(pa.binary())
    reasons = {}
    for row, document in enumerate(raw.to_pylist()):
        reason = None if document is None else invalid(document)
        if reason:
            reasons[row] = reason
    if reasons or raw.null_count:
        keep = np.ones(len(raw), np.bool_)
        keep[list(reasons)] = False
        raw = only(raw, keep)
    return raw, reasons


def _values(column: pa.Array) -> tuple[pa.Array, Reasons]:
    text, unreadable = _as_text(column)
    return text.cast(pa.binary()), dict.fromkeys(unreadable, "encoding: not valid UTF-8")


def _silent(cells: Sequence[pa.Array], forms: Sequence[Form]) -> np.typing.NDArray[np.bool_]:
    """The rows in which no column beside the document says anything."""
    said = np.zeros(len(cells[0]), np.bool_)
    for cell, form in zip(cells, forms, strict=True):
        if form != DOCUMENT:
            said |= cell.is_valid().to_numpy(zero_copy_only=False)
    return ~said


def _leaves(cells: pa.Array, offsets: Ints, path: int, kind: int) -> Leaves:
    """One leaf for each cell that is not NULL."""
    filled = np.flatnonzero(cells.is_valid().to_numpy(zero_copy_only=False))
    same = np.ones(len(filled), np.int64)
    start, end = offsets[filled], offsets[filled + 1]
    return Leaves(filled, same * path, (same * kind).astype(np.uint8), start, end, np.zeros(len(filled), np.bool_))


def _moved(leaves: Leaves, cells: int, start: int) -> Leaves:
    return replace(leaves, cell=leaves.cell + cells, start=leaves.start + start, end=leaves.end + start)


def _joined(parts: Sequence[Leaves]) -> Leaves:
    if len(parts) == 1:
        return parts[0]
    names = Leaves.__dataclass_fields__
    return Leaves(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _kind(kind: pa.DataType) -> int:
    if is_text(kind):
        return STRING
    return LITERAL if pa.types.is_boolean(kind) else NUMBER


def is_text(kind: pa.DataType) -> bool:
    """True for the types of texts: string and binary."""
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


def _as_text(column: pa.Array) -> tuple[pa.Array, Sequence[int]]:
    if not pa.types.is_binary(column.type):
        return column.cast(pa.string()), ()
    try:
        return column.cast(pa.string()), ()
    except pa.ArrowInvalid:
        values = column.to_pylist()
        wrong = [row for row, value in enumerate(values) if value is not None and not _is_utf8(value)]
        keep = np.ones(len(values), np.bool_)
        keep[wrong] = False
        return only(column, keep).cast(pa.string()), wrong


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def rows_of(sheet: Sheet) -> Ints:
    """The row of each leaf."""
    return sheet.leaves.cell % max(sheet.rows, 1)
