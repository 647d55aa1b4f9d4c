"""Tests on a real mini-cluster. They share one Java process, so they run one after another in one test process."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Flink logs; set before the first environment starts Java."""
    folder = os.environ.setdefault("FLINK_LOG_DIR", str(tmp_path_factory.mktemp("flink-log")))
    return Path(folder)


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from udfs.keys import Keyring, new_root, write_keyring

    path = tmp_path_factory.mktemp("key") / "root.key"
    write_keyring(path, Keyring.of(new_root()))
    return path
