"""`weir erase`: destroy the keys of persons who are to be forgotten. No Flink."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.shared import KEY_TABLE, err, fail


def command(
    persons: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, allow_dash=True, help="Persons, one a line; - is standard input."),
    ],
    key_file: Annotated[Path, typer.Option("--key-file", "--key", help="The keys, or env:NAME.")],
    key_table: Annotated[str, KEY_TABLE],
) -> None:
    """Destroy the keys of persons, and print an audit event for each that proves it, as a line of JSON.

    A person is named by what a policy's `subject` path holds. What was masked under their keys can no longer be opened,
    nor joined with what comes later. Persons come from a file, since a command line is for others to see.

    Example: `weir erase forgotten.txt --key-file weir.key --key-table keys.db >> erased.jsonl`
    """
    from udfs.keys import Keys, KeysError
    from udfs.keys.subjects import erase_all
    from udfs.keys.table import open_table
    from udfs.unmasking import now

    names = (sys.stdin.read() if str(persons) == "-" else persons.read_text(encoding="utf-8")).splitlines()
    try:
        keyring, table = Keys.open(key_file).keyring(), open_table(key_table)
        done = erase_all(table, keyring, [name for name in names if name], now())
    except KeysError as error:
        fail(str(error))
    for erased in done:
        print(erased.event())
    err().print(f"{sum(e.keys for e in done)} keys of {len(done)} persons were destroyed.", markup=False)
