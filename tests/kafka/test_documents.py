"""The segment job on topics of JSON documents: keys, headers, deletions, labels, coordinates, and who sees what."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from examples.kafka.servers.broker import Broker
from tests.flink.runs import POLICY
from tests.kafka.jobs import LABELS, METADATA, SETTINGS, events_of, outputs, run_job, source
from tests.kafka.topics import Message, Topics, consume, make_topics, produce

KEYED = {"key.format": "raw", "key.fields": "k", "value.format": "raw", "value.fields-include": "EXCEPT_KEY"}

KEYS = POLICY.replace("  name: PERSON\n", '  name: PERSON\n  "@key": scan\n  "@header:agent": PERSON\n')
KEYS = KEYS.replace("      EMAIL_ADDRESS: pseudonym\n", "      EMAIL_ADDRESS: pseudonym\n      PERSON: 'null'\n")

ANN, BOB = b"ann.lee@example.com", b"bob@example.org"
ORDER = b'{"name":"Ann Lee","card":"4111111111111111"}'
PLAIN = b'{"note":"two boxes"}'
HEADERS = {"producer": b"shop", "agent": b"Bob Stone", "trace": b"t-17", "other": b"ann.lee@example.com"}

SENT = [
    Message(ORDER, ANN, HEADERS),
    Message(PLAIN, b"order-7", {"producer": b"shop"}),
    Message(b'{"broken', BOB, HEADERS),
    Message(None, ANN, {"producer": b"shop"}),
    Message(None, None),
    Message(ORDER, ANN),
]
PLANTED = [b"ann.lee@example.com", b"Ann Lee", b"Bob Stone", b"4111111111111111", b"zoe.poison@example.com"]

GOOD = b'{"note":"three boxes"}'
POISON: list[tuple[Message, str | None]] = [
    (Message(b'{"note": "\xff\xfe zoe.poison@example.com"}', b"p"), "encoding: not valid UTF-8"),
    (Message(b"[" * 400_000, b"p"), "json: nested deeper than 512 levels"),
    (Message(b"[" * 200_000 + b"]" * 200_000, b"p"), "json: nested deeper than 512 levels"),
    (Message(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"p"), "json: nested deeper than 512 levels"),
    (Message(b"", b"p"), "json: empty record"),
    (Message(b"\0" * 1000, b"p"), "json: not valid JSON"),
    (Message(b'"zoe.poison@example.com', b"p"), "json: not valid JSON"),
    (Message(GOOD, b"k" * 500_000), None),
    (Message(GOOD, b"\xff\xfe"), "encoding: not valid UTF-8"),
    (Message(GOOD, b"p", {"agent": b"\xff\xfe", "producer": b"\xff"}), "encoding: not valid UTF-8"),
    (Message(GOOD, b"p", {"": b"\0", "x" * 10_000: b"y" * 100_000}), None),
    (Message(GOOD, None, {"agent": None, "producer": None}), None),  # type: ignore[dict-item]
    (Message(GOOD, b"p"), None),
]
"""Messages that nobody should have sent, and why each is quarantined, or None where it is as others are."""


@pytest.fixture(scope="module")
def ran(
    broker: Broker, key_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Topics, dict[str, list[Message]], list[dict[str, Any]]]:
    """One run over `SENT`: the topics, each output's messages, and the audit events."""
    topics = make_topics(broker)
    produce(broker.client("producer"), topics.source, [*SENT, *(message for message, _ in POISON)])
    tables = (
        SETTINGS
        + "SET 'weir.document' = 'line';\nSET 'weir.key' = 'k';\nSET 'weir.headers' = 'agent, trace';\n"
        + source(broker, topics.source, f"`k` BYTES, `line` BYTES, {METADATA}", KEYED)
        + outputs(broker, topics, f"`k` BYTES, `doc` BYTES, {LABELS}", KEYED)
    )
    folder = tmp_path_factory.mktemp("documents")
    # The audit and the quarantine have one column and none that is a key.
    run_job(folder, key_file, tables, KEYS)
    messages = {name: consume(broker.client(name), topic) for name, topic in topics.segments.items()}
    messages["quarantine"] = consume(broker.admin, topics.quarantine)
    return topics, messages, events_of(broker, topics)


def test_a_segment_that_may_see_all_gets_the_messages_as_they_came(ran):
    _, messages, _ = ran
    got = messages["vault"][:4]
    assert [(m.key, m.value) for m in got] == [(ANN, ORDER), (b"order-7", PLAIN), (ANN, None), (ANN, ORDER)]


def test_keys_are_masked_as_data_and_alike_each_time(ran):
    _, messages, _ = ran
    first, plain, deleted, again, *_ = messages["support"]
    assert first.key == deleted.key == again.key
    assert first.key not in (ANN, None, b"")
    assert plain.key == b"order-7"
    assert json.loads(first.value) == {"name": None, "card": "xxxxxxxxxxxx1111"}


def test_a_deletion_is_a_record_of_its_key(ran):
    _, messages, events = ran
    assert [m.value for m in messages["vault"]].count(None) == 1
    assert [m.value for m in messages["support"]].count(None) == 1
    # The key is an e-mail address, which the open segment may not see: it denies what is above its clearance.
    assert [(m.key, m.value) for m in messages["open"]][:1] == [(b"order-7", PLAIN)]
    assert ANN not in [m.key for m in messages["open"]]
    assert events[4]["quarantine"] == "record: null"


def test_headers_that_are_named_are_data_and_no_other_is_passed_on(ran):
    _, messages, _ = ran
    vault, support = messages["vault"][0].headers, messages["support"][0].headers
    assert (vault["agent"], vault["trace"]) == (b"Bob Stone", b"t-17")
    assert support == {"trace": b"t-17", "weir-level": b"regulated", "weir-policy": b"shop@3"}
    assert "other" not in vault and "producer" not in vault


def test_labels_say_the_level_and_the_policy(ran):
    _, messages, _ = ran
    assert [m.headers["weir-level"] for m in messages["vault"]][:4] == [
        b"regulated",
        b"public",
        b"confidential",
        b"regulated",
    ]
    assert {m.headers["weir-policy"] for name in ("vault", "support", "open") for m in messages[name]} == {b"shop@3"}


def test_the_audit_has_every_message_with_its_coordinates_producer_and_time(ran):
    topics, _, events = ran
    assert [e["coordinates"] for e in events] == [
        {"topic": topics.source, "partition": 0, "offset": offset} for offset in range(len(SENT) + len(POISON))
    ]
    assert [e["producer"] for e in events[: len(SENT)]] == ["shop", "shop", "shop", "shop", None, None]
    assert all(isinstance(e["time"], int) for e in events)


def test_messages_keep_the_time_of_the_record(ran):
    _, messages, events = ran
    assert messages["vault"][0].timestamp == events[0]["time"]


def test_what_is_quarantined_keeps_its_key_and_headers(ran):
    _, messages, _ = ran
    broken = json.loads(messages["quarantine"][0].value)
    assert base64.b64decode(broken["record"]) == b'{"broken'
    beside = {name: base64.b64decode(value["base64"]) for name, value in json.loads(broken["attributes"]).items()}
    assert beside == {"@key": BOB, "@header:agent": b"Bob Stone", "@header:trace": b"t-17"}


def test_no_planted_value_is_where_it_must_not_be(ran, broker):
    topics, messages, events = ran
    for name in ("support", "open"):
        shown = b"\n".join(b"%r %r %r" % (m.key, m.value, str(m.headers).encode()) for m in messages[name])
        assert not [value for value in PLANTED if value in shown]
        on_disk = b"".join(p.read_bytes() for p in broker.folder.rglob(f"{topics.segments[name]}-*/*.log"))
        assert on_disk
        assert not [value for value in PLANTED if value in on_disk]
    audit = json.dumps(events).encode()
    assert not [value for value in PLANTED if value in audit]


def test_messages_that_nobody_should_have_sent_hold_up_no_other(ran):
    _, messages, events = ran
    reasons = [event["quarantine"] for event in events[len(SENT) :]]
    assert reasons == [reason for _, reason in POISON]
    assert len(messages["quarantine"]) == sum(event["quarantine"] is not None for event in events)
    through = [(message.key, message.value) for message, reason in POISON if reason is None]
    assert [(m.key, m.value) for m in messages["vault"][4:]] == through
