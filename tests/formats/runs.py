"""The policy of the cells, their records, and what ought to come out."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from policy.plan import Plan
from tests.formats.cells import CELLS, CONTAINERS, ONLY_OUTSIDE, TYPES, Cell
from udfs.keys import Keys
from udfs.mask import apply, unmask

HEAD = "weir: 1\nname: cells\nversion: 1\nlevels: [public, confidential]\n"
DIGITS = ("fpe", "surrogate")
"""Masks whose digits may begin with a zero: a number that does is NULL."""

EMPTY = len(TYPES) * 2
"""The number of the record in which everything is NULL. Before it, each type has a record of its own, and one for
`drop_record`."""


def policy(cells: Iterable[Cell]) -> str:
    """A policy in which each cell is a column with an entity and a mask of its own, and again a field of `inside`."""
    cells = list(cells)
    entities = {c.entity: "public" if c.mask == "keep" else "confidential" for c in cells}
    fields = {"id": "public"} | {c.name: c.entity for c in cells} | {f"inside.{c.name}": c.entity for c in cells}
    masks = {c.entity: c.policy for c in cells}
    segments = {"open": {"clearance": "public", "sink": "public", "masks": masks}}
    parts = {"entities": entities, "fields": fields, "segments": segments}
    return HEAD + "".join(f"{name}: {json.dumps(part)}\n" for name, part in parts.items())


def nests(cell: Cell) -> bool:
    """True for a cell that is a field of `inside` too."""
    return cell.type not in ONLY_OUTSIDE and cell.mask != "drop_record"


def native(cell: Cell, text: str) -> Any:
    """A value as JSON has it."""
    if cell.type == "array":
        return [text, None]
    if cell.type == "map":
        return {"k": text, "n": None}
    if cell.type == "row":
        return {"text": text, "note": text}
    if cell.type == "deep":
        return {"inner": {"text": text}}
    return plain(cell.type, text)


def plain(kind: str, value: Any) -> Any:
    """A scalar, so that equal ones are equal whatever they were read from."""
    if value is None or TYPES[kind].value is None:
        return value
    if kind == "boolean":
        return {"true": True, "false": False}[str(value).lower()]
    if kind in ("timestamp", "timestamp_ltz"):
        return datetime.fromisoformat(str(value).removesuffix("Z").removesuffix("+00:00")).isoformat(" ")
    if kind in ("date", "time"):
        return str(value)
    return Decimal(str(value))


def records(cells: Sequence[Cell], inside: bool = True) -> list[dict[str, Any]]:
    """For each type a record in which its columns are filled, and one for its `drop_record`; then one of NULLs."""
    found = []
    for number, kind in enumerate(TYPES):
        for withheld in (False, True):
            filled = [c for c in cells if c.type == kind and (c.outcome == "withheld") == withheld]
            values = {c.name: native(c, c.value) for c in filled}
            record = {"id": number * 2 + withheld} | {c.name: values.get(c.name) for c in cells}
            within = {c.name: values.get(c.name) for c in cells if nests(c)}
            record["inside"] = within if any(v is not None for v in within.values()) else None
            found.append(record)
    found.append({"id": EMPTY, **dict.fromkeys(c.name for c in cells), "inside": None})
    if not inside:
        for record in found:
            del record["inside"]
    return found


def wanted(cell: Cell, plan: Plan, keys: Keys, number: int) -> Any:
    """What a segment that masks ought to get of the cell, in the record of its type."""
    if cell.outcome in ("same", "NULL") and cell.type not in CONTAINERS:
        return native(cell, cell.value) if cell.outcome == "same" else None
    if cell.outcome == "removed" or cell.outcome == "NULL":
        rows = {"row": {"text": None, "note": None}, "deep": {"inner": {"text": None}}}
        nulls = {"array": [None, None], "map": {"k": None, "n": None}} | rows
        return ({"array": [None], "map": {"n": None}} | rows if cell.outcome == "removed" else nulls)[cell.type]
    if cell.outcome in ("same", "empty"):
        return native(cell, cell.value if cell.outcome == "same" else "")
    made = masked(cell, plan, keys, number)
    return None if not cell.is_text and re.match(r"-?0\d", made) and cell.mask in DIGITS else native(cell, made)


def masked(cell: Cell, plan: Plan, keys: Keys, number: int) -> str:
    """What the mask makes of the cell's value, as text, under the job's keys."""
    mask = plan.segments[0].masks[cell.entity]
    (made,) = apply(mask, cell.entity, pa.array([cell.value]), keys, pa.array([str(number)])).to_pylist()
    return made


def opened(cell: Cell, plan: Plan, keys: Keys, value: Any) -> Any:
    """What was masked, of a mask with a way back: each text of the value is opened."""
    if value is None:
        return None
    if isinstance(value, list):
        return [opened(cell, plan, keys, element) for element in value]
    if isinstance(value, dict):
        return {name: opened(cell, plan, keys, element) for name, element in value.items()}
    mask = plan.segments[0].masks[cell.entity]
    return plain(cell.type, unmask(mask, cell.entity, pa.array([str(value)]), keys)[0].as_py())


def chosen(*outcomes: str, without: Sequence[str] = ()) -> list[Cell]:
    """The cells with these outcomes (all but refused ones if none is named), without some types or columns."""
    return [
        c for c in CELLS.values()
        if not {c.type, c.name} & set(without) and (c.outcome in outcomes if outcomes else c.outcome != "refused")
    ]  # fmt: skip
