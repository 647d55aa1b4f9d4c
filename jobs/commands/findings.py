"""`weir findings`: what is sensitive in text lines or JSON records, as JSON lines, and never a value."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import orjson
import typer

from jobs.commands.shared import FAILED, USAGE, err, fail, known_or_fail, plan_of

if TYPE_CHECKING:
    import pyarrow as pa

    from policy.plan import Plan

BATCH_LINES = 10_000
BATCH_BYTES = 16 << 20

EVERYTHING = """
weir: 1
name: everything
version: 1
levels: [public, sensitive]
entities: {"*": sensitive}
segments: {none: {clearance: public, sink: none}}
"""
"""The policy where none is given: every installed entity, wherever it stands."""

Finder = Callable[[list[bytes]], tuple[list[list[dict[str, Any]]], dict[int, str]]]
"""Lines to the findings of each, and the reasons of those that could not be judged."""


class Format(str, Enum):
    """What the lines of the input are."""

    auto = "auto"
    text = "text"
    json = "json"


def command(
    policy: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The policy. Without one: every installed entity.")
    ] = None,
    entities: Annotated[str | None, typer.Option(help="Only these entities, e.g. EMAIL_ADDRESS,CREDIT_CARD.")] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Lowest score of a finding, instead of the policy's.")
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="What a line is. auto: JSON if the first line starts with { or [.")
    ] = Format.auto,
    batch: Annotated[int, typer.Option(min=1, help="Lines judged at once; 1 answers line by line.")] = BATCH_LINES,
) -> None:
    """Find what is sensitive in standard input: one JSON line out for each line in, without any value.

    Spans are half-open, in code points of the line (text) or of the value at the path (JSON). Findings of different
    entities may overlap. A line that can't be judged gets an `error`, and the exit code is 1.

    Example: `weir findings --policy orders.yaml < orders.jsonl > findings.jsonl`
    """
    if sys.stdin.isatty():
        fail("standard input is a terminal; give it a file: weir findings < records.jsonl", USAGE)
    plan = _narrowed(_plan(policy), entities, threshold)
    batches = _batches(sys.stdin.buffer, batch)
    first = next(batches, [])
    find = _finder(plan, _is_json(form, first))
    failed = 0
    number = 1
    with _Progress(sys.stdin.buffer) as advance:
        for lines in _chain(first, batches):
            findings, errors = find(lines)
            sys.stdout.buffer.write(b"".join(_answers(number, findings, errors)))
            sys.stdout.buffer.flush()
            number += len(lines)
            failed += len(errors)
            advance(len(lines), sum(map(len, lines)))
    if failed:
        message = f"{failed} of {number - 1} lines could not be judged; each has its error in the output."
        err().print(message, style="red")
        raise typer.Exit(FAILED)


def _plan(policy: Path | None) -> "Plan":
    if policy is not None:
        return plan_of(policy)
    from policy.compile import compile_plan
    from policy.load import load_policy_text
    from udfs.catalog import installed

    return compile_plan(load_policy_text(EVERYTHING), installed())


def _narrowed(plan: "Plan", entities: str | None, threshold: float | None) -> "Plan":
    """The plan with another threshold, and only the recognizers and field rules of some entities."""
    if threshold is not None:
        plan = replace(plan, threshold=threshold)
    if entities is None:
        return plan
    from udfs.catalog import installed

    wanted = {name.strip().upper() for name in entities.split(",") if name.strip()}
    known_or_fail("entity", sorted(wanted), list(plan.entities))
    found_by = installed().recognizers
    return replace(
        plan,
        recognizers=tuple(name for name in plan.recognizers if found_by[name].entity in wanted),
        own_recognizers=tuple(own for own in plan.own_recognizers if own.entity in wanted),
        # A field rule of another entity stays as "known clean", so that its place is not scanned instead.
        fields=tuple(f if f.scan or f.entity in wanted else replace(f, entity=None) for f in plan.fields),
    )


def _is_json(form: Format, lines: list[bytes]) -> bool:
    if form is not Format.auto:
        return form is Format.json
    first = next((line.lstrip() for line in lines if line.strip()), b"")
    return first[:1] in (b"{", b"[")


def _finder(plan: "Plan", is_json: bool) -> Finder:
    return _in_documents(plan) if is_json else _in_texts(plan)


def _in_documents(plan: "Plan") -> Finder:
    import pyarrow as pa

    from udfs.engine import Engine
    from udfs.keys import Keys, new_root

    # Findings need no key: nothing is masked, and no digest is shown.
    engine = Engine(plan, Keys.of(new_root()), ["record"], document=True, segments=[])

    def find(lines: list[bytes]) -> tuple[list[list[dict[str, Any]]], dict[int, str]]:
        return engine.findings(pa.RecordBatch.from_arrays([pa.array(lines, pa.binary())], ["record"]))

    return find


def _in_texts(plan: "Plan") -> Finder:

    from udfs.detect import Detector

    detector = Detector(plan)

    def find(lines: list[bytes]) -> tuple[list[list[dict[str, Any]]], dict[int, str]]:
        texts, errors = _texts(lines)
        detected = detector.detect(texts)
        findings: list[list[dict[str, Any]]] = [[] for _ in lines]
        for f in detected.findings:
            shown = f._asdict()
            del shown["text"]
            findings[f.text].append({"path": "$", **shown})
        return findings, errors | {i: f"detect: {reason}" for i, reason in detected.failed.items()}

    return find


def _texts(lines: list[bytes]) -> "tuple[pa.Array, dict[int, str]]":
    """The lines as text, null where they are none, and the reasons of those."""
    import pyarrow as pa

    raw = pa.array(lines, pa.binary())
    try:
        return raw.cast(pa.string()), {}
    except pa.ArrowInvalid:
        errors = {i: "encoding: not valid UTF-8" for i, line in enumerate(lines) if not _is_utf8(line)}
    readable = [None if i in errors else line for i, line in enumerate(lines)]
    return pa.array(readable, pa.binary()).cast(pa.string()), errors


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _answers(number: int, findings: list[list[dict[str, Any]]], errors: dict[int, str]) -> Iterator[bytes]:
    for i, found in enumerate(findings):
        if i in errors:
            yield orjson.dumps({"line": number + i, "error": errors[i]}) + b"\n"
        elif found:
            yield orjson.dumps({"line": number + i, "findings": found}) + b"\n"
        else:
            yield b'{"line":%d,"findings":[]}\n' % (number + i)


def _batches(stream: BinaryIO, count: int) -> Iterator[list[bytes]]:
    """The lines of a stream without their ends, at most `count` and about `BATCH_BYTES` bytes in a batch."""
    lines: list[bytes] = []
    size = 0
    for line in stream:
        lines.append(line.removesuffix(b"\n").removesuffix(b"\r"))
        size += len(line)
        if len(lines) == count or size >= BATCH_BYTES:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines


def _chain(first: list[bytes], rest: Iterator[list[bytes]]) -> Iterator[list[bytes]]:
    if first:
        yield first
        yield from rest


def _size(stream: BinaryIO) -> int | None:
    """Bytes of a stream that is a file; None for a pipe and the like."""
    try:
        status = os.fstat(stream.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


class _Progress:
    """A progress bar on standard error while a `with` runs; nothing where that is no terminal."""

    def __init__(self, stream: BinaryIO) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._total = _size(stream)
        self._lines = 0
        columns = (
            BarColumn(), TextColumn("{task.fields[lines]:,} lines  {task.fields[rate]:,} lines/s"), TimeElapsedColumn(),
        )  # fmt: skip
        self._bar = Progress(*columns, console=err(), transient=True, disable=not sys.stderr.isatty())
        self._task = self._bar.add_task("findings", total=self._total, lines=0, rate=0)

    def __enter__(self) -> Callable[[int, int], None]:
        self._bar.start()
        return self._advance

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _advance(self, lines: int, size: int) -> None:
        self._lines += lines
        elapsed = self._bar.tasks[0].elapsed or 1e-9
        self._bar.update(self._task, advance=size + lines, lines=self._lines, rate=int(self._lines / elapsed))
