"""Which table and column is what: the `weir.*` settings of a tables file, checked against its tables and a plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from jobs.columns import BYTES, NESTED, SCALARS, TEXT, TIMES, Column, Table
from jobs.outputs import (
    AT_LEAST_ONCE,
    EXACTLY_ONCE,
    HEADERS,
    HEADERS_TYPE,
    check_apart,
    check_audit,
    check_delivery,
    check_quarantine,
    check_segment,
)
from policy.errors import did_you_mean
from policy.plan import Plan
from udfs.places import ENVELOPES
from udfs.restore import RESTORED, Kind

KEY, HEADER = "@key", "@header:"
"""How paths of the policy call a document's key, and begin for its headers: `@key`, `@header:trace-id`."""

SETTINGS = (
    *("weir.source", "weir.document", "weir.key", "weir.headers", "weir.envelope"),
    *("weir.coordinates", "weir.producer", "weir.time", "weir.delivery", "weir.preflight"),
)


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
class Part:
    """A part of the record.

    Attributes:
        name: how paths of the policy call it: the column's name, `@key`, or `@header:NAME`. Of documents, whose paths
            begin inside, the column's name.
        column: the source's column that holds it. Of a header: how it is read out of the headers.
        header: its name, if it is a header.
    """

    name: str
    column: Column
    header: str | None = None


@dataclass(frozen=True)
class Roles:
    """The roles of a source's columns.

    Attributes:
        document: True when the first part holds JSON documents.
        record: the record's parts: document, key, headers; or typed columns, headers.
        envelope: of change events; see `udfs.places.ENVELOPES`.
    """

    document: bool
    record: tuple[Part, ...]
    coordinates: tuple[Column, ...]
    producer: Producer | None
    time: Column | None
    envelope: str | None


@dataclass(frozen=True)
class Tables(Roles):
    """The roles of a tables file.

    Attributes:
        segments: each segment's table.
        transactional: True when some output commits with checkpoints only.
        preflight: True when brokers are asked before the job starts.
    """

    source: Table
    segments: dict[str, Table]
    audit: Table
    quarantine: Table
    transactional: bool
    preflight: bool = True


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
        order = [*(s.sink for s in plan.segments), plan.audit_sink, plan.quarantine_sink]
        preflight = self._choice("weir.preflight", ("on", "off")) != "off"
        transactional = self._check_sinks(source, [(name, sinks[name]) for name in order], roles)
        if self.errors or roles is None or source is None:
            return None
        found = {name: table for name, table in sinks.items() if table}
        return Tables(
            **vars(roles),
            source=source,
            segments={s.name: found[s.sink] for s in plan.segments},
            audit=found[plan.audit_sink],
            quarantine=found[plan.quarantine_sink],
            transactional=transactional,
            preflight=preflight,
        )

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

    def _columns(self, source: Table) -> Roles | None:
        before = len(self.errors)
        coordinates = tuple(self._named(source, "weir.coordinates"))
        self._carried(source, coordinates)
        producer, producing = self._producer(source)
        time = next(iter(self._named(source, "weir.time")), None)
        self._check_time(time)
        key = next(iter(self._named(source, "weir.key")), None)
        headers, holding = self._headers(source)
        document = next(iter(self._named(source, "weir.document")), None)
        others = {c.name for c in (*coordinates, producing, time, key, holding) if c}
        left = tuple(c for c in source.columns if c.name not in others)
        if "weir.document" in self._settings:
            record = self._document(source, document, left)
            record += self._key(key)
        else:
            record = tuple(Part(c.name, c) for c in left)
            self._typed(source, left, key, producer)
        envelope = self._choice("weir.envelope", tuple(ENVELOPES))
        if len(self.errors) > before:
            return None
        return Roles(document is not None, record + headers, coordinates, producer, time, envelope)

    def _choice(self, name: str, words: Sequence[str]) -> str | None:
        """A setting's value, which must be one of some words."""
        setting = self._settings.get(name)
        if setting is None or setting.value in words:
            return setting.value if setting else None
        self._error(setting.line, f"{name} must be {' or '.join(words)}", did_you_mean(setting.value, words))
        return None

    def _headers(self, source: Table) -> tuple[tuple[Part, ...], Column | None]:
        """The headers that are part of the record, and the column that they stand in."""
        setting = self._settings.get("weir.headers")
        if setting is None:
            return (), None
        column = self._header_column(source, setting, "weir.headers")
        names = dict.fromkeys(word.strip() for word in setting.value.split(","))
        read = Column(HEADERS, "BYTES", "VARBINARY", arrow=pa.binary())
        return tuple(Part(HEADER + name, read, name) for name in names if name), column

    def _header_column(self, source: Table, setting: Setting, name: str) -> Column | None:
        columns = {c.name: c for c in source.columns}
        column = columns.get(HEADERS)
        if column is None:
            message = f"{name} needs column {HEADERS} of table {source.name}"
            self._error(setting.line, message, did_you_mean(HEADERS, columns) or f"it has {', '.join(columns)}")
        elif column.type != HEADERS_TYPE:
            self._error(setting.line, f"column {HEADERS} must be MAP<STRING, BYTES>; got {column.type}")
        return column

    def _key(self, key: Column | None) -> tuple[Part, ...]:
        if key is None:
            return ()
        if key.root not in TEXT + BYTES:
            line = self._settings["weir.key"].line
            self._error(line, f"column {key.name} must be STRING or BYTES; got {key.shown}", "'key.format' = 'raw'")
        return (Part(KEY, key),)

    def _typed(self, source: Table, left: tuple[Column, ...], key: Column | None, producer: Producer | None) -> None:
        """The record is typed columns: what these can be, and what needs documents."""
        self._carried(source, (c for c in left if c.root not in NESTED))
        for column in left:
            if column.kind is not None:
                self._nested(source, column)
        if not left:
            self._error(source.line, f"table {source.name} has no column that is the record", "add its columns")
        if producer is not None and producer.kind == "path":
            self._error(self._settings["weir.producer"].line, "a path needs documents", "use column:NAME")
        if key is not None:
            hint = "leave it out: with typed columns a key's columns are columns as all others"
            self._error(self._settings["weir.key"].line, "weir.key needs documents", hint)

    def _nested(self, source: Table, column: Column) -> None:
        assert column.kind is not None
        for path, what in unfit(column.kind, column.name):
            message = f"column {column.name} of table {source.name} holds {what} at {path}, which cannot be searched"
            self._error(source.line, message, "make it a column of its own, or leave it out")

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

    def _document(self, source: Table, document: Column | None, left: tuple[Column, ...]) -> tuple[Part, ...]:
        if document is None:
            return ()
        if not (document.is_string or document.is_bytes):
            line = self._settings["weir.document"].line
            self._error(line, f"column {document.name} must be STRING or BYTES; got {document.shown}")
        for column in left:
            if column.name != document.name:
                hint = "name it in weir.coordinates, or leave it out"
                self._error(source.line, f"column {column.name} of table {source.name} has no role", hint)
        return (Part(document.name, document),)

    def _carried(self, source: Table, columns: Iterable[Column]) -> None:
        for column in columns:
            if column.root not in SCALARS:
                message = f"column {column.name} of table {source.name} must be of a scalar type; got {column.shown}"
                self._error(source.line, message, "leave it out, or read it as one of those")
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
        if kind == "header":
            return Producer(kind, name), self._header_column(source, setting, "weir.producer")
        columns = {c.name: c for c in source.columns}
        column = columns.get(name)
        if column is None:
            message = f"weir.producer needs column {name} of table {source.name}"
            self._error(setting.line, message, did_you_mean(name, columns) or f"it has {', '.join(columns)}")
        elif column.root not in TEXT + BYTES:
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
        self, source: Table | None, sinks: Sequence[tuple[str, Table | None]], roles: "Roles | None"
    ) -> bool:
        """Check the outputs, the audit and the quarantine last; True when some commit with checkpoints only."""
        segments, (audit, quarantine) = [t for _, t in sinks[:-2]], (sinks[-2][1], sinks[-1][1])
        if roles:
            document = roles.record[0].column if roles.document else None
            named = [p.column for p in roles.record[1 if roles.document else 0 :] if p.header is None]
            for table in segments:
                if table:
                    check_segment(table, document, named, roles.time, self._error)
        if audit:
            check_audit(audit, self._error)
        if quarantine:
            check_quarantine(
                quarantine, bool(roles and roles.document and roles.record[0].column.is_bytes), self._error
            )
            for column in quarantine.stored:
                self._check_zone(quarantine.line, column)
        there = [table for _, table in sinks if table]
        if source:
            check_apart(source, there, self._error)
        return check_delivery(
            there, self._choice("weir.delivery", (EXACTLY_ONCE, AT_LEAST_ONCE)) or EXACTLY_ONCE, self._error
        )


def unfit(kind: Kind, path: str) -> Iterable[tuple[str, str]]:
    """What in a nested column cannot be searched, masked and put back, as pairs of path and type.

    Bytes would be searched as base64; times of more than six digits would lose some.

    >>> list(unfit(Kind("ROW", ("a", "b"), (Kind("VARCHAR"), Kind("VARBINARY"))), "r"))
    [('r.b', 'VARBINARY')]
    """
    if kind.root not in RESTORED:
        yield path, kind.root
    elif kind.root == "TIMESTAMP_WITHOUT_TIME_ZONE" and kind.digits[0] > 6:
        yield path, f"TIMESTAMP({kind.digits[0]})"
    elif kind.root == "MAP" and kind.parts[0].root not in TEXT:
        yield path, f"a MAP with keys of {kind.parts[0].root}"
    elif kind.root == "ROW":
        for name, part in zip(kind.names, kind.parts, strict=True):
            yield from unfit(part, f"{path}.{name}")
    elif kind.root in NESTED:
        yield from unfit(kind.parts[-1], path + ("[*]" if kind.root == "ARRAY" else ".*"))
