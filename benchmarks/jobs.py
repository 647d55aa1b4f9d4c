"""The segment job, and what it is compared with: records per second.

Jobs are timed at two sizes, and the rate is that of the rows between them, so that the start of a worker (4 to 11 s)
does not count.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping

from benchmarks.data import batch, plan
from udfs.engine import Engine
from udfs.keys import Keys

SMALL = 20_000
"""Rows of the smaller run of each job."""

PRESIDIO = (50, 650)
"""Rows of the two runs of Presidio's row UDF."""

FASTER = {"sql": 5}
"""How many times the rows a fast job gets, so that they take longer than its start varies."""

LABELS = {
    "engine": "engine alone, one core, no Flink",
    "sql": "job: SQL alone, every record to every output",
    "noop": "job: the same topology, a function that does nothing",
    "segment": "job: weir run segment",
    "presidio": "job: Presidio in a row UDF, one output",
}
HEAD = ("six segments, orders example, parallelism 1", "records/s", "segment job ÷ this")


def engine_rate(rows: int = 10_000, repeats: int = 5) -> float:
    """Records per second of the engine alone, on one core: the best of some batches, after one to warm up."""
    engine, records = Engine(plan(), Keys.of(bytes(32)), ["line"], True), batch(rows)
    engine.run(records)
    return rows / min(_seconds(engine, records) for _ in range(repeats))


def _seconds(engine: Engine, records: object) -> float:
    begin = time.perf_counter()
    engine.run(records)
    return time.perf_counter() - begin


def job_rate(kind: str, small: int, large: int, say: Callable[[str], None]) -> float:
    """Records per second of a job, between two sizes of input."""
    times = []
    for rows in (small, large):
        say(f"job {kind}: {rows:,} records")
        with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder:
            command = [sys.executable, "-m", "benchmarks.job", kind, str(rows), folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"benchmark job {kind} failed:\n{done.stderr[-2000:]}")
        times.append(float(done.stdout.split()[-1]))
    return (large - small) / (times[1] - times[0])


def measure(rows: int, say: Callable[[str], None]) -> dict[str, float]:
    """Records per second of everything.

    Args:
        rows: of the larger run of each job.
        say: is told what is being measured.
    """
    say("engine alone")
    rates = {"engine": engine_rate()}
    for kind in ("sql", "noop", "segment"):
        rates[kind] = job_rate(kind, SMALL, rows * FASTER.get(kind, 1), say)
    rates["presidio"] = job_rate("presidio", *PRESIDIO, say)
    return rates


def table(rates: Mapping[str, float]) -> list[list[str]]:
    """The rates as a table, with the segment job's ratio to each."""
    return [[label, f"{rates[k]:,.0f}", f"{rates['segment'] / rates[k]:,.2f}"] for k, label in LABELS.items()]
