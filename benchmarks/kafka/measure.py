"""Runs the jobs over Kafka, one after another on one broker, checks what they wrote, and makes tables of it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.kafka import rate, stream, tables, watch
from benchmarks.kafka.job import NO_OP, SEGMENT, SQL, Order
from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from examples.kafka.servers.process import write_secret
from jobs.outputs import AT_LEAST_ONCE, EXACTLY_ONCE
from udfs.keys import Keyring, new_root, write_keyring

Say = Callable[[str], None]

SIX = 6
"""Segments of the orders example."""

SMOKE = 20_000
"""With fewer rows than this, one job of each kind is run and no more, to see whether all of it works."""

BACKLOG = 1_000_000
"""Records that are drained while memory is looked at. With fewer rows than `SMOKE`, as many as they are."""

TIMES = {SQL: 6, NO_OP: 4, SEGMENT: 2}
"""How many times the rows a job gets, so that it is at work for about 40 seconds."""

HEAP = "-Xmx1500m"
"""Of the job's JVM, which is job manager and task manager at once; the task manager of flink-conf has 1.1 GB."""

WARM, MEASURED = 90.0, 30.0
"""Seconds of a latency's run that do not count, and that do."""

SLOWEST = 100.0
"""Records per second that a job must come to, or it is taken to hang."""

PATIENCE = 180.0
"""Seconds that a job may take to write its first message, and its last after the last was sent."""


class BenchmarkFailed(SystemExit):
    """A job did not do what it was timed for."""


@dataclass(frozen=True)
class Drain:
    """A job that reads what is there, and ends. `sinks`: which of `tables.SINKS` its outputs have."""

    kind: str = SEGMENT
    segments: int = SIX
    parallelism: int = 1
    sinks: str = tables.PACKED


@dataclass(frozen=True)
class Live:
    """A job that runs while records come.

    Args:
        delivery: `exactly-once` or `at-least-once`.
        checkpoint: milliseconds between two.
        bundle: milliseconds that a record waits at most for others.
    """

    delivery: str
    checkpoint: int
    bundle: int


MAIN = (Drain(SQL), Drain(NO_OP), Drain(), Drain(sinks=tables.PLAIN), Drain(sinks=tables.POOLED))
SHAPES = (Drain(segments=1), Drain(segments=2), Drain(segments=4), Drain(segments=8), Drain(parallelism=2))
LIVES = (
    Live(EXACTLY_ONCE, 2_000, 1_000),
    Live(EXACTLY_ONCE, 500, 100),
    Live(AT_LEAST_ONCE, 2_000, 100),
    Live(AT_LEAST_ONCE, 2_000, 20),
)


@dataclass(frozen=True)
class Latency:
    """What a `Live` job came to. `visible` is to readers of what is committed, `written` to those of everything."""

    job: Live
    rate: float
    visible: rate.Late
    written: rate.Late


@dataclass(frozen=True)
class Measured:
    """Everything."""

    rates: dict[Drain, float] = field(default_factory=dict)
    latencies: list[Latency] = field(default_factory=list)
    memory: list[rate.Held] = field(default_factory=list)
    backlog: int = 0
    samples: list[watch.Sample] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        rates = [asdict(job) | {"rate": value} for job, value in self.rates.items()]
        memory = [asdict(point) for point in self.memory]
        return {"rates": rates, "latencies": [asdict(one) for one in self.latencies],
                "backlog": self.backlog, "memory": memory}  # fmt: skip


class Bench:
    """A broker with records in its source, and the jobs over it.

    Args:
        folder: for everything.
        broker: a running one.
        rows: of a job; there are no more different records than that.
        say: is told what is being measured.
    """

    def __init__(self, folder: Path, broker: Broker, rows: int, say: Say) -> None:
        self._folder, self._broker, self._say = folder, broker, say
        self._values = stream.records(rows)
        self._expected = stream.Expected(stream.outcome(self._values))
        write_keyring(folder / "bench.key", Keyring.of(new_root()))

    @contextmanager
    def filled(self, rows: int) -> Iterator[None]:
        """The source with so many records in it."""
        self._say(f"{rows:,} records into Kafka")
        with stream.topics(self._broker, [SOURCE]):
            sender = self._sender(SOURCE)
            sender.send(rows)
            sender.finish()
            yield

    def drain(self, job: Drain, rows: int) -> tuple[float, list[watch.Sample]]:
        """Run a job over the first records of the source.

        Returns:
            Its records per second, and looks at it.

        Raises:
            BenchmarkFailed: it broke, or its outputs are not what they must be.
        """
        self._say(f"{describe(job)}: {rows:,} records")
        outputs = outputs_of(job.segments)
        form = tables.Form(sinks=job.sinks, ends=stream.ends(rows))
        with stream.topics(self._broker, list(outputs.values())):
            with self._running(job, SOURCE, outputs, form, {}) as process:
                done = watch.written(self._broker.admin, outputs[tables.AUDIT])
                with watch.looking(process.pid, done) as samples:
                    self._ended(process, job, PATIENCE + rows / SLOWEST)
            times = watch.times(self._broker.admin, list(outputs.values()))
        self._check(job, {name: len(times[topic]) for name, topic in outputs.items()}, rows)
        per_second = rate.rate(times[outputs[tables.AUDIT]])
        self._say(f"{describe(job)}: {per_second:,.0f} records/s")
        return per_second, samples

    def live(self, job: Live, per_second: float, warm: float = WARM, seconds: float = MEASURED) -> Latency:
        """Run a job while records come, and see how late they come out.

        Args:
            per_second: how many records are sent.
            warm: seconds that do not count.
            seconds: that do, after these.
        """
        self._say(f"{job.delivery}, checkpoints each {job.checkpoint} ms: {per_second:,.0f} records/s")
        outputs, source = outputs_of(SIX), f"{stream.NAMES}.live"
        form = tables.Form(job.delivery, f"{job.checkpoint} ms")
        options = {"python.fn-execution.bundle.time": str(job.bundle)}
        with (
            stream.topics(self._broker, [source, *outputs.values()]),
            self._running(Drain(), source, outputs, form, options) as process,
        ):
            readers = [
                watch.Reader(self._broker.admin, outputs[WATCHED], isolation)
                for isolation in (watch.COMMITTED, watch.UNCOMMITTED)
            ]
            window = self._send(source, readers, process, per_second, (warm, seconds))
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
        visible, written = (rate.late(reader.latencies(*window)) for reader in readers)
        return Latency(job, per_second, visible, written)

    def _send(
        self, source: str, readers: Sequence[watch.Reader], process: "subprocess.Popen[str]", per_second: float,
        seconds: tuple[float, float],
    ) -> tuple[float, float]:  # fmt: skip
        """Send records at a rate, once the first have come out, and wait until all have. Returns the window that
        counts, in ms UTC."""
        for reader in readers:
            reader.start()
        sender = self._sender(source)
        sender.send(100)
        self._await(lambda: len(readers[0].seen) > 0, process, "its first record must come out")
        begin = (time.time() + seconds[0]) * 1000
        sender.pace(per_second, sum(seconds))
        end = time.time() * 1000
        sender.finish()
        wanted = self._expected.after(sender.sent)[WATCHED]
        for reader in readers:
            self._await(lambda r=reader: len(r.seen) >= wanted, process, f"{wanted:,} records must come out")  # type: ignore[misc]
            reader.stop()
        found = {WATCHED: len(readers[0].seen)}
        self._fail_if(stream.wrong(found, {WATCHED: wanted}), "what readers see")
        return begin, end

    def _await(self, true: Callable[[], bool], process: "subprocess.Popen[str]", what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            if process.poll() is not None or time.monotonic() > end:
                raise BenchmarkFailed(f"{what}; they did not; {self._said()}")
            time.sleep(0.05)

    @contextmanager
    def _running(
        self, job: Drain, source: str, outputs: dict[str, str], form: tables.Form, options: dict[str, str]
    ) -> Iterator["subprocess.Popen[str]"]:
        """A job's process, which is ended in the end if it still runs."""
        client = self._broker.client(access.JOB).flink()
        policy, table = self._folder / "policy.yaml", self._folder / "tables.sql"
        policy.write_text(tables.policy(job.segments), "utf-8")
        write_secret(table, tables.tables(source, outputs, client, form))
        order = Order(job.kind, str(policy), str(table), str(self._folder / "bench.key"), job.parallelism, options)
        # As on a cluster: Python workers are processes of their own, not threads of the program that starts the job.
        environment = os.environ | {"_python_worker_execution_mode": "process", "JVM_ARGS": HEAP}
        environment["FLINK_LOG_DIR"] = str(self._folder / "logs")
        with (self._folder / "job.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.kafka.job"], stdin=subprocess.PIPE, stdout=log, stderr=log,
                text=True, env=environment, start_new_session=True,
            )  # fmt: skip
        assert process.stdin
        process.stdin.write(order.to_json())
        process.stdin.close()
        try:
            yield process
        finally:
            watch.end(process)

    def _ended(self, process: "subprocess.Popen[str]", job: Drain, seconds: float) -> None:
        """Wait until a job has ended, and see that it ended well."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        if process.poll() != 0:
            raise BenchmarkFailed(f"{describe(job)} must end well; it did not; {self._said()}")

    def _check(self, job: Drain, found: dict[str, int], rows: int) -> None:
        after = self._expected.after(rows)
        expected = {name: after[rules] for name, rules in tables.segments(job.segments).items()}
        expected |= {"audit": rows, "quarantine": after["quarantine"]}
        if job.kind == SQL:
            expected = dict.fromkeys(expected, rows) | {"quarantine": 0}
        exact = {"audit": rows} if job.kind == NO_OP else expected
        wrongs = stream.wrong(found, exact)
        if job.kind == NO_OP:  # it gives each segment its share of every batch
            wrongs += stream.wrong(found, {name: expected[name] for name in tables.segments(job.segments)}, 0.05)
        self._fail_if(wrongs, describe(job))

    def _fail_if(self, wrongs: Sequence[str], what: str) -> None:
        if wrongs:
            raise BenchmarkFailed(f"{what} is not right: {'; '.join(wrongs)}")

    def _said(self) -> str:
        return f"the job said: {(self._folder / 'job.log').read_text(errors='replace')[-2000:]}"

    def _sender(self, topic: str) -> stream.Sender:
        return stream.Sender(self._broker.client(access.PRODUCER), topic, self._values)


SOURCE = f"{stream.NAMES}.source"
WATCHED = "fraud"
"""The segment whose reader's latency is taken: it gets every record that is not quarantined."""


def outputs_of(segments: int) -> dict[str, str]:
    """The topics of a job's outputs."""
    names = [*tables.segments(segments), tables.AUDIT, tables.QUARANTINE]
    return {name: f"{stream.NAMES}.{name}" for name in names}


def describe(job: Drain) -> str:
    """A job in words.

    >>> describe(Drain(parallelism=2))
    'segment job, 6 segments, parallelism 2, packed outputs'
    """
    return f"{job.kind} job, {job.segments} segments, parallelism {job.parallelism}, {job.sinks} outputs"


def measure(rows: int, say: Say) -> Measured:
    """Everything.

    Args:
        rows: each job gets `TIMES` as many, and the last `BACKLOG`. Fewer than `SMOKE`: one job of each kind.
        say: is told what is being measured.

    Raises:
        BenchmarkFailed: a job broke, or wrote what it must not.
    """
    smoke = rows < SMOKE
    backlog = rows if smoke else BACKLOG
    measured = Measured(backlog=backlog)
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as name, stream.open_broker(Path(name) / "broker") as broker:
        say("what must come out")
        bench = Bench(Path(name), broker, rows, say)
        with bench.filled(max(backlog, rows * max(TIMES.values()))):
            for job in (*MAIN[:3], SHAPES[-1]) if smoke else (*MAIN, *SHAPES):
                measured.rates[job], _ = bench.drain(job, rows * TIMES[job.kind])
            _, samples = bench.drain(Drain(), backlog)
        measured.samples.extend(samples)
        measured.memory.extend(rate.held(samples, backlog))
        half = measured.rates[Drain()] / 2
        for live in LIVES[:1] if smoke else LIVES:
            measured.latencies.append(bench.live(live, half, *((5.0, 5.0) if smoke else (WARM, MEASURED))))
    return measured
