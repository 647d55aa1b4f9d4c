"""The alphabets of `fpe`: which characters are encrypted, and which of them stand for one another."""

import unicodedata
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator

from udfs.mask._base import Params
from udfs.mask._flat import Units
from udfs.mask._kept import is_lettered

Codes = npt.NDArray[np.int16]
"""Places of characters in their alphabet, from 0; below, `SEPARATOR` or `FOREIGN`."""

SEPARATOR, FOREIGN = -1, -2

_ASCII = 128

_DIGITS, _UPPER, _LOWER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"

AlphabetName = Literal["digits", "lower", "upper", "letters", "alphanumeric", "hex"]

_CLASSES: dict[AlphabetName, tuple[str, ...]] = {
    "digits": (_DIGITS,),
    "lower": (_LOWER,),
    "upper": (_UPPER,),
    "letters": (_UPPER, _LOWER),
    "alphanumeric": (_DIGITS, _UPPER, _LOWER),
    "hex": (_DIGITS + "abcdef",),
}


class Characters(Params):
    """An alphabet of one's own.

    Attributes:
        characters: 2 to 1000 code points, all of them printable and none twice. Each stands for any other; their order
            is part of the encryption.
    """

    characters: str = Field(min_length=2, max_length=1000)

    @field_validator("characters")
    @classmethod
    def _distinct_and_printable(cls, characters: str) -> str:
        if len(set(characters)) != len(characters):
            raise ValueError("no character may occur twice")
        if not characters.isprintable():
            raise ValueError("every character must be printable")
        return characters


class Alphabet(NamedTuple):
    """An alphabet, ready for use.

    Attributes:
        label: names it in the tweak: other alphabets have other labels.
        classes: the characters of each class; one is encrypted as one of the same class.
    """

    label: bytes
    classes: tuple[str, ...]

    @property
    def characters(self) -> str:
        """The characters of all classes, in the order of their codes."""
        return "".join(self.classes)


def alphabet(chosen: AlphabetName | Characters) -> Alphabet:
    """The alphabet of a parameter.

    >>> alphabet("letters").classes
    ('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
    >>> alphabet(Characters(characters="01")).label
    b'characters:01'
    """
    if isinstance(chosen, Characters):
        return Alphabet(b"characters:" + chosen.characters.encode(), (chosen.characters,))
    return Alphabet(chosen.encode(), _CLASSES[chosen])


def codes(units: Units, characters: str) -> Codes:
    """What each unit of a text is.

    Args:
        units: ASCII bytes, or code points.
        characters: those of an alphabet; they come before all rules.

    Returns:
        A number for each unit: its place in `characters`; `FOREIGN` for any other letter, digit or number of any
        script, combining mark, and code point that is private or not assigned; `SEPARATOR` for the rest.

    >>> codes(np.frombuffer(b"1-a", np.uint8), "0123456789").tolist()
    [1, -1, -2]
    """
    found = _ascii_codes(characters).take(units, mode="clip")
    if units.dtype != np.uint8:
        wide = units >= _ASCII
        points, inverse = np.unique(units[wide], return_inverse=True)
        places = {char: place for place, char in enumerate(characters)}
        found[wide] = np.array([_code(chr(point), places) for point in points.tolist()], np.int16).take(inverse)
    return found


@lru_cache(maxsize=64)
def _ascii_codes(characters: str) -> Codes:
    places = {char: place for place, char in enumerate(characters)}
    return np.array([_code(chr(point), places) for point in range(_ASCII)], np.int16)


def _code(char: str, places: dict[str, int]) -> int:
    if char in places:
        return places[char]
    return FOREIGN if is_lettered(char) or unicodedata.category(char) in {"Mn", "Mc", "Me", "Co", "Cn"} else SEPARATOR


def units_of(characters: str) -> npt.NDArray[Any]:
    """The unit of each character: bytes if all are ASCII, otherwise code points.

    >>> units_of("ab").dtype, units_of("aß").dtype
    (dtype('uint8'), dtype('uint32'))
    """
    points = np.frombuffer(characters.encode("utf-32-le"), np.uint32)
    return points.astype(np.uint8) if characters.isascii() else points
