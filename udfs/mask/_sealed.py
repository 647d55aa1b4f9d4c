"""What the masks `token` and `encrypt` share: sealed values, one for each value, and the way back."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from udfs.crypto.aead import InvalidTag
from udfs.crypto.envelope import (
    Envelope,
    EnvelopeError,
    associated,
    by_header,
    decode,
    encode,
    header,
    parse,
    parse_bytes,
    text,
)
from udfs.crypto.rows import FEWEST_ROWS, pieces
from udfs.keys.derive import hkdf
from udfs.mask._base import MaskContext, MaskError, Params

_FEWEST_OF_A_KEY = 20
"""Values, on average. Below, it is faster to open each on its own than to open those of each key together (0.1 ms)."""

One = Callable[[bytes, bytes, bytes], bytes]
"""Encrypts or decrypts, given a key, a value, and what is authenticated with it."""


class Decrypt(Protocol):
    """Decrypts a batch, likewise."""

    def __call__(self, key: bytes, sealed: pa.BinaryArray, associated: bytes, /, *, skip: int) -> pa.BinaryArray:
        """The value of each; `skip` bytes come before each payload. Raises InvalidTag."""


class SealedParams(Params):
    """Parameters of masks that seal values. They give back exactly what they got, so no case or space is ignored.

    Attributes:
        scope: name of the scope whose key is used; None for the segment's own.
        subject: path of the value that names the person whom a record is about, e.g. `payload.customer.id`; None for
            one key for all. Destroying a person's key destroys all that was sealed under it.
    """

    scope: str | None = Field(default=None, min_length=1, max_length=128)
    subject: str | None = Field(default=None, min_length=1, max_length=1000)


class Algorithm(NamedTuple):
    """How values are sealed.

    Attributes:
        number: the algorithm of the envelope.
        purpose: what the cipher's key is derived for, from the key of the mask.
        key_bytes: of the cipher's key.
        encrypt: gives the payload of a value.
        decrypt: gives the value of a payload. Raises InvalidTag.
        encrypt_all: gives the payload of each value.
        decrypt_all: gives the value of each payload.
    """

    number: int
    purpose: str
    key_bytes: int
    encrypt: One
    decrypt: One
    encrypt_all: Callable[[bytes, pa.BinaryArray, bytes], pa.BinaryArray]
    decrypt_all: Decrypt


def seal(values: pa.StringArray, algorithm: Algorithm, context: MaskContext) -> pa.StringArray:
    """The sealed text of each value; null for a null, the empty string for the empty string."""
    if len(values) < FEWEST_ROWS:  # 10 us each, where arrays take 300 in all
        return _one_by_one(values, lambda value: seal_one(value, algorithm, context))
    key, head, bound = _sealing(algorithm, context)
    return _present(values, lambda given: encode(head, algorithm.encrypt_all(key, given.cast(pa.binary()), bound)))


def seal_one(value: str, algorithm: Algorithm, context: MaskContext) -> str:
    """The sealed text of a value."""
    key, head, bound = _sealing(algorithm, context)
    return text(head + algorithm.encrypt(key, value.encode(), bound))


def unseal(values: pa.StringArray, algorithms: Mapping[int, Algorithm], context: MaskContext) -> pa.StringArray:
    """The value in each sealed text; null for a null, the empty string for the empty string.

    Args:
        values: what `seal` made.
        algorithms: by number, those that are accepted.
        context: its `keys` give the key of a mask by key id and reference.

    Raises:
        MaskError: one of the values is no sealed value, was sealed with another algorithm, under a key that is not
            there, or for another entity, or was changed since.
    """
    problem = f"was changed, or was sealed for another entity than {context.entity}"
    try:
        if len(values) < FEWEST_ROWS:
            return _one_by_one(values, lambda value: _opened(parse(value), algorithms, context).decode())
        return _present(values, lambda texts: _opened_all(decode(texts), algorithms, context).cast(pa.string()))
    except EnvelopeError as error:
        problem = str(error)
    except (InvalidTag, UnicodeDecodeError, pa.ArrowInvalid):
        pass
    raise MaskError(f"a value {problem}")


def _sealing(algorithm: Algorithm, context: MaskContext) -> tuple[bytes, bytes, bytes]:
    """The cipher's key, the header, and what is authenticated with each value."""
    key = _cipher_key(context.required_key(), algorithm.purpose, algorithm.key_bytes)
    head = header(algorithm.number, context.key_id, context.reference)
    return key, head, associated(head, context.entity)


def _opened(envelope: Envelope, algorithms: Mapping[int, Algorithm], context: MaskContext) -> bytes:
    algorithm, key = _way(envelope, algorithms, context)
    return algorithm.decrypt(key, envelope.payload, associated(envelope.header, context.entity))


def _opened_all(sealed: pa.BinaryArray, algorithms: Mapping[int, Algorithm], context: MaskContext) -> pa.BinaryArray:
    groups = by_header(sealed, _FEWEST_OF_A_KEY)
    if groups is None:
        return pa.array([_opened(parse_bytes(one), algorithms, context) for one in pieces(sealed)], pa.binary())
    parts = []
    for envelope, _, mine in groups:
        (algorithm, key), head = _way(envelope, algorithms, context), envelope.header
        parts.append(algorithm.decrypt_all(key, mine, associated(head, context.entity), skip=len(head)))
    return _in_order(parts, [places for _, places, _ in groups])


def _way(envelope: Envelope, algorithms: Mapping[int, Algorithm], context: MaskContext) -> tuple[Algorithm, bytes]:
    """How it is opened: the algorithm and the cipher's key."""
    algorithm = _accepted(envelope.algorithm, algorithms)
    mask_key = _key(envelope.key_id + envelope.reference, context)
    return algorithm, _cipher_key(mask_key, algorithm.purpose, algorithm.key_bytes)


def _accepted(number: int, algorithms: Mapping[int, Algorithm]) -> Algorithm:
    if number in algorithms:
        return algorithms[number]
    wanted = " or ".join(map(str, algorithms))
    raise MaskError(f"a value must be sealed with algorithm {wanted}; got {number}; open it with the mask that made it")


def _key(name: bytes, context: MaskContext) -> bytes:
    try:
        return context.keys[name]
    except KeyError:
        pass
    whose = "; or its person's key was destroyed" if name[4:] else ""
    raise MaskError(
        f"unknown key id {name[:4].hex()}: the value was sealed in another scope or segment, or in an epoch that is "
        f"retired or of other keys{whose}; open it in the scope that sealed it, with the keys of that time"
    )


def _in_order(parts: list[pa.BinaryArray], rows: list[pa.Array | None]) -> pa.BinaryArray:
    """The parts as one, each of their values in its own row."""
    if len(parts) == 1:
        return parts[0]
    order = np.concatenate([part.to_numpy() for part in rows if part is not None])
    return pa.concat_arrays(parts).take(pa.array(np.argsort(order)))


def _one_by_one(values: pa.StringArray, work: Callable[[str], str]) -> pa.StringArray:
    """Does the values that are neither null nor empty; those stay what they are."""
    return pa.array([value and work(value) for value in values.to_pylist()], pa.string())


def _present(values: pa.StringArray, work: Callable[[pa.StringArray], pa.StringArray]) -> pa.StringArray:
    """Likewise, all at once."""
    present = pc.fill_null(pc.greater(pc.binary_length(values), 0), False).to_numpy(zero_copy_only=False)
    if present.all():
        return work(values) if len(values) else values
    if not present.any():
        return values
    done = work(values.filter(pa.array(present)))
    places = np.where(present, np.cumsum(present) - 1, len(done))
    null = values.is_null().to_numpy(zero_copy_only=False)
    return pa.concat_arrays([done, pa.array([""], pa.string())]).take(pa.array(places, mask=null))


@lru_cache(maxsize=4096)
def _cipher_key(key: bytes, purpose: str, length: int) -> bytes:
    # 10 us: with a key for each person it would be most of the time of a value.
    return hkdf(key, b"", purpose.encode(), length)
