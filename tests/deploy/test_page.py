"""What docs/kubernetes.md tells a reader to write works, and its table is the network's."""

import re
from pathlib import Path

import pytest
import yaml

from tests.deploy.flink_jars import is_option
from tests.deploy.manifests import BASE, ROOT, build, kustomize, of_kind, spec

PAGE = (ROOT / "docs" / "kubernetes.md").read_text()
VAULT, OWN_FILES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
builds = pytest.mark.skipif(kustomize() is None, reason="neither kustomize nor kubectl is on the path")


def overlay(folder: Path, text: str) -> Path:
    """An overlay of the base, in a folder of its own."""
    (folder / "base").symlink_to(BASE, target_is_directory=True)
    own = folder / "own"
    own.mkdir()
    (own / "kustomization.yaml").write_text(f"resources: [../base]\n{text}")
    return own


@builds
def test_own_files_take_the_place_of_the_bases(tmp_path: Path) -> None:
    own = overlay(tmp_path, OWN_FILES)
    (own / "policy.yaml").write_text("weir: 1\nname: mine\n")
    (own / "tables.sql").write_text("-- mine\n")
    objects = build(own)
    (name, found), *others = of_kind(objects, "ConfigMap").items()
    assert not others
    assert found["data"] == {"policy.yaml": "weir: 1\nname: mine\n", "tables.sql": "-- mine\n"}
    volumes = of_kind(objects, "FlinkDeployment")["weir"]["spec"]["jobManager"]["podTemplate"]["spec"]["volumes"]
    assert [volume["configMap"]["name"] for volume in volumes if "configMap" in volume] == [name]


@builds
def test_what_vault_needs_is_added_and_nothing_is_lost(tmp_path: Path) -> None:
    own = overlay(tmp_path, "patches: [{path: job.yaml}]\n")
    head = "apiVersion: flink.apache.org/v1beta1\nkind: FlinkDeployment\nmetadata: {name: weir}\n"
    (own / "job.yaml").write_text(head + VAULT)
    built = of_kind(build(own), "FlinkDeployment")["weir"]["spec"]
    wanted, before = yaml.safe_load(VAULT)["spec"], spec()
    assert built["flinkConfiguration"] == before["flinkConfiguration"] | wanted["flinkConfiguration"]
    template = built["taskManager"]["podTemplate"]
    assert template["metadata"]["annotations"] == wanted["taskManager"]["podTemplate"]["metadata"]["annotations"]
    assert template["spec"]["containers"] == before["taskManager"]["podTemplate"]["spec"]["containers"]


def test_flink_hands_the_variables_of_the_page_to_task_managers() -> None:
    names = yaml.safe_load(VAULT)["spec"]["flinkConfiguration"]
    assert {name.rpartition(".")[0] + "." for name in names} == {"containerized.taskmanager.env."}
    assert is_option("containerized.taskmanager.env.")


def test_the_table_of_ports_is_the_network() -> None:
    rows = re.findall(r"^\| (job manager|task manager|both) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    told = {(into, peer.strip()): {int(port) for port in re.findall(r"\b\d{4}\b", ports)} for into, peer, ports in rows}
    options = spec()["flinkConfiguration"]

    def ports(*names: str) -> set[int]:
        return {int(options[name]) for name in names}

    assert told == {
        ("job manager", "the operator"): ports("rest.port"),
        ("job manager", "task managers"): ports("jobmanager.rpc.port", "blob.server.port"),
        ("task manager", "job manager"): ports("taskmanager.rpc.port", "metrics.internal.query-service.port"),
        ("task manager", "task managers"): ports("taskmanager.data.port"),
        ("both", "Prometheus"): ports("metrics.reporter.prom.port"),
    }
