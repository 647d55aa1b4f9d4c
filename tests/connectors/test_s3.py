"""The segment job on an object store with S3's interface: Parquet in and out, each record once, nothing half done."""

import io
import json
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from examples.kafka.servers.process import jars
from jobs.failure import JobFailed
from jobs.local import BadJar, environment
from jobs.progress import Summary
from jobs.segment import run
from tests.connectors.page import example
from tests.flink.runs import POLICY, SEGMENTS, filesystem

USER, SECRET = "AKIAIOSFODNN7EXAMPLE", "secret-that-must-stay-hidden"
PARQUET = [p for name in ("flink-sql-parquet-*", "hadoop-client-*") for p in jars("flink").glob(f"{name}.jar")]
SYSTEM = next(jars("flink").glob("flink-s3-fs-hadoop-*.jar"))

COLUMNS = "id BIGINT, name STRING, card STRING, note STRING"
RECORDS = [
    {"id": n, "name": "Ann Lee", "card": "4111111111111111" if n % 2 else None, "note": f"box {n}, ann.lee@example.com"}
    for n in range(500)
]
PLANTED = (b"Ann Lee", b"4111111111111111", b"ann.lee@example.com")

PAGE = example("Object stores").replace("'30 s'", "'1 s'")
TABLES = (
    PAGE
    + "".join(filesystem(f"`{t}`", COLUMNS, f"s3://lake/{s}", "parquet") for s, t in SEGMENTS.items() if t != "support")
    + filesystem("audit", "event STRING", "s3://lake/audit", "raw")
    + filesystem("quarantine", "record STRING, reason STRING, attributes STRING", "s3://lake/quarantine", "json")
)


@pytest.fixture(scope="module")
def client(store: str) -> Any:
    """A client of the store, as its administrator has one, with the bucket `lake`."""
    made = boto3.Session(USER, SECRET, region_name="eu-west-1").client("s3", endpoint_url=store)
    made.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(RECORDS), body)
    made.put_object(Bucket="lake", Key="in/orders.parquet", Body=body.getvalue())
    return made


def _run(folder: Path, key_file: Path, store: str, system: list[Path], bucket: str = "lake") -> Summary:
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "tables.sql").write_text(TABLES.replace("s3://lake/", f"s3://{bucket}/"))
    variables = {"store": store, "user": USER, "secret": SECRET}
    return run(
        folder / "policy.yaml", folder / "tables.sql", key_file, variables=variables, jars=[*PARQUET, *system]
    )  # fmt: skip


def _objects(client: Any, name: str) -> dict[str, bytes]:
    found = client.list_objects_v2(Bucket="lake", Prefix=f"{name}/").get("Contents", [])
    return {o["Key"]: client.get_object(Bucket="lake", Key=o["Key"])["Body"].read() for o in found}


def _rows(client: Any, name: str) -> list[dict[str, Any]]:
    tables = [pq.read_table(io.BytesIO(body)).to_pylist() for body in _objects(client, name).values()]
    return sorted((row for table in tables for row in table), key=lambda row: row["id"])


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
    assert _rows(client, "vault") == RECORDS
    seen = _rows(client, "support")
    assert [row["id"] for row in seen] == [row["id"] for row in RECORDS]
    assert {row["name"] for row in seen} == {""}
    assert {row["card"] for row in seen} == {"xxxxxxxxxxxx1111", None}
    assert all(row["note"].startswith("box ") for row in seen)
    audit = b"".join(_objects(client, "audit").values())
    assert len([json.loads(line) for line in audit.splitlines()]) == len(RECORDS)
    for name in ("support", "open", "audit"):
        assert not [value for value in PLANTED if value in b"".join(_objects(client, name).values())]
    # Files are uploaded in parts, and each is there at once and whole: nothing that was begun is left open.
    written = [o for o in client.list_objects_v2(Bucket="lake")["Contents"] if not o["Key"].startswith("in/")]
    assert written and all(o["ETag"].endswith('-1"') for o in written)
    assert not client.list_multipart_uploads(Bucket="lake").get("Uploads")


def test_a_bucket_that_is_not_there(client, store, key_file, tmp_path):
    with pytest.raises(JobFailed) as caught:
        _run(tmp_path, key_file, store, [SYSTEM], "nowhere")
    assert "NoSuchBucket" in str(caught.value)
    assert SECRET not in str(caught.value)
