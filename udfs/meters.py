"""Meters: what the engine counts of a batch, and how Flink's metrics show it.

Labels are few and known before a record is read: segments, levels, entities and detectors come from the plan, reasons
are classes. No label holds a path or a value.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from policy.plan import Plan

REASONS = ("detect", "encoding", "engine", "envelope", "fields", "json", "mask", "record")
"""Classes of reasons for quarantine: how a reason begins. All others are `other`."""

BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
"""Upper ends in ms of the buckets of a batch's time in the engine."""

PREFIX = "flink_taskmanager_job_task_operator_"
"""How Prometheus names an operator's metrics in Flink."""

METRICS = {
    "weir_records": ("", "records", "records read, refused ones included"),
    "weir_bytes": ("", "bytes", "size of the records read, as columns of Arrow"),
    "weir_batches": ("", "batches", "batches judged; records by batches is the mean size of a batch"),
    "weir_quarantined": ("", "records", "records in quarantine"),
    "weir_segment_delivered": ("segment", "records", "records that the segment received"),
    "weir_segment_denied": ("segment", "records", "records that the segment was denied"),
    "weir_segment_entity_masked": ("segment, entity", "findings", "findings that the segment received masked"),
    "weir_reason_quarantined": ("reason", "records", "records in quarantine, by the class of the reason"),
    "weir_level_records": ("level", "records", "records by the level that they were classified as"),
    "weir_entity_detector_findings": ("entity, detector", "findings", "what was found in delivered and denied records"),
    "weir_le_engine_ms_bucket": ("le", "batches", "batches that took so many ms or less; the last `le` is `Inf`"),
    "weir_policy_digest_info": ("policy, digest", "1", "the policy in force: name@version, and how its digest begins"),
}
"""Every metric of the segment job: name, as Prometheus has it after `PREFIX`, with its labels, unit and meaning."""

_BETWEEN = "|"


def reason_class(reason: str) -> str:
    """The class of a reason: one of `REASONS`, or `other`.

    >>> reason_class("engine failed: ValueError"), reason_class("fields: unknown field a.b"), reason_class("?")
    ('engine', 'fields', 'other')
    """
    words = reason.partition(":")[0].split()
    return words[0] if words and words[0] in REASONS else "other"


def count_reasons(reasons: pa.Array) -> dict[str, int]:
    """Counts of quarantined records by class, under `quarantine|CLASS`.

    Args:
        reasons: pa.string(), one for each record; null where it was not quarantined.

    >>> count_reasons(pa.array(["json: too deep", None, "json: no value"]))
    {'quarantine|json': 2}
    """
    found: dict[str, int] = {}
    # A batch has few different reasons, however many records it has.
    for one in pc.value_counts(reasons.drop_null()).to_pylist():
        name = f"quarantine{_BETWEEN}{reason_class(one['values'])}"
        found[name] = found.get(name, 0) + one["counts"]
    return found


def count_levels(level: npt.NDArray[np.int64], names: Sequence[str]) -> dict[str, int]:
    """Counts of records by level, under `level|NAME`.

    Args:
        level: the index of each record's level.
        names: of all levels.

    >>> count_levels(np.array([1, 1, 0]), ["public", "internal", "secret"])
    {'level|public': 1, 'level|internal': 2}
    """
    counted = np.bincount(level, minlength=len(names)).tolist()
    return {f"level{_BETWEEN}{name}": n for name, n in zip(names, counted, strict=True) if n}


def count_findings(
    entity: npt.NDArray[np.int64], detector: npt.NDArray[np.int64], entities: Sequence[str], detectors: Sequence[str]
) -> dict[str, int]:
    """Counts of findings, under `finding|ENTITY|DETECTOR`.

    Args:
        entity: the index of each finding's entity.
        detector: the index of what found it.
        entities: names of all entities.
        detectors: names of all detectors.

    >>> count_findings(np.array([0, 0, 1]), np.array([1, 1, 0]), ["CARD", "NAME"], ["field", "cards"])
    {'finding|CARD|cards': 2, 'finding|NAME|field': 1}
    """
    pairs, counted = np.unique(entity * len(detectors) + detector, return_counts=True)
    found = {}
    for pair, n in zip(pairs.tolist(), counted.tolist(), strict=True):
        what, by = divmod(pair, len(detectors))
        found[_BETWEEN.join(("finding", entities[what], detectors[by]))] = n
    return found


def count_masked(
    entity: npt.NDArray[np.int64], segment: str, masked: Sequence[str], entities: Sequence[str]
) -> dict[str, int]:
    """Counts of findings that a segment received masked, under `masked|SEGMENT|ENTITY`.

    Args:
        entity: the index of each finding's entity, in the records that the segment received.
        segment: its name.
        masked: the entities that it has masks for.
        entities: names of all entities.

    >>> count_masked(np.array([0, 0, 1]), "support", ["CARD"], ["CARD", "NAME"])
    {'masked|support|CARD': 2}
    """
    counted = np.bincount(entity, minlength=len(entities)).tolist()
    found = {name: n for name, n in zip(entities, counted, strict=True) if n and name in masked}
    return {_BETWEEN.join(("masked", segment, name)): n for name, n in found.items()}


def added(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    """The counts of two batches together.

    >>> added({"records": 2, "level|public": 0}, {"records": 1, "level|secret": 1})
    {'records': 3, 'level|public': 0, 'level|secret': 1}
    """
    return {name: first.get(name, 0) + second.get(name, 0) for name in {**first, **second}}


class Meters:
    """Shows counts as Flink counters.

    The segments', the quarantine's and the time's are there from the start, at 0, so that an alert sees that nothing
    comes. Those of entities, detectors, levels and reasons begin with the first that is counted.

    Args:
        group: Flink's metric group of the operator.
        plan: the policy in force.
    """

    def __init__(self, group: Any, plan: Plan) -> None:
        self._group = group.add_group("weir")
        self._counters: dict[str, Any] = {}
        for name in ("records", "bytes", "batches", "quarantined"):
            self._counters[name] = self._group.counter(name)
        for segment in plan.segments:
            of_segment = self._group.add_group("segment", segment.name)
            for what in ("delivered", "denied"):
                self._counters[f"{segment.name}.{what}"] = of_segment.counter(what)
        ends = [str(end) for end in BUCKETS]
        self._buckets = [self._group.add_group("le", le).counter("engine_ms_bucket") for le in [*ends, "Inf"]]
        policy = self._group.add_group("policy", f"{plan.name}@{plan.version}")
        policy.add_group("digest", plan.digest[:12]).gauge("info", lambda: 1)

    def add(self, counts: Mapping[str, int], size: int, ms: float) -> None:
        """Count a batch.

        Args:
            counts: those of `udfs.engine.Outcome.counts`.
            size: bytes of its records.
            ms: its time in the engine.
        """
        for name, n in {**counts, "bytes": size, "batches": 1}.items():
            if n:
                self._counter(name).inc(n)
        for bucket in self._buckets[int(np.searchsorted(BUCKETS, ms)) :]:
            bucket.inc(1)

    def _counter(self, name: str) -> Any:
        if name not in self._counters:
            self._counters[name] = self._new(name)
        return self._counters[name]

    def _new(self, name: str) -> Any:
        kind, *labels = name.split(_BETWEEN, 2)
        if kind == "finding":
            return self._group.add_group("entity", labels[0]).add_group("detector", labels[1]).counter("findings")
        if kind == "masked":
            return self._group.add_group("segment", labels[0]).add_group("entity", labels[1]).counter("masked")
        if kind == "level":
            return self._group.add_group("level", labels[0]).counter("records")
        return self._group.add_group("reason", labels[0]).counter("quarantined")
