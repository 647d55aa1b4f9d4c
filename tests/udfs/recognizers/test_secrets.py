"""Recognizers of secrets: forms of vendors, checksums, and texts that hold nothing."""

import re
import string

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from udfs.detect.exact import Judge, judge
from udfs.detect.scan import Scan
from udfs.recognizers import (
    secret_addresses,
    secret_assignments,
    secret_services,
    secret_tokens,
    secret_vendors,
)
from udfs.recognizers.secret_tokens import base62_crc32

THRESHOLD = 0.35
MODULES = (secret_addresses, secret_assignments, secret_services, secret_tokens, secret_vendors)
JUDGES = {r.name: judge(r, THRESHOLD) for module in MODULES for r in module.RECOGNIZERS}
BASE62 = st.text(string.ascii_letters + string.digits, min_size=30, max_size=30).filter(lambda t: len(set(t)) > 8)


def found(judge_: Judge, text: str) -> list[tuple[str, float]]:
    return [(text[start:end], score) for start, end, score in judge_.analyze(text) if score >= THRESHOLD]


def test_the_scan_takes_every_pattern() -> None:
    assert Scan(list(JUDGES.values())).unscanned == ()


@pytest.mark.parametrize(("vendor", "form"), secret_vendors.FORMS, ids=[name for name, _ in secret_vendors.FORMS])
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_vendor_form_is_found(vendor: str, form: str, data: st.DataObject) -> None:
    value = data.draw(st.from_regex(re.compile(secret_vendors.written(form), re.ASCII), fullmatch=True))
    if not secret_vendors.is_filler(value):
        texts = [spot for spot, _ in found(JUDGES["VendorKey"], f'x = "{value}"')]
        assert any(value in text for text in texts), vendor


def test_there_are_two_hundred_vendors() -> None:
    names = [name for name, _ in secret_vendors.FORMS]
    assert len(names) == len(set(names)) >= 200


@pytest.mark.parametrize(
    ("name", "prefix"), [("GithubToken", p) for p in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")] + [("NpmToken", "npm_")]
)
@given(body=BASE62)
def test_a_right_checksum_is_certain_and_a_wrong_one_is_still_found(name: str, prefix: str, body: str) -> None:
    token = prefix + body + base62_crc32(body)
    assert found(JUDGES[name], f"a {token} b") == [(token, 1.0)]
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert [(text, score < 1.0) for text, score in found(JUDGES[name], wrong)] == [(wrong, True)]


@pytest.mark.parametrize("name", JUDGES)
@given(text=st.text(max_size=200))
@settings(max_examples=25)
def test_no_text_makes_a_check_raise(name: str, text: str) -> None:
    JUDGES[name].analyze(text)
    for key in ("password=", 'token = "', "https://a:", "Authorization: Bearer "):
        JUDGES[name].analyze(f'{key}{text}"')


PLAIN = "the quick brown fox order 4111 shipped on 2024-03-01 to 12 Main St, 10.10 EUR: https://example.com/a?b=c#d "
LONG = [PLAIN * 50, "a" * 20000, "1" * 20000, "-" * 5000, "a." * 5000, "A1" * 9000, "://" * 3000, "password" * 2000]


@pytest.mark.parametrize("name", JUDGES)
@pytest.mark.parametrize("text", LONG)
def test_plain_text_holds_nothing(name: str, text: str) -> None:
    """Long runs of one shape also show that no pattern takes a time that explodes with the length."""
    assert found(JUDGES[name], text) == []
