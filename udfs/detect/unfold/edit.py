"""A reading of a text: another text, and where each of its characters comes from."""

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Edit = tuple[int, int, str]
"""Start, end (half-open), and what stands there instead. A list of edits is in order, and none overlaps another."""

_COUNT = array("q", range(4096))


class Unfolded(NamedTuple):
    """A plain reading of (a part of) a text.

    What stands at [a, b) of the reading is [start[a], end[b - 1]) of the text.

    Attributes:
        text: the reading.
        start: per code point of it, the first code point of the text that it comes from.
        end: per code point of it, one past the last one.
    """

    text: str
    start: Ints
    end: Ints


def whole(text: str) -> Unfolded:
    """The text as a reading of itself."""
    count = np.arange(len(text) + 1, dtype=np.int64)
    return Unfolded(text, count[:-1], count[1:])


def edited(reading: Unfolded, edits: Sequence[Edit]) -> Unfolded:
    """The reading with the edits made. Each new character comes from all that it stands for.

    >>> reading = edited(whole("a%40b"), [(1, 4, "@")])
    >>> reading.text, reading.start.tolist(), reading.end.tolist()
    ('a@b', [0, 1, 4], [1, 4, 5])
    """
    if not edits:
        return reading
    text = reading.text
    count = _COUNT if len(text) <= len(_COUNT) else array("q", range(len(text)))
    pieces: list[str] = []
    first, last = array("q"), array("q")
    at = 0
    for start, end, new in edits:
        pieces += text[at:start], new
        kept = count[at:start]
        first += kept
        last += kept
        for _ in new:
            first.append(start)
            last.append(end - 1)
        at = end
    pieces.append(text[at:])
    first += count[at : len(text)]
    last += count[at : len(text)]
    return Unfolded("".join(pieces), reading.start[_taken(first)], reading.end[_taken(last)])


def _taken(places: "array[int]") -> Ints:
    return np.frombuffer(places, dtype=np.int64) if places else np.empty(0, dtype=np.int64)
