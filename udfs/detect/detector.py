"""The detector: texts in, findings out, with Presidio's judgement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import pyarrow as pa

from policy.plan import Plan
from udfs.detect import context, models
from udfs.detect.exact import TIMEOUT, Judge, Span, judge, without_duplicates
from udfs.detect.part import Part, in_order
from udfs.detect.recognizers import build, silence
from udfs.detect.scan import Scan
from udfs.detect.window import Windows, windows
from udfs.detect.witness import Fields, Witness
from udfs.findings import Finding

_Run = tuple[int, int, int]
"""A gate, and the first and last of its hits (half-open)."""


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
        self._witness = Witness(plan, self._judges)
        self._models = models.load(plan.models)

    def detect(self, texts: pa.StringArray, fields: Fields | None = None) -> Detected:
        """Finds what is sensitive in each text. Null texts give nothing.

        Args:
            texts: the batch. The result for a text does not depend on the others, nor on their order.
            fields: where the texts stand, if that is known.
        """
        with context.memory_zone():
            detected = self._judged(texts, fields)
            further = self._of_models(texts, detected)
        return _merged(detected, further)

    def _judged(self, texts: pa.StringArray, fields: Fields | None) -> Detected:
        """What the recognizers find in the texts as they are."""
        detected = Detected()
        places = self._witness.places(fields)
        for hits in self._scan.hits(texts, self._witness.asked(places, fields, self._scan.quiet)):
            part = Part(hits, places, fields)
            part.failed.update(dict.fromkeys(hits.invalid, "text is not valid UTF-8"))
            self._judge(part)
            detected.findings.extend(part.findings())
            detected.failed.update((hits.first + index, reason) for index, reason in part.failed.items())
        return detected

    def _of_models(self, texts: pa.StringArray, detected: Detected) -> list[Finding]:
        """What language models find in the texts that have not failed yet."""
        found: list[Finding] = []
        for model in self._models:
            chosen = [i for i in range(len(texts)) if i not in detected.failed and texts[i].is_valid]
            spans, failed = model.find(texts.take(pa.array(chosen, pa.int64())).to_pylist())
            detected.failed.update((chosen[i], reason) for i, reason in failed.items())
            for index, of_text in zip(chosen, spans, strict=True):
                of_text = [span for span in of_text if span[3] >= self._threshold]
                found += [
                    Finding(index, start, end, e, round(score, 2), model.name) for start, end, e, score in of_text
                ]
        return found

    def _judge(self, part: Part) -> None:
        """Every recognizer on its own hits."""
        gates, begins = np.unique(part.hits.gate, return_index=True)
        ends = np.append(begins[1:], len(part.hits.gate))
        runs = zip(gates.tolist(), begins.tolist(), ends.tolist(), strict=False)
        for recognizer, own in groupby(runs, key=lambda run: self._scan.gates[run[0]].recognizer):
            failed: dict[int, Exception] = {}
            spans = self._spans(recognizer, part, list(own), failed)
            for index, found in spans.items():
                self._weigh(recognizer, part, index, found, failed)
            name = self._judges[recognizer].name
            for index, error in failed.items():
                part.failed.setdefault(index, f"recognizer {name} failed: {type(error).__name__}")

    def _spans(
        self, recognizer: int, part: Part, runs: Sequence[_Run], failed: dict[int, Exception]
    ) -> dict[int, list[Span]]:
        """The recognizer's spans by text, before context; those that only a context word could raise need one."""
        judge_ = self._judges[recognizer]
        if judge_.matchers is None:
            return _analyzed(judge_, part, runs, failed)
        spans: dict[int, list[Span]] = {}

        def note(index: int, start: int, end: int, score: float) -> None:
            spans.setdefault(index, []).append((start, end, score))

        for number, (text, low, high) in self._stretches(judge_, part, runs).items():
            matcher, first = judge_.matchers[number], part.joined.starts[text]
            all_ = zip(text.tolist(), first.tolist(), low.tolist(), high.tolist(), strict=True)
            chosen = all_ if matcher.certain else (s for s in all_ if part.may_raise(recognizer, judge_, s[0]))
            matcher.search(part.joined, chosen, note, failed)
        return {index: without_duplicates(found) if len(found) > 1 else found for index, found in spans.items()}

    def _stretches(self, judge_: Judge, part: Part, runs: Sequence[_Run]) -> dict[int, Windows]:
        """Where each of the recognizer's patterns has to search."""
        chosen: dict[int, Windows] = {}
        joined, matchers = part.joined, judge_.matchers or ()
        for number, begin, end in runs:
            gate, text = self._scan.gates[number].gate, part.hits.text[begin:end]
            for pattern in range(len(matchers)) if gate is None else gate.serves:
                of = matchers[pattern].reach
                if gate is not None and gate.near and of is not None and pattern not in chosen:
                    chosen[pattern] = windows(text, part.hits.end[begin:end], joined, of)
                    continue
                # Context words let a pattern through to whole texts, one word to these, another to those.
                texts = np.unique(np.append(chosen[pattern].text, text) if pattern in chosen else text)
                chosen[pattern] = Windows(texts, joined.starts[texts], joined.stops[texts])
        return chosen

    def _weigh(
        self, recognizer: int, part: Part, index: int, spans: Sequence[Span], failed: dict[int, Exception]
    ) -> None:
        """Notes the spans that reach the threshold, with their final scores."""
        judge_ = self._judges[recognizer]
        for start, end, score in spans:
            if score < 1.0:
                try:
                    score = part.weighed(recognizer, judge_, index, start, score)
                except Exception as error:
                    failed.setdefault(index, error)
                    return
            if score >= self._threshold:
                part.found.setdefault(index, []).append((judge_.entity, start, end, score, judge_.name))


def _merged(detected: Detected, further: Sequence[Finding]) -> Detected:
    """All findings of the texts that did not fail, in order."""
    if not further and not detected.failed:
        return detected
    by_text: dict[int, list[Finding]] = {}
    for finding in (*detected.findings, *further):
        by_text.setdefault(finding.text, []).append(finding)
    findings: list[Finding] = []
    for index in sorted(by_text.keys() - detected.failed.keys()):
        findings += in_order(index, [(f.entity, f.start, f.end, f.score, f.detector) for f in by_text[index]])
    return Detected(findings, detected.failed)


def _analyzed(judge_: Judge, part: Part, runs: Sequence[_Run], failed: dict[int, Exception]) -> dict[int, list[Span]]:
    """The spans of a recognizer with code of its own, by text."""
    spans = {}
    texts = np.unique(np.concatenate([part.hits.text[begin:end] for _, begin, end in runs]))
    for index in texts.tolist():
        try:
            spans[index] = judge_.analyze(part.joined.one(index))
        except Exception as error:
            failed[index] = error
    return spans
