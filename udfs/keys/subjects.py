"""Keys of persons: for each person, scope and epoch a random data key, which can be destroyed.

    subject ── HMAC under a root's naming key ──▶ reference ──▶ row of the key table ── unwrap under a root ──▶ data key

A mask derives its own key from the data key (`udfs.keys.derive.derive`). Who erases a person destroys the data keys:
what was masked under them is from then on random bytes to everybody, the holder of the root keys included.

- The reference is the first 16 bytes of HMAC-SHA-256 (RFC 2104) of the subject in UTF-8. Without the root key nobody
  can tell whom a row is about, or try guesses.
- A data key is wrapped by AES Key Wrap (RFC 3394; 256-bit keys), under a key of the root for its scope and epoch.
- A person who is erased and comes back gets a new data key under the same reference. What was made under the old key
  stays closed, and does not join what is made under the new one; but sealed values carry the reference, so whoever
  compares them sees that the same person is meant.
- A job keeps the data keys that it used for a short time (`SubjectKeys`). What it masks in that time after an erasure
  may still be under the destroyed key, and is lost with it.
- A backup of the key table from before an erasure has the key: erase again after it is restored.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from udfs.keys.derive import KEY_BYTES, derive
from udfs.keys.errors import KeysError, KeysUnavailable
from udfs.keys.keyring import Keyring
from udfs.keys.table import KeyTable, Name, Row

REFERENCE_BYTES = 16
"""RFC 2104, section 5, allows to cut an HMAC to half its bits. Two of a billion persons get the same reference with a
probability of 1.5e-21."""

NAMING = "weir/1/subject"
"""Purpose of the key that makes references."""

WRAPPING = "weir/1/subject-wrap"
"""Purpose of the key that wraps data keys."""

NAME_WRAPPING = "weir/1/subject-name-wrap"
"""Purpose of the key that wraps naming keys, which outlive the root key that they come from."""

KEEP_SECONDS = 60.0
"""How long a job uses a data key before it asks the table again: so soon an erasure reaches it."""

KEEP_COUNT = 100_000
"""Data keys that a job keeps, about 0.4 kB each."""


class _Kept(NamedTuple):
    until: float  # on the clock
    reference: bytes
    key: bytes


class SubjectKeys:
    """The keys of persons that a job works with. For one thread at a time.

    Args:
        table: where they are.
        ttl: seconds for which a key is used before the table is asked again.
        size: how many keys are kept; the oldest go first.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        table: KeyTable,
        ttl: float = KEEP_SECONDS,
        size: int = KEEP_COUNT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table, self._ttl, self._size, self._clock = table, ttl, size, clock
        # By naming key and subject, or by scope and reference; in order of time, as all are kept equally long.
        self._kept: dict[tuple[bytes, str] | tuple[str, bytes], _Kept] = {}
        self._seen: set[bytes] = set()  # the naming keys of scopes and epochs that are known to be of the table

    def keys_for(self, keyring: Keyring, scope: str, epoch: int, subjects: Sequence[str]) -> list[tuple[bytes, bytes]]:
        """The keys of persons; who has none gets one.

        Args:
            keyring: the root keys.
            scope: what the keys are for, e.g. `segment:support`.
            epoch: whose root key names the persons and wraps new keys.
            subjects: the persons, any number of times each; none empty.

        Returns:
            For each subject its reference (16 bytes) and data key (32 bytes).

        Raises:
            KeysUnavailable: the table cannot be reached, or a row is wrapped under an epoch that the keyring does not
                have yet.
            KeysError: the keyring does not open a row, is not the one of the table, has no such epoch, or a subject is
                empty.

        >>> from tempfile import mkdtemp
        >>> from udfs.keys.table import open_table
        >>> subjects = SubjectKeys(open_table(mkdtemp() + "/keys.db"))
        >>> ann, bob, again = subjects.keys_for(Keyring.of(bytes(32)), "segment:a", 1, ["ann", "bob", "ann"])
        >>> ann == again, ann == bob, len(ann[0]), len(ann[1])
        (True, False, 16, 32)
        """
        naming = keyring.derive(NAMING, scope, epoch)  # fails once the epoch is retired, whatever is kept
        now = self._drop_old()
        found = {subject: self._kept.get((naming, subject)) for subject in subjects}
        missing = _references(naming, [subject for subject, kept in found.items() if kept is None])
        if missing:
            keys = self._made(keyring, scope, epoch, list(missing))
            for reference, subject in missing.items():
                kept = _Kept(now + self._ttl, reference, keys[reference])
                found[subject] = self._kept[naming, subject] = kept
            self._drop_surplus()
        return [(kept.reference, kept.key) for kept in map(found.__getitem__, subjects) if kept]

    def opened(self, keyring: Keyring, scope: str, references: Sequence[bytes]) -> dict[bytes, bytes]:
        """The data keys of persons, by reference, for the way back.

        Args:
            keyring: the root keys.
            scope: what the keys are for.
            references: 16 bytes each.

        Returns:
            Those that are there: neither absent nor erased, of this scope, and wrapped under an epoch that still opens.

        Raises:
            KeysUnavailable: as `keys_for`.
            KeysError: the keyring does not open a row.
        """
        now = self._drop_old()
        kept = {reference: self._kept.get((scope, reference)) for reference in references}
        found = {reference: entry.key for reference, entry in kept.items() if entry}
        missing = [reference for reference, entry in kept.items() if not entry]
        if missing:
            retired = {epoch.number for epoch in keyring.epochs} - set(keyring.opening)
            rows = self._table.find(missing).values()
            keys = _unwrapped(keyring, scope, (r for r in rows if r.scope == scope and r.wrapping not in retired))
            for reference, key in keys.items():
                found[reference] = key
                self._kept[scope, reference] = _Kept(now + self._ttl, reference, key)
            self._drop_surplus()
        return found

    def _made(self, keyring: Keyring, scope: str, epoch: int, references: Sequence[bytes]) -> dict[bytes, bytes]:
        """The data keys with these references, new where there was none."""
        rows = self._table.find(references)
        new = [reference for reference in references if reference not in rows]
        if new:
            self._check(keyring, scope, epoch)
            wrapping, created = keyring.derive(WRAPPING, scope, epoch), time.time_ns() // 1_000_000
            wrapped = (aes_key_wrap(wrapping, secrets.token_bytes(KEY_BYTES)) for _ in new)
            pairs = zip(new, wrapped, strict=True)
            rows |= self._table.get_or_add([Row(ref, scope, epoch, epoch, key, created) for ref, key in pairs])
        return _unwrapped(keyring, scope, rows.values())

    def _check(self, keyring: Keyring, scope: str, epoch: int) -> None:
        """That the table is of this keyring. With rows of two, nobody could erase from it any more."""
        naming = keyring.derive(NAMING, scope, epoch)
        if naming in self._seen:
            return
        row = self._table.sample(scope, epoch, epoch)
        if row and not _opens(keyring.derive(WRAPPING, scope, epoch), row.wrapped):
            raise _other_keyring(self._table, epoch)
        self._seen.add(naming)

    def _drop_old(self) -> float:
        now = self._clock()
        while self._kept and (oldest := next(iter(self._kept.items())))[1].until <= now:
            del self._kept[oldest[0]]
        return now

    def _drop_surplus(self) -> None:
        while len(self._kept) > self._size:
            del self._kept[next(iter(self._kept))]


@dataclass(frozen=True)
class Erased:
    """What an erasure did.

    Attributes:
        time: when, ms UTC.
        subject: the keyed digest of the subject, 32 hexadecimal digits, as audit events have them.
        keys: how many keys were destroyed.
        scopes: in which scopes, sorted.
    """

    time: int
    subject: str
    keys: int
    scopes: tuple[str, ...]

    def event(self) -> str:
        """The audit event, JSON.

        >>> Erased(1764000000000, "00ff" * 8, 0, ()).event()
        '{"weir":1,"event":"erase","time":1764000000000,"subject":"00ff00ff00ff00ff00ff00ff00ff00ff","keys":0,"scopes":[],"outcome":"nothing"}'
        """
        event = {
            "weir": 1,
            "event": "erase",
            "time": self.time,
            "subject": self.subject,
            "keys": self.keys,
            "scopes": self.scopes,
            "outcome": "erased" if self.keys else "nothing",
        }
        return orjson.dumps(event).decode()


def erase(table: KeyTable, keyring: Keyring, subject: str, at: int, epoch: int | None = None) -> Erased:
    """Destroys the keys of a person in all scopes and epochs. Once more does nothing more.

    Args and Raises: as `erase_all`.

    >>> from tempfile import mkdtemp
    >>> from udfs.keys.table import open_table
    >>> table, keyring = open_table(mkdtemp() + "/keys.db"), Keyring.of(bytes(32))
    >>> _ = SubjectKeys(table).keys_for(keyring, "segment:a", 1, ["ann", "bob"])
    >>> [erase(table, keyring, "ann", 1764000000000).keys for _ in range(2)]
    [1, 0]
    """
    return erase_all(table, keyring, [subject], at, epoch)[0]


def erase_all(
    table: KeyTable, keyring: Keyring, subjects: Sequence[str], at: int, epoch: int | None = None
) -> list[Erased]:
    """Destroys the keys of persons in all scopes and epochs, those of all of them at once.

    Args:
        table: the key table.
        keyring: the root keys. Those of retired epochs serve too, as long as they are not destroyed.
        subjects: the persons, as the records name them. One who is named again has nothing left.
        at: the time, ms UTC.
        epoch: of the key of the digests in the events; the active one if None.

    Returns:
        What was done to each.

    Raises:
        KeysUnavailable: the table cannot be reached. Erase again.
        KeysError: the keyring is not the one of the table: what it calls these persons is nobody there. Nothing was
            erased. Or a subject is empty.
    """
    digest_key = keyring.derive("weir/1/audit", "digest", epoch)
    owner: dict[bytes, tuple[str, str]] = {}
    for naming, scope in _namings(table, keyring).items():
        for reference, subject in zip(_references(naming, subjects), subjects, strict=True):
            owner[reference] = (subject, scope)
    scopes: dict[str, list[str]] = {}
    for reference in table.erase(list(owner), at):
        subject, scope = owner[reference]
        scopes.setdefault(subject, []).append(scope)
    return [_erased(digest_key, subject, scopes.pop(subject, []), at) for subject in subjects]


def _erased(digest_key: bytes, subject: str, scopes: list[str], at: int) -> Erased:
    digest = hashlib.blake2b(_encoded(subject), key=digest_key, digest_size=REFERENCE_BYTES).hexdigest()
    return Erased(at, digest, len(scopes), tuple(sorted(set(scopes))))


def rewrap(table: KeyTable, keyring: Keyring) -> int:
    """Wraps all data keys under the active epoch, so that earlier ones can be retired. The data keys stay what they
    are, and so do the references; the naming keys of earlier epochs are kept in the table, for erasures.

    Returns:
        How many keys were wrapped anew. Those under retired epochs are left as they are.

    Raises:
        KeysUnavailable: the table cannot be reached. Do it again.
        KeysError: the keyring is not the one of the table. Nothing was changed.
    """
    _samples(table, keyring)
    named = {(name.scope, name.epoch) for name in table.names() if name.wrapping == keyring.active}

    def change(rows: list[Row]) -> list[Row]:
        old = [row for row in rows if row.wrapping != keyring.active and row.wrapping in keyring.opening]
        for scope, epoch in {(row.scope, row.epoch) for row in old} - named:
            _keep_name(table, keyring, scope, epoch)
            named.add((scope, epoch))
        return [_rewrapped(keyring, row) for row in old]

    return table.rewrap(change)


def _rewrapped(keyring: Keyring, row: Row) -> Row:
    (key,) = _unwrapped(keyring, row.scope, [row]).values()
    wrapped = aes_key_wrap(keyring.derive(WRAPPING, row.scope), key)
    return row._replace(wrapping=keyring.active, wrapped=wrapped)


def _keep_name(table: KeyTable, keyring: Keyring, scope: str, epoch: int) -> None:
    naming = _naming(keyring, scope, epoch, {(name.scope, name.epoch): name for name in table.names()})
    if naming is None:
        raise _other_keyring(table, epoch)
    wrapped = aes_key_wrap(keyring.derive(NAME_WRAPPING, scope), naming)
    table.keep_name(Name(scope, epoch, keyring.active, wrapped))


def _samples(table: KeyTable, keyring: Keyring) -> list[Row]:
    """A row of each scope, epoch and wrapping, without those that nobody can open any more: they are erased as it is.

    Raises:
        KeysError: the keyring does not open one of these.
    """
    destroyed = {epoch.number for epoch in keyring.epochs if epoch.root is None}
    rows = [row for row in table.samples() if row.wrapping not in destroyed]
    for row in rows:
        root = _root(keyring, row.wrapping)
        if root is None or not _opens(derive(root, WRAPPING, row.scope, row.wrapping), row.wrapped):
            raise _other_keyring(table, row.wrapping)
    return rows


def _namings(table: KeyTable, keyring: Keyring) -> dict[bytes, str]:
    """The naming keys of all rows that can be opened, with their scopes."""
    names = {(name.scope, name.epoch): name for name in table.names()}
    found = {}
    for row in _samples(table, keyring):
        naming = _naming(keyring, row.scope, row.epoch, names)
        if naming is None:
            raise _other_keyring(table, row.epoch)
        found[naming] = row.scope
    return found


def _naming(keyring: Keyring, scope: str, epoch: int, names: Mapping[tuple[str, int], Name]) -> bytes | None:
    name = names.get((scope, epoch))
    root = _root(keyring, name.wrapping if name else epoch)
    if root is None or name is None:
        return derive(root, NAMING, scope, epoch) if root else None
    return _opens(derive(root, NAME_WRAPPING, scope, name.wrapping), name.wrapped)


def _root(keyring: Keyring, epoch: int) -> bytes | None:
    """The root key of an epoch, retired or not. To find what is to be erased is neither to write nor to open."""
    return next((e.root for e in keyring.epochs if e.number == epoch), None)


def _unwrapped(keyring: Keyring, scope: str, rows: Iterable[Row]) -> dict[bytes, bytes]:
    wrapping: dict[int, bytes] = {}
    keys = {}
    for row in rows:
        if row.wrapping not in wrapping:
            wrapping[row.wrapping] = _wrapping(keyring, scope, row.wrapping)
        key = _opens(wrapping[row.wrapping], row.wrapped)
        if key is None:
            problem = f"the root key of epoch {row.wrapping} does not open a key of the key table"
            raise KeysError(f"{problem}; use the keyring that it was made with, or restore the table from a backup")
        keys[row.reference] = key
    return keys


def _wrapping(keyring: Keyring, scope: str, epoch: int) -> bytes:
    if epoch > keyring.epochs[-1].number:
        problem = f"a key is wrapped under epoch {epoch}, which the keyring does not have yet"
        raise KeysUnavailable(f"{problem}; give the job the rotated keyring")
    return keyring.derive(WRAPPING, scope, epoch)


def _opens(wrapping: bytes, wrapped: bytes) -> bytes | None:
    try:
        key = aes_key_unwrap(wrapping, wrapped)
    except (InvalidUnwrap, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _references(naming: bytes, subjects: Sequence[str]) -> dict[bytes, str]:
    """The subjects by their references."""
    # The key is set up once and copied: 1 us each, where hmac.digest takes 3 us.
    keyed = HMAC(naming, SHA256())
    found = {}
    for subject in subjects:
        copy = keyed.copy()
        copy.update(_encoded(subject))
        found[copy.finalize()[:REFERENCE_BYTES]] = subject
    return found


def _encoded(subject: str) -> bytes:
    try:
        encoded = subject.encode()
    except UnicodeEncodeError:
        encoded = b""
    if not encoded:
        raise KeysError("a subject must be a non-empty string of Unicode; give the one that the records have")
    return encoded


def _other_keyring(table: KeyTable, epoch: int) -> KeysError:
    problem = f"has keys that epoch {epoch} of this keyring did not wrap or does not name; nothing was changed"
    return KeysError(f"key table {table.name}: {problem}; use the keyring that the table was made with")
