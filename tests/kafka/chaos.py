"""Blows against a running job: what becomes of its records when workers, machines and the broker die under it.

    python -m tests.kafka.chaos --records 1000000

The orders example runs over Kafka on a real cluster of two task managers, while a shop sends. A Python worker and a
task manager are killed, the broker is away for a while, and the job is stopped and resumed with another parallelism.
Then everything that was sent, audited and delivered is compared, record by record (`tests.kafka.account`).
"""

import argparse
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template

from confluent_kafka import Producer

from examples.kafka.counts import Counts
from examples.kafka.producer import TOMBSTONE_EVERY
from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from examples.kafka.servers.client import Client
from examples.kafka.servers.process import write_secret
from examples.kafka.shop import AUDIT, POLICY, SOURCE, TABLES, open_broker
from examples.orders import generate
from examples.orders.leaks import KEY, Value
from examples.orders.verify import Check
from jobs.cluster import Cluster, start
from jobs.layout import flink_home
from jobs.segment import load_plan
from tests.kafka.account import verify
from udfs.keys import Keyring, new_root, write_keyring

ROOT = Path(__file__).resolve().parents[2]
SEEDS, BATCH = 2, 400
"""The records that are sent again and again, each time under another number: so the values to look for stay few."""

KILL_WORKER, KILL_TASK_MANAGER = "a Python worker is killed", "a task manager is killed"

PATIENCE = 300.0
"""Seconds without any progress after which a run has failed."""

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
        resume: stop the job with a savepoint, and resume it with one task where there were two.
    """

    records: int
    rate: float
    down: float
    resume: bool


SHORT = Course(records=30_000, rate=250, down=5, resume=False)
LONG = Course(records=1_000_000, rate=2_500, down=30, resume=True)


class ChaosError(Exception):
    """A run did not come to its end."""


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
    """Sends a number of messages, at a rate until it is told to hurry."""

    def __init__(self, client: Client, texts: list[bytes], course: Course) -> None:
        super().__init__(daemon=True)
        # The producer's own repetitions must neither double nor reorder what it sends.
        settings = {"enable.idempotence": True, "delivery.timeout.ms": 600_000, "linger.ms": 20}
        self._producer = Producer(client.python() | settings)
        self._messages = itertools.islice(numbered(texts), course.records)
        self._rate, self._hurry = course.rate, threading.Event()
        self.sent, self.refused = 0, 0

    def hurry(self) -> None:
        """Send the rest as fast as it goes."""
        self._hurry.set()

    def run(self) -> None:
        """Send everything, and wait until the broker has it."""
        began = time.monotonic()
        for number, value in enumerate(self._messages):
            self._hurry.wait(max(0.0, began + number / self._rate - time.monotonic()))
            while not self._produce(value):
                self._producer.poll(0.1)
            self._producer.poll(0)
        self._producer.flush(PATIENCE)

    def _produce(self, value: bytes | None) -> bool:
        try:
            self._producer.produce(SOURCE, value, headers={"producer": b"shop"}, on_delivery=self._delivered)
        except BufferError:  # the broker is away, and the queue is full
            return False
        return True

    def _delivered(self, error: object, _: object) -> None:
        self.refused += error is not None
        self.sent += error is None


# --- the job on the cluster ---


class Job:
    """The segment job on a cluster, through Flink's own client."""

    def __init__(self, folder: Path, cluster: Cluster, client: Client) -> None:
        self.cluster, self._folder, self.id = cluster, folder, ""
        self.keyring = Keyring.of(new_root())
        self._key = folder / "chaos.key"
        write_keyring(self._key, self.keyring)
        # With the password in it; a command line could be read by everybody on the machine.
        text = Template(TABLES.read_text()).substitute(client.variables())
        self._tables = write_secret(folder / "tables.sql", text)
        self._code = _archive(folder / "weir.zip")

    def start(self, parallelism: int, savepoint: str | None = None) -> None:
        """Hand it to the cluster, from the beginning or from a savepoint."""
        said = self._flink(
            "run", "-d", "-p", str(parallelism), *(["-s", savepoint] if savepoint else []),
            "-pyexec", sys.executable, "-pyclientexec", sys.executable,
            "-pyfs", str(self._code), "-py", str(ROOT / "jobs" / "segment.py"),
            "--policy", str(POLICY), "--tables", str(self._tables), "--key-file", str(self._key),
        )  # fmt: skip
        self.id = _found(r"JobID ([0-9a-f]{32})", said)

    def stop(self) -> str:
        """Stop it with a savepoint. Returns the savepoint's address."""
        said = self._flink("stop", "--savepointPath", str(self._folder / "savepoints"), self.id)
        return _found(r"Savepoint completed. Path: (\S+)", said)

    def failures(self) -> int:
        """How often it broke since it was handed over."""
        return len(self.cluster.get(f"/jobs/{self.id}/exceptions")["exceptionHistory"]["entries"])

    def _flink(self, *words: str) -> str:
        clean = {
            k: v for k, v in os.environ.items() if not k.startswith(("FLINK_", "PYFLINK_", "LOG4J_", "PYTHONPATH"))
        }
        env = {"USER": "weir", **clean, **self.cluster.client_environment()}
        command = ["bash", str(flink_home() / "bin" / "flink"), *words]
        ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
        if ran.returncode:
            raise ChaosError(f"flink {words[0]} must succeed; it said: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return ran.stdout


def _found(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    if not found:
        raise ChaosError(f"Flink's client must say {pattern}; it said: {said[-2000:]}")
    return found[1]


def _archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in (file for room in ("policy", "udfs", "jobs") for file in (ROOT / room).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(ROOT))
    return path


# --- the blows ---


def workers(cluster: Cluster) -> list[int]:
    """The Python workers of a cluster. They have the cluster's folder in their environment, as all its processes."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            ours = str(cluster.folder).encode() in (path / "environ").read_bytes()
            words = (path / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile, or is another user's
            continue
        if ours and b"python" in words[0] and b"pyflink.fn_execution.beam.beam_boot" in words:
            found.append(int(path.name))
    return found


def kill_worker(cluster: Cluster) -> None:
    """Kill a Python worker with SIGKILL."""
    running = workers(cluster)
    if not running:
        raise ChaosError("a Python worker must run to be killed; none does")
    os.kill(running[0], signal.SIGKILL)


def kill_task_manager(cluster: Cluster) -> None:
    """Kill a task manager with SIGKILL, and start one in its place."""
    cluster.kill_taskmanager(1)
    cluster.start_taskmanager()


def restart_broker(broker: Broker, seconds: float) -> int:
    """Stop the broker, and start it on its data after some seconds. A job can bear that without a failure."""
    broker.stop()
    time.sleep(seconds)
    broker.start()
    return 0


def resume(job: Job) -> int:
    """Stop the job with a savepoint, and go on from it with one task where there were two. It does not break."""
    job.start(1, job.stop())
    return 0


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
    with open_broker(folder / "broker") as broker:
        cluster = start(folder / "cluster", rest_port=0, options=OPTIONS)
        try:
            job = Job(folder, cluster, broker.client(access.JOB))
            report = _strike(job, broker, Feed(broker.client(access.PRODUCER), texts, course), course, tell)
        finally:
            cluster.stop()
        tell("everything is compared")
        report.checks = verify(broker, load_plan(POLICY), job.keyring, planted)
    return report


def _strike(job: Job, broker: Broker, feed: Feed, course: Course, tell: Callable[[str], None]) -> Report:
    """Start the job and the feed, let the blows fall one after another, and wait until all is audited."""
    report, counts = Report(), Counts(broker, {"audit": AUDIT})
    step = course.records // 50
    job.start(2)
    feed.start()
    for name, blow in _blows(job, broker, course).items():
        _await(counts, len(counts.audited) + step)
        report.blows[name] = feed.sent
        tell(f"{feed.sent:,} sent, {len(counts.audited):,} audited: {name}")
        report.failures += blow()
    _await(counts, len(counts.audited) + step)
    feed.hurry()
    _await(counts, course.records)
    feed.join()
    report.sent = feed.sent
    tell(f"{feed.sent:,} sent, {len(counts.audited):,} audited; the job broke {report.failures} times")
    job.stop()
    counts.close()
    return report


def _blows(job: Job, broker: Broker, course: Course) -> dict[str, Callable[[], int]]:
    """What is done to the job, in this order. Each returns how often the job broke by it."""
    blows: dict[str, Callable[[], int]] = {
        KILL_WORKER: lambda: _broken(job, lambda: kill_worker(job.cluster)),
        KILL_TASK_MANAGER: lambda: _broken(job, lambda: kill_task_manager(job.cluster)),
        f"the broker is away for {course.down:g} s": lambda: restart_broker(broker, course.down),
    }
    return blows | ({"it is stopped, and resumed with one task": lambda: resume(job)} if course.resume else {})


def _broken(job: Job, blow: Callable[[], None]) -> int:
    """Strike, and wait until the job has noticed: what comes out after that came out of a job that went on."""
    before, end = job.failures(), time.monotonic() + PATIENCE
    blow()
    while job.failures() == before:
        if time.monotonic() > end:
            raise ChaosError("the job must break when a part of it is killed; it does not")
        time.sleep(0.2)
    return job.failures() - before


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


def main(words: list[str] | None = None) -> int:
    """The long form. Returns the exit code: 0 if every check holds."""
    options = argparse.ArgumentParser(prog="chaos", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--records", type=int, default=LONG.records, help="messages to send")
    options.add_argument("--rate", type=float, default=LONG.rate, help="messages a second while blows fall")
    options.add_argument("--short", action="store_true", help="the form that the tests run")
    options.add_argument("--out", type=Path, default=Path("out/chaos"), help="folder for everything it writes")
    given = options.parse_args(words)
    course = SHORT if given.short else replace(LONG, records=given.records, rate=given.rate)
    began = time.monotonic()
    report = run(given.out, course, lambda line: print(f"{time.monotonic() - began:5.0f} s  {line}", flush=True))
    for check in report.checks:
        print(f"{'holds' if check.holds else 'WRONG'}  {check.what}: {check.detail}")
    print(f"{time.monotonic() - began:.0f} s, {report.sent:,} messages, {len(report.wrong)} checks do not hold")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
