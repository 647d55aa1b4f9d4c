"""The segment job on a real cluster, and the blows that fall on it."""

import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from string import Template
from typing import TypeVar

from examples.kafka.servers.broker import Broker
from examples.kafka.servers.client import Client
from examples.kafka.servers.process import write_secret
from examples.kafka.shop import POLICY, TABLES
from jobs.cluster import Cluster
from jobs.layout import flink_home
from jobs.rest import RestError
from udfs.keys import Keyring, new_root, write_keyring

ROOT = Path(__file__).resolve().parents[2]

PATIENCE = 600.0
"""Seconds without any progress after which a run has failed."""

UNLABELLED = re.compile(r"(CREATE TABLE (?:marketing_orders|telemetry_clean))\n")
LABELS = r"\1 (`headers` MAP<STRING, BYTES> METADATA)\n"
"""The example's tables without labels, which name the policy of each message; and what gives them some."""

STRICTER = [
    ("version: 7\n", "version: 8\n"),
    ("      IBAN_CODE: {hash: {}}\n", "      IBAN_CODE: {hash: {}}\n      EMAIL_ADDRESS: {hash: {}}\n"),
]
"""What the next version of the example's policy says instead: fraud loses sight of mail addresses."""


RUNS = "the job must run"

T = TypeVar("T")
"""What is waited for."""


class ChaosError(Exception):
    """A run did not come to its end."""


def stricter(folder: Path) -> Path:
    """Write the next version of the example's policy into a folder. Returns its path."""
    text = POLICY.read_text()
    for old, new in STRICTER:
        if text.count(old) != 1:
            raise ChaosError(f"{POLICY.name} must have {old.strip()!r} once, to be made stricter there")
        text = text.replace(old, new)
    path = folder / "stricter.yaml"
    path.write_text(text)
    return path


class Job:
    """The segment job on a cluster, through Flink's own client."""

    def __init__(self, folder: Path, cluster: Cluster, client: Client) -> None:
        self.cluster, self._folder, self.id = cluster, folder, ""
        self.keyring = Keyring.of(new_root())
        self._key = folder / "chaos.key"
        write_keyring(self._key, self.keyring)
        text = Template(UNLABELLED.sub(LABELS, TABLES.read_text())).substitute(client.variables())
        # With the password in it; a command line could be read by everybody on the machine.
        self._tables = write_secret(folder / "tables.sql", text)
        self._code = _archive(folder / "weir.zip")

    @property
    def savepoints(self) -> Path:
        """Where its savepoints lie."""
        return self._folder / "savepoints"

    def start(self, policy: Path, parallelism: int, savepoint: str | None = None) -> None:
        """Hand it to the cluster, from the beginning or from a savepoint."""
        said = self._flink(
            "run", "-d", "-p", str(parallelism), *(["-s", savepoint] if savepoint else []),
            "-pyexec", sys.executable, "-pyclientexec", sys.executable,
            "-pyfs", str(self._code), "-py", str(ROOT / "jobs" / "segment.py"),
            "--policy", str(policy), "--tables", str(self._tables), "--key-file", str(self._key),
        )  # fmt: skip
        self.id = _found(r"JobID ([0-9a-f]{32})", said)

    def stop(self) -> str:
        """Stop it with a savepoint. Returns the savepoint's address."""
        said = self._flink("stop", "--savepointPath", str(self.savepoints), self.id)
        return _found(r"Savepoint completed. Path: (\S+)", said)

    def failures(self) -> int:
        """How often it broke since its job manager has known it."""
        return len(self.cluster.get(f"/jobs/{self.id}/exceptions")["exceptionHistory"]["entries"])

    def machine(self) -> tuple[int, int] | None:
        """The index and the process number of a task manager that it runs on; None if not all its tasks run."""
        said = self.cluster.get(f"/jobs/{self.id}")
        if said["state"] != "RUNNING" or any(one["status"] != "RUNNING" for one in said["vertices"]):
            return None
        tasks = self.cluster.get(f"/jobs/{self.id}/vertices/{said['vertices'][0]['id']}")["subtasks"]
        index, process = map(int, tasks[0]["taskmanager-id"].split("-")[1:])
        return index, process

    def _flink(self, *words: str) -> str:
        clean = {
            k: v for k, v in os.environ.items() if not k.startswith(("FLINK_", "PYFLINK_", "LOG4J_", "PYTHONPATH"))
        }
        env = {"USER": "weir", **clean, **self.cluster.client_environment()}
        command = ["bash", str(flink_home() / "bin" / "flink"), *words]
        ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
        if ran.returncode:
            raise ChaosError(f"flink {words[0]} must succeed; it said: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return ran.stdout


def _found(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    if not found:
        raise ChaosError(f"Flink's client must say {pattern}; it said: {said[-2000:]}")
    return found[1]


def _archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in (file for room in ("policy", "udfs", "jobs") for file in (ROOT / room).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(ROOT))
    return path


# --- the blows; each returns how often the job broke by it ---


def kill_worker(job: Job) -> int:
    """Kill a Python worker of the job with SIGKILL."""
    _, machine = until(job.machine, RUNS)
    running = _workers(machine)
    if not running:
        raise ChaosError("a Python worker must run to be killed; none does")
    return _broken(job, lambda: os.kill(running[0], signal.SIGKILL))


def kill_task_manager(job: Job) -> int:
    """Kill a task manager of the job with SIGKILL, and start one in its place."""
    index, _ = until(job.machine, RUNS)

    def replace() -> None:
        job.cluster.kill_taskmanager(index)
        job.cluster.start_taskmanager()

    return _broken(job, replace)


def restart_job_manager(job: Job) -> int:
    """Kill the job manager with SIGKILL, and start it again. It finds the job by itself, which goes on under its id."""
    job.cluster.kill_jobmanager()
    job.cluster.start_jobmanager()
    until(job.machine, RUNS)
    return 1


def restart_broker(broker: Broker, seconds: float) -> int:
    """Stop the broker, and start it on its data after some seconds. A job can bear that without a failure."""
    broker.stop()
    time.sleep(seconds)
    broker.start()
    return 0


def resume(job: Job, policy: Path) -> int:
    """Stop the job with a savepoint, and go on from it with one task where there were two, by another policy."""
    job.start(policy, 1, job.stop())
    return 0


def _workers(machine: int) -> list[int]:
    """The Python workers of a task manager; some that it does not know of may be left of one that was killed."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or is another user's
            words = (path / "cmdline").read_bytes().split(b"\0")
            if b"python" in words[0] and b"pyflink.fn_execution.beam.beam_boot" in words:
                found.append(int(path.name))
    return [worker for worker in found if machine in _above(worker)]


def _above(process: int) -> Iterator[int]:
    """The processes that a process descends from."""
    while process > 1:
        try:
            # The name before it, in brackets, may hold anything.
            process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return
        yield process


def _broken(job: Job, blow: Callable[[], None]) -> int:
    """Strike, and wait until the job has noticed: what comes out after that came out of a job that went on."""
    before = until(lambda: (job.failures(),), RUNS)[0]
    blow()
    return until(lambda: job.failures() - before, "the job must break when a part of it is killed")


def until(asked: Callable[[], T | None], what: str) -> T:
    """Ask the job manager, which need not answer each time, until there is something. Returns it.

    Raises:
        ChaosError: there is nothing in time.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(RestError):
            if found := asked():
                return found
        time.sleep(0.2)
    raise ChaosError(f"{what}; it does not within {PATIENCE:g} s")
