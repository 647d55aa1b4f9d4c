"""Key tables for tests: `place` and `table`, in SQLite and in PostgreSQL; and processes that use them at once."""

import json
import secrets
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.udfs.keys.postgres import Server, postgres
from udfs.keys.table import KeyTable, Row, open_table

__all__ = ["AT", "Process", "at_once", "place", "postgres", "row", "rows", "shown", "table"]

AT = 1764000000000
ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path) -> str:
    """Where a key table can be: a new one for each test."""
    if request.param == "sqlite":
        return str(tmp_path / "keys.db")
    server: Server = request.getfixturevalue("postgres")
    return server.url(server.new_schema())


@pytest.fixture
def table(place) -> Iterator[KeyTable]:
    opened = open_table(place)
    yield opened
    opened.close()


def row(reference: bytes | None = None, scope: str = "segment:a", epoch: int = 1, wrapping: int = 1) -> Row:
    return Row(reference or secrets.token_bytes(16), scope, epoch, wrapping, secrets.token_bytes(40), AT)


def rows(count: int) -> list[Row]:
    return [row() for _ in range(count)]


def shown(caught: pytest.ExceptionInfo[BaseException]) -> str:
    """All that a log would show of an error."""
    return "".join(traceback.format_exception(caught.value))


class Process:
    """Python code in a process of its own, that waits for a line before its second part."""

    def __init__(self, place: str, before: str, after: str) -> None:
        code = (
            f"import json, sys\nfrom udfs.keys.table import *\n{before}\nprint('ready', flush=True)\ninput()\n{after}"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, place],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def ready(self) -> "Process":
        assert self.process.stdout.readline() == "ready\n"
        return self

    def go(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def result(self) -> object:
        written, _ = self.process.communicate(timeout=120)
        assert self.process.returncode == 0
        return json.loads(written)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


def at_once(place: str, count: int, before: str, after: str) -> list[object]:
    processes = [Process(place, before.replace("NUMBER", str(number)), after) for number in range(count)]
    for process in processes:
        process.ready()
    for process in processes:
        process.go()
    return [process.result() for process in processes]
