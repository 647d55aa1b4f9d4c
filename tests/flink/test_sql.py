"""`weir sql`: scripts run with Weir's functions, print what they return, and say where they are wrong."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from jobs.sql import run_script
from jobs.statements import SqlErrors
from tests.flink.runs import POLICY

TEXTS = {
    1: "mail bob@example.com now",
    2: "card 4111 1111 1111 1111",
    3: None,
    4: "nothing",
    5: "ssn 078-05-1120 and bob@example.com",
}
ROWS = ", ".join(f"({i}, '{t or 'null'}', {i})" for i, t in TEXTS.items())
VIEW = (
    "CREATE TEMPORARY VIEW texts AS SELECT id, NULLIF(note, 'null') AS note, "
    "CASE WHEN MOD(n, 2) = 0 THEN 'support' ELSE 'vault' END AS segment "
    f"FROM (VALUES {ROWS}) AS t(id, note, n);\n"
)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


def _rows(folder: Path, script: str, **more: Any) -> list[dict[str, Any]]:
    (folder / "script.sql").write_text(script)
    out = io.StringIO()
    run_script(folder / "script.sql", out=out, as_json=True, **more)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_searching(tmp_path: Path, policy: Path) -> None:
    query = "SELECT id, detect(note) AS d, classify(note) AS c, findings(note) AS f FROM texts"
    rows = _rows(tmp_path, VIEW + query, policy=policy)
    assert {r["id"]: (r["d"], r["c"]) for r in rows} == {
        1: (["EMAIL_ADDRESS"], "confidential"),
        2: (["CREDIT_CARD"], "regulated"),
        3: (None, None),
        4: ([], "public"),
        5: (["EMAIL_ADDRESS"], "confidential"),
    }
    found = json.loads(next(r["f"] for r in rows if r["id"] == 1))
    assert found == [{"start": 5, "end": 20, "entity": "EMAIL_ADDRESS", "score": 1.0, "detector": "EmailAddress"}]


def test_a_function_around_another_one(tmp_path: Path, policy: Path, key_file: Path) -> None:
    query = (
        "SELECT id, detect(mask_text(note, 'support')) AS d, mask_text(mask(note, 'PERSON', 'vault'), segment) AS m "
        "FROM texts"
    )
    rows = {r["id"]: r for r in _rows(tmp_path, VIEW + query, policy=policy, key_file=key_file)}
    assert {i: r["d"] for i, r in rows.items()} == {1: [], 2: [], 3: None, 4: [], 5: []}
    assert rows[3]["m"] is None and rows[4]["m"] == "nothing" and rows[1]["m"] == TEXTS[1]
    assert "4111 1111" not in rows[2]["m"] and "1111" in rows[2]["m"]


def test_masking(tmp_path: Path, policy: Path, key_file: Path) -> None:
    query = (
        "SELECT id, mask(note, 'CREDIT_CARD') AS a, mask(note, 'CREDIT_CARD', 'support') AS b, "
        "mask(note, 'CREDIT_CARD', 'vault') AS c, mask_text(note, segment) AS d, mask_text(note) AS e, "
        "mask_text(note, 'open') AS f, "
        "mask_document('{\"n\": 10.10, \"t\": \"' || note || '\"}', 'support') AS g FROM texts"
    )
    rows = {r["id"]: r for r in _rows(tmp_path, VIEW + query, policy=policy, key_file=key_file, segment="support")}
    assert set(rows[3].values()) == {3, None}
    card = rows[2]
    assert card["a"] != TEXTS[2] and "4111" not in card["a"]
    assert card["b"].endswith("1111") and "4111" not in card["b"]
    assert card["c"] == TEXTS[2], "the vault is cleared for cards"
    assert card["d"] == card["e"] == "card xxxx xxxx xxxx 1111"
    assert card["f"] is None, "the open segment is denied what is above its clearance"
    assert card["g"] == '{"n": 10.10, "t": "card xxxx xxxx xxxx 1111"}'
    assert rows[1]["d"] == TEXTS[1] and "bob" not in rows[1]["e"]
    assert [rows[4][name] for name in "def"] == ["nothing"] * 3


def test_a_mask_with_a_subject_takes_whom_a_value_is_about(tmp_path: Path, key_file: Path) -> None:
    policy = tmp_path / "persons.yaml"
    mask = "{pseudonym: {subject: customer.id}}"
    policy.write_text(POLICY.replace("EMAIL_ADDRESS: pseudonym", f"EMAIL_ADDRESS: {mask}"))
    query = (
        "SELECT mask(note, 'EMAIL_ADDRESS', 'support', p) AS own, mask(note, 'EMAIL_ADDRESS', 'support') AS nobody "
        "FROM (VALUES ('a@example.com', '1'), ('a@example.com', '2'), ('a@example.com', '1')) AS t(note, p)"
    )
    rows = _rows(tmp_path, query, policy=policy, key_file=key_file, key_table=str(tmp_path / "keys.db"))
    assert len({r["own"] for r in rows}) == 2 and None not in {r["own"] for r in rows}
    assert [r["nobody"] for r in rows] == [None] * 3


def test_hives_functions(tmp_path: Path, key_file: Path) -> None:
    query = (
        "SELECT id, mask_show_last_n(note, 4) AS a, mask_show_first_n(note) AS b, "
        "mask_first_n(note, 3, 'U', 'l', '#') AS c, mask_last_n(note, 2) AS d, mask_hash(note) AS e FROM texts"
    )
    rows = {r["id"]: r for r in _rows(tmp_path, VIEW + query, key_file=key_file)}
    assert {k: rows[2][k] for k in "abcd"} == {
        "a": "xxxx nnnn nnnn nnnn 1111",
        "b": "card nnnn nnnn nnnn nnnn",
        "c": "llld 4111 1111 1111 1111",
        "d": "card 4111 1111 1111 11nn",
    }
    assert len(rows[2]["e"]) == 64 and rows[3]["e"] is None


CALLS = [
    ("SELECT mask_hash(note) FROM texts", "mask_hash: job parameter weir.keys must be set"),
    ("SELECT mask(note, 'CREDIT_CARD', 'suport') FROM texts", "mask: a segment needs a policy"),
    ("SELECT mask(note) FROM texts", "mask: is called as `mask(text, entity [, segment [, subject]])`"),
    ("SELECT mask(id, 'CREDIT_CARD') FROM texts", "mask: the text must be a STRING; write CAST(... AS STRING)"),
    ("SELECT mask_first_n(note, id) FROM texts", "mask_first_n: all arguments but the text must be constants"),
]
"""More of a kind, each a job of its own."""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT detect(note) FROM texts", "detect: job parameter weir.policy must be set"),
        ("SELECT mask('4111', 'CREDIT_CARD')", "called with constants alone"),
        *(pytest.param(*case, marks=pytest.mark.long) for case in CALLS),
    ],
)
def test_calls_that_cannot_work_say_why(tmp_path: Path, query: str, expected: str) -> None:
    with pytest.raises(SqlErrors) as caught:
        _rows(tmp_path, VIEW + query)
    assert "script.sql:2 " in str(caught.value) and expected in str(caught.value)


def test_unknown_names_are_not_repeated(tmp_path: Path, policy: Path, key_file: Path, logs: Path) -> None:
    """A call with its arguments swapped has a value where a name should be."""
    value = "378282246310005"
    for query in (f"mask(note, '{value}', 'support')", f"mask_text('support', note || '{value}')"):
        with pytest.raises(SqlErrors) as caught:
            _rows(tmp_path, VIEW + f"SELECT {query} FROM texts", policy=policy, key_file=key_file)
        assert value not in str(caught.value) and "FunctionFailed" in str(caught.value)


def test_statements_of_every_kind(tmp_path: Path) -> None:
    script = (
        "SET 'pipeline.name' = 'mine'; -- a setting\n"
        f"CREATE TABLE a (x INT) WITH ('connector'='filesystem', 'path'='{tmp_path}/a', 'format'='json');\n"
        f"CREATE TABLE b (x INT) WITH ('connector'='filesystem', 'path'='{tmp_path}/b', 'format'='json');\n"
        "BEGIN STATEMENT SET; INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (3); END;\n"
        "SHOW TABLES;\nSELECT x, CAST(x AS STRING) AS s FROM a ORDER BY x;\n"
        "INSERT INTO b SELECT x FROM a;\nSELECT COUNT(*) AS n FROM b;"
    )
    assert _rows(tmp_path, script) == [
        {"table name": "a"},
        {"table name": "b"},
        {"x": 1, "s": "1"},
        {"x": 2, "s": "2"},
        {"n": 3},
    ]


def test_for_people(tmp_path: Path) -> None:
    (tmp_path / "s.sql").write_text("SELECT x FROM (VALUES ('eins'), ('zwei')) AS t(x); EXPLAIN SELECT 1")
    out = io.StringIO()
    run_script(tmp_path / "s.sql", out=out)
    assert all(word in out.getvalue() for word in ("eins", "zwei", "2 rows", "== Optimized Execution Plan =="))


def test_errors_are_located(tmp_path: Path) -> None:
    with pytest.raises(SqlErrors, match=r"script\.sql:3 Column 'nosuch' not found"):
        _rows(tmp_path, "SHOW TABLES;\nSELECT\n  nosuch FROM (VALUES (1)) AS t(x)")
    with pytest.raises(SqlErrors, match=r"script\.sql:2 "):
        _rows(tmp_path, "SHOW TABLES;\nSELEC 1")
    with pytest.raises(SqlErrors, match=r"script\.sql:1 variable \$\{x\} is not set"):
        _rows(tmp_path, "SELECT ${x}")
