"""The one function of the segment job: a batch of records in, a column for every segment out."""

import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pyflink.table.udf import FunctionContext, ScalarFunction

from policy.plan import Plan
from udfs.judge import TAIL, Judge
from udfs.keys import Keys, KeysUnavailable
from udfs.series import Arrow, Shape
from udfs.shipped import SetUpFailed, check_distribution

__all__ = ["TAIL", "Arrow", "BatchFailed", "SegmentFunction", "totals"]


class BatchFailed(Exception):
    """A batch could not be read or handed over. The message names the exception's type: its text may hold a value."""


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
class SegmentFunction(ScalarFunction):
    """Flink's side of the engine.

    Args:
        plan: the plan, as JSON.
        shape: what it receives.
        key_file: where the keys are: a path on every machine that runs a worker, or `env:NAME`.
        key_table: the key table of persons' keys, if masks have a subject.
        run: names this run in `totals`.
    """

    plan: bytes
    shape: Shape
    key_file: str
    key_table: str | None = None
    run: str = field(default_factory=lambda: uuid.uuid4().hex)

    def open(self, function_context: FunctionContext) -> None:
        """Make the engine ready; whatever it needs and is missing keeps the job from starting."""
        try:
            check_distribution()
            plan = Plan.from_json(self.plan)
            self._judge = Judge(plan, self.shape, Keys.open(self.key_file, self.key_table))
        except Exception as error:
            raise SetUpFailed(f"{type(error).__name__}: {error}") from None
        self._meters = _meters(function_context, plan)

    def eval(self, *values: Any) -> Arrow:
        """One batch: a struct array, see `udfs.judge.Judged`."""
        try:
            judged = self._judge.judge(self.shape.read(values))
        except KeysUnavailable as error:
            raise BatchFailed(f"no record passes while keys are out of reach: {error}") from None
        except Exception as error:
            raise BatchFailed(f"a batch could not be read: {type(error).__name__}") from None
        self._count(judged.counts)
        return Arrow(judged.rows)

    def _count(self, counts: dict[str, int]) -> None:
        with _LOCK:
            _TOTALS.setdefault(self.run, Counter()).update(counts)
        for name, meter in self._meters.items():
            if counts[name]:
                meter.inc(counts[name])


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
