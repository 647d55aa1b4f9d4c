"""`weir keys`: make, list, rotate, retire and re-wrap the keys of a job."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table

from jobs.commands.shared import JSON, KEY_TABLE, err, fail, out, plan_of, print_json

if TYPE_CHECKING:
    from udfs.keys import Epoch, Keyring

app = typer.Typer(help="Make, list, rotate, retire and re-wrap keys.", no_args_is_help=True)

FILE = typer.Argument(help="The key file.")
KMS = typer.Option(
    "--kms", metavar="NAME", help="Who wraps the root keys: vault:MOUNT/KEY or aws:KEY. Without: nobody, mode 0600."
)
NOBODY = "none"
"""In the place of a key management service: root keys stand in the file as they are."""

YES = typer.Option("--yes", help="Do it in spite of the warnings.")


@app.callback()
def _group() -> None:
    """Make, list, rotate, retire and re-wrap the keys of a job.

    A key file holds one root key for each epoch. The active epoch writes; earlier ones still open what they wrote.
    """


@app.command("new")
def new(
    file: Annotated[Path, typer.Argument(help="The file to write. It must not exist.")],
    kms: Annotated[str | None, KMS] = None,
) -> None:
    """Write a new key file: a random root key of 32 bytes, in a file that only you can read.

    Keep it as you keep a password: with it, pseudonyms can be recomputed and tokens opened; without it, new ones no
    longer match old ones, and tokens never open again.

    Example: `weir keys new weir.key`
    """
    from udfs.keys import Epoch, Keyring, new_root

    _write(file, Keyring((Epoch(1, created=_now(), root=new_root()),)), kms)
    where = f"wrapped by {kms}" if kms else "not wrapped"
    _say(f"Wrote {file} ({where}). Keep it out of version control, and make a backup.")


@app.command("list")
def list_(file: Annotated[Path, FILE], json: Annotated[bool, JSON] = False) -> None:
    """List the epochs of a key file, without their keys.

    Example: `weir keys list weir.key`
    """
    keyring, kms = _read(file)
    if json:
        print_json({"kms": kms, "epochs": [_shown(epoch) for epoch in keyring.epochs]})
        return
    table = Table("epoch", "state", "made", "key", box=box.SIMPLE_HEAD)
    for row in map(_shown, keyring.epochs):
        table.add_row(str(row["epoch"]), row["state"], row["created"] or "unknown", row["key"])
    out().print(table)
    out().print(f"Root keys are wrapped by {kms}." if kms else "Root keys stand in the file as they are.")


@app.command("rotate")
def rotate(file: Annotated[Path, FILE]) -> None:
    """Begin a new epoch: a new root key writes from now on, the earlier ones still open.

    Running jobs take it up within five minutes. `token` and `encrypt` change over by themselves. Pseudonyms, hashes and
    `fpe` stay under the epoch that the policy's `key_epoch` names, until you change that.

    Example: `weir keys rotate weir.key`
    """
    from udfs.keys import new_root

    keyring, kms = _read(file)
    rotated = keyring.rotated(new_root(), _now())
    _write(file, rotated, kms, replace=True)
    _say(f"Epoch {rotated.active} of {file} is active. Make a backup.")


@app.command("retire")
def retire(
    file: Annotated[Path, FILE],
    epoch: Annotated[int, typer.Argument(min=1, help="The epoch's number.")],
    policies: Annotated[
        list[Path] | None,
        typer.Option("--policy", exists=True, dir_okay=False, help="A policy in force; may be given again."),
    ] = None,
    key_table: Annotated[str | None, KEY_TABLE] = None,
    destroy: Annotated[bool, typer.Option("--destroy", help="Drop its root key from the file too, for good.")] = False,
    yes: Annotated[bool, YES] = False,
) -> None:
    """Retire an epoch: its key neither writes nor opens any more.

    It warns, and does nothing, while a policy names the epoch or the key table holds keys of persons under it. What
    stands in sinks as tokens of that epoch it cannot know. Without `--destroy` the key stays in the file: `active`,
    `previous` and `retired` are words in it that you can set back.

    Example: `weir keys retire weir.key 1 --policy orders.yaml --key-table keys.db`
    """
    keyring, kms = _read(file)
    retired = _or_fail(lambda: keyring.retired(epoch, destroy))
    needed = list(_needs(epoch, policies or [], key_table))
    for warning in needed:
        err().print(f"Still needed: {warning}", style="yellow", markup=False, soft_wrap=True)
    if not policies:
        err().print("No policy was named; --policy checks whether one needs the epoch.", style="yellow")
    if needed and not yes:
        fail(f"epoch {epoch} is not retired; mend that first, or add --yes")
    _write(file, retired, kms, replace=True)
    _say(f"Epoch {epoch} of {file} is retired{', its key is gone' if destroy else ''}.")


@app.command("re-wrap")
def rewrap(
    file: Annotated[Path, FILE],
    kms: Annotated[
        str | None,
        typer.Option("--kms", metavar="NAME", help="Who wraps from now on; `none` for nobody. Without: who does now."),
    ] = None,
    key_table: Annotated[str | None, KEY_TABLE] = None,
) -> None:
    """Wrap the root keys anew: by the newest version of the key that wraps them, by another one, or not at all.

    With a key table, also wraps the keys of persons anew, under the active epoch, so that earlier ones can be retired.
    The keys themselves stay what they are: nothing that was masked changes.

    Example: `weir keys re-wrap weir.key --kms vault:transit/weir`
    """
    keyring, before = _read(file)
    after = {None: before, NOBODY: None}.get(kms, kms)
    _write(file, keyring, after, replace=True)
    _say(f"{file}: {len(keyring.epochs)} root keys, wrapped by {after or 'nobody'} (before: {before or 'nobody'}).")
    if key_table:
        count = _or_fail(lambda: _rewrap_persons(key_table, keyring))
        _say(f"{key_table}: {count} keys of persons are wrapped under epoch {keyring.active}.")


def _rewrap_persons(key_table: str, keyring: "Keyring") -> int:
    from udfs.keys.subjects import rewrap
    from udfs.keys.table import open_table

    return rewrap(open_table(key_table), keyring)


def _needs(epoch: int, policies: list[Path], key_table: str | None) -> list[str]:
    """What needs an epoch, in words."""
    found = []
    for path in policies:
        plan = plan_of(path)
        if plan.key_epoch == epoch:
            found.append(f"{path} has key_epoch {epoch}: its pseudonyms, hashes and digests would no longer be made")
    if key_table:
        from udfs.keys.table import open_table

        count = _or_fail(lambda: open_table(key_table).counts().get(epoch, 0))
        if count:
            found.append(
                f"{key_table} holds {count} keys of persons under epoch {epoch}; `weir keys re-wrap` moves them"
            )
    return found


def _shown(epoch: "Epoch") -> dict[str, Any]:
    created = None if epoch.created is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch.created / 1000))
    return {
        "epoch": epoch.number, "state": epoch.state, "created": created, "key": "there" if epoch.root else "destroyed",
    }  # fmt: skip


def _read(file: Path) -> "tuple[Keyring, str | None]":
    from udfs.keys.file import kms_of, load_keyring

    return _or_fail(lambda: (load_keyring(file), kms_of(file)))


def _write(file: Path, keyring: "Keyring", kms: str | None, replace: bool = False) -> None:
    from udfs.keys import write_keyring

    _or_fail(lambda: write_keyring(file, keyring, kms, replace))


def _or_fail(action: Any) -> Any:
    from udfs.keys import KeysError

    try:
        return action()
    except KeysError as error:
        fail(str(error))


def _now() -> int:
    return time.time_ns() // 1_000_000


def _say(text: str) -> None:
    err().print(text, markup=False, soft_wrap=True)
