"""Numbers with unusual separators, and with letters in the place of digits.

Only runs that plausibly are one number are changed: the sizes of their groups are those of a payment card, of a number
of three, two and four digits, of a telephone number, or of an IBAN. IP addresses, dates, times, prices, versions
and rows of a table have other sizes. In a changed run one separator stands between two groups, the same everywhere.
"""

import re
from collections import Counter

from udfs.detect.unfold.edit import Edit

ODD = r"_./:*~+\\"
"""Separators of which one is unusual between the groups of a number. Those of tables are not among them: , ; | tab."""
_ANY = rf"[ \-{ODD}]"

CARDS = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3)})
"""Sizes of the groups on payment cards (ISO/IEC 7812-1 has 10 to 19 digits; the grouping is the brands' custom)."""
OTHERS = frozenset({(3, 2, 4), (3, 3, 4), (1, 3, 3, 4)})
"""Sizes of the groups of a US social security number, and of North American telephone numbers (ITU-T E.123)."""
_MOST, _FEWEST = 19, 9
"""Digits of a number that is written one digit at a time: from a social security number to the longest card."""

_RUN = re.compile(rf"(?<![0-9A-Za-z])[0-9]+(?:{_ANY}{{1,3}}[0-9]+){{2,}}(?![0-9A-Za-z])")
_SEPARATOR = re.compile(rf"{_ANY}+")
_PLAIN = frozenset({" ", "-", "."})
"""Usual separators. Telephone numbers have different ones in one number, social security numbers do not."""
_COUNTING = "01234567890123456789"


def separated(text: str) -> list[Edit]:
    """Edits that put one usual separator in the place of unusual ones.

    >>> separated("4111--1111 _ 1111  1111 at 192.168.100.200")
    [(4, 6, '-'), (10, 13, '-'), (17, 19, '-')]
    >>> separated("4 5 7 - 5 5 - 5 4 6 2")[:3]
    [(1, 2, ''), (3, 4, ''), (5, 8, '-')]
    """
    edits = [edit for run in _RUN.finditer(text) for edit in _regrouped(run.group(), run.start())]
    edits += [edit for run in _IBAN.finditer(text) for edit in _spaced(run.group(), run.start())]
    return sorted({edit[0]: edit for edit in edits}.values())  # four groups of an IBAN may look like a card


def _regrouped(run: str, start: int) -> list[Edit]:
    sizes = tuple(map(len, _SEPARATOR.split(run)))
    if sizes not in CARDS and sizes not in OTHERS and max(sizes) > 1:
        return []
    separators = [(match.start(), match.end()) for match in _SEPARATOR.finditer(run)]
    between = [run[begin:end] for begin, end in separators]
    if _FEWEST <= len(sizes) <= _MOST and max(sizes) == 1:
        new = _one_by_one(run, between)
    elif _is_odd(sizes, between):
        new = ["-" if any("-" in each for each in between) else " "] * len(between)
    else:
        return []
    pairs = zip(separators, between, new, strict=False)
    return [(start + begin, start + end, now) for (begin, end), then, now in pairs if then != now]


def _is_odd(sizes: tuple[int, ...], between: list[str]) -> bool:
    """Whether the groups are those of a number, and their separators are unusual."""
    if sizes in CARDS:
        return not set(between) <= {" ", "-"}
    if set(between) <= _PLAIN:
        return sizes == (3, 2, 4) and len(set(between)) > 1
    # These have no check digit, so blanks alone are no sign, and neither are signs of fractions, times and sums.
    return sizes in OTHERS and not any(set(each) & set("/:*+") for each in between) and any(map(str.strip, between))


def _one_by_one(run: str, between: list[str]) -> list[str]:
    """Without the separators between digits; one is left where another stands, which parts the groups."""
    digits = _SEPARATOR.sub("", run)
    if digits in _COUNTING or digits in _COUNTING[::-1]:
        return between
    usual = Counter(between).most_common(1)[0][0]
    return ["" if each == usual else "-" for each in between]


_IBAN = re.compile(rf"(?<![0-9A-Za-z])[A-Z]{{2}}[0-9]{{2}}(?:{_ANY}{{1,3}}[A-Z0-9]{{4}}){{2,7}}"
                   rf"(?:{_ANY}{{1,3}}[A-Z0-9]{{1,4}})?(?![0-9A-Za-z])")  # fmt: skip
"""The printed form of an IBAN (ISO 13616-1: groups of four), with any separators."""


def _spaced(run: str, start: int) -> list[Edit]:
    matches = _SEPARATOR.finditer(run)
    return [(start + match.start(), start + match.end(), " ") for match in matches if match.group() != " "]


LOOKALIKES = "OolI|"
"""What stands for a digit: round ones for 0, tall ones for 1."""
_SYMBOL = rf"[0-9{LOOKALIKES}]"
_DISGUISED = re.compile(rf"(?<![0-9A-Za-z|]){_SYMBOL}(?:[ -]?{_SYMBOL}){{8,18}}(?![0-9A-Za-z|])")
_LETTER = re.compile(f"[{LOOKALIKES}]")


def with_digits(text: str) -> list[Edit]:
    """Edits that put digits in the place of letters in numbers of 9 to 19 digits with a digit in them.

    >>> with_digits("O78-O5-112O"), with_digits("loll OIlI")
    ([(0, 1, '0'), (4, 5, '0'), (10, 11, '0')], [])
    """
    edits: list[Edit] = []
    for run in _DISGUISED.finditer(text):
        if any(map(str.isdigit, run.group())):
            letters = _LETTER.finditer(run.group())
            edits += [(run.start() + m.start(), run.start() + m.end(), "01"[m.group() in "lI|"]) for m in letters]
    return edits
