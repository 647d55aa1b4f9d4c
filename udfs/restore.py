"""Restoring: JSON of a nested column becomes the ROW, ARRAY or MAP that it was made from.

Flink hands nested columns to vectorised Python functions only as JSON text (Flink 2.3 has no ROW inside a ROW there,
neither in nor out), so that their values are searched and masked as those of documents are. This is the way back.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from pyflink.common import Row
from pyflink.table.udf import ScalarFunction

from udfs.records.values import has_leading_zero, time_of_day

_BITS = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64}


@dataclass(frozen=True)
class Kind:
    """A type inside a nested column.

    Attributes:
        root: Flink's LogicalTypeRoot, e.g. `ROW`.
        names: of a ROW's fields.
        parts: kinds of a ROW's fields, of an ARRAY's elements (one), or of a MAP's keys and values (two).
        digits: precision and scale of a DECIMAL; of times, the digits of the second, and 0; of texts, the most
            characters (0 for any number of them), and 0.
    """

    root: str
    names: tuple[str, ...] = ()
    parts: tuple["Kind", ...] = ()
    digits: tuple[int, int] = (0, 0)


@dataclass
class Restore(ScalarFunction):
    """Flink's side of `restored`, for columns of one kind."""

    kind: Kind

    def eval(self, text: str | None) -> Any:
        """One value; NULL for NULL."""
        return restored(text, self.kind)


def restored(text: str | None, kind: Kind) -> Any:
    """The value that a JSON text stands for.

    Args:
        text: valid JSON, or None.

    Returns:
        As PyFlink takes it: Row, list, dict, str, int, Decimal, float, bool, date, time or datetime. What is no value
        of its type is None: a mask made something else of it, or took it away.

    >>> whole = Kind("ROW", ("name", "born"), (Kind("VARCHAR"), Kind("DATE")))
    >>> restored('{"name":"Ann","born":"1990-02-03"}', whole)
    Row(name='Ann', born=datetime.date(1990, 2, 3))
    >>> restored('{"name":null,"born":"xxxx-xx-xx"}', whole)
    Row(name=None, born=None)
    """
    return None if text is None else _value(json.loads(text, parse_float=Decimal), kind)


def _value(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    try:
        return _CONVERT[kind.root](value, kind)
    except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError):
        return None


def _row(value: dict[str, Any], kind: Kind) -> Row:
    return Row(**{name: _value(value.get(name), part) for name, part in zip(kind.names, kind.parts, strict=True)})


def _array(value: list[Any], kind: Kind) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("no array")
    return [_value(element, kind.parts[0]) for element in value]


def _map(value: dict[str, Any], kind: Kind) -> dict[Any, Any]:
    return {key: _value(element, kind.parts[1]) for key, element in value.items()}


def _text(value: Any, kind: Kind) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    if 0 < kind.digits[0] < len(text):
        raise ValueError("too long")
    return text


def _boolean(value: Any, kind: Kind) -> bool:
    return value if isinstance(value, bool) else {"true": True, "false": False}[value]


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or (isinstance(value, str) and has_leading_zero(value)):
        raise TypeError("no number")
    return Decimal(value)


def _whole(value: Any, kind: Kind) -> int:
    number, limit = _number(value), 1 << (_BITS[kind.root] - 1)
    if number != number.to_integral_value() or not -limit <= number < limit:
        raise ValueError("no whole number, or too large")
    return int(number)


def _decimal(value: Any, kind: Kind) -> Decimal:
    number, (precision, scale) = _number(value), kind.digits
    fitted = Decimal(f"{number:.{scale}f}")
    if fitted != number or fitted.adjusted() >= precision - scale:
        raise ValueError("too many digits")
    return fitted


def _float(value: Any, kind: Kind) -> float:
    return float(_number(value))


def _date(value: str, kind: Kind) -> date:
    return date.fromisoformat(value)


def _time_of_day(value: str, kind: Kind) -> time:
    found = time_of_day(value)
    if found is None:
        raise ValueError("no time")
    return found


def _timestamp(value: str, kind: Kind) -> datetime:
    day, _, clock = value.replace(" ", "T").partition("T")
    return datetime.combine(date.fromisoformat(day), _time_of_day(clock, kind) if clock else time())


_CONVERT: dict[str, Callable[[Any, Kind], Any]] = {
    "ROW": _row,
    "ARRAY": _array,
    "MAP": _map,
    "CHAR": _text,
    "VARCHAR": _text,
    "BOOLEAN": _boolean,
    **dict.fromkeys(_BITS, _whole),
    "DECIMAL": _decimal,
    "FLOAT": _float,
    "DOUBLE": _float,
    "DATE": _date,
    "TIME_WITHOUT_TIME_ZONE": _time_of_day,
    "TIMESTAMP_WITHOUT_TIME_ZONE": _timestamp,
}

RESTORED = frozenset(_CONVERT)
"""Type roots that a nested column may be made of."""
