"""The work on one part of a batch: what is known of its texts, and what was found in them."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from udfs.detect import context
from udfs.detect.exact import Judge, without_duplicates
from udfs.detect.scan import Hits
from udfs.detect.witness import NOWHERE, SURE, Fields, Place
from udfs.findings import Finding

DROPPED = -1.0
"""The score of what something speaks against."""

Found = tuple[str, int, int, float, str]
"""Entity, span, score, and the name of what found it."""


class Part:
    """Texts, and what comes to light of them.

    Attributes:
        hits: what the scan says.
        joined: the texts.
        found: what reaches the threshold, by text.
        failed: the reasons of the texts that could not be judged.
    """

    def __init__(self, hits: Hits, places: Mapping[int, Place], fields: Fields | None) -> None:
        self.hits = hits
        self.joined = hits.joined
        self.found: dict[int, list[Found]] = {}
        self.failed: dict[int, str] = {}
        self._views: dict[int, _View] = {}
        self._places = places
        self._fields = fields

    def may_raise(self, recognizer: int, judge: Judge, index: int) -> bool:
        """False when certainly nothing speaks for what a recognizer finds in a text."""
        return recognizer in self._place(index).speaks_for or self._view(index).may_support(judge.context)

    def weighed(self, recognizer: int, judge: Judge, index: int, start: int, score: float) -> float:
        """A score below 1, raised by what speaks for it, or `DROPPED` where something speaks against it.

        Args:
            recognizer: index of the recognizer.
            judge: the recognizer.
            index: index of the text.
            start: first code point of the finding.
            score: its score.
        """
        place, view = self._place(index), self._view(index)
        if recognizer in place.speaks_for or view.supports(judge.context, start):
            return context.boosted(score)
        doubted = recognizer in place.speaks_against and score < SURE
        return DROPPED if doubted or view.supports(judge.against, start) else score

    def findings(self) -> list[Finding]:
        """All that was found in the texts that did not fail, in order, by their index in the batch."""
        found: list[Finding] = []
        for index in sorted(self.found.keys() - self.failed.keys()):
            found += in_order(self.hits.first + index, self.found[index])
        return found

    def _view(self, index: int) -> "_View":
        view = self._views.get(index)
        if view is None:
            view = self._views[index] = _View(self.joined.one(index))
        return view

    def _place(self, index: int) -> Place:
        if self._fields is None:
            return NOWHERE
        return self._places.get(int(self._fields.place[self.hits.first + index]), NOWHERE)


class _View:
    """A text with what is computed of it at most once: further findings in a long text cost little."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._holds: dict[Sequence[str], bool] = {}
        self._ends: dict[Sequence[str], int] = {}
        self._nearest: dict[int, list[str]] = {}
        self._piece = (0, 0)

    @cached_property
    def _lowered(self) -> str:
        return self.text.lower()

    def may_support(self, words: Sequence[str]) -> bool:
        """False when there is certainly no context word in the text."""
        held = self._holds.get(words)
        if held is None:
            held = self._holds[words] = context.may_hold(words, self._lowered)
        return held

    def supports(self, words: Sequence[str], start: int) -> bool:
        """True when a keyword before the start, or at it, holds a context word."""
        if not words or not self.may_support(words) or self._ends_behind(words, start):
            return False
        if start not in self._nearest:
            self._nearest[start] = context.nearest(self.text, start)
        return context.supports(words, self._nearest[start])

    def _ends_behind(self, words: Sequence[str], start: int) -> bool:
        """True when the first context word in the text ends behind the token at the start."""
        if words not in self._ends:
            self._ends[words] = context.earliest_end(words, self._lowered) or 0
        end = self._ends[words]
        if end <= start:
            return False
        if not self._piece[0] <= start < self._piece[1]:
            self._piece = start, context.end_of_piece(self.text, start)
        return end > self._piece[1]


def in_order(index: int, found: Sequence[Found]) -> list[Finding]:
    """The findings of a text, sorted by start; of one entity, none inside another of at least its score.

    Args:
        index: index of the text.
        found: what was found in it.
    """
    if len(found) == 1:
        entity, start, end, score, name = found[0]
        return [Finding(index, start, end, entity, round(score, 2), name)]
    findings = []
    for entity in {hit[0] for hit in found}:
        names = {hit[1:4]: hit[4] for hit in reversed(found) if hit[0] == entity}
        findings += [
            Finding(index, start, end, entity, round(score, 2), names[start, end, score])
            for start, end, score in without_duplicates(names)
        ]
    return sorted(findings, key=lambda f: (f.start, f.end, f.entity, -f.score))
