"""One archive for a cluster: Weir and every package that it needs to run, for machines that have nothing but Python.

It is made from what is installed here, so nothing is fetched, and what was tested is what runs. Flink unpacks it on
every task manager, and starts `bin/python` in it: a few lines of shell that call the machine's own Python with the
packages beside it. Flink's jars and what only developers need stay out.
"""

import hashlib
import os
import platform
import re
import shutil
import sys
import time
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from jobs import DISTRIBUTION

PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
"""What the archive runs on: its compiled packages are for this version only."""

EXTRAS = ("", "vault", "aws", "postgres")
"""The extras of Weir that a job may use; "" is none."""

EXTENSIONS = ("weir.recognizers", "spacy_models")
"""Groups of entry points. Who has one is part of what a policy can name, so it goes into the archive."""

_ROOMS = ("policy", "udfs", "jobs")
_ELSEWHERE = ("apache-flink-libraries",)  # Flink's jars: a cluster has them
_LEFT_OUT = {"tests", "__pycache__", "include"}
_DATE = (1980, 1, 1, 0, 0, 0)  # one date for every member, so that the same files give the same archive
_LAYOUT = "2"
"""Goes up when archives of the same packages come out otherwise, so that no older one is taken for current."""

_LAUNCHER = f"""\
#!/bin/sh
# This machine's Python, with the packages beside this file. WEIR_PYTHON names another {PYTHON} than that of the path.
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
python="${{WEIR_PYTHON:-{PYTHON}}}"
if ! command -v "$python" > /dev/null; then
    echo "Weir's archive needs {PYTHON} on the path of every task manager; or its path in WEIR_PYTHON" >&2
    exit 127
fi
export PYTHONPATH="$here/site-packages${{PYTHONPATH:+:$PYTHONPATH}}" PYTHONNOUSERSITE=1
exec "$python" "$@"
"""


class ArchiveError(Exception):
    """The archive cannot be made. The message says what is missing."""


@dataclass(frozen=True)
class Archive:
    """An archive that was made, or was there already."""

    path: str
    bytes: int
    seconds: float
    made: bool
    """False if it was there."""
    packages: int
    python: str

    @property
    def executable(self) -> str:
        """What `-pyexec` and `python.executable` must be when the archive is unpacked as `weir`."""
        return "weir/bin/python"

    @property
    def shipped(self) -> str:
        """What `-pyarch` and `python.archives` must be."""
        return f"{self.path}#weir"


def build(folder: str | os.PathLike[str]) -> Archive:
    """Make the archive, or find the one that was made of the same packages and the same Weir.

    Args:
        folder: where archives are kept. One of an older Weir is removed.

    Raises:
        ArchiveError: a package that is needed is not installed.
    """
    started = time.monotonic()
    home = Path(folder).resolve()
    home.mkdir(parents=True, exist_ok=True)
    packages = needed()
    own = sorted(_own(), key=lambda pair: pair[0])
    digest = _digest([_packages_key(packages), *(f"{name}:{_sha256(content)}" for name, content in own)])
    target = home / f"weir-{distribution(DISTRIBUTION).version}-{digest}.zip"
    made = not target.is_file()
    if made:
        part = _part(target)
        shutil.copyfile(_packages(home, packages), part)
        with zipfile.ZipFile(part, "a") as archive:
            for name, content in own:
                _add(archive, name, content)
        part.rename(target)
        for old in home.glob("weir-*.zip"):
            if old != target:
                old.unlink(missing_ok=True)
    seconds = time.monotonic() - started
    return Archive(str(target), target.stat().st_size, round(seconds, 1), made, len(packages), PYTHON)


def needed() -> list[Distribution]:
    """The installed packages that Weir and its extensions need to run, sorted by name; not Weir itself.

    Raises:
        ArchiveError: one is not installed.
    """
    found: dict[str, Distribution] = {}
    waiting = [(name, "Weir") for name in _required(distribution(DISTRIBUTION), EXTRAS)]
    for extension in distributions():
        if any(point.group in EXTENSIONS for point in extension.entry_points):
            waiting.append((_normal(extension.metadata["Name"]), "an entry point"))
    optional = _required(distribution(DISTRIBUTION), EXTRAS[1:])
    while waiting:
        name, whose = waiting.pop()
        if name in found or name in _ELSEWHERE or name == DISTRIBUTION:
            continue
        package = _installed(name)
        if package is None and name in optional:
            continue  # an extra that is not installed here
        if package is None:
            raise ArchiveError(f"package {name} must be installed, {whose} needs it; next: pip install {name}")
        found[name] = package
        waiting += [(needs, name) for needs in _required(package, ("",))]
    return [found[name] for name in sorted(found)]


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except ModuleNotFoundError:
        return None


def _required(package: Distribution, extras: Iterable[str]) -> list[str]:
    """Names of the packages that a package requires on this machine; extras in a requirement count as well."""
    names = []
    for text in package.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        wanted = any(marker.evaluate({"extra": extra}) for extra in extras) if marker else "" in extras
        if not wanted:
            continue
        names.append(_normal(requirement.name))
        if requirement.extras and (inner := _installed(requirement.name)):
            names += _required(inner, sorted(requirement.extras))
    return names


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _packages(home: Path, packages: list[Distribution]) -> Path:
    """The archive without Weir: it is large, and the same until a package changes."""
    target = home / f"packages-{_digest([_packages_key(packages)])}.zip"
    if target.is_file():
        return target
    part = _part(target)
    with zipfile.ZipFile(part, "w") as archive:
        _add(archive, "bin/python", _LAUNCHER.encode(), 0o755)
        for package in packages:
            for name, path in _files(package):
                # PyFlink starts its workers by a script, which must stay executable.
                mode = 0o755 if os.access(path, os.X_OK) else 0o644
                _add(archive, f"site-packages/{name}", path.read_bytes(), mode)
    for old in home.glob("packages-*.zip"):
        old.unlink(missing_ok=True)
    part.rename(target)
    return target


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}")


def _files(package: Distribution) -> Iterator[tuple[str, Path]]:
    """The files of a package that its code needs, with their names in its folder of packages."""
    for file in sorted(package.files or ()):
        path = Path(str(package.locate_file(file)))
        if ".." not in file.parts and not _LEFT_OUT & set(file.parts[:-1]) and path.is_file():
            yield file.as_posix(), path


def _own() -> Iterator[tuple[str, bytes]]:
    """Weir's files, from where they are imported here, and what `importlib.metadata` must know about it."""
    tree = Path(__file__).resolve().parent.parent
    for room in _ROOMS:
        for path in (tree / room).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"site-packages/{path.relative_to(tree).as_posix()}", path.read_bytes()
    package = distribution(DISTRIBUTION)
    folder = f"site-packages/{DISTRIBUTION.replace('-', '_')}-{package.version}.dist-info"
    yield f"{folder}/METADATA", f"Metadata-Version: 2.4\nName: {DISTRIBUTION}\nVersion: {package.version}\n".encode()


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int = 0o644) -> None:
    member = zipfile.ZipInfo(name, _DATE)
    member.external_attr = (0o100000 | mode) << 16
    # The fastest level: the archive is unpacked on every task manager for every job.
    archive.writestr(member, content, zipfile.ZIP_DEFLATED, compresslevel=1)


def _packages_key(packages: Iterable[Distribution]) -> str:
    names = (f"{_normal(package.metadata['Name'])}=={package.version}" for package in packages)
    return " ".join([_LAYOUT, PYTHON, platform.machine(), _sha256(_LAUNCHER.encode()), *names])


def _digest(parts: Iterable[Any]) -> str:
    return _sha256("\n".join(parts).encode())[:12]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
