"""Numeral strings and the numbers they stand for (SP 800-38G, algorithms 1 and 3), a batch at a time.

Numbers below 2**62 are `uint64` arrays, and numpy does the work; longer ones are lists of Python's numbers.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

Numerals = npt.NDArray[np.uint16]

WORD_BITS = 62
"""Of a number in a word: twice such a number, and three times, still fits into 64 bits."""


def words(numerals: npt.NDArray[Any], radix: int) -> Words:
    """The number of each row, most significant numeral first, which must be below 2**62.

    >>> words(np.array([[1, 2, 3], [0, 0, 7]]), 10)
    array([123,   7], dtype=uint64)
    """
    # By columns: the numbers of a batch grow together, one numeral at a time.
    number = numerals[:, 0].astype(np.uint64)
    for column in range(1, numerals.shape[1]):
        number *= np.uint64(radix)
        number += numerals[:, column].astype(np.uint64)
    return number


def write_words(number: Words, radix: int, into: Numerals) -> None:
    """Writes the number of each row as numerals that fill `into`.

    >>> rows = np.zeros((1, 4), np.uint16)
    >>> write_words(np.array([123], np.uint64), 10, rows)
    >>> rows
    array([[0, 1, 2, 3]], dtype=uint16)
    """
    # numpy divides by one number for all with multiplications, but takes a remainder with the machine's division, which
    # is several times as slow: the remainder is what the quotient leaves.
    for column in range(into.shape[1] - 1, 0, -1):
        quotient = number // np.uint64(radix)
        into[:, column] = number - quotient * np.uint64(radix)
        number = quotient
    into[:, 0] = number


def integers(numerals: npt.NDArray[Any], radix: int) -> list[int]:
    """The number of each row, of any size.

    >>> integers(np.array([[1, *[0] * 18, 7]]), 10)
    [10000000000000000007]
    """
    numbers = []
    for row in numerals.tolist():
        number = 0
        for numeral in row:
            number = number * radix + numeral
        numbers.append(number)
    return numbers


def write_integers(numbers: list[int], radix: int, into: Numerals) -> None:
    """Writes the number of each row as numerals that fill `into`.

    >>> rows = np.zeros((1, 4), np.uint16)
    >>> write_integers([123], 10, rows)
    >>> rows
    array([[0, 1, 2, 3]], dtype=uint16)
    """
    for row, number in enumerate(numbers):
        numerals = []
        for _ in range(into.shape[1]):
            number, numeral = divmod(number, radix)
            numerals.append(numeral)
        into[row] = numerals[::-1]
