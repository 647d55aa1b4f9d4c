"""What all tests share: tests that start a Flink mini-cluster stay together in one process, the others spread."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow, and that is no failure.
settings.register_profile("weir", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("weir")

ROOT = Path(__file__).resolve().parent.parent
FLINK_FOLDERS = tuple(ROOT / "tests" / name for name in ("flink", "kafka", "connectors", "examples", "formats"))
CLUSTER_FOLDER = ROOT / "tests" / "cluster"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put every test that needs a mini-cluster into one group of pytest-xdist (two JVMs at once are one too many), and
    those of the real cluster into another. pytest-xdist reads the groups before the hooks of inner folders run."""
    for item in items:
        if CLUSTER_FOLDER in item.path.parents:
            item.add_marker(pytest.mark.flink)
            item.add_marker(pytest.mark.xdist_group("cluster"))
            continue
        in_folder = any(folder in item.path.parents for folder in FLINK_FOLDERS)
        if in_folder or item.get_closest_marker("flink"):
            item.add_marker(pytest.mark.flink)
            item.add_marker(pytest.mark.xdist_group("flink"))


@pytest.fixture(autouse=True)
def no_flink_left_behind() -> Iterator[None]:
    """A local Flink runs its Python workers in this process, and they forbid it to start another Flink. So do the
    processes that a later test starts, if they inherit that."""
    yield
    os.environ.pop("PYFLINK_GATEWAY_DISABLED", None)
