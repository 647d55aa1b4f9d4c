"""One real broker and one real registry for all Kafka tests of a test process. They start when the first test asks."""

from collections.abc import Iterator

import pytest

from examples.kafka.servers.broker import Broker
from examples.kafka.servers.registry import Registry
from tests.kafka.topics import USERS


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
