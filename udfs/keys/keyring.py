"""The keyring: the root keys of a job, one for each epoch, and what is derived from them.

An epoch is a stretch of time in which one root key writes. A new one begins when keys are rotated; the earlier ones
still open what was written under them, until they are retired.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from udfs.keys.derive import KEY_BYTES, derive, key_id
from udfs.keys.errors import KeysError

ACTIVE, PREVIOUS, RETIRED = "active", "previous", "retired"
"""States of an epoch: it writes (exactly one does); it still opens, and writes where a policy names it; it does
neither."""


@dataclass(frozen=True)
class Epoch:
    """A root key and its time.

    Attributes:
        number: from 1, growing.
        state: ACTIVE, PREVIOUS or RETIRED.
        created: when it was made, ms UTC; None for a key file of a single line.
        root: the root key, 32 bytes; None for a retired epoch whose key was destroyed.
    """

    number: int
    state: str = ACTIVE
    created: int | None = None
    root: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Keyring:
    """The epochs, by number ascending.

    Raises:
        KeysError: there is no epoch, or not exactly one that is active; numbers are not ascending from 1 or higher; a
            root key has another length, or is missing for an epoch that is not retired.
    """

    epochs: tuple[Epoch, ...]

    def __post_init__(self) -> None:
        problem = _problem(self.epochs)
        if problem:
            raise KeysError(f"a keyring {problem}")

    @classmethod
    def of(cls, *roots: bytes) -> "Keyring":
        """A keyring of root keys, the first of epoch 1; the last one is active.

        >>> Keyring.of(bytes(32), bytes(32)).active
        2
        """
        last = len(roots)
        return cls(tuple(Epoch(n, ACTIVE if n == last else PREVIOUS, None, root) for n, root in enumerate(roots, 1)))

    @property
    def active(self) -> int:
        """The number of the epoch that writes."""
        return next(epoch.number for epoch in self.epochs if epoch.state == ACTIVE)

    @property
    def opening(self) -> tuple[int, ...]:
        """Numbers of the epochs that open, ascending: all but the retired ones."""
        return tuple(epoch.number for epoch in self.epochs if epoch.state != RETIRED)

    def root(self, epoch: int) -> bytes:
        """The root key of an epoch.

        Raises:
            KeysError: there is no such epoch, or it is retired.
        """
        found = next((e for e in self.epochs if e.number == epoch), None)
        if found is None:
            known = ", ".join(str(e.number) for e in self.epochs)
            raise KeysError(f"the keyring has no epoch {epoch}, only {known}; run `weir keys rotate`, or name another")
        if found.state == RETIRED or found.root is None:
            raise KeysError(f"epoch {epoch} of the keyring is retired: its key neither writes nor opens")
        return found.root

    def derive(self, purpose: str, scope: str, epoch: int | None = None) -> bytes:
        """The key for a purpose and scope, 32 bytes (see `udfs.keys.derive`).

        Args:
            epoch: its number; the active one if None.

        Raises:
            KeysError: there is no such epoch, or it is retired.
        """
        number = self.active if epoch is None else epoch
        return _derived(self.root(number), purpose, scope, number)

    def by_id(self, purpose: str, scope: str) -> dict[bytes, bytes]:
        """The keys for a purpose and scope of all epochs that open, by their ids (4 bytes)."""
        keys = (self.derive(purpose, scope, epoch) for epoch in self.opening)
        return {key_id(key): key for key in keys}

    def rotated(self, root: bytes, now: int) -> "Keyring":
        """The keyring with a new active epoch; the one that was active still opens.

        Args:
            root: the new root key, 32 bytes.
            now: ms UTC.
        """
        before = tuple(replace(e, state=PREVIOUS) if e.state == ACTIVE else e for e in self.epochs)
        return Keyring((*before, Epoch(self.epochs[-1].number + 1, ACTIVE, now, root)))

    def retired(self, epoch: int, destroy: bool = False) -> "Keyring":
        """The keyring with an epoch retired.

        Args:
            destroy: drop its root key too, for good.

        Raises:
            KeysError: there is no such epoch, or it is the active one.
        """
        if epoch not in {e.number for e in self.epochs}:
            self.root(epoch)
        if epoch == self.active:
            raise KeysError(f"epoch {epoch} is the active one; run `weir keys rotate` first")
        changed = {e.number: e for e in self.epochs}
        was = changed[epoch]
        changed[epoch] = replace(was, state=RETIRED, root=None if destroy else was.root)
        return Keyring(tuple(changed.values()))


# The few keys of a job are asked for with every batch. Keys of persons are not kept here: they must not outlive an
# erasure.
_derived = lru_cache(maxsize=1024)(derive)


def _problem(epochs: Sequence[Epoch]) -> str | None:
    numbers = [epoch.number for epoch in epochs]
    if not numbers or numbers[0] < 1 or numbers != sorted(set(numbers)):
        return "must have epochs with numbers from 1, ascending"
    if [epoch.state for epoch in epochs].count(ACTIVE) != 1:
        return "must have exactly one active epoch"
    if any(epoch.state not in (ACTIVE, PREVIOUS, RETIRED) for epoch in epochs):
        return f"must have epochs that are {ACTIVE}, {PREVIOUS} or {RETIRED}"
    for epoch in epochs:
        if epoch.root is None and epoch.state != RETIRED:
            return f"must have the root key of epoch {epoch.number}"
        if epoch.root is not None and len(epoch.root) != KEY_BYTES:
            return f"must have root keys of {KEY_BYTES} bytes; got {len(epoch.root)} for epoch {epoch.number}"
    return None
