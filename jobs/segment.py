"""The segment job: reads a stream, and gives each segment the view that it is cleared for.

weir run segment --policy orders.yaml --tables tables.sql --key weir.key
flink run -pyfs weir.zip -py jobs/segment.py --policy orders.yaml --tables tables.sql --key-file /etc/weir/root.key
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jobs.failure import JobFailed, failed
from jobs.local import BadJar, JavaNotFound, environment
from jobs.preflight import ready
from jobs.progress import SegmentCount, Summary, watch
from jobs.roles import Tables
from jobs.statements import SqlErrors
from jobs.tables import read_tables
from jobs.topology import build
from policy.plan import Plan
from udfs.keys import Keys, KeysError, absolute, public_place
from udfs.mask import check_keys

STREAMING, BOUNDED = "streaming", "bounded"
"""How a job runs: without an end (and ends with its sources), or as a batch over sources that end."""


class NotInForce(Exception):
    """The policy's `effective_from` is still to come."""


def run(
    policy: str | os.PathLike[str],
    tables: str | os.PathLike[str],
    key_file: str | os.PathLike[str],
    *,
    key_table: str | None = None,
    variables: Mapping[str, str] | None = None,
    mode: str = STREAMING,
    parallelism: int | None = None,
    jars: Sequence[str | os.PathLike[str]] = (),
    options: Mapping[str, str] | None = None,
    local: bool = True,
) -> Summary:
    """Run the job: on a local Flink to its end, or hand it to the cluster whose client runs this program.

    Args:
        policy: the policy file.
        tables: the tables file.
        key_file: the key file, or `env:NAME`. On a cluster: its path on the machines that run workers.
        key_table: the key table of persons' keys, if masks have a subject: a path, or `postgresql://…`.
        variables: what `${name}` in the tables file stands for.
        mode: `streaming` or `bounded`.
        parallelism: of every operator; locally 1 when it is not given.
        jars: connector jars.
        options: Flink options, over all others but the tables file's.
        local: False under `flink run`.

    Raises:
        policy.errors.PolicyErrors: everything wrong with the policy.
        NotInForce: it is not in force yet.
        udfs.keys.KeysError: the keys cannot be used (on a cluster the workers find that out).
        SqlErrors: everything wrong with the tables file.
        JobFailed: the job broke. The message holds no value of the data.
        jobs.local.JavaNotFound, jobs.local.BadJar: what a local Flink needs is not there.
    """
    plan = load_plan(policy)
    return run_plan(
        plan, tables, key_file, key_table=key_table, variables=variables, mode=mode, parallelism=parallelism,
        jars=jars, options=options, local=local,
    )  # fmt: skip


def load_plan(path: str | os.PathLike[str]) -> Plan:
    """The compiled plan of a policy file.

    Raises:
        policy.errors.PolicyErrors: everything that is wrong with it.
    """
    from policy.compile import compile_plan
    from policy.load import load_policy
    from udfs.catalog import installed

    return compile_plan(load_policy(Path(path)), installed())


def run_plan(
    plan: Plan,
    tables: str | os.PathLike[str],
    key_file: str | os.PathLike[str],
    *,
    key_table: str | None = None,
    variables: Mapping[str, str] | None = None,
    mode: str = STREAMING,
    parallelism: int | None = None,
    jars: Sequence[str | os.PathLike[str]] = (),
    options: Mapping[str, str] | None = None,
    local: bool = True,
) -> Summary:
    """`run` for a plan that is compiled already."""
    in_force(plan, datetime.now(timezone.utc))
    key = absolute(key_file) if local else os.fspath(key_file)
    key_table = public_place(key_table) if key_table else None
    if local:
        check_keys(plan, Keys.open(key, key_table))
    named = {"pipeline.name": f"weir segment {plan.name}@{plan.version}", **(options or {})}
    t_env = environment(bounded=mode == BOUNDED, parallelism=parallelism, jars=jars, options=named, local=local)
    roles = read_tables(t_env, tables, plan, variables)
    ready(t_env, os.fspath(tables), roles, bounded=mode == BOUNDED)
    statements, function = build(t_env, plan, roles, key, key_table)
    started = time.monotonic()
    try:
        client = statements.execute().get_job_client()
    except Exception as error:
        raise failed(error) from None
    job = str(client.get_job_id()) if client else ""
    if not local:
        if t_env.get_config().get("execution.target", "") == "local":
            _finish(client, dict, ())  # `flink run -t local`: the job lives in this client, and dies with it
        return _summary(plan, roles, {}, 0.0, job=job, finished=False)
    from udfs.segment_function import totals

    cancelled = _finish(client, lambda: totals(function.run), tuple(s.name for s in plan.segments))
    return _summary(plan, roles, totals(function.run), time.monotonic() - started, job=job, cancelled=cancelled)


def in_force(plan: Plan, now: datetime) -> None:
    """Refuse a plan whose policy is not in force yet.

    Raises:
        NotInForce: its `effective_from` lies after now.
    """
    if plan.effective_from is None:
        return
    start = datetime.fromisoformat(plan.effective_from.replace("Z", "+00:00"))
    start = start if start.tzinfo else start.replace(tzinfo=timezone.utc)
    if start > now:
        raise NotInForce(
            f"policy {plan.name} version {plan.version} must be in force; it is from {plan.effective_from} on; "
            "run the version before it until then"
        )


def _finish(client: Any, counts: Callable[[], Mapping[str, int]], segments: tuple[str, ...]) -> bool:
    """Wait for the job's end. An interrupt by the user stops it in order.

    Returns:
        True if the user stopped it.
    """
    result = client.get_job_execution_result()
    try:
        watch(result.done, counts, segments)
    except KeyboardInterrupt:
        client.cancel().result()
        while not result.done():
            time.sleep(0.1)
        return True
    try:
        result.result()
    except Exception as error:
        raise failed(error) from None
    return False


def _summary(
    plan: Plan,
    tables: Tables,
    counts: Mapping[str, int],
    seconds: float,
    *,
    job: str,
    cancelled: bool = False,
    finished: bool = True,
) -> Summary:
    segments = tuple(
        SegmentCount(
            name,
            counts.get(f"{name}.delivered", 0),
            counts.get(f"{name}.denied", 0),
            table.name,
            table.target,
        )
        for name, table in tables.segments.items()
    )
    outputs = {"audit": tables.audit.target, "quarantine": tables.quarantine.target}
    records, quarantined = counts.get("records", 0), counts.get("quarantined", 0)
    return Summary(
        plan.name, plan.version, plan.digest, records, quarantined, segments, outputs, seconds, cancelled, job, finished
    )


def command_line(what: str) -> argparse.ArgumentParser:
    """The command line of a job under `flink run -py jobs/NAME.py …`, as far as all jobs have it."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--policy", required=True, help="policy file (YAML)")
    parser.add_argument("--tables", required=True, help="tables file (Flink SQL)")
    parser.add_argument("--key-file", required=True, help="key file, on every machine that runs workers, or env:NAME")
    parser.add_argument("--key-table", help="key table of persons' keys: a path or postgresql://...")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a ${NAME} of the tables file")
    parser.add_argument("--mode", choices=(STREAMING, BOUNDED), default=STREAMING)
    parser.add_argument("--parallelism", type=int)
    parser.add_argument("--jar", action="append", default=[], help="connector jar")
    parser.add_argument("--local", action="store_true", help="run on a local Flink, to the end")
    return parser


def is_local(given: argparse.Namespace) -> bool:
    """True when the job runs here; False when Flink's own client runs this program."""
    return given.local or "PYFLINK_GATEWAY_PORT" not in os.environ


def variables_of(words: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` words as a mapping.

    Raises:
        ValueError: a word is of another form.

    >>> variables_of(["out=/data/out", "q=a=b"])
    {'out': '/data/out', 'q': 'a=b'}
    """
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise ValueError("--set must be NAME=VALUE; write --set out=/data/out")
        found[name] = value
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Run under Flink's client. Returns the exit code."""
    from rich.console import Console

    given = command_line("Weir's segment job").parse_args(words)
    local = is_local(given)
    try:
        summary = run(
            given.policy, given.tables, given.key_file, key_table=given.key_table, variables=variables_of(given.set),
            mode=given.mode, parallelism=given.parallelism, jars=given.jar, local=local,
        )  # fmt: skip
    except (ValueError, SqlErrors, NotInForce, JobFailed, KeysError, JavaNotFound, BadJar) as error:
        print(error, file=sys.stderr)
        return 1
    Console(stderr=True).print(summary)
    return 0


if __name__ == "__main__":
    sys.exit(main())
