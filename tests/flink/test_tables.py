"""Tables files that are wrong: every error at once, with its line and what to do."""

from pathlib import Path
from typing import Any

import pytest

from jobs.local import environment
from jobs.statements import SqlErrors
from jobs.tables import read_tables
from policy.compile import compile_plan
from policy.load import load_policy_text
from policy.plan import Plan
from tests.flink.runs import DOCUMENTS, POLICY, filesystem, outputs
from udfs.catalog import installed

VARIABLES = {"in": "/in", "out": "/out"}
SOURCE = filesystem("orders", "line BYTES", "/in")
DOCUMENT = "SET 'weir.document' = 'line';\n"
GOOD = DOCUMENT + SOURCE + outputs()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return compile_plan(load_policy_text(POLICY), installed())


def _read(folder: Path, plan: Plan, text: str, variables: dict[str, str] = VARIABLES) -> Any:
    (folder / "tables.sql").write_text(text)
    return read_tables(environment(), folder / "tables.sql", plan, variables)


def _errors(folder: Path, plan: Plan, text: str, variables: dict[str, str] = VARIABLES) -> list[str]:
    with pytest.raises(SqlErrors) as caught:
        _read(folder, plan, text, variables)
    return [error.removeprefix(f"{folder}/tables.sql:") for error in caught.value.errors]


CASES = {
    "no file of tables at all": ("", ["1 segment vault has no table vault; add CREATE TABLE vault (...)"]),
    "a segment's table is missing": (
        GOOD.replace("TABLE `support`", "TABLE `suport`"),
        ["4 segment support has no table support; did you mean 'suport'?"],
    ),
    "a table that nothing names": (
        "SET 'weir.source' = 'orders';\n" + GOOD + filesystem("vaults", "line BYTES", "/x"),
        ["9 table vaults is neither the source nor an output of the policy; did you mean 'vault'?"],
    ),
    "two tables could be the source": (
        GOOD + filesystem("orders2", "line BYTES", "/x"),
        ["2 the source could be any of orders, orders2; SET 'weir.source' = 'NAME'"],
    ),
    "the source is misspelt": (
        "SET 'weir.source' = 'order';\n" + GOOD,
        ["1 weir.source names no table; did you mean 'orders'?"],
    ),
    "the source is an output": (
        "SET 'weir.source' = 'vault';\n" + GOOD,
        ["1 weir.source is vault, which is an output; name the input table"],
    ),
    "no source": (DOCUMENT + outputs(), ["1 the source is not there: every table is an output"]),
    "an unknown setting": (
        "SET 'weir.documents' = 'line';\n" + GOOD,
        ["1 unknown setting weir.documents; did you mean 'weir.document'?"],
    ),
    "the document column is misspelt": (
        GOOD.replace("'line'", "'lines'"),
        ["1 weir.document names no column of table orders; did you mean 'line'?"],
    ),
    "the document is a number": (
        DOCUMENT + filesystem("orders", "line INT", "/in") + outputs(),
        ["1 column line must be STRING or BYTES; got INT"],
    ),
    "a column without a role": (
        DOCUMENT + filesystem("orders", "line BYTES, extra INT", "/in", "json") + outputs(),
        ["2 column extra of table orders has no role; name it in weir.coordinates, or leave it out"],
    ),
    "an output of another type": (
        GOOD.replace("TABLE `vault` (line BYTES)", "TABLE `vault` (line STRING)"),
        ["3 table vault must have one BYTES column for the document; got line STRING"],
    ),
    "an audit of two columns": (
        GOOD.replace("event STRING", "event STRING, more STRING"),
        ["6 table audit must have exactly one STRING column, for the audit event"],
    ),
    "a quarantine without a reason, with a stranger": (
        GOOD.replace("reason STRING", "reasons STRING"),
        [
            "7 table quarantine must have a column reason; did you mean 'reasons'?",
            "7 column reasons of table quarantine is none that a quarantine has; did you mean 'reason'?",
        ],
    ),
    "a quarantine that would alter bytes": (
        GOOD.replace("record BYTES", "record STRING"),
        ["7 column record of table quarantine must be BYTES; got STRING"],
    ),
    "a quarantine of a wrong type": (
        GOOD.replace("policy STRING", "policy INT"),
        ["7 column policy of table quarantine cannot be INT"],
    ),
    "typed columns that differ": (
        filesystem("orders", "id BIGINT, name STRING", "/in", "json")
        + outputs("id INT, nam STRING", "json"),
        [
            "2 column id of table vault must be BIGINT; got INT",
            "2 table vault lacks column name STRING of the record; did you mean 'nam'?",
            "2 table vault has column nam, which the record lacks; did you mean 'name'?",
        ],
    ),
    "bytes in a nested column": (
        filesystem("orders", "r ROW<a STRING, b ARRAY<BYTES>>", "/in", "json")
        + outputs("r ROW<a STRING, b ARRAY<BYTES>>", "json"),
        ["1 column r of table orders holds VARBINARY at r.b[*], which cannot be searched; make it a column of its own"],
    ),
    "a map with keys that are no texts": (
        filesystem("orders", "m MAP<INT, STRING>", "/in", "json") + outputs("m MAP<INT, STRING>", "json"),
        ["1 column m of table orders holds a MAP with keys of INTEGER at m, which cannot be searched"],
    ),
    "a key without documents": (
        "SET 'weir.key' = 'line';\n" + GOOD.replace("SET 'weir.document' = 'line';", ""),
        ["1 weir.key needs documents; leave it out"],
    ),
    "headers without their column": (
        "SET 'weir.headers' = 'trace';\n" + GOOD,
        ["1 weir.headers needs column headers of table orders; it has line"],
    ),
    "an envelope that is not known": (
        "SET 'weir.envelope' = 'debezum';\n" + GOOD,
        ["1 weir.envelope must be debezium; did you mean 'debezium'?"],
    ),
    "a delivery that is none": (
        "SET 'weir.delivery' = 'twice';\n" + GOOD,
        ["1 weir.delivery must be exactly-once or at-least-once"],
    ),
    "two outputs at one place": (
        GOOD.replace("${out}/open", "${out}/support"),
        ["5 tables support and public are the same path; give each its own"],
    ),
    "an output that is read": (
        GOOD.replace("'/in'", "'${out}/open'"),
        ["5 tables orders and public are the same path; give each its own"],
    ),
    "a producer of an unknown kind": (
        "SET 'weir.producer' = 'colum:p';\n" + GOOD,
        ["1 weir.producer must be column:NAME, header:NAME or path:PATH; did you mean 'column'?"],
    ),
    "a producer that is not there": (
        "SET 'weir.producer' = 'header:who';\n" + GOOD,
        ["1 weir.producer needs column headers of table orders; it has line"],
    ),
    "a time that is none": (
        "SET 'weir.time' = 'line';\n" + GOOD,
        ["1 column line must be TIMESTAMP, TIMESTAMP_LTZ or BIGINT; got BYTES"],
    ),
    "a time zone with summer time": (
        "SET 'table.local-time-zone' = 'Europe/Berlin'; SET 'weir.time' = 'ts';\n" + DOCUMENT
        + filesystem("orders", "line BYTES, ts TIMESTAMP_LTZ(3)", "/in", "json") + outputs(),
        ["1 column ts is TIMESTAMP(3) WITH LOCAL TIME ZONE, which needs the session's time zone to be UTC"],
    ),
    "a statement that has no place": (
        GOOD + "INSERT INTO vault SELECT * FROM orders;\nSELECT 1",
        ["8 INSERT has no place in a tables file", "9 SELECT has no place in a tables file"],
    ),
    "SQL that is wrong": (
        GOOD + "CREATE TABLE more (\n  a INT,\n  b INTT\n) WITH ('connector'='filesystem')",
        ["10 "],
    ),
    "a reserved word": (
        GOOD + "CREATE TABLE open (line BYTES)",
        ['8 Encountered "open"; a reserved word that is a name stands in backticks'],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_said(tmp_path: Path, plan: Plan, name: str) -> None:
    text, expected = CASES[name]
    errors = _errors(tmp_path, plan, text)
    for start in expected:
        assert any(error.startswith(start) for error in errors), errors


def test_all_errors_at_once_in_order(tmp_path: Path, plan: Plan) -> None:
    text = GOOD.replace("TABLE `support`", "TABLE `suport`").replace("reason STRING", "reasons STRING")
    lines = [int(error.split(" ")[0]) for error in _errors(tmp_path, plan, text)]
    assert lines == [4, 7, 7]


def test_unset_variables(tmp_path: Path, plan: Plan) -> None:
    errors = _errors(tmp_path, plan, DOCUMENTS, {"in": "/in"})
    assert len(errors) == 5 and all("${out} is not set; add --set out=VALUE" in error for error in errors)


def test_a_file_that_is_not_there(tmp_path: Path, plan: Plan) -> None:
    with pytest.raises(SqlErrors, match="cannot be read"):
        read_tables(environment(), tmp_path / "none.sql", plan)


def test_a_view_can_be_the_source(tmp_path: Path, plan: Plan) -> None:
    view = "CREATE VIEW orders AS SELECT UPPER(text) AS line FROM rawlines;\n"
    text = DOCUMENT + filesystem("rawlines", "text STRING", "/in") + view + outputs("line STRING")
    roles = _read(tmp_path, plan, text)
    assert (roles.source.name, roles.document, [c.name for c in roles.record]) == ("orders", True, ["line"])


def test_roles(tmp_path: Path, plan: Plan) -> None:
    columns = "line BYTES, part INT, headers MAP<STRING, BYTES>, ts TIMESTAMP_LTZ(3)"
    settings = "SET 'weir.coordinates' = 'part'; SET 'weir.producer' = 'header:who'; SET 'weir.time' = 'ts';\n"
    text = DOCUMENT + settings + filesystem("orders", columns, "/in", "json") + outputs()
    roles = _read(tmp_path, plan, text)
    assert [c.name for c in roles.record] == ["line"]
    assert [c.name for c in roles.coordinates] == ["part"]
    assert roles.producer.kind == "header" and roles.time.name == "ts"
    assert {name: table.name for name, table in roles.segments.items()} == {
        "vault": "vault",
        "support": "support",
        "open": "public",
    }
    assert roles.segments["open"].target == "/out/open"


TYPED = "amount DECIMAL(10, 2), born DATE, r ROW<n INT, s STRING>, name STRING"
RULES = "  amount: US_SSN\n  born: US_SSN\n  r.n: US_SSN\n  r.s: US_SSN\n  name: US_SSN\n"


@pytest.mark.parametrize(
    ("mask", "wrong"),
    [
        ("'null'", []),
        ("redact", []),
        ("drop_field", []),
        ("{hash: {}}", ["amount is DECIMAL", "born is DATE", "r.n is INTEGER"]),
        ("{replace: {value: '0'}}", ["born is DATE"]),
        ("{replace: {value: '2000-01-01'}}", ["amount is DECIMAL", "r.n is INTEGER"]),
        ("{keep_last: 4}", ["amount is DECIMAL", "born is DATE", "r.n is INTEGER"]),
    ],
)
def test_masks_that_can_never_make_a_value_of_the_type_are_refused(tmp_path: Path, mask: str, wrong: list[str]) -> None:
    policy = POLICY.replace("  name: PERSON\n", RULES).replace(
        "{keep_last: 4}", "{keep_last: 4}\n      US_SSN: " + mask
    )
    compiled = compile_plan(load_policy_text(policy), installed())
    text = filesystem("orders", TYPED, "/in", "json") + outputs(TYPED, "json")
    if wrong:
        errors = [e for e in _errors(tmp_path, compiled, text) if "of segment support" in e]
        assert [next((w for w in wrong if w in e), e) for e in errors] == wrong
    else:
        assert _read(tmp_path, compiled, text)
