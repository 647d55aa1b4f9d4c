"""What shares say, and when they say nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.path import parse_path
from tests.policy.policies import plan_of
from udfs.detect.evidence import Evidence, interval, measure, verdict


@pytest.mark.parametrize(
    ("seen", "share", "expected"),
    [
        (12000, 0.97, "for"), (100, 1.0, "for"), (12000, 0.01, "against"), (100, 0.0, "against"),
        (99, 1.0, None), (99, 0.0, None), (100, 0.82, None), (100, 0.04, None),
        (12000, 0.5, None), (12000, 0.051, None),
    ],
)  # fmt: skip
def test_verdict(seen: int, share: float, expected: str | None) -> None:
    assert verdict(seen, share) == expected


@given(st.integers(1, 10**9), st.floats(0, 1))
def test_the_interval_holds_the_share(seen: int, share: float) -> None:
    low, high = interval(seen, share)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


def test_the_first_that_covers_decides() -> None:
    fields = "a.b: {seen: 500, valid: {URL: 1, US_SSN: 0, CREDIT_CARD: 0.5}}, a: {seen: 500, valid: {URL: 0}}"
    evidence = Evidence(plan_of(f"entities: {{URL: internal}}\nevidence: {{version: 1, fields: {{{fields}}}}}"))
    assert evidence.of(parse_path("a.b[*]")) == {"URL": "for", "US_SSN": "against"}
    assert evidence.of(parse_path("a.c")) == {"URL": "against"}
    assert evidence.of(parse_path("b")) == {}


def test_measure_counts_a_value_once() -> None:
    assert measure(["a", "a"], [(1, "URL"), (1, "URL")]) == {"a": {"seen": 2, "valid": {"URL": 0.5}}}
