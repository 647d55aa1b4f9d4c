"""What a client of the broker needs, in the words of each kind of client."""

from dataclasses import dataclass, field
from pathlib import Path

MECHANISM = "SCRAM-SHA-512"
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"
SHADED = "org.apache.flink.kafka.shaded."
"""Flink's SQL connector has Kafka's classes inside it, under other names."""


@dataclass(frozen=True)
class Client:
    """One user of the broker.

    >>> Client("127.0.0.1:9093", Path("ca.pem"), "weir", "secret")
    Client(bootstrap='127.0.0.1:9093', ca=PosixPath('ca.pem'), user='weir')
    """

    bootstrap: str
    ca: Path
    user: str
    password: str = field(repr=False)

    def java(self, login: str = LOGIN) -> dict[str, str]:
        """Properties of a Java client."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": "SASL_SSL",
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca),
            "sasl.mechanism": MECHANISM,
            "sasl.jaas.config": f'{login} required username="{self.user}" password="{self.password}";',
        }

    def flink(self) -> dict[str, str]:
        """Options of a Kafka table in Flink SQL.

        >>> Client("127.0.0.1:9093", Path("ca.pem"), "weir", "secret").flink()["properties.sasl.mechanism"]
        'SCRAM-SHA-512'
        """
        return {f"properties.{name}": value for name, value in self.java(SHADED + LOGIN).items()}

    def sql(self) -> str:
        """The same as text for a WITH clause, separated by commas."""
        return ", ".join(f"'{name}' = '{value}'" for name, value in self.flink().items())

    def python(self) -> dict[str, str | int | float | bool]:
        """Settings of a client of `confluent_kafka`."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(self.ca),
            "sasl.mechanism": MECHANISM,
            "sasl.username": self.user,
            "sasl.password": self.password,
            "log_level": "2",  # the library writes each lost connection to standard error otherwise
        }

    def variables(self) -> dict[str, str]:
        """What `${bootstrap}`, `${ca}`, `${user}` and `${password}` in a tables file stand for."""
        return {"bootstrap": self.bootstrap, "ca": str(self.ca), "user": self.user, "password": self.password}
