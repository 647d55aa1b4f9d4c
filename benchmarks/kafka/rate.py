"""Numbers from what was seen: rates, percentiles, memory by progress."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.kafka.watch import JVM, WORKER, Sample

FROM = 0.4
"""The part of a job's records that does not count: workers start, and Java compiles what it runs. That took 70 seconds
of CPU, most of what the first 20,000 records cost."""

GAP = 100
"""Milliseconds without a message between two batches. A job writes in batches, each when it is judged as a whole."""

POINTS = (0.1, 0.25, 0.5, 0.75, 1.0)
"""Parts of a backlog at which memory is told."""


def rate(times: npt.NDArray[np.int64], begin: float = FROM) -> float:
    """Records per second of a job, from the times at which its messages were written.

    Counted is from the end of the batch in which the part `begin` of them was reached, to the last.

    Args:
        times: sorted, ms.
        begin: the part that does not count, 0 to 1.

    Raises:
        ValueError: there is nothing after that batch: too few records.

    >>> batches = [second * 1_000 + n for second in range(5) for n in range(100)]
    >>> round(rate(np.array(batches)))
    100
    """
    first = int(len(times) * begin)
    ends = np.flatnonzero(np.diff(times[first:]) >= GAP)
    last = first + int(ends[0]) if len(ends) else first
    seconds = (times[-1] - times[last]) / 1000 if len(times) else 0
    if seconds <= 0:
        raise ValueError(f"a rate needs more than one batch; {len(times):,} records were one; take more --rows")
    return float((len(times) - 1 - last) / seconds)


@dataclass(frozen=True)
class Late:
    """How late messages were, in ms: half of them no later than `p50`, 99 of 100 no later than `p99`."""

    p50: float
    p99: float
    messages: int


def late(latencies: npt.NDArray[np.float64]) -> Late:
    """The percentiles of latencies.

    Raises:
        ValueError: there are none.

    >>> late(np.arange(1.0, 101.0))
    Late(p50=50.0, p99=99.0, messages=100)
    """
    if not len(latencies):
        raise ValueError("latencies need messages; none was read in the time that counts")
    p50, p99 = np.percentile(latencies, [50, 99], method="inverted_cdf")
    return Late(float(p50), float(p99), len(latencies))


@dataclass(frozen=True)
class Held:
    """The MiB of memory that a job held when a part of its records was done."""

    part: float
    jvm: float
    workers: float


def held(samples: Sequence[Sample], records: int) -> list[Held]:
    """Memory at each of `POINTS`: that of the first look after it, or of the last look while all parts still ran.

    Args:
        samples: in order.
        records: all that there are.

    Raises:
        ValueError: the job was never seen at work.
    """
    working = [s for s in samples if s.done and s.memory[JVM] and s.memory[WORKER]]
    if not working:
        raise ValueError("memory needs a look at a job at work; there was none; take more --rows")
    found = []
    for part in POINTS:
        at = next((s for s in working if s.done >= part * records), working[-1])
        found.append(Held(part, at.memory[JVM], at.memory[WORKER]))
    return found


def growth(points: Sequence[Held]) -> tuple[float, float]:
    """MiB by which the JVM and the workers grew between a quarter of a backlog and its end.

    >>> growth([Held(0.25, 900.0, 300.0), Held(0.5, 950.0, 300.0), Held(1.0, 910.0, 305.0)])
    (10.0, 5.0)
    """
    first, last = next(p for p in points if p.part == 0.25), points[-1]
    return last.jvm - first.jvm, last.workers - first.workers
