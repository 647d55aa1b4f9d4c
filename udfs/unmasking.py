"""Unmasking: the way back from a masked value, never without a grant, and never without an audit event.

masked value ──▶ grant (genuine, in time, for this entity and scope, not used up) ──▶ value + event
                                    └── otherwise ──▶ nothing + event that says why
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from policy.errors import did_you_mean
from policy.plan import MaskPlan, Plan
from udfs.audit import VERSION, digests
from udfs.grants import Grant, GrantRefused, check, covers
from udfs.keys import Keys, KeysError, KeysUnavailable
from udfs.keys.table import KeyTable
from udfs.mask import MASKS, MaskError, unmask

Clock = Callable[[], int]


def now() -> int:
    """The time, ms UTC."""
    return time.time_ns() // 1_000_000


class UnmaskError(Exception):
    """A call makes no sense: there is no such segment or entity, or its mask has no way back. Never with a value."""


@dataclass(frozen=True)
class Permission:
    """What a job shows to bring values back.

    Attributes:
        token: the grant as it was signed; None without one.
        trusted: gives the public keys of those who may grant, by name. It is asked for each batch, so that a job that
            runs for weeks sees when one of them is taken away.
        uses: the key table, which counts what a grant was used for.
    """

    token: str | None
    trusted: Callable[[], Mapping[str, Ed25519PublicKey]]
    uses: KeyTable | None


@dataclass(frozen=True)
class Unmasked:
    """What became of a batch.

    Attributes:
        values: pa.string(): the values; null where one was refused, and for a null.
        events: pa.string(): an audit event in JSON for each value that is not null; null for a null.
    """

    values: pa.StringArray
    events: pa.StringArray


def mask_of(plan: Plan, entity: str, segment: str) -> MaskPlan:
    """The mask that a segment's values of an entity were made by.

    Raises:
        UnmaskError: there is none, or it has no way back. Unknown names are not repeated: they may be values.
    """
    found = next((s for s in plan.segments if s.name == segment), None)
    if found is None:
        known = [s.name for s in plan.segments]
        raise UnmaskError(f"unknown segment; {did_you_mean(segment, known) or 'known are ' + ', '.join(known)}")
    mask = found.masks.get(entity)
    if mask is None:
        hint = did_you_mean(entity, found.masks) or "it masks " + ", ".join(found.masks)
        raise UnmaskError(f"the segment '{found.name}' does not mask such an entity; {hint}")
    if MASKS[mask.name].open is None:
        ways = ", ".join(name for name, other in MASKS.items() if other.open)
        raise UnmaskError(f"the mask '{mask.name}' of {entity} in '{found.name}' has no way back; {ways} have one")
    return mask


class Unmasker:
    """Brings values back that were masked under a plan.

    Args:
        plan: the policy under which they were masked.
        keys: the job's keys.
        permission: what it is permitted by.
        clock: the time in ms UTC.

    Raises:
        KeysError: the keys lack the plan's epoch, or there is a grant and no key table to count its uses in.
    """

    def __init__(self, plan: Plan, keys: Keys, permission: Permission, clock: Clock = now) -> None:
        if permission.token is not None and permission.uses is None:
            raise KeysError("the uses of a grant are counted in a key table; name one: --key-table, or weir.key-table")
        self._plan, self._keys, self._permission, self._clock = plan, keys, permission, clock
        self._digest_key = keys.keyring().derive("weir/1/audit", "digest", plan.key_epoch)
        self._policy = {"name": plan.name, "version": plan.version, "digest": plan.digest}

    def unmask(self, entity: str, segment: str, values: pa.StringArray) -> Unmasked:
        """Bring values back.

        Args:
            entity: the entity that the values are of.
            segment: the segment that has them.
            values: what the segment's mask of the entity made.

        Raises:
            UnmaskError: the segment has no such mask, or one without a way back.
            KeysUnavailable: who keeps the keys, or counts the uses, cannot be reached. No value comes back then.
            KeyFileError: the public keys of those who may grant cannot be read any more. Likewise.
        """
        mask = mask_of(self._plan, entity, segment)
        given = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
        at = self._clock()
        grant, reason = self._granted(entity, mask, at)
        allowed = self._spend(grant, len(given)) if grant is not None and reason is None else 0
        opened, failed = self._open(mask, entity, values.take(pa.array(given[:allowed])))
        reasons = [failed[i] if i < allowed else reason or "used-up" for i in range(len(given))]
        about = {"entity": entity, "segment": segment, "scope": mask.scope, "mask": mask.name}
        events = self._events(grant, about, values.take(pa.array(given)), reasons, at)
        texts: list[str | None] = [None] * len(values)
        accounts: list[str | None] = [None] * len(values)
        for i, row in enumerate(given.tolist()):
            texts[row], accounts[row] = opened[i] if i < allowed else None, events[i]
        return Unmasked(pa.array(texts, pa.string()), pa.array(accounts, pa.string()))

    def _granted(self, entity: str, mask: MaskPlan, at: int) -> tuple[Grant | None, str | None]:
        """The grant, as far as it is genuine, and why it does not permit this, if it does not."""
        if self._permission.token is None:
            return None, "no-grant"
        try:
            grant = check(self._permission.token, self._permission.trusted(), at)
            covers(grant, entity, str(mask.scope))
        except GrantRefused as refused:
            return refused.grant, refused.reason
        return grant, None

    def _spend(self, grant: Grant, count: int) -> int:
        """How many of `count` values the grant is still good for; they count as used from now on."""
        uses = self._permission.uses
        assert uses is not None, "checked when this was made"
        while count and not uses.spend(grant.id, count, grant.values):
            count = min(count - 1, max(grant.values - uses.spent(grant.id), 0))
        return count

    def _open(self, mask: MaskPlan, entity: str, texts: pa.StringArray) -> tuple[list[str | None], list[str | None]]:
        """The values, and why one did not open."""
        if not len(texts):
            return [], []
        try:
            return unmask(mask, entity, texts, self._keys).to_pylist(), [None] * len(texts)
        except KeysUnavailable:
            raise
        except MaskError:
            half = len(texts) // 2
        if not half:
            return [None], ["not-opened"]
        (first, why), (second, why_not) = (
            self._open(mask, entity, part) for part in (texts.slice(0, half), texts.slice(half))
        )
        return first + second, why + why_not

    def _events(
        self,
        grant: Grant | None,
        about: dict[str, str | None],
        texts: pa.StringArray,
        reasons: list[str | None],
        at: int,
    ) -> list[str]:
        named = None if grant is None else {"id": grant.id, "who": grant.who, "why": grant.why, "by": grant.signer}
        marks = digests(self._digest_key, [text.encode() for text in texts.to_pylist()])
        return [
            orjson.dumps({
                "weir": VERSION,
                "event": "unmask",
                "time": at,
                "policy": self._policy,
                "grant": named,
                **about,
                "masked": mark,
                "outcome": "refused" if reason else "opened",
                "reason": reason,
            }).decode()
            for mark, reason in zip(marks, reasons, strict=True)
        ]  # fmt: skip
