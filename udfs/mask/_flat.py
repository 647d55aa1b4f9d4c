"""Strings as one flat run of numbers, so that numpy masks a whole batch at once.

A `pa.StringArray` is a buffer of UTF-8 bytes and a buffer of offsets. In ASCII a byte is a character, and a mask that
changes characters and no lengths is a few numpy calls over that buffer. A batch that has other characters is decoded
as a whole, into code points (UTF-32) or into what Java calls characters (UTF-16), and goes the same way.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Units = npt.NDArray[np.unsignedinteger[Any]]
"""`uint8`, `uint16` or `uint32`: the units of UTF-8, UTF-16 or UTF-32."""

Ints = npt.NDArray[np.int32]

Encoding = Literal["utf-8", "utf-16-le", "utf-32-le"]

_DTYPES: dict[Encoding, Any] = {"utf-8": np.uint8, "utf-16-le": np.uint16, "utf-32-le": np.uint32}


@dataclass(frozen=True)
class Flat:
    """A batch of strings.

    Attributes:
        units: the units of all values, one after the other.
        offsets: the unit at which each value begins, and at last where the last one ends; one more than there are
            values.
    """

    units: Units
    offsets: Ints

    @property
    def lengths(self) -> Ints:
        """Units per value."""
        return np.diff(self.offsets)

    def pieces(self) -> list[bytes]:
        """The bytes of each value's units (for UTF-8, ten times as fast as `to_pylist` of a binary array)."""
        data = self.units.tobytes()
        size = self.units.itemsize
        return [data[start * size : end * size] for start, end in pairwise(self.offsets.tolist())]


def flatten(values: pa.StringArray, encoding: Encoding = "utf-8") -> Flat:
    """The units of `values`, which may be a slice; a null is as empty as an empty string.

    Args:
        values: the strings.
        encoding: what the units are. A batch that is all ASCII has the same in each, and comes as bytes for every one.

    Raises:
        TypeError: `values` is something else, such as a chunked array or one of large strings.
        UnicodeDecodeError: the values are not valid UTF-8 and `encoding` is another.

    >>> flatten(pa.array(["ab", None, "c"])[1:]).units.tobytes()
    b'c'
    >>> flatten(pa.array(["aß", "c"]), "utf-32-le").offsets.tolist()
    [0, 2, 3]
    """
    if not isinstance(values, pa.StringArray):
        raise TypeError(f"must be a StringArray; got {type(values).__name__}")
    # The bytes under a null are arbitrary: fill_null drops them, so that none of them gets into an output.
    filled = pc.fill_null(values, "") if values.null_count else values
    _, offset_buffer, data_buffer = filled.buffers()
    if data_buffer is None or not len(filled):
        return Flat(np.empty(0, np.uint8), np.zeros(len(values) + 1, np.int32))
    ends = np.frombuffer(offset_buffer, np.int32, len(filled) + 1, filled.offset * 4)
    data = np.frombuffer(data_buffer, np.uint8)[ends[0] : ends[-1]]
    flat = Flat(data, ends - ends[0])
    return flat if encoding == "utf-8" or _is_ascii(data) else _decoded(flat, encoding)


def build(units: Units, offsets: Ints, like: pa.StringArray) -> pa.StringArray:
    """A string array of `units`, null where `like` is null.

    Args:
        units: as `Flat.units`; bytes are ASCII or valid UTF-8. Half a UTF-16 surrogate pair becomes `?`, as in Java.
        offsets: as `Flat.offsets`.
        like: an array of as many values.

    >>> build(np.frombuffer(b"abc", np.uint8), np.array([0, 2, 3], np.int32), pa.array(["?", None])).to_pylist()
    ['ab', None]
    """
    if units.dtype != np.uint8:
        units, offsets = _encoded(units, offsets)
    validity = None
    if like.null_count:
        valid = like.is_valid().to_numpy(zero_copy_only=False)
        validity = pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.StringArray.from_buffers(len(like), pa.py_buffer(offsets), pa.py_buffer(units), validity)


def unit(char: str) -> np.uint8 | np.uint32:
    """The code point of `char`, as a byte if it is ASCII (so that a batch in ASCII stays one of bytes)."""
    return np.uint8(ord(char)) if char.isascii() else np.uint32(ord(char))


def _is_ascii(data: Units) -> bool:
    return bool(data.max(initial=0) < 0x80)


def _decoded(flat: Flat, encoding: Encoding) -> Flat:
    units = np.frombuffer(flat.units.tobytes().decode().encode(encoding), _DTYPES[encoding])
    # A byte that is no continuation (RFC 3629, section 3) begins a code point; from F0 on, one of two units of UTF-16.
    begins = ((flat.units & 0xC0) != 0x80).astype(np.int32)
    if encoding == "utf-16-le":
        begins += flat.units >= 0xF0
    return Flat(units, _cumulated(begins, flat.offsets))


def _encoded(units: Units, offsets: Ints) -> tuple[Units, Ints]:
    if units.dtype == np.uint16:
        units, offsets = _without_pairs(units, offsets)
    widths = 1 + (units >= 0x80).astype(np.int32) + (units >= 0x800) + (units >= 0x10000)
    text = units.tobytes().decode("utf-32-le")
    return np.frombuffer(text.encode(), np.uint8), _cumulated(widths, offsets)


def _without_pairs(units: Units, offsets: Ints) -> tuple[Units, Ints]:
    """UTF-16 as UTF-32. Masks change units and move none, so a pair, or what is left of it, lies inside of one
    value."""
    wide = units.astype(np.uint32)
    high = (wide & 0xFC00) == 0xD800
    low = (wide & 0xFC00) == 0xDC00
    pairs = np.flatnonzero(high[:-1] & low[1:])
    wide[pairs] = 0x10000 + ((wide[pairs] - 0xD800) << 10) + (wide[pairs + 1] - 0xDC00)
    first = np.ones(len(wide), np.int32)
    first[pairs + 1] = 0
    whole = wide[first == 1]
    return np.where((whole & 0xFFFFF800) == 0xD800, np.uint32(ord("?")), whole), _cumulated(first, offsets)


def _cumulated(widths: Ints, offsets: Ints) -> Ints:
    """Where the offsets lie when each unit has its width instead of one."""
    ends: Ints = np.append(np.int32(0), np.cumsum(widths, dtype=np.int32))
    return ends.take(offsets)
