"""The root key and the keys that are derived from it.

There is one secret, the root key: 32 random bytes in a file that only its owner can read. Every use derives a key of
its own from it (HKDF-SHA-256, RFC 5869), so that what two uses make of one value has nothing in common.
"""

import base64
import binascii
import os
import re
import secrets
import stat
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
"""Of the root key and of every derived key: the output of SHA-256, so that HMAC-SHA-256 has its full strength (RFC
2104, 3)."""

_LONGEST_FILE = 1024
"""Bytes. A key file has at most 66; whoever names a large file by mistake gets an error and not its content in
memory."""


class KeyFileError(Exception):
    """A key file cannot be used. The message names the file and the next step, and never shows key material."""

    def __init__(self, path: str | os.PathLike[str], problem: str, step: str) -> None:
        super().__init__(f"key file {os.fspath(path)}: {problem}; {step}")


def load_root_key(path: str | os.PathLike[str]) -> bytes:
    """Reads the root key.

    Args:
        path: a text file of one line: 64 hexadecimal digits, or 32 bytes in base64 (RFC 4648, section 4). Only its
            owner may have any permission on it (mode 0600 or stricter).

    Returns:
        32 bytes.

    Raises:
        KeyFileError: there is no such file, it cannot be read, others could read it, or it holds no key.
    """
    text = _read(path).strip()
    key = _decoded(text)
    if key is None or len(key) != KEY_BYTES:
        problem = f"must be one line of 64 hexadecimal digits or 44 characters of base64; got {len(text)} characters"
        raise KeyFileError(path, problem, _how_to_make(path))
    return key


def write_root_key(path: str | os.PathLike[str]) -> None:
    """Makes a new random root key and writes it to a file that must not exist, as 64 hexadecimal digits, with mode
    0600.

    Raises:
        KeyFileError: the file exists (what was masked under an overwritten key could never be joined again), or it
            cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileError(path, "exists and is not overwritten", "use it, or name another file") from None
    except OSError as error:
        raise KeyFileError(path, f"cannot be created ({error.strerror})", "name a folder you can write to") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")


@lru_cache(maxsize=1024)
def derive(root: bytes, purpose: str, scope: str) -> bytes:
    """The key for one purpose and scope.

    Args:
        root: the root key, 32 bytes.
        purpose: what it is for, e.g. `weir/1/pseudonym`.
        scope: for whom, e.g. `segment:support`.

    Returns:
        32 bytes, by HKDF-SHA-256 (RFC 5869) without salt. Other purposes and scopes give unrelated keys.

    Raises:
        ValueError: the root key has another length, or purpose or scope is empty.

    >>> derive(bytes(32), "weir/1/hash", "segment:a") == derive(bytes(32), "weir/1/hash", "segment:b")
    False
    """
    if len(root) != KEY_BYTES:
        raise ValueError(f"the root key must have {KEY_BYTES} bytes; got {len(root)}")
    if not purpose or not scope:
        raise ValueError("a derived key must have a purpose and a scope; got an empty one")
    return _hkdf(root, None, _info(purpose, scope), KEY_BYTES)


def _info(purpose: str, scope: str) -> bytes:
    # Each part with its length before it: ("a", "bc") and ("ab", "c") must not give the same key.
    parts = [part.encode() for part in (purpose, scope)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _hkdf(secret: bytes, salt: bytes | None, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def _read(path: str | os.PathLike[str]) -> str:
    try:
        content = _content(path)
    except FileNotFoundError:
        raise KeyFileError(path, "there is no such file", _how_to_make(path)) from None
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise KeyFileError(path, problem, "make it readable for the job's user") from None
    if len(content) > _LONGEST_FILE or not content.isascii():
        raise KeyFileError(path, "is no key file (too long, or not text)", _how_to_make(path))
    return content.decode("ascii")


def _content(path: str | os.PathLike[str]) -> bytes:
    # Non-blocking, so that a named pipe is an error and not a wait. The open file is judged, and not the path, so that
    # no other file can take its place in between.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        _check(path, os.fstat(handle))
        return os.read(handle, _LONGEST_FILE + 1)
    finally:
        os.close(handle)


def _check(path: str | os.PathLike[str], status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileError(path, "is not a regular file", _how_to_make(path))
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        problem = f"must be for its owner alone (mode 0600 or stricter); got {mode:04o}"
        raise KeyFileError(path, problem, f"run: chmod 600 {os.fspath(path)}; if others could read it, make a new key")


def _decoded(text: str) -> bytes | None:
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return bytes.fromhex(text)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _how_to_make(path: str | os.PathLike[str]) -> str:
    return f"to make one, run: (umask 077; openssl rand -hex 32 > {Path(path)})"
