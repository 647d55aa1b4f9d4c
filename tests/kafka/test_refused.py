"""What a job on Kafka does where it cannot go on: it stops, says why without a value, and no offset is passed over."""

import json
from pathlib import Path

import pytest

from examples.kafka.servers.broker import Broker
from jobs.failure import JobFailed
from jobs.statements import SqlErrors
from tests.flink.runs import POLICY
from tests.kafka.jobs import METADATA, RAW, SETTINGS, outputs, run_job, source
from tests.kafka.topics import SEGMENTS, Message, Topics, consume, make_topics, produce

SECRET = "ann.lee@example.com"


def _tables(broker: Broker, topics: Topics) -> str:
    documents = "SET 'weir.document' = 'line';\n"
    return (
        SETTINGS
        + documents
        + source(broker, topics.source, f"`line` BYTES, {METADATA}", RAW)
        + outputs(broker, topics, "`line` BYTES")
    )


@pytest.fixture
def topics(broker: Broker) -> Topics:
    made = make_topics(broker)
    produce(broker.client("producer"), made.source, [Message(json.dumps({"note": SECRET}).encode())])
    return made


def _refused(folder: Path, key_file: Path, tables: str, policy: str = POLICY) -> str:
    with pytest.raises(JobFailed) as caught:
        run_job(folder, key_file, tables, policy)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def _nothing_came_out(broker: Broker, topics: Topics) -> bool:
    outputs = [consume(broker.admin, topic) for topic in (*topics.segments.values(), topics.audit, topics.quarantine)]
    return not any(outputs)


def test_a_wrong_password(broker, topics, key_file, tmp_path):
    password = broker.client("weir").password
    tables = _tables(broker, topics).replace(password, "wrong")
    message = _refused(tmp_path, key_file, tables)
    assert "SaslAuthenticationException: Authentication failed" in message
    assert _nothing_came_out(broker, topics)


def test_delivery_that_could_be_twice_is_refused_before_anything_starts(broker, topics, key_file, tmp_path):
    tables = _tables(broker, topics).replace("'exactly-once'", "'at-least-once'")
    with pytest.raises(SqlErrors) as caught:
        run_job(tmp_path, key_file, tables)
    assert len(caught.value.errors) == len(SEGMENTS) + 2
    assert "must have 'sink.delivery-guarantee' = 'exactly-once'; got at-least-once" in str(caught.value)


def test_transactions_of_one_name_are_refused(broker, topics, key_file, tmp_path):
    one, other = topics.segments["support"], topics.segments["open"]
    tables = _tables(broker, topics).replace(f"'weir-{one}'", f"'weir-{other}'")
    with pytest.raises(SqlErrors) as caught:
        run_job(tmp_path, key_file, tables)
    assert "tables support and public have the same 'sink.transactional-id-prefix'" in str(caught.value)


def test_one_topic_for_two_segments_is_refused(broker, topics, key_file, tmp_path):
    one, other = topics.segments["support"], topics.segments["open"]
    tables = _tables(broker, topics).replace(f"'topic' = '{one}'", f"'topic' = '{other}'")
    with pytest.raises(SqlErrors) as caught:
        run_job(tmp_path, key_file, tables)
    assert "tables support and public are the same topic" in str(caught.value)


def test_without_checkpoints_it_does_not_start(broker, topics, key_file, tmp_path):
    tables = _tables(broker, topics).replace("SET 'execution.checkpointing.interval' = '1 s';", "")
    with pytest.raises(SqlErrors) as caught:
        run_job(tmp_path, key_file, tables)
    assert "checkpoints must be on" in str(caught.value)
