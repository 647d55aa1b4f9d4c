"""The segment job's topology: one scan, one call of the function, one INSERT for each output, in one statement set.

    source ──▶ SegmentFunction ──▶ view ──▶ one INSERT for each segment, the audit, the quarantine

The view must be made with `create_temporary_view` from a query. A `CREATE VIEW` in SQL, or the call written into each
INSERT, would run the function once for each output.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from jobs.columns import LONGEST, TEXT, Column, Table, quoted
from jobs.outputs import HEADERS, HEADERS_TYPE
from jobs.roles import Part, Tables
from policy.plan import Plan
from udfs.judge import TAIL
from udfs.restore import Kind, Restore
from udfs.segment_function import SegmentFunction
from udfs.series import Argument, Shape, needs_flag

LEVEL_LABEL, POLICY_LABEL = "weir-level", "weir-policy"
"""Headers that label a record: the level that it was classified as, and the policy's name and version."""

_FUNCTION = "weir_segment"
_RESTORE = "weir_restore"
_VIEW = "weir_segmented"
_TIME = "weir_time"
_AS_TEXT = ("DATE", "TIME_WITHOUT_TIME_ZONE")
_LTZ = "TIMESTAMP_WITH_LOCAL_TIME_ZONE"


def shape_of(tables: Tables) -> Shape:
    """What the function receives, for the roles of a tables file."""
    producer = tables.producer
    named = producer is not None and producer.kind in ("column", "header")
    return Shape(
        record=tuple(_part(part) for part in tables.record),
        document=tables.document,
        coordinates=tuple(_argument(c) for c in tables.coordinates),
        producer=_argument(_producer_column(tables)) if named else None,
        time=_argument(tables.time) if tables.time else None,
        producer_path=producer.name if producer and producer.kind == "path" else None,
        nested=tuple(part.name for part in tables.record if part.column.kind),
        envelope=tables.envelope,
    )


def _part(part: Part) -> Argument:
    if part.column.kind is not None:
        return Argument(part.name, pa.string())
    argument = _argument(part.column)
    return replace(argument, name=part.name)


def _producer_column(tables: Tables) -> Column:
    producer = tables.producer
    assert producer is not None
    if producer.kind == "column":
        return next(c for c in tables.source.columns if c.name == producer.name)
    return Column(HEADERS, "BYTES", "VARBINARY", arrow=pa.binary())


def _argument(column: Column) -> Argument:
    assert column.arrow is not None, "roles are checked: every column is of a scalar type"
    most = 0 if column.length == LONGEST else column.length
    return Argument(column.name, column.arrow, needs_flag(column.arrow, column.nullable), most)


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

    # A table with a primary key gets each record as it comes, the newest over those before it. Flink 2.3 would have an
    # ON CONFLICT for it, and keep every record in state: streams that update need that, and this one only inserts.
    t_env.get_config().set("table.exec.sink.upsert-materialize", "NONE")
    function = SegmentFunction(plan.to_json(), shape_of(tables), key_file, key_table)
    wrapped = udf(function, result_type=_result_type(plan, tables), func_type="pandas", name=_FUNCTION)
    t_env.create_temporary_system_function(_FUNCTION, wrapped)
    call = f"{_FUNCTION}({', '.join(_arguments(tables))})"
    for number, part in enumerate(tables.record):
        if part.column.kind is not None:
            restore = udf(Restore(part.column.kind), result_type=part.column.type, name=f"{_RESTORE}_{number}")
            t_env.create_temporary_system_function(f"{_RESTORE}_{number}", restore)
    time = f", {quoted(tables.time.name)} AS {_TIME}" if tables.time and _passes_time(tables) else ""
    query = f"SELECT {call} AS r{time} FROM {tables.source.sql}"
    t_env.create_temporary_view(_VIEW, t_env.sql_query(query))
    statements = t_env.create_statement_set()
    for insert in inserts(plan, tables):
        statements.add_insert_sql(insert)
    return statements, function


def _passes_time(tables: Tables) -> bool:
    return any(c.metadata == "timestamp" for table in tables.segments.values() for c in table.stored)


def _arguments(tables: Tables) -> list[str]:
    arguments = [sql for part in tables.record for sql in _part_sql(part)]
    arguments += [sql for column in tables.coordinates for sql in _argument_sql(column)]
    producer = tables.producer
    if producer is not None and producer.kind == "column":
        arguments += _argument_sql(_producer_column(tables))
    if producer is not None and producer.kind == "header":
        arguments.append(_header(producer.name))
    return arguments + (_argument_sql(tables.time) if tables.time else [])


def _header(name: str) -> str:
    return f"{quoted(HEADERS)}[{_literal(name)}]"


def _part_sql(part: Part) -> list[str]:
    if part.header is not None:
        return [_header(part.header)]
    if part.column.kind is not None:
        value = quoted(part.column.name)
        if _has_dates(part.column.kind):
            value = f"CAST({value} AS {_with_texts(part.column.kind)})"
        return [f"CAST(JSON_STRING({value}) AS BYTES)"]
    return _argument_sql(part.column)


def _has_dates(kind: Kind) -> bool:
    """True where a DATE or TIME is in it, which JSON_STRING refuses."""
    return kind.root in _AS_TEXT or any(_has_dates(part) for part in kind.parts)


def _with_texts(kind: Kind) -> str:
    """The SQL type in which dates and times of day are texts."""
    parts = [_with_texts(part) for part in kind.parts]
    if kind.root == "ROW":
        return f"ROW<{', '.join(f'{quoted(n)} {part}' for n, part in zip(kind.names, parts, strict=True))}>"
    if parts:
        return f"{kind.root}<{', '.join(parts)}>"
    if kind.root in _AS_TEXT or kind.root in TEXT:
        return "STRING"
    if kind.root == "DECIMAL":
        return f"DECIMAL({kind.digits[0]}, {kind.digits[1]})"
    return f"TIMESTAMP({kind.digits[0]})" if kind.root.startswith("TIMESTAMP") else kind.root


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
        if _bare(tables):
            fields.append(f"s{number} {tables.record[0].column.type}")
        else:
            fields.append(f"s{number} BOOLEAN")
            fields += [f"s{number}_{i} {_carried_type(part.column)}" for i, part in enumerate(tables.record)]
    return f"ROW<{', '.join(fields + [f'{name} {kind}' for name, kind, _ in TAIL])}>"


def _bare(tables: Tables) -> bool:
    """True when a record is one document and nothing beside it."""
    return tables.document and len(tables.record) == 1


def _carried_type(column: Column) -> str:
    """PyFlink has no TIMESTAMP_LTZ inside a ROW; in a session in UTC a TIMESTAMP is the same. Nor has it a ROW there:
    nested columns go as JSON."""
    if column.kind is not None:
        return "STRING"
    return column.type.removesuffix(" WITH LOCAL TIME ZONE") if column.root == _LTZ else column.type


def inserts(plan: Plan, tables: Tables) -> list[str]:
    """The INSERT of every output: segments in the policy's order, audit, quarantine."""
    found = [_segment_insert(n, tables.segments[s.name], plan, tables) for n, s in enumerate(plan.segments)]
    found.append(_insert(tables.audit, [tables.audit.stored[0].name], ["r.audit"], None))
    kept = {c.name: _kept(c, plan) for c in tables.quarantine.stored}
    found.append(_insert(tables.quarantine, list(kept), list(kept.values()), "r.reason IS NOT NULL"))
    return found


def _segment_insert(number: int, table: Table, plan: Plan, tables: Tables) -> str:
    """The INSERT of a segment: the record's parts, and what metadata the table asks for."""
    row = f"r.s{number}"
    parts = [row] if _bare(tables) else [f"{row}_{i}" for i in range(len(tables.record))]
    values = {
        p.column.name: _restored(v, p.column, i) for i, (p, v) in enumerate(zip(tables.record, parts, strict=True))
    }
    headers = {p.header: v for p, v in zip(tables.record, parts, strict=True) if p.header is not None}
    if tables.document:
        # The one column that is not the key's holds the document, whatever its name.
        names = {part.column.name for part in tables.record[1:]}
        own = next(c.name for c in table.stored if c.metadata is None and c.name not in names)
        values[own] = parts[0]
    chosen = {}
    for column in table.stored:
        if column.metadata == HEADERS:
            chosen[column.name] = _labels(plan, headers)
        else:
            chosen[column.name] = _TIME if column.metadata else values[column.name]
    return _insert(table, list(chosen), list(chosen.values()), f"{row} IS NOT NULL" if _bare(tables) else row)


def _labels(plan: Plan, headers: Mapping[str, str]) -> str:
    """The headers of a record that is handed out: its labels, and those of its own that are passed on.

    Kafka's connector leaves out a header whose value is NULL.
    """
    policy = f"{plan.name}@{plan.version}"
    pairs = {**headers, LEVEL_LABEL: "CAST(r.level AS BYTES)", POLICY_LABEL: f"CAST({_literal(policy)} AS BYTES)"}
    # Without the cast, a literal key is a CHAR, and shorter ones are filled up with spaces.
    listed = ", ".join(f"CAST({_literal(name)} AS STRING), {value}" for name, value in pairs.items())
    return f"CAST(MAP[{listed}] AS {HEADERS_TYPE})"


def _restored(value: str, column: Column, number: int) -> str:
    if column.kind is not None:
        return f"{_RESTORE}_{number}({value})"
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
