"""`weir cluster`: a Flink cluster on this machine."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from jobs.commands.shared import FAILED, JSON, USAGE, err, fail, out, print_json

if TYPE_CHECKING:
    from jobs.cluster import Cluster, Status

app = typer.Typer(help="A Flink cluster on this machine: start, stop, status, mend.", no_args_is_help=True)

FOLDER = typer.Option("--folder", file_okay=False, help="Where the cluster keeps logs, checkpoints, process numbers.")
CONF = typer.Option("--conf", exists=True, file_okay=False, help="Folder of config.yaml; flink-conf of a checkout.")
DEFAULT_FOLDER = Path("out/cluster")


@app.command("start")
def start(
    folder: Annotated[Path, FOLDER] = DEFAULT_FOLDER,
    conf: Annotated[Path | None, CONF] = None,
    task_managers: Annotated[int, typer.Option(min=1, help="How many task managers.")] = 2,
    rest_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the web UI; 0 takes any free port.")] = 8081,
    tls: Annotated[bool, typer.Option("--tls", help="TLS between all processes and on the web UI.")] = False,
    high_availability: Annotated[
        bool, typer.Option("--high-availability", help="Jobs outlive the job manager: a ZooKeeper keeps what it knows.")
    ] = False,
    options: Annotated[
        list[str] | None, typer.Option("-D", metavar="NAME=VALUE", help="A Flink option; may be given again.")
    ] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Start one job manager and two task managers, and wait until they are ready. They listen on this machine only.

    Jars that `make jars` fetched are on their path. A second cluster needs another folder and another port.

    Example: `weir cluster start --rest-port 8082 --folder out/second -D taskmanager.memory.process.size=2g`
    """
    from jobs.cluster import start as start_cluster
    from jobs.layout import ClusterError
    from jobs.local import JavaNotFound

    given = _options(options or [])
    if not json:
        err().print(f"Starting Flink in {folder}: one job manager, {task_managers} task managers …", markup=False)
    try:
        cluster = start_cluster(
            folder, conf, task_managers=task_managers, rest_port=rest_port, tls=tls,
            high_availability=high_availability, options=given,
        )  # fmt: skip
    except (ClusterError, JavaNotFound) as error:
        fail(str(error))
    status = cluster.status()
    if json:
        print_json(status.as_dict())
        return
    _show(status)
    stop = "" if folder == DEFAULT_FOLDER else f" --folder {shlex.quote(str(folder))}"
    lines = [
        f'Use it: eval "$(weir cluster env{stop})" sets up a shell for "$FLINK_HOME/bin/flink"',
        f"Stop:   weir cluster stop{stop}",
    ]
    if cluster.authority:
        lines.insert(0, f"Trust:  {cluster.authority} (its certificates are under this authority)")
    for line in lines:
        out().print(line, markup=False, soft_wrap=True)


@app.command("status")
def status(folder: Annotated[Path, FOLDER] = DEFAULT_FOLDER, json: Annotated[bool, JSON] = False) -> None:
    """Say what runs, where its web UI and its logs are, and how many slots are free.

    The exit code is 1 if a process that was started does not run, or if the cluster does not answer.

    Example: `weir cluster status --json`
    """
    seen = _open(folder).status()
    if json:
        print_json(seen.as_dict())
    else:
        _show(seen)
    if not seen.answers or not all(process.alive for process in seen.processes):
        raise typer.Exit(FAILED)


@app.command("mend")
def mend(folder: Annotated[Path, FOLDER] = DEFAULT_FOLDER, json: Annotated[bool, JSON] = False) -> None:
    """Start again what has ended: a job manager or a task manager that was killed. Others go on meanwhile.

    Running jobs outlive a task manager always, and the job manager if the cluster has high availability.

    Example: `weir cluster mend --folder out/second`
    """
    from jobs.layout import ClusterError

    cluster = _open(folder)
    try:
        names = cluster.mend()
    except ClusterError as error:
        fail(str(error))
    if json:
        print_json({"started": names, "folder": str(cluster.folder)})
    else:
        out().print(f"Started again: {', '.join(names) or 'nothing, for all of it runs'}.", markup=False)


@app.command("stop")
def stop(folder: Annotated[Path, FOLDER] = DEFAULT_FOLDER, json: Annotated[bool, JSON] = False) -> None:
    """End the cluster. Jobs that run on it end with it; their checkpoints and savepoints stay in the folder.

    Example: `weir cluster stop --folder out/second`
    """
    cluster = _open(folder)
    count = len(cluster.pids)
    cluster.stop()
    if json:
        print_json({"stopped": count, "folder": str(cluster.folder)})
    else:
        out().print(f"{count} processes ended. Logs and checkpoints stay in {folder}.", markup=False)


@app.command("env")
def env(folder: Annotated[Path, FOLDER] = DEFAULT_FOLDER) -> None:
    """Print the environment variables with which Flink's own programs talk to the cluster, for a shell.

    In a shell: `eval "$(weir cluster env)" && "$FLINK_HOME/bin/flink" list`

    Example: `weir cluster env --folder out/second`
    """
    for name, value in _open(folder).client_environment().items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def _open(folder: Path) -> "Cluster":
    from jobs.cluster import Cluster
    from jobs.layout import ClusterError

    try:
        return Cluster.open(folder)
    except ClusterError as error:
        fail(str(error))


def _options(words: list[str]) -> dict[str, str]:
    for word in words:
        if "=" not in word:
            fail("-D must be NAME=VALUE; write: -D taskmanager.numberOfTaskSlots=4", USAGE)
    return dict(word.split("=", 1) for word in words)


def _show(status: "Status") -> None:
    table = Table("process", "pid", "state", "metrics", header_style="bold")
    for process in status.processes:
        state = "[green]runs[/]" if process.alive else "[red]ended[/]"
        table.add_row(process.name, str(process.pid), state, process.metrics)
    if status.processes:
        out().print(table)
    answers = "" if status.answers else " (does not answer)"
    out().print(f"Web UI: {status.rest}{answers}", markup=False, soft_wrap=True)
    out().print(f"Logs:   {Path(status.folder) / 'log'}", markup=False, soft_wrap=True)
    out().print(f"Slots:  {status.free_slots} of {status.slots} free", markup=False)
