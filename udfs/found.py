"""Finding: every finding of a batch, by field rules and by the detector, as arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from udfs.detect import Detector
from udfs.findings import Finding
from udfs.places import SCAN, Places
from udfs.records.document import raw_bounds, text_of
from udfs.records.read import Reasons, rows_of
from udfs.records.sheet import KEY, NULL, NUMBER, STRING, Ints, Sheet, slices

FIELD = "field"
"""The detector of findings that a field rule makes."""


@dataclass(frozen=True)
class Found:
    """Findings, ordered by leaf, then start.

    Attributes:
        leaf: index of the leaf.
        start: first byte of the span in the sheet's buffer.
        end: one past its last byte.
        first: first code point of the span in the leaf's text; 0 for a field rule.
        last: one past its last code point; -1 for a field rule (to the end).
        whole: True where the span is the whole leaf.
        entity: index of the entity.
        score: 0 to 1.
        detector: index into the detectors' names; 0 is `field`.
    """

    leaf: Ints
    start: Ints
    end: Ints
    first: Ints
    last: Ints
    whole: npt.NDArray[np.bool_]
    entity: Ints
    score: npt.NDArray[np.float64]
    detector: Ints

    def __len__(self) -> int:
        return len(self.leaf)


def leaf_texts(sheet: Sheet, chosen: Ints) -> pa.Array:
    """The texts of chosen leaves, escapes read.

    Args:
        chosen: indexes of leaves, ascending.

    Returns:
        pa.string(), one for each.
    """
    leaves = sheet.leaves
    texts = slices(sheet.buffer, leaves.start[chosen], leaves.end[chosen])
    escaped = np.flatnonzero(leaves.escaped[chosen])
    if not escaped.size:
        return texts.cast(pa.string())
    read = pa.array([text_of(t.as_py()) for t in texts.take(pa.array(escaped))], pa.string())
    order = np.arange(len(texts))
    order[escaped] = len(texts) + np.arange(escaped.size)
    # An escaped leaf may hold a lone surrogate, never invalid UTF-8, so the cast to text can't fail.
    return pa.concat_arrays([texts.cast(pa.string()), read]).take(pa.array(order))


class Finder:
    """Finds by place and by scan.

    Attributes:
        detectors: names of what finds, in the order of `Found.detector`.
        secret: numbers of the paths whose last key is data in which something was found. A path's key is judged
            wherever it occurs, so that this does not depend on what came before.
    """

    def __init__(self, detector: Detector, entities: list[str]) -> None:
        self._detector = detector
        self._entity = {entity: index for index, entity in enumerate(entities)}
        self.detectors = [FIELD]
        self._detector_index = {FIELD: 0}
        self.secret: set[int] = set()

    def find(self, sheet: Sheet, places: Places) -> tuple[Found, Reasons]:
        """All findings of a sheet, overlapping ones included, and the rows that could not be judged."""
        leaves = sheet.leaves
        verdict = places.verdict[leaves.path]
        is_key = leaves.kind == KEY
        by_field = np.flatnonzero((verdict >= 0) & ~is_key & (leaves.kind != NULL))
        texts = (leaves.kind == STRING) | (leaves.kind == NUMBER)
        data_key = is_key & ~places.named[leaves.path] & ((verdict == SCAN) | (verdict >= 0))
        chosen = np.flatnonzero(((verdict == SCAN) & texts) | data_key)
        scanned, reasons = self._scan(sheet, chosen)
        return _merge(_field_findings(sheet, by_field, verdict), scanned), reasons

    def _scan(self, sheet: Sheet, chosen: Ints) -> tuple[Found, Reasons]:
        if not chosen.size:
            return _found([]), {}
        detected = self._detector.detect(leaf_texts(sheet, chosen))
        rows = rows_of(sheet)
        reasons = {int(rows[chosen[text]]): f"detect: {reason}" for text, reason in detected.failed.items()}
        return _found([self._locate(sheet, int(chosen[f.text]), f) for f in detected.findings]), reasons

    def _locate(self, sheet: Sheet, leaf: int, finding: Finding) -> tuple[float, ...]:
        leaves = sheet.leaves
        start, end = int(leaves.start[leaf]), int(leaves.end[leaf])
        raw = sheet.buffer[start:end].tobytes()
        if leaves.escaped[leaf]:
            bounds = raw_bounds(raw)
            low, high, length = bounds[finding.start], bounds[finding.end], len(bounds) - 1
        elif raw.isascii():
            low, high, length = finding.start, finding.end, len(raw)
        else:
            text = raw.decode("utf-8")
            low = len(text[: finding.start].encode())
            high = low + len(text[finding.start : finding.end].encode())
            length = len(text)
        if leaves.kind[leaf] == KEY:
            self.secret.add(int(leaves.path[leaf]))
        if leaves.kind[leaf] == NUMBER:  # part of a number can't be masked: what is left would be another number
            low, high = 0, len(raw)
        whole = low == 0 and high == len(raw)
        return (
            leaf, start + low, start + high, finding.start, min(finding.end, length), whole,
            self._entity[finding.entity], finding.score, self._detector_number(finding.detector),
        )  # fmt: skip

    def _detector_number(self, name: str) -> int:
        if name not in self._detector_index:
            self._detector_index[name] = len(self.detectors)
            self.detectors.append(name)
        return self._detector_index[name]


def _field_findings(sheet: Sheet, chosen: Ints, verdict: Ints) -> Found:
    leaves, count = sheet.leaves, len(chosen)
    none = np.zeros(count, np.int64)
    ones = np.ones(count, np.bool_)
    return Found(
        chosen, leaves.start[chosen], leaves.end[chosen], none, none - 1, ones, verdict[chosen], np.ones(count), none
    )  # fmt: skip


def _found(rows: list[tuple[float, ...]]) -> Found:
    leaf, start, end, first, last, whole, entity, score, detector = zip(*rows, strict=True) if rows else ((),) * 9
    return Found(
        np.array(leaf, np.int64), np.array(start, np.int64), np.array(end, np.int64), np.array(first, np.int64),
        np.array(last, np.int64), np.array(whole, np.bool_), np.array(entity, np.int64), np.array(score, np.float64),
        np.array(detector, np.int64),
    )  # fmt: skip


def _merge(one: Found, other: Found) -> Found:
    if not len(other):
        return one
    parts = {name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in Found.__dataclass_fields__}
    order = np.lexsort((parts["end"], parts["start"], parts["leaf"]))
    return Found(**{name: part[order] for name, part in parts.items()})


def values(sheet: Sheet, found: Found, chosen: Ints) -> pa.Array:
    """The texts of chosen findings.

    Args:
        chosen: indexes of findings, ascending.

    Returns:
        pa.string(), one for each.
    """
    whole = found.whole[chosen]
    leaves, place = np.unique(found.leaf[chosen[whole]], return_inverse=True)
    texts = leaf_texts(sheet, leaves)
    if whole.all() and len(leaves) == len(chosen):
        return texts
    parts = pa.array([_value(sheet, found, i) for i in chosen[~whole].tolist()], pa.string())
    order = np.empty(len(chosen), np.int64)
    order[whole] = place
    order[~whole] = len(leaves) + np.arange(len(parts))
    return pa.concat_arrays([texts, parts]).take(pa.array(order))


def _value(sheet: Sheet, found: Found, i: int) -> str:
    raw = sheet.buffer[found.start[i] : found.end[i]].tobytes()
    return text_of(raw) if sheet.leaves.escaped[found.leaf[i]] else raw.decode("utf-8")
