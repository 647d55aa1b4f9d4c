"""Documents of other countries: without a word they are nothing, whatever they are made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.detect.exact import judge
from udfs.recognizers.documents import RECOGNIZERS, has_icao_digit, has_licence_digit

FORMS = {
    "CaPostalCode": r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][0-9][ABCEGHJ-NPRSTV-Z][0-9]",
    "DeFuehrerschein": r"[A-Z]{2}[0-9]{8}[0-9]",
    "DePassport": r"[CFGHJK][0-9CFGHJKLMNPRTVWXYZ]{8}",
    "DeIdCard": r"[LMNPRTVWXY][0-9CFGHJKLMNPRTVWXYZ]{8}",
    "DePostcode": r"[0-9]{5}",
    "TrLicensePlate": r"(0[1-9]|[1-7][0-9]|8[01])[ -]?[A-PR-VYZ]{1,3}[ -]?[0-9]{2,4}",
    "NgVehicleRegistration": r"[A-Z]{3}[- ]?[0-9]{3}[A-Z]{2}",
    "InVoter": r"[A-Z]{3}[0-9]{7}",
    "KrDriverLicense": r"1[1-9][0-9]{10}",
    "ZaDriverLicence": r"[0-9]{8}[A-Z]{2,4}",
    "ZaPassport": r"[ADMT][0-9]{8}",
}
BY_NAME = {recognizer.name: judge(recognizer, 0.0) for recognizer in RECOGNIZERS}


def scores(name: str, text: str) -> list[float]:
    return [score for _, _, score in BY_NAME[name].analyze(text)]


@pytest.mark.parametrize("number", ["C01X00T478", "L01X00T471", "T220001293"])
def test_numbers_of_specimens_have_their_digit(number: str) -> None:
    assert has_icao_digit(number)
    assert not [d for d in "0123456789" if d != number[-1] and has_icao_digit(number[:-1] + d)]


@pytest.mark.parametrize("number", ["B072RRE2I55", "J010000SD51"])
def test_licences_of_specimens_have_their_digit(number: str) -> None:
    assert has_licence_digit(number)
    assert not [d for d in "0123456789X" if d != number[9] and has_licence_digit(number[:9] + d + number[10])]


def test_every_recognizer_is_tried() -> None:
    assert BY_NAME.keys() == FORMS.keys()


FOUND_ALONE = {"DePassport", "DeIdCard", "NgVehicleRegistration"}
"""Their form has hardly another use when it is in capitals."""


@pytest.mark.parametrize("name", sorted(FORMS.keys() - FOUND_ALONE))
@given(data=st.data())
def test_the_form_alone_is_no_finding(name: str, data: st.DataObject) -> None:
    assert all(score < 0.35 for score in scores(name, data.draw(st.from_regex(FORMS[name], fullmatch=True))))


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("CaPostalCode", "K1A0B1"),
        ("DePostcode", "10115"),
        ("DeFuehrerschein", "BO22549546Z"),
        ("DePassport", "c01x00t47"),
        ("DePassport", "P01X00T47"),
        ("DeIdCard", "l01x00t47"),
        ("DeIdCard", "C01X00T47"),
        ("TrLicensePlate", "34 ABC 123"),
        ("NgVehicleRegistration", "abc-123de"),
        ("InVoter", "ABC1234567"),
        ("KrDriverLicense", "112012345678"),
        ("ZaDriverLicence", "60450003X2KG"),
        ("ZaPassport", "A12345678"),
    ],
)
def test_a_word_can_speak_for_it(name: str, number: str) -> None:
    assert [0 < score < 0.35 for score in scores(name, number)] == [True]


@pytest.mark.parametrize(
    ("name", "number"),
    [("DePassport", "C01X00T47"), ("DeIdCard", "L01X00T47"), ("NgVehicleRegistration", "ABC-123DE")],
)
def test_forms_of_their_own_are_found_alone_but_are_not_sure(name: str, number: str) -> None:
    assert [0.35 <= score < 0.7 for score in scores(name, number)] == [True]


@pytest.mark.parametrize("text", ["LC123456C", "KP1234567", "CA12345AA", "W12345678"])
def test_other_documents_are_no_german_ones(text: str) -> None:
    assert all(score < 0.35 for name in ("DePassport", "DeIdCard") for score in scores(name, text))


@given(st.text(max_size=20))
def test_checks_take_any_text(text: str) -> None:
    for recognizer in RECOGNIZERS:
        score = recognizer.validate_result(text)
        assert score is None or 0 <= score <= 1
