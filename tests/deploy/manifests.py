"""The Kubernetes files as objects: as they lie in the tree, and as kustomize puts them together."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CONF = ROOT / "flink-conf"
BASE = CONF / "kubernetes" / "base"
EXAMPLE = CONF / "kubernetes" / "overlays" / "example"
SECRETS = CONF / "kubernetes" / "secrets.example.yaml"

Object = dict[str, Any]


@cache
def read(path: Path) -> list[Object]:
    """Every document of a YAML file. Read once: whoever changes one makes a copy."""
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def base() -> list[Object]:
    """Every object that the base names, without the ConfigMap that kustomize makes."""
    (kustomization,) = read(BASE / "kustomization.yaml")
    return [found for name in kustomization["resources"] for found in read(BASE / name)]


def of_kind(objects: list[Object], kind: str) -> dict[str, Object]:
    """The objects of a kind, by name."""
    return {found["metadata"]["name"]: found for found in objects if found["kind"] == kind}


def spec() -> Object:
    """What the base says of the Flink deployment."""
    (found,) = of_kind(base(), "FlinkDeployment").values()
    inner: Object = found["spec"]
    return inner


def pod(component: str) -> Object:
    """The pod template of `jobManager` or `taskManager`."""
    found: Object = spec()[component]["podTemplate"]
    return found


PODS = ("jobManager", "taskManager")


def containers(component: str) -> list[Object]:
    """Every container of a pod template, also those that run first."""
    found = pod(component)["spec"]
    return [*found.get("initContainers", ()), *found["containers"]]


def kustomize() -> list[str] | None:
    """The command that builds, if there is one here: kustomize, or the one inside kubectl."""
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    return ["kubectl", "kustomize"] if shutil.which("kubectl") else None


@cache
def build(folder: Path) -> list[Object]:
    """What kustomize makes of a folder."""
    command = kustomize()
    assert command
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def flat(node: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, str]]:
    """The options of a nested configuration, as Flink reads them: dotted name and text."""
    for name, value in node.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{start}{name}.")
        else:
            yield f"{start}{name}", str(value).lower() if isinstance(value, bool) else str(value)
