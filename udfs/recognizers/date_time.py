r"""Dates, and dates with a time.

Finds: days of the calendar, in numbers (year first, or day and month in either order; `-`, `/`, `.`), and with the
    names of months in English, German, French, Spanish, Italian, Portuguese and Dutch; the time of day behind a day;
    months of a year.
Leaves alone: days that no calendar has (30 February, a 13th month), versions, fractions, parts of longer numbers. A
    month in numbers (`12/25`) is found beside a word only.
Check: the calendar. A year in two digits is a leap year when the year of this century is.
Reference: ISO 8601-1:2019, sections 5.2 and 5.4; RFC 3339; Unicode CLDR 46 (names of months).
"""

import re
from datetime import date

from udfs.recognizers._base import Pattern, Recognizer

MONTHS = """
january jan januar jänner janvier janv enero ene gennaio janeiro januari
february feb februar février févr fevrier fevr febrero febbraio fevereiro fev februari
march mar märz mär marz mars marzo março marco maart mrt
april apr avril avr abril abr aprile
may mai mayo maggio maio mei
june jun juni juin junio giugno giu junho
july jul juli juillet juil julio luglio julho
august aug août aout agosto augustus
september sept sep septembre septiembre settembre setembro
october oct oktober okt octobre octubre ottobre ott outubro
november nov novembre noviembre novembro
december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro
"""
"""The names and abbreviations of each month, a line for each."""
_NAMES = {name: number for number, line in enumerate(MONTHS.split("\n")[1:-1], 1) for name in line.split()}
_LONGEST_MONTH = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIRST_YEAR, _LAST_YEAR = 1000, 2999
_SHORT_YEAR = 0.6
_UNPADDED = 0.4
"""`21.5.99`: one of the two numbers has no zero before it. Where both have none, as in `3.8.10`, versions are more."""
_ONLY_BESIDE_A_WORD = 0.3
"""`12-03-24`: a day, or a sort code. `5 may`: a day, or five who may."""
_NO_YEAR = 0.5
_VERBS = frozenset(("may", "march", "mar", "mars"))
"""Months in small letters that are other words too."""
_NUMBERS = re.compile(r"([0-9]{1,4})([-/.])([0-9]{1,2})\2([0-9]{1,4})(.*)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{3,12}")
_NUMBER = re.compile(r"[0-9]{1,4}")
_CLOCK_BEHIND = re.compile(r"[\s,:T]+(?=[0-9]{1,2}:[0-9])")


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _full_year(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _in_numbers(first: str, by: str, second: str, third: str, time: str) -> bool | float:
    if len(first) == 4:
        known = time[:1] in ("T", "t") or _FIRST_YEAR <= int(first) <= _LAST_YEAR
        return known and len(third) < 3 and _is_day(int(first), int(second), int(third))
    if len(third) == 3 or len(first) > 2 or len(third) < 2:
        return False
    year, one, other = _full_year(third), int(first), int(second)
    if not _FIRST_YEAR <= year <= _LAST_YEAR or not (_is_day(year, other, one) or _is_day(year, one, other)):
        return False
    if len(third) == 4:
        return True
    if by == "-" or (by == "." and len(first) == len(second) == 1):
        return _ONLY_BESIDE_A_WORD
    return _UNPADDED if by == "." and min(len(first), len(second)) == 1 else _SHORT_YEAR


def _in_words(text: str) -> bool | float:
    day = _CLOCK_BEHIND.split(text, 1)[0]
    month = next((word for word in _WORD.findall(day) if word.lower() in _NAMES), "")
    numbers = _NUMBER.findall(day)
    if not month or not numbers:
        return False
    number = _NAMES[month.lower()]
    years = [int(year) for year in numbers if len(year) == 4]
    days = [int(one) for one in numbers if len(one) < 3]
    if years:
        return _FIRST_YEAR <= years[0] <= _LAST_YEAR and (not days or _is_day(years[0], number, days[0]))
    if len(days) == 1 and day.startswith(month) and "-" in day:
        return _NO_YEAR  # Mar-99 is a month, Mar-31 may be a day
    if not 1 <= days[0] <= _LONGEST_MONTH[number]:
        return False
    if len(days) == 1 and month in _VERBS:
        return _ONLY_BESIDE_A_WORD
    return _SHORT_YEAR if len(days) > 1 else _NO_YEAR


def _check(text: str) -> bool | float:
    if text[:8].isdigit():
        return _is_day(int(text[:4]), int(text[4:6]), int(text[6:8]))
    match = _NUMBERS.match(text)
    return _in_numbers(*match.groups()) if match is not None else _in_words(text)


_MONTH = "(?:" + "|".join(sorted(_NAMES, key=len, reverse=True)) + r")\b"
_CLOCK = r"[0-2][0-9]:[0-5][0-9](?::[0-6][0-9](?:[.,][0-9]{1,9})?)?"
_ZONE = r"(?:[ ]?(?:Z|UTC|GMT|[+\-][01][0-9]:?[0-5][0-9]|[ap]\.?m\b))?"
_TIME = rf"(?:(?:T|:|,?[ ](?:at )?)(?:{_CLOCK}|[0-9]:[0-5][0-9](?::[0-5][0-9])?){_ZONE})?"
_DAY = r"[0-3]?[0-9](?:st|nd|rd|th|er|[.º°])?"
_YEAR = r"(?:[0-9]{4}|['\u2019][0-9]{2})"
_END = r"(?![0-9A-Za-z_]|[.,/:\-][0-9])"

RECOGNIZERS = (
    Recognizer(
        "DateTime",
        "DATE_TIME",
        (
            Pattern(
                "days in numbers",
                r"(?<![0-9A-Za-z_])(?<![0-9A-Za-z][./:\-])(?<![0-9],)(?:[0-9]{4}(?P<s>[-/.])[01]?[0-9](?P=s)[0-3]?[0-9]"
                # the basic format of ISO 8601
                rf"|(?:19|20)[0-9]{{2}}[01][0-9][0-3][0-9]T[0-2][0-9][0-5][0-9](?:[0-5][0-9](?:[.,][0-9]{{1,9}})?)?Z?"
                rf"|[0-3]?[0-9](?P<t>[-/.])[0-3]?[0-9](?P=t)(?:[0-9]{{4}}|[0-9]{{2}})){_TIME}{_END}",
                _SHORT_YEAR,
            ),
            Pattern(
                "days and months in words",
                rf"(?<![0-9A-Za-z_])(?<![0-9][.,/:\-])(?:{_DAY}(?:[ \-/]| of | de )?{_MONTH}\.?"
                rf"(?:(?:,? |[\-/]| de | del )(?:{_YEAR}|[0-9]{{2}}(?![0-9:])))?"
                rf"|{_MONTH}\.?(?: |-)(?:{_DAY},? (?:{_YEAR})|{_YEAR}|[0-9]{{1,2}}(?:st|nd|rd|th)?)){_TIME}{_END}",
                _NO_YEAR,
            ),
        ),
        context=("date", "birthday", "born", "dob"),
        check=_check,
        against=("version", "firmware", "upgrade", "release", "revision", "section", "chapter", "clause", "paragraph"),
        replaces=("DateRecognizer",),
        reference="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    ),
    Recognizer(
        "MonthOfYear",
        "DATE_TIME",
        (
            Pattern("month/year", r"(?<![\w./-])(?:0?[1-9]|1[0-2])/(?:19|20)[0-9]{2}(?![\w/]|[.-]\w)", 0.2),
            Pattern("month/year in two digits", r"(?<![\w./-])(?:0?[1-9]|1[0-2])/[0-9]{2}(?![\w/]|[.-]\w)", 0.1),
        ),
        context=("date", "birthday", "born", "dob", "expir", "expires", "expiry", "exp", "valid"),
        reference="https://www.iso.org/standard/70907.html",
    ),
)
