"""Routing numbers: published ones, and what a slip makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.recognizers.us_banking import RECOGNIZERS, is_routing_number

# The Federal Reserve Banks' and large banks' own, as they publish them.
PUBLISHED = ["011000015", "021001208", "031000040", "041000014", "051000033", "061000146", "071000301", "081000045"]
PUBLISHED += ["091000080", "101000048", "111000038", "121000374", "111000025", "021000021", "026009593", "322271627"]


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_numbers_are_valid(number: str) -> None:
    assert is_routing_number(number)


@pytest.mark.parametrize("number", PUBLISHED)
def test_no_wrong_digit_passes(number: str) -> None:
    slips = {number[:i] + d + number[i + 1 :] for i in range(9) for d in "0123456789" if d != number[i]}
    assert not [slip for slip in slips if is_routing_number(slip)]


@pytest.mark.parametrize("district", [13, 20, 33, 60, 73, 79, 81, 99])
def test_districts_that_do_not_exist(district: int) -> None:
    assert not any(is_routing_number(f"{district}000000{check}") for check in range(10, 100))


@given(st.text(max_size=20))
def test_checks_take_any_text(text: str) -> None:
    for recognizer in RECOGNIZERS:
        score = recognizer.validate_result(text)
        assert score is None or 0 <= score <= 1
