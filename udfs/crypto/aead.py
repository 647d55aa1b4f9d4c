"""Authenticated encryption: AES-SIV (RFC 5297), AES-GCM (NIST SP 800-38D) and AES-GCM-SIV (RFC 8452), over bytes.

For one value, and over batches. The ciphers are those of `cryptography`. A batch of AES-SIV runs its two parts (S2V
with CMAC, and counter mode) over all values at once, with AES itself as the only cipher: six times as fast as a call
for each value. AES-GCM-SIV cannot go that way, because each nonce has keys of its own.
"""

import os
from itertools import repeat
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV, AESSIV
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from udfs.crypto.rows import Bytes, Lengths, by_length, from_rows, inside, joined, pieces, to_rows

__all__ = [
    "NONCE_BYTES",
    "TAG_BYTES",
    "InvalidTag",
    "NonceCipher",
    "gcm_decrypt",
    "gcm_encrypt",
    "gcm_siv_decrypt",
    "gcm_siv_encrypt",
    "nonce_decrypt",
    "nonce_decrypt_all",
    "nonce_encrypt",
    "nonce_encrypt_all",
    "siv_decrypt",
    "siv_decrypt_all",
    "siv_encrypt",
    "siv_encrypt_all",
]

TAG_BYTES = 16
"""Of a tag, and of the synthetic IV of AES-SIV that is one: a block of AES."""

NONCE_BYTES = 12
"""Of a nonce: SP 800-38D, section 5.2.1.1, recommends 96 bits; RFC 8452, section 4, has no other."""

_BLOCK = 16

NonceCipher = type[AESGCM] | type[AESGCMSIV]
"""A cipher that takes a nonce."""


def siv_encrypt(key: bytes, plaintext: bytes, *associated: bytes) -> bytes:
    """AES-SIV: deterministic, so that equal values become equal.

    Args:
        key: 32, 48 or 64 bytes, of which each half is a key of AES.
        plaintext: any bytes, also none.
        associated: what is authenticated too, up to 126 byte strings. Their bounds count.

    Returns:
        The synthetic IV, 16 bytes, and the ciphertext, as long as the plaintext.

    >>> siv_encrypt(bytes(64), b"Ann", b"PERSON").hex()
    '893a9ed371ece40ced5d3e9ccfab3577493ee9'
    """
    return AESSIV(key).encrypt(plaintext, list(associated))


def siv_decrypt(key: bytes, sealed: bytes, *associated: bytes) -> bytes:
    """What `siv_encrypt` had encrypted.

    Raises:
        InvalidTag: it was not made with this key and these associated data.

    >>> siv_decrypt(bytes(64), siv_encrypt(bytes(64), b"Ann", b"PERSON"), b"PERSON")
    b'Ann'
    """
    if len(sealed) < TAG_BYTES:
        raise InvalidTag
    return AESSIV(key).decrypt(sealed, list(associated))


def gcm_encrypt(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes = b"") -> bytes:
    """AES-GCM. A nonce that repeats under one key gives away the values and the means to forge.

    Args:
        key: 16, 24 or 32 bytes.
        nonce: 12 bytes.
        plaintext: any bytes.
        associated: what is authenticated too.

    Returns:
        The ciphertext, as long as the plaintext, and the tag, 16 bytes.

    >>> gcm_encrypt(bytes(32), bytes(12), b"").hex()
    '530f8afbc74536b9a963b4f1c4cb738b'
    """
    return AESGCM(key).encrypt(_nonce(nonce), plaintext, associated)


def gcm_decrypt(key: bytes, nonce: bytes, sealed: bytes, associated: bytes = b"") -> bytes:
    """What `gcm_encrypt` had encrypted.

    Raises:
        InvalidTag: it was not made with this key, nonce and associated data.

    >>> gcm_decrypt(bytes(32), bytes(12), bytes.fromhex("530f8afbc74536b9a963b4f1c4cb738b"))
    b''
    """
    return AESGCM(key).decrypt(_nonce(nonce), sealed, associated)


def gcm_siv_encrypt(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes = b"") -> bytes:
    """AES-GCM-SIV. A nonce that repeats under one key tells which values are equal, and nothing else.

    Args:
        key: 16 or 32 bytes.
        nonce: 12 bytes.
        plaintext: any bytes.
        associated: what is authenticated too.

    Returns:
        The ciphertext, as long as the plaintext, and the tag, 16 bytes.

    >>> gcm_siv_encrypt(bytes([1] + [0] * 31), bytes([3] + [0] * 11), b"").hex()
    '07f5f4169bbf55a8400cd47ea6fd400f'
    """
    return AESGCMSIV(key).encrypt(_nonce(nonce), plaintext, associated)


def gcm_siv_decrypt(key: bytes, nonce: bytes, sealed: bytes, associated: bytes = b"") -> bytes:
    """What `gcm_siv_encrypt` had encrypted.

    Raises:
        InvalidTag: it was not made with this key, nonce and associated data.

    >>> gcm_siv_decrypt(bytes(32), bytes(12), gcm_siv_encrypt(bytes(32), bytes(12), b"Ann"))
    b'Ann'
    """
    return AESGCMSIV(key).decrypt(_nonce(nonce), sealed, associated)


def nonce_encrypt(cipher: NonceCipher, key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """AES-GCM or AES-GCM-SIV under a random nonce.

    Args:
        cipher: `AESGCM` or `AESGCMSIV` of `cryptography`.
        key: as the cipher's.
        plaintext: any bytes.
        associated: what is authenticated too.

    Returns:
        The nonce (12 bytes), the ciphertext and the tag (16 bytes).

    >>> len(nonce_encrypt(AESGCM, bytes(32), b"Ann", b"PERSON"))
    31
    """
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher(key).encrypt(nonce, plaintext, associated)


def nonce_decrypt(cipher: NonceCipher, key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """What `nonce_encrypt` had encrypted.

    Raises:
        InvalidTag: it was not made with this cipher, key and associated data.

    >>> nonce_decrypt(AESGCM, bytes(32), nonce_encrypt(AESGCM, bytes(32), b"Ann", b"PERSON"), b"PERSON")
    b'Ann'
    """
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise InvalidTag
    return cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)


def nonce_encrypt_all(cipher: NonceCipher, key: bytes, plaintexts: pa.Array, associated: bytes) -> pa.BinaryArray:
    """`nonce_encrypt` of each value, under a random nonce of its own.

    Args:
        cipher: as there.
        key: as there.
        plaintexts: strings or byte strings, none of them null.
        associated: what is authenticated with each of them.

    Returns:
        For each value the nonce (12 bytes), the ciphertext and the tag (16 bytes).
    """
    values = pieces(plaintexts)
    # One system call for all nonces, one set-up of the key.
    nonces = _cut(os.urandom(NONCE_BYTES * len(values)), NONCE_BYTES)
    parts = [b""] * (2 * len(values))
    parts[::2] = nonces
    parts[1::2] = map(cipher(key).encrypt, nonces, values, repeat(associated))
    lengths: Lengths = pc.binary_length(plaintexts).to_numpy()
    return joined(parts, lengths + NONCE_BYTES + TAG_BYTES)


def nonce_decrypt_all(
    cipher: NonceCipher, key: bytes, sealed: pa.Array, associated: bytes, skip: int = 0
) -> pa.BinaryArray:
    """What `nonce_encrypt_all` had encrypted.

    Args:
        cipher: as there.
        key: as there.
        sealed: nonce, ciphertext and tag of each value.
        associated: as there.
        skip: bytes before each nonce.

    Raises:
        InvalidTag: one of them was not made with this cipher, key and associated data.
    """
    values, decrypt = pieces(sealed), cipher(key).decrypt
    start = skip + NONCE_BYTES
    lengths: Lengths = pc.binary_length(sealed).to_numpy() - start - TAG_BYTES
    if lengths.min(initial=0) < 0:
        raise InvalidTag
    opened = [decrypt(value[skip:start], value[start:], associated) for value in values]
    return joined(opened, lengths)


def siv_encrypt_all(key: bytes, plaintexts: pa.BinaryArray, *associated: bytes) -> pa.BinaryArray:
    """`siv_encrypt` of each value.

    Args:
        key: as there.
        plaintexts: byte strings, none of them null.
        associated: what is authenticated with each of them, as there.

    Returns:
        As many byte strings.

    >>> siv_encrypt_all(bytes(64), pa.array([b"Ann"]), b"PERSON")[0].as_py().hex()
    '893a9ed371ece40ced5d3e9ccfab3577493ee9'
    """
    encrypt, others = AESSIV(key).encrypt, list(associated)

    def rows(values: pa.BinaryArray) -> pa.BinaryArray:
        siv, (plain, lengths) = _siv(key, associated), to_rows(values, _BLOCK)
        synthetic = _synthetic(siv, plain, lengths)
        plain ^= _keystream(siv, synthetic, plain.shape[1])
        return from_rows(np.hstack([synthetic, plain]), lengths + TAG_BYTES, pa.binary())

    return by_length(plaintexts, pa.binary(), rows, lambda values: [encrypt(value, others) for value in values])


def siv_decrypt_all(key: bytes, sealed: pa.BinaryArray, *associated: bytes, skip: int = 0) -> pa.BinaryArray:
    """What `siv_encrypt` had encrypted, of each.

    Args:
        key: as there.
        sealed: synthetic IV and ciphertext of each value.
        associated: as there.
        skip: bytes before each synthetic IV.

    Raises:
        InvalidTag: one of them was not made with this key and these associated data. None is given out then.

    >>> siv_decrypt_all(bytes(64), siv_encrypt_all(bytes(64), pa.array([b"Ann", b""]))).to_pylist()
    [b'Ann', b'']
    """

    start = skip + TAG_BYTES

    def rows(values: pa.BinaryArray) -> pa.BinaryArray:
        siv, (whole, lengths) = _siv(key, associated), to_rows(values, _BLOCK, skip=start)
        if lengths.min() < start:
            raise InvalidTag
        synthetic, lengths = whole[:, skip:start], lengths - np.int32(start)
        plain = whole[:, start:] ^ _keystream(siv, synthetic, whole.shape[1] - start)
        plain *= inside(lengths, plain.shape[1])
        # All bytes of all values are compared, wherever the first difference is.
        if np.bitwise_or.reduce(_synthetic(siv, plain, lengths) ^ synthetic, axis=None):
            raise InvalidTag
        return from_rows(plain, lengths, pa.binary())

    def each(values: list[bytes]) -> list[bytes]:
        if any(len(value) < start for value in values):
            raise InvalidTag
        decrypt, others = AESSIV(key).decrypt, list(associated)
        return [decrypt(value[skip:], others) for value in values]

    return by_length(sealed, pa.binary(), rows, each)


class _Siv(NamedTuple):
    """A key of AES-SIV in use."""

    mac: CipherContext  # AES under the first half of the key
    counter: CipherContext  # AES under the second half
    associated: int  # what S2V has made of the associated data: a block
    whole: int  # the subkey of CMAC for a last block that is whole (RFC 4493, section 2.3: K1)
    cut: int  # for one that is not: K2


def _siv(key: bytes, associated: tuple[bytes, ...]) -> _Siv:
    half = len(key) // 2
    mac, counter = (Cipher(AES(part), modes.ECB()).encryptor() for part in (key[:half], key[half:]))
    state = _cmac(key[:half], bytes(_BLOCK))  # RFC 5297, section 2.4
    for part in associated:
        state = _doubled(state) ^ _cmac(key[:half], part)
    whole = _doubled(int.from_bytes(mac.update(bytes(_BLOCK)), "big"))
    return _Siv(mac, counter, state, whole, _doubled(whole))


def _cmac(key: bytes, message: bytes) -> int:
    mac = CMAC(AES(key))
    mac.update(message)
    return int.from_bytes(mac.finalize(), "big")


def _doubled(block: int) -> int:
    """Multiplication by x in GF(2**128) (RFC 5297, section 2.3)."""
    return ((block << 1) & ((1 << 128) - 1)) ^ (0x87 if block >> 127 else 0)


def _synthetic(siv: _Siv, rows: Bytes, lengths: Lengths) -> Bytes:
    """S2V of rows that are zero beyond their lengths: the CMAC of each, 16 bytes."""
    width = rows.shape[1]
    present = np.flatnonzero(np.bincount(lengths, minlength=width + 1))
    changes = np.zeros((width + 1, width), np.uint8)
    for length in present.tolist():
        changes[length] = _change(siv, length, width)
    message = rows ^ changes[lengths]
    blocks = np.maximum(-(-lengths // _BLOCK), 1)
    state = _ecb(siv.mac, message[:, :_BLOCK])
    for block in range(1, width // _BLOCK):
        here = message[:, block * _BLOCK : (block + 1) * _BLOCK]
        more = np.flatnonzero(blocks > block)
        if len(more) == len(rows):
            state = _ecb(siv.mac, state ^ here)
        else:
            state[more] = _ecb(siv.mac, state[more] ^ here[more])
    return state


def _change(siv: _Siv, length: int, width: int) -> Bytes:
    """What a value of this length is combined with, so that plain CBC of it is its S2V: the state of S2V, the bit that
    pads, and the subkey of CMAC. It depends on nothing else, so it is computed once for all values of one length."""
    blocks = max(-(-length // _BLOCK), 1)
    bits = blocks * _BLOCK * 8  # the number's lowest byte is the last one of the last block
    pad = 0 if length and length % _BLOCK == 0 else 0x80 << (bits - 8 * length - 8)
    if length < _BLOCK:
        number = _doubled(siv.associated) ^ pad ^ siv.whole
    else:
        number = (siv.associated << (bits - 8 * length)) ^ pad ^ (siv.cut if pad else siv.whole)
    return np.frombuffer(number.to_bytes(blocks * _BLOCK, "big").ljust(width, b"\0"), np.uint8)


def _keystream(siv: _Siv, synthetic: Bytes, width: int) -> Bytes:
    """Counter mode from each synthetic IV (RFC 5297, section 2.5): `width` bytes for each."""
    first = synthetic.copy()
    # The two bits are cleared so that adding to the last 32 bits carries into no others.
    first[:, 8] &= 0x7F
    first[:, 12] &= 0x7F
    counters = np.repeat(first[:, None, :], width // _BLOCK, axis=1)
    numbers: npt.NDArray[np.uint32] = counters[:, :, 12:].copy().view(">u4")[:, :, 0]
    numbers = numbers + np.arange(width // _BLOCK, dtype=np.uint32)
    counters[:, :, 12:] = numbers.astype(">u4")[:, :, None].view(np.uint8)
    return _ecb(siv.counter, counters.reshape(-1, _BLOCK)).reshape(len(synthetic), width)


def _ecb(cipher: CipherContext, blocks: Bytes) -> Bytes:
    """AES of each block on its own."""
    out = np.empty(blocks.size + _BLOCK - 1, np.uint8)
    cipher.update_into(np.ascontiguousarray(blocks).data.cast("B") if blocks.size else b"", out.data)
    return out[: blocks.size].reshape(blocks.shape)


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def _nonce(nonce: bytes) -> bytes:
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce must have {NONCE_BYTES} bytes; got {len(nonce)}")
    return nonce
