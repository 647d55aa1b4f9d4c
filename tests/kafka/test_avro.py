"""The segment job on Avro with a registry: records, arrays, maps, unions and logical types keep their types, and a
field that appears later reaches nobody."""

import io
import json
import struct
import threading
import urllib.request
from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pytest

from examples.kafka.servers.broker import Broker
from examples.kafka.servers.registry import Registry
from jobs.failure import JobFailed
from tests.flink.runs import POLICY
from tests.kafka.jobs import METADATA, SETTINGS, events_of, outputs, run_job, source
from tests.kafka.topics import Message, Topics, consume, make_topics, produce
from tests.waiting import until

FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "long"},
    {"name": "name", "type": ["null", "string"]},
    {"name": "amount", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2}]},
    {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}]},
    {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}]},
    {
        "name": "customer",
        "type": ["null", {"type": "record", "name": "customer", "fields": [
            {"name": "mail", "type": ["null", "string"]},
            {"name": "score", "type": ["null", "double"]},
        ]}],
    },
    {"name": "cards", "type": ["null", {"type": "array", "items": ["null", "string"]}]},
    {"name": "labels", "type": ["null", {"type": "map", "values": ["null", "string"]}]},
]  # fmt: skip
LATER = {"name": "secret", "type": ["null", "string"], "default": None}

COLUMNS = (
    "id BIGINT NOT NULL, name STRING, amount DECIMAL(20, 2), `day` DATE, `at` TIMESTAMP(3), "
    "customer ROW<mail STRING, score DOUBLE>, cards ARRAY<STRING>, labels MAP<STRING, STRING>"
)
RECORD = {
    "id": 9007199254740993,
    "name": "Ann Lee",
    "amount": Decimal("123456789012345678.25"),
    "day": date(1990, 2, 28),
    "at": datetime(2020, 2, 29, 23, 59, 59, 123000, timezone.utc),
    "customer": {"mail": "ann.lee@example.com", "score": 0.1},
    "cards": ["4111111111111111", None, "none"],
    "labels": {"from": "bob@example.org", "é": "ü"},
}
NOTHING = dict.fromkeys(RECORD) | {"id": 1}


def _schema(*more: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": "record", "fields": [*FIELDS, *more]}


def _register(registry: Registry, subject: str, schema: dict[str, Any]) -> int:
    """The schema's number."""
    request = urllib.request.Request(
        f"{registry.url}/subjects/{subject}/versions",
        json.dumps({"schema": json.dumps(schema)}).encode(),
        {"Content-Type": "application/vnd.schemaregistry.v1+json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(json.load(answer)["id"])


def _schema_of(registry: Registry, number: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"{registry.url}/schemas/ids/{number}", timeout=30) as answer:
        return json.loads(json.load(answer)["schema"])  # type: ignore[no-any-return]


def _write(record: dict[str, Any], schema: dict[str, Any], number: int) -> bytes:
    """Confluent's frame: a zero byte, the schema's number in four bytes, and the record."""
    out = io.BytesIO(struct.pack(">bI", 0, number))
    out.seek(0, io.SEEK_END)
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), record)
    return out.getvalue()


def _read(registry: Registry, message: Message) -> dict[str, Any]:
    assert message.value is not None
    _, number = struct.unpack(">bI", message.value[:5])
    schema = fastavro.parse_schema(_schema_of(registry, number))
    return fastavro.schemaless_reader(io.BytesIO(message.value[5:]), schema, None)  # type: ignore[return-value]


def _tables(broker: Broker, registry: Registry, topics: Topics) -> str:
    avro = {"format": "avro-confluent", "avro-confluent.url": registry.url}
    subjects = "".join(
        f"ALTER TABLE `{table}` SET ('avro-confluent.subject' = '{topics.segments[segment]}-value');\n"
        for segment, table in {"vault": "vault", "support": "support", "open": "public"}.items()
    )
    return (
        SETTINGS
        + source(broker, topics.source, f"{COLUMNS}, {METADATA}", avro)
        + outputs(broker, topics, COLUMNS, avro)
        + subjects
    )


@pytest.fixture(scope="module")
def topics(broker: Broker) -> Topics:
    return make_topics(broker)


@pytest.fixture(scope="module")
def ran(broker: Broker, registry: Registry, topics: Topics, key_file: Path, tmp_path_factory: Any) -> dict[str, Any]:
    """A run over records of two schemas: what each segment read."""
    first, second = _schema(), _schema(LATER)
    old = _register(registry, f"{topics.source}-value", first)
    new = _register(registry, f"{topics.source}-value", second)
    sent = [_write(RECORD, first, old), _write(NOTHING, first, old)]
    sent.append(_write(RECORD | {"secret": "ann.lee@example.com"}, second, new))
    produce(broker.client("producer"), topics.source, [Message(value) for value in sent])
    run_job(tmp_path_factory.mktemp("avro"), key_file, _tables(broker, registry, topics))
    got = {name: consume(broker.client(name), topic) for name, topic in topics.segments.items()}
    return {name: [_read(registry, m) for m in messages] for name, messages in got.items()}


def test_what_no_mask_touches_comes_through_exactly(ran):
    assert ran["vault"][:2] == [RECORD, NOTHING]


def test_values_are_masked_where_they_stand_and_types_stay(ran):
    seen = ran["support"][0]
    assert seen["cards"] == ["xxxxxxxxxxxx1111", None, "none"]
    assert seen["customer"]["score"] == 0.1
    assert seen["labels"]["é"] == "ü"
    assert {name: seen[name] for name in ("id", "amount", "day", "at")} == {
        name: RECORD[name] for name in ("id", "amount", "day", "at")
    }
    assert not [v for v in ("ann.lee@example.com", "bob@example.org", "Ann Lee") if v in str(seen)]


def test_a_field_that_the_table_does_not_name_reaches_nobody(ran):
    assert "secret" not in ran["vault"][2]
    assert "ann.lee" not in str(ran["support"])


def test_the_audit_accounts_for_all(ran, broker, topics):
    assert [e["coordinates"]["offset"] for e in events_of(broker, topics)] == [0, 1, 2]


def test_a_registry_without_the_schema_stops_the_job_and_loses_nothing(broker, registry, key_file, tmp_path):
    topics = make_topics(broker)
    number = _register(registry, f"{topics.source}-value", _schema())
    produce(broker.client("producer"), topics.source, [Message(_write(RECORD, _schema(), number + 1000))])
    with pytest.raises(JobFailed):
        run_job(tmp_path, key_file, _tables(broker, registry, topics), POLICY)
    assert events_of(broker, topics) == []
    assert [consume(broker.client(name), topic) for name, topic in topics.segments.items()] == [[], [], []]


RESTARTS = {
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "1000",
    "restart-strategy.fixed-delay.delay": "1 s",
}


@pytest.mark.long  # half a minute and more, and a registry of its own
def test_a_registry_that_goes_down_while_the_job_runs(broker, key_file, tmp_path, logs):
    """What the job knows already it goes on to read; what it must ask for it waits for, and each comes once."""
    registry, topics = Registry(tmp_path / "registry"), make_topics(broker)
    first, second, subject = _schema(), _schema(LATER), f"{topics.source}-value"

    def send(schema: dict[str, Any], number: int) -> None:
        produce(broker.client("producer"), topics.source, [Message(_write(RECORD, schema, number))])

    def came(count: int) -> Callable[[], bool]:
        return lambda: len(consume(broker.client("vault"), topics.segments["vault"])) >= count

    def failed() -> int:
        return sum(path.read_text(errors="replace").count("from RUNNING to FAILED") for path in logs.glob("*.log"))

    # The job ends behind the third message, which is not there yet.
    ends = {"scan.bounded.mode": "specific-offsets", "scan.bounded.specific-offsets": "partition:0,offset:3"}
    try:
        registry.start()
        old, new = (_register(registry, subject, schema) for schema in (first, second))
        tables = _tables(broker, registry, topics).replace(
            "'scan.bounded.mode' = 'latest-offset'", ", ".join(f"'{name}' = '{value}'" for name, value in ends.items())
        )
        job = threading.Thread(
            target=run_job, args=(tmp_path, key_file, tables), kwargs={"options": RESTARTS}, daemon=True
        )
        job.start()
        send(first, old)
        until(came(1), "the first record must come out")
        registry.kill()  # the job has not asked for the second schema
        send(first, old)
        until(came(2), "a record of a known schema must come out without the registry")
        before = failed()
        send(second, new)
        until(lambda: failed() >= before + 2, "the job must fail on what it cannot read, again and again")
        assert len(events_of(broker, topics)) == 2
        registry.start()
        assert [_register(registry, subject, schema) for schema in (first, second)] == [old, new]
        job.join(180)
        assert not job.is_alive()
        assert [e["coordinates"]["offset"] for e in events_of(broker, topics)] == [0, 1, 2]
        assert [len(consume(broker.client(name), topic)) for name, topic in topics.segments.items()] == [3, 3, 0]
        assert consume(broker.client("vault"), topics.segments["vault"])[2].value
    finally:
        registry.stop()
