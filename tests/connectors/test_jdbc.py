"""The segment job on a real PostgreSQL: typed rows, masked and written once, and errors that name no value."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from examples.kafka.servers.process import jars
from jobs.failure import JobFailed
from jobs.progress import Summary
from jobs.segment import run
from jobs.statements import SqlErrors
from tests.connectors.page import example
from tests.flink.runs import POLICY, SEGMENTS
from tests.kafka.jobs import options
from tests.udfs.keys.postgres import PASSWORD, USER, Server

JARS = [
    path
    for name in ("flink-connector-jdbc-core", "flink-connector-jdbc-postgres", "postgresql")
    for path in jars("flink").glob(f"{name}-*.jar")
]

PEOPLE = POLICY
for before, more in (
    ("entities:\n", "  DATE_OF_BIRTH: regulated\n  PAY: regulated\n"),
    ("fields:\n", "  id: public\n  born: DATE_OF_BIRTH\n  seen: DATE_OF_BIRTH\n  paid: PAY\n"),
    ("    masks:\n", "      DATE_OF_BIRTH: {shift_date: {days: 20, subject: id}}\n      PAY: {noise: {amount: 5}}\n"),
):
    PEOPLE = PEOPLE.replace(before, before + more)

STORED = (
    "id bigint PRIMARY KEY, name text, email varchar(80), card text, born date, seen timestamp(6), paid numeric(10,2),"
    " weight double precision, active boolean, photo bytea, note text, doc {json}"
)
COLUMNS = (
    "id BIGINT, name STRING, email STRING, card STRING, born DATE, seen TIMESTAMP(6), paid DECIMAL(10, 2),"
    " weight DOUBLE, active BOOLEAN, photo BYTES, note STRING, doc STRING"
)
SEEN, PAID = datetime(2024, 2, 29, 10, 11, 12, 123456), Decimal("12.50")
ROWS: list[tuple[Any, ...]] = [
    (1, "Ann Lee", "ann.lee@example.com", "4111111111111111", date(1987, 6, 5), SEEN, PAID, 1.5, True, b"\x01",
     "call bob@example.org", '{"mail": "eve@example.net"}'),
    (2, *[None] * 11),
    (3, "", "", "", date(2000, 2, 29), datetime(9999, 1, 31), Decimal("99999999.99"), -0.0, False, b"", "", "{}"),
]  # fmt: skip
ENDED = "a database refused a row, or has no such table"
"""What is said where Flink's connector fails again while it is closed: the task manager may end before it says why."""

URL = "jdbc:postgresql://${host}/shop?stringtype=unspecified"
PLANTED = ("Ann Lee", "ann.lee@example", "4111111111111111", "bob@example", "eve@example", "(1987, 6, 5)", "12.50")


def _table(name: str, columns: str, key: str) -> str:
    given = {"connector": "jdbc", "url": URL, "table-name": name, "username": USER, "password": "${password}"}
    return f"CREATE TABLE `{name}` ({columns}, PRIMARY KEY ({key}) NOT ENFORCED) {options(given)};\n"


TABLES = (
    "SET 'execution.checkpointing.interval' = '1 s';\n"
    + example("Databases")
    + "".join(_table(name, COLUMNS, "id") for name in SEGMENTS.values() if name != "support")
    + _table("audit", "event STRING", "event")
    + _table("quarantine", "record STRING, reason STRING, attributes STRING", "record")
)


@pytest.fixture
def schema(database: Server) -> str:
    """A new schema with people, and a table for each output."""
    made = database.new_schema()
    database.run(f"CREATE TABLE people ({STORED.format(json='jsonb')})", schema=made)
    # Flink's connector reads no jsonb. A view gives it as text.
    others = "id, name, email, card, born, seen, paid, weight, active, photo, note"
    database.run(f"CREATE VIEW people_text AS SELECT {others}, doc::text AS doc FROM people", schema=made)
    for name in SEGMENTS.values():
        database.run(f"CREATE TABLE {name} ({STORED.format(json='jsonb')})", schema=made)
    database.run("CREATE TABLE audit (event text PRIMARY KEY)", schema=made)
    database.run("CREATE TABLE quarantine (record text PRIMARY KEY, reason text, attributes text)", schema=made)
    marks = ", ".join(["%s"] * len(ROWS[0]))
    for row in ROWS:
        database.run(f"INSERT INTO people VALUES ({marks})", row, schema=made)
    return made


@pytest.fixture
def job(database: Server, schema: str, key_file: Path, tmp_path: Path) -> Callable[..., Summary]:
    """Runs the job in the schema; what differs from `TABLES` is given as pairs of right and wrong."""

    def ran(*wrong: tuple[str, str], policy: str = PEOPLE) -> Summary:
        tables = TABLES.replace("/shop?", f"/postgres?currentSchema={schema}&")
        tables = tables.replace("/shop'", f"/postgres?currentSchema={schema}'")
        for right, other in wrong:
            assert right in tables
            tables = tables.replace(right, other)
        (tmp_path / "policy.yaml").write_text(policy)
        (tmp_path / "tables.sql").write_text(tables)
        variables = {"host": f"127.0.0.1:{database.port}", "password": PASSWORD}
        return run(tmp_path / "policy.yaml", tmp_path / "tables.sql", key_file, jars=JARS, variables=variables)

    return ran


def _rows(server: Server, schema: str, table: str) -> list[tuple[Any, ...]]:
    found = server.run(f"SELECT * FROM {table} ORDER BY 1", schema=schema)
    return [tuple(json.dumps(v) if isinstance(v, dict) else v for v in row) for row in found]


def test_rows_of_all_types_are_masked_and_written_once_however_often(database, schema, job):
    summary = job()
    assert (summary.records, summary.quarantined) == (len(ROWS), 0)
    assert _rows(database, schema, "vault") == ROWS
    _support_sees_types_masked_by_type(_rows(database, schema, "support"))
    shown = str(_rows(database, schema, "support")) + str(_rows(database, schema, "public"))
    assert not [value for value in PLANTED if value in shown]
    audit = _rows(database, schema, "audit")
    assert len(audit) == len(ROWS) and not [value for value in PLANTED if value in str(audit)]
    before = {name: _rows(database, schema, name) for name in (*SEGMENTS.values(), "quarantine")}
    # As after a failure: all rows come again.
    job()
    assert before == {name: _rows(database, schema, name) for name in before}
    assert _rows(database, schema, "audit") == audit


def _support_sees_types_masked_by_type(rows: list[tuple[Any, ...]]) -> None:
    first, nothing, empty = rows
    assert (first[0], first[3]) == (1, "xxxxxxxxxxxx1111")
    assert 0 < abs((first[4] - ROWS[0][4]).days) <= 20
    assert first[5] - SEEN == first[4] - ROWS[0][4]  # one person's dates move together, and the time of day stays
    assert 0 < abs(first[6] - PAID) <= 5 and isinstance(first[6], Decimal)
    assert first[7:10] == (1.5, True, b"\x01")
    assert nothing == ROWS[1]
    assert (empty[2], empty[9:]) == ("", (b"", "", "{}"))


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("'${password}'", "'hunter2'", "28P01"),
        pytest.param("'people_text'", "'nobody'", "42P01", marks=pytest.mark.long),
        pytest.param("'table-name' = 'support'", "'table-name' = 'nobody'", "42P01", marks=pytest.mark.long),
        pytest.param("/postgres?", "/nowhere?", "3D000", marks=pytest.mark.long),
    ],
)
def test_what_the_database_refuses_is_said_without_password_or_value(job, right, wrong, told):
    with pytest.raises(JobFailed) as caught:
        job((right, wrong))
    assert told in str(caught.value) or ENDED in str(caught.value)
    for hidden in (PASSWORD, "hunter2", "Ann Lee", "ann.lee"):
        assert hidden not in str(caught.value)


def test_a_row_that_breaks_a_rule_of_the_table_is_not_quoted(database, schema, job):
    database.run("ALTER TABLE vault ADD CHECK (name <> 'Ann Lee')", schema=schema)
    with pytest.raises(JobFailed) as caught:
        job()
    assert "23514" in str(caught.value) or ENDED in str(caught.value)
    assert "Ann Lee" not in str(caught.value)


def test_tables_that_would_get_rows_twice_are_refused(database, schema, job):
    with pytest.raises(SqlErrors) as caught:
        job((",\n  PRIMARY KEY (id) NOT ENFORCED", ""), (", PRIMARY KEY (event) NOT ENFORCED", ""))
    assert [error.partition(";")[0].partition("tables.sql:")[2] for error in caught.value.errors] == [
        "10 table support must have a PRIMARY KEY: after a failure a database gets records again",
        "17 table audit must have a PRIMARY KEY: after a failure a database gets records again",
    ]
    assert not _rows(database, schema, "audit")


def test_one_table_for_two_segments_is_refused(job):
    with pytest.raises(SqlErrors) as caught:
        job(("'table-name' = 'support'", "'table-name' = 'vault'"))
    assert "tables vault and support are the same table of a database" in str(caught.value)


@pytest.mark.parametrize(
    ("mask", "what"),
    [
        ("redact", "masks make all values of the PRIMARY KEY (id) alike"),
        ("'null'", "masks make all values of the PRIMARY KEY (id) alike"),
        ("{keep_last: 4}", "mask keep_last makes the same of different values of column id of the PRIMARY KEY"),
        ("encrypt", "mask encrypt never makes the same of column id, which is of the PRIMARY KEY"),
    ],
)
def test_masks_under_which_a_row_is_not_there_once_are_refused(job, mask, what):
    policy = PEOPLE.replace("  id: public\n", "  id: US_SSN\n").replace(
        "    masks:\n", f"    masks:\n      US_SSN: {mask}\n"
    )
    with pytest.raises(SqlErrors) as caught:
        job(policy=policy)
    assert any(f"table support: {what}; a mask such as hash" in error for error in caught.value.errors)
