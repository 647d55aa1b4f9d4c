"""The account of a run over Kafka: what is in the topics, and on the broker's disk, against what was sent.

Each message that was sent has a number of its own in its `id`, which the policies let through as it is: by it a message
in a segment's topic is told from all others, and found in the source.
"""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from examples.kafka.servers.broker import Broker
from examples.kafka.shop import AUDIT, QUARANTINE, SEGMENTS, SOURCE, reader_of
from examples.orders.leaks import Value
from examples.orders.verify import Check, visible_to
from policy.plan import Plan
from tests.kafka.reading import Row, read
from tests.kafka.searching import Pile, clean, elsewhere_on_disk, holding, on_disk, searched, shown
from udfs.keys import Keyring
from udfs.refusal import json_of

NUMBER = re.compile(rb'"id" ?: ?"w-(\d{9})"')

NUMBERED = "w-0000"
"""What every number begins with."""

PARTICULAR = re.compile(rb'"[0-9a-f]{32}"|"(?:partition|offset|time)":"?\d+"?')
"""What tells one audit event from another of its kind: digests, coordinates, the time."""

ASIDE = ("record", "attributes", "coordinates")
"""Columns of the quarantine that are not searched: what came, as it came, and the place."""

Place = tuple[int, int]
"""Partition and offset."""


class Output(NamedTuple):
    """A message of a segment's topic.

    Args:
        number: None if it has none.
        policy: the label of the policy that it was judged by.
        name: what it is known by, from `named`.
    """

    partition: int
    number: int | None
    policy: str | None
    name: bytes


@dataclass
class Said:
    """What the audit says.

    Args:
        places: how many events each message has.
        policies: the label of the policy that each message was judged by.
        digests: each label, and the digest that goes with it.
        delivered: by segment, what its topic must hold, as `named`.
        quarantined: what the quarantine must hold.
        undecided: events that do not decide for every segment.
    """

    places: Counter[Place] = field(default_factory=Counter)
    policies: dict[Place, str] = field(default_factory=dict)
    digests: set[tuple[str, str]] = field(default_factory=set)
    delivered: dict[str, Counter[bytes]] = field(default_factory=lambda: defaultdict(Counter))
    quarantined: Counter[tuple[Place, str]] = field(default_factory=Counter)
    undecided: int = 0


def verify(
    broker: Broker, plans: Sequence[Plan], keyring: Keyring, planted: set[Value], piles: Iterable[Pile] = ()
) -> Iterator[Check]:
    """Every check, over all that the broker holds. The job must have stopped.

    Args:
        plans: the policies that were in force, in this order, with the same segments.
        planted: every sensitive value that was sent.
        piles: more files to look for values in.
    """
    key = keyring.derive("weir/1/audit", "digest", plans[0].key_epoch)
    sent = {(row.partition, row.offset): number_of(row.value) for row in read(broker.admin, SOURCE)}
    said = heard(sent, (orjson.loads(row.value or b"{}") for row in read(broker.admin, AUDIT)), set(SEGMENTS))
    yield audited(sent, said)
    yield from policies(said, plans)
    yield quarantined((row.value or b"{}" for row in read(broker.admin, QUARANTINE)), said.quarantined)
    origin = {number: place for place, number in sent.items() if number is not None}
    for segment, topic in SEGMENTS.items():
        rows = read(broker.client(reader_of(segment)), topic)
        outputs = [Output(r.partition, number_of(r.value), r.policy, _named_row(r, key)) for r in rows]
        yield delivered(topic, outputs, said.delivered.pop(segment))
        yield ordered(topic, outputs, origin)
        yield in_turn(topic, ((output.partition, output.policy) for output in outputs), plans)
        yield from unseen(topic, _texts(broker, segment), plans, [_hidden_by(plan, segment, planted) for plan in plans])
        yield clean(Pile(f"{topic} on disk", on_disk(broker, topic), NUMBERED), _hidden_by_all(plans, segment, planted))
    yield from _everywhere(broker, planted)
    yield from (clean(pile, planted) for pile in piles)


def label_of(plan: Plan) -> str:
    """A policy's name and version, as the label of a message has them."""
    return f"{plan.name}@{plan.version}"


# --- nothing lost, nothing twice, nothing out of order ---


def number_of(value: bytes | None) -> int | None:
    """The number of a message, as the producer wrote it.

    >>> number_of(b'{"id": "w-000000017"}'), number_of(b"broken"), number_of(None)
    (17, None, None)
    """
    found = NUMBER.search(value or b"")
    return int(found[1]) if found else None


def named(number: int | None, digest: str, policy: str | None) -> bytes:
    """What a message is known by in the audit and in its topic: its number, its digest, the policy that judged it.

    >>> named(17, "00ff", "retail-orders@7")
    b'17 00ff retail-orders@7'
    """
    return f"{number} {digest} {policy}".encode()


def _named_row(row: Row, key: bytes) -> bytes:
    # The digest of a document with its key is that of both as JSON.
    both = json_of({"line": row.value, "@key": row.key})
    digest = hashlib.blake2b(both, key=key, digest_size=16).hexdigest()
    return named(number_of(row.value), digest, row.policy)


def heard(sent: Mapping[Place, int | None], events: Iterable[Mapping[str, Any]], segments: set[str]) -> Said:
    """What the audit's events say of each message that was sent."""
    said, labels, wanted = Said(), dict[str, str](), sorted(segments)
    for event in events:
        place, policy = _place(event["coordinates"]), event["policy"]
        label = f"{policy['name']}@{policy['version']}"
        label = labels.setdefault(label, label)  # one text for all places
        said.places[place] += 1
        said.policies[place] = label
        said.digests.add((label, policy["digest"]))
        if event["quarantine"] is not None:
            said.quarantined[place, label] += 1
        decided = sorted(decision["segment"] for decision in event["decisions"])
        said.undecided += decided != (wanted if event["quarantine"] is None else [])
        for decision in event["decisions"]:
            if decision["decision"] == "deliver":
                said.delivered[decision["segment"]][named(sent.get(place), decision["output"], label)] += 1
    return said


def _place(coordinates: Mapping[str, Any]) -> Place:
    return int(coordinates["partition"]), int(coordinates["offset"])


def audited(sent: Mapping[Place, int | None], said: Said) -> Check:
    """Every message is in the audit, once, with a decision for every segment or a reason; and nothing else is."""
    lost, made_up = len(sent.keys() - said.places.keys()), len(said.places.keys() - sent.keys())
    twice = sum(count - 1 for count in said.places.values())
    detail = f"{len(sent):,} messages: {lost} lost, {twice} twice, {made_up} unknown, {said.undecided} undecided"
    holds = not (lost or made_up or twice or said.undecided) and any(n is not None for n in sent.values())
    return Check("the audit has each message once", holds, detail)


def delivered(topic: str, outputs: Iterable[Output], said: Counter[bytes]) -> Check:
    """A topic holds what the audit says that it got, each once, under the policy that it says; and nothing else."""
    there = Counter(output.name for output in outputs)
    lost, more = (said - there).total(), (there - said).total()
    detail = f"{there.total():,} messages: {lost} lost, {more} too many"
    return Check(f"{topic} holds what the audit says", not (lost or more) and bool(there), detail)


def ordered(topic: str, outputs: Iterable[Output], origin: Mapping[int, Place]) -> Check:
    """What came from one partition and went to one partition kept its order."""
    last: dict[tuple[int, int], int] = {}
    wrong = pairs = 0
    for partition, number, _, _ in outputs:
        if number is not None:
            came_from, offset = origin.get(number, (-1, -1))
            pairs += (came_from, partition) in last
            wrong += last.get((came_from, partition), -1) >= offset
            last[came_from, partition] = offset
    return Check(f"{topic} keeps the order", not wrong and bool(pairs), f"{pairs:,} neighbours, {wrong} out of order")


def quarantined(values: Iterable[bytes], said: Counter[tuple[Place, str]]) -> Check:
    """The quarantine holds what the audit says, each once, under the policy that it says."""
    rows = map(json.loads, values)
    there = Counter((_place(json.loads(row["coordinates"])), row["policy"]) for row in rows)
    lost, more = (said - there).total(), (there - said).total()
    detail = f"{there.total():,} messages: {lost} lost, {more} too many"
    return Check(f"{QUARANTINE} holds what the audit says", not (lost or more) and bool(there), detail)


# --- one policy after another ---


def in_turn(where: str, judged: Iterable[tuple[int, str | None]], plans: Sequence[Plan]) -> Check:
    """Every policy has judged something, and in no partition does one come back after the next.

    Args:
        judged: partitions with the label of a policy, in the order of each partition.
    """
    turns = {label_of(plan): turn for turn, plan in enumerate(plans)}
    last, seen, back = dict[int, int](), Counter[str | None](), 0
    for partition, label in judged:
        turn = turns.get(label or "", -1)
        back += turn < last.get(partition, 0)  # so is one that nobody knows
        last[partition] = max(turn, last.get(partition, 0))
        seen[label] += 1
    detail = ", ".join(f"{seen[label]:,} by {label}" for label in turns) + f"; {back} out of turn"
    return Check(f"{where}: one policy after the other", not back and all(seen[label] for label in turns), detail)


def policies(said: Said, plans: Sequence[Plan]) -> Iterator[Check]:
    """The audit names the policies that were in force, and no others; in each partition that was read, in turn."""
    wanted = {(label_of(plan), plan.digest) for plan in plans}
    detail = ", ".join(f"{label} ({digest[:12]})" for label, digest in sorted(said.digests))
    yield Check("the audit names the policies that were in force", said.digests == wanted, detail)
    judged = ((partition, said.policies[partition, offset]) for partition, offset in sorted(said.policies))
    yield in_turn(SOURCE, judged, plans)


# --- no value where it must not be ---


def unseen(
    topic: str, texts: Mapping[str | None, set[bytes]], plans: Sequence[Plan], hidden: Sequence[set[Value]]
) -> Iterator[Check]:
    """No value that a policy hides is in what was made under it; and what the last one hides was seen before.

    Args:
        texts: a topic's messages without their numbers, by the label of the policy.
        hidden: for each policy what it hides in this topic.
    """
    for plan, values in zip(plans, hidden, strict=True):
        yield searched(f"{topic} under {label_of(plan)}", texts.get(label_of(plan), ()), values)
    if lost := hidden[-1] - hidden[0]:
        first = label_of(plans[0])
        yield shown(f"{topic} under {first}, which sees them", texts.get(first, ()), lost)


def _texts(broker: Broker, segment: str) -> dict[str | None, set[bytes]]:
    """A topic's messages with their keys. What a transaction took back lies there too, and a reader may ask for it."""
    texts = defaultdict[str | None, set[bytes]](set)
    for row in read(broker.client(reader_of(segment)), SEGMENTS[segment], "read_uncommitted"):
        texts[row.policy].add(NUMBER.sub(b"", b"\n".join([row.key or b"", row.value or b""])))
    return texts


def _hidden_by(plan: Plan, segment: str, planted: set[Value]) -> set[Value]:
    visible = visible_to(plan, next(s for s in plan.segments if s.name == segment))
    return {value for value in planted if value[0] not in visible}


def _hidden_by_all(plans: Sequence[Plan], segment: str, planted: set[Value]) -> set[Value]:
    return set[Value].intersection(*(_hidden_by(plan, segment, planted) for plan in plans))


def _everywhere(broker: Broker, planted: set[Value]) -> Iterator[Check]:
    """No value is in the audit, beside the records in the quarantine, and in what else the broker writes."""
    # A search that finds nothing proves nothing, unless it finds values where they are. Some are sent in disguise only.
    found = holding(on_disk(broker, SOURCE), planted)
    detail = f"{len(found):,} of {len(planted):,} in {SOURCE}"
    yield Check("the search on disk finds what was sent", len(found) > len(planted) * 0.8, detail)
    events = {PARTICULAR.sub(b"", row.value or b"") for row in read(broker.admin, AUDIT, "read_uncommitted")}
    yield searched(AUDIT, events, planted)
    yield clean(Pile(f"{AUDIT} on disk", on_disk(broker, AUDIT), "retail-orders"), planted)
    rows = (json.loads(row.value or b"{}") for row in read(broker.admin, QUARANTINE, "read_uncommitted"))
    reasons = {json.dumps({k: v for k, v in row.items() if k not in ASIDE}) for row in rows}
    yield searched(f"{QUARANTINE} beside the records", map(str.encode, reasons), planted)
    rest = elsewhere_on_disk(broker, [SOURCE, AUDIT, QUARANTINE, *SEGMENTS.values()])
    yield clean(Pile("what else the broker writes", rest, SEGMENTS["payments"]), planted)
