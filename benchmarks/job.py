"""One Flink job, measured: `python -m benchmarks.job KIND ROWS FOLDER` prints its seconds, start of the worker
included."""

import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.data import EXAMPLE, batch, lines, plan
from jobs import topology
from jobs.local import environment
from jobs.tables import read_tables
from policy.plan import Plan
from udfs.engine import Engine
from udfs.keys import Keyring, Keys, new_root, write_keyring

KINDS = ("segment", "noop", "presidio", "sql")


def run(kind: str, rows: int, folder: Path) -> float:
    """Run a job of a kind to its end.

    Args:
        kind: one of KINDS.
        rows: records of its input.
        folder: an empty folder for its input and output.

    Returns:
        Seconds from submission to the end.
    """
    data, key = folder / "in.jsonl", folder / "bench.key"
    data.write_bytes(b"\n".join(lines(rows)) + b"\n")
    write_keyring(key, Keyring.of(new_root()))
    compiled = plan()
    t_env = environment(bounded=True)
    variables = {"data": str(data), "out": str(folder / "out")}
    tables = read_tables(t_env, EXAMPLE / "tables.sql", compiled, variables)
    statements = _statements(kind, t_env, compiled, tables, str(key))
    begin = time.perf_counter()
    statements.execute().wait()
    return time.perf_counter() - begin


def _statements(kind: str, t_env: Any, compiled: Plan, tables: Any, key: str) -> Any:
    if kind == "sql":
        return copies(t_env, tables, "line")
    if kind == "presidio":
        from pyflink.table import DataTypes
        from pyflink.table.udf import udf

        from benchmarks.peers import Presidio

        t_env.create_temporary_function("presidio", udf(Presidio(compiled), result_type=DataTypes.BYTES()))
        one = t_env.create_statement_set()
        one.add_insert_sql(
            f"INSERT INTO {tables.segments['support'].name} SELECT presidio(line) FROM {tables.source.name}"
        )
        return one
    if kind == "noop":
        use_no_op(compiled)
    return topology.build(t_env, compiled, tables, key)[0]


def copies(t_env: Any, tables: Any, column: str) -> Any:
    """The same outputs by SQL alone: every segment and the audit get every record as it is.

    Returns:
        A statement set, not started.
    """
    statements = t_env.create_statement_set()
    for table in tables.segments.values():
        statements.add_insert_sql(f"INSERT INTO {table.name} ({column}) SELECT {column} FROM {tables.source.name}")
    audit = f"INSERT INTO {tables.audit.name} SELECT DECODE({column}, 'UTF-8') FROM {tables.source.name}"
    statements.add_insert_sql(audit)
    return statements


def use_no_op(compiled: Plan) -> None:
    """Build every job of this process around a function that does nothing, and delivers as much as the real one."""
    from benchmarks.peers import NoOp

    outcome = Engine(compiled, Keys.of(bytes(32)), ["line"], True).run(batch(2_400))
    shares = tuple(outcome.counts[f"{s.name}.delivered"] / outcome.counts["records"] for s in compiled.segments)
    events = sorted(outcome.audit.to_pylist(), key=len)

    def no_op(*arguments: Any) -> NoOp:
        return NoOp(*arguments, shares=shares, event=events[len(events) // 2])

    topology.SegmentFunction = no_op  # type: ignore[misc, assignment]  # the same topology around another function


if __name__ == "__main__":
    print(run(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
