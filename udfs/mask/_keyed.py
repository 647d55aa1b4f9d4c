"""HMAC-SHA-256 over a batch of strings: each distinct value once."""

import hmac

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from udfs.mask._base import KeyedParams

DIGEST_BYTES = 32
"""FIPS 180-4: SHA-256 gives 256 bits."""


def distinct(values: pa.StringArray) -> tuple[pa.StringArray, pa.Int32Array]:
    """The distinct values, and the index among them of each value (null for a null).

    >>> [part.to_pylist() for part in distinct(pa.array(["b", "a", None, "b"]))]
    [['b', 'a'], [0, 1, None, 0]]
    """
    encoded = values.dictionary_encode()
    return encoded.dictionary, encoded.indices


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
    digest = hmac.digest
    return b"".join([digest(key, message, "sha256") for message in messages])


def digests(values: pa.StringArray, key: bytes, params: KeyedParams) -> npt.NDArray[np.uint8]:
    """The digest of each of `values` (none of them null), one row of 32 bytes each."""
    if params.ignore_case or params.ignore_space:
        messages = [normalise(text, params).encode() for text in values.to_pylist()]
    else:
        messages = pc.cast(values, pa.binary()).to_pylist()
    return np.frombuffer(hmac_sha256(key, messages), np.uint8).reshape(-1, DIGEST_BYTES)


def fixed_width(rows: npt.NDArray[np.uint8]) -> pa.StringArray:
    """A string for each row of ASCII bytes.

    >>> fixed_width(np.frombuffer(b"abcd", np.uint8).reshape(2, 2)).to_pylist()
    ['ab', 'cd']
    """
    count, width = rows.shape
    offsets = np.arange(count + 1, dtype=np.int32) * width
    data = np.ascontiguousarray(rows).reshape(-1)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))
