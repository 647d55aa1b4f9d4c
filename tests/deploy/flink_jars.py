"""What Flink's own jars say: which options there are, and how it divides a process's memory."""

import os
import struct
import subprocess
import sysconfig
import zipfile
from functools import cache
from pathlib import Path

import yaml

from jobs.local import find_java

FLINK = Path(sysconfig.get_path("purelib")) / "pyflink"
JARS = ["lib/flink-dist-*.jar", "lib/flink-table-api-java-uber-*.jar", "opt/flink-python-*.jar"]
RESULT = "BASH_JAVA_UTILS_EXEC_RESULT:"


@cache
def _options_classes() -> tuple[bytes, ...]:
    """Every class that declares options; Flink's names of them end so."""
    found = []
    for pattern in JARS:
        (jar,) = FLINK.glob(pattern)
        with zipfile.ZipFile(jar) as archive:
            names = [name for name in archive.namelist() if name.endswith("Options.class")]
            found += [archive.read(name) for name in names if name.startswith("org/apache/flink/")]
    return tuple(found)


def is_option(name: str) -> bool:
    """True if an options class of Flink holds exactly this text: one entry in its constant pool, length before text."""
    entry = b"\x01" + struct.pack(">H", len(name)) + name.encode()
    return any(entry in content for content in _options_classes())


def has_class(jar: Path, name: str) -> bool:
    with zipfile.ZipFile(jar) as archive:
        return f"{name.replace('.', '/')}.class" in archive.namelist()


def memory(what: str, options: dict[str, str], folder: Path) -> dict[str, str]:
    """What Flink's start scripts compute of a configuration: the options for memory that a process starts with.

    Args:
        what: GET_TM_RESOURCE_PARAMS or GET_JM_RESOURCE_PARAMS.
        options: the configuration.
        folder: an empty folder.
    """
    (folder / "config.yaml").write_text(yaml.safe_dump(options))
    jars = [FLINK / "bin" / "bash-java-utils.jar", *sorted((FLINK / "lib").glob("*.jar"))]
    command = [str(find_java() / "bin" / "java"), "-cp", os.pathsep.join(map(str, jars))]
    command += ["org.apache.flink.runtime.util.bash.BashJavaUtils", what, "--configDir", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.partition(RESULT)[2] for line in done.stdout.splitlines() if RESULT in line]
    words = " ".join(lines).split()
    pairs = [word.partition("=") for word in words if "=" in word]
    return {name.removeprefix("-D"): value for name, _, value in pairs} | {
        word[:4]: word[4:] for word in words if word.startswith(("-Xmx", "-Xms"))
    }
