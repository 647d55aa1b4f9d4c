"""Blows against a running job: what becomes of its records when workers, machines and the broker die under it.

    python -m tests.kafka.chaos --records 1000000

The orders example runs over Kafka on a real cluster of two task managers, while a shop sends. A Python worker and a
task manager are killed, the job manager is killed and started again, the broker is away for a while, and the job is
stopped and resumed with another parallelism and the next version of its policy. Then everything that was sent, audited
and delivered is compared, record by record (`tests.kafka.account`).
"""

import argparse
import itertools
import re
import resource
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from confluent_kafka import Producer

from examples.kafka.counts import Counts
from examples.kafka.producer import TOMBSTONE_EVERY
from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from examples.kafka.servers.client import Client
from examples.kafka.shop import AUDIT, POLICY, SOURCE, open_broker
from examples.orders import generate
from examples.orders.leaks import KEY, Value
from examples.orders.verify import Check
from jobs.cluster import start
from jobs.segment import load_plan
from tests.kafka.account import verify
from tests.kafka.searching import Pile, files_in
from tests.kafka.struck import (
    PATIENCE,
    ChaosError,
    Job,
    kill_task_manager,
    kill_worker,
    restart_broker,
    restart_job_manager,
    resume,
    stricter,
    until,
)

SEEDS, BATCH = 2, 400
"""The records that are sent again and again, each time under another number: so the values to look for stay few."""

OPTIONS = {
    # A slot a task manager, so that both work.
    "taskmanager.numberOfTaskSlots": "1",
    "taskmanager.memory.process.size": "2g",
}


@dataclass(frozen=True)
class Course:
    """How a run goes.

    Args:
        records: messages to send, one in 97 of them without a value.
        rate: messages a second while blows fall; the rest is sent as fast as it can be.
        down: seconds that the broker is away.
        again: kill a worker and a task manager under the next version of the policy, too.
    """

    records: int
    rate: float
    down: float
    again: bool


SHORT = Course(records=6_000, rate=250, down=3, again=False)
LONG = Course(records=1_000_000, rate=2_500, down=30, again=True)


@dataclass
class Report:
    """What happened.

    Args:
        blows: each with the number of messages that had been sent when it fell.
        failures: how often the job broke, and went on.
        sent: messages that the broker took.
        checks: what was compared in the end.
    """

    blows: dict[str, int] = field(default_factory=dict)
    failures: int = 0
    sent: int = 0
    checks: list[Check] = field(default_factory=list)

    @property
    def wrong(self) -> list[Check]:
        """The checks that do not hold."""
        return [check for check in self.checks if not check.holds]


# --- what is sent ---


def lines() -> tuple[list[bytes], set[Value]]:
    """The records of the orders example, broken ones too, and every sensitive value in them that can be looked for."""
    found = [line for seed in range(SEEDS) for line in generate.stream(generate.SEED + seed, BATCH)]
    values = {(v["entity"], v["value"]) for _, _, planted in found for v in planted}
    # A shorter one may stand somewhere by chance.
    return [text for _, text, _ in found], {value for value in values if len(value[1].casefold().encode()) >= KEY}


def numbered(texts: list[bytes]) -> Iterator[bytes | None]:
    """Messages without an end, each with a number in place of its `id` if it has one.

    >>> list(itertools.islice(numbered([b'{"id":"ord-1"}', b"broken"]), 3))
    [b'{"id":"w-000000000"}', b'broken', b'{"id":"w-000000002"}']
    """
    for number, text in enumerate(itertools.cycle(texts)):
        if number % TOMBSTONE_EVERY == TOMBSTONE_EVERY - 1:
            yield None
        else:
            yield re.sub(rb'("id" ?: ?)"[^"\\]*"', rb'\1"w-%09d"' % number, text, count=1)


class Feed(threading.Thread):
    """Sends a number of messages, at a rate and no more than are allowed, until it is told to hurry."""

    def __init__(self, client: Client, texts: list[bytes], course: Course) -> None:
        super().__init__(daemon=True)
        # The producer's own repetitions must neither double nor reorder what it sends.
        settings = {"enable.idempotence": True, "delivery.timeout.ms": 600_000, "linger.ms": 20}
        self._producer = Producer(client.python() | settings)
        self._messages = itertools.islice(numbered(texts), course.records)
        self._rate, self._hurry, self._allowed = course.rate, threading.Event(), 0
        self._began = time.monotonic()
        self.sent, self.refused = 0, 0

    def allow(self, number: int) -> None:
        """Let it send so many in all: on a slow machine the last blow must not fall when all has been sent."""
        self._allowed = number

    def hurry(self) -> None:
        """Send the rest as fast as it goes."""
        self._hurry.set()

    def run(self) -> None:
        """Send everything, and wait until the broker has it."""
        for number, value in enumerate(self._messages):
            while self._early(number) and not self._hurry.wait(0.02):
                self._producer.poll(0)
            while not self._produce(value):
                self._producer.poll(0.1)
            self._producer.poll(0)
        self._producer.flush(PATIENCE)

    def _early(self, number: int) -> bool:
        if number >= self._allowed:
            # This time is not made up for: all at once, a fast job would be done before its worker is killed, and would
            # not miss it.
            self._began = time.monotonic() - number / self._rate
            return True
        return time.monotonic() < self._began + number / self._rate

    def _produce(self, value: bytes | None) -> bool:
        try:
            self._producer.produce(SOURCE, value, headers={"producer": b"shop"}, on_delivery=self._delivered)
        except BufferError:  # the broker is away, and the queue is full
            return False
        return True

    def _delivered(self, error: object, _: object) -> None:
        self.refused += error is not None
        self.sent += error is None


# --- a run ---


def run(folder: Path, course: Course, tell: Callable[[str], None] = lambda _: None) -> Report:
    """A whole run.

    Args:
        folder: for everything that it writes; what was in it is removed.
        tell: takes a line about each step.

    Raises:
        ChaosError: the job came to a standstill.
    """
    folder = folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    texts, planted = lines()
    policies = [POLICY, stricter(folder)]
    with open_broker(folder / "broker") as broker:
        cluster = start(folder / "cluster", rest_port=0, options=OPTIONS, high_availability=True)
        try:
            job = Job(folder, cluster, broker.client(access.JOB))
            feed = Feed(broker.client(access.PRODUCER), texts, course)
            tell("the job is handed to the cluster")
            job.start(policies[0], 2)
            report = _strike(job, broker, feed, _blows(job, broker, course, policies[1]), course, tell)
        finally:
            cluster.stop()
        tell("everything is compared")
        plans = [load_plan(policy) for policy in policies]
        report.checks = [*_struck(report, course), *verify(broker, plans, job.keyring, planted, _written(job))]
    return report


def _struck(report: Report, course: Course) -> Iterator[Check]:
    """What makes the account worth something: that all was sent, and that blows fell on a job at work and broke it."""
    yield Check("all was sent", report.sent == course.records, f"{report.sent:,} of {course.records:,} messages")
    least, midst = 3 + 2 * course.again, all(0 < sent < course.records for sent in report.blows.values())
    told = f"{len(report.blows)} blows, the job broke {report.failures} times"
    yield Check("the job was struck, and went on", midst and report.failures >= least, told)


Blows = list[tuple[str, Callable[[], int]]]
"""What is done to the job, in this order. Each returns how often the job broke by it."""


def _blows(job: Job, broker: Broker, course: Course, policy: Path) -> Blows:
    kills: Blows = [
        ("a Python worker is killed", lambda: kill_worker(job)),
        ("a task manager is killed", lambda: kill_task_manager(job)),
    ]
    return [
        *kills,
        ("the job manager is killed, and started again", lambda: restart_job_manager(job)),
        (f"the broker is away for {course.down:g} s", lambda: restart_broker(broker, course.down)),
        ("the job is stopped, and resumed with one task and the next policy", lambda: resume(job, policy)),
        *((f"{name}, under the next policy", blow) for name, blow in kills if course.again),
    ]


def _strike(job: Job, broker: Broker, feed: Feed, blows: Blows, course: Course, tell: Callable[[str], None]) -> Report:
    """Start the feed, let the blows fall one after another, and wait until all is audited."""
    report, counts = Report(), Counts(broker, {"audit": AUDIT})
    share = course.records // (len(blows) + 1)
    feed.start()
    for turn, (name, blow) in enumerate(blows):
        half = turn * share + share // 2
        feed.allow(half)
        _await(counts, len(counts.audited) + share // 8)
        # A blow falls on a job that has work, and goes on having it: one that has none does not miss a worker.
        feed.allow((turn + 1) * share)
        until(lambda wanted=half + share // 8: feed.sent >= wanted, "the feed must go on")
        report.blows[name] = feed.sent
        tell(f"{feed.sent:,} sent, {len(counts.audited):,} audited: {name}")
        report.failures += blow()
    feed.hurry()
    _await(counts, course.records)
    feed.join()
    report.sent = feed.sent
    tell(f"{feed.sent:,} sent, {len(counts.audited):,} audited; the job broke {report.failures} times")
    job.stop()
    counts.close()
    return report


def _await(counts: Counts, wanted: int) -> None:
    """Wait until so many messages are audited."""
    last, since = -1, time.monotonic()
    while len(counts.audited) < wanted:
        counts.look()
        if len(counts.audited) > last:
            last, since = len(counts.audited), time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            raise ChaosError(f"the job must go on; {last:,} messages are audited, and none more for {PATIENCE:g} s")
        time.sleep(0.1)


def _written(job: Job) -> list[Pile]:
    """What Flink wrote, beside the topics."""
    return [
        Pile("Flink's logs", files_in(job.cluster.logs), "retail-orders"),
        Pile("savepoints", files_in(job.savepoints), "weir-payments"),
    ]


def _peak() -> int:
    """Megabytes that this program had in memory at most; Linux counts in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(words: list[str] | None = None) -> int:
    """The long form. Returns the exit code: 0 if every check holds."""
    options = argparse.ArgumentParser(prog="chaos", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--records", type=int, default=LONG.records, help="messages to send")
    options.add_argument("--rate", type=float, default=LONG.rate, help="messages a second while blows fall")
    options.add_argument("--short", action="store_true", help="6,000 messages, some minutes: what the CI runs")
    options.add_argument("--out", type=Path, default=Path("out/chaos"), help="folder for everything it writes")
    given = options.parse_args(words)
    course = SHORT if given.short else replace(LONG, records=given.records, rate=given.rate)
    began = time.monotonic()
    report = run(given.out, course, lambda line: print(f"{time.monotonic() - began:5.0f} s  {line}", flush=True))
    for check in report.checks:
        print(f"{'holds' if check.holds else 'WRONG'}  {check.what}: {check.detail}")
    print(f"{time.monotonic() - began:.0f} s, {report.sent:,} messages, {_peak():,} MB of memory at most")
    print(f"{len(report.wrong)} of {len(report.checks)} checks do not hold")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
