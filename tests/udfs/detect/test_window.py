"""Windows: what a pattern finds around the hits of the scan is what it finds in the whole text."""

from itertools import pairwise

import pyarrow as pa
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.plan import PatternPlan, RecognizerPlan
from tests.udfs.detect import reference
from udfs.detect.exact import judge
from udfs.detect.recognizers import build
from udfs.detect.scan import Scan
from udfs.detect.window import Reach, reach, windows

PATTERNS = (
    r"\b\d{3}-\d{4}\b", r"(?<!\d)\d{3,5}(?!\d)", r"[a-z.]+@[a-z.]+\.com", r"(?<=id: )\w{3,8}(?= ok)", r"\d+(?=€|$)",
    r"^\s{0,3}\d{2}$", r"(?<![\w.])a+b?(?!\.\d)", r"(['\"])[a-z]{2,6}\1", r"a\S*z\b",
    r"\d{2}(?:[ -]\d{2}){1,3}(?![ -]?\d)",
    r"(?:ab|abc|abcd)(?=\W{1,3}x)", r"\w+@\w+", r"x{2,}(?!x)", r"\b(?:no|nr)\.? ?\d{1,4}\b",
)  # fmt: skip
PARTS = (
    "123-4567", "12", "12345", "a.b@c.com", "@", "id: abc ok", "id: ", " ok", "7€", "€", "\n", " ", "  ", "aab", ".5",
    "'ab'", '"', "abcd", " x", "abz", "a/z", "12 34-56", "-78", "xx", "x", "nr. 7", "no", "é", "\u00a0", "x@y", "ab",
)  # fmt: skip
OWN = [RecognizerPlan(f"R{n}", f"E{n}", (PatternPlan("p", p, 0.9),)) for n, p in enumerate(PATTERNS)]
JUDGES = [judge(r, 0.35) for r in build(reference.plan([], OWN))]
SCAN = Scan(JUDGES)
INSTALLED = [judge(r, 0.0) for r in build(reference.plan(threshold=0.0))]
SCAN_OF_INSTALLED = Scan(INSTALLED)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def assert_windows_lose_nothing(scan: Scan, judges: list, texts: list[str]) -> None:
    ((_, _, found),) = scan.candidates(pa.array(texts, pa.string()))
    hits = {}
    for run, (text, gate) in enumerate(zip(found.text, found.gate, strict=True)):
        place = scan.gates[gate]
        if place.gate is not None and place.gate.near:
            ends = found.ends[found.begin[run] : found.begin[run + 1]]
            hits |= {(text, place.recognizer, number): ends for number in place.gate.serves}
    for number, one in enumerate(judges):
        for index, matcher in enumerate(one.matchers or ()):
            for text, value in enumerate(texts):
                near = matcher.spans(value, hits[text, number, index]) if (text, number, index) in hits else []
                if (text, number, index) in hits or scan is SCAN:
                    assert near == matcher.spans(value, None), (one.name, index, value)


@MANY
@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=14).map("".join), min_size=1, max_size=8))
def test_patterns_find_the_same_in_windows(texts: list[str]) -> None:
    assert_windows_lose_nothing(SCAN, JUDGES, texts)


@settings(MANY, max_examples=40)
@given(st.lists(reference.texts(), min_size=1, max_size=6))
def test_installed_patterns_find_the_same_in_windows(texts: list[str]) -> None:
    assert_windows_lose_nothing(SCAN_OF_INSTALLED, INSTALLED, texts)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\d{4}", Reach(4, False, 2)),
        (r"\d+", Reach(None, False, 2)),
        (r"\d{4}(?=abc)", Reach(4, False, 5)),
        (r"(?<=abc)\d{2} \d", Reach(4, True, 2)),
        (r"\d{1,900}", Reach(None, False, 2)),
        (r"a (?!b{3})c", Reach(3, True, 5)),
        (r"\d+(?=.*x)", None),
        (r"\w+\s\w+", None),
        (r"[^,]+", None),
        (r".+", None),
        (r"a{600} b", None),
        (r"[[:alpha:]]{3}", None),
    ],
)
def test_reach(pattern: str, expected: Reach | None) -> None:
    assert reach(pattern, int(regex.IGNORECASE)) == expected


def test_windows_neither_overlap_nor_touch_and_hold_the_hits() -> None:
    text = "aa bb cc " * 10
    found = windows(text, [1, 2, 5, 30, 31, 80], Reach(12, False, 2))
    assert all(high < low for (_, high), (low, _) in pairwise(found))
    assert all(any(low < end <= high + 1 for low, high in found) for end in (1, 2, 5, 30, 31, 80))
