"""Sends the shop's records into a topic, without an end: with keys, headers, tombstones, and broken lines."""

import itertools
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Producer

from examples.kafka.servers.client import Client
from examples.orders import generate

BATCH = 400
"""Well-formed records from one seed; a broken line of each kind comes with them."""

TOMBSTONE_EVERY = 97
"""One message in so many has no value: the customer with that key is to be forgotten."""

SECONDS = 30.0


@dataclass(frozen=True)
class Message:
    """What is sent: a value (None for a tombstone), the customer's e-mail address as the key, the producer as a header.

    That key is a poor one, and a common one. Messages without a customer have none.
    """

    value: bytes | None
    key: bytes | None
    producer: bytes


def messages(seed: int = generate.SEED) -> Iterator[Message]:
    """Messages without an end; the same seed gives the same ones.

    >>> first, second = itertools.islice(messages(), 2)
    >>> first.key, first.producer, second.key, second.producer
    (None, b'support-desk', b'arnaude.richard291@example.org', b'shop-fr')
    """
    lines = (line for run in itertools.count(seed) for _, line, _ in generate.stream(run, BATCH))
    last = None
    for number, line in enumerate(lines, start=1):
        message = _message(line)
        last = message.key or last
        yield message
        if number % TOMBSTONE_EVERY == 0:
            yield Message(None, last, message.producer)


def _message(line: bytes) -> Message:
    record = _record(line)
    payload = record.get("payload")
    customer = payload.get("customer") if isinstance(payload, dict) else None
    key = customer.get("email") if isinstance(customer, dict) else None
    return Message(
        line, key.encode() if isinstance(key, str) else None, str(record.get("producer", "unknown")).encode()
    )


def _record(line: bytes) -> dict[str, Any]:
    """The record in a line, empty if there is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


class Feed:
    """Sends messages from a thread until it is stopped.

    Args:
        client: the user who sends.
        topic: where to.
        rate: messages a second.
    """

    def __init__(self, client: Client, topic: str, rate: float) -> None:
        self._producer = Producer(client.python() | {"acks": "all"})
        self._topic, self._rate = topic, rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.sent, self.refused = 0, 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Send no more, and wait until the broker has what was sent."""
        self._stop.set()
        self._thread.join()
        self._producer.flush(SECONDS)

    def _run(self) -> None:
        started = time.monotonic()
        for number, message in enumerate(messages()):
            if self._stop.wait(max(0.0, started + number / self._rate - time.monotonic())):
                return
            headers: list[tuple[str, str | bytes | None]] = [("producer", message.producer)]
            self._producer.produce(
                self._topic, message.value, message.key, headers=headers, on_delivery=self._delivered
            )  # fmt: skip
            self._producer.poll(0)

    def _delivered(self, error: object, _: object) -> None:
        if error:
            self.refused += 1
        else:
            self.sent += 1
