"""Flink's logs as our settings lay them out: JSON in containers, and never what an exception says."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway

from jobs.certificates import Store
from jobs.layout import tls_options
from jobs.local import _log_settings, find_java
from tests.deploy.flink_jars import FLINK
from tests.deploy.manifests import CONF

VALUE = "4111111111111111"
LAST = "Started"
LOCAL = "local"
"""The layout of `weir run` and `weir sql`."""

JOB = "0123456789abcdef0123456789abcdef"
LEAKS = [
    f"cannot read {VALUE}",
    f"cannot read\n{VALUE}\n\tand {VALUE}",
    f"cannot read\r\nCaused by {VALUE}",
    f"a row breaks a rule\n  Detail: Failing row contains ({VALUE}, Ann).",
    f"cannot read\n    at {VALUE}\n\tSuppressed: {VALUE}",
    f"java.io.IOException: {VALUE}",
    f"Traceback:\nValueError: {VALUE}",
]
"""What exceptions say; some records have more than one line."""


@dataclass(frozen=True)
class Java:
    """A Java with Flink's jars, whose logs are ours to choose."""

    gateway: JavaGateway
    folder: Path

    def say(self, settings: str) -> str:
        """What the log holds, laid out by a file of flink-conf or as of local runs, after everything below was said."""
        jvm: Any = self.gateway.jvm
        jvm.java.lang.System.setProperty("log.file", str(self.folder / f"log-{settings}"))
        path = CONF / settings if settings != LOCAL else _log_settings(self.folder.parent)
        jvm.org.apache.logging.log4j.core.config.Configurator.reconfigure(jvm.java.net.URI(path.as_uri()))
        for path in self.folder.iterdir():
            path.write_text("")
        log = jvm.org.slf4j.LoggerFactory.getLogger("org.apache.flink.runtime.Example")
        jvm.org.slf4j.MDC.put("flink-job-id", JOB)
        for text in LEAKS:
            cause = jvm.java.io.IOException(text)
            log.error("A task failed.", jvm.java.lang.IllegalStateException(text, cause))
            log.error(f"A task failed: {jvm.java.lang.IllegalStateException(text).toString()}")
        log.warn(f"Failed to deserialize row {VALUE}")
        jvm.org.slf4j.MDC.clear()
        log.info(f'environment {{ urn: "beam:env:process:v1" payload: "{VALUE}" }}')
        log.info(f'{LAST} "well".')
        end = time.monotonic() + 30
        while LAST not in (said := "".join(path.read_text() for path in self.folder.iterdir())):
            assert time.monotonic() < end  # standard output comes through a pipe
            time.sleep(0.02)
        return said

    def hides(self, option: str) -> bool:
        """True if Flink shows stars in place of an option's value, in its logs and its web UI."""
        jvm: Any = self.gateway.jvm
        hidden: bool = jvm.org.apache.flink.configuration.GlobalConfiguration.isSensitive(option)
        return hidden


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Java]:
    folder = tmp_path_factory.mktemp("logs")
    jars = [*(FLINK / "lib").glob("log4j-*.jar"), *(FLINK / "lib").glob("flink-dist-*.jar")]
    with (folder / "out").open("a", buffering=1) as out:
        port = launch_gateway(
            classpath=":".join(map(str, jars)), java_path=str(find_java() / "bin" / "java"), die_on_exit=True,
            redirect_stdout=out, redirect_stderr=out, javaopts=[f"-Dlog.file={folder / 'log'}"],
        )  # fmt: skip
        gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port))
        yield Java(gateway, folder)
        gateway.shutdown()


LAYOUTS = ["log4j.properties", "log4j-cli.properties", "log4j-console.properties", LOCAL]


@pytest.mark.parametrize("settings", LAYOUTS)
def test_what_an_exception_says_is_not_logged(java: Java, settings: str) -> None:
    said = java.say(settings)
    assert VALUE not in said
    assert said.count("A task failed.") == len(LEAKS)
    assert said.count("A task failed: java.lang.IllegalStateException") == len(LEAKS)


@pytest.mark.parametrize("settings", LAYOUTS)
def test_class_place_and_cause_are_logged(java: Java, settings: str) -> None:
    said = java.say(settings)
    assert said.count("Caused by: java.io.IOException") == len(LEAKS)
    assert "\tat py4j." in said.replace("\\t", "\t")
    assert " more" in said
    assert "Failed to deserialize" in said


def test_each_line_of_a_container_is_one_json_object(java: Java) -> None:
    lines = [json.loads(line) for line in java.say("log4j-console.properties").splitlines()]
    assert len(lines) == 2 * len(LEAKS) + 3
    for line in lines:
        assert line["level"] in ("ERROR", "WARN", "INFO")
        assert line["logger"] == "org.apache.flink.runtime.Example"
        assert datetime.fromisoformat(line["timestamp"].replace("Z", "+00:00")).year > 2000
    assert [line.get("job") for line in lines] == [JOB] * (len(lines) - 2) + [None] * 2
    assert lines[-1]["message"] == f'{LAST} "well".'
    assert lines[-1]["error"] == ""
    assert lines[0]["error"].startswith("java.lang.IllegalStateException\n\tat ")


def test_config_yaml_names_what_flink_hides_and_nothing_else(java: Java) -> None:
    (told,) = re.findall(r"names that contain (.*?), and that list", (CONF / "config.yaml").read_text(), re.DOTALL)
    words = re.split(r", | or ", told.replace("\n#", ""))
    keys = java.gateway.jvm.java.lang.Class.forName("org.apache.flink.configuration.GlobalConfiguration")
    field = keys.getDeclaredField("SENSITIVE_KEYS")
    field.setAccessible(True)
    assert sorted(words) == sorted(field.get(None))


def test_passwords_among_the_options_are_hidden(java: Java) -> None:
    store = Store(Path("keys"), Path("trusted"), Path("ca"), "the password")
    named = {name for name, value in tls_options(store).items() if value == store.password}
    assert len(named) == 6
    tables = {"properties.sasl.jaas.config", "avro-confluent.basic-auth.user-info", "properties.ssl.key.password"}
    assert not [name for name in named | tables | {"s3.secret-key", "fs.s3a.secret.key"} if not java.hides(name)]


def test_what_flink_shows_is_known(java: Java) -> None:
    """The warnings in config.yaml; one that Flink begins to hide can go."""
    assert not [name for name in ("s3.access-key", "env.java.opts.all", "$internal.program-args") if java.hides(name)]
