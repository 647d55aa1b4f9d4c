"""The reference of detection: a real AnalyzerEngine with the same recognizers, and the texts to hold us against it."""

import copy
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import phonenumbers
import pyarrow as pa
import spacy
import yaml
from hypothesis import strategies as st
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from spacy.language import Language
from spacy.tokens import Doc

from policy.plan import Plan, RecognizerPlan
from udfs.detect import Detector, installed
from udfs.detect.recognizers import build, presidio

VALUES: dict[str, dict[str, list[str]]] = yaml.safe_load((Path(__file__).parent / "values.yaml").read_text("utf-8"))
FIVE = ("CreditCardRecognizer", "EmailRecognizer", "IbanRecognizer", "PhoneRecognizer", "UsSsnRecognizer")

Row = tuple[int, int, str, float]


def plan(
    recognizers: Iterable[str] | None = None,
    own: Sequence[RecognizerPlan] = (),
    countries: Sequence[str] = (),
    threshold: float = 0.35,
) -> Plan:
    """A plan with some recognizers, all of Presidio's that need no model by default, and Presidio's judgement."""
    names = tuple(sorted(presidio() if recognizers is None else recognizers))
    entities = {installed()[name].entity: 2 for name in names} | {r.entity: 2 for r in own}
    return Plan(
        name="detection",
        version=1,
        effective_from=None,
        levels=("public", "internal", "confidential", "regulated"),
        entities=entities,
        recognizers=names,
        own_recognizers=tuple(own),
        countries=tuple(countries),
        threshold=threshold,
        fields=(),
        unknown_fields="scan",
        segments=(),
        audit_sink="audit",
        quarantine_sink="quarantine",
        quarantine_clearance=3,
        quarantine_consumers=(),
        judgement="presidio",
    )


@Language.component("lower_case_lemmas")
def _lower_case_lemmas(doc: Doc) -> Doc:
    for token in doc:
        token.lemma_ = token.lower_
    return doc


class _BlankEngine(SpacyNlpEngine):
    """Presidio's spaCy engine over a blank pipeline whose lemmas are the lower-cased tokens."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        self.nlp = {"en": spacy.blank("en")}
        self.nlp["en"].add_pipe("lower_case_lemmas")

    def load(self) -> None:
        """There is nothing to load."""


class BeforeAlone(LemmaContextAwareEnhancer):
    """Presidio's, without what stands behind a match. Its defaults ask for no words there, and yet it goes on to the
    first of them, however far, where the match's own token is none: where a colon is inside (`924704534:48`)."""

    def _add_n_words_forward(self, *_: object) -> list[str]:
        return []


def engine(for_plan: Plan, context: LemmaContextAwareEnhancer | None = None) -> AnalyzerEngine:
    """Presidio with a plan's recognizers, all of them taken as English ones: the engine filters by language."""
    recognizers = [copy.copy(recognizer) for recognizer in build(for_plan)]
    for number, recognizer in enumerate(recognizers):
        recognizer.supported_language = "en"
        recognizer._id = f"{recognizer.name}_{number}"
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["en"])
    return AnalyzerEngine(
        registry=registry, nlp_engine=_BlankEngine(), supported_languages=["en"],
        context_aware_enhancer=context or BeforeAlone(),
    )  # fmt: skip


def expected(analyzer: AnalyzerEngine, text: str, threshold: float) -> list[Row]:
    """What Presidio finds."""
    results = analyzer.analyze(text, language="en", score_threshold=threshold)
    return sorted((r.start, r.end, r.entity_type, round(r.score, 2)) for r in results)


def found(detector: Detector, texts: Sequence[str | None]) -> list[list[Row]]:
    """What we find, by text."""
    detected = detector.detect(pa.array(texts, pa.string()))
    assert not detected.failed
    rows: list[list[Row]] = [[] for _ in texts]
    for finding in detected.findings:
        rows[finding.text].append((finding.start, finding.end, finding.entity, finding.score))
    return [sorted(row) for row in rows]


@cache
def all_recognizers(threshold: float = 0.35) -> tuple[AnalyzerEngine, Detector]:
    """Presidio and our detector with everything that is installed."""
    everything = plan(threshold=threshold)
    return engine(everything), Detector(everything)


@cache
def context_words() -> tuple[str, ...]:
    """Every context word of every recognizer."""
    return tuple(sorted({word for r in build(plan()) for word in r.context or ()}))


def _phones() -> list[str]:
    examples = [phonenumbers.example_number(region) for region in sorted(phonenumbers.SUPPORTED_REGIONS)]
    formats = (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return [phonenumbers.format_number(e, f) for e in examples if e for f in formats]


SEPARATORS = (
    " ",
    "",
    "\n",
    ", ",
    ": ",
    "-",
    " - ",
    "/",
    ".",
    "'",
    '"',
    "(",
    ")",
    "\t",
    "  ",
    "\u00a0",
    "#",
    "x",
    "_",
    "=",
    "é",
)
LOOKALIKES = str.maketrans("0158sSkKiI-", "\u0660\uff11\u096b\u1e98ſſ\u212a\u212a\u0131\u0130\u2013")

values = st.sampled_from([v for kinds in VALUES.values() for vs in kinds.values() for v in vs] + _phones())
words = st.one_of(
    st.deferred(lambda: st.sampled_from(context_words())), st.sampled_from(["the", "my", "for:", "İ", "ΣΑΣ", "of"])
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A value with up to two characters changed, or some of them replaced by look-alikes of other scripts."""
    value = draw(values)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(value)))
        insert = draw(st.sampled_from(["", "0", "7", "A", "z", " ", "-", ".", "٣", "ſ", "\n"]))
        value = value[:at] + insert + value[at + draw(st.integers(0, 1)) :]
    if draw(st.integers(0, 5)) == 0:
        value = value.translate(LOOKALIKES)
    return draw(st.sampled_from([value, value, value.lower(), value.upper()]))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text with values, context words and random Unicode."""
    parts = draw(st.lists(st.one_of(mutated(), mutated(), words, st.text(max_size=8)), min_size=1, max_size=6))
    return "".join(part + draw(st.sampled_from(SEPARATORS)) for part in parts)
