"""The example of an extension, installed from its sources into a folder of its own, and used by the command line."""

import doctest
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "examples" / "extension"
CARD = "AC12 3456 7890 92"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the extension was installed into, from a copy: a build leaves files beside its sources."""
    folder = tmp_path_factory.mktemp("extension")
    shutil.copytree(EXTENSION, folder / "sources")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    done = subprocess.run(
        [*pip, "--target", str(folder / "site"), str(folder / "sources")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "site"


def run(site: Path | None, *words: object, given: str = "") -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(folder) for folder in (site, ROOT) if folder)
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def weir(site: Path | None, *words: object, given: str = "") -> subprocess.CompletedProcess[str]:
    return run(site, "-m", "jobs", *words, given=given)


def test_it_is_listed_with_its_package(installed: Path) -> None:
    done = weir(installed, "recognizers", "--source", "weir-acme", "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["name"], row["entity"], row["source"]) == ("AcmeLoyaltyCard", "ACME_LOYALTY_CARD", "weir-acme")


def test_everything_about_it_is_told(installed: Path) -> None:
    page = weir(installed, "recognizers", "AcmeLoyaltyCard").stdout
    for part in ("source: weir-acme", "with check digits", "context: loyalty, acme, card", "Leaves alone: wrong check"):
        assert part in page


def test_its_policy_compiles_and_finds_it(installed: Path) -> None:
    policy = EXTENSION / "policy.yaml"
    lines = f'{{"note": "my card is {CARD}"}}\n{{"note": "my card is AC12 3456 7890 93"}}\n'
    done = weir(installed, "findings", "--policy", policy, given=lines)
    found, nothing = (json.loads(line)["findings"] for line in done.stdout.splitlines())
    assert [(f["path"], f["start"], f["end"], f["detector"]) for f in found] == [("note", 11, 28, "AcmeLoyaltyCard")]
    assert nothing == []


START = """
import sys
from policy.plan import Plan
from udfs.engine import Engine
from udfs.keys import Keys
Engine(Plan.from_json(sys.stdin.read()), Keys.of(bytes(32)), ["record"], document=True)
"""
PLAN = """
import sys
from policy.compile import compile_plan
from policy.load import load_policy
from udfs.catalog import installed
print(compile_plan(load_policy(sys.argv[1]), installed()).to_json().decode())
"""


def test_a_machine_without_it_refuses_to_start(installed: Path) -> None:
    plan = run(installed, "-c", PLAN, EXTENSION / "policy.yaml")
    assert plan.returncode == 0, plan.stderr
    without = run(None, "-c", START, given=plan.stdout)
    assert without.returncode != 0
    assert "LookupError: policy acme version 1 needs recognizers that are not installed: AcmeLoyaltyCard" in (
        without.stderr
    )


def test_without_it_its_policy_does_not_compile() -> None:
    done = weir(None, "check", EXTENSION / "policy.yaml")
    assert done.returncode == 1
    assert "unknown entity 'ACME_LOYALTY_CARD'" in done.stderr


@pytest.mark.long  # runs them twice, each with a start of their own
def test_its_own_tests_pass_and_can_fail(installed: Path, tmp_path: Path) -> None:
    tests = shutil.copytree(EXTENSION / "tests", tmp_path / "tests")
    pytest_ = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull, tests)
    done = run(installed, *pytest_)
    assert done.returncode == 0, done.stdout
    cases = tests / "cases.yaml"
    cases.write_text(cases.read_text().replace("- AC123456789093", "- AC123456789092"))
    assert run(installed, *pytest_).returncode == 1


def test_its_examples_hold() -> None:
    spec = importlib.util.spec_from_file_location("loyalty", EXTENSION / "weir_acme" / "loyalty.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    outcome = doctest.testmod(module)
    assert (outcome.attempted, outcome.failed) == (1, 0)
