"""The segment job on typed columns: what no mask touches comes through exactly, NULLs and 64-bit integers included."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from jobs.progress import Summary
from jobs.segment import BOUNDED
from tests.flink.runs import events_of, everything, filesystem, lines_of, outputs, run_job

RECORD = {
    "id": "BIGINT",
    "name": "STRING",
    "note": "VARCHAR(200)",
    "code": "CHAR(3)",
    "flag": "BOOLEAN",
    "tiny": "TINYINT",
    "small": "SMALLINT",
    "whole": "INT",
    "ratio": "DOUBLE",
    "part": "FLOAT",
    "amount": "DECIMAL(38, 10)",
    "day": "DATE",
    "at": "TIME(0)",
    "stamp": "TIMESTAMP(6)",
    "instant": "TIMESTAMP_LTZ(3)",
    "raw": "BYTES",
    "card": "BIGINT",
}

FULL: dict[str, Any] = {
    "id": 9007199254740993,
    "name": "Zoë Plantéd",
    "note": "write to zoe.planted@example.com",
    "code": "abc",
    "flag": True,
    "tiny": -128,
    "small": 32767,
    "whole": -2147483648,
    "ratio": 0.1,
    "part": 0.5,
    "amount": 1234567890123456789012345678.0123456789,
    "day": "0001-01-01",
    "at": "23:59:59",
    "stamp": "9999-12-31 23:59:59.123456",
    "instant": "2019-11-03 05:30:00.123Z",
    "raw": base64.b64encode(b"plain bytes").decode(),
    "card": 4111111111111111,
}
AMOUNT = '"amount": 1234567890123456789012345678.0123456789'


def _line(record: dict[str, Any], **more: Any) -> bytes:
    text = json.dumps({**record, **more}, ensure_ascii=False)
    return text.replace(f'"amount": {FULL["amount"]}', AMOUNT).encode()


EMPTY = dict.fromkeys(RECORD)
EDGE = {**EMPTY, "id": -9223372036854775808, "ratio": -0.0, "part": 1.0, "note": "", "card": 7, "flag": False}
BAD_BYTES = {**EMPTY, "id": 3, "raw": base64.b64encode(b"\xff\xfe").decode()}

COLUMNS = ", ".join(f"`{name}` {kind}" for name, kind in RECORD.items())
TABLES = (
    "SET 'weir.source' = 'people';\nSET 'weir.coordinates' = 'shard, file';\nSET 'weir.producer' = 'column:maker';\n"
    "SET 'weir.time' = 'ts';\n"
    + filesystem("people", COLUMNS + ", shard INT, maker STRING, ts TIMESTAMP(3), "
                 "`file` STRING NOT NULL METADATA FROM 'file.name' VIRTUAL", "${in}", "json")
    + outputs(COLUMNS, "json")
)  # fmt: skip

LINES = [
    _line(FULL, shard=1, maker="svc-a", ts="2026-01-01 00:00:00.123"),
    _line(EMPTY, shard=None, maker=None, ts=None),
    _line(EDGE, shard=-2, maker="svc-b", ts="1969-12-31 23:59:59.999"),
    _line(BAD_BYTES, shard=4, maker="svc-b", ts="2026-01-01 00:00:00"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("columns")


@pytest.fixture(scope="module")
def summary(folder: Path, key_file: Path) -> Summary:
    return run_job(folder, key_file, TABLES, LINES, mode=BOUNDED)


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line, parse_float=str) for line in lines_of(folder, name)]


def test_every_record_is_accounted_for(summary: Summary, folder: Path) -> None:
    assert summary.balanced
    assert (summary.records, summary.quarantined) == (4, 1)
    for segment in summary.segments:
        assert len(lines_of(folder, segment.segment)) == segment.delivered


def test_what_is_not_masked_comes_through_exactly(summary: Summary, folder: Path) -> None:
    full, empty, edge = _rows(folder, "vault")
    expected = {**FULL, "amount": "1234567890123456789012345678.0123456789", "ratio": "0.1", "part": "0.5"}
    assert {k: v for k, v in full.items() if v != expected[k]} == {}
    assert empty == EMPTY
    assert edge == {**EDGE, "ratio": "-0.0", "part": "1.0"}


def test_masked_values(summary: Summary, folder: Path) -> None:
    full, empty, edge = _rows(folder, "support")
    assert full["card"] is None, "a masked number that is none any more is NULL"
    assert full["name"] != FULL["name"] and "planted" not in full["note"]
    assert (full["id"], full["day"], full["raw"]) == (FULL["id"], FULL["day"], FULL["raw"])
    assert empty == EMPTY and edge["id"] == EDGE["id"] and edge["card"] == 7
    assert len(lines_of(folder, "open")) == 2


def test_the_audit_names_coordinates_producer_and_time(summary: Summary, folder: Path) -> None:
    about = [(e["coordinates"], e["producer"], e["time"]) for e in events_of(folder)]
    assert about == [
        ({"shard": 1, "file": "records"}, "svc-a", 1767225600123),
        ({"shard": None, "file": "records"}, None, None),
        ({"shard": -2, "file": "records"}, "svc-b", -1),
        ({"shard": 4, "file": "records"}, "svc-b", 1767225600000),
    ]


def test_a_quarantined_row_is_kept_as_json(summary: Summary, folder: Path) -> None:
    (held,) = _rows(folder, "quarantine")
    assert held["reason"].startswith("encoding")
    assert json.loads(base64.b64decode(held["record"])) == {**EMPTY, "id": 3, "raw": {"base64": "//4="}}
    assert json.loads(held["coordinates"]) == {"shard": 4, "file": "records"}
    assert (held["producer"], held["time"], held["policy"]) == ("svc-b", 1767225600000, "shop@3")


@pytest.mark.parametrize("planted", ["4111111111111111", "zoe.planted", "Plantéd"])
def test_no_value_leaks(summary: Summary, folder: Path, logs: Path, planted: str) -> None:
    assert planted.encode() not in everything(folder, "support", "open", "audit", "quarantine")
    assert not any(planted.encode() in p.read_bytes() for p in logs.rglob("*") if p.is_file())
