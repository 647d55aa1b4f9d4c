"""Evidence: what was measured in a field speaks for or against a finding there."""

from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Literal

from policy.path import Path, first_match, parse_path
from policy.plan import Plan

Verdict = Literal["for", "against"]
MINIMUM = 100
"""Values that must have been seen before a share says anything."""
FOR = 0.8
"""A share that is surely at least this speaks for the entity."""
AGAINST = 0.05
"""A share that is surely at most this speaks against it."""
_Z = 1.96
"""Normal quantile of a two-sided 95 % interval."""


def interval(seen: int, share: float) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share (E. B. Wilson, JASA 22, 1927, pages 209 to 212).

    >>> [round(bound, 3) for bound in interval(100, 0.0)]
    [0.0, 0.037]
    """
    square = _Z * _Z / seen
    middle = share + square / 2
    half = _Z * sqrt(share * (1 - share) / seen + square / (4 * seen))
    return max((middle - half) / (1 + square), 0.0), min((middle + half) / (1 + square), 1.0)


def verdict(
    seen: int, share: float, minimum: int = MINIMUM, least: float = FOR, most: float = AGAINST
) -> Verdict | None:
    """What a share says of an entity in a field; None where too little was seen, or the share is between the two.

    Args:
        seen: number of values, 1 or higher.
        share: share of them that were findings, 0 to 1.
        minimum: fewer values say nothing.
        least: the interval's lower bound must reach it to speak for the entity.
        most: the interval's upper bound must not pass it to speak against.

    >>> verdict(12000, 0.97), verdict(12000, 0.02), verdict(12000, 0.5), verdict(99, 1.0), verdict(100, 0.8)
    ('for', 'against', None, None, None)
    """
    if seen < minimum:
        return None
    low, high = interval(seen, share)
    return "for" if low >= least else "against" if high <= most else None


class Evidence:
    """A plan's evidence, asked by path: the first entry that covers a path decides.

    `for` counts like a context word. `against` drops a finding below 0.7 that no context word supports.
    """

    def __init__(self, plan: Plan) -> None:
        self._paths = [parse_path(entry.path) for entry in plan.evidence]
        self._verdicts = [_verdicts(entry.seen, entry.valid) for entry in plan.evidence]

    def of(self, path: Path) -> dict[str, Verdict]:
        """The verdicts for a path, by entity. Takes time in the number of entries: ask once a path."""
        index = first_match(self._paths, path)
        return {} if index is None else dict(self._verdicts[index])


def _verdicts(seen: int, valid: Mapping[str, float]) -> dict[str, Verdict]:
    judged = {entity: verdict(seen, share) for entity, share in valid.items()}
    return {entity: word for entity, word in judged.items() if word is not None}


def measure(paths: Iterable[str], findings: Iterable[tuple[int, str]]) -> dict[str, dict[str, object]]:
    """Evidence in the policy's form.

    Args:
        paths: the path of every value, in the policy's syntax.
        findings: index of a value and an entity that was found in it; repetitions count once.

    >>> measure(["a", "a", "b"], [(0, "URL"), (0, "URL")])
    {'a': {'seen': 2, 'valid': {'URL': 0.5}}, 'b': {'seen': 1, 'valid': {}}}
    """
    places = list(paths)
    seen: dict[str, int] = {}
    hits: dict[str, dict[str, int]] = {path: {} for path in places}
    for path in places:
        seen[path] = seen.get(path, 0) + 1
    for index, entity in sorted(set(findings)):
        counts = hits[places[index]]
        counts[entity] = counts.get(entity, 0) + 1
    return {p: {"seen": n, "valid": {e: c / n for e, c in hits[p].items()}} for p, n in seen.items()}
