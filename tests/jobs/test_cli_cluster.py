"""`weir cluster` where no cluster is needed: what it says when there is none, and when the command line is wrong."""

from pathlib import Path

import pytest

from tests.jobs.cli import Weir


@pytest.mark.parametrize("words", [["status"], ["stop"], ["env"], ["status", "--json"]])
def test_without_a_cluster_it_says_how_to_start_one(weir: Weir, tmp_path: Path, words: list[str]) -> None:
    done = weir("cluster", *words, "--folder", tmp_path / "none")
    assert done.exit_code == 1
    assert "weir cluster start" in done.stderr


def test_a_wrong_option_ends_with_2_before_anything_starts(weir: Weir, tmp_path: Path) -> None:
    done = weir("cluster", "start", "--folder", tmp_path / "c", "-D", "nonsense")
    assert done.exit_code == 2 and "NAME=VALUE" in done.stderr
    assert not (tmp_path / "c").exists()


def test_a_folder_without_configuration_is_refused(weir: Weir, tmp_path: Path) -> None:
    done = weir("cluster", "start", "--folder", tmp_path / "c", "--conf", tmp_path)
    assert done.exit_code == 1 and "config.yaml" in done.stderr
    assert not (tmp_path / "c").exists()
