"""Numbers made coarser: buckets of one width, and bands."""

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from decimal import Context, Decimal

_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?", re.ASCII)
"""What JSON calls a number (RFC 8259, section 6), and `+1`, `01`, `.5` and `5.`."""

_EXACT = Context(prec=200)
"""Holds every number of that form without rounding."""


def number_of(text: str) -> Decimal | None:
    """The number that a text is, exactly; None for no number. Digits in groups (`1,000`) are none.

    >>> number_of("-1.50"), number_of("1e3"), number_of("1,000"), number_of("nan")
    (Decimal('-1.50'), Decimal('1E+3'), None, None)
    """
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def bucket(width: int | float, origin: int | float) -> Callable[[str], str | None]:
    """A function that gives the bucket that a number lies in: from `origin` plus a multiple of `width`, up to the next.

    With a whole width and origin, a bucket is named by its first and last whole number, and 39.5 lies in `30-39`;
    otherwise by its bounds, of which the second is not part of it.

    >>> tens, halves = bucket(10, 0), bucket(0.5, 0)
    >>> tens("37"), tens("39.5"), tens("-1"), tens("many")
    ('30-39', '30-39', '-10--1', None)
    >>> halves("1.3"), halves("-0.1")
    ('[1.0,1.5)', '[-0.5,0.0)')
    """
    whole = isinstance(width, int) and isinstance(origin, int)
    exact_width, exact_origin = Decimal(str(width)), Decimal(str(origin))  # as written: 0.1 is no binary fraction
    decimals = max(0, *(-int(part.as_tuple().exponent) for part in (exact_width, exact_origin)))
    step, start = (int(_EXACT.scaleb(part, decimals)) for part in (exact_width, exact_origin))

    def general(text: str) -> str | None:
        number = number_of(text)
        if number is None:
            return None
        # The bounds are whole numbers of the last decimal, so what the number has beyond it does not matter.
        low = start + (math.floor(_EXACT.scaleb(number, decimals)) - start) // step * step
        if whole:
            return f"{low}-{low + step - 1}"
        return f"[{_EXACT.scaleb(Decimal(low), -decimals):f},{_EXACT.scaleb(Decimal(low + step), -decimals):f})"

    return general


def band(bands: list[int], number: int | Decimal) -> str:
    """The band that a number lies in. Bands begin at each of `bands`, which ascend.

    >>> [band([18, 30, 45], number) for number in (-1, 18, Decimal("29.9"), 45)]
    ['<18', '18-29', '18-29', '45+']
    """
    place = bisect_right(bands, number)
    if place == 0:
        return f"<{bands[0]}"
    return f"{bands[-1]}+" if place == len(bands) else f"{bands[place - 1]}-{bands[place] - 1}"


def number_band(bands: list[int]) -> Callable[[str], str | None]:
    """A function that gives the band that a number lies in; None for what is no number.

    >>> general = number_band([18, 30])
    >>> general("17.9"), general("18"), general("30"), general("old")
    ('<18', '18-29', '30+', None)
    """

    def general(text: str) -> str | None:
        number = number_of(text)
        return None if number is None else band(bands, number)

    return general
