"""All measurements in one run: `python -m benchmarks.run [--rows N] [--json]`.

Jobs are timed at two sizes, and the rate is that of the rows between them, so that the start of a worker (4 to 11 s)
does not count. Rates of shared machines drift; the ratios of one run are what to quote.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time

from rich.console import Console
from rich.table import Table

from benchmarks.data import batch, plan
from udfs.engine import Engine

SMALL = 20_000
"""Rows of the smaller run of each job."""

PRESIDIO = (50, 650)
"""Rows of the two runs of Presidio's row UDF."""


def engine_rate(rows: int = 10_000, repeats: int = 5) -> float:
    """Records per second of the engine alone, on one core: the best of some batches, after one to warm up."""
    engine, records = Engine(plan(), bytes(32), ["line"], True), batch(rows)
    engine.run(records)
    return rows / min(_seconds(engine, records) for _ in range(repeats))


def _seconds(engine: Engine, records: object) -> float:
    begin = time.perf_counter()
    engine.run(records)
    return time.perf_counter() - begin


def job_rate(kind: str, small: int, large: int, console: Console) -> float:
    """Records per second of a job, between two sizes of input."""
    times = []
    for rows in (small, large):
        with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder, console.status(f"{kind}: {rows:,} records"):
            command = [sys.executable, "-m", "benchmarks.job", kind, str(rows), folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"benchmark job {kind} failed:\n{done.stderr[-2000:]}")
        times.append(float(done.stdout.split()[-1]))
    rate = (large - small) / (times[1] - times[0])
    console.print(f"{kind}: {rate:,.0f} records/s")
    return rate


def measure(rows: int, console: Console) -> dict[str, float]:
    """Records per second of everything that is measured."""
    rates = {}
    with console.status("engine alone"):
        rates["engine"] = engine_rate()
    for kind in ("sql", "noop", "segment"):
        rates[kind] = job_rate(kind, SMALL, rows, console)
    rates["presidio"] = job_rate("presidio", *PRESIDIO, console)
    return rates


LABELS = {
    "engine": "engine alone, one core, no Flink",
    "sql": "job: SQL alone, every record to every output",
    "noop": "job: the same topology, a function that does nothing",
    "segment": "job: weir run segment",
    "presidio": "job: Presidio in a row UDF, one output",
}


def show(rates: dict[str, float], console: Console) -> None:
    """Print the rates, and the segment job's ratio to each."""
    table = Table(title="Records per second, six segments, orders example, parallelism 1")
    for column in ("", "records/s", "segment job / this"):
        table.add_column(column, justify="left" if not column else "right")
    for kind, label in LABELS.items():
        table.add_row(label, f"{rates[kind]:,.0f}", f"{rates['segment'] / rates[kind]:,.2f}")
    console.print(table)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=120_000, help="records of the larger run of each job")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    rates = measure(arguments.rows, Console(stderr=True))
    if arguments.json:
        print(json.dumps(rates))
    else:
        show(rates, Console())


if __name__ == "__main__":
    main()
