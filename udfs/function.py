"""What Weir's functions for Flink SQL have in common: their setup, their errors, and how they treat batches."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyflink.table.udf import FunctionContext, ScalarFunction, udf

from policy.errors import did_you_mean
from policy.plan import Plan, SegmentPlan
from udfs.keys import Keys, KeysError, KeysUnavailable
from udfs.series import Arrow, is_series, rows_of
from udfs.shipped import SetUpFailed, check_distribution


class FunctionFailed(Exception):
    """A function cannot start or run. The message holds no value of the data."""


class Setup:
    """What the job parameters give: loaded when it is asked for, so that a function needs only what it uses."""

    def __init__(self, context: FunctionContext) -> None:
        self._parameter: Callable[[str], str] = lambda key: context.get_job_parameter(key, "")

    def plan(self) -> Plan:
        """The policy's plan."""
        from policy.compile import compile_plan
        from policy.load import load_policy
        from udfs.catalog import installed

        return compile_plan(load_policy(self.required("weir.policy", "/path/policy.yaml")), installed())

    def optional_plan(self) -> Plan | None:
        """The policy's plan, if a policy is named."""
        return self.plan() if self._parameter("weir.policy") else None

    def keys(self) -> Keys:
        """The keys."""
        return Keys.open(self.required("weir.keys", "/path/weir.key"), self._parameter("weir.key-table") or None)

    def optional_keys(self) -> Keys | None:
        """The keys, if a key file is named."""
        return self.keys() if self._parameter("weir.keys") else None

    @property
    def segment(self) -> str | None:
        """The segment of calls that name none."""
        return self._parameter("weir.segment") or None

    def optional(self, key: str) -> str | None:
        """A job parameter; None where it is not set."""
        return self._parameter(key) or None

    def required(self, key: str, example: str) -> str:
        """A job parameter that must be set."""
        value = self._parameter(key)
        if not value:
            raise FunctionFailed(
                f"job parameter {key} must be set; SET 'pipeline.global-job-parameters' = '{key}:{example}'"
            )
        return value


class Function(ScalarFunction):
    """What all have in common: a check of the shipped code, a setup, and errors without values.

    A subclass has `_prepare(setup)`, which loads what it needs, and `_run(rows, *values)`, which gives the results.
    """

    name = ""
    once = False
    """True for one that must be called once for each row, no more and no less: it has an effect."""

    def is_deterministic(self) -> bool:
        """What Flink asks before it calls a function twice, or not at all."""
        return not self.once

    def open(self, function_context: FunctionContext) -> None:
        """Load what the function needs, or keep the job from starting."""
        try:
            check_distribution()
            self._prepare(Setup(function_context))
        except Exception as error:
            raise SetUpFailed(f"{self.name}: {error}") from None

    def eval(self, *values: Any) -> Arrow:
        """One batch."""
        try:
            return Arrow(self._run(rows_of(values), *values))
        except (FunctionFailed, TypeError) as error:
            problem = f"{self.name}: {error}" if isinstance(error, FunctionFailed) else _usage(self, error)
        except KeysError as error:  # its text names files and services, never a value
            problem = f"{self.name}: {error}"
        except Exception as error:
            problem = f"{self.name}: a batch failed with {type(error).__name__}"
        raise FunctionFailed(problem)

    def _prepare(self, setup: Setup) -> None:
        """A function that needs nothing loads nothing."""

    _run: Callable[..., pa.Array]


def _usage(function: Function, error: TypeError) -> str:
    """A TypeError is a call with wrong arguments; its text names types at most where it is ours."""
    own = str(error) if str(error).startswith("the text must") else f"is called as {function.__doc__}".split("\n")[0]
    return f"{function.name}: {own}"


def groups(rows: int, *keys: Any) -> dict[tuple[Any, ...], list[int] | None]:
    """Rows by the values of arguments; None for all rows, when every one is constant."""
    if not any(is_series(key) for key in keys):
        return {keys: None}
    columns = [list(key) if is_series(key) else [key] * rows for key in keys]
    found: dict[tuple[Any, ...], list[int] | None] = {}
    for row, key in enumerate(zip(*columns, strict=True)):
        members = found.setdefault(key, [])
        assert members is not None
        members.append(row)
    return found


def by_group(
    texts: pa.Array,
    groups: dict[tuple[Any, ...], list[int] | None],
    function: Callable[[tuple[Any, ...], pa.Array], pa.Array],
) -> pa.Array:
    """The function on the rows of each group, the results in the rows' order.

    Args:
        texts: of any type.
        groups: by what is handed to the function, its rows; None for all.
    """
    parts, order = [], []
    for key, rows in groups.items():
        if rows is None:
            return function(key, texts)
        parts.append(function(key, texts.take(pa.array(rows, pa.int64()))))
        order += rows
    if not parts:
        return pa.nulls(0, pa.string())
    places = pc.sort_indices(pa.array(order, pa.int64()))
    return pa.concat_arrays(parts).take(places)


def each(texts: pa.Array, function: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """The function on all texts; when it raises, on each half, so that only the text at fault gives NULL."""
    return pa.concat_arrays(list(_halved(texts, function))) if len(texts) else texts


def _halved(texts: pa.Array, function: Callable[[pa.Array], pa.Array]) -> Iterator[pa.Array]:
    try:
        results = [function(texts)]
    except KeysUnavailable:
        raise
    except Exception:
        results = []
    if results:
        yield results[0]
    elif len(texts) == 1:
        yield pa.nulls(1, pa.string())
    else:
        half = len(texts) // 2
        yield from _halved(texts.slice(0, half), function)
        yield from _halved(texts.slice(half), function)


def segment_of(plan: Plan | None, name: str) -> SegmentPlan:
    """A segment of the plan. An unknown name is not repeated: a call with its arguments swapped has a value there."""
    if plan is None:
        raise FunctionFailed("a segment needs a policy; set job parameter weir.policy")
    found = next((s for s in plan.segments if s.name == name), None)
    if found is None:
        known = [s.name for s in plan.segments]
        raise FunctionFailed(f"unknown segment; {did_you_mean(name, known) or 'known are ' + ', '.join(known)}")
    return found


def known_entity(plan: Plan | None, name: str) -> bool:
    """True for an entity of the plan; anything else is refused."""
    if plan is None or name not in plan.entities:
        hint = did_you_mean(name, plan.entities if plan else ())
        raise FunctionFailed(f"the policy knows no such entity; {hint or 'see its entities'}")
    return True


def declared(function: Function, result: str = "STRING") -> Any:
    """The function as Flink takes it.

    Args:
        result: its SQL type.
    """
    return udf(function, result_type=result, func_type="pandas", name=function.name)
