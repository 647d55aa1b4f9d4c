"""Which table and column is what: the `weir.*` settings of a tables file, checked against its tables and a plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jobs.columns import BYTES, SCALARS, TEXT, TIMES, Column, Table
from policy.errors import did_you_mean
from policy.plan import Plan

SETTINGS = ("weir.source", "weir.document", "weir.coordinates", "weir.producer", "weir.time")

HEADERS = "headers"
"""The column that a producer in a header is read from, as Kafka's connector names and types its metadata."""

_KEPT = {
    "record": (*TEXT, *BYTES),
    "reason": TEXT,
    "coordinates": TEXT,
    "producer": TEXT,
    "policy": TEXT,
    "time": TIMES,
}
"""Columns that a quarantine table may have, with the type roots that each may have."""


@dataclass(frozen=True)
class Setting:
    """A `SET 'weir…' = '…'` of the tables file."""

    value: str
    line: int


@dataclass(frozen=True)
class Producer:
    """How a record's producer is known.

    Attributes:
        kind: `column`, `header` or `path`.
        name: the column's name, the header's name, or the path in the document.
    """

    kind: str
    name: str


@dataclass(frozen=True)
class Tables:
    """The roles of a tables file.

    Attributes:
        document: True when the one record column holds JSON documents.
        record: the record's columns.
        segments: each segment's table.
    """

    source: Table
    document: bool
    record: tuple[Column, ...]
    coordinates: tuple[Column, ...]
    producer: Producer | None
    time: Column | None
    segments: dict[str, Table]
    audit: Table
    quarantine: Table


class Checker:
    """Finds the roles and collects every error.

    Args:
        file: how errors call the tables file.
        tables: by name.
        mentioned: names of tables that other statements of the file use (views, LIKE).
        settings: the `weir.*` settings.
        zone: the session's time zone.
    """

    def __init__(
        self, file: str, tables: Mapping[str, Table], mentioned: set[str], settings: Mapping[str, Setting], zone: str
    ) -> None:
        self._file = file
        self._tables = tables
        self._mentioned = mentioned
        self._settings = settings
        self._zone = zone
        self.errors: list[tuple[int, str]] = []

    def roles(self, plan: Plan) -> Tables | None:
        """The roles, or None when there are errors."""
        for name, setting in self._settings.items():
            if name not in SETTINGS:
                self._error(setting.line, f"unknown setting {name}", did_you_mean(name, SETTINGS))
        wanted = {s.sink: f"segment {s.name}" for s in plan.segments}
        wanted |= {plan.audit_sink: "the audit", plan.quarantine_sink: "the quarantine"}
        sinks = {name: self._sink(name, what) for name, what in wanted.items()}
        misspelt = {did_you_mean(name, self._tables) for name, table in sinks.items() if table is None}
        source = self._source(set(wanted), misspelt)
        self._unused(set(wanted), source, misspelt)
        roles = self._columns(source) if source else None
        self._check_sinks(plan, sinks, roles)
        if self.errors or roles is None or source is None:
            return None
        found = {name: table for name, table in sinks.items() if table}
        segments = {s.name: found[s.sink] for s in plan.segments}
        return Tables(source, *roles, segments, found[plan.audit_sink], found[plan.quarantine_sink])

    def _error(self, line: int, message: str, hint: str = "") -> None:
        self.errors.append((line, f"{self._file}:{line} {message}" + (f"; {hint}" if hint else "")))

    def _sink(self, name: str, what: str) -> Table | None:
        table = self._tables.get(name)
        if table is None:
            near = did_you_mean(name, self._tables)
            line = next((t.line for t in self._tables.values() if near == f"did you mean '{t.name}'?"), 1)
            self._error(line, f"{what} has no table {name}", near or f"add CREATE TABLE {name} (...)")
        return table

    def _source(self, sinks: set[str], misspelt: set[str]) -> Table | None:
        setting = self._settings.get("weir.source")
        if setting is not None:
            table = self._tables.get(setting.value)
            if table is None:
                self._error(setting.line, "weir.source names no table", did_you_mean(setting.value, self._tables))
            elif table.name in sinks:
                self._error(setting.line, f"weir.source is {table.name}, which is an output", "name the input table")
            return table
        left = [t for name, t in self._tables.items() if name not in sinks | self._mentioned]
        left = [t for t in left if f"did you mean '{t.name}'?" not in misspelt]
        if len(left) == 1:
            return left[0]
        names = ", ".join(t.name for t in left)
        found = f"could be any of {names}" if left else "is not there: every table is an output"
        self._error(left[0].line if left else 1, f"the source {found}", "SET 'weir.source' = 'NAME'")
        return None

    def _unused(self, sinks: set[str], source: Table | None, misspelt: set[str]) -> None:
        if source is None:
            return
        for name, table in self._tables.items():
            known = sinks | self._mentioned | {source.name}
            if name not in known and f"did you mean '{name}'?" not in misspelt:
                hint = did_you_mean(name, sinks) or f"the policy names {', '.join(sorted(sinks))}"
                self._error(table.line, f"table {name} is neither the source nor an output of the policy", hint)

    def _columns(
        self, source: Table
    ) -> tuple[bool, tuple[Column, ...], tuple[Column, ...], Producer | None, Column | None] | None:
        before = len(self.errors)
        coordinates = tuple(self._named(source, "weir.coordinates"))
        self._carried(source, coordinates)
        producer, producing = self._producer(source)
        time = next(iter(self._named(source, "weir.time")), None)
        self._check_time(time)
        document = next(iter(self._named(source, "weir.document")), None)
        others = {c.name for c in coordinates} | {c.name for c in (producing, time) if c}
        left = tuple(c for c in source.columns if c.name not in others)
        if "weir.document" in self._settings:
            record = self._document(source, document, left)
        else:
            record = left
            self._carried(source, record)
            if not left:
                self._error(source.line, f"table {source.name} has no column that is the record", "add its columns")
            if producer is not None and producer.kind == "path":
                self._error(self._settings["weir.producer"].line, "a path needs documents", "use column:NAME")
        if len(self.errors) > before:
            return None
        return document is not None, record, coordinates, producer, time

    def _named(self, source: Table, name: str) -> Iterable[Column]:
        """The columns that a setting names."""
        setting = self._settings.get(name)
        if setting is None:
            return
        columns = {c.name: c for c in source.columns}
        for word in (part.strip() for part in setting.value.split(",")):
            if word in columns:
                yield columns[word]
            else:
                known = f"it has {', '.join(columns)}"
                message = f"{name} names no column of table {source.name}"
                self._error(setting.line, message, did_you_mean(word, columns) or known)

    def _document(self, source: Table, document: Column | None, left: tuple[Column, ...]) -> tuple[Column, ...]:
        if document is None:
            return ()
        if not (document.is_string or document.is_bytes):
            line = self._settings["weir.document"].line
            self._error(line, f"column {document.name} must be STRING or BYTES; got {document.shown}")
        for column in left:
            if column.name != document.name:
                hint = "name it in weir.coordinates, or leave it out"
                self._error(source.line, f"column {column.name} of table {source.name} has no role", hint)
        return (document,)

    def _carried(self, source: Table, columns: Iterable[Column]) -> None:
        for column in columns:
            if column.root not in SCALARS:
                message = f"column {column.name} of table {source.name} must be of a scalar type; got {column.shown}"
                self._error(source.line, message, "read the record as one JSON document (weir.document), or flatten it")
            self._check_zone(source.line, column)

    def _check_zone(self, line: int, column: Column) -> None:
        if column.root == "TIMESTAMP_WITH_LOCAL_TIME_ZONE" and self._zone not in ("UTC", "Etc/UTC"):
            message = f"column {column.name} is {column.type}, which needs the session's time zone to be UTC"
            self._error(line, message, "leave out SET 'table.local-time-zone', or set it to 'UTC'")

    def _producer(self, source: Table) -> tuple[Producer | None, Column | None]:
        setting = self._settings.get("weir.producer")
        if setting is None:
            return None, None
        kind, _, name = setting.value.partition(":")
        if kind not in ("column", "header", "path") or not name:
            hint = did_you_mean(kind, ("column", "header", "path"))
            message = "weir.producer must be column:NAME, header:NAME or path:PATH"
            self._error(setting.line, message, hint)
            return None, None
        if kind == "path":
            return Producer(kind, name), None
        columns = {c.name: c for c in source.columns}
        wanted = HEADERS if kind == "header" else name
        column = columns.get(wanted)
        if column is None:
            message = f"weir.producer needs column {wanted} of table {source.name}"
            self._error(setting.line, message, did_you_mean(wanted, columns) or f"it has {', '.join(columns)}")
        elif kind == "header" and not column.type.startswith("MAP<VARCHAR(2147483647), VARBINARY"):
            self._error(setting.line, f"column {HEADERS} must be MAP<STRING, BYTES>; got {column.type}")
        elif kind == "column" and column.root not in TEXT + BYTES:
            self._error(setting.line, f"column {name} must be STRING or BYTES to name the producer; got {column.shown}")
        return Producer(kind, name), column

    def _check_time(self, time: Column | None) -> None:
        if time is None:
            return
        line = self._settings["weir.time"].line
        if time.root not in TIMES:
            self._error(line, f"column {time.name} must be TIMESTAMP, TIMESTAMP_LTZ or BIGINT; got {time.shown}")
        self._check_zone(line, time)

    def _check_sinks(
        self,
        plan: Plan,
        sinks: Mapping[str, Table | None],
        roles: tuple[bool, tuple[Column, ...], tuple[Column, ...], Producer | None, Column | None] | None,
    ) -> None:
        for segment in plan.segments:
            table = sinks[segment.sink]
            if table and roles:
                self._segment(table, roles[0], roles[1])
        audit, quarantine = sinks[plan.audit_sink], sinks[plan.quarantine_sink]
        if audit and [c.is_string for c in audit.stored] != [True]:
            self._error(audit.line, f"table {audit.name} must have exactly one STRING column, for the audit event")
        if quarantine:
            self._quarantine(quarantine, bool(roles and roles[0] and roles[1][0].is_bytes))

    def _segment(self, table: Table, document: bool, record: tuple[Column, ...]) -> None:
        if document:
            if [c.type for c in table.stored] != [record[0].type]:
                got = ", ".join(f"{c.name} {c.shown}" for c in table.stored)
                message = f"table {table.name} must have one {record[0].shown} column for the document; got {got}"
                self._error(table.line, message)
            return
        wanted = {c.name: c for c in record}
        columns = {c.name: c for c in table.stored}
        for name, column in wanted.items():
            if name not in columns:
                message = f"table {table.name} lacks column {name} {column.shown} of the record"
                self._error(table.line, message, did_you_mean(name, set(columns) - set(wanted)))
            elif columns[name].type != column.type:
                message = f"column {name} of table {table.name} must be {column.shown}; got {columns[name].shown}"
                self._error(table.line, message)
        for name in columns:
            if name not in wanted:
                message = f"table {table.name} has column {name}, which the record lacks"
                self._error(table.line, message, did_you_mean(name, set(wanted) - set(columns)) or "remove it")

    def _quarantine(self, table: Table, from_bytes: bool) -> None:
        columns = {c.name: c for c in table.stored}
        for name in ("record", "reason"):
            if name not in columns:
                self._error(table.line, f"table {table.name} must have a column {name}", did_you_mean(name, columns))
        for name, column in columns.items():
            if name not in _KEPT:
                known = ", ".join(_KEPT)
                message = f"column {name} of table {table.name} is none that a quarantine has"
                self._error(table.line, message, did_you_mean(name, _KEPT) or f"it may have {known}")
            elif column.root not in _KEPT[name]:
                self._error(table.line, f"column {name} of table {table.name} cannot be {column.shown}")
        record = columns.get("record")
        if record and from_bytes and record.root in TEXT:
            message = f"column record of table {table.name} must be BYTES; got {record.shown}"
            self._error(table.line, message, "a document of BYTES that is no UTF-8 would be altered")
        for column in columns.values():
            self._check_zone(table.line, column)
