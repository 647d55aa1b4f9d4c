"""Every mask on every kind of value in a JSON document, in the engine."""

import json

import pyarrow as pa
import pytest

from policy.compile import compile_plan
from policy.load import load_policy_text
from tests.formats.cells import CELLS, DOCUMENT_OTHERS, DOCUMENT_VALUES, DOCUMENTS
from tests.formats.runs import HEAD
from udfs.catalog import installed
from udfs.engine import Engine, Outcome
from udfs.keys import Keys
from udfs.mask import MASKS, apply, unmask

KINDS, *ROWS = (line.split() for line in DOCUMENTS.strip().splitlines())
OUTCOMES = {(row[0], kind): word for row in ROWS for kind, word in zip(KINDS[1:], row[1:], strict=True)}
KEYS = Keys.of(bytes(range(32)))
ALONE = ("withheld", "quarantined")
"""Outcomes of the whole record: each such cell has a record of its own."""


def _name(mask: str, kind: str) -> str:
    return f"{kind}_{mask.replace('.', '_')}"


def _value(mask: str, kind: str) -> str:
    return DOCUMENT_OTHERS.get((mask, kind), DOCUMENT_VALUES[kind])


def _policy() -> str:
    names = [(mask, kind, _name(mask, kind)) for mask, kind in OUTCOMES]
    parts = {
        "entities": {n.upper(): "public" if mask == "keep" else "confidential" for mask, _, n in names},
        "fields": {"id": "public"} | {n: n.upper() for _, _, n in names},
        "segments": {
            "vault": {"clearance": "confidential", "sink": "vault"},
            "open": {
                "clearance": "public", "sink": "public",
                "masks": {n.upper(): CELLS["string", mask].policy for mask, _, n in names},
            },
        },
    }  # fmt: skip
    return HEAD + "".join(f"{name}: {json.dumps(part)}\n" for name, part in parts.items())


def _json(mask: str, kind: str) -> str:
    value = _value(mask, kind)
    return f'"{_name(mask, kind)}": {json.dumps(value, ensure_ascii=False) if kind == "text" else value}'


def _lines() -> list[bytes]:
    together = [_json(*cell) for cell, word in OUTCOMES.items() if word not in ALONE]
    alone = [[_json(*cell)] for cell, word in OUTCOMES.items() if word in ALONE]
    return [("{" + ", ".join([f'"id": {n}', *fields]) + "}").encode() for n, fields in enumerate([together, *alone])]


@pytest.fixture(scope="module")
def plan():
    return compile_plan(load_policy_text(_policy()), installed())


@pytest.fixture(scope="module")
def outcome(plan) -> Outcome:
    return Engine(plan, KEYS, ["line"], document=True).run(pa.RecordBatch.from_pydict({"line": _lines()}))


def test_records_are_withheld_and_quarantined_as_the_table_says(outcome):
    alone = [word for word in OUTCOMES.values() if word in ALONE]
    held = [reason is not None for reason in outcome.quarantine.to_pylist()]
    assert held == [False, *(word == "quarantined" for word in alone)]
    assert [view is not None for view in outcome.segments["open"].to_pylist()] == [True, *(False for _ in alone)]


def test_what_no_mask_touches_comes_through_byte_for_byte(outcome):
    held = outcome.quarantine.to_pylist()
    sent = [None if reason else line for line, reason in zip(_lines(), held, strict=True)]
    assert outcome.segments["vault"].to_pylist() == sent


def test_every_cell_is_what_the_table_says(outcome, plan):
    sent, seen = json.loads(_lines()[0]), json.loads(outcome.segments["open"][0].as_py())
    wrong = {}
    for (mask, kind), word in OUTCOMES.items():
        name, step = _name(mask, kind), plan.segments[1].masks[_name(mask, kind).upper()]
        if word in ALONE:
            continue
        value, got = _value(mask, kind), seen.get(name, "removed")
        wanted = {"same": sent[name], "empty": "", "NULL": None, "removed": "removed"}.get(word)
        if word == "masked":
            wanted = apply(step, name.upper(), pa.array([value]), KEYS, pa.array(["0"]))[0].as_py()
        if word == "masked" and mask == "encrypt":
            got, wanted = unmask(step, name.upper(), pa.array([got]), KEYS)[0].as_py(), value
        if got != wanted or (word == "masked" and seen[name] == value):
            wrong[name] = (got, wanted)
    assert wrong == {}


def test_every_mask_is_in_the_table():
    assert {mask for mask, _ in OUTCOMES} == set(MASKS)


def test_no_masked_value_is_left(outcome):
    seen = json.loads(outcome.segments["open"][0].as_py())
    left = {n: v for n, v in seen.items() if not n.endswith("_keep")}
    hidden = {_value(*cell) for cell, word in OUTCOMES.items() if word not in ("same", *ALONE)} - {"true"}
    assert not [value for value in hidden if value in str(left) or value in str(outcome.audit.to_pylist())]
