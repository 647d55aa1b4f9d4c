"""Masking all but some letters and digits of a value: what `keep_last` and `keep_first` share.

The rules, for both:

- Letters and digits (`str.isalnum`) count. Those that do not stay become `char`.
- Combining marks belong to the letter before them: they stay, or become `char`, with it.
- All other characters are separators and stay, so that `4111-1111-1111-1234` becomes `xxxx-xxxx-xxxx-1234`.
- At most half of the letters and digits may stay. From a value with fewer than twice `count` nothing is kept.
- In a value without any letter or digit there are no separators: every character becomes `char`.
"""

import unicodedata

import numpy as np
import pyarrow as pa
from pydantic import Field

from udfs.mask._base import MaskingChar, Params
from udfs.mask._flat import Bytes, Flat, by_characters

_COUNTS = np.array([code < 128 and chr(code).isalnum() for code in range(256)])
"""By byte: whether it is an ASCII letter or digit."""

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
    """
    fast = (lambda flat: mask_ascii(flat, params, at_end)) if params.char.isascii() else None
    return by_characters(values, fast, lambda text: mask_text(text, params, at_end))


def mask_ascii(flat: Flat, params: KeepParams, at_end: bool) -> Bytes:
    """The bytes of `flat`, which are ASCII, masked."""
    counted = _COUNTS[flat.data]
    rank = np.cumsum(counted)  # how many letters and digits there are up to and with this byte
    bounds = np.concatenate(([0], rank))[flat.offsets]
    before, upto = bounds[:-1], bounds[1:]
    kept = np.where(upto - before >= 2 * params.count, params.count, 0)
    lengths = flat.lengths
    hidden = rank <= np.repeat(upto - kept, lengths) if at_end else rank > np.repeat(before + kept, lengths)
    hidden &= counted
    unseparated = upto == before
    if unseparated.any():
        hidden |= np.repeat(unseparated, lengths)
    return np.where(hidden, np.uint8(ord(params.char)), flat.data)


def mask_text(text: str, params: KeepParams, at_end: bool) -> str:
    """The text, masked; of any characters.

    >>> mask_text("Zoë Müller", KeepParams(count=2, char="*"), at_end=False)
    'Zo* ******'
    """
    counted = [i for i, char in enumerate(text) if char.isalnum()]
    if not counted:
        return params.char * len(text)
    if len(counted) < 2 * params.count:
        return _hidden(text, params.char)
    cut = counted[-params.count] if at_end else counted[params.count]
    if at_end:
        return _hidden(text[:cut], params.char) + text[cut:]
    return text[:cut] + _hidden(text[cut:], params.char)


def _hidden(text: str, char: str) -> str:
    return "".join([char if c.isalnum() or _is_mark(c) else c for c in text])


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")
