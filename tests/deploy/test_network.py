"""What the network policies leave open, computed as Kubernetes does: policies add up, the rest is closed."""

import ipaddress
from typing import Any

import pytest

from tests.deploy.manifests import EXAMPLE, PODS, Object, base, build, containers, kustomize, of_kind, pod, spec

JM, TM = (pod(component)["metadata"]["labels"] for component in PODS)
DEFAULT_DENY = "weir-nothing-else"
Port = tuple[str, int]


def policies() -> list[Object]:
    return [found["spec"] for found in of_kind(base(), "NetworkPolicy").values()]


def matches(selector: Object, labels: dict[str, str]) -> bool:
    assert set(selector) <= {"matchLabels"}
    wanted: dict[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= labels.items()


def selecting(labels: dict[str, str], direction: str) -> list[Object]:
    """The policies that hold for a pod in a direction."""
    return [p for p in policies() if direction in p["policyTypes"] and matches(p["podSelector"], labels)]


def rules(labels: dict[str, str], direction: str) -> list[tuple[list[Object], set[Port]]]:
    """Peers and ports of every rule that holds for a pod."""
    word, peers = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    found = [rule for policy in selecting(labels, direction) for rule in policy.get(word, ())]
    return [(rule[peers], {(port["protocol"], port["port"]) for port in rule["ports"]}) for rule in found]


def open_to(peer: dict[str, str], labels: dict[str, str], direction: str) -> set[Port]:
    """The ports that are open between a pod and another pod of the same namespace."""
    return {
        port
        for peers, ports in rules(labels, direction)
        for found in peers
        if set(found) == {"podSelector"} and matches(found["podSelector"], peer)
        for port in ports
    }


def option(name: str) -> Port:
    return ("TCP", int(spec()["flinkConfiguration"][name]))


@pytest.mark.parametrize("labels", [JM, TM], ids=PODS)
@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_what_is_not_named_is_closed(labels: dict[str, str], direction: str) -> None:
    found = of_kind(base(), "NetworkPolicy")[DEFAULT_DENY]["spec"]
    assert matches(found["podSelector"], labels)
    assert direction in found["policyTypes"]
    assert not {"ingress", "egress"} & set(found)


def test_other_pods_of_the_namespace_keep_their_network() -> None:
    assert not selecting({"app": "other"}, "Ingress")
    assert not selecting({"app": "other"}, "Egress")


@pytest.mark.parametrize("labels", [JM, TM], ids=PODS)
@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_every_rule_names_peers_and_ports(labels: dict[str, str], direction: str) -> None:
    """A rule without peers is open to everybody, one without ports to every port: to the workers' gRPC too."""
    found = rules(labels, direction)
    assert found
    for peers, ports in found:
        assert peers
        assert ports
        assert all(peer and all(peer.values()) for peer in peers)


def from_elsewhere(labels: dict[str, str]) -> dict[str, set[Port]]:
    """The ports that are open to another namespace."""
    return {
        peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]: ports
        for peers, ports in rules(labels, "Ingress")
        for peer in peers
        if "namespaceSelector" in peer
    }


def test_job_managers_are_reached_at_these_ports_only() -> None:
    assert from_elsewhere(JM) == {
        "flink-operator": {option("rest.port")},
        "monitoring": {option("metrics.reporter.prom.port")},
    }
    assert open_to(TM, JM, "Ingress") == {option("jobmanager.rpc.port"), option("blob.server.port")}
    assert open_to({"app": "other"}, JM, "Ingress") == set()


def test_task_managers_are_reached_at_these_ports_only() -> None:
    assert from_elsewhere(TM) == {"monitoring": {option("metrics.reporter.prom.port")}}
    assert open_to(TM, TM, "Ingress") == {option("taskmanager.data.port")}
    metrics = option("metrics.internal.query-service.port")
    assert open_to(JM, TM, "Ingress") == {option("taskmanager.rpc.port"), metrics}
    assert open_to({"app": "other"}, TM, "Ingress") == set()


def test_nobody_comes_in_by_address() -> None:
    for labels in (JM, TM):
        assert not [peer for peers, _ in rules(labels, "Ingress") for peer in peers if "ipBlock" in peer]


@pytest.mark.parametrize(("client", "server"), [(JM, TM), (TM, JM), (TM, TM)], ids=["jm-tm", "tm-jm", "tm-tm"])
def test_what_may_come_in_may_also_go_out(client: dict[str, str], server: dict[str, str]) -> None:
    assert open_to(server, client, "Egress") == open_to(client, server, "Ingress")


def test_ports_are_fixed_and_differ() -> None:
    names = ("rest.port", "jobmanager.rpc.port", "blob.server.port", "taskmanager.rpc.port", "taskmanager.data.port",
             "metrics.internal.query-service.port", "metrics.reporter.prom.port")  # fmt: skip
    ports = [option(name)[1] for name in names]
    assert len(set(ports)) == len(ports)
    assert 0 not in ports
    options = spec()["flinkConfiguration"]
    assert options["high-availability.jobmanager.port"] == options["jobmanager.rpc.port"]


def test_only_task_managers_reach_the_key_management_and_the_registry() -> None:
    found = of_kind(base(), "NetworkPolicy")
    for name in ("weir-to-kms", "weir-to-registry"):
        assert matches(found[name]["spec"]["podSelector"], TM)
        assert not matches(found[name]["spec"]["podSelector"], JM)


def test_prometheus_finds_the_port() -> None:
    (monitor,) = of_kind(base(), "PodMonitor").values()
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    for component, labels in zip(PODS, (JM, TM), strict=True):
        assert matches(monitor["spec"]["selector"], labels)
        main = containers(component)[-1]
        ports = {port["name"]: port["containerPort"] for port in main["ports"]}
        assert ports[endpoint["port"]] == option("metrics.reporter.prom.port")[1]


def test_a_drain_counts_every_pod() -> None:
    (budget,) = of_kind(base(), "PodDisruptionBudget").values()
    assert all(matches(budget["spec"]["selector"], labels) for labels in (JM, TM))


NOBODY = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24")]


def blocks(objects: list[Object]) -> list[Any]:
    found = of_kind(objects, "NetworkPolicy").values()
    rules = [rule for policy in found for rule in policy["spec"].get("egress", ())]
    return [ipaddress.ip_network(peer["ipBlock"]["cidr"]) for rule in rules for peer in rule["to"] if "ipBlock" in peer]


def test_addresses_of_the_base_are_nobodys() -> None:
    """Forgotten in an overlay, they leave a connection closed and not open to a stranger."""
    found = blocks(base())
    assert found
    assert all(any(block.subnet_of(range_) for range_ in NOBODY) for block in found)


@pytest.mark.skipif(kustomize() is None, reason="neither kustomize nor kubectl is on the path")
def test_an_overlay_changes_addresses_and_nothing_else() -> None:
    before, after = (of_kind(objects, "NetworkPolicy") for objects in (base(), build(EXAMPLE)))
    changed = {name for name in before if before[name]["spec"] != after[name]["spec"]}
    assert changed == {"weir-to-kubernetes", "weir-to-s3"}
    assert not set(blocks(list(before.values()))) & set(blocks(list(after.values())))
