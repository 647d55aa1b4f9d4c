"""Tables and checkpoints on an object store, on a cluster: the file system is a plugin of it, its options are the
cluster's."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.cluster import Cluster, start
from tests import aws
from tests.cluster.command import given, submit, wait
from tests.connectors.lake import PLACE, PLANTED, RECORDS, SECRET, TABLES, USER, fill, objects, rows, shown

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    yield from aws.serve()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str], store: str) -> Iterator[Cluster]:
    options = {
        "taskmanager.memory.process.size": "1600m",
        "s3.endpoint": store,
        "s3.path.style.access": "true",
        "s3.access-key": USER,
        "s3.secret-key": SECRET,
        "execution.checkpointing.dir": f"{PLACE}checkpoints",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
    }
    running = start(tmp_path_factory.mktemp("s3"), rest_port=0, task_managers=1, options=options, env=bare)
    yield running
    running.stop()


def test_it_is_read_masked_and_written_once_and_checkpoints_are_there(
    cluster: Cluster, archives: Path, key_file: Path, tmp_path: Path, store: str
) -> None:
    client: Any = fill(store)
    tables = re.sub(r"SET 's3\..*\n", "", TABLES)
    assert "s3." not in tables and "${" not in tables
    words = given(tmp_path, files=1, tables=tables)
    job = submit(cluster, [*words, "--key-file", key_file], archives)
    wait(cluster, job, seconds=600)
    assert rows(client, "vault") == RECORDS
    assert [row["id"] for row in rows(client, "support")] == [row["id"] for row in RECORDS]
    audit = b"".join(objects(client, "audit").values())
    assert len(audit.splitlines()) == len(RECORDS)
    assert shown(client, "vault") == list(PLANTED)
    assert not [name for name in ("support", "open", "audit", "checkpoints") if shown(client, name)]
    checkpoint = cluster.get(f"/jobs/{job}/checkpoints")["latest"]["completed"]["external_path"]
    assert checkpoint.startswith(f"{PLACE}checkpoints/{job}/")
    logged = b"".join(path.read_bytes() for path in cluster.logs.iterdir() if path.is_file())
    assert SECRET.encode() not in logged
