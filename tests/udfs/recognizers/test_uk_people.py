"""Numbers of people in the United Kingdom: published examples, and what a slip makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.detect.exact import judge
from udfs.recognizers.uk_people import RECOGNIZERS, is_nhs_number

NHS, NINO, UTR, VAT = (judge(recognizer, 0.0) for recognizer in RECOGNIZERS)


@pytest.mark.parametrize("number", ["9434765919", "4010232137", "2213951837", "0032698674"])
def test_published_nhs_numbers_are_valid_and_no_wrong_digit_passes(number: str) -> None:
    slips = {number[:i] + d + number[i + 1 :] for i in range(10) for d in "0123456789" if d != number[i]}
    assert is_nhs_number(number)
    assert not [slip for slip in slips if is_nhs_number(slip)]


def completed(body: str) -> str:
    """Nine digits with their check digit; the text "" where there is none, as for one of eleven."""
    return next((body + digit for digit in "0123456789" if is_nhs_number(body + digit)), "")


@given(st.from_regex(r"[467][0-9]{8}", fullmatch=True).map(completed).filter(bool))
def test_valid_numbers_are_found_alone_but_are_never_certain(number: str) -> None:
    for text in (number, f"{number[:3]} {number[3:6]} {number[6:]}"):
        assert [0.35 <= score < 0.7 for _, _, score in NHS.analyze(text)] == [True]


@pytest.mark.parametrize("prefix", ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ", "DA", "FA", "IA", "QA", "UA", "VA", "AO"])
def test_prefixes_that_hmrc_does_not_use(prefix: str) -> None:
    for text in (f"{prefix}123456A", f"{prefix} 12 34 56 A", f"{prefix.lower()}123456a"):
        assert not NINO.analyze(text)


@pytest.mark.parametrize("number", ["GB980780684", "GB 980 7806 84", "GBGD001", "GBHA599"])
def test_vat_numbers_with_their_country_are_found(number: str) -> None:
    assert [score >= 0.7 for _, _, score in VAT.analyze(number)] == [True]


def test_a_tax_reference_needs_a_word() -> None:
    assert [score < 0.35 for _, _, score in UTR.analyze("1955839661")] == [True]


@given(st.text(max_size=20))
def test_checks_take_any_text(text: str) -> None:
    for recognizer in RECOGNIZERS:
        score = recognizer.validate_result(text)
        assert score is None or 0 <= score <= 1
