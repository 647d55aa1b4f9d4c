"""`weir recognizers`: what is installed, everything about one, and its cost on some texts."""

from pathlib import Path

import pytest

from tests.jobs.cli import Weir, lines_of
from udfs.detect import installed

SSN = "457-26-4912"


def rows_of(weir: Weir, *words: object) -> list[dict]:
    result = weir("recognizers", *words, "--json")
    assert result.exit_code == 0
    (rows,) = lines_of(result)
    return rows


def test_all_are_listed_with_what_is_known_of_them(weir: Weir) -> None:
    rows = {row["name"]: row for row in rows_of(weir)}
    assert rows.keys() == installed().keys()
    for name, info in installed().items():
        row = rows[name]
        assert (row["entity"], row["country"], row["source"]) == (info.entity, info.country, info.source)
        assert (tuple(row["replaces"]), row["reference"]) == (info.replaces, info.reference)
    assert rows["UsSsnRecognizer"]["source"] == "presidio"
    assert {row["source"] for row in rows.values()} == {"presidio", "weir"}


def test_the_table_cuts_no_name(weir: Weir) -> None:
    words = set(weir("recognizers").stdout.split())
    assert installed().keys() <= words
    assert {r.entity for r in installed().values()} <= words


def test_of_a_country(weir: Weir) -> None:
    rows = rows_of(weir, "--country", "GB")
    assert {row["country"] for row in rows} == {None, "gb"}
    assert "UK_NHS" in {row["entity"] for row in rows}


def test_of_an_entity_and_of_a_source(weir: Weir) -> None:
    assert {row["entity"] for row in rows_of(weir, "--entity", "CREDIT_CARD")} == {"CREDIT_CARD"}
    assert {row["source"] for row in rows_of(weir, "--source", "weir")} == {"weir"}
    (only,) = rows_of(weir, "--entity", "US_SSN", "--source", "presidio")
    assert only["name"] == "UsSsnRecognizer"
    assert rows_of(weir, "UsSsnRecognizer", "--country", "gb") == []


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["UsSsnRecogniser"], "did you mean 'UsSsnRecognizer'?"),
        (["--entity", "CREDIT_CRAD"], "did you mean 'CREDIT_CARD'?"),
        (["--source", "wier"], "did you mean 'weir'?"),
        (["--cost", "no-such-file.txt"], "does not exist"),
    ],
)
def test_what_is_unknown_has_a_hint(weir: Weir, words: list[str], hint: str) -> None:
    result = weir("recognizers", *words)
    assert result.exit_code == 2
    assert hint in " ".join(result.stderr.split())


def test_everything_about_one_of_ours(weir: Weir) -> None:
    page = weir("recognizers", "AwsSecretKey").stdout
    for part in ("AwsSecretKey finds AWS_SECRET_KEY", "source: weir", "pattern 0.95: beside its name", "Leaves alone:"):
        assert part in page
    (row,) = rows_of(weir, "AwsSecretKey")
    assert [pattern["name"] for pattern in row["patterns"]] == ["beside its name"]
    assert row["doc"].startswith("Keys and tokens of the large clouds")


def test_everything_about_one_of_presidio(weir: Weir) -> None:
    page = weir("recognizers", "UsSsnRecognizer").stdout
    for part in ("UsSsnRecognizer finds US_SSN", "source: presidio", "country: us", "context: social"):
        assert part in page


def test_the_cost_on_some_texts(weir: Weir, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text(f"my ssn is {SSN}\nnothing here\n\nnothing there\n{SSN}\n")
    result = weir("recognizers", "--entity", "US_SSN", "--source", "presidio", "--cost", texts, "--json")
    ((row,),) = lines_of(result)
    assert row["candidates"] == 2
    assert row["us_per_candidate"] > row["us_per_other"] > 0
    assert SSN not in result.output
    assert "2 candidates" in weir("recognizers", "UsSsnRecognizer", "--cost", texts).stdout
    assert "µs each" in weir("recognizers", "--entity", "US_SSN", "--cost", texts).stdout


def test_the_cost_where_there_is_no_candidate(weir: Weir, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_bytes(b"nothing here\n\xff\n")
    (row,) = rows_of(weir, "UsSsnRecognizer", "--cost", texts)
    assert (row["candidates"], row["us_per_candidate"]) == (0, None)
