"""`weir run`: run a job on a local Flink."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.shared import (
    FAILED,
    JARS,
    JSON,
    KEY_TABLE,
    PARALLELISM,
    SET,
    fail,
    out,
    print_json,
    print_lines,
    print_policy_errors,
    variables_of,
)

app = typer.Typer(help="Run a job on a local Flink.", no_args_is_help=True)


class Mode(str, Enum):
    """How a job runs."""

    streaming = "streaming"
    bounded = "bounded"


@app.callback()
def _group() -> None:
    """Run a job on a local Flink."""


@app.command("segment")
def segment(
    policy: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The policy, a YAML file.")],
    tables: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The tables, a file of Flink SQL.")],
    key_file: Annotated[Path, typer.Option("--key-file", "--key", help="By `weir keys new FILE`; or env:NAME.")],
    mode: Annotated[
        Mode, typer.Option(help="bounded: as a batch over sources that end. streaming ends when its sources do.")
    ] = Mode.streaming,
    key_table: Annotated[str | None, KEY_TABLE] = None,
    parallelism: Annotated[int | None, PARALLELISM] = None,
    variables: Annotated[list[str] | None, SET] = None,
    jars: Annotated[list[Path] | None, JARS] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Classify, mask and route a stream, and account for every record.

    It ends when its sources end, or with Ctrl-C. The exit code is 0 only if the job ended well and every record is
    accounted for.

    Example: `weir run segment --policy orders.yaml --tables tables.sql --key-file weir.key --set out=/data/out`
    """
    named = variables_of(variables or [])
    from jobs.failure import JobFailed
    from jobs.local import BadJar, JavaNotFound
    from jobs.segment import NotInForce, run
    from jobs.statements import SqlErrors
    from policy.errors import PolicyErrors
    from udfs.keys import KeysError

    try:
        summary = run(
            policy, tables, key_file, key_table=key_table, variables=named, mode=mode.value,
            parallelism=parallelism, jars=jars or [],
        )  # fmt: skip
    except PolicyErrors as errors:
        print_policy_errors(errors.errors)
        fail("the policy has errors; nothing was run")
    except SqlErrors as sql_errors:
        print_lines(str(sql_errors))
        fail("the tables file has errors; nothing was run")
    except (NotInForce, KeysError, JobFailed, JavaNotFound, BadJar) as error:
        fail(str(error))
    if json:
        print_json(summary.as_dict())
    else:
        out().print(summary)
    if not summary.balanced and not summary.cancelled:
        raise typer.Exit(FAILED)
