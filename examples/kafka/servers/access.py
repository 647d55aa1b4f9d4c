"""Who may do what with which topic, as a list; and the topics. Whatever is not in the list is refused."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from examples.kafka.servers.client import Client

SECONDS = 60.0

PRODUCER, JOB = "producer", "weir"
"""Who writes the source, and who runs the job. The other users bear the names of their segments."""


@dataclass(frozen=True)
class Grant:
    """What one user may do. `kind` is TOPIC, GROUP or TRANSACTIONAL_ID; with `prefix`, `name` starts their names."""

    user: str
    may: tuple[str, ...]
    kind: str
    name: str
    prefix: bool = False


def grants(source: str, segments: Mapping[str, str], others: Sequence[str]) -> list[Grant]:
    """The rights around one segment job.

    Args:
        source: the topic that it reads.
        segments: each segment with its topic; the segment's name is also the user who reads it.
        others: the topics of audit and quarantine.

    >>> [g.name for g in grants("in", {"support": "out.support"}, ["audit"]) if g.user == "support"]
    ['out.support', 'support']
    """
    given = [
        Grant(PRODUCER, ("WRITE", "DESCRIBE"), "TOPIC", source),
        Grant(JOB, ("READ", "DESCRIBE"), "TOPIC", source),
        Grant(JOB, ("READ",), "GROUP", JOB, prefix=True),
        # Exactly once: a sink's transactions bear names that begin so.
        Grant(JOB, ("WRITE", "DESCRIBE"), "TRANSACTIONAL_ID", JOB, prefix=True),
    ]
    given += [Grant(JOB, ("WRITE", "DESCRIBE"), "TOPIC", topic) for topic in (*segments.values(), *others)]
    for segment, topic in segments.items():
        given.append(Grant(segment, ("READ", "DESCRIBE"), "TOPIC", topic))
        given.append(Grant(segment, ("READ",), "GROUP", segment, prefix=True))
    return given


def give(admin: Client, given: Iterable[Grant]) -> None:
    """Write rights into the broker, and wait until they hold. A right that is there already stays.

    Raises:
        confluent_kafka.KafkaException: the broker refused.
        TimeoutError: they do not hold after a minute.
    """
    bindings = [_binding(grant, operation) for grant in given for operation in grant.may]
    client = AdminClient(admin.python())
    for future in client.create_acls(bindings, request_timeout=SECONDS).values():
        future.result()
    # The controller has written them down; a busy broker took a moment to follow, and refused who came at once.
    end = time.monotonic() + SECONDS
    while not set(bindings) <= set(client.describe_acls(_EVERY, request_timeout=SECONDS).result()):
        if time.monotonic() > end:
            raise TimeoutError(f"the broker must have its new rights in force within {SECONDS:g} s; see its log")
        time.sleep(0.05)


def make_topics(admin: Client, names: Iterable[str], partitions: int = 1) -> None:
    """Make topics.

    Raises:
        confluent_kafka.KafkaException: one is there already.
    """
    topics = [NewTopic(name, num_partitions=partitions, replication_factor=1) for name in names]
    client = AdminClient(admin.python())  # held until the answers are here: they die with it
    for future in client.create_topics(topics, operation_timeout=SECONDS).values():
        future.result()


_EVERY = AclBindingFilter(
    ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
)  # fmt: skip


def _binding(grant: Grant, operation: str) -> AclBinding:
    pattern = ResourcePatternType.PREFIXED if grant.prefix else ResourcePatternType.LITERAL
    return AclBinding(
        ResourceType[grant.kind], grant.name, pattern, f"User:{grant.user}", "*", AclOperation[operation],
        AclPermissionType.ALLOW,
    )  # fmt: skip
