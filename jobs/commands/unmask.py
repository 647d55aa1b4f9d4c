"""`weir unmask`: bring some masked values back, with a grant. No Flink."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.commands.shared import FAILED, GRANT, JSON, KEY_TABLE, POLICY, TRUST, err, fail, plan_of, print_json

if TYPE_CHECKING:
    from udfs.unmasking import Permission

BATCH = 1000
"""Values that are opened at once; their events are on disk before the first of them is printed."""


def command(
    policy: Annotated[Path, POLICY],
    values: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, allow_dash=True, help="Masked values, one a line; - is stdin."),
    ],
    entity: Annotated[str, typer.Option(help="The entity of the values.")],
    segment: Annotated[str, typer.Option(help="The segment whose mask made them.")],
    key_file: Annotated[Path, typer.Option("--key-file", "--key", help="The keys, or env:NAME.")],
    audit: Annotated[Path, typer.Option(help="File that gets an event for each use and refusal, as lines of JSON.")],
    key_table: Annotated[str | None, KEY_TABLE] = None,
    grant: Annotated[Path | None, GRANT] = None,
    trust: Annotated[Path | None, TRUST] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Bring masked values back: each comes out on a line of its own, an empty one where it was refused.

    Every use and every refusal is appended to the audit file first. The exit code is 1 when one was refused.
    `--json` prints an object a line, since a value may have line breaks.

    Example: `weir unmask orders.yaml tokens.txt --entity CREDIT_CARD --segment support --key-file weir.key --audit
    unmasked.jsonl --key-table keys.db --grant bob.grant --trust officers`
    """
    plan = plan_of(policy)
    import pyarrow as pa

    from udfs.keys import Keys, KeysError
    from udfs.unmasking import Unmasker, UnmaskError

    lines = (sys.stdin.read() if str(values) == "-" else values.read_text(encoding="utf-8")).splitlines()
    refused = 0
    try:
        unmasker = Unmasker(plan, Keys.open(key_file, key_table), _permission(key_table, grant, trust))
        for start in range(0, len(lines), BATCH):
            done = unmasker.unmask(entity, segment, pa.array(lines[start : start + BATCH], pa.string()))
            _append(audit, done.events.to_pylist())
            for value in done.values.to_pylist():
                if json:
                    print_json({"value": value})
                else:
                    print("" if value is None else value)
            refused += done.values.null_count
    except (KeysError, UnmaskError) as error:
        fail(str(error))
    if refused:
        err().print(f"{refused} of {len(lines)} were refused; {audit} says why.", markup=False, style="yellow")
        raise typer.Exit(FAILED)


def _permission(key_table: str | None, grant: Path | None, trust: Path | None) -> "Permission":
    from udfs.grants import GrantRefused, load_grant, load_trusted
    from udfs.keys.table import open_table
    from udfs.unmasking import Permission

    if grant and not trust:
        fail("a grant needs --trust: the public keys of those who may grant")
    try:
        token = load_grant(grant) if grant else None
    except GrantRefused as refused:
        fail(str(refused))
    trusted = load_trusted(trust) if trust else {}
    return Permission(token, lambda: trusted, open_table(key_table) if key_table else None)


def _append(path: Path, events: list[str]) -> None:
    """Events on disk: a value is shown only after that."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{event}\n" for event in events)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        fail(f"{path} cannot be written ({error.strerror}); no value is shown without its event")
