"""IBANs: the registry's table, every country in every form, and one wrong character."""

import re
import string

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from stdnum import iban as reference
from stdnum import numdb

from udfs.detect.exact import judge
from udfs.detect.scan import Scan
from udfs.recognizers.iban import COUNTRIES, RECOGNIZERS

JUDGE = judge(RECOGNIZERS[0], 0.35)
_WORDS = COUNTRIES.split()
FORMS = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
_CHARS = {"n": string.digits, "a": string.ascii_uppercase, "c": string.digits + string.ascii_uppercase}

# SWIFT, IBAN Registry: the examples of each country's page.
EXAMPLES = """
AD1200012030200359100100 AE070331234567890123456 AL47212110090000000235698741 AT611904300234573201
AZ21NABZ00000000137010001944 BA391290079401028494 BE68539007547034 BG80BNBG96611020345678 BH67BMAG00001299123456
BR1800360305000010009795493C1 CH9300762011623852957 CR05015202001026284066 CY17002001280000001200527600
CZ6508000000192000145399 DE89370400440532013000 DK5000400440116243 DO28BAGR00000001212453611324 EE382200221020145685
EG380019000500000000263180002 ES9121000418450200051332 FI2112345600000785 FO6264600001631634
FR1420041010050500013M02606 GB29NWBK60161331926819 GE29NB0000000101904917 GI75NWBK000000007099453 GL8964710001000206
GR1601101250000000012300695 GT82TRAJ01020000001210029690 HR1210010051863000160 HU42117730161111101800000000
IE29AIBK93115212345678 IL620108000000099999999 IS140159260076545510730339 IT60X0542811101000000123456
JO94CBJO0010000000000131000302 KW81CBKU0000000000001234560101 KZ86125KZT5004100100 LB62099900000001001901229114
LC55HEMM000100010012001200023015 LI21088100002324013AA LT121000011101001000 LU280019400644750000 LV80BANK0000435195001
MC5811222000010123456789030 MD24AG000225100013104168 ME25505000012345678951 MK07250120000058984
MT84MALT011000012345MTLCAST001S MU17BOMM0101101030300200000MUR NL91ABNA0417164300 NO9386011117947
PK36SCBL0000001123456702 PL61109010140000071219812874 PS92PALS000000000400123456702 PT50000201231234567890154
QA58DOHB00001234567890ABCDEFG RO49AAAA1B31007593840000 RS35260005601001611379 SA0380000000608010167519
SC18SSCB11010000000000001497USD SE4550000000058398257466 SI56263300012039086 SK3112000000198742637541
SM86U0322509800000000270100 ST68000100010051845310112 SV62CENR00000000000000700025 TL380080012345678910157
TN5910006035183598478831 TR330006100519786457841326 UA213223130000026007233566001 VG96VPVG0000012345678901
XK051212012345678906
"""


def found(text: str) -> list[tuple[str, float]]:
    return [(text[start:end], score) for start, end, score in JUDGE.analyze(text) if score >= 0.35]


def in_groups(number: str, by: str) -> str:
    return by.join(number[i : i + 4] for i in range(0, len(number), 4))


@st.composite
def numbers(draw: st.DrawFn, country: str) -> str:
    parts = re.findall(r"(\d+)([nac])", FORMS[country])
    bban = "".join(draw(st.text(_CHARS[kind], min_size=int(n), max_size=int(n))) for n, kind in parts)
    return country + reference.calc_check_digits(f"{country}00{bban}") + bban


def _written_out(form: str) -> str:
    return "".join(kind * int(size) for size, kind in re.findall(r"(\d+)!?([nac])", form))


def test_the_scan_takes_the_patterns() -> None:
    assert Scan([JUDGE]).unscanned == ()


def test_the_table_is_the_registrys() -> None:
    registry = numdb.get("iban")
    known = {country: registry.info(country)[0][1] for country in FORMS}
    in_it = {country: _written_out(entry["bban"]) for country, entry in known.items() if entry}
    assert len(in_it) >= 88
    assert in_it == {country: _written_out(FORMS[country]) for country in in_it}
    every = {a + b for a in string.ascii_uppercase for b in string.ascii_uppercase}
    assert {country for country in every if registry.info(country)[0][1]} <= FORMS.keys()


@pytest.mark.parametrize("number", EXAMPLES.split())
def test_the_registrys_examples_are_found(number: str) -> None:
    for text in (number, in_groups(number, " "), number.lower(), in_groups(number, "-"), in_groups(number, "\u00a0")):
        assert found(f"to {text}, now") == [(text, 1.0)]


@pytest.mark.parametrize("country", sorted(FORMS))
@settings(max_examples=5)
@given(data=st.data())
def test_every_country_in_every_form_before_any_word(country: str, data: st.DataObject) -> None:
    number = data.draw(numbers(country))
    text = in_groups(number, data.draw(st.sampled_from(["", " ", "-", "\u202f"])))
    behind = data.draw(st.sampled_from(["", ".", ",", " is", " 2 days", " AB12", "\n12", ")", ";BIC"]))
    before = data.draw(st.sampled_from(["", "IBAN", "IBAN: ", "(", "to "]))
    assert found(before + text + behind) == [(text, 1.0)]


@given(st.data())
def test_one_wrong_digit_is_never_found(data: st.DataObject) -> None:
    number = data.draw(numbers(data.draw(st.sampled_from(sorted(FORMS)))))
    at = data.draw(st.sampled_from([i for i, char in enumerate(number) if char.isdigit()]))
    wrong = number[:at] + str((int(number[at]) + data.draw(st.integers(1, 9))) % 10) + number[at + 1 :]
    assert found(wrong) == []
    assert found(in_groups(wrong, " ")) == []


@given(st.data(), st.sampled_from(string.ascii_letters + string.digits))
def test_a_longer_or_shorter_one_is_never_found(data: st.DataObject, more: str) -> None:
    number = data.draw(numbers(data.draw(st.sampled_from(sorted(FORMS)))))
    assert found(number + more) == []
    assert found(more + number) == []
    assert [value for value, _ in found(number[:-1]) if len(value) == len(number)] == []
