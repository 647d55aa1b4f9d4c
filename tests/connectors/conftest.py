"""Servers of other systems for jobs to read from and write to. They listen on this machine and end with the tests."""

from collections.abc import Iterator

import pytest

from jobs.layout import free_port
from tests import aws
from tests.udfs.keys.postgres import Server, serve


@pytest.fixture(scope="session")
def database() -> Iterator[Server]:
    """A PostgreSQL server with a port, as Java's clients need it."""
    yield from serve(free_port())


@pytest.fixture(scope="session")
def store() -> Iterator[str]:
    """The address of an emulation of S3 (moto)."""
    yield from aws.serve()
