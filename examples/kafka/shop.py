"""The shop's topics and users: one of each for every segment of the policy, and who may do what."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker

HERE = Path(__file__).parent
POLICY = HERE.parent / "orders" / "policy.yaml"
"""The policy of the orders example as it is: where a stream comes from is no affair of a policy."""
TABLES = HERE / "tables.sql"

SOURCE, AUDIT, QUARANTINE = "orders", "orders.audit", "orders.quarantine"
SEGMENTS = {s: f"orders.{s}" for s in ("payments", "support", "fraud", "analytics", "marketing", "telemetry")}
"""The policy's segments with their topics. Each segment is a user of the broker, too."""

OUTPUTS = {**SEGMENTS, "audit": AUDIT, "quarantine": QUARANTINE}
"""What the job writes."""

PARTITIONS = 2


@contextmanager
def open_broker(folder: Path) -> Iterator[Broker]:
    """A running broker with the shop's topics, users and rights; it is stopped in the end.

    Args:
        folder: for its data; what was in it is removed.
    """
    broker = Broker(folder, [access.PRODUCER, access.JOB, *SEGMENTS])
    try:
        broker.start()
        access.make_topics(broker.admin, [SOURCE, *OUTPUTS.values()], PARTITIONS)
        access.give(broker.admin, access.grants(SOURCE, SEGMENTS, [AUDIT, QUARANTINE]))
        yield broker
    finally:
        broker.stop()


def reader_of(output: str) -> str:
    """The user who reads an output.

    >>> reader_of("support"), reader_of("audit")
    ('support', 'admin')
    """
    return output if output in SEGMENTS else "admin"
