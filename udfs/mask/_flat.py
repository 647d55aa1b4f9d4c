"""Strings as one flat run of bytes, so that numpy masks a whole batch at once.

A `pa.StringArray` is a buffer of UTF-8 bytes and a buffer of offsets. In ASCII a byte is a character, so a mask that changes
characters and no lengths is a few numpy calls over the first buffer. Values with other characters take a Python function each.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Flat:
    """The bytes of a batch of strings.

    Attributes:
        data: the bytes of all values, one after the other.
        offsets: where each value begins, and at last where the last one ends; one more than there are values, from 0.
    """

    data: Bytes
    offsets: Ints

    @property
    def lengths(self) -> Ints:
        """Bytes per value."""
        return np.diff(self.offsets)


def flatten(values: pa.StringArray) -> Flat:
    """The bytes of `values`, which may be a slice; a null is as empty as an empty string.

    >>> flatten(pa.array(["ab", None, "c"])[1:]).data.tobytes()
    b'c'
    """
    # The bytes under a null are arbitrary: fill_null drops them, so that none of them gets into an output.
    filled = pc.fill_null(values, "") if values.null_count else values
    _, offset_buffer, data_buffer = filled.buffers()
    if data_buffer is None:
        return Flat(np.empty(0, np.uint8), np.zeros(len(values) + 1, np.int64))
    offsets = np.frombuffer(offset_buffer, np.int32, len(filled) + 1, filled.offset * 4).astype(np.int64)
    data = np.frombuffer(data_buffer, np.uint8)[offsets[0] : offsets[-1]]
    return Flat(data, offsets - offsets[0])


def build(data: Bytes, offsets: Ints, like: pa.StringArray) -> pa.StringArray:
    """A string array of `data`, null where `like` is null.

    >>> build(np.frombuffer(b"abc", np.uint8), np.array([0, 2, 3]), pa.array(["?", "?"])).to_pylist()
    ['ab', 'c']
    """
    validity = None
    if like.null_count:
        valid = like.is_valid().to_numpy(zero_copy_only=False)
        validity = pa.py_buffer(np.packbits(valid, bitorder="little"))
    buffers = [validity, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.StringArray.from_buffers(len(like), buffers[1], buffers[2], buffers[0])


def by_characters(
    values: pa.StringArray, fast: Callable[[Flat], Bytes] | None, slow: Callable[[str], str]
) -> pa.StringArray:
    """Applies `fast` to the ASCII values at once, and `slow` to each of the others.

    Args:
        values: the strings.
        fast: gives new bytes for the old ones, as many; None when there is no way to do it at once.
        slow: gives the new string for an old one.

    >>> by_characters(pa.array(["a", "ä"]), lambda flat: flat.data + 1, lambda text: "?").to_pylist()
    ['b', '?']
    """
    if fast is None:
        return _each(values, slow)
    is_ascii = pc.string_is_ascii(values)
    if pc.all(is_ascii, min_count=0).as_py():
        return _at_once(values, fast)
    easy = pc.if_else(is_ascii, values, pa.scalar(None, pa.string()))
    hard = pc.if_else(is_ascii, pa.scalar(None, pa.string()), values)
    return pc.coalesce(_at_once(easy, fast), _each(hard, slow))


def _at_once(values: pa.StringArray, fast: Callable[[Flat], Bytes]) -> pa.StringArray:
    flat = flatten(values)
    return build(fast(flat), flat.offsets, values)


def _each(values: pa.StringArray, slow: Callable[[str], str]) -> pa.StringArray:
    return pa.array([None if v is None else slow(v) for v in values.to_pylist()], pa.string())
