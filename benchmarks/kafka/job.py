"""One job over Kafka, as a process of its own: `python -m benchmarks.kafka.job`, with what it is to do as JSON through
standard input. An interrupt ends a job whose source has no end."""

import json
import signal
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.job import copies, use_no_op
from examples.kafka.servers.process import jars
from jobs.local import environment
from jobs.segment import load_plan, run_plan
from jobs.tables import read_tables
from policy.plan import Plan

SEGMENT, NO_OP, SQL = "segment", "no-op", "SQL"
"""The job as it is; the same around a function that does nothing; every record to every output by SQL alone."""


@dataclass(frozen=True)
class Order:
    """What a job is to do.

    Args:
        kind: SEGMENT, NO_OP or SQL.
        policy: the policy file.
        tables: the tables file. The broker's password is in it, so only its owner can read it.
        key: the key file.
        parallelism: of every operator.
        options: Flink options.
    """

    kind: str
    policy: str
    tables: str
    key: str
    parallelism: int = 1
    options: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """As `main` reads it.

        >>> Order(**json.loads(Order("SQL", "p", "t", "k").to_json())).kind
        'SQL'
        """
        return json.dumps(asdict(self))


def connectors() -> list[Path]:
    """The jar of Kafka's connector."""
    return sorted(jars("flink").glob("flink-sql-connector-kafka-*.jar"))


def run(order: Order) -> None:
    """Run a job to its end."""
    plan = load_plan(order.policy)
    if order.kind == SQL:
        _copy(order, plan)
        return
    if order.kind == NO_OP:
        use_no_op(plan)
    run_plan(
        plan, order.tables, order.key, parallelism=order.parallelism, jars=connectors(), options=order.options
    )  # fmt: skip


def _copy(order: Order, plan: Plan) -> None:
    t_env: Any = environment(parallelism=order.parallelism, jars=connectors(), options=order.options)
    copies(t_env, read_tables(t_env, order.tables, plan, {}), "line").execute().wait()


if __name__ == "__main__":
    # Whoever is started in the background of a shell script is started deaf to it, and hands that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run(Order(**json.load(sys.stdin)))
