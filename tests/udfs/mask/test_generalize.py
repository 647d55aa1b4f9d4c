"""What is generalised holds what is declared, and nothing finer."""

import datetime
import ipaddress
import json
import re
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from udfs.mask import MaskContext, MaskError, validated
from udfs.mask._dates import read, write
from udfs.mask._generalize_dates import Reading, coarser_date
from udfs.mask._generalize_places import geohash, network
from udfs.mask.generalize import _FORMS, MASK, GeneralizeParams

CONTEXT = MaskContext("PERSON")


def general(params, *values):
    masked = MASK.apply(pa.array(values, pa.string()), validated(MASK, params), CONTEXT)
    masked.validate(full=True)
    return masked.to_pylist()


# -- Two values that are the same in what is declared come out the same: an adversary learns nothing else.

DAYS = st.dates(datetime.date(1000, 1, 1), datetime.date(9999, 12, 31))
FORMS = st.sampled_from(
    """2024-01-31|31/01/2024|1/31/2024|20240131|31st of January, 2024|JAN 31 2024|Wed, 31 Jan 2024 10:30:59 GMT
    |Wed Jan 31 10:30:59 2024|2024-01-31T23:59:59.9-11:00|2024年1月31日|20240131103059""".replace("\n    ", "").split(
        "|"
    )
)


@st.composite
def same_year(draw):
    year = draw(st.integers(1000, 9999))
    days = st.dates(datetime.date(year, 1, 1), datetime.date(year, 12, 31))
    return {"date": "year"}, [write(draw(days), read(draw(FORMS)).form) for _ in "ab"]


@st.composite
def same_bucket(draw):
    width, origin, place = draw(st.integers(2, 10**6)), draw(st.integers(-99, 99)), draw(st.integers(-(10**9), 10**9))
    inside = st.integers(0, width * 1000 - 1).map(lambda part: str(Decimal(part) / 1000 + origin + place * width))
    return {"bucket": width, "origin": origin}, [draw(inside), draw(inside)]


@st.composite
def same_band(draw):
    bands = sorted(draw(st.sets(st.integers(-20, 60), min_size=1, max_size=9).map(lambda s: {2 * b for b in s})))
    low, high = draw(st.sampled_from([(-999, bands[0]), *pairwise(bands), (bands[-1], 999)]))
    return {"bands": bands}, [str(Decimal(draw(st.integers(low * 10, high * 10 - 1))) / 10) for _ in "ab"]


@st.composite
def same_age_band(draw):
    born = st.dates(datetime.date(1959, 7, 1), datetime.date(2006, 6, 30))
    forms = [read(draw(FORMS), order="day_first") or read("2024-01-31") for _ in "ab"]
    params = {"bands": [18, 65], "as_of": "2024-06-30", "order": "day_first"}
    return params, [write(draw(born), written.form) for written in forms]


@st.composite
def same_postcode(draw):
    area = draw(st.from_regex(r"\A[0-9][A-Z0-9]{2}\Z"))
    tails = st.from_regex(r"\A( ?[0-9]{2}(-?[A-Z0-9]{1,4})?)\Z")
    return {"postcode": 3}, [area + draw(tails), area.lower() + draw(tails)]


@st.composite
def same_outward_code(draw):
    outward = draw(st.from_regex(r"\A([A-Z]{1,2}[0-9][A-Z]?|[A-Z]{1,2}[0-9][0-9])\Z"))
    tails = st.from_regex(r"\A ?[0-9][A-Za-z]{2}\Z")
    return {"postcode": "outward"}, [outward + draw(tails), outward.lower() + draw(tails)]


@st.composite
def same_network(draw):
    version, bits = draw(st.sampled_from([(4, 24), (6, 48)]))
    size = 32 if version == 4 else 128
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    prefix = draw(st.integers(0, 2**bits - 1).filter(lambda p: version == 4 or (p >> 32 != 0x2002 and p)))
    inside = st.integers(0, 2 ** (size - bits) - 1).map(lambda host: kind(prefix << (size - bits) | host))
    first, second = draw(inside), draw(inside)
    other = st.sampled_from([str, lambda a: f"::ffff:{a}"] if version == 4 else [str, lambda a: a.exploded.upper()])
    return {"ip": {"v4": 24, "v6": 48}}, [draw(other)(first), draw(other)(second)]


def cell(code):
    """The bounds of a geohash, found by halving: (south, north), (west, east)."""
    bounds = [[Fraction(-180), Fraction(180)], [Fraction(-90), Fraction(90)]]
    bits = [int(b) for c in code for b in f"{'0123456789bcdefghjkmnpqrstuvwxyz'.index(c):05b}"]
    for place, bit in enumerate(bits):
        axis = bounds[place % 2]
        axis[1 - bit] = sum(axis) / 2
    return bounds[1], bounds[0]


@st.composite
def same_geohash(draw):
    code = draw(st.text("0123456789bcdefghjkmnpqrstuvwxyz", min_size=5, max_size=5))
    (south, north), (west, east) = cell(code)
    part = st.integers(1, 999).map(lambda p: Fraction(p, 1000))
    latitude, longitude = (low + (high - low) * draw(part) for low, high in ((south, north), (west, east)))
    longer = code + "z" + draw(st.text("bz", max_size=5))
    return {"geohash": 5}, [longer, f"{float(latitude):.12f},{float(longitude):.12f}"]


@st.composite
def same_coordinates(draw):
    middle = [Decimal(draw(st.integers(-bound * 100 + 1, bound * 100 - 1))) / 100 for bound in (90, 180)]
    nearby = st.integers(-499, 499).map(lambda p: Decimal(p) / 100_000)
    pairs = [[m + draw(nearby) for m in middle] for _ in "ab"]
    return {"coordinates": 2}, [f"{pairs[0][0]:f},{pairs[0][1]:f}", f"{pairs[1][0]:f} ;  {pairs[1][1]:f}"]


@st.composite
def same_in_a_table(draw):
    table = draw(st.dictionaries(st.text(min_size=1), st.sampled_from(["general", "other"]), min_size=1))
    params = {"values": {value: group for value, group in table.items() if value != group} or {"a": "general"}}
    chosen = draw(st.sampled_from(sorted(params["values"].values())))
    return params, [value for value, group in params["values"].items() if group == chosen]


SAME = {
    "date": same_year(),
    "bucket": same_bucket(),
    "bands": st.one_of(same_band(), same_age_band()),
    "postcode": st.one_of(same_postcode(), same_outward_code()),
    "ip": same_network(),
    "geohash": same_geohash(),
    "coordinates": same_coordinates(),
    "values": same_in_a_table(),
}


def test_each_form_has_its_adversary():
    assert set(SAME) | {"hierarchy"} == set(_FORMS)


@pytest.mark.parametrize("form", SAME)
def test_values_that_are_alike_in_what_is_declared_come_out_alike(form):
    @given(SAME[form])
    def holds(case):
        params, values = case
        assert len(set(general(params, *values))) == 1

    holds()


@pytest.mark.parametrize("form", SAME)
def test_the_batch_makes_no_difference(form):
    @given(SAME[form], st.permutations(range(6)))
    def holds(case, order):
        params, values = case
        batch = [*values, None, "", values[0], None]
        shuffled = [batch[place % len(batch)] for place in order]
        assert general(params, *shuffled) == [general(params, value)[0] for value in shuffled]

    holds()


# -- What comes out holds the value.


@given(DAYS, st.times(), st.sampled_from(["hour", "day", "month", "quarter", "year", "decade"]))
def test_a_date_becomes_its_beginning_and_no_more(day, time, unit):
    [masked] = general({"date": unit}, f"{day}T{time:%H:%M:%S}Z")
    expected = {
        "hour": f"{day:%Y-%m-%d}T{time:%H}",
        "day": f"{day:%Y-%m-%d}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{'111222333444'[day.month - 1]}",
        "year": str(day.year),
        "decade": f"{str(day.year)[:3]}0s",
    }
    assert masked == expected[unit]


UNITS = ("decade", "year", "quarter", "month", "day", "hour")


@given(DAYS, st.times(), st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_a_coarse_date_becomes_coarser_or_stays(day, time, first, second):
    moment = f"{day}T{time:%H:%M}"
    once = coarser_date(first, Reading())(moment)
    again = coarser_date(second, Reading())(once)
    coarser = min(first, second, key=UNITS.index)
    lost = second in ("day", "hour") and first != "hour"  # what has no time has neither
    assert again == (None if lost else coarser_date(coarser, Reading())(moment))


@given(DAYS, FORMS)
def test_no_digit_of_month_or_day_survives_the_year(day, form):
    assert general({"date": "year"}, write(day, read(form).form)) == [f"{day.year}"]


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6)
WIDTHS = st.one_of(st.integers(2, 10**6), st.floats(0.001, 1000).map(lambda w: round(w, 3)).filter(lambda w: w != 1))


@given(NUMBERS, WIDTHS, st.one_of(st.integers(-50, 50), st.floats(-50, 50).map(lambda o: round(o, 2))))
def test_a_bucket_holds_the_number_and_is_aligned(number, width, origin):
    [masked] = general({"bucket": width, "origin": origin}, f"{number:f}")
    exact_width, exact_origin = Fraction(str(width)), Fraction(str(origin))
    if isinstance(width, int) and isinstance(origin, int):
        low, last = re.fullmatch(r"(-?\d+)-(-?\d+)", masked).groups()
        high = int(last) + 1
    else:
        low, high = re.fullmatch(r"\[([-\d.]+),([-\d.]+)\)", masked).groups()
    assert Fraction(low) <= Fraction(number) < Fraction(high)
    assert Fraction(high) - Fraction(low) == exact_width
    assert (Fraction(low) - exact_origin) % exact_width == 0


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2024, 6, 30)))
def test_an_age_is_the_number_of_birthdays(born):
    birthdays = (
        datetime.date(year, 3, 1)
        if (born.month, born.day) == (2, 29) and (year % 4 or year == 1900)
        else born.replace(year=year)
        for year in range(born.year + 1, 2025)
    )
    age = sum(birthday <= datetime.date(2024, 6, 30) for birthday in birthdays)
    [masked] = general({"bands": [18, 30, 65], "as_of": "2024-06-30"}, str(born))
    assert masked == ("<18" if age < 18 else "18-29" if age < 30 else "30-64" if age < 65 else "65+")


@given(st.ip_addresses(), st.integers(1, 31), st.integers(1, 127))
def test_a_network_holds_the_address_and_stays(address, v4, v6):
    params = {"ip": {"v4": v4, "v6": v6}}
    [masked] = general(params, str(address))
    net = ipaddress.ip_network(masked)
    assert net.prefixlen <= (v4 if net.version == 4 else v6)
    assert address in net or getattr(address, "ipv4_mapped", None) in net
    assert general(params, masked) == [masked]


@pytest.mark.parametrize("form", ["::ffff:{}", "64:ff9b::{}", "::{}"])
@given(st.ip_addresses(v=4), st.integers(1, 31))
def test_no_disguise_shows_more_of_an_ipv4_address(form, address, v4):
    inside = ipaddress.ip_network(f"{address}/{v4}", strict=False)
    other = ipaddress.IPv4Address(int(address) ^ (2 ** (32 - v4) - 1))
    assert other in inside
    params = {"ip": {"v4": v4, "v6": 127}}
    assert len(set(general(params, form.format(address), form.format(other)))) == 1


@given(st.ip_addresses(v=4), st.integers(1, 31))
def test_no_tunnel_shows_more_of_an_ipv4_address(address, v4):
    other = ipaddress.IPv4Address(int(address) ^ (2 ** (32 - v4) - 1))
    six_to_four = [str(ipaddress.IPv6Address(0x2002 << 112 | int(a) << 80 | 1)) for a in (address, other)]
    teredo = [str(ipaddress.IPv6Address(0x20010000 << 96 | 0xFFFFFFFF ^ int(a))) for a in (address, other)]
    for pair in (six_to_four, teredo):
        assert len(set(general({"ip": {"v4": v4, "v6": 127}}, *pair))) == 1


DEGREES = (
    st.decimals(-90, 90, allow_nan=False, places=9),
    st.decimals(-180, 180, allow_nan=False, places=9),
)


@given(*DEGREES, st.integers(1, 11))
def test_a_geohash_holds_the_place_and_begins_like_a_longer_one(latitude, longitude, length):
    [masked] = general({"geohash": length}, f"{latitude:f},{longitude:f}")
    (south, north), (west, east) = cell(masked)
    assert len(masked) == length
    assert south <= Fraction(latitude) < north or (Fraction(latitude) == north == 90)
    assert west <= Fraction(longitude) < east or (Fraction(longitude) == east == 180)
    assert geohash(latitude, longitude, 12).startswith(masked)


# The first is the example of Wikipedia's article on Geohash; the others are those of the tests of chrisveness/
# latlon-geohash (JavaScript, MIT) and wilsonjwz/gotil (Go).
@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        ("57.64911", "10.40744", "u4pruydqqvj"),
        ("57.648", "10.410", "u4pruy"),
        ("-25.38262", "-49.26561", "6gkzwgjz"),
        ("31.2851847116", "121.5571761131", "wtw3yp71rm"),
    ],
)
def test_published_geohashes(latitude, longitude, code):
    assert geohash(Decimal(latitude), Decimal(longitude), len(code)) == code


@given(*DEGREES, st.integers(0, 4))
def test_coordinates_stay_near_and_stay(latitude, longitude, decimals):
    params = {"coordinates": decimals}
    [masked] = general(params, f"{latitude:f}, {longitude:f}")
    for text, exact in zip(masked.split(","), (latitude, longitude), strict=True):
        assert abs(Decimal(text) - exact) <= Decimal(5).scaleb(-decimals - 1)
        assert len(text.partition(".")[2]) == decimals
        assert not re.fullmatch(r"-0(\.0+)?", text)
    assert general(params, masked) == [masked]


ANY_PARAMS = [
    *({"date": unit} for unit in UNITS),
    {"date": "day", "unix_time": "seconds"},
    {"date": "month", "order": "day_first", "years_from": 1930},
    {"bucket": 10},
    {"bucket": 0.25, "origin": 0.1},
    {"bands": [18, 65]},
    {"bands": [18, 65], "as_of": "2024-06-30"},
    {"postcode": 3},
    {"postcode": "outward"},
    {"ip": {}},
    {"geohash": 5},
    {"coordinates": 1},
    {"values": {"a": "b"}},
]


@pytest.mark.parametrize("params", ANY_PARAMS, ids=str)
def test_any_text_is_generalised_or_refused(params):
    @given(st.text(max_size=24) | st.text("0123456789-:./,TZ +bcd", max_size=24))
    def holds(text):
        [redacted] = general({**params, "otherwise": "redact"}, text)
        if redacted or not text:
            assert general(params, text) == [redacted]
            return
        with pytest.raises(MaskError) as caught:
            general(params, text)
        assert caught.value.__context__ is None

    holds()


@pytest.mark.parametrize("params", ANY_PARAMS, ids=str)
def test_long_texts_take_no_long_time(params):
    texts = [part * 100_000 for part in (" ", "1", "1 ", "a1-", "1,", "-", ":", "2024-01-31 ")] + [f"1{' ' * 200_000}1"]
    assert general({**params, "otherwise": "redact"}, *texts) == [""] * len(texts)


@pytest.mark.parametrize("params", ANY_PARAMS, ids=str)
def test_parameters_travel_as_json(params):
    first = validated(MASK, params)
    again = GeneralizeParams.model_validate(json.loads(json.dumps(first.model_dump(mode="json"))))
    assert again == first


OCTET = st.integers(0, 299).map(str) | st.sampled_from(["", "00", "01", "+1", " 1", "١", "1e1", "0x1"])


@given(parts=st.lists(OCTET, min_size=3, max_size=5), bits=st.integers(1, 31))
def test_an_ipv4_address_is_read_as_the_library_reads_it(parts, bits):
    text = ".".join(parts)
    try:
        expected = str(ipaddress.ip_network(f"{ipaddress.IPv4Address(text)}/{bits}", strict=False))
    except ValueError:
        expected = None
    assert network(bits, 48)(text) == expected


GROUP = st.integers(0, 0xFFFF).map("{:x}".format) | st.sampled_from(
    ["", "", "0", "0000", "FE80", "12345", "g", "1.2.3.4"]
)
FIRST = st.sampled_from(["2001:db8", "2a02", "fe80", "63", "1", "ffff", ""])


@given(FIRST, st.lists(GROUP, min_size=1, max_size=8), st.sampled_from(["", "", " ", "%1", "\0"]), st.integers(1, 127))
def test_an_ipv6_address_is_read_as_the_library_reads_it(first, groups, end, bits):
    text = ":".join([first, *groups]) + end
    try:
        number = int(ipaddress.IPv6Address(text))
    except ValueError:
        number = None
    assume(number is None or number >> 112)  # none that has an IPv4 address in it
    expected = None if number is None else str(ipaddress.ip_network((number, 128)).supernet(new_prefix=bits))
    assert network(24, bits)(text) == expected
