"""`weir keys`: make a root key."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.shared import err, fail

app = typer.Typer(help="Make a root key.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Make a root key."""


@app.command("new")
def new(
    file: Annotated[Path, typer.Argument(help="The file to write. It must not exist.")],
) -> None:
    """Write a new root key: 32 random bytes, in a file that only you can read.

    Keep it as you keep a password: with it, pseudonyms can be recomputed; without it, new ones no longer match old
    ones.

    Example: `weir keys new weir.key`
    """
    from udfs.keys import KeyFileError, write_root_key

    try:
        write_root_key(file)
    except KeyFileError as error:
        fail(str(error))
    err().print(f"Wrote {file}. Keep it out of version control, and make a backup.", markup=False, soft_wrap=True)
