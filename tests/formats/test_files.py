"""Cells end to end: a file in the format is read, the job masks, and what it wrote is read without Flink."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from examples.kafka.servers.process import jars
from jobs.segment import BOUNDED, run
from policy.compile import compile_plan
from policy.load import load_policy_text
from tests.flink.runs import everything, filesystem, outputs
from tests.formats.cells import TYPES, Cell
from tests.formats.files import FORMS
from tests.formats.page import BRIEFLY
from tests.formats.runs import EMPTY, chosen, native, opened, policy, records, wanted
from udfs.catalog import installed
from udfs.keys import Keyring, Keys, write_keyring

Ran = tuple[str, Path, dict[int, dict[str, Any]]]


def _cells(form: str, briefly: bool) -> list[Cell]:
    return [c for c in chosen(without=FORMS[form].lacks) if not briefly or c.mask in BRIEFLY]


def _params() -> Iterable[Any]:
    for form in FORMS:
        yield pytest.param((form, True), id=form)
        yield pytest.param((form, False), id=f"{form}-whole", marks=pytest.mark.long)


@pytest.fixture(scope="module", params=_params())
def ran(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Cell], Path, dict[int, dict[str, Any]]]:
    """A run over a format: its cells, its folder, and what the segment got, by the records' numbers."""
    (name, briefly), folder = request.param, tmp_path_factory.mktemp(request.param[0])
    form, cells = FORMS[name], _cells(name, briefly)
    (folder / "in").mkdir()
    form.write(folder / "in" / "records", records(cells, inside=False), cells)
    (folder / "policy.yaml").write_text(policy(cells))
    columns = ", ".join(["id BIGINT", *(f"`{c.name}` {TYPES[c.type].sql}" for c in cells)])
    ddl = filesystem("source", columns, "${in}", form.options) + outputs(columns, form.options, {"open": "public"})
    (folder / "tables.sql").write_text(ddl)
    write_keyring(folder / "root.key", Keyring.of(bytes(range(32))))
    variables = {"in": str(folder / "in"), "out": str(folder / "out")}
    found = [path for jar in form.jars for path in jars("flink").glob(f"{jar}*.jar")]
    summary = run(
        folder / "policy.yaml",
        folder / "tables.sql",
        folder / "root.key",
        variables=variables,
        mode=BOUNDED,
        jars=found,
    )
    assert (summary.balanced, summary.records, summary.quarantined) == (True, EMPTY + 1, 0)
    return cells, folder, {r["id"]: r for path in _files(folder / "out" / "open") for r in form.read(path, cells)}


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and not p.name.startswith((".", "_"))]


def test_every_cell_is_what_the_table_says(ran):
    cells, folder, got = ran
    plan, keys = compile_plan(load_policy_text(policy(cells)), installed()), Keys.open(str(folder / "root.key"))
    wrong = {}
    for cell in cells:
        number = list(TYPES).index(cell.type) * 2
        if cell.outcome == "withheld":
            continue
        seen, expected = got[number][cell.name], native(cell, cell.value)
        if cell.mask == "encrypt":
            seen = opened(cell, plan, keys, seen)
        else:
            expected = wanted(cell, plan, keys, number)
        if seen != expected:
            wrong[cell.name] = (seen, expected)
    assert wrong == {}


def test_a_record_is_withheld_for_a_value_of_any_type(ran):
    cells, _, got = ran
    sent = {r["id"] for r in records(cells)}
    assert sent - set(got) == {list(TYPES).index(c.type) * 2 + 1 for c in cells if c.outcome == "withheld"}


def test_null_stays_null_under_every_mask(ran):
    assert {column for column, value in ran[2][EMPTY].items() if value is not None} == {"id"}


def test_no_masked_value_is_in_the_bytes_of_the_output(ran):
    cells, folder, _ = ran
    written = everything(folder, "open", "audit", "quarantine")
    for cell in cells:
        if cell.is_text and cell.outcome not in ("same", "withheld"):
            assert cell.value.encode() not in written, cell
