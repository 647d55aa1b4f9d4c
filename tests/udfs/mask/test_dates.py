"""Dates are read in one way or not at all, and written as they were."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.mask._date_fields import MONTHS
from udfs.mask._dates import read, read_by_layouts, write

JANUARY_31 = datetime.date(2024, 1, 31)
MAY_3 = datetime.date(2023, 5, 3)

# Each text is the last of January 2024; beside it, 3 May 2023 in its form.
FORMS = {
    "2024-01-31": "2023-05-03",
    "2024-1-31": "2023-5-3",
    "2024/01/31": "2023/05/03",
    "2024.01.31": "2023.05.03",
    "2024 01 31": "2023 05 03",
    "2024. 1. 31.": "2023. 5. 3.",
    "20240131": "20230503",
    "2024年1月31日": "2023年5月3日",
    "2024年01月31日": "2023年05月03日",
    "31/01/2024": "03/05/2023",
    "31/1/2024": "3/5/2023",
    "31.01.2024": "03.05.2023",
    "31. 1. 2024": "3. 5. 2023",
    "31-01-2024": "03-05-2023",
    "31 01 2024": "03 05 2023",
    "01/31/2024": "05/03/2023",
    "1/31/2024": "5/3/2023",
    "01-31-2024": "05-03-2023",
    "31 January 2024": "3 May 2023",
    "31st January 2024": "3rd May 2023",
    "31st of January, 2024": "3rd of May, 2023",
    "31. January 2024": "3. May 2023",
    "31 Jan 2024": "3 May 2023",
    "31 Jan. 2024": "3 May. 2023",
    "31-Jan-2024": "03-May-2023",
    "31-JAN-2024": "03-MAY-2023",
    "31-jan-2024": "03-may-2023",
    "31/Jan/2024": "03/May/2023",
    "2024-Jan-31": "2023-May-03",
    "January 31, 2024": "May 3, 2023",
    "JANUARY 31 2024": "MAY 3 2023",
    "January 31st, 2024": "May 3rd, 2023",
    "JANUARY 31ST, 2024": "MAY 3RD, 2023",
    "Wednesday, January 31, 2024": "Wednesday, May 3, 2023",
    "Wednesday 31 January 2024": "Wednesday 3 May 2023",
    "Wed, 31 Jan 2024 10:30:59 GMT": "Wed, 3 May 2023 10:30:59 GMT",
    "Wed Jan 31 10:30:59 2024": "Wed May  3 10:30:59 2023",
    "Wed Jan 31 10:30:59 CET 2024": "Wed May 03 10:30:59 CET 2023",
    "Wed Jan 31 10:30:59 +0000 2024": "Wed May 03 10:30:59 +0000 2023",
    "31/Jan/2024:10:30:59 +0100": "03/May/2023:10:30:59 +0100",
    "31. Januar 2024": "3. Mai 2023",
    "31 janvier 2024": "3 mai 2023",
    "31 JANVIER 2024": "3 MAI 2023",
    "31 janv. 2024": "3 mai. 2023",
    "31 de enero de 2024": "3 de mayo de 2023",
    "31 de Enero del 2024": "3 de Mayo del 2023",
    "31 gennaio 2024": "3 maggio 2023",
    "31 de janeiro de 2024": "3 de maio de 2023",
    "31 januari 2024 10:30": "3 mei 2023 10:30",
    "31-Ene-2024": "03-May-2023",
    "2024-01-31T10:30:59": "2023-05-03T10:30:59",
    "2024-01-31T10:30:59Z": "2023-05-03T10:30:59Z",
    "2024-01-31T10:30:59.123456789+05:30": "2023-05-03T10:30:59.123456789+05:30",
    "2024-01-31T10:30:59,5-0800": "2023-05-03T10:30:59,5-0800",
    "2024-01-31T10:30:59+01": "2023-05-03T10:30:59+01",
    "2024-01-31T10:30:59+01:00[Europe/Paris]": "2023-05-03T10:30:59+01:00[Europe/Paris]",
    "2024-01-31 10:30:59 UTC": "2023-05-03 10:30:59 UTC",
    "2024-01-31 10:30": "2023-05-03 10:30",
    "20240131T103059Z": "20230503T103059Z",
    "20240131103059": "20230503103059",
    "202401311030": "202305031030",
    "20240131103059.123+0100": "20230503103059.123+0100",
    "20240131 10:30:59": "20230503 10:30:59",
    "31.01.2024 10:30": "03.05.2023 10:30",
    "1/31/2024, 10:30:59 AM": "5/3/2023, 10:30:59 AM",
    "1/31/2024 10:30\u202fa.m.": "5/3/2023 10:30\u202fa.m.",
    "January 31, 2024 at 10:30 AM": "May 3, 2023 at 10:30 AM",
    " 2024-01-31\n": " 2023-05-03\n",
}

NO_DATES = """
2023-02-29
2024-02-30
2024-04-31
2024-00-10
2024-13-01
2024-01-00
2024-01-32
0000-01-01
2024-01/31
2024-0131
2024-01
2024
24-01-31
31/01/24
10/11/12
00/01/2024
31/13/2024
31/04/2024
31 01/2024
31--01--2024
20240230
20241301
2024013
202401311
20240131 1030591
2024-01-31T
2024-01-31T24:00
2024-01-31T10
2024-01-31T10:60
2024-01-31T10:30:60
2024-01-31T10:30:5
2024-01-31T10:30:59.
2024-01-31T10:30:59+15:00
2024-01-31T10:30:59+1:00
2024-01-31T10:30:59 Mars
2024-01-31 13:30 PM
2024-01-31 0:30 AM
2024-01-31 10:30 XM
2024-01-31 10:30 10:30
2024-01-31 and more
on 2024-01-31
2024-01-31/2024-02-01
31th January 2024
1th January 2024
11st January 2024
22th May 2024
31 Janury 2024
31 jAn 2024
31 jAnvier 2024
31 Janua 2024
31 de of enero 2024
31er janvier 2024
1ER mai º 2024
Jan 2024 31
Today 31, 2024
31 März
30 February 2024
29 Feb 2023
31 January
January 2024
January 31 24
Thursday, 31 January 2024
Thu, 31 Jan 2024 10:30:59 GMT
Tue Jan 31 10:30:59 2024
２０２４-０１-３１
٢٠٢٤-٠١-٣١
4111111111111111
123456789
192.168.1.2024
1706697000
+1 202 456 1111
2024-01-31;
""".strip().splitlines()


@pytest.mark.parametrize("text", FORMS)
def test_reads_the_date_in_each_form(text):
    assert read(text).date == JANUARY_31


@pytest.mark.parametrize("text", FORMS)
def test_writes_it_as_it_was(text):
    assert write(JANUARY_31, read(text).form) == text


@pytest.mark.parametrize(("text", "other"), FORMS.items())
def test_writes_another_date_in_the_same_form(text, other):
    assert write(MAY_3, read(text).form) == other


@pytest.mark.parametrize("text", [*NO_DATES, "", " ", "\n", "-", "2024-01-31\x00", "2024\u00a001\u00a031"])
def test_understands_nothing_else(text):
    assert read(text) is None
    assert read(text, order="day_first") is None
    assert read(text, order="month_first") is None


@pytest.mark.parametrize("text", ["01/02/2024", "1.2.2024", "12-11-2024", "05/05/2024", "05/05/2024 10:30"])
def test_refuses_what_may_be_two_dates_or_two_forms(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("01/02/2024", "day_first", datetime.date(2024, 2, 1)),
        ("01/02/2024", "month_first", datetime.date(2024, 1, 2)),
        ("05/05/2024", "day_first", datetime.date(2024, 5, 5)),
        ("2024-01-02", "day_first", datetime.date(2024, 1, 2)),
        ("2024-01-02", "month_first", datetime.date(2024, 1, 2)),
        ("Jan 2, 2024", "day_first", datetime.date(2024, 1, 2)),
    ],
)
def test_the_order_decides(text, order, expected):
    written = read(text, order=order)
    assert written.date == expected
    assert write(expected, written.form) == text


@pytest.mark.parametrize(("text", "order"), [("01/31/2024", "day_first"), ("31/01/2024", "month_first")])
def test_the_order_forbids_the_other_one(text, order):
    assert read(text, order=order) is None


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("12/11/2024", "03/05/2023"),  # nothing shows whether numbers are padded
        ("12/9/2024", "3/5/2023"),
        ("12/09/2024", "03/05/2023"),
        ("9/12/2024", "3/5/2023"),
        ("Fri Jan  5 10:30:59 2024", "Wed May  3 10:30:59 2023"),
        ("Sept. 5, 2024", "May. 3, 2023"),
        ("5 May 2024", "3 May 2023"),
        ("1er mars 2024", "3 mai 2023"),
        ("1º de marzo de 2024", "3 de mayo de 2023"),
        ("3. März 2024", "3. Mai 2023"),
        ("3. MÄRZ 2024", "3. MAI 2023"),
        ("9 Mär 2024", "3 Mai 2023"),
        ("5 out 2024", "3 mai 2023"),
    ],
)
def test_padding_follows_what_shows_it(text, other):
    assert write(MAY_3, read(text, order="day_first").form) == other


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2024-01-31", None),
        ("2024-01-31T09:30:59.9Z", datetime.time(9, 30, 59)),
        ("2024-01-31 9:30 pm", datetime.time(21, 30)),
        ("2024-01-31 12:30 AM", datetime.time(0, 30)),
        ("2024-01-31 12:30 p.m.", datetime.time(12, 30)),
        ("20240131T2359", datetime.time(23, 59)),
        ("Wed Jan 31 10:30:59 2024", datetime.time(10, 30, 59)),
    ],
)
def test_reads_the_time(text, time):
    assert read(text).time == time


# `date -u -d 2024-01-31T10:30:00Z +%s` gives 1706697000, and for 2023-05-03 1683109800.
@pytest.mark.parametrize(
    ("text", "unix_time", "date", "other"),
    [
        ("1706697000", "seconds", JANUARY_31, "1683109800"),
        ("1706697000.125", "seconds", JANUARY_31, "1683109800.125"),
        ("1706697000000", "milliseconds", JANUARY_31, "1683109800000"),
        ("0", "seconds", datetime.date(1970, 1, 1), "1683072000"),
        ("-1", "seconds", datetime.date(1969, 12, 31), "1683158399"),
        ("-0.5", "seconds", datetime.date(1969, 12, 31), "1683158399.5"),
        ("20240131", "seconds", datetime.date(1970, 8, 23), "1683094531"),
    ],
)
def test_reads_and_writes_numbers_since_1970_when_asked(text, unix_time, date, other):
    written = read(text, unix_time=unix_time)
    assert written.date == date
    assert write(date, written.form) == text
    assert write(MAY_3, written.form) == other


@pytest.mark.parametrize(
    "text", ["-0", "007", "+7", "1e9", "1.", "9999999999999999", "999999999999999", "1 706 697 000"]
)
def test_refuses_other_numbers_since_1970(text):
    assert read(text, unix_time="seconds") is None


def test_reads_written_dates_beside_numbers():
    assert read("2024-01-31", unix_time="seconds").date == JANUARY_31


@pytest.mark.parametrize(
    ("text", "order", "date", "other"),
    [
        ("31/01/24", "day_first", JANUARY_31, "03/05/23"),
        ("1/31/24 10:30", "month_first", JANUARY_31, "5/3/23 10:30"),
        ("31.1.24", "day_first", JANUARY_31, "3.5.23"),
        ("31-JAN-24", None, JANUARY_31, "03-MAY-23"),
        ("Jan 31, '24", None, JANUARY_31, "May 3, '23"),
        ("31 Jan 70", None, datetime.date(1970, 1, 31), "3 May 23"),
        ("31 Jan 69", None, datetime.date(2069, 1, 31), "3 May 23"),
        ("29-Feb-00", None, datetime.date(2000, 2, 29), "03-May-23"),
    ],
)
def test_reads_years_of_two_digits_when_told_the_century(text, order, date, other):
    written = read(text, order=order, years_from=1970)
    assert written.date == date
    assert write(date, written.form) == text
    assert write(MAY_3, written.form) == other
    assert read(text, order=order) is None


@pytest.mark.parametrize(
    "text",
    ["31/01/24", "01/31/24", "24-01-31", "240131", "31 Jan '2024", "31/01/'", "31/01/4", "31/01/024", "29-Feb-71"],
)
def test_refuses_other_years_of_two_digits(text):
    assert read(text, years_from=1970) is None


def test_no_name_is_of_two_months():
    named = [(name.lower(), number) for names in MONTHS.values() for number, name in enumerate(names, 1)]
    assert dict(named) == dict(reversed(named))
    assert all(len(names) == 12 for names in MONTHS.values())


DATES = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))


@given(st.sampled_from(sorted(FORMS)), DATES, st.sampled_from(["day_first", "month_first"]))
def test_what_is_written_is_read_again(text, date, order):
    form = (read(text, order=order) or read(text)).form
    written = write(date, form)
    possible = [again for o in ("day_first", "month_first") if (again := read(written, order=o))]
    assert date in [again.date for again in possible]
    assert all(write(again.date, again.form) == written for again in possible)


@given(
    st.one_of(st.text("0123456789-/. :TZJanSeptMy,", max_size=24), st.from_regex(r"\A\d{1,4}[-/.]\d\d?[-/.]\d{1,4}\Z"))
)
def test_whatever_is_read_is_written_as_it_was(text):
    for order in (None, "day_first", "month_first"):
        for unix_time in (None, "seconds", "milliseconds"):
            written = read(text, order=order, unix_time=unix_time, years_from=1930)
            assert written is None or write(written.date, written.form) == text


@given(st.integers(-62135596800, 253402300799), DATES)
def test_seconds_agree_with_the_calendar(seconds, date):
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    written = read(str(seconds), unix_time="seconds")
    assert (written.date, written.time) == (moment.date(), moment.time())
    other = datetime.datetime.combine(date, moment.time()) - datetime.datetime(1970, 1, 1)
    assert write(date, written.form) == str(other // datetime.timedelta(seconds=1))


ISO = st.builds(
    lambda y, m, d, rest: f"{y:04}-{m:02}-{d:02}{rest}",
    st.integers(0, 9999),
    st.integers(0, 13),
    st.integers(0, 32),
    st.sampled_from(
        ["", "T10:30", " 10:30:59", "T24:00", "T1:02:03.123456Z", " 10:30 PM", " 13:30 PM", "t10:30+01:00", "."]
    )
    | st.text("T0123:.Z +-", max_size=9),
)


@st.composite
def near_dates(draw):
    """A text of one of the forms, with other digits, and often with something changed."""
    text = draw(st.sampled_from([*FORMS, *NO_DATES, "05 May 24", "1er mars 2024", "1º de mayo de 2024"]))
    text = "".join(draw(st.sampled_from([char, *"012345"])) if char.isdecimal() else char for char in text)
    place = draw(st.integers(0, len(text)))
    return text[:place] + draw(st.sampled_from(["", "", "", "0", "9", " ", "-", "T", "٣", "\ud800"])) + text[place:]


@pytest.mark.parametrize("order", [None, "day_first", "month_first"])
@given(text=near_dates() | ISO | ISO.map(lambda text: f" {text}"), years_from=st.none() | st.integers(1, 9900))
def test_the_short_cut_reads_what_the_layouts_read(order, text, years_from):
    assert read(text, order, years_from=years_from) == read_by_layouts(text, order, years_from)


@pytest.mark.parametrize("text", ["2024-01-31T10:30+14:59", "2024-01-31T10:30+15:00", "2024-01-31T10:30+14:60"])
def test_offsets_have_an_end(text):
    assert bool(read(text)) == bool(read_by_layouts(text)) == text.endswith("14:59")


@given(text=ISO, other=st.dates())
def test_the_short_cut_writes_what_the_fields_say(text, other):
    found = read(text)
    if found is not None:
        fields = (
            "".join(f"{number:0{width}}") for number, width in ((other.year, 4), (other.month, 2), (other.day, 2))
        )
        assert write(other, found.form) == "-".join(fields) + found.form.texts[3]
