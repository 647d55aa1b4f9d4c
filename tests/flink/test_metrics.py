"""A real job's metrics, as Prometheus scrapes them: they are there, and equal what was sent."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyflink
import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.flink.runs import DOCUMENTS, POLICY
from tests.operations.files import METRICS_USED, NOT_IN_A_FILE_JOB, ROOT
from udfs.meters import BUCKETS, METRICS, PREFIX

LINES = [b'{"note":"4111 1111 1111 1111"}', b'{"note":"ann@example.com, eve@example.com"}', b'{"note":"nothing"}', b"{"]
TIMES = 25


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _scrape(port: int) -> list[Sample]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return [s for family in text_string_to_metric_families(text) for s in family.samples]


def _value(samples: list[Sample], name: str, **labels: str) -> float:
    return sum(s.value for s in samples if s.name == PREFIX + name and labels.items() <= s.labels.items())


PROGRAM = """
import json, sys
from pathlib import Path
from jobs.segment import run

if __name__ == "__main__":
    folder, key_file, options = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    variables = {"in": str(folder / "in"), "out": str(folder / "out")}
    run(folder / "policy.yaml", folder / "tables.sql", key_file, variables=variables, options=options)
"""
"""A job with a Java of its own: a local Flink loads no plugins, so that the reporter must be on Java's class path."""


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Iterator[list[Sample]]:
    folder = tmp_path_factory.mktemp("metrics")
    rest, metrics = _free(), _free()
    options = {
        "rest.port": str(rest), "rest.bind-port": str(rest), "rest.bind-address": "127.0.0.1",
        "execution.checkpointing.interval": "500ms",
        "metrics.reporters": "prom",
        "metrics.reporter.prom.factory.class": "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
        "metrics.reporter.prom.port": str(metrics),
    }  # fmt: skip
    (folder / "in").mkdir()
    (folder / "in" / "1").write_bytes(b"".join(line + b"\n" for line in LINES * TIMES))
    (folder / "policy.yaml").write_text(POLICY)
    watched = "'path'='${in}', 'source.monitor-interval'='1s'"
    (folder / "tables.sql").write_text(DOCUMENTS.replace("'path'='${in}'", watched, 1))
    (folder / "program.py").write_text(PROGRAM)
    (reporter,) = (Path(pyflink.__file__).parent / "plugins" / "metrics-prometheus").glob("*.jar")
    paths = {"HADOOP_CLASSPATH": str(reporter), "PYTHONPATH": str(ROOT), "FLINK_LOG_DIR": str(folder / "log")}
    command = [sys.executable, str(folder / "program.py"), str(folder), str(key_file), json.dumps(options)]
    with (folder / "said").open("wb") as said:
        job = subprocess.Popen(command, env={**os.environ, **paths}, cwd=folder, stdout=said, stderr=said)
    try:
        yield _until_all_are_counted(metrics, job, folder / "said")
    finally:
        # Its Java ends with it: the gateway watches its standard input.
        job.kill()
        job.wait(60)


def _until_all_are_counted(port: int, job: subprocess.Popen[bytes], said: Path) -> list[Sample]:
    """The scrape after all records were counted and a checkpoint has ended."""
    done = "flink_jobmanager_job_numberOfCompletedCheckpoints"
    end = time.monotonic() + 120
    samples: list[Sample] = []
    while time.monotonic() < end:
        assert job.poll() is None, said.read_text()
        try:
            samples = _scrape(port)
        except OSError:
            samples = []
        checkpointed = any(s.name == done and s.value > 0 for s in samples)
        if checkpointed and _value(samples, "weir_records") == len(LINES) * TIMES:
            return samples
        time.sleep(0.5)
    raise AssertionError(f"not counted in time; there were {sorted({s.name for s in samples})}")


def test_values_equal_what_was_sent(scraped: list[Sample]) -> None:
    def value(name: str, **labels: str) -> float:
        return _value(scraped, f"weir_{name}", **labels) / TIMES

    assert value("quarantined") == 1 and value("reason_quarantined", reason="json") == 1
    assert value("reason_quarantined") == 1
    assert value("entity_detector_findings", entity="CREDIT_CARD") == 1
    assert value("entity_detector_findings", entity="EMAIL_ADDRESS") == 2
    assert value("entity_detector_findings") == 3
    levels = {level: value("level_records", level=level) for level in ("public", "confidential", "regulated")}
    assert levels == {"public": 1, "confidential": 1, "regulated": 1}
    delivered = {s: value("segment_delivered", segment=s) for s in ("vault", "support", "open")}
    assert delivered == {"vault": 3, "support": 3, "open": 1}
    assert value("segment_denied", segment="open") == 2 and value("segment_denied", segment="vault") == 0
    assert value("bytes") * TIMES >= sum(map(len, LINES)) * TIMES


def test_buckets_are_cumulative_and_the_last_counts_all_batches(scraped: list[Sample]) -> None:
    counted = [_value(scraped, "weir_le_engine_ms_bucket", le=str(le)) for le in [*BUCKETS, "Inf"]]
    assert counted == sorted(counted)
    assert counted[-1] == _value(scraped, "weir_batches") >= 1


def test_labels_are_those_of_the_reference_and_hold_no_value(scraped: list[Sample]) -> None:
    ours = [s for s in scraped if s.name.startswith(PREFIX + "weir_")]
    assert {s.name.removeprefix(PREFIX) for s in ours} == set(METRICS)
    common = set.intersection(*(set(s.labels) for s in ours))
    for sample in ours:
        labels = METRICS[sample.name.removeprefix(PREFIX)][0]
        assert set(sample.labels) - common == {part for part in labels.split(", ") if part}
    (policy,) = [s for s in ours if s.name.endswith("policy_digest_info")]
    assert policy.value == 1 and policy.labels["policy"] == "shop_3" and len(policy.labels["digest"]) == 12
    assert "example.com" not in str(ours) and "1111" not in str(ours)


def test_what_alerts_and_dashboard_ask_for_is_exported(scraped: list[Sample]) -> None:
    exported = {s.name for s in scraped}
    assert len(METRICS_USED) > 10
    assert METRICS_USED - set(NOT_IN_A_FILE_JOB) <= exported, sorted(n for n in exported if "flink_jobmanager_job" in n)
    assert not set(NOT_IN_A_FILE_JOB) & exported, "the list of exceptions is no longer than it must be"
