"""The key table: a random data key for each person, scope and epoch, wrapped by the root key; and what grants used up.

A row is named by a reference that says nothing of the person (see `udfs.keys.subjects`). To erase a person is to drop
the wrapped key: what was made under it can then be opened, recomputed or joined by nobody, wherever copies of it are.
The row stays, with the time, and when the person comes back it gets a new key.

The table is kept in SQLite (one machine) or in PostgreSQL (any number); see `udfs.keys._sqlite` and
`udfs.keys._postgres` for what each does to let a key vanish. Both know the same SQL.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple, Protocol, TypeVar

from udfs.keys.errors import KeysError

T = TypeVar("T")
Execute = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]
"""Runs one statement with values for its question marks; its rows."""

SCHEMA = {
    # SQLite keeps bytes as they are in a column of whatever type, so BYTEA does for both.
    "weir_subject_key": """CREATE TABLE IF NOT EXISTS weir_subject_key (
        reference BYTEA PRIMARY KEY, scope TEXT NOT NULL, epoch INTEGER NOT NULL, wrapping INTEGER NOT NULL,
        wrapped BYTEA, created BIGINT NOT NULL, erased BIGINT)""",
    "weir_subject_name": """CREATE TABLE IF NOT EXISTS weir_subject_name (
        scope TEXT NOT NULL, epoch INTEGER NOT NULL, wrapping INTEGER NOT NULL, wrapped BYTEA NOT NULL,
        PRIMARY KEY (scope, epoch))""",
    "weir_grant_use": """CREATE TABLE IF NOT EXISTS weir_grant_use (
        grant_id TEXT PRIMARY KEY, used BIGINT NOT NULL)""",
}
"""Statements that make the tables, by the name of each."""

_CHUNK = 4000
"""Rows in a statement: with 6 values each, below the 32,766 that SQLite takes (PostgreSQL: 65,535)."""

_FIND = """SELECT reference, scope, epoch, wrapping, wrapped, created FROM weir_subject_key
    WHERE wrapped IS NOT NULL AND reference IN ({})"""

# An erased row takes the new key; a row with a key stays, whoever comes second.
_ADD = """INSERT INTO weir_subject_key (reference, scope, epoch, wrapping, wrapped, created) VALUES {}
    ON CONFLICT (reference) DO UPDATE
    SET wrapping = excluded.wrapping, wrapped = excluded.wrapped, created = excluded.created
    WHERE weir_subject_key.wrapped IS NULL"""

# Whoever changes rows locks them first, in the order in which they are added, so that nobody waits in a circle. Without
# it, three processes that added and erased the same 50 rows came to deadlocks that four attempts did not overcome.
_LOCK = "SELECT reference FROM weir_subject_key WHERE reference IN ({}) ORDER BY reference{}"

_ERASE = """UPDATE weir_subject_key SET wrapped = NULL, erased = ?
    WHERE wrapped IS NOT NULL AND reference IN ({}) RETURNING reference"""

_AFTER = """SELECT reference, scope, epoch, wrapping, wrapped, created FROM weir_subject_key
    WHERE wrapped IS NOT NULL AND reference > ? ORDER BY reference LIMIT ?"""

# Only where the key is still the one that was read: it may have been erased since.
_REWRAP = """UPDATE weir_subject_key SET wrapping = v.column3, wrapped = v.column4
    FROM (VALUES {}) AS v WHERE weir_subject_key.reference = v.column1 AND weir_subject_key.wrapped = v.column2
    RETURNING reference"""

_GROUPS = """SELECT DISTINCT scope, epoch, wrapping FROM weir_subject_key WHERE wrapped IS NOT NULL ORDER BY 1, 2, 3"""

_SAMPLE = """SELECT reference, scope, epoch, wrapping, wrapped, created FROM weir_subject_key
    WHERE wrapped IS NOT NULL AND scope = ? AND epoch = ? AND wrapping = ? LIMIT 1"""

_NAME = """INSERT INTO weir_subject_name (scope, epoch, wrapping, wrapped) VALUES (?, ?, ?, ?)
    ON CONFLICT (scope, epoch) DO UPDATE SET wrapping = excluded.wrapping, wrapped = excluded.wrapped"""

_SPEND = """INSERT INTO weir_grant_use (grant_id, used) VALUES (?, ?)
    ON CONFLICT (grant_id) DO UPDATE SET used = weir_grant_use.used + excluded.used
    WHERE weir_grant_use.used + excluded.used <= ? RETURNING used"""


class Row(NamedTuple):
    """A person's key in a scope and epoch.

    Attributes:
        reference: 16 bytes, names the row.
        scope: what the key is for, e.g. `segment:support`.
        epoch: the epoch whose root key the reference comes from.
        wrapping: the epoch whose root key wraps the data key.
        wrapped: the wrapped data key, 40 bytes.
        created: when the data key was made, ms UTC.
    """

    reference: bytes
    scope: str
    epoch: int
    wrapping: int
    wrapped: bytes
    created: int

    def __repr__(self) -> str:
        return f"Row({self.reference.hex()}, {self.scope!r}, epoch={self.epoch}, wrapping={self.wrapping})"


class Name(NamedTuple):
    """The key that makes references in a scope and epoch, kept for when the root key of that epoch is no more.

    Attributes:
        scope, epoch: where the references are.
        wrapping: the epoch whose root key wraps it.
        wrapped: the wrapped key, 40 bytes.
    """

    scope: str
    epoch: int
    wrapping: int
    wrapped: bytes

    def __repr__(self) -> str:
        return f"Name({self.scope!r}, epoch={self.epoch}, wrapping={self.wrapping})"


class Database(Protocol):
    """Where a key table is kept. May be used by several threads.

    Attributes:
        name: for messages; without a password.
        locking: what to add to a query so that it locks its rows, in their order.
    """

    name: str
    locking: str

    def run(self, work: Callable[[Execute], T], write: bool) -> T:
        """The result of some statements, which happen all or not at all.

        Args:
            work: runs them. It may be called again after its statements did not happen.
            write: True if they change something.

        Raises:
            KeysUnavailable: the database cannot be reached, or refuses.
            KeysError: it is no key table.
        """
        ...

    def shred(self) -> None:
        """Remove what is left of values that were overwritten, as far as the database can.

        Raises:
            KeysUnavailable: it cannot at this time.
        """
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class KeyTable:
    """The rows of a key table. Every method raises KeysUnavailable while the database cannot be reached, or refuses.

    Args:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def name(self) -> str:
        """For messages; without a password."""
        return self._database.name

    def find(self, references: Sequence[bytes]) -> dict[bytes, Row]:
        """The rows with these references, by reference; those that are absent or erased are missing."""
        return self._database.run(lambda execute: _found(execute, references), write=False)

    def get_or_add(self, rows: Sequence[Row]) -> dict[bytes, Row]:
        """The rows with the references of these, by reference; absent and erased ones are made as given.

        Two processes that add the same reference at once get the same row.
        """
        # In order of their references: two processes that lock the same rows must not wait for each other.
        ordered = sorted({row.reference: row for row in rows}.values())

        def work(execute: Execute) -> dict[bytes, Row]:
            for part in _chunks(ordered):
                execute(_ADD.format(_rows(part)), [*chain.from_iterable(part)])
            return _found(execute, [row.reference for row in ordered])

        return self._database.run(work, write=True)

    def erase(self, references: Sequence[bytes], at: int) -> list[bytes]:
        """Destroys keys.

        Args:
            references: of which rows; those that are absent or erased already stay as they are.
            at: the time, ms UTC.

        Returns:
            The references of the rows that had a key.

        Raises:
            KeysUnavailable: also when the keys are destroyed, but copies are left for now; erase again: it then finds
                no key, and removes the copies.
        """
        ordered = sorted(set(references))

        def work(execute: Execute) -> list[bytes]:
            gone: list[bytes] = []
            for part in _chunks(ordered):
                execute(_LOCK.format(_marks(len(part)), self._database.locking), part)
                gone += (bytes(found[0]) for found in execute(_ERASE.format(_marks(len(part))), [at, *part]))
            return gone

        gone = self._database.run(work, write=True)
        self._database.shred()
        return gone

    def rewrap(self, change: Callable[[list[Row]], list[Row]], size: int = 2000) -> int:
        """Puts other wrapped keys in the place of the ones that are there.

        Args:
            change: gets up to `size` rows and gives those of them that change, with other `wrapping` and `wrapped`.
                A row that was erased meanwhile stays erased.

        Returns:
            How many rows changed.
        """
        changed, last = 0, b""
        while rows := self._after(last, size):
            last = rows[-1].reference
            before = {row.reference: row.wrapped for row in rows}
            updates = [(new.reference, before[new.reference], new.wrapping, new.wrapped) for new in change(rows)]
            changed += self._update(sorted(updates))
        self._database.shred()
        return changed

    def samples(self) -> list[Row]:
        """One row of each scope, epoch and wrapping that has keys."""

        def work(execute: Execute) -> list[Row]:
            return [row for group in execute(_GROUPS, ()) for row in _as_rows(execute(_SAMPLE, group))]

        return self._database.run(work, write=False)

    def sample(self, scope: str, epoch: int, wrapping: int) -> Row | None:
        """A row of this scope, epoch and wrapping; None if there is none with a key."""
        found = self._database.run(lambda execute: execute(_SAMPLE, (scope, epoch, wrapping)), write=False)
        return _as_rows(found)[0] if found else None

    def counts(self) -> dict[int, int]:
        """How many keys there are, by the epoch whose root key wraps them."""
        query = "SELECT wrapping, COUNT(*) FROM weir_subject_key WHERE wrapped IS NOT NULL GROUP BY wrapping ORDER BY 1"
        return dict(self._database.run(lambda execute: [(a, b) for a, b in execute(query, ())], write=False))

    def keep_name(self, name: Name) -> None:
        """Keeps the key that makes the references of a scope and epoch, in the place of the one kept before."""
        self._database.run(lambda execute: execute(_NAME, name), write=True)

    def names(self) -> list[Name]:
        """The keys that were kept."""
        query = "SELECT scope, epoch, wrapping, wrapped FROM weir_subject_name"
        found = self._database.run(lambda execute: execute(query, ()), write=False)
        return [Name(scope, epoch, wrapping, bytes(wrapped)) for scope, epoch, wrapping, wrapped in found]

    def spend(self, grant: str, count: int, limit: int) -> bool:
        """Counts what is done under a grant.

        Args:
            grant: its id.
            count: how many values are to be brought back, from 0.
            limit: how many it permits.

        Returns:
            True, and they are counted; False, and nothing changes, if that were more than it permits.

        Raises:
            ValueError: the count is negative.
            KeysUnavailable: they may be counted or not.
        """
        if count < 0:
            raise ValueError(f"a count must be 0 or more; got {count}")
        # Asking first settles most refusals without a lock, and finds a lost connection while nothing is at stake.
        if self.spent(grant) + count > limit:
            return False
        return bool(self._database.run(lambda execute: execute(_SPEND, (grant, count, limit)), write=True))

    def spent(self, grant: str) -> int:
        """How many values were brought back under a grant."""
        query = "SELECT used FROM weir_grant_use WHERE grant_id = ?"
        found = self._database.run(lambda execute: execute(query, (grant,)), write=False)
        return int(found[0][0]) if found else 0

    def close(self) -> None:
        """Closes the connection."""
        self._database.close()

    def _after(self, reference: bytes, size: int) -> list[Row]:
        return self._database.run(lambda execute: _as_rows(execute(_AFTER, (reference, size))), write=False)

    def _update(self, updates: Sequence[tuple[object, ...]]) -> int:
        def work(execute: Execute) -> int:
            changed = 0
            for part in _chunks(updates):
                execute(_LOCK.format(_marks(len(part)), self._database.locking), [update[0] for update in part])
                changed += len(execute(_REWRAP.format(_rows(part)), [*chain.from_iterable(part)]))
            return changed

        return self._database.run(work, write=True)


def open_table(url: str | os.PathLike[str]) -> KeyTable:
    """The key table at a place. It is made if it is not there.

    Args:
        url: a path or `sqlite:///PATH` (`sqlite:////PATH` for an absolute one) of a file that is for its owner alone;
            or `postgresql://[USER[:PASSWORD]@][HOST][:PORT]/DATABASE[?...]` as PostgreSQL's own programs take it, which
            also take a password from PGPASSFILE or PGPASSWORD.

    Raises:
        KeysError: the place is none, the file is for others too or is something else, or the library `psycopg` is not
            installed.
        KeysUnavailable: the database cannot be reached, or refuses.

    >>> import tempfile
    >>> table = open_table(tempfile.mkdtemp() + "/keys.db")
    >>> table.spend("grant-1", 3, limit=5), table.spend("grant-1", 3, limit=5), table.spent("grant-1")
    (True, False, 3)
    """
    place = os.fspath(url)
    scheme, _, rest = place.partition("://")
    if scheme in ("postgresql", "postgres") and rest:
        from udfs.keys._postgres import Postgres  # only who keeps keys there loads what that needs

        return KeyTable(Postgres(place))
    path = place.removeprefix("sqlite:///")
    if not path or "://" in path:  # it is not repeated: an address may hold a password
        problem = "a key table is a path, sqlite:///PATH or postgresql://HOST/DATABASE"
        raise KeysError(f"{problem}; name one, e.g. --key-table keys.db")
    from udfs.keys._sqlite import Sqlite

    return KeyTable(Sqlite(path))


def about(name: str, problem: str, step: str) -> str:
    """The message of an error.

    >>> about("/var/weir/keys.db", "is not a regular file", "name another one")
    'key table /var/weir/keys.db: is not a regular file; name another one'
    """
    return f"key table {name}: {problem}; {step}"


def _found(execute: Execute, references: Sequence[bytes]) -> dict[bytes, Row]:
    found: list[Row] = []
    for part in _chunks(references):
        found += _as_rows(execute(_FIND.format(_marks(len(part))), part))
    return {row.reference: row for row in found}


def _as_rows(found: list[tuple[Any, ...]]) -> list[Row]:
    return [Row._make(row) for row in found]


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def _rows(part: Sequence[Sequence[object]]) -> str:
    return ",".join([f"({_marks(len(part[0]))})"] * len(part))


def _marks(count: int) -> str:
    return ",".join("?" * count)
