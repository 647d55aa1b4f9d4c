"""A recognizer's pattern as an expression for the scan: simpler, and never narrower.

The scan reads texts in an alphabet of bytes (see `alphabet`), and asks only whether a pattern matches somewhere in a
text. So a pattern may lose whatever only narrows it (look-arounds inside it, possessive and atomic groups), and
whatever only lengthens its matches at their ends (`x{3,9}` at the end is `x{3}`). A look-around at an end takes in
the text that it looks at; texts stand between line feeds there, so that there is always something to take in.
Character classes become sets of bytes.

`re`'s parser reads the pattern. Where the `regex` module, which runs the pattern in the end, could read it
differently, the pattern is not translated, and the recognizer sees every text.
"""

import importlib
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import regex

_LIBRARY = "re._{}" if sys.version_info >= (3, 11) else "sre_{}"
sre: Any = importlib.import_module(_LIBRARY.format("constants"))
sre_parser: Any = importlib.import_module(_LIBRARY.format("parser" if sys.version_info >= (3, 11) else "parse"))

_KNOWN_FLAGS = regex.IGNORECASE | regex.MULTILINE | regex.DOTALL
_MOST = 64
"""The highest repeat count that is kept. A scan automaton has a state for each repetition."""

_PLAIN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
"""Escaped characters and character classes."""
_AMBIGUOUS = re.compile(r"\{(?!\d*,?\d*\})|\(\?[a-zA-Z]*x")
"""`{e<=1}` is a fuzzy match to `regex` and plain text to `re`; the comments of verbose patterns look like anything."""
_POSIX = re.compile(r"\[:[^\]]*:\]")
_LATE_FLAG = re.compile(r"^([^\[\\(]|\\b)*\(\?i\)")
"""`(?i)` behind the start holds for the whole pattern in `regex`, and is an error in `re`."""

_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}
_BOUNDARIES = {sre.AT_BOUNDARY: r"\b", sre.AT_NON_BOUNDARY: r"\B"}
_BEGINNINGS = (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING)
REPEATS = tuple(getattr(sre, n) for n in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") if hasattr(sre, n))
_ATOMIC = getattr(sre, "ATOMIC_GROUP", None)


class NotTranslatableError(Exception):
    """The pattern has no simpler form that is certain to match wherever it matches."""


class Atom(NamedTuple):
    """A set of characters, as the `regex` module writes it.

    Attributes:
        source: a character class, e.g. `[0-9\\s]`.
        ignore_case: True when letters stand for both their cases.
    """

    source: str
    ignore_case: bool


_OUTSIDE = object()
"""Marks a part of our own: a character that is not in the class that follows, or a line feed."""

ANY = Atom(r"[\s\S]", False)
NOT_NEWLINE = Atom(r"[^\n]", False)

_SINGLE = (sre.IN, sre.LITERAL, sre.NOT_LITERAL)

Write = Callable[[Atom], str]
"""Gives the expression of an atom."""

_Item = tuple[Any, Any]


@dataclass(frozen=True)
class _Seat:
    """Where in a pattern a part stands. At an end of the pattern, what only lengthens a match is left out."""

    flags: int
    first: bool = True
    last: bool = True


class Translation(NamedTuple):
    """A pattern in the form of the scan.

    Attributes:
        expression: matches in every text in which the pattern matches something, if the text stands between line feeds.
            The last byte of such a match is in the text, or the line feed behind it.
        loose: True when a condition on the text inside the match was left out: it may match far more than the pattern.
    """

    expression: str
    loose: bool


def translate(pattern: str, flags: int, write: Write, boundaries: bool = True) -> Translation:
    """Simplifies a pattern for the scan.

    Args:
        pattern: as the `regex` module takes it.
        flags: its flags, as the `regex` module numbers them.
        write: gives the expression of a set of characters.
        boundaries: False leaves out `\\b`, `^` and `$`.

    Raises:
        NotTranslatableError: the pattern has parts that are not understood for certain, or could match nothing at all.

    >>> translate(r"\\d{3,5}[a-c]\\b", regex.IGNORECASE, lambda atom: atom.source).expression
    '(?:[\\\\d]){3}[\\\\x61-\\\\x63]\\\\b'
    """
    tree = parse(pattern, flags)
    writer = _Writer(write, boundaries)
    expression = writer.sequence(tree, _Seat(tree.state.flags))
    if re.fullmatch(r"(\\[bB]|[\^$]|\(\?:|\||\))*", expression):
        raise NotTranslatableError("it could match nothing")
    return Translation(expression, writer.loose)


@lru_cache(maxsize=1 << 11)
def parse(pattern: str, flags: int) -> Any:
    """A pattern of the `regex` module as `re`'s parser reads it. Do not change the tree: it is remembered, since every
    pattern is looked at four times; `parse.cache_clear()` forgets all.

    Raises:
        NotTranslatableError: the two could read it differently.
    """
    if flags & ~_KNOWN_FLAGS or _POSIX.search(pattern) or _AMBIGUOUS.search(_PLAIN.sub("", pattern)):
        raise NotTranslatableError("it has a part that only the regex module knows")
    late = _LATE_FLAG.match(pattern)
    if late:
        pattern, flags = pattern.replace("(?i)", "", 1), flags | regex.IGNORECASE
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            tree = sre_parser.parse(pattern, int(flags))
        except (re.error, Warning, OverflowError, RecursionError) as error:
            raise NotTranslatableError("only the regex module can read it") from error
    if tree.state.flags & (re.ASCII | re.LOCALE):
        raise NotTranslatableError("its classes hold ASCII characters only")
    return tree


class _Writer:
    """Writes a parsed pattern."""

    def __init__(self, write: Write, boundaries: bool) -> None:
        self.loose = False
        self._write = write
        self._boundaries = boundaries
        self._groups: dict[int, Sequence[_Item]] = {}

    def sequence(self, items: Iterable[_Item], seat: _Seat) -> str:
        """The expressions of parts that follow each other."""
        kept = self._trimmed(list(items), seat)
        last = len(kept) - 1
        written = (
            self._item(item, _Seat(seat.flags, seat.first and i == 0, seat.last and i == last))
            for i, item in enumerate(kept)
        )
        return "".join(written)

    def _trimmed(self, items: list[_Item], seat: _Seat) -> list[_Item]:
        """Leaves out, at the ends of the pattern, what only lengthens a match, and look-arounds everywhere else."""
        self._remember(items)
        while seat.first and items and is_optional(items[0]):
            items = self._taken_in(items[0], -1) + items[1:]
        while seat.last and items and is_optional(items[-1]):
            items = items[:-1] + self._taken_in(items[-1], 1)
        self.loose |= any(op is sre.ASSERT for op, _ in items)
        return [item for item in items if item[0] not in (sre.ASSERT, sre.ASSERT_NOT)]

    def _taken_in(self, item: _Item, direction: int) -> list[_Item]:
        """What a look-around at an end of the pattern says of the text beyond it, as parts that match that text.

        Args:
            item: the first or last part of the pattern.
            direction: -1 at the beginning, 1 at the end; what a look-around that looks inwards says is lost.
        """
        op, arg = item
        if op not in (sre.ASSERT, sre.ASSERT_NOT) or arg[0] != direction:
            self.loose |= op is sre.ASSERT
            return []
        return list(arg[1]) if op is sre.ASSERT else _outside(list(arg[1]))

    def _remember(self, items: Sequence[_Item]) -> None:
        """Keeps every group for its back references, those inside look-arounds and left-out parts too."""
        for op, arg in items:
            if op is sre.SUBPATTERN and arg[0] is not None:
                self._groups[arg[0]] = arg[3]
            for inner in parts_of(op, arg):
                self._remember(inner)

    def _item(self, item: _Item, seat: _Seat) -> str:
        op, arg = item
        if op is sre.AT:
            return self._at(arg)
        if op is sre.SUBPATTERN:
            _, added, removed, inner = arg
            flags = (seat.flags | added) & ~removed
            return _group(self.sequence(inner, _Seat(flags, seat.first, seat.last)))
        if op is sre.BRANCH:
            return _group("|".join(self.sequence(branch, seat) for branch in arg[1]))
        if op in REPEATS:
            return self._repeat(arg, seat)
        if op is sre.GROUPREF:
            return _group(self.sequence(self._groups[arg], _Seat(seat.flags, False, False)))
        if op is sre.GROUPREF_EXISTS:
            branches = (self.sequence(branch or [], _Seat(seat.flags, False, False)) for branch in arg[1:])
            return _group("|".join(branches))
        if op is _ATOMIC:
            return _group(self.sequence(arg, seat))
        if op is _OUTSIDE:
            inside = atom_of(arg[0], arg[1], seat.flags)
            return self._write(Atom(f"(?:(?!{inside.source})[\\s\\S]|\\n)", inside.ignore_case))
        return self._write(atom_of(op, arg, seat.flags))

    def _at(self, place: Any) -> str:
        if not self._boundaries:
            return ""
        return _BOUNDARIES.get(place) or ("^" if place in _BEGINNINGS else "$")

    def _repeat(self, arg: Any, seat: _Seat) -> str:
        least, most, inner = arg
        if seat.first or seat.last:
            most = least
        once = least == most == 1
        body = self.sequence(inner, _Seat(seat.flags, seat.first and once, seat.last and once))
        return body if once or not body else f"(?:{body}){_count(int(least), int(most))}"


def needs(items: Iterable[_Item], flags: int, is_wanted: Callable[[Atom], bool]) -> bool:
    """True when every match holds a character of a wanted set.

    Args:
        items: a pattern, as `parse` gives it.
        flags: the flags that hold for it.
        is_wanted: says whether all characters of a set are wanted.

    >>> tree = parse(r"a(?:\\d{2}|b[5])", 0)
    >>> needs(tree, 0, lambda atom: atom.source in (r"[\\d]", r"[\\x35]"))
    True
    """
    return any(_item_needs(op, arg, flags, is_wanted) for op, arg in items)


def _item_needs(op: Any, arg: Any, flags: int, is_wanted: Callable[[Atom], bool]) -> bool:
    if op in (sre.LITERAL, sre.IN):
        return is_wanted(atom_of(op, arg, flags))
    if op is sre.SUBPATTERN:
        return needs(arg[3], (flags | arg[1]) & ~arg[2], is_wanted)
    if op is sre.BRANCH:
        return all(needs(branch, flags, is_wanted) for branch in arg[1])
    return op in REPEATS and arg[0] > 0 and needs(arg[2], flags, is_wanted)


def _group(body: str) -> str:
    return f"(?:{body})" if body else ""


def parts_of(op: Any, arg: Any) -> list[Sequence[_Item]]:
    """The sequences of parts inside a part."""
    if op is sre.SUBPATTERN:
        return [arg[3]]
    if op is sre.BRANCH:
        return list(arg[1])
    if op in REPEATS:
        return [arg[2]]
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [arg[1]]
    if op is sre.GROUPREF_EXISTS:
        return [branch for branch in arg[1:] if branch]
    return [arg] if op is _ATOMIC else []


def is_optional(item: _Item) -> bool:
    """True for what an end of the pattern can do without: look-arounds, and what may be repeated zero times."""
    op, arg = item
    if op is sre.SUBPATTERN:
        return all(is_optional(inner) for inner in arg[3])
    return op in (sre.ASSERT, sre.ASSERT_NOT) or (op in REPEATS and arg[0] == 0)


def _outside(items: list[_Item]) -> list[_Item]:
    """One character that one of the forbidden ones is not: of `(?!a|bc)`, that it is no `a`."""
    if len(items) != 1:
        return []
    op, arg = items[0]
    branches = arg[1] if op is sre.BRANCH else [items]
    single = [branch[0] for branch in branches if len(branch) == 1 and branch[0][0] in _SINGLE]
    return [(_OUTSIDE, single[0])] if single else []


def _count(least: int, most: int) -> str:
    least = min(least, _MOST)
    if most > _MOST:
        return f"{{{least},}}"
    return f"{{{least}}}" if least == most else f"{{{least},{most}}}"


def atom_of(op: Any, arg: Any, flags: int) -> Atom:
    """The set of characters that a single part matches.

    Raises:
        NotTranslatableError: it is no such part.
    """
    ignore_case = bool(flags & re.IGNORECASE)
    if op is sre.ANY:
        return ANY if flags & re.DOTALL else NOT_NEWLINE
    if op is sre.LITERAL:
        return Atom(f"[{_escaped(arg)}]", ignore_case)
    if op is sre.NOT_LITERAL:
        return Atom(f"[^{_escaped(arg)}]", ignore_case)
    if op is sre.IN:
        return Atom("[" + "".join(_member(*member) for member in arg) + "]", ignore_case)
    raise NotTranslatableError(f"it has a part that the scan does not know: {op}")


def _member(op: Any, arg: Any) -> str:
    if op is sre.NEGATE:
        return "^"
    if op is sre.LITERAL:
        return _escaped(arg)
    if op is sre.RANGE:
        return f"{_escaped(arg[0])}-{_escaped(arg[1])}"
    if op is sre.CATEGORY and arg in _CATEGORIES:
        return _CATEGORIES[arg]
    raise NotTranslatableError(f"it has a character class that the scan does not know: {op}")


def _escaped(code_point: int) -> str:
    return f"\\x{code_point:02x}" if code_point < 128 else f"\\U{code_point:08x}"
