"""The search for leaks: it finds what was leaked however it is written, and nothing else."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.orders.leaks import Needles

CARD = ("CREDIT_CARD", "4111-1111-1111-1111")
EMAIL = ("EMAIL_ADDRESS", "rené.roux@example.com")
SSN = ("US_SSN", "463-89-4666")
PERSON = ("PERSON", "상철 김")
NEEDLES = Needles([CARD, EMAIL, SSN, PERSON])

HEX = "".join(f"\\u{ord(c):04x}" for c in EMAIL[1])
LEAKED = {
    "as it is": ('{"to":"rené.roux@example.com"}', EMAIL),
    "in capitals": ("RENÉ.ROUX@EXAMPLE.COM", EMAIL),
    "in Hangul": ('{"name":"상철 김"}', PERSON),
    "escaped by JSON": (json.dumps({"name": "상철 김"}), PERSON),
    "escaped letter by letter": (f'{{"to":"{HEX}"}}', EMAIL),
    "escaped twice": (json.dumps(json.dumps({"to": "rené.roux@example.com"})), EMAIL),
    "in a URL": (f"GET /?to={quote(EMAIL[1])}&x=1", EMAIL),
    "in a URL, escaped throughout": ("".join(f"%{b:02X}" for b in EMAIL[1].encode()), EMAIL),
    "in base64": (base64.b64encode(b"to: ren\xc3\xa9.roux@example.com").decode(), EMAIL),
    "in base64 for URLs": (base64.urlsafe_b64encode(b"\xfb\xff to ren\xc3\xa9.roux@example.com").decode(), EMAIL),
    "in hexadecimal": (EMAIL[1].encode().hex(), EMAIL),
    "as a number": ('{"card":4111111111111111}', CARD),
    "with other separators": ("4111 1111.1111/1111", CARD),
    "with two spaces": ("463  89  4666", SSN),
    "digits inside others": ("id=900463894666", SSN),
    "a card but for its last four": ("4111-1111-1111-xxxx", CARD),
}

NOT_LEAKED = {
    "last four kept": '{"card":"xxxx-xxxx-xxxx-1111"}',
    "first six kept": '{"card":"4111-11xx-xxxx-xxxx"}',
    "pseudonym": '{"to":"rncenuqk3rbvgw7e"}',
    "another address": '{"to":"renée.roux@example.com"}',
    "half an address": '{"to":"rené.roux@"}',
    "another number": '{"ssn":"463-89-4667"}',
    "numbers beside each other": '{"a":463,"b":89,"c":4666}',
    "a name apart": '{"first":"상철","last":"김"}',
    "entity names": '{"entity":"CREDIT_CARD","path":"payload.card"}',
    "digest": '{"input":"4111f111111111e1c63fb1d76afae11d"}',
    "nothing": "",
    "broken escapes": r'{"a":"\u00","b":"\ud83d\u","c":"\\',
    "broken URL": "100% %zz %",
}


@pytest.mark.parametrize("text, value", LEAKED.values(), ids=LEAKED)
def test_found(text, value):
    assert value in {(leak.entity, leak.value) for leak in NEEDLES.leaks(text.encode())}


@pytest.mark.parametrize("text", NOT_LEAKED.values(), ids=NOT_LEAKED)
def test_not_found(text):
    assert NEEDLES.leaks(text.encode()) == []


def test_bytes_that_are_no_text():
    assert [leak.value for leak in NEEDLES.leaks(b"\xff\xfe463-89-4666\x00\xff")].count("463-89-4666") >= 1


@given(st.text(), st.text(), st.sampled_from([EMAIL, PERSON, CARD, SSN]), st.booleans())
def test_found_in_any_surroundings(before, after, value, ascii_only):
    document = json.dumps({"before": before, "text": f"{before} {value[1]} {after}"}, ensure_ascii=ascii_only)
    data = document.encode("utf-8", "surrogatepass")
    assert value in {(leak.entity, leak.value) for leak in NEEDLES.leaks(data)}


def test_a_value_too_short_to_be_told_from_chance_is_refused():
    with pytest.raises(ValueError, match="at least 8 bytes") as error:
        Needles([("PERSON", "Kim")])
    assert "Kim" not in str(error.value)
