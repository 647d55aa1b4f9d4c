"""The stream of the orders example, as long as a measurement needs it."""

from itertools import cycle, islice
from pathlib import Path

import pyarrow as pa

from examples.orders.generate import stream
from policy.compile import compile_plan
from policy.load import load_policy
from policy.plan import Plan
from udfs.catalog import installed

DISTINCT = 20_000
"""Different records. Making them costs 0.2 ms each."""

EXAMPLE = Path(__file__).parent.parent / "examples" / "orders"


def plan() -> Plan:
    """The plan of the orders example."""
    return compile_plan(load_policy(EXAMPLE / "policy.yaml"), installed())


def lines(count: int) -> list[bytes]:
    """Lines of the orders stream, without their newlines: DISTINCT different ones at the most, then over again."""
    generated = (line for _, line, _ in stream(seed=1, records=min(count, DISTINCT)))
    return list(islice(cycle(generated), count))


def batch(count: int) -> pa.RecordBatch:
    """Lines of the orders stream as a batch of one column, `line`."""
    return pa.RecordBatch.from_arrays([pa.array(lines(count), pa.binary())], ["line"])
