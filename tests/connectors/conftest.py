"""Servers of other systems for jobs to read from and write to. They listen on this machine and end with the tests."""

from collections.abc import Iterator

import pytest

from jobs.layout import free_port
from tests.udfs.keys.postgres import Server, serve


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
