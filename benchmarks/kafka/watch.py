"""What can be seen of a job from outside: what its readers can read, and when; how far it is; what memory it takes."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import numpy.typing as npt
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from benchmarks.kafka.stream import PARTITIONS
from examples.kafka.servers.client import Client

COMMITTED, UNCOMMITTED = "read_committed", "read_uncommitted"
EVERY = 0.5
"""Seconds between two looks at a job's memory."""
MOST = 10_000
"""Messages that are taken at once."""

Times = npt.NDArray[np.int64]


def consumer(client: Client, topics: Iterable[str], isolation: str = COMMITTED) -> Consumer:
    """A reader of topics from their first message on."""
    settings = {
        "group.id": f"{client.user}-{uuid4().hex[:8]}",
        "isolation.level": isolation,
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
    }
    reader = Consumer(client.python() | settings)
    reader.assign([TopicPartition(topic, number, 0) for topic in topics for number in range(PARTITIONS)])
    return reader


def times(client: Client, topics: Sequence[str]) -> dict[str, Times]:
    """By topic, the time of every committed message in it, in ms UTC, sorted.

    Raises:
        confluent_kafka.KafkaException: the broker does not answer.
    """
    found: dict[str, list[int]] = {topic: [] for topic in topics}
    reader = consumer(client, topics)
    try:
        for message in _to_the_end(reader, len(topics) * PARTITIONS):
            found[str(message.topic())].append(message.timestamp()[1])
    finally:
        reader.close()
    return {topic: np.sort(np.array(all_times, np.int64)) for topic, all_times in found.items()}


def _to_the_end(reader: Consumer, partitions: int) -> Iterator[Message]:
    while partitions:
        for message in reader.consume(MOST, timeout=1.0):
            error = message.error()
            if error is None:
                yield message
            elif error.name() == "_PARTITION_EOF":
                partitions -= 1
            elif not error.retriable():
                raise KafkaException(error)


class Reader(threading.Thread):
    """Reads a topic as it grows, and notes when each message came.

    Args:
        client: who reads.
        topic: what.
        isolation: COMMITTED, or UNCOMMITTED for what no checkpoint has confirmed yet, too.
    """

    def __init__(self, client: Client, topic: str, isolation: str) -> None:
        super().__init__(daemon=True)
        self._reader, self._over = consumer(client, [topic], isolation), threading.Event()
        self.seen: list[tuple[float, int]] = []
        """For each message, when it was read and the time that it bears, in ms UTC."""

    def run(self) -> None:
        """Read until `stop`."""
        while not self._over.is_set():
            message = self._reader.poll(0.2)
            if message is not None and message.error() is None:
                self.seen.append((time.time() * 1000, message.timestamp()[1]))
        self._reader.close()

    def stop(self) -> None:
        """Read no more."""
        self._over.set()
        self.join()

    def latencies(self, begin: float, end: float) -> npt.NDArray[np.float64]:
        """How long after its time each message came whose time is in a window; all in ms."""
        return np.array([read - sent for read, sent in self.seen if begin <= sent < end], np.float64)


@dataclass(frozen=True)
class Sample:
    """One look at a job.

    Attributes:
        at: when, in seconds of the monotonic clock.
        done: how many messages its audit has.
        memory: by part, MiB of memory.
    """

    at: float
    done: int
    memory: Mapping[str, float]


JVM, WORKER, DRIVER = "JVM", "Python workers", "driver"


class Sampler(threading.Thread):
    """Looks at a job again and again.

    Args:
        pid: of the job's process.
        done: says how far it is.
    """

    def __init__(self, pid: int, done: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self._pid, self._done, self._over = pid, done, threading.Event()
        self._error: Exception | None = None
        self.samples: list[Sample] = []

    def run(self) -> None:
        """Look until `stop`."""
        try:
            while not self._over.wait(EVERY):
                self.samples.append(Sample(time.monotonic(), self._done(), memory(self._pid)))
        except Exception as error:
            self._error = error

    def stop(self) -> None:
        """Look no more.

        Raises:
            Exception: what kept it from looking.
        """
        self._over.set()
        self.join()
        if self._error:
            raise self._error


def written(client: Client, topic: str) -> Callable[[], int]:
    """Says how many messages a topic has. Marks of transactions count as one each, as they do for offsets."""
    reader = consumer(client, [], UNCOMMITTED)
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    return lambda: sum(reader.get_watermark_offsets(place, timeout=10.0)[1] for place in places)


def memory(pid: int) -> dict[str, float]:
    """By part of a local job, the MiB of memory that its processes hold (proc(5), statm)."""
    found = dict.fromkeys((JVM, WORKER, DRIVER), 0.0)
    for each in family(pid):
        try:
            words = (Path(f"/proc/{each}") / "cmdline").read_bytes()
            pages = int((Path(f"/proc/{each}") / "statm").read_text().split()[1])
        except OSError:  # it ended meanwhile
            continue
        found[_part(words, each == pid)] += pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return found


def _part(words: bytes, first: bool) -> str:
    if first:
        return DRIVER
    return JVM if words.partition(b"\0")[0].endswith(b"java") else WORKER


def family(pid: int) -> list[int]:
    """A process and all that it started, and these started, and so on."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


@contextmanager
def looking(pid: int, done: Callable[[], int]) -> Iterator[list[Sample]]:
    """The looks at a job, which grow while this lasts."""
    sampler = Sampler(pid, done)
    sampler.start()
    try:
        yield sampler.samples
    finally:
        sampler.stop()


def end(process: "subprocess.Popen[str]") -> None:
    """End a job's process and whatever it started, if it still runs."""
    if process.poll() is not None:
        return
    for each in reversed(family(process.pid)):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    process.wait()
