"""All dates of a person move together, by a bounded number of days, in the form in which they were written."""

import datetime
import hmac
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.catalog import kind_of
from udfs.mask import MaskContext, MaskError
from udfs.mask._dates import read, write
from udfs.mask.shift_date import _EXPECTED, MASK, ShiftDateParams

KEY = bytes(range(32))

some = settings(max_examples=100, deadline=None)

DAYS = st.integers(1, 3650)
DATES = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31))
PEOPLE = st.text(min_size=1, max_size=8)

FORMS = st.sampled_from(
    [
        "%Y-%m-%d",
        "%d.%m.%Y",
        "%Y%m%d",
        "%d %B %Y",
        "%b %d, %Y at 10:30 PM",
        "%A, %d %B %Y",
        "%Y-%m-%dT10:30:59.250+02:00",
        "%a, %d %b %Y 10:30:59 GMT",
        "%d/%b/%Y:10:30:59 +0100",
    ]
)


def shift(values, subjects, days=365, key=KEY, **params):
    context = MaskContext("DATE_TIME", key, subjects=pa.array(subjects, pa.string()))
    values = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    return MASK.apply(values, ShiftDateParams(days=days, subject="p", order="day_first", **params), context).to_pylist()


def moved(date: datetime.date, subject: str, days: int = 365, key: bytes = KEY) -> int:
    (text,) = shift([date.isoformat()], [subject], days, key)
    return (datetime.date.fromisoformat(text) - date).days


@some
@given(date=DATES, subject=PEOPLE, days=DAYS)
def test_moves_within_its_bound_and_always_moves(date, subject, days):
    assert 1 <= abs(moved(date, subject, days)) <= days


@some
@given(date=DATES, subject=PEOPLE, days=DAYS)
def test_moves_by_the_number_that_the_digest_says(date, subject, days):
    number = int.from_bytes(hmac.digest(KEY, subject.encode(), "sha256")[:8], "big") % (2 * days)
    assert moved(date, subject, days) == [*range(-days, 0), *range(1, days + 1)][number]


@some
@given(dates=st.lists(DATES, min_size=2, max_size=6), subject=PEOPLE, form=FORMS, days=DAYS)
def test_keeps_intervals_of_a_person_in_every_form(dates, subject, form, days):
    masked = shift([date.strftime(form) for date in dates], [subject] * len(dates), days)
    after = [read(text, "day_first").date for text in masked]
    assert len({(b - a).days for a, b in zip(dates, after, strict=True)}) == 1


@some
@given(date=DATES, subject=PEOPLE, form=FORMS)
def test_keeps_form_and_time_of_day(date, subject, form):
    text = date.strftime(form)
    (masked,) = shift([text], [subject])
    before, after = read(text, "day_first"), read(masked, "day_first")
    assert after.time == before.time
    assert masked == write(after.date, before.form)


@some
@given(
    rows=st.lists(st.tuples(st.none() | st.just("") | DATES.map(str), PEOPLE), max_size=12), start=st.integers(0, 12)
)
def test_the_batch_makes_no_difference(rows, start):
    values, people = [value for value, _ in rows], [person for _, person in rows]
    whole = shift(values, people)
    assert whole == [shift([value], [person])[0] for value, person in rows]
    assert [text is None for text in whole] == [value is None for value in values]
    context = MaskContext("DATE_TIME", KEY, subjects=pa.array(people, pa.string())[start:])
    part = MASK.apply(pa.array(values, pa.string())[start:], ShiftDateParams(days=365, subject="p"), context)
    assert part.to_pylist() == whole[start:]


def test_people_move_apart_and_evenly():
    """10,000 people, 20 numbers of days: chi-square stays below its mean by six standard deviations."""
    people = [f"p-{number}" for number in range(10_000)]
    masked = shift(["2024-06-15"] * len(people), people, days=10)
    counts = Counter(masked)
    assert len(counts) == 20 and "2024-06-15" not in counts
    assert sum((count - 500) ** 2 / 500 for count in counts.values()) < 19 + 6 * (2 * 19) ** 0.5


def test_two_scopes_disagree():
    people = [f"p-{number}" for number in range(1000)]
    first, second = (shift(["2024-06-15"] * 1000, people, 3650, key) for key in (KEY, KEY[::-1]))
    assert sum(a == b for a, b in zip(first, second, strict=True)) <= 5


@pytest.mark.parametrize("nobody", [None, ""])
def test_a_date_of_nobody_is_an_error_even_if_redacted(nobody):
    for otherwise in ("fail", "redact"):
        with pytest.raises(MaskError, match="names nobody"):
            shift(["2024-06-15", "2024-06-16"], ["p", nobody], otherwise=otherwise)


def test_no_date_needs_nobody():
    assert shift([None, "", "2024-06-15"], [None, None, "p"])[:2] == [None, ""]
    assert shift([], []) == [] and shift([None], [None]) == [None]


@pytest.mark.parametrize("subjects", [None, pa.array(["p"]), pa.array(["p", "p", "p"])])
def test_needs_a_person_for_each_value(subjects):
    params = ShiftDateParams(days=10, subject="p")
    with pytest.raises(MaskError, match="the person"):
        MASK.apply(pa.array(["2024-06-15"] * 2), params, MaskContext("DATE_TIME", KEY, subjects=subjects))


def test_needs_a_key():
    with pytest.raises(MaskError, match="no key"):
        shift(["2024-06-15"], ["p"], key=None)


@some
@given(value=st.text(min_size=1).filter(lambda text: not read(text, "day_first")))
def test_what_is_no_date_fails_or_is_removed(value):
    with pytest.raises(MaskError) as caught:
        shift(["2024-06-15", value], ["p", "p"])
    assert str(caught.value) == _EXPECTED  # which is the same for all
    assert shift([value, "2024-06-15"], ["p", "p"], otherwise="redact")[0] == ""


def test_years_end_at_1_and_9999():
    people = [f"p-{number}" for number in range(50)]
    for edge in ("0001-01-01", "9999-12-31"):
        masked = shift([edge] * 50, people, 10, otherwise="redact")
        assert "" in masked and any(masked) and edge not in masked


def test_is_for_dates():
    assert MASK.info.kinds(ShiftDateParams(days=1, subject="p")) == {kind_of("DATE_OF_BIRTH")}
