"""The keys that a job works with: its keyring, and the keys of persons if it has a key table."""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from udfs.keys.derive import derive, key_id
from udfs.keys.errors import KeysError
from udfs.keys.file import Source, load_keyring
from udfs.keys.keyring import Keyring

if TYPE_CHECKING:
    from udfs.keys.subjects import SubjectKeys

KEEP_SECONDS = 300.0
"""How long a keyring is used before it is read again: so long a job works on when its keys were taken away, and so
soon it writes under a new epoch."""


class Keys:
    """The keys of a job.

    Args:
        load: reads the keyring.
        subjects: the keys of persons; None without a key table.
        keep: seconds after which the keyring is read again.
        clock: seconds, never going back.

    Raises:
        KeysError: whatever `load` raises.
    """

    def __init__(
        self,
        load: Callable[[], Keyring],
        subjects: "SubjectKeys | None" = None,
        keep: float = KEEP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load, self._keep, self._clock = load, keep, clock
        self._subjects = subjects
        self._keyring, self._read = load(), clock()

    @classmethod
    def open(cls, source: Source, table: str | None = None) -> "Keys":
        """The keys from where a job's configuration points.

        Args:
            source: as `udfs.keys.file.load_keyring`.
            table: the key table, as `udfs.keys.table.open_table`.

        Raises:
            KeysError: they cannot be used.
        """
        return cls(lambda: load_keyring(source), _subjects(table) if table else None)

    @classmethod
    def of(cls, *roots: bytes) -> "Keys":
        """Keys that are given, one root key (32 bytes) for each epoch.

        >>> Keys.of(bytes(32)).keyring().active
        1
        """
        keyring = Keyring.of(*roots)
        return cls(lambda: keyring)

    def keyring(self) -> Keyring:
        """The keyring, read again when it is old.

        Raises:
            KeysUnavailable: who keeps it cannot be reached. What was read before is used no longer: keys that were
                taken away must not live on.
            KeysError: it cannot be used any more.
        """
        if self._clock() - self._read >= self._keep:
            self._keyring, self._read = self._load(), self._clock()
        return self._keyring

    @property
    def subjects(self) -> "SubjectKeys":
        """The keys of persons.

        Raises:
            KeysError: there is no key table.
        """
        if self._subjects is None:
            raise KeysError("a mask with a subject needs a key table; name one: --key-table keys.db, or weir.key-table")
        return self._subjects

    def opening(self, purpose: str, scope: str, references: Iterable[bytes] = ()) -> dict[bytes, bytes]:
        """The keys that open what was made for a purpose in a scope: by key id (4 bytes), or by key id and reference
        (20 bytes) for a person's own.

        Args:
            references: of the persons whose keys are wanted, 16 bytes each. A person who was erased has none.

        Raises:
            KeysUnavailable: the keys, or the key table, cannot be reached.
            KeysError: there are references and no key table.
        """
        found = self.keyring().by_id(purpose, scope)
        wanted = sorted(set(references))
        for reference, data_key in (self.subjects.opened(self.keyring(), scope, wanted) if wanted else {}).items():
            key = derive(data_key, purpose, scope)
            found[key_id(key) + reference] = key
        return found


def public_place(table: str) -> str:
    """The place of a key table as it may stand in a job's graph, in process lists and on screens.

    Raises:
        KeysError: it holds a password.

    >>> public_place("postgresql://weir@db.example/keys")
    'postgresql://weir@db.example/keys'
    """
    parts = urlsplit(table)
    if parts.password is not None or "password" in parse_qs(parts.query):
        problem = "the place of the key table must hold no password: it would stand in the job's graph"
        raise KeysError(f"{problem}; put it into PGPASSFILE or PGPASSWORD, where the job's workers run")
    return table


def _subjects(table: str) -> "SubjectKeys":
    from udfs.keys.subjects import SubjectKeys  # only who has a key table loads what that needs
    from udfs.keys.table import open_table

    return SubjectKeys(open_table(table))
