"""The search for phone numbers finds what a matcher for each region finds."""

import phonenumbers
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from udfs.detect import phone
from udfs.detect.exact import without_duplicates

REGIONS = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))
FORMATS = range(4)
TYPES = range(11)
EXAMPLES = [
    phonenumbers.format_number(number, form)
    for region in REGIONS
    for kind in TYPES
    if (number := phonenumbers.example_number_for_type(region, kind))
    for form in FORMATS
]
PIECES = (
    " ", "-", ".", "/", " - ", "(", ")", " (", ") ", "x", " x ", "~", "–", "\u00a0", "+", " int ", "ext.", "#", ",",
    " anexo ", ":", "0", "00", "011", "9", "٣", "a", "$", "%", "", "", "card 4111 1111 1111 1111", "2012-01-02 08:00",
    "31/10/96", "078-05-1120", "0301 int - 12", "12(3): 211-227 (2003)",
)  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(["", "call ", "x", "$"]))
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.one_of(st.sampled_from(EXAMPLES), st.from_regex(r"\A[0-9]{2,17}\Z"), st.just("")))
        at = draw(st.integers(0, len(number)))
        piece = draw(st.sampled_from(PIECES))
        text += number[:at] + piece + number[at + draw(st.integers(0, 1)) :] + draw(st.sampled_from(PIECES))
    return text


def reference(text: str, regions: tuple[str, ...], leniency: int) -> set[tuple[int, int]]:
    matchers = (phonenumbers.PhoneNumberMatcher(text, region, leniency=leniency) for region in regions)
    return {(match.start, match.end) for matcher in matchers for match in matcher}


def outermost(spans: set[tuple[int, int]]) -> list[tuple[int, int, float]]:
    return without_duplicates([(start, end, 0.4) for start, end in spans])


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    texts(),
    st.one_of(st.just(phone.PhoneRecognizer.DEFAULT_SUPPORTED_REGIONS), st.tuples(*[st.sampled_from(REGIONS)] * 3)),
)
def test_the_search_finds_what_the_matchers_find(text: str, regions: tuple[str, ...]) -> None:
    expected = reference(text, regions, 1)
    assert outermost(phone.find(text, regions, 1)) == outermost(expected)
    assert not expected or regex.search(phone.gate(regions), text)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts(), st.sampled_from([0, 2, 3]))
def test_other_strictness(text: str, leniency: int) -> None:
    assert outermost(phone.find(text, ("DE", "US"), leniency)) == outermost(reference(text, ("DE", "US"), leniency))


@pytest.mark.parametrize("region", REGIONS)
def test_every_example_of_a_region_is_found(region: str) -> None:
    for kind in TYPES:
        number = phonenumbers.example_number_for_type(region, kind)
        for form in FORMATS if number else ():
            text = phonenumbers.format_number(number, form)
            expected = reference(text, (region,), 1)
            assert outermost(phone.find(text, (region,), 1)) == outermost(expected)
            assert not expected or regex.search(phone.gate((region,)), text)


def test_candidates_that_are_no_numbers_do_not_use_up_the_search() -> None:
    """phonenumbers gives up after 65,535 of them, and a long text could so hide a number."""
    few = "0000000; " * 3 + "call 030 123456"
    assert list(phonenumbers.PhoneNumberMatcher(few, "DE", max_tries=2)) == []
    text = "0000000; " * 66_000 + "call 030 123456"
    assert phone.find(text, ("DE",), 1) == {(len(text) - 10, len(text))}
