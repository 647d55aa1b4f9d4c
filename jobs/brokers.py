"""What brokers say of a job's Kafka tables, asked with the tables' own properties.

The questions go through the Kafka client in Flink's own connector, so that its certificates and passwords are proved
too. Where the connector is not on the client's class path, nothing is asked.
"""

import re
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jobs.columns import Table
from jobs.failure import causes, simple
from jobs.outputs import EXACTLY_ONCE
from policy.errors import did_you_mean

SECONDS, LONGER = 10, 30
"""How long a host may take for a connection, and a broker for each answer. On a busy machine its first one took over
10 s."""

FLINKS_TIMEOUT = 3_600_000
"""Flink's own `transaction.timeout.ms` for exactly-once sinks: an hour (KafkaSinkBuilder)."""

OFF = "if the cluster reaches it and this machine does not: SET 'weir.preflight' = 'off'"

_MARK = "properties."

_ABSENT = ("UnknownTopicOrPartitionException", "TransactionalIdNotFoundException", "GroupIdNotFoundException")
_FORBIDDEN = (
    *("TopicAuthorizationException", "TransactionalIdAuthorizationException", "GroupAuthorizationException"),
    "ClusterAuthorizationException",
)

_OF_PROPERTIES = {
    "LoginException": "sasl.jaas.config names a login module that is not there; in Flink's SQL connector "
    "names of Kafka's classes begin with org.apache.flink.kafka.shaded.",
    "IllegalArgumentException": "sasl.jaas.config cannot be read; it must be "
    'CLASS required NAME="VALUE" ... and end in a semicolon',
    "NoSuchFileException": "a file of the ssl.* properties is not there; it is read on this machine too",
    "AccessDeniedException": "a file of the ssl.* properties cannot be read",
    "SslAuthenticationException": "TLS failed; compare ssl.truststore.* with the broker's certificate",
    "SaslAuthenticationException": "the broker refused user or password; check sasl.jaas.config",
    "UnsupportedSaslMechanismException": "the broker does not take this sasl.mechanism",
}  # fmt: skip
"""What keeps a client from connecting. Java's own messages are not repeated: those on properties quote their values."""

_CONFIGURATION = re.compile(r" for configuration ([\w.]+)")


@dataclass(frozen=True)
class Use:
    """What a job does with a Kafka table.

    Attributes:
        may: the operation on its topics that the user must be allowed, `READ` or `WRITE`.
        options: those of the table. Some are secrets.
    """

    table: Table
    may: str
    options: Mapping[str, str] = field(repr=False)

    @property
    def properties(self) -> dict[str, str]:
        """Those of the table's Kafka client. Some are secrets."""
        return {k.removeprefix(_MARK): v for k, v in self.options.items() if k.startswith(_MARK)}

    @property
    def registries(self) -> Iterator[str]:
        """The addresses of schema registries, as the table has them: user and password may be in them."""
        for name, value in self.options.items():
            if name.endswith("avro-confluent.url"):
                yield from value.split(",")

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that the table names."""
        return tuple(topic.strip() for topic in self.table.options.get("topic", "").split(";") if topic.strip())

    @property
    def group(self) -> str:
        """The group whose offsets a source commits, or nothing."""
        return self.properties.get("group.id", "") if self.may == "READ" else ""

    @property
    def transaction(self) -> str:
        """A name of a transaction as Flink makes them for this table, or nothing."""
        prefix = self.table.options.get("sink.transactional-id-prefix", "")
        once = self.table.options.get("sink.delivery-guarantee") == EXACTLY_ONCE
        return f"{prefix}-0-1" if self.may == "WRITE" and prefix and once else ""

    @property
    def time(self) -> int:
        """How long a transaction may stay open, in ms; 0, which is too short, where the property is no number."""
        given = self.properties.get("transaction.timeout.ms", str(FLINKS_TIMEOUT)).strip()
        return int(given) if given.isdecimal() else 0


class Unreachable(Exception):
    """No server takes a connection. The message says why, as the operating system does."""


class Refused(Exception):
    """A broker, or its client, said no. `kind` is the simple name of Java's exception."""

    def __init__(self, error: Exception) -> None:
        self.causes = causes(error)
        self.kind = next((simple(name) for name, _ in self.causes if simple(name) != "ExecutionException"), "")
        super().__init__(self.kind)


@contextmanager
def classes(t_env: Any) -> Iterator[Any]:
    """Java's packages as the session's connectors see them; None where they are not on the path of this process."""
    from py4j.java_gateway import JavaClass
    from pyflink.java_gateway import get_gateway

    jvm = get_gateway().jvm
    thread = jvm.java.lang.Thread.currentThread()
    before = thread.getContextClassLoader()
    thread.setContextClassLoader(t_env._j_tenv.getPlanner().getFlinkContext().getClassLoader())
    try:
        yield jvm if isinstance(_kafka(jvm).clients.admin.AdminClient, JavaClass) else None
    finally:
        thread.setContextClassLoader(before)


def _kafka(jvm: Any) -> Any:
    return jvm.org.apache.flink.kafka.shaded.org.apache.kafka


def asked(jvm: Any, properties: Mapping[str, str], uses: Sequence[Use]) -> list[tuple[int, str]]:
    """What is wrong with the tables that share a client."""
    client = None
    try:
        _reach(properties.get("bootstrap.servers", ""))
        client = _client(jvm, properties)
        node = _answer(jvm, client.describeCluster().nodes()).iterator().next().idString()
        broker = _Broker(jvm, client)
        limit = broker.limit(node)
        return [
            (use.table.line, f"table {use.table.name} {what}") for use in uses for what in _wrong(broker, use, limit)
        ]
    except (Refused, Unreachable) as error:
        names = ", ".join(use.table.name for use in uses)
        where = properties.get("bootstrap.servers", "properties.bootstrap.servers, which is not set,")
        what = f"the broker at {where} must answer; {_no_connection(error) if isinstance(error, Refused) else error}"
        return [(uses[0].table.line, f"table{'s' if len(uses) > 1 else ''} {names}: {what}; {OFF}")]
    finally:
        if client is not None:
            client.close(jvm.java.time.Duration.ofSeconds(1))


def silent(place: tuple[str, int]) -> str:
    """Why a host and port take no connection; nothing, if they do."""
    try:
        socket.create_connection(place, timeout=SECONDS).close()
    except socket.gaierror:
        return "no host has this name"
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _reach(servers: str) -> None:
    """Raise `Unreachable` if no server takes a connection. What cannot be read is left to Kafka's client."""
    places = [(host.strip("[]"), port) for host, _, port in (s.strip().rpartition(":") for s in servers.split(","))]
    if not places or not all(host and port.isdigit() and int(port) < 1 << 16 for host, port in places):
        return
    reasons = [silent((host, int(port))) for host, port in places]
    if all(reasons):
        raise Unreachable("; ".join(dict.fromkeys(reasons)))


def _client(jvm: Any, properties: Mapping[str, str]) -> Any:
    given = jvm.java.util.HashMap()
    patience = {"default.api.timeout.ms": str(LONGER * 1000), "request.timeout.ms": str(LONGER * 1000)}
    for name, value in {**properties, **patience}.items():
        given.put(name, value)
    try:
        return _kafka(jvm).clients.admin.AdminClient.create(given)
    except Exception as error:
        raise Refused(error) from None


def _answer(jvm: Any, future: Any) -> Any:
    try:
        return future.get(LONGER * 2, jvm.java.util.concurrent.TimeUnit.SECONDS)
    except Exception as error:
        raise Refused(error) from None


def _no_connection(refused: Refused) -> str:
    for name, message in refused.causes:
        known = _OF_PROPERTIES.get(simple(name))
        if known is not None:
            return known
        if simple(name) == "ConfigException":
            wrong = _CONFIGURATION.search(message)
            return f"properties.{wrong[1]} has a value that it cannot have" if wrong else "no host has this name"
    if refused.kind == "TimeoutException":
        return f"it did not within {LONGER} s; check address and security.protocol"
    return f"its client failed ({refused.kind})"


class _Broker:
    """What a broker says to one user."""

    def __init__(self, jvm: Any, client: Any) -> None:
        self._jvm, self._client = jvm, client
        self._admin = _kafka(jvm).clients.admin

    def limit(self, node: str) -> int | None:
        """The longest that a transaction may take, in ms; None if the user may not know."""
        resource = _kafka(self._jvm).common.config.ConfigResource
        asked = resource(resource.Type.BROKER, node)
        try:
            said = _answer(self._jvm, self._client.describeConfigs(self._list(asked)).all()).get(asked)
        except Refused as refused:
            if refused.kind in _FORBIDDEN:
                return None
            raise
        entry = said.get("transaction.max.timeout.ms")
        return int(entry.value()) if entry is not None else None

    def topic(self, name: str) -> frozenset[str]:
        """What the user may do with a topic."""
        options = self._admin.DescribeTopicsOptions().includeAuthorizedOperations(True)
        futures = self._client.describeTopics(self._list(name), options).topicNameValues()
        return _operations(_answer(self._jvm, futures.get(name)))

    def topics(self) -> list[str]:
        """Every topic that the user may know of."""
        return [str(name) for name in _answer(self._jvm, self._client.listTopics().names())]

    def group(self, name: str) -> frozenset[str]:
        """What the user may do with a consumer group."""
        options = self._admin.DescribeConsumerGroupsOptions().includeAuthorizedOperations(True)
        futures = self._client.describeConsumerGroups(self._list(name), options).describedGroups()
        return _operations(_answer(self._jvm, futures.get(name)))

    def transaction(self, name: str) -> None:
        """Ask for a transaction."""
        _answer(self._jvm, self._client.describeTransactions(self._list(name)).description(name))

    def _list(self, *items: Any) -> Any:
        made = self._jvm.java.util.ArrayList()
        for item in items:
            made.add(item)
        return made


def _operations(description: Any) -> frozenset[str]:
    """The operations in an answer; one that has none, of an old broker, forbids nothing."""
    said = description.authorizedOperations()
    return frozenset(("READ", "WRITE") if said is None else (str(operation) for operation in said))


def _wrong(broker: _Broker, use: Use, limit: int | None) -> Iterator[str]:
    for topic in use.topics:
        yield from _topic(broker, use, topic)
    if use.group and not _allowed(lambda: broker.group(use.group), "READ"):
        yield f"must have a 'properties.group.id' that its user may read; got {use.group}; give the right READ on it"
    if use.transaction and not _allowed(lambda: broker.transaction(use.transaction)):
        prefix = use.table.options["sink.transactional-id-prefix"]
        what = "must have a 'sink.transactional-id-prefix' that its user may write"
        yield f"{what}; got {prefix}; give the right WRITE on transactional ids that begin so"
    if use.transaction and limit is not None and use.time > limit:
        what = f"must have a 'properties.transaction.timeout.ms' of at most {limit}"
        yield f"{what}; got {use.time}; that is the broker's transaction.max.timeout.ms"


def _topic(broker: _Broker, use: Use, topic: str) -> Iterable[str]:
    try:
        may = broker.topic(topic)
    except Refused as refused:
        if refused.kind in _FORBIDDEN:
            yield _right(use, topic)
        elif refused.kind in _ABSENT:
            near = did_you_mean(topic, broker.topics())
            yield f"must have a topic that is there; got {topic}; {near or 'make it first: jobs make no topics'}"
        else:
            raise
        return
    if use.may not in may:
        yield _right(use, topic)


def _right(use: Use, topic: str) -> str:
    return f"must have a topic that its user may {use.may.lower()}; got {topic}; give the right {use.may} on it"


def _allowed(ask: Any, operation: str = "") -> bool:
    try:
        said = ask()
    except Refused as refused:
        if refused.kind in _ABSENT:
            return True
        if refused.kind in _FORBIDDEN:
            return False
        raise
    return not operation or operation in said
