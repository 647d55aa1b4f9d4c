"""The tables file of a segment job: plain Flink SQL that creates the source and every output."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs import filesystems
from jobs.columns import Table, changes, describe, identifier, quoted
from jobs.fitting import collisions, misfits
from jobs.roles import Checker, Setting, Tables
from jobs.statements import SqlErrors, Statement, split
from policy.plan import Plan

ALLOWED = ("CREATE", "SET", "RESET", "USE", "LOAD", "UNLOAD", "ADD", "ALTER", "DROP")
"""What a tables file may do. Reading and writing data is the job's part."""

_SET = re.compile(r"SET\s+'((?:[^']|'')*)'\s*=\s*'((?:[^']|'')*)'\s*", re.IGNORECASE)
_CREATED = re.compile(
    r"CREATE\s+(?:TEMPORARY\s+)?(?P<kind>TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r"(?P<name>(?:`(?:[^`]|``)+`|[\w$]+)(?:\s*\.\s*(?:`(?:[^`]|``)+`|[\w$]+))*)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*(?!\+).*?\*/|--[^\n]*", re.DOTALL)
_PLACE = re.compile(r"\bline (\d+), column (\d+)")

_RESERVED = re.compile(r'Encountered "[a-zA-Z]+"')
_RESERVED_HINT = " a reserved word that is a name stands in backticks"


@dataclass
class _Made:
    """What the statements of a file made: full names of tables with the line of each, and settings."""

    tables: dict[str, int]
    settings: dict[str, Setting]


def read_tables(
    t_env: Any, path: str | os.PathLike[str], plan: Plan, variables: Mapping[str, str] | None = None
) -> Tables:
    """Run a tables file in a session and find what each table is for.

    Args:
        t_env: the session (`pyflink.table.TableEnvironment`) that gets the tables and the file's settings.
        path: the file.
        plan: the policy that names the outputs.
        variables: what `${name}` in the file stands for.

    Raises:
        SqlErrors: everything that is wrong, as `tables.sql:LINE what; hint`.
    """
    name = os.fspath(path)
    statements = split(read_text(path), name, variables)
    made = _execute(t_env, statements, name)
    checker = Checker(
        name,
        {table.name: table for table in _described(t_env, made)},
        _mentioned(made, [s for s in statements if s.starts("CREATE")]),
        made.settings,
        str(t_env.get_config().get_local_timezone()),
    )
    roles = checker.roles(plan)
    if checker.errors or roles is None:
        raise SqlErrors([message for _, message in sorted(checker.errors, key=lambda e: e[0])])
    start = f"{name}:{roles.source.line} table {roles.source.name}"
    wrong = []
    if changes(t_env, roles.source.sql):
        hint = "read change events as documents: 'format' = 'raw', SET 'weir.envelope' = 'debezium'"
        wrong.append(f"{start} updates and deletes rows, and a record must be one row that stays; {hint}")
    if not roles.document:
        columns = [part.column for part in roles.record if part.header is None]
        hint = "null, drop_field and masks of numbers or dates fit; or make it STRING"
        wrong += [f"{start}: {what}; {hint}" for _, what in misfits(plan, columns)]
        hint = "a mask such as hash or pseudonym tells rows apart, each time the same way"
        found = collisions(plan, roles.segments)
        wrong += [f"{name}:{table.line} table {table.name}: {what}; {hint}" for table, what in found]
    if wrong:
        raise SqlErrors(wrong)
    return roles


def open_tables(
    t_env: Any, path: str | os.PathLike[str], variables: Mapping[str, str] | None = None
) -> dict[str, Table]:
    """Run a tables file in a session, for a job whose tables are named elsewhere.

    Returns:
        The file's tables and views, by name.

    Raises:
        SqlErrors: everything that is wrong, as `tables.sql:LINE what; hint`.
    """
    name = os.fspath(path)
    made = _execute(t_env, split(read_text(path), name, variables), name)
    return {table.name: table for table in _described(t_env, made)}


def read_text(path: str | os.PathLike[str]) -> str:
    """A file of SQL.

    Raises:
        SqlErrors: it cannot be read, or is no UTF-8.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SqlErrors([f"{os.fspath(path)}:1 the file must be UTF-8; save it as UTF-8"]) from None
    except OSError as error:
        raise SqlErrors([f"{os.fspath(path)}:1 the file cannot be read ({error.strerror}); check the path"]) from None


def _execute(t_env: Any, statements: Sequence[Statement], name: str) -> _Made:
    made = _Made({}, {})
    errors = []
    for statement in statements:
        if not any(statement.starts(word) for word in ALLOWED):
            word = statement.words[0] if statement.words else "this"
            errors.append(f"{name}:{statement.line} {word} has no place in a tables file; it may {_list(ALLOWED)}")
            continue
        setting = setting_of(statement)
        if setting is not None and setting[0].startswith("weir."):
            made.settings[setting[0]] = Setting(setting[1], statement.line)
            continue
        problem = run_statement(t_env, statement, name)
        errors += [problem] if problem else []
        created = None if problem else _CREATED.match(_COMMENT.sub(" ", statement.text))
        if created is not None:
            made.tables[identifier(t_env, created["name"])] = statement.line
    if errors:
        raise SqlErrors(errors)
    return made


def _list(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def setting_of(statement: Statement) -> tuple[str, str] | None:
    """The name and value of a `SET 'name' = 'value'`, or None.

    >>> setting_of(split("SET 'a.b' = 'it''s' -- why")[0])
    ('a.b', "it's")
    """
    found = _SET.fullmatch(_COMMENT.sub(" ", statement.text))
    return (found[1].replace("''", "'"), found[2].replace("''", "'")) if found else None


def run_statement(t_env: Any, statement: Statement, name: str) -> str | None:
    """Run a statement that touches no data.

    Returns:
        What is wrong with it, as `FILE:LINE what`, or None.
    """
    setting = setting_of(statement)
    if setting is not None:
        t_env.get_config().set(*setting)
        if setting[0].startswith(filesystems.OPTIONS):
            filesystems.load(t_env)
        return None
    try:
        t_env.execute_sql(statement.text)
    except Exception as error:
        return sql_error(statement, name, error)
    return None


def sql_error(statement: Statement, name: str, error: Exception) -> str:
    """Flink's complaint about a statement that it did not start to run, with the place in the file.

    No data was read yet, so it holds none.
    """
    messages = list(_messages(error))
    place = next((found for message in messages if (found := _PLACE.search(message))), None)
    line = statement.line + int(place[1]) - 1 if place else statement.line
    innermost = messages[-1] if messages else type(error).__name__
    text = " ".join(innermost.partition("Was expecting")[0].split())
    text = re.sub(r"(?<=\") at line \d+, column \d+\.", ";", text)
    return f"{name}:{line} {text}{_RESERVED_HINT if _RESERVED.match(text) else ''}"


def _messages(error: Exception) -> Iterable[str]:
    """The messages of an error that Java raised and of its causes, outermost first."""
    java = getattr(error, "java_exception", None)
    if java is None:
        yield str(error) or type(error).__name__
    while java is not None:
        if java.getMessage():
            yield str(java.getMessage())
        java = java.getCause()


def _described(t_env: Any, made: _Made) -> Iterable[Table]:
    for name, line in made.tables.items():
        table = describe(t_env, name, _plain(t_env, name), line)
        if table is not None:
            yield table


def _plain(t_env: Any, full: str) -> str:
    """The name without quotes, and without catalog and database where they are the current ones."""
    here = f"{quoted(t_env.get_current_catalog())}.{quoted(t_env.get_current_database())}."
    return full.removeprefix(here).replace("``", "\0").replace("`", "").replace("\0", "`")


def _mentioned(made: _Made, statements: Sequence[Statement]) -> set[str]:
    """Names of tables that another statement builds on: a view over them, or LIKE."""
    names = {re.split(r"[.`]+", name.strip("`"))[-1] for name in made.tables}
    found = set()
    for statement in statements:
        own = _CREATED.match(_COMMENT.sub(" ", statement.text))
        words = set(re.findall(r"\w+", statement.text[own.end() :] if own else ""))
        if own is None or own["kind"].upper() == "VIEW" or "LIKE" in statement.words:
            found |= names & words
    return found
