"""The score counts what is right, wrong and missed as written here by hand."""

import random

import pytest

from benchmarks.quality.corpus import Sample, Span, corpus, entities, nothing, render
from benchmarks.quality.score import Tally, akin, matches, micro, scores

EMAIL, SSN = "EMAIL_ADDRESS", "US_SSN"
TEXT = Sample("labelled", "mail x@y.org, ssn 536-90-4399", (Span(5, 12, EMAIL), Span(18, 29, SSN)))
NOTHING = Sample("nothing", "order 12345")


@pytest.mark.parametrize(
    ("found", "right", "wrong", "missed"),
    [
        ([], 0, 0, 2),
        ([Span(5, 12, EMAIL), Span(18, 29, SSN)], 2, 0, 0),
        ([Span(5, 12, EMAIL), Span(5, 12, EMAIL)], 1, 0, 1),  # the same twice is once
        ([Span(5, 9, EMAIL)], 1, 0, 1),  # more than half of it
        ([Span(5, 7, EMAIL)], 0, 1, 2),  # less than half
        ([Span(0, 29, EMAIL)], 0, 1, 2),  # far too much
        ([Span(5, 12, SSN)], 0, 1, 2),  # another entity
        ([Span(5, 12, EMAIL), Span(6, 12, EMAIL)], 1, 1, 1),  # a second finding of one value
        ([Span(5, 12, "URL")], 0, 0, 2),  # an entity that is not judged
    ],
)
def test_findings_are_counted(found: list[Span], right: int, wrong: int, missed: int) -> None:
    result = scores([TEXT], [found], [EMAIL, SSN])
    assert micro(result.tallies.values()) == Tally(right, wrong, missed)


def test_a_finding_where_nothing_is_counts_as_such() -> None:
    result = scores([NOTHING], [[Span(6, 11, SSN)]], [SSN])
    assert result.of(SSN) == Tally(0, 1, 0)
    assert result.empty == {SSN: 1}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("UK_PASSPORT", "IT_PASSPORT", True),
        ("US_DRIVER_LICENSE", "UK_DRIVING_LICENCE", True),
        ("PHONE_NUMBER", "ZA_MOBILE_NUMBER", True),
        ("US_SSN", "US_ITIN", False),
        ("US_SSN", "US_PASSPORT", False),
        ("EMAIL_ADDRESS", "URL", False),
        ("CREDIT_CARD", "IBAN_CODE", False),
    ],
)
def test_only_the_same_kind_is_akin(one: str, other: str, expected: bool) -> None:
    assert akin(one, other) is akin(other, one) is expected


def test_a_kin_finding_is_neither_right_nor_wrong() -> None:
    sample = Sample("field", "YA1234567", (Span(0, 9, "IT_PASSPORT"),))
    result = scores([sample], [[Span(0, 9, "UK_PASSPORT")]], ["IT_PASSPORT", "UK_PASSPORT"])
    assert result.of("IT_PASSPORT") == Tally(0, 0, 1)
    assert result.of("UK_PASSPORT") == Tally()


@pytest.mark.parametrize(
    ("tally", "precision", "recall", "f2"),
    [
        (Tally(), 1.0, 1.0, 1.0),
        (Tally(8, 2, 0), 0.8, 1.0, 4 / 4.2),
        (Tally(8, 0, 2), 1.0, 0.8, 4 / 4.8),
        (Tally(0, 5, 5), 0.0, 0.0, 0.0),
    ],
)
def test_precision_recall_and_f2(tally: Tally, precision: float, recall: float, f2: float) -> None:
    assert tally.precision == pytest.approx(precision)
    assert tally.recall == pytest.approx(recall)
    assert tally.f2 == pytest.approx(f2)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [((0, 10), (0, 10), True), ((0, 10), (5, 10), True), ((0, 10), (6, 10), False), ((0, 4), (4, 8), False)],
)
def test_spans_match_by_half_of_the_longer(one: tuple[int, int], other: tuple[int, int], expected: bool) -> None:
    assert matches(Span(*one, "A"), Span(*other, "A")) is expected


def test_labelled_spans_stand_where_they_are_said_to() -> None:
    given = {"value": ("x@y.org", EMAIL), "label": ("mail", None)}
    text, spans = render('{{"{label}": "{value}", "at": "{TIME}"}}', random.Random(1), given)
    assert text.startswith('{"mail": "x@y.org", "at": "')
    assert (text[spans[0].start : spans[0].end], spans[0].entity) == ("x@y.org", EMAIL)
    assert spans[1].entity == "DATE_TIME"
    assert text[spans[1].end :] == '"}'


def test_the_corpus_is_the_same_for_a_seed_and_holds_every_entity() -> None:
    samples = corpus(6, 8)
    assert samples == corpus(6, 8) != corpus(6, 8, seed=2)
    assert {s.entity for sample in samples for s in sample.spans} == set(entities())
    for sample in samples:
        assert all(0 <= s.start < s.end <= len(sample.text) for s in sample.spans)
        assert "{value}" not in sample.text


def test_texts_with_nothing_personal_hold_technical_entities_at_most() -> None:
    assert {s.entity for sample in nothing(400) for s in sample.spans} <= {"DATE_TIME", "UUID"}
