"""Characters that are written as codes of others, decoded where they stand.

Percent-encoding (RFC 3986, section 2.1), HTML's character references (HTML Living Standard, section 13.5; the names are
those of Python's `html.entities`), the escapes of JSON, JavaScript, C and Python (RFC 8259, section 7), quoted
printable text (RFC 2045, section 6.7), and the tags of inline elements, which part a value without a gap (HTML Living
Standard, section 4.5, and the obsolete ones of section 16.2).
"""

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5

from udfs.detect.unfold.edit import Edit

INLINE = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|mark|nobr|q|s|samp|small|span|strike|strong"
    "|sub|sup|time|tt|u|var|wbr"
)
"""Elements that stand inside a line, between two letters of a word if they like."""
TAG = rf"<(?:/?(?:{INLINE})(?:[ \t\r\n/][^<>]{{0,200}})?|!--[^<>]{{0,200}}--)>"
"""A tag of such an element, or a comment. 200 is more than the attributes of any that parts a value need."""

# Each alternative begins with one character, so that Python's `re` looks for these alone: 3 against 26 µs for 200.
_CODE = re.compile(
    r"""
    %(?:[0-9A-Fa-f]{2}(?P<percent>(?:%[0-9A-Fa-f]{2})*) | u[0-9A-Fa-f]{4})
    | &(?P<entity>\#[0-9]{1,7} | \#[xX][0-9A-Fa-f]{1,6} | [A-Za-z][A-Za-z0-9]{1,31});
    | \\(?:
        (?P<octal>[0-7]{3}(?:\\[0-7]{3})+)                              # one alone is part of a path
        | \\{0,7}(?:
            (?P<short>[nrtbfv"'/])
            | u[dD][89abAB][0-9A-Fa-f]{2}\\{1,8}u[dD][c-fC-F][0-9A-Fa-f]{2}   # a surrogate pair
            | [uU][0-9A-Fa-f]{4} | x[0-9A-Fa-f]{2} | u\{[0-9A-Fa-f]{1,6}\} | U[0-9A-Fa-f]{8}
        )
    )
    """,
    re.VERBOSE,
)
_HEX = re.compile(r"[0-9A-Fa-f]+")
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}


def decoded(text: str) -> list[Edit]:
    """Edits that put characters in the place of their codes.

    >>> decoded("a%40b&#64;c\\\\u0040d")
    [(1, 4, '@'), (5, 10, '@'), (11, 17, '@')]
    """
    if "%" not in text and "&" not in text and "\\" not in text:
        return []
    return [edit for match in _CODE.finditer(text) for edit in _meant(match)]


def _meant(match: "re.Match[str]") -> Iterator[Edit]:
    kind, code = match.lastgroup, match.group()
    start, end = match.span()
    if kind == "percent":
        yield from _bytes(bytes.fromhex(code.replace("%", "")), start, 3)
    elif kind == "octal":
        yield from _bytes(bytes(int(code[at : at + 3], 8) & 0xFF for at in range(1, len(code), 4)), start, 4)
    elif kind == "entity":
        name = match["entity"]
        new = unescape(code) if name[0] == "#" else html5.get(name + ";", code)
        if new != code:
            yield start, end, new
    elif kind == "short":
        yield start, end, _SHORT.get(match["short"], match["short"])
    else:
        new = _character([int(number, 16) for number in _HEX.findall(code)])
        if new:
            yield start, end, new


def _character(numbers: list[int]) -> str:
    """The character of a number, or of two surrogates; nothing for what is no character."""
    number = numbers[0]
    if len(numbers) == 2:
        number = 0x10000 + ((number - 0xD800) << 10) + (numbers[1] - 0xDC00)
    return "" if 0xD800 <= number <= 0xDFFF or number > 0x10FFFF else chr(number)


def _bytes(encoded: bytes, start: int, width: int) -> Iterator[Edit]:
    """The characters of bytes in UTF-8, each byte `width` characters wide. What is no UTF-8 stays."""
    at = start
    for char in encoded.decode("utf-8", "surrogateescape"):
        is_byte = "\udc80" <= char <= "\udcff"
        end = at + width * (1 if is_byte else len(char.encode()))
        if not is_byte:
            yield at, end, char
        at = end


# Quoted-printable is only decoded in a text with signs of it: an `=` with two hex digits is also part of a query. The
# hex digits are capitals (RFC 2045, section 6.7, rule 1).
_SOFT_BREAK = r"=[ \t]{0,8}\r?\n"
QUOTED_SIGN = re.compile(
    rf"{_SOFT_BREAK}\S|=3D|=[0-9A-F]{{2}}=[0-9A-F]{{2}}|[A-Za-z0-9._+-]=40[A-Za-z0-9-]{{1,63}}(?:\.|=2E)[A-Za-z]"
    r"|[0-9]{2}=(?:2[0DE]|3[0-9])[0-9]"
)
"""A soft line break, an escaped `=`, two escapes in a row, an escaped `@` in an address, an escape among digits."""
_QUOTED = re.compile(rf"(?P<soft>{_SOFT_BREAK})|(?:=[0-9A-F]{{2}})+")


def unquoted(text: str) -> list[Edit]:
    """Edits that decode quoted-printable text.

    >>> unquoted("jane=40example.com"), unquoted("?page=40")
    ([(4, 7, '@')], [])
    """
    if "=" not in text or not QUOTED_SIGN.search(text):
        return []
    edits: list[Edit] = []
    for match in _QUOTED.finditer(text):
        if match["soft"]:
            edits.append((*match.span(), ""))
        else:
            edits += _bytes(bytes.fromhex(match.group().replace("=", "")), match.start(), 3)
    return edits


_TAGS = re.compile(rf"(?<=[\w@.+ -])(?:{TAG})+(?=[\w@.+ -])", re.IGNORECASE)


def without_markup(text: str) -> list[Edit]:
    """Edits that take away the tags and comments inside a line of text.

    A tag beside a space only goes when it has no attributes: these may hold values of their own.

    >>> without_markup("4111<b>1111</b>1111 <i title='a'>b")
    [(4, 7, ''), (11, 15, '')]
    """
    if "<" not in text:
        return []
    return [
        (*match.span(), "")
        for match in _TAGS.finditer(text)
        if "=" not in match.group() or " " not in (text[match.start() - 1], text[match.end() : match.end() + 1])
    ]
