"""FF1: format-preserving encryption by NIST SP 800-38G, over a batch of numeral strings at a time.

A numeral string is a row of numbers below a radix; FF1 turns it, under a key and a tweak, into another one of the same
radix and length, and back. It is a Feistel network of ten rounds over the two halves, each a number, with AES in
CBC-MAC as its function (algorithms 6 to 8 of the standard; the names in the code are the standard's).

A round takes one call of AES for the whole batch. What the rounds have in common, P and the tweak, goes through AES
once before them. Halves of up to 62 bits (18 decimal digits) are `uint64` arrays; longer ones are Python's numbers.

>>> key = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
>>> encrypt(key, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10)  # sample 1 of the standard
[2, 4, 3, 3, 4, 7, 7, 4, 8, 4]
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from udfs.crypto._ff1_numbers import WORD_BITS, Numerals, Words, integers, words, write_integers, write_words

Bytes = npt.NDArray[np.uint8]

MINIMUM_DOMAIN = 1_000_000
"""Strings that a radix and length must have at least: SP 800-38G Revision 1 (draft), section 5.1. Below, few enough
known pairs give the others away."""

LARGEST_RADIX = 1 << 16
"""SP 800-38G, section 5.1."""

LARGEST_LENGTH = (1 << 32) - 1
"""Of a string and of a tweak: SP 800-38G, algorithm 7, writes both in four bytes."""

_KEY_BYTES = (16, 24, 32)

_ROUNDS = 10

_BLOCK = 16

_CHUNK = 8192
"""Rows that go through the rounds together: their words, 64 KB an array, stay in the processor's cache."""

_FEW = 12
"""Rows below which Python's numbers (about 20 us each) are faster than numpy's calls (370 us for a batch)."""

_BLOCK_MASK = (1 << 128) - 1

_Aes = Callable[[bytes | memoryview], bytes]
"""Encrypts each block of 16 bytes by itself."""


class _Domain(NamedTuple):
    """What follows from radix and length: the lengths of the halves, and steps 3 and 4 of algorithm 7."""

    radix: int
    u: int
    v: int
    b: int  # bytes of a half as a number
    d: int  # bytes of a round's output

    @property
    def length(self) -> int:
        return self.u + self.v

    @property
    def narrow(self) -> bool:
        return bool(self.radix**self.v <= 1 << WORD_BITS)


def check_domain(radix: int, length: int) -> None:
    """Checks that FF1 may be used over the strings of a radix and a length.

    Args:
        radix: 2 to 65536.
        length: numerals of a string.

    Raises:
        ValueError: it must not; it says which bound is broken.

    >>> check_domain(10, 6)
    >>> check_domain(10, 5)
    Traceback (most recent call last):
    ValueError: there must be 1,000,000 strings at least; got radix 10 and length 5; use longer strings
    """
    if not 2 <= radix <= LARGEST_RADIX:
        raise ValueError(f"the radix must be 2 to {LARGEST_RADIX}; got {radix}")
    if length > LARGEST_LENGTH:
        raise ValueError(f"a string must have at most {LARGEST_LENGTH} numerals; got {length}")
    # 20 numerals are enough in every radix, and the power of a very long string would be slow to compute.
    if length < 20 and radix**length < MINIMUM_DOMAIN:
        raise ValueError(
            f"there must be {MINIMUM_DOMAIN:,} strings at least; got radix {radix} and length {length}; "
            "use longer strings"
        )


def encrypt(key: bytes, numerals: Sequence[int], radix: int, tweak: bytes = b"") -> list[int]:
    """Encrypts one numeral string (SP 800-38G, algorithm 7).

    Args:
        key: of AES: 16, 24 or 32 bytes.
        numerals: numbers from 0 to `radix - 1`, `radix ** len(numerals)` being 1,000,000 at least.
        radix: 2 to 65536.
        tweak: what else the result depends on; no secret.

    Returns:
        As many numerals of the same radix.

    Raises:
        ValueError: one of them is not as said. Never with a numeral or the key.

    >>> decrypt(bytes(16), encrypt(bytes(16), [1, 2, 3], 100, b"t"), 100, b"t")
    [1, 2, 3]
    """
    return _one(key, numerals, radix, tweak, forward=True)


def decrypt(key: bytes, numerals: Sequence[int], radix: int, tweak: bytes = b"") -> list[int]:
    """Decrypts one numeral string (SP 800-38G, algorithm 8): the inverse of `encrypt`, with the same arguments.

    Raises:
        ValueError: as `encrypt`.

    >>> decrypt(bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C"), [2, 4, 3, 3, 4, 7, 7, 4, 8, 4], 10)
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    return _one(key, numerals, radix, tweak, forward=False)


def encrypt_batch(
    key: bytes, numerals: npt.NDArray[Any], radix: int, tweak: bytes = b"", tails: Bytes | None = None
) -> Numerals:
    """Encrypts numeral strings of one length, each as `encrypt` does.

    Args:
        key: of AES: 16, 24 or 32 bytes.
        numerals: one row for each string; an array of integers.
        radix: 2 to 65536.
        tweak: the tweak of all strings, or, with `tails`, its beginning.
        tails: a row of bytes for each string, which follow `tweak` in its tweak; None for none.

    Returns:
        An array of the same shape.

    Raises:
        ValueError: as `encrypt`; or the shapes do not fit.

    >>> cards = np.array([[4, 1, 1, 1, 1, 1], [5, 5, 5, 5, 5, 5]])
    >>> masked = encrypt_batch(bytes(16), cards, 10, b"CREDIT_CARD")
    >>> decrypt_batch(bytes(16), masked, 10, b"CREDIT_CARD").tolist() == cards.tolist()
    True
    """
    return _batch(key, numerals, radix, tweak, tails, forward=True)


def decrypt_batch(
    key: bytes, numerals: npt.NDArray[Any], radix: int, tweak: bytes = b"", tails: Bytes | None = None
) -> Numerals:
    """Decrypts numeral strings of one length: the inverse of `encrypt_batch`, with the same arguments.

    Raises:
        ValueError: as `encrypt_batch`.

    >>> decrypt_batch(bytes(16), encrypt_batch(bytes(16), np.array([[7, 8, 9]]), 256), 256)
    array([[7, 8, 9]], dtype=uint16)
    """
    return _batch(key, numerals, radix, tweak, tails, forward=False)


def _one(key: bytes, numerals: Sequence[int], radix: int, tweak: bytes, forward: bool) -> list[int]:
    check_domain(radix, len(numerals))
    if not all(0 <= numeral < radix for numeral in numerals):
        raise ValueError(f"every numeral must be 0 to {radix - 1}; one is not")
    row = np.array([numerals], np.uint16)
    result: list[int] = _batch(key, row, radix, tweak, None, forward)[0].tolist()
    return result


def _batch(
    key: bytes, numerals: npt.NDArray[Any], radix: int, tweak: bytes, tails: Bytes | None, forward: bool
) -> Numerals:
    _check(key, numerals, radix, tweak, tails)
    domain, aes = _domain(radix, numerals.shape[1]), _aes(key)
    result = np.empty(numerals.shape, np.uint16)
    for start in range(0, len(numerals), _CHUNK):
        rows = slice(start, start + _CHUNK)
        fixed = _fixed(aes, domain, tweak, None if tails is None else tails[rows])
        narrow = domain.narrow and len(numerals[rows]) >= _FEW
        (_narrow if narrow else _wide)(aes, domain, fixed, numerals[rows], result[rows], forward)
    return result


def _check(key: bytes, numerals: npt.NDArray[Any], radix: int, tweak: bytes, tails: Bytes | None) -> None:
    if len(key) not in _KEY_BYTES:
        raise ValueError(f"the key must have 16, 24 or 32 bytes; got {len(key)}")
    if numerals.ndim != 2 or not np.issubdtype(numerals.dtype, np.integer):
        raise ValueError(f"numerals must be rows of integers; got {numerals.ndim} dimensions of {numerals.dtype}")
    check_domain(radix, numerals.shape[1])
    if numerals.size and not 0 <= numerals.min() <= numerals.max() < radix:
        raise ValueError(f"every numeral must be 0 to {radix - 1}; one is not")
    if tails is not None and (tails.ndim != 2 or len(tails) != len(numerals) or tails.dtype != np.uint8):
        raise ValueError(f"tails must be a row of bytes for each of {len(numerals)} strings; got {tails.shape}")
    if len(tweak) + (0 if tails is None else tails.shape[1]) > LARGEST_LENGTH:
        raise ValueError(f"a tweak must have at most {LARGEST_LENGTH} bytes")


def _domain(radix: int, length: int) -> _Domain:
    u = length // 2
    v = length - u
    # Step 3 asks for ceil(v * log2(radix)) bits; the largest half has exactly as many.
    b = -(-(radix**v - 1).bit_length() // 8)
    return _Domain(radix, u, v, b, 4 * -(-b // 4) + 4)


def _aes(key: bytes) -> _Aes:
    return Cipher(AES(key), ECB()).encryptor().update


def _blocks(aes: _Aes, blocks: npt.NDArray[Any]) -> Bytes:
    return np.frombuffer(aes(blocks.view(np.uint8).reshape(-1).data), np.uint8).reshape(-1, _BLOCK)


def _fixed(aes: _Aes, domain: _Domain, tweak: bytes, tails: Bytes | None) -> tuple[Bytes, Bytes]:
    """What is the same in every round of a string: P and the beginning of Q, up to where the round's number stands.

    Returns:
        The CBC-MAC of its whole blocks, and the bytes after them. One row for each string, or one for all.
    """
    suffix = np.zeros((1, 0), np.uint8) if tails is None else tails
    length = len(tweak) + suffix.shape[1]
    head = b"\x01\x02\x01" + domain.radix.to_bytes(3, "big") + bytes([10, domain.u % 256])
    head += domain.length.to_bytes(4, "big") + length.to_bytes(4, "big") + tweak
    whole = len(head) - len(head) % _BLOCK
    padding = np.zeros((len(suffix), (-length - domain.b - 1) % _BLOCK), np.uint8)
    start = np.tile(np.frombuffer(head[whole:], np.uint8), (len(suffix), 1))
    rest = np.concatenate([start, suffix, padding], axis=1)
    mac = _mac(aes, np.zeros((1, _BLOCK), np.uint8), np.frombuffer(head[:whole], np.uint8).reshape(1, -1))
    blocks = rest.shape[1] - rest.shape[1] % _BLOCK
    return _mac(aes, mac, rest[:, :blocks]), rest[:, blocks:]


def _mac(aes: _Aes, mac: Bytes, message: Bytes) -> Bytes:
    """Algorithm 6 (PRF), continued from `mac`, over a row of whole blocks for each string."""
    for start in range(0, message.shape[1], _BLOCK):
        mac = _blocks(aes, mac ^ message[:, start : start + _BLOCK])
    return mac


def _narrow(
    aes: _Aes, domain: _Domain, fixed: tuple[Bytes, Bytes], numerals: npt.NDArray[Any], result: Numerals, forward: bool
) -> None:
    """The rounds over halves of at most 62 bits, written into `result`."""
    radix, u, v, b, _ = domain
    mac, rest = fixed
    # With halves of at most 8 bytes, one block is left for each round: `rest`, the round's number, and the half.
    last = np.zeros((len(rest), _BLOCK), np.uint8)
    last[:, : rest.shape[1]] = rest
    high, low = (mac ^ last).view(">u8").astype(np.uint64).T
    blocks = np.empty((len(numerals), 2), ">u8")
    blocks[:, 0] = high
    moduli = (radix**u, radix**v)
    a, c = words(numerals[:, :u], radix), words(numerals[:, u:], radix)
    fed, target = (c, a) if forward else (a, c)
    for i in range(_ROUNDS) if forward else reversed(range(_ROUNDS)):
        if b == 8:
            blocks[:, 0] = high ^ np.uint64(i)
            blocks[:, 1] = low ^ fed
        else:
            blocks[:, 1] = low ^ np.uint64(i << (8 * b)) ^ fed
        modulus = moduli[i % 2]
        y = _remainder(_blocks(aes, blocks), b, modulus)
        fed, target = _sum(target, y, modulus) if forward else _difference(target, y, modulus), fed
    a, c = (target, fed) if forward else (fed, target)
    write_words(a, radix, result[:, :u])
    write_words(c, radix, result[:, u:])


def _remainder(output: Bytes, b: int, modulus: int) -> Words:
    """The first d bytes of each row as a number, modulo `modulus`, for halves of at most 8 bytes."""
    m = np.uint64(modulus)
    y: Words = output.view(">u8")[:, 0].astype(np.uint64)
    y -= y // m * m
    if b <= 4:
        return y  # d is 8
    # d is 12: another 32 bits follow. The quotient is below 2**32, so as a float it is wrong by less than 2**-18 and
    # its whole part by one at most; what the wrong one leaves is put right, all of it modulo 2**64.
    word = output.view(">u4")[:, 2].astype(np.uint64)
    quotient = ((y * 4294967296.0 + word) / float(modulus)).astype(np.uint64)
    y = (y << np.uint64(32)) + word - quotient * m
    y = np.minimum(y, y + m)
    return np.minimum(y, y - m)


def _sum(x: Words, y: Words, modulus: int) -> Words:
    """Modulo `modulus`, of which both are below: what has nothing to take away wraps around and is not the smaller."""
    total = x + y
    return np.minimum(total, total - np.uint64(modulus))


def _difference(x: Words, y: Words, modulus: int) -> Words:
    rest = x - y
    return np.minimum(rest, rest + np.uint64(modulus))


def _wide(
    aes: _Aes, domain: _Domain, fixed: tuple[Bytes, Bytes], numerals: npt.NDArray[Any], result: Numerals, forward: bool
) -> None:
    """The rounds over halves of any length, written into `result`."""
    radix, u, v, b, d = domain
    macs, rests = _integers(fixed[0], len(numerals)), _integers(fixed[1], len(numerals))
    blocks = (fixed[1].shape[1] + 1 + b) // _BLOCK
    a, c = integers(numerals[:, :u], radix), integers(numerals[:, u:], radix)
    fed, target = (c, a) if forward else (a, c)
    moduli, sign = (radix**u, radix**v), 1 if forward else -1
    for i in range(_ROUNDS) if forward else reversed(range(_ROUNDS)):
        ends = [((rest << 8) + i << 8 * b) + half for rest, half in zip(rests, fed, strict=True)]
        y = _function(aes, macs, ends, blocks, d)
        modulus = moduli[i % 2]
        fed, target = [(x + sign * z) % modulus for x, z in zip(target, y, strict=True)], fed
    a, c = (target, fed) if forward else (fed, target)
    write_integers(a, radix, result[:, :u])
    write_integers(c, radix, result[:, u:])


def _integers(rows: Bytes, count: int) -> list[int]:
    """Each row of bytes as one number; one row stands for all `count`."""
    numbers = [int.from_bytes(row.tobytes(), "big") for row in rows]
    return numbers if len(numbers) == count else numbers * count


def _function(aes: _Aes, macs: list[int], ends: list[int], blocks: int, d: int) -> list[int]:
    """Algorithm 7, steps 6.ii to 6.iv, for blocks that are numbers.

    Args:
        macs: of each string, the CBC-MAC of what comes before.
        ends: what follows, as many `blocks` for each string.
        d: bytes of the output.
    """
    for block in reversed(range(blocks)):
        macs = _each(aes, [mac ^ (end >> 128 * block & _BLOCK_MASK) for mac, end in zip(macs, ends, strict=True)])
    outputs = macs
    for j in range(1, -(-d // _BLOCK)):
        following = _each(aes, [mac ^ j for mac in macs])
        outputs = [output << 128 | more for output, more in zip(outputs, following, strict=True)]
    surplus = -d % _BLOCK * 8
    return [output >> surplus for output in outputs]


def _each(aes: _Aes, blocks: list[int]) -> list[int]:
    data = aes(b"".join([block.to_bytes(_BLOCK, "big") for block in blocks]))
    return [int.from_bytes(data[at : at + _BLOCK], "big") for at in range(0, len(data), _BLOCK)]
