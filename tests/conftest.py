"""What all tests share: which of them start Flink, where it logs, and a key.

`make test` spreads files over processes (`--dist loadfile`): a file's tests stay together, for many share a job or a
server. Files that start Flink run in all processes, each with a Java of its own. Groups of pytest-xdist would not hold
them together: version 3.8 writes a group into a test's name, and pytest 9.2 does not read it there.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow, and that is no failure. Where CI is set, hypothesis gives this profile `derandomize` too.
settings.register_profile("weir", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("weir")

ROOT = Path(__file__).resolve().parent.parent
FLINK_FOLDERS = tuple(
    ROOT / "tests" / name for name in ("cluster", "flink", "kafka", "connectors", "examples", "formats")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that starts Flink by its folder, so that `-m "not flink"` leaves it out."""
    for item in items:
        if any(folder in item.path.parents for folder in FLINK_FOLDERS):
            item.add_marker(pytest.mark.flink)


@pytest.fixture(scope="session", autouse=True)
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Flink logs; set before the first environment starts Java."""
    folder = os.environ.setdefault("FLINK_LOG_DIR", str(tmp_path_factory.mktemp("flink-log")))
    return Path(folder)


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key of the masks."""
    from udfs.keys import Keyring, new_root, write_keyring

    path = tmp_path_factory.mktemp("key") / "root.key"
    write_keyring(path, Keyring.of(new_root()))
    return path


@pytest.fixture(autouse=True)
def no_flink_left_behind() -> Iterator[None]:
    """A local Flink runs its Python workers in this process, and they forbid it to start another Flink. So do the
    processes that a later test starts, if they inherit that."""
    yield
    os.environ.pop("PYFLINK_GATEWAY_DISABLED", None)
