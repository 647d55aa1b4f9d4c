"""`weir sql`: run a script of Flink SQL with Weir's functions on a local Flink."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.shared import GRANT, JARS, JSON, KEY_TABLE, PARALLELISM, SET, TRUST, fail, print_lines, variables_of


def command(
    script: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, allow_dash=True, help="The script; - is standard input.")
    ],
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
    parallelism: Annotated[int | None, PARALLELISM] = None,
    variables: Annotated[list[str] | None, SET] = None,
    jars: Annotated[list[Path] | None, JARS] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Run a script of Flink SQL with Weir's functions: detect, classify, mask, mask_text, unmask …

    Statements run one after another, each to its end. The exit code is 1 if one of them fails; those after it do not
    run.

    Example: `weir sql report.sql --policy orders.yaml --key-file weir.key --segment support`
    """
    named = variables_of(variables or [])
    from jobs.local import BadJar, JavaNotFound
    from jobs.sql import run_script
    from jobs.statements import SqlErrors
    from udfs.keys import KeysError

    try:
        run_script(
            script, policy=policy, key_file=key_file, key_table=key_table, grant=grant, trust=trust, segment=segment,
            variables=named, bounded=not streaming, parallelism=parallelism, jars=jars or [], as_json=json,
        )  # fmt: skip
    except SqlErrors as errors:
        print_lines(str(errors))
        fail("the script failed; statements before the error have run")
    except (JavaNotFound, BadJar, KeysError) as error:
        fail(str(error))
