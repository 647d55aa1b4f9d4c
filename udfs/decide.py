"""Deciding: the level of each record, and what becomes of it in each segment."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from policy.plan import Plan, SegmentPlan
from udfs.found import Found, leaf_texts
from udfs.places import Places, accept_paths
from udfs.records.read import Reasons, rows_of
from udfs.records.sheet import KEY, Ints, Sheet

DELIVER, DENY_ACCEPT, DENY_CLEARANCE = range(3)
"""Decisions on a record in a segment: given to it, not what it accepts, or above its clearance."""

RULES = {DELIVER: None, DENY_ACCEPT: "accept", DENY_CLEARANCE: "above_clearance"}
"""The policy key behind each decision."""


@dataclass(frozen=True)
class Decided:
    """Decisions of a batch.

    Attributes:
        level: per row, the index of the highest level among its findings.
        decision: rows × segments: DELIVER, DENY_ACCEPT or DENY_CLEARANCE.
    """

    level: Ints
    decision: npt.NDArray[np.uint8]


def decide(plan: Plan, sheet: Sheet, found: Found, levels: Ints, places: Places) -> Decided:
    """Decide on each record for each segment.

    Args:
        levels: the level index of each entity index.
    """
    row = rows_of(sheet)
    level = np.zeros(sheet.rows, np.int64)
    if len(found):
        np.maximum.at(level, row[found.leaf], levels[found.entity])
    accepted = _accepted(plan, sheet, row, places)
    decision = np.zeros((sheet.rows, len(plan.segments)), np.uint8)
    for number, segment in enumerate(plan.segments):
        if segment.above_clearance == "deny":
            decision[level > segment.clearance, number] = DENY_CLEARANCE
        for path, values in _conditions(segment):
            decision[~accepted[path, values], number] = DENY_ACCEPT
    return Decided(level, decision)


def _conditions(segment: SegmentPlan) -> list[tuple[str, tuple[str, ...]]]:
    return [(a.path, tuple(_as_text(v) for v in a.values)) for a in segment.accept]


def _as_text(value: str | int | float | bool) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _accepted(
    plan: Plan, sheet: Sheet, row: Ints, places: Places
) -> dict[tuple[str, tuple[str, ...]], npt.NDArray[np.bool_]]:
    """Per condition, the rows that have a value at its path and none there that is not among its values."""
    conditions = {c for segment in plan.segments for c in _conditions(segment)}
    accepted = {}
    for number, path in enumerate(accept_paths(plan)):
        here = (places.accepts[sheet.leaves.path] >> number) & 1
        chosen = np.flatnonzero((here == 1) & (sheet.leaves.kind != KEY))
        texts = leaf_texts(sheet, chosen).dictionary_encode()
        codes, distinct = texts.indices.to_numpy(zero_copy_only=False), texts.dictionary.to_pylist()
        for values in (values for of, values in conditions if of == path):
            wanted = np.array([text in values for text in distinct], np.bool_)[codes]
            good = np.bincount(row[chosen[wanted]], minlength=sheet.rows)
            bad = np.bincount(row[chosen[~wanted]], minlength=sheet.rows)
            accepted[path, values] = (good > 0) & (bad == 0)
    return accepted


def unknown_fields(plan: Plan, sheet: Sheet, places: Places, secret: set[int]) -> Reasons:
    """Rows with a field that no rule covers, where the policy denies those."""
    if plan.unknown_fields != "deny":
        return {}
    leaves = sheet.leaves
    strange = np.flatnonzero(~places.known[leaves.path] & (leaves.kind != KEY))
    rows = rows_of(sheet)
    reasons: Reasons = {}
    for leaf in strange:
        shown = places.show(int(leaves.path[leaf]), secret)
        reasons.setdefault(int(rows[leaf]), f"fields: unknown field {shown}")
    return reasons
