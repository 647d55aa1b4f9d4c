"""Choices by the bits of a digest, and texts of the same form with other letters and digits."""

import re
import string
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import TypeVar

_T = TypeVar("_T")

_SPARE_BITS = 64
"""Bits of a digest that a choice leaves unused at least: so much smaller than 1 is the bias of any choice."""


class Draw:
    """A row of choices that depends on a digest alone, and on no library's random numbers.

    Each choice is the remainder of a division of the digest by the number of possibilities, the next one is made with
    the quotient; before it runs out of bits, the SHA-256 (FIPS 180-4) of the digest takes its place.

    >>> draw = Draw(bytes(31) + b"\\x11")
    >>> draw.below(10), draw.of("abc"), draw.digits(4)
    (7, 'b', '0000')
    """

    def __init__(self, digest: bytes) -> None:
        self._digest = digest
        self._pool = int.from_bytes(digest, "big")
        self._room = 1 << (8 * len(digest))

    def below(self, count: int) -> int:
        """A number from 0 to `count` - 1, each with the same probability but for 2^-64; `count` is at most 2^190."""
        if self._room < count << _SPARE_BITS:
            self._digest = sha256(self._digest).digest()
            self._pool, self._room = int.from_bytes(self._digest, "big"), 1 << 256
        self._room //= count
        self._pool, choice = divmod(self._pool, count)
        return choice

    def of(self, items: Sequence[_T]) -> _T:
        """One of `items`."""
        return items[self.below(len(items))]

    def digits(self, count: int) -> str:
        """`count` decimal digits, at most 57."""
        return f"{self.below(10**count):0{count}}"

    def filled(self, pattern: str) -> str:
        """A pattern with a digit for each `#`.

        >>> Draw(bytes(32)).filled("1632960###")
        '1632960000'
        """
        return re.sub("#+", lambda run: self.digits(len(run[0])), pattern)


def refill(text: str, characters: Iterable[str]) -> str:
    """`text` with `characters` in the place of its letters and digits, as many as it has; separators stay.

    >>> refill("4111-1111 11", "9912345678")
    '9912-3456 78'
    """
    new = iter(characters)
    return "".join(next(new) if char.isalnum() else char for char in text)


def form(text: str, draw: Draw) -> str:
    """Another text of the same form: a digit for a digit, a letter from A to Z of the same case for a letter.

    White space and punctuation stay, also of other scripts; all else (accents as marks, symbols, emoji) goes. A text
    without any letter or digit becomes as many `x`.

    >>> form("AB-12 é", Draw(bytes(32))), form("--", Draw(bytes(32)))
    ('AA-00 a', 'xx')
    """
    fake = "".join([_fake(kind, draw) for kind in map(_kind, text)])
    return fake if any(map(str.isalnum, fake)) else "x" * max(1, len(text))


def _fake(kind: str, draw: Draw) -> str:
    return draw.of(_ALPHABETS[kind]) if kind in _ALPHABETS else kind


_ALPHABETS = {"digit": string.digits, "upper": string.ascii_uppercase, "lower": string.ascii_lowercase}


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    """A key of `_ALPHABETS`, or the text that stays of a character."""
    if char.isalnum():
        return "digit" if char.isnumeric() else "upper" if char.isupper() else "lower"
    return char if char.isascii() or unicodedata.category(char)[0] in "PZ" else ""
