"""Segment jobs on Kafka for tests: the tables of `tests.kafka.topics`, a run to the topic's end, and what came out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from examples.kafka.servers.process import jars
from jobs.progress import Summary
from jobs.segment import run
from tests.flink.runs import POLICY
from tests.kafka.topics import SEGMENTS, Topics, consume

METADATA = """
  `topic` STRING NOT NULL METADATA VIRTUAL,
  `partition` INT NOT NULL METADATA VIRTUAL,
  `offset` BIGINT NOT NULL METADATA VIRTUAL,
  `headers` MAP<STRING, BYTES> METADATA VIRTUAL,
  `ts` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL
"""

SETTINGS = """
SET 'execution.checkpointing.interval' = '1 s';
SET 'weir.coordinates' = 'topic, partition, offset';
SET 'weir.producer' = 'header:producer';
SET 'weir.time' = 'ts';
"""

LABELS = "`headers` MAP<STRING, BYTES> METADATA, `ts` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'"

QUARANTINE = "record BYTES, reason STRING, coordinates STRING, producer STRING, policy STRING, attributes STRING"

CONNECTORS = [
    str(path) for name in ("kafka", "avro-confluent") for path in jars("flink").glob(f"flink-sql-*{name}*.jar")
]


def options(given: Mapping[str, str]) -> str:
    """A WITH clause."""
    return "WITH (" + ", ".join(f"'{name}' = '{value}'" for name, value in given.items()) + ")"


def source(broker: Broker, topic: str, columns: str, more: Mapping[str, str], name: str = "orders") -> str:
    """The DDL of a topic that is read from its first message to the last that it has now."""
    given = {
        "connector": "kafka",
        "topic": topic,
        "scan.startup.mode": "earliest-offset",
        "scan.bounded.mode": "latest-offset",
        "properties.group.id": "weir-test",
        "properties.isolation.level": "read_committed",
        **broker.client(access.JOB).flink(),
        **more,
    }
    return f"CREATE TABLE {name} ({columns}) {options(given)};\n"


def sink(broker: Broker, name: str, topic: str, columns: str, more: Mapping[str, str]) -> str:
    """The DDL of a topic that is written exactly once."""
    given = {
        "connector": "kafka",
        "topic": topic,
        "sink.delivery-guarantee": "exactly-once",
        "sink.transactional-id-prefix": f"weir-{topic}",
        "properties.transaction.timeout.ms": "600000",
        **broker.client(access.JOB).flink(),
        **more,
    }
    return f"CREATE TABLE `{name}` ({columns}) {options({k: v for k, v in given.items() if v})};\n"


RAW = {"format": "raw"}


def outputs(broker: Broker, topics: Topics, columns: str, more: Mapping[str, str] = RAW) -> str:
    """The DDL of every output: the segments with these columns, the audit as text, the quarantine as JSON."""
    tables = [sink(broker, SEGMENTS[s], topic, columns, more) for s, topic in topics.segments.items()]
    tables.append(sink(broker, "audit", topics.audit, "event STRING", RAW))
    tables.append(sink(broker, "quarantine", topics.quarantine, QUARANTINE, {"format": "json"}))
    return "".join(tables)


def run_job(folder: Path, key_file: Path, tables: str, policy: str = POLICY, **more: Any) -> Summary:
    """Run the segment job to its end, with the connectors' jars."""
    (folder / "policy.yaml").write_text(policy)
    (folder / "tables.sql").write_text(tables)
    return run(folder / "policy.yaml", folder / "tables.sql", key_file, jars=CONNECTORS, **more)


def events_of(broker: Broker, topics: Topics) -> list[dict[str, Any]]:
    """The audit events."""
    return [json.loads(m.value) for m in consume(broker.admin, topics.audit) if m.value]
