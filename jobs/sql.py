"""`weir sql`: runs a script of Flink SQL on the local Flink or on a cluster, with Weir's functions registered."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import islice
from typing import Any, TextIO

import orjson
from pyflink.table import ResultKind
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.failure import failed
from jobs.local import environment
from jobs.statements import SqlErrors, Statement, split
from jobs.tables import read_text, run_statement, setting_of, sql_error
from udfs.keys import absolute, public_place

SHOWN_ROWS = 1000
"""Rows of a result that a table on the terminal shows; `--json` prints all."""

PARAMETERS = "pipeline.global-job-parameters"
"""The option in which Flink hands parameters to functions."""

_MODE = "execution.runtime-mode"
_NAME, _OWN_NAME = "pipeline.name", "weir sql"
"""Flink's own name for a statement's job is the statement, values in it too, and stands in logs and in the web UI."""
_SQL_CLIENT_SET = re.compile(r"BEGIN\s+STATEMENT\s+SET\s*;", re.IGNORECASE)


def run_script(
    path: str | os.PathLike[str],
    *,
    policy: str | os.PathLike[str] | None = None,
    key_file: str | os.PathLike[str] | None = None,
    key_table: str | None = None,
    grant: str | os.PathLike[str] | None = None,
    trust: str | os.PathLike[str] | None = None,
    segment: str | None = None,
    variables: Mapping[str, str] | None = None,
    bounded: bool = True,
    parallelism: int | None = None,
    jars: Sequence[str | os.PathLike[str]] = (),
    options: Mapping[str, str] | None = None,
    as_json: bool = False,
    out: TextIO | None = None,
    session: Callable[..., Any] = environment,
) -> None:
    """Run every statement of a script, one after another, each to its end; print what they return.

    Args:
        path: the script; `-` is standard input.
        policy: what the functions search and mask by (job parameter `weir.policy`). The workers read it and the files
            named below: on a cluster, they lie under the same paths on each of its machines.
        key_file: the key file (`weir.keys`).
        key_table: the key table (`weir.key-table`).
        grant: the grant (`weir.grant`).
        trust: public keys of those who may grant (`weir.trust`).
        segment: the segment of calls that name none (`weir.segment`).
        variables: what `${name}` in the script stands for.
        bounded: True for batch execution. A script can choose by `SET 'execution.runtime-mode'`.
        parallelism: of every operator; 1 when it is not given.
        jars: connector jars.
        options: Flink options; the script can change them.
        as_json: print each row as a line of JSON, and nothing else.
        out: where results go; standard output when it is not given.
        session: makes the table environment; `jobs.client.session` makes one on a cluster.

    Raises:
        SqlErrors: what is wrong with the script, as `FILE:LINE what`. Statements before it have run.
        udfs.keys.KeysError: the key table's place holds a password.
        jobs.local.JavaNotFound, jobs.local.BadJar: what a local Flink needs is not there.
    """
    name = "<stdin>" if os.fspath(path) == "-" else os.fspath(path)
    statements = split(sys.stdin.read() if name == "<stdin>" else read_text(path), name, variables)
    parameters = parameters_of(policy, key_file, key_table, grant, trust, segment)
    chosen = {**(options or {}), **({PARAMETERS: joined(parameters)} if parameters else {})}
    t_env = session(bounded=_bounded(statements, bounded), parallelism=parallelism, jars=jars, options=chosen)
    register(t_env)
    printer = _Printer(out or sys.stdout, as_json)
    for statement in statements:
        _run(t_env, statement, name, parameters, printer)


def parameters_of(
    policy: str | os.PathLike[str] | None = None,
    key_file: str | os.PathLike[str] | None = None,
    key_table: str | None = None,
    grant: str | os.PathLike[str] | None = None,
    trust: str | os.PathLike[str] | None = None,
    segment: str | None = None,
) -> dict[str, str]:
    """The job parameters of Weir's functions; paths are absolute.

    Raises:
        udfs.keys.KeysError: the key table's place holds a password.

    >>> parameters_of("/p.yaml", "env:WEIR_KEY", segment="support")
    {'weir.policy': '/p.yaml', 'weir.keys': 'env:WEIR_KEY', 'weir.segment': 'support'}
    """
    named = {"weir.policy": policy, "weir.keys": key_file, "weir.grant": grant, "weir.trust": trust}
    places = {"weir.key-table": key_table and public_place(key_table), "weir.segment": segment}
    parameters = {key: absolute(source) for key, source in named.items() if source}
    return parameters | {key: text for key, text in places.items() if text}


def init_file(options: Mapping[str, str], parameters: Mapping[str, str]) -> str:
    """What a session of Flink's SQL client begins with: options, parameters, and Weir's functions.

    Args:
        options: Flink options.
        parameters: job parameters, by `parameters_of`.

    >>> print(init_file({"python.executable": "weir/bin/python"}, {"weir.segment": "support"}))
    SET 'pipeline.name' = 'weir sql';
    SET 'python.executable' = 'weir/bin/python';
    SET 'pipeline.global-job-parameters' = 'weir.segment:''support''';
    ...
    """
    chosen = {_NAME: _OWN_NAME, **options, **({PARAMETERS: joined(parameters)} if parameters else {})}
    return "".join(f"SET '{key}' = '{_doubled(value)}';\n" for key, value in chosen.items()) + "\n" + _functions()


def register(t_env: Any) -> None:
    """Register Weir's functions in a session, as `udfs/functions.sql` does."""
    for statement in split(_functions(), "functions.sql"):
        t_env.execute_sql(statement.text)


def _functions() -> str:
    return files("udfs").joinpath("functions.sql").read_text(encoding="utf-8")


def joined(parameters: Mapping[str, str]) -> str:
    """Job parameters as the one option that Flink has for them; values are quoted, for paths may hold `:` and `,`.

    >>> joined({"weir.policy": "/a:b's.yaml"})
    "weir.policy:'/a:b''s.yaml'"
    """
    return ",".join(f"{key}:'{_doubled(value)}'" for key, value in parameters.items())


def _doubled(value: str) -> str:
    return value.replace("'", "''")


def _bounded(statements: Sequence[Statement], default: bool) -> bool:
    """The mode that the script sets; Flink takes it only when a session is made."""
    modes = [setting[1] for s in statements if (setting := setting_of(s)) and setting[0] == _MODE]
    return modes[0].lower() == "batch" if modes else default


def _run(t_env: Any, statement: Statement, name: str, parameters: Mapping[str, str], printer: "_Printer") -> None:
    setting = setting_of(statement)
    if setting is not None:
        key, value = setting
        if key == PARAMETERS:
            value = ",".join([part for part in (joined(parameters), value) if part])
        if key != _MODE:
            t_env.get_config().set(key, value)
        return
    if statement.starts("SET") or statement.starts("RESET"):
        problem = run_statement(t_env, statement, name)
        if problem:
            raise SqlErrors([problem])
        return
    if t_env.get_config().get(_NAME, _OWN_NAME).startswith(_OWN_NAME):
        t_env.get_config().set(_NAME, f"{_OWN_NAME} {os.path.basename(name)}:{statement.line}")
    text = _SQL_CLIENT_SET.sub("EXECUTE STATEMENT SET BEGIN ", statement.text, count=1)
    try:
        result = t_env.execute_sql(text)
    except Exception as error:
        raise SqlErrors([sql_error(statement, name, error)]) from None
    try:
        if result.get_job_client() is not None and not _is_query(statement):
            _finish(result)
            printer.note(f"{name}:{statement.line} {statement.words[0]} is done")
        else:
            printer.rows(result)
    except Exception as error:
        raise SqlErrors([f"{name}:{statement.line} {failed(error)}"]) from None


def _finish(result: Any) -> None:
    """Wait for the end of a statement that writes. An interrupt by the user ends its job, wherever it runs."""
    try:
        result.wait()
    except KeyboardInterrupt:
        result.get_job_client().cancel().result()
        raise


def _is_query(statement: Statement) -> bool:
    return not (statement.starts("INSERT") or statement.starts("EXECUTE") or statement.starts("BEGIN"))


class _Printer:
    """Prints results: tables for people, or a line of JSON for each row."""

    def __init__(self, out: TextIO, as_json: bool) -> None:
        self._out = out
        self._as_json = as_json
        self._console = Console(file=out, highlight=False)

    def note(self, text: str) -> None:
        """Something for people."""
        if not self._as_json:
            self._console.print(Text(text, style="dim"))

    def rows(self, result: Any) -> None:
        """A result's rows; nothing for a statement that returns only that it worked."""
        columns = result.get_resolved_schema().get_column_names()
        if result.get_result_kind() == ResultKind.SUCCESS:
            return
        with result.collect() as rows:
            if self._as_json:
                self._lines(columns, rows)
            elif len(columns) == 1 and columns[0] in ("result", "create table", "create view"):
                for row in rows:
                    self._console.print(Text(str(row[0])), soft_wrap=True)  # a plan or a DDL: text of many lines
            else:
                self._table(columns, rows)

    def _lines(self, columns: list[str], rows: Iterator[Any]) -> None:
        for row in rows:
            kind = row.get_row_kind().name
            change = {} if kind == "INSERT" else {"op": kind}
            line = orjson.dumps({**change, **dict(zip(columns, list(row), strict=True))}, default=_plain)
            self._out.write(line.decode() + "\n")
        self._out.flush()

    def _table(self, columns: list[str], rows: Iterator[Any]) -> None:
        table = Table(header_style="bold")
        for column in columns:
            table.add_column(Text(column), overflow="fold")
        shown = list(islice(rows, SHOWN_ROWS))
        for row in shown:
            style = None if row.get_row_kind().name in ("INSERT", "UPDATE_AFTER") else "dim strike"
            table.add_row(*(_cell(value) for value in row), style=style)
        self._console.print(table)
        left = sum(1 for _ in rows)
        total = f"{len(shown) + left:,} rows"
        self.note(f"{total}, the first {len(shown):,} shown; --json prints all" if left else total)


def _cell(value: Any) -> Text:
    if value is None:
        return Text("NULL", style="dim")
    return Text(value if isinstance(value, str) else str(_plain(value)))


def _plain(value: Any) -> Any:
    """Bytes as text where they are UTF-8, rows as lists; everything else as text."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode(errors="backslashreplace")
    if hasattr(value, "get_row_kind"):
        return list(value)
    return value if isinstance(value, (list, dict)) else str(value)
