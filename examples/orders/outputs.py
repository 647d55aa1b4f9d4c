"""Reads what the job wrote: segments, audit, quarantine, as lines of bytes and as documents."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy.plan import Plan
from udfs.keys import Keys


@dataclass(frozen=True)
class Truth:
    """What the generator knows of one line: its kind, and the sensitive values in it."""

    line: int
    kind: str
    values: list[dict[str, str]]


@dataclass(frozen=True)
class Run:
    """A run of the demonstration, read back from its files.

    Attributes:
        plan: the policy that it ran under.
        keys: the keys that it ran under.
        lines: the records that went in, without their newlines.
        truth: one entry for each line.
        folder: where everything lies.
        segments: the lines of each segment, by its name.
        audit: the audit's events, as text.
        events: the same, as documents.
        quarantine: the rows of the quarantine table.
        logs: log files, and whatever else the run printed or wrote aside from its tables.
    """

    plan: Plan
    keys: Keys
    lines: list[bytes]
    truth: list[Truth]
    folder: Path
    segments: dict[str, list[bytes]]
    audit: list[bytes]
    events: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]
    logs: list[Path]


def read_run(plan: Plan, keys: Keys, data: Path, folder: Path, logs: list[Path]) -> Run:
    """Reads a run.

    Args:
        data: the folder of the sample.
        folder: the folder that the tables file knows as `${out}`.
        logs: files to search for leaks as well.
    """
    audit = read_lines(folder / "audit")
    return Run(
        plan=plan,
        keys=keys,
        lines=split((data / "orders.jsonl").read_bytes()),
        truth=[Truth(**json.loads(line)) for line in split((data / "truth.jsonl").read_bytes())],
        folder=folder,
        segments={segment.name: read_lines(folder / segment.name) for segment in plan.segments},
        audit=audit,
        events=[json.loads(event) for event in audit],
        quarantine=[json.loads(row) for row in read_lines(folder / "quarantine")],
        logs=logs,
    )


def read_lines(table: Path) -> list[bytes]:
    """The lines of a filesystem table: of all its files that are not hidden, in the files' order."""
    files = (f for f in sorted(table.rglob("*")) if f.is_file() and not f.name.startswith((".", "_")))
    return [line for file in files for line in split(file.read_bytes())]


def split(data: bytes) -> list[bytes]:
    r"""Lines without their newlines; an empty line counts, the end of the file does not.

    >>> split(b"a\n\nb\n")
    [b'a', b'', b'b']
    """
    lines = data.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def original(row: dict[str, Any]) -> bytes:
    """The bytes of a quarantined record; Flink writes BYTES as base64 in JSON."""
    return base64.b64decode(row["record"] or "")
