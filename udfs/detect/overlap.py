"""Overlapping findings: which one a piece of text belongs to."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from udfs.detect.recognizers import installed
from udfs.findings import Finding


def resolve(findings: Sequence[Finding]) -> list[Finding]:
    """Gives every code point that is in a finding to exactly one finding.

    Where findings overlap, the longer one wins; of equally long ones the higher score; then the more specific: a
    recognizer of the policy's own before a country's, a country's before a general one; then the entity whose name is
    first in the alphabet, then the earlier start, then the detector's name. What a loser covers beyond the winners
    stays with the loser, so that nothing found is left uncovered. A loser that is cut may so become two.

    Args:
        findings: of one text or of several, in any order.

    Returns:
        Findings that do not overlap, sorted by text and start. They cover exactly what the given ones cover.

    >>> card = Finding(0, 5, 24, "CREDIT_CARD", 1.0, "CreditCardRecognizer")
    >>> phone = Finding(0, 0, 12, "PHONE_NUMBER", 0.4, "PhoneRecognizer")
    >>> [(f.entity, f.start, f.end) for f in resolve([phone, card])]
    [('PHONE_NUMBER', 0, 5), ('CREDIT_CARD', 5, 24)]
    """
    return [finding for cluster in _clusters(sorted(findings)) for finding in _resolved(cluster)]


def _clusters(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Sorted findings, in runs that overlap each other and no others."""
    cluster: list[Finding] = []
    end = 0
    for finding in findings:
        if cluster and (finding.text != cluster[0].text or finding.start >= end):
            yield cluster
            cluster, end = [], 0
        cluster.append(finding)
        end = max(end, finding.end)
    if cluster:
        yield cluster


def _resolved(findings: Sequence[Finding]) -> list[Finding]:
    if len(findings) == 1:
        return list(findings)
    taken: list[Finding] = []
    for finding in sorted(findings, key=_precedence):
        taken[:] = sorted([*taken, *_free_parts(finding, taken)])
    return taken


def _precedence(finding: Finding) -> tuple[int, float, int, str, int, str]:
    rank = _specificity(finding.detector)
    return finding.start - finding.end, -finding.score, -rank, finding.entity, finding.start, finding.detector


def _specificity(detector: str) -> int:
    """2 for a recognizer of the policy's own, 1 for one that belongs to a country, 0 for a general one."""
    info = installed().get(detector)
    if info is None:
        return 2
    return 1 if info.country else 0


def _free_parts(finding: Finding, taken: Sequence[Finding]) -> Iterator[Finding]:
    """The parts of a finding that no other has taken. `taken` is sorted and does not overlap."""
    start = finding.start
    first = max(bisect_right(taken, finding.start, key=lambda f: f.start) - 1, 0)
    for other in _overlapping(finding, taken[first:]):
        if start < other.start:
            yield finding._replace(start=start, end=other.start)
        start = max(start, other.end)
    if start < finding.end:
        yield finding._replace(start=start)


def _overlapping(finding: Finding, others: Iterable[Finding]) -> Iterator[Finding]:
    return (other for other in others if other.end > finding.start and other.start < finding.end)
