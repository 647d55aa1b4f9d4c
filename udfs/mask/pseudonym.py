"""pseudonym: puts a short keyed name in the place of every value.

The first 128 bits of HMAC-SHA-256 (RFC 2104) of the value in UTF-8, under a key derived for this mask and its scope,
written in an alphabet and cut to `length` characters. With the default of 16 characters of base32 (80 bits), two of a
million distinct values get the same name with a probability of 4e-13, two of a billion with 4e-7.

Keeps: which values are equal.
Destroys: the value and its length.
Exposure: pseudonym.
Reversible: by whoever holds the root key and can guess the value; otherwise by nobody.
Joinable: within the scope and epoch, with values of this mask under the same alphabet and length; nowhere else. With a
    subject, only among the values of one person.
Raises: MaskError without a key.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> MASK.apply(pa.array(["Ann", None]), PseudonymParams(prefix="cust-"), MaskContext("PERSON", bytes(32))).to_pylist()
['cust-6ekg43b2ih5anelc', None]
"""

import hmac
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, SubjectParams, always
from udfs.mask._keyed import digests, distinct, fixed_width, normalise


class _Alphabet(NamedTuple):
    characters: bytes
    shortest: int  # characters that hold at least 40 bits: below, names of a few thousand values begin to collide
    longest: int  # characters that hold at most 128 bits


_ALPHABETS = {
    "base32": _Alphabet(b"abcdefghijklmnopqrstuvwxyz234567", 8, 26),  # RFC 4648, section 6, in lower case, no padding
    "hex": _Alphabet(b"0123456789abcdef", 10, 32),
    "decimal": _Alphabet(b"0123456789", 13, 38),
}


class PseudonymParams(SubjectParams):
    """Parameters of `pseudonym`, besides those of every keyed mask with a subject.

    Attributes:
        prefix: text before the name, at most 32 code points.
        length: characters of the name without its prefix.
        alphabet: `base32` (a-z, 2-7; 8 to 26 characters), `hex` (10 to 32) or `decimal` (13 to 38).
    """

    prefix: str = Field(default="", max_length=32)
    length: int = 16
    alphabet: Literal["base32", "hex", "decimal"] = "base32"

    @model_validator(mode="after")
    def _length_fits(self) -> "PseudonymParams":
        _, shortest, longest = _ALPHABETS[self.alphabet]
        if not shortest <= self.length <= longest:
            raise ValueError(f"length must be {shortest} to {longest} in {self.alphabet}; got {self.length}")
        return self


def _pseudonym(values: pa.StringArray, params: PseudonymParams, context: MaskContext) -> pa.StringArray:
    texts, indices = distinct(values)
    bits = digests(texts, context.required_key(), params)[:, :16]
    names = _decimal(bits, params.length) if params.alphabet == "decimal" else _binary(bits, params)
    if params.prefix:
        names = pc.binary_join_element_wise(pa.scalar(params.prefix), names, "")
    return names.take(indices)


def _one(text: str, params: PseudonymParams, context: MaskContext) -> str:
    digest = hmac.digest(context.required_key(), normalise(text, params).encode(), "sha256")[:16]
    number, (characters, _, _) = int.from_bytes(digest, "big"), _ALPHABETS[params.alphabet]
    if params.alphabet == "decimal":
        return params.prefix + str(number % 10**params.length).zfill(params.length)
    width = len(characters).bit_length() - 1
    places = range(128 - width, 128 - width * (params.length + 1), -width)
    digits = [(number >> place if place >= 0 else number << -place) & (len(characters) - 1) for place in places]
    return params.prefix + bytes(characters[digit] for digit in digits).decode()


def _binary(bits: npt.NDArray[np.uint8], params: PseudonymParams) -> pa.StringArray:
    characters = np.frombuffer(_ALPHABETS[params.alphabet].characters, np.uint8)
    width = len(characters).bit_length() - 1
    padded = np.pad(bits, ((0, 0), (0, 1))).astype(np.uint16)
    first = np.arange(params.length) * width
    pairs = (padded[:, first // 8] << 8) | padded[:, first // 8 + 1]
    return fixed_width(characters[(pairs >> (16 - width - first % 8)) & (len(characters) - 1)])


_CHUNK = 8
"""Decimal digits that are divided off at once: a remainder and 32 bits more fit 64 bits."""

_PAIRS = np.frombuffer("".join(f"{pair:02}" for pair in range(100)).encode(), np.uint16)
"""The two decimal digits of each number below 100, as one number."""


def _decimal(bits: npt.NDArray[np.uint8], length: int) -> pa.StringArray:
    """The last digits of numbers of 128 bits: in 0.1 us each, where Python's own numbers take 1.2 us."""
    limbs = bits.copy().view(">u4").astype(np.uint64).T
    chunks = []
    for _ in range(-(-length // _CHUNK)):
        rest = np.zeros(len(bits), np.uint64)
        for limb in limbs:  # long division of the number by 10^8, in place
            whole = rest << np.uint64(32) | limb
            limb[:] = whole // 10**_CHUNK
            rest = whole - limb * 10**_CHUNK
        chunks.append(rest)
    pairs = [chunk // 100**place % 100 for chunk in reversed(chunks) for place in (3, 2, 1, 0)]
    digits = _PAIRS.take(np.stack(pairs, axis=1).astype(np.intp)).view(np.uint8)
    return fixed_width(digits[:, digits.shape[1] - length :])


MASK = Mask(
    MaskInfo("pseudonym", PseudonymParams, always("pseudonym"), keyed=True, own_key=True, doc=__doc__),
    _pseudonym,
    one=_one,
)
