"""What a cluster's folder holds before it starts: its configuration, and links to jars and plugins."""

import shutil
import socket
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from jobs.certificates import Store

HOST = "localhost"
"""Where the processes of a cluster listen."""


class ClusterError(Exception):
    """A cluster cannot start, or is not there. The message says what to do."""


def flink_home() -> Path:
    """The folder of Flink in the installed apache-flink package, found without loading it."""
    found = find_spec("pyflink")
    if found is None or found.origin is None:
        raise ClusterError("apache-flink must be installed; next: pip install 'apache-flink>=2.3,<2.4'")
    return Path(found.origin).parent


def default_conf() -> Path | None:
    """`flink-conf` of the checkout that this is part of; None in an installed package, which has none."""
    folder = Path(__file__).resolve().parent.parent / "flink-conf"
    return folder if (folder / "config.yaml").is_file() else None


def free_port(first: int = 0, tries: int = 200) -> int:
    """A port of this machine that nobody listens on.

    Args:
        first: the port to try first, then those after it; 0 for any.
        tries: how many to try before any free one is taken.
    """
    for port in [*(range(first, first + tries) if first else ()), 0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ClusterError("this machine must have a free port; it has none")


def flat(options: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested options as Flink names them.

    >>> flat({"rest": {"port": 8081, "address": "localhost"}, "metrics.reporters": "prom"})
    {'rest.port': '8081', 'rest.address': 'localhost', 'metrics.reporters': 'prom'}
    """
    found: dict[str, str] = {}
    for key, value in options.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{name}.")
        else:
            found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def lay_out(folder: Path, conf: Path) -> None:
    """Make the folders, and link jars and plugins: the package's, and those that `make jars` fetched beside `conf`."""
    for name in ("conf", "log", "pids", "tmp", "checkpoints", "savepoints"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    home, fetched = flink_home(), sorted((conf / "jars" / "flink").glob("*.jar"))
    for name in ("lib", "opt", "plugins"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
        for path in (home / name).iterdir():
            (folder / name / path.name).symlink_to(path)
    for jar in fetched:
        _place(folder, jar.name).symlink_to(jar.resolve())


def _place(folder: Path, jar: str) -> Path:
    """Where a jar belongs: file systems are plugins with classes of their own, the gateway is for the SQL client."""
    if jar.startswith("flink-s3-fs-"):
        (folder / "plugins" / "s3").mkdir(exist_ok=True)
        return folder / "plugins" / "s3" / jar
    return folder / ("opt" if jar.startswith("flink-sql-gateway-") else "lib") / jar


def addresses(folder: Path, rest_port: int) -> dict[str, str]:
    """The options that are this cluster's own: its ports, and its folders for checkpoints and temporary files."""
    return {
        "rest.port": str(rest_port),
        "jobmanager.rpc.port": str(free_port()),
        "io.tmp.dirs": str(folder / "tmp"),
        "execution.checkpointing.dir": (folder / "checkpoints").as_uri(),
        "execution.checkpointing.savepoint-dir": (folder / "savepoints").as_uri(),
    }


def keeper_options(folder: Path, wanted: bool) -> dict[str, str]:
    """Flink's options for high availability by a ZooKeeper of this cluster, whose `conf/zoo.cfg` is written.

    ZooKeeper remembers who leads and which jobs run; the plans of jobs and the places of checkpoints are in `ha`.

    Args:
        folder: the cluster's.
        wanted: False for none.
    """
    if not wanted:
        return {}
    # A plan holds its tables' options, passwords too.
    (folder / "ha").mkdir(mode=0o700, exist_ok=True)
    port = free_port()
    settings = {
        "clientPortAddress": "127.0.0.1", "clientPort": port, "dataDir": folder / "zookeeper",
        # A session lasts 2 to 20 ticks.
        "tickTime": 2000,
        # A web server on every interface.
        "admin.enableServer": "false",
        # Flink's program wants one. A server that is alone does not open these ports.
        "server.1": f"{HOST}:2888:3888",
    }  # fmt: skip
    (folder / "conf" / "zoo.cfg").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return {
        "high-availability.type": "zookeeper",
        "high-availability.storageDir": (folder / "ha").as_uri(),
        "high-availability.zookeeper.quorum": f"127.0.0.1:{port}",
        # Until the session of a job manager that was killed ends, a new one may not lead. Flink's own is 60 s.
        "high-availability.zookeeper.client.session-timeout": "8 s",
    }


def tls_options(store: Store | None) -> dict[str, str]:
    """Flink's options for TLS: `internal` is between its processes, and both sides show a certificate."""
    if store is None:
        return {}
    # Flink's own default is TLS 1.2 with RSA only.
    options = {
        "security.ssl.protocol": "TLSv1.3",
        "security.ssl.algorithms": "TLS_AES_256_GCM_SHA384,TLS_AES_128_GCM_SHA256",
    }
    for side in ("internal", "rest"):
        options |= {
            f"security.ssl.{side}.enabled": "true",
            f"security.ssl.{side}.keystore": str(store.keys),
            f"security.ssl.{side}.keystore-password": store.password,
            f"security.ssl.{side}.key-password": store.password,
            f"security.ssl.{side}.keystore-type": "PKCS12",
            f"security.ssl.{side}.truststore": str(store.trusted),
            f"security.ssl.{side}.truststore-password": store.password,
            f"security.ssl.{side}.truststore-type": "PKCS12",
        }
    return options


def write_conf(folder: Path, conf: Path, own: Mapping[str, str]) -> None:
    """Write `conf/config.yaml` and the settings of the logs: what `conf` has, under this cluster's own options."""
    for path in conf.glob("log4j*.properties"):
        shutil.copyfile(path, folder / "conf" / path.name)
    if (conf / "log4j.properties").is_file():
        # The processes run in the foreground of nobody; they log to files, and roll them.
        shutil.copyfile(conf / "log4j.properties", folder / "conf" / "log4j-console.properties")
    target = folder / "conf" / "config.yaml"
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)  # with TLS it holds the password of the key store
    options = flat(yaml.safe_load((conf / "config.yaml").read_text()) or {}) | dict(own)
    head = f"# Written by `weir cluster start` from {conf / 'config.yaml'}, which says why; changes here get lost.\n"
    target.write_text(head + yaml.safe_dump(options, width=10_000, sort_keys=True))
