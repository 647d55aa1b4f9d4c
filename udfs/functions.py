"""Weir's functions for Flink SQL and the Table API, all vectorised. `functions.sql` registers them.

    CREATE TEMPORARY FUNCTION mask AS 'udfs.functions.mask' LANGUAGE PYTHON;
    SELECT mask(email, 'EMAIL_ADDRESS', 'support') FROM customers;

They are configured by job parameters, as `SET 'pipeline.global-job-parameters' = 'weir.policy:/p.yaml,weir.keys:/k'`:

- `weir.policy`: path of the policy, on every machine that runs workers.
- `weir.keys`: path of the key file, likewise, or `env:NAME`. Needed by keyed masks.
- `weir.key-table`: the key table of persons' keys. Needed by masks with a subject.
- `weir.segment`: the segment whose masks apply where a call names none.

A function that lacks what it needs keeps the job from starting. A text that cannot be searched or masked gives NULL,
never the text. At least one argument must come from a table: Flink passes a vectorised function no rows if all are
constants.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyflink.table.udf import FunctionContext, ScalarFunction, udf

from policy.errors import did_you_mean
from policy.plan import MaskPlan, Plan, SegmentPlan
from udfs import hive
from udfs import mask as masks
from udfs.detect import Detected, Detector
from udfs.engine import Engine
from udfs.keys import Keys, KeysUnavailable
from udfs.series import Arrow, is_series, rows_of, text
from udfs.shipped import SetUpFailed, check_distribution

REDACT = MaskPlan("redact", {}, "none")
"""What `mask` does when no segment is named: nothing of the value remains."""


class FunctionFailed(Exception):
    """A function cannot start or run. The message holds no value of the data."""


class _Setup:
    """What the job parameters give: loaded when it is asked for, so that a function needs only what it uses."""

    def __init__(self, context: FunctionContext) -> None:
        self._parameter: Callable[[str], str] = lambda key: context.get_job_parameter(key, "")

    def plan(self) -> Plan:
        """The policy's plan."""
        from policy.compile import compile_plan
        from policy.load import load_policy
        from udfs.catalog import installed

        return compile_plan(load_policy(self._required("weir.policy", "/path/policy.yaml")), installed())

    def optional_plan(self) -> Plan | None:
        """The policy's plan, if a policy is named."""
        return self.plan() if self._parameter("weir.policy") else None

    def keys(self) -> Keys:
        """The keys."""
        return Keys.open(self._required("weir.keys", "/path/weir.key"), self._parameter("weir.key-table") or None)

    def optional_keys(self) -> Keys | None:
        """The keys, if a key file is named."""
        return self.keys() if self._parameter("weir.keys") else None

    @property
    def segment(self) -> str | None:
        """The segment of calls that name none."""
        return self._parameter("weir.segment") or None

    def _required(self, key: str, example: str) -> str:
        value = self._parameter(key)
        if not value:
            raise FunctionFailed(
                f"job parameter {key} must be set; SET 'pipeline.global-job-parameters' = '{key}:{example}'"
            )
        return value


class _Function(ScalarFunction):
    """What all have in common: a check of the shipped code, a setup, and errors without values.

    A subclass has `_prepare(setup)`, which loads what it needs, and `_run(rows, *values)`, which gives the results.
    """

    name = ""

    def open(self, function_context: FunctionContext) -> None:
        """Load what the function needs, or keep the job from starting."""
        try:
            check_distribution()
            self._prepare(_Setup(function_context))
        except Exception as error:
            raise SetUpFailed(f"{self.name}: {error}") from None

    def eval(self, *values: Any) -> Arrow:
        """One batch."""
        try:
            return Arrow(self._run(rows_of(values), *values))
        except (FunctionFailed, TypeError) as error:
            problem = f"{self.name}: {error}" if isinstance(error, FunctionFailed) else _usage(self, error)
        except KeysUnavailable as error:
            problem = f"{self.name}: {error}"
        except Exception as error:
            problem = f"{self.name}: a batch failed with {type(error).__name__}"
        raise FunctionFailed(problem)

    def _prepare(self, setup: _Setup) -> None:
        """A function that needs nothing loads nothing."""

    _run: Callable[..., pa.Array]


def _usage(function: _Function, error: TypeError) -> str:
    """A TypeError is a call with wrong arguments; its text names types at most where it is ours."""
    own = str(error) if str(error).startswith("the text must") else f"is called as {function.__doc__}".split("\n")[0]
    return f"{function.name}: {own}"


class _Searching(_Function):
    """A function that searches a text."""

    def _prepare(self, setup: _Setup) -> None:
        self._plan = setup.plan()
        self._detector = Detector(self._plan)

    def _search(self, rows: int, value: Any) -> tuple[pa.Array, Detected, list[list[int]]]:
        """The texts, what was found, and each text's findings by index."""
        texts = text(value, rows)
        detected = self._detector.detect(texts)
        by_text: list[list[int]] = [[] for _ in range(rows)]
        for index, finding in enumerate(detected.findings):
            by_text[finding.text].append(index)
        return texts, detected, by_text


class Detect(_Searching):
    """`detect(text)`: the entities in a text, each once, sorted; an empty array for none; NULL where unknown."""

    name = "detect"

    def _run(self, rows: int, value: Any) -> pa.Array:
        texts, detected, by_text = self._search(rows, value)
        found = [sorted({detected.findings[i].entity for i in indexes}) for indexes in by_text]
        return pa.array(_unless_unknown(texts, detected, found), pa.list_(pa.string()))


class Classify(_Searching):
    """`classify(text)`: the level of a text: the highest of its findings, the policy's lowest without any."""

    name = "classify"

    def _run(self, rows: int, value: Any) -> pa.Array:
        texts, detected, by_text = self._search(rows, value)
        worth, levels = self._plan.entities, self._plan.levels
        found = [levels[max((worth[detected.findings[i].entity] for i in indexes), default=0)] for indexes in by_text]
        return pa.array(_unless_unknown(texts, detected, found), pa.string())


class Findings(_Searching):
    """`findings(text)`: JSON array of all findings: start, end (code points, half-open), entity, score, detector."""

    name = "findings"

    def _run(self, rows: int, value: Any) -> pa.Array:
        texts, detected, by_text = self._search(rows, value)
        found = [orjson.dumps([_shown(detected.findings[i]) for i in indexes]).decode() for indexes in by_text]
        return pa.array(_unless_unknown(texts, detected, found), pa.string())


def _shown(finding: Any) -> dict[str, object]:
    shown = finding._asdict()
    del shown["text"]
    return dict(shown)


def _unless_unknown(texts: pa.Array, detected: Detected, results: list[Any]) -> list[Any]:
    """NULL for a text that is NULL or that could not be searched."""
    valid = texts.is_valid().to_pylist()
    return [
        r if ok and i not in detected.failed else None for i, (r, ok) in enumerate(zip(results, valid, strict=True))
    ]


class MaskValue(_Function):
    """`mask(text, entity [, segment])`: a value that is known to be of an entity, as the segment may see it."""

    name = "mask"

    def _prepare(self, setup: _Setup) -> None:
        self._plan = setup.optional_plan()
        self._keys = setup.optional_keys()
        self._segment = setup.segment
        if self._segment is not None:
            _segment_of(self._plan, self._segment)

    def _run(self, rows: int, value: Any, entity: Any, segment: Any = None) -> pa.Array:
        texts = text(value, rows)
        groups = _groups(rows, entity, self._segment if segment is None else segment)
        return _by_group(texts, groups, lambda key, part: self._masked(part, *key))

    def _masked(self, texts: pa.Array, entity: str | None, segment: str | None) -> pa.Array:
        if entity is None:
            return pa.nulls(len(texts), pa.string())
        plan = REDACT
        if segment is not None:
            chosen = _segment_of(self._plan, segment)
            clear = chosen.masks.get(entity) is None and _known_entity(self._plan, entity)
            if clear:
                return texts
            plan = chosen.masks[entity]
        return _each(texts, lambda part: masks.apply(plan, entity, part, self._keys))


class _Engined(_Function):
    """A function that hands its texts to the engine, for one segment."""

    document = False

    def _prepare(self, setup: _Setup) -> None:
        self._plan = setup.plan()
        self._keys = setup.keys()
        self._segment = setup.segment
        self._engines: dict[str, Engine] = {}
        if self._segment is not None:
            self._engine(self._segment)

    def _run(self, rows: int, value: Any, segment: Any = None) -> pa.Array:
        texts = text(value, rows)
        chosen = self._segment if segment is None else segment
        if chosen is None:
            raise FunctionFailed("name a segment in the call, or set job parameter weir.segment")
        return _by_group(texts, _groups(rows, chosen), lambda key, part: self._view(part, *key))

    def _view(self, texts: pa.Array, segment: str | None) -> pa.Array:
        if segment is None:
            return pa.nulls(len(texts), pa.string())
        engine = self._engine(segment)
        return _each(texts, lambda part: _column(engine, segment, part))

    def _engine(self, segment: str) -> Engine:
        if segment not in self._engines:
            _segment_of(self._plan, segment)
            self._engines[segment] = Engine(self._shaped(), self._keys, ["text"], self.document, None, [segment])
        return self._engines[segment]

    def _shaped(self) -> Plan:
        return self._plan


class MaskText(_Engined):
    """`mask_text(text [, segment])`: a free text as the segment may see it; NULL where it may not see it at all."""

    name = "mask_text"

    def _shaped(self) -> Plan:
        """The plan for a text without a place: no field rules, and no conditions on fields."""
        segments = tuple(replace(s, accept=()) for s in self._plan.segments)
        return replace(self._plan, fields=(), unknown_fields="scan", segments=segments)


class MaskDocument(_Engined):
    """`mask_document(json [, segment])`: a JSON document as the segment may see it; NULL where denied or broken."""

    name = "mask_document"
    document = True


def _column(engine: Engine, segment: str, texts: pa.Array) -> pa.Array:
    view = engine.views(pa.RecordBatch.from_arrays([texts], ["text"]))[segment]
    return view.flatten()[0] if pa.types.is_struct(view.type) else view


def _segment_of(plan: Plan | None, name: str) -> SegmentPlan:
    """A segment of the plan. An unknown name is not repeated: a call with its arguments swapped has a value there."""
    if plan is None:
        raise FunctionFailed("a segment needs a policy; set job parameter weir.policy")
    found = next((s for s in plan.segments if s.name == name), None)
    if found is None:
        known = [s.name for s in plan.segments]
        raise FunctionFailed(f"unknown segment; {did_you_mean(name, known) or 'known are ' + ', '.join(known)}")
    return found


def _known_entity(plan: Plan | None, name: str) -> bool:
    if plan is None or name not in plan.entities:
        hint = did_you_mean(name, plan.entities if plan else ())
        raise FunctionFailed(f"the policy knows no such entity; {hint or 'see its entities'}")
    return True


def _groups(rows: int, *keys: Any) -> dict[tuple[Any, ...], list[int] | None]:
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


def _by_group(
    texts: pa.Array,
    groups: dict[tuple[Any, ...], list[int] | None],
    function: Callable[[tuple[Any, ...], pa.Array], pa.Array],
) -> pa.Array:
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


def _each(texts: pa.Array, function: Callable[[pa.Array], pa.Array]) -> pa.Array:
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


class Hive(_Function):
    """One of Hive's masking functions that take replacement characters (see `udfs.hive`), which must be constants."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _run(self, rows: int, value: Any, *more: Any) -> pa.Array:
        if any(is_series(argument) for argument in more):
            raise FunctionFailed("all arguments but the text must be constants")
        texts = text(value, rows)
        try:
            return getattr(hive, self.name)(texts, *more)
        except ValueError as error:
            problem = str(error)
        raise FunctionFailed(problem)


class MaskHash(_Function):
    """`mask_hash(text)`: 64 hexadecimal digits of HMAC-SHA-256 under a key derived from the root key."""

    name = "mask_hash"

    def _prepare(self, setup: _Setup) -> None:
        self._key = setup.keys().keyring().derive("weir/1/mask_hash", "function:mask_hash", 1)

    def _run(self, rows: int, value: Any) -> pa.Array:
        return hive.mask_hash(text(value, rows), self._key)


def _declared(function: _Function, result: str = "STRING") -> Any:
    return udf(function, result_type=result, func_type="pandas", name=function.name)


detect = _declared(Detect(), "ARRAY<STRING>")
classify = _declared(Classify())
findings = _declared(Findings())
mask = _declared(MaskValue())
mask_text = _declared(MaskText())
mask_document = _declared(MaskDocument())
mask_first_n = _declared(Hive("mask_first_n"))
mask_last_n = _declared(Hive("mask_last_n"))
mask_show_first_n = _declared(Hive("mask_show_first_n"))
mask_show_last_n = _declared(Hive("mask_show_last_n"))
mask_hash = _declared(MaskHash())
