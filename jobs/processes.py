"""The processes of a cluster: what they are called, and how Flink's scripts start them."""

from pathlib import Path

from jobs.layout import flink_home

JOB_MANAGER, TASK_MANAGER, ZOOKEEPER = "jobmanager", "taskmanager", "zookeeper"
"""Kinds; the name of a process is its kind, and a number where there are several: `taskmanager-2`."""

_SCRIPTS = {JOB_MANAGER: "jobmanager.sh", TASK_MANAGER: "taskmanager.sh"}
_SERVICES = {JOB_MANAGER: "standalonesession", ZOOKEEPER: ZOOKEEPER}
"""What Flink's scripts call a process in the name of its log; a task manager is a `taskexecutor`."""


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
