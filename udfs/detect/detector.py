"""The detector: texts in, findings out, with Presidio's judgement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from policy.path import Path
from policy.plan import Plan
from udfs.detect import context
from udfs.detect.exact import TIMEOUT, Judge, Span, judge, without_duplicates
from udfs.detect.recognizers import build, silence
from udfs.detect.scan import Candidates, Scan
from udfs.findings import Finding

_Hit = tuple[int, int, float, str]
"""A span, and the name of the recognizer that found it."""

_Ends = Sequence[int] | None
_Ints = npt.NDArray[np.int64]


NO_FIELD = -1
"""The place of a text that stands in no field."""


class Fields(NamedTuple):
    """Where the texts of a batch stand.

    Attributes:
        place: per text, index of its path in `paths`, or `NO_FIELD`.
        paths: the paths.
    """

    place: _Ints
    paths: Sequence[Path]


@dataclass(frozen=True)
class Detected:
    """What was found in a batch of texts.

    Attributes:
        findings: sorted by text and start, then end, entity and score (highest first).
        failed: the texts that could not be judged, by index, each with a reason that holds nothing of the text. What
            was found in such a text would not be complete, so it has no findings at all: treat it as not scanned.
    """

    findings: list[Finding] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)


class _Failure(Exception):
    """A recognizer failed. The message is safe to show."""


class Detector:
    """Finds what a plan's recognizers find, as a Presidio `AnalyzerEngine` with the same recognizers would.

    That engine has a blank English spaCy pipeline with lower-cased tokens as lemmas, and the plan's threshold as
    `score_threshold`. Findings of one entity that lie inside another with at least its score are removed; findings of
    different entities may overlap (see `udfs.detect.overlap`).

    Args:
        plan: names the recognizers, the countries and the threshold.
        timeout: seconds that one pattern may take for one text; beyond them the text fails.

    Raises:
        LookupError: the plan names a recognizer that is not installed.
    """

    def __init__(self, plan: Plan, timeout: float = TIMEOUT) -> None:
        silence()
        recognizers = build(plan)
        self._threshold = plan.threshold
        self._judges = [judge(r, plan.threshold, timeout) for r in recognizers]
        self._scan = Scan(self._judges)
        self._of_gate = [place.recognizer for place in self._scan.gates]

    def detect(self, texts: pa.StringArray, fields: Fields | None = None) -> Detected:
        """Finds what is sensitive in each text. Null texts give nothing.

        Args:
            texts: the batch. The result for a text does not depend on the others, nor on their order.
            fields: where the texts stand, if that is known.
        """
        detected = Detected()
        with context.memory_zone():
            for first, part, candidates in self._scan.candidates(texts):
                self._judge(detected, first, part, candidates)
        return detected

    def _judge(self, detected: Detected, first: int, texts: pa.StringArray, candidates: Candidates) -> None:
        detected.failed.update((first + i, "text is not valid UTF-8") for i in candidates.invalid)
        runs = candidates.text
        borders = [i for i in range(len(runs)) if i == 0 or runs[i] != runs[i - 1]]
        chosen = texts.take(pa.array([runs[i] for i in borders], pa.int64())).to_pylist()
        for text, low, high in zip(chosen, borders, [*borders[1:], len(runs)], strict=False):
            index = first + runs[low]
            try:
                detected.findings.extend(_findings(index, self._hits(_View(text), candidates, low, high)))
            except _Failure as failure:
                detected.failed[index] = str(failure)

    def _hits(self, view: "_View", candidates: Candidates, low: int, high: int) -> dict[str, list[_Hit]]:
        """Everything that reaches the threshold, by entity: runs low to high are those of one text."""
        hits: dict[str, list[_Hit]] = {}
        while low < high:
            recognizer, begin = self._of_gate[candidates.gate[low]], low
            while low < high and self._of_gate[candidates.gate[low]] == recognizer:
                low += 1
            judge_ = self._judges[recognizer]
            try:
                spans = self._spans(judge_, view, candidates, begin, low)
                found = [(*_with_context(judge_, view, span), judge_.name) for span in spans]
            except Exception as error:
                raise _Failure(f"recognizer {judge_.name} failed: {type(error).__name__}") from None
            found = [hit for hit in found if hit[2] >= self._threshold]
            if found:
                hits.setdefault(judge_.entity, []).extend(found)
        return hits

    def _spans(self, judge_: Judge, view: "_View", candidates: Candidates, low: int, high: int) -> list[Span]:
        """The recognizer's spans in a text, before context; those that only a context word could raise need one."""
        if judge_.matchers is None:
            return judge_.analyze(view.text)
        spans: list[Span] = []
        for number, ends in self._chosen(judge_, candidates, low, high).items():
            matcher = judge_.matchers[number]
            if matcher.certain or view.may_support(judge_.context):
                spans += matcher.spans(view.text, ends)
        return without_duplicates(spans)

    def _chosen(self, judge_: Judge, candidates: Candidates, low: int, high: int) -> dict[int, _Ends]:
        """The recognizer's patterns that may match, each with its hits, or None to search everywhere."""
        chosen: dict[int, _Ends] = {}
        for run in range(low, high):
            gate = self._scan.gates[candidates.gate[run]].gate
            if gate is None:
                return dict.fromkeys(range(len(judge_.matchers or ())))
            ends = candidates.ends[candidates.begin[run] : candidates.begin[run + 1]] if gate.near else None
            for number in gate.serves:
                chosen[number] = ends
        return chosen


class _View:
    """A text with what is computed of it at most once: further findings in a long text cost little."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends: dict[Sequence[str], int | None] = {}
        self._nearest: dict[int, list[str]] = {}
        self._piece = (0, 0)

    @cached_property
    def _lowered(self) -> str:
        return self.text.lower()

    def may_support(self, words: Sequence[str]) -> bool:
        """False when there is certainly no context word in the text."""
        if words not in self._ends:
            self._ends[words] = context.earliest_end(words, self._lowered)
        return self._ends[words] is not None

    def supports(self, words: Sequence[str], start: int) -> bool:
        """True when a keyword before the start, or at it, holds a context word."""
        if not words or not self.may_support(words) or self._ends_behind(words, start):
            return False
        if start not in self._nearest:
            self._nearest[start] = context.nearest(self.text, start)
        return context.supports(words, self._nearest[start])

    def _ends_behind(self, words: Sequence[str], start: int) -> bool:
        """True when the first context word in the text ends behind the token at the start."""
        end = self._ends[words] or 0
        if end <= start:
            return False
        if not self._piece[0] <= start < self._piece[1]:
            self._piece = start, context.end_of_piece(self.text, start)
        return end > self._piece[1]


def _with_context(judge_: Judge, view: _View, span: Span) -> Span:
    start, end, score = span
    if score < 1.0 and view.supports(judge_.context, start):
        return start, end, context.boosted(score)
    return span


def _findings(index: int, hits: dict[str, list[_Hit]]) -> list[Finding]:
    found = []
    for entity, entity_hits in hits.items():
        if len(entity_hits) == 1:
            start, end, score, name = entity_hits[0]
            found.append(Finding(index, start, end, entity, round(score, 2), name))
            continue
        names = {hit[:3]: hit[3] for hit in reversed(entity_hits)}
        found += [
            Finding(index, start, end, entity, round(score, 2), names[start, end, score])
            for start, end, score in without_duplicates(names)
        ]
    return sorted(found, key=_order) if len(found) > 1 else found


def _order(found: Finding) -> tuple[int, int, str, float]:
    return found.start, found.end, found.entity, -found.score
