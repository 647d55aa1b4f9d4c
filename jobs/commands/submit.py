"""`weir submit`: hand a job to a running cluster."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.archive import DEFAULT_ARCHIVES
from jobs.commands.cluster import CONF, DEFAULT_FOLDER
from jobs.commands.run import KEYS, MODE, POLICY_OPTION, TABLES, Mode
from jobs.commands.shared import (
    JARS,
    JSON,
    KEY_TABLE,
    PARALLELISM,
    SET,
    err,
    fail,
    out,
    plan_of,
    print_json,
    print_lines,
    variables_of,
)

app = typer.Typer(help="Hand a job to a running cluster.", no_args_is_help=True)

JOBMANAGER = typer.Option("--jobmanager", metavar="HOST:PORT", help="The cluster's REST interface.")
ARCHIVES = typer.Option("--archives", file_okay=False, help="Where archives are kept; one is made anew on a change.")
SAVEPOINT = typer.Option("--savepoint", metavar="PATH", help="Go on from a savepoint, or from a retained checkpoint.")
CLUSTER = typer.Option("--cluster", file_okay=False, help="Or the folder of a `weir cluster start`.")


@app.callback()
def _group() -> None:
    """Hand a job to a running cluster."""


@app.command("segment")
def segment(
    policy: Annotated[Path, POLICY_OPTION],
    tables: Annotated[Path, TABLES],
    key_file: Annotated[str, KEYS],
    jobmanager: Annotated[str | None, JOBMANAGER] = None,
    cluster: Annotated[Path, CLUSTER] = DEFAULT_FOLDER,
    conf: Annotated[Path | None, CONF] = None,
    archives: Annotated[Path, ARCHIVES] = DEFAULT_ARCHIVES,
    mode: Annotated[Mode, MODE] = Mode.streaming,
    key_table: Annotated[str | None, KEY_TABLE] = None,
    parallelism: Annotated[int | None, PARALLELISM] = None,
    savepoint: Annotated[str | None, SAVEPOINT] = None,
    variables: Annotated[list[str] | None, SET] = None,
    jars: Annotated[list[Path] | None, JARS] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Hand the segment job to a cluster, with everything that it needs; print its id and its page in the web UI.

    Errors of policy and tables appear before anything is sent. The key file is read by the workers: it lies under this
    path on every machine of the cluster.

    Example: `weir submit segment --policy orders.yaml --tables tables.sql --key-file /etc/weir/root.key`
    """
    named = variables_of(variables or [])
    plan_of(policy)
    from jobs.archive import ArchiveError, build
    from jobs.client import connect
    from jobs.layout import ClusterError
    from jobs.local import JavaNotFound
    from jobs.rest import RestError
    from jobs.submit import NotSubmitted, segment_words, submit

    words = segment_words(
        policy, tables, key_file, key_table=key_table, variables=named, mode=mode.value, parallelism=parallelism,
        jars=jars or [],
    )  # fmt: skip
    try:
        client = connect(jobmanager, cluster, conf)
        archive = build(archives)
        if archive.made and not json:
            err().print(f"Archive: {archive.bytes / 1e6:,.0f} MB in {archive.seconds} s", markup=False)
        done = submit(client, archive, "jobs.segment", words, savepoint)
    except NotSubmitted as error:
        print_lines(str(error))
        fail("the cluster has no job")
    except (ClusterError, RestError, ArchiveError, JavaNotFound) as error:
        fail(str(error))
    if json:
        print_json(done.as_dict())
        return
    out().print(f"Job:    {done.job}", markup=False)
    out().print(f"Web UI: {done.web}", markup=False, soft_wrap=True)
