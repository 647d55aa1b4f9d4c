"""Deciding: the level of each record, and what becomes of it in each segment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from policy.plan import Plan, SegmentPlan
from udfs.found import Found, leaf_texts
from udfs.places import Places
from udfs.records.read import Reasons, rows_of
from udfs.records.sheet import KEY, LITERAL, NUMBER, STRING, Ints, Sheet

DELIVER, DENY_ACCEPT, DENY_CLEARANCE, DENY_DROPPED = range(4)
"""Decisions on a record in a segment: given to it, not what it accepts, above its clearance, or dropped by a mask."""

RULES = {DELIVER: None, DENY_ACCEPT: "accept", DENY_CLEARANCE: "above_clearance", DENY_DROPPED: "drop_record"}
"""The word of the policy behind each decision."""


@dataclass(frozen=True)
class Decided:
    """Decisions of a batch.

    Attributes:
        level: per row, the index of the highest level among its findings.
        decision: rows × segments: DELIVER or one of the DENY_ numbers.
    """

    level: Ints
    decision: npt.NDArray[np.uint8]


def decide(plan: Plan, sheet: Sheet, found: Found, levels: Ints, places: Places, entities: Sequence[str]) -> Decided:
    """Decide on each record for each segment.

    Args:
        levels: the level index of each entity index.
        entities: their names.
    """
    row = rows_of(sheet)
    level = np.zeros(sheet.rows, np.int64)
    if len(found):
        np.maximum.at(level, row[found.leaf], levels[found.entity])
    accepted = _accepted(plan, sheet, row, places)
    decision = np.zeros((sheet.rows, len(plan.segments)), np.uint8)
    for number, segment in enumerate(plan.segments):
        dropping = np.array([_drops(segment, entity) for entity in entities], np.bool_)
        if dropping.any():
            decision[row[found.leaf[dropping[found.entity]]], number] = DENY_DROPPED
        if segment.above_clearance == "deny":
            decision[level > segment.clearance, number] = DENY_CLEARANCE
        for path, values in _conditions(segment):
            decision[~accepted[path, values], number] = DENY_ACCEPT
    return Decided(level, decision)


def _drops(segment: SegmentPlan, entity: str) -> bool:
    mask = segment.masks.get(entity)
    return mask is not None and mask.effect == "record"


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
    for path in dict.fromkeys(path for path, _ in conditions):
        here = (places.watched[sheet.leaves.path] >> places.bit(path)) & 1
        chosen = np.flatnonzero((here == 1) & (sheet.leaves.kind != KEY))
        texts = leaf_texts(sheet, chosen).dictionary_encode()
        codes, distinct = texts.indices.to_numpy(zero_copy_only=False), texts.dictionary.to_pylist()
        for values in (values for of, values in conditions if of == path):
            wanted = np.array([text in values for text in distinct], np.bool_)[codes]
            good = np.bincount(row[chosen[wanted]], minlength=sheet.rows)
            bad = np.bincount(row[chosen[~wanted]], minlength=sheet.rows)
            accepted[path, values] = (good > 0) & (bad == 0)
    return accepted


def no_change_events(documents: pa.Array, sheet: Sheet, places: Places) -> Reasons:
    """Rows that are no change event of the envelope in which records come, and so may hold a field anywhere.

    Args:
        documents: the documents as they came; NULL is a deletion.
        sheet: the same, as it was read.
        places: made for an envelope.
    """
    leaves, rows = sheet.leaves, rows_of(sheet)
    marked = np.zeros(sheet.rows, np.bool_)
    marked[rows[places.marks[leaves.path] & (leaves.kind == STRING)]] = True
    unmarked = np.flatnonzero(~marked & documents.is_valid().to_numpy(zero_copy_only=False))
    odd = places.images[leaves.path] & np.isin(leaves.kind, (STRING, NUMBER, LITERAL))
    reasons = dict.fromkeys(rows[odd].tolist(), "envelope: an image that is no object")
    return reasons | dict.fromkeys(unmarked.tolist(), "envelope: no change event")


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
