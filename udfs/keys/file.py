"""Key files: a root key in a single line, or a keyring in JSON; and the environment variable that holds the same.

Only its owner may have any permission on a key file. A keyring looks so, each root key as 64 hexadecimal digits, or
wrapped by the key management service that the file names (see `udfs.keys.kms`):

    {"weir_keys": 1, "kms": null, "epochs": [
      {"epoch": 1, "state": "previous", "created": null, "key": "…"},
      {"epoch": 2, "state": "active", "created": "2026-03-01T08:00:00Z", "key": "…"}]}
"""

import base64
import binascii
import os
import re
import secrets
import stat
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from udfs.keys.derive import KEY_BYTES
from udfs.keys.errors import KeyFileError, KeysError
from udfs.keys.keyring import Epoch, Keyring

if TYPE_CHECKING:
    from udfs.keys.kms import Kms

ENVIRONMENT = "env:"
"""Before the name of an environment variable, in the place of a path."""

_LONGEST_FILE = 1 << 20
"""Bytes. Whoever names a large file by mistake gets an error and not its content in memory."""

Source = str | os.PathLike[str]


class _Epoch(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    epoch: int
    state: Literal["active", "previous", "retired"]
    created: str | None = None
    key: str | None = None
    wrapped: str | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    weir_keys: Literal[1]
    kms: str | None = None
    epochs: list[_Epoch]


def load_keyring(source: Source) -> Keyring:
    """Reads a keyring.

    Args:
        source: path of a file (mode 0600 or stricter), or `env:NAME` for an environment variable with the same content:
            a keyring in JSON, or one line of 64 hexadecimal digits or 32 bytes in base64 (RFC 4648, section 4), which
            is a keyring of one epoch.

    Raises:
        KeyFileError: there is no such file, it cannot be read, others could read it, or it holds no keys.
        KeysError: likewise for an environment variable; or the service does not know the keys as its own.
        KeysUnavailable: the service that wrapped the keys cannot be reached.
    """
    content = _read(source).strip()
    if content.startswith("{"):
        return _unwrapped(source, _parsed(source, content))
    key = _decoded(content)
    if key is None or len(key) != KEY_BYTES:
        problem = f"must be one line of 64 hexadecimal digits or 44 characters of base64; got {len(content)} characters"
        raise _error(source, problem, _how_to_make(source))
    return Keyring.of(key)


def absolute(source: Source) -> str:
    """The source as it can be handed to another process: an absolute path, or `env:NAME` as it is.

    >>> absolute("env:WEIR_KEYS")
    'env:WEIR_KEYS'
    """
    name = os.fspath(source)
    return name if name.startswith(ENVIRONMENT) else os.path.abspath(name)


def kms_of(source: Source) -> str | None:
    """The key management service that a keyring names; None for keys that are not wrapped.

    Raises:
        KeysError: as `load_keyring`.
    """
    content = _read(source).strip()
    return _parsed(source, content).kms if content.startswith("{") else None


def new_root() -> bytes:
    """A new random root key, 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def write_keyring(path: Source, keyring: Keyring, kms: str | None = None, replace: bool = False) -> None:
    """Writes a keyring, with mode 0600. A file is replaced at once: whoever reads it sees the old one or the new.

    Args:
        kms: the key management service that wraps the root keys; None to write them as they are.
        replace: True to write over a file that exists.

    Raises:
        KeyFileError: the file exists (what was masked under lost keys could never be joined again) or cannot be
            written.
        KeysError, KeysUnavailable: the service does not wrap.
    """
    text = _written(keyring, kms)
    target = Path(f"{os.fspath(path)}.new") if replace else Path(path)
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        step = "if no other change is under way, remove it" if replace else "use it, or name another file"
        raise KeyFileError(target, "exists and is not overwritten", step) from None
    except OSError as error:
        problem, step = f"cannot be created ({error.strerror})", "name a folder you can write to"
        raise KeyFileError(target, problem, step) from None
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if replace:
        target.replace(path)


def private_text(path: Source, longest: int, step: str) -> str:
    """The content of a text file (ASCII) that is for its owner alone.

    Args:
        longest: bytes that it may have.
        step: what to do when it is not there or is something else.

    Raises:
        KeyFileError: there is none, it is no regular file or too long, or others have a permission on it.
    """
    try:
        content = _content(path, longest, step)
    except FileNotFoundError:
        raise KeyFileError(path, "there is no such file", step) from None
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise KeyFileError(path, problem, "make it readable for the job's user") from None
    if len(content) > longest or not content.isascii():
        raise KeyFileError(path, "is no key file (too long, or not text)", step)
    return content.decode("ascii")


def _read(source: Source) -> str:
    name = os.fspath(source)
    if not name.startswith(ENVIRONMENT):
        return private_text(source, _LONGEST_FILE, _how_to_make(source))
    content = os.environ.get(name.removeprefix(ENVIRONMENT))
    if content is None:
        raise _error(source, "is not set", "set it where the job's workers run")
    return content


def _content(path: Source, longest: int, step: str) -> bytes:
    # Non-blocking, so that a named pipe is an error and not a wait. The open file is judged, and not the path, so that
    # no other file can take its place in between.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise KeyFileError(path, "is not a regular file", step)
        mode = stat.S_IMODE(status.st_mode)
        if mode & 0o077:
            problem = f"must be for its owner alone (mode 0600 or stricter); got {mode:04o}"
            advice = f"run: chmod 600 {os.fspath(path)}; if others could read it, make a new key"
            raise KeyFileError(path, problem, advice)
        return os.read(handle, longest + 1)
    finally:
        os.close(handle)


def _parsed(source: Source, content: str) -> _File:
    try:
        return _File.model_validate(orjson.loads(content))
    except orjson.JSONDecodeError:
        problem = "is not valid JSON"
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        problem = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in found)
    raise _error(source, problem, "restore it from a backup")


def _unwrapped(source: Source, file: _File) -> Keyring:
    kms = _service(file.kms)
    epochs = []
    for entry in file.epochs:
        root = None
        if entry.wrapped is not None and kms is not None:
            root = kms.unwrap(entry.wrapped, _context(entry.epoch))
        elif entry.key is not None and kms is None:
            root = _decoded(entry.key)
        epochs.append(Epoch(entry.epoch, entry.state, _ms(source, entry.created), root))
    try:
        return Keyring(tuple(epochs))
    except KeysError as error:
        problem = str(error)
    raise _error(source, problem, "restore it from a backup")


def _written(keyring: Keyring, kms: str | None) -> bytes:
    service = _service(kms)
    entries: list[dict[str, Any]] = []
    for epoch in keyring.epochs:
        entry: dict[str, Any] = {"epoch": epoch.number, "state": epoch.state, "created": _time(epoch.created)}
        if epoch.root is not None:
            wrapped = service.wrap(epoch.root, _context(epoch.number)) if service else None
            entry |= {"wrapped": wrapped} if service else {"key": epoch.root.hex()}
        entries.append(entry)
    content = {"weir_keys": 1, "kms": kms, "epochs": entries}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _service(name: str | None) -> "Kms | None":
    if not name:
        return None
    from udfs.keys.kms import open_kms  # only who wraps keys loads what that needs

    return open_kms(name)


def _context(epoch: int) -> str:
    """What a wrapped root key is bound to, so that it opens in no other place."""
    return f"weir/1/root-key/{epoch}"


def _time(ms: int | None) -> str | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, timezone.utc).isoformat().replace("+00:00", "Z")


def _ms(source: Source, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)
    except ValueError:
        raise _error(source, "created must be an ISO 8601 time", "restore it from a backup") from None


def _decoded(text: str) -> bytes | None:
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return bytes.fromhex(text)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _error(source: Source, problem: str, step: str) -> KeysError:
    name = os.fspath(source)
    if name.startswith(ENVIRONMENT):
        return KeysError(f"environment variable {name.removeprefix(ENVIRONMENT)}: {problem}; {step}")
    return KeyFileError(source, problem, step)


def _how_to_make(source: Source) -> str:
    return f"to make one, run: weir keys new {os.fspath(source).removeprefix(ENVIRONMENT)}"
