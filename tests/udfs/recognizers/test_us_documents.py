"""American documents: the forms of the states, by one example each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.detect.exact import judge
from udfs.recognizers.us_documents import RECOGNIZERS

LICENSE, PASSPORT = (judge(recognizer, 0.0) for recognizer in RECOGNIZERS)
FORMS = {
    "California": "D1234567",
    "Colorado": "AB12345",
    "Florida": "S514778614430",
    "Idaho": "AB123456C",
    "Illinois": "S51477861443",
    "Iowa": "123AB4567",
    "Kansas": "K1A2B",
    "Maine": "1234567A",
    "Missouri": "A123456R",
    "New Hampshire": "12ABC34567",
    "New Jersey": "A12345678901234",
    "New York": "A123456789012345678",
    "North Dakota": "ABC123456",
    "Ohio": "AB123456",
    "Pennsylvania": "12345678",
    "Texas": "12345678",
    "Washington": "WDLABC123D45",
    "Wisconsin": "A1234567890123",
}


@pytest.mark.parametrize("state", FORMS)
def test_each_form_is_known_and_needs_a_word(state: str) -> None:
    number = FORMS[state]
    assert [(start, end, score < 0.35) for start, end, score in LICENSE.analyze(number)] == [(0, len(number), True)]


@given(st.from_regex(r"[0-9]{9}|[A-Z][0-9]{8}", fullmatch=True))
def test_a_passport_needs_a_word(number: str) -> None:
    assert all(score < 0.35 for _, _, score in PASSPORT.analyze(number))


@given(st.text(max_size=20))
def test_checks_take_any_text(text: str) -> None:
    for recognizer in RECOGNIZERS:
        score = recognizer.validate_result(text)
        assert score is None or 0 <= score <= 1
