"""The clinic: every command of its README runs as it stands there, and does what the README says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CLINIC = Path(__file__).parents[2] / "examples" / "clinic"
MARK = "-- next --"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each block of commands printed."""
    folder = tmp_path_factory.mktemp("clinic") / "clinic"
    shutil.copytree(CLINIC, folder, ignore=shutil.ignore_patterns("out"))
    blocks = re.findall(r"```bash\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    script = f"\necho '{MARK}'\n".join(["set -eu", *blocks])
    scripts = os.path.dirname(sys.executable)
    path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "FLINK_LOG_DIR": str(folder / "logs"), "COLUMNS": "200"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split(f"{MARK}\n")


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_the_views_are_what_the_readme_says(printed: list[str]) -> None:
    tried, masked = printed[1], printed[2]
    assert all(word in tried for word in ("research", "desk", "1980s", "SW1A", "203.0.0.0/16"))
    desk = lines(masked)
    assert len(desk) == 3 and all(row["patient"]["name"].startswith("wr1.") for row in desk)
    assert desk[0]["patient"]["name"] == desk[2]["patient"]["name"] != desk[1]["patient"]["name"]
    assert all(re.fullmatch(r"\d{3}-\d\d-\d{4}", row["patient"]["ssn"]) for row in desk)
    assert desk[0]["paid"].startswith("4111 11") and desk[0]["paid"] != "4111 1111 1111 1111"
    assert "Ann" not in masked and "219-09-9999" not in masked


def test_without_a_grant_nothing_comes_back(printed: list[str]) -> None:
    assert [(e["outcome"], e["reason"]) for e in lines(printed[3])] == [("refused", "no-grant")] * 3


def test_with_a_grant_so_many_names_come_back(printed: list[str]) -> None:
    rows = lines(printed[4])
    opened, events = [r for r in rows if "name" in r], [r for r in rows if r.get("event") == "unmask"]
    assert [r["name"] for r in opened] == ["Ann Lee", "BOB RAY"]
    reasons = [e["reason"] for e in events if e["grant"]]
    assert sorted(map(str, reasons)) == ["None", "None", "used-up"]


def test_who_was_forgotten_does_not_come_back(printed: list[str]) -> None:
    rows = lines(printed[5])
    (erased,) = [r for r in rows if r.get("event") == "erase"]
    assert (erased["outcome"], erased["keys"], erased["scopes"]) == ("erased", 1, ["segment:desk"])
    assert [r["name"] for r in rows if "name" in r] == ["BOB RAY"]
