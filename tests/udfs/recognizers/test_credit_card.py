"""Payment cards: what providers publish for tests, every scheme in every printed form, and other numbers."""

import re

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings
from stdnum import luhn as reference

from udfs.detect.exact import judge
from udfs.detect.scan import Scan
from udfs.recognizers.credit_card import RECOGNIZERS, SCHEMES, luhn

JUDGE = judge(RECOGNIZERS[0], 0.35)

# https://docs.stripe.com/testing
STRIPE = """
4242424242424242 4000056655665556 5555555555554444 2223003122003222 5200828282828210 5105105105105100 378282246310005
371449635398431 6011111111111117 6011000990139424 6011981111111113 3056930009020004 36227206271667 6555900000604105
3566002020360505 6200000000000005 6200000000000047 6205500000000000004 4000000760000002 4000001240000000
4000004840008001 4000000400000008 4000000560000004 4000002500000003 4000002760000016 4000008260000000 5555558265554449
4000000000000002 4000000000009995 4000000000009987 4000000000000069 4000000000000127 4000000000000119 4000002500001001
5555552500001001 4000000000003220 4000000000000101
"""
# https://docs.adyen.com/development-resources/testing/test-card-numbers
ADYEN = """
4111111145551142 4111112014267661 4988438843884305 4166676667666746 4646464646464644 4000620000000007 4000060000000006
4293189100000008 4988080000000000 4111111111111111 4444333322221111 4001590000000001 4000180000000002 4000020000000000
4000160000000004 4002690000000008 4400000000000008 4484600000000004 4607000000000009 4977949494949497 2222400070000005
5555341244441115 5577000055770004 2222410740360010 2222410700000002 2222400010000008 2223000048410010 2222400060000007
2223520443560010 2222400030000004 5100060000000002 2222400050000009 5500000000000004 5136333333333335 5585558555855583
5555444433331111 370000000000002 36006666333344 6011601160116611 6445644564456445 3569990010095841 5066991111111118
6062828888666688 6771798021000008 6243030000000001 8171999927660000 8171999900000000021 5019555544445555
6703444444444449 4035501428146300 4360000001000005 4871049999999910 6034883265619896 6250946000000016 6250947000000014
"""
# https://developer.paypal.com/braintree/docs/reference/general/testing and https://developer.paypal.com/tools/sandbox/
PAYPAL = """
4012888888881881 4005519200000004 4009348888881881 4012000033330026 4012000077777777 4217651111111119 4500600000000061
378734493671000 371449635392376 30569309025904 38520000023237 6011000000000004 3530111333300000 6304000000000000
4222222222222 5610591081018250 2223000010479399 36259600000004
"""
# https://developerengine.fisglobal.com/apis/worldpay and https://www.simplify.com/commerce/docs/testing
OTHERS = """
4917300800000000 4462030000000000 4917610000000000003 5424000000000015 6759649826438453 6799990100000000019
36700102000000 36148900647913 3088000000000009 5641820000000005 633499100000000004 2200000000000004 2201382000000013
6062826786276634 6362970000457013 5067310000000002
"""
PUBLISHED = f"{STRIPE} {ADYEN} {PAYPAL} {OTHERS}".split()

_GROUPS = {12: [4, 4, 4], 13: [4, 4, 5], 14: [4, 6, 4], 15: [4, 6, 5], 16: [4, 4, 4, 4]}
_SEPARATORS = ("", " ", "-", ".", "\u00a0", "\u202f", "\u2013", " - ")


def found(text: str) -> list[tuple[str, float]]:
    return [(text[start:end], score) for start, end, score in JUDGE.analyze(text) if score >= 0.35]


def printed(number: str, by: str) -> str:
    sizes = _GROUPS.get(len(number), [4, 4, 4, 4, len(number) - 16])
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return by.join(number[end - size : end] for end, size in zip(ends, sizes, strict=True))


def with_digit(body: str) -> str:
    return body + reference.calc_check_digit(body)


def _begins() -> list[tuple[str, int]]:
    rows = [line.split() for line in SCHEMES.strip().splitlines()]
    sizes = {row: [int(n) for n in re.findall(r"\d+", row)] for _, _, row in rows}
    return [(part.split("-")[0], size) for _, begins, row in rows for part in begins.split(",") for size in sizes[row]]


def test_the_scan_takes_the_patterns() -> None:
    assert Scan([JUDGE]).unscanned == ()


@given(st.from_regex(r"[0-9]{1,24}", fullmatch=True))
def test_luhn_is_the_published_one(digits: str) -> None:
    assert luhn(digits) == reference.is_valid(digits)


@pytest.mark.parametrize("by", _SEPARATORS)
def test_what_providers_publish_is_found(by: str) -> None:
    texts = [printed(number, by) for number in PUBLISHED]
    assert [[value for value, _ in found(f"a {text}, b")] for text in texts] == [[text] for text in texts]


@settings(max_examples=500)
@given(st.sampled_from(_begins()), st.data())
def test_every_scheme_is_found(row: tuple[str, int], data: st.DataObject) -> None:
    begin, size = row
    rest = data.draw(st.from_regex(rf"[0-9]{{{size - 1 - len(begin)}}}", fullmatch=True))
    text = printed(with_digit(begin + rest), data.draw(st.sampled_from(_SEPARATORS)))
    assert [value for value, _ in found(text)] == [text]


@example("8171999900000000021", 16, 1, " ")
@given(st.sampled_from(PUBLISHED), st.integers(0, 18), st.integers(1, 9), st.sampled_from(_SEPARATORS))
def test_a_wrong_digit_is_never_found(number: str, at: int, more: int, by: str) -> None:
    """Some of its groups may be a card by themselves, and what follows its CVV."""
    at %= len(number)
    wrong = number[:at] + str((int(number[at]) + more) % 10) + number[at + 1 :]
    parts = [value for value, _ in found(printed(wrong, by))]
    assert printed(wrong, by) not in parts
    assert all(reference.is_valid("".join(filter(str.isdigit, part))) for part in parts)
    assert by or not parts


@given(
    st.sampled_from(PUBLISHED), st.sampled_from(["x{}", "{}x", "0.{}", "{}.25", "12.{}", "_{}", "{}-7", "{}1234567"])
)
def test_a_part_of_something_longer_is_not_found(number: str, form: str) -> None:
    assert found(form.format(number)) == []


@given(st.integers(1_600_000_000, 1_999_999_999), st.sampled_from([1, 10**3, 10**6, 10**9]), st.data())
def test_times_since_1970_are_not_found(seconds: int, unit: int, data: st.DataObject) -> None:
    assert found(str(seconds * unit + data.draw(st.integers(0, unit - 1)))) == []


@given(st.from_regex(r"[0-9]{12,19}", fullmatch=True).filter(lambda n: n[:2] in ("00", "10", "77", "88", "99")))
def test_outside_of_the_schemes_nothing_is_found(number: str) -> None:
    assert found(with_digit(number[:-1])) == []


@given(st.text(st.characters(categories=["Nd"]), min_size=12, max_size=19).filter(lambda t: not t.isascii()))
def test_digits_of_other_scripts_are_not_taken(text: str) -> None:
    assert not any(text == value for value, _ in found(text))
