"""Segment jobs for tests: a policy, files of tables, a run, and what came out."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jobs.columns import quoted
from jobs.progress import Summary
from jobs.segment import STREAMING, run

POLICY = """
weir: 1
name: shop
version: 3
levels: [public, internal, confidential, regulated]
countries: [us, gb]
entities:
  CREDIT_CARD: regulated
  US_SSN: regulated
  EMAIL_ADDRESS: confidential
  PERSON: confidential
fields:
  customer.name: PERSON
  name: PERSON
segments:
  vault:
    clearance: regulated
    sink: vault
  support:
    clearance: internal
    sink: support
    masks:
      CREDIT_CARD: {keep_last: 4}
      EMAIL_ADDRESS: pseudonym
  open:
    clearance: public
    sink: public
    above_clearance: deny
"""

SEGMENTS = {"vault": "vault", "support": "support", "open": "public"}
"""The segments of `POLICY` with their tables; outputs lie under the segments' names."""


def filesystem(name: str, columns: str, path: str, form: str = "raw") -> str:
    """The DDL of a table on files."""
    return f"CREATE TABLE {name} ({columns}) WITH ('connector'='filesystem', 'path'='{path}', 'format'='{form}');\n"


QUARANTINE = "record BYTES, reason STRING, coordinates STRING, producer STRING, policy STRING, `time` BIGINT"


def outputs(column: str = "line BYTES", form: str = "raw", segments: Mapping[str, str] = SEGMENTS) -> str:
    """The DDL of every output."""
    tables = [filesystem(quoted(t), column, f"${{out}}/{s}", form) for s, t in segments.items()]
    tables.append(filesystem("audit", "event STRING", "${out}/audit"))
    tables.append(filesystem("quarantine", QUARANTINE, "${out}/quarantine", "json"))
    return "".join(tables)


DOCUMENTS = (
    "SET 'weir.document' = 'line';\nSET 'weir.coordinates' = 'file';\n"
    + filesystem("orders", "line BYTES, `file` STRING NOT NULL METADATA FROM 'file.path' VIRTUAL", "${in}")
    + outputs()
)
"""Documents in files, a line each."""


def run_job(
    folder: Path,
    key_file: Path,
    tables: str,
    lines: Sequence[bytes],
    policy: str = POLICY,
    mode: str = STREAMING,
    **more: Any,
) -> Summary:
    """Write a policy, tables and input to a folder, and run the segment job on them; outputs go to `out` in it."""
    (folder / "policy.yaml").write_text(policy)
    (folder / "tables.sql").write_text(tables)
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / "records").write_bytes(b"".join(line + b"\n" for line in lines))
    variables = {"in": str(folder / "in"), "out": str(folder / "out")}
    return run(
        folder / "policy.yaml", folder / "tables.sql", key_file, variables=variables, mode=mode, **more
    )  # fmt: skip


def lines_of(folder: Path, name: str) -> list[bytes]:
    """The lines of an output, without those that are not committed."""
    files = sorted(p for p in (folder / "out" / name).rglob("*") if p.is_file() and not p.name.startswith((".", "_")))
    return [line for file in files for line in file.read_bytes().split(b"\n")[:-1]]


def events_of(folder: Path) -> list[dict[str, Any]]:
    """The audit events."""
    return [json.loads(line) for line in lines_of(folder, "audit")]


def everything(folder: Path, *names: str) -> bytes:
    """All bytes of some outputs, hidden files included."""
    files = [p for name in names for p in (folder / "out" / name).rglob("*") if p.is_file()]
    return b"\n".join(p.read_bytes() for p in files)
