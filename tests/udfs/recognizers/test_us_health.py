"""Numbers in American health care: published examples, and what a slip makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.detect.exact import judge
from udfs.recognizers.us_health import RECOGNIZERS, is_dea, is_npi

MBI = judge(RECOGNIZERS[0], 0.0)


def slips(number: str, places: range) -> set[str]:
    return {number[:i] + d + number[i + 1 :] for i in places for d in "0123456789" if d != number[i]}


@pytest.mark.parametrize("number", ["1234567893", "1245319599", "1003000126"])
def test_published_npi_is_valid_and_no_wrong_digit_passes(number: str) -> None:
    assert is_npi(number)
    assert not [slip for slip in slips(number, range(10)) if is_npi(slip)]


@pytest.mark.parametrize("number", ["AP5836727", "B91234563"])
def test_dea_number_is_valid_and_no_wrong_digit_in_an_odd_place_passes(number: str) -> None:
    assert is_dea(number)
    assert not [slip for place in (2, 4, 6, 8) for slip in slips(number, range(place, place + 1)) if is_dea(slip)]


@pytest.mark.parametrize("letter", "SLOIBZ")
@pytest.mark.parametrize("place", [1, 2, 4, 5, 7, 8])
def test_letters_that_are_never_in_an_mbi(letter: str, place: int) -> None:
    number = "1EG4TE5MK73"
    assert MBI.analyze(number)
    assert not MBI.analyze(number[:place] + letter + number[place + 1 :])


@given(st.text(max_size=20))
def test_checks_take_any_text(text: str) -> None:
    for recognizer in RECOGNIZERS:
        score = recognizer.validate_result(text)
        assert score is None or 0 <= score <= 1
