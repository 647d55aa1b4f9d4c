"""`weir run`: run a job on a local Flink."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.shared import (
    FAILED,
    GRANT,
    JARS,
    JSON,
    KEY_TABLE,
    PARALLELISM,
    SET,
    TRUST,
    err,
    failures,
    out,
    print_json,
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


POLICY_OPTION = typer.Option("--policy", exists=True, dir_okay=False, help="The policy, a YAML file.")
TABLES = typer.Option("--tables", exists=True, dir_okay=False, help="The tables, a file of Flink SQL.")
KEYS = typer.Option("--key-file", "--key", help="By `weir keys new FILE`; or env:NAME.")
MODE = typer.Option("--mode", help="bounded: as a batch over sources that end. streaming ends when its sources do.")


@app.command("segment")
def segment(
    policy: Annotated[Path, POLICY_OPTION],
    tables: Annotated[Path, TABLES],
    key_file: Annotated[Path, KEYS],
    mode: Annotated[Mode, MODE] = Mode.streaming,
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
    with failures("the tables file"):
        from jobs.segment import run

        summary = run(
            policy, tables, key_file, key_table=key_table, variables=named, mode=mode.value,
            parallelism=parallelism, jars=jars or [],
        )  # fmt: skip
    if json:
        print_json(summary.as_dict())
    else:
        out().print(summary)
    if not summary.balanced and not summary.cancelled:
        raise typer.Exit(FAILED)


@app.command("unmask")
def unmask(
    policy: Annotated[Path, POLICY_OPTION],
    tables: Annotated[Path, TABLES],
    key_file: Annotated[Path, KEYS],
    source: Annotated[str, typer.Option(help="Table with the masked values.")],
    column: Annotated[str, typer.Option(help="Its column that is to be unmasked, a STRING.")],
    entity: Annotated[str, typer.Option(help="The entity of the values.")],
    segment: Annotated[str, typer.Option(help="The segment whose mask made them.")],
    sink: Annotated[str, typer.Option(help="Table that gets the rows whose value came back.")],
    key_table: Annotated[str | None, KEY_TABLE] = None,
    grant: Annotated[Path | None, GRANT] = None,
    trust: Annotated[Path | None, TRUST] = None,
    mode: Annotated[Mode, MODE] = Mode.streaming,
    parallelism: Annotated[int | None, PARALLELISM] = None,
    variables: Annotated[list[str] | None, SET] = None,
    jars: Annotated[list[Path] | None, JARS] = None,
) -> None:
    """Bring a masked column back, with a grant; every use and every refusal goes to the audit table.

    Rows and events are written with the same checkpoint, so that no value leaves without its event.

    Example: `weir run unmask --policy p.yaml --tables t.sql --key-file weir.key --key-table keys.db --grant bob.grant
    --trust officers --source orders --column card --entity CREDIT_CARD --segment support --sink opened`
    """
    named = variables_of(variables or [])
    with failures("the tables file"):
        from jobs import unmask as job
        from jobs.pairs import Settings

        settings = Settings(
            policy, tables, key_file, key_table, grant, trust, named, mode.value, parallelism, jars or []
        )  # fmt: skip
        job.run(settings, source=source, column=column, entity=entity, segment=segment, sink=sink)
    err().print(f"Done: what came back is in {sink}, every use and refusal in the audit.", markup=False)


@app.command("erase")
def erase(
    policy: Annotated[Path, POLICY_OPTION],
    tables: Annotated[Path, TABLES],
    key_file: Annotated[Path, KEYS],
    key_table: Annotated[str, KEY_TABLE],
    source: Annotated[str, typer.Option(help="Table of the persons.")],
    column: Annotated[str, typer.Option(help="Its column with what the policy's subject path holds.")],
    mode: Annotated[Mode, MODE] = Mode.streaming,
    parallelism: Annotated[int | None, PARALLELISM] = None,
    variables: Annotated[list[str] | None, SET] = None,
    jars: Annotated[list[Path] | None, JARS] = None,
) -> None:
    """Destroy the keys of the persons in a table, and write the proof to the audit table.

    Example: `weir run erase --policy p.yaml --tables t.sql --key-file weir.key --key-table keys.db --source erasures
    --column customer_id`
    """
    named = variables_of(variables or [])
    with failures("the tables file"):
        from jobs import erase as job
        from jobs.pairs import Settings

        settings = Settings(
            policy, tables, key_file, key_table, None, None, named, mode.value, parallelism, jars or []
        )  # fmt: skip
        job.run(settings, source=source, column=column)
    err().print("Done: the proofs are in the audit.", markup=False)
