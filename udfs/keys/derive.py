"""Keys from a root key: for each purpose, scope and epoch one of its own (HKDF-SHA-256, RFC 5869)."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
"""Of a root key and of a derived key: the output of SHA-256, so that HMAC-SHA-256 has its full strength (RFC 2104,
section 3)."""

KEY_ID_BYTES = 4
"""Of the name of a derived key. It tells the keys of a keyring apart; that the right one opened, the seal proves."""


def derive(root: bytes, purpose: str, scope: str, epoch: int = 1) -> bytes:
    """The key for one purpose, scope and epoch.

    Args:
        root: the root key, 32 bytes.
        purpose: what it is for, e.g. `weir/1/pseudonym`.
        scope: for whom, e.g. `segment:support`.
        epoch: which one in time, from 1. The first has no part in the derivation, so that what was made before there
            were epochs stays what it was.

    Returns:
        32 bytes, by HKDF-SHA-256 (RFC 5869) without salt. Other purposes, scopes and epochs give unrelated keys.

    Raises:
        ValueError: the root key has another length, purpose or scope is empty, or the epoch is below 1.

    >>> derive(bytes(32), "weir/1/hash", "segment:a") == derive(bytes(32), "weir/1/hash", "segment:b")
    False
    """
    if len(root) != KEY_BYTES:
        raise ValueError(f"the root key must have {KEY_BYTES} bytes; got {len(root)}")
    if not purpose or not scope:
        raise ValueError("a derived key must have a purpose and a scope; got an empty one")
    if epoch < 1:
        raise ValueError(f"an epoch must be 1 or higher; got {epoch}")
    parts = (purpose, scope) if epoch == 1 else (purpose, scope, str(epoch))
    return hkdf(root, b"", _info(parts), KEY_BYTES)


def key_id(key: bytes) -> bytes:
    """The name of a derived key, 4 bytes, which says nothing of it: HKDF-SHA-256 of it for the purpose `weir/1/key-id`.

    >>> key_id(bytes(32)).hex()
    '7175a317'
    """
    return hkdf(key, b"", b"weir/1/key-id", KEY_ID_BYTES)


def hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA-256 (RFC 5869): `length` bytes, at most 8,160.

    >>> hkdf(b"\\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42).hex()[:16]
    '3cb25f25faacd57a'
    """
    return HKDF(SHA256(), length, salt or None, info).derive(secret)


def _info(parts: tuple[str, ...]) -> bytes:
    # Each part with its length before it: ("a", "bc") and ("ab", "c") must not give the same key.
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
