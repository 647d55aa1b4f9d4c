"""The processes of a cluster: their names, how Flink's scripts start them, and which of a machine's they are."""

import os
import time
from pathlib import Path

from jobs.layout import flink_home

JOB_MANAGER, TASK_MANAGER, ZOOKEEPER = "jobmanager", "taskmanager", "zookeeper"
"""Kinds; the name of a process is its kind, and a number where there are several: `taskmanager-2`."""

_SCRIPTS = {JOB_MANAGER: "jobmanager.sh", TASK_MANAGER: "taskmanager.sh"}
_SERVICES = {JOB_MANAGER: "standalonesession", ZOOKEEPER: ZOOKEEPER}
"""What Flink's scripts call a process in the name of its log; a task manager is a `taskexecutor`."""

_STARTS = 0.5
"""Seconds for which a process without an environment is taken to start; those that have none at all are rare."""


def service(name: str) -> str:
    """What the name of a process's log calls it."""
    return _SERVICES.get(name, "taskexecutor")


def order(name: str) -> tuple[bool, bool, str]:
    """By it processes are sorted as they must start."""
    return name != ZOOKEEPER, name != JOB_MANAGER, name


def command(name: str, conf: Path, metrics: int | None) -> list[str]:
    """The command that becomes a process: each script replaces itself by the next, so that its number is Java's.

    Args:
        name: of the process.
        conf: the cluster's configuration.
        metrics: the port of its metrics; None without.
    """
    scripts, kind = flink_home() / "bin", name.partition("-")[0]
    if kind == ZOOKEEPER:
        # Not by zookeeper.sh, which stays: whoever killed that one left its Java, and no new one could start. The
        # peer is the number of the server in zoo.cfg.
        words = [str(scripts / "flink-console.sh"), ZOOKEEPER, "--zkConfigFile", str(conf / "zoo.cfg"), "--peerId", "1"]
        return ["env", "JVM_ARGS=-Xms128m -Xmx128m -Dzookeeper.jmx.log4j.disable=true", "bash", *words]
    words = ["bash", str(scripts / _SCRIPTS[kind]), "start-foreground"]
    if metrics is not None:
        words += ["-D", f"metrics.reporter.prom.port={metrics}"]
    if kind == TASK_MANAGER:
        words = ["bash", "-c", f'exec "$0" "$@" -D taskmanager.resource-id={name}-$$', *words]
    return words


def marked(pid: int, mark: str) -> bool:
    """True if a process runs whose environment has a mark. Its number alone may have gone to another process since.

    A process that becomes another program has no environment for a moment (1.5 in 100 were seen so right after their
    start), and is looked at until it has one; and bash, while it starts, writes a zero over the first `=` of each
    variable for a moment. What has ended, belongs to another user or is the kernel's own has no mark.

    Args:
        pid: the process's number.
        mark: a whole variable, `NAME=text`.

    >>> marked(os.getpid(), "WEIR_CLUSTER=/nowhere")
    False
    """
    forms = [b"\0" + text.encode() + b"\0" for text in (mark, mark.replace("=", "\0", 1))]
    end = time.monotonic() + _STARTS
    while True:
        try:
            os.readlink(f"/proc/{pid}/exe")  # what has ended and the kernel's own have no program
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False
        if environment or time.monotonic() > end:
            return any(form in b"\0" + environment for form in forms)
        time.sleep(0.001)


def all_marked(mark: str) -> list[int]:
    """The numbers of all processes that run and have the mark in their environment."""
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if marked(int(path.name), mark)]
