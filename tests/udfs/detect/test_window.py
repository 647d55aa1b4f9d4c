"""Windows: what a pattern finds around the hits of the scan is what it finds in the whole text."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.plan import PatternPlan, RecognizerPlan
from tests.udfs.detect import reference
from udfs.detect.exact import Judge, Matcher, judge
from udfs.detect.recognizers import build
from udfs.detect.scan import Scan
from udfs.detect.window import Joined, Reach, Windows, reach, windows
from udfs.recognizers import Recognizer, own

PATTERNS = (
    r"\b\d{3}-\d{4}\b", r"(?<!\d)\d{3,5}(?!\d)", r"[a-z.]+@[a-z.]+\.com", r"(?<=id: )\w{3,8}(?= ok)", r"\d+(?=€|$)",
    r"^\s{0,3}\d{2}$", r"(?<![\w.])a+b?(?!\.\d)", r"(['\"])[a-z]{2,6}\1", r"a\S*z\b",
    r"\d{2}(?:[ -]\d{2}){1,3}(?![ -]?\d)",
    r"(?:ab|abc|abcd)(?=\W{1,3}x)", r"\w+@\w+", r"x{2,}(?!x)", r"\b(?:no|nr)\.? ?\d{1,4}\b",
    r"\b\d\.\d(?:/\d{1,2})?\b",
)  # fmt: skip
PARTS = (
    "123-4567", "12", "12345", "a.b@c.com", "@", "id: abc ok", "id: ", " ok", "7€", "€", "\n", " ", "  ", "aab", ".5",
    "'ab'", '"', "abcd", " x", "abz", "a/z", "12 34-56", "-78", "xx", "x", "nr. 7", "no", "é", "\u00a0", "x@y", "ab",
    "1.2/24x", "1.2/3",
)  # fmt: skip
OWN = [RecognizerPlan(f"R{n}", f"E{n}", (PatternPlan("p", p, 0.9),)) for n, p in enumerate(PATTERNS)]
JUDGES = [judge(r, 0.35) for r in build(reference.plan([], OWN))]
SCAN = Scan(JUDGES)
INSTALLED = [judge(r, 0.0) for r in build(reference.plan(threshold=0.0))]
SCAN_OF_INSTALLED = Scan(INSTALLED)
OURS = [judge(r, 0.0) for r in own().values() if isinstance(r, Recognizer)]
MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def assert_windows_lose_nothing(scan: Scan, judges: list[Judge], texts: list[str]) -> None:
    """Every pattern, by the windows of its hits, and in every text as a whole."""
    (hits,) = scan.hits(pa.array(texts, pa.string()))
    for number, place in enumerate(scan.gates):
        assert place.gate is not None
        here = hits.gate == number
        for pattern in place.gate.serves if place.gate.near else ():
            matcher = judges[place.recognizer].matchers[pattern]
            if matcher.reach is not None:
                found = windows(hits.text[here], hits.end[here], hits.joined, matcher.reach)
                whole = Windows(np.arange(len(texts)), hits.joined.starts, hits.joined.stops)
                near, anywhere = searched(matcher, hits.joined, found), searched(matcher, hits.joined, whole)
                alone = [(i, *span) for i, text in enumerate(texts) for span in _alone(matcher, text)]
                assert near == anywhere == alone, (judges[place.recognizer].name, pattern)


def searched(matcher: Matcher, joined: Joined, at: Windows) -> list[tuple[int, int, int, float]]:
    found: list[tuple[int, int, int, float]] = []
    failed: dict[int, Exception] = {}
    stretches = zip(at.text.tolist(), joined.starts[at.text].tolist(), at.low.tolist(), at.high.tolist(), strict=True)
    matcher.search(joined, stretches, found, failed)
    assert not failed
    return found


def _alone(matcher: Matcher, text: str) -> list[tuple[int, int, float]]:
    joined = Joined(text, np.zeros(1, np.int64), np.array([len(text)]))
    return [
        found[1:] for found in searched(matcher, joined, Windows(np.zeros(1, np.int64), joined.starts, joined.stops))
    ]


@MANY
@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=14).map("".join), min_size=1, max_size=8))
def test_patterns_find_the_same_in_windows(texts: list[str]) -> None:
    assert_windows_lose_nothing(SCAN, JUDGES, texts)


@settings(MANY, max_examples=40)
@given(st.lists(reference.texts(), min_size=1, max_size=6))
def test_installed_patterns_find_the_same_in_windows(texts: list[str]) -> None:
    assert_windows_lose_nothing(SCAN_OF_INSTALLED, INSTALLED, texts)


@cache
def scan_of_ours() -> Scan:
    return Scan(OURS)


@settings(MANY, max_examples=60)
@given(st.lists(reference.texts(), min_size=1, max_size=6))
def test_patterns_of_ours_find_the_same_in_windows(texts: list[str]) -> None:
    assert_windows_lose_nothing(scan_of_ours(), OURS, texts)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\d{4}", Reach(4, False, 2, 2, 0, False)),
        (r"\d+", Reach(None, False, 2, 2, None, False)),
        (r"\d{4,6}", Reach(6, False, 2, 2, 2, False)),
        (r"\d{4}(?:ab|c){2,3}x?", Reach(11, False, 2, 2, 3, False)),
        (r"\d(?:ab?|c\d{2,4})", Reach(6, False, 2, 2, 2, False)),
        (r"\d{4}(?=abc)", Reach(4, False, 5, 5, 0, False)),
        (r"(?<=abc)\d{2} \d", Reach(4, True, 2, 2, 0, False)),
        (r"\d{1,900}", Reach(None, False, 2, 2, None, False)),
        (r"a (?!b{3})c", Reach(3, True, 5, 2, 0, False)),
        (r"^\d", Reach(1, False, 2, 2, 0, True)),
        (r"\d\Z", Reach(1, False, 2, 2, 0, True)),
        (r"(?<!\S)\d", Reach(1, False, 2, 2, 0, True)),
        (r"(?<!\w)[^a]\b", Reach(1, True, 2, 2, 0, True)),
        (r"(?<!\w)(?:\d|\s)(?![\w-])", Reach(1, True, 3, 3, 0, False)),
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
    text = "\0" + "aa bb cc " * 10 + "\0" + "cc" * 40 + "\0"
    joined = Joined(text, np.array([1, 92]), np.array([91, 172]))
    hits, of = np.array([2, 3, 6, 31, 32, 81, 95, 170]), np.array([0] * 6 + [1] * 2)
    found = windows(of, hits, joined, Reach(12, False, 2, 2, 0, False))
    for text_, low, high in zip(*found, strict=True):
        assert joined.starts[text_] <= low <= high <= joined.stops[text_]
    for text_ in (0, 1):
        here = found.text == text_
        assert (found.high[here][:-1] < found.low[here][1:]).all()
    assert all(((found.low < end) & (end <= found.high + 1)).any() for end in hits.tolist())
