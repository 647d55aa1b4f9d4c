"""With high availability a job outlives its job manager."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.cluster import Cluster, start
from tests.cluster.command import RECORDS, given, put, submit, wait, weir
from tests.flink.runs import DOCUMENTS, lines_of
from tests.waiting import until

pytestmark = pytest.mark.long

ROLLED = (
    "'format'=",
    "'sink.rolling-policy.rollover-interval'='1 s', 'sink.rolling-policy.check-interval'='1 s', 'format'=",
)
ENDLESS = DOCUMENTS.replace("'${in}'", "'${in}', 'source.monitor-interval'='1 s'").replace(*ROLLED)
"""A stream that waits for more files, and whose outputs appear with each checkpoint."""

ANY_ADDRESS = ("0" * 8, "0" * 32)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str]) -> Iterator[Cluster]:
    options = {"taskmanager.memory.process.size": "1600m"}
    folder = tmp_path_factory.mktemp("available")
    running = start(folder, rest_port=0, task_managers=1, high_availability=True, options=options, env=bare)
    yield running
    running.stop()


def open_ports(pid: int) -> tuple[set[int], set[int]]:
    """Where a process listens: on this machine alone, and on all addresses."""
    sockets = {os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()}
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    places = [words[1].split(":") for words in lines if words[3] == "0A" and f"socket:[{words[9]}]" in sockets]
    found: tuple[set[int], set[int]] = set(), set()
    for address, port in places:
        found[address in ANY_ADDRESS].add(int(port, 16))
    return found


def test_only_metrics_can_be_reached_from_other_machines(cluster: Cluster) -> None:
    """Flink's reporter for Prometheus takes a port and no address."""
    for process in cluster.status().processes:
        here, anywhere = open_ports(process.pid)
        assert here, process.name
        assert anywhere == ({int(process.metrics.rpartition(":")[2])} if process.metrics else set()), process.name


def test_a_cluster_without_metrics_is_for_this_machine_alone(tmp_path: Path, bare: dict[str, str]) -> None:
    options = {"taskmanager.memory.process.size": "1600m", "metrics.reporters": "none"}
    alone = start(tmp_path, rest_port=0, task_managers=1, options=options, env=bare)
    try:
        found = {process.name: (process.metrics, open_ports(process.pid)[1]) for process in alone.status().processes}
        assert found == {"jobmanager": ("", set()), "taskmanager-1": ("", set())}
    finally:
        alone.stop()


def test_what_holds_the_options_of_tables_is_its_owners_alone(cluster: Cluster) -> None:
    assert (cluster.folder / "ha").stat().st_mode & 0o777 == 0o700


def test_a_job_goes_on_when_the_job_manager_was_killed(
    cluster: Cluster, archives: Path, key_file: Path, tmp_path: Path
) -> None:
    words = given(tmp_path, files=3, tables=ENDLESS)
    job = submit(cluster, [*words, "--key-file", key_file], archives)
    until(lambda: len(lines_of(tmp_path, "audit")) == RECORDS, "each record must have an event")
    before = cluster.pids
    cluster.kill_jobmanager()
    cluster.start_jobmanager()
    assert cluster.pids["taskmanager-1"] == before["taskmanager-1"]
    assert cluster.pids["jobmanager"] != before["jobmanager"]
    put(tmp_path, range(RECORDS, RECORDS + 10))
    wait(cluster, job, "RUNNING")
    assert cluster.get(f"/jobs/{job}/checkpoints")["latest"]["restored"]["id"] > 0
    until(lambda: len(lines_of(tmp_path, "audit")) >= RECORDS + 10, "the job must go on")
    for segment in ("vault", "support"):
        numbers = Counter(json.loads(line)["n"] for line in lines_of(tmp_path, segment))
        assert numbers == Counter(range(RECORDS + 10))


def test_zookeeper_is_one_of_its_processes_and_comes_back_when_it_was_killed(cluster: Cluster) -> None:
    (keeper,) = [process for process in cluster.status().processes if process.name == "zookeeper"]
    assert keeper.alive
    assert not keeper.metrics
    assert Path(keeper.log).is_file()
    (port,) = open_ports(keeper.pid)[0]
    os.kill(keeper.pid, signal.SIGKILL)
    until(lambda: "zookeeper" not in cluster.pids, "it must be seen to be gone")
    assert json.loads(weir("cluster", "mend", "--folder", cluster.folder, "--json").stdout)["started"] == ["zookeeper"]
    assert cluster.pids["zookeeper"] != keeper.pid
    until(lambda: port in open_ports(cluster.pids["zookeeper"])[0], "the new one must listen where the old one did")
