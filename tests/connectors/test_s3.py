"""The segment job on an object store with S3's interface: Parquet in and out, each record once, nothing half done."""

import json
from pathlib import Path
from typing import Any

import pytest

from examples.kafka.servers.process import jars
from jobs.failure import JobFailed
from jobs.local import BadJar, environment
from jobs.progress import Summary
from jobs.segment import run
from tests.connectors.lake import PLACE, PLANTED, RECORDS, SECRET, TABLES, USER, fill, objects, rows, shown
from tests.flink.runs import POLICY

PARQUET = [p for name in ("flink-sql-parquet-*", "hadoop-client-*") for p in jars("flink").glob(f"{name}.jar")]
SYSTEM = next(jars("flink").glob("flink-s3-fs-hadoop-*.jar"))


@pytest.fixture(scope="module")
def client(store: str) -> Any:
    return fill(store)


def _run(folder: Path, key_file: Path, store: str, system: list[Path], bucket: str = "lake") -> Summary:
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "tables.sql").write_text(TABLES.replace(PLACE, f"s3://{bucket}/"))
    variables = {"store": store, "user": USER, "secret": SECRET}
    return run(
        folder / "policy.yaml", folder / "tables.sql", key_file, variables=variables, jars=[*PARQUET, *system]
    )  # fmt: skip


def _forget() -> None:
    """What an earlier test loaded into Flink's process is gone."""
    from pyflink.java_gateway import get_gateway

    flink = get_gateway().jvm.org.apache.flink
    flink.core.fs.FileSystem.initialize(flink.configuration.Configuration(), None)


@pytest.mark.long
def test_without_the_file_system_it_is_said_what_is_needed(client, store, key_file, tmp_path):
    environment()
    _forget()
    with pytest.raises(JobFailed) as caught:
        _run(tmp_path, key_file, store, [])
    assert "there is no file system for s3://; give it flink-s3-fs-hadoop-" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_cluster_has_the_file_system_among_its_plugins():
    with pytest.raises(BadJar, match=r"flink-s3-fs-hadoop-.* into a folder of its own in the plugins/"):
        environment(jars=[SYSTEM], local=False)


def test_parquet_on_s3_is_read_masked_and_written_once(client, store, key_file, tmp_path):
    summary = _run(tmp_path, key_file, store, [SYSTEM])
    assert (summary.records, summary.quarantined) == (len(RECORDS), 0)
    assert rows(client, "vault") == RECORDS
    seen = rows(client, "support")
    assert [row["id"] for row in seen] == [row["id"] for row in RECORDS]
    assert {row["name"] for row in seen} == {""}
    assert {row["card"] for row in seen} == {"xxxxxxxxxxxx1111", None}
    assert all(row["note"].startswith("box ") for row in seen)
    audit = b"".join(objects(client, "audit").values())
    assert len([json.loads(line) for line in audit.splitlines()]) == len(RECORDS)
    assert shown(client, "vault") == list(PLANTED)
    assert not [name for name in ("support", "open", "audit") if shown(client, name)]
    # Files are uploaded in parts, and each is there at once and whole: nothing that was begun is left open.
    written = [o for o in client.list_objects_v2(Bucket="lake")["Contents"] if not o["Key"].startswith("in/")]
    assert written and all(o["ETag"].endswith('-1"') for o in written)
    assert not client.list_multipart_uploads(Bucket="lake").get("Uploads")


def test_a_bucket_that_is_not_there(client, store, key_file, tmp_path):
    with pytest.raises(JobFailed) as caught:
        _run(tmp_path, key_file, store, [SYSTEM], "nowhere")
    assert "NoSuchBucket" in str(caught.value)
    assert SECRET not in str(caught.value)
