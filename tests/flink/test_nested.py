"""The segment job on nested typed columns: their values are found and masked as those of documents, and the types
stay."""

import json
from pathlib import Path

import pytest

from tests.flink.runs import POLICY, filesystem, lines_of, outputs, run_job

COLUMNS = (
    "id BIGINT, customer ROW<name STRING, born DATE, contact ROW<mail STRING, since TIMESTAMP(6)>>, "
    "cards ARRAY<ROW<card STRING, amount DECIMAL(20, 2), valid BOOLEAN>>, attributes MAP<STRING, STRING>, "
    "tags ARRAY<STRING>, numbers ARRAY<BIGINT>, price DECIMAL(38, 10)"
)
TABLES = filesystem("orders", COLUMNS, "${in}", "json") + outputs(COLUMNS, "json")
CARD = "4111111111111111"
FULL = {
    "id": 9007199254740993,
    "customer": {
        "name": "Zoë Plantéd",
        "born": "1990-02-28",
        "contact": {"mail": "zoe.planted@example.com", "since": "2020-02-29 23:59:59.123456"},
    },
    "cards": [
        {"card": CARD, "amount": 123456789012345678.25, "valid": True},
        {"card": "none", "amount": None, "valid": False},
    ],
    "attributes": {"seen": "by ann.lee@example.com", "é": "ü"},
    "tags": ["a", None, "zoe.planted@example.com"],
    "numbers": [4111111111111111, 1, -9223372036854775808],
    "price": 1234567890123456789012345678.0123456789,
}
LINE = json.dumps(FULL, ensure_ascii=False)
LINE = LINE.replace(repr(FULL["price"]), "1234567890123456789012345678.0123456789")
LINE = LINE.replace("1.2345678901234568e+17", "123456789012345678.25")
EMPTY = dict.fromkeys(FULL)


@pytest.fixture(scope="module")
def ran(key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict]]:
    folder = tmp_path_factory.mktemp("nested")
    policy = POLICY.replace("  name: PERSON\n", "  name: PERSON\n  customer.born: PERSON\n")
    run_job(folder, key_file, TABLES, [LINE.encode(), json.dumps(EMPTY).encode()], policy)
    read = {
        name: [json.loads(line, parse_float=str) for line in lines_of(folder, name)] for name in ("vault", "support")
    }
    return read | {"open": [json.loads(line) for line in lines_of(folder, "open")]}


def test_what_no_mask_touches_comes_through_exactly(ran):
    assert ran["vault"][0] == json.loads(LINE, parse_float=str)


def test_null_columns_stay_null(ran):
    assert ran["vault"][1] == ran["support"][1] == ran["open"][0] == EMPTY


def test_values_inside_are_masked_and_the_rest_stays(ran):
    seen = ran["support"][0]
    assert seen["customer"]["name"] != "Zoë Plantéd"
    assert seen["cards"][0] == {"card": "xxxxxxxxxxxx1111", "amount": "123456789012345678.25", "valid": True}
    assert seen["cards"][1] == {"card": "none", "amount": None, "valid": False}
    assert seen["tags"][:2] == ["a", None]
    assert seen["attributes"]["é"] == "ü"
    assert seen["customer"]["contact"]["since"] == FULL["customer"]["contact"]["since"]
    assert "example.com" not in json.dumps(seen)


def test_a_masked_value_that_is_none_of_its_type_is_null(ran):
    seen = ran["support"][0]
    assert seen["customer"]["born"] is None
    assert seen["numbers"] == [None, 1, -9223372036854775808]


def test_a_segment_that_denies_does_not_get_it(ran):
    assert len(ran["open"]) == 1
