"""What a job writes: each output's table checked against the record that it is to hold, and against the others."""

from collections.abc import Callable, Iterable, Sequence

from jobs.columns import BYTES, TEXT, TIMES, Column, Table
from policy.errors import did_you_mean

HEADERS_TYPE = "MAP<VARCHAR(2147483647), VARBINARY(2147483647)>"
"""MAP<STRING, BYTES>, as Flink writes it: the headers of Kafka's connector."""

HEADERS, TIMESTAMP = "headers", "timestamp"
"""Metadata that a segment's table may have: labels and headers that are passed on, and the record's time."""

EXACTLY_ONCE, AT_LEAST_ONCE = "exactly-once", "at-least-once"

KEPT = {
    "record": (*TEXT, *BYTES),
    "reason": TEXT,
    "coordinates": TEXT,
    "producer": TEXT,
    "policy": TEXT,
    "time": TIMES,
    "attributes": TEXT,
}
"""Columns that a quarantine table may have, with the type roots that each may have."""

Report = Callable[[int, str, str], None]
"""Takes the line, what is wrong, and the next step."""


def check_segment(
    table: Table, document: Column | None, named: Sequence[Column], time: Column | None, report: Report
) -> None:
    """A segment's table has the record's columns, and no others but metadata that a job can fill.

    Args:
        document: the column of documents, if records are documents; in the segment it may have another name.
        named: the columns that stand under their own names: those of typed records, and a document's key.
        time: the column of the record's time, if the source has one.
    """
    columns = {c.name: c for c in table.stored if c.metadata is None}
    wanted = {c.name: c for c in named}
    for name, column in wanted.items():
        if name not in columns:
            hint = did_you_mean(name, set(columns) - set(wanted))
            report(table.line, f"table {table.name} lacks column {name} {column.shown} of the record", hint)
        elif columns[name].type != column.type:
            what = f"column {name} of table {table.name} must be {column.shown}; got {columns[name].shown}"
            report(table.line, what, "")
    others = [c for name, c in columns.items() if name not in wanted]
    if document is not None:
        _check_document(table, document, others, report)
    else:
        for column in others:
            hint = did_you_mean(column.name, set(wanted) - set(columns)) or "remove it"
            report(table.line, f"table {table.name} has column {column.name}, which the record lacks", hint)
    for column in table.stored:
        if column.metadata is not None:
            _check_metadata(table, column, time, report)


def _check_document(table: Table, document: Column, others: Sequence[Column], report: Report) -> None:
    if [c.type for c in others] != [document.type]:
        got = ", ".join(f"{c.name} {c.shown}" for c in others) or "none"
        what = f"table {table.name} must have one {document.shown} column for the document; got {got}"
        report(table.line, what, "")


def _check_metadata(table: Table, column: Column, time: Column | None, report: Report) -> None:
    if column.metadata == HEADERS:
        if column.type != HEADERS_TYPE:
            what = f"column {column.name} of table {table.name} must be MAP<STRING, BYTES>; got {column.type}"
            report(table.line, what, "")
    elif column.metadata == TIMESTAMP:
        if time is None:
            what = f"column {column.name} of table {table.name} needs the record's time"
            report(table.line, what, "SET 'weir.time' = 'COLUMN', or leave the column out")
        elif time.type != column.type:
            what = f"column {column.name} of table {table.name} must be {time.type}, as {time.name} is"
            report(table.line, f"{what}; got {column.type}", "")
    else:
        what = f"column {column.name} of table {table.name} is metadata that a job cannot fill"
        report(table.line, what, f"it can fill {HEADERS} and {TIMESTAMP}; write VIRTUAL, or leave it out")


def check_audit(table: Table, report: Report) -> None:
    """The audit's table holds one text."""
    if [c.is_string for c in table.stored] != [True]:
        report(table.line, f"table {table.name} must have exactly one STRING column, for the audit event", "")


def check_quarantine(table: Table, from_bytes: bool, report: Report) -> None:
    """The quarantine's table can hold records as they came.

    Args:
        from_bytes: True when records are documents of BYTES.
    """
    columns = {c.name: c for c in table.stored}
    for name in ("record", "reason"):
        if name not in columns:
            report(table.line, f"table {table.name} must have a column {name}", did_you_mean(name, columns))
    for name, column in columns.items():
        if name not in KEPT:
            what = f"column {name} of table {table.name} is none that a quarantine has"
            report(table.line, what, did_you_mean(name, KEPT) or f"it may have {', '.join(KEPT)}")
        elif column.root not in KEPT[name]:
            report(table.line, f"column {name} of table {table.name} cannot be {column.shown}", "")
    record = columns.get("record")
    if record and from_bytes and record.root in TEXT:
        what = f"column record of table {table.name} must be BYTES; got {record.shown}"
        report(table.line, what, "a document of BYTES that is no UTF-8 would be altered")


def check_apart(source: Table, outputs: Sequence[Table], report: Report) -> None:
    """No two outputs are one topic, path or table of a database, and none is what the job reads."""
    users = dict.fromkeys(_places(source), source)
    for table in outputs:
        for place in _places(table):
            other = users.setdefault(place, table)
            if other is not table:
                what = f"tables {other.name} and {table.name} are the same {place[0]}"
                report(table.line, what, "give each its own: what one reader sees must not reach another")


def _places(table: Table) -> Iterable[tuple[str, ...]]:
    options = table.options
    if "path" in options:
        yield "path", options["path"].rstrip("/")
    if "table-name" in options:
        yield "table of a database", options.get("url", ""), options["table-name"]
    for topic in options.get("topic", "").split(";"):
        if topic:
            yield "topic", topic, options.get("properties.bootstrap.servers", "")


def _check_keys(outputs: Sequence[Table], report: Report) -> None:
    for table in outputs:
        if table.options.get("connector") == "jdbc" and not table.key:
            what = f"table {table.name} must have a PRIMARY KEY: after a failure a database gets records again"
            report(table.line, what, "where twice does no harm: SET 'weir.delivery' = 'at-least-once'")


def check_delivery(outputs: Sequence[Table], guarantee: str, report: Report) -> bool:
    """Each record is written once, as evidence needs it, unless the file says that it need not be: Kafka's tables are
    transactional, and those of databases have a primary key, so that what is written again is still there once.

    Args:
        guarantee: `exactly-once`, or `at-least-once`.

    Returns:
        True when an output commits with checkpoints only.
    """
    users: dict[str, Table] = {}
    transactional = False
    if guarantee == EXACTLY_ONCE:
        _check_keys(outputs, report)
    for table in (t for t in outputs if t.options.get("connector") in ("kafka", "upsert-kafka")):
        given = table.options.get("sink.delivery-guarantee", AT_LEAST_ONCE)
        if given != EXACTLY_ONCE:
            if guarantee == EXACTLY_ONCE:
                what = f"table {table.name} must have 'sink.delivery-guarantee' = 'exactly-once'; got {given}"
                report(table.line, what, "where twice does no harm: SET 'weir.delivery' = 'at-least-once'")
            continue
        transactional = True
        prefix = table.options.get("sink.transactional-id-prefix", "")
        if not prefix:
            what = f"table {table.name} must have 'sink.transactional-id-prefix'"
            report(table.line, what, f"'weir-{table.name}', say: a name of its own for its transactions")
        elif users.setdefault(prefix, table) is not table:
            what = f"tables {users[prefix].name} and {table.name} have the same 'sink.transactional-id-prefix'"
            report(table.line, what, "give each its own: they would end each other's transactions")
    return transactional
