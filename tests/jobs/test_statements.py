"""SQL files are split where Flink would split them, and every error knows its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.statements import SqlErrors, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (";;\n;", []),
        ("-- only; a comment\n/* and; another */", []),
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'", ["SELECT ';'"]),
        ("SELECT 'it''s; so'; SELECT 2", ["SELECT 'it''s; so'", "SELECT 2"]),
        ("SELECT `a;b` FROM t", ["SELECT `a;b` FROM t"]),
        ("SELECT `a``;b`", ["SELECT `a``;b`"]),
        ("SELECT 1 -- not here; no\n+ 1", ["SELECT 1 -- not here; no\n+ 1"]),
        ("SELECT 1 /* don't; */ + 1", ["SELECT 1 /* don't; */ + 1"]),
        ("SELECT '--'; SELECT '/*'", ["SELECT '--'", "SELECT '/*'"]),
        ("SELECT /*+ OPTIONS('a'='b') */ 1", ["SELECT /*+ OPTIONS('a'='b') */ 1"]),
        ("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END; SELECT 3", None),
        ("BEGIN STATEMENT SET; INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END; SELECT 3", None),
    ],
)
def test_split(text: str, expected: list[str] | None) -> None:
    found = [statement.text for statement in split(text)]
    assert found == (expected if expected is not None else [text.rsplit(";", 1)[0], "SELECT 3"])


def test_lines_are_those_of_the_file() -> None:
    text = "-- head\n\nSELECT\n  1;\n/* two\nlines */ SELECT 2;\nSELECT 'a\nb'; SELECT 4"
    assert [s.line for s in split(text)] == [3, 6, 7, 8]


def test_words_leave_out_quotes_and_comments() -> None:
    assert split("create /* x */ table `Table` -- y\n ('a' int)")[0].words == ("CREATE", "TABLE", "INT")


def test_variables() -> None:
    text = "SELECT '${a}', `${a}`, ${b} -- ${unset}\n"
    assert split(text, variables={"a": "x'`y", "b": "7"})[0].text == "SELECT 'x''`y', `x'``y`, 7"


def test_every_error_at_once_with_its_line() -> None:
    with pytest.raises(SqlErrors) as caught:
        split("SELECT '${a}';\nSELECT '\n${b}'; SELECT 'open", "t.sql", {"c": "1"})
    assert [e.split(" ")[0] for e in caught.value.errors] == ["t.sql:1", "t.sql:3", "t.sql:3"]
    assert "--set a=VALUE (set so far: c)" in str(caught.value)
    assert "close it with '" in caught.value.errors[2]


@pytest.mark.parametrize("text", ["SELECT '", "SELECT `a", "SELECT 1 /* a", "SELECT 1 /*/", "SELECT 'a''"])
def test_what_does_not_end_is_an_error(text: str) -> None:
    with pytest.raises(SqlErrors, match=r"script\.sql:1 .* does not end"):
        split(text)


_PIECES = st.sampled_from(
    ["SELECT 1", "SELECT ';'", "SELECT `;`", "SELECT 'a''b'", "SELECT 1 -- c;\n + 1", "SELECT /* ; */ 2"]
)


@given(st.lists(_PIECES, min_size=1, max_size=6))
def test_joined_statements_come_apart_again(pieces: list[str]) -> None:
    assert [s.text for s in split(";\n".join(pieces) + ";")] == pieces
