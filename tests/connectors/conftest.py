"""Servers of other systems for jobs to read from and write to. They listen on this machine and end with the tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.layout import free_port
from tests.udfs.keys.postgres import Server, serve
from udfs.keys import Keyring, new_root, write_keyring


@pytest.fixture(scope="session", autouse=True)
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Flink logs; set before the first environment starts Java."""
    folder = os.environ.setdefault("FLINK_LOG_DIR", str(tmp_path_factory.mktemp("flink-log")))
    return Path(folder)


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "root.key"
    write_keyring(path, Keyring.of(new_root()))
    return path


@pytest.fixture(scope="session")
def database() -> Iterator[Server]:
    """A PostgreSQL server with a port, as Java's clients need it."""
    yield from serve(free_port())


@pytest.fixture(scope="session")
def store() -> Iterator[str]:
    """The address of an emulation of S3 (moto)."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
