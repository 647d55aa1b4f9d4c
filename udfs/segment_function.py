"""The one function of the segment job: a batch of records in, a column for every segment out.

Flink hands a vectorised function pandas Series and takes Series back. Inside, everything is Arrow: Series become
arrays in `Shape.read`, and arrays leave as they are in `Arrow`, which Flink's writer accepts (`pa.Array.from_pandas`
asks an object for `__arrow_array__` before anything else).
"""

import importlib
import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyflink.table.udf import FunctionContext, ScalarFunction

from policy import DISTRIBUTION
from policy.plan import Plan
from udfs.engine import Engine, Outcome
from udfs.keys import load_root_key
from udfs.refusal import Refusal, as_json

ROOMS = ("policy", "udfs", "jobs")
"""The packages of the distribution. Their names are common words, so that another package may come first on a path."""

TAIL = (
    ("audit", "STRING", pa.string()),
    ("reason", "STRING", pa.string()),
    ("record", "BYTES", pa.binary()),
    ("coordinates", "STRING", pa.string()),
    ("producer", "STRING", pa.string()),
    ("at", "BIGINT", pa.int64()),
)
"""The result's fields after the segments': name, SQL type, Arrow type. All but `audit` are NULL unless the record is
quarantined."""


class ForeignCode(Exception):
    """A package of Weir was loaded from somewhere else than the others."""


class BatchFailed(Exception):
    """A batch could not be read or handed over. The message names the exception's type: its text may hold a value."""


def check_distribution() -> None:
    """Refuse to run when `policy`, `udfs` and `jobs` do not come from one place.

    Raises:
        ForeignCode: a package is missing, is not Weir's, or lies elsewhere than the others.
    """
    homes = {}
    for name in ROOMS:
        try:
            module = importlib.import_module(name)
        except ImportError:
            raise ForeignCode(f"package {name} of {DISTRIBUTION} must be on the path; ship the whole archive") from None
        if getattr(module, "DISTRIBUTION", None) != DISTRIBUTION:
            where = getattr(module, "__file__", None)
            raise ForeignCode(f"package {name} must be {DISTRIBUTION}'s; got {where}; remove it from the path")
        homes[name] = Path(str(module.__file__)).parent.parent
    if len(set(homes.values())) > 1:
        places = ", ".join(f"{name} from {home}" for name, home in homes.items())
        raise ForeignCode(f"packages must come from one place; got {places}; remove the others from the path")


class Arrow:
    """An Arrow array that Flink takes where it expects a pandas Series."""

    def __init__(self, array: pa.Array) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def isnull(self) -> None:
        """No mask: the array knows its own nulls."""
        return None

    def __arrow_array__(self, type: pa.DataType | None = None) -> pa.Array:
        """The array, under the names and nullability that Flink's schema states."""
        if type is None or self._array.type == type:
            return self._array
        if pa.types.is_struct(type):
            return pa.StructArray.from_arrays(self._array.flatten(), fields=list(type))
        return self._array.cast(type)


@dataclass(frozen=True)
class Argument:
    """A column that the function receives.

    Attributes:
        flagged: True when two arguments stand for the column: its value with NULLs replaced, and whether it is NULL.
            pandas would make floats of 64-bit integers with NULLs, and NULL of a NaN.
    """

    name: str
    type: pa.DataType
    flagged: bool = False


def needs_flag(kind: pa.DataType, nullable: bool) -> bool:
    """True for a type whose NULLs pandas cannot hold without a loss.

    >>> needs_flag(pa.int64(), True), needs_flag(pa.string(), True), needs_flag(pa.int64(), False)
    (True, False, False)
    """
    return nullable and (pa.types.is_integer(kind) or pa.types.is_floating(kind))


@dataclass(frozen=True)
class Batch:
    """What the engine gets."""

    records: pa.RecordBatch
    coordinates: pa.RecordBatch | None
    producer: pa.Array | None
    time: pa.Array | None

    def slice(self, start: int, length: int) -> "Batch":
        """The records from start on, length of them."""
        parts = (self.records, self.coordinates, self.producer, self.time)
        return Batch(*(None if part is None else part.slice(start, length) for part in parts))


@dataclass(frozen=True)
class Shape:
    """The function's arguments, in order: record columns, coordinates, producer, time.

    Attributes:
        document: True when the one record column holds JSON documents.
        producer: the column that names the producer (STRING or BYTES), if any.
        time: the column of the record's time, if any: a timestamp in UTC, or a BIGINT of ms UTC.
        producer_path: where in a document the producer stands, if that is how it is known.
    """

    record: tuple[Argument, ...]
    document: bool
    coordinates: tuple[Argument, ...] = ()
    producer: Argument | None = None
    time: Argument | None = None
    producer_path: str | None = None

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """All of them, in order."""
        return self.record + self.coordinates + tuple(a for a in (self.producer, self.time) if a)

    def read(self, values: Sequence[Any]) -> Batch:
        """Arrow arrays from what Flink passes: a Series, or a bare value where the planner found a constant."""
        rows = next((len(v) for v in values if _is_series(v)), 1)
        left = list(values)
        arrays = [_array(a, left.pop(0), left.pop(0) if a.flagged else None, rows) for a in self.arguments]
        columns, places = len(self.record), len(self.coordinates)
        rest = arrays[columns + places :]
        return Batch(
            _batch(self.record, arrays[:columns]),
            _batch(self.coordinates, arrays[columns : columns + places]) if places else None,
            _text(rest.pop(0)) if self.producer else None,
            _milliseconds(rest.pop(0)) if self.time else None,
        )


def _is_series(value: Any) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "__len__")


def _array(argument: Argument, value: Any, null: Any, rows: int) -> pa.Array:
    if not _is_series(value):
        constant = None if null is True else value
        return pa.array([constant] * rows, argument.type)
    if pa.types.is_timestamp(argument.type) and getattr(value.dtype, "tz", None) is not None:
        value = value.dt.tz_localize(None)
    if argument.flagged and _is_series(null):
        return pa.array(value.to_numpy(), argument.type, mask=null.to_numpy(), from_pandas=False)
    return pa.array(value, argument.type, from_pandas=not argument.flagged)


def _batch(arguments: Sequence[Argument], arrays: list[pa.Array]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(arrays, names=[a.name for a in arguments])


def _text(array: pa.Array) -> pa.Array:
    """Strings; bytes that are no UTF-8 become U+FFFD (a producer's name is shown, never masked)."""
    if pa.types.is_string(array.type):
        return array
    if pa.types.is_binary(array.type):
        return pa.array([None if v is None else v.decode(errors="replace") for v in array.to_pylist()], pa.string())
    return array.cast(pa.string())


def _milliseconds(array: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("ms"), safe=False)
    return array.cast(pa.int64())


_TOTALS: dict[str, Counter[str]] = {}
_LOCK = threading.Lock()


def totals(run: str) -> Counter[str]:
    """What the functions of a run have counted so far in this process, by the names of `Outcome.counts`.

    A local job's workers are threads of its own process, so that this is all of it. On a cluster it is empty: see the
    metrics there.
    """
    with _LOCK:
        return Counter(_TOTALS.get(run, Counter()))


@dataclass
class SegmentFunction(ScalarFunction):  # type: ignore[misc]
    """Flink's side of the engine.

    Args:
        plan: the plan, as JSON.
        shape: what it receives.
        key_file: path of the root key, on every machine that runs a worker.
        run: names this run in `totals`.
    """

    plan: bytes
    shape: Shape
    key_file: str
    run: str = field(default_factory=lambda: uuid.uuid4().hex)

    def open(self, function_context: FunctionContext) -> None:
        """Make the engine ready; whatever it needs and is missing keeps the job from starting."""
        check_distribution()
        key = load_root_key(self.key_file)
        plan = Plan.from_json(self.plan)
        columns = [a.name for a in self.shape.record]
        self._engine = Engine(plan, key, columns, self.shape.document, self.shape.producer_path)
        self._refusal = Refusal(plan, key)
        self._meters = _meters(function_context, plan)

    def eval(self, *values: Any) -> Arrow:
        """One batch: a struct array of every segment's view and `TAIL`."""
        try:
            batch = self.shape.read(values)
            outcome = self._judge(batch)
        except Exception as error:
            raise BatchFailed(f"a batch could not be read: {type(error).__name__}") from None
        self._count(outcome.counts)
        return Arrow(outcome.rows)

    def _judge(self, batch: Batch) -> "Judged":
        """The engine's outcome. When the engine raises, each half is tried alone, down to the record at fault."""
        try:
            outcome = self._engine.run(batch.records, batch.coordinates, batch.producer, batch.time)
            return Judged(self._rows(batch, outcome), outcome.counts)
        except Exception as error:
            failure = type(error).__name__
        rows = batch.records.num_rows
        if rows == 1:
            return self._refused(batch, f"engine failed: {failure}")
        half = rows // 2
        first, second = self._judge(batch.slice(0, half)), self._judge(batch.slice(half, rows - half))
        counts = {name: first.counts[name] + second.counts[name] for name in first.counts}
        return Judged(pa.concat_arrays([first.rows, second.rows]), counts)

    def _refused(self, batch: Batch, reason: str) -> "Judged":
        """The outcome of one record that the engine could not take: no segment gets it, and it is accounted for."""
        plan = self._engine.plan
        kind = batch.records.column(0).type if self.shape.document else pa.struct(list(batch.records.schema))
        views = {segment.name: pa.nulls(1, kind) for segment in plan.segments}
        counts = {"records": 1, "quarantined": 1}
        counts.update({f"{s.name}.{what}": 0 for s in plan.segments for what in ("delivered", "denied")})
        audit = pa.array(
            [self._refusal.event(batch.records, batch.coordinates, batch.producer, batch.time, reason)], pa.string()
        )
        outcome = Outcome(views, audit, pa.array([reason], pa.string()), counts)
        return Judged(self._rows(batch, outcome), counts)

    def _rows(self, batch: Batch, outcome: Outcome) -> pa.StructArray:
        columns: list[pa.Array] = []
        for segment in self._engine.plan.segments:
            view = outcome.segments[segment.name]
            columns += [view] if self.shape.document else [view.is_valid(), *view.flatten()]
        columns += [outcome.audit, outcome.quarantine, *self._kept(batch, outcome.quarantine)]
        return pa.StructArray.from_arrays(columns, names=[f"f{i}" for i in range(len(columns))])

    def _kept(self, batch: Batch, reasons: pa.Array) -> list[pa.Array]:
        """What the quarantine keeps of its records: record, coordinates, producer, time; NULL for all others."""
        rows = batch.records.num_rows
        if reasons.null_count == rows:
            return [pa.nulls(rows, kind) for _, _, kind in TAIL[2:]]
        held = reasons.is_valid()
        record = batch.records.column(0).cast(pa.binary()) if self.shape.document else as_json(batch.records, held)
        coordinates = batch.coordinates
        places = pa.nulls(rows, pa.string()) if coordinates is None else as_json(coordinates, held).cast(pa.string())
        producer = pa.nulls(rows, pa.string()) if batch.producer is None else batch.producer
        time = pa.nulls(rows, pa.int64()) if batch.time is None else batch.time
        return [pc.if_else(held, kept, pa.scalar(None, kept.type)) for kept in (record, places, producer, time)]

    def _count(self, counts: dict[str, int]) -> None:
        with _LOCK:
            _TOTALS.setdefault(self.run, Counter()).update(counts)
        for name, meter in self._meters.items():
            if counts[name]:
                meter.inc(counts[name])


@dataclass(frozen=True)
class Judged:
    """What became of a batch: the function's result and the counts of the engine."""

    rows: pa.StructArray
    counts: dict[str, int]


def _meters(context: FunctionContext, plan: Plan) -> dict[str, Any]:
    """Flink counters by the engine's names of counts; none where metrics are switched off.

    Prometheus sees `…_weir_records`, `…_weir_quarantined`, and `…_weir_segment_delivered` with the label `segment`.
    """
    try:
        group = context.get_metric_group().add_group("weir")
    except RuntimeError:
        return {}
    meters = {name: group.counter(name) for name in ("records", "quarantined")}
    for segment in plan.segments:
        of_segment = group.add_group("segment", segment.name)
        meters.update({f"{segment.name}.{what}": of_segment.counter(what) for what in ("delivered", "denied")})
    return meters
