"""`weir explain`: which entity, in which segment, comes out how; and who can join what."""

from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from jobs.commands.shared import JSON, POLICY, known_or_fail, out, plan_of, print_json

if TYPE_CHECKING:
    from policy.explain import Row
    from policy.plan import Plan
    from policy.proof import Join, WayBack

STYLES = {
    "none": "green",
    "shape": "green",
    "partial": "yellow",
    "pseudonym": "cyan",
    "reversible": "magenta",
    "clear": "bold",
}
"""How each exposure looks on a terminal."""


def command(
    policy: Annotated[Path, POLICY],
    segment: Annotated[list[str] | None, typer.Option(help="Only this segment, with reasons; repeatable.")] = None,
    entity: Annotated[list[str] | None, typer.Option(help="Only this entity, with reasons; repeatable.")] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Explain a policy: how each entity comes out of each segment, who can join what, and what can be brought back.

    This is the proof that no segment sees more than its clearance: a policy for which it fails does not compile.

    Example: `weir explain orders.yaml --segment support`
    """
    from policy.explain import explain

    plan = plan_of(policy)
    known_or_fail("segment", segment or [], [s.name for s in plan.segments])
    known_or_fail("entity", entity or [], list(plan.entities))
    explained = explain(plan)
    rows = [
        row for row in explained.rows
        if (not segment or row.segment in segment) and (not entity or row.entity in entity)
    ]  # fmt: skip
    joins = [join for join in explained.joins if not segment or set(segment) & set(join.segments)]
    joins = [join for join in joins if not entity or join.entity in entity]
    ways = [w for w in explained.ways_back if not segment or w.segment in segment]
    ways = [way for way in ways if not entity or way.entity in entity]
    if json:
        head = {"policy": plan.name, "version": plan.version, "digest": plan.digest, "levels": list(plan.levels)}
        print_json({**head, "rows": [asdict(row) for row in rows], "joins": [join._asdict() for join in joins],
                    "ways_back": [way._asdict() for way in ways]})  # fmt: skip
        return
    console = out()
    console.print(f"[bold]{plan.name}[/bold] version {plan.version}, levels {' < '.join(plan.levels)}")
    console.print(_reasons(rows) if segment or entity else _matrix(plan, rows))
    console.print(_joins(joins))
    console.print(_ways_back(ways))


def _matrix(plan: "Plan", rows: "list[Row]") -> Table:
    """Entities down, segments across."""
    table = Table("entity", "level", box=box.SIMPLE_HEAD, caption_justify="left")
    for segment in plan.segments:
        table.add_column(Text(f"{segment.name}\n≤ {plan.levels[segment.clearance]}"), overflow="fold")
    for entity, cells in groupby(rows, key=lambda row: row.entity):
        outcomes = list(cells)
        table.add_row(entity, outcomes[0].level, *map(_cell, outcomes))
    return table


def _cell(row: "Row") -> Text:
    """The outcome without its parameters; `--segment` shows those."""
    style = "red" if row.outcome == "denied" else STYLES.get(row.exposure, "")
    return Text(row.outcome.partition("(")[0], style)


def _reasons(rows: "list[Row]") -> Table:
    table = Table("segment", "entity", "comes out", "readable", "because", box=box.SIMPLE_HEAD)
    for row in sorted(rows, key=lambda row: row.segment):
        table.add_row(row.segment, row.entity, row.outcome, Text(row.exposure, STYLES.get(row.exposure, "")), row.why)
    return table


def _joins(joins: "list[Join]") -> Table | Text:
    if not joins:
        return Text("No two segments can be joined on a masked value.", style="dim")
    table = Table("these segments", "can be joined on", "by", "in scope", box=box.SIMPLE_HEAD)
    for join in joins:
        table.add_row(", ".join(join.segments), join.entity, join.mask, join.scope)
    return table


def _ways_back(ways: "list[WayBack]") -> Table | Text:
    if not ways:
        return Text("Nothing can be brought back.", style="dim")
    table = Table(
        "with a grant for this scope", "can be brought back", "of segment", "until erased", box=box.SIMPLE_HEAD
    )
    for way in ways:
        table.add_row(way.scope, f"{way.entity} ({way.mask})", way.segment, f"by {way.subject}" if way.subject else "–")
    return table
