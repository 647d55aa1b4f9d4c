"""The Kafka example's job over some of the shop's messages: what was sent, what came out, what Prometheus saw."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from prometheus_client.samples import Sample

from examples.kafka.counts import Counts
from examples.kafka.job import CONNECTOR
from examples.kafka.producer import Message as Sent
from examples.kafka.producer import messages
from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from examples.kafka.servers.client import Client
from examples.kafka.servers.process import JARS
from examples.kafka.shop import AUDIT, OUTPUTS, POLICY, SOURCE, TABLES, open_broker, reader_of
from tests.kafka.topics import SECONDS, Message, consume
from tests.operations.scrape import Watched, watched_job

MESSAGES, DELETIONS = 422, 4
"""A whole batch of the shop's, with all broken lines in it; the next one has the same ids again."""

PATIENCE = 400.0
"""Seconds; a busy machine is slow."""


@dataclass(frozen=True)
class Ran:
    """A run.

    Attributes:
        source: the topic that the job read, with the places of all messages.
        outputs: what each reader sees in its topic.
        events: the audit's.
        scraped: what Prometheus got when all was done.
    """

    source: list[Message]
    outputs: dict[str, list[Message]]
    events: list[dict[str, Any]]
    scraped: list[Sample]


def run_shop(folder: Path, key_file: Path) -> Ran:
    """Send messages, run the job over them, and read everything."""
    with open_broker(folder / "broker") as broker:
        _send(broker.client(access.PRODUCER), islice(messages(), MESSAGES))
        given = {"policy": POLICY, "tables": TABLES, "key_file": key_file, "jars": sorted(JARS.glob(CONNECTOR))}
        with watched_job(folder, **given, variables=broker.client(access.JOB).variables()) as job:
            scraped = _done(broker, job)
        outputs = {name: consume(broker.client(reader_of(name)), topic) for name, topic in OUTPUTS.items()}
        source = consume(broker.admin, SOURCE)
    return Ran(source, outputs, [json.loads(m.value or b"{}") for m in outputs["audit"]], scraped)


def _send(client: Client, sent: Iterable[Sent]) -> None:
    producer = Producer(client.python() | {"acks": "all"})
    for message in sent:
        producer.produce(SOURCE, message.value, message.key, headers=[("producer", message.producer)])
    assert producer.flush(SECONDS) == 0


def _done(broker: Broker, job: Watched) -> list[Sample]:
    """The scrape after everything was audited and committed."""
    counts, end = Counts(broker, {"audit": AUDIT}), time.monotonic() + PATIENCE
    while counts.look()["audit"] < MESSAGES:
        assert job.process.poll() is None and time.monotonic() < end, job.said.read_text()
        time.sleep(0.2)
    counts.close()
    return job.scrape()
