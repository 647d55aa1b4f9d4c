"""The topology: one scan and one call of the function, however many segments there are."""

import re
from pathlib import Path

import pytest

from jobs.local import environment
from jobs.tables import read_tables
from jobs.topology import build
from policy.compile import compile_plan
from policy.load import load_policy_text
from tests.flink.runs import filesystem, outputs
from udfs.catalog import installed

HEAD = "weir: 1\nname: many\nversion: 1\nentities: {CREDIT_CARD: regulated}\nsegments:\n"


@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("count", [1, 4, 8])
def test_one_scan_and_one_call(tmp_path: Path, count: int, bounded: bool) -> None:
    names = {f"s{i}": f"s{i}" for i in range(count)}
    segments = "".join(f"  {name}: {{clearance: internal, sink: {name}}}\n" for name in names)
    plan = compile_plan(load_policy_text(HEAD + segments), installed())
    source = filesystem("orders", "line BYTES, `file` STRING NOT NULL METADATA FROM 'file.path' VIRTUAL", "/none")
    text = "SET 'weir.document' = 'line'; SET 'weir.coordinates' = 'file';" + source + outputs(segments=names)
    (tmp_path / "tables.sql").write_text(text)
    t_env = environment(bounded=bounded)
    roles = read_tables(t_env, tmp_path / "tables.sql", plan, {"out": str(tmp_path)})
    statements, _ = build(t_env, plan, roles, "/none.key")
    explained = statements.explain().partition("== Optimized Execution Plan ==")[2]
    assert len(re.findall(r"\bTableSourceScan\(", explained)) == 1
    assert len(re.findall(r"\bPythonCalc\(", explained)) == 1
    assert len(re.findall(r"\bSink\(", explained)) == count + 2
