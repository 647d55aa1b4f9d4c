"""The segment job's topology: one scan, one call of the function, one INSERT for each output, in one statement set.

    source ──▶ SegmentFunction ──▶ view ──▶ one INSERT for each segment, the audit, the quarantine

The view must be made with `create_temporary_view` from a query. A `CREATE VIEW` in SQL, or the call written into each
INSERT, would run the function once for each output.
"""

from collections.abc import Sequence
from typing import Any

from jobs.columns import TEXT, Column, Table, quoted
from jobs.roles import HEADERS, Tables
from policy.plan import Plan
from udfs.judge import TAIL
from udfs.segment_function import SegmentFunction
from udfs.series import Argument, Shape, needs_flag

_FUNCTION = "weir_segment"
_VIEW = "weir_segmented"
_LTZ = "TIMESTAMP_WITH_LOCAL_TIME_ZONE"


def shape_of(tables: Tables) -> Shape:
    """What the function receives, for the roles of a tables file."""
    producer = tables.producer
    named = producer is not None and producer.kind in ("column", "header")
    return Shape(
        record=tuple(_argument(c) for c in tables.record),
        document=tables.document,
        coordinates=tuple(_argument(c) for c in tables.coordinates),
        producer=_argument(_producer_column(tables)) if named else None,
        time=_argument(tables.time) if tables.time else None,
        producer_path=producer.name if producer and producer.kind == "path" else None,
    )


def _producer_column(tables: Tables) -> Column:
    producer = tables.producer
    assert producer is not None
    if producer.kind == "column":
        return next(c for c in tables.source.columns if c.name == producer.name)
    import pyarrow as pa

    return Column(HEADERS, "BYTES", "VARBINARY", arrow=pa.binary())


def _argument(column: Column) -> Argument:
    assert column.arrow is not None, "roles are checked: every column is of a scalar type"
    return Argument(column.name, column.arrow, needs_flag(column.arrow, column.nullable))


def build(
    t_env: Any, plan: Plan, tables: Tables, key_file: str, key_table: str | None = None
) -> tuple[Any, SegmentFunction]:
    """Register the function and the view, and collect the INSERTs.

    Args:
        t_env: the session in which the tables are.
        plan: the compiled policy.
        tables: the tables' roles.
        key_file: path of the key file where the workers run, or `env:NAME`.
        key_table: the key table, if masks have a subject.

    Returns:
        The statement set (`pyflink.table.StatementSet`), not started, and the function that it calls.
    """
    from pyflink.table.udf import udf

    function = SegmentFunction(plan.to_json(), shape_of(tables), key_file, key_table)
    wrapped = udf(function, result_type=_result_type(plan, tables), func_type="pandas", name=_FUNCTION)
    t_env.create_temporary_system_function(_FUNCTION, wrapped)
    call = f"{_FUNCTION}({', '.join(_arguments(tables))})"
    query = f"SELECT {call} AS r FROM {tables.source.sql}"
    t_env.create_temporary_view(_VIEW, t_env.sql_query(query))
    statements = t_env.create_statement_set()
    for insert in inserts(plan, tables):
        statements.add_insert_sql(insert)
    return statements, function


def _arguments(tables: Tables) -> list[str]:
    columns = [*tables.record, *tables.coordinates]
    arguments = [sql for column in columns for sql in _argument_sql(column)]
    producer = tables.producer
    if producer is not None and producer.kind == "column":
        arguments += _argument_sql(_producer_column(tables))
    if producer is not None and producer.kind == "header":
        arguments.append(f"{quoted(HEADERS)}[{_literal(producer.name)}]")
    return arguments + (_argument_sql(tables.time) if tables.time else [])


def _argument_sql(column: Column) -> list[str]:
    name = quoted(column.name)
    if column.root in TEXT:
        return [f"CAST({name} AS BYTES)"]
    if not _argument(column).flagged:
        return [name]
    return [f"COALESCE({name}, CAST(0 AS {column.type}))", f"{name} IS NULL"]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _result_type(plan: Plan, tables: Tables) -> str:
    fields = []
    for number, _ in enumerate(plan.segments):
        if tables.document:
            fields.append(f"s{number} {tables.record[0].type}")
        else:
            fields.append(f"s{number} BOOLEAN")
            fields += [f"s{number}_{i} {_carried_type(c)}" for i, c in enumerate(tables.record)]
    return f"ROW<{', '.join(fields + [f'{name} {kind}' for name, kind, _ in TAIL])}>"


def _carried_type(column: Column) -> str:
    """PyFlink has no TIMESTAMP_LTZ inside a ROW; in a session in UTC a TIMESTAMP is the same."""
    return column.type.removesuffix(" WITH LOCAL TIME ZONE") if column.root == _LTZ else column.type


def inserts(plan: Plan, tables: Tables) -> list[str]:
    """The INSERT of every output: segments in the policy's order, audit, quarantine."""
    found = [_segment_insert(n, tables.segments[s.name], tables) for n, s in enumerate(plan.segments)]
    found.append(_insert(tables.audit, [tables.audit.stored[0].name], ["r.audit"], None))
    kept = {c.name: _kept(c, plan) for c in tables.quarantine.stored}
    found.append(_insert(tables.quarantine, list(kept), list(kept.values()), "r.reason IS NOT NULL"))
    return found


def _segment_insert(number: int, table: Table, tables: Tables) -> str:
    if tables.document:
        return _insert(table, [table.stored[0].name], [f"r.s{number}"], f"r.s{number} IS NOT NULL")
    values = [_restored(f"r.s{number}_{i}", c) for i, c in enumerate(tables.record)]
    return _insert(table, [c.name for c in tables.record], values, f"r.s{number}")


def _restored(value: str, column: Column) -> str:
    return f"CAST({value} AS {column.type})" if column.root == _LTZ else value


def _insert(table: Table, columns: Sequence[str], values: Sequence[str], where: str | None) -> str:
    names = ", ".join(quoted(name) for name in columns)
    text = f"INSERT INTO {table.sql} ({names}) SELECT {', '.join(values)} FROM {_VIEW}"
    return f"{text} WHERE {where}" if where else text


def _kept(column: Column, plan: Plan) -> str:
    """A column of the quarantine, in the type that its table has."""
    if column.name == "time":
        at = "r.`at`" if column.root == "BIGINT" else "TO_TIMESTAMP_LTZ(r.`at`, 3)"
        return f"CAST({at} AS {column.type})"
    if column.name == "policy":
        value = _literal(f"{plan.name}@{plan.version}")
    elif column.name == "record" and column.root in TEXT:
        value = "DECODE(r.record, 'UTF-8')"
    else:
        value = f"r.{quoted(column.name)}"
    return f"CAST({value} AS {column.type})"
