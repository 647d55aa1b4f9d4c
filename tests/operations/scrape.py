"""A job with a Java of its own and Flink's reporter for Prometheus in it, and what Prometheus gets when it asks."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyflink
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from examples.kafka.servers.process import free_ports
from tests.operations.files import ROOT
from udfs.meters import PREFIX

PROGRAM = """
import json, sys
from jobs.segment import run

if __name__ == "__main__":
    given = json.load(sys.stdin)
    run(given.pop("policy"), given.pop("tables"), given.pop("key_file"), **given)
"""
"""A local Flink loads no plugins, so that the reporter must be on Java's class path when it starts."""


@dataclass(frozen=True)
class Watched:
    """A job that runs: `said` is the file with what it says."""

    process: "subprocess.Popen[str]"
    port: int
    said: Path

    def scrape(self) -> list[Sample]:
        """What Prometheus gets now; nothing before Flink has started."""
        assert self.process.poll() is None, self.said.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
                text = answer.read().decode()
        except OSError:
            return []
        return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


@contextmanager
def watched_job(folder: Path, **given: object) -> Iterator[Watched]:
    """The segment job in a process of its own until the end of the block; `given` is for `jobs.segment.run`."""
    rest, metrics = free_ports(2)
    options = {
        "rest.port": str(rest), "rest.bind-port": str(rest), "rest.bind-address": "127.0.0.1",
        "metrics.reporters": "prom",
        "metrics.reporter.prom.factory.class": "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
        "metrics.reporter.prom.port": str(metrics),
    }  # fmt: skip
    (folder / "program.py").write_text(PROGRAM)
    (reporter,) = (Path(pyflink.__file__).parent / "plugins" / "metrics-prometheus").glob("*.jar")
    paths = {"HADOOP_CLASSPATH": str(reporter), "PYTHONPATH": str(ROOT), "FLINK_LOG_DIR": str(folder / "log")}
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, str(folder / "program.py")], stdin=subprocess.PIPE, stdout=said, stderr=said, text=True,
            env=os.environ | paths, cwd=folder,
        )  # fmt: skip
    assert process.stdin
    json.dump({**given, "options": options}, process.stdin, default=str)
    process.stdin.close()
    try:
        yield Watched(process, metrics, folder / "said")
    finally:
        process.kill()  # its Java ends with it: the gateway watches its standard input
        process.wait(60)


def value(samples: list[Sample], name: str, **labels: str) -> float:
    """The sum of one of our metrics over all its series with these labels."""
    return sum(s.value for s in samples if s.name == PREFIX + name and labels.items() <= s.labels.items())


def labelled(samples: list[Sample], name: str, *labels: str) -> Mapping[tuple[str, ...], float]:
    """One of our metrics by its labels, without those that are 0."""
    found = [s for s in samples if s.name == PREFIX + name and s.value]
    return {tuple(s.labels[label] for label in labels): s.value for s in found}
