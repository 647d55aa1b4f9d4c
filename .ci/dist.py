"""Build what ships into dist/ and check it: the wheel, the source archive, one zip for a cluster (`flink run -pyfs`).

The check is on the files that were built, not on the tree: their contents are compared with the tree, the wheel is
installed into an empty environment, and both the wheel and the zip are imported from there.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
PACKAGES = ("policy", "udfs", "jobs")
DATA = ("*.py", "*.yaml", "*.sql", "py.typed")
EPOCH = (1980, 1, 1, 0, 0, 0)  # one date for every member, so that the same sources give the same zip
IMPORTS = """import importlib, pathlib, sys
home = pathlib.Path(sys.argv[1]).resolve()
for name in ("policy", "policy.load", "policy.schema", "udfs", "udfs.engine", "jobs", "jobs.cli"):
    where = pathlib.Path(importlib.import_module(name).__file__).resolve()
    assert home in where.parents, f"{name} was imported from {where}, expected from {home}"
from policy.load import load_policy_text
load_policy_text('''
weir: 1
name: built
version: 1
include: [packs/pci.yaml]
segments: {all: {clearance: regulated, sink: all}}
''')
"""


def main() -> None:
    """Build, check, and list what was made."""
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(DIST), str(ROOT))
    wheel, sdist = only("*.whl"), only("*.tar.gz")
    bundle = cluster_zip(wheel)
    check_contents(wheel)
    check_contents(bundle)
    check_imports(wheel, bundle)
    print("\nBuilt and checked:")
    for path in (wheel, sdist, bundle):
        print(f"  {path.relative_to(ROOT)}  {path.stat().st_size / 1024:.0f} KB")


def run(*command: str) -> None:
    """Run a command quietly; on failure show what it said, and stop."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        shown = " ".join(word.partition("\n")[0] for word in command)
        sys.exit(f"{shown} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


def only(pattern: str) -> Path:
    """The one file in dist/ of that pattern."""
    (path,) = DIST.glob(pattern)
    return path


def cluster_zip(wheel: Path) -> Path:
    """The wheel's packages and metadata as one zip, under the name `weir-VERSION.zip`."""
    target = DIST / f"weir-{wheel.name.split('-')[1]}.zip"
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(source.namelist()):
            member = zipfile.ZipInfo(name, EPOCH)
            member.external_attr = 0o644 << 16
            out.writestr(member, source.read(name), zipfile.ZIP_DEFLATED)
    return target


def check_contents(archive: Path) -> None:
    """The archive holds every file of the packages, our metadata, and nothing else."""
    expected = {str(path.relative_to(ROOT)) for package in PACKAGES for path in package_files(ROOT / package)}
    with zipfile.ZipFile(archive) as opened:
        names = set(opened.namelist())
    info = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    missing, strange = expected - names, names - info - expected
    if missing or strange:
        sys.exit(f"{archive.name}: missing {sorted(missing)}, not ours {sorted(strange)}")
    if not any(name.endswith("/LICENSE") for name in info):
        sys.exit(f"{archive.name}: the license is missing")


def package_files(folder: Path) -> list[Path]:
    """The files of a package that ship."""
    return [path for pattern in DATA for path in folder.rglob(pattern)]


def check_imports(wheel: Path, bundle: Path) -> None:
    """Import ours from the installed wheel and from the unpacked zip; only the dependencies are this environment's."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "venv"
        venv.create(home, with_pip=True)
        python = str(home / "bin" / "python")
        run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel))
        site = home / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        # A plain path line adds the folder and does not read its .pth files, so the editable install stays out.
        (site / "dependencies.pth").write_text(sysconfig.get_path("platlib") + "\n")
        run(python, "-I", "-c", IMPORTS, str(site))
        run(str(home / "bin" / "weir"), "--help")
        run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "weir-flink")
        unpacked = Path(scratch) / "unpacked"
        with zipfile.ZipFile(bundle) as opened:
            opened.extractall(unpacked)
        run(python, "-I", "-c", f"import sys; sys.path.insert(0, {str(unpacked)!r})\n{IMPORTS}", str(unpacked))


if __name__ == "__main__":
    main()
