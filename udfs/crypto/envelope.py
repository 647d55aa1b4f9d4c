"""Sealed values: an encrypted value that names its algorithm and its key, in bytes and as text.

    version (1) | algorithm (1) | key id (4) | [reference (16)] | payload

The payload is what `udfs.crypto.aead` makes. The text is `wr1.` and the base64url (RFC 4648, section 5) of the bytes,
without padding. What is read is read strictly: of each sealed value there is exactly one text. `docs/envelope.md` has
the format byte by byte.
"""

import base64
import re
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from udfs.crypto.rows import by_length, first_bytes, from_rows, to_rows

VERSION = 1
"""Of this format. It changes when any byte gets another meaning."""

AES_256_SIV = 1
"""Algorithm: AES-SIV with a key of 512 bits, AEAD_AES_SIV_CMAC_512 (RFC 5297, section 6.3)."""

AES_256_GCM = 2
"""Algorithm: AES-GCM with a key of 256 bits, AEAD_AES_256_GCM (RFC 5116, section 5.2)."""

AES_256_GCM_SIV = 3
"""Algorithm: AES-GCM-SIV with a key of 256 bits, AEAD_AES_256_GCM_SIV (RFC 8452, section 6)."""

REFERENCE_FOLLOWS = 0x80
"""Bit of the algorithm's byte: the key is a person's own, and a reference to it comes after the key id."""

KEY_ID_BYTES = 4
REFERENCE_BYTES = 16

PREFIX = "wr1."
"""Before each text. It has no character that a URL, a file name, JSON or SQL would escape."""

_FEWEST = {AES_256_SIV: 16, AES_256_GCM: 28, AES_256_GCM_SIV: 28}
"""Bytes of the payload of an empty value: the synthetic IV; nonce and tag."""

_SHORT_HEADER = 2 + KEY_ID_BYTES
_LONG_HEADER = _SHORT_HEADER + REFERENCE_BYTES

TEXT = rf"\b{re.escape(PREFIX)}[A-Za-z0-9_-]{{{-(-(_SHORT_HEADER + 16) * 4 // 3)},}}"
"""Regular expression that finds sealed values in a text, for `re`, Java and Hyperscan alike."""

_PREFIX = np.frombuffer(PREFIX.encode(), np.uint8)
_ROOM = bytes(3)  # that much is written as as many characters as the prefix has
_ZERO = ord("A")  # the character of six zero bits
_TO_URL = bytes.maketrans(b"+/", b"-_")
# From base64url to base64; every character that is not of base64url becomes NUL.
_FROM_URL = bytes(
    ord("+") if c == ord("-") else ord("/") if c == ord("_") else c if chr(c).isalnum() and c < 128 else 0
    for c in range(256)
)


class EnvelopeError(ValueError):
    """A text is no sealed value. The message says what was expected, and never what it got."""


class Envelope(NamedTuple):
    """A sealed value.

    Attributes:
        algorithm: AES_256_SIV, AES_256_GCM or AES_256_GCM_SIV.
        key_id: 4 bytes that name the key.
        reference: 16 bytes that name the person whose key it is; empty when it is nobody's own.
        payload: for AES_256_SIV the synthetic IV (16 bytes) and the ciphertext; for the others the nonce (12 bytes),
            the ciphertext and the tag (16 bytes).
    """

    algorithm: int
    key_id: bytes
    reference: bytes
    payload: bytes

    @property
    def header(self) -> bytes:
        """The bytes before the payload: 6, or 22 with a reference."""
        return header(self.algorithm, self.key_id, self.reference)


def header(algorithm: int, key_id: bytes, reference: bytes = b"") -> bytes:
    """The bytes before the payload.

    Raises:
        ValueError: the key id has not 4 bytes, or the reference neither none nor 16.

    >>> header(AES_256_SIV, b"\\x01\\x02\\x03\\x04").hex()
    '010101020304'
    """
    if len(key_id) != KEY_ID_BYTES or len(reference) not in (0, REFERENCE_BYTES):
        raise ValueError(f"a key id must have {KEY_ID_BYTES} bytes, a reference none or {REFERENCE_BYTES}")
    flags = REFERENCE_FOLLOWS if reference else 0
    return bytes([VERSION, algorithm | flags]) + key_id + reference


def associated(header: bytes, entity: str) -> bytes:
    """What is authenticated with a value: its header, and the entity whose value it is, so that it opens as no other.

    The header tells its own length, so the two cannot be confused.

    >>> associated(b"\\x01\\x01\\x01\\x02\\x03\\x04", "PERSON")
    b'\\x01\\x01\\x01\\x02\\x03\\x04PERSON'
    """
    return header + entity.encode()


def text(data: bytes) -> str:
    """The text of a sealed value, given header and payload.

    >>> text(header(AES_256_SIV, bytes(4)) + bytes(16))
    'wr1.AQEAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return _text(data).decode()


def encode(header: bytes, payloads: pa.BinaryArray) -> pa.StringArray:
    """The text of each sealed value.

    Args:
        header: what they have in common.
        payloads: none of them null.

    >>> encode(header(AES_256_SIV, bytes(4)), pa.array([bytes(16)])).to_pylist()
    ['wr1.AQEAAAAAAAAAAAAAAAAAAAAAAAAAAA']
    """

    def rows(values: pa.BinaryArray) -> pa.StringArray:
        whole, lengths = to_rows(values, 3, _ROOM + header)
        # Rows of a multiple of three bytes, in one go: none gets padding, and each begins at a character of its own.
        digits = bytearray(base64.b64encode(whole.data).translate(_TO_URL))
        written = np.frombuffer(digits, np.uint8).reshape(len(whole), -1)
        written[:, : len(_PREFIX)] = _PREFIX
        # Four characters for three bytes; of what is left, one more than there are bytes (RFC 4648, section 4).
        return from_rows(written, (4 * lengths + 2) // 3, pa.string())

    return by_length(payloads, pa.string(), rows, lambda values: [_text(header + value) for value in values])


def decode(texts: pa.StringArray) -> pa.BinaryArray:
    """The bytes of each sealed value: header and payload.

    Args:
        texts: none of them null.

    Raises:
        EnvelopeError: one of them is no `wr1.` and base64url, or not as it would be written.

    >>> decode(pa.array(["wr1.AQEAAAAAAAAAAAAAAAAAAAAAAAAAAA"]))[0].as_py().hex()
    '01010000000000000000000000000000000000000000'
    """

    def rows(values: pa.StringArray) -> pa.BinaryArray:
        written, lengths = to_rows(values, 4, fill=_ZERO)
        prefixes = written.view(np.uint32)[:, 0]
        if lengths.min() < len(_PREFIX) or (prefixes != _PREFIX.view(np.uint32)).any() or (lengths % 4 == 1).any():
            raise EnvelopeError(_EXPECTED)
        prefixes[:] = np.full(4, _ZERO, np.uint8).view(np.uint32)
        plain = written.tobytes().translate(_FROM_URL)
        if 0 in plain:
            raise EnvelopeError(_EXPECTED)
        whole, lengths = np.frombuffer(base64.b64decode(plain), np.uint8).reshape(len(written), -1), lengths * 3 // 4
        # The bits that no byte has must be zero. Those of a text that fills its row make bytes without a rest.
        rest = whole[np.arange(len(whole)), np.minimum(lengths, whole.shape[1] - 1)]
        if rest[lengths < whole.shape[1]].any():
            raise EnvelopeError(_EXPECTED)
        return from_rows(whole[:, len(_ROOM) :], lengths - len(_ROOM), pa.binary())

    return by_length(texts, pa.binary(), rows, lambda values: [_bytes(value) for value in values])


def parse(text: str) -> Envelope:
    """Reads a text.

    Raises:
        EnvelopeError: it is no sealed value, or one of a version or algorithm that this release does not know.

    >>> parse("wr1.AQEAAAAAAAAAAAAAAAAAAAAAAAAAAA").algorithm
    1
    """
    return parse_bytes(_bytes(text.encode("utf-8", "replace")))


def parse_bytes(data: bytes) -> Envelope:
    """Reads the bytes of a sealed value.

    Raises:
        EnvelopeError: as `parse`.

    >>> parse_bytes(bytes.fromhex("010101020304") + bytes(16)).key_id.hex()
    '01020304'
    """
    if len(data) < _SHORT_HEADER:
        raise EnvelopeError(_EXPECTED)
    version, algorithm = data[0], data[1] & ~REFERENCE_FOLLOWS
    if version != VERSION:
        raise EnvelopeError(f"must be a sealed value of version {VERSION}; got version {version}")
    if algorithm not in _FEWEST:
        raise EnvelopeError(f"must have one of the algorithms {', '.join(map(str, _FEWEST))}; got {algorithm}")
    length = _LONG_HEADER if data[1] & REFERENCE_FOLLOWS else _SHORT_HEADER
    if len(data) < length + _FEWEST[algorithm]:
        raise EnvelopeError("must be a whole sealed value; got one that is cut")
    return Envelope(algorithm, data[2:_SHORT_HEADER], data[_SHORT_HEADER:length], data[length:])


Group = tuple[Envelope, pa.Array | None, pa.BinaryArray]
"""One of the sealed values that have a header in common, the places of all (None: everywhere), and their bytes."""


def by_header(sealed: pa.BinaryArray, fewest: int = 1) -> list[Group] | None:
    """Sealed values by what their headers say.

    Args:
        sealed: as `decode` gives them.
        fewest: values that the groups must have on average.

    Returns:
        A group for each header. None if there would be so many groups that each value is better taken on its own.

    Raises:
        EnvelopeError: as `parse`, for any of them.
    """
    if not len(sealed):
        return []
    lengths = pc.binary_length(sealed)
    if pc.min(lengths).as_py() < _SHORT_HEADER:
        raise EnvelopeError(_EXPECTED)
    found = _headers(sealed).dictionary_encode()
    count, indices = len(found.dictionary), found.indices.to_numpy()
    if count > 1 and count * fewest > len(sealed):
        return None
    order = np.argsort(indices, kind="stable")
    bounds = np.searchsorted(indices[order], np.arange(count + 1))
    groups = []
    for group in range(count):
        rows = pa.array(order[bounds[group] : bounds[group + 1]]) if count > 1 else None
        mine = sealed if rows is None else sealed.take(rows)
        lengths = pc.binary_length(mine)
        shortest = mine[pc.index(lengths, pc.min(lengths)).as_py()].as_py()
        groups.append((parse_bytes(shortest), rows, mine))  # if the shortest is not cut, none is
    return groups


def references(texts: pa.StringArray) -> set[bytes]:
    """The references in sealed values, to fetch the keys of these persons. What is no sealed value has none.

    >>> references(pa.array(["wr1.AQEAAAAAAAAAAAAAAAAAAAAAAAAAAA", text(b"\\x01\\x81" + bytes(36)), "Ann", None]))
    {b'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00'}
    """
    found = set()
    # All others are told by their first characters: to read each would take longer than to open it.
    for one in texts.filter(pc.starts_with(texts, _WITH_REFERENCE)).to_pylist():
        with suppress(EnvelopeError):
            found.add(parse(one).reference)
    return found


_EXPECTED = f"must be a sealed value: {PREFIX} and base64url without padding (RFC 4648, section 5)"


def _text(data: bytes) -> bytes:
    return PREFIX.encode() + base64.urlsafe_b64encode(data).rstrip(b"=")


_WITH_REFERENCE = text(bytes([VERSION, REFERENCE_FOLLOWS]))[: len(PREFIX) + 2]  # 12 bits: the highest of the algorithm


def _bytes(text: bytes) -> bytes:
    digits = text[len(PREFIX) :]
    plain = digits.translate(_FROM_URL)
    if not text.startswith(PREFIX.encode()) or len(digits) % 4 == 1 or 0 in plain:
        raise EnvelopeError(_EXPECTED)
    data = base64.b64decode(plain + b"=" * (-len(plain) % 4))
    if _text(data) != text:  # other bits at the end than zeros, which base64 drops
        raise EnvelopeError(_EXPECTED)
    return data


def _headers(sealed: pa.BinaryArray) -> pa.Array:
    """The header of each, with zeros in the place of a reference that is not there or cut."""
    rows = first_bytes(sealed, _SHORT_HEADER)
    if (rows[:, 1] >= REFERENCE_FOLLOWS).any():
        rows = first_bytes(sealed, _LONG_HEADER)
        rows[rows[:, 1] < REFERENCE_FOLLOWS, _SHORT_HEADER:] = 0
    return pa.Array.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, pa.py_buffer(rows)])
