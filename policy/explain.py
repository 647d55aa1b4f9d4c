"""Explaining a plan: which entity comes out how, in which segment, and why; and which segments can be joined."""

from dataclasses import dataclass

from policy.plan import Plan, SegmentPlan
from policy.proof import Join, WayBack, exposure, joins, ways_back


@dataclass(frozen=True)
class Row:
    """How an entity comes out of a segment.

    Attributes:
        level: the entity's level.
        outcome: the mask with its parameters, `clear`, or `denied` (the whole record is not delivered).
        exposure: what remains readable, one of `policy.catalog.EXPOSURES`.
        why: the reason, one sentence without a full stop.
    """

    entity: str
    level: str
    segment: str
    outcome: str
    exposure: str
    why: str


@dataclass(frozen=True)
class Explanation:
    """A plan, explained.

    Attributes:
        rows: one for each entity and segment: highest level first, then by entity; segments in the policy's order.
        joins: the scopes that segments share.
        ways_back: what can be brought back with a grant.
    """

    rows: tuple[Row, ...]
    joins: tuple[Join, ...]
    ways_back: tuple[WayBack, ...]


def explain(plan: Plan) -> Explanation:
    """Explains the plan."""
    entities = sorted(plan.entities, key=lambda entity: (-plan.entities[entity], entity))
    rows = tuple(_row(plan, entity, segment) for entity in entities for segment in plan.segments)
    return Explanation(rows, tuple(joins(plan)), tuple(ways_back(plan)))


def _row(plan: Plan, entity: str, segment: SegmentPlan) -> Row:
    level, clearance = plan.levels[plan.entities[entity]], plan.levels[segment.clearance]
    above = plan.entities[entity] > segment.clearance
    if above and segment.above_clearance == "deny":
        why = f"{level} is above the clearance {clearance}, and the segment takes no such record"
        return Row(entity, level, segment.name, "denied", "none", why)
    outcome, shown = _outcome(segment, entity), exposure(segment, entity)
    if above:
        why = f"{level} is above the clearance {clearance}"
    elif entity in segment.masks:
        why = f"the segment masks it, though {level} is within the clearance {clearance}"
    else:
        why = f"{level} is within the clearance {clearance}"
    return Row(entity, level, segment.name, outcome, shown, why)


def _outcome(segment: SegmentPlan, entity: str) -> str:
    """The mask and those parameters that are set, e.g. `keep_last(count=4)`."""
    mask = segment.masks.get(entity)
    if mask is None:
        return "clear"
    params = ", ".join(f"{name}={value}" for name, value in mask.params.items() if value is not None)
    return f"{mask.name}({params})" if params else mask.name
