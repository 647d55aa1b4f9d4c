"""Counts what readers can see in their topics: each as its own user, and only what is committed."""

import json
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from examples.kafka.servers.broker import Broker
from examples.kafka.shop import OUTPUTS, PARTITIONS, reader_of

MOST = 500
"""Messages that one look takes from a topic."""


class Counts:
    """A reader for each output. Call `look` now and then; `seen` says how many messages each output has shown."""

    def __init__(self, broker: Broker, outputs: Mapping[str, str] = OUTPUTS) -> None:
        self.seen = dict.fromkeys(outputs, 0)
        self.audited: set[str] = set()
        """The coordinates in the audit's events. A message that was judged twice is here once."""
        self._readers = {name: _reader(broker, reader_of(name), topic) for name, topic in outputs.items()}

    def look(self) -> dict[str, int]:
        """Read what has come since.

        Raises:
            confluent_kafka.KafkaException: a reader was refused.
        """
        for name, reader in self._readers.items():
            while messages := reader.consume(MOST, timeout=0.05):
                for message in messages:
                    if message.error():
                        raise KafkaException(message.error())
                self.seen[name] += len(messages)
                if name == "audit":
                    self.audited.update(_coordinates(message.value()) for message in messages)
        return self.seen

    def close(self) -> None:
        """Let go of the readers."""
        for reader in self._readers.values():
            reader.close()


def _coordinates(event: bytes | None) -> str:
    return json.dumps(json.loads(event or b"{}").get("coordinates"), sort_keys=True)


def _reader(broker: Broker, user: str, topic: str) -> Consumer:
    settings = broker.client(user).python() | {
        "group.id": f"{user}-counts",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
    }
    consumer = Consumer(settings)
    consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
    return consumer
