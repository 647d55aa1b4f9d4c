"""The broker, its topics, the records in them, and what must come out of each."""

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient

from benchmarks.data import DISTINCT, lines, plan
from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from examples.kafka.servers.client import Client
from udfs.engine import Engine
from udfs.keys import Keys

PARTITIONS = 4
"""Of every topic: what the highest parallelism that is measured can share."""

SECONDS = 120.0
NAMES = "bench"
"""How the names of all topics begin."""


@contextmanager
def open_broker(folder: Path) -> Iterator[Broker]:
    """A running broker whose job may read and write every topic of the measurement; it is stopped in the end."""
    broker = Broker(folder, [access.PRODUCER, access.JOB])
    try:
        broker.start()
        rights = access.grants(f"{NAMES}.source", {}, [])
        rights += [access.Grant(access.JOB, ("READ", "WRITE", "DESCRIBE"), "TOPIC", NAMES, prefix=True)]
        rights += [access.Grant(access.PRODUCER, ("WRITE", "DESCRIBE"), "TOPIC", NAMES, prefix=True)]
        access.give(broker.admin, rights)
        yield broker
    finally:
        broker.stop()


@contextmanager
def topics(broker: Broker, names: Sequence[str]) -> Iterator[None]:
    """Topics that are there for a while, and empty in the beginning."""
    access.make_topics(broker.admin, names, PARTITIONS)
    try:
        yield
    finally:
        admin = AdminClient(broker.admin.python())  # held until the answers are here: they die with it
        for future in admin.delete_topics(list(names), operation_timeout=SECONDS).values():
            future.result()


def records(rows: int) -> list[bytes]:
    """The different records for so many rows, in the order in which they are sent again and again."""
    return lines(min(rows, DISTINCT))


def ends(rows: int) -> list[int]:
    """The offset in each partition after so many records: they are dealt out one by one.

    >>> ends(10)
    [3, 3, 2, 2]
    """
    return [rows // PARTITIONS + (number < rows % PARTITIONS) for number in range(PARTITIONS)]


def outcome(values: Sequence[bytes]) -> dict[str, pa.Array]:
    """By segment of the example, and for `quarantine`, one value for each record, null where it does not go there."""
    batch = pa.RecordBatch.from_arrays([pa.array(values, pa.binary())], ["line"])
    found = Engine(plan(), Keys.of(bytes(32)), ["line"], True).run(batch)
    return {**found.segments, "quarantine": found.quarantine}


class Expected:
    """How many records each output must have, after any number of records.

    Args:
        outcome: what becomes of each of the records, which are sent again and again.
    """

    def __init__(self, outcome: Mapping[str, pa.Array]) -> None:
        self._so_far = {name: _counted(array) for name, array in outcome.items()}
        self._records = len(outcome["quarantine"])

    def after(self, rows: int) -> dict[str, int]:
        """By segment of the example, `audit` and `quarantine`, what there must be after so many records."""
        rounds, rest = divmod(rows, self._records)
        counts = {name: int(rounds * sums[-1] + sums[rest]) for name, sums in self._so_far.items()}
        return {**counts, "audit": rows}


def _counted(array: pa.Array) -> npt.NDArray[np.int64]:
    """How many of the first 0, 1, 2, … values are there."""
    return np.concatenate([[0], np.cumsum(array.is_valid().to_numpy(zero_copy_only=False))])


class Sender:
    """Sends records to the source of a job, one to each partition in turn.

    Args:
        client: who sends.
        topic: where to.
        values: what is sent again and again.
    """

    def __init__(self, client: Client, topic: str, values: Iterable[bytes]) -> None:
        settings = {"acks": "all", "linger.ms": 5, "queue.buffering.max.messages": 200_000}
        self._producer = Producer(client.python() | settings)
        self._topic, self._values = topic, itertools.cycle(values)
        self._errors: list[object] = []
        self.sent = 0

    def send(self, count: int) -> None:
        """Send so many records as fast as it goes. They are on their way when this is over."""
        for value in itertools.islice(self._values, count):
            while not self._produce(value):
                self._producer.poll(0.1)
            self.sent += 1
        self._producer.poll(0)

    def pace(self, rate: float, seconds: float) -> None:
        """Send at a rate for a while.

        Args:
            rate: records a second.
            seconds: how long.
        """
        began, before = time.monotonic(), self.sent
        while (passed := time.monotonic() - began) < seconds:
            time.sleep(0.002)
            self.send(int(passed * rate) - (self.sent - before))

    def finish(self) -> None:
        """Wait until the broker has everything.

        Raises:
            confluent_kafka.KafkaException: it did not take a record.
        """
        left = self._producer.flush(SECONDS)
        if self._errors or left:
            raise KafkaException(*(self._errors[:1] or ["not every record was taken in time"]))

    def _produce(self, value: bytes) -> bool:
        try:
            self._producer.produce(
                self._topic, value, partition=self.sent % PARTITIONS, headers={"producer": b"shop"},
                on_delivery=self._delivered,
            )  # fmt: skip
        except BufferError:
            return False
        return True

    def _delivered(self, error: object, _: object) -> None:
        if error:
            self._errors.append(error)


def wrong(found: Mapping[str, int], expected: Mapping[str, int], tolerance: float = 0.0) -> list[str]:
    """What is wrong with the number of messages in outputs, in words.

    Args:
        found: by output.
        expected: by output.
        tolerance: the share of `expected` by which a number may differ.

    >>> wrong({"audit": 10, "support": 7}, {"audit": 10, "support": 8})
    ['support must have 8 messages; it has 7']
    """
    return [
        f"{name} must have {count:,} messages; it has {found.get(name, 0):,}"
        for name, count in expected.items()
        if abs(found.get(name, 0) - count) > count * tolerance
    ]
