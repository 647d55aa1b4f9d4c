"""What Flink knows of a table: its columns with their types, and where it keeps its data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from udfs.restore import Kind

TEXT = ("CHAR", "VARCHAR")
BYTES = ("BINARY", "VARBINARY")
TIMES = ("TIMESTAMP_WITHOUT_TIME_ZONE", "TIMESTAMP_WITH_LOCAL_TIME_ZONE", "BIGINT")
"""Type roots (Flink's LogicalTypeRoot) that a time can be read from and written to."""

SCALARS = (
    *TEXT,
    *BYTES,
    *TIMES,
    *("BOOLEAN", "DECIMAL", "TINYINT", "SMALLINT", "INTEGER", "FLOAT", "DOUBLE", "DATE", "TIME_WITHOUT_TIME_ZONE"),
)
"""Type roots that a record's columns can have."""

_FIXED = {
    "CHAR": pa.string(),
    "VARCHAR": pa.string(),
    "VARBINARY": pa.binary(),
    "BOOLEAN": pa.bool_(),
    "TINYINT": pa.int8(),
    "SMALLINT": pa.int16(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "FLOAT": pa.float32(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
}

LONGEST = 2147483647
"""Flink's length of STRING and BYTES: VARCHAR and VARBINARY of the greatest length."""


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        type: its SQL type without NOT NULL, e.g. `VARCHAR(2147483647)`.
        root: Flink's LogicalTypeRoot, e.g. `VARCHAR`.
        length: of CHAR, VARCHAR, BINARY and VARBINARY; otherwise 0.
        stored: True when an INSERT writes it; False for computed and virtual columns.
        arrow: its Arrow type, for the types in `SCALARS`; otherwise None.
        metadata: the key of a metadata column, e.g. `timestamp`; otherwise None.
        kind: of a ROW, ARRAY or MAP: what it is made of, down to its values.
    """

    name: str
    type: str
    root: str
    nullable: bool = True
    length: int = 0
    stored: bool = True
    arrow: pa.DataType | None = None
    metadata: str | None = None
    kind: Kind | None = None

    @property
    def shown(self) -> str:
        """The type as a person writes it: `STRING` and `BYTES` for the long ones.

        >>> Column("line", "VARBINARY(2147483647)", "VARBINARY", length=LONGEST).shown
        'BYTES'
        """
        if self.length == LONGEST:
            return "STRING" if self.root == "VARCHAR" else "BYTES"
        return self.type

    @property
    def is_string(self) -> bool:
        """True for STRING."""
        return self.root == "VARCHAR" and self.length == LONGEST

    @property
    def is_bytes(self) -> bool:
        """True for BYTES."""
        return self.root == "VARBINARY" and self.length == LONGEST


@dataclass(frozen=True)
class Table:
    """A table or view of the session.

    Attributes:
        name: its name in the tables file, unquoted.
        sql: its full name, as SQL takes it.
        line: where the tables file creates it, from 1.
        options: those of `OPTIONS` that a table has. No other is kept: some are secrets.
        key: its primary key's columns; none, if it has no such key.
    """

    name: str
    sql: str
    line: int
    columns: tuple[Column, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that an INSERT writes."""
        return tuple(column for column in self.columns if column.stored)

    @property
    def target(self) -> str:
        """Where the data lies, for a person: a path, a topic, a table, or the connector's name."""
        return next((self.options[n] for n in ("path", "topic", "table-name", "connector") if n in self.options), "")


OPTIONS = (
    *("connector", "path", "topic", "properties.bootstrap.servers", "url", "table-name"),
    *("sink.delivery-guarantee", "sink.transactional-id-prefix"),
)
"""Options of tables that jobs look at."""

_MODE = re.compile(r"changelogMode=\[([^\]]*)\]")
"""What a node of Flink's plans gives: I (inserts), and UB, UA, D where rows change. The first node is the result."""

NESTED = ("ROW", "ARRAY", "MAP")
"""Type roots of columns that hold further values."""


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever it holds.

    >>> quoted("a`b")
    '`a``b`'
    """
    return "`" + name.replace("`", "``") + "`"


def identifier(t_env: Any, name: str) -> str:
    """The full name (catalog, database, table) that a name in SQL stands for now."""
    return str(_identifier(t_env, name).asSerializableString())


def _identifier(t_env: Any, name: str) -> Any:
    j_tenv = t_env._j_tenv
    return j_tenv.getCatalogManager().qualifyIdentifier(j_tenv.getParser().parseIdentifier(name))


def describe(t_env: Any, name: str, shown: str, line: int) -> Table | None:
    """A table as Flink resolved it, or None if there is none.

    Args:
        name: its full name, as SQL takes it.
        shown: how messages name it.
        line: where it was created.
    """
    manager = t_env._j_tenv.getCatalogManager()
    found = manager.getTable(_identifier(t_env, name))
    if not found.isPresent():
        return None
    resolved = found.get()
    columns = tuple(_column(c) for c in resolved.getResolvedSchema().getColumns())
    options = dict(resolved.getTable().getOptions()) if _has_options(resolved) else {}
    if "url" in options:
        options["url"] = options["url"].partition("?")[0]  # the rest may hold a password
    key = resolved.getResolvedSchema().getPrimaryKey()
    names = tuple(str(column) for column in key.get().getColumns()) if key.isPresent() else ()
    return Table(shown, name, line, columns, {k: options[k] for k in OPTIONS if k in options}, names)


def changes(t_env: Any, name: str) -> bool:
    """True if rows of a table or view are updated or deleted: those of `debezium-json` and `upsert-kafka`, say.

    Args:
        name: its full name, as SQL takes it.
    """
    from pyflink.table import ExplainDetail

    try:
        plan = t_env.explain_sql(f"SELECT * FROM {name}", ExplainDetail.CHANGELOG_MODE)
    except Exception:  # what cannot be planned cannot be started, and Flink tells then why
        return False
    modes = _MODE.search(plan)
    return modes is not None and modes[1] != "I"


def _has_options(resolved: Any) -> bool:
    return str(resolved.getTable().getTableKind()) == "TABLE"


def _column(j_column: Any) -> Column:
    j_type = j_column.getDataType().getLogicalType()
    root = str(j_type.getTypeRoot())
    return Column(
        name=str(j_column.getName()),
        type=str(j_type.copy(True).asSerializableString()),
        root=root,
        nullable=bool(j_type.isNullable()),
        length=int(j_type.getLength()) if root in TEXT + BYTES else 0,
        stored=bool(j_column.isPersisted()),
        arrow=_arrow(j_type, root),
        metadata=_metadata(j_column),
        kind=_kind(j_type) if root in NESTED else None,
    )


def _metadata(j_column: Any) -> str | None:
    if j_column.getClass().getSimpleName() != "MetadataColumn":
        return None
    key = j_column.getMetadataKey()
    return str(key.get() if key.isPresent() else j_column.getName())


def _kind(j_type: Any) -> Kind:
    root = str(j_type.getTypeRoot())
    names = tuple(str(name) for name in j_type.getFieldNames()) if root == "ROW" else ()
    digits = (int(j_type.getPrecision()), int(j_type.getScale())) if root == "DECIMAL" else (0, 0)
    if root.startswith("TIME"):
        digits = (int(j_type.getPrecision()), 0)
    if root in TEXT and int(j_type.getLength()) < LONGEST:
        digits = (int(j_type.getLength()), 0)
    parts = tuple(_kind(child) for child in j_type.getChildren()) if root in NESTED else ()
    return Kind(root, names, parts, digits)


def _arrow(j_type: Any, root: str) -> pa.DataType | None:
    """The Arrow type in which Flink hands a column to Python (`to_arrow_type` of pyflink/table/types.py).

    PyFlink's own way from a Java type to there, `_from_java_data_type`, takes every timestamp for one of milliseconds.
    """
    if root in _FIXED:
        return _FIXED[root]
    if root == "BINARY":
        return pa.binary(j_type.getLength())
    if root == "DECIMAL":
        return pa.decimal128(j_type.getPrecision(), j_type.getScale())
    if root not in ("TIME_WITHOUT_TIME_ZONE", *TIMES):
        return None
    unit = _unit(j_type.getPrecision())
    if root == "TIME_WITHOUT_TIME_ZONE":
        return pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
    return pa.timestamp(unit)


def _unit(precision: int) -> str:
    """The coarsest unit that holds a time of so many digits of the second."""
    return ("s", "ms", "us", "ns")[(precision + 2) // 3]
