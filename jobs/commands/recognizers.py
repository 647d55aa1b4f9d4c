"""`weir recognizers`: which recognizers are installed, everything about one, and what each costs on some texts."""

import inspect
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from jobs.commands.findings import EVERYTHING
from jobs.commands.shared import JSON, known_or_fail, out, print_json

if TYPE_CHECKING:
    import pyarrow as pa

    from policy.catalog import RecognizerInfo
    from policy.plan import Plan

_LEAST_TEXTS = 2_000
"""Texts that are judged at once when a cost is measured; fewer are repeated."""
_WIDEST = 400
_RUNS = 3
"""Of so many runs, the fastest counts."""

Facts = dict[str, Any]
"""What is said of a recognizer, by name."""


def command(
    name: Annotated[str | None, typer.Argument(help="Only this one, with everything about it.")] = None,
    country: Annotated[str | None, typer.Option(help="Only those of this country, e.g. gb, and of none.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only those that find this entity.")] = None,
    source: Annotated[str | None, typer.Option(help="Only those of presidio, weir, or a package.")] = None,
    cost: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Measure what each costs on the lines of this file."),
    ] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """The installed recognizers. Each runs where a policy gives its entity a level.

    With `--cost`, the lines are texts, of which some are candidates: the scan finds something in them that the
    recognizer has to judge. The cost is in microseconds for each candidate, and for each other text.

    Example: `weir recognizers --country gb`
    """
    from udfs.catalog import installed

    known = installed().recognizers
    known_or_fail("recognizer", [name] if name else [], list(known))
    known_or_fail("entity", [entity] if entity else [], sorted({r.entity for r in known.values()}))
    known_or_fail("source", [source] if source else [], sorted({r.source for r in known.values()}))
    chosen = [r for r in known.values() if _is_chosen(r, name, country, entity, source)]
    rows: list[Facts] = [asdict(r) for r in sorted(chosen, key=lambda r: (r.country or "", r.entity, r.name))]
    if cost is not None:
        rows = [row | facts for row, facts in zip(rows, _costs([r["name"] for r in rows], cost), strict=True)]
    if name:
        rows = [row | _details(name) for row in rows]
    if json:
        print_json(rows)
    elif name and rows:
        out().print(_page(rows[0]), markup=False, soft_wrap=True)
    else:
        # Names are for copying: a row is never cut.
        Console(highlight=False, width=_WIDEST).print(_table(rows, cost is not None))


def _is_chosen(
    info: "RecognizerInfo", name: str | None, country: str | None, entity: str | None, source: str | None
) -> bool:
    if country and info.country not in (None, country.lower()):
        return False
    return name in (None, info.name) and entity in (None, info.entity) and source in (None, info.source)


def _table(rows: list[Facts], with_costs: bool) -> Table:
    columns = ["candidates", "µs each", "µs per other text"] if with_costs else ["source", "replaces"]
    table = Table("entity", "country", "recognizer", *columns, box=box.SIMPLE_HEAD)
    for row in rows:
        if with_costs:
            further = [_number(row[key]) for key in ("candidates", "us_per_candidate", "us_per_other")]
        else:
            further = [row["source"], ", ".join(row["replaces"])]
        table.add_row(row["entity"], row["country"] or "any", row["name"], *further)
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


def _details(name: str) -> Facts:
    """What the recognizer itself knows of itself."""
    from udfs.detect.recognizers import available

    recognizer: Any = available()[name]
    patterns = getattr(recognizer, "patterns", None) or ()
    return {
        "doc": _documentation(recognizer),
        "patterns": [{"name": p.name, "score": p.score, "regex": p.regex} for p in patterns],
        "context": list(recognizer.context or ()),
        "against": list(getattr(recognizer, "against", ())),
    }


def _documentation(recognizer: Any) -> str:
    """The documentation of the file that exports it, or of its class."""
    exported = (m for m in list(sys.modules.values()) if recognizer in _exports(m))
    return inspect.cleandoc(next(exported, type(recognizer)).__doc__ or "")


def _exports(module: Any) -> tuple[Any, ...]:
    exports = vars(module).get("RECOGNIZERS") if inspect.ismodule(module) else None
    return exports if isinstance(exports, tuple) else ()


def _page(row: Facts) -> str:
    lines = [
        f"{row['name']} finds {row['entity']}",
        "",
        f"source: {row['source']}",
        f"country: {row['country'] or 'any'}",
        f"replaces: {', '.join(row['replaces']) or 'none'}",
        f"reference: {row['reference'] or 'see below'}",
    ]
    if "candidates" in row:
        each, other = _number(row["us_per_candidate"]), _number(row["us_per_other"])
        lines.append(f"cost: {row['candidates']} candidates, {each} µs each; {other} µs for each other text")
    lines += ["", *(f"pattern {p['score']:.2f}: {p['name']}" for p in row["patterns"])]
    lines += [f"{key}: {', '.join(row[key])}" for key in ("context", "against") if row[key]]
    return "\n".join([*lines, "", row["doc"]])


def _costs(names: Iterable[str], path: Path) -> list[Facts]:
    import pyarrow as pa

    from policy.compile import compile_plan
    from policy.load import load_policy_text
    from udfs.catalog import installed

    texts = pa.array(path.read_text(encoding="utf-8", errors="replace").splitlines(), pa.string())
    plan = compile_plan(load_policy_text(EVERYTHING), installed())
    return [_cost(replace(plan, recognizers=(name,)), texts) for name in names]


def _cost(plan: "Plan", texts: "pa.StringArray") -> Facts:
    """How long a plan's one recognizer takes for a text that it has to judge, and for one that the scan keeps away."""
    import numpy as np
    import pyarrow as pa

    from udfs.detect import Detector
    from udfs.detect.exact import judge
    from udfs.detect.recognizers import build
    from udfs.detect.scan import Scan

    judged = np.zeros(len(texts), np.bool_)
    for hits in Scan([judge(r, plan.threshold) for r in build(plan)]).hits(texts):
        judged[hits.first + hits.text] = True
    detector = Detector(plan)
    candidates, others = (texts.filter(pa.array(mask)) for mask in (judged, ~judged))
    return {
        "candidates": len(candidates),
        "us_per_candidate": _microseconds(detector.detect, candidates),
        "us_per_other": _microseconds(detector.detect, others),
    }


def _microseconds(detect: Any, texts: "pa.StringArray") -> float | None:
    """The time for one of the texts, or None where there are none."""
    import pyarrow as pa

    if not len(texts):
        return None
    batch = pa.concat_arrays([texts] * -(-_LEAST_TEXTS // len(texts)))
    taken = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        detect(batch)
        taken.append(time.perf_counter() - begun)
    return round(min(taken) / len(batch) * 1e6, 2)
