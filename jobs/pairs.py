"""Jobs that give every row an audit event: a source, one function, and both sinks in one statement set.

    source ──▶ function(row) ──▶ view ──▶ INSERT of the rows
                                     └──▶ INSERT of the events, into the policy's audit table

Both sinks commit with the same checkpoint, so that neither has what the other lacks.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from jobs.columns import Table, quoted
from jobs.failure import JobFailed, failed
from jobs.local import BadJar, JavaNotFound, environment
from jobs.segment import BOUNDED, STREAMING, NotInForce, in_force, is_local, load_plan, variables_of
from jobs.sql import PARAMETERS, joined, register
from jobs.statements import SqlErrors
from jobs.tables import open_tables
from policy.errors import PolicyErrors, did_you_mean
from udfs.keys import KeysError, absolute, public_place

_VIEW = "weir_pairs"


@dataclass(frozen=True)
class Settings:
    """How such a job runs.

    Attributes:
        policy: the policy file.
        tables: the tables file.
        key_file: the key file, or `env:NAME`.
        key_table: the key table.
        grant, trust: the grant, and the public keys of those who may grant.
        variables: what `${name}` in the tables file stands for.
        mode: `streaming` or `bounded`.
        parallelism: of every operator; locally 1 when it is not given.
        jars: connector jars.
        local: False under `flink run`.
    """

    policy: str | os.PathLike[str]
    tables: str | os.PathLike[str]
    key_file: str | os.PathLike[str]
    key_table: str | None = None
    grant: str | os.PathLike[str] | None = None
    trust: str | os.PathLike[str] | None = None
    variables: Mapping[str, str] | None = None
    mode: str = STREAMING
    parallelism: int | None = None
    jars: Sequence[str | os.PathLike[str]] = ()
    local: bool = True


class Session:
    """A session with Weir's functions and the tables of a file.

    Attributes:
        t_env: the `pyflink.table.TableEnvironment`.
        plan: the compiled policy.
        tables: the file's tables, by name.

    Raises:
        policy.errors.PolicyErrors, jobs.segment.NotInForce, SqlErrors, jobs.local.JavaNotFound, jobs.local.BadJar:
            what is wrong with the policy, the tables or the machine.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        self.plan = load_plan(settings.policy)
        in_force(self.plan, datetime.now(timezone.utc))
        options = {"pipeline.name": f"weir {name} {self.plan.name}", PARAMETERS: joined(_parameters(settings))}
        self.t_env = environment(
            bounded=settings.mode == BOUNDED, parallelism=settings.parallelism, jars=settings.jars, options=options,
            local=settings.local,
        )  # fmt: skip
        register(self.t_env)
        self._file = os.fspath(settings.tables)
        self._local = settings.local
        self.tables = open_tables(self.t_env, settings.tables, settings.variables)

    def table(self, name: str, what: str) -> Table:
        """A table of the file.

        Raises:
            SqlErrors: there is none of that name.
        """
        if name not in self.tables:
            hint = did_you_mean(name, self.tables) or f"it has {', '.join(self.tables) or 'none'}"
            raise SqlErrors([f"{self._file}:1 there is no table '{name}' for the {what}; {hint}"])
        return self.tables[name]

    def audit(self) -> tuple[Table, str]:
        """The policy's audit table, and its column for events."""
        table = self.table(self.plan.audit_sink, "audit")
        return table, table.stored[0].name

    def columns(self, table: Table, wanted: Sequence[str], what: str) -> None:
        """Nothing, if the table has the columns.

        Raises:
            SqlErrors: it lacks some.
        """
        known = [column.name for column in table.columns]
        errors = [
            f"{self._file}:{table.line} {what} '{table.name}' has no column '{name}'; "
            f"{did_you_mean(name, known) or 'it has ' + ', '.join(known)}"
            for name in wanted
            if name not in known
        ]
        if errors:
            raise SqlErrors(errors)

    def run(self, query: str, inserts: Sequence[str]) -> str:
        """Run the INSERTs over a query, which they find under the name of the view.

        Returns:
            The job's id. A local job has ended then; under `flink run` it has been handed over.

        Raises:
            JobFailed: the job broke.
        """
        # Made from a query, not in SQL: a CREATE VIEW would call the function once for each INSERT, and every call
        # uses up a grant.
        try:
            self.t_env.create_temporary_view(_VIEW, self.t_env.sql_query(query))
            statements = self.t_env.create_statement_set()
            for insert in inserts:
                statements.add_insert_sql(insert)
            result = statements.execute()
            if self._local or self.t_env.get_config().get("execution.target", "") == "local":
                result.wait()  # `flink run -t local`: the job lives in this client, and dies with it
        except Exception as error:
            problem = failed(error)
        else:
            return str(result.get_job_client().get_job_id())
        raise JobFailed(problem)


def settings_of(given: argparse.Namespace) -> Settings:
    """The settings of a command line.

    Raises:
        ValueError: a variable is not NAME=VALUE.
    """
    return Settings(
        given.policy, given.tables, given.key_file, given.key_table, getattr(given, "grant", None),
        getattr(given, "trust", None), variables_of(given.set), given.mode, given.parallelism, given.jar,
        is_local(given),
    )  # fmt: skip


def exit_code(action: Callable[[], object]) -> int:
    """Run a job's action under Flink's client: 0, or 1 with what is wrong on standard error."""
    try:
        action()
    except (ValueError, PolicyErrors, SqlErrors, NotInForce, JobFailed, KeysError, JavaNotFound, BadJar) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def insert(table: Table, values: Mapping[str, str], where: str) -> str:
    """An INSERT from the view.

    Args:
        values: SQL of each column's value, by the column's name.
        where: SQL of the condition.
    """
    names = ", ".join(map(quoted, values))
    return f"INSERT INTO {table.sql} ({names}) SELECT {', '.join(values.values())} FROM {_VIEW} WHERE {where}"


def literal(text: str) -> str:
    """A text as SQL has it.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def _parameters(settings: Settings) -> dict[str, str]:
    """The functions' job parameters. Paths and names alone: what stands in the job's graph is for everyone to see."""
    files = {
        "weir.policy": settings.policy, "weir.keys": settings.key_file, "weir.grant": settings.grant,
        "weir.trust": settings.trust,
    }  # fmt: skip
    found = {key: absolute(path) if settings.local else os.fspath(path) for key, path in files.items() if path}
    return found | ({"weir.key-table": public_place(settings.key_table)} if settings.key_table else {})
