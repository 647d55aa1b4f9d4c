"""What the commands share: how they print, how they fail, and how a policy becomes a plan."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from policy.errors import PolicyError
    from policy.plan import Plan

FAILED = 1
"""Exit code of a command that found problems, and of a run that failed."""

USAGE = 2
"""Exit code of a command line that is wrong."""

POLICY = typer.Argument(exists=True, dir_okay=False, help="The policy, a YAML file.")
JSON = typer.Option("--json", help="Print JSON for scripts.")
PARALLELISM = typer.Option(min=1, help="Of every operator; 1 by default.")
SET = typer.Option("--set", metavar="NAME=VALUE", help="What ${NAME} in the file stands for; may be given again.")
GRANT = typer.Option("--grant", help="The grant, by `weir grant make`.")
TRUST = typer.Option("--trust", help="Public keys of those who may grant: a folder of NAME.pub.")
KEY_TABLE = typer.Option("--key-table", metavar="WHERE", help="Keys of persons: a path, or postgresql://HOST/DB.")
JARS = typer.Option("--jar", exists=True, dir_okay=False, help="A connector's jar; may be given again.")


def out() -> Console:
    """The console for results."""
    return Console(highlight=False)


def err() -> Console:
    """The console for messages: standard error, so that results can be piped."""
    return Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong on standard error, and end with an exit code.

    Args:
        message: what is wrong and what to do next, without any value of the data.
        code: `FAILED` or `USAGE`.
    """
    console = err()
    console.print("weir:", style="bold red", end=" ")
    console.print(message, markup=False, soft_wrap=True)
    sys.exit(code)


def plan_of(path: Path) -> "Plan":
    """The plan of a policy file; every error in it is printed, and the command ends with exit code 1."""
    from policy.check import check_policy
    from udfs.catalog import installed

    checked = check_policy(path, installed())
    if checked.plan is None:
        print_policy_errors(checked.errors)
        fail(f"{path} has errors; nothing was run")
    return checked.plan


def print_policy_errors(errors: "Iterable[PolicyError]") -> None:
    """Print each error of a policy on standard error: where, what, and what to do."""
    for error in errors:
        text = Text.assemble((f"{error.file}:{error.line}", "bold"), f" {error.path}: ", (error.message, "red"))
        err().print(text + Text(f"; {error.hint}" if error.hint else ""), soft_wrap=True)


def print_lines(text: str) -> None:
    """Print the errors of a file of SQL on standard error, one a line."""
    err().print(text, markup=False, soft_wrap=True, style="red")


def variables_of(words: list[str]) -> dict[str, str]:
    """`NAME=VALUE` words as a mapping; a word of another form ends the command with exit code 2."""
    for word in words:
        name, equals, _ = word.partition("=")
        if not name or not equals:
            fail("--set must be NAME=VALUE; write: --set out=/data/out", USAGE)
    return dict(word.split("=", 1) for word in words)


@contextmanager
def failures(what: str) -> Iterator[None]:
    """Whatever a job says is wrong ends the command with exit code 1.

    Args:
        what: the file of SQL, for the message.
    """
    from jobs.failure import JobFailed
    from jobs.local import BadJar, JavaNotFound
    from jobs.segment import NotInForce
    from jobs.statements import SqlErrors
    from policy.errors import PolicyErrors
    from udfs.keys import KeysError

    try:
        yield
    except PolicyErrors as errors:
        print_policy_errors(errors.errors)
        fail("the policy has errors; nothing was run")
    except SqlErrors as sql_errors:
        print_lines(str(sql_errors))
        fail(f"{what} has errors; nothing was run")
    except (NotInForce, KeysError, JobFailed, JavaNotFound, BadJar) as error:
        fail(str(error))


def known_or_fail(kind: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    """End with exit code 2 when a name on the command line is unknown, with the nearest known one as a hint.

    Args:
        kind: what the names are, for the message.
        wanted: the given names.
        known: the names there are.
    """
    from policy.errors import did_you_mean

    for name in wanted:
        if name not in known:
            hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known))}"
            fail(f"unknown {kind} '{name}'; {hint}", USAGE)
