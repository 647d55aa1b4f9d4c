"""A key table in a file of SQLite: for the jobs of one machine.

The file is made with mode 0600 and refused when others have a permission on it; SQLite gives the files beside it
(-wal, -shm) the same mode. A key that was handed out is on the disk (journal WAL, synchronous FULL), for what is
masked under it must not outlive it.

What is erased leaves no copy in these files: deleted content is overwritten by zeros (secure_delete), and the journal,
which has earlier versions of pages, is then emptied. What the disk itself keeps of blocks that were freed, and what
backups have, is beyond this.

Source: SQLite, "PRAGMA Statements" (secure_delete, wal_checkpoint) and "Write-Ahead Logging".
"""

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from udfs.keys.errors import KeysError, KeysUnavailable
from udfs.keys.table import SCHEMA, Execute, T, about

BUSY_SECONDS = 10.0
"""How long to wait for another process that writes."""

_PAUSE_SECONDS = 0.02

_OLDEST = (3, 35, 0)
"""The version of SQLite from which on statements give rows back (RETURNING)."""


class Sqlite:
    """See `udfs.keys.table.Database`.

    Args:
        path: the file. It is made if it is not there.
        wait: seconds to wait for another process that writes.
    """

    locking = ""  # who writes has the whole file for itself

    def __init__(self, path: str, wait: float = BUSY_SECONDS) -> None:
        self.name = os.path.abspath(path)
        self._wait, self._lock = wait, threading.Lock()
        if sqlite3.sqlite_version_info < _OLDEST:
            raise self._wrong(f"needs SQLite 3.35 or later; got {sqlite3.sqlite_version}", "use a newer Python")
        self._make_private()
        self._connection = self._guarded(self._opened)

    def run(self, work: Callable[[Execute], T], write: bool) -> T:
        """See `udfs.keys.table.Database`."""
        with self._lock:
            return self._guarded(lambda: self._transaction(work, write))

    def shred(self) -> None:
        """Empties the journal. Waits for whoever reads from it or empties it too."""
        until = time.monotonic() + self._wait
        while True:
            with self._lock:
                # (busy, pages in the journal, pages written back). For another who empties it, SQLite does not wait.
                busy = self._guarded(lambda: self._execute("PRAGMA wal_checkpoint(TRUNCATE)", ()))[0][0]
            if not busy:
                return
            if time.monotonic() > until:
                break
            time.sleep(_PAUSE_SECONDS)
        problem = "keys are erased, but copies stay in its journal while another process uses it"
        raise KeysUnavailable(about(self.name, problem, "erase again"))

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def _make_private(self) -> None:
        try:
            os.close(os.open(self.name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            return
        except FileExistsError:
            pass
        except OSError as error:
            problem = f"cannot be created ({error.strerror})"
            raise self._wrong(problem, "name a file in a folder you can write to") from None
        try:
            status = Path(self.name).stat()
        except OSError as error:  # a link to nowhere is one
            raise self._wrong(f"cannot be read ({error.strerror})", "name another file") from None
        if not stat.S_ISREG(status.st_mode):
            raise self._wrong("is not a regular file", "name another one")
        mode = stat.S_IMODE(status.st_mode)
        if mode & 0o077:
            problem = f"must be for its owner alone (mode 0600 or stricter); got {mode:04o}"
            raise self._wrong(problem, f"run: chmod 600 {self.name}")

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.name, timeout=self._wait, isolation_level=None, check_same_thread=False)
        for setting in ("secure_delete = ON", "synchronous = FULL", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {setting}")
        _use_wal(connection, time.monotonic() + self._wait)
        for statement in SCHEMA.values():
            connection.execute(statement)
        return connection

    def _transaction(self, work: Callable[[Execute], T], write: bool) -> T:
        self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            result = work(self._execute)
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.rollback()
            raise
        return result

    def _execute(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()

    def _guarded(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except sqlite3.OperationalError as error:
            failure: KeysError = KeysUnavailable(
                about(self.name, f"cannot be used now ({error})", "see who else uses it")
            )
        except sqlite3.Error as error:
            failure = self._wrong(f"cannot be used ({error})", "restore it from a backup, or name another file")
        raise failure

    def _wrong(self, problem: str, step: str) -> KeysError:
        return KeysError(about(self.name, problem, step))


def _use_wal(connection: sqlite3.Connection, until: float) -> None:
    # Of processes that make the same file, all but one are told at once that it is locked, without the wait.
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
        time.sleep(_PAUSE_SECONDS)
