"""The job as the deployment starts it: its words, its files, its options, its memory."""

from pathlib import Path

import pytest

from jobs.segment import command_line, load_plan, variables_of
from jobs.statements import split
from tests.deploy.flink_jars import FLINK, has_class, is_option, memory
from tests.deploy.manifests import BASE, CONF, EXAMPLE, PODS, Object, containers, flat, of_kind, pod, read, spec

OPTIONS = spec()["flinkConfiguration"]
REPORTER = "metrics.reporter.prom."  # followed by the reporter's own options

KUBERNETES_SAYS_OTHERWISE = {
    # Processes find each other by the cluster's network, and not on one machine.
    "jobmanager.bind-host", "jobmanager.rpc.address", "taskmanager.bind-host", "taskmanager.host", "rest.address",
    "rest.bind-address",
    # spec.*.resource and spec.job.parallelism say it.
    "jobmanager.memory.process.size", "taskmanager.memory.process.size", "parallelism.default",
    # One process in a pod needs one port and no range.
    "metrics.reporter.prom.port",
}  # fmt: skip


def jobs() -> list[Object]:
    """The job of the base, and the example's."""
    (example,) = of_kind(read(EXAMPLE / "job.yaml"), "FlinkDeployment").values()
    return [spec()["job"], example["spec"]["job"]]


@pytest.mark.parametrize("job", jobs(), ids=["base", "example"])
def test_the_job_understands_its_words(job: Object) -> None:
    python, program, *words = job["args"]
    assert python == "-py"
    assert Path(program).parts[-2:] == ("jobs", "segment.py")
    given = command_line("a job").parse_args(words)
    assert given.mode == "streaming"
    assert set(variables_of(given.set)) == {"brokers"}


def mounts(component: str) -> dict[str, str]:
    main = containers(component)[-1]
    return {mount["mountPath"]: mount["name"] for mount in main["volumeMounts"]}


@pytest.mark.parametrize("job", jobs(), ids=["base", "example"])
def test_files_are_mounted_where_they_are_read(job: Object) -> None:
    """The job manager runs the program and reads policy and tables; task managers read the keys."""
    given = command_line("a job").parse_args(job["args"][2:])
    for path, component, volume in [(given.policy, 0, "job"), (given.tables, 0, "job"), (given.key_file, 1, "keys")]:
        assert mounts(PODS[component])[str(Path(path).parent)] == volume
    assert {Path(given.policy).name, Path(given.tables).name} <= {path.name for path in BASE.iterdir()}
    first, _ = containers("taskManager")
    assert first["command"][-1] == given.key_file


def test_the_map_is_the_volume() -> None:
    volumes = {volume["name"]: volume for volume in pod("jobManager")["spec"]["volumes"]}
    (kustomization,) = read(BASE / "kustomization.yaml")
    assert volumes["job"]["configMap"]["name"] in {made["name"] for made in kustomization["configMapGenerator"]}


def test_files_of_the_tables_are_mounted_in_both() -> None:
    variables = {"brokers": "kafka:9093"}
    text = " ".join(statement.text for statement in split((BASE / "tables.sql").read_text(), "tables.sql", variables))
    for word in text.split("'"):
        if word.startswith("/"):
            assert {mounts(component).get(str(Path(word).parent)) for component in PODS} == {"kafka"}, word
    assert "/etc/weir/kafka/client.pem" in text
    assert "jaas" not in text


@pytest.mark.flink
@pytest.mark.xdist_group("flink")
def test_the_tables_serve_the_policy() -> None:
    """Flink takes them, and every output of the policy has its table, of the right columns."""
    from jobs.local import environment
    from jobs.tables import read_tables

    plan = load_plan(BASE / "policy.yaml")
    roles = read_tables(environment(), BASE / "tables.sql", plan, {"brokers": "kafka:9093"})
    assert {name: table.name for name, table in roles.segments.items()} == {
        segment.name: segment.sink for segment in plan.segments
    }
    assert (roles.audit.name, roles.quarantine.name) == ("audit", "quarantine")


def test_flink_knows_every_option() -> None:
    unknown = [name for name in OPTIONS if not name.startswith(REPORTER) and not is_option(name)]
    assert not unknown
    assert is_option("python.fn-execution.bundle.size")
    assert not is_option("python.fn-execution.bundle.sizes")
    assert not is_option("python.fn-execution.bundle")


def test_the_reporter_is_a_plugin_of_flink() -> None:
    assert {name.removeprefix(REPORTER) for name in OPTIONS if name.startswith(REPORTER)} == {"factory.class", "port"}
    (jar,) = (FLINK / "plugins" / "metrics-prometheus").glob("*.jar")
    assert has_class(jar, OPTIONS[f"{REPORTER}factory.class"])


def test_options_are_those_of_flink_conf() -> None:
    (conf,) = read(CONF / "config.yaml")
    elsewhere = dict(flat(conf))
    assert set(elsewhere) >= KUBERNETES_SAYS_OTHERWISE
    shared = {name: value for name, value in elsewhere.items() if name not in KUBERNETES_SAYS_OTHERWISE}
    assert {name: OPTIONS.get(name) for name in shared} == shared
    assert not (KUBERNETES_SAYS_OTHERWISE - {f"{REPORTER}port"}) & set(OPTIONS)


def test_logs_are_those_of_flink_conf() -> None:
    """The operator would bring its own, which print what an exception says."""
    text = (CONF / "log4j-console.properties").read_text()
    assert spec()["logConfiguration"] == {"log4j-console.properties": text}


def test_the_program_is_the_one_of_this_flink() -> None:
    (jar,) = (FLINK / "opt").glob("flink-python-*.jar")
    job = spec()["job"]
    assert job["jarURI"] == f"local:///opt/flink/opt/{jar.name}"
    assert has_class(jar, job["entryClass"])
    major, minor, _ = jar.stem.rpartition("-")[2].split(".")
    assert spec()["flinkVersion"] == f"v{major}_{minor}"


def test_a_change_goes_on_where_the_job_was() -> None:
    assert spec()["job"]["upgradeMode"] == "last-state"
    assert OPTIONS["high-availability.type"] == "kubernetes"
    (example,) = of_kind(read(EXAMPLE / "job.yaml"), "FlinkDeployment").values()
    for options in (OPTIONS, example["spec"]["flinkConfiguration"]):
        places = [options[f"execution.checkpointing.{name}"] for name in ("dir", "savepoint-dir")]
        places.append(options["high-availability.storageDir"])
        assert all(place.startswith("s3://") for place in places)
        assert len(set(places)) == len(places)


def sizes() -> dict[str, str]:
    found = spec()
    return {f"{component.lower()}.memory.process.size": found[component]["resource"]["memory"] for component in PODS}


MEGABYTE = 1 << 20
WORKER = 600 * MEGABYTE  # a worker starts with about 250 MB; the rest is for its batches


def test_memory_of_task_managers_is_enough_for_java_and_the_workers(tmp_path: Path) -> None:
    """Flink itself divides it; workers live in what it sets aside for them."""
    options = {name: value for name, value in OPTIONS.items() if not name.startswith("env.")}
    found = memory("GET_TM_RESOURCE_PARAMS", options | sizes(), tmp_path)
    managed = int(found["taskmanager.memory.managed.size"].removesuffix("b"))
    assert managed >= int(OPTIONS["taskmanager.numberOfTaskSlots"]) * WORKER
    heap = int(found["-Xmx"])
    assert heap >= 1024 * MEGABYTE
    assert heap + managed < mebibytes("taskManager") * MEGABYTE


def test_memory_of_job_managers_has_room_for_the_program(tmp_path: Path) -> None:
    options = {name: value for name, value in OPTIONS.items() if not name.startswith("env.")}
    found = memory("GET_JM_RESOURCE_PARAMS", options | sizes(), tmp_path)
    assert int(found["-Xmx"]) >= 1024 * MEGABYTE
    factor = float(OPTIONS["kubernetes.jobmanager.memory.limit-factor"])
    assert mebibytes("jobManager") * (factor - 1) >= 500  # twice what the program was seen to need


def mebibytes(component: str) -> int:
    return int(spec()[component]["resource"]["memory"].removesuffix("m"))


def test_every_slot_has_a_core_for_its_worker() -> None:
    assert spec()["taskManager"]["resource"]["cpu"] > int(OPTIONS["taskmanager.numberOfTaskSlots"])


def test_the_job_fits_its_slots() -> None:
    assert spec()["job"]["parallelism"] % int(OPTIONS["taskmanager.numberOfTaskSlots"]) == 0


def test_the_role_in_the_example_is_read_by_the_plugin() -> None:
    (example,) = of_kind(read(EXAMPLE / "job.yaml"), "FlinkDeployment").values()
    name = example["spec"]["flinkConfiguration"]["fs.s3a.aws.credentials.provider"]
    jars = list((CONF / "jars" / "flink").glob("flink-s3-fs-hadoop-*.jar"))
    if not jars:
        pytest.skip("the jars are not here: make jars")
    assert has_class(jars[0], name)
