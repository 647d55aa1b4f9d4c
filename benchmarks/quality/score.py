"""Scores: which findings are right, and precision, recall and F2 of them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.quality.corpus import Sample, Span

_KINDS = (
    re.compile(r"_PASSPORT$"),
    re.compile(r"DRIV|FUEHRERSCHEIN"),
    re.compile(r"PLATE|VEHICLE|KFZ"),
    re.compile(r"PHONE_NUMBER|ZA_MOBILE|ZA_TELEPHONE"),
    re.compile(r"POSTCODE|POSTAL|_PLZ"),
    re.compile(r"VAT|_EIN$|PROVIDER_TAX_ID|UST|_NIP$|_TVA$|_UID$|_BTW$"),
    re.compile(r"SECRET|PASSWORD|KEY|TOKEN|JWT|CONNECTION_STRING|AUTHORIZATION_HEADER"),
)


def akin(one: str, other: str) -> bool:
    """True when two entities are the same kind of thing: a finding of the one on a value of the other is no error.

    Many passports look alike, and a passport found as another country's is masked all the same. It does not count as
    found either.

    >>> akin("IT_PASSPORT", "UK_PASSPORT"), akin("US_SSN", "US_ITIN")
    (True, False)
    """
    return any(kind.search(one) and kind.search(other) for kind in _KINDS)


def matches(one: Span, other: Span) -> bool:
    """True when what two spans share is at least half of the longer one.

    >>> matches(Span(0, 10, "A"), Span(5, 10, "A")), matches(Span(0, 10, "A"), Span(6, 10, "A"))
    (True, False)
    """
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared >= max(one.end - one.start, other.end - other.start)


@dataclass
class Tally:
    """Right findings, wrong ones, and values that were missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """The share of findings that are right; 1 without findings."""
        found = self.right + self.wrong
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        """The share of values that were found; 1 without values."""
        values = self.right + self.missed
        return self.right / values if values else 1.0

    @property
    def f2(self) -> float:
        """The harmonic mean of both, in which recall weighs twice: 5PR / (4P + R).

        >>> round(Tally(right=8, wrong=2, missed=0).f2, 3)
        0.952
        """
        p, r = self.precision, self.recall
        return 5 * p * r / (4 * p + r) if p + r else 0.0

    def add(self, other: "Tally") -> None:
        """Add the counts of another."""
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed


@dataclass(frozen=True)
class Failure:
    """A wrong finding or a missed value: its text, its span, and everything that was found in the text."""

    sample: Sample
    span: Span
    found: tuple[Span, ...] = ()


@dataclass
class Scores:
    """Tallies by entity, what went wrong, findings by entity where nothing personal is, and how many of the values some
    finding covers, of whatever entity: these are masked."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    wrong: list[Failure] = field(default_factory=list)
    missed: list[Failure] = field(default_factory=list)
    empty: Counter[str] = field(default_factory=Counter)
    covered: int = 0

    def of(self, entity: str) -> Tally:
        """The tally of an entity."""
        return self.tallies.setdefault(entity, Tally())


def scores(samples: Sequence[Sample], found: Sequence[Sequence[Span]], judged: Iterable[str]) -> Scores:
    """Compare what was found with what is there.

    Args:
        samples: the texts.
        found: for each, what was found.
        judged: the entities that count; all others are left out on both sides.
    """
    result, wanted = Scores(), frozenset(judged)
    for sample, spans in zip(samples, found, strict=True):
        _compare(sample, [s for s in sorted(set(spans), key=lambda s: s.start) if s.entity in wanted], wanted, result)
    return result


def _compare(sample: Sample, found: list[Span], wanted: frozenset[str], result: Scores) -> None:
    left = [s for s in sample.spans if s.entity in wanted]
    result.covered += sum(any(matches(s, f) for f in found) for s in left)
    for span in found:
        hit = next((s for s in left if s.entity == span.entity and matches(s, span)), None)
        if hit is not None:
            left.remove(hit)
            result.of(span.entity).right += 1
        elif not _excused(span, sample.spans):
            result.of(span.entity).wrong += 1
            result.wrong.append(Failure(sample, span, tuple(found)))
            if sample.kind.startswith("nothing"):
                result.empty[span.entity] += 1
    for span in left:
        result.of(span.entity).missed += 1
        result.missed.append(Failure(sample, span, tuple(found)))


def _excused(span: Span, spans: Sequence[Span]) -> bool:
    """True for a finding of a kin entity on a value."""
    return any(akin(s.entity, span.entity) and matches(s, span) and s.entity != span.entity for s in spans)


def micro(tallies: Iterable[Tally]) -> Tally:
    """All tallies as one."""
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total
