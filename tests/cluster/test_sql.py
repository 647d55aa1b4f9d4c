"""`weir sql` and Flink's SQL client on a cluster whose task managers have nothing but Python."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobs.cluster import Cluster
from jobs.layout import free_port
from tests.cluster.command import weir
from tests.flink.runs import POLICY

pytestmark = pytest.mark.long

MAIL, CARD = "zoe.quill@example.org", "378282246310005"
TEXTS = f"(VALUES (1, 'write to {MAIL}'), (2, 'card {CARD}'), (3, 'nothing')) AS t(id, note)"
QUERY = f"SELECT id, classify(note) AS level, mask_text(note) AS note FROM {TEXTS}"
STARTS = 300.0
"""Seconds that a gateway, or a job, may take to start on a busy machine."""

NAME = "weir sql endless.sql:4"

CLIENT = f"""\
SET 'sql-client.execution.result-mode' = 'tableau';
SET 'execution.runtime-mode' = 'batch';
SET 'restart-strategy.type' = 'disable';
SELECT id, classify(note) AS level, mask_text(note) AS seen, mask(note, 'CREDIT_CARD') AS gone FROM {TEXTS};
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def configured(policy: Path, key_file: Path) -> list[object]:
    """The words of the command line that say what the functions need."""
    return ["--policy", policy, "--key-file", key_file, "--segment", "support"]


def sql(folder: Path, script: str, *words: object) -> "subprocess.CompletedProcess[str]":
    """Run a script by `weir sql`."""
    (folder / "script.sql").write_text(script)
    return weir("sql", folder / "script.sql", *words)


def logged(cluster: Cluster) -> str:
    return "".join(path.read_text(errors="replace") for path in cluster.logs.iterdir() if path.is_file())


def test_statements_run_on_the_cluster_and_results_come_back(
    cluster: Cluster, archives: Path, configured: list[object], tmp_path: Path
) -> None:
    table = f"WITH ('connector'='filesystem', 'path'='{tmp_path / 'out'}', 'format'='json');\n"
    script = f"CREATE TABLE seen (id INT, level STRING, note STRING) {table}INSERT INTO seen {QUERY};\nTABLE seen;"
    before = len(cluster.get("/jobs")["jobs"])
    done = sql(tmp_path, script, *configured, "--cluster", cluster.folder, "--archives", archives, "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert {number: row["level"] for number, row in rows.items()} == {1: "confidential", 2: "regulated", 3: "public"}
    assert rows[2]["note"] == "card xxxxxxxxxxx0005"
    assert rows[3]["note"] == "nothing"
    assert rows[1]["note"] != f"write to {MAIL}" and rows[1]["note"].startswith("write to ")
    written = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert sorted(map(json.dumps, rows.values())) == sorted(json.dumps(json.loads(x)) for x in written.splitlines())
    assert len(cluster.get("/jobs")["jobs"]) == before + 2
    assert not [value for value in (MAIL, CARD) if value in logged(cluster) + done.stderr]


def test_a_function_without_its_policy_ends_the_script_at_once(
    cluster: Cluster, archives: Path, tmp_path: Path
) -> None:
    where = ["--jobmanager", cluster.rest.removeprefix("http://"), "--archives", archives]
    done = sql(tmp_path, f"SHOW TABLES;\n{QUERY};\nSELECT 'after' AS x;", *where)
    assert done.returncode == 1
    assert "script.sql:2 " in done.stderr
    assert "job parameter weir.policy must be set" in done.stderr
    assert "after" not in done.stdout
    assert "Traceback" not in done.stderr
    assert not [value for value in (MAIL, CARD) if value in logged(cluster) + done.stdout + done.stderr]


def test_an_error_in_the_script_has_its_line_and_nothing_is_sent(
    cluster: Cluster, archives: Path, tmp_path: Path
) -> None:
    before = len(cluster.get("/jobs")["jobs"])
    where = ["--cluster", cluster.folder, "--archives", archives]
    done = sql(tmp_path, "SHOW TABLES;\nSELECT\n  nosuch FROM (VALUES (1)) AS t(x);", *where)
    assert done.returncode == 1
    assert "script.sql:3 Column 'nosuch' not found" in done.stderr
    assert len(cluster.get("/jobs")["jobs"]) == before


ENDLESS = """
CREATE TABLE numbers (n INT) WITH ('connector' = 'datagen', 'rows-per-second' = '1');
CREATE TABLE nowhere (n INT) WITH ('connector' = 'blackhole');
INSERT INTO nowhere SELECT n FROM numbers;
"""


INTERRUPTIBLE = """
import signal
from jobs.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell started in the background
main()
"""


def test_an_interrupt_ends_the_job_of_the_statement(cluster: Cluster, archives: Path, tmp_path: Path) -> None:
    (tmp_path / "endless.sql").write_text(ENDLESS)
    words = ["sql", tmp_path / "endless.sql", "--streaming", "--cluster", cluster.folder, "--archives", archives]
    command = [sys.executable, "-c", INTERRUPTIBLE, *map(str, words)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_job(cluster, "RUNNING", process)
            handed_over(cluster)
            process.send_signal(signal.SIGINT)
            process.wait(STARTS)
        finally:
            process.kill()
    assert process.returncode == 128 + signal.SIGINT
    wait_for_job(cluster, "CANCELED")


def handed_over(cluster: Cluster) -> None:
    """Wait until the client knows its job, and waits for the job's end."""
    end = time.monotonic() + STARTS
    while f"Successfully submitted job '{NAME}'" not in logged(cluster):
        assert time.monotonic() < end
        time.sleep(0.3)
    time.sleep(5)


def wait_for_job(cluster: Cluster, state: str, process: "subprocess.Popen[bytes] | None" = None) -> None:
    """Wait until the job of `ENDLESS`, which its file and line name, is in a state."""
    end = time.monotonic() + STARTS
    while not [job for job in cluster.get("/jobs/overview")["jobs"] if (job["name"], job["state"]) == (NAME, state)]:
        assert process is None or process.poll() is None, "the command ended"
        assert time.monotonic() < end, state
        time.sleep(0.3)


@contextmanager
def gateway(cluster: Cluster) -> Iterator[str]:
    """Flink's SQL gateway, which hands jobs to the cluster. Yields its host and port."""
    environment, port = shell(cluster), free_port()
    options = {"rest.address": "localhost", "rest.bind-address": "localhost", "rest.port": port}
    words = [f"-Dsql-gateway.endpoint.{name}={value}" for name, value in options.items()]
    command = ["bash", f"{environment['FLINK_HOME']}/bin/sql-gateway.sh", "start-foreground", *words]
    with (cluster.logs / "gateway.out").open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, start_new_session=True)
    try:
        wait_for(f"http://localhost:{port}/v1/info", process)
        yield f"localhost:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + STARTS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            opener.open(url, timeout=5).close()
            return
        except OSError:
            assert process.poll() is None, "the gateway ended"
            assert time.monotonic() < end, "the gateway does not answer"
            time.sleep(0.3)


def shell(cluster: Cluster) -> dict[str, str]:
    """The environment of a shell after `eval "$(weir cluster env)"`."""
    return dict(os.environ) | cluster.client_environment()


def ask(cluster: Cluster, folder: Path, *words: object) -> str:
    """What Flink's SQL client prints for `CLIENT`, after an init file."""
    (folder / "ask.sql").write_text(CLIENT)
    environment = shell(cluster)
    command = ["bash", f"{environment['FLINK_HOME']}/bin/sql-client.sh", *words]
    command += ["-hist", folder / "history", "-f", folder / "ask.sql"]
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_flinks_own_sql_client_has_the_functions(
    cluster: Cluster, archives: Path, configured: list[object], tmp_path: Path
) -> None:
    made = weir("sql", "--init", *configured, "--archives", archives)
    assert made.returncode == 0, made.stderr
    init = tmp_path / "init.sql"
    init.write_text(made.stdout)
    said = {"embedded": ask(cluster, tmp_path, "embedded", "-i", init)}
    with gateway(cluster) as place:
        said["gateway"] = ask(cluster, tmp_path, "gateway", "--endpoint", place, "-i", init)
    for how, text in said.items():
        rows = [[word.strip() for word in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
        assert ["2", "regulated", "card xxxxxxxxxxx0005"] in [row[:3] for row in rows], (how, text)
        assert not [row for row in rows if CARD in "".join(row) or MAIL in "".join(row)], how
        assert "3 rows in set" in text, (how, text)
    assert not [value for value in (MAIL, CARD) if value in logged(cluster)]


def test_a_cluster_that_does_not_answer_is_told(archives: Path, tmp_path: Path) -> None:
    done = sql(tmp_path, QUERY, "--jobmanager", f"localhost:{free_port()}", "--archives", archives)
    assert done.returncode == 1
    assert "must answer" in done.stderr
    assert "is the cluster running?" in done.stderr
    assert MAIL not in done.stderr
