"""`weir`: the command line. One file for each command in `jobs/commands`.

Exit codes: 0 all is well; 1 the command found problems or a run failed; 2 the command line itself is wrong.

Commands import what they need when they run, so that `weir --help` starts at once, and the commands that govern
(check, explain, try, findings) never load Flink.
"""

import os
import sys
import traceback
from importlib.metadata import version

import typer

from jobs import DISTRIBUTION
from jobs.commands import (
    archive,
    check,
    cluster,
    erase,
    explain,
    findings,
    grant,
    keys,
    list_,
    recognizers,
    run,
    schema,
    sql,
    submit,
    try_,
    unmask,
)
from jobs.commands.shared import FAILED, fail

app = typer.Typer(
    name="weir",
    help="Finds what is sensitive in a stream, masks it by policy, gives each reader only the view it is cleared for.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    # A pretty traceback shows local variables, and those hold data.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(run.app, name="run", rich_help_panel="Run")
app.command("sql", rich_help_panel="Run")(sql.command)
app.add_typer(submit.app, name="submit", rich_help_panel="Run")
app.add_typer(cluster.app, name="cluster", rich_help_panel="Run")
app.command("archive", rich_help_panel="Run")(archive.command)
app.command("check", rich_help_panel="Govern")(check.command)
app.command("explain", rich_help_panel="Govern")(explain.command)
app.command("try", rich_help_panel="Govern")(try_.command)
app.command("findings", rich_help_panel="Govern")(findings.command)
app.command("recognizers", rich_help_panel="Help with policies")(recognizers.command)
app.add_typer(list_.app, name="list", rich_help_panel="Help with policies")
app.command("schema", rich_help_panel="Help with policies")(schema.command)
app.add_typer(keys.app, name="keys", rich_help_panel="Keys")
app.add_typer(grant.app, name="grant", rich_help_panel="Keys")
app.command("unmask", rich_help_panel="Keys")(unmask.command)
app.command("erase", rich_help_panel="Keys")(erase.command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"weir {version(DISTRIBUTION)}")
        raise typer.Exit()


@app.callback()
def _root(
    show: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Options of `weir` itself."""


def main() -> None:
    """Run the command line; an error that nobody foresaw ends it with exit code 1 and without its text.

    The text of an unforeseen exception may quote the data that caused it. `WEIR_DEBUG=1` shows it whole.
    """
    try:
        app()
    except BrokenPipeError:
        # The reader of our output has gone (`weir findings … | head`); Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except Exception as error:
        if os.environ.get("WEIR_DEBUG"):
            raise
        where = traceback.extract_tb(error.__traceback__)[-1]
        fail(
            f"unexpected {type(error).__name__} at {os.path.basename(where.filename)}:{where.lineno}; "
            "its text may quote data and is not shown; to see it, set WEIR_DEBUG=1"
        )
