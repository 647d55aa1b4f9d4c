"""A key table in PostgreSQL: for jobs on any number of machines. Needs `pip install 'weir-flink[postgres]'`.

The address is one of libpq, which also takes its parameters from PGHOST, PGPASSFILE, PGPASSWORD and so on. To another
machine the connection is encrypted, unless the address or PGSSLMODE says otherwise; say `sslmode=verify-full` there to
have the server's certificate checked.

The user needs SELECT, INSERT and UPDATE on the three tables, and CREATE on the schema only while they are not there.

What is erased is gone from the table at once. PostgreSQL keeps earlier versions of rows in its files until
`VACUUM FULL weir_subject_key`, and in its write-ahead log, replicas and backups until these are dropped: whoever has
one of these and the root key still has the key.

Source: PostgreSQL documentation, "libpq: Connection Strings" and "Parameter Key Words"; "Appendix A: Error Codes".
"""

import importlib
import ipaddress
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from udfs.keys.errors import KeysError, KeysUnavailable
from udfs.keys.table import SCHEMA, Execute, T, about

_DEFAULTS = {
    # A server that is gone is noticed within about 20 s, and not after hours.
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "2",
    "tcp_user_timeout": "20000",
    "application_name": "weir",
}

_STATEMENT_SECONDS = 60
_ATTEMPTS = 4
_PAUSE_SECONDS = 0.1

_UNDONE = ("40001", "40P01")
"""Serialisation failure and deadlock: the server undid all of it and says to try again."""

_MADE_MEANWHILE = ("23505", "42P07", "42710")
"""What CREATE TABLE IF NOT EXISTS fails with when another process makes the same table at that moment."""


class Postgres:
    """See `udfs.keys.table.Database`.

    Args:
        url: the address.
    """

    locking = " FOR UPDATE"

    def __init__(self, url: str) -> None:
        self._psycopg = _library()
        self._parameters = _parameters(self._psycopg, url)
        self.name = _shown(self._parameters)
        self._lock = threading.Lock()
        self._connection: Any = None
        self._make_tables()

    def run(self, work: Callable[[Execute], T], write: bool) -> T:
        """See `udfs.keys.table.Database`. A connection that was lost is made anew, and what reads is tried again; what
        writes is not, as nobody knows then whether it happened."""
        with self._lock:
            for _ in range(_ATTEMPTS):
                had_connection = self._connection is not None
                try:
                    return self._transaction(work, write)
                except self._psycopg.Error as error:
                    state = error.sqlstate
                lost = self._forget_if_lost()
                if not (state in _UNDONE or (lost and had_connection and not write)):
                    break
                time.sleep(random.uniform(0, _PAUSE_SECONDS))  # for two not to meet again
        raise self._unavailable(state)

    def shred(self) -> None:
        """Nothing: what the server keeps, only its own administration can drop."""

    def close(self) -> None:
        """Closes the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _transaction(self, work: Callable[[Execute], T], write: bool) -> T:
        self._forget_if_lost()
        if self._connection is None:
            self._connection = self._connected()
        if not write:
            return work(self._execute)
        with self._connection.transaction():
            return work(self._execute)

    def _connected(self) -> Any:
        # Statements are not prepared on the server: poolers that change servers between transactions lose those.
        # A raw cursor sends statements as they are: to look for placeholders took half the time of a large one.
        settings = {"autocommit": True, "prepare_threshold": None, "cursor_factory": self._psycopg.RawCursor}
        connection = self._psycopg.connect(**self._parameters, **settings)
        connection.execute(f"SET statement_timeout = '{_STATEMENT_SECONDS}s'")
        return connection

    def _execute(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(_numbered(statement), values, binary=True)
        return cursor.fetchall() if cursor.description else []

    def _forget_if_lost(self) -> bool:
        if self._connection is None or self._connection.closed:
            self._connection = None
            return True
        return False

    def _make_tables(self) -> None:
        # Whoever may not make tables can use those that are there.
        found = self.run(lambda execute: [execute("SELECT to_regclass(?)", (name,))[0][0] for name in SCHEMA], False)
        for statement, there in zip(SCHEMA.values(), found, strict=True):
            if there is None:
                self._make(statement)

    def _make(self, statement: str) -> None:
        with self._lock:
            try:
                self._transaction(lambda execute: execute(statement, ()), write=True)
                return
            except self._psycopg.Error as error:
                state = error.sqlstate
        if state not in _MADE_MEANWHILE:
            raise self._unavailable(state)

    def _unavailable(self, state: str | None) -> KeysUnavailable:
        # The server's own words may hold anything that it was sent.
        problem = f"refuses (SQLSTATE {state})" if state else "cannot be reached, or refuses the user or the password"
        step = "see that the server runs, and the address, user, password (PGPASSFILE) and permissions"
        return KeysUnavailable(about(self.name, problem, step))


def _numbered(statement: str) -> str:
    """The statement with the question marks as PostgreSQL writes them.

    >>> _numbered("SELECT ? + ?")
    'SELECT $1 + $2'
    """
    first, *others = statement.split("?")
    return first + "".join([f"${number}{text}" for number, text in enumerate(others, 1)])


def _library() -> Any:
    try:
        return importlib.import_module("psycopg")
    except ImportError:
        pass
    problem = "a key table in PostgreSQL needs the library 'psycopg'"
    raise KeysError(f"{problem}; run: pip install 'weir-flink[postgres]'")


def _parameters(psycopg: Any, url: str) -> dict[str, Any]:
    try:
        given = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        given = None
    if given is None:  # it is not repeated: it may hold a password
        raise KeysError("the address of a key table is not one of PostgreSQL; write postgresql://USER@HOST/DATABASE")
    missing = {key: value for key, value in _DEFAULTS.items() if key not in given}
    if _needs_encryption(given):
        missing["sslmode"] = "require"
    return given | missing


def _needs_encryption(given: dict[str, Any]) -> bool:
    """True for another machine, when nothing says how to connect to it."""
    said = "sslmode" in given or "service" in given or {"PGSSLMODE", "PGSERVICE"} & os.environ.keys()
    hosts = str(given.get("host") or given.get("hostaddr") or os.environ.get("PGHOST", "")).split(",")
    return not said and not all(map(_is_here, hosts))


def _is_here(host: str) -> bool:
    if host in ("", "localhost") or host.startswith(("/", "@")):  # the latter are sockets of this machine
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(parameters: dict[str, Any]) -> str:
    port = f":{parameters['port']}" if "port" in parameters else ""
    return f"postgresql://{parameters.get('host', '')}{port}/{parameters.get('dbname', '')}"
