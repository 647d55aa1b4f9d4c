"""Phone numbers: the examples of every region, what is none, and what must hold for any text.

The examples are those of `phonenumbers`: numbers that its authors made up or that are not in use.
"""

import string
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat as Format
from phonenumbers import PhoneNumberType as Type

from tests.udfs.detect import reference
from udfs.detect import Detector
from udfs.detect.exact import judge
from udfs.detect.scan import Scan
from udfs.recognizers import _phone_forms as forms
from udfs.recognizers import phone_number
from udfs.recognizers.phone_number import RECOGNIZERS

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
THRESHOLD = 0.35
NEUTRAL = "It is {} today"
CALL = "Please call {} today"

NOTHING = """
on 2024-03-12 at noon|on 12.03.2024|on 12/03/2024|on 03-12-2024|on 2024/03/12|on 2024.03.12|on 1.2.2024|on 12. 3. 2024
2024-03-12 10:30|2024-03-12 10:30:59|2024-03-12T10:30:59Z|2024-03-12T10:30:59.123456Z|2024-03-12T10:30:59+01:00
20240312|20240312103059|12032024|12 03 2024|01 02 2024|2024 03 12|07/12/1984 08:15|08:15:30|08:15:30.123456|1990-2000
1990 - 2000|2019/2020|2001-2030|2020 2021 2022|FY2020-2021|1914 1918|from 1999 to 2010 2011|192.168.1.10|10.0.0.1
255.255.255.255|192.168.100.200|010.020.030.040|192.168.0.0/16|10.0.0.1:8080|fe80::1234:5678|1,234.56|164.10
1234567.89|12.345.678|1.234.567|1.234.567,89|1 234 567,89|$1234567|€ 1234567|1234567 €|1234567%|$1,234,567.00
0.123456789|0.12345678|3.14159265358|2.718281828|-0.1234567|1234.5678|123456.7|1.5e10|6.02214076e23|12345678.9
52.5200, 13.4050|52.520008, 13.404954|-33.8688197, 151.2092955|40.7127837 -74.0059413|48.8566140;2.3522219|1.20.3456
10.15.7.1234|v1.2.3.4567|2.0.1-20240312|3.11.7-1234567|kernel 5.15.0-1034|build 19045.3996|078-05-1120|219-09-9999
457 55 5462|123-45-6789|123 45 6789|900-70-1234|978-3-16-148410-0|9783161484100|0-306-40615-2|0-00-745390-6
3-16-148410-0|0317-8471|1234-5679|ISBN 978 0 306 40615 7|4111 1111 1111 1111|4111-1111-1111-1111|4111111111111111
3782 822463 10005|378282246310005|5555.5555.5555.4444|6011 0009 9013 9424|DE89370400440532013000
DE89 3704 0044 0532 0130 00|GB29 NWBK 6016 1331 9268 19|NL91 ABNA 0417 1643 00|FR14 2004 1010 0505 0001 3M02 606
123e4567-e89b-12d3-a456-426614174000|550e8400-e29b-41d4-a716-446655440000|00000000-0000-0000-0000-000000000000
da39a3ee5e6b4b0d3255bfef95601890afd80709|0x1234567890|deadbeef2125550123|2125550123abcdef|#1234567|#2125550123
00:1b:44:11:3a:b7|00-1B-44-11-3A-B7|4006381333931|036000291452|012345678905|00012345600012|1710244800|1710244800000
1710244800.123|1000000000|1234567|12345678|123456789|1234567890|0123|00000000|0000000000|0000012345|02139-4307
94103-1234|09451-7483|10115 Berlin|SW1A 1AA|1234 AB Amsterdam|75008 Paris|12 34 56|1 2 3 4 5 6 7
1, 2, 3, 4, 5, 6, 7, 8|12 345 678|100 200 300|120 x 45 x 300|10 20 30 40|1-2-3-4-5-6-7|12+34567890|5 + 12345678
12345678-1|3*12345678|1/2 3/4 5/6 7/8|1234567/8|(1+2)*34567890|2^12345678|/var/log/2125550123/x|C:\\2125550123\\x
a/0301234567|2125550123.pdf|img_2125550123|IMG-20240312-123456|file.2125550123|2125550123@example.com|user2125550123
https://example.com/2125550123|?id=2125550123|&ts=1710244800|id-2125550123-x|order 2125550123|order no. 2125550123
invoice 2125550123|tracking number 2125550123|serial 2125550123|batch 2125550123|ticket 2125550123|SKU 2125550123
ISBN 2125550123|account 2125550123|Bestellung 0301234567|Rechnung Nr. 0301234567|facture 0301234567|pedido 0301234567
ordine 0301234567|заказ 0301234567|transaction 2125550123|voucher 2125550123|coupon 0301234567|policy 2125550123
(1998) 123-145|(2019) 12-3456|pp. 123-145|Nature 123 (4567), 89|1234-1240|doi:10.1000/182|10.1234/5678901
arXiv:2101.01234|hotel 12345678|tell 12345678|intel 12345678|excellent 12345678|cancelled 12345678|basically 12345678
mobbed 12345678|dialect 12345678|+12.5|+1500|+100000|+0200|UTC+0100|GMT+01:00|+49|+49 30|+0 123 456 789|++49 30 123456
a+49 30 123456|1+4930123456|5212-555-0123|212-555-01234|212-555-0123-4|12-212-555-0123|212-555-0123.5|1.212-555-0123-9
2125550123456|12345678901234567890
"""
"""Texts without a phone number, apart by bars and line breaks."""


def negatives() -> list[str]:
    return [text for text in NOTHING.replace("\n", "|").split("|") if text]


def examples() -> Iterator[tuple[str, phonenumbers.PhoneNumber]]:
    """The example numbers of every region and kind, in order."""
    for region in REGIONS:
        for kind in Type.values():
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                yield region, number


@cache
def detector() -> Detector:
    return Detector(replace(reference.plan([r.name for r in RECOGNIZERS]), judgement="weir"))


def found(texts: Sequence[str]) -> list[set[str]]:
    """The values found in each text."""
    detected = detector().detect(pa.array(texts, pa.string()))
    assert not detected.failed
    values: list[set[str]] = [set() for _ in texts]
    for finding in detected.findings:
        values[finding.text].add(texts[finding.text][finding.start : finding.end])
    return values


def missed(numbers: Sequence[str], sentence: str) -> list[str]:
    """The numbers that are not found, with exactly their span, in a sentence."""
    values = found([sentence.format(number) for number in numbers])
    return [number for number, of in zip(numbers, values, strict=True) if of != {number}]


@pytest.mark.parametrize("form", [Format.INTERNATIONAL, Format.E164], ids=["international", "E.164"])
def test_every_example_number_is_found_with_its_country_code(form: int) -> None:
    assert missed([phonenumbers.format_number(n, form) for _, n in examples()], NEUTRAL) == []


def test_every_example_number_is_found_in_a_tel_uri() -> None:
    uris = [phonenumbers.format_number(n, Format.RFC3966) for _, n in examples()]
    assert all(uri.startswith("tel:+") for uri in uris)
    assert missed([uri.removeprefix("tel:") for uri in uris], "see tel:{} today") == []


def test_national_example_numbers_are_found_without_a_country() -> None:
    numbers = sorted({(region, phonenumbers.format_number(n, Format.NATIONAL)) for region, n in examples()})
    written = [number for _, number in numbers]
    assert len(written) > 1100
    assert len(written) - len(missed(written, CALL)) >= 1080
    assert len(written) - len(missed(written, NEUTRAL)) >= 670


def spans(recognizers: Sequence[object], text: str) -> set[tuple[int, int]]:
    judged = (judge(recognizer, THRESHOLD).analyze(text) for recognizer in recognizers)
    return {(start, end) for of in judged for start, end, score in of if score >= THRESHOLD}


@pytest.mark.parametrize("region", REGIONS)
def test_national_example_numbers_are_found_in_their_country(region: str) -> None:
    here = [recognizer.with_countries([region.lower()]) for recognizer in RECOGNIZERS]
    missing = []
    for kind in Type.values():
        number = phonenumbers.example_number_for_type(region, kind)
        written = number and phonenumbers.format_number(number, Format.NATIONAL)
        if written and (NEUTRAL.index("{"), NEUTRAL.index("{") + len(written)) not in spans(
            here, NEUTRAL.format(written)
        ):
            missing.append(written)
    assert missing == []


def test_countries_without_a_plan_change_nothing() -> None:
    assert all(r.with_countries([]) is r and r.with_countries(["zz"]) is r for r in RECOGNIZERS)


def test_bare_digits_of_a_country_are_found_there_alone() -> None:
    digits = RECOGNIZERS[1]
    assert not spans([digits], "912345678")
    assert spans([digits.with_countries(["es"])], "912345678") == {(0, 9)}
    assert not spans([digits.with_countries(["es"])], "112345678")


def test_what_is_no_number_is_not_found() -> None:
    texts = negatives()
    assert len(texts) >= 150
    assert {t: of for t, of in zip(texts, found(texts), strict=True) if of} == {}


def test_the_scan_knows_every_pattern() -> None:
    for countries in ([], ["nu"], ["de", "us"]):
        here = [recognizer.with_countries(countries) for recognizer in RECOGNIZERS]
        assert Scan([judge(recognizer, THRESHOLD) for recognizer in here]).unscanned == ()


def test_country_codes_stand_with_the_digits_of_their_longest_number() -> None:
    listed = {int(code): n for n, codes in forms._LONGEST.items() for code in codes.split()}
    assert len(listed) > 120
    for code, digits in listed.items():
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
        of_regions = [phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, r) for r in regions]
        assert digits >= max(max(m.general_desc.possible_length) for m in of_regions), code


PIECES = st.sampled_from(
    [
        *string.digits,
        *string.digits,
        " ",
        ".",
        "-",
        "/",
        "(",
        ")",
        "+",
        "00",
        "(0)",
        ",",
        "x",
        "ext. 5",
        "٣",
        "\u2013",
        "\xa0",
        "#",
        "\n",
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=20)


@given(TEXTS, st.sampled_from([(), ("US",), ("DE", "AR"), ("BR",), ("NU",)]))
def test_checks_give_a_score_for_any_text(text: str, regions: tuple[str, ...]) -> None:
    for check in (phone_number._written, phone_number._digits):
        verdict = check(text, regions)
        assert verdict is None or 0 <= verdict <= 1


@given(TEXTS)
def test_findings_begin_and_end_with_the_number(text: str) -> None:
    for start, end in spans(RECOGNIZERS, text):
        value = text[start:end]
        assert sum(c in string.digits for c in value) >= 7
        assert value[0] in "+(" + string.digits and value[-1] in string.digits
        assert not text[start - 1 : start].isdecimal() and not text[end : end + 1].isdecimal()


@given(st.text(string.digits, min_size=16, max_size=40))
def test_nothing_is_found_inside_longer_digits(text: str) -> None:
    assert spans(RECOGNIZERS, text) == set()


@given(st.text(string.digits, min_size=16, max_size=24), st.integers(3, 6))
def test_nothing_is_found_inside_longer_groups(digits: str, size: int) -> None:
    grouped = " ".join(digits[i : i + size] for i in range(0, len(digits), size))
    inside = {text for text in (grouped[s:e] for s, e in spans(RECOGNIZERS, grouped)) if text[:2] != "00"}
    assert all(forms.north_american(text, "".join(filter(str.isdigit, text))) for text in inside)
