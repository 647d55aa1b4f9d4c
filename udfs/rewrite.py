"""Rewriting: a segment's view of a batch, in which each finding that it may not see is masked.

Each (mask, entity) pair is computed once for a batch, however many segments share it.
"""

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from policy.plan import MaskPlan, SegmentPlan
from udfs import mask
from udfs.detect.overlap import resolve
from udfs.drops import field_spans
from udfs.findings import Finding
from udfs.found import Found, values
from udfs.keys import Keys, KeysUnavailable
from udfs.persons import persons
from udfs.places import Places
from udfs.records.document import encode
from udfs.records.read import MOST, Reasons, is_text, rows_of
from udfs.records.sheet import KEY, STRING, Ints, Sheet, only, splice
from udfs.records.values import value_of


class Rewriter:
    """Masks of one batch.

    Attributes:
        failed: rows in which a mask failed, with the value-free reason.
    """

    def __init__(
        self, sheet: Sheet, found: Found, entities: list[str], detectors: list[str], keys: Keys, places: Places
    ) -> None:
        self._sheet = sheet
        self._found = found
        self._entities = entities
        self._detectors = detectors
        self._keys = keys
        self._places = places
        self._persons: dict[str, pa.Array] = {}
        self._of_entity = {e: np.flatnonzero(found.entity == e) for e in np.unique(found.entity).tolist()}
        self._rank = np.zeros(len(found), np.int64)
        for chosen in self._of_entity.values():
            self._rank[chosen] = np.arange(len(chosen))
        self._values: dict[int, pa.Array] = {}
        self._masked: dict[tuple[str, str, str | None, int], pa.Array] = {}
        self._row = rows_of(sheet)
        self.failed: Reasons = {}

    def prepare(self, segment: SegmentPlan) -> None:
        """Compute what the segment needs, so that a mask that fails is known before anything is delivered."""
        for entity in self._of_entity:
            plan = segment.masks.get(self._entities[entity])
            if plan is not None:
                self._mask(plan, entity)

    def _mask(self, plan: MaskPlan, entity: int) -> pa.Array:
        key = (plan.name, repr(sorted(plan.params.items())), plan.scope, entity)
        if key not in self._masked:
            self._masked[key] = self._apply(plan, entity)
        return self._masked[key]

    def _apply(self, plan: MaskPlan, entity: int) -> pa.Array:
        chosen = self._of_entity[entity]
        if entity not in self._values:
            self._values[entity] = values(self._sheet, self._found, chosen)
        texts, name = self._values[entity], self._entities[entity]
        subjects = self._subjects(plan, chosen)
        try:
            return mask.apply(plan, name, texts, self._keys, subjects)
        except KeysUnavailable:
            raise
        except Exception:  # whatever a mask raises: find the record that it failed on
            return pa.concat_arrays(
                [self._apply_one(plan, name, texts.slice(i, 1), chosen[i : i + 1]) for i in range(len(texts))]
            )

    def _apply_one(self, plan: MaskPlan, entity: str, text: pa.Array, chosen: Ints) -> pa.Array:
        try:
            return mask.apply(plan, entity, text, self._keys, self._subjects(plan, chosen))
        except KeysUnavailable:
            raise
        except Exception as error:
            row = int(self._row[self._found.leaf[chosen[0]]])
            self.failed[row] = f"mask: {plan.name} failed on {entity}: {_cause(error, text[0].as_py())}"
            return pa.array([""], pa.string())

    def _subjects(self, plan: MaskPlan, chosen: Ints) -> pa.Array | None:
        """Whom the records of chosen findings are about, for a mask that asks for it."""
        if plan.subject is None:
            return None
        if plan.subject not in self._persons:
            self._persons[plan.subject] = persons(self._sheet, self._places, plan.subject)
        return self._persons[plan.subject].take(pa.array(self._row[self._found.leaf[chosen]]))

    def view(self, segment: SegmentPlan, deliver: npt.NDArray[np.bool_]) -> tuple[pa.Array, Ints, Ints]:
        """The segment's cells.

        Args:
            deliver: per row, True where the segment gets the record.

        Returns:
            pa.binary() of all cells, the indexes of those cells that a mask made NULL (of plain texts only), and the
            rows in which anything was masked, ascending.
        """
        found, sheet = self._found, self._sheet
        # What stays in the clear is no change: as one, `keep` would make texts of numbers, and shield what it overlaps.
        changing = {name for name, plan in segment.masks.items() if plan.exposure != "clear"}
        masked = np.array([name in changing for name in self._entities], np.bool_)
        chosen = (
            np.flatnonzero(masked[found.entity] & deliver[self._row[found.leaf]])
            if len(found)
            else np.empty(0, np.int64)
        )
        touched = np.unique(self._row[found.leaf[chosen]])
        chosen, dropped = self._drop(segment, chosen)
        chosen, extra_start, extra_end = self._without_overlaps(chosen)
        if not chosen.size and not extra_start.size and not dropped.start.size:
            return splice(sheet, chosen, chosen, pa.array([], pa.binary())), dropped.cells, touched
        texts = self._replacements(segment, chosen)
        start, end, quoted = self._spans(chosen)
        encoded = self._encode(texts, quoted, sheet.in_json(found.leaf[chosen]))
        if extra_start.size or dropped.start.size:
            start = np.concatenate([start, extra_start, dropped.start])
            end = np.concatenate([end, extra_end, dropped.end])
            order = np.lexsort((end, start))  # an empty text that is dropped comes before what starts where it ends
            extra = pa.array([b""] * len(extra_start) + dropped.instead, pa.binary())
            encoded = pa.concat_arrays([encoded, extra]).take(pa.array(order))
            start, end = start[order], end[order]
        empty = pc.is_null(texts).to_numpy(zero_copy_only=False)
        leaves = found.leaf[chosen[empty]]
        nulls = sheet.leaves.cell[leaves[~sheet.in_json(leaves)]]
        return splice(sheet, start, end, encoded), np.concatenate([nulls, dropped.cells]), touched

    def _drop(self, segment: SegmentPlan, chosen: Ints) -> tuple[Ints, "_Dropped"]:
        """The findings that do not stand in a dropped field, and the fields that the segment's masks drop."""
        found, sheet, none = self._found, self._sheet, np.empty(0, np.int64)
        effects = [segment.masks[name].effect if name in segment.masks else "" for name in self._entities]
        drops = np.array([effect == "field" for effect in effects], np.bool_)
        if not drops.any():
            return chosen, _Dropped(none, none, [], none)
        leaves = np.unique(found.leaf[chosen[drops[found.entity[chosen]]]])
        in_json = sheet.in_json(leaves)
        cells = sheet.leaves.cell[leaves[~in_json]]
        start, end, whole = field_spans(sheet, leaves[in_json])
        instead = [b"null" if alone else b"" for alone in whole] + [b""] * len(cells)
        start = np.concatenate([start, sheet.offsets[cells]])
        end = np.concatenate([end, sheet.offsets[cells + 1]])
        order = np.argsort(start, kind="stable")
        start, end = start[order], end[order]
        span = np.searchsorted(start, found.start[chosen], "right") - 1
        inside = (span >= 0) & (found.start[chosen] < np.append(end, 0)[span])
        gone = inside | np.isin(found.leaf[chosen], leaves[~in_json])  # an empty text has no byte to lie inside
        return chosen[~gone], _Dropped(start, end, [instead[i] for i in order], cells)

    def _replacements(self, segment: SegmentPlan, chosen: Ints) -> pa.Array:
        arrays, base, size = [], np.zeros(len(self._entities), np.int64), 0
        for entity in np.unique(self._found.entity[chosen]).tolist():
            base[entity] = size
            arrays.append(self._mask(segment.masks[self._entities[entity]], entity))
            size += len(arrays[-1])
        if not arrays:
            return pa.array([], pa.string())
        return pa.concat_arrays(arrays).take(pa.array(base[self._found.entity[chosen]] + self._rank[chosen]))

    def _spans(self, chosen: Ints) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
        """Where the replacements go: a whole JSON value goes with its quotes, so that it can become null."""
        found, sheet = self._found, self._sheet
        kind = sheet.leaves.kind[found.leaf[chosen]]
        quoted = found.whole[chosen] & (kind != KEY) & sheet.in_json(found.leaf[chosen])
        grow = (quoted & (kind == STRING)).astype(np.int64)
        return found.start[chosen] - grow, found.end[chosen] + grow, quoted

    def _encode(self, texts: pa.Array, quoted: npt.NDArray[np.bool_], in_json: npt.NDArray[np.bool_]) -> pa.Array:
        """The replacements as bytes: plain in plain cells, and in JSON as whole values or as parts of texts."""
        ways = []
        if not in_json.all():
            ways.append((~in_json, pc.fill_null(texts, "").cast(pa.binary())))
        if quoted.any():
            ways.append((quoted, encode(texts, quoted=True)))
        if not (quoted | ~in_json).all():
            ways.append((in_json & ~quoted, encode(texts, quoted=False)))
        encoded = ways.pop()[1] if ways else pa.array([], pa.binary())
        for chosen, other in ways:
            encoded = pc.if_else(pa.array(chosen), other, encoded)
        return encoded

    def _without_overlaps(self, chosen: Ints) -> tuple[Ints, Ints, Ints]:
        """The findings that win where some overlap, and the spans of what losers leave over, which are redacted.

        Only findings that this segment has to mask compete: one that it may see must not shield one that it may not.
        """
        found = self._found
        leaf, start, end = found.leaf[chosen], found.start[chosen], found.end[chosen]
        none = np.empty(0, np.int64)
        clash = np.flatnonzero((leaf[1:] == leaf[:-1]) & (start[1:] < np.maximum.accumulate(end)[:-1]))
        if not clash.size:
            return chosen, none, none
        keep = np.ones(len(chosen), np.bool_)
        rest: list[tuple[int, int]] = []
        for one in np.unique(leaf[clash]).tolist():
            here = np.flatnonzero(leaf == one) if len(leaf) < 64 else np.arange(*np.searchsorted(leaf, [one, one + 1]))
            winners = self._winners(chosen[here])
            keep[here] = np.isin(chosen[here], winners)
            rest += _left_over(
                [(int(found.start[i]), int(found.end[i])) for i in chosen[here]],
                sorted((int(found.start[i]), int(found.end[i])) for i in winners),
            )
        spans = np.array(sorted(rest), np.int64).reshape(-1, 2)
        return chosen[keep], spans[:, 0], spans[:, 1]

    def _winners(self, rivals: Ints) -> list[int]:
        found = self._found
        index = {
            Finding(
                0, int(found.start[i]), int(found.end[i]), self._entities[found.entity[i]], float(found.score[i]),
                self._detectors[found.detector[i]],
            ): int(i)
            for i in reversed(rivals)
        }  # fmt: skip
        # A loser that was cut is no winner: its mask would show another part of the value than it was meant to.
        return [index[finding] for finding in resolve(list(index)) if finding in index]


_SAID_ALREADY = re.compile(r"^mask '[\w.]+'(?: on \w+)?: |; no value was masked$")


class _Dropped(NamedTuple):
    """Fields that are dropped: their spans, what stands there instead, and the cells that become NULL."""

    start: Ints
    end: Ints
    instead: list[bytes]
    cells: Ints


def _cause(error: Exception, value: str | None) -> str:
    """What a mask says of its failure, unless it quotes the value."""
    text = str(error)
    if not isinstance(error, mask.MaskError) or (value and value in text):
        return type(error).__name__
    return _SAID_ALREADY.sub("", text)


def _left_over(spans: list[tuple[int, int]], winners: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What the spans cover and the winners (sorted, apart) do not, as sorted spans that are apart."""
    covered: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if covered and start <= covered[-1][1]:
            covered[-1] = (covered[-1][0], max(end, covered[-1][1]))
        else:
            covered.append((start, end))
    rest = []
    for start, end in covered:
        for low, high in winners:
            if high <= start or low >= end:
                continue
            if low > start:
                rest.append((start, low))
            start = high
        if start < end:
            rest.append((start, end))
    return rest


def columns_of(view: pa.Array, nulls: Ints, records: pa.RecordBatch, deliver: npt.NDArray[np.bool_]) -> pa.Array:
    """A segment's typed columns out of its cells.

    A value that no mask touched stays as it was, its type included. A masked value of a column that is not text is
    read back as the column's type, and is NULL where it can't be.

    Args:
        view: pa.binary(), the cells of all columns, one column's after the other's.
        nulls: indexes of the cells that are NULL.
        records: the columns as they came.
        deliver: per row, True where the segment gets the record.

    Returns:
        pa.StructArray, null where a row is not delivered.
    """
    rows = records.num_rows
    kept = np.ones(len(view), np.bool_)
    kept[nulls] = False
    columns = []
    for number, (column, field) in enumerate(zip(records.columns, records.schema, strict=True)):
        here = kept[number * rows : (number + 1) * rows] & deliver & column.is_valid().to_numpy(zero_copy_only=False)
        cells = only(view.slice(number * rows, rows), here).cast(pa.string())
        columns.append(_text(column, cells, field) if is_text(column.type) else _typed(column, cells, deliver))
    valid = pa.array(~deliver)
    return pa.StructArray.from_arrays(columns, fields=list(records.schema), mask=valid)


def _text(column: pa.Array, cells: pa.Array, field: pa.Field) -> pa.Array:
    """A column of texts: what a mask made longer than its type allows is NULL."""
    longest = int((field.metadata or {}).get(MOST, 0))
    masked = cells.cast(column.type)
    if not longest:
        return masked
    length = pc.binary_length(masked) if pa.types.is_binary(field.type) else pc.utf8_length(masked)
    over = pc.fill_null(pc.and_(pc.greater(length, longest), pc.not_equal(masked, column)), False)
    # Not by `pc.if_else`: of a slice of texts and a null pyarrow 16.1 makes an array with wrong offsets.
    places = pa.array(np.arange(len(masked)), mask=over.to_numpy(zero_copy_only=False))
    return masked.take(places)


def _typed(column: pa.Array, cells: pa.Array, deliver: npt.NDArray[np.bool_]) -> pa.Array:
    before = column.cast(pa.string())
    same = pc.fill_null(pc.equal(before, cells), False).to_numpy(zero_copy_only=False)
    kept = column.take(pa.array(np.arange(len(column)), mask=~(same & deliver)))
    changed = np.flatnonzero(~same & deliver & pc.is_valid(cells).to_numpy(zero_copy_only=False))
    if not changed.size:
        return kept
    read = {int(row): value_of(cells[int(row)].as_py(), column.type) for row in changed}
    return pa.array([read.get(row, value) for row, value in enumerate(kept.to_pylist())], column.type)
