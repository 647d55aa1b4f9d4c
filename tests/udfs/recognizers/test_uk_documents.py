"""British documents and places: official examples, and what cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.detect.exact import judge
from udfs.recognizers.uk_documents import RECOGNIZERS

LICENCE, PASSPORT, PLATE, POSTCODE = (judge(recognizer, 0.0) for recognizer in RECOGNIZERS)
# Of every form that gov.uk's schema allows: https://www.gov.uk/government/publications/bulk-data-transfer-for-sponsors-xml-schema
POSTCODES = ["M1 1AE", "M60 1NW", "CR2 6XH", "DN55 1PT", "W1A 0AX", "EC1A 1BB", "SW1A 2AA", "GIR 0AA", "E20 2ST"]


@pytest.mark.parametrize("code", POSTCODES)
def test_every_form_of_a_postcode_is_found_and_needs_a_word_when_small(code: str) -> None:
    assert [(start, end, score >= 0.35) for start, end, score in POSTCODE.analyze(code)] == [(0, len(code), True)]
    small = POSTCODE.analyze(code.lower().replace(" ", ""))
    assert [score < 0.35 or code == "GIR 0AA" for _, _, score in small] == [True]


@pytest.mark.parametrize(
    "code", ["QA1 1AA", "VA1 1AA", "XA1 1AA", "M1 1CA", "M1 1AI", "AA1 1AA", "M01 1AA", "SX4W 7LB"]
)
def test_codes_that_do_not_exist(code: str) -> None:
    assert not POSTCODE.analyze(code)


@pytest.mark.parametrize("month", range(100))
def test_months_of_a_licence(month: int) -> None:
    found = LICENCE.analyze(f"MORGA6{month:02}054SM9IJ")
    assert bool(found) == (1 <= month % 50 <= 12 and month < 63)


@pytest.mark.parametrize("age", range(100))
def test_ages_of_a_registration(age: int) -> None:
    found = PLATE.analyze(f"AB{age:02} CDE")
    assert bool(found) == (2 <= age <= 29 or 51 <= age <= 79)


@given(st.from_regex(r"[0-9]{9}|[A-Z]{2}[0-9]{7}", fullmatch=True))
def test_a_passport_needs_a_word(number: str) -> None:
    assert all(score < 0.35 for _, _, score in PASSPORT.analyze(number))


@given(st.from_regex(r"[A-Z]{5}[0-9]{6}[A-Z]{2}[0-9][A-Z]{2}|[A-Z]{1,2}[0-9]{1,2} ?[0-9][A-Z]{2}", fullmatch=True))
def test_checks_take_what_looks_like_a_number(text: str) -> None:
    for recognizer in (LICENCE, PASSPORT, PLATE, POSTCODE):
        assert all(0 <= score <= 1 for _, _, score in recognizer.analyze(text))
