"""Fillers: what stands beside values in texts, and looks like one at times."""

import random
from collections.abc import Callable

from stdnum import ean, isbn

from benchmarks.quality.values import CAPITALS, DIGITS, LOCALES, faker, moment, uuid

_WORDS = (
    "report", "window", "yellow", "engine", "market", "winter", "carbon", "silver", "planet", "museum",
    "garden", "bridge", "signal", "filter", "parser", "buffer", "vector", "matrix", "socket", "thread",
    "widget", "folder", "branch", "vendor",
)  # fmt: skip


def _digits(size: int) -> Callable[[random.Random], str]:
    return lambda draw: draw.choice("123456789") + "".join(draw.choices(DIGITS, k=size - 1))


def _hex(size: int) -> Callable[[random.Random], str]:
    return lambda draw: f"{draw.getrandbits(size * 4):0{size}x}"


def _letters(draw: random.Random, size: int) -> str:
    return "".join(draw.choices(CAPITALS, k=size))


def _of_faker(kind: str) -> Callable[[random.Random], str]:
    def made(draw: random.Random) -> str:
        generator = faker(draw.choice(LOCALES))
        generator.seed_instance(draw.getrandbits(32))
        return str(getattr(generator, kind)())

    return made


def _date(draw: random.Random) -> str:
    return f"{draw.randrange(2020, 2026)}{draw.randrange(1, 13):02}{draw.randrange(1, 29):02}"


def _order(draw: random.Random) -> str:
    forms = (f"ORD-{_digits(6)(draw)}", f"SO{_digits(8)(draw)}", _digits(10)(draw), f"2024-{_digits(7)(draw)}")
    return draw.choice(forms)


def _part(draw: random.Random) -> str:
    one, two = _letters(draw, 1), _letters(draw, 2)
    return draw.choice((f"{two}{_digits(6)(draw)}", f"{one}{_digits(7)(draw)}", f"{two}-{_digits(3)(draw)}"))


def _ean(draw: random.Random) -> str:
    body = draw.choice(("40", "50", "76", "87", "90")) + _digits(10)(draw)
    return body + ean.calc_check_digit(body)


def _isbn(draw: random.Random) -> str:
    body = "978" + draw.choice("03") + _digits(8)(draw)
    return isbn.format(body + ean.calc_check_digit(body)) if draw.random() < 0.5 else body + ean.calc_check_digit(body)


def _tracking(draw: random.Random) -> str:
    upu = f"R{_letters(draw, 1)}{_digits(9)(draw)}{draw.choice(('DE', 'CN', 'US'))}"
    return draw.choice((upu, f"1Z{_letters(draw, 3)}{_digits(13)(draw)}", _digits(12)(draw), f"JJD{_digits(17)(draw)}"))


FILLERS: dict[str, Callable[[random.Random], str]] = {
    "name": _of_faker("name"),
    "city": _of_faker("city"),
    "sentence": lambda draw: " ".join(draw.choices(_WORDS, k=8)).capitalize() + ".",
    "word": lambda draw: draw.choice(_WORDS),
    "number": lambda draw: str(draw.randrange(1, 1000)),
    "order": _order,
    "tracking": _tracking,
    "sku": lambda draw: f"{_letters(draw, 3)}-{_digits(4)(draw)}-{_letters(draw, 2)}",
    "part": _part,
    "serial": lambda draw: f"{_letters(draw, 1)}{_digits(2)(draw)}{_letters(draw, 3)}{_digits(6)(draw)}",
    "batch": lambda draw: draw.choice((f"L{_digits(6)(draw)}", _digits(9)(draw))),
    "voucher": lambda draw: f"{_letters(draw, 4)}-{_letters(draw, 4)}-{_digits(4)(draw)}",
    "flight": lambda draw: f"{_letters(draw, 2)}{_digits(4)(draw)}",
    "version": lambda draw: ".".join(str(draw.randrange(40)) for _ in range(draw.choice((3, 3, 4)))),
    "build": lambda draw: f"{_date(draw)}.{draw.randrange(9)}",
    "price": lambda draw: f"{draw.randrange(1, 5000)}.{draw.randrange(100):02}",
    "lat": lambda draw: f"{draw.uniform(-90, 90):.6f}",
    "lon": lambda draw: f"{draw.uniform(-180, 180):.6f}",
    "epoch": lambda draw: str(draw.randrange(1_600_000_000, 1_760_000_000)),
    "epoch_ms": lambda draw: str(draw.randrange(1_600_000_000_000, 1_760_000_000_000)),
    "hash": _hex(40),
    "hash8": _hex(8),
    "hash32": _hex(32),
    "eight": _digits(8),
    "nine": _digits(9),
    "ten": _digits(10),
    "eleven": _digits(11),
    "twelve": _digits(12),
    "big": _digits(16),
    "ean": _ean,
    "isbn": _isbn,
}  # fmt: skip
"""What holds nothing sensitive, by name."""

MARKED: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "TIME": ("DATE_TIME", moment),
    "UUID": ("UUID", uuid),
}
"""What counts as a value of an entity, by name."""
