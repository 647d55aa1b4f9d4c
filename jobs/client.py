"""What it takes to talk to a running cluster: the settings of Flink's own client, whoever started the cluster."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jobs.cluster import Cluster
from jobs.layout import ClusterError, default_conf, lay_out, write_conf
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
