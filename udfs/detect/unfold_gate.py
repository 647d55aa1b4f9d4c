"""Which texts may hide a value: a look at the bytes of a whole batch at once.

Most texts hide nothing, so this is what nearly every text pays: a few comparisons over all bytes, then a closer look
at the few places where one of them holds. The gate lets through more than is hidden, and never less.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

_CHUNK = 1 << 18
"""Bytes that are looked at in one go: small enough to stay in a core's cache."""
_BEFORE, _AFTER = 16, 32
"""Bytes around a place that the closer looks may read."""
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FULL_BLOCK = 0x0101010101010101


def _flags(*groups: bytes) -> Bytes:
    """For each byte, bit i set when group i holds it."""
    table = np.zeros(256, dtype=np.uint8)
    for bit, group in enumerate(groups):
        table[list(group)] |= 1 << bit
    return table


def _sextets(test: int, of: int) -> bytes:
    """The base64 letters whose six bits are `test` where `of` has bits."""
    return bytes(letter for value, letter in enumerate(_ALPHABET) if value & of == test)


_DIGITS = b"0123456789"
_HEX = _DIGITS + b"ABCDEFabcdef"
_CLASS = _flags(_DIGITS, _HEX, _DIGITS + b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"uUxX\"'/\\nrt", b"\n\r", b"=", b"/!?", b"#")
_DIGIT, _HEXDIGIT, _CAPITAL, _ESCAPED, _BREAK, _EQUALS, _TAG, _NUMBER = (1 << bit for bit in range(8))
_LETTER = _flags(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz").astype(bool)

# Four letters of base64 are three bytes of ASCII text when: the first has six bits 001xxx to 011xxx (a byte from 0x20
# to 0x7f begins so), the second has xx001x to xx011x (the second byte's high half is 2 to 7), and the third ends in 01,
# or in 00 with a fourth from 100000 on (the third byte is 0x20 to 0x7f). RFC 4648, sections 4 and 5.
_FIRST = _ALPHABET[8:32]
_SECOND = bytes(letter for value, letter in enumerate(_ALPHABET) if 2 <= value & 15 < 8)
_THIRD_ANY = _sextets(1, 3)
_THIRD_HIGH = _sextets(0, 3)
_URL_SAFE = b"-_"
_GROUP = _flags(
    _FIRST,
    _SECOND,
    _THIRD_ANY,
    _THIRD_HIGH + b"-+",  # 62 ends in 10 and 63 in 11, so neither is in a third place; they only keep the gate loose
    _ALPHABET + _URL_SAFE,
    _ALPHABET[32:] + _URL_SAFE,
    _HEX,
    b"234567",
)


def suspects(texts: pa.StringArray) -> Ints:
    """The texts that may hide something, ascending. Null texts never do.

    Args:
        texts: the batch; a slice of a longer array is fine.
    """
    if len(texts) == 0:
        return np.empty(0, dtype=np.int64)
    offsets, data = _buffers(texts)
    places = [place for chunk in _chunks(data, int(offsets[0]), int(offsets[-1])) for place in chunk]
    found = np.concatenate(places) if places else np.empty(0, dtype=np.int64)
    index = np.unique(np.searchsorted(offsets, found, side="right") - 1)
    return index[pc.is_valid(texts).to_numpy(zero_copy_only=False)[index]] if texts.null_count else index


def _buffers(texts: pa.StringArray) -> tuple[Ints, Bytes]:
    wide = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    _, offsets, data = texts.buffers()
    begins = np.frombuffer(offsets, dtype=wide)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    return begins, np.frombuffer(data if data is not None else b"", dtype=np.uint8)


def _chunks(data: Bytes, start: int, end: int) -> Iterator[list[Ints]]:
    """The places of each chunk, in bytes from the start of the data."""
    for begin in range(start, end, _CHUNK):
        stop = min(begin + _CHUNK, end)
        first, last = max(start, begin - _BEFORE), min(end, stop + _AFTER)
        padded = np.zeros(last - first + _BEFORE + _AFTER, dtype=np.uint8)
        padded[_BEFORE:-_AFTER] = data[first:last]
        # A place beyond the end of the data has no text: it belongs to the padding.
        yield [np.minimum(place + first - _BEFORE, end - 1) for place in _places(padded) if len(place)]


def _places(data: Bytes) -> list[Ints]:
    """The places of one chunk at which something may be hidden. The padding of the chunk holds nothing."""
    held = data.tobytes()
    found = [_marked(data, held, mark, test) for mark, test in _MARKS.items()]
    found += [_doubled(data), _encoded(data)]
    if not held.isascii():
        found.append(np.flatnonzero(data >= 0x80))
    return found


def _marked(data: Bytes, held: bytes, mark: bytes, test: Any) -> Ints:
    if mark not in held:
        return np.empty(0, dtype=np.int64)
    places = np.flatnonzero(data == mark[0])
    return places[test(data, places)]


def _is(data: Bytes, places: Ints, kind: int) -> Bools:
    return (_CLASS[data[places]] & kind) != 0


def _percent(data: Bytes, at: Ints) -> Bools:
    two = _is(data, at + 1, _HEXDIGIT) & _is(data, at + 2, _HEXDIGIT)
    return two | (data[at + 1] | 32 == ord("u"))


def _entity(data: Bytes, at: Ints) -> Bools:
    return _LETTER[data[at + 1]] | _is(data, at + 1, _NUMBER)


def _escape(data: Bytes, at: Ints) -> Bools:
    return _is(data, at + 1, _ESCAPED)


def _tag(data: Bytes, at: Ints) -> Bools:
    return _LETTER[data[at + 1]] | _is(data, at + 1, _TAG)


def _quoted(data: Bytes, at: Ints) -> Bools:
    """The signs of quoted-printable: two in a row, an escaped `=`, `@` or part of a number, or a soft line break."""
    hexadecimal = _is(data, at + 1, _HEXDIGIT) & _is(data, at + 2, _HEXDIGIT)
    row = _is(data, at + 3, _EQUALS)
    sign = ((data[at + 1] == ord("3")) & (data[at + 2] | 32 == ord("d"))) | (
        (data[at + 1] == ord("4")) & (data[at + 2] == ord("0"))
    )
    inside = _is(data, at - 1, _DIGIT) & _is(data, at - 2, _DIGIT) & _is(data, at + 3, _DIGIT)
    return (hexadecimal & (row | sign | inside)) | _is(data, at + 1, _BREAK)


def _joint(data: Bytes, at: Ints) -> Bools:
    return _is(data, at - 1, _DIGIT) & _is(data, at + 1, _DIGIT)


_MARKS = {b"%": _percent, b"&": _entity, b"\\": _escape, b"<": _tag, b"=": _quoted, b"_": _joint, b"+": _joint}


def _doubled(data: Bytes) -> Ints:
    """Two separators in a row behind a digit or a capital, with a digit near."""
    separator = (data - 45) < 3  # - . /
    separator |= data == 32
    places = np.flatnonzero(separator[1:] & separator[:-1])
    before = data[places - 1]
    near = _is(data, places - 1, _DIGIT) | _is(data, places + 2, _DIGIT) | _is(data, places + 3, _DIGIT)
    return places[((_CLASS[before] & _CAPITAL) != 0) & near]


def _encoded(data: Bytes) -> Ints:
    """Places in tokens that hold nine bytes of ASCII in base64, or eight in hex.

    A token of 15 letters or more fills one block of eight bytes at least, so only around full blocks is looked closer.
    The first test is loose (it takes a range of bytes for the few in it) because it is made of every byte.
    """
    loose = ((data | 32) - 97) < 31  # letters, _ and brackets
    loose |= (data - 43) < 19  # digits, + - / = and what lies between
    blocks = np.flatnonzero(loose[: len(loose) & -8].view(np.uint64) == _FULL_BLOCK) * 8
    if not len(blocks):
        return blocks
    blocks = blocks[np.minimum(blocks, len(data) - _AFTER) == blocks]
    window = _GROUP[data[blocks[:, None] + _AROUND]]
    return blocks[_has_base64(window) | _has_hex(window)]


_AROUND = np.arange(-_BEFORE + 1, _AFTER)


def _has_base64(window: Bytes) -> Bools:
    """Three groups of four letters in a row that are ASCII text."""
    third = (window[:, 2:-1] & window[:, 3:] >> 2 & 0b1100) != 0
    group = third & ((window[:, :-3] & window[:, 1:-2] >> 1 << 0 & 1) != 0)
    found: Bools = (group[:, :-8] & group[:, 4:-4] & group[:, 8:]).any(axis=1)
    return found


def _has_hex(window: Bytes) -> Bools:
    """Eight pairs of hex digits in a row, each with 2 to 7 first."""
    pairs = (window[:, :-1] >> 7 & window[:, 1:] >> 6 & 1) != 0
    for step in (2, 4, 8):
        pairs = pairs[:, :-step] & pairs[:, step:]
    found: Bools = pairs.any(axis=1)
    return found
