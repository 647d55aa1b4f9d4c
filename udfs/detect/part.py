"""The work on one part of a batch: what is known of its texts, and what speaks for or against findings in them."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from udfs.detect import context
from udfs.detect.exact import Judge
from udfs.detect.scan import Hits
from udfs.detect.witness import NOWHERE, SURE, Fields, Place

DROPPED = -1.0
"""The score of what something speaks against."""


class Part:
    """Texts, and what comes to light of them.

    Args:
        hits: what the scan says.
        places: what the paths say.
        fields: where the texts stand, if that is known.
        least: the least score of a finding that a word or its place speaks for, if it is more than Presidio gives.

    Attributes:
        hits: what the scan says.
        joined: the texts.
        failed: the reasons of the texts that could not be judged.
    """

    def __init__(self, hits: Hits, places: Mapping[int, Place], fields: Fields | None, least: float = 0.0) -> None:
        self.hits = hits
        self.joined = hits.joined
        self.failed: dict[int, str] = dict.fromkeys(hits.invalid, "text is not valid UTF-8")
        self._views: dict[int, _View] = {}
        self._places = places
        self._fields = fields
        self._least = least

    def may_raise(self, recognizer: int, judge: Judge, index: int) -> bool:
        """False when certainly nothing speaks for what a recognizer finds in a text."""
        if recognizer in self._place(index).speaks_for:
            return True
        return bool(judge.context) and self._view(index).may_support(judge.context)

    def look_for(self, words: Sequence[str], indexes: Collection[int]) -> None:
        """Looks for context words in many texts at once, before each is asked for them."""
        if words:
            views = [self._view(index) for index in indexes]
            ends = context.earliest_ends(words, [view.lowered for view in views])
            for view, end in zip(views, ends, strict=True):
                view.ends[id(words)] = end

    def weighed(self, recognizer: int, judge: Judge, index: int, start: int, score: float) -> float:
        """A score below 1, raised by what speaks for it, or `DROPPED` where something speaks against it.

        Args:
            recognizer: index of the recognizer.
            judge: the recognizer.
            index: index of the text.
            start: first code point of the finding.
            score: its score.
        """
        place = self._place(index)
        if recognizer in place.speaks_for or self._supports(judge.context, index, start):
            return max(context.boosted(score), self._least)
        doubted = recognizer in place.speaks_against and score < SURE
        return DROPPED if doubted or self._supports(judge.against, index, start) else score

    def _supports(self, words: Sequence[str], index: int, start: int) -> bool:
        return bool(words) and self._view(index).supports(words, start)

    def _view(self, index: int) -> "_View":
        view = self._views.get(index)
        if view is None:
            view = self._views[index] = _View(self.joined.one(index))
        return view

    def _place(self, index: int) -> Place:
        if not self._places or self._fields is None:
            return NOWHERE
        return self._places.get(int(self._fields.place[self.hits.first + index]), NOWHERE)


class _View:
    """A text with what is computed of it at most once: further findings in a long text cost little.

    Context words are remembered by the identity of their tuple, which belongs to a recognizer and lives as long as it:
    to hash fifty words costs more than to look for them in a short text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.ends: dict[int, int | None] = {}
        self._nearest: dict[int, list[str]] = {}
        self._piece = (0, 0)

    @cached_property
    def lowered(self) -> str:
        """The text in lower case."""
        return self.text.lower()

    def may_support(self, words: Sequence[str]) -> bool:
        """False when there is certainly no context word in the text."""
        return self._end(words) is not None

    def supports(self, words: Sequence[str], start: int) -> bool:
        """True when a keyword before the start, or at it, holds a context word."""
        end = self._end(words)
        if end is None or self._is_behind(end, start):
            return False
        if start not in self._nearest:
            self._nearest[start] = context.nearest(self.text, start)
        return context.supports(words, self._nearest[start])

    def _end(self, words: Sequence[str]) -> int | None:
        """Where the first context word in the text ends."""
        if id(words) not in self.ends:
            self.ends[id(words)] = context.earliest_ends(words, [self.lowered])[0]
        return self.ends[id(words)]

    def _is_behind(self, end: int, start: int) -> bool:
        """True for a word that ends behind the token at the start."""
        if end <= start:
            return False
        if not self._piece[0] <= start < self._piece[1]:
            self._piece = start, context.end_of_piece(self.text, start)
        return end > self._piece[1]
