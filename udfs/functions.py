"""Weir's functions for Flink SQL and the Table API, all vectorised. `functions.sql` registers them.

    CREATE TEMPORARY FUNCTION mask AS 'udfs.functions.mask' LANGUAGE PYTHON;
    SELECT mask(email, 'EMAIL_ADDRESS', 'support') FROM customers;

They are configured by job parameters, as `SET 'pipeline.global-job-parameters' = 'weir.policy:/p.yaml,weir.keys:/k'`:

- `weir.policy`: path of the policy, on every machine that runs workers.
- `weir.keys`: path of the key file, likewise, or `env:NAME`. Needed by keyed masks.
- `weir.key-table`: the key table of persons' keys. Needed by masks with a subject.
- `weir.grant` and `weir.trust`: the grant, and the public keys of those who may grant. Needed by `unmask`.
- `weir.segment`: the segment whose masks apply where a call names none.

A function that lacks what it needs keeps the job from starting. A text that cannot be searched or masked gives NULL,
never the text. At least one argument must come from a table: Flink passes a vectorised function no rows if all are
constants.
"""

from dataclasses import replace
from typing import Any

import orjson
import pyarrow as pa

from policy.plan import MaskPlan, Plan
from udfs import hive
from udfs import mask as masks
from udfs.detect import Detected, Detector
from udfs.engine import Engine
from udfs.function import Function, FunctionFailed, Setup, by_group, declared, each, groups, known_entity, segment_of
from udfs.series import is_series, text
from udfs.unmask_function import UNMASKED, Erase, Unmask

REDACT = MaskPlan("redact", {}, "none")
"""What `mask` does when no segment is named: nothing of the value remains."""


class _Searching(Function):
    """A function that searches a text."""

    def _prepare(self, setup: Setup) -> None:
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


class MaskValue(Function):
    """`mask(text, entity [, segment [, subject]])`: a value of a known entity, as the segment may see it."""

    name = "mask"

    def _prepare(self, setup: Setup) -> None:
        self._plan = setup.optional_plan()
        self._keys = setup.optional_keys()
        self._segment = setup.segment
        if self._segment is not None:
            segment_of(self._plan, self._segment)

    def _run(self, rows: int, value: Any, entity: Any, segment: Any = None, subject: Any = None) -> pa.Array:
        texts = text(value, rows)
        chosen = self._segment if segment is None else segment
        persons = pa.nulls(rows, pa.string()) if subject is None else text(subject, rows)
        both = pa.StructArray.from_arrays([texts, persons], ["text", "person"])
        return by_group(both, groups(rows, entity, chosen), lambda key, part: self._masked(part, *key))

    def _masked(self, given: pa.StructArray, entity: str | None, segment: str | None) -> pa.Array:
        if entity is None:
            return pa.nulls(len(given), pa.string())
        plan = REDACT
        if segment is not None:
            chosen = segment_of(self._plan, segment)
            clear = chosen.masks.get(entity) is None and known_entity(self._plan, entity)
            if clear:
                return given.flatten()[0]
            plan = chosen.masks[entity]
        return each(given, lambda part: self._applied(plan, entity, *part.flatten()))

    def _applied(self, plan: MaskPlan, entity: str, texts: pa.Array, persons: pa.Array) -> pa.Array:
        return masks.apply(plan, entity, texts, self._keys, persons)


class _Engined(Function):
    """A function that hands its texts to the engine, for one segment."""

    document = False

    def _prepare(self, setup: Setup) -> None:
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
        return by_group(texts, groups(rows, chosen), lambda key, part: self._view(part, *key))

    def _view(self, texts: pa.Array, segment: str | None) -> pa.Array:
        if segment is None:
            return pa.nulls(len(texts), pa.string())
        engine = self._engine(segment)
        return each(texts, lambda part: _column(engine, segment, part))

    def _engine(self, segment: str) -> Engine:
        if segment not in self._engines:
            segment_of(self._plan, segment)
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


class Hive(Function):
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


class MaskHash(Function):
    """`mask_hash(text)`: 64 hexadecimal digits of HMAC-SHA-256 under a key derived from the root key."""

    name = "mask_hash"

    def _prepare(self, setup: Setup) -> None:
        self._key = setup.keys().keyring().derive("weir/1/mask_hash", "function:mask_hash", 1)

    def _run(self, rows: int, value: Any) -> pa.Array:
        return hive.mask_hash(text(value, rows), self._key)


detect = declared(Detect(), "ARRAY<STRING>")
classify = declared(Classify())
findings = declared(Findings())
mask = declared(MaskValue())
mask_text = declared(MaskText())
mask_document = declared(MaskDocument())
mask_first_n = declared(Hive("mask_first_n"))
mask_last_n = declared(Hive("mask_last_n"))
mask_show_first_n = declared(Hive("mask_show_first_n"))
mask_show_last_n = declared(Hive("mask_show_last_n"))
mask_hash = declared(MaskHash())
unmask = declared(Unmask(), UNMASKED)
erase = declared(Erase())
