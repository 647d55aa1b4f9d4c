"""What the masks `token` and `encrypt` share: sealed values, one for each value, and the way back."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from udfs.crypto.aead import InvalidTag
from udfs.crypto.envelope import EnvelopeError, associated, by_header, decode, encode, header
from udfs.keys.derive import hkdf
from udfs.mask._base import MaskContext, MaskError, Params

Batch = Callable[[bytes, pa.BinaryArray, bytes], pa.BinaryArray]
"""Encrypts or decrypts a batch, given a key, the values and what is authenticated with each."""


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
        encrypt: gives the payload of each value.
        decrypt: gives the value of each payload. Raises InvalidTag.
    """

    number: int
    purpose: str
    key_bytes: int
    encrypt: Batch
    decrypt: Batch


def seal(values: pa.StringArray, algorithm: Algorithm, context: MaskContext) -> pa.StringArray:
    """The sealed text of each value; null for a null, the empty string for the empty string."""
    key = _cipher_key(context.required_key(), algorithm.purpose, algorithm.key_bytes)
    head = header(algorithm.number, context.key_id, context.reference)
    bound = associated(head, context.entity)
    return _present(values, lambda texts: encode(head, algorithm.encrypt(key, texts.cast(pa.binary()), bound)))


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
    return _present(values, lambda texts: _unsealed(texts, algorithms, context))


def _unsealed(texts: pa.StringArray, algorithms: Mapping[int, Algorithm], context: MaskContext) -> pa.StringArray:
    problem = "was changed, or was sealed for another entity than " + context.entity
    try:
        opened, rows = [], []
        for envelope, mine, payloads in by_header(decode(texts)):
            algorithm = _accepted(envelope.algorithm, algorithms)
            mask_key = _key(envelope.key_id + envelope.reference, context)
            key = _cipher_key(mask_key, algorithm.purpose, algorithm.key_bytes)
            opened.append(algorithm.decrypt(key, payloads, associated(envelope.header, context.entity)))
            rows.append(mine)
        return _in_order(opened, rows).cast(pa.string())
    except EnvelopeError as error:
        problem = str(error)
    except (InvalidTag, pa.ArrowInvalid):
        pass
    raise MaskError(f"a value {problem}")


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


def _present(values: pa.StringArray, work: Callable[[pa.StringArray], pa.StringArray]) -> pa.StringArray:
    """Does the values that are neither null nor empty; those stay what they are."""
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
