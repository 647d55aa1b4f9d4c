"""noise: adds to a number, or takes from it, a bounded amount that nobody can average away.

How much depends on HMAC-SHA-256 (RFC 2104) of the number, under a key derived for this mask and its scope: the same
number always becomes the same other one, and with more zeros behind the point the same with more digits. All
arithmetic is with whole numbers, in units of the last decimal place: no machine gives other digits.

With `distribution: uniform`, every number within the bound is as likely. With `laplace`, small changes are likelier:
their size is distributed exponentially with a mean of a quarter of the bound, cut off at the bound (of a change that
is not cut off, 1.8 % would lie beyond). It is no differential privacy: that needs noise without a bound.

Keeps: the number to within `percent` of it or `amount`, its sign, its decimal places, and which values are equal.
Destroys: the exact number; it is never the same.
Exposure: partial.
Reversible: by whoever holds the root key and can guess the value; otherwise by nobody, beyond what is kept.
Joinable: within the scope, on equal numbers; it is no key to join on, as two numbers may become the same.
Raises: MaskError without a key, and unless `otherwise` is `redact`: for what is no number (digits in groups, as in
    `1,000`, exponents, units and signs of currency are none), and for a number whose last decimal place is coarser
    than the bound, as 0 always is with `percent`, and 7 with `percent: 10`.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> salaries = pa.array(["52000", "52000.00", "-0.50", None])
>>> MASK.apply(salaries, NoiseParams(percent=10), MaskContext("SALARY", bytes(32))).to_pylist()
['47052', '47052.40', '-0.46', None]
"""

import re
from collections.abc import Callable
from decimal import Context
from fractions import Fraction
from functools import cache
from hashlib import shake_256
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel, Field, model_validator

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, StrictParams, always, unless_redacted
from udfs.mask._keyed import distinct, hmac_sha256, texts_of

_NUMBER = re.compile(r"([+-]?)(\d{1,30})(?:\.(\d{1,20}))?", re.ASCII)

_BITS = 256  # of a digest

_SCALES = 4
"""Mean sizes of a change that go into the bound."""

_DEPTH = 128
"""Binary digits of a change's size. The digits of a number of more than 38 are not all changed by chance."""


class NoiseParams(StrictParams):
    """Parameters of `noise`, besides those of masks that understand some values only. One bound must be given.

    Attributes:
        percent: the bound as a share of the number, above 0 and at most 100.
        amount: the bound as a number of the value's own unit, above 0.
        distribution: `uniform` or `laplace`, as above.
        scope: name of the scope whose key is used; None for the segment's own.
    """

    percent: float | None = Field(default=None, gt=0, le=100)
    amount: float | None = Field(default=None, gt=0, le=1e15)
    distribution: Literal["uniform", "laplace"] = "uniform"
    scope: str | None = Field(default=None, min_length=1, max_length=128)

    @model_validator(mode="after")
    def _one_bound(self) -> "NoiseParams":
        if (self.percent is None) == (self.amount is None):
            raise ValueError("give either percent or amount")
        return self


class _Number(NamedTuple):
    sign: str
    units: int  # of the last decimal place, without the sign
    decimals: int
    width: int  # digits in all, where zeros stand before others; otherwise 0

    @property
    def canonical(self) -> bytes:
        """The same for all ways to write one number."""
        sign = "-" if self.sign == "-" and self.units else ""
        digits = str(self.units).zfill(self.decimals + 1)
        whole, decimals = digits[: len(digits) - self.decimals], digits[len(digits) - self.decimals :]
        return f"{sign}{whole}.{decimals.rstrip('0')}".encode()

    def write(self, units: int) -> str:
        digits = str(units).zfill(max(self.width, self.decimals + 1))
        whole, decimals = digits[: len(digits) - self.decimals], digits[len(digits) - self.decimals :]
        return f"{self.sign}{whole}{'.' if decimals else ''}{decimals}"


def _read(text: str) -> _Number | None:
    match = _NUMBER.fullmatch(text)
    if not match:
        return None
    sign, whole, decimals = match.groups(default="")
    width = len(whole + decimals) if whole[0] == "0" and len(whole) > 1 else 0
    return _Number(sign, int(whole + decimals), len(decimals), width)


def _kinds(params: BaseModel) -> frozenset[str]:
    return frozenset({"number"})


def _noise(values: pa.StringArray, params: NoiseParams, context: MaskContext) -> pa.StringArray:
    key = context.required_key()
    texts, indices = distinct(values)
    bound = _bound(params)
    change = _DISTRIBUTIONS[params.distribution]
    numbers = [_read(text) for text in texts_of(texts)]
    digests = hmac_sha256(key, [number.canonical if number else b"" for number in numbers])
    noisy = []
    for place, number in enumerate(numbers):
        most = bound(number) if number else 0
        seed = int.from_bytes(digests[32 * place : 32 * place + 32], "big")
        noisy.append(_changed(number, most, seed, change) if number and most else "")
    if any(text and not new for text, new in zip(texts_of(texts), noisy, strict=True)):
        unless_redacted(params, _EXPECTED)
    return pa.array(noisy, pa.string()).take(indices)


_EXPECTED = (
    "must be a number without groups, exponent or unit, whose last decimal place is no coarser than the bound; "
    "give an `amount`, or set `otherwise: redact` to remove what is none"
)


def _bound(params: NoiseParams) -> Callable[[_Number], int]:
    """Gives the bound of a number in its own units, rounded down."""
    # `str` gives the shortest decimal that is the float: 0.1 is a tenth, as it was written.
    if params.percent is not None:
        share, whole = (Fraction(str(params.percent)) / 100).as_integer_ratio()
        return lambda number: number.units * share // whole
    amount, part = Fraction(str(params.amount)).as_integer_ratio()
    return lambda number: amount * 10**number.decimals // part


def _changed(number: _Number, most: int, seed: int, change: Callable[[int, int, int], int]) -> str:
    """The number with another size, of the same sign: nothing below 0, and no `-0`."""
    least = min(most, number.units - (number.sign == "-")) if number.units else 0
    return number.write(number.units + change(seed, least, most))


def _uniform(seed: int, least: int, most: int) -> int:
    """One of -`least` to -1 and 1 to `most`."""
    choice = (seed * (least + most)) >> _BITS
    return choice - least + (choice >= least)


def _laplace(seed: int, least: int, most: int) -> int:
    """One of -`least` to -1 and 1 to `most`, the smaller the likelier; what would be less becomes more."""
    bits = np.frombuffer(shake_256(seed.to_bytes(_BITS // 8, "big")).digest(8 * _DEPTH), ">u8") < _ones()
    size = 1 + (most * int.from_bytes(np.packbits(bits).tobytes(), "big") >> _DEPTH)
    return -size if seed >> (_BITS - 1) and size <= least else size


@cache
def _ones() -> npt.NDArray[np.uint64]:
    """For each binary digit of an exponential variable below 4, from the first on, 2^64 times its probability to be 1.

    They are independent of each other (Marsaglia, Random variables with independent binary digits, 1971): e^-x is the
    product of e^-d over the digits d of x, so a digit of value d is 1 with a probability of 1 / (1 + e^d). That needs
    one comparison of whole numbers each, and no logarithm. `exp` is rounded correctly by the General Decimal Arithmetic
    specification, so that these numbers are the same everywhere.
    """
    exact = Context(prec=60)
    digits = [exact.divide(_SCALES, 1 << place) for place in range(1, _DEPTH + 1)]
    return np.array([int(exact.divide(1 << 64, exact.add(1, exact.exp(digit)))) for digit in digits], np.uint64)


_DISTRIBUTIONS = {"uniform": _uniform, "laplace": _laplace}

MASK = Mask(
    MaskInfo("noise", NoiseParams, always("partial"), shorthand="percent", keyed=True, kinds=_kinds, doc=__doc__),
    _noise,
)
