"""Values: what a text stands for in the type of its column. A masked value is read back so."""

import re
from datetime import time

import pyarrow as pa

_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?")
_LEADING_ZERO = re.compile(r"[-+]?0\d")


def value_of(text: str, kind: pa.DataType) -> object | None:
    """The value that a text stands for, as Python has it; None if it is none of the type.

    Digits after a leading zero are no number: as one they would lose the zero, so that two values became one, and none
    could be decrypted.

    >>> value_of("-12.50", pa.decimal128(10, 2)), value_of("12.505", pa.decimal128(10, 2)), value_of("012", pa.int32())
    (Decimal('-12.50'), None, None)
    """
    if pa.types.is_time(kind):
        return time_of_day(text)
    if (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)) and has_leading_zero(
        text
    ):
        return None
    try:
        return pa.scalar(text).cast(kind).as_py()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def has_leading_zero(text: str) -> bool:
    """True for `007` and `-00.5`, False for `0` and `0.5`."""
    return _LEADING_ZERO.match(text) is not None


def time_of_day(text: str) -> time | None:
    """A time of day written as SQL writes it, to the microsecond.

    >>> time_of_day("23:59"), time_of_day("9:00"), time_of_day("24:00")
    (datetime.time(23, 59), None, None)
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second, fraction = found.groups()
    try:
        return time(int(hour), int(minute), int(second or 0), int((fraction or "").ljust(6, "0")))
    except ValueError:
        return None
