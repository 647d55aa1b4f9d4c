"""Audit: one event for each record, that says what was found and who received what, and never a value.

The event's JSON Schema is `docs/audit.schema.json`; `docs/audit.md` explains it. Digests are keyed BLAKE2b
(RFC 7693) of 128 bits, under a key of their own: a bare hash of a short value could be guessed.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import orjson
import pyarrow as pa

from policy.plan import Plan
from udfs.decide import DELIVER, RULES, Decided
from udfs.found import Found
from udfs.places import Places
from udfs.records.read import Reasons, rows_of
from udfs.records.sheet import Ints, Sheet

VERSION = 1
"""Version of the event's shape. It grows when a field changes its meaning or goes; a new field leaves it as it is."""

_SHAPES = 50_000
"""Shapes of events that are kept ready; most records of a stream share a few."""


def digests(key: bytes, values: Sequence[bytes | None]) -> list[str | None]:
    """The keyed digests of some values: BLAKE2b (RFC 7693) of 128 bits, 32 hexadecimal digits each. None for None.

    >>> digests(bytes(32), [b"a", None])
    ['acc685b60127eac35b6f2d43d06ea227', None]
    """
    blake2b = hashlib.blake2b
    return [None if v is None else blake2b(v, key=key, digest_size=16).hexdigest() for v in values]


class Auditor:
    """Writes the events of batch after batch.

    Args:
        plan: the policy in force.
        digest: its digest.
        key: 32 bytes, the key of the digests.
        entities: entity names by index.
        detectors: the detectors' names by index, growing as new ones appear.
    """

    def __init__(self, plan: Plan, digest: str, key: bytes, entities: list[str], detectors: list[str]) -> None:
        self._plan = plan
        self._key = key
        self._entities = entities
        self._detectors = detectors
        self._policy = {"name": plan.name, "version": plan.version, "digest": digest}
        self._shapes: dict[bytes, str] = {}

    def reset(self) -> None:
        """Forget the shapes: path numbers are given anew."""
        self._shapes.clear()

    def events(
        self,
        sheet: Sheet,
        found: Found,
        decided: Decided,
        reasons: Reasons,
        places: Places,
        secret: set[int],
        about: Sequence[tuple[str, str, str]],
        inputs: Sequence[str | None],
        outputs: Sequence[Sequence[str | None]],
    ) -> pa.Array:
        """The events of a batch.

        Args:
            reasons: why rows were quarantined.
            about: per row: time, coordinates and producer, each as JSON.
            inputs: per row, the digest of the record as it came.
            outputs: per segment and row, the digest of what it received; None where it received nothing.

        Returns:
            pa.string(), one JSON document for each row.
        """
        if len(self._shapes) > _SHAPES:
            self._shapes.clear()
        codes, bounds = self._codes(sheet, found)
        width = decided.decision.shape[1]
        # One conversion for the batch: slices of bytes cost a tenth of slices of arrays.
        code_bytes, decision_bytes, at = codes.tobytes(), decided.decision.tobytes(), (bounds * 8).tolist()
        received = zip(*outputs, strict=True) if outputs else [()] * sheet.rows
        events = []
        for row, (facts, given, out) in enumerate(zip(about, inputs, received, strict=True)):
            if row in reasons:
                shape = self._template(None, [], [], reasons[row])
            else:
                key = code_bytes[at[row] : at[row + 1]] + decision_bytes[row * width : (row + 1) * width]
                shape = self._shapes.get(key) or self._learn(key, int(decided.level[row]), places, secret)
            known = "null" if given is None else f'"{given}"'
            events.append(shape % (*facts, known, *[digest for digest in out if digest is not None]))
        return pa.array(events, pa.string())

    def digests(self, values: Sequence[bytes | None]) -> list[str | None]:
        """The keyed digests of some values, 32 hexadecimal digits each. None for None."""
        return digests(self._key, values)

    def _codes(self, sheet: Sheet, found: Found) -> tuple[Ints, Ints]:
        """Each finding as a number that stands for (path, entity, detector, score), by row; and the bounds of rows."""
        row = rows_of(sheet)[found.leaf]
        code = sheet.leaves.path[found.leaf] * len(self._entities) + found.entity
        code = (code * 1024 + found.detector) * 128 + np.round(found.score * 100).astype(np.int64)
        order = np.lexsort((code, row))
        return code[order], np.searchsorted(row[order], np.arange(sheet.rows + 1))

    def _learn(self, key: bytes, level: int, places: Places, secret: set[int]) -> str:
        """The shape of events with these findings and decisions; kept for the records that follow."""
        width = len(self._plan.segments)
        codes = np.frombuffer(key[: len(key) - width], np.int64)
        distinct, counts = np.unique(codes, return_counts=True)
        findings = [self._finding(int(c), int(n), places, secret) for c, n in zip(distinct, counts, strict=True)]
        # Paths are numbered as they come; an event must not depend on what came before.
        findings.sort(key=lambda f: [str(part) for part in f.values()])
        entities = list(dict.fromkeys(f["entity"] for f in findings))
        decisions = [self._decision(number, d, entities) for number, d in enumerate(key[len(key) - width :])]
        self._shapes[key] = shape = self._template(self._plan.levels[level], findings, decisions, None)
        return shape

    def _finding(self, code: int, count: int, places: Places, secret: set[int]) -> dict[str, object]:
        rest, score = divmod(code, 128)
        rest, detector = divmod(rest, 1024)
        path, entity = divmod(rest, len(self._entities))
        return {
            "path": places.show(path, secret),
            "entity": self._entities[entity],
            "score": score / 100,
            "detector": self._detectors[detector],
            "count": count,
        }

    def _decision(self, number: int, decision: int, entities: Sequence[object]) -> dict[str, object]:
        segment = self._plan.segments[number]
        masks = {e: segment.masks[e].name for e in entities if isinstance(e, str) and e in segment.masks}
        if decision != DELIVER:
            return {"segment": segment.name, "decision": "deny", "rule": RULES[decision], "masks": {}, "output": None}
        return {"segment": segment.name, "decision": "deliver", "rule": None, "masks": masks, "output": "\x00"}

    def _template(self, level: str | None, findings: object, decisions: object, reason: str | None) -> str:
        event = {
            "weir": VERSION,
            "time": "\x01",
            "coordinates": "\x01",
            "producer": "\x01",
            "input": "\x01",
            "policy": self._policy,
            "level": level,
            "quarantine": reason,
            "findings": findings,
            "decisions": decisions,
        }
        # The places that differ from record to record are marked by control characters, which nothing else in an
        # event holds.
        text = orjson.dumps(event).decode().replace("%", "%%")
        return text.replace('"\\u0001"', "%s").replace("\\u0000", "%s")
