"""The servers keep what they promise: TLS, passwords, rights, data that survive a kill; and schemas."""

import base64
import json
import socket
import ssl
import urllib.request
from dataclasses import replace

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from examples.kafka.servers.broker import cluster_id
from tests.kafka.topics import Message, consume, make_topics, produce, values


def test_what_is_sent_is_read_with_key_headers_and_null(broker):
    topics = make_topics(broker)
    sent = [
        Message(b'{"a":1}', b"k1", {"producer": b"shop"}),
        Message(None, b"k1"),
        Message(b"", None, {"a": b"1", "b": b"2"}),
    ]
    produce(broker.client("producer"), topics.source, sent)
    got = consume(broker.client("weir"), topics.source)
    assert [(m.value, m.key, m.headers) for m in got] == [(m.value, m.key, m.headers) for m in sent]
    assert [m.offset for m in got] == [0, 1, 2]


def test_no_id_of_a_cluster_is_taken_for_an_option():
    made = {cluster_id() for _ in range(2_000)}
    assert len(made) == 2_000
    assert [one for one in made if one.startswith("-")] == []
    assert {len(base64.urlsafe_b64decode(f"{one}==")) for one in made} == {16}


def test_the_broker_speaks_tls_and_nothing_else(broker):
    trust = ssl.create_default_context(cafile=str(broker.ca))
    with (
        socket.create_connection(("127.0.0.1", broker.port), timeout=20) as plain,
        trust.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        assert secured.version() in ("TLSv1.2", "TLSv1.3")
    for protocol in ("SASL_PLAINTEXT", "PLAINTEXT"):
        settings = broker.admin.python() | {"security.protocol": protocol}
        with pytest.raises(KafkaException):
            AdminClient(settings).list_topics(timeout=3)


def test_a_client_that_does_not_know_the_authority_does_not_connect(broker):
    with socket.create_connection(("127.0.0.1", broker.port), timeout=20) as plain, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


def test_the_controller_lets_nobody_in_without_the_brokers_certificate(broker):
    trust = ssl.create_default_context(cafile=str(broker.ca))
    with (
        socket.create_connection(("127.0.0.1", broker.control_port), timeout=20) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
        trust.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        secured.sendall(b"\0\0\0\1\0")
        if secured.recv(1) == b"":  # in TLS 1.3 the refusal comes after the handshake
            raise ConnectionError("closed")


def test_a_wrong_password_is_refused(broker):
    wrong = replace(broker.client("weir"), password="guessed")
    with pytest.raises(KafkaException):
        AdminClient(wrong.python()).list_topics(timeout=3)
    assert AdminClient(broker.client("weir").python()).list_topics(timeout=20).brokers


def test_a_segments_user_reads_its_own_topic_and_no_other(broker):
    topics = make_topics(broker)
    support = broker.client("support")
    for segment, topic in topics.segments.items():
        produce(broker.client("weir"), topic, [Message(segment.encode())])
    assert values(consume(support, topics.segments["support"])) == [b"support"]
    for topic in (topics.segments["vault"], topics.source, topics.audit, topics.quarantine):
        with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
            consume(support, topic)
    with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
        produce(support, topics.segments["support"], [Message(b"forged")])


def test_the_producer_reads_nothing(broker):
    topics = make_topics(broker)
    produce(broker.client("producer"), topics.source, [Message(b"1")])
    with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
        consume(broker.client("producer"), topics.source)


def test_passwords_lie_in_a_file_of_the_owner_alone(broker):
    assert broker.passwords.stat().st_mode & 0o777 == 0o600
    assert broker.folder.stat().st_mode & 0o777 == 0o700
    known = json.loads(broker.passwords.read_text())
    assert len(set(known.values())) == len(known)
    assert all(password not in repr(broker.client(user)) for user, password in known.items())
    log = (broker.folder / "broker.log").read_text()
    assert not [user for user, password in known.items() if password in log]


def test_a_broker_that_was_killed_comes_back_with_its_data(broker):
    topics = make_topics(broker)
    produce(broker.client("producer"), topics.source, [Message(b"before", b"k")])
    port, pid = broker.port, broker.pid
    broker.kill()
    assert broker.pid is None
    broker.start()
    assert broker.port == port
    assert broker.pid not in (None, pid)
    produce(broker.client("producer"), topics.source, [Message(b"after", b"k")])
    assert values(consume(broker.client("weir"), topics.source)) == [b"before", b"after"]
    with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
        consume(broker.client("support"), topics.source)


def test_the_registry_takes_and_gives_a_schema(registry):
    schema = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}]}
    request = urllib.request.Request(
        f"{registry.url}/subjects/orders-value/versions",
        data=json.dumps({"schema": json.dumps(schema)}).encode(),
        headers={"Content-Type": "application/vnd.schemaregistry.v1+json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        number = json.load(answer)["id"]
    with urllib.request.urlopen(f"{registry.url}/schemas/ids/{number}", timeout=60) as answer:
        assert json.loads(json.load(answer)["schema"]) == schema
