"""Prints an output of `make kafka` as its reader sees it: level, key and value of each message, up to the last.

    python -m examples.kafka.read support

It is read by the user whom it is for, and shows only what is committed.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from examples.kafka.serve import FOLDER
from examples.kafka.servers.client import Client
from examples.kafka.shop import OUTPUTS, reader_of

SECONDS = 30.0
MOST = 500
"""Messages that are taken at once."""


def main(words: list[str] | None = None) -> int:
    """Prints one line for each message. Returns the exit code."""
    options = argparse.ArgumentParser(prog="read", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("output", choices=list(OUTPUTS), help="a segment, the audit or the quarantine")
    options.add_argument("--out", type=Path, default=FOLDER, help="folder of `make kafka`")
    given = options.parse_args(words)
    path = given.out / "clients.json"
    try:
        client = client_of(path, reader_of(given.output))
        for message in committed(client, OUTPUTS[given.output]):
            sys.stdout.buffer.write(line_of(message))
    except FileNotFoundError:
        print(f"{path} must tell where the broker is; it is not there; next: make kafka", file=sys.stderr)
        return 1
    except KafkaException as error:
        print(f"the broker must give {OUTPUTS[given.output]}; {error}; does make kafka run?", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `| head` has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def client_of(path: Path, user: str) -> Client:
    """A user of the broker, from the file that `make kafka` writes.

    Raises:
        FileNotFoundError: it is not there.
    """
    known = json.loads(path.read_text())[user]
    return Client(known["bootstrap"], Path(known["ca"]), known["user"], known["password"])


def committed(client: Client, topic: str) -> Iterator[Message]:
    """Every committed message that is in a topic, each partition in its order.

    Raises:
        confluent_kafka.KafkaException: the user may not, or the broker does not answer.
    """
    settings = {
        "group.id": f"{client.user}-{uuid4().hex[:8]}",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
    }
    consumer = Consumer(client.python() | settings)
    try:
        left = set(consumer.list_topics(topic, timeout=SECONDS).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, number, 0) for number in left])
        while left:
            for message in consumer.consume(MOST, timeout=1.0):
                error = message.error()
                if error is None:
                    yield message
                elif error.name() == "_PARTITION_EOF":
                    left.discard(message.partition())
                elif not error.retriable():
                    raise KafkaException(error)
    finally:
        consumer.close()


def line_of(message: Message) -> bytes:
    """Level, key and value with tabs between them; `-` for what is not there."""
    level = dict(message.headers() or []).get("weir-level")
    return b"\t".join(part if part is not None else b"-" for part in (level, message.key(), message.value())) + b"\n"


if __name__ == "__main__":
    sys.exit(main())
