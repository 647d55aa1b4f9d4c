"""A cluster starts, answers, is told from others, and stops."""

import json
import os
from pathlib import Path

import pytest

from jobs.cluster import Cluster
from tests.cluster.command import weir

pytestmark = pytest.mark.long


def test_it_has_its_processes_and_slots(cluster: Cluster) -> None:
    status = cluster.status()
    assert status.answers
    assert [process.name for process in status.processes] == ["jobmanager", "taskmanager-1", "taskmanager-2"]
    assert all(process.alive for process in status.processes)
    assert status.slots == 4


def test_it_listens_on_this_machine_only(cluster: Cluster) -> None:
    places = {manager["path"] for manager in cluster.get("/taskmanagers")["taskmanagers"]}
    assert len(places) == 2
    assert all("@localhost:" in place for place in places)


def test_the_command_line_says_what_runs(cluster: Cluster) -> None:
    done = weir("cluster", "status", "--folder", cluster.folder, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["rest"] == cluster.rest
    assert {process["pid"] for process in said["processes"]} == set(cluster.pids.values())


def test_a_folder_has_one_cluster(cluster: Cluster) -> None:
    done = weir("cluster", "start", "--folder", cluster.folder, "--rest-port", "0")
    assert done.returncode == 1
    assert "has a running cluster" in done.stderr
    assert cluster.rest in done.stderr


def test_a_folder_without_a_cluster_is_refused(tmp_path: Path) -> None:
    done = weir("cluster", "stop", "--folder", tmp_path)
    assert done.returncode == 1
    assert "weir cluster start" in done.stderr
    assert not os.listdir(tmp_path)


def test_a_task_manager_that_is_killed_is_told_and_replaced(cluster: Cluster) -> None:
    before = cluster.pids
    cluster.kill_taskmanager(2)
    assert "taskmanager-2" not in cluster.pids
    assert weir("cluster", "status", "--folder", cluster.folder).returncode == 1
    done = weir("cluster", "mend", "--folder", cluster.folder, "--json")
    assert json.loads(done.stdout)["started"] == ["taskmanager-2"], done.stderr
    assert cluster.pids["taskmanager-2"] != before["taskmanager-2"]
    assert cluster.pids["taskmanager-1"] == before["taskmanager-1"]
