"""A Kafka broker with every door locked: TLS, passwords, and rights that are refused unless they were given.

One process is broker and controller at once. Clients come in over TLS with a user and a password (SCRAM). The
controller's door is for the broker alone: it asks for the certificate whose key only the broker has.
"""

import json
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from examples.kafka.servers import certificates
from examples.kafka.servers.client import LOGIN, MECHANISM, Client
from examples.kafka.servers.process import JavaServer, ServerError, free_ports, jars, write_secret
from jobs.local import find_java

ADMIN = "admin"
"""The user who may do everything."""

ITERATIONS = 8192
"""Of the passwords' hash; Kafka's own tool takes no more than 16384."""

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{control}
listeners=CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{control}
advertised.listeners=CLIENTS://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENTS
listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:SSL
log.dirs={data}

# The certificates. At the controller's door one must be shown.
ssl.keystore.type=PEM
ssl.keystore.location={broker}
ssl.truststore.type=PEM
ssl.truststore.location={ca}
listener.name.controller.ssl.client.auth=required

# Users. The broker itself is the administrator towards itself.
sasl.enabled.mechanisms={mechanism}
sasl.mechanism.inter.broker.protocol={mechanism}
listener.name.clients.{mechanism_name}.sasl.jaas.config={login} required username="{admin}" password="{password}";

# Rights: none, unless given.
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{admin};User:CN={common}
auto.create.topics.enable=false

# One broker holds the only copy of everything.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# One that was killed may come back only when its old session is over: 9 seconds if nothing is said.
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
"""


def cluster_id() -> str:
    """A new id for a cluster, as Kafka writes its ids: 16 bytes in 22 letters, digits, `-` and `_`.

    None begins with `-`, which Kafka's tool takes for an option: one of 64 brokers could not be made. Its own random
    ids are chosen so too (`org.apache.kafka.common.Uuid.randomUuid`).

    >>> len(cluster_id())
    22
    """
    while (made := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return made


class Broker:
    """A broker of its own data, ports, certificates and users.

    Args:
        folder: for all of it; what was in it is removed.
        users: who may log in, beside the administrator. Their rights are given later, with `access.give`.

    Raises:
        ServerError: the jars are not there, or the folder could not be made ready.
    """

    def __init__(self, folder: Path, users: Sequence[str]) -> None:
        self.folder = folder.resolve()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)  # its data is everybody's data in the clear
        self.port, self.control_port = free_ports(2)
        self._files = certificates.make(self.folder / "tls")
        self._passwords = {user: secrets.token_urlsafe(24) for user in (ADMIN, *users)}
        self.passwords = write_secret(self.folder / "passwords.json", json.dumps(self._passwords, indent=2) + "\n")
        self._settings = write_secret(self.folder / "server.properties", self._properties())
        self._server = JavaServer("the Kafka broker", self.folder / "broker.log")
        self._format()

    @property
    def bootstrap(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self.port}"

    @property
    def ca(self) -> Path:
        """The certificate that clients trust."""
        return self._files.ca

    @property
    def pid(self) -> int | None:
        """The process's number, None if it does not run."""
        return self._server.pid

    def client(self, user: str) -> Client:
        """What a user needs to connect.

        Raises:
            KeyError: there is no such user.
        """
        return Client(self.bootstrap, self.ca, user, self._passwords[user])

    @property
    def admin(self) -> Client:
        """The administrator."""
        return self.client(ADMIN)

    def start(self) -> None:
        """Start it on its port and its data, the first time or again, and wait until it answers.

        Raises:
            ServerError: it does not.
        """
        levels = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"]
        self._server.start([*levels, *self._classes(), "kafka.Kafka", str(self._settings)], self._answers)

    def stop(self) -> None:
        """Stop it in order."""
        self._server.stop()

    def kill(self) -> None:
        """Kill it with SIGKILL. `start` brings it back."""
        self._server.kill()

    def _answers(self) -> bool:
        try:
            return bool(AdminClient(self.admin.python()).list_topics(timeout=2).brokers)
        except KafkaException:
            return False

    def _properties(self) -> str:
        return PROPERTIES.format(
            port=self.port, control=self.control_port, data=self.folder / "data", broker=self._files.broker,
            ca=self._files.ca, mechanism=MECHANISM, mechanism_name=MECHANISM.lower(), login=LOGIN, admin=ADMIN,
            password=self._passwords[ADMIN], common=certificates.BROKER,
        )  # fmt: skip

    def _classes(self) -> list[str]:
        return ["-cp", f"{jars('kafka')}/*"]

    def _format(self) -> None:
        """Make the folder of the data, with the users in it.

        The command line goes to Java in a file: the list of processes, which everybody can read, has no passwords.
        """
        words = [*self._classes(), "kafka.tools.StorageTool", "format", "--config", str(self._settings)]
        words += ["--cluster-id", cluster_id()]
        for user, password in self._passwords.items():
            words += ["--add-scram", f"{MECHANISM}=[name={user},password={password},iterations={ITERATIONS}]"]
        secret = write_secret(self.folder / "format.args", "".join(f'"{word}"\n' for word in words))
        with (self.folder / "broker.log").open("ab") as log:
            command = [str(find_java() / "bin" / "java"), f"@{secret}"]
            # What it prints has the passwords' hashes.
            done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=log, check=False)
        secret.unlink()
        if done.returncode:
            raise ServerError(f"the broker's folder must be formatted; it was not; see {self.folder / 'broker.log'}")
