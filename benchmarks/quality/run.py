"""Quality of detection: `python -m benchmarks.quality.run [--each N] [--only ENTITY,...] [--failures FILE] [--json]`.

Weir and Presidio judge the same texts (`corpus.py`), and detect-secrets the lines of code with secrets (`secrets.py`).
The exit code is 1 when Weir is not better by what `GAIN` says, or worse than Presidio in any entity of patterns.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks import page
from benchmarks.quality import secrets
from benchmarks.quality.corpus import Sample, Span, corpus, entities
from benchmarks.quality.score import Failure, Scores, Tally, micro, scores
from benchmarks.quality.systems import Found, System, presidio_alone, weir

GAIN = 0.05
"""By how much Weir's micro F2 has to be above Presidio's, on the entities that both know."""
SLACK = 0.005
"""A precision or recall that is lower by less than this is the same."""
SHOWN = 20
"""Failures of each kind that are written for an entity."""
CHUNK = 500


def judged(system: System, samples: Sequence[Sample], progress: Progress) -> Found:
    """What a system finds, with progress shown."""
    task = progress.add_task(system.name, total=len(samples))
    found: Found = []
    for start in range(0, len(samples), CHUNK):
        found += system.find(samples[start : start + CHUNK], lambda n: progress.advance(task, n))
    return found


def measured(each: int, empty: int, seed: int, only: tuple[str, ...], console: Console) -> dict[str, Any]:
    """Both systems on the corpus, and the secrets.

    Returns:
        `common` (entities that both know), `alone` (those that only Weir knows), `unknown` (those that neither knows),
        `weir` and `presidio` (`Scores` of all the first two).
    """
    samples = corpus(each, empty, seed, only)
    ours, theirs = weir(), presidio_alone()
    known = [entity for entity in entities() if not only or entity in only]
    common = [e for e in known if e in theirs.entities and e in ours.entities]
    alone = [e for e in known if e in ours.entities and e not in theirs.entities]
    with Progress(console=console, transient=True) as progress:
        found = [judged(system, samples, progress) for system in (ours, theirs)]
    return {
        "common": common,
        "alone": alone,
        "unknown": sorted(set(known) - ours.entities),
        "unmeasured": sorted((ours.entities | theirs.entities) - set(entities()) - set(secrets.ENTITIES)),
        "weir": scores(samples, found[0], common + alone),
        "presidio": scores(samples, found[1], common),
        "empty": sum(sample.kind.startswith("nothing") for sample in samples),
        "secrets": secrets.measured(each, seed),
    }


def worse(result: dict[str, Any]) -> list[str]:
    """Where Weir does worse than Presidio, one line each."""
    lines = []
    for entity in result["common"]:
        ours, theirs = result["weir"].of(entity), result["presidio"].of(entity)
        for what in ("precision", "recall"):
            one, other = getattr(ours, what), getattr(theirs, what)
            # A precision is no merit where next to nothing is found.
            if one < other - SLACK and not (what == "precision" and theirs.recall < ours.recall / 2):
                lines.append(f"{entity}: {what} {one:.2f}, Presidio's {other:.2f}")
    return lines


def verdict(result: dict[str, Any]) -> list[str]:
    """Why the exit code is 1, one line each; nothing when all is well."""
    ours, theirs = totals(result)
    low = (
        []
        if ours.f2 >= theirs.f2 + GAIN
        else [f"micro F2 {ours.f2:.3f}, Presidio's {theirs.f2:.3f}, must be {GAIN} more"]
    )
    return low + worse(result)


def totals(result: dict[str, Any]) -> tuple[Tally, Tally]:
    """The micro averages of Weir and of Presidio on the entities that both know."""
    both = result["weir"], result["presidio"]
    ours, theirs = (micro(s.of(entity) for entity in result["common"]) for s in both)
    return ours, theirs


def _cells(tally: Tally) -> list[str]:
    return [f"{tally.precision:.2f}", f"{tally.recall:.2f}", f"{tally.f2:.2f}"]


def rows(result: dict[str, Any]) -> list[list[str]]:
    """The table: entity, values, precision, recall, F2 of Weir, the same of Presidio."""
    lines = []
    for entity in result["common"]:
        ours, theirs = result["weir"].of(entity), result["presidio"].of(entity)
        lines.append([entity, str(ours.right + ours.missed), *_cells(ours), *_cells(theirs)])
    for entity in result["alone"]:
        ours = result["weir"].of(entity)
        lines.append([entity, str(ours.right + ours.missed), *_cells(ours), "-", "-", "-"])
    ours, theirs = totals(result)
    lines.append(["micro average, entities of both", str(ours.right + ours.missed), *_cells(ours), *_cells(theirs)])
    return lines


HEAD = ("entity", "values", "P Weir", "R Weir", "F2 Weir", "P Presidio", "R Presidio", "F2 Presidio")


def show(result: dict[str, Any], console: Console) -> None:
    """Print everything."""
    table = Table(title="Precision, recall and F2")
    for name in HEAD:
        table.add_column(name, justify="left" if name == "entity" else "right", no_wrap=True)
    for line in rows(result):
        table.add_row(*line, style="bold" if line[0].startswith("micro") else None)
    console.print(table)
    for who, count, most, share in nothing_rows(result):
        console.print(f"{who} with nothing personal: {count} findings ({most}); of all values, {share} are covered")
    console.print(secrets.table(result["secrets"]))
    if result["unknown"]:
        console.print(f"no recognizer, so not measured: {', '.join(result['unknown'])}")
    if result["unmeasured"]:
        console.print(f"no values here, so not measured: {', '.join(result['unmeasured'])}")


NOTHING_HEAD = ("in texts with nothing personal", "findings", "most of", "values covered, as whatever entity")


def nothing_rows(result: dict[str, Any]) -> list[list[str]]:
    """What both find where nothing personal is."""
    found = []
    for name in ("weir", "presidio"):
        empty = result[name].empty
        most = ", ".join(f"{entity} {n}" for entity, n in empty.most_common(6))
        share = result[name].covered / max(1, sum(t.right + t.missed for t in result[name].tallies.values()))
        found.append([f"{name.title()}, {result['empty']:,} texts", str(sum(empty.values())), most, f"{share:.3f}"])
    return found


def write(result: dict[str, Any]) -> None:
    """Write the tables into docs/measurements.md."""
    page.write("quality", page.markdown(HEAD, rows(result)))
    page.write("nothing", page.markdown(NOTHING_HEAD, nothing_rows(result)))
    page.write("secrets", page.markdown(secrets.HEAD, secrets.rows(result["secrets"])))


def failures(result: Scores) -> str:
    """What Weir got wrong, by entity, up to `SHOWN` of each kind, worst entities first."""
    lines = []
    for entity in sorted(result.tallies, key=lambda e: result.of(e).f2):
        tally = result.of(entity)
        if not tally.wrong and not tally.missed:
            continue
        rates = f"P {tally.precision:.2f} R {tally.recall:.2f} F2 {tally.f2:.2f}"
        lines.append(f"\n== {entity}  {rates}  wrong {tally.wrong} missed {tally.missed}")
        mistaken = Counter(_there(f.sample, f.span) for f in result.wrong if f.span.entity == entity)
        lines.append("wrong on: " + ", ".join(f"{name} {count}" for name, count in mistaken.most_common(12)))
        for title, pairs in (("MISSED", result.missed), ("WRONG", result.wrong)):
            lines += [_failure(title, one) for one in _spread([f for f in pairs if f.span.entity == entity])]
    return "\n".join(lines)


def _there(sample: Sample, span: Span) -> str:
    """What a wrong finding stands on: an entity, or the kind of a text that holds none there."""
    on = [s.entity for s in sample.spans if s.start < span.end and span.start < s.end]
    return on[0] if on else sample.field or sample.kind


def _spread(pairs: list[Failure]) -> list[Failure]:
    """Some of them, from everywhere."""
    return pairs[:: max(1, len(pairs) // SHOWN)][:SHOWN]


def _failure(title: str, failure: Failure) -> str:
    sample, span = failure.sample, failure.span
    text = sample.text
    marked = f"{text[: span.start]}<<{text[span.start : span.end]}>>{text[span.end :]}"
    there, found = (_listed(text, spans) for spans in (sample.spans, failure.found))
    place = f" field={sample.field}" if sample.field else ""
    return f"{title} [{sample.kind}{place}] {marked!r}  there: {there}  found: {found}"


def _listed(text: str, spans: Sequence[Span]) -> str:
    return ", ".join(f"{s.entity} {text[s.start : s.end]!r}" for s in spans) or "nothing"


def as_json(result: dict[str, Any]) -> str:
    """Everything as one JSON object."""
    kept = {key: value for key, value in result.items() if key not in ("weir", "presidio")}
    for name in ("weir", "presidio"):
        tallies = result[name].tallies
        kept[name] = {
            e: asdict(t) | {"precision": t.precision, "recall": t.recall, "f2": t.f2} for e, t in tallies.items()
        }
        kept[f"{name}_empty"] = dict(result[name].empty)
    return json.dumps(kept | {"verdict": verdict(result)}, default=lambda o: getattr(o, "__dict__", str(o)))


def main() -> None:
    """Measure, print, and say whether it is good enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=60, help="texts of each entity")
    parser.add_argument("--empty", type=int, default=2_000, help="texts that hold nothing personal")
    parser.add_argument("--seed", type=int, default=1, help="source of chance; other seeds make other texts")
    parser.add_argument("--only", default="", help="entities, with commas between them")
    parser.add_argument("--failures", type=Path, help="a file for what Weir got wrong, with the texts")
    parser.add_argument("--write", action="store_true", help="write the table into docs/measurements.md")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    arguments = parser.parse_args()
    only = tuple(name.strip().upper() for name in arguments.only.split(",") if name.strip())
    result = measured(arguments.each, arguments.empty, arguments.seed, only, Console(stderr=True))
    if arguments.failures:
        arguments.failures.write_text(failures(result["weir"]) + secrets.failures(result["secrets"]), "utf-8")
    if arguments.write:
        write(result)
    if arguments.json:
        print(as_json(result))
    else:
        show(result, Console(width=None if sys.stdout.isatty() else 120))
    reasons = verdict(result)
    if reasons:
        Console(stderr=True).print("not good enough:\n" + "\n".join(reasons), style="red", highlight=False)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
