"""Dates: every day of the calendar in every form, and days that no calendar has."""

from calendar import monthrange
from datetime import UTC, date, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import given

from udfs.detect.exact import judge
from udfs.detect.scan import Scan
from udfs.recognizers.date_time import RECOGNIZERS

JUDGES = [judge(recognizer, 0.35) for recognizer in RECOGNIZERS]
_DAYS = st.dates(date(1000, 1, 1), date(2999, 12, 31))
_TIMES = st.datetimes(datetime(1000, 1, 1), datetime(2999, 12, 31), timezones=st.sampled_from([None, UTC]))
# Years in two digits are of this century to us.
_THIS_CENTURY = st.dates(date(2000, 1, 1), date(2099, 12, 31))
LONG = ["%d %B %Y", "%B %d, %Y", "%b %d, %Y", "%d %b %Y", "%d-%b-%Y", "%d. %B %Y", "%dth of %B %Y", "%d/%b/%Y"]
NUMERIC = ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m-%d-%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d"]
SHORT = ["%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%y", "%d %b %y"]
_AROUND = st.sampled_from(["{}", "on {}.", "({})", "{}, and", '"{}"', "since {} we", "{}; x", "d={}", "{}!"])


def found(text: str) -> list[str]:
    return [text[a:b] for judge_ in JUDGES for a, b, score in judge_.analyze(text) if score >= 0.35]


def written(day: date, form: str) -> str:
    """As `strftime`, whose `%Y` has no leading zeros on some platforms; ours need none."""
    return day.strftime(form)


def test_the_scan_takes_the_patterns() -> None:
    assert Scan(JUDGES).unscanned == ()


@given(_DAYS, st.sampled_from(LONG + NUMERIC), _AROUND)
def test_every_day_in_every_form(day: date, form: str, around: str) -> None:
    text = written(day, form)
    assert found(around.format(text)) == [text]
    assert found(around.format(day.isoformat())) == [day.isoformat()]


@given(_THIS_CENTURY, st.sampled_from(SHORT), _AROUND)
def test_years_in_two_digits(day: date, form: str, around: str) -> None:
    text = written(day, form)
    assert found(around.format(text)) == [text]


@given(_TIMES, st.sampled_from(["T", " "]), _AROUND)
def test_iso_8601_with_a_time(moment: datetime, between: str, around: str) -> None:
    for text in (moment.isoformat(between), moment.isoformat(between, "minutes")):
        assert found(around.format(text)) == [text]


@given(st.integers(1000, 2999), st.integers(1, 12), st.integers(1, 9), st.sampled_from("-/."))
def test_days_behind_the_end_of_a_month_are_not_found(year: int, month: int, more: int, by: str) -> None:
    day = monthrange(year, month)[1] + more
    assert found(f"{year}{by}{month:02}{by}{day}") == []
    assert found(f"{date(2000, month, 1):%B} {day}, {year}") == []
    if day > 31 or month == 2:
        assert found(f"{day}{by}{month:02}{by}{year}") == found(f"{month:02}{by}{day}{by}{year}") == []


@given(st.integers(1000, 2999), st.integers(13, 99), st.integers(1, 99), st.sampled_from("-/."))
def test_months_behind_december_are_not_found(year: int, month: int, day: int, by: str) -> None:
    assert found(f"{year}{by}{month}{by}{day:02}") == []


@given(_DAYS, st.sampled_from(["x{}", "{}x", "1.{}", "{}.5", "{}-3", "7-{}", "{}/4", "_{}"]))
def test_a_part_of_something_longer_is_not_found(day: date, form: str) -> None:
    assert found(form.format(day.isoformat())) == found(form.format(day.strftime("%d.%m.%Y"))) == []


@given(st.ip_addresses(v=4))
def test_addresses_are_not_found(address: object) -> None:
    assert found(str(address)) == []


@pytest.mark.parametrize(
    "text", ["1/2", "12/25", "10/2030", "1.2.3", "5 may", "march on", "12:30", "2024", "May", "dec 1st2"]
)
def test_what_looks_like_one(text: str) -> None:
    assert found(text) == []
