"""Reading: a batch of records becomes a sheet, and each record that can't be read gets its reason."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from udfs.records.document import invalid, locate
from udfs.records.paths import ROOT, PathTable
from udfs.records.sheet import LITERAL, NUMBER, STRING, Ints, Leaves, Sheet, flat, only

Reasons = dict[int, str]
"""Row index to a value-free reason."""

NULL_RECORD = "record: null"


def read_documents(documents: pa.Array, paths: PathTable) -> tuple[Sheet, Reasons]:
    """JSON documents, one in each row.

    Args:
        documents: pa.binary() or pa.string().
        paths: gets the paths that are new.

    Returns:
        The sheet, in which an unreadable document is an empty cell, and the reasons of the unreadable ones.
    """
    raw = documents.cast(pa.binary())
    reasons = {}
    for row, document in enumerate(raw.to_pylist()):
        reason = NULL_RECORD if document is None else invalid(document)
        if reason:
            reasons[row] = reason
    if reasons:
        keep = np.ones(len(raw), np.bool_)
        keep[list(reasons)] = False
        raw = pc.if_else(pa.array(keep), raw, pa.scalar(b"", pa.binary()))
    buffer, offsets = flat(raw)
    return Sheet(buffer, offsets, len(raw), True, locate(buffer, offsets, paths)), reasons


def readable(kind: pa.DataType) -> bool:
    """True for a column type whose values can be read as text: strings, bytes, numbers, booleans, dates and times.

    >>> readable(pa.decimal128(10, 2)), readable(pa.list_(pa.string()))
    (True, False)
    """
    return not (pa.types.is_nested(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind))


def read_columns(records: pa.RecordBatch, paths: PathTable) -> tuple[Sheet, Reasons]:
    """Typed columns; the path of a column is its name, and a NULL has no leaf.

    Args:
        records: columns of readable types.
        paths: gets the columns' names.

    Returns:
        The sheet (one column's cells after the other's), and the reasons of rows with bytes that are no UTF-8.
    """
    rows = records.num_rows
    cells, reasons = [], {}
    for column in records.columns:
        text, unreadable = _as_text(column)
        cells.append(text)
        reasons.update(dict.fromkeys(unreadable, "encoding: not valid UTF-8"))
    joined = pa.concat_arrays([text.cast(pa.binary()) for text in cells])
    buffer, offsets = flat(joined)
    filled = np.flatnonzero(pc.is_valid(joined).to_numpy(zero_copy_only=False))
    column_path = np.array([paths.child(ROOT, name) for name in records.schema.names], np.int64)
    column_kind = np.array([_kind(field.type) for field in records.schema], np.uint8)
    place = filled // rows if rows else filled
    start, end = offsets[filled], offsets[filled + 1]
    plain = np.zeros(len(filled), np.bool_)
    return Sheet(
        buffer, offsets, rows, False, Leaves(filled, column_path[place], column_kind[place], start, end, plain)
    ), reasons


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
