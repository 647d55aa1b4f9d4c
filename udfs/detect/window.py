"""Windows: the stretch of a text around a hit of the scan, outside of which a pattern finds nothing that belongs to
the hit.

A search of a whole text costs 3 to 40 us for 160 characters, and one of a window 1 to 8. A window is exact: inside it
a pattern finds what it would find in the whole text. That holds because every match of a pattern has a hit of its
gate between its start and its end (or in the few characters behind, which a look-ahead takes in), so a match is never
further from a hit than the pattern is wide, or than the next space if the pattern can't match one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import regex

from udfs.detect.translate import REPEATS, NotTranslatableError, atom_of, is_optional, parse, parts_of, sre

_WIDEST = 512
"""Characters of a bounded pattern that still has a window. A wider one would hardly save anything."""
_LEAST_AHEAD = 2
"""Characters that `\\b`, `$` and the scan's line feed may need to see behind a match."""


Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Joined:
    """The texts of a batch in one string, with a NUL before, between and behind them.

    Attributes:
        text: the string.
        starts: per text, the offset of its first code point.
        stops: per text, the offset behind its last one.
    """

    text: str
    starts: Ints
    stops: Ints

    def one(self, index: int) -> str:
        """The text of an index."""
        return self.text[self.starts[index] : self.stops[index]]

    @cached_property
    def spaces(self) -> Ints:
        """The offsets of all spaces, ascending."""
        width, code = (np.uint8, "ascii") if self.text.isascii() else (np.uint32, "utf-32-le")
        return np.flatnonzero(np.frombuffer(self.text.encode(code), width) == ord(" "))


class Reach(NamedTuple):
    """How far a match may be from a hit.

    Attributes:
        width: the most characters that a match has, or None without a bound.
        spaces: False when no match holds a space.
        ahead: the characters behind a match that decide on it, at most.
        beyond: the characters behind a match at which its hit may end, at most.
        slack: the characters of a match that may stand behind its hit, at most, or None without a bound.
        alone: True when the pattern must see a text by itself: it looks for a beginning or an end, or something in it
            matches a NUL, so that joined texts are not what single ones are.
    """

    width: int | None
    spaces: bool
    ahead: int
    beyond: int
    slack: int | None
    alone: bool


@lru_cache(maxsize=4096)
def reach(pattern: str, flags: int) -> Reach | None:
    """The reach of a pattern, or None where a window can't be told: then the whole text is searched.

    >>> reach(r"\\b\\d{3}-\\d{4}\\b", 0)
    Reach(width=8, spaces=False, ahead=2, beyond=2, slack=0, alone=False)
    >>> reach(r"\\w+ \\w+", 0) is None
    True
    """
    try:
        tree = parse(pattern, flags)
        spaces = _holds_space(tree, tree.state.flags)
        alone = any(_knows_ends(op, arg, tree.state.flags) for op, arg in tree)
    except NotTranslatableError:
        return None
    ahead = sum(_aheads(tree)) + _LEAST_AHEAD
    widest = int(tree.getwidth()[1])
    width = widest if widest <= _WIDEST else None
    if ahead > _WIDEST or (width is None and spaces):
        return None
    slack = _slack(tree)
    bounded = slack if slack <= _WIDEST else None
    return Reach(width, spaces, ahead, _beyond(tree) + _LEAST_AHEAD, bounded, alone)


def _slack(items: Iterable[Any]) -> int:
    """What the end of a pattern may match of more than it has to: the scan's form is without it."""
    slack = 0
    for item in reversed(list(items)):
        if not is_optional(item):
            return slack + _slack_of(*item)
        slack += _widest(item)
    return slack


def _slack_of(op: Any, arg: Any) -> int:
    if op is sre.SUBPATTERN:
        return _slack(arg[3])
    if op is sre.BRANCH:
        return max(_slack(branch) for branch in arg[1])
    if op in REPEATS and arg[0] == arg[1] == 1:
        return _slack(arg[2])
    if op in REPEATS:
        return _widest((op, (0, arg[1] - arg[0], arg[2])))
    return _widest((op, arg)) if parts_of(op, arg) else 0


def _widest(item: Any) -> int:
    """The most characters that a part matches; look-arounds match none."""
    op, arg = item
    if op in (sre.ASSERT, sre.ASSERT_NOT, sre.AT):
        return 0
    inner = max((sum(map(_widest, part)) for part in parts_of(op, arg)), default=1)
    times = int(arg[1]) if op in REPEATS else 1
    return min(inner * times, _WIDEST + 1)


def _beyond(items: Iterable[Any]) -> int:
    """The width of the look-aheads at the end of a pattern: the scan takes in what they look at, and no others."""
    width = 0
    for item in reversed(list(items)):
        width += sum(_aheads([item]))
        if not is_optional(item):
            break
    return width


def _knows_ends(op: Any, arg: Any, flags: int) -> bool:
    """True for a part to which the end of a text is not the same as a NUL."""
    if op is sre.AT:
        return arg not in (sre.AT_BOUNDARY, sre.AT_NON_BOUNDARY)
    if op is sre.SUBPATTERN:
        flags = (flags | arg[1]) & ~arg[2]
    inner = parts_of(op, arg)
    if inner or op in (sre.GROUPREF, sre.SUBPATTERN, sre.BRANCH):
        return any(_knows_ends(one, of, flags) for part in inner for one, of in part)
    return regex.fullmatch(atom_of(op, arg, flags).source, "\0") is not None


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


class Windows(NamedTuple):
    """Stretches of joined texts, in order; those of a text neither overlap nor touch.

    Attributes:
        text: index of the text.
        low: first offset.
        high: last offset (half-open): every match lies within one window.
    """

    text: Ints
    low: Ints
    high: Ints


def windows(text: Ints, ends: Ints, joined: "Joined", of: Reach) -> Windows:
    """The windows in which to search.

    Args:
        text: per hit, the index of its text, ascending.
        ends: per hit, the offset behind it in the joined texts, ascending within a text.
        joined: the texts.
        of: the reach of the pattern.

    >>> both = Joined("\\0call 555-1234\\0now", np.array([1, 15]), np.array([14, 18]))
    >>> windows(np.array([0]), np.array([14]), both, Reach(8, False, 2, 2, 0, False))
    Windows(text=array([0]), low=array([6]), high=array([14]))
    """
    if not len(text):
        return Windows(text, text, text)
    starts, stops = joined.starts[text], joined.stops[text]
    low, high = starts, stops
    if of.width is not None:
        low = np.maximum(low, ends - of.beyond - of.width)
        high = np.minimum(high, ends + (of.width if of.slack is None else min(of.slack, of.width)))
    if not of.spaces and len(joined.spaces):
        left = np.searchsorted(joined.spaces, np.maximum(ends - of.beyond, low)) - 1
        low = np.maximum(low, np.where(left >= 0, joined.spaces[left], -1) + 1)
        right = np.searchsorted(joined.spaces, np.maximum(ends - 1, starts))
        there = right < len(joined.spaces)
        high = np.minimum(high, np.where(there, joined.spaces[np.where(there, right, 0)], high))
    high = np.maximum(low, high)
    apart = np.append(True, (text[1:] != text[:-1]) | (low[1:] > high[:-1]))
    first = np.flatnonzero(apart)
    last = np.append(first[1:], len(text)) - 1
    return Windows(text[first], low[first], high[last])
