"""Tests on a real mini-cluster. They share one Java process, so they run one after another in one test process."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.flink)
            item.add_marker(pytest.mark.xdist_group("flink"))


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
