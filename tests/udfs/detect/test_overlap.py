"""Overlaps: every code point that is found belongs to one finding, by a stated order."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from udfs.detect.overlap import resolve
from udfs.findings import Finding

DETECTORS = ("CreditCardRecognizer", "UsSsnRecognizer", "PhoneRecognizer", "MyOwn", "UrlRecognizer")


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    start = draw(st.integers(0, 30))
    return Finding(
        text=draw(st.integers(0, 2)),
        start=start,
        end=start + draw(st.integers(1, 12)),
        entity=draw(st.sampled_from(["A", "B", "C"])),
        score=draw(st.sampled_from([0.4, 0.5, 1.0])),
        detector=draw(st.sampled_from(DETECTORS)),
    )


def covered(some: list[Finding]) -> set[tuple[int, int]]:
    return {(f.text, at) for f in some for at in range(f.start, f.end)}


@given(st.lists(findings(), max_size=12))
def test_nothing_found_is_left_uncovered_and_nothing_is_covered_twice(some: list[Finding]) -> None:
    resolved = resolve(some)
    assert covered(resolved) == covered(some)
    assert sum(f.end - f.start for f in resolved) == len(covered(resolved))
    assert resolved == sorted(resolved, key=lambda f: (f.text, f.start))


@given(st.lists(findings(), max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_findings_does_not_matter(some: list[Finding], chance: Random) -> None:
    shuffled = list(some)
    chance.shuffle(shuffled)
    assert resolve(shuffled) == resolve(some) == resolve(resolve(some))


@given(st.lists(findings(), min_size=1, max_size=12))
def test_a_longest_finding_stays_whole(some: list[Finding]) -> None:
    longest = max(f.end - f.start for f in some)
    assert any(f in resolve(some) for f in some if f.end - f.start == longest)


def winner(one: Finding, other: Finding) -> str:
    (only,) = resolve([one, other])
    return only.detector


def test_the_order() -> None:
    def at(score: float, entity: str, detector: str, end: int = 9) -> Finding:
        return Finding(0, 0, end, entity, score, detector)

    assert winner(at(0.5, "Z", "UrlRecognizer"), at(1.0, "A", "MyOwn", 8)._replace(start=1)) == "UrlRecognizer"
    assert winner(at(0.6, "Z", "UrlRecognizer"), at(0.5, "A", "MyOwn")) == "UrlRecognizer"
    assert winner(at(0.5, "Z", "MyOwn"), at(0.5, "A", "UsSsnRecognizer")) == "MyOwn"
    assert winner(at(0.5, "Z", "UsSsnRecognizer"), at(0.5, "A", "UrlRecognizer")) == "UsSsnRecognizer"
    assert winner(at(0.5, "Z", "UrlRecognizer"), at(0.5, "A", "IpRecognizer")) == "IpRecognizer"


def test_a_loser_keeps_what_the_winner_does_not_cover() -> None:
    long, inside = Finding(0, 5, 15, "A", 0.4, "x"), Finding(0, 0, 7, "B", 1.0, "y")
    assert resolve([long, inside]) == [inside._replace(end=5), long]


def test_findings_of_different_texts_do_not_meet() -> None:
    some = [Finding(text, 0, 5, "A", 0.5, "x") for text in (0, 1)]
    assert resolve(some) == some
