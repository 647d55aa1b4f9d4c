"""What it takes to talk to a running cluster: the settings of Flink's own client, whoever started the cluster."""

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from jobs.archive import Archive
from jobs.cluster import Cluster
from jobs.layout import ClusterError, default_conf, flat, lay_out, write_conf
from jobs.local import TUNING, prepare
from jobs.rest import get

FOLDER = Path("out/cluster")
"""Where `weir cluster start` keeps a cluster if it is told nothing else."""


@dataclass(frozen=True)
class Client:
    """A cluster as a client sees it."""

    rest: str
    """Address of its web UI and REST interface."""
    environment: Mapping[str, str]
    """The variables with which Flink's programs talk to it."""
    authority: Path | None = None
    """The certificate to trust, with TLS."""


def connect(
    jobmanager: str | None = None,
    folder: str | os.PathLike[str] = FOLDER,
    conf: str | os.PathLike[str] | None = None,
) -> Client:
    """The way to a cluster that runs, and answers.

    Args:
        jobmanager: host and port of its REST interface, as `localhost:8081`.
        folder: where `weir cluster start` keeps the cluster, if no jobmanager is given.
        conf: Flink's configuration for a jobmanager; the checkout's `flink-conf` if not given.

    Raises:
        ClusterError: there is no cluster in the folder, or the address is none.
        jobs.rest.RestError: it does not answer.
    """
    from jobs.certificates import trusting

    if jobmanager is None:
        cluster = Cluster.open(folder)
        client = Client(cluster.rest, cluster.client_environment(), cluster.authority)
    else:
        client = _elsewhere(jobmanager, Path(conf) if conf else default_conf())
    get(f"{client.rest}/overview", trusting(client.authority))
    return client


def _elsewhere(jobmanager: str, conf: Path | None) -> Client:
    """A client of a cluster that was started by others: it gets a folder of its own."""
    host, _, port = jobmanager.removeprefix("http://").rpartition(":")
    if not host or not port.isdigit():
        raise ClusterError(f"--jobmanager must be HOST:PORT of the REST interface; got {jobmanager}")
    if conf is None or not (conf / "config.yaml").is_file():
        raise ClusterError(f"--conf must be a folder with Flink's config.yaml; got {conf or 'none'}")
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="weir-client-")))
    lay_out(cluster.folder, conf)
    write_conf(cluster.folder, conf, {"rest.address": host, "rest.port": port})
    return Client(f"http://{host}:{port}", cluster.client_environment())


def shipping(archive: Archive) -> dict[str, str]:
    """The options by which task managers get the archive and run it, and this machine's Python plans the job.

    >>> shipping(Archive("/a/weir.zip", 1, 0.0, True, 1, "python3.11"))["python.archives"]
    '/a/weir.zip#weir'
    """
    return {
        "python.archives": archive.shipped,
        "python.executable": archive.executable,
        "python.client.executable": sys.executable,
    }


def session(
    client: Client,
    archive: Archive,
    *,
    bounded: bool = False,
    parallelism: int | None = None,
    jars: Sequence[str | os.PathLike[str]] = (),
    options: Mapping[str, str] | None = None,
) -> Any:
    """A new table environment whose statements run on a cluster. One process has sessions of one cluster.

    Args:
        client: the way to the cluster.
        archive: what its task managers run.
        bounded: True for batch execution.
        parallelism: of every operator; the cluster's when it is not given.
        jars: connector jars, by path, beside those that the cluster has.
        options: Flink options, over all others.

    Returns:
        A `pyflink.table.StreamTableEnvironment`.

    Raises:
        jobs.local.JavaNotFound: there is no Java 17.
    """
    os.environ.update(client.environment)
    prepare()
    from pyflink.datastream import StreamExecutionEnvironment
    from pyflink.java_gateway import get_gateway
    from pyflink.table import EnvironmentSettings, StreamTableEnvironment

    config = Path(client.environment["FLINK_CONF_DIR"]) / "config.yaml"
    conf = TUNING | flat(yaml.safe_load(config.read_text()))  # with TLS, it says whom to trust
    chosen = shipping(archive) | {
        "execution.runtime-mode": "BATCH" if bounded else "STREAMING",
        # Somebody waits for the statement: one that fails must end, and not be tried again for ever.
        "restart-strategy.type": "disable",
    }
    if parallelism is not None:
        chosen["parallelism.default"] = str(parallelism)
    if jars:
        chosen["pipeline.jars"] = ";".join(Path(jar).resolve().as_uri() for jar in jars)
    jvm = get_gateway().jvm
    made = jvm.org.apache.flink.streaming.api.environment.StreamExecutionEnvironment.createRemoteEnvironment(
        conf["rest.address"], int(conf["rest.port"]), _options(conf)._j_configuration,
        get_gateway().new_array(jvm.String, 0),
    )  # fmt: skip
    given = _options(chosen | dict(options or {}))
    settings = EnvironmentSettings.new_instance().with_configuration(given).build()
    return StreamTableEnvironment.create(StreamExecutionEnvironment(made), settings)


def _options(values: Mapping[str, str]) -> Any:
    from pyflink.common import Configuration

    config = Configuration()
    for name, value in values.items():
        config.set_string(name, value)
    return config
