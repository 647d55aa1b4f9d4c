"""Opens what Weir's masks `token` and `encrypt` make, with the library `cryptography` and no Weir.

Arguments: purpose, scope, epoch, entity. The first line of the input is the root key, each further one a text.
"""

import base64
import re
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def hkdf(secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA-256 (RFC 5869) without salt."""
    return HKDF(SHA256(), length, None, info).derive(secret)


def mask_key(root: str, *parts: str) -> bytes:
    """The key of a mask, from a root key in hexadecimal digits; the parts are purpose, scope and, from 2 on, epoch."""
    if not re.fullmatch("[0-9A-Fa-f]{64}", root):
        raise ValueError("the key must be 64 hexadecimal digits")
    info = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hkdf(bytes.fromhex(root), info, 32)


def opened(key: bytes, entity: str, text: str) -> str:
    """The value in a sealed text, or ValueError."""
    if not re.fullmatch("wr1[.][A-Za-z0-9_-]{30,}", text):
        raise ValueError("no sealed value")
    data = base64.urlsafe_b64decode(text[4:] + "=" * (-len(text) % 4))
    start = 22 if data[1] & 0x80 else 6  # of the payload, after a person's reference or without
    exact = text[4:] == base64.urlsafe_b64encode(data).decode().rstrip("=")
    if data[0] != 1 or len(data) < start + 16 or not exact:
        raise ValueError("no sealed value")
    if data[2:6] != hkdf(key, b"weir/1/key-id", 4):
        raise ValueError("sealed under another key")
    associated, payload = data[:start] + entity.encode(), data[start:]
    try:
        return decrypted(data[1] & 0x7F, key, payload, associated).decode()
    except InvalidTag:
        raise ValueError("changed, or of another entity") from None


def decrypted(algorithm: int, key: bytes, payload: bytes, associated: bytes) -> bytes:
    """The value of a payload, or InvalidTag."""
    if algorithm == 1:
        return AESSIV(hkdf(key, b"weir/1/token/siv", 64)).decrypt(payload, [associated])
    nonce, sealed = payload[:12], payload[12:]
    if algorithm == 2:
        return AESGCM(hkdf(key, b"weir/1/encrypt/aes-256-gcm", 32)).decrypt(nonce, sealed, associated)
    if algorithm == 3:
        return AESGCMSIV(hkdf(key, b"weir/1/encrypt/aes-256-gcm-siv", 32)).decrypt(nonce, sealed, associated)
    raise ValueError("sealed by an algorithm that is not known here")


if __name__ == "__main__":
    purpose, scope, epoch, entity = sys.argv[1:]
    key = mask_key(sys.stdin.readline().strip(), purpose, scope, *([] if epoch == "1" else [epoch]))
    for line in sys.stdin:
        print(opened(key, entity, line.rstrip("\r\n")), flush=True)
