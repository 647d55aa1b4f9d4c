"""What a job on Kafka does where it cannot go on: it stops, says why without a value, and no offset is passed over."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from examples.kafka.servers import certificates
from examples.kafka.servers.broker import Broker
from examples.kafka.servers.client import SHADED
from jobs.failure import JobFailed
from jobs.local import environment
from jobs.preflight import ready
from jobs.segment import load_plan
from jobs.statements import SqlErrors
from jobs.tables import read_tables
from tests.flink.runs import POLICY
from tests.kafka.jobs import CONNECTORS, METADATA, RAW, SETTINGS, outputs, run_job, source
from tests.kafka.topics import SEGMENTS, Message, Topics, consume, make_topics, produce

UNASKED = "SET 'weir.preflight' = 'off';\n"

SECRET = "ann.lee@example.com"


def documents(broker: Broker, topics: Topics) -> str:
    """A tables file for documents from topics to topics."""
    setting = "SET 'weir.document' = 'line';\n"
    return (
        SETTINGS
        + setting
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


def nothing_came_out(broker: Broker, topics: Topics) -> bool:
    """True if no output holds anything."""
    outputs = [consume(broker.admin, topic) for topic in (*topics.segments.values(), topics.audit, topics.quarantine)]
    return not any(outputs)


def altered(tables: str, table: str, *changes: tuple[str, str]) -> str:
    """The tables file with changes in the statement that creates one table."""
    statements = tables.split(";\n")
    begins = (f"CREATE TABLE {table} ", f"CREATE TABLE `{table}` ")
    (place,) = (number for number, text in enumerate(statements) if text.startswith(begins))
    for old, new in changes:
        assert old in statements[place]
        statements[place] = statements[place].replace(old, new)
    return ";\n".join(statements)


def _errors(folder: Path, key_file: Path, tables: str, **more: Any) -> list[str]:
    """What is said before anything starts, each without file and line."""
    with pytest.raises(SqlErrors) as caught:
        run_job(folder, key_file, tables, **more)
    place = re.compile(re.escape(f"{folder / 'tables.sql'}:") + r"\d+ ")
    assert all(place.match(error) for error in caught.value.errors)
    return [place.sub("", error) for error in caught.value.errors]


def test_everything_that_the_broker_says_is_told_at_once(broker, topics, key_file, tmp_path):
    other = make_topics(broker)
    job, chief = (client.flink()["properties.sasl.jaas.config"] for client in (broker.client("weir"), broker.admin))
    tables = documents(broker, topics)
    both = f"'{topics.source};{other.audit}'"
    tables = altered(tables, "orders", (f"'{topics.source}'", both), ("weir-test", "other"))
    tables = altered(tables, "vault", (f"'topic' = '{topics.segments['vault']}'", f"'topic' = '{other.source}'"))
    tables = altered(tables, "support", (f"'weir-{topics.segments['support']}'", "'nobody'"))
    tables = altered(tables, "audit", (job, chief), ("'600000'", "'3600000'"))
    tables = altered(tables, "quarantine", (job, chief), (f"'{topics.quarantine}'", f"'{topics.quarantine}e'"))
    assert _errors(tmp_path, key_file, tables) == [
        f"table orders must have a topic that its user may read; got {other.audit}; give the right READ on it",
        "table orders must have a 'properties.group.id' that its user may read; got other; give the right READ on it",
        f"table vault must have a topic that its user may write; got {other.source}; give the right WRITE on it",
        "table support must have a 'sink.transactional-id-prefix' that its user may write; got nobody; "
        "give the right WRITE on transactional ids that begin so",
        "table audit must have a 'properties.transaction.timeout.ms' of at most 900000; got 3600000; "
        "that is the broker's transaction.max.timeout.ms",
        f"table quarantine must have a topic that is there; got {topics.quarantine}e; "
        f"did you mean '{topics.quarantine}'?",
    ]
    assert nothing_came_out(broker, topics)


ACCESS = [
    ("{password}", "guessed", "the broker refused user or password; check sasl.jaas.config"),
    (f"'{SHADED}", "'", "sasl.jaas.config names a login module that is not there; in Flink's SQL connector "
     f"names of Kafka's classes begin with {SHADED}"),
    ('password="', "password ", "sasl.jaas.config cannot be read; it must be "
     'CLASS required NAME="VALUE" ... and end in a semicolon'),
    ("{ca}", "/nowhere/ca.pem", "a file of the ssl.* properties is not there; it is read on this machine too"),
    ("{ca}", "{foreign}", "TLS failed; compare ssl.truststore.* with the broker's certificate"),
    ("'SASL_SSL'", "'{password}'", "properties.security.protocol has a value that it cannot have"),
    ("'{bootstrap}'", "'nowhere.invalid:9093'", "no host has this name"),
    ("'{bootstrap}'", "'127.0.0.1:1'", "Connection refused"),
]  # fmt: skip
"""What keeps a job from a broker: what stands in a table, what stands there instead, and what is told."""


@pytest.mark.parametrize("broken", [ACCESS[:4], ACCESS[4:]], ids=["password", "TLS and address"])
def test_a_broker_that_does_not_let_it_in(broker, topics, key_file, tmp_path, broken):
    words = {"password": broker.client("weir").password, "ca": str(broker.ca), "bootstrap": broker.bootstrap}
    words["foreign"] = str(certificates.make(tmp_path / "foreign").ca)
    tables = documents(broker, topics)
    for table, (old, new, _) in zip(("orders", "vault", "support", "audit"), broken, strict=True):
        tables = altered(tables, table, (old.format_map(words), new.format_map(words)))
    errors = _errors(tmp_path, key_file, tables)
    way = "if the cluster reaches it and this machine does not: SET 'weir.preflight' = 'off'"
    for table, error, (_, _, expected) in zip(("orders", "vault", "support", "audit"), errors, broken, strict=True):
        assert error.startswith(f"table {table}: the broker at ")
        assert error.endswith(f"must answer; {expected}; {way}")
    assert words["password"] not in str(errors)


@pytest.mark.long
def test_without_being_asked_first_the_broker_refuses_a_wrong_password(broker, topics, key_file, tmp_path):
    password = broker.client("weir").password
    tables = UNASKED + documents(broker, topics).replace(password, "wrong")
    # On a busy machine a client took longer than its minute to be refused, and then said only that it waited.
    patient = "'properties.max.block.ms' = '240000', 'properties.transaction.timeout.ms'"
    tables = tables.replace("'properties.transaction.timeout.ms'", patient)
    message = _refused(tmp_path, key_file, tables)
    assert "SaslAuthenticationException: Authentication failed" in message
    assert nothing_came_out(broker, topics)


def test_a_registry_that_does_not_answer(broker, topics, key_file, tmp_path):
    avro = "'format' = 'avro-confluent', 'avro-confluent.url' = 'http://weir:planted@127.0.0.1:1/api'"
    typed = (
        documents(broker, topics)
        .replace("SET 'weir.document' = 'line';\n", "")
        .replace("`line` BYTES", "`line` STRING")
    )
    errors = _errors(tmp_path, key_file, altered(typed, "orders", ("'format' = 'raw'", avro)))
    assert errors == [
        "table orders: the schema registry at http://127.0.0.1:1 must answer; Connection refused; "
        "if the cluster reaches it and this machine does not: SET 'weir.preflight' = 'off'"
    ]


@pytest.mark.parametrize(("given", "told"), [("30000", "30000"), ("10 min", "0"), ("-1", "0")])
def test_a_transaction_that_could_end_before_its_checkpoint_is_refused(broker, topics, key_file, tmp_path, given, told):
    tables = UNASKED + altered(documents(broker, topics), "audit", ("'600000'", f"'{given}'"))
    assert _errors(tmp_path, key_file, tables) == [
        "table audit must have a 'properties.transaction.timeout.ms' of at least 31000, for checkpoints every 1000 ms; "
        f"got {told}; or SET 'execution.checkpointing.interval'"
    ]


def test_a_batch_has_no_checkpoints_and_is_refused(broker, topics, key_file, tmp_path):
    assert _errors(tmp_path, key_file, UNASKED + documents(broker, topics), mode="bounded") == [
        "exactly-once outputs on Kafka need --mode streaming, which ends with its sources too"
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", "199666 ms"),
        ("SET 'execution.checkpointing.timeout' = '1 min';\n", "1 min"),
        ("SET 'execution.checkpointing.min-pause' = '1 min';\n", "180000 ms"),
        ("SET 'execution.checkpointing.tolerable-failed-checkpoints' = '2';\n", "119400 ms"),
    ],
)
def test_a_checkpoint_may_take_a_third_of_what_transactions_have(broker, topics, tmp_path, given, expected):
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "tables.sql").write_text(UNASKED + given + documents(broker, topics))
    t_env = environment(jars=CONNECTORS)
    roles = read_tables(t_env, tmp_path / "tables.sql", load_plan(tmp_path / "policy.yaml"))
    ready(t_env, "tables.sql", roles, bounded=False)
    assert t_env.get_config().get("execution.checkpointing.timeout", "") == expected


def test_delivery_that_could_be_twice_is_refused_before_anything_starts(broker, topics, key_file, tmp_path):
    tables = documents(broker, topics).replace("'exactly-once'", "'at-least-once'")
    with pytest.raises(SqlErrors) as caught:
        run_job(tmp_path, key_file, tables)
    assert len(caught.value.errors) == len(SEGMENTS) + 2
    assert "must have 'sink.delivery-guarantee' = 'exactly-once'; got at-least-once" in str(caught.value)


def test_transactions_of_one_name_are_refused(broker, topics, key_file, tmp_path):
    one, other = topics.segments["support"], topics.segments["open"]
    tables = documents(broker, topics).replace(f"'weir-{one}'", f"'weir-{other}'")
    with pytest.raises(SqlErrors) as caught:
        run_job(tmp_path, key_file, tables)
    assert "tables support and public have the same 'sink.transactional-id-prefix'" in str(caught.value)


def test_one_topic_for_two_segments_is_refused(broker, topics, key_file, tmp_path):
    one, other = topics.segments["support"], topics.segments["open"]
    tables = documents(broker, topics).replace(f"'topic' = '{one}'", f"'topic' = '{other}'")
    with pytest.raises(SqlErrors) as caught:
        run_job(tmp_path, key_file, tables)
    assert "tables support and public are the same topic" in str(caught.value)


def test_without_checkpoints_it_does_not_start(broker, topics, key_file, tmp_path):
    tables = documents(broker, topics).replace("SET 'execution.checkpointing.interval' = '1 s';", "")
    with pytest.raises(SqlErrors) as caught:
        run_job(tmp_path, key_file, tables)
    assert "checkpoints must be on" in str(caught.value)
