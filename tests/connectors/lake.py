"""An object store with orders in Parquet, tables over it, and what is in it afterwards."""

import io
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

from tests.connectors.page import example
from tests.flink.runs import SEGMENTS, filesystem

USER, SECRET = "AKIAIOSFODNN7EXAMPLE", "secret-that-must-stay-hidden"
PLACE = "s3://lake/"

COLUMNS = "id BIGINT, name STRING, card STRING, note STRING"
RECORDS = [
    {"id": n, "name": "Ann Lee", "card": "4111111111111111" if n % 2 else None, "note": f"box {n}, ann.lee@example.com"}
    for n in range(500)
]
PLANTED = (b"Ann Lee", b"4111111111111111", b"ann.lee@example.com")

TABLES = (
    example("Object stores").replace("'30 s'", "'1 s'")
    + "".join(filesystem(f"`{t}`", COLUMNS, f"{PLACE}{s}", "parquet") for s, t in SEGMENTS.items() if t != "support")
    + filesystem("audit", "event STRING", f"{PLACE}audit", "raw")
    + filesystem("quarantine", "record STRING, reason STRING, attributes STRING", f"{PLACE}quarantine", "json")
)
"""A tables file, with what docs/tables.md shows, whose `${store}`, `${user}` and `${secret}` are to be set."""


def fill(store: str) -> Any:
    """Make the bucket with the orders in it; returns a client of the store, as its administrator has one."""
    client = boto3.Session(USER, SECRET, region_name="eu-west-1").client("s3", endpoint_url=store)
    client.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    body = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(RECORDS), body)
    client.put_object(Bucket="lake", Key="in/orders.parquet", Body=body.getvalue())
    return client


def objects(client: Any, name: str) -> dict[str, bytes]:
    """What is in a folder of the bucket."""
    found = client.list_objects_v2(Bucket="lake", Prefix=f"{name}/").get("Contents", [])
    return {o["Key"]: client.get_object(Bucket="lake", Key=o["Key"])["Body"].read() for o in found}


def shown(client: Any, name: str) -> list[bytes]:
    """The planted values that can be got out of a folder. Parquet is packed, so that its bytes alone show nothing."""
    bodies = objects(client, name).values()
    packed = [pq.read_table(io.BytesIO(body)).to_pylist() for body in bodies if body.startswith(b"PAR1")]
    text = b"".join(bodies) + repr(packed).encode()
    return [value for value in PLANTED if value in text]


def rows(client: Any, name: str) -> list[dict[str, Any]]:
    """The rows of a folder's Parquet files, by id."""
    tables = [pq.read_table(io.BytesIO(body)).to_pylist() for body in objects(client, name).values()]
    return sorted((row for table in tables for row in table), key=lambda row: row["id"])
