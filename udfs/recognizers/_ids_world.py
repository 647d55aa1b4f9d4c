r"""What recognizers of identifiers outside Europe have in common: graded checks, and digits of all scripts.

Finds: what a pattern describes, where it stands by itself and its check gives it a score.
Leaves alone: parts of longer runs of Latin letters and digits, of hyphenated numbers, decimals, paths, addresses and
    prices; one digit throughout, which registries do not give out.
Check: the one that a row names; digits of other scripts and dashes of other kinds are read as ASCII ones.
Reference: https://arthurdejong.org/python-stdnum/
"""

import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache

from udfs.recognizers._base import Check, Recognizer
from udfs.recognizers._ids import AFTER, AGAINST, BEFORE, DASH, GAP, recognizer, validator

__all__ = [
    "CLOCK",
    "TIE",
    "TRIPLES",
    "Grade",
    "birthday",
    "by_luhn",
    "grade",
    "identifier",
    "luhn",
    "plain",
    "weighted",
]

Grade = Callable[[str], float]
"""What a value is worth, 0 to 1; 0 drops it, and so does a ValueError or LookupError. It is given text of `plain`."""

TIE = f"(?:{GAP}|{DASH})?"
"""At most one space or dash."""

TRIPLES = rf"(?:\d{{6}}|(?<!\d \d{{3}}){GAP}\d{{3}}{GAP}\d{{3}}(?! \d)|{DASH}?\d{{3}}{DASH}?\d{{3}})"
"""Two groups of three behind a group of three; with spaces between them, no digits next to them: they would be one
number."""

_BEFORE = BEFORE + "(?<![$€£¥])"
CLOCK = (*AGAINST, "timestamp", "epoch", "millis", "created", "updated")
"""What numbers of 13 digits are besides: times in milliseconds."""

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def plain(text: str) -> str:
    """The text with ASCII digits, dashes and spaces, in upper case.

    >>> plain("\u0661\u0662\u06603\u2013k")
    '1203-K'
    """
    if text.isascii():
        return text.upper()
    return "".join(map(_ascii, text)).upper()


def _ascii(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if unicodedata.category(character) == "Pd":
        return "-"
    return " " if character.isspace() else character


@cache
def grade(check: str | Callable[[str], bool], bare: float, printed: float | None = None) -> Grade:
    """Grades what a check accepts by the way in which it is written.

    Args:
        check: a module of python-stdnum below `stdnum`, e.g. `br.cpf`, or a function that says what is valid.
        bare: what a valid value of letters and digits alone is worth, 0 to 1.
        printed: what one with spaces or punctuation is worth; by default as much.

    >>> cpf = grade("br.cpf", 0.6, 0.9)
    >>> cpf("39053344705"), cpf("390.533.447-05"), cpf("390.533.447-06"), cpf("000.000.000-00")
    (0.6, 0.9, 0.0, 0.0)
    """
    valid = validator(check) if isinstance(check, str) else check
    spaced = bare if printed is None else printed

    def graded(text: str) -> float:
        if not text.isascii() or not valid(text) or len({c for c in text if c.isalnum()}) == 1:
            return 0.0
        return bare if text.isalnum() else spaced

    return graded


def by_luhn(module: str) -> Callable[[str], bool]:
    """As `validator`, for a module whose numbers all pass Luhn. That is asked first: it is quicker to say no.

    >>> by_luhn("ca.sin")("123-456-782"), by_luhn("ca.sin")("123-456-783"), by_luhn("ca.sin")("823456785")
    (True, False, False)
    """
    valid = validator(module)

    def checked(text: str) -> bool:
        return luhn(text if text.isdigit() else "".join(c for c in text if c.isdigit())) and valid(text)

    return checked


@lru_cache(maxsize=1 << 10)
def luhn(digits: str) -> bool:
    """True for digits whose last one is right by ISO/IEC 7812-1, annex B. The digits are ASCII ones.

    >>> luhn("79927398713"), luhn("79927398710")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) << (place & 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of digits times weights, as far as both reach. The digits are ASCII ones.

    >>> weighted("123", (5, 3))
    11
    """
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def birthday(month: str, day: str) -> bool:
    """True for the day of some year. Both are ASCII digits.

    >>> birthday("02", "29"), birthday("02", "30"), birthday("13", "01")
    (True, False, False)
    """
    return 1 <= int(month) <= 12 and 1 <= int(day) <= _DAYS[int(month) - 1]


def _guarded(score: Grade) -> Check:
    """Patterns give a check what it can read; on any other text it gives False."""

    def check(text: str) -> float | bool:
        try:
            return score(plain(text)) or False
        except (ValueError, LookupError):
            return False

    return check


def identifier(
    name: str,
    entity: str,
    pattern: str,
    score: Grade,
    *,
    context: Sequence[str] = (),
    against: Sequence[str] = AGAINST,
    replaces: Sequence[str] = (),
    reference: str = "",
) -> Recognizer:
    """A recognizer of one identifier. Its country is the beginning of its entity's name.

    Args:
        name: name of the recognizer, e.g. `BrCpf`.
        entity: what it finds, e.g. `BR_CPF`.
        pattern: the value alone, without look-arounds: where it may begin and end is added.
        score: what a value is worth.
        context: words that speak for a value. One in parentheses, which no token of a text holds, is the name of a
            field: for abbreviations that are parts of everyday words.
        against: words that drop a value below 1.0 when no context word speaks for it.
        replaces: names of Presidio's recognizers that need not run where this one does.
        reference: where the form and the check are published.

    >>> cpf = identifier("Cpf", "BR_CPF", r"\\d{3}\\.?\\d{3}\\.?\\d{3}-?\\d{2}", grade("br.cpf", 0.6))
    >>> [(r.start, r.end) for r in cpf.analyze("390.533.447-05, 390.533.447-06", ["BR_CPF"])]
    [(0, 14)]
    """
    return recognizer(
        name,
        entity,
        f"{_BEFORE}(?:{pattern}){AFTER}",
        pattern,
        _guarded(score),
        context=context,
        country=entity[:2].lower(),
        against=against,
        replaces=replaces,
        reference=reference,
    )
