"""`weir sql` on a cluster, where none is needed: command lines that are wrong, and clusters that are not there."""

from pathlib import Path

import pytest

from tests.jobs.cli import SECRET, Weir


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.sql"
    path.write_text(f"SELECT '{SECRET}' AS v")
    return path


def test_a_script_or_init_and_not_both(weir: Weir, script: Path) -> None:
    for words in ([], [script, "--init"]):
        done = weir("sql", *words)
        assert done.exit_code == 2
        assert "weir sql report.sql" in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (["--jobmanager", "localhost"], "HOST:PORT"),
        (["--jobmanager", "localhost:port"], "HOST:PORT"),
        (["--cluster", "none"], "weir cluster start"),
        (["--jobmanager", "localhost:1"], "is the cluster running?"),
    ],
    ids=["no port", "no number", "no folder", "no answer"],
)
def test_without_its_cluster_nothing_is_run_or_made(
    weir: Weir, script: Path, tmp_path: Path, where: list[str], said: str
) -> None:
    done = weir("sql", script, *where, "--archives", tmp_path / "archives")
    assert done.exit_code == 1
    assert said in done.stderr
    assert SECRET not in done.output
    assert not (tmp_path / "archives").exists()


def test_init_refuses_a_password_before_anything_is_made(weir: Weir, tmp_path: Path) -> None:
    done = weir("sql", "--init", "--key-table", "postgresql://weir:hunter2@db/keys", "--archives", tmp_path / "made")
    assert done.exit_code == 1
    assert "password" in done.stderr
    assert "hunter2" not in done.output
    assert not (tmp_path / "made").exists()
