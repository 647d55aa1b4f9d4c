"""The account of a run over Kafka: what is in the topics, and on the broker's disk, against what was sent.

Each message that was sent has a number of its own in its `id`, which the policy lets through as it is: by it a message
in a segment's topic is told from all others, and found in the source.
"""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import hyperscan
from confluent_kafka import Consumer, KafkaException, TopicPartition

from examples.kafka.servers.broker import Broker
from examples.kafka.servers.client import Client
from examples.kafka.shop import AUDIT, SEGMENTS, SOURCE, reader_of
from examples.orders.leaks import Needles, Value
from examples.orders.verify import Check, visible_to
from policy.plan import Plan
from udfs.keys import Keyring

SECONDS = 60.0
NUMBER = re.compile(rb'"id" ?: ?"w-(\d{9})"')

NUMBERED = ("NUMBER", "w-0000")
"""What every number begins with."""

Place = tuple[int, int]
"""Partition and offset."""

Row = tuple[int, int, bytes | None]
"""Partition, offset, value."""

Output = tuple[int | None, bytes]
"""The number of a message, None if it has none, and the keyed digest of what a segment got."""


@dataclass
class Said:
    """What the audit says."""

    places: Counter[Place] = field(default_factory=Counter)
    delivered: dict[str, Counter[Output]] = field(default_factory=lambda: defaultdict(Counter))


def verify(broker: Broker, plan: Plan, keyring: Keyring, planted: set[Value]) -> list[Check]:
    """Every check, over all that the broker holds. The job must have stopped.

    Args:
        planted: every sensitive value that was sent.
    """
    key = keyring.derive("weir/1/audit", "digest", plan.key_epoch)
    sent = {(partition, offset): number_of(value) for partition, offset, value in read(broker.admin, SOURCE)}
    said = heard(sent, (json.loads(value or b"{}") for _, _, value in read(broker.admin, AUDIT)))
    checks = [audited(sent, said.places), *_controls(broker, planted)]
    origin = {number: place for place, number in sent.items() if number is not None}
    for segment in plan.segments:
        hidden = {value for value in planted if value[0] not in visible_to(plan, segment)}
        client, topic = broker.client(reader_of(segment.name)), SEGMENTS[segment.name]
        rows = list(read(client, topic))
        checks.append(delivered(topic, rows, said.delivered[segment.name], key))
        checks.append(ordered(topic, rows, origin))
        # What a transaction took back lies in the topic too, and a reader may ask for it.
        checks.append(searched(topic, (value for _, _, value in read(client, topic, "read_uncommitted")), hidden))
        checks.append(clean_on_disk(topic, on_disk(broker, topic, hidden | {NUMBERED}), len(hidden)))
    return checks


# --- nothing lost, nothing twice, nothing out of order ---


def number_of(value: bytes | None) -> int | None:
    """The number of a message, as the producer wrote it.

    >>> number_of(b'{"id": "w-000000017"}'), number_of(b"broken"), number_of(None)
    (17, None, None)
    """
    found = NUMBER.search(value or b"")
    return int(found[1]) if found else None


def heard(sent: Mapping[Place, int | None], events: Iterable[Mapping[str, Any]]) -> Said:
    """What the audit's events say of each message that was sent."""
    said = Said()
    for event in events:
        place = int(event["coordinates"]["partition"]), int(event["coordinates"]["offset"])
        said.places[place] += 1
        for decision in event["decisions"]:
            if decision["decision"] == "deliver":
                output = sent.get(place), bytes.fromhex(decision["output"])
                said.delivered[decision["segment"]][output] += 1
    return said


def audited(sent: Mapping[Place, int | None], places: Counter[Place]) -> Check:
    """Every message is in the audit, once, and nothing else is."""
    lost, made_up = len(sent.keys() - places.keys()), len(places.keys() - sent.keys())
    twice = sum(count - 1 for count in places.values())
    numbers = Counter(number for number in sent.values() if number is not None)
    detail = f"{len(sent):,} messages: {lost} lost, {twice} twice, {made_up} unknown"
    return Check("the audit has each message once", not (lost or twice or made_up) and bool(numbers), detail)


def delivered(topic: str, rows: Iterable[Row], said: Counter[Output], key: bytes) -> Check:
    """A topic holds what the audit says that it got, each once, and nothing else."""
    there = Counter((number_of(value), _digest(value or b"", key)) for _, _, value in rows)
    lost, more = (said - there).total(), (there - said).total()
    detail = f"{there.total():,} messages: {lost} lost, {more} too many"
    return Check(f"{topic} holds what the audit says", not (lost or more) and bool(there), detail)


def ordered(topic: str, rows: Iterable[Row], origin: Mapping[int, Place]) -> Check:
    """What came from one partition and went to one partition kept its order."""
    last: dict[tuple[int, int], int] = {}
    wrong = pairs = 0
    for partition, _, value in rows:
        number = number_of(value)
        if number is not None:
            came_from, offset = origin.get(number, (-1, -1))
            pairs += (came_from, partition) in last
            wrong += last.get((came_from, partition), -1) >= offset
            last[came_from, partition] = offset
    return Check(f"{topic} keeps the order", not wrong and bool(pairs), f"{pairs:,} neighbours, {wrong} out of order")


def _digest(value: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(value, key=key, digest_size=16).digest()


# --- no value where it must not be ---


def searched(topic: str, values: Iterable[bytes | None], hidden: set[Value]) -> Check:
    """No hidden value can be got out of a topic's messages. What differs by its number only is searched once."""
    different = {NUMBER.sub(b"", value) for value in values if value}
    found = {(leak.entity, leak.value) for leak in Needles(hidden).leaks(b"\n".join(different))}
    detail = f"{len(found)} of {len(hidden):,} in {len(different):,} different messages"
    return Check(f"no planted value in {topic}", not found and bool(different), detail)


def clean_on_disk(topic: str, found: set[Value], wanted: int) -> Check:
    """No hidden value stands in a topic's files, and the numbers do: a search of packed messages would find nothing."""
    detail = f"{len(found - {NUMBERED})} of {wanted:,}; numbers {'found' if NUMBERED in found else 'not found'}"
    return Check(f"no planted value in {topic} on disk", found == {NUMBERED}, detail)


def on_disk(broker: Broker, topic: str, values: set[Value]) -> set[Value]:
    """Those of some values that stand, as they are, in a topic's files on the broker's disk."""
    folders = [
        path for path in (broker.folder / "data").iterdir() if re.fullmatch(re.escape(topic) + r"-\d+", path.name)
    ]
    files = [file for path in folders for file in path.rglob("*") if file.is_file()]
    return holding(files, values)


def holding(files: Iterable[Path], values: set[Value]) -> set[Value]:
    """Those of some values that stand in files, in large or small letters."""
    wanted, found = sorted(values), set[int]()
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
    texts = [value.encode() for _, value in wanted]
    database.compile(texts, ids=list(range(len(texts))), flags=[flags] * len(texts), literal=True)

    def note(number: int, *_: object) -> None:
        found.add(number)

    for file in files:
        if file.stat().st_size:
            database.scan(file.read_bytes(), match_event_handler=note)
    return {wanted[number] for number in found}


def _controls(broker: Broker, planted: set[Value]) -> Iterator[Check]:
    """A search that finds nothing proves nothing, unless it finds values where they are."""
    found = on_disk(broker, SOURCE, planted)
    # Some values are written in disguise only.
    holds = len(found) > len(planted) * 0.8
    yield Check("the search on disk finds what was sent", holds, f"{len(found):,} of {len(planted):,} in {SOURCE}")


# --- reading ---


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
        messages = consumer.consume(1_000, timeout=1.0)
        for message in messages:
            error = message.error()
            if error is None:
                yield message.partition() or 0, message.offset() or 0, message.value()
            elif error.name() == "_PARTITION_EOF":
                left.discard(message.partition())
            elif not error.retriable():
                raise KafkaException(error)
