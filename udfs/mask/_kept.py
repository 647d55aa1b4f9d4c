"""Masking all but some letters and digits of a value: what `keep_last` and `keep_first` share.

The rules, for both:

- Letters and digits (`str.isalnum`) count, also inside of a sign (`Ⓐ`, `⒜`, `🅰`). Those that do not stay become `char`.
- Combining marks (Unicode category M) belong to the letter before them: they stay, or become `char`, with it. Those
  before the first letter go with that one.
- All other characters are separators and stay, so that `4111-1111-1111-1234` becomes `xxxx-xxxx-xxxx-1234`.
- At most half of the letters and digits may stay. From a value with fewer than twice `count` nothing is kept.
- In a value without any letter or digit there are no separators: every character becomes `char`.
"""

import unicodedata
from functools import lru_cache

import numpy as np
import pyarrow as pa
from pydantic import Field

from udfs.mask._base import MaskingChar, Params
from udfs.mask._flat import Flat, Ints, Units, build, flatten, unit

_SEPARATOR, _COUNTED, _ATTACHED = 0, 1, 2

_ATTACHED_CATEGORIES = frozenset({"Mn", "Mc", "Me", "Co", "Cn"})

_LETTERED = ((0x1F150, 0x1F169), (0x1F170, 0x1F189), (0x1F1E6, 0x1F1FF))
"""Letters in signs that have no decomposition: negative circled, negative squared, regional indicators."""

_CODE_POINTS = 0x110000
"""As many as Unicode has: U+0000 to U+10FFFF."""


class KeepParams(Params):
    """Parameters of `keep_last` and `keep_first`.

    Attributes:
        count: how many letters and digits stay, 1 to 64.
        char: the character that replaces the others.
    """

    count: int = Field(ge=1, le=64)
    char: MaskingChar = "x"


def mask_kept(values: pa.StringArray, params: KeepParams, at_end: bool) -> pa.StringArray:
    """Masks all but the last (`at_end`) or the first `params.count` letters and digits of each value.

    >>> mask_kept(pa.array(["4111-1111-1111-1234", "123"]), KeepParams(count=4), at_end=True).to_pylist()
    ['xxxx-xxxx-xxxx-1234', 'xxx']
    >>> mask_kept(pa.array(["Zoë Müller"]), KeepParams(count=3, char="*"), at_end=False).to_pylist()
    ['Zoë ******']
    """
    flat = flatten(values, "utf-32-le")
    return build(_masked(flat, params, at_end), flat.offsets, values)


def _masked(flat: Flat, params: KeepParams, at_end: bool) -> Units:
    kinds = _kinds(128 if flat.units.dtype == np.uint8 else _CODE_POINTS).take(flat.units)
    rank: Ints = np.cumsum(kinds == _COUNTED, dtype=np.int32)  # letters and digits up to and with this one
    bounds: Ints = np.append(np.int32(0), rank).take(flat.offsets)
    before, upto = bounds[:-1], bounds[1:]
    kept = np.where(upto - before >= 2 * params.count, np.int32(params.count), np.int32(0))
    lengths = flat.lengths
    # A mark has the rank of the letter before it, so it is hidden or stays with it. One with no letter before it has
    # rank `before`: it is hidden too when nothing is kept.
    last_hidden, last_shown = upto - kept, np.where(kept > 0, before + kept, before - 1)
    hidden = rank <= np.repeat(last_hidden, lengths) if at_end else rank > np.repeat(last_shown, lengths)
    hidden &= kinds != _SEPARATOR
    if (upto == before).any():
        hidden |= np.repeat(upto == before, lengths)
    return np.where(hidden, unit(params.char), flat.units)


@lru_cache
def _kinds(code_points: int) -> Units:
    """What each code point below `code_points` is. All of Unicode takes 0.3 s once, and 1.1 MB."""
    return np.fromiter(map(_kind, map(chr, range(code_points))), np.uint8, code_points)


def _kind(char: str) -> int:
    if char.isalnum():
        return _COUNTED
    if unicodedata.category(char) in _ATTACHED_CATEGORIES:
        return _ATTACHED
    return _COUNTED if is_lettered(char) else _SEPARATOR


def is_lettered(char: str) -> bool:
    """True for a letter or digit, also in a circle, square or bracket, for a radical, and for half a flag: each is as
    readable as any other.

    Source: Unicode compatibility decompositions (UAX #15); PropList.txt, Other_Alphabetic and Regional_Indicator.

    >>> [is_lettered(char) for char in "\u24b6\u249c\u2f08\U0001f170\U0001f1e6-"]
    [True, True, True, True, True, False]
    """
    if any(first <= ord(char) <= last for first, last in _LETTERED):
        return True
    return any(map(str.isalnum, unicodedata.normalize("NFKC", char)))
