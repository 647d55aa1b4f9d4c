"""shift_date: moves all dates of one person by the same number of days.

The number is HMAC-SHA-256 (RFC 2104) of the person, `subject`, under a key derived for this mask and its scope: one of
-`days` to `days` and not 0, each with the same probability. It depends on the person alone, so that the time between
two dates of theirs stays what it was, in every field and segment that names one scope and the same `days`.

Keeps: the form in which a date is written, the time of day, and the days between the dates of one person.
Destroys: the date, to within `days`: with it the day of the week, holidays, and the order of dates of two people.
Exposure: partial.
Reversible: for one person by whoever knows one of their dates, or holds the root key; otherwise by nobody.
Joinable: within the scope, on person and date; nowhere else.
Raises: MaskError without a key, without a person, and for what is no date or may be several (see `order`), unless
    `otherwise` is `redact`.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> stay = pa.array(["2024-01-30", "Feb 2, 2024 10:30", None])
>>> context = MaskContext("DATE_TIME", bytes(32), subjects=pa.array(["p-1", "p-1", "p-1"]))
>>> MASK.apply(stay, ShiftDateParams(days=100, subject="patient.id"), context).to_pylist()
['2024-03-18', 'Mar 21, 2024 10:30', None]
"""

import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, MaskError, always, unless_redacted
from udfs.mask._dates import DateParams, Written, read, write
from udfs.mask._keyed import digests, distinct, texts_of


class ShiftDateParams(DateParams):
    """Parameters of `shift_date`, besides those of masks that read dates.

    Attributes:
        days: by how many days a date moves at most, 1 to 3,650.
        subject: path of the value that names the person whom a record is about, e.g. `payload.patient.id`.
        scope: name of the scope whose key is used; None for the segment's own.
    """

    days: int = Field(ge=1, le=3650)
    subject: str = Field(min_length=1, max_length=1000)
    scope: str | None = Field(default=None, min_length=1, max_length=128)


def _kinds(params: BaseModel) -> frozenset[str]:
    return frozenset({"date"})


def _shift_date(values: pa.StringArray, params: ShiftDateParams, context: MaskContext) -> pa.StringArray:
    key = context.required_key()
    distinct_texts, text_of = distinct(values)
    people, person_of = distinct(_people(values, context))
    texts = [None, *texts_of(distinct_texts)]
    dates = [read(text, params.order, params.unix_time) if text else None for text in texts]
    offsets = [0, *_offsets(people, key, params.days)]
    # A pair of a text and a person is one number, and is shifted once.
    width = len(offsets)
    found, pair_of = np.unique(_places(text_of) * width + _places(person_of), return_inverse=True)
    pairs = [divmod(pair, width) for pair in found.tolist()]
    shifted = [_shifted(dates[text], offsets[person]) for text, person in pairs]
    if any(texts[text] and not new for (text, _), new in zip(pairs, shifted, strict=True)):
        unless_redacted(params, _EXPECTED)
    written = [None if texts[text] is None else new for (text, _), new in zip(pairs, shifted, strict=True)]
    return pa.array(written, pa.string()).take(pa.array(pair_of))


_EXPECTED = (
    "must be a date that is understood in one way only (see `order`) and stays within the years 1 to 9999; set "
    "`otherwise: redact` to remove what is none"
)


def _people(values: pa.StringArray, context: MaskContext) -> pa.StringArray:
    subjects = context.subjects
    if subjects is None or len(subjects) != len(values):
        raise MaskError("must be given the person whom each record is about; none was given")
    needed = pc.greater(pc.binary_length(values).fill_null(0), 0)
    nobody = pc.equal(pc.binary_length(subjects).fill_null(0), 0)
    if pc.any(pc.and_(needed, nobody)).as_py():
        raise MaskError("a record names nobody at `subject`; give the path of a value that every record has")
    return subjects


def _places(indices: pa.Int32Array) -> npt.NDArray[np.int64]:
    """Indices from 1; 0 for null."""
    return np.asarray(indices.fill_null(-1)).astype(np.int64) + 1


def _offsets(people: pa.StringArray, key: bytes, days: int) -> list[int]:
    """For each person, a number from -`days` to `days` but 0."""
    # 64 bits: of at most 7,300 numbers, none is likelier than another by more than 4e-16.
    bits = digests(people, key)[:, :8].copy().view(">u8").reshape(-1)
    numbers = (bits % np.uint64(2 * days)).astype(np.int64) - days
    return list((numbers + (numbers >= 0)).tolist())


def _shifted(written: Written | None, offset: int) -> str:
    """The date `offset` days later, in the form of the first; empty if there is none."""
    if written is None:
        return ""
    day = written.date.toordinal() + offset
    if not 1 <= day <= datetime.date.max.toordinal():
        return ""
    return write(datetime.date.fromordinal(day), written.form)


MASK = Mask(
    MaskInfo(
        "shift_date",
        ShiftDateParams,
        always("partial"),
        shorthand="days",
        keyed=True,
        kinds=_kinds,
        doc=__doc__,
    ),
    _shift_date,
)
