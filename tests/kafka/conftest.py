"""One real broker and one real registry for all Kafka tests of a test process. They start when the first test asks."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.kafka.servers.broker import Broker
from examples.kafka.servers.registry import Registry
from tests.kafka.topics import USERS


@pytest.fixture(scope="session", autouse=True)
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Flink logs; set before the first environment starts Java."""
    folder = os.environ.setdefault("FLINK_LOG_DIR", str(tmp_path_factory.mktemp("flink-log")))
    return Path(folder)


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from udfs.keys import Keyring, new_root, write_keyring

    path = tmp_path_factory.mktemp("key") / "root.key"
    write_keyring(path, Keyring.of(new_root()))
    return path


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A running broker with the users of `USERS`. A test that kills it starts it again."""
    running = Broker(tmp_path_factory.mktemp("kafka") / "broker", USERS)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A running schema registry."""
    running = Registry(tmp_path_factory.mktemp("registry") / "registry")
    try:
        running.start()
        yield running
    finally:
        running.stop()
