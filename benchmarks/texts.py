"""Texts to measure on: words with values of five kinds among them, from a seed."""

import random
from collections.abc import Sequence

from benchmarks.quality.fillers import FILLERS
from benchmarks.quality.values import value

FIVE = ("CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "PHONE_NUMBER", "US_SSN")
"""The kinds of values."""

SHARE = 0.3
"""Which part of the texts holds a value, unless something else is asked for."""

DISTINCT = 10_000
"""Different texts. Making more of them takes longer than measuring."""

_BETWEEN = (" ", " ", " ", ", ", ". ", " - ", ": ")


def text(size: int, values: Sequence[str], draw: random.Random) -> str:
    """A text of some words and numbers with values at places that chance chooses.

    Args:
        size: characters, about; at least what the values take.
        values: what it holds.
        draw: the source of chance.

    >>> "x@y.org" in text(60, ["x@y.org"], random.Random(1))
    True
    """
    left = size - sum(len(v) + 1 for v in values)
    words: list[str] = []
    while left > 0:
        word = FILLERS["number" if draw.random() < 0.08 else "word"](draw) + draw.choice(_BETWEEN)
        words.append(word)
        left -= len(word)
    for one in values:
        words.insert(draw.randrange(len(words) + 1), one + " ")
    return "".join(words).rstrip()


def texts(count: int, size: int, per_text: float = SHARE, seed: int = 1) -> list[str]:
    """Texts of one size.

    Args:
        count: how many; the first `DISTINCT` are different.
        size: characters of each, about.
        per_text: values in a text, on average; below 1 the share of texts that hold one.
        seed: the source of chance.

    >>> len(texts(3, 150)), {140 < len(t) < 170 for t in texts(20, 150)}
    (3, {True})
    """
    draw = random.Random(seed)
    pool = {kind: [value(kind, draw) for _ in range(200)] for kind in FIVE}

    def holds() -> list[str]:
        many = int(per_text) + (draw.random() < per_text % 1)
        return [draw.choice(pool[draw.choice(FIVE)]) for _ in range(many)]

    made = [text(size, holds(), draw) for _ in range(min(count, DISTINCT))]
    return (made * (count // len(made) + 1))[:count]
