"""FF1 over strings whose positions have alphabets of several sizes: a digit here, a letter there.

FF1 wants one radix for all positions. Where sizes differ, a string is ranked: it is written as its number among the
strings of its pattern, in a radix and length that just cover all of them. FF1 permutes those numbers, and what falls
outside goes through it again until it is inside. That is a permutation of the pattern's strings, as strong as the
one that it walks in: rank, then encipher (Bellare, Ristenpart, Rogaway, Stegers, "Format-Preserving Encryption", SAC
2009, section 3), with cycle walking (Black, Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002, section 3).
"""

from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from udfs.crypto.ff1 import LARGEST_RADIX

Cipher = Callable[[npt.NDArray[Any], int, npt.NDArray[np.uint8] | None], npt.NDArray[np.uint16]]
"""FF1 one way, under a key and the head of a tweak: called with numerals, radix, and the tails of tweaks."""

_WORD = 1 << 62
"""Ranks below are numpy's integers, others Python's."""


def permuted(
    cipher: Cipher, numerals: npt.NDArray[Any], sizes: npt.NDArray[Any], tails: npt.NDArray[np.uint8] | None
) -> npt.NDArray[np.uint16]:
    """Encrypts or decrypts strings of one length, each position within its size.

    Args:
        cipher: FF1 in either direction.
        numerals: a row for each string, at least one; each numeral is below its size.
        sizes: of the same shape, 2 to 65536. Their product is the same in every row, and 1,000,000 at least.
        tails: of the tweaks, a row of bytes for each string; None for none.

    Returns:
        An array of the same shape, each numeral below its size.

    >>> from udfs.crypto.ff1 import decrypt_batch, encrypt_batch
    >>> plates, sizes = np.array([[0, 25, 1, 9, 9, 9]]), np.array([[26, 26, 26, 10, 10, 10]])
    >>> masked = permuted(lambda rows, radix, _: encrypt_batch(bytes(32), rows, radix), plates, sizes, None)
    >>> bool((masked < sizes).all())
    True
    >>> permuted(lambda rows, radix, _: decrypt_batch(bytes(32), rows, radix), masked, sizes, None)
    array([[ 0, 25,  1,  9,  9,  9]], dtype=uint16)
    """
    if (sizes == sizes[0, 0]).all():
        return cipher(numerals, int(sizes[0, 0]), tails)
    sizes = sizes.astype(np.uint64)
    count = prod(map(int, sizes[0]))
    radix, length = cover(count)
    ranks = _ranked(numerals, sizes, count)
    walking = np.arange(len(ranks))
    bases = np.full((1, length), radix, np.uint64)
    while walking.size:
        inside = _unranked(ranks[walking], bases)
        outcome = cipher(inside, radix, None if tails is None else tails[walking])
        ranks[walking] = _ranked(outcome, bases, radix**length)
        walking = walking[ranks[walking] >= count]
    return _unranked(ranks, sizes)


@lru_cache(maxsize=4096)
def cover(count: int) -> tuple[int, int]:
    """The radix and length of the strings that hold `count` numbers: the shortest even length, so that the halves are
    equal, and the smallest radix for it. Few numbers are left over (at most 2 of 1000 for a length of 2, 2 of 100 for
    4), so that few walk twice.

    >>> cover(26**3 * 10**4)
    (13258, 2)
    """
    radices = range(2, LARGEST_RADIX + 1)
    length = 2
    while LARGEST_RADIX**length < count:
        length += 2
    return radices[bisect_left(radices, count, key=lambda radix: radix**length)], length


def _ranked(numerals: npt.NDArray[Any], sizes: npt.NDArray[np.uint64], count: int) -> npt.NDArray[Any]:
    """The number of each string among the `count` of its sizes, the first position counting most."""
    kind = np.uint64 if count <= _WORD else object
    ranks = np.zeros(len(numerals), kind)
    for place in range(numerals.shape[1]):
        ranks = ranks * sizes[:, place].astype(kind) + numerals[:, place].astype(kind)
    return ranks


def _unranked(ranks: npt.NDArray[Any], sizes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint16]:
    numerals = np.empty((len(ranks), sizes.shape[1]), np.uint16)
    for place in reversed(range(sizes.shape[1])):
        size = sizes[:, place].astype(ranks.dtype)
        quotient = ranks // size
        numerals[:, place] = ranks - quotient * size
        ranks = quotient
    return numerals
