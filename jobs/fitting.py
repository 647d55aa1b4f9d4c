"""Masks that cannot fit a column's type: found before a job starts, by trying them on values of the type."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyarrow as pa

from jobs.columns import BYTES, TEXT, Column
from policy.path import EACH, Path, first_match, parse_path
from policy.plan import MaskPlan, Plan
from udfs.keys import Keys
from udfs.mask import MaskError, apply
from udfs.restore import Kind, restored

_SAMPLES = {
    "BOOLEAN": ("true", "false"),
    "DATE": ("1987-06-05", "2024-02-29"),
    "TIME_WITHOUT_TIME_ZONE": ("06:05:04",),
    "TIMESTAMP_WITHOUT_TIME_ZONE": ("1987-06-05 04:03:02",),
    "TIMESTAMP_WITH_LOCAL_TIME_ZONE": ("1987-06-05 04:03:02Z",),
    "FLOAT": ("1.5", "23"),
    "DOUBLE": ("1.5", "23"),
    "DECIMAL": ("1", "5"),
    "TINYINT": ("7", "42"),
    "SMALLINT": ("7", "1987"),
    "INTEGER": ("7", "1987", "536904399"),
    "BIGINT": ("7", "1987", "4111111111111111"),
}
"""Values of each type, as the engine reads them."""


@dataclass(frozen=True)
class _Leaf:
    path: Path
    root: str
    fits: Callable[[str], bool]


def misfits(plan: Plan, columns: Iterable[Column]) -> Iterable[tuple[Column, str]]:
    """Masks that a field rule brings to a value that is no text, and that never make a value of its type.

    A NULL fits every type, and so does nothing at all: what `redact` leaves of a number is NULL. What patterns find
    inside numbers is not known beforehand: where its mask makes no number, it becomes NULL.

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


def _leaves(column: Column) -> Iterable[_Leaf]:
    if column.kind is not None:
        yield from _inside(column.kind, (column.name,))
    elif column.root in _SAMPLES and column.arrow is not None:
        arrow = column.arrow
        yield _Leaf((column.name,), column.root, lambda text: _casts(text, arrow))


def _inside(kind: Kind, path: Path) -> Iterable[_Leaf]:
    if kind.root == "ROW":
        for name, part in zip(kind.names, kind.parts, strict=True):
            yield from _inside(part, (*path, name))
    elif kind.root == "ARRAY":
        yield from _inside(kind.parts[0], (*path, EACH))
    elif kind.root in _SAMPLES:
        yield _Leaf(path, kind.root, lambda text: restored(json.dumps(text), kind) is not None)


def _may_fit(mask: MaskPlan, entity: str, leaf: _Leaf) -> bool:
    """False if every sample that the mask takes becomes something that is no value of the type."""
    if leaf.root in TEXT + BYTES or mask.subject is not None or mask.effect != "value":
        return True
    tried = [made for sample in _SAMPLES[leaf.root] for made in _tried(mask, entity, sample)]
    return not tried or any(made in (None, "") or leaf.fits(made) for made in tried)


def _tried(mask: MaskPlan, entity: str, sample: str) -> list[str | None]:
    """What the mask makes of a sample, under a key of no one; nothing if it refuses it."""
    try:
        return list(apply(mask, entity, pa.array([sample]), Keys.of(bytes(32)))[:1].to_pylist())
    except MaskError:
        return []


def _casts(text: str, kind: pa.DataType) -> bool:
    try:
        return pa.scalar(text).cast(kind).is_valid
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
