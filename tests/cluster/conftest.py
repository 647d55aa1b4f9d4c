"""A real cluster for the tests in this folder: a job manager, two task managers, and nothing of Weir beside them."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.cluster import Cluster, start
from udfs.keys import Keyring, new_root, write_keyring


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which there is this Python and none of its packages."""
    folder = tmp_path_factory.mktemp("bare")
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (folder / name).symlink_to(os.path.realpath(sys.executable))
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder)}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str]) -> Iterator[Cluster]:
    options = {"taskmanager.memory.process.size": "1600m", "execution.checkpointing.interval": "1 s"}
    running = start(tmp_path_factory.mktemp("cluster"), rest_port=0, options=options, env=bare)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tests' archive is kept, once it is made."""
    return tmp_path_factory.mktemp("archives")


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "root.key"
    write_keyring(path, Keyring.of(new_root()))
    return path
