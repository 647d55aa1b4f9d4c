"""Change events of Debezium on real topics: images masked, deletions stay deletions, and what is none is kept apart.

The events have the form that Debezium's pages show (https://debezium.io/documentation/reference/stable/connectors/
postgresql.html, change events): plain, and with their schema around them.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pyflink.common import RowKind

from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from jobs.local import environment
from jobs.statements import SqlErrors
from tests.connectors.page import example
from tests.flink.runs import POLICY
from tests.kafka.jobs import (
    CONNECTORS,
    LABELS,
    METADATA,
    SETTINGS,
    events_of,
    options,
    outputs,
    run_job,
    source,
)
from tests.kafka.topics import Message, Topics, consume, make_topics, produce

KEYED = {"key.format": "raw", "key.fields": "k", "value.format": "raw", "value.fields-include": "EXCEPT_KEY"}

FIELDS = example("Change events", "yaml").partition("fields:\n")[2]
CHANGES = POLICY.replace("  name: PERSON\n", FIELDS)

ANN = {"id": 1, "name": "Ann Lee", "email": "ann.lee@example.com", "card": "4111111111111111", "note": "two boxes"}
MOVED = ANN | {"note": "write to ann@home.example.org"}
BOB = {"id": 2, "name": "Bob Stone", "email": "bob@example.org", "card": None, "note": None}
PLANTED = [
    b"Ann Lee",
    b"ann.lee@example.com",
    b"ann@home.example.org",
    b"4111111111111111",
    b"Bob Stone",
    b"bob@example",
]


def _value(op: str, before: object, after: object, schema: object = None) -> bytes:
    source = {
        "version": "3.2.0.Final",
        "connector": "postgresql",
        "name": "shop",
        "table": "customers",
        "lsn": 33832960,
    }
    event = {"before": before, "after": after, "source": source, "op": op, "ts_ms": 1732752000123}
    return json.dumps({"schema": schema, "payload": event} if schema else event).encode()


def _key(row: dict[str, Any], schema: object = None) -> bytes:
    key = {"email": row["email"]}
    return json.dumps({"schema": schema, "payload": key} if schema else key).encode()


COLUMNS = [{"type": "string", "optional": False, "field": name} for name in ("name", "email", "card")]
SCHEMA = {
    "type": "struct",
    "fields": [{"type": "struct", "fields": COLUMNS, "field": "after"}],
    "name": "shop.Envelope",
}

PLAIN = [
    Message(_value("r", None, ANN), _key(ANN)),
    Message(_value("u", ANN, MOVED), _key(ANN)),
    Message(_value("c", None, BOB), _key(BOB)),
    Message(_value("d", MOVED, None), _key(ANN)),
    Message(None, _key(ANN)),
]
WRAPPED = [
    Message(_value("c", None, BOB, SCHEMA), _key(BOB, SCHEMA)),
    Message(_value("d", BOB, None, SCHEMA), _key(BOB, SCHEMA)),
    Message(None, _key(BOB, SCHEMA)),
]
BROKEN = [
    Message(json.dumps(ANN).encode(), _key(ANN)),
    Message(_value("u", ANN, MOVED)[:-20], _key(ANN)),
    Message(_value("u", None, json.dumps(MOVED)), _key(ANN)),
    Message(_value("u", [ANN], [MOVED]), _key(ANN)),
    Message(b'{"after":{"name":"Ann Lee"}}', _key(ANN)),
]
REASONS = [
    "envelope: no change event",
    "json: not valid JSON",
    "envelope: an image that is no object",
    "envelope: an image that is no object",
    "envelope: no change event",
]
SENT = [*PLAIN, *WRAPPED, *BROKEN, PLAIN[0]]


@pytest.fixture(scope="module")
def ran(broker: Broker, key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Topics, dict[str, Any]]:
    """One run over `SENT`: the topics, and each output's messages; the audit's as events."""
    topics = make_topics(broker)
    produce(broker.client("producer"), topics.source, SENT)
    tables = (
        SETTINGS
        + example("Change events")
        + source(broker, topics.source, f"`k` BYTES, `line` BYTES, {METADATA}", KEYED)
        + outputs(broker, topics, f"`k` BYTES, `line` BYTES, {LABELS}", KEYED)
    )
    run_job(tmp_path_factory.mktemp("changes"), key_file, tables, CHANGES)
    found: dict[str, Any] = {name: consume(broker.client(name), topic) for name, topic in topics.segments.items()}
    found["quarantine"] = [json.loads(m.value) for m in consume(broker.admin, topics.quarantine) if m.value]
    found["audit"] = events_of(broker, topics)
    return topics, found


def _events(messages: list[Message]) -> list[Any]:
    values = [None if m.value is None else json.loads(m.value) for m in messages]
    return [value.get("payload", value) if value else None for value in values]


def test_who_may_see_all_gets_every_event_as_it_came_and_in_order(ran):
    _, found = ran
    good = [*PLAIN, *WRAPPED, PLAIN[0]]
    assert [(m.key, m.value) for m in found["vault"]] == [(m.key, m.value) for m in good]


def test_both_images_are_masked_and_the_envelope_is_not(ran):
    _, found = ran
    seen, sent = _events(found["support"]), _events([*PLAIN, *WRAPPED, PLAIN[0]])
    assert [e and (e["op"], e["source"], e["ts_ms"]) for e in seen] == [
        e and (e["op"], e["source"], e["ts_ms"]) for e in sent
    ]
    for ours, theirs in zip(seen, sent, strict=True):
        for image in ("before", "after") if theirs else ():
            assert (ours[image] is None) == (theirs[image] is None)
            row = ours[image] or {"id": 1, "name": "", "card": None}
            assert (row["id"], row["name"]) == ((theirs[image] or row)["id"], "")
            assert row["card"] in (None, "xxxxxxxxxxxx1111")
    # What joins stays joined: the masked image before a change is the masked image after the one before it.
    assert seen[1]["before"] == seen[0]["after"]
    assert seen[3]["before"] == seen[1]["after"]
    assert json.loads(found["support"][5].value)["schema"] == SCHEMA


def test_keys_are_masked_alike_so_that_a_deletion_takes_away_what_was_there(ran):
    _, found = ran
    first, changed, other, deleted, gone, *_ = found["support"]
    assert first.key == changed.key == deleted.key == gone.key != _key(ANN)
    assert gone.value is None and other.key != first.key
    # As a compacted topic keeps it: the last of each key.
    kept = {m.key: m.value for m in found["support"][:-1]}
    assert sorted(value is None for value in kept.values()) == [False, True, True]
    assert kept[other.key] == other.value


def test_flink_reads_the_masked_topic_as_a_table_that_changes(ran, broker):
    topics, _ = ran
    more = {"format": "debezium-json", "debezium-json.ignore-parse-errors": "true"}
    t_env = environment(jars=CONNECTORS)
    client = broker.client("support").flink()
    given = {
        "connector": "kafka", "topic": topics.segments["support"], "scan.startup.mode": "earliest-offset",
        "scan.bounded.mode": "latest-offset", "properties.isolation.level": "read_committed",
        "properties.group.id": "support-reader", **client, **more,
    }  # fmt: skip
    t_env.execute_sql(f"CREATE TABLE customers (id BIGINT, name STRING, note STRING) {options(given)}")
    with t_env.execute_sql("SELECT id, COUNT(*), MAX(name) FROM customers GROUP BY id").collect() as rows:
        changes = [(row.get_row_kind(), list(row)) for row in rows]
    left: dict[int, int] = {}
    for kind, (number, count, name) in changes:
        assert name == ""
        if kind in (RowKind.INSERT, RowKind.UPDATE_AFTER):
            left[number] = count
        elif kind == RowKind.DELETE:
            left.pop(number)
    # Ann was deleted, and came again with the last event; Bob is there.
    assert left == {1: 1, 2: 1}


def test_what_is_no_change_event_is_quarantined_and_audited_in_its_place(ran):
    _, found = ran
    assert [kept["reason"] for kept in found["quarantine"]] == REASONS
    assert [event["quarantine"] for event in found["audit"]] == [None] * 8 + REASONS + [None]
    assert [event["coordinates"]["offset"] for event in found["audit"]] == list(range(len(SENT)))


def test_no_planted_value_is_where_it_must_not_be(ran, broker):
    topics, found = ran
    assert found["support"]
    for name in ("support", "open"):
        shown = b"\n".join(b"%r %r %r" % (m.key, m.value, str(m.headers).encode()) for m in found[name])
        on_disk = b"".join(p.read_bytes() for p in broker.folder.rglob(f"{topics.segments[name]}-*/*.log"))
        assert bool(on_disk) == bool(found[name])
        assert not [value for value in PLANTED if value in shown + on_disk]
    audit = json.dumps(found["audit"]).encode()
    assert not [value for value in PLANTED if value in audit]


@pytest.mark.parametrize("form", ["debezium-json", "upsert-kafka"])
def test_rows_that_change_are_refused_before_anything_starts(broker, key_file, tmp_path, form):
    topics = make_topics(broker)
    columns = "`id` BIGINT, `name` STRING"
    if form == "upsert-kafka":
        given = {"connector": form, "topic": topics.source, "key.format": "raw", "value.format": "json"}
        client = broker.client(access.JOB).flink()
        made = f"CREATE TABLE orders ({columns}, PRIMARY KEY (id) NOT ENFORCED) {options({**given, **client})};\n"
    else:
        made = source(broker, topics.source, columns, {"format": form})
    tables = (
        "SET 'execution.checkpointing.interval' = '1 s';\n"
        + made
        + outputs(broker, topics, columns, {"format": "json"})
    )
    with pytest.raises(SqlErrors) as caught:
        run_job(tmp_path, key_file, tables)
    assert caught.value.errors == (
        f"{tmp_path}/tables.sql:2 table orders updates and deletes rows, and a record must be one row that stays; "
        "read change events as documents: 'format' = 'raw', SET 'weir.envelope' = 'debezium'",
    )
    assert not consume(broker.admin, topics.audit)
