"""Finding: every finding of a batch, by field rules and by the detector, as arrays."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from udfs.detect import NO_FIELD, Detected, Detector, Fields
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

    def __init__(self, detector: Detector, entities: list[str], places: Places) -> None:
        self._detector = detector
        self._places = places
        self._entity = {entity: index for index, entity in enumerate(entities)}
        self.detectors = [FIELD]
        self._detector_index = {FIELD: 0}
        self.secret: set[int] = set()

    def find(self, sheet: Sheet) -> tuple[Found, Reasons]:
        """All findings of a sheet, overlapping ones included, and the rows that could not be judged."""
        leaves, places = sheet.leaves, self._places
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
            return _found(0), {}
        texts, leaves = leaf_texts(sheet, chosen), sheet.leaves
        places = np.where(leaves.kind[chosen] == KEY, NO_FIELD, leaves.path[chosen])
        detected = self._detector.detect(texts, Fields(places, self._places.paths.paths))
        rows = rows_of(sheet)
        reasons = {int(rows[chosen[text]]): f"detect: {reason}" for text, reason in detected.failed.items()}
        return self._located(sheet, chosen, texts, detected), reasons

    def _located(self, sheet: Sheet, chosen: Ints, texts: pa.Array, detected: Detected) -> Found:
        """The spans of findings in the sheet's bytes."""
        leaves, number = sheet.leaves, detected.text
        found = _found(len(number))
        if not len(number):
            return found
        found.leaf[:], found.score[:] = chosen[number], detected.score
        found.first[:], found.last[:] = detected.start, detected.end
        used, source = np.unique(detected.source, return_inverse=True)
        sources = [detected.sources[i] for i in used.tolist()]
        found.entity[:] = np.array([self._entity[s.entity] for s in sources], np.int64)[source]
        found.detector[:] = np.array([self._detector_number(s.name) for s in sources], np.int64)[source]
        lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False)[number]
        np.minimum(found.last, lengths, out=found.last)
        begin, size = leaves.start[found.leaf], leaves.end[found.leaf] - leaves.start[found.leaf]
        low, high = found.first.copy(), np.where(found.last == lengths, size, found.last)
        for leaf, here in _by_leaf(found, leaves.escaped[found.leaf] | (size != lengths)):
            bounds = _bounds(sheet, leaf)
            low[here], high[here] = bounds[found.first[here]], bounds[found.last[here]]
        # Part of a number can't be masked: what is left would be another number.
        is_number = leaves.kind[found.leaf] == NUMBER
        low[is_number], high[is_number] = 0, size[is_number]
        found.start[:], found.end[:] = begin + low, begin + high
        found.whole[:] = (low == 0) & (high == size)
        self.secret.update(leaves.path[found.leaf[leaves.kind[found.leaf] == KEY]].tolist())
        return found

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


def _by_leaf(found: Found, chosen: npt.NDArray[np.bool_]) -> Iterator[tuple[int, Ints]]:
    """Leaves with chosen findings, each with the indexes of these."""
    numbers = np.flatnonzero(chosen)
    if not numbers.size:
        return
    borders = np.flatnonzero(np.diff(found.leaf[numbers])) + 1
    for group in np.split(numbers, borders):
        yield int(found.leaf[group[0]]), group


def _bounds(sheet: Sheet, leaf: int) -> Ints:
    """Where each code point of a leaf's text begins in its bytes, and their number."""
    raw = sheet.buffer[int(sheet.leaves.start[leaf]) : int(sheet.leaves.end[leaf])]
    if sheet.leaves.escaped[leaf]:
        return np.array(raw_bounds(raw.tobytes()), np.int64)
    return np.append(np.flatnonzero((raw & 0xC0) != 0x80), len(raw))


def _found(count: int) -> Found:
    """Room for findings."""
    leaf, start, end, first, last, entity, detector = (np.zeros(count, np.int64) for _ in range(7))
    whole, score = np.zeros(count, np.bool_), np.zeros(count, np.float64)
    return Found(leaf, start, end, first, last, whole, entity, score, detector)


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
