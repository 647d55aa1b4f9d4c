"""The two that are compared: Weir's detector, and Presidio's analyzer with its own recognizers."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.quality.corpus import LANGUAGES, Sample, Span
from policy.compile import compile_plan
from policy.load import load_policy_text
from policy.plan import Plan
from udfs.catalog import installed
from udfs.detect import Detector
from udfs.detect.place import words_of
from udfs.detect.recognizers import presidio
from udfs.detect.witness import Fields

THRESHOLD = 0.35

POLICY = """
weir: 1
name: quality
version: 1
levels: [public, sensitive]
languages: [{languages}]
entities: {{"*": sensitive}}
segments: {{none: {{clearance: public, sink: none}}}}
"""

Found = list[list[Span]]
Tick = Callable[[int], None]


@dataclass(frozen=True)
class System:
    """Something that finds.

    Attributes:
        name: what to call it.
        entities: what it can find.
        find: samples to the spans of each; it is given a function that hears how many were judged.
    """

    name: str
    entities: frozenset[str]
    find: Callable[[Sequence[Sample], Tick], Found]


@cache
def plan() -> Plan:
    """Every installed recognizer, under Weir's judgement."""
    policy = POLICY.format(languages=", ".join(LANGUAGES))
    return replace(compile_plan(load_policy_text(policy), installed()), threshold=THRESHOLD)


@cache
def detector() -> Detector:
    """Weir's detector with everything. It is made once: hundreds of recognizers take a while."""
    return Detector(plan())


def weir() -> System:
    """Weir, told the field where a text stands in one."""

    def find(samples: Sequence[Sample], tick: Tick) -> Found:
        paths = sorted({s.field for s in samples if s.field})
        places = np.array([paths.index(s.field) if s.field else -1 for s in samples], np.int64)
        fields = Fields(places, [tuple(path.split(".")) for path in paths])
        detected = detector().detect(pa.array([s.text for s in samples], pa.string()), fields)
        if detected.failed:
            raise RuntimeError(f"texts failed: {detected.failed}")
        found: Found = [[] for _ in samples]
        for f in detected.findings:
            found[f.text].append(Span(f.start, f.end, f.entity))
        tick(len(samples))
        return found

    return System("Weir", frozenset(plan().entities), find)


@cache
def analyzer(names: tuple[str, ...] = ()) -> Any:
    """Presidio with its own recognizers, over a blank spaCy pipeline with lower-cased lemmas.

    Recognizers of other languages are taken as English ones: the engine filters by language.

    Args:
        names: the recognizers; without any, all that need no model.
    """
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
    from spacy.language import Language

    def lower_case(doc: Any) -> Any:
        for token in doc:
            token.lemma_ = token.lower_
        return doc

    if not Language.has_factory("benchmark_lower_case"):
        Language.component("benchmark_lower_case", func=lower_case)
    nlp = SpacyNlpEngine(ner_model_configuration=NerModelConfiguration())
    nlp.nlp = {"en": spacy.blank("en")}
    nlp.nlp["en"].add_pipe("benchmark_lower_case")
    recognizers = [copy.copy(r) for name, r in presidio().items() if not names or name in names]
    for number, recognizer in enumerate(recognizers):
        recognizer.supported_language = "en"
        recognizer._id = f"{recognizer.name}_{number}"
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])


def presidio_alone() -> System:
    """Presidio, given the words of the field as context where a text stands in one."""

    def find(samples: Sequence[Sample], tick: Tick) -> Found:
        found: Found = []
        for sample in samples:
            words = list(words_of(sample.field.split("."))) if sample.field else None
            results = analyzer().analyze(sample.text, "en", score_threshold=THRESHOLD, context=words)
            found.append([Span(r.start, r.end, r.entity_type) for r in results])
            tick(1)
        return found

    return System("Presidio", frozenset(r.supported_entities[0] for r in presidio().values()), find)
