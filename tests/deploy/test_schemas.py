"""Every object has the form of its kind: Kubernetes' own by its schemas, the operators' by the fields they document."""

import copy
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError

from tests.deploy.manifests import BASE, EXAMPLE, PODS, SECRETS, Object, base, build, kustomize, pod, read

VERSIONS = ["1.33", "1.37"]
HERE = Path(__file__).parent
OTHERS = {
    "FlinkDeployment": HERE / "flinkdeployment.schema.yaml",
    "PodMonitor": HERE / "podmonitor.schema.yaml",
}


def check(found: Object, version: str = VERSIONS[-1]) -> None:
    """Raises when an object has a field that its kind does not know, or lacks one."""
    if found["kind"] in OTHERS:
        Draft202012Validator(yaml.safe_load(OTHERS[found["kind"]].read_text())).validate(found)
        return
    kubernetes_validate.validate(found, version, strict=True)


def identity(found: Object) -> str:
    return f"{found['kind']} {found['metadata']['name']}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("found", [*base(), *read(SECRETS)], ids=identity)
def test_every_object_has_the_form_of_its_kind(found: Object, version: str) -> None:
    check(found, version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("component", PODS)
def test_pod_templates_are_pods(component: str, version: str) -> None:
    template = pod(component)
    check({"apiVersion": "v1", "kind": "Pod", "metadata": template["metadata"], "spec": template["spec"]}, version)


@pytest.mark.skipif(kustomize() is None, reason="neither kustomize nor kubectl is on the path")
@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda folder: folder.name)
def test_what_is_built_has_the_form_of_its_kind(folder: Path) -> None:
    for found in build(folder):
        check(found)


def changed(found: Object, path: str, value: Any) -> Object:
    """A copy with another value at a dotted path."""
    other = copy.deepcopy(found)
    node = other
    *steps, last = path.split(".")
    for step in steps:
        node = node[step]
    node[last] = value
    return other


WRONG: dict[str, list[tuple[str, Any]]] = {
    "FlinkDeployment weir": [("spec.job.upgradeMode", "last_state"), ("spec.flinkConfig", {}), ("spec.job.args", "x")],
    "NetworkPolicy weir-nothing-else": [("spec.podSelector.matchlabels", {}), ("spec.policyTypes", "Ingress")],
    "PodMonitor weir": [("spec.podMetricsEndpoints", []), ("spec.selector", {})],
    "PodDisruptionBudget weir": [("spec.maxUnavailabel", 1)],
    "Role weir-jobmanager": [("rules", [{"apiGroup": [""], "verbs": ["get"]}])],
}


@pytest.mark.parametrize(("name", "path", "value"), [(n, p, v) for n, all_ in WRONG.items() for p, v in all_])
def test_a_slip_is_seen(name: str, path: str, value: Any) -> None:
    (found,) = [found for found in base() if identity(found) == name]
    with pytest.raises((ValidationError, kubernetes_validate.ValidationError)):
        check(changed(found, path, value))
