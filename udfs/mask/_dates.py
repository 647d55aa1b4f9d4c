"""Reading dates as people and programs write them, and writing others in exactly the same form.

`read` understands a text in one way or not at all: an impossible date, a weekday that is not the date's, `2nd` as
`2th`, and a date that may be day-first as well as month-first are not understood. What it understands it can write:
`write(read(x).date, read(x).form) == x` for every text.

Understood, in ASCII digits and with years of four digits (or of two behind the day and month, if `years_from` says what
century they are of):

- `2024-01-31`, and with `/`, `.`, `. ` or a space between; without leading zeros too; `20240131`; `2024年1月31日`;
- `31/01/2024` and `01/31/2024`, with the same separators, as `order` or the numbers themselves decide;
- `31 January 2024`, `31st of January, 2024`, `31-Jan-2024`, `Jan. 31, 2024`, `2024-Jan-31`, `31. Januar 2024`,
  `1er mai 2024`, `31 de enero de 2024`: names of months in English, German, French, Spanish, Italian, Portuguese and
  Dutch, in upper or lower case too, with or without the English name of the weekday before;
- all of these with a time: `T`, a space, `, ` or ` at ` and then `10:30`, `10:30:59.123`, `10:30 pm`, and after it `Z`,
  `UTC`, `GMT`, `+01:00`, `+0100`, `+01`, and the name of a zone in brackets (`[Europe/Paris]`);
- what programs write: RFC 5322 and HTTP (`Wed, 31 Jan 2024 10:30:59 GMT`), C (`Wed Jan 31 10:30:59 2024`), Java
  (`Wed Jan 31 10:30:59 CET 2024`), web servers (`31/Jan/2024:10:30:59 +0100`), ISO 8601 basic (`20240131T103059Z`),
  HL7 (`20240131103059`);
- seconds or milliseconds since 1970, only where `epoch` says so.

Where a text leaves its form open, the rules are: a `12` beside a number that shows whether numbers are padded is like
that one; otherwise it is padded, except for days beside a month's name and a space, which are not; `May` is a name in
full; and `April` is English.
"""

import datetime
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from udfs.mask._base import StrictParams

Order: TypeAlias = Literal["day_first", "month_first"]

Epoch: TypeAlias = Literal["seconds", "milliseconds"]


class DateParams(StrictParams):
    """Parameters of masks that read dates.

    Attributes:
        order: which of `01/02/2024` is the day; None refuses dates that may be either.
        epoch: the unit of integers that count from 1970-01-01T00:00Z; None for no such numbers.
    """

    order: Order | None = None
    epoch: Epoch | None = None


class CalendarForm(NamedTuple):
    """How a date was written: text, field, text, …, field, text.

    Attributes:
        texts: what stands before, between and after the fields; the time is part of it. One more than fields.
        fields: keys of `_WRITERS`.
    """

    texts: tuple[str, ...]
    fields: tuple[str, ...]


class EpochForm(NamedTuple):
    """How a number since 1970 was written.

    Attributes:
        units_a_day: units of the last written digit in a day.
        units: how many of them had gone by since midnight.
        decimals: digits after the point.
    """

    units_a_day: int
    units: int
    decimals: int


Form: TypeAlias = CalendarForm | EpochForm


class Written(NamedTuple):
    """A date as somebody wrote it.

    Attributes:
        date: the day, as written: no zone is converted; for a number since 1970, the day in UTC.
        time: the time of day, as written, to the second; None for a date alone.
        form: how it was written, the time included; what `write` takes.
    """

    date: datetime.date
    time: datetime.time | None
    form: Form


# Unicode CLDR 46, in capitals; where a name is one in several languages, the first counts. `Sept` is the press's.
_MONTHS = {
    kind: tuple(names.split())
    for kind, names in {
        "en": "January February March April May June July August September October November December",
        "en short": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "en press": "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
        "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "de short": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "fr": "Janvier Février Mars Avril Mai Juin Juillet Août Septembre Octobre Novembre Décembre",
        "fr short": "Janv Févr Mars Avr Mai Juin Juil Août Sept Oct Nov Déc",
        "es": "Enero Febrero Marzo Abril Mayo Junio Julio Agosto Septiembre Octubre Noviembre Diciembre",
        "es short": "Ene Feb Mar Abr May Jun Jul Ago Sept Oct Nov Dic",
        "it": "Gennaio Febbraio Marzo Aprile Maggio Giugno Luglio Agosto Settembre Ottobre Novembre Dicembre",
        "it short": "Gen Feb Mar Apr Mag Giu Lug Ago Set Ott Nov Dic",
        "pt": "Janeiro Fevereiro Março Abril Maio Junho Julho Agosto Setembro Outubro Novembro Dezembro",
        "pt short": "Jan Fev Mar Abr Mai Jun Jul Ago Set Out Nov Dez",
        "nl": "Januari Februari Maart April Mei Juni Juli Augustus September Oktober November December",
        "nl short": "Jan Feb Mrt Apr Mei Jun Jul Aug Sep Okt Nov Dec",
    }.items()
}

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_SHORT_DAYS = tuple(name[:3] for name in _DAYS)

MONTH_OF = {name.lower(): number for names in _MONTHS.values() for number, name in enumerate(names, 1)}
"""The number of each month, by its names in small letters."""

NAME = r"(?P<name>[A-Za-zÀ-ÿ]{3,10})"
"""Regular expression: what may be the name of a month."""


def _ordinal(day: int) -> str:
    return "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


_Writer: TypeAlias = Callable[[datetime.date], str]


def _of_months(names: tuple[str, ...]) -> _Writer:
    return lambda date: names[date.month - 1]


def _of_days(names: tuple[str, ...]) -> _Writer:
    return lambda date: names[date.weekday()]


def _in(change: Callable[[str], str], writer: _Writer) -> _Writer:
    return lambda date: change(writer(date))


def _cased(name: str, writer: _Writer) -> dict[str, _Writer]:
    return {name: writer, f"{name} upper": _in(str.upper, writer), f"{name} lower": _in(str.lower, writer)}


_FIELDS: dict[str, dict[str, _Writer]] = {
    "year": {"year": lambda date: f"{date.year:04}", "year2": lambda date: f"{date.year % 100:02}"},
    "month": {"month0": lambda date: f"{date.month:02}", "month": lambda date: str(date.month)},
    "day": {
        "day0": lambda date: f"{date.day:02}",
        "day": lambda date: str(date.day),
        "day ": lambda date: f"{date.day:2}",
    },
    "ordinal": {
        **_cased("ordinal", lambda date: _ordinal(date.day)),
        **_cased("first er", lambda date: "er" if date.day == 1 else ""),  # French: 1er mai, 2 mai
        "first º": lambda date: "º" if date.day == 1 else "",  # Spanish, Italian, Portuguese
    },
    "name": {key: w for kind, names in _MONTHS.items() for key, w in _cased(kind, _of_months(names)).items()},
    "weekday": _cased("weekday", _of_days(_DAYS)) | _cased("short weekday", _of_days(_SHORT_DAYS)),
}
"""For each group of a layout, the fields that it can be, the likeliest first."""

_WRITERS = {name: writer for fields in _FIELDS.values() for name, writer in fields.items()}


class _Layout(NamedTuple):
    pattern: re.Pattern[str]
    order: Order | None  # the order that must not be excluded; None for a layout that leaves no doubt
    padding: str  # of a number of two digits, when nothing else tells: "0", " " or "" for none


_GAP = r"[ \u00a0\u202f]"  # CLDR 42 and later put U+202F before AM and PM
_OFFSET = r"(?:Z|z|UTC|GMT|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)"
_CLOCK = (
    r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?"
    rf"(?:{_GAP}?(?P<half>[AaPp]\.?[Mm]\.?))?"
)
_ZONE = rf"(?:{_GAP}?{_OFFSET}(?:\[[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*\])?)?"
_TIME = rf"(?:(?:[Tt]|,? | at |, at ){_CLOCK}{_ZONE})?"
_BASIC = r"[Tt ]?(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?:(?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?" + _ZONE

_YEAR, _MONTH, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d\d?)", r"(?P<day>\d\d?)"
_ANY_YEAR = r"(?:['\u2019](?!\d{4}))?(?P<year>\d{4}|\d\d)"  # '24
_SEPARATOR = r"(?P<separator>\. |[-/. ])"
_SAME = r"(?P=separator)"
_WEEKDAY = rf"(?P<weekday>(?i:{'|'.join((*_DAYS, *_SHORT_DAYS))}))"
_NTH = rf"{_DAY}(?P<ordinal>(?i:st|nd|rd|th|er)|º)?"


def _layout(pattern: str, order: Order | None = None, padding: str = "0") -> _Layout:
    return _Layout(re.compile(rf"\s*{pattern}\s*", re.ASCII), order, padding)


_LAYOUTS = (
    _layout(rf"{_YEAR}{_SEPARATOR}{_MONTH}{_SAME}{_DAY}\.?{_TIME}"),
    _layout(rf"{_DAY}{_SEPARATOR}{_MONTH}{_SAME}{_ANY_YEAR}{_TIME}", "day_first"),
    _layout(rf"{_MONTH}{_SEPARATOR}{_DAY}{_SAME}{_ANY_YEAR}{_TIME}", "month_first"),
    _layout(rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d){_TIME}"),
    _layout(rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d){_BASIC}"),
    _layout(rf"{_YEAR}年{_MONTH}月{_DAY}日{_TIME}", padding=""),
    _layout(rf"(?:{_WEEKDAY}\.?,? )?{_NTH}(?: of| de|\.)? {NAME}\.?(?:,| de| del)? {_ANY_YEAR}{_TIME}", padding=""),
    _layout(rf"(?:{_WEEKDAY}\.?,? )?{NAME}\.? {_NTH},? {_ANY_YEAR}{_TIME}", padding=""),
    _layout(rf"{_DAY}(?P<separator>[-/.]){NAME}{_SAME}{_ANY_YEAR}{_TIME}"),
    _layout(rf"{_YEAR}(?P<separator>[-/.]){NAME}{_SAME}{_DAY}{_TIME}"),
    _layout(rf"{_DAY}/{NAME}/{_YEAR}:{_CLOCK}{_ZONE}"),
    _layout(rf"{_WEEKDAY} {NAME} (?P<day> \d|\d\d?) {_CLOCK} {_YEAR}", padding=" "),
    _layout(rf"{_WEEKDAY} {NAME} (?P<day> \d|\d\d?) {_CLOCK} (?:[A-Z]{{1,5}}|{_OFFSET}) {_YEAR}"),
)

_YEAR_FIRST = tuple(layout for layout in _LAYOUTS if layout.pattern.pattern.startswith(rf"\s*{_YEAR}"))

_YEAR_BEHIND = tuple(layout for layout in _LAYOUTS if layout not in _YEAR_FIRST)

_ISO = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)({_TIME})", re.ASCII)
"""The first layout with dashes and two digits for month and day; no other one has texts of this form."""

_ISO_FIELDS = ("year", "month0", "day0")

_COUNTED = re.compile(r"-?\d{1,15}(?:\.(?P<decimals>\d{1,9}))?", re.ASCII)

_EPOCH = datetime.date(1970, 1, 1)

_SECONDS_A_DAY = 86_400


def read(
    text: str, order: Order | None = None, epoch: Epoch | None = None, years_from: int | None = None
) -> Written | None:
    """The date that a text is, and how it is written.

    Args:
        text: the whole text; white space around it belongs to its form.
        order: as in `DateParams`. Without one, `31/01/2024` is understood, and `01/02/2024` and `01/01/2024` are not.
        epoch: as in `DateParams`. With one, digits alone are such a number and nothing else.
        years_from: the first of the hundred years that two digits stand for, 1 to 9900; None for no such years. In
            `31/01/24` they are understood with an `order` only: it may be the 24th of January.

    Returns:
        None for a text that is no date, or may be several.

    >>> read("31 Jan 2024, 10:30").date, read("31/01/2024").form.fields
    (datetime.date(2024, 1, 31), ('day0', 'month0', 'year'))
    >>> read("01/02/2024"), read("2023-02-29"), read("1706697000")
    (None, None, None)
    >>> read("01/02/2024", order="month_first").date, read("1706697000", epoch="seconds").date
    (datetime.date(2024, 1, 2), datetime.date(2024, 1, 31))
    >>> read("31-Jan-29", years_from=1930).date.year, read("31-Jan-30", years_from=1930).date.year
    (2029, 1930)
    """
    if epoch and (counted := _COUNTED.fullmatch(text)):
        return _counted(counted, epoch)
    # What most streams write: 3 us for a date with a time in place of 25.
    if (iso := _ISO.fullmatch(text)) is not None:
        return _from_iso(iso)
    return read_by_layouts(text, order, years_from)


def read_by_layouts(text: str, order: Order | None = None, years_from: int | None = None) -> Written | None:
    """The date that a text is in one of the layouts: `read` without its short cuts."""
    known = _YEAR_FIRST if text.lstrip()[:4].isdigit() else _YEAR_BEHIND
    layouts = (layout for layout in known if layout.order is None or order is None or layout.order == order)
    found = [
        w for layout in layouts if (w := _matched(layout, text, years_from if order or not layout.order else None))
    ]
    return found[0] if len(found) == 1 else None


def _from_iso(match: re.Match[str]) -> Written | None:
    year, month, day, rest = match.group(1, 2, 3, 4)
    try:
        date = datetime.date(int(year), int(month), int(day))
        time = _time(match.groupdict()) if rest else None
    except ValueError:
        return None
    return Written(date, time, CalendarForm(("", "-", "-", rest), _ISO_FIELDS))


def write(date: datetime.date, form: Form) -> str:
    """A date in the form of another: the same order, separators, padding and names, and the same time of day.

    >>> write(datetime.date(2023, 5, 3), read("Wed, 31 JAN 2024 10:30:59 +0100").form)
    'Wed, 3 MAY 2023 10:30:59 +0100'
    >>> write(datetime.date(1970, 1, 2), read("1706697000", epoch="seconds").form)
    '124200'
    """
    if isinstance(form, EpochForm):
        return _since_1970(date, form)
    if form.fields == _ISO_FIELDS and form.texts[1:3] == ("-", "-"):
        return form.texts[0] + date.isoformat() + form.texts[3]  # a sixth of the time of what follows
    fields = [_WRITERS[field](date) for field in form.fields]
    return form.texts[0] + "".join(a + b for a, b in zip(fields, form.texts[1:], strict=True))


def _matched(layout: _Layout, text: str, years_from: int | None) -> Written | None:
    match = layout.pattern.fullmatch(text)
    if not match:
        return None
    groups = match.groupdict()
    try:
        date, time = _date(groups, years_from), _time(groups)
    except ValueError:
        return None
    form = _form(match, groups, date, layout.padding)
    return Written(date, time, form) if form else None


def _date(groups: dict[str, str], years_from: int | None) -> datetime.date:
    year = int(groups["year"])
    if len(groups["year"]) == 2:
        if years_from is None:
            raise ValueError("the century is not known")
        year = years_from + (year - years_from) % 100
    month = groups.get("month") or MONTH_OF.get(groups["name"].lower(), 0)
    return datetime.date(year, int(month), int(groups["day"]))


def _time(groups: dict[str, str | None]) -> datetime.time | None:
    if groups.get("hour") is None:
        return None
    hour, minute, second = (int(groups[name] or 0) for name in ("hour", "minute", "second"))
    half = groups.get("half")
    if half and not 1 <= hour <= 12:
        raise ValueError("the hours of half a day are 1 to 12")
    if half:
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    return datetime.time(hour, minute, second)


def _form(
    match: re.Match[str], groups: dict[str, str | None], date: datetime.date, padding: str
) -> CalendarForm | None:
    found = [(group, text) for group, text in groups.items() if text is not None and group in _FIELDS]
    fields = _fields(tuple(found), date, padding)
    if fields is None:
        return None
    bounds = [0, *(bound for group, _ in found for bound in match.span(group)), len(match.string)]
    texts = tuple(match.string[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True))
    return CalendarForm(texts, fields)


@lru_cache(maxsize=16_384)  # days recur, times do not
def _fields(found: tuple[tuple[str, str], ...], date: datetime.date, padding: str) -> tuple[str, ...] | None:
    """The field that each group is; None if a weekday or an ordinal is not the date's, or a name in mixed case."""
    possible = {group: [name for name, w in _FIELDS[group].items() if w(date) == text] for group, text in found}
    if not all(possible.values()):
        return None
    telling = [(g, possible[g][0]) for g in ("day", "month") if len(possible.get(g, ())) == 1]
    shown = telling[0][1].removeprefix(telling[0][0]) if telling else padding
    return tuple(g + shown if g + shown in names else names[0] for g, names in possible.items())


def _counted(match: re.Match[str], epoch: Epoch) -> Written | None:
    decimals = len(match["decimals"] or "")
    a_second = 10 ** (decimals + (3 if epoch == "milliseconds" else 0))
    days, units = divmod(int(match[0].replace(".", "")), _SECONDS_A_DAY * a_second)
    if not -_EPOCH.toordinal() < days <= datetime.date.max.toordinal() - _EPOCH.toordinal():
        return None
    date = _EPOCH + datetime.timedelta(days)
    second = units // a_second
    time = datetime.time(second // 3600, second // 60 % 60, second % 60)
    form = EpochForm(_SECONDS_A_DAY * a_second, units, decimals)
    # Leading zeros and a minus before zero could not be written again.
    return Written(date, time, form) if write(date, form) == match[0] else None


def _since_1970(date: datetime.date, form: EpochForm) -> str:
    units = (date - _EPOCH).days * form.units_a_day + form.units
    digits = str(abs(units)).zfill(form.decimals + 1)
    whole = len(digits) - form.decimals
    point = "." if form.decimals else ""
    return f"{'-' if units < 0 else ''}{digits[:whole]}{point}{digits[whole:]}"
