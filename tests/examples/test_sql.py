"""The SQL examples do what their comments say."""

import io
import json

import pytest

from examples.orders.generate import DATA
from jobs.sql import run_script
from tests.examples.runs import ORDERS
from udfs.keys import Keyring, new_root, write_keyring

SCRIPTS = ORDERS.parent / "sql"

pytestmark = pytest.mark.flink


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("sql") / "root.key"
    write_keyring(path, Keyring.of(new_root()))
    return path


def rows(name: str, key) -> list[dict]:
    out = io.StringIO()
    variables = {"data": str(DATA / "orders.jsonl")}
    run_script(SCRIPTS / name, policy=ORDERS / "policy.yaml", key_file=key, variables=variables, as_json=True, out=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_texts(key):
    results = rows("01-texts.sql", key)
    found, views, counts = results[:5], results[5:10], results[10:]
    assert [row["level"] for row in found] == ["regulated", "confidential", "regulated", "internal", "public"]
    assert found[1]["entities"] == ["EMAIL_ADDRESS", "PHONE_NUMBER"]
    assert json.loads(found[0]["found"])[0]["start"] == 12
    assert views[0]["for_support"] == "Hi, my card xxxx-xxxx-xxxx-1111 was charged twice."
    assert [row["for_everyone"] is None for row in views] == [True, True, True, True, False]
    assert sum(row["messages"] for row in counts) == 5


def test_documents(key):
    chat, *customers, joined = rows("02-documents.sql", key)
    assert json.loads(chat["for_support"])["id"] == json.loads(chat["as_it_came"])["id"]
    assert chat["for_support"] != chat["as_it_came"]
    assert len(customers) == 5 and all("@" not in row["customer"] for row in customers)
    assert joined["orders"] == joined["joined_with_marketing"] > 500
    assert joined["joined_with_support"] == 0


def test_columns(key):
    results = rows("03-columns.sql", key)
    by_policy, redacted, by_hive = results[:5], results[5:10], results[10:]
    assert all(row["card"].count("x") >= 11 and row["card"][-4:].isdigit() for row in by_policy)
    assert {row["card"] for row in redacted} == {""}
    assert all(row["last_four"][-4:] == masked["card"][-4:] for row, masked in zip(by_hive, by_policy, strict=True))
    assert all(len(row["digest"]) == 64 for row in by_hive)
