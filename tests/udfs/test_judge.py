"""Around the engine nothing is lost: a record that it fails on is quarantined, alone, with an event of its own."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.udfs.engines import KEYS, SHOP, plan_of
from udfs.engine import Engine
from udfs.judge import TAIL, Judge, Judged
from udfs.series import Argument, Batch, Shape

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "audit.schema.json").read_text())
SECRET = "4111 1111 1111 1111"
DOCUMENT = Shape((Argument("doc", pa.binary()),), document=True)
COLUMNS = Shape((Argument("id", pa.int64()), Argument("note", pa.string())), document=False)


class Poisoned(Engine):
    """An engine that raises, with a value in the text, on a batch with poison in it."""

    def run(self, records: pa.RecordBatch, *rest: Any) -> Any:
        if "poison" in str(records.to_pylist()):
            raise RuntimeError(f"at {SECRET}")
        return super().run(records, *rest)


@pytest.fixture(scope="module")
def judges() -> dict[str, Judge]:
    patch = pytest.MonkeyPatch()
    patch.setattr("udfs.judge.Engine", Poisoned)
    made = {"documents": Judge(plan_of(SHOP), DOCUMENT, KEYS), "columns": Judge(plan_of(SHOP), COLUMNS, KEYS)}
    patch.undo()
    return made


def _column(judged: Judged, name: str) -> list[Any]:
    index = [n for n, _, _ in TAIL].index(name) - len(TAIL)
    return judged.rows.flatten()[index].to_pylist()


@given(st.lists(st.booleans(), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_exactly_the_poisoned_records_are_quarantined(judges: dict[str, Judge], poisoned: list[bool]) -> None:
    docs = [b'{"poison":"%s","n":%d}' % (SECRET.encode(), i) if p else b'{"n":%d}' % i for i, p in enumerate(poisoned)]
    coordinates = pa.RecordBatch.from_pydict({"offset": list(range(len(docs)))})
    batch = Batch(pa.RecordBatch.from_arrays([pa.array(docs)], ["doc"]), coordinates, None, None)
    judged = judges["documents"].judge(batch)
    assert _column(judged, "reason") == ["engine failed: RuntimeError" if p else None for p in poisoned]
    assert _column(judged, "record") == [d if p else None for d, p in zip(docs, poisoned, strict=True)]
    assert judged.rows.flatten()[0].to_pylist() == [None if p else d for d, p in zip(docs, poisoned, strict=True)]
    assert judged.counts["records"] == len(docs) and judged.counts["quarantined"] == sum(poisoned)
    events = [json.loads(e) for e in _column(judged, "audit")]
    assert [e["coordinates"]["offset"] for e in events] == list(range(len(docs)))
    for event in events:
        jsonschema.validate(event, SCHEMA)
    assert SECRET not in str(events)


def test_typed_columns_are_kept_as_json(judges: dict[str, Judge]) -> None:
    records = pa.RecordBatch.from_pydict({"id": [1, 2, None], "note": ["a", "poison", None]})
    judged = judges["columns"].judge(Batch(records, None, pa.array(["svc", "svc", None]), pa.array([1, 2, None])))
    assert [None if r is None else json.loads(r) for r in _column(judged, "record")] == [
        None,
        {"id": 2, "note": "poison"},
        None,
    ]
    assert _column(judged, "producer") == [None, "svc", None] and _column(judged, "at") == [None, 2, None]
    flags = judged.rows.flatten()[0].to_pylist()
    assert flags == [True, False, True]
    event = json.loads(_column(judged, "audit")[1])
    assert event["producer"].startswith("digest:") and event["decisions"] == []


@pytest.mark.parametrize("kind", ["documents", "columns"])
def test_a_record_has_one_digest_whether_the_engine_fails_or_not(judges: dict[str, Judge], kind: str) -> None:
    documents = pa.RecordBatch.from_arrays([pa.array([b'{"poison":1}'])], ["doc"])
    columns = pa.RecordBatch.from_pydict({"id": [2**62], "note": ["poison"]})
    shape, records = {"documents": (DOCUMENT, documents), "columns": (COLUMNS, columns)}[kind]
    batch = Batch(records, None, None, None)
    judged = [judge.judge(batch) for judge in (judges[kind], Judge(plan_of(SHOP), shape, KEYS))]
    failed, fine = [json.loads(_column(j, "audit")[0]) for j in judged]
    assert failed["quarantine"] and not fine["quarantine"]
    assert failed["input"] == fine["input"] is not None
