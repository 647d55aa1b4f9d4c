"""Topics for tests: made for one test, filled, and read to their end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from examples.kafka.servers.client import Client

SEGMENTS = {"vault": "vault", "support": "support", "open": "public"}
"""The segments of tests/flink/runs.py with the names of their tables; each segment is a user too."""

USERS = (access.PRODUCER, access.JOB, *SEGMENTS)

SECONDS = 60.0


@dataclass(frozen=True)
class Message:
    """One message. A value of None is a tombstone; headers are name to bytes."""

    value: bytes | None
    key: bytes | None = None
    headers: Mapping[str, bytes] = field(default_factory=dict)
    partition: int = 0
    offset: int = -1
    timestamp: int = -1


@dataclass(frozen=True)
class Topics:
    """The topics of one test: the source, one for each segment, audit and quarantine. Rights on them are given."""

    source: str
    segments: Mapping[str, str]
    audit: str
    quarantine: str

    def all(self) -> list[str]:
        """Every name."""
        return [self.source, *self.segments.values(), self.audit, self.quarantine]

    def variables(self) -> dict[str, str]:
        """For a tables file: `${source}`, `${vault}` …, `${audit}`, `${quarantine}`."""
        return {"source": self.source, **self.segments, "audit": self.audit, "quarantine": self.quarantine}


def make_topics(broker: Broker, partitions: int = 1) -> Topics:
    """New topics under names that no other test has."""
    name = f"t-{uuid4().hex[:8]}"
    segments = {segment: f"{name}.{segment}" for segment in SEGMENTS}
    topics = Topics(f"{name}.in", segments, f"{name}.audit", f"{name}.quarantine")
    access.make_topics(broker.admin, topics.all(), partitions)
    access.give(broker.admin, access.grants(topics.source, segments, [topics.audit, topics.quarantine]))
    return topics


def produce(client: Client, topic: str, messages: Iterable[Message]) -> None:
    """Send messages, and wait until the broker has them all.

    Raises:
        confluent_kafka.KafkaException: the broker refused one.
    """
    errors: list[object] = []
    producer = Producer(client.python() | {"acks": "all"})
    for message in messages:
        producer.produce(
            topic, message.value, message.key, partition=message.partition, headers=list(message.headers.items()),
            on_delivery=lambda error, _: errors.append(error) if error else None,
        )  # fmt: skip
        producer.poll(0)
    left = producer.flush(SECONDS)
    if errors or left:
        raise KafkaException(*(errors[:1] or ["not every message was delivered in time"]))


def consume(client: Client, topic: str, isolation: str = "read_committed") -> list[Message]:
    """Everything in a topic, partition by partition, from its first to its last message.

    Args:
        client: who reads.
        isolation: `read_committed`, or `read_uncommitted` to see what transactions have not committed too.

    Raises:
        confluent_kafka.KafkaException: the user may not, or the broker does not answer.
    """
    settings = client.python() | {
        "group.id": f"{client.user}-{uuid4().hex[:8]}",
        "isolation.level": isolation,
        "enable.auto.commit": "false",
        "enable.partition.eof": "true",
        "auto.offset.reset": "earliest",
    }
    consumer = Consumer(settings)
    try:
        return _to_the_end(consumer, topic)
    finally:
        consumer.close()


def values(messages: Sequence[Message]) -> list[bytes | None]:
    """The values of messages."""
    return [message.value for message in messages]


def _to_the_end(consumer: Consumer, topic: str) -> list[Message]:
    found = consumer.list_topics(topic, timeout=SECONDS).topics[topic]
    if found.error:
        raise KafkaException(found.error)
    partitions = sorted(found.partitions)
    consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
    messages, ended = [], set()
    while len(ended) < len(partitions):
        got = consumer.poll(SECONDS)
        if got is None:
            raise KafkaException("the broker gave no answer in time")
        if got.error() is None:
            messages.append(_message(got))
        elif got.error().name() == "_PARTITION_EOF":
            ended.add(got.partition())
        elif not got.error().retriable():
            raise KafkaException(got.error())
    return sorted(messages, key=lambda m: (m.partition, m.offset))


def _message(got: object) -> Message:
    headers = dict(got.headers() or [])  # type: ignore[attr-defined]
    return Message(got.value(), got.key(), headers, got.partition(), got.offset(), got.timestamp()[1])  # type: ignore[attr-defined]
