"""Runs of the sample without Flink: the engine's outcome, written to files as the job writes it."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from examples.orders import generate
from examples.orders.outputs import Run, read_run, split
from policy.compile import compile_plan
from policy.load import load_policy
from policy.plan import Plan
from udfs.catalog import installed
from udfs.engine import Engine
from udfs.keys import Keys

ORDERS = Path(generate.__file__).parent
KEYS = Keys.of(bytes(range(32)))
RECORDS = 250


def demo_plan() -> Plan:
    return compile_plan(load_policy(ORDERS / "policy.yaml"), installed())


def make_run(folder: Path, records: int = RECORDS) -> Run:
    """Generates a sample, runs the engine on it, writes the outputs, and reads them back."""
    data, out = folder / "data", folder / "out"
    data.mkdir(parents=True)
    lines, truth = generate.render(records=records)
    (data / "orders.jsonl").write_bytes(lines)
    (data / "truth.jsonl").write_bytes(truth)
    plan = demo_plan()
    log = folder / "job.log"
    log.write_text("started\nfinished\n")
    _write(out, plan, split(lines))
    return read_run(plan, KEYS, data, out, [log])


def _write(out: Path, plan: Plan, lines: list[bytes]) -> None:
    engine = Engine(plan, KEYS, ["line"], document=True, producer_path="producer")
    outcome = engine.run(pa.record_batch([pa.array(lines, pa.binary())], ["line"]))
    for name, views in outcome.segments.items():
        _table(out / name, (view for view in views.to_pylist() if view is not None))
    _table(out / "audit", (event.encode() for event in outcome.audit.to_pylist()))
    reasons = zip(lines, outcome.quarantine.to_pylist(), strict=True)
    rows = ({"record": base64.b64encode(line).decode(), "reason": why} for line, why in reasons if why is not None)
    _table(out / "quarantine", (json.dumps(row).encode() for row in rows))


def _table(folder: Path, lines: Iterable[bytes]) -> None:
    folder.mkdir(parents=True)
    (folder / "part-0").write_bytes(b"".join(line + b"\n" for line in lines))
