"""Segments as tables of newest rows (`upsert-kafka`): each record is a message under its masked key, in order."""

import json
from pathlib import Path

import pytest

from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from jobs.statements import SqlErrors
from tests.flink.runs import POLICY
from tests.kafka.jobs import METADATA, SETTINGS, events_of, options, outputs, run_job, source
from tests.kafka.topics import Message, Topics, consume, make_topics, produce

COLUMNS = "mail STRING, name STRING, n BIGINT"
ANN, BOB = "ann.lee@example.com", "bob@example.org"
SENT = [(ANN, 1), (BOB, 2), (ANN, 3), (BOB, 4), (ANN, 5)]


def _tables(broker: Broker, topics: Topics) -> str:
    """`support` has the newest row of each mail; the others have every row."""
    given = {
        "connector": "upsert-kafka", "topic": topics.segments["support"], "key.format": "json", "value.format": "json",
        "sink.delivery-guarantee": "exactly-once", "sink.transactional-id-prefix": "weir-upsert",
        "properties.transaction.timeout.ms": "600000", **broker.client(access.JOB).flink(),
    }  # fmt: skip
    made = f"CREATE TABLE support ({COLUMNS}, PRIMARY KEY (mail) NOT ENFORCED) {options(given)};\n"
    others = [
        statement
        for statement in outputs(broker, topics, COLUMNS, {"format": "json"}).splitlines(keepends=True)
        if not statement.startswith("CREATE TABLE `support`")
    ]
    return (
        SETTINGS + source(broker, topics.source, f"{COLUMNS}, {METADATA}", {"format": "json"}) + made + "".join(others)
    )


@pytest.mark.long  # half a minute, and no code of Weir's of its own
def test_the_newest_row_of_a_masked_key_is_the_last(broker: Broker, key_file: Path, tmp_path: Path) -> None:
    topics = make_topics(broker)
    records = [{"mail": mail, "name": "Ann Lee", "n": n} for mail, n in SENT]
    produce(broker.client("producer"), topics.source, [Message(json.dumps(record).encode()) for record in records])
    run_job(tmp_path, key_file, _tables(broker, topics))
    messages = consume(broker.client("support"), topics.segments["support"])
    keys = [json.loads(m.key)["mail"] for m in messages if m.key]
    rows = [json.loads(m.value) for m in messages if m.value]
    assert [row["n"] for row in rows] == [1, 2, 3, 4, 5]
    assert keys == [row["mail"] for row in rows]
    assert keys[0] == keys[2] == keys[4] != keys[1] == keys[3]
    assert {row["name"] for row in rows} == {""}
    shown = b"".join(p.read_bytes() for p in broker.folder.rglob(f"{topics.segments['support']}-*/*.log"))
    assert shown and not [value for value in (ANN, BOB, "Ann Lee") if value.encode() in shown]
    assert [json.loads(m.value or b"")["mail"] for m in consume(broker.client("vault"), topics.segments["vault"])] == [
        mail for mail, _ in SENT
    ]
    assert [event["coordinates"]["offset"] for event in events_of(broker, topics)] == [0, 1, 2, 3, 4]


def test_a_mask_that_makes_all_keys_alike_is_refused(broker: Broker, key_file: Path, tmp_path: Path) -> None:
    topics = make_topics(broker)
    policy = POLICY.replace("  name: PERSON\n", "  name: PERSON\n  mail: PERSON\n")
    with pytest.raises(SqlErrors) as caught:
        run_job(tmp_path, key_file, _tables(broker, topics), policy)
    assert [error for error in caught.value.errors if "PRIMARY KEY" in error]
    assert not consume(broker.admin, topics.audit)
