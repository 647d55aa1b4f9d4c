"""What we find is what Presidio finds: every span, entity and score."""

import random
from functools import cache

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer

from policy.plan import PatternPlan, RecognizerPlan
from tests.udfs.detect import reference
from udfs.detect import Detector
from udfs.detect.recognizers import presidio

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
"""An example is a batch; Presidio takes some milliseconds for each of its texts."""


def assert_parity(texts: list[str], threshold: float = 0.35) -> None:
    analyzer, detector = reference.all_recognizers(threshold)
    for text, rows in zip(texts, reference.found(detector, texts), strict=True):
        assert rows == reference.expected(analyzer, text, threshold), repr(text)


def test_every_recognizer_has_values() -> None:
    assert set(reference.VALUES) == set(presidio())
    for name, kinds in reference.VALUES.items():
        assert kinds["finds"], name
        assert len(kinds["ignores"]) >= len(kinds["finds"]), name


@pytest.mark.parametrize("name", sorted(presidio()))
def test_values_of_each_recognizer(name: str) -> None:
    detector = Detector(reference.plan([name], threshold=0.0))
    kinds = reference.VALUES[name]
    assert all(reference.found(detector, kinds["finds"]))
    assert not any(reference.found(detector, kinds["ignores"]))


@pytest.mark.parametrize("threshold", [0.0, 0.35, 0.5, 0.85])
def test_parity_on_values(threshold: float) -> None:
    chosen = [v for kinds in reference.VALUES.values() for vs in kinds.values() for v in vs]
    assert_parity(chosen[:: 1 if threshold == 0.35 else 5], threshold)


@pytest.mark.parametrize("threshold", [0.35, 0.6])
def test_parity_on_values_with_each_recognizer_s_own_context_word(threshold: float) -> None:
    own = {r.name: r.context for r in reference.build(reference.plan()) if r.context}
    texts = [
        f"our {own[name][number % len(own[name])]} is {value}, she said"
        for name, kinds in reference.VALUES.items()
        if name in own
        for number, value in enumerate(kinds["finds"] + kinds["ignores"][:1])
    ]
    assert_parity(texts, threshold)


@SLOW
@example(["924704534:4827philippine passport \u0660"])
@given(st.lists(reference.texts(), min_size=1, max_size=8))
def test_parity_on_generated_texts(texts: list[str]) -> None:
    assert_parity(texts)


@SLOW
@given(st.lists(reference.texts(), min_size=1, max_size=4))
def test_parity_without_a_threshold(texts: list[str]) -> None:
    assert_parity(texts, 0.0)


@SLOW
@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_parity_on_random_unicode(texts: list[str]) -> None:
    assert_parity(texts)


def test_words_behind_a_match_are_no_context() -> None:
    """Not ours, and not Presidio's either, but for a token with a colon inside: see `reference.BeforeAlone`."""
    chosen = reference.plan(["UsPassportRecognizer"])
    analyzer, detector = reference.engine(chosen, LemmaContextAwareEnhancer()), Detector(chosen)
    for text, theirs in (("924704534 passport", 0), ("924704534:48 passport", 1)):
        assert len(reference.expected(analyzer, text, 0.35)) == theirs
        assert reference.found(detector, [text]) == [[]]
    assert [len(rows) for rows in reference.found(detector, ["passport 924704534", "passport 924704534:48"])] == [1, 1]


@SLOW
@given(st.lists(reference.texts(), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_a_text_is_judged_by_itself(texts: list[str], chance: random.Random) -> None:
    _, detector = reference.all_recognizers()
    alone = {text: reference.found(detector, [text])[0] for text in texts}
    shuffled: list[str | None] = [*texts, None, ""]
    chance.shuffle(shuffled)
    together = reference.found(detector, shuffled)
    assert together == [alone.get(text, []) if text else [] for text in shuffled]


@pytest.mark.parametrize("countries", [(), ("gb",), ("za", "ng"), ("br", "jp", "ar", "it")])
def test_phone_numbers_follow_the_countries_of_the_plan(countries: tuple[str, ...]) -> None:
    chosen = reference.plan(["PhoneRecognizer"], countries=countries)
    analyzer, detector = reference.engine(chosen), Detector(chosen)
    texts = [f"call {phone} now" for phone in reference._phones()]
    for text, rows in zip(texts, reference.found(detector, texts), strict=True):
        assert rows == reference.expected(analyzer, text, 0.35), repr(text)


def test_countries_change_what_is_a_phone_number() -> None:
    african, default = (Detector(reference.plan(["PhoneRecognizer"], countries=c)) for c in (("za",), ()))
    text = "(425) 882-9090 now"
    assert reference.found(african, [text]) == [[]]
    assert reference.found(default, [text]) == [[(0, 14, "PHONE_NUMBER", 0.4)]]


OWN = (
    RecognizerPlan("Badge", "EMPLOYEE_ID", (PatternPlan("p", r"\bEMP-\d{6}\b", 0.3),), context=("Employee", "badge")),
    RecognizerPlan("Codes", "PROJECT", deny_list=("Zephyr", "blau-grün", "a.b"), deny_list_score=0.7),
    RecognizerPlan("Mail", "EMAIL_ADDRESS", (PatternPlan("p", r"\S+@\S+", 0.6),)),
    RecognizerPlan("Posix", "POSIX", (PatternPlan("p", r"[[:alpha:]]{3}\d{3}", 0.9),)),
    RecognizerPlan("Property", "HAN", (PatternPlan("p", r"\p{Han}{2,}", 0.9),)),
    RecognizerPlan("Fuzzy", "FUZZY", (PatternPlan("p", r"(?:secret){e<=1}", 0.9),)),
    RecognizerPlan("Ranges", "CYRILLIC", (PatternPlan("p", r"[А-Я][а-я]+\s[А-Я]\.", 0.9),)),
    RecognizerPlan("Lines", "LINE", (PatternPlan("p", r"^\s*id=\d+$", 0.9), PatternPlan("q", r"\Aid\Z", 0.5))),
    RecognizerPlan("Names", "QUOTED", (PatternPlan("p", r"(?P<q>['\"])(?:(?!(?P=q)).)+?(?P=q)", 0.9),)),
    RecognizerPlan("Around", "AROUND", (PatternPlan("p", r"(?<=no\s*[:#])(?<!x)\w{3,}(?=,|\s*$)", 0.4),)),
    RecognizerPlan("Nothing", "NOTHING", (PatternPlan("p", r"q*", 0.4),)),
    RecognizerPlan("Sensitive", "SENSITIVE", (PatternPlan("p", r"(?-i:ABC)k+\b", 0.4),)),
)
OWN_PARTS = (
    "EMP-123456", "employee", "BADGE", "zephyr", "Blau-GRÜN", "a.b", "aXb", "x@y", "abc123", "漢字", "漢", "secrt",
    "SECRET", "Иванов И.", "иванов", "id=7", "id", "'q\"uo'", '"', "no:abc", "no #", "no:x", "abc", ",", "qq",
    "ABCkk", "abcK\u212a", "ABC\u212a", "\u0131d=\u0663",
)  # fmt: skip


@cache
def own_recognizers() -> tuple[AnalyzerEngine, Detector]:
    chosen = reference.plan(["EmailRecognizer"], OWN)
    return reference.engine(chosen), Detector(chosen)


@SLOW
@given(
    st.lists(
        st.lists(st.sampled_from([*OWN_PARTS, " ", " ", "\n", ". "]), max_size=9).map("".join), min_size=1, max_size=6
    )
)
def test_parity_of_own_recognizers(texts: list[str]) -> None:
    analyzer, detector = own_recognizers()
    for text, rows in zip(texts, reference.found(detector, texts), strict=True):
        assert rows == reference.expected(analyzer, text, 0.35), repr(text)


def test_slices_and_large_strings_are_texts_too() -> None:
    detector = Detector(reference.plan(["UsSsnRecognizer"]))
    texts = pa.array(["x", "457-26-4912", None, "é 457-26-4912"]).slice(1)
    for given_texts in (texts, texts.cast(pa.large_string())):
        assert [f[:3] for f in detector.detect(given_texts).findings] == [(0, 0, 11), (2, 2, 13)]


def test_a_chunk_border_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = Detector(reference.plan(["UsSsnRecognizer"]))
    texts = ["a" * 10, "078-05-1120", "", "é" * 30, "457-26-4912"] * 4
    whole = reference.found(detector, texts)
    for size in (1, 7, 12, 100):
        monkeypatch.setattr("udfs.detect.scan._CHUNK", size)
        assert reference.found(detector, texts) == whole
