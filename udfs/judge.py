"""Judging: the engine around which nothing is lost, whatever becomes of the engine."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from policy.plan import Plan
from udfs.engine import Engine, Outcome
from udfs.keys import Keys, KeysUnavailable
from udfs.meters import added, count_reasons
from udfs.refusal import Refusal, as_json
from udfs.series import Batch, Shape

TAIL = (
    ("audit", "STRING", pa.string()),
    ("reason", "STRING", pa.string()),
    ("record", "BYTES", pa.binary()),
    ("coordinates", "STRING", pa.string()),
    ("producer", "STRING", pa.string()),
    ("at", "BIGINT", pa.int64()),
    ("attributes", "STRING", pa.string()),
    ("level", "STRING", pa.string()),
)
"""The result's fields after the segments': name, SQL type, Arrow type. Those from `reason` to `attributes` are NULL
unless the record is quarantined, and then `level` is."""


@dataclass(frozen=True)
class Judged:
    """What became of a batch.

    Attributes:
        rows: one column for each segment with its view (documents alone), or whether it is delivered and then each
            column of the record; then those of `TAIL`. Names are `f0`, `f1`, …
        counts: those of `Outcome.counts`.
    """

    rows: pa.StructArray
    counts: dict[str, int]


class Judge:
    """Runs the engine on batches; a record on which the engine itself fails is quarantined, alone.

    Args:
        plan: the compiled policy.
        shape: what a batch looks like.
        keys: of masks and digests.

    Raises:
        Exception: whatever the engine raises when something that the plan needs is missing.
    """

    def __init__(self, plan: Plan, shape: Shape, keys: Keys) -> None:
        self._shape = shape
        columns = [argument.name for argument in shape.record]
        self._engine = Engine(
            plan, keys, columns, shape.document, shape.producer_path, nested=shape.nested, envelope=shape.envelope
        )
        self._refusal = Refusal(plan, keys, shape.bare)

    def judge(self, batch: Batch) -> Judged:
        """The engine's outcome. When the engine raises, each half is tried alone, down to the record at fault.

        Raises:
            KeysUnavailable: who keeps the keys cannot be reached. That is no record's fault: the job stops, and tries
                again.
        """
        try:
            outcome = self._engine.run(batch.records, batch.coordinates, batch.producer, batch.time)
            return Judged(self._rows(batch, outcome), outcome.counts)
        except KeysUnavailable:
            raise
        except Exception as error:
            failure = type(error).__name__
        rows = batch.records.num_rows
        if rows == 1:
            return self._refused(batch, f"engine failed: {failure}")
        half = rows // 2
        first, second = self.judge(batch.slice(0, half)), self.judge(batch.slice(half, rows - half))
        return Judged(pa.concat_arrays([first.rows, second.rows]), added(first.counts, second.counts))

    def _refused(self, batch: Batch, reason: str) -> Judged:
        """The outcome of one record that the engine could not take: no segment gets it, and it is accounted for."""
        plan = self._engine.plan
        kind = batch.records.column(0).type if self._shape.bare else pa.struct(list(batch.records.schema))
        views = {segment.name: pa.nulls(1, kind) for segment in plan.segments}
        counts = {"records": 1, "quarantined": 1, **count_reasons(pa.array([reason]))}
        counts.update({f"{s.name}.{what}": 0 for s in plan.segments for what in ("delivered", "denied")})
        event = self._refusal.event(batch.records, batch.coordinates, batch.producer, batch.time, reason)
        audit = pa.array([event], pa.string())
        outcome = Outcome(views, audit, pa.array([reason], pa.string()), pa.nulls(1, pa.string()), counts)
        return Judged(self._rows(batch, outcome), counts)

    def _rows(self, batch: Batch, outcome: Outcome) -> pa.StructArray:
        columns: list[pa.Array] = []
        for segment in self._engine.plan.segments:
            view = outcome.segments[segment.name]
            columns += [view] if self._shape.bare else [view.is_valid(), *view.flatten()]
        columns += [outcome.audit, outcome.quarantine, *self._kept(batch, outcome.quarantine), outcome.level]
        return pa.StructArray.from_arrays(columns, names=[f"f{i}" for i in range(len(columns))])

    def _kept(self, batch: Batch, reasons: pa.Array) -> list[pa.Array]:
        """What the quarantine keeps of its records: record, coordinates, producer, time, and what stood beside a
        document; NULL for all others."""
        rows = batch.records.num_rows
        if reasons.null_count == rows:
            return [pa.nulls(rows, kind) for _, _, kind in TAIL[2:-1]]
        held = reasons.is_valid()
        beside = None
        if self._shape.document and not self._shape.bare:
            beside = batch.records.select(batch.records.schema.names[1:])
        record = batch.records.column(0).cast(pa.binary()) if self._shape.document else as_json(batch.records, held)
        coordinates = batch.coordinates
        places = pa.nulls(rows, pa.string()) if coordinates is None else as_json(coordinates, held).cast(pa.string())
        producer = pa.nulls(rows, pa.string()) if batch.producer is None else batch.producer
        time = pa.nulls(rows, pa.int64()) if batch.time is None else batch.time
        attributes = as_json(beside, held).cast(pa.string()) if beside else pa.nulls(rows, pa.string())
        # Not by `pc.if_else`: of a slice of strings and a null scalar pyarrow 16.1 makes an array with wrong offsets.
        chosen = pa.array(np.arange(rows), mask=reasons.is_null().to_numpy(zero_copy_only=False))
        return [kept.take(chosen) for kept in (record, places, producer, time, attributes)]
