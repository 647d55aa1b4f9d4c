"""Masks that cannot fit a column's type: found before a job starts, by trying them on values of the type."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from jobs.columns import BYTES, TEXT, Column, Table
from policy.path import EACH, Path, first_match, parse_path
from policy.plan import MaskPlan, Plan, SegmentPlan
from udfs.keys import Keys
from udfs.mask import MASKS, MaskError, apply
from udfs.records.values import value_of
from udfs.restore import Kind, restored

LOSSY = ("none", "shape", "partial")
"""Exposures of masks that make the same of different values."""

_TEXTS = ("a", "7", "73.25", "7301945", "1987-06-05", "1987-06-05 04:03")
_WHOLE = ("7", "42", "1987", "10115", "7301945", "19870605", "549864182", "549864182000", "4111111111111111")
_SAMPLES = {
    **dict.fromkeys(TEXT + BYTES, _TEXTS),
    "BOOLEAN": ("true", "false"),
    "DATE": ("1987-06-05", "2024-02-29"),
    "TIME_WITHOUT_TIME_ZONE": ("06:05:04",),
    "TIMESTAMP_WITHOUT_TIME_ZONE": ("1987-06-05 04:03:02",),
    "TIMESTAMP_WITH_LOCAL_TIME_ZONE": ("1987-06-05 04:03:02",),
    "FLOAT": ("1.5", "23.25"),
    "DOUBLE": ("1.5", "23.25", "549864182.125"),
    "DECIMAL": _WHOLE,
    "TINYINT": _WHOLE[:2],
    "SMALLINT": _WHOLE[:4],
    "INTEGER": _WHOLE[:7],
    "BIGINT": _WHOLE,
}
"""Values of each type, as the engine reads them."""


@dataclass(frozen=True)
class _Leaf:
    """A value of a column, and the texts that stand for one of its type."""

    path: Path
    root: str
    fits: Callable[[str], bool]
    scale: int = 0


def misfits(plan: Plan, columns: Iterable[Column]) -> Iterable[tuple[Column, str]]:
    """Masks that a field rule brings to a value, and that never make one of its type.

    A NULL fits every type, and so does nothing at all: what `redact` leaves of a number is NULL. What patterns find is
    not known beforehand: where its mask makes no value of the type, it becomes NULL.

    Args:
        plan: the compiled policy.
        columns: the record's typed columns.

    Returns:
        The column, and what is wrong.
    """
    rules = [parse_path(rule.path) for rule in plan.fields]
    for column in columns:
        for leaf in _leaves(column):
            rule = first_match(rules, leaf.path)
            entity = None if rule is None else plan.fields[rule].entity
            for segment in plan.segments:
                mask = segment.masks.get(entity) if entity else None
                if entity and mask and not _may_fit(mask, entity, leaf):
                    path = plan.fields[rule].path if rule is not None else ""
                    yield column, f"{path} is {leaf.root}, and mask {mask.name} of segment {segment.name} makes none"


def collisions(plan: Plan, segments: Mapping[str, Table]) -> Iterable[tuple[Table, str]]:
    """Masks of primary keys under which several rows would become one, or a row that comes again another.

    Args:
        plan: the compiled policy.
        segments: each segment's table.

    Returns:
        The table, and what is wrong.
    """
    rules = [parse_path(rule.path) for rule in plan.fields]
    for segment in plan.segments:
        table = segments[segment.name]
        masks = {name: _mask_of(name, plan, rules, segment) for name in table.key}
        changing = {name: mask for name, mask in masks.items() if mask and mask.random}
        merging = {name: mask for name, mask in masks.items() if mask and mask.exposure in LOSSY and not mask.random}
        for name, mask in changing.items():
            yield table, f"mask {mask.name} never makes the same of column {name}, which is of the PRIMARY KEY"
        if masks and len(merging) == len(masks) and all(mask.exposure == "none" for mask in merging.values()):
            yield table, f"masks make all values of the PRIMARY KEY ({', '.join(masks)}) alike"
            continue
        # A row that another one takes the place of is in the audit as delivered, and is not there.
        for name, mask in merging.items():
            yield table, f"mask {mask.name} makes the same of different values of column {name} of the PRIMARY KEY"


def _mask_of(name: str, plan: Plan, rules: Sequence[Path], segment: SegmentPlan) -> MaskPlan | None:
    """The mask that a field rule brings to a column; None where the segment sees it, or gets no such record."""
    rule = first_match(rules, (name,))
    entity = None if rule is None else plan.fields[rule].entity
    mask = segment.masks.get(entity) if entity else None
    return None if mask is None or mask.effect == "record" else mask


def _leaves(column: Column) -> Iterable[_Leaf]:
    if column.kind is not None:
        yield from _inside(column.kind, (column.name,))
    elif column.root in TEXT + BYTES:
        yield _Leaf((column.name,), column.root, lambda text: len(text) <= column.length)
    elif column.root in _SAMPLES and column.arrow is not None:
        arrow = column.arrow
        scale = arrow.scale if column.root == "DECIMAL" else 0
        yield _Leaf((column.name,), column.root, lambda text: value_of(text, arrow) is not None, scale)


def _inside(kind: Kind, path: Path) -> Iterable[_Leaf]:
    if kind.root == "ROW":
        for name, part in zip(kind.names, kind.parts, strict=True):
            yield from _inside(part, (*path, name))
    elif kind.root == "ARRAY":
        yield from _inside(kind.parts[0], (*path, EACH))
    elif kind.root in _SAMPLES:
        scale = kind.digits[1] if kind.root == "DECIMAL" else 0
        yield _Leaf(path, kind.root, lambda text: restored(json.dumps(text), kind) is not None, scale)


def _may_fit(mask: MaskPlan, entity: str, leaf: _Leaf) -> bool:
    """False if nothing that the mask makes of samples is a value of the type, or if it understands none of them."""
    if mask.effect != "value":
        return True
    if leaf.root in ("FLOAT", "DOUBLE") and MASKS[mask.name].open:
        return False  # 12.50 would come back as 12.5, which opens as something else
    made = [text for sample in _samples(mask, leaf) for text in _tried(mask, entity, sample)]
    if not made:
        return leaf.root in TEXT + BYTES
    return any(text in (None, "") or leaf.fits(text) for text in made)


def _samples(mask: MaskPlan, leaf: _Leaf) -> Iterable[str]:
    """Values of the type, and those that the mask's own table names."""
    fraction = "." + "25".ljust(leaf.scale, "0")[: leaf.scale] if leaf.scale else ""
    return (*(sample + fraction for sample in _SAMPLES[leaf.root]), *(mask.params.get("values") or ()))


def _tried(mask: MaskPlan, entity: str, sample: str) -> list[str | None]:
    """What the mask makes of a sample, under a key of no one; nothing if it refuses it."""
    if mask.subject is not None and MASKS[mask.name].info.own_key:
        mask = replace(mask, subject=None)
    try:
        return apply(mask, entity, pa.array([sample]), Keys.of(bytes(32)), pa.array(["1"])).to_pylist()
    except MaskError:
        return []
