"""What a detector found in a batch of texts, in columns."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from udfs.detect.exact import without_duplicates
from udfs.detect.window import Ints
from udfs.detect.witness import SURE
from udfs.findings import Finding

Row = tuple[int, int, int, float, int]
"""Index of the text, span in code points (half-open), score, index of the source."""


class Source(NamedTuple):
    """What finds.

    Attributes:
        name: name of the recognizer or model.
        entity: what it finds.
        level: index of the entity's level in the plan.
    """

    name: str
    entity: str
    level: int = 0


@dataclass(frozen=True)
class Detected:
    """What was found in a batch of texts, sorted by text and start, then end, entity and score (highest first).

    Attributes:
        text: per finding, index of its text in the batch.
        start: its first code point.
        end: the one behind its last.
        score: 0 to 1, rounded to two decimals.
        source: index of what found it in `sources`.
        sources: everything that can find.
        failed: the texts that could not be judged, by index, each with a reason that holds nothing of the text. What
            was found in such a text would not be complete, so it has no findings at all: treat it as not scanned.
    """

    text: Ints
    start: Ints
    end: Ints
    score: npt.NDArray[np.float64]
    source: Ints
    sources: Sequence[Source]
    failed: Mapping[int, str]

    @cached_property
    def findings(self) -> list[Finding]:
        """The findings one by one."""
        columns = (c.tolist() for c in (self.text, self.start, self.end, self.score, self.source))
        sources = self.sources
        return [
            Finding(text, start, end, sources[source].entity, score, sources[source].name)
            for text, start, end, score, source in zip(*columns, strict=True)
        ]


def gathered(
    rows: Sequence[Row], failed: Mapping[int, str], sources: Sequence[Source], compete: bool = False
) -> Detected:
    """The findings of the texts that did not fail, in order; of one entity, none inside another of at least its score.

    Args:
        rows: what was found, in the order of the sources.
        failed: the texts that could not be judged, with the reasons.
        sources: everything that can find.
        compete: True drops a doubtful finding where a sure one of another entity says what the value is.

    >>> sources = (Source("A", "X"), Source("B", "X"))
    >>> gathered([(0, 0, 9, 0.5, 0), (0, 2, 5, 0.4, 1), (1, 0, 2, 1.0, 0)], {1: "reason"}, sources).findings
    [Finding(text=0, start=0, end=9, entity='X', score=0.5, detector='A')]
    """
    if failed:
        rows = [row for row in rows if row[0] not in failed]
    if compete:
        rows = without_beaten(rows, sources)
    ranks = {entity: rank for rank, entity in enumerate(sorted({source.entity for source in sources}))}
    rank = np.array([ranks[source.entity] for source in sources], np.int64)
    text, start, end, score, source = _columns(rows)
    alone = _alone(text, rank[source] if len(rows) else source, len(ranks))
    if not alone.all():
        kept = [i for group in _groups(rows, np.flatnonzero(~alone), rank) for i in _kept(rows, group)]
        chosen = np.concatenate([np.flatnonzero(alone), np.array(kept, np.int64)])
        text, start, end, score, source = (column[chosen] for column in (text, start, end, score, source))
    score = _rounded(score)
    order = np.lexsort((-score, rank[source] if len(source) else source, end, start, text))
    return Detected(text[order], start[order], end[order], score[order], source[order], sources, failed)


def without_beaten(rows: Sequence[Row], sources: Sequence[Source]) -> Sequence[Row]:
    """Drops what is doubtful where it is known what the value is: numbers of one kind pass the checks of others.

    A finding below `SURE` falls when one of another entity from `SURE` on holds it, and it is half of that one or more.
    A value inside something much longer, such as a number inside a web address, stays; and so does one of a higher
    level: what falls must not be shown to more readers for it.

    >>> sources = (Source("A", "US_NPI"), Source("B", "KR_BRN"), Source("C", "URL"))
    >>> without_beaten([(0, 3, 13, 0.75, 0), (0, 3, 13, 0.4, 1), (1, 0, 40, 0.9, 2), (1, 9, 19, 0.4, 1)], sources)
    [(0, 3, 13, 0.75, 0), (1, 0, 40, 0.9, 2), (1, 9, 19, 0.4, 1)]
    """
    if len({row[0] for row in rows}) == len(rows):
        return rows
    sure = sorted(row for row in rows if row[3] >= SURE)
    return [row for row in rows if row[3] >= SURE or not _is_beaten(row, sure, sources)]


def _is_beaten(row: Row, sure: Sequence[Row], sources: Sequence[Source]) -> bool:
    """True for a row that one of the sure rows (sorted) beats. It is at most twice as long, so it starts near."""
    text, start, end = row[:3]
    first = bisect_left(sure, (text, end - 2 * (end - start)))
    last = bisect_left(sure, (text, start + 1))
    own = sources[row[4]]
    return any(
        end <= other[2] <= other[1] + 2 * (end - start)
        and sources[other[4]].entity != own.entity
        and sources[other[4]].level >= own.level
        for other in sure[first:last]
    )


def _columns(rows: Sequence[Row]) -> Iterator[Any]:
    kinds = (np.int64, np.int64, np.int64, np.float64, np.int64)
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    return (np.array(column, kind) for column, kind in zip(columns, kinds, strict=True))


def _alone(text: Ints, rank: Ints, ranks: int) -> npt.NDArray[np.bool_]:
    """True for each row that is the only one of its entity in its text."""
    _, place, count = np.unique(text * max(ranks, 1) + rank, return_inverse=True, return_counts=True)
    alone: npt.NDArray[np.bool_] = count[place] == 1
    return alone


def _groups(rows: Sequence[Row], chosen: Ints, rank: Ints) -> Iterator[list[int]]:
    """The chosen rows by text and entity."""
    groups: dict[tuple[int, int], list[int]] = {}
    for i in chosen.tolist():
        groups.setdefault((rows[i][0], int(rank[rows[i][4]])), []).append(i)
    yield from groups.values()


def _kept(rows: Sequence[Row], group: Sequence[int]) -> Iterator[int]:
    """Those of one entity in one text that are not inside another; of equal ones, the first source's."""
    first = {rows[i][1:4]: i for i in reversed(group)}
    yield from (first[span] for span in without_duplicates(first))


def _rounded(score: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """To two decimals, as Python rounds: there are few different scores."""
    distinct, place = np.unique(score, return_inverse=True)
    return np.array([round(value, 2) for value in distinct.tolist()], np.float64)[place]
