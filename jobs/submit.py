"""Hands a job to a running cluster through Flink's own client, `flink run`."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

from jobs.archive import Archive
from jobs.client import Client
from udfs.keys import absolute

_JOB = re.compile(r"JobID ([0-9a-f]{32})")
_TRACE = re.compile(r"^(org\.apache\.flink\.|java\.|Caused by: |\s+at |-{10})")
_NOT_INHERITED = ("FLINK_", "PYFLINK_", "PYTHONPATH", "_FLINK_")


class NotSubmitted(Exception):
    """The client refused the job, or the cluster did. The message has the errors of policy and tables, and no data."""


@dataclass(frozen=True)
class Submitted:
    """A job that a cluster took."""

    job: str
    """Its id."""
    web: str
    """Its page in the web UI."""

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return asdict(self)


def segment_words(
    policy: str | os.PathLike[str],
    tables: str | os.PathLike[str],
    key_file: str | os.PathLike[str],
    *,
    key_table: str | None = None,
    variables: Mapping[str, str] | None = None,
    mode: str = "streaming",
    parallelism: int | None = None,
    jars: Sequence[str | os.PathLike[str]] = (),
) -> list[str]:
    """The segment job's command line; its paths are absolute, for Flink's client runs it in a folder of its own.

    >>> segment_words("/p.yaml", "/t.sql", "env:WEIR_KEY", parallelism=2)[-4:]
    ['--mode', 'streaming', '--parallelism', '2']
    """
    words = ["--policy", os.path.abspath(policy), "--tables", os.path.abspath(tables), "--key-file", absolute(key_file)]
    words += ["--key-table", key_table] if key_table else []
    for name, value in (variables or {}).items():
        words += ["--set", f"{name}={value}"]
    for jar in jars:
        words += ["--jar", os.path.abspath(jar)]
    words += ["--mode", mode]
    return [*words, "--parallelism", str(parallelism)] if parallelism else words


def submit(client: Client, archive: Archive, job: str, words: Sequence[str], savepoint: str | None = None) -> Submitted:
    """Hand a job to a cluster, and come back when the cluster has it.

    The client runs the job's program on this machine: it reads policy and tables, and stops at their errors. Only then
    is anything sent.

    Args:
        client: the way to the cluster.
        archive: what its task managers run.
        job: the job's module, as `jobs.segment`.
        words: the job's command line.
        savepoint: where to go on: a folder or an address of a savepoint, or of a checkpoint that was retained.

    Raises:
        NotSubmitted: errors in policy or tables, or the cluster did not take it.
    """
    program = find_spec(job)
    if program is None or program.origin is None:
        raise NotSubmitted(f"{job} must be a module; there is none")
    command = [
        "bash", f"{client.environment['FLINK_HOME']}/bin/flink", "run", "-d", *_from(savepoint),
        "-pyarch", archive.shipped,
        "-pyexec", archive.executable, "-pyclientexec", sys.executable, "-py", program.origin, *words,
    ]  # fmt: skip
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    done = subprocess.run(
        command, env=inherited | dict(client.environment), capture_output=True, text=True, check=False
    )  # fmt: skip
    found = _JOB.search(done.stdout)
    if done.returncode or found is None:
        # Flink's client writes what the program said, errors too, to its standard output.
        said = _reason(done.stdout) or _reason(done.stderr)
        raise NotSubmitted(said or f"Flink's client failed; see {client.environment['FLINK_LOG_DIR']}")
    return Submitted(found[1], f"{client.rest}/#/job/running/{found[1]}")


def _from(savepoint: str | None) -> list[str]:
    """The client's words; the job manager, which opens a savepoint, has another working folder.

    >>> _from(None), _from("s3://weir/savepoint-1")
    ([], ['-s', 's3://weir/savepoint-1'])
    """
    if savepoint is None:
        return []
    return ["-s", savepoint if ":" in savepoint else os.path.abspath(savepoint)]


def _reason(output: str) -> str:
    """What the job's program said, without Java's account of how it ended."""
    lines = output.splitlines()
    ours = next((number for number, line in enumerate(lines) if _TRACE.match(line)), len(lines))
    return "\n".join(line for line in lines[:ours] if line and not line.startswith(("WARNING", "Picked up", "SLF4J")))
