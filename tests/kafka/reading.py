"""What a reader sees in a topic: all of it, each partition in its order."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import uuid4

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from examples.kafka.servers.client import Client
from jobs.topology import POLICY_LABEL

SECONDS = 60.0


class Row(NamedTuple):
    """A message.

    Args:
        policy: its label `weir-policy`, the name and the version of the policy that it was judged by; None without one.
    """

    partition: int
    offset: int
    value: bytes | None
    policy: str | None = None
    key: bytes | None = None


def read(client: Client, topic: str, isolation: str = "read_committed") -> Iterator[Row]:
    """Everything in a topic, each partition in its order.

    Args:
        isolation: `read_committed`, or `read_uncommitted` to see what transactions took back too.

    Raises:
        confluent_kafka.KafkaException: the user may not, or the broker does not answer.
    """
    consumer = Consumer(
        client.python()
        | {
            "group.id": f"{client.user}-{uuid4().hex[:8]}",
            "isolation.level": isolation,
            "enable.auto.commit": "false",
            "enable.partition.eof": "true",
            "auto.offset.reset": "earliest",
            # The account looks at a message for longer than it takes to fetch it: what waits need not be much.
            "queued.max.messages.kbytes": 16_384,
        }
    )
    try:
        yield from _rows(consumer, topic)
    finally:
        consumer.close()


def _rows(consumer: Consumer, topic: str) -> Iterator[Row]:
    left = set(consumer.list_topics(topic, timeout=SECONDS).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, number, 0) for number in left])
    while left:
        for message in consumer.consume(1_000, timeout=1.0):
            error = message.error()
            if error is None:
                place = message.partition() or 0, message.offset() or 0
                yield Row(*place, message.value(), _policy(message), message.key())
            elif error.name() == "_PARTITION_EOF":
                left.discard(message.partition() or 0)
            elif not error.retriable():
                raise KafkaException(error)


def _policy(message: Message) -> str | None:
    label = dict(message.headers() or []).get(POLICY_LABEL)
    return label.decode() if isinstance(label, bytes) else label
