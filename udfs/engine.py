"""The engine: a batch of records in, what each segment may see out, with an audit event for each record.

    read ──▶ find ──▶ decide ──▶ mask per segment ──▶ audit

It runs without Flink, and a test holds it to that. Every record is accounted for: it is delivered or denied in each
segment, or it is quarantined, and then no segment gets anything of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from policy.path import parse_path
from policy.plan import Plan, SegmentPlan
from policy.proof import violations
from udfs.audit import Auditor
from udfs.decide import DELIVER, Decided, decide, no_change_events, unknown_fields
from udfs.detect import Detector
from udfs.found import Finder, Found, leaf_texts
from udfs.keys import Keys
from udfs.mask import check_keys
from udfs.meters import added, count_findings, count_levels, count_masked, count_reasons
from udfs.places import Places
from udfs.records.read import DOCUMENT, Form, Reasons, is_text, read, readable, rows_of
from udfs.records.sheet import KEY, NUMBER, STRING, Ints, Sheet, only
from udfs.refusal import json_of
from udfs.rewrite import Rewriter, columns_of

_Flags = npt.NDArray[np.bool_]

MAX_BYTES = 1 << 26
"""Bytes of records that are worked on at once; a larger batch is halved. Locating values takes ten times as much."""


@dataclass(frozen=True)
class Outcome:
    """What became of a batch.

    Attributes:
        segments: by segment name, one value for each record, null where it is not delivered. Documents alone: an array
            of the input's type. Several columns, or typed ones: a pa.StructArray of the input's columns.
        audit: pa.string(), one JSON event for each record.
        quarantine: pa.string(), the value-free reason; null where the record was not quarantined.
        level: pa.string(), the name of each record's level; null where it was quarantined.
        counts: `records`, `quarantined`, and for each segment `<segment>.delivered` and `<segment>.denied`. What is not
            0 of `level|NAME`, `quarantine|CLASS`, `masked|SEGMENT|ENTITY` and `finding|ENTITY|DETECTOR`: see
            `udfs.meters`.
    """

    segments: dict[str, pa.Array]
    audit: pa.Array
    quarantine: pa.Array
    level: pa.Array
    counts: dict[str, int]


@dataclass(frozen=True)
class _Judged:
    """A batch that was read and searched."""

    sheet: Sheet
    found: Found
    reasons: Reasons


class Engine:
    """Runs a plan on batches of records.

    Args:
        plan: the compiled policy.
        keys: of all keyed masks and of the audit's digests.
        columns: names of the record's columns.
        document: True when the first column holds JSON documents, whose fields are the record's; the others then stand
            beside them, under their names. False for typed columns.
        producer_path: path in the document that names the producer, if any.
        segments: names of the segments to make; all, if None.
        nested: columns of JSON whose fields stand under the column's name: `address.city`.
        envelope: `debezium` when records are change events; see `udfs.places.ENVELOPES`.

    Raises:
        ValueError: a plan that breaks a clearance, no column, or an unknown segment.
        KeysError: the keys lack what the plan needs: an epoch, or a key table.
        Exception: whatever a recognizer or mask that the plan needs raises when it is missing.
    """

    def __init__(
        self,
        plan: Plan,
        keys: Keys,
        columns: Sequence[str],
        document: bool,
        producer_path: str | None = None,
        segments: Sequence[str] | None = None,
        nested: Sequence[str] = (),
        envelope: str | None = None,
    ) -> None:
        if not columns:
            raise ValueError("columns must be at least one; got none")
        broken = [f"{v.entity} would be {v.exposure} in {v.segment}" for v in violations(plan)]
        if broken:
            raise ValueError(f"the plan breaks the clearance: {'; '.join(broken)}; compile the policy again")
        self.plan = _narrowed(plan, segments)
        self.columns = tuple(columns)
        self._forms = [Form(name in nested, name) for name in columns]
        if document:
            self._forms[0] = DOCUMENT
        self._bare = document and len(columns) == 1
        self._enveloped = document and envelope is not None
        self._keys = keys
        check_keys(self.plan, keys)
        self._entities = sorted(plan.entities)
        self._levels = np.array([plan.entities[e] for e in self._entities], np.int64)
        self._places = Places(self.plan, self._entities, envelope)
        self._detector = Detector(plan)
        self._finder = Finder(self._detector, self._entities, self._places)
        key = keys.keyring().derive("weir/1/audit", "digest", plan.key_epoch)
        self._audit = Auditor(self.plan, plan.digest, key, self._entities, self._finder.detectors)
        self._producer = parse_path(producer_path) if producer_path else None

    def run(
        self,
        records: pa.RecordBatch,
        coordinates: pa.RecordBatch | None = None,
        producer: pa.Array | None = None,
        time: pa.Array | None = None,
    ) -> Outcome:
        """Classify, mask and account for a batch.

        Args:
            records: the columns that the engine was made for.
            coordinates: where the records come from (topic, partition, offset, file, …), one row each, for the audit.
            producer: pa.string(), who produced each record.
            time: pa.int64(), the records' times in ms UTC.

        Raises:
            TypeError: the columns are not those that the engine was made for, or of a type that it can't read.
        """
        rows = records.num_rows
        if rows > 1 and records.nbytes > MAX_BYTES:
            given = (records, coordinates, producer, time)
            first = self.run(*(None if g is None else g.slice(0, rows // 2) for g in given))
            return _joined(first, self.run(*(None if g is None else g.slice(rows // 2) for g in given)))
        judged, decided, segments, touched = self._masked(records)
        sheet, reasons = judged.sheet, judged.reasons
        audit = self._audit.events(
            sheet,
            judged.found,
            decided,
            reasons,
            self._places,
            self._finder.secret,
            self._about(sheet, coordinates, producer, time),
            *self._digests(records, segments, touched),
        )
        quarantine = pa.array([reasons.get(row) for row in range(sheet.rows)], pa.string()) if reasons else None
        nothing = pa.nulls(sheet.rows, pa.string()) if quarantine is None else quarantine
        healthy = _healthy(judged)
        level = pa.DictionaryArray.from_arrays(pa.array(decided.level, mask=~healthy), pa.array(self.plan.levels))
        return Outcome(
            segments, audit, nothing, level.cast(pa.string()), self._counts(judged, decided, healthy, nothing)
        )

    def views(self, records: pa.RecordBatch) -> dict[str, pa.Array]:
        """What each segment may see of a batch, as in `Outcome.segments`, and no account of it: for functions in SQL.

        Raises:
            TypeError: as `run`.
        """
        rows = records.num_rows
        if rows > 1 and records.nbytes > MAX_BYTES:
            first, second = self.views(records.slice(0, rows // 2)), self.views(records.slice(rows // 2))
            return {name: pa.concat_arrays([view, second[name]]) for name, view in first.items()}
        return self._masked(records)[2]

    def _masked(self, records: pa.RecordBatch) -> tuple[_Judged, Decided, dict[str, pa.Array], list[Ints]]:
        """The batch judged and decided, each segment's view, and the rows of it in which anything was masked."""
        judged = self._judge(records)
        sheet, found, reasons = judged.sheet, judged.found, judged.reasons
        if self._enveloped:
            reasons |= no_change_events(records.column(0), sheet, self._places) | reasons
        reasons |= unknown_fields(self.plan, sheet, self._places, self._finder.secret) | reasons
        rewriter = Rewriter(sheet, found, self._entities, self._finder.detectors, self._keys, self._places)
        for segment in self.plan.segments:
            rewriter.prepare(segment)
        reasons |= rewriter.failed | reasons
        decided = decide(self.plan, sheet, found, self._levels, self._places, self._entities)
        healthy, segments, touched = _healthy(judged), {}, []
        for number, segment in enumerate(self.plan.segments):
            deliver = healthy & (decided.decision[:, number] == DELIVER)
            segments[segment.name], rows = self._view(rewriter, segment, records, deliver)
            touched.append(rows)
        return judged, decided, segments, touched

    def findings(self, records: pa.RecordBatch) -> tuple[list[list[dict[str, object]]], Reasons]:
        """Every finding of a batch, with its place, and no decision on it.

        Returns:
            For each record its findings: path, start and end (code points in the value's text, half-open), entity,
            score, detector; overlapping ones included. And the reasons of records that could not be judged.
        """
        judged = self._judge(records)
        found, sheet = judged.found, judged.sheet
        result: list[list[dict[str, object]]] = [[] for _ in range(sheet.rows)]
        rows = rows_of(sheet)
        last = found.last.copy()
        to_the_end = np.flatnonzero(last < 0)
        texts = leaf_texts(sheet, found.leaf[to_the_end])
        last[to_the_end] = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
        for i in range(len(found)):
            leaf = int(found.leaf[i])
            result[int(rows[leaf])].append({
                "path": self._places.show(int(sheet.leaves.path[leaf]), self._finder.secret),
                "start": int(found.first[i]),
                "end": int(last[i]),
                "entity": self._entities[int(found.entity[i])],
                "score": float(found.score[i]),
                "detector": self._finder.detectors[int(found.detector[i])],
                **({"key": True} if sheet.leaves.kind[leaf] == KEY else {}),
            })  # fmt: skip
        return result, judged.reasons

    def _judge(self, records: pa.RecordBatch) -> _Judged:
        self._check(records)
        if self._places.paths.full:
            self._places.reset()
            self._audit.reset()
            self._finder.secret.clear()
        paths = self._places.paths
        sheet, reasons = read(records, self._forms, paths)
        self._places.learn()
        found, failed = self._finder.find(sheet)
        return _Judged(sheet, found, failed | reasons)

    def _check(self, records: pa.RecordBatch) -> None:
        if tuple(records.schema.names) != self.columns:
            raise TypeError(f"records must have the columns {list(self.columns)}; got {records.schema.names}")
        for field, form in zip(records.schema, self._forms, strict=True):
            kind = field.type
            if not (is_text(kind) if form.json else readable(kind)):
                wanted = "STRING or BYTES" if form.json else "a scalar type"
                raise TypeError(f"column {field.name} must be {wanted}; got {kind}")

    def _view(
        self, rewriter: Rewriter, segment: SegmentPlan, records: pa.RecordBatch, deliver: _Flags
    ) -> tuple[pa.Array, Ints]:
        """What the segment receives, and the rows in which anything was masked."""
        cells, nulls, touched = rewriter.view(segment, deliver)
        if not self._bare:
            return columns_of(cells, nulls, records, deliver), touched
        if not deliver.all():
            cells = only(cells, deliver)
        return cells.cast(records.column(0).type), touched

    def _about(
        self, sheet: Sheet, coordinates: pa.RecordBatch | None, producer: pa.Array | None, time: pa.Array | None
    ) -> list[tuple[str, str, str]]:
        rows = sheet.rows
        places = ["{}"] * rows if coordinates is None else [_json(c) for c in coordinates.to_pylist()]
        producers = self._producers(sheet) if producer is None else producer.to_pylist()
        producers = self._value_free(producers)
        times = ["null"] * rows if time is None else ["null" if t is None else str(t) for t in time.to_pylist()]
        return list(zip(times, places, [_json(p) for p in producers], strict=True))

    def _producers(self, sheet: Sheet) -> list[str | None]:
        producers: list[str | None] = [None] * sheet.rows
        if self._producer is None:
            return producers
        number = next((n for n, path in enumerate(self._places.paths.paths) if path == self._producer), None)
        if number is None:
            return producers
        named = (sheet.leaves.kind == STRING) | (sheet.leaves.kind == NUMBER)
        chosen = np.flatnonzero((sheet.leaves.path == number) & named)
        rows: Ints = rows_of(sheet)[chosen]
        for row, text in zip(rows.tolist(), leaf_texts(sheet, chosen).to_pylist(), strict=True):
            producers[row] = text
        return producers

    def _value_free(self, producers: list[str | None]) -> list[str | None]:
        """Names of producers that hold a finding (an e-mail address, say) are replaced by their keyed digest."""
        distinct = sorted({p for p in producers if p is not None})
        detected = self._detector.detect(pa.array(distinct, pa.string()))
        secret = {f.text for f in detected.findings} | set(detected.failed)
        digests = {distinct[i]: f"digest:{self._audit.digests([distinct[i].encode()])[0]}" for i in secret}
        return [digests.get(p, p) if p is not None else None for p in producers]

    def _digests(
        self, records: pa.RecordBatch, segments: dict[str, pa.Array], touched: Sequence[Ints]
    ) -> tuple[list[str | None], list[list[str | None]]]:
        """The digests of the records as they came, and of what each segment received.

        What no mask has touched is what came in: its digest is not made again.
        """
        columns, names = records.columns, records.schema.names
        inputs = self._audit.digests(_bytes(columns[0] if self._bare else pa.StructArray.from_arrays(columns, names)))
        as_they_came = np.array(inputs, object)
        outputs = []
        for view, rows in zip(segments.values(), touched, strict=True):
            received = as_they_came.copy()
            received[view.is_null().to_numpy(zero_copy_only=False)] = None
            received[rows] = self._audit.digests(_bytes(view.take(pa.array(rows))))
            outputs.append(received.tolist())
        return inputs, outputs

    def _counts(self, judged: _Judged, decided: Decided, healthy: _Flags, reasons: pa.Array) -> dict[str, int]:
        counts = {"records": len(healthy), "quarantined": int((~healthy).sum())}
        found = judged.found
        row = rows_of(judged.sheet)[found.leaf]
        masked: dict[str, int] = {}
        for number, segment in enumerate(self.plan.segments):
            deliver = healthy & (decided.decision[:, number] == DELIVER)
            counts[f"{segment.name}.delivered"] = delivered = int(deliver.sum())
            counts[f"{segment.name}.denied"] = int(healthy.sum()) - delivered
            masked |= count_masked(found.entity[deliver[row]], segment.name, list(segment.masks), self._entities)
        seen = healthy[row]
        detectors = self._finder.detectors
        counts |= count_levels(decided.level[healthy], self.plan.levels)
        counts |= count_reasons(reasons)
        return counts | masked | count_findings(found.entity[seen], found.detector[seen], self._entities, detectors)


def _healthy(judged: _Judged) -> _Flags:
    healthy = np.ones(judged.sheet.rows, np.bool_)
    healthy[list(judged.reasons)] = False
    return healthy


def _joined(first: Outcome, second: Outcome) -> Outcome:
    return Outcome(
        {name: pa.concat_arrays([view, second.segments[name]]) for name, view in first.segments.items()},
        pa.concat_arrays([first.audit, second.audit]),
        pa.concat_arrays([first.quarantine, second.quarantine]),
        pa.concat_arrays([first.level, second.level]),
        added(first.counts, second.counts),
    )


def _narrowed(plan: Plan, segments: Sequence[str] | None) -> Plan:
    if segments is None:
        return plan
    known = {s.name: s for s in plan.segments}
    unknown = [name for name in segments if name not in known]
    if unknown:
        raise ValueError(f"segments must be among {sorted(known)}; got {unknown}")
    return replace(plan, segments=tuple(known[name] for name in segments))


def _bytes(values: pa.Array) -> list[bytes | None]:
    """What is digested: documents alone as they are, several columns as JSON."""
    if pa.types.is_struct(values.type):
        return [None if v is None else json_of(v) for v in values.to_pylist()]
    read: list[bytes | None] = values.cast(pa.binary()).to_pylist()
    return read


def _json(value: object) -> str:
    return json_of(value).decode()
