"""The scan's alphabet: every Unicode character as one byte.

Patterns tell characters apart only by the classes in them, so characters that no class tells apart can share a byte.
A text in this alphabet has one byte for each code point, and a class is the set of the bytes of its members. Three
rules make a match in the text a match in the alphabet:

- which characters are in a class is asked of the `regex` module itself, flags included;
- word characters (`\\w`) have the bytes of ASCII word characters, and no others do: `\\b` is the same in both;
- line feeds keep their byte, for `^`, `$` and the separator of texts.

Where there are more kinds of characters than bytes, kinds share one: a class then has members that it should not
have, never fewer.
"""

import string
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
import regex

from udfs.detect.translate import Atom

_Codes = np.ndarray[Any, np.dtype[np.int64]]
_Bytes = np.ndarray[Any, np.dtype[np.uint8]]

_LIMIT = 0x110000
_ASCII = 128
_SURROGATES = range(0xD800, 0xE000)
_MOST_BITS = 62
"""Bits of a number in which kinds are told apart before they are numbered anew, which takes 0.1 s."""
_CATEGORIES = (r"\d", r"\w", r"\s")
_ESCAPE = regex.compile(r"\\U([0-9a-f]{8})(-?)")


class _Cell(NamedTuple):
    """Characters that no class tells apart: a representative stands for all of them."""

    representative: str
    codes: _Codes


@cache
def _universe() -> str:
    """Every character that valid UTF-8 can hold."""
    return "".join(map(chr, (c for c in range(_LIMIT) if c not in _SURROGATES)))


def _members(source: str, flags: int = 0) -> _Codes:
    """The code points that a character class holds, ascending."""
    return np.flatnonzero(np.unpackbits(_asked(source, flags)))


@lru_cache(maxsize=64)
def _asked(source: str, flags: int) -> _Bytes:
    """The same as a bit for each code point, 139 kB: all of Unicode is looked at, which takes up to a second.

    Alphabets have classes in common: in 60 recognizers alone, 30 classes were asked for 236 times.
    """
    runs = (match.group() for match in regex.finditer(f"(?:{source})+", _universe(), flags))
    inside = np.zeros(_LIMIT, dtype=bool)
    inside[np.frombuffer("".join(runs).encode("utf-32-le"), dtype=np.uint32)] = True
    return np.packbits(inside)


@cache
def _kinds() -> _Codes:
    """For every code point, which of the categories it is in, as bits."""
    kinds = np.zeros(_LIMIT, dtype=np.int64)
    for bit, category in enumerate(_CATEGORIES):
        kinds[_members(category)] |= 1 << bit
    return kinds


@cache
def _ascii_alike() -> _Codes:
    """The code points beyond ASCII that are an ASCII letter's other case: the Kelvin sign, the long s and such."""
    alike = _members(r"[\x00-\x7f]", regex.IGNORECASE)
    return alike[alike >= _ASCII]


def _alone(atoms: Iterable[Atom]) -> _Codes:
    """The code points that classes may tell from all others: ASCII, its other cases, and what classes name."""
    named = {code for atom in atoms for code, dash in _ESCAPE.findall(atom.source) if not dash}
    singles = [np.arange(_ASCII), _ascii_alike()]
    if named:
        singles.append(_members("[" + "".join(f"\\U{code}" for code in sorted(named)) + "]", regex.IGNORECASE))
    return np.unique(np.concatenate(singles))


def _cells(atoms: Sequence[Atom]) -> list[_Cell]:
    """All characters, in cells that no atom divides."""
    kinds = _kinds().copy()
    bit = len(_CATEGORIES)
    for atom in atoms:
        if "-\\U" in atom.source:
            if bit == _MOST_BITS:
                kinds, bit = np.unique(kinds, return_inverse=True)[1].astype(np.int64), _LIMIT.bit_length()
            kinds[_members(atom.source, _flags(atom))] |= 1 << bit
            bit += 1
    alone = _alone(atoms)
    together = np.ones(_LIMIT, dtype=bool)
    together[alone] = False
    together[_SURROGATES.start : _SURROGATES.stop] = False
    codes = np.flatnonzero(together)
    groups = [codes[kinds[codes] == kind] for kind in np.unique(kinds[codes])]
    singles = [np.array([code]) for code in alone]
    return [_Cell(chr(c[0]), c) for c in (*singles[:_ASCII], *groups, *singles[_ASCII:])]


def _flags(atom: Atom) -> int:
    return int(regex.IGNORECASE) if atom.ignore_case else 0


@lru_cache(maxsize=4)
def alphabet_of(atoms: frozenset[Atom]) -> "Alphabet":
    """The alphabet of a set of classes. It takes a second to make and never changes, so that detectors share it."""
    return Alphabet(atoms)


class Alphabet:
    """The bytes of all characters, for a set of character classes.

    Args:
        atoms: every class that is to be written in this alphabet.

    Attributes:
        digits: every byte that may stand for a digit of some script.
    """

    def __init__(self, atoms: Iterable[Atom]) -> None:
        ordered = sorted(set(atoms))
        tests = [regex.compile(atom.source, _flags(atom)) for atom in ordered]
        table: _Bytes = np.zeros(_LIMIT, dtype=np.uint8)
        members: dict[Atom, set[int]] = {atom: set() for atom in ordered}
        free = _Free()
        for cell in _cells(ordered):
            inside = tuple(test.fullmatch(cell.representative) is not None for test in tests)
            byte = free.byte_for(cell.representative, inside)
            table[cell.codes] = byte
            for atom in (atom for atom, is_in in zip(ordered, inside, strict=True) if is_in):
                members[atom].add(byte)
        self.digits = frozenset(table[_members(r"\d")].tolist())
        self._table = table
        self._ascii = table[:256].tobytes()
        self._members = members

    def write(self, atom: Atom) -> str:
        """A class as a set of bytes, in Hyperscan's syntax. A class without members becomes one that never matches."""
        members = sorted(self._members[atom])
        if len(members) == 1:
            return f"\\x{members[0]:02x}"
        return "[" + "".join(f"\\x{byte:02x}" for byte in members) + "]" if members else "[^\\x00-\\xff]"

    def is_of_digits(self, atom: Atom) -> bool:
        """True when a class has no other bytes than those that may stand for a digit."""
        return self._members[atom] <= self.digits

    def encode(self, text: bytes) -> bytes:
        """A text in this alphabet, one byte for each code point.

        Args:
            text: valid UTF-8.

        Raises:
            UnicodeDecodeError: the text is no valid UTF-8.
        """
        if text.isascii():
            return text.translate(self._ascii)
        codes = np.frombuffer(text.decode("utf-8").encode("utf-32-le"), dtype=np.uint32)
        return self._table[codes].tobytes()


class _Free:
    """Hands out bytes. ASCII keeps its own, capitals take the small letter's; others share the byte of their equals."""

    def __init__(self) -> None:
        self._given: dict[tuple[bool, tuple[bool, ...]], int] = {}
        self._left = {True: list(string.ascii_uppercase.encode()), False: list(range(_ASCII, 256))}

    def byte_for(self, character: str, inside: tuple[bool, ...]) -> int:
        """The byte of a cell.

        Args:
            character: a member. ASCII has to come first.
            inside: for each class, whether the cell is in it.
        """
        kind = regex.match(r"\w", character) is not None, inside
        if character.isascii():
            byte = ord(character.lower())
            self._given.setdefault(kind, byte)
            return byte
        if kind not in self._given:
            left = self._left[kind[0]]
            self._given[kind] = left.pop(0) if len(left) > 1 else left[0]
        return self._given[kind]
