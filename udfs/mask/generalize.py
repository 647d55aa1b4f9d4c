"""generalize: puts something more general in the place of every value, such as the year of a date.

What it does is one of these parameters:

- `date`: the `month`, `quarter`, `year` or `decade` that a date lies in, or the `hour` or `day` of a date with a time.
  What forms of dates it understands, and what `order`, `unix_time` and `years_from` are for, stands in
  `udfs/mask/_dates.py`; the answer is always in one form.
- `bucket`: the range of this width that a number lies in, counted from `origin`.
- `bands`: which of the ranges that begin at these numbers; with `as_of`, of somebody's age on that day by the date of
  birth.
- `postcode`: the first so many letters and digits of a postcode, zeros in place of those in `sparse`; or `outward`,
  the first part of a British one.
- `ip`: the network that an address lies in, of `v4` or `v6` bits.
- `geohash`: the geohash of so many characters for `latitude, longitude` in degrees, or for a longer geohash.
- `coordinates`: latitude and longitude, or one of them, rounded to so many decimals of a degree (two are 1.1 km).
- `values`: what stands beside the value in a table; or `hierarchy` and `level`, the same from a file.

Keeps: what is declared, such as the year; so which values are equal in that.
Destroys: everything finer, and the form in which the value was written. A value that says no more than is declared
    (`2024` for a month, a wider network, a shorter geohash, fewer decimals) stays as it is.
Exposure: partial.
Reversible: by nobody; what stays is readable by all.
Joinable: everywhere, on what stays; so it is no key to join on.
Raises: MaskError for a value that it does not understand, unless `otherwise` is `redact`.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> born = pa.array(["31 Jan 1984", "1984-11-05", None])
>>> MASK.apply(born, GeneralizeParams(date="year"), MaskContext("DATE_OF_BIRTH")).to_pylist()
['1984', '1984', None]
"""

import datetime
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

import pyarrow as pa
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from policy.catalog import KINDS, MaskInfo
from policy.words import problem
from udfs.mask import _generalize_dates as dates
from udfs.mask import _generalize_numbers as numbers
from udfs.mask import _generalize_places as places
from udfs.mask._base import Mask, MaskContext, Params, always, unless_redacted
from udfs.mask._dates import DateParams
from udfs.mask._generalize_tables import MOST_ROWS, read_hierarchy
from udfs.mask._keyed import distinct, texts_of

General = Callable[[str], str | None]
"""Gives the general value of a value; None for one that it does not understand."""


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise problem("must be a number")
    return value


def _width(value: int | float) -> int | float:
    if value <= 0 or value == 1:
        raise problem("must be more than 0, and not 1, which would leave whole numbers as they are")
    return value


def _area(value: Any) -> Any:
    if value != "outward" and (type(value) is not int or not 1 <= value <= 8):
        raise problem("must be 1 to 8, or 'outward'")
    return value


def _ascending(bands: list[int]) -> list[int]:
    if any(b - a < 2 for a, b in pairwise(bands)):
        raise problem("must ascend by 2 or more; a band of one number would show it")
    return bands


def _day(text: str) -> str:
    try:
        written = datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        written = ""
    if written != text:
        raise problem("must be a date such as '2024-01-31'")
    return text


def _no_value_stays(table: dict[str, str]) -> dict[str, str]:
    if any(value == general for value, general in table.items()):
        raise problem("must have no value beside itself, which would leave it as it is")
    return table


Number = Annotated[int | float, BeforeValidator(_number)]


class Prefixes(Params):
    """How many bits of an address stay.

    Attributes:
        v4: of an IPv4 address, 1 to 31.
        v6: of an IPv6 address, 1 to 127.
    """

    v4: int = Field(default=24, ge=1, le=31)
    v6: int = Field(default=48, ge=1, le=127)


class GeneralizeParams(DateParams):
    """Parameters of `generalize`: exactly one of `date`, `bucket`, `bands`, `postcode`, `ip`, `geohash`, `coordinates`,
    `values` and `hierarchy`, and what belongs to it.

    Attributes:
        date: what stays of a date.
        years_from: the first of the hundred years that two digits stand for, e.g. 1930; None for no such years.
            `01/31/84` needs an `order` too.
        bucket: how wide the ranges are; not 1, and less only for measured numbers, since whole ones would stay
            readable. With a whole one the ranges are named by whole numbers.
        origin: where one of the ranges begins; None for 0.
        bands: where the ranges begin, ascending by 2 or more, at most 100.
        as_of: the day of the age, as `2024-01-31`; None when the values are numbers. No clock is ever read.
        postcode: how many letters and digits stay, 1 to 8, or `outward`.
        sparse: beginnings of postcodes that become zeros, e.g. the three digits with fewer than 20,000 people that
            HIPAA's Safe Harbor method wants as `000`. The census changes which these are, so the policy names them.
        ip: how many bits stay.
        geohash: how many characters stay, 1 to 11.
        coordinates: how many decimals stay, 0 to 4.
        values: what each value becomes. Other values are not understood.
        hierarchy: path of a CSV file: a row for each value, with what it becomes at level 1, 2, …. It is read where
            the policy is compiled, and becomes `values`, so that the plan holds what it says: workers need no file,
            and a changed file is another plan.
        level: the level in that file, 1 or more.
    """

    date: dates.Unit | None = None
    years_from: int | None = Field(default=None, ge=1, le=9900)
    bucket: Annotated[Number, AfterValidator(_width)] | None = None
    origin: Number | None = None
    bands: Annotated[list[int], Field(min_length=1, max_length=100), AfterValidator(_ascending)] | None = None
    as_of: Annotated[str, AfterValidator(_day)] | None = None
    postcode: Annotated[int | str, BeforeValidator(_area)] | None = None
    sparse: list[str] | None = None
    ip: Prefixes | None = None
    geohash: int | None = Field(default=None, ge=1, le=11)
    coordinates: int | None = Field(default=None, ge=0, le=4)
    values: (
        Annotated[dict[str, str], Field(min_length=1, max_length=MOST_ROWS), AfterValidator(_no_value_stays)] | None
    ) = None
    hierarchy: str | None = None
    level: int | None = Field(default=None, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        given = {name for name, value in data.items() if value is not None}
        forms = [name for name in _FORMS if name in given]
        if len(forms) != 1:
            hint = f"give exactly one of {', '.join(_FORMS)}"
            raise problem(f"must say how to generalize in one way; got {', '.join(forms) or 'none'}", hint)
        form = forms[0]
        for option in sorted(given & _OPTIONS - set(_FORMS[form].options)):
            raise problem(f"'{option}' does not go with '{form}'", "leave it out")
        return _with_table(data) if form == "hierarchy" else data

    @model_validator(mode="after")
    def _dates_are_read(self) -> "GeneralizeParams":
        if self.bands and not self.as_of and any(getattr(self, name) is not None for name in _READING):
            raise problem(f"'bands' need 'as_of' to read dates; without it {', '.join(_READING)} mean nothing")
        return self

    @model_validator(mode="after")
    def _sparse_fits(self) -> "GeneralizeParams":
        count = self.postcode
        if self.sparse is not None and (isinstance(count, str) or any(len(area) != count for area in self.sparse)):
            raise problem("'sparse' must hold beginnings of postcodes that are as long as what stays")
        return self


def _with_table(data: dict[str, Any]) -> dict[str, Any]:
    file, level = data["hierarchy"], data.get("level")
    if level is None:
        raise problem("'hierarchy' needs a level", "write {generalize: {hierarchy: FILE, level: 1}}")
    if not isinstance(file, str) or type(level) is not int:
        return data  # the fields say what is wrong
    return {k: v for k, v in data.items() if k not in ("hierarchy", "level")} | {"values": read_hierarchy(file, level)}


def _reading(params: GeneralizeParams) -> dates.Reading:
    return dates.Reading(params.order, params.unix_time, params.years_from)


def _age_or_number(params: GeneralizeParams) -> General:
    bands = params.bands or []
    if params.as_of is None:
        return numbers.number_band(bands)
    return dates.age_band(bands, datetime.date.fromisoformat(params.as_of), _reading(params))


def _postcode(params: GeneralizeParams) -> General:
    if isinstance(params.postcode, int):
        return places.postcode_area(params.postcode, frozenset(area.upper() for area in params.sparse or ()))
    return places.outward_code


class _Form(NamedTuple):
    general: Callable[[Any], General]  # for params
    expected: str  # what a value must be
    kinds: frozenset[str]  # of the entities that it makes sense for
    options: tuple[str, ...] = ()  # parameters that go with it


_READING = ("order", "unix_time", "years_from")

_FORMS = {
    "date": _Form(
        lambda p: dates.coarser_date(p.date, _reading(p)),
        "a date that can be read in one way, for 'day' and 'hour' with a time",
        frozenset({"date"}),
        _READING,
    ),
    "bucket": _Form(
        lambda p: numbers.bucket(p.bucket, 0 if p.origin is None else p.origin),
        "a decimal number",
        frozenset({"number"}),
        ("origin",),
    ),
    "bands": _Form(
        _age_or_number,
        "a decimal number, or with 'as_of' a date no later than that",
        frozenset({"number"}),
        ("as_of", *_READING),
    ),
    "postcode": _Form(
        _postcode, "a postcode that is longer than what stays", frozenset({"postcode", "place"}), ("sparse",)
    ),
    "ip": _Form(lambda p: places.network(p.ip.v4, p.ip.v6), "an IP address", frozenset({"ip"})),
    "geohash": _Form(
        lambda p: places.geohash_cell(p.geohash), "'latitude, longitude' or a geohash", frozenset({"place"})
    ),
    "coordinates": _Form(
        lambda p: places.rounded(p.coordinates), "'latitude, longitude' or one of them", frozenset({"place"})
    ),
    "values": _Form(lambda p: p.values.get, "one of the values in the table", frozenset(KINDS)),
    "hierarchy": _Form(lambda p: p.values.get, "one of the values in the table", frozenset(KINDS), ("level",)),
}
"""What can be done to a value, by the parameter that asks for it. A hierarchy is `values` once it has been read."""

_OPTIONS = frozenset(option for form in _FORMS.values() for option in form.options)


def _form(params: GeneralizeParams) -> _Form:
    return next(form for name, form in _FORMS.items() if getattr(params, name) is not None)


def _kinds(params: Any) -> frozenset[str]:
    return frozenset({"date"}) if params.as_of else _form(params).kinds


def _generalize(values: pa.StringArray, params: GeneralizeParams, context: MaskContext) -> pa.StringArray:
    texts, indices = distinct(values)
    form = _form(params)
    general = form.general(params)
    found = [general(text) if text else "" for text in texts_of(texts)]
    if None in found:
        unless_redacted(params, f"must be {form.expected}")
    return pa.array([text or "" for text in found], pa.string()).take(indices)


MASK = Mask(
    MaskInfo("generalize", GeneralizeParams, always("partial"), shorthand="date", kinds=_kinds, doc=__doc__),
    _generalize,
)
