"""The keys of those who sign grants: how they are made, read and named."""

import base64
import hashlib
import os
import stat
import unicodedata
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from policy.yaml_source import parse
from udfs.keys.errors import KeyFileError
from udfs.keys.file import private_text

Source = str | os.PathLike[str]

LONGEST_BYTES = 32 << 10
"""Of a grant, and of a key file. The largest grant that is made has 18 thousand."""

PASSPHRASE = "WEIR_GRANT_PASSPHRASE"
"""The environment variable with the passphrase of a private key; without it the key is written as it is."""


def is_plain(text: str, longest: int) -> bool:
    r"""True for a text of 1 to `longest` code points that is what it looks like: composed (NFC), and without control,
    direction and zero-width characters, which a reader misses.

    >>> is_plain("Zo\u00eb", 3), is_plain("Zoe\u0308", 9), is_plain("bob\u202e", 9)
    (True, False, False)
    """
    fits = 1 <= len(text) <= longest and text.strip() == text
    return fits and text.isprintable() and unicodedata.is_normalized("NFC", text)


def is_name(text: str) -> bool:
    """True for a name that a key may have: 1 to 64 printable characters (Unicode, NFC), no space or slash, and neither
    '.' nor '-' at the beginning.

    >>> is_name("ann.lee"), is_name("Zoë"), is_name("../ann"), is_name("-k")
    (True, True, False, False)
    """
    return is_plain(text, 64) and text[0] not in ".-" and not set(text) & set(" /\\")


def load_trusted(path: Source) -> dict[str, Ed25519PublicKey]:
    """The public keys of those who may grant, by name.

    Args:
        path: a folder with a file `NAME.pub` for each (PEM, SubjectPublicKeyInfo of RFC 8410), one such file, or a
            file `*.yaml` of lines `NAME: KEY` (32 bytes in base64, RFC 4648, section 4).

    Raises:
        KeyFileError: there are none, they cannot be read, or others can write them, and so trust themselves.
    """
    place = Path(path)
    files = _public_files(place) if place.is_dir() else [place]
    return {name: key for file in files for name, key in _trusted_in(file).items()}


def _trusted_in(file: Path) -> dict[str, Ed25519PublicKey]:
    content, trouble = content_of(file, 0o022)
    if trouble:
        raise KeyFileError(file, trouble, "it must be a public key that its owner alone can write: NAME.pub, mode 0644")
    if file.suffix in (".yaml", ".yml"):
        return _listed(file, content)
    if not is_name(file.stem):
        raise KeyFileError(file, "its name cannot be that of a signer", "rename it: NAME.pub")
    return {file.stem: _public_key(file, content)}


def _public_files(folder: Path) -> list[Path]:
    trouble = _writable(folder.stat().st_mode)
    if trouble:
        raise KeyFileError(folder, trouble, f"run: chmod go-w {folder}")
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix == ".pub")
    except OSError as error:
        files, trouble = [], f"cannot be read ({error.strerror})"
    if not files:
        step = "put the public keys of those who may grant into it: NAME.pub"
        raise KeyFileError(folder, trouble or "has no public keys", step)
    return files


def _public_key(path: Source, content: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(path, "is no Ed25519 public key in PEM", "to make one, run: weir grant new-key NAME")
    return key


def _listed(path: Path, content: bytes) -> dict[str, Ed25519PublicKey]:
    source = parse(content, path.name)
    names = source.value if isinstance(source.value, dict) and not source.errors else {}
    raw = {name: _raw(text) for name, text in names.items()}
    if not raw or not all(is_name(name) and len(key) == 32 for name, key in raw.items()):
        problem = "must be lines NAME: KEY, each key the 44 characters of base64 of an Ed25519 public key"
        raise KeyFileError(path, problem, "correct it; `weir grant new-key NAME --json` shows such a line")
    return {name: Ed25519PublicKey.from_public_bytes(key) for name, key in raw.items()}


def _raw(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""


def load_private(path: Source) -> Ed25519PrivateKey:
    """The private key of a signer.

    Args:
        path: a file (mode 0600 or stricter) with an Ed25519 key in PEM (PKCS #8). The environment variable
            WEIR_GRANT_PASSPHRASE opens one that is encrypted.

    Raises:
        KeyFileError: there is none, others could read it, or it cannot be opened.
    """
    step = "to make one, run: weir grant new-key NAME"
    text = private_text(path, LONGEST_BYTES, step)
    phrase = os.environ.get(PASSPHRASE, "").encode() if "ENCRYPTED" in text else None
    if phrase == b"":
        raise KeyFileError(path, "is encrypted", f"set {PASSPHRASE}")
    try:
        key = load_pem_private_key(text.encode(), phrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(path, "is no Ed25519 private key in PEM, or the passphrase is another", step)
    return key


def write_keys(folder: Source, name: str, key: Ed25519PrivateKey) -> tuple[Path, Path]:
    """Writes NAME.key (PKCS #8, mode 0600; encrypted when WEIR_GRANT_PASSPHRASE is set) and NAME.pub.

    Returns: the two paths.

    Raises:
        KeyFileError: the name cannot be one, or one of the files exists or cannot be written; then neither is left.
    """
    if not is_name(name):
        step = "choose one of 1 to 64 letters, digits, '.', '_', '-'"
        raise KeyFileError(Path(folder, "NAME.key"), "the name cannot be that of a signer", step)
    phrase = os.environ.get(PASSPHRASE, "").encode()
    lock = BestAvailableEncryption(phrase) if phrase else NoEncryption()
    private, public = (Path(folder, f"{name}{suffix}") for suffix in (".key", ".pub"))
    write_new(private, 0o600, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    try:
        write_new(public, 0o644, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except KeyFileError:
        private.unlink()
        raise
    return private, public


def public_line(key: Ed25519PublicKey) -> str:
    """A public key as a YAML file of trusted keys has it: its 32 bytes in base64."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def thumbprint(key: Ed25519PublicKey) -> str:
    """A public key in 43 characters, to compare over the telephone: its JWK thumbprint (RFC 7638; RFC 8037, A.3)."""
    x = base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
    jwk = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return base64.urlsafe_b64encode(hashlib.sha256(jwk.encode()).digest()).rstrip(b"=").decode()


def new_private() -> Ed25519PrivateKey:
    """A new random private key."""
    return Ed25519PrivateKey.generate()


def write_new(path: Path, mode: int, content: bytes) -> None:
    """Writes a file that must not exist yet.

    Args:
        mode: its permissions.

    Raises:
        KeyFileError: it exists or cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise KeyFileError(path, "exists and is not overwritten", "use it, or choose another name") from None
    except OSError as error:
        trouble = f"cannot be created ({error.strerror})"
        raise KeyFileError(path, trouble, "name a folder you can write to") from None
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _writable(mode: int) -> str:
    return f"others can write it (mode {stat.S_IMODE(mode):04o})" if mode & 0o022 else ""


def content_of(path: Source, forbidden: int = 0) -> tuple[bytes, str]:
    """The content of a file, and what is wrong with it, of which one is empty.

    Args:
        forbidden: permissions that it must not have.
    """
    # The open file is judged, and not its path, so that no other can take its place in between.
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        return b"", f"cannot be read ({error.strerror})"
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            return b"", "is not a regular file"
        content = os.read(handle, LONGEST_BYTES + 1)
    finally:
        os.close(handle)
    if mode & forbidden:
        return b"", _writable(mode)
    return (content, "") if len(content) <= LONGEST_BYTES else (b"", "is too long")
