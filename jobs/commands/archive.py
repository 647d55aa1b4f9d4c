"""`weir archive`: one zip with Weir and every package that it needs, for a cluster."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.shared import JSON, fail, out, print_json

ARCHIVES = typer.Option("--folder", file_okay=False, help="Where archives are kept.")
DEFAULT_ARCHIVES = Path("out/archive")


def command(
    folder: Annotated[Path, ARCHIVES] = DEFAULT_ARCHIVES,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Make the archive for machines that have only Python, or find it if nothing has changed since.

    `weir submit` does this by itself. Flink's own client takes it with `-pyarch ARCHIVE#weir -pyexec weir/bin/python`.

    Example: `weir archive --folder /srv/weir`
    """
    from dataclasses import asdict

    from jobs.archive import ArchiveError, build

    try:
        made = build(folder)
    except ArchiveError as error:
        fail(str(error))
    if json:
        print_json(asdict(made))
        return
    how = f"made in {made.seconds} s" if made.made else "was there already"
    out().print(
        f"{made.path}: {made.bytes / 1e6:.0f} MB, {made.packages} packages for {made.python}, {how}",
        markup=False,
        soft_wrap=True,
    )
