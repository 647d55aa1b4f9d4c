"""The commands that run Flink, by the README's own words: its policy, its tables and its commands, on a local Flink."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from policy.compile import compile_plan
from policy.load import load_policy_text
from tests.jobs.cli import Weir
from udfs.catalog import installed

ROOT = Path(__file__).resolve().parents[2]
CARD, MAIL = "4111-1111-1111-1111", "ann.lee@example.com"
RECORDS = [
    {"customer": {"name": "Ann Lee"}, "note": f"card {CARD}, mail {MAIL}", "price": 10},
    {"customer": {"name": "Bo"}, "note": "nothing here"},
]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def weir(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "160", "PWD": str(folder)}
    command = [sys.executable, "-m", "jobs", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.parametrize("page", ["README.md", "docs/policy.md"])
def test_policies_of_the_documents_compile(page: str) -> None:
    policies = [block for block in blocks(ROOT / page, "yaml") if block.startswith("weir: 1")]
    assert policies
    for text in policies:
        assert compile_plan(load_policy_text(text), installed()).segments


@pytest.fixture
def here(readme: Path, monkeypatch: pytest.MonkeyPatch) -> Weir:
    """The command line in this process and the README's folder: with the Java that other tests have started."""
    monkeypatch.chdir(readme)
    runner = CliRunner(env={"COLUMNS": "160", "PWD": str(readme)})
    return lambda *words: runner.invoke(app, words)


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    """A folder with what the README has one write: a policy, tables, and records of one's own."""
    page = ROOT / "README.md"
    (policy,) = (block for block in blocks(page, "yaml") if block.startswith("weir: 1"))
    (tables,) = blocks(page, "sql")
    (tmp_path / "my-policy.yaml").write_text(policy)
    (tmp_path / "my-tables.sql").write_text(tables)
    lines = [json.dumps(record) for record in RECORDS] + ['{"broken": ']
    (tmp_path / "my-records.jsonl").write_text("".join(line + "\n" for line in lines))
    return tmp_path


def readme_commands(folder: Path) -> list[list[str]]:
    """The README's `weir …` commands on its own policy, in order, as words; those on a cluster are tested elsewhere."""
    text = "\n".join(blocks(ROOT / "README.md", "bash")).replace("\\\n", " ").replace("$PWD", str(folder))
    commands = [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("weir ")]
    return [words for words in commands if words[0] not in ("cluster", "submit")]


def written(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return [line for path in sorted(files) for line in path.read_text().splitlines()]


@pytest.mark.flink
def test_the_readme_leads_to_masked_segments(readme: Path) -> None:
    commands = readme_commands(readme)
    assert [words[0] for words in commands] == ["check", "explain", "try", "keys", "run"]
    for words in commands:
        done = weir(readme, *words)
        expected = 1 if words[0] == "try" else 0  # one record is broken
        assert done.returncode == expected, done.stderr
    assert "accounted for" in done.stdout
    billing, support = (written(readme / "out" / name) for name in ("billing", "support"))
    assert sorted(billing) == sorted(json.dumps(record) for record in RECORDS)
    assert len(support) == 2
    assert "xxxx-xxxx-xxxx-1111" in "".join(support)
    assert not [value for value in (CARD, MAIL, "Ann Lee") if value in "".join(support)]
    assert len(written(readme / "out" / "audit")) == 3
    assert len(written(readme / "out" / "quarantine")) == 1


@pytest.mark.flink
def test_run_segment_as_json(readme: Path, here: Weir) -> None:
    assert here("keys", "new", "weir.key").exit_code == 0
    words = next(words for words in readme_commands(readme) if words[0] == "run")
    done = here(*words, "--json", "--mode", "bounded")
    assert done.exit_code == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["records"], summary["quarantined"], summary["balanced"]) == (3, 1, True)
    assert {s["segment"]: (s["delivered"], s["denied"]) for s in summary["segments"]} == {
        "billing": (2, 0),
        "support": (2, 0),
    }


@pytest.mark.flink
def test_a_broken_run_ends_with_1(readme: Path, here: Weir) -> None:
    assert here("keys", "new", "weir.key").exit_code == 0
    words = next(words for words in readme_commands(readme) if words[0] == "run")
    gone = [word.replace("my-records.jsonl", "no-such-file.jsonl") for word in words]
    done = here(*gone)
    assert done.exit_code == 1
    assert "no-such-file.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
    (readme / "my-tables.sql").write_text("CREATE TABLE records (`line` BYTES) WITH ('connector' = 'datagen')")
    done = here(*words)
    assert done.exit_code == 1
    assert "my-tables.sql" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--set", "nonsense"], "--set must be NAME=VALUE"),
        (["--mode", "sideways"], "bounded"),
        (["--parallelism", "0"], "parallelism"),
        (["--jar", "none.jar"], "none.jar"),
    ],
    ids=["set", "mode", "parallelism", "jar"],
)
def test_a_wrong_option_ends_with_2_before_flink_starts(readme: Path, here: Weir, change: list[str], said: str) -> None:
    words = next(words for words in readme_commands(readme) if words[0] == "run")
    done = here(*words, *change)
    assert done.exit_code == 2
    assert said in done.stderr


def test_no_run_without_a_key_file_or_with_a_broken_policy(readme: Path, here: Weir) -> None:
    words = next(words for words in readme_commands(readme) if words[0] == "run")
    done = here(*words)
    assert done.exit_code == 1
    assert "weir.key" in done.stderr
    policy = readme / "my-policy.yaml"
    policy.write_text(policy.read_text().replace("{keep_last: 4}", "keep"))
    done = here(*words)
    assert done.exit_code == 1
    assert "in the clear" in done.stderr
    assert not (readme / "out").exists()


SCRIPT = """
SELECT mask(v, 'EMAIL_ADDRESS', 'support') AS masked, classify(v) AS level, mask_text(v) AS seen
FROM (VALUES ('ann.lee@example.com'), ('nothing')) AS t(v);
"""


@pytest.mark.flink
def test_sql_runs_a_script_with_the_functions(readme: Path, here: Weir) -> None:
    (readme / "script.sql").write_text(SCRIPT)
    assert here("keys", "new", "weir.key").exit_code == 0
    options = ["--policy", "my-policy.yaml", "--key-file", "weir.key", "--segment", "billing", "--json"]
    done = here("sql", "script.sql", *options)
    assert done.exit_code == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["level"], first["seen"]) == ("confidential", MAIL)
    assert first["masked"] != MAIL
    assert (second["level"], second["seen"]) == ("public", "nothing")


@pytest.mark.flink
def test_sql_says_where_a_script_is_wrong(readme: Path, here: Weir) -> None:
    (readme / "script.sql").write_text("SELECT 1;\n\nSELECT nothing FROM nowhere;\n")
    done = here("sql", "script.sql")
    assert done.exit_code == 1
    assert "script.sql:3" in done.stderr
    assert "Traceback" not in done.stderr
