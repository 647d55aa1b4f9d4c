"""Fetches the jars that the poms name, and checks every one: `make jars` runs it.

Maven fetches into a folder beside the final one. Only when every file is the one that `jars.sha256` names do they take
their places, so a wrong file is never run.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

from jobs.local import JavaNotFound, find_java

HERE = Path(__file__).resolve().parent
JARS = HERE / "jars"
SUMS = HERE / "jars.sha256"
ARCHIVES = "registry"
"""The folder whose archive is unpacked."""

FETCHES = (
    ("flink", "pom.xml", ["-DexcludeTransitive=true"]),
    ("kafka", "kafka/pom.xml", ["-DincludeScope=runtime", "-DexcludeTypes=tar.gz"]),
    (ARCHIVES, "kafka/pom.xml", ["-DincludeTypes=tar.gz"]),
)
"""Folder, pom, and which of its dependencies go there."""


class JarsError(Exception):
    """Jars cannot be fetched, or are not the right ones. The message says what to do."""


def main(words: list[str] | None = None) -> int:
    """Fetches, checks, puts in place. Returns the exit code."""
    options = argparse.ArgumentParser(prog="jars", description=(__doc__ or "").partition("\n")[0])
    options.add_argument(
        "--write", action="store_true", help="write jars.sha256 from what Maven fetched: after a pom changed"
    )
    given = options.parse_args(words)
    try:
        fetch(JARS, SUMS, write=given.write)
    except (JarsError, JavaNotFound) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def fetch(jars: Path, sums: Path, *, write: bool = False) -> None:
    """Fetches every jar into a folder.

    Args:
        jars: the folder; what was in it is replaced.
        sums: the file of checksums.
        write: True to write that file instead of checking against it.

    Raises:
        JarsError: Maven is missing or failed, or a file is not the right one.
        JavaNotFound: there is no Java 17 for Maven.
    """
    new = jars.with_name(jars.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    for folder, pom, which in FETCHES:
        print(f"fetching {jars.name}/{folder}", file=sys.stderr)
        _maven(HERE / pom, new / folder, which)
    if write:
        sums.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums_of(new).items())))
    check(new, sums)
    unpack(new / ARCHIVES)
    shutil.rmtree(jars, ignore_errors=True)
    new.rename(jars)


def check(folder: Path, sums: Path) -> None:
    """Compare every file of a folder with the checksums.

    Raises:
        JarsError: a file is missing, is another, or is not named.
    """
    found, wanted = sums_of(folder), read_sums(sums)
    wrong = [f"{name} must have another SHA-256; it has {found[name]}" for name in _shared(found, wanted)]
    wrong += [f"{name} is not named in {sums.name}" for name in sorted(set(found) - set(wanted))]
    wrong += [f"{name} is named in {sums.name} and was not fetched" for name in sorted(set(wanted) - set(found))]
    if wrong:
        raise JarsError(
            "\n".join(f"{folder}: {line}" for line in wrong)
            + "\nA download was cut short, or somebody changed a file: remove it from ~/.m2/repository and "
            "run `make jars` again. If you changed a pom, run `python flink-conf/jars.py --write`, "
            "and look at the changes."
        )


def sums_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below a folder, by its path in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files}


def read_sums(path: Path) -> dict[str, str]:
    """The checksums of a file in the form of `sha256sum`: path to SHA-256."""
    pairs = (line.split(maxsplit=1) for line in path.read_text().splitlines())
    return {name: digest for digest, name in pairs}


def unpack(folder: Path) -> None:
    """Put what the archives of a folder hold in their place."""
    for archive in sorted(folder.glob("*.tar.gz")):
        with tarfile.open(archive) as content:
            # Before Python 3.10.12 and 3.11.4 there are no filters; what the archive holds is known by its SHA-256.
            content.extraction_filter = getattr(tarfile, "data_filter", None)
            content.extractall(folder)
        archive.unlink()


def _shared(found: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    return sorted(name for name in set(found) & set(wanted) if found[name] != wanted[name])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _maven(pom: Path, folder: Path, which: list[str]) -> None:
    """Have Maven copy the dependencies of a pom into a folder."""
    command = [maven(), "-B", "-q", "-Dstyle.color=never", "-f", str(pom), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={folder}", *which]
    done = subprocess.run(command, env=os.environ | {"JAVA_HOME": str(find_java())}, check=False)
    if done.returncode:
        raise JarsError(
            f"{pom}: Maven could not fetch what it names (its words are above); "
            "next: check the network, or name your mirror in ~/.m2/settings.xml, and run `make jars` again"
        )


def maven() -> str:
    """The path of `mvn`. Where it is missing, and this is root on a Debian or Ubuntu, it is installed.

    Raises:
        JarsError: there is none, and it can't be installed from here.
    """
    if shutil.which("mvn") is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("installing Maven with apt-get", file=sys.stderr)
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "maven"]):
            subprocess.run(["apt-get", *words], stdout=sys.stderr, check=False)
    found = shutil.which("mvn")
    if found is None:
        raise JarsError("Maven must be installed to fetch the jars; next: `apt-get install maven`, or brew, dnf, sdk")
    return found


if __name__ == "__main__":
    sys.exit(main())
