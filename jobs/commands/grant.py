"""`weir grant`: the permission to bring masked values back: make it, check it, make the keys that sign it."""

import re
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.commands.shared import FAILED, JSON, USAGE, err, fail, out, print_json

if TYPE_CHECKING:
    from udfs.grants import Grant

app = typer.Typer(no_args_is_help=True)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}  # seconds


@app.callback()
def _group() -> None:
    """Permit someone to bring masked values back.

    A grant is a signed file: who may bring back which entities, in which scopes, how many values, why and until when.
    It counts where the public key of who signed it is trusted.
    """


@app.command("new-key")
def new_key(
    name: Annotated[str, typer.Argument(help="Whose key it is: the name that grants will show.")],
    folder: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Where to write the two files.")] = Path(),
    json: Annotated[bool, JSON] = False,
) -> None:
    """Write a new key to sign grants with: NAME.key, which only you can read, and NAME.pub, for those who check them.

    The private key is encrypted when the environment variable WEIR_GRANT_PASSPHRASE is set. Files that exist are never
    overwritten. The fingerprint is for comparing: read it out to whoever is to trust the key.

    Example: `weir grant new-key ann`
    """
    from udfs.grant_keys import new_private, public_line, thumbprint, write_keys
    from udfs.keys.errors import KeysError

    private = new_private()
    try:
        paths = write_keys(folder, name, private)
    except KeysError as error:
        fail(str(error))
    public = private.public_key()
    files = {"private": str(paths[0]), "public": str(paths[1])}
    if json:
        print_json({"name": name, **files, "fingerprint": thumbprint(public), "key": public_line(public)})
        return
    _say(f"Wrote {paths[0]}: keep it for yourself; who has it can grant in your name.")
    _say(f"Wrote {paths[1]}: give it to those who are to trust your grants; fingerprint {thumbprint(public)}")


@app.command("make")
def make(
    key: Annotated[Path, typer.Option(help="The private key that signs, NAME.key.")],
    who: Annotated[str, typer.Option(help="Who may bring values back.")],
    why: Annotated[str, typer.Option(help="What for; it goes to the audit.")],
    entity: Annotated[list[str], typer.Option(help="Of which entity, e.g. CREDIT_CARD; may be given again.")],
    scope: Annotated[list[str], typer.Option(help="Masked where: segment:NAME or scope:NAME; may be given again.")],
    values: Annotated[int, typer.Option(min=1, help="How many values at most.")],
    expires: Annotated[str, typer.Option(help="How long it holds, e.g. 30m, 2h, 7d; at most 31d.")],
    file: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="Where to write it; standard output without.")
    ] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Grant someone to bring masked values back, signed with your key, from now on and for a time.

    Example: `weir grant make --key ann.key --who bob --why "fraud case 12" --entity CREDIT_CARD
    --scope segment:support --values 100 --expires 2h --out bob.grant`
    """
    from udfs.grant_keys import write_new
    from udfs.grants import Grant, GrantRefused, load_private, sign
    from udfs.keys.errors import KeysError

    begins = int(time.time()) * 1000
    reader, reason = (unicodedata.normalize("NFC", text.strip()) for text in (who, why))
    if not reason:
        fail("--why is empty; say what the values are needed for", USAGE)
    ends = begins + _milliseconds(expires)
    grant = Grant(reader, reason, tuple(entity), tuple(scope), values, begins, begins, ends, signer=key.stem)
    try:
        token = sign(grant, load_private(key), key.stem)
        if file:
            write_new(file, 0o600, f"{token}\n".encode())
    except KeysError as error:
        fail(str(error))
    except GrantRefused as error:
        fail(str(error), USAGE)
    if json:
        print_json({"file": str(file) if file else None, "token": None if file else token, "grant": _facts(grant)})
        return
    _describe(grant, to_stderr=True)
    if file:
        _say(f"Wrote {file}.")
    else:
        typer.echo(token)


@app.command("check")
def check_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The grant, as `make` wrote it.")],
    trust: Annotated[Path, typer.Option(exists=True, help="The trusted public keys: a folder of NAME.pub, or a file.")],
    json: Annotated[bool, JSON] = False,
) -> None:
    """Show a grant and say whether it holds now. The exit code is 1 when it does not.

    Example: `weir grant check bob.grant --trust keys/`
    """
    from udfs.grants import GrantRefused, check, load_grant, load_trusted
    from udfs.keys.errors import KeysError

    refused = None
    try:
        grant: Grant | None = check(load_grant(file), load_trusted(trust), int(time.time() * 1000))
    except KeysError as error:
        fail(str(error))
    except GrantRefused as error:
        refused, grant = error, error.grant
    if json:
        facts = _facts(grant) if grant else None
        reason, message = (refused.reason, str(refused)) if refused else (None, None)
        print_json({"ok": refused is None, "reason": reason, "message": message, "grant": facts})
    elif grant:
        _describe(grant)
    if refused is None:
        if not json:
            out().print("[green]valid[/green]: the signature and the time hold")
    elif json:
        raise typer.Exit(FAILED)
    else:
        fail(str(refused))


def _milliseconds(duration: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", duration, re.ASCII)
    if found is None:
        fail("--expires must be a number and a unit, s, m, h or d; write: --expires 2h", USAGE)
    return int(found[1]) * _UNITS[found[2]] * 1000


def _facts(grant: "Grant") -> dict[str, Any]:
    from udfs.grants import utc

    return {
        "id": grant.id,
        "signer": grant.signer,
        "who": grant.who,
        "why": grant.why,
        "entities": list(grant.entities),
        "scopes": list(grant.scopes),
        "values": grant.values,
        "issued": utc(grant.issued),
        "begins": utc(grant.begins),
        "ends": utc(grant.ends),
    }


def _describe(grant: "Grant", to_stderr: bool = False) -> None:
    """What is granted, a line for each fact."""
    console = err() if to_stderr else out()
    for name, fact in _facts(grant).items():
        text = ", ".join(fact) if isinstance(fact, list) else str(fact)
        console.print(f"{name:<10}{text}", markup=False, emoji=False, soft_wrap=True)


def _say(text: str) -> None:
    err().print(text, markup=False, emoji=False, soft_wrap=True)
