"""Looks for values that must not be somewhere: as they are, after decoding, and digit by digit.

It shares no code with the engine, so that it does not repeat the engine's mistakes. It knows what was planted, and asks
one question of a pile of bytes: which of these values can a reader get out of it?
"""

import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

KEY = 8
"""Bytes of a value that the index is made of. A shorter value would be found by chance, and is refused."""

NUMERIC = frozenset({"CREDIT_CARD", "US_SSN", "PHONE_NUMBER", "UK_NHS", "BR_CPF", "KR_RRN"})
"""Entities that are also looked for by their digits alone, whatever stands between these."""

LONGEST_TAIL = 4
"""Digits of a card that a mask may leave at its end; all digits before them together are a leak too."""

Value = tuple[str, str]
"""Entity and value."""


@dataclass(frozen=True)
class Leak:
    """A value that was found where it must not be. `form` is the decoding that brought it to light."""

    entity: str
    value: str
    form: str


class Needles:
    """Values to look for, indexed by their first bytes.

    Args:
        values: pairs of entity and value; doubles are dropped.

    Raises:
        ValueError: a value is too short to be looked for.

    >>> Needles([("CREDIT_CARD", "4111-1111-1111-1111")]).leaks(b'{"note": "no 4111.1111/1111 1111"}')
    [Leak(entity='CREDIT_CARD', value='4111-1111-1111-1111', form='digits')]
    """

    def __init__(self, values: Iterable[Value]) -> None:
        self._texts: dict[bytes, list[tuple[bytes, Value]]] = defaultdict(list)
        self._digits: dict[bytes, list[tuple[bytes, Value]]] = defaultdict(list)
        for value in sorted(set(values)):
            _add(self._texts, value[1].casefold().encode(), value)
            for digits in _digit_forms(value):
                _add(self._digits, digits, value)

    def leaks(self, data: bytes) -> list[Leak]:
        """Every value that can be got out of the data, once for each form in which it is found."""
        found = {}
        for form, text in forms(data):
            folded = text.decode("utf-8", "replace").casefold().encode()
            for value in _search(self._texts, folded):
                found[value, form] = Leak(*value, form)
        for value in _search(self._digits, _only_digits(unescape(data))):
            found[value, "digits"] = Leak(*value, "digits")
        return list(found.values())


def forms(data: bytes) -> Iterator[tuple[str, bytes]]:
    r"""The data as it is, and decoded in every way in which a careless or a sly producer writes a value.

    A form that is the same as one before it is left out.

    >>> [form for form, _ in forms(rb"a\\u0040b %40 YUBleGFtcGxlLmNvbQ==")]
    ['literal', 'JSON', 'JSON in JSON', 'URL', 'base64', 'hexadecimal']
    >>> [form for form, _ in forms(b"plain")]
    ['literal', 'base64', 'hexadecimal']
    """
    once = unescape(data)
    twice = unescape(once)
    yield "literal", data
    if once != data:
        yield "JSON", once
    if twice != once:
        yield "JSON in JSON", twice
    if b"%" in twice:
        yield "URL", unquote_to_bytes(twice.replace(b"+", b" "))
    yield "base64", b"\n".join(_base64(data))
    yield "hexadecimal", b"\n".join(_hexadecimal(data))


_ESCAPE = re.compile(rb"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))")
_CONTROLS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f"}


def unescape(data: bytes) -> bytes:
    r"""JSON's escapes decoded wherever they stand, in strings or not.

    >>> unescape(rb"a\u0040b \ud83d\ude42 \/ \u00e9".replace(b"\\ud83d", b"\\uD83D")).decode()
    'a@b 🙂 / é'
    """
    return _ESCAPE.sub(_unescaped, data) if b"\\" in data else data


def _unescaped(match: "re.Match[bytes]") -> bytes:
    high, low, unit, other = match.groups()
    if high:
        return bytes.fromhex((high + low).decode()).decode("utf-16-be").encode()
    if unit:
        return chr(int(unit, 16)).encode("utf-8", "replace")
    return _CONTROLS.get(other, other)


def _base64(data: bytes) -> Iterator[bytes]:
    for word in re.findall(rb"[A-Za-z0-9+/_-]{12,}", data):
        standard = word.replace(b"-", b"+").replace(b"_", b"/")
        yield base64.b64decode(standard[: len(standard) // 4 * 4])
        yield base64.b64decode(standard + b"=" * (-len(standard) % 4)) if len(standard) % 4 != 1 else b""


def _hexadecimal(data: bytes) -> Iterator[bytes]:
    for word in re.findall(rb"(?:[0-9a-fA-F]{2}){8,}", data):
        yield binascii.unhexlify(word)


def _only_digits(data: bytes) -> bytes:
    """What stands between two digits without meaning anything goes: spaces, dashes, dots, slashes, brackets."""
    return re.sub(rb"(?<=\d)[ \-./()\xc2\xa0]+(?=\d)", b"", data)


def _digit_forms(value: Value) -> Iterator[bytes]:
    entity, text = value
    digits = re.sub(r"\D", "", text).encode()
    if entity in NUMERIC and len(digits) >= KEY:
        yield digits
    if entity == "CREDIT_CARD":
        yield digits[:-LONGEST_TAIL]


def _add(index: dict[bytes, list[tuple[bytes, Value]]], needle: bytes, value: Value) -> None:
    if len(needle) < KEY:
        raise ValueError(f"a value of {value[0]} must have at least {KEY} bytes to be looked for; got {len(needle)}")
    index[needle[:KEY]].append((needle, value))


def _search(index: dict[bytes, list[tuple[bytes, Value]]], text: bytes) -> Iterator[Value]:
    places = (at for at in range(len(text) - KEY + 1) if text[at : at + KEY] in index)
    for at in places:
        yield from (value for needle, value in index[text[at : at + KEY]] if text.startswith(needle, at))
