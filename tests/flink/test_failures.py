"""What breaks: the job refuses to start, or the record is quarantined; and no value is in what is said about it."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.failure import JobFailed
from jobs.segment import NotInForce
from jobs.topology import build
from tests.flink.runs import DOCUMENTS, POLICY, everything, lines_of, outputs, run_job
from udfs.engine import Engine
from udfs.keys import KeyFileError
from udfs.series import Shape

VALUE = "4111 1111 1111 1111"


def test_a_missing_key_file(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"none\.key: "):
        run_job(tmp_path, tmp_path / "none.key", DOCUMENTS, [b"{}"])


def test_a_policy_that_is_not_in_force_yet(tmp_path: Path, key_file: Path) -> None:
    policy = POLICY.replace("version: 3", "version: 3\neffective_from: 2999-01-01T00:00:00Z")
    with pytest.raises(NotInForce, match="from 2999-01-01T00:00:00"):
        run_job(tmp_path, key_file, DOCUMENTS, [b"{}"], policy)


def test_a_key_file_that_the_workers_lack(tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(t_env: Any, plan: Any, roles: Any, key: str, key_table: Any) -> Any:
        return build(t_env, plan, roles, "/nowhere/root.key")

    monkeypatch.setattr("jobs.segment.build", elsewhere)
    with pytest.raises(JobFailed, match=r"SetUpFailed: KeyFileError: key file /nowhere/root\.key"):
        run_job(tmp_path, key_file, DOCUMENTS, [b"{}"])


def test_foreign_code_is_refused(tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.DISTRIBUTION", "somebody-else")
    with pytest.raises(JobFailed, match="SetUpFailed: ForeignCode: package jobs must be weir-flink's"):
        run_job(tmp_path, key_file, DOCUMENTS, [b"{}"])


def test_an_exception_in_the_engine_costs_one_record(
    tmp_path: Path, key_file: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Engine.run

    def poisoned(self: Engine, records: Any, *rest: Any) -> Any:
        if any(b"poison" in value for value in records.column(0).to_pylist()):
            raise ZeroDivisionError(f"while reading {VALUE}")
        return run(self, records, *rest)

    monkeypatch.setattr(Engine, "run", poisoned)
    lines = [b'{"id":%d}' % i for i in range(100)]
    lines[41] = b'{"poison":"' + VALUE.encode() + b'"}'
    summary = run_job(tmp_path, key_file, DOCUMENTS, lines)
    assert summary.balanced and (summary.records, summary.quarantined) == (100, 1)
    (held,) = map(json.loads, lines_of(tmp_path, "quarantine"))
    assert held["reason"] == "engine failed: ZeroDivisionError"
    assert sorted(lines_of(tmp_path, "support")) == sorted(set(lines) - {lines[41]})
    assert VALUE.encode() not in everything(tmp_path, "support", "open", "vault", "audit", "quarantine")
    assert not any(VALUE.encode() in p.read_bytes() for p in logs.rglob("*") if p.is_file())


def test_a_batch_that_cannot_be_read_breaks_the_job(
    tmp_path: Path, key_file: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Shape, values: Any) -> Any:
        raise ValueError(f"cannot read {VALUE}")

    monkeypatch.setattr(Shape, "read", broken)
    with pytest.raises(JobFailed, match="BatchFailed: a batch could not be read: ValueError") as caught:
        run_job(tmp_path, key_file, DOCUMENTS, [b"{}"])
    assert VALUE not in str(caught.value)
    assert not any(VALUE.encode() in p.read_bytes() for p in logs.rglob("*") if p.is_file())
    assert everything(tmp_path, "support", "open", "vault") == b""


def test_a_source_that_is_not_there(tmp_path: Path, key_file: Path) -> None:
    tables = DOCUMENTS.replace("${in}", "/nowhere/at/all")
    with pytest.raises(JobFailed, match=r"FileNotFoundException: .*/nowhere/at/all"):
        run_job(tmp_path, key_file, tables, [b"{}"])


@pytest.mark.parametrize(("form", "line"), [("json", '{{"line": "{}'), ("csv", '{},"{}')])
def test_a_format_that_quotes_the_record_it_fails_on(
    tmp_path: Path, key_file: Path, logs: Path, form: str, line: str
) -> None:
    planted = "zoe.format@example.com"
    tables = DOCUMENTS.replace("'path'='${in}', 'format'='raw'", f"'path'='${{in}}', 'format'='{form}'")
    with pytest.raises(JobFailed, match=f"the {form} format could not read or write a record") as caught:
        run_job(tmp_path, key_file, tables, [line.format(planted, planted).encode()])
    assert planted not in str(caught.value)
    assert not any(planted.encode() in p.read_bytes() for p in logs.rglob("*") if p.is_file())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(place)], check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_under_a_segment(small_disk: Path, key_file: Path, tmp_path: Path) -> None:
    lines = [json.dumps({"id": number, "note": VALUE, "text": "a " * 100}).encode() for number in range(3000)]
    tables = DOCUMENTS.replace("${out}/support", str(small_disk / "support"))
    with pytest.raises(JobFailed, match="No space left on device") as caught:
        run_job(tmp_path, key_file, tables, lines)
    assert VALUE not in str(caught.value)
    assert not [name for name in ("vault", "audit", "quarantine") if lines_of(tmp_path, name)]
    run_job(tmp_path, key_file, DOCUMENTS, lines)
    assert sorted(lines_of(tmp_path, "vault")) == sorted(lines)
    assert len(lines_of(tmp_path, "support")) == len(lines_of(tmp_path, "audit")) == len(lines)


@pytest.mark.parametrize("mode", ["process"])
def test_workers_of_their_own(tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("_python_worker_execution_mode", mode)
    lines = [b'{"id":%d,"card":"%s"}' % (i, VALUE.encode()) for i in range(50)]
    run_job(tmp_path, key_file, DOCUMENTS, [*lines, b"{"])
    assert sorted(lines_of(tmp_path, "vault")) == sorted(lines)
    assert (len(lines_of(tmp_path, "audit")), len(lines_of(tmp_path, "quarantine"))) == (51, 1)
    assert VALUE.encode() not in everything(tmp_path, "support", "open", "audit", "quarantine")


def test_a_run_that_is_stopped_by_hand(tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(done: Callable[[], bool], counts: Callable[[], Any], segments: tuple[str, ...]) -> None:
        while not counts()["records"]:
            assert not done()
            time.sleep(0.1)
        raise KeyboardInterrupt

    monkeypatch.setattr("jobs.segment.watch", interrupted)
    endless = "CREATE TABLE orders (line STRING) WITH ('connector'='datagen', 'rows-per-second'='100');\n"
    tables = "SET 'weir.document' = 'line';\n" + endless + outputs("line STRING")
    summary = run_job(tmp_path, key_file, tables, [])
    assert summary.cancelled and summary.balanced and summary.records > 0
