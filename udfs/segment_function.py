"""The one function of the segment job: a batch of records in, a column for every segment out."""

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pyflink.table.udf import FunctionContext, ScalarFunction

from policy.plan import Plan
from udfs.judge import TAIL, Judge
from udfs.keys import Keys, KeysUnavailable
from udfs.meters import Meters
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
        started = time.monotonic()
        try:
            batch = self.shape.read(values)
            judged = self._judge.judge(batch)
        except KeysUnavailable as error:
            raise BatchFailed(f"no record passes while keys are out of reach: {error}") from None
        except Exception as error:
            raise BatchFailed(f"a batch could not be read: {type(error).__name__}") from None
        with _LOCK:
            _TOTALS.setdefault(self.run, Counter()).update(judged.counts)
        if self._meters:
            self._meters.add(judged.counts, batch.records.nbytes, (time.monotonic() - started) * 1000)
        return Arrow(judged.rows)


def _meters(context: FunctionContext, plan: Plan) -> Meters | None:
    """None where metrics are switched off."""
    try:
        group = context.get_metric_group()
    except RuntimeError:
        return None
    return Meters(group, plan)
