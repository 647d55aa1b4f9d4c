"""The measurements over Kafka as tables, and as a plot of memory."""

import io
from collections.abc import Sequence

from benchmarks.kafka.job import NO_OP, SEGMENT, SQL
from benchmarks.kafka.measure import Drain, Measured
from benchmarks.kafka.rate import growth
from benchmarks.kafka.tables import PACKED, PLAIN, POOLED
from benchmarks.kafka.watch import JVM, WORKER, Sample

LABELS = {
    Drain(SQL): "SQL alone, every record to every segment's topic and the audit's",
    Drain(NO_OP): "the same topology, a function that does nothing",
    Drain(): "the segment job",
    Drain(sinks=PLAIN): "the segment job, sent as Kafka's producer does when told nothing (`linger.ms`, `batch.size`)",
    Drain(sinks=POOLED): "the segment job, names of transactions used again (`pooling`)",
}

FLAT = 0.1
"""Memory that grows by no more than this part between a quarter and the end of a backlog is called flat."""

RATE_HEAD = ("six segments, audit, quarantine, exactly once, parallelism 1", "records/s", "segment job ÷ this")
SHAPE_HEAD = ("segments", "parallelism", "records/s", "÷ six segments, parallelism 1")
LATENCY_HEAD = (
    "delivery", "checkpoint every, ms", "bundle at most, ms", "records/s",
    "visible p50, ms", "visible p99, ms", "written p50, ms", "written p99, ms",
)  # fmt: skip
MEMORY_HEAD = ("drained", "JVM, MiB", "Python worker, MiB")

Rows = list[list[str]]


def rates(measured: Measured) -> Rows:
    """The segment job beside what does less."""
    ours = measured.rates[Drain()]
    found = [(label, measured.rates[job]) for job, label in LABELS.items() if job in measured.rates]
    return [[label, f"{rate:,.0f}", f"{ours / rate:.2f}"] for label, rate in found]


def shapes(measured: Measured) -> Rows:
    """The segment job with other numbers of segments, and with more tasks at once."""
    ours = {job: rate for job, rate in measured.rates.items() if job.kind == SEGMENT and job.sinks == PACKED}
    ordered = sorted(ours, key=lambda job: (job.parallelism, job.segments))
    return [[str(j.segments), str(j.parallelism), f"{ours[j]:,.0f}", f"{ours[j] / ours[Drain()]:.2f}"] for j in ordered]


def latencies(measured: Measured) -> Rows:
    """How late records come out."""
    return [
        [
            one.job.delivery, f"{one.job.checkpoint:,}", f"{one.job.bundle:,}", f"{one.rate:,.0f}",
            *(f"{ms:,.0f}" for late in (one.visible, one.written) for ms in (late.p50, late.p99)),
        ]
        for one in measured.latencies
    ]  # fmt: skip


def memory(measured: Measured) -> Rows:
    """Memory while a backlog is drained, and the verdict."""
    rows = [[f"{p.part:.0%} of {measured.backlog:,}", f"{p.jvm:,.0f}", f"{p.workers:,.0f}"] for p in measured.memory]
    quarter = next(p for p in measured.memory if p.part == 0.25)
    more = zip(growth(measured.memory), (quarter.jvm, quarter.workers), strict=True)
    return [*rows, ["growth from 25% to 100%", *(f"{mib:+,.0f}, {verdict(mib, was)}" for mib, was in more)]]


def verdict(more: float, was: float) -> str:
    """Whether memory is flat, or grows.

    Args:
        more: by how much it grew, MiB.
        was: from how much.

    >>> verdict(20.0, 300.0), verdict(100.0, 300.0)
    ('flat', 'grows')
    """
    return "flat" if more <= FLAT * was else "grows"


def plot(samples: Sequence[Sample]) -> str:
    """Memory over a backlog as an SVG."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "weir", "font.size": 9})
    from matplotlib import pyplot

    figure, panel = pyplot.subplots(figsize=(7, 3.2), layout="constrained")
    done = [sample.done for sample in samples]
    for part, line in ((JVM, "-"), (WORKER, "--")):
        panel.plot(done, [sample.memory[part] for sample in samples], line, label=part)
    panel.set(xlabel="records drained", ylabel="MiB of memory")
    panel.set_ylim(bottom=0)
    panel.xaxis.set_major_formatter("{x:,.0f}")
    panel.grid(alpha=0.3)
    panel.legend(frameon=False)
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
