"""Files in each format, written and read without Flink, so that its readers and writers are held against others."""

import base64
import csv
import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.formats.cells import Cell
from tests.formats.runs import plain

NULL = "\\N"
Record = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """A format.

    Attributes:
        options: what stands in the DDL after `'format'=`, without the first and the last quote.
        write: writes a file of records, as `records` has them.
        read: the same records of a file.
        jars: of Flink, that the format needs.
        lacks: types that Flink's format does not have, or (ROW in CSV) not with NULL; and a cell whose outcome a
            reader cannot tell from NULL.
    """

    options: str
    write: Callable[[Path, Sequence[Record], Sequence[Cell]], None]
    read: Callable[[Path, Sequence[Cell]], Iterable[Record]]
    jars: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


def write_json(path: Path, records: Sequence[Record], cells: Sequence[Cell]) -> None:
    """Lines of JSON; bytes are base64."""
    lines = (json.dumps(_coded(r), default="number:{}".format, ensure_ascii=False) + "\n" for r in records)
    path.write_text(re.sub(r'"number:([^"]+)"', r"\1", "".join(lines)))


def read_json(path: Path, cells: Sequence[Cell]) -> Iterable[Record]:
    """Numbers with all their digits."""
    return [_same(json.loads(line, parse_float=Decimal, parse_int=Decimal), cells) for line in path.open()]


def write_csv(path: Path, records: Sequence[Record], cells: Sequence[Cell]) -> None:
    """Values in quotes where they need some; elements of arrays are separated by `;`."""
    with path.open("w", newline="") as file:
        rows = ([_csv_value(value) for value in _coded(record).values()] for record in records)
        csv.writer(file, lineterminator="\n").writerows(rows)


def read_csv(path: Path, cells: Sequence[Cell]) -> Iterable[Record]:
    """NULL is a word of its own, so that it is no empty text."""
    for row in csv.reader(path.open(newline="")):
        values = zip(("id", *(c.name for c in cells)), row, strict=True)
        record = {name: None if value == NULL else value for name, value in values}
        yield _same(record | {c.name: _parted(c, record[c.name]) for c in cells}, cells)


def write_parquet(path: Path, records: Sequence[Record], cells: Sequence[Cell]) -> None:
    """With INT64 for times, for INT96 has no year 9999."""
    fields = [("id", pa.int64()), *((c.name, PARQUET[c.type]) for c in cells)]
    pq.write_table(pa.Table.from_pylist([_typed(r, cells) for r in records], pa.schema(fields)), path)


def read_parquet(path: Path, cells: Sequence[Cell]) -> Iterable[Record]:
    """Through pyarrow."""
    return [_same(record, cells) for record in pq.read_table(path).to_pylist()]


def write_avro(path: Path, records: Sequence[Record], cells: Sequence[Cell]) -> None:
    """Under the names of records that Flink gives them."""
    fields = [("id", "long"), *((c.name, _avro(c)) for c in cells)]
    schema = {"type": "record", "name": RECORD, "fields": [_field(*f) for f in fields]}
    with path.open("wb") as file:
        fastavro.writer(file, schema, [_typed(r, cells) for r in records])


def read_avro(path: Path, cells: Sequence[Cell]) -> Iterable[Record]:
    """Through fastavro."""
    with path.open("rb") as file:
        return [_same(record, cells) for record in fastavro.reader(file)]


def _coded(record: Record) -> Record:
    """For formats of text: bytes in base64, and the zone of times that have one."""
    found = {name: _base64(value) if name.startswith("bytes_") else value for name, value in record.items()}
    return found | {n: f"{value}Z" for n, value in found.items() if n.startswith("timestamp_ltz_") and value}


def _base64(value: str | None) -> str | None:
    return None if value is None else base64.b64encode(value.encode()).decode()


def _csv_value(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(_csv_value(v) for v in value)
    if isinstance(value, bool):
        return str(value).lower()
    return NULL if value is None else str(value)


def _parted(cell: Cell, value: str | None) -> Any:
    if value is None or cell.type != "array":
        return value
    return [None if part == NULL else part for part in value.split(";")]


PARQUET = {
    **dict.fromkeys(("string", "char", "varchar"), pa.string()),
    "bytes": pa.binary(),
    "array": pa.list_(pa.string()),
    "map": pa.map_(pa.string(), pa.string()),
    "row": pa.struct([("text", pa.string()), ("note", pa.string())]),
    "deep": pa.struct([("inner", pa.struct([("text", pa.string())]))]),
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "decimal": pa.decimal128(20, 2),
    "date": pa.date32(),
    "time": pa.time32("ms"),
    "timestamp": pa.timestamp("ms"),
    "timestamp_ltz": pa.timestamp("ms", tz="UTC"),
}

RECORD = "org.apache.flink.avro.generated.record"

AVRO = {
    **dict.fromkeys(("string", "char", "varchar"), "string"),
    "bytes": "bytes",
    "array": {"type": "array", "items": ["null", "string"]},
    "map": {"type": "map", "values": ["null", "string"]},
    "boolean": "boolean",
    **dict.fromkeys(("tinyint", "smallint", "int"), "int"),
    "bigint": "long",
    "float": "float",
    "double": "double",
    "decimal": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2},
    "date": {"type": "int", "logicalType": "date"},
    "time": {"type": "int", "logicalType": "time-millis"},
    "timestamp": {"type": "long", "logicalType": "timestamp-millis"},
}


def _avro(cell: Cell) -> Any:
    name = f"{RECORD}_{cell.name}"
    if cell.type == "row":
        return {"type": "record", "name": name, "fields": [_field("text", "string"), _field("note", "string")]}
    if cell.type == "deep":
        inner = {"type": "record", "name": f"{name}_inner", "fields": [_field("text", "string")]}
        return {"type": "record", "name": name, "fields": [_field("inner", inner)]}
    return AVRO[cell.type]


def _field(name: str, kind: Any) -> dict[str, Any]:
    return {"name": name, "type": ["null", kind], "default": None}


PYTHON: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), int),
    **dict.fromkeys(("float", "double"), float),
    "bytes": str.encode,
    "time": dt.time.fromisoformat,
    "date": dt.date.fromisoformat,
    **dict.fromkeys(("timestamp", "timestamp_ltz"), lambda text: dt.datetime.fromisoformat(f"{text}+00:00")),
}


def _typed(record: Record, cells: Sequence[Cell]) -> Record:
    """The record with Python's values."""
    typed = {c.name: PYTHON[c.type](record[c.name]) for c in cells if c.type in PYTHON and record[c.name] is not None}
    return record | typed


def _same(record: Record, cells: Sequence[Cell]) -> Record:
    """The record with values that do not tell what they were read from."""
    return {"id": int(record["id"])} | {cell.name: _value(cell.type, record[cell.name]) for cell in cells}


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "bytes":
        return (value if isinstance(value, bytes) else base64.b64decode(value)).decode()
    if kind == "map":
        return dict(value)
    if kind == "float":
        return Decimal(str(np.float32(str(value))))
    return plain(kind, value)


FORMS = {
    "json": Form("json", write_json, read_json),
    "csv": Form(
        f"csv', 'csv.null-literal'='{NULL}", write_csv, read_csv, lacks=("map", "row", "deep", "array_drop_field")
    ),
    "parquet": Form(
        "parquet', 'parquet.utc-timezone'='true', 'parquet.write.int64.timestamp'='true', "
        "'parquet.compression'='UNCOMPRESSED",
        write_parquet, read_parquet, ("flink-sql-parquet", "hadoop-client-api", "hadoop-client-runtime"),
    ),
    "avro": Form("avro', 'avro.codec'='null", write_avro, read_avro, ("flink-sql-avro-2",), lacks=("timestamp_ltz",)),
}  # fmt: skip
