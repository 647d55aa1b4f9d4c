"""The component that puts TLS between the pods: its options are Flink's, and its stores lie where they are read."""

import copy
from pathlib import Path
from typing import Any

import pytest

from jobs.certificates import Store
from jobs.layout import tls_options
from tests.deploy.flink_jars import is_option
from tests.deploy.manifests import CONF, PODS, build, kustomize, of_kind, read, spec

TLS = CONF / "kubernetes" / "components" / "tls"


def patched() -> Any:
    """The deployment under the component's patch, which only adds."""
    found = {"spec": copy.deepcopy(spec())}
    (operations,) = read(TLS / "patch.yaml")
    for operation in operations:
        assert operation["op"] == "add"
        *way, last = operation["path"].split("/")[1:]
        place: Any = found
        for word in way:
            place = place[int(word) if isinstance(place, list) else word]
        if isinstance(place, list):
            assert last == "-"
            place.append(operation["value"])
        else:
            assert last not in place
            place[last] = operation["value"]
    return found["spec"]


def test_its_options_are_those_of_a_cluster_on_one_machine() -> None:
    added = patched()["flinkConfiguration"].keys() - spec()["flinkConfiguration"].keys()
    assert added
    assert not [name for name in added if not is_option(name)]
    store = Store(Path("keys"), Path("trusted"), Path("ca"), "")
    assert added == {name for name in tls_options(store) if ".rest." not in name}


@pytest.mark.parametrize("component", PODS)
def test_its_stores_are_mounted_where_flink_reads_them(component: str) -> None:
    options, template = patched()["flinkConfiguration"], patched()[component]["podTemplate"]["spec"]
    mounts = {mount["mountPath"]: mount for mount in template["containers"][0]["volumeMounts"]}
    for name in ("keystore", "truststore"):
        mount = mounts[str(Path(options[f"security.ssl.internal.{name}"]).parent)]
        assert mount["readOnly"]
        (volume,) = [volume for volume in template["volumes"] if volume["name"] == mount["name"]]
        assert volume["secret"] == {"secretName": "weir-tls", "defaultMode": 0o440}
    assert template["containers"][0]["name"] == "flink-main-container"


@pytest.mark.skipif(kustomize() is None, reason="neither kustomize nor kubectl is on the path")
def test_an_overlay_takes_it(tmp_path: Path) -> None:
    for name, folder in (("base", CONF / "kubernetes" / "base"), ("tls", TLS)):
        (tmp_path / name).symlink_to(folder, target_is_directory=True)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "kustomization.yaml").write_text("resources: [../base]\ncomponents: [../tls]\n")
    built, wanted = of_kind(build(tmp_path / "own"), "FlinkDeployment")["weir"]["spec"], patched()
    assert built["flinkConfiguration"] == wanted["flinkConfiguration"]
    assert built["taskManager"] == wanted["taskManager"]
    assert "tls" in {volume["name"] for volume in built["jobManager"]["podTemplate"]["spec"]["volumes"]}
