"""Numbers of American taxpayers: which are issued, by the authorities' rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.detect.exact import judge
from udfs.recognizers.us_taxpayers import RECOGNIZERS, is_itin, is_ssn

SSN = judge(RECOGNIZERS[0], 0.0)
issued = st.tuples(
    st.integers(1, 899).filter(lambda area: area != 666), st.integers(1, 99), st.integers(1, 9999)
).filter(lambda parts: f"{parts[0]:03}{parts[1]:02}{parts[2]:04}" not in ("078051120", "219099999"))


def written(parts: tuple[int, int, int], separator: str) -> str:
    return separator.join(f"{part:0{width}}" for part, width in zip(parts, (3, 2, 4), strict=True))


@given(issued, st.sampled_from(["-", " ", ".", "\u2013", "\u00a0"]))
def test_every_issued_number_is_found_as_it_is_written(parts: tuple[int, int, int], separator: str) -> None:
    text = written(parts, separator)
    if len(set(written(parts, ""))) > 1:
        assert [(start, end, score >= 0.5) for start, end, score in SSN.analyze(text)] == [(0, len(text), True)]


@given(issued)
def test_nine_digits_need_a_word(parts: tuple[int, int, int]) -> None:
    assert all(score < 0.35 for _, _, score in SSN.analyze(written(parts, "")))


@pytest.mark.parametrize("area", ["000", "666", *(str(area) for area in range(900, 1000))])
def test_areas_that_are_never_issued(area: str) -> None:
    assert not is_ssn(f"{area}121234")


@pytest.mark.parametrize("number", ["123001234", "123120000", "078051120", "219099999", "333333333", "12345678", ""])
def test_what_is_no_social_security_number(number: str) -> None:
    assert not is_ssn(number)


def test_groups_of_taxpayer_numbers_are_those_of_the_irs() -> None:
    refused = {group for group in range(100) if not is_itin(f"912{group:02}1234")}
    assert refused == {*range(50), *range(66, 70), 89, 93}


@given(st.text(max_size=20))
def test_checks_take_any_text(text: str) -> None:
    for recognizer in RECOGNIZERS:
        score = recognizer.validate_result(text)
        assert score is None or 0 <= score <= 1
