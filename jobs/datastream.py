"""The segment job for those who live in the DataStream API: a stream in, a stream for each segment out.

It runs the same engine, one record at a time, and so is for streams of low volume: the segment job of `jobs.segment` is
faster by orders of magnitude.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyflink.common import Row, Types
from pyflink.common.typeinfo import TypeInformation
from pyflink.datastream import DataStream, OutputTag, ProcessFunction, RuntimeContext

from jobs.segment import load_plan
from policy.plan import Plan
from udfs.judge import TAIL, Judge
from udfs.keys import Keys, absolute, public_place
from udfs.series import Argument, Batch, Shape
from udfs.shipped import SetUpFailed, check_distribution


@dataclass(frozen=True)
class Segmented:
    """The streams that came of one.

    Attributes:
        segments: by name, what each segment may see, of the input's type.
        audit: one event for each record, as JSON (STRING).
        quarantine: rows of `record` (the input's type) and `reason` (STRING).
    """

    segments: dict[str, DataStream]
    audit: DataStream
    quarantine: DataStream


def segment_stream(
    stream: DataStream,
    policy: Plan | str | os.PathLike[str],
    key_file: str | os.PathLike[str],
    *,
    key_table: str | None = None,
    producer_path: str | None = None,
    name: str = "weir segment",
) -> Segmented:
    """Give each segment of a policy its view of a stream of JSON documents.

    Every output is consumed here, so that none can be lost: Flink drops what goes to a side output that nobody asked
    for, and mixes all side outputs into the main one when nobody asked for any.

    Args:
        stream: documents, of type `Types.STRING()` or `Types.PRIMITIVE_ARRAY(Types.BYTE())`.
        policy: the policy file, or its compiled plan.
        key_file: the key file, on every machine that runs workers, or `env:NAME`.
        key_table: the key table of persons' keys, if masks have a subject.
        producer_path: path in the document that names the producer.
        name: of the operator; its uid too, so that a savepoint finds it again.

    Raises:
        policy.errors.PolicyErrors: everything wrong with the policy.
        TypeError: the stream is of another type.

    Example:
        >>> def job(stream):
        ...     outputs = segment_stream(stream, "orders.yaml", "weir.key")
        ...     outputs.segments["support"].print()
    """
    plan = policy if isinstance(policy, Plan) else load_plan(policy)
    kind = _document_type(stream)
    tags = {s.name: OutputTag(f"weir-segment-{s.name}", kind) for s in plan.segments}
    held = OutputTag("weir-quarantine", Types.ROW_NAMED(["record", "reason"], [kind, Types.STRING()]))
    segmenter = Segmenter(
        plan.to_json(),
        (absolute(key_file), public_place(key_table) if key_table else None),
        kind == Types.STRING(),
        producer_path,
        tags,
        held,
    )
    audit = stream.process(segmenter, output_type=Types.STRING()).name(name).uid(name)
    segments = {segment: audit.get_side_output(tag) for segment, tag in tags.items()}
    return Segmented(segments, audit, audit.get_side_output(held))


def _document_type(stream: DataStream) -> TypeInformation:
    kind = stream.get_type()
    for known in (Types.STRING(), Types.PRIMITIVE_ARRAY(Types.BYTE())):
        if kind == known:
            return known
    raise TypeError(f"the stream must be of STRING or PRIMITIVE_ARRAY(BYTE); got {kind}; map it with an output_type")


class Segmenter(ProcessFunction):
    """The operator behind `segment_stream`: audit events in the main output, everything else in side outputs.

    The engine runs in a Python thread of its own, and nothing of Arrow leaves it. In thread mode Flink calls from a
    Java thread, whose Python state is not the one that `PyGILState_Ensure` looks up; pyarrow and Hyperscan ask for
    that, and would wait for themselves for ever.
    """

    def __init__(
        self,
        plan: bytes,
        keys: tuple[str, str | None],
        is_text: bool,
        producer_path: str | None,
        tags: dict[str, OutputTag],
        held: OutputTag,
    ) -> None:
        self._plan = plan
        self._keys = keys
        self._is_text = is_text
        self._producer_path = producer_path
        self._tags = tags
        self._held = held

    def open(self, runtime_context: RuntimeContext) -> None:
        """Make the engine ready; whatever it needs and is missing keeps the job from starting."""
        self._thread = ThreadPoolExecutor(max_workers=1)
        try:
            check_distribution()
            self._thread.submit(self._make).result()
        except Exception as error:
            raise SetUpFailed(f"{type(error).__name__}: {error}") from None

    def close(self) -> None:
        """Let go of the engine where it was made."""
        self._thread.submit(self.__dict__.pop, "_judge", None).result()
        self._thread.shutdown()

    def process_element(self, value: Any, ctx: ProcessFunction.Context) -> Iterator[Any]:
        """One record."""
        views, audit, reason = self._thread.submit(self._judged, value).result()
        yield audit
        if reason is not None:
            yield self._held, Row(value, reason)
        for tag, view in zip(self._tags.values(), views, strict=True):
            if view is not None:
                yield tag, view

    def _make(self) -> None:
        self._type = pa.string() if self._is_text else pa.binary()
        shape = Shape((Argument("document", self._type),), document=True, producer_path=self._producer_path)
        self._judge = Judge(Plan.from_json(self._plan), shape, Keys.open(*self._keys))

    def _judged(self, value: Any) -> tuple[list[Any], str, str | None]:
        """The view of each segment, the audit event, and the reason of a record that is quarantined."""
        document = pa.array([value], self._type)
        batch = Batch(pa.RecordBatch.from_arrays([document], ["document"]), None, None, None)
        *views, audit, reason = [c[0].as_py() for c in self._judge.judge(batch).rows.flatten()[: 2 - len(TAIL)]]
        return views, audit, reason
