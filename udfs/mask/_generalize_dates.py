"""Dates made coarser, always written in one form, whatever form they came in."""

import datetime
import re
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from udfs.mask._date_fields import MONTH_OF, NAME
from udfs.mask._dates import Order, UnixTime, read
from udfs.mask._generalize_numbers import band

Unit: TypeAlias = Literal["hour", "day", "month", "quarter", "year", "decade"]

_WRITERS: dict[str, Callable[[datetime.date, int], str]] = {
    "decade": lambda day, hour: f"{day.year // 10 * 10:04}s",
    "year": lambda day, hour: f"{day.year:04}",
    "quarter": lambda day, hour: f"{day.year:04}-Q{(day.month + 2) // 3}",
    "month": lambda day, hour: f"{day.year:04}-{day.month:02}",
    "day": lambda day, hour: day.isoformat(),
    "hour": lambda day, hour: f"{day.isoformat()}T{hour:02}",
}
"""The form of each unit, the coarsest first: ISO 8601-1, sections 5.2 and 5.3, in reduced precision; it has none for
quarters and one of three digits for decades."""

_UNITS = tuple(_WRITERS)

_OF_MOMENTS = ("day", "hour")

_PARTIALS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)T(?P<hour>\d\d))?|-Q(?P<quarter>[1-4])|(?P<decade>(?<=0)s))?",
        r"(?P<month>\d\d?)[-/](?P<year>\d{4})",
        rf"{NAME}\.?(?:[-/]|,? | de )(?P<year>\d{{4}})",
    )
)
"""A year, a month, an hour, a quarter, a decade; `01/2024`; `January 2024`."""


class Reading(NamedTuple):
    """How dates are read: what `read` takes besides the text."""

    order: Order | None = None
    unix_time: UnixTime | None = None
    years_from: int | None = None


def coarser_date(unit: Unit, reading: Reading) -> Callable[[str], str | None]:
    """A function that gives the hour, day, … or decade that a date lies in, as written and in no other zone.

    A month or a year, such as `2024-01`, `January 2024`, `01/2024` or `2024`, becomes coarser too, or stays what it
    is; the day and the hour are for dates with a time, since a date alone would stay whole. None for a text that is no
    such date, or may be several.

    >>> month = coarser_date("month", Reading())
    >>> month("31 Jan 2024, 10:30"), month("Jan. 2024"), month("2024"), month("31/02/2024"), month("01/02/2024")
    ('2024-01', '2024-01', '2024', None, None)
    >>> coarser_date("decade", Reading())("01/02/2024")
    '2020s'
    """
    readings = [reading]
    if unit in ("year", "decade") and reading.order is None:
        readings.append(Reading("day_first", reading.unix_time))  # the year of four digits is the same in either order

    write = _WRITERS[unit]

    def general(text: str) -> str | None:
        for how in readings:
            if found := read(text, *how):
                lost = found.time is None and unit in _OF_MOMENTS
                return None if lost else write(found.date, found.time.hour if found.time else 0)
        return _coarser_partial(text, unit)

    return general


def age_band(bands: list[int], as_of: datetime.date, reading: Reading) -> Callable[[str], str | None]:
    """A function that gives the band of the age that somebody born on a date has on another, in whole years.

    Who is born on 29 February becomes older on 1 March in other years. None for what is no date, or a later one.

    >>> general = age_band([18, 30], datetime.date(2024, 6, 30), Reading())
    >>> general("2006-06-30"), general("1 July 2006"), general("2025-01-01")
    ('18-29', '<18', None)
    """

    def general(text: str) -> str | None:
        born = read(text, *reading)
        if born is None or born.date > as_of:
            return None
        before = (as_of.month, as_of.day) < (born.date.month, born.date.day)
        return band(bands, as_of.year - born.date.year - before)

    return general


def _coarser_partial(text: str, unit: Unit) -> str | None:
    match = next((match for pattern in _PARTIALS if (match := pattern.fullmatch(text))), None)
    if not match:
        return None
    given = {name: value for name, value in match.groupdict().items() if value}
    try:
        moment = _beginning(given)
    except ValueError:
        return None
    if unit in _OF_MOMENTS and "hour" not in given:
        return None
    known = next((name for name in ("decade", "quarter", "hour", "month", "name") if name in given), "year")
    return _WRITERS[min(unit, "month" if known == "name" else known, key=_UNITS.index)](moment.date(), moment.hour)


def _beginning(given: dict[str, str]) -> datetime.datetime:
    year = int(given["year"]) or (1 if "decade" in given else 0)  # the first decade has no year 0
    month = int(given.get("month", 1))
    if "quarter" in given:
        month = 3 * int(given["quarter"]) - 2
    if "name" in given:
        month = MONTH_OF.get(given["name"].lower(), 0)
    return datetime.datetime(year, month, int(given.get("day", 1)), int(given.get("hour", 0)))
