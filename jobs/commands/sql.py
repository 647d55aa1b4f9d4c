"""`weir sql`: run a script of Flink SQL with Weir's functions, on a local Flink or on a cluster."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.commands.archive import DEFAULT_ARCHIVES
from jobs.commands.cluster import CONF
from jobs.commands.shared import (
    GRANT,
    JARS,
    JSON,
    KEY_TABLE,
    PARALLELISM,
    SET,
    TRUST,
    USAGE,
    err,
    fail,
    print_lines,
    variables_of,
)
from jobs.commands.submit import ARCHIVES, CLUSTER, JOBMANAGER

INIT = typer.Option("--init", help="Run nothing: print what Flink's SQL client must begin with on a cluster (its -i).")


def command(
    script: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, allow_dash=True, help="The script; - is standard input."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="What the functions search and mask by.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option("--key-file", "--key", help="The keys, or env:NAME, for keyed masks.")
    ] = None,
    key_table: Annotated[str | None, KEY_TABLE] = None,
    grant: Annotated[Path | None, GRANT] = None,
    trust: Annotated[Path | None, TRUST] = None,
    segment: Annotated[str | None, typer.Option(help="The segment of calls that name none.")] = None,
    streaming: Annotated[
        bool, typer.Option("--streaming", help="Run as a stream. Without it: as a batch, over sources that end.")
    ] = False,
    jobmanager: Annotated[str | None, JOBMANAGER] = None,
    cluster: Annotated[Path | None, CLUSTER] = None,
    conf: Annotated[Path | None, CONF] = None,
    archives: Annotated[Path, ARCHIVES] = DEFAULT_ARCHIVES,
    parallelism: Annotated[int | None, PARALLELISM] = None,
    variables: Annotated[list[str] | None, SET] = None,
    jars: Annotated[list[Path] | None, JARS] = None,
    init: Annotated[bool, INIT] = False,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Run a script of Flink SQL with Weir's functions: detect, classify, mask, mask_text, unmask …

    It runs on a local Flink, or on the cluster that `--cluster` or `--jobmanager` names; the archive goes with it, and
    the workers read policy and keys under the same paths on every machine. Statements run one after another, each to
    its end. The exit code is 1 if one of them fails; those after it do not run.

    Example: `weir sql report.sql --policy orders.yaml --key-file weir.key --segment support`

    Example: `weir sql --init --policy orders.yaml --key-file /etc/weir/root.key > init.sql`
    """
    named = variables_of(variables or [])
    if init == (script is not None):
        fail("weir sql takes a script to run, or --init; write: weir sql report.sql", USAGE)
    from jobs.archive import ArchiveError
    from jobs.layout import ClusterError
    from jobs.local import BadJar, JavaNotFound, environment
    from jobs.rest import RestError
    from jobs.sql import parameters_of, run_script
    from jobs.statements import SqlErrors
    from udfs.keys import KeysError

    given = (policy, key_file, key_table, grant, trust, segment)
    try:
        if script is None:
            _print_init(archives, parameters_of(*given))
            return
        session = _on_cluster(jobmanager, cluster, conf, archives) if jobmanager or cluster else environment
        run_script(
            script, policy=policy, key_file=key_file, key_table=key_table, grant=grant, trust=trust, segment=segment,
            variables=named, bounded=not streaming, parallelism=parallelism, jars=jars or [], as_json=json,
            session=session,
        )  # fmt: skip
    except SqlErrors as errors:
        print_lines(str(errors))
        fail("the script failed; statements before the error have run")
    except (JavaNotFound, BadJar, KeysError, ClusterError, RestError, ArchiveError) as error:
        fail(str(error))


def _on_cluster(jobmanager: str | None, cluster: Path | None, conf: Path | None, archives: Path) -> Callable[..., Any]:
    """What makes a session on the cluster that the options name."""
    from jobs.archive import build
    from jobs.client import FOLDER, connect, session

    client = connect(jobmanager, cluster or FOLDER, conf)
    archive = build(archives)
    if archive.made:
        err().print(f"Archive: {archive.bytes / 1e6:,.0f} MB in {archive.seconds} s", markup=False)
    return partial(session, client, archive)


def _print_init(archives: Path, parameters: dict[str, str]) -> None:
    from jobs.archive import build
    from jobs.client import shipping
    from jobs.sql import init_file

    typer.echo(init_file(shipping(build(archives)), parameters), nl=False)
