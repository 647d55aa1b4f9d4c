"""Before a job starts: what its Kafka could refuse, or lose.

A producer that lacks a topic or a right waits a minute, and then says that it waited. A broker that is asked says what
is wrong at once, and says it of every table (`jobs.brokers`). Nothing is written or changed by asking.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from jobs.brokers import OFF, Use, asked, classes, silent
from jobs.columns import Table
from jobs.roles import Tables
from jobs.statements import SqlErrors

KAFKA = ("kafka", "upsert-kafka")

LEAST = 10_000
"""The least time, in ms, that a checkpoint must be given. A Python worker takes as long to start."""

NO_CHECKPOINTS = (
    "checkpoints must be on: exactly-once outputs are seen when one ends; "
    "SET 'execution.checkpointing.interval' = '30 s'"
)

_OF_CONNECTIONS = ("bootstrap.", "security.", "ssl.", "sasl.", "client.dns.", "socket.")
"""How those of a client's properties begin that say where it connects, and as whom."""


def ready(t_env: Any, file: str, tables: Tables, *, bounded: bool) -> None:
    """Refuse what could not run on the Kafka of its tables, or could lose there what the audit calls delivered.

    Args:
        t_env: the session of the tables; the timeout of checkpoints is lowered in it to what transactions allow.
        file: how errors call the tables file.
        tables: what the job reads and writes.
        bounded: True for batch execution.

    Raises:
        SqlErrors: everything that is wrong, as `tables.sql:LINE what; hint`.
    """
    outputs = [*tables.segments.values(), tables.audit, tables.quarantine]
    uses = [_use(t_env, tables.source, "READ"), *(_use(t_env, table, "WRITE") for table in outputs)]
    uses = [use for use in uses if use.table.options.get("connector") in KAFKA]
    wrong = _timed(t_env, [use for use in uses if use.transaction], bounded) if tables.transactional else []
    wrong += _refused(t_env, uses) if tables.preflight and uses else []
    if wrong:
        raise SqlErrors([f"{file}:{line} {what}" for line, what in sorted(wrong, key=lambda each: each[0])])


def _timed(t_env: Any, uses: Sequence[Use], bounded: bool) -> list[tuple[int, str]]:
    """What is wrong with the time that transactions have. What is left of it bounds the time of a checkpoint.

    A transaction that the broker ended, for want of time, before a finished checkpoint was told to commit it is lost,
    and Flink only logs that (KafkaCommitter). It begins in one checkpoint and is committed after the next.
    """
    if bounded:
        line = uses[0].table.line
        return [(line, "exactly-once outputs on Kafka need --mode streaming, which ends with its sources too")]
    interval, pause, failures = _checkpoints(t_env)
    if interval is None:
        return [(1, NO_CHECKPOINTS)]
    gaps, shares = (failures + 1) * max(interval, pause), failures + 3  # one share is for a restart
    wanted = gaps + shares * LEAST
    wrong = [
        (
            use.table.line,
            f"table {use.table.name} must have a 'properties.transaction.timeout.ms' of at least {wanted}, for "
            f"checkpoints every {max(interval, pause)} ms; got {use.time}; or SET 'execution.checkpointing.interval'",
        )
        for use in uses
        if use.time < wanted
    ]
    longest = (min(use.time for use in uses) - gaps) // shares
    options = _options()
    if not wrong and longest < (_milliseconds(t_env, options.CHECKPOINTING_TIMEOUT) or 0):
        t_env.get_config().set(options.CHECKPOINTING_TIMEOUT.key(), f"{longest} ms")
    return wrong


def _options() -> Any:
    from pyflink.java_gateway import get_gateway

    return get_gateway().jvm.org.apache.flink.configuration.CheckpointingOptions


def _checkpoints(t_env: Any) -> tuple[int | None, int, int]:
    """The interval of checkpoints and the least pause between them, in ms, and how many may fail in a row."""
    options = _options()
    interval = _milliseconds(t_env, options.CHECKPOINTING_INTERVAL)
    pause = _milliseconds(t_env, options.MIN_PAUSE_BETWEEN_CHECKPOINTS) or 0
    return interval, pause, int(t_env._j_tenv.getConfig().get(options.TOLERABLE_FAILURE_NUMBER) or 0)


def _milliseconds(t_env: Any, option: Any) -> int | None:
    found = t_env._j_tenv.getConfig().get(option)
    return None if found is None else int(found.toMillis())


def _refused(t_env: Any, uses: Sequence[Use]) -> list[tuple[int, str]]:
    """What brokers say against a job's Kafka tables."""
    found = list(_unregistered(uses))
    clients: dict[frozenset[tuple[str, str]], list[Use]] = {}
    for use in uses:
        shared = frozenset((k, v) for k, v in use.properties.items() if k.startswith(_OF_CONNECTIONS))
        clients.setdefault(shared, []).append(use)
    with classes(t_env) as jvm:
        for properties, sharing in clients.items() if jvm else ():
            found += asked(jvm, dict(properties), sharing)
    return found


def _use(t_env: Any, table: Table, may: str) -> Use:
    manager = t_env._j_tenv.getCatalogManager()
    identifier = manager.qualifyIdentifier(t_env._j_tenv.getParser().parseIdentifier(table.sql))
    options = manager.getTable(identifier).get().getTable().getOptions() if table.options else {}
    return Use(table, may, dict(options))


def _unregistered(uses: Sequence[Use]) -> Iterator[tuple[int, str]]:
    """Schema registries that do not answer."""
    reasons: dict[tuple[str, int], str] = {}
    for use in uses:
        for url in use.registries:
            parts = urlsplit(url.strip())
            place = (parts.hostname or "", _port(parts))
            if place not in reasons:
                reasons[place] = silent(place)
                if reasons[place]:
                    what = f"the schema registry at {parts.scheme}://{place[0]}:{place[1]} must answer"
                    yield use.table.line, f"table {use.table.name}: {what}; {reasons[place]}; {OFF}"


def _port(url: SplitResult) -> int:
    try:
        return url.port or {"https": 443}.get(url.scheme, 80)
    except ValueError:  # it is no number; nobody answers there
        return 0
