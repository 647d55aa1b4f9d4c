"""What a pod may do: nothing that the job does not need, and no secret where others look."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.manifests import CONF, PODS, SECRETS, Object, base, containers, of_kind, pod, read, spec
from udfs.keys import KeyFileError, Keyring, Keys, new_root, write_keyring

USER = 9999  # the user flink of the image


@pytest.mark.parametrize("component", PODS)
def test_pods_run_as_an_ordinary_user(component: str) -> None:
    context = pod(component)["spec"]["securityContext"]
    assert context["runAsNonRoot"] is True
    assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (USER, USER, USER)
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}


def test_the_user_is_the_one_of_the_image() -> None:
    text = (CONF / "Dockerfile").read_text()
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE) == [f"{USER}:{USER}"]
    assert f"useradd --system --uid {USER} --gid flink" in text


@pytest.mark.parametrize("component", PODS)
def test_containers_have_no_rights_beyond_it(component: str) -> None:
    for container in containers(component):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod(component)["spec"])
    assert not [volume for volume in pod(component)["spec"]["volumes"] if "hostPath" in volume]


@pytest.mark.parametrize("component", PODS)
def test_what_flink_writes_lies_on_a_volume(component: str) -> None:
    (main,) = pod(component)["spec"]["containers"]
    assert main["name"] == "flink-main-container"
    written = {mount["mountPath"] for mount in main["volumeMounts"] if not mount.get("readOnly")}
    assert written == {"/tmp"}
    options = spec()["flinkConfiguration"]
    assert options["io.tmp.dirs"] == "/tmp"
    assert options["user.artifacts.base-dir"].startswith("/tmp/")


@pytest.mark.parametrize("component", PODS)
def test_no_secret_is_in_the_environment(component: str) -> None:
    for container in containers(component):
        assert not container.get("env")
        assert not container.get("envFrom")
    options = spec()["flinkConfiguration"]
    assert not [
        name for name in options if name.startswith("containerized.") or "env." in name.removeprefix("env.java")
    ]
    assert not [name for name in options if re.search(r"secret|password|access-key|token", name)]


def test_no_secret_is_in_the_files() -> None:
    """The example of the Secrets names every file that is mounted, and holds no value."""
    secrets = of_kind(read(SECRETS), "Secret")
    assert {name: set(found["stringData"]) for name, found in secrets.items()} == {
        "weir-keys": {"root.key"},
        "weir-kafka": {"client.pem", "ca.pem"},
    }
    assert not any(value for found in secrets.values() for value in found["stringData"].values())
    assert not of_kind(base(), "Secret")


def secrets_of(component: str) -> set[str]:
    return {volume["secret"]["secretName"] for volume in pod(component)["spec"]["volumes"] if "secret" in volume}


def test_only_task_managers_have_the_keys() -> None:
    assert secrets_of("jobManager") == {"weir-kafka"}
    assert secrets_of("taskManager") == {"weir-kafka", "weir-keys"}
    (main,) = pod("taskManager")["spec"]["containers"]
    assert "keys-secret" not in {mount["name"] for mount in main["volumeMounts"]}


@pytest.mark.parametrize("component", PODS)
def test_every_mount_has_its_volume(component: str) -> None:
    volumes = {volume["name"] for volume in pod(component)["spec"]["volumes"]}
    mounted = {mount["name"] for container in containers(component) for mount in container["volumeMounts"]}
    assert mounted == volumes


def copied(tmp_path: Path, source: Path) -> Path:
    """What the command of the first container makes of a key file: the command as it stands, in other folders."""
    (first,) = pod("taskManager")["spec"]["initContainers"]
    places = {mount["name"]: mount["mountPath"] for mount in first["volumeMounts"]}
    (tmp_path / "keys").mkdir()
    folders = {places["keys-secret"]: str(source.parent), places["keys"]: str(tmp_path / "keys")}
    command = list(first["command"])
    for inside, outside in folders.items():
        command = [word.replace(f"{inside}/", f"{outside}/") for word in command]
    assert not [word for word in command if any(inside in word for inside in folders)]
    subprocess.run(command, check=True)
    return tmp_path / "keys" / "root.key"


def test_the_key_file_opens_after_the_copy_and_not_before(tmp_path: Path) -> None:
    """Kubernetes gives a Secret's files mode 0440 where a group must read them; Weir wants its owner alone."""
    folder = tmp_path / "secret"
    folder.mkdir()
    source = folder / "root.key"
    write_keyring(source, Keyring.of(new_root()))
    secret = next(v["secret"] for v in pod("taskManager")["spec"]["volumes"] if v["name"] == "keys-secret")
    source.chmod(secret["defaultMode"])
    with pytest.raises(KeyFileError, match="for its owner alone"):
        Keys.open(source, None)
    copy = copied(tmp_path, source)
    assert os.stat(copy).st_mode & 0o777 == 0o400
    assert Keys.open(copy, None)


def rules(name: str) -> dict[str, set[str]]:
    """What a role may do: resource to verbs."""
    return {
        resource: set(rule["verbs"])
        for rule in of_kind(base(), "Role")[name]["rules"]
        for resource in rule["resources"]
    }


def test_task_managers_may_only_read_who_leads() -> None:
    assert rules("weir-taskmanager") == {"configmaps": {"get", "list", "watch"}}


def test_no_role_has_more_than_flink_uses() -> None:
    granted = rules("weir-jobmanager")
    assert set(granted) == {"pods", "configmaps", "deployments", "deployments/finalizers"}
    assert not any("*" in verbs for verbs in granted.values())
    assert "secrets" not in granted
    assert not of_kind(base(), "ClusterRole")


def test_accounts_have_the_role_of_their_name() -> None:
    bindings: dict[str, Any] = of_kind(base(), "RoleBinding")
    accounts = set(of_kind(base(), "ServiceAccount"))
    assert set(bindings) == accounts == {"weir-jobmanager", "weir-taskmanager"}
    for name, binding in bindings.items():
        assert binding["roleRef"]["name"] == name
        assert [subject["name"] for subject in binding["subjects"]] == [name]
    found: Object = spec()
    assert found["serviceAccount"] == "weir-jobmanager"
    assert found["flinkConfiguration"]["kubernetes.taskmanager.service-account"] == "weir-taskmanager"
