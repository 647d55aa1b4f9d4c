"""The orders sample, as often as a measurement needs it."""

from itertools import cycle, islice
from pathlib import Path

import pyarrow as pa
from policy.compile import compile_plan

from policy.load import load_policy
from policy.plan import Plan
from udfs.catalog import installed

EXAMPLE = Path(__file__).parent.parent / "examples" / "orders"


def plan() -> Plan:
    """The plan of the orders example."""
    return compile_plan(load_policy(EXAMPLE / "policy.yaml"), installed())


def lines(count: int) -> list[bytes]:
    """The sample's lines, over and over, without their newlines."""
    sample = (EXAMPLE / "data" / "orders.jsonl").read_bytes().split(b"\n")
    return list(islice(cycle(sample[:-1]), count))


def batch(count: int) -> pa.RecordBatch:
    """The sample's lines as a batch of one column, `line`."""
    return pa.RecordBatch.from_arrays([pa.array(lines(count), pa.binary())], ["line"])
