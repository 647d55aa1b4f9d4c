"""Windows: the stretch of a text around a hit of the scan, outside of which a pattern finds nothing that belongs to
the hit.

A search of a whole text costs 3 to 40 us for 160 characters, and one of a window 1 to 8. A window is exact: inside it
a pattern finds what it would find in the whole text. That holds because every match of a pattern has a hit of its
gate between its start and its end (or in the few characters behind, which a look-ahead takes in), so a match is never
further from a hit than the pattern is wide, or than the next space if the pattern can't match one.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import regex

from udfs.detect.translate import NotTranslatableError, atom_of, parse, parts_of, sre

_WIDEST = 512
"""Characters of a bounded pattern that still has a window. A wider one would hardly save anything."""
_LEAST_AHEAD = 2
"""Characters that `\\b`, `$` and the scan's line feed may need to see behind a match."""


class Reach(NamedTuple):
    """How far a match may be from a hit.

    Attributes:
        width: the most characters that a match has, or None without a bound.
        spaces: False when no match holds a space.
        ahead: the characters behind a match that decide on it, at most.
    """

    width: int | None
    spaces: bool
    ahead: int


@lru_cache(maxsize=4096)
def reach(pattern: str, flags: int) -> Reach | None:
    """The reach of a pattern, or None where a window can't be told: then the whole text is searched.

    >>> reach(r"\\b\\d{3}-\\d{4}\\b", 0)
    Reach(width=8, spaces=False, ahead=2)
    >>> reach(r"\\w+ \\w+", 0) is None
    True
    """
    try:
        tree = parse(pattern, flags)
        spaces = _holds_space(tree, tree.state.flags)
    except NotTranslatableError:
        return None
    ahead = sum(_aheads(tree)) + _LEAST_AHEAD
    widest = int(tree.getwidth()[1])
    width = widest if widest <= _WIDEST else None
    if ahead > _WIDEST or (width is None and spaces):
        return None
    return Reach(width, spaces, ahead)


def _aheads(items: Iterable[Any]) -> Iterator[int]:
    """The widths of all look-aheads, those inside others too."""
    for op, arg in items:
        if op in (sre.ASSERT, sre.ASSERT_NOT) and arg[0] == 1:
            yield int(arg[1].getwidth()[1])
        for inner in parts_of(op, arg):
            yield from _aheads(inner)


def _holds_space(items: Iterable[Any], flags: int) -> bool:
    return any(_may_be_space(op, arg, flags) for op, arg in items)


def _may_be_space(op: Any, arg: Any, flags: int) -> bool:
    if op in (sre.ASSERT, sre.ASSERT_NOT, sre.AT):
        return False
    inner = parts_of(op, arg)
    if op is sre.SUBPATTERN:
        flags = (flags | arg[1]) & ~arg[2]
    if inner:
        return any(_holds_space(part, flags) for part in inner)
    if op is sre.GROUPREF:  # what it repeats is looked at where it stands
        return False
    atom = atom_of(op, arg, flags)
    return regex.fullmatch(atom.source, " ") is not None


def windows(text: str, ends: Sequence[int], of: Reach) -> list[tuple[int, int]]:
    """The windows of a text in which to search, in order; they neither overlap nor touch.

    Args:
        text: the text.
        ends: the offsets behind the hits, in code points, ascending.
        of: the reach of the pattern.

    Returns:
        First and last offset (half-open) of each: every match lies within one window.

    >>> windows("call 555-1234 or 555-9999", [13], Reach(8, False, 2))
    [(5, 13)]
    """
    found: list[tuple[int, int]] = []
    for end in ends:
        start, stop = _window(text, end, of)
        while found and start <= found[-1][1]:
            low, high = found.pop()
            start, stop = min(low, start), max(high, stop)
        found.append((start, stop))
    return found


def _window(text: str, end: int, of: Reach) -> tuple[int, int]:
    width, spaces, ahead = of
    start, stop = 0, len(text)
    if width is not None:
        start, stop = max(end - ahead - width, 0), min(end + width, stop)
    if not spaces:
        start = text.rfind(" ", start, max(end - ahead, start)) + 1 or start
        space = text.find(" ", max(end - 1, 0), stop)
        stop = stop if space < 0 else space
    return start, max(stop, start)
