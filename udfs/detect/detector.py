"""The detector: texts in, findings out, with Presidio's judgement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import itemgetter

import pyarrow as pa

from policy.plan import Plan
from udfs.detect import context
from udfs.detect.exact import TIMEOUT, Judge, Span, judge, without_duplicates
from udfs.detect.recognizers import build, silence
from udfs.detect.scan import Pair, Scan
from udfs.findings import Finding

_Hit = tuple[int, int, float, str]
"""A span, and the name of the recognizer that found it."""


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

    def detect(self, texts: pa.StringArray) -> Detected:
        """Finds what is sensitive in each text. Null texts give nothing.

        Args:
            texts: the batch. The result for a text does not depend on the others, nor on their order.
        """
        detected = Detected()
        with context.memory_zone():
            for index, pairs in groupby(self._scan.candidates(texts), key=itemgetter(0)):
                self._add(detected, texts, index, pairs)
        return detected

    def _add(self, detected: Detected, texts: pa.StringArray, index: int, pairs: Iterable[Pair]) -> None:
        try:
            text = texts[index].as_py()
            detected.findings.extend(_findings(index, self._hits(text, pairs)))
        except UnicodeDecodeError:
            detected.failed[index] = "text is not valid UTF-8"
        except _Failure as failure:
            detected.failed[index] = str(failure)

    def _hits(self, text: str, pairs: Iterable[Pair]) -> dict[str, list[_Hit]]:
        """Everything that reaches the threshold, by entity."""
        view = _View(text)
        hits: dict[str, list[_Hit]] = {}
        for _, recognizer, certain in pairs:
            judge_ = self._judges[recognizer]
            for start, end, score in _judged(judge_, view, certain):
                if score >= self._threshold:
                    hits.setdefault(judge_.entity, []).append((start, end, score, judge_.name))
        return hits


class _View:
    """A text with what is computed of it at most once: further findings in a long text cost little."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends: dict[Sequence[str], int | None] = {}
        self._piece = (0, 0)

    @cached_property
    def _lowered(self) -> str:
        return self.text.lower()

    @cached_property
    def _tokens(self) -> context.Tokens:
        return context.tokens(self.text)

    def may_support(self, words: Sequence[str]) -> bool:
        """False when there is certainly no context word in the text."""
        if words not in self._ends:
            self._ends[words] = context.earliest_end(words, self._lowered)
        return self._ends[words] is not None

    def supports(self, words: Sequence[str], start: int) -> bool:
        """True when a keyword before the start, or at it, holds a context word."""
        if not self.may_support(words) or self._ends_behind(words, start):
            return False
        return context.supports(words, self._tokens.before(start))

    def _ends_behind(self, words: Sequence[str], start: int) -> bool:
        """True when the first context word in the text ends behind the token at the start."""
        end = self._ends[words] or 0
        if end <= start:
            return False
        if not self._piece[0] <= start < self._piece[1]:
            self._piece = start, context.end_of_piece(self.text, start)
        return end > self._piece[1]


def _judged(judge_: Judge, view: _View, certain: bool) -> list[Span]:
    """The recognizer's spans, with their final scores. Raises _Failure, which names the recognizer and no value."""
    try:
        if judge_.analyze_bare is not judge_.analyze and not (judge_.context and view.may_support(judge_.context)):
            return judge_.analyze_bare(view.text) if certain else []
        return [_with_context(judge_, view, span) for span in judge_.analyze(view.text)]
    except Exception as error:
        raise _Failure(f"recognizer {judge_.name} failed: {type(error).__name__}") from None


def _with_context(judge_: Judge, view: _View, span: Span) -> Span:
    start, end, score = span
    if score < 1.0 and judge_.context and view.supports(judge_.context, start):
        return start, end, context.boosted(score)
    return span


def _findings(index: int, hits: dict[str, list[_Hit]]) -> list[Finding]:
    found = []
    for entity, entity_hits in hits.items():
        names = {hit[:3]: hit[3] for hit in reversed(entity_hits)}
        found += [
            Finding(index, start, end, entity, round(score, 2), names[start, end, score])
            for start, end, score in without_duplicates(names)
        ]
    return sorted(found, key=lambda f: (f.start, f.end, f.entity, -f.score))
