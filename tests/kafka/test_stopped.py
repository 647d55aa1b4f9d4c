"""A job that cannot go on while it runs: it says why without a value, has claimed nothing that is not delivered, and
gives each record once when it is started again after the cause is mended."""

import json
from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from examples.kafka.servers.broker import Broker
from jobs.failure import JobFailed
from tests.kafka.jobs import events_of, run_job
from tests.kafka.test_refused import documents, nothing_came_out
from tests.kafka.topics import Message, consume, make_topics, produce

SECRET = "ann.lee@example.com"


def _limit(broker: Broker, topic: str, size: int) -> None:
    """Set the most bytes that a message of a topic may have."""
    entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client = AdminClient(broker.admin.python())  # held until the answer is here: it dies with it
    for future in client.incremental_alter_configs([resource]).values():
        future.result(60)


@pytest.mark.long  # a minute goes by before Flink has closed what failed
def test_a_record_that_is_too_large_for_a_segments_topic(broker: Broker, key_file: Path, tmp_path: Path) -> None:
    topics = make_topics(broker)
    records = [{"note": SECRET}, {"note": SECRET, "text": "a " * 3000}, {"note": "none"}]
    produce(broker.client("producer"), topics.source, [Message(json.dumps(record).encode()) for record in records])
    tables, topic = documents(broker, topics), topics.segments["support"]
    _limit(broker, topic, 2000)
    with pytest.raises(JobFailed, match=r"RecordTooLargeException: .*max\.message\.bytes") as caught:
        run_job(tmp_path, key_file, tables)
    assert SECRET not in str(caught.value) and broker.client("weir").password not in str(caught.value)
    assert nothing_came_out(broker, topics)
    _limit(broker, topic, 1_000_000)
    run_job(tmp_path, key_file, tables)
    assert [event["coordinates"]["offset"] for event in events_of(broker, topics)] == [0, 1, 2]
    assert [len(consume(broker.admin, topics.segments[s])) for s in ("vault", "support", "open")] == [3, 3, 1]
    assert not consume(broker.admin, topics.quarantine)
