"""HMAC-SHA-256 over a batch of strings: each distinct value once."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from udfs.mask._base import KeyedParams

_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)
"""The two hexadecimal digits of each byte, as one number."""

DIGEST_BYTES = 32
"""FIPS 180-4: SHA-256 gives 256 bits."""


def distinct(values: pa.StringArray) -> tuple[pa.StringArray, pa.Int32Array]:
    """The distinct values, and the index among them of each value (null for a null).

    >>> [part.to_pylist() for part in distinct(pa.array(["b", "a", None, "b"]))]
    [['b', 'a'], [0, 1, None, 0]]
    """
    encoded = values.dictionary_encode()
    return encoded.dictionary, encoded.indices


def texts_of(values: pa.StringArray) -> list[Any]:
    """The values as Python's strings: what `to_pylist` gives, in 0.06 us each where that takes 1.1 us.

    >>> texts_of(pa.array(["a", None, "ß"])[1:])
    [None, 'ß']
    """
    try:
        return list(values.to_numpy(zero_copy_only=False))
    except pa.ArrowException:  # of what is no UTF-8, with the value in its message
        pass
    return list(values.to_pylist())


def normalise(text: str, params: KeyedParams) -> str:
    """The text that stands for all texts that are to be masked alike.

    >>> normalise("Ann  LEE", KeyedParams(ignore_case=True, ignore_space=True))
    'annlee'
    """
    folded = text.casefold() if params.ignore_case else text
    return "".join(folded.split()) if params.ignore_space else folded


def hmac_sha256(key: bytes, messages: list[bytes]) -> bytes:
    """HMAC-SHA-256 (RFC 2104, FIPS 198-1) of each message, 32 bytes each, one after the other.

    >>> hmac_sha256(b"Jefe", [b"what do ya want for nothing?"]).hex()[:16]
    '5bdcc146bf60754e'
    """
    # The key is set up once and copied for each message: 0.7 us each, where hmac.digest takes 2.0 us.
    keyed = HMAC(key, SHA256())
    digests = []
    for message in messages:
        copy = keyed.copy()
        copy.update(message)
        digests.append(copy.finalize())
    return b"".join(digests)


def digests(values: pa.StringArray, key: bytes, params: KeyedParams | None = None) -> npt.NDArray[np.uint8]:
    """The HMAC-SHA-256 of each of `values` (none of them null), one row of 32 bytes each."""
    if params and (params.ignore_case or params.ignore_space):
        messages = [normalise(text, params).encode() for text in texts_of(values)]
    else:
        messages = values.cast(pa.binary()).to_numpy(zero_copy_only=False).tolist()
    return np.frombuffer(hmac_sha256(key, messages), np.uint8).reshape(-1, DIGEST_BYTES)


def hexadecimal(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Rows of bytes as rows of twice as many hexadecimal digits, in lower case.

    >>> hexadecimal(np.array([[10, 255]], np.uint8)).tobytes()
    b'0aff'
    """
    return _HEX.take(rows).view(np.uint8)


def fixed_width(rows: npt.NDArray[np.uint8]) -> pa.StringArray:
    """A string for each row of ASCII bytes.

    >>> fixed_width(np.frombuffer(b"abcd", np.uint8).reshape(2, 2)).to_pylist()
    ['ab', 'cd']
    """
    count, width = rows.shape
    offsets = np.arange(count + 1, dtype=np.int32) * width
    data = np.ascontiguousarray(rows).reshape(-1)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))
