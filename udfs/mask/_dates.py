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
- seconds or milliseconds since 1970, only where `unix_time` says so.

Where a text leaves its form open, the rules are: a `12` beside a number that shows whether numbers are padded is like
that one; otherwise it is padded, except for days beside a month's name and a space, which are not; `May` is a name in
full; and `April` is English.
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from udfs.mask._base import StrictParams
from udfs.mask._date_fields import DAYS, FIELDS, MONTH_OF, NAME, SHORT_DAYS, WRITERS

Order: TypeAlias = Literal["day_first", "month_first"]

UnixTime: TypeAlias = Literal["seconds", "milliseconds"]


class DateParams(StrictParams):
    """Parameters of masks that read dates.

    Attributes:
        order: which of `01/02/2024` is the day; None refuses dates that may be either.
        unix_time: the unit of integers that count from 1970-01-01T00:00Z; None for no such numbers.
    """

    order: Order | None = None
    unix_time: UnixTime | None = None


class CalendarForm(NamedTuple):
    """How a date was written: text, field, text, …, field, text.

    Attributes:
        texts: what stands before, between and after the fields; the time is part of it. One more than fields.
        fields: keys of `WRITERS` in `udfs/mask/_date_fields.py`.
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


class _Layout(NamedTuple):
    pattern: re.Pattern[str]
    order: Order | None  # the order that must not be excluded; None for a layout that leaves no doubt
    padding: str  # of a number of two digits, when nothing else tells: "0", " " or "" for none


_GAP = r"[ \u00a0\u202f]"  # CLDR 42 and later put U+202F before AM and PM
_OFFSET = r"(?:Z|z|UTC|GMT|[+-](?P<ahead>0\d|1[0-4])(?::?(?P<beyond>[0-5]\d))?)"
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
_WEEKDAY = rf"(?P<weekday>(?i:{'|'.join((*DAYS, *SHORT_DAYS))}))"
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

_ISO_FIELDS = ("year", "month0", "day0")

_COUNTED = re.compile(r"-?\d{1,15}(?:\.(?P<decimals>\d{1,9}))?", re.ASCII)

_EPOCH = datetime.date(1970, 1, 1)

_SECONDS_A_DAY = 86_400


def read(
    text: str, order: Order | None = None, unix_time: UnixTime | None = None, years_from: int | None = None
) -> Written | None:
    """The date that a text is, and how it is written.

    Args:
        text: the whole text; white space around it belongs to its form.
        order: as in `DateParams`. Without one, `31/01/2024` is understood, and `01/02/2024` and `01/01/2024` are not.
        unix_time: as in `DateParams`. With one, digits alone are such a number and nothing else.
        years_from: the first of the hundred years that two digits stand for, 1 to 9900; None for no such years. In
            `31/01/24` they are understood with an `order` only: it may be the 24th of January.

    Returns:
        None for a text that is no date, or may be several.

    >>> read("31 Jan 2024, 10:30").date, read("31/01/2024").form.fields
    (datetime.date(2024, 1, 31), ('day0', 'month0', 'year'))
    >>> read("01/02/2024"), read("2023-02-29"), read("1706697000")
    (None, None, None)
    >>> read("01/02/2024", order="month_first").date, read("1706697000", unix_time="seconds").date
    (datetime.date(2024, 1, 2), datetime.date(2024, 1, 31))
    >>> read("31-Jan-29", years_from=1930).date.year, read("31-Jan-30", years_from=1930).date.year
    (2029, 1930)
    """
    if unix_time and (counted := _COUNTED.fullmatch(text)):
        return _counted(counted, unix_time)
    if len(text) > _LONGEST:
        return read_by_layouts(text, order, years_from)
    # A date in 3 us, in place of 35 by the layouts.
    shapes = _shapes(text.encode("utf-8", "surrogatepass").translate(_ZEROS), order)
    return _only([w for shape in shapes if (w := _shaped(shape, text, years_from))])


def read_by_layouts(text: str, order: Order | None = None, years_from: int | None = None) -> Written | None:
    """The date that a text is in one of the layouts: `read` without its short cut, and without numbers since 1970."""
    known = ((layout, years_from if order or not layout.order else None) for layout in _known(text, order))
    return _only([w for layout, century in known if (w := _matched(layout, text, century))])


def _only(found: list[Written]) -> Written | None:
    return found[0] if len(found) == 1 else None


def _known(text: str, order: Order | None) -> Iterator[_Layout]:
    layouts = _YEAR_FIRST if text.lstrip()[:4].isdigit() else _YEAR_BEHIND
    return (layout for layout in layouts if layout.order is None or order is None or layout.order == order)


_ZEROS = bytes.maketrans(b"123456789", b"000000000")

_LONGEST = 64
"""Characters of a text whose shape is kept."""


@dataclass(frozen=True, eq=False, slots=True)
class _Shape:
    """Texts that differ in their digits alone, in a layout that they have if their numbers are a date and a time.

    What a layout says of a digit is at most an upper bound, so where one of them has the layout, the text with zeros in
    the digits' places has it, with the same groups in the same places. It is matched once, and each text only cut.

    Attributes:
        padding: the layout's.
        two_digits: whether a year of two digits may be understood.
        groups: name, beginning and end of each group that there is.
        fields: those of them that are written, each with its text.
        bounds: beginning and end of each text of the form.
        texts: these texts.
        timed: whether there are digits in them.
    """

    padding: str
    two_digits: bool
    groups: tuple[tuple[str, int, int], ...]
    fields: dict[str, str]
    bounds: tuple[tuple[int, int], ...]
    texts: tuple[str, ...]
    timed: bool


@lru_cache(maxsize=4096)
def _shapes(zeroed: bytes, order: Order | None) -> tuple[_Shape, ...]:
    """The shapes in which a text may be a date; of the text in UTF-8, with zeros for digits."""
    zeros = zeroed.decode("utf-8", "surrogatepass")
    matches = ((layout, layout.pattern.fullmatch(zeros)) for layout in _known(zeros, order))
    return tuple(_shape(match, layout, order) for layout, match in matches if match)


def _shape(match: re.Match[str], layout: _Layout, order: Order | None) -> _Shape:
    groups = {name: text for name, text in match.groupdict().items() if text is not None}
    fields = {name: text for name, text in groups.items() if name in FIELDS}
    bounds = _bounds(match, fields)
    texts = tuple(match.string[a:b] for a, b in bounds)
    places = tuple((name, *match.span(name)) for name in groups if name != "separator")
    two_digits = order is not None or layout.order is None
    return _Shape(layout.padding, two_digits, places, fields, bounds, texts, "0" in "".join(texts))


def _shaped(shape: _Shape, text: str, years_from: int | None) -> Written | None:
    groups = {name: text[a:b] for name, a, b in shape.groups}
    try:
        date, time = _date(groups, years_from if shape.two_digits else None), _time(groups)
    except ValueError:
        return None
    # The year tells which fields there are by the day of the week alone; without one, the days of all years are one.
    form = _form_on(shape, groups["day"], groups.get("month"), date if "weekday" in groups else None)
    if form and shape.timed:
        form = CalendarForm(tuple([text[a:b] for a, b in shape.bounds]), form.fields)
    return Written(date, time, form) if form else None


@lru_cache(maxsize=16_384)  # days recur, times do not
def _form_on(shape: _Shape, day: str, month: str | None, date: datetime.date | None) -> CalendarForm | None:
    """The form of a day in a shape, with the zeros of the shape for a time. Without a date, it is of any year."""
    texts = shape.fields | {"day": day} | ({"month": month} if month else {})
    date = date or _date(texts | {"year": "2000"}, None)
    texts["year"] = f"{date.year:04}"[-len(texts["year"]) :]
    fields = _fields(texts, date, shape.padding)
    return CalendarForm(shape.texts, fields) if fields else None


def write(date: datetime.date, form: Form) -> str:
    """A date in the form of another: the same order, separators, padding and names, and the same time of day.

    >>> write(datetime.date(2023, 5, 3), read("Wed, 31 JAN 2024 10:30:59 +0100").form)
    'Wed, 3 MAY 2023 10:30:59 +0100'
    >>> write(datetime.date(1970, 1, 2), read("1706697000", unix_time="seconds").form)
    '124200'
    """
    if isinstance(form, EpochForm):
        return _since_1970(date, form)
    if form.fields == _ISO_FIELDS and form.texts[1:3] == ("-", "-"):
        return form.texts[0] + date.isoformat() + form.texts[3]  # a sixth of the time of what follows
    written = form.texts[0]
    for field, text in zip(form.fields, form.texts[1:], strict=True):
        written += WRITERS[field](date) + text
    return written


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


def _time(groups: Mapping[str, str | None]) -> datetime.time | None:
    if groups.get("hour") is None:
        return None
    hour, minute, second = int(groups["hour"] or 0), int(groups["minute"] or 0), int(groups.get("second") or 0)
    half = groups.get("half")
    if int(groups.get("ahead") or 0) > 14 or int(groups.get("beyond") or 0) > 59:
        raise ValueError("no zone is so far from UTC")
    if half and not 1 <= hour <= 12:
        raise ValueError("the hours of half a day are 1 to 12")
    if half:
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    return datetime.time(hour, minute, second)


def _form(
    match: re.Match[str], groups: dict[str, str | None], date: datetime.date, padding: str
) -> CalendarForm | None:
    found = {group: text for group, text in groups.items() if text is not None and group in FIELDS}
    fields = _fields(found, date, padding)
    return CalendarForm(tuple(match.string[a:b] for a, b in _bounds(match, found)), fields) if fields else None


def _bounds(match: re.Match[str], fields: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Beginning and end of what stands before, between and after the fields."""
    bounds = [0, *(bound for field in fields for bound in match.span(field)), len(match.string)]
    return tuple(zip(bounds[::2], bounds[1::2], strict=True))


def _fields(found: dict[str, str], date: datetime.date, padding: str) -> tuple[str, ...] | None:
    """The field that each group is; None if a weekday or an ordinal is not the date's, or a name in mixed case."""
    possible = {group: [name for name, w in FIELDS[group].items() if w(date) == text] for group, text in found.items()}
    if not all(possible.values()):
        return None
    telling = [(g, possible[g][0]) for g in ("day", "month") if len(possible.get(g, ())) == 1]
    shown = telling[0][1].removeprefix(telling[0][0]) if telling else padding
    return tuple(g + shown if g + shown in names else names[0] for g, names in possible.items())


def _counted(match: re.Match[str], unix_time: UnixTime) -> Written | None:
    decimals = len(match["decimals"] or "")
    a_second = 10 ** (decimals + (3 if unix_time == "milliseconds" else 0))
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
