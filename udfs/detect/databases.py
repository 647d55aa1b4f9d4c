"""The scan's expressions, compiled: they look for all matches in joined texts at once.

Most expressions are of numbers, and most texts hold none. So those that need a digit look at texts with digits alone:
with all recognizers, sentences without a number take a third of the time.
"""

import re
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache
from typing import Any

import hyperscan
import numpy as np

from udfs.detect.window import Ints

BITS = 20
"""Bits of the number that an expression has in a hit; its place has the others."""
_FLAGS = hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_MULTILINE
_GROUP = 32
"""Expressions in a database. 170 in one took 6 s to compile and 174 ms to scan 1.6 MB; in groups, 2 s and 125 ms."""
_WORDS = 4096
"""Words in a database. They cost next to nothing together: a deny list has thousands."""
_WORD = re.compile(r"(?:\\x[0-9a-f]{2}|\[(?:\\x[0-9a-f]{2})+\])+")
_MOST = 0.7
"""Share of texts with digits from which on it is quicker to look at all."""


class Databases:
    """Expressions of bytes, ready to look.

    Args:
        sources: the expressions, in Hyperscan's syntax; a hit names one by its index.
        of_numbers: those of which every match holds a digit.
        digits: every byte that may stand for a digit.

    Attributes:
        refused: the expressions that Hyperscan does not take; they find nothing.
    """

    def __init__(self, sources: Sequence[str], of_numbers: Set[str], digits: Set[int]) -> None:
        numbered = list(enumerate(sources))
        some, refused = _compiled(tuple((n, s) for n, s in numbered if s in of_numbers))
        others, also = _compiled(tuple((n, s) for n, s in numbered if s not in of_numbers))
        self.refused = refused | also
        self._of_numbers = [_loaded(dump) for dump in some]
        self._of_all = [_loaded(dump) for dump in others]
        self._is_digit = bytes(byte in digits for byte in range(256))

    def hits(self, joined: bytes, starts: Ints, stops: Ints) -> Ints:
        """Every hit once, ascending: the offset behind it, shifted by `BITS`, and the expression.

        Args:
            joined: texts with one byte before, between and behind them.
            starts: where each begins.
            stops: where each ends.
        """
        found = _scanned(self._of_all, joined)
        if self._of_numbers and len(starts):
            found = np.concatenate([found, self._in_texts_with_digits(joined, starts, stops)])
        return np.unique(found)

    def _in_texts_with_digits(self, joined: bytes, starts: Ints, stops: Ints) -> Ints:
        flags = np.frombuffer(joined.translate(self._is_digit), np.uint8)
        chosen = np.flatnonzero(np.maximum.reduceat(flags, starts))
        if len(chosen) > _MOST * len(starts):
            return _scanned(self._of_numbers, joined)
        if not len(chosen):
            return np.empty(0, np.int64)
        first, last = starts[chosen], stops[chosen]
        pieces = [joined[low:high] for low, high in zip(first.tolist(), last.tolist(), strict=True)]
        hits = _scanned(self._of_numbers, b"\n".join([b"", *pieces, b""]))
        begins = np.cumsum(last - first + 1) - (last - first)
        end = hits >> BITS
        piece = np.searchsorted(begins, end - 1, side="right") - 1
        inside = piece >= 0
        shift = first - begins
        moved: Ints = hits[inside] + (shift[piece[inside]] << BITS)
        return moved


def _scanned(databases: Sequence[Any], joined: bytes) -> Ints:
    found: list[int] = []
    add = found.append

    def note(expression: int, _start: int, end: int, _flags: int, _context: object) -> None:
        add(end << BITS | expression)

    for database in databases:
        database.scan(joined, match_event_handler=note)
    return np.array(found, dtype=np.int64)


@lru_cache(maxsize=16)
def _compiled(numbered: tuple[tuple[int, str], ...]) -> tuple[list[bytes], frozenset[str]]:
    """Databases in Hyperscan's own serialized form, and the expressions that it refuses."""
    dumps: list[bytes] = []
    refused: set[str] = set()
    for group in _groups(numbered):
        dump = _dumped(group)
        if dump is not None:
            dumps.append(dump)
            continue
        alone = {source: _dumped([(number, source)]) for number, source in group}
        refused |= {source for source, dump in alone.items() if dump is None}
        dumps += [dump for dump in alone.values() if dump is not None]
    return dumps, frozenset(refused)


def _groups(numbered: Sequence[tuple[int, str]]) -> Iterator[Sequence[tuple[int, str]]]:
    words = [(number, source) for number, source in numbered if _WORD.fullmatch(source)]
    others = [(number, source) for number, source in numbered if not _WORD.fullmatch(source)]
    for of, size in ((others, _GROUP), (words, _WORDS)):
        yield from (of[start : start + size] for start in range(0, len(of), size))


def _dumped(numbered: Sequence[tuple[int, str]]) -> bytes | None:
    """A database of numbered expressions, serialized, or None when one of them is refused."""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile([s.encode() for _, s in numbered], ids=[number for number, _ in numbered], flags=_FLAGS)
    except hyperscan.error:
        return None
    return bytes(hyperscan.dumpb(database))


def _loaded(dump: bytes) -> Any:
    """A database with a scratch of its own, so that detectors in several threads can scan at once."""
    database = hyperscan.loadb(dump, hyperscan.HS_MODE_BLOCK)
    database.scratch = hyperscan.Scratch(database)
    return database
