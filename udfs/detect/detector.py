"""The detector: texts in, findings out, by the judgement that the plan names."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa

from policy.plan import Plan
from udfs.detect import context, models
from udfs.detect.detected import Detected, Row, Source, gathered
from udfs.detect.exact import TIMEOUT, Hit, Judge, judge, without_duplicates
from udfs.detect.part import Part
from udfs.detect.recognizers import build, silence
from udfs.detect.scan import Scan
from udfs.detect.unfold import unfold
from udfs.detect.unfold.gate import suspects
from udfs.detect.window import Windows, windows
from udfs.detect.witness import SURE, Fields, Witness

_Run = tuple[int, int, int]
"""A gate, and the first and last of its hits (half-open)."""


class Detector:
    """Finds what a plan's recognizers find.

    Under the judgement `presidio` that is what a Presidio `AnalyzerEngine` with the same recognizers finds. That engine
    has a blank English spaCy pipeline with lower-cased tokens as lemmas, and the plan's threshold as `score_threshold`.
    Findings of one entity that lie inside another with at least its score are removed; findings of different entities
    may overlap (see `udfs.detect.overlap`).

    The judgement `weir` goes on from there: paths speak for and against findings (`udfs.detect.witness`), values in
    disguise are read (`udfs.detect.unfold`), and of two kinds that a value could be, the sure one counts
    (`udfs.detect.detected`).

    Args:
        plan: names the recognizers, the countries and the threshold.
        timeout: seconds that one pattern may take for one text; beyond them the text fails.

    Raises:
        LookupError: the plan names a recognizer or a model that is not installed.
    """

    def __init__(self, plan: Plan, timeout: float = TIMEOUT) -> None:
        silence()
        recognizers = build(plan)
        self._threshold = plan.threshold
        self._is_ours = plan.judgement != "presidio"
        self._judges = [judge(r, plan.threshold, timeout) for r in recognizers]
        self._scan = Scan(self._judges)
        if self._is_ours:
            suspects(pa.array([""]))  # its expressions take a second to compile: now, and not on the first batch
        self._witness = Witness(plan, self._judges)
        self._models = models.load(plan.models)
        named = [(j.name, j.entity) for j in self._judges]
        named += [(model.name, entity) for model in self._models for entity in model.finds]
        self._sources = [Source(name, entity, plan.entities.get(entity, 0)) for name, entity in named]
        self._number = {(source.name, source.entity): number for number, source in enumerate(self._sources)}

    def detect(self, texts: pa.StringArray, fields: Fields | None = None) -> Detected:
        """Finds what is sensitive in each text. Null texts give nothing.

        Args:
            texts: the batch. The result for a text does not depend on the others, nor on their order.
            fields: where the texts stand, if that is known.
        """
        rows: list[Row] = []
        failed: dict[int, str] = {}
        with context.memory_zone():
            self._recognize(texts, fields, rows, failed)
            if self._is_ours:
                self._recognize_disguised(texts, fields, rows, failed)
            self._ask_models(texts, rows, failed)
        return gathered(rows, failed, self._sources, compete=self._is_ours)

    def _recognize(self, texts: pa.StringArray, fields: Fields | None, rows: list[Row], failed: dict[int, str]) -> None:
        """What the recognizers find in the texts."""
        places = self._witness.places(fields)
        for hits in self._scan.hits(texts, self._witness.asked(places, fields, self._scan.quiet)):
            part = Part(hits, places, fields, SURE if self._is_ours else 0.0)
            rows += [(hits.first + row[0], *row[1:]) for row in self._judged(part)]
            failed.update((hits.first + index, reason) for index, reason in part.failed.items())

    def _recognize_disguised(
        self, texts: pa.StringArray, fields: Fields | None, rows: list[Row], failed: dict[int, str]
    ) -> None:
        """What the recognizers find in the plain readings of texts that may hide something, where it stands there."""
        chosen = [index for index in suspects(texts).tolist() if index not in failed]
        readings = [(index, reading) for index in chosen for reading in unfold(texts[index].as_py())]
        if not readings:
            return
        origin = [index for index, _ in readings]
        places = None if fields is None else Fields(fields.place[origin], fields.paths)
        found: list[Row] = []
        refused: dict[int, str] = {}
        self._recognize(pa.array([reading.text for _, reading in readings], pa.string()), places, found, refused)
        for number, start, end, score, source in found:
            index, reading = readings[number]
            rows.append((index, int(reading.start[start]), int(reading.end[end - 1]), score, source))
        failed.update((origin[number], reason) for number, reason in refused.items())

    def _ask_models(self, texts: pa.StringArray, rows: list[Row], failed: dict[int, str]) -> None:
        """What language models find in the texts that have not failed yet."""
        for model in self._models:
            chosen = [i for i in range(len(texts)) if i not in failed and texts[i].is_valid]
            spans, refused = model.find(texts.take(pa.array(chosen, pa.int64())).to_pylist())
            failed.update((chosen[i], reason) for i, reason in refused.items())
            rows += [
                (index, start, end, score, self._number[model.name, entity])
                for index, of_text in zip(chosen, spans, strict=True)
                for start, end, entity, score in of_text
                if score >= self._threshold
            ]

    def _judged(self, part: Part) -> Iterator[Row]:
        """Every recognizer on its own hits."""
        gates, begins = np.unique(part.hits.gate, return_index=True)
        ends = np.append(begins[1:], len(part.hits.gate))
        runs = zip(gates.tolist(), begins.tolist(), ends.tolist(), strict=False)
        for recognizer, own in groupby(runs, key=lambda run: self._scan.gates[run[0]].recognizer):
            failed: dict[int, Exception] = {}
            hits = self._hits(recognizer, part, list(own), failed)
            yield from self._weighed(recognizer, part, hits, failed)
            name = self._judges[recognizer].name
            for index, error in failed.items():
                part.failed.setdefault(index, f"recognizer {name} failed: {type(error).__name__}")

    def _hits(self, recognizer: int, part: Part, runs: Sequence[_Run], failed: dict[int, Exception]) -> Sequence[Hit]:
        """What the recognizer finds, before context; what only a context word could raise needs one in the text."""
        judge_ = self._judges[recognizer]
        if judge_.matchers is None:
            return _analyzed(judge_, part, runs, failed)
        hits: list[Hit] = []
        for number, (text, low, high) in self._stretches(judge_, part, runs).items():
            matcher, first = judge_.matchers[number], part.joined.starts[text]
            all_ = zip(text.tolist(), first.tolist(), low.tolist(), high.tolist(), strict=True)
            chosen = all_ if matcher.certain else (s for s in all_ if part.may_raise(recognizer, judge_, s[0]))
            matcher.search(part.joined, chosen, hits, failed)
        return hits if len(judge_.matchers) == 1 else _each_once(hits)

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

    def _weighed(self, recognizer: int, part: Part, hits: Sequence[Hit], failed: dict[int, Exception]) -> Iterator[Row]:
        """The hits that reach the threshold, with their final scores."""
        judge_ = self._judges[recognizer]
        doubtful = {hit[0] for hit in hits if hit[3] < 1.0}
        part.look_for(judge_.context, doubtful)
        part.look_for(judge_.against, doubtful)
        for index, start, end, score in hits:
            if score < 1.0:
                try:
                    score = part.weighed(recognizer, judge_, index, start, score)
                except Exception as error:
                    failed.setdefault(index, error)
            if score >= self._threshold:
                yield index, start, end, score, recognizer


def _each_once(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Several patterns may find the same: of each text, what is not inside something else."""
    if len({hit[0] for hit in hits}) == len(hits):
        return hits
    by_text: dict[int, list[Hit]] = {}
    for hit in hits:
        by_text.setdefault(hit[0], []).append(hit)
    return [(index, *span) for index, found in by_text.items() for span in without_duplicates(hit[1:] for hit in found)]


def _analyzed(judge_: Judge, part: Part, runs: Sequence[_Run], failed: dict[int, Exception]) -> list[Hit]:
    """What a recognizer with code of its own finds."""
    hits: list[Hit] = []
    texts = np.unique(np.concatenate([part.hits.text[begin:end] for _, begin, end in runs]))
    for index in texts.tolist():
        try:
            hits += [(index, *span) for span in judge_.analyze(part.joined.one(index))]
        except Exception as error:
            failed[index] = error
    return hits
