"""The proof of the clearance: what each segment can read of each entity.

The same functions serve the compiler, before a job starts, and whoever holds a plan, at any time later.
"""

from collections.abc import Iterator
from typing import NamedTuple

from policy.catalog import EXPOSURES
from policy.plan import Plan, SegmentPlan


class Violation(NamedTuple):
    """A segment that would read an entity above its clearance in the clear."""

    segment: str
    entity: str
    exposure: str


def exposure(segment: SegmentPlan, entity: str) -> str:
    """What the segment reads of the entity, one of `EXPOSURES`; an entity without a mask is in the clear."""
    mask = segment.masks.get(entity)
    return "clear" if mask is None else mask.exposure


def exceeds(shown: str, limit: str) -> bool:
    """True when the exposure is more than the limit. An unknown word exceeds every limit.

    >>> exceeds("pseudonym", "partial"), exceeds("none", "partial"), exceeds("glimpse", "reversible")
    (True, False, True)
    """
    return shown not in EXPOSURES or EXPOSURES.index(shown) > EXPOSURES.index(limit)


def violations(plan: Plan) -> Iterator[Violation]:
    """Every entity above a segment's clearance that leaves more readable than the segment may see.

    A plan that may run has none: the compiler makes no other, and the engine refuses to run one.
    """
    for segment in plan.segments:
        for entity, level in plan.entities.items():
            shown = exposure(segment, entity)
            if level > segment.clearance and exceeds(shown, segment.max_exposure):
                yield Violation(segment.name, entity, shown)


class WayBack(NamedTuple):
    """Values that can be brought back with a grant for their entity and scope.

    Attributes:
        subject: the path of whom they are about, whose erasure closes them for good; None for one key for all.
    """

    segment: str
    entity: str
    mask: str
    scope: str
    subject: str | None


def ways_back(plan: Plan) -> list[WayBack]:
    """What a plan leaves reversible, by segment and entity."""
    return [
        WayBack(segment.name, entity, mask.name, mask.scope or "", mask.subject)
        for segment in plan.segments
        for entity, mask in sorted(segment.masks.items())
        if mask.exposure == "reversible"
    ]


class Join(NamedTuple):
    """Segments in which the same value of an entity has the same masked form, so that they can be joined on it."""

    scope: str
    mask: str
    entity: str
    segments: tuple[str, ...]


def joins(plan: Plan) -> list[Join]:
    """The joins that the plan permits: keyed masks of one name and scope, for one entity, in two or more segments.

    Masks with a subject count too: they join the values of one person.
    """
    found: dict[tuple[str, str, str], list[str]] = {}
    for segment in plan.segments:
        for entity, mask in segment.masks.items():
            if mask.scope is not None and not mask.random:
                found.setdefault((mask.scope, mask.name, entity), []).append(segment.name)
    return [Join(*key, tuple(names)) for key, names in sorted(found.items()) if len(names) > 1]
