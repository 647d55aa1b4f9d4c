"""The jars: the poms name them, the checksums pin them, and a wrong one is refused."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

CONF = Path(__file__).resolve().parent.parent / "flink-conf"
DEPENDENCY = re.compile(r"<dependency>.*?<artifactId>(.*?)</artifactId>\s*<version>(.*?)</version>", re.DOTALL)


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("weir_jars", CONF / "jars.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


jars = loaded()


def named_by(pom: str) -> list[str]:
    """The start of every file name that a pom asks for."""
    text = (CONF / pom).read_text()
    values = dict(re.findall(r"<([a-z]+\.version)>(.*?)</", text))
    pairs = DEPENDENCY.findall(text)
    return [f"{name}-{re.sub(r'[$]{(.*?)}', lambda m: values[m[1]], version)}" for name, version in pairs]


@pytest.mark.parametrize("pom", ["pom.xml", "kafka/pom.xml"])
def test_every_jar_of_a_pom_has_a_checksum(pom):
    pinned = [Path(name).name for name in jars.read_sums(CONF / "jars.sha256")]
    named = named_by(pom)
    assert len(named) >= 3
    assert [start for start in named if not any(name.startswith(start) for name in pinned)] == []


def test_flink_takes_the_jars_of_its_pom_and_no_other():
    pinned = {name.removeprefix("flink/") for name in jars.read_sums(CONF / "jars.sha256") if name.startswith("flink/")}
    assert pinned == {f"{name}.jar" for name in named_by("pom.xml")}


def test_the_jars_in_place_are_the_pinned_ones():
    pinned = {n: s for n, s in jars.read_sums(CONF / "jars.sha256").items() if not n.startswith("registry/")}
    found = {n: s for n, s in jars.sums_of(CONF / "jars").items() if n.startswith(("flink/", "kafka/"))}
    assert found == pinned, "next: make jars"
    assert list((CONF / "jars" / "registry").glob("*-runner.jar"))


def jar(folder: Path, name: str, content: bytes) -> Path:
    path = folder / "jars" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def two(tmp_path):
    """Two jars and their checksums."""
    jar(tmp_path, "flink/a-1.jar", b"a")
    jar(tmp_path, "kafka/b-1.jar", b"b")
    sums = tmp_path / "jars.sha256"
    sums.write_text("".join(f"{s}  {n}\n" for n, s in jars.sums_of(tmp_path / "jars").items()))
    return tmp_path, sums


def test_the_right_jars_pass(two):
    folder, sums = two
    jars.check(folder / "jars", sums)


def test_a_corrupted_jar_is_refused(two):
    folder, sums = two
    jar(folder, "flink/a-1.jar", b"A")
    with pytest.raises(jars.JarsError, match=r"flink/a-1.jar must have another SHA-256(?s:.*)make jars"):
        jars.check(folder / "jars", sums)


def test_an_unknown_jar_is_refused(two):
    folder, sums = two
    jar(folder, "flink/c-1.jar", b"c")
    with pytest.raises(jars.JarsError, match=r"flink/c-1.jar is not named in jars.sha256"):
        jars.check(folder / "jars", sums)


def test_a_missing_jar_is_refused(two):
    folder, sums = two
    (folder / "jars" / "kafka" / "b-1.jar").unlink()
    with pytest.raises(jars.JarsError, match=r"kafka/b-1.jar is named in jars.sha256 and was not fetched"):
        jars.check(folder / "jars", sums)


def test_maven_that_is_missing_is_said(monkeypatch):
    monkeypatch.setattr(jars.shutil, "which", lambda name: None)
    with pytest.raises(jars.JarsError, match="Maven must be installed"):
        jars.maven()
