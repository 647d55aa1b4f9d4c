"""Prints a run so that a person can follow it: who got what, one record in every view, its audit event, the checks."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from examples.orders.outputs import Run, Truth, original
from examples.orders.verify import Check, digest
from policy.plan import SegmentPlan

_GONE = object()


def segments(console: Console, run: Run) -> None:
    """One line for each segment: its clearance, its readers, and what became of the records."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("segment", "clearance", "read by"):
        table.add_column(name)
    for name in ("delivered", "not accepted", "above clearance", "quarantined"):
        table.add_column(name, justify="right")
    lost = sum(e["quarantine"] is not None for e in run.events)
    for segment in run.plan.segments:
        rules = Counter(d["rule"] for e in run.events for d in e["decisions"] if d["segment"] == segment.name)
        table.add_row(
            Text(segment.name, "bold"),
            run.plan.levels[segment.clearance],
            ", ".join(segment.consumers),
            *(f"{count:,}" for count in (rules[None], rules["accept"], rules["above_clearance"], lost)),
        )
    _title(console, "Who got what", f"{len(run.lines):,} records in; each row below adds up to that")
    console.print(table)
    levels = Counter(e["level"] for e in run.events)
    shares = ", ".join(f"{levels[level]:,} {level}" for level in run.plan.levels)
    console.print(Padding(f"Level of the records: {shares}; {lost} could not be read.", (0, 0, 1, 0)))


def record(console: Console, run: Run, line: int, title: str) -> None:
    """A record before, and in each segment's view beside it; `=` where a view shows what came in.

    Args:
        line: its index in `run.lines`.
        title: what to call it.
    """
    before = flatten(json.loads(run.lines[line]))
    views = {s.name: _view(run, s, before["id"]) for s in run.plan.segments}
    got = {name: view for name, view in views.items() if view is not None}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("path", no_wrap=True)
    for name in ("as it came", *got):
        table.add_column(name, overflow="fold")
    for path, value in before.items():
        cells = [_cell(view.get(path, _GONE), value) for view in got.values()]
        if any(cell.plain != "=" for cell in cells):
            table.add_row(Text(path, "dim"), Text(_short(value)), *cells)
    _title(console, title, "only what differs somewhere; = is as it came")
    console.print(table)
    denied = [name for name, view in views.items() if view is None]
    if denied:
        console.print(Padding(f"Not delivered to: {', '.join(denied)}.", (0, 0, 1, 0)))


def flatten(document: Any, path: str = "") -> dict[str, Any]:
    """The leaves of a document by their path.

    >>> flatten({"a": [{"b": 1}, 2]})
    {'a[0].b': 1, 'a[1]': 2}
    """
    if isinstance(document, dict):
        parts: Iterator[tuple[str, Any]] = (
            (f"{path}.{key}" if path else key, value) for key, value in document.items()
        )
    elif isinstance(document, list):
        parts = ((f"{path}[{index}]", value) for index, value in enumerate(document))
    else:
        return {path: document}
    return {leaf: value for name, part in parts for leaf, value in flatten(part, name).items()}


def choose(run: Run, kind: str, entities: Sequence[str]) -> int:
    """The index of the record of a kind that holds all of these entities and has the most to show."""
    fitting = [t for t in run.truth if t.kind == kind and _fits(run.lines[t.line - 1], t, entities)]
    return min(fitting, key=lambda t: (-len({(v["entity"], v["as"]) for v in t.values}), t.line)).line - 1


def _fits(line: bytes, truth: Truth, entities: Sequence[str]) -> bool:
    """Whether it holds the entities, prints in every font, and has no key twice (a table of paths cannot show that)."""
    single = Counter(v["path"] for v in truth.values if "[*]" not in v["path"] and v["as"] != "text")
    known = {v["entity"] for v in truth.values}
    return set(entities) <= known and line.isascii() and max(single.values(), default=1) == 1


def audit_event(console: Console, run: Run, line: int) -> None:
    """The audit event of a record, its lists one entry a line."""
    wanted = digest(run, run.lines[line])
    event = next(e for e in run.events if e["input"] == wanted)
    _title(console, "Its audit event", "what was found where, and who received which view; never a value")
    rows = [f'  "{name}": {_laid_out(value)}' for name, value in event.items()]
    # Printed as it is: a line that is wrapped or cut would be no JSON.
    console.print(Text("{\n" + ",\n".join(rows) + "\n}\n"), soft_wrap=True)


def quarantine(console: Console, run: Run) -> None:
    """The reasons of quarantined records, and how one of them begins."""
    _title(console, "Quarantine", "kept whole for those who may read it; the reason tells nothing of it")
    table = Table("records", "reason", "for example, its length", box=box.SIMPLE_HEAD, pad_edge=False)
    reasons: dict[str, list[bytes]] = {}
    for row in run.quarantine:
        reasons.setdefault(row["reason"], []).append(original(row))
    for reason, records in sorted(reasons.items()):
        table.add_row(str(len(records)), reason, f"{len(records[0]):,} bytes")
    console.print(table)


def checks(console: Console, results: Sequence[Check]) -> None:
    """Every check with its figures."""
    _title(console, "Checked", "against the ground truth of the generator, by code that the engine does not share")
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in results:
        mark = Text("✓", "green") if check.holds else Text("✗", "bold red")
        table.add_row(mark, Text(check.what, "" if check.holds else "bold red"), Text(check.detail, "dim"))
    console.print(Padding(table, (0, 0, 1, 0)))


def files(console: Console, run: Run, more: Sequence[tuple[str, Path]]) -> None:
    """Where everything lies."""
    _title(console, "Where the files lie", "")
    table = Table(box=None, pad_edge=False, show_header=False)
    places = [
        *((name, run.folder / name) for name in run.segments),
        *((n, run.folder / n) for n in ("audit", "quarantine")),
    ]
    for name, path in [*places, *more]:
        table.add_row(name, Text(_near(path), "cyan"))
    console.print(Padding(table, (0, 0, 1, 0)))


def _view(run: Run, segment: SegmentPlan, identity: str) -> dict[str, Any] | None:
    mark = re.compile(rb'"id":\s?"' + re.escape(identity.encode()) + b'"')
    return next((flatten(json.loads(line)) for line in run.segments[segment.name] if mark.search(line)), None)


def _cell(value: Any, before: Any) -> Text:
    if value is _GONE:
        return Text("(key masked)", "yellow")
    return Text("=", "dim") if value == before else Text(_short(value), "yellow")


def _short(value: Any) -> str:
    text = (value or '""') if isinstance(value, str) else json.dumps(value)
    return re.sub(r"\b[0-9a-f]{32,}\b", lambda digest: digest[0][:12] + "…", text)


def _laid_out(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(f"    {json.dumps(item, ensure_ascii=False)}" for item in value) + "]"


def _near(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _title(console: Console, title: str, note: str) -> None:
    console.print(Text.assemble((title, "bold"), ("  " + note, "dim")))
