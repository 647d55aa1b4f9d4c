"""Dropping fields: where members of JSON objects and elements of arrays stand, with the commas that go with them."""

import numpy as np
import numpy.typing as npt

from udfs.records.sheet import KEY, STRING, Ints, Sheet

_SPACE = b" \t\n\r"


def field_spans(sheet: Sheet, leaves: Ints) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """What is to be cut out of the documents so that fields disappear and the rest stays valid JSON.

    Args:
        sheet: JSON documents.
        leaves: indexes of the leaves whose fields are dropped, ascending: of a value the member or the element that it
            is, of a key its member with all that is in it.

    Returns:
        First bytes of the spans, ascending, not overlapping; one past their last bytes; and True where the span is a
        whole document, which `null` has to take the place of.
    """
    starts, ends, whole = [], [], []
    last = 0
    for leaf in leaves.tolist():
        cell = int(sheet.leaves.cell[leaf])
        low, high = int(sheet.offsets[cell]), int(sheet.offsets[cell + 1])
        text = sheet.buffer[low:high].tobytes()
        first, end = _member(sheet, leaf, text, low)
        if first < last - low:
            continue  # it lies in what is dropped already
        first, end, alone = _with_comma(text, first, end, last - low)
        starts.append(low + first)
        ends.append(low + end)
        whole.append(alone)
        last = low + end
    return np.array(starts, np.int64), np.array(ends, np.int64), np.array(whole, np.bool_)


def _member(sheet: Sheet, leaf: int, text: bytes, low: int) -> tuple[int, int]:
    """First byte and end, in the document, of the member or element that a leaf belongs to."""
    quotes = int(sheet.leaves.kind[leaf] in (STRING, KEY))
    first = int(sheet.leaves.start[leaf]) - low - quotes
    end = int(sheet.leaves.end[leaf]) - low + quotes
    if sheet.leaves.kind[leaf] == KEY:
        return first, _value_end(text, _forward(text, _forward(text, end) + 1))
    if text[_backward(text, first)] == ord(":"):
        first = int(sheet.leaves.start[leaf - 1]) - low - 1  # a value's key is the leaf before it
    return first, end


def _with_comma(text: bytes, first: int, end: int, gone: int) -> tuple[int, int, bool]:
    """The span with one comma beside it: the one before it, unless that is gone already (before `gone`)."""
    before, after = _backward(text, first), _forward(text, end)
    if before < 0:
        return first, end, True
    if text[before] == ord(",") and before >= gone:
        return before, end, False
    return first, after + 1 if text[after] == ord(",") else end, False


def _backward(text: bytes, position: int) -> int:
    """The last byte before the position that is no white space; -1 if there is none."""
    position -= 1
    while position >= 0 and text[position] in _SPACE:
        position -= 1
    return position


def _forward(text: bytes, position: int) -> int:
    """The first byte from the position on that is no white space, or the length of the text."""
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position


def _value_end(text: bytes, position: int) -> int:
    """One past the JSON value that begins at the position."""
    depth = 0
    while True:
        byte = text[position]
        if byte == ord('"'):
            position = _string_end(text, position)
        elif byte in b"{[":
            depth, position = depth + 1, position + 1
        elif byte in b"}]":
            depth, position = depth - 1, position + 1
        elif depth or byte in _SPACE:
            position += 1
        else:
            return _scalar_end(text, position)
        if not depth:
            return position


def _string_end(text: bytes, position: int) -> int:
    position += 1
    while text[position] != ord('"'):
        position += 2 if text[position] == ord("\\") else 1
    return position + 1


def _scalar_end(text: bytes, position: int) -> int:
    while position < len(text) and text[position] not in b",]}" and text[position] not in _SPACE:
        position += 1
    return position
