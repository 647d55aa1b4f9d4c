"""The base and the example hang together: what they name is there, and kustomize builds them."""

from pathlib import Path
from typing import Any

import pytest

from tests.deploy.manifests import BASE, EXAMPLE, PODS, Object, base, build, kustomize, of_kind, read

builds = pytest.mark.skipif(kustomize() is None, reason="neither kustomize nor kubectl is on the path")
FOLDERS = [BASE, EXAMPLE]


def kustomization(folder: Path) -> Object:
    (found,) = read(folder / "kustomization.yaml")
    return found


def named(folder: Path) -> set[str]:
    """Every file and folder that a kustomization names."""
    found = kustomization(folder)
    names = {*found.get("resources", ()), *found.get("configurations", ())}
    names |= {patch["path"] for patch in found.get("patches", ())}
    return names | {name for maps in found.get("configMapGenerator", ()) for name in maps["files"]}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_is_named_exists_and_what_exists_is_named(folder: Path) -> None:
    names = named(folder)
    assert all((folder / name).exists() for name in names)
    assert {path.name for path in folder.iterdir()} - {"kustomization.yaml"} == {n for n in names if "/" not in n}


def test_every_patch_has_its_target() -> None:
    there = {(found["kind"], found["metadata"]["name"]) for found in base()}
    patches = [found for patch in kustomization(EXAMPLE)["patches"] for found in read(EXAMPLE / patch["path"])]
    assert len(patches) > 3
    assert {(patch["kind"], patch["metadata"]["name"]) for patch in patches} <= there


def test_no_object_is_there_twice() -> None:
    names = [(found["kind"], found["metadata"]["name"]) for found in base()]
    assert len(names) == len(set(names))


def test_no_object_of_the_base_names_a_namespace() -> None:
    assert not [found for found in base() if "namespace" in found["metadata"]]


@builds
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_object_is_built(folder: Path) -> None:
    kinds = sorted([*(found["kind"] for found in base()), "ConfigMap"])
    assert sorted(found["kind"] for found in build(folder)) == kinds


@builds
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_changed_policy_is_a_changed_deployment(folder: Path) -> None:
    """The map's name holds a digest of its content, and the deployment has that name."""
    objects = build(folder)
    (name,) = of_kind(objects, "ConfigMap")
    assert name.startswith("weir-job-")
    volumes = of_kind(objects, "FlinkDeployment")["weir"]["spec"]["jobManager"]["podTemplate"]["spec"]["volumes"]
    assert [volume["configMap"]["name"] for volume in volumes if "configMap" in volume] == [name]


@builds
def test_the_map_holds_what_the_job_reads() -> None:
    (found,) = of_kind(build(BASE), "ConfigMap").values()
    assert found["data"] == {name: (BASE / name).read_text() for name in ("policy.yaml", "tables.sql")}


@builds
def test_the_example_changes_what_it_says() -> None:
    objects = build(EXAMPLE)
    spec = of_kind(objects, "FlinkDeployment")["weir"]["spec"]
    assert {found["metadata"]["namespace"] for found in objects} == {"weir-orders"}
    assert images(spec) == {"registry.example.com/weir:0.1.0"}
    assert spec["job"]["parallelism"] == 4
    assert spec["flinkConfiguration"]["execution.checkpointing.dir"] == "s3://example-weir-orders/checkpoints"
    # and leaves the rest
    kept = of_kind(base(), "FlinkDeployment")["weir"]["spec"]
    assert spec["logConfiguration"] == kept["logConfiguration"]
    assert set(kept["flinkConfiguration"]) < set(spec["flinkConfiguration"])
    assert all(spec[name]["podTemplate"]["spec"]["securityContext"]["runAsNonRoot"] for name in PODS)


def images(spec: Any) -> set[str]:
    first = [found for name in PODS for found in spec[name]["podTemplate"]["spec"].get("initContainers", ())]
    return {spec["image"], *(container["image"] for container in first)}


@builds
def test_a_prefix_reaches_every_name(tmp_path: Path) -> None:
    """Two teams' jobs can have names of their own: accounts and roles follow, also where only names.yaml says so."""
    (tmp_path / "base").symlink_to(BASE, target_is_directory=True)
    (tmp_path / "team").mkdir()
    lines = "resources: [../base]\nnamePrefix: a-\n"
    (tmp_path / "team" / "kustomization.yaml").write_text(lines)
    objects = build(tmp_path / "team")
    spec = of_kind(objects, "FlinkDeployment")["a-weir"]["spec"]
    accounts = {spec["serviceAccount"], spec["flinkConfiguration"]["kubernetes.taskmanager.service-account"]}
    assert accounts == set(of_kind(objects, "ServiceAccount")) == {"a-weir-jobmanager", "a-weir-taskmanager"}
