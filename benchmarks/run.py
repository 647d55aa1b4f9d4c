"""All measurements of speed in one run: `python -m benchmarks.run [--only job,engine,masks] [--write] [--json]`.

`job` runs the segment job on a local Flink. `engine` holds the engine against its peers on one column of text. `masks`
holds each mask against the libraries that a user would take instead. `growth` shows how the cost grows, and what a
start takes. `kafka` runs the segment job over a real broker, which `make jars` fetches. Rates of shared machines
drift; the ratios of one run are what to quote.
"""

import argparse
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import page

PARTS = ("job", "engine", "masks", "growth", "kafka")
PLOTS = {"growth": "growth.svg", "kafka": "kafka-memory.svg"}
"""Parts that have a plot, with its file in docs/."""

Say = Callable[[str], None]
Tables = dict[str, tuple[Sequence[str], list[list[str]]]]


def job(rows: int, say: Say) -> tuple[Any, Tables]:
    """The segment job: its rates, and the table of them."""
    from benchmarks import jobs

    rates = jobs.measure(rows, say)
    return rates, {"job": (jobs.HEAD, jobs.table(rates))}


def engine(rows: int, say: Say) -> tuple[Any, Tables]:
    """The engine beside its peers."""
    from benchmarks import engines

    measured = engines.measure(say)
    found = [asdict(m) for m in measured], engines.ratios(measured)
    tables: Tables = {
        "ratios": (engines.RATIO_HEAD, engines.ratio_table(measured)),
        "engine": (engines.HEAD, engines.table(measured)),
    }
    return {"measured": found[0], "ratios": found[1]}, tables


def masks(rows: int, say: Say) -> tuple[Any, Tables]:
    """Every mask beside its peers."""
    from benchmarks import masks as measurements

    measured = measurements.measure(say)
    tables: Tables = {
        "mask-goals": (measurements.GOAL_HEAD, [list(row) for row in measurements.goals(measured)]),
        "masks": (measurements.HEAD, measurements.table(measured)),
        "mask-peers": (measurements.PEER_HEAD, measurements.peer_table(measured)),
    }
    return [asdict(one) for one in measured], tables


def growth(rows: int, say: Say) -> tuple[Any, Tables]:
    """How the cost grows."""
    from benchmarks import growth as measurements

    lines, starts = list(measurements.measure(say)), measurements.starts(say)
    tables: Tables = {
        "growth": (measurements.HEAD, measurements.table(lines)),
        "start": (measurements.START_HEAD, measurements.start_table(starts)),
    }
    return {"growth": [asdict(line) for line in lines], "start": starts, "plot": measurements.plot(lines)}, tables


def kafka(rows: int, say: Say) -> tuple[Any, Tables]:
    """The segment job over Kafka."""
    from benchmarks.kafka import show as shown
    from benchmarks.kafka.measure import measure

    measured = measure(rows, say)
    tables: Tables = {
        "kafka-rates": (shown.RATE_HEAD, shown.rates(measured)),
        "kafka-shapes": (shown.SHAPE_HEAD, shown.shapes(measured)),
        "kafka-latency": (shown.LATENCY_HEAD, shown.latencies(measured)),
        "kafka-memory": (shown.MEMORY_HEAD, shown.memory(measured)),
    }
    return measured.as_dict() | {"plot": shown.plot(measured.samples)}, tables


def show(tables: Tables, console: Console) -> None:
    """Print tables."""
    for name, (head, rows) in tables.items():
        table = Table(title=name)
        for number, column in enumerate(head):
            table.add_column(column, justify="right" if number and rows[0][number][:1].isdigit() else "left")
        for row in rows:
            table.add_row(*row)
        console.print(table)


def machine() -> str:
    """What was measured on."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{model}, {platform.system()}, Python {platform.python_version()}"


def write(result: dict[str, Any], tables: Tables) -> None:
    """Write tables and plot into docs/."""
    for part in result:
        page.write(f"{part}-machine", f"Measured on: {machine()}.")
    for name, (head, rows) in tables.items():
        page.write(name, page.markdown(head, rows))
    for part, name in PLOTS.items():
        if part in result:
            (page.DOCS / name).write_text(result[part]["plot"], "utf-8")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", default=",".join(PARTS), help=f"parts with commas between them, of {', '.join(PARTS)}"
    )
    parser.add_argument("--rows", type=int, default=120_000, help="records of the larger run of each job")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/measurements.md")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    arguments = parser.parse_args()
    chosen = [part.strip() for part in arguments.only.split(",")]
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        parser.error(f"parts must be of {', '.join(PARTS)}; got {', '.join(unknown)}")
    result, tables = measured(chosen, arguments.rows)
    if arguments.write:
        write(result, tables)
    if arguments.json:
        print(json.dumps(result))
    else:
        show(tables, Console())


def measured(parts: Sequence[str], rows: int) -> tuple[dict[str, Any], Tables]:
    """The parts that were asked for."""
    makers = {"job": job, "engine": engine, "masks": masks, "growth": growth, "kafka": kafka}
    result: dict[str, Any] = {}
    tables: Tables = {}
    console = Console(stderr=True)
    for part in parts:
        with console.status(part) as status:

            def say(what: str, status: Any = status) -> None:
                status.update(what)
                if not console.is_terminal:
                    console.print(what, highlight=False)

            result[part], made = makers[part](rows, say)
        tables |= made
    return result, tables


if __name__ == "__main__":
    main()
