"""A Flink cluster on this machine: one job manager and some task managers, from the installed apache-flink package.

The package has Flink's programs and lacks what ties them together, so a folder gets that: the configuration with this
cluster's addresses, links to jars and plugins, logs, process numbers, checkpoints. Two folders are two clusters.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jobs.certificates import make_store, trusting
from jobs.layout import (
    HOST,
    ClusterError,
    addresses,
    default_conf,
    flink_home,
    free_port,
    keeper_options,
    lay_out,
    tls_options,
    write_conf,
)
from jobs.local import find_java
from jobs.processes import JOB_MANAGER, TASK_MANAGER, ZOOKEEPER, all_marked, command, marked, order, service
from jobs.rest import RestError, get

REST_PORT, METRICS_PORT = 8081, 9250
STARTS, STOPS = 240.0, 15.0
"""Seconds that a start may take on a busy machine, and that a process has to end before it is killed."""

_MARK = "WEIR_CLUSTER"
"""An environment variable of every process of a cluster, Python workers too: by it they are told from others."""

_NOT_INHERITED = ("FLINK_", "PYFLINK_", "PYTHON", "VIRTUAL_ENV", "JVM_ARGS", "LOG4J_", "_FLINK_", _MARK)


@dataclass(frozen=True)
class Process:
    """One process of a cluster."""

    name: str
    pid: int
    alive: bool
    log: str
    metrics: str
    """Where Prometheus finds its metrics; empty if it has none."""


@dataclass(frozen=True)
class Status:
    """What a cluster says about itself."""

    rest: str
    """Address of the web UI and of the REST interface."""
    answers: bool
    processes: tuple[Process, ...]
    slots: int
    free_slots: int
    folder: str

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return asdict(self)


class Cluster:
    """A cluster by its folder. `start` makes one, `Cluster.open` finds one that was started before."""

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self._env = dict(os.environ if env is None else env)
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> "Cluster":
        """The cluster that was started in a folder.

        Raises:
            ClusterError: none was.
        """
        cluster = cls(Path(folder))
        if not cluster._state_file.is_file():
            raise ClusterError(f"{folder} must hold a cluster; it has none; next: weir cluster start --folder {folder}")
        return cluster

    @property
    def conf(self) -> Path:
        """Its configuration: FLINK_CONF_DIR for whoever talks to it."""
        return self.folder / "conf"

    @property
    def logs(self) -> Path:
        """Where its processes log."""
        return self.folder / "log"

    @property
    def rest(self) -> str:
        """Address of the web UI and of the REST interface, as `http://localhost:8081`."""
        return str(self._state()["rest"])

    @property
    def authority(self) -> Path | None:
        """The certificate (PEM) that a client of the REST interface must trust; None without TLS."""
        path = self.folder / "tls" / "ca.pem"
        return path if self.rest.startswith("https:") else None

    @property
    def pids(self) -> dict[str, int]:
        """The numbers of its processes that run, by name: `jobmanager`, `taskmanager-1`, …"""
        return {process.name: process.pid for process in self._processes() if process.alive}

    def client_environment(self) -> dict[str, str]:
        """The environment variables with which Flink's own programs (`flink`, `sql-client.sh`) talk to this cluster."""
        return {
            "FLINK_HOME": str(flink_home()),
            "FLINK_CONF_DIR": str(self.conf),
            "FLINK_LIB_DIR": str(self.folder / "lib"),
            "FLINK_PLUGINS_DIR": str(self.folder / "plugins"),
            "FLINK_OPT_DIR": str(self.folder / "opt"),
            "FLINK_LOG_DIR": str(self.logs),
            "FLINK_IDENT_STRING": "client",
            "JAVA_HOME": str(find_java()),
        }

    def status(self) -> Status:
        """What runs, and how many slots there are."""
        try:
            overview = self.get("/overview")
        except RestError:
            overview = None
        seen = overview or {}
        return Status(
            self.rest, overview is not None, tuple(self._processes()), int(seen.get("slots-total", 0)),
            int(seen.get("slots-available", 0)), str(self.folder),
        )  # fmt: skip

    def get(self, path: str) -> Any:
        """What the REST interface answers to a path, from JSON.

        Raises:
            RestError: it does not answer, or with an error.
        """
        return get(self.rest + path, trusting(self.authority))

    def start_jobmanager(self) -> int:
        """Start the job manager (again), and wait until it answers. Returns its process number.

        With high availability the jobs that ran go on from their last checkpoints; a new job manager that has none
        knows nothing of them.
        """
        pid = self._launch(JOB_MANAGER)
        self._wait(lambda: self.status().answers, [JOB_MANAGER])
        return pid

    def start_taskmanager(self, index: int | None = None) -> int:
        """Start a task manager, and wait until its slots are there. Returns its index.

        Args:
            index: which one; the first that does not run when it is not given.
        """
        running = self.pids
        index = index or next(i for i in range(1, len(running) + 2) if f"{TASK_MANAGER}-{i}" not in running)
        name = f"{TASK_MANAGER}-{index}"
        self._launch(name)
        self._wait(lambda: self._registered() >= {name}, [name])
        return index

    def mend(self) -> list[str]:
        """Start again every process that has ended, and wait until it is ready. Returns their names."""
        ended = sorted((process.name for process in self._processes() if not process.alive), key=order)
        for name in ended:
            self._launch(name)
        managers = {name for name in ended if name.startswith(TASK_MANAGER)}
        self._wait(lambda: self.status().answers and self._registered() >= managers, ended)
        return ended

    def kill_taskmanager(self, index: int) -> None:
        """Kill a task manager with SIGKILL, as a machine that loses power would."""
        self._kill(f"{TASK_MANAGER}-{index}")

    def kill_jobmanager(self) -> None:
        """Kill the job manager with SIGKILL."""
        self._kill(JOB_MANAGER)

    def stop(self) -> None:
        """End every process of it: first in order, then with force. A second call does nothing."""
        for name, pid in self.pids.items():
            if name != ZOOKEEPER:
                _send(pid, signal.SIGTERM)
        end = time.monotonic() + STOPS
        while self.pids.keys() - {ZOOKEEPER} and time.monotonic() < end:
            self._reap()
            time.sleep(0.1)
        # ZooKeeper is left, for job managers end with its help; and Python workers whose task manager was killed.
        for pid in all_marked(self._mark):
            _send(pid, signal.SIGKILL)
        while all_marked(self._mark):
            self._reap()
            time.sleep(0.05)
        self._reap()
        for path in self._pid_files():
            path.unlink()

    # --- how ---

    @property
    def _mark(self) -> str:
        return f"{_MARK}={self.folder}"

    @property
    def _state_file(self) -> Path:
        return self.folder / "cluster.json"

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self._state_file.read_text())
        return state

    def _pid_files(self) -> list[Path]:
        return sorted((self.folder / "pids").glob("*.pid"))

    def _processes(self) -> Iterable[Process]:
        metrics = self._state()["metrics"] if self._state_file.is_file() else {}
        for path in self._pid_files():
            name, pid = path.stem, int(path.read_text())
            place = f"{HOST}:{metrics[name]}" if name in metrics else ""
            yield Process(name, pid, marked(pid, self._mark), str(self._log(name)), place)

    def _log(self, name: str) -> Path:
        return self.logs / f"flink-{name}-{service(name)}-0-{HOST}.log"

    def _reap(self) -> None:
        for child in self._children.values():
            child.poll()

    def _registered(self) -> set[str]:
        """The names of the task managers that run and have given their slots to the job manager.

        One that has just registered has none yet. One that was killed stays registered until its heartbeat is missed,
        so each registration is told by the name that it has as its resource id.
        """
        try:
            managers = self.get("/taskmanagers")["taskmanagers"]
        except RestError:
            return set()
        ready = {manager["id"] for manager in managers if manager["slotsNumber"]}
        return {name for name, pid in self.pids.items() if f"{name}-{pid}" in ready}

    def _kill(self, name: str) -> None:
        pid = self.pids.get(name)
        if pid is None:
            raise ClusterError(f"{name} must run to be killed; it does not; running: {', '.join(self.pids) or 'none'}")
        _send(pid, signal.SIGKILL)
        while marked(pid, self._mark):
            self._reap()
            time.sleep(0.05)
        self._reap()

    def _metrics_port(self, name: str) -> int | None:
        """The port of a process's metrics; the same when it starts again, None without metrics."""
        state = self._state()
        if state["metrics_from"] is None:
            return None
        if name not in state["metrics"]:
            first = max([state["metrics_from"] - 1, *state["metrics"].values()]) + 1 if state["metrics_from"] else 0
            state["metrics"][name] = free_port(first)
            self._state_file.write_text(json.dumps(state, indent=2) + "\n")
        return int(state["metrics"][name])

    def _launch(self, name: str) -> int:
        if name in self.pids:
            raise ClusterError(f"{name} must not run yet; it does, as process {self.pids[name]}")
        own = {
            **self.client_environment(),
            "FLINK_IDENT_STRING": name,
            "FLINK_PID_DIR": str(self.folder / "pids" / name),
            # Flink's scripts put it into the names of logs.
            "HOSTNAME": HOST,
            "USER": self._env.get("USER", "weir"),
            _MARK: str(self.folder),
        }
        shutil.rmtree(own["FLINK_PID_DIR"], ignore_errors=True)
        inherited = {key: text for key, text in self._env.items() if not key.startswith(_NOT_INHERITED)}
        port = None if name == ZOOKEEPER else self._metrics_port(name)
        with (self.logs / f"{name}.out").open("ab") as out:
            child = subprocess.Popen(
                command(name, self.conf, port), cwd=self.folder, env={**inherited, **own},
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        self._children[name] = child
        (self.folder / "pids" / f"{name}.pid").write_text(f"{child.pid}\n")
        return child.pid

    def _wait(self, ready: Any, names: list[str]) -> None:
        end = time.monotonic() + STARTS
        while not ready():
            self._reap()
            gone = [name for name in names if name not in self.pids]
            if gone or time.monotonic() > end:
                name = (gone or names)[0]
                raise ClusterError(
                    f"{name} must start; it {'ended' if gone else 'did not answer in time'}; "
                    f"{self._log(name)} and {self.logs / name}.out say why"
                )
            time.sleep(0.3)


def start(
    folder: str | os.PathLike[str],
    conf: str | os.PathLike[str] | None = None,
    *,
    task_managers: int = 2,
    rest_port: int = REST_PORT,
    tls: bool = False,
    high_availability: bool = False,
    options: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
) -> Cluster:
    """Start a cluster, and wait until it has its slots.

    Args:
        folder: what it writes goes here; what an earlier cluster left (logs, checkpoints) stays.
        conf: the folder with `config.yaml` and the settings of the logs; the checkout's `flink-conf` if not given.
        task_managers: how many.
        rest_port: of the web UI and REST interface; 0 takes any free port, for the metrics too.
        tls: True for TLS between all of them and on the REST interface, with certificates made here.
        high_availability: True for a ZooKeeper beside them, in which the job manager keeps what it knows: one that was
            killed and started again brings the running jobs back, and so does a cluster that was stopped, when it is
            started in the same folder. ZooKeeper listens on this machine only; TLS does not cover it.
        options: Flink options, over those of `config.yaml`. `metrics.reporters` without `prom` in it opens no port.
        env: the environment of its processes; this process's if not given, without what belongs to Python and Flink.

    Raises:
        ClusterError: the folder has a running cluster, a port is taken, or a process does not start.
        jobs.local.JavaNotFound: there is no Java 17.
    """
    chosen = Path(conf) if conf else default_conf()
    if chosen is None or not (chosen / "config.yaml").is_file():
        raise ClusterError(
            f"--conf must be a folder with Flink's config.yaml; got {chosen or 'none'}; "
            "next: take flink-conf of Weir's sources"
        )
    cluster = Cluster(Path(folder), env)
    if cluster.pids:
        raise ClusterError(
            f"{folder} has a running cluster ({cluster.rest}); next: weir cluster stop --folder {folder}"
        )
    if rest_port and free_port(rest_port, tries=1) != rest_port:
        raise ClusterError(f"port {rest_port} must be free; another program listens there; next: --rest-port 0")
    lay_out(cluster.folder, chosen)
    port = rest_port or free_port()
    store = make_store(cluster.folder / "tls") if tls else None
    rest = f"{'https' if tls else 'http'}://{HOST}:{port}"
    metered = "prom" in (options or {}).get("metrics.reporters", "prom")
    metrics = (METRICS_PORT if rest_port else 0) if metered else None
    state: dict[str, Any] = {"rest": rest, "metrics": {}, "metrics_from": metrics}
    (cluster.folder / "cluster.json").write_text(json.dumps(state, indent=2) + "\n")
    own = addresses(cluster.folder, port) | tls_options(store) | keeper_options(cluster.folder, high_availability)
    write_conf(cluster.folder, chosen, own | dict(options or {}))
    managers = [f"{TASK_MANAGER}-{i}" for i in range(1, task_managers + 1)]
    names = [*([ZOOKEEPER] if high_availability else []), JOB_MANAGER, *managers]
    try:
        for name in names:
            cluster._launch(name)
        cluster._wait(lambda: cluster._registered() >= set(managers), names)
    except BaseException:
        cluster.stop()
        raise
    return cluster


def _send(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return
