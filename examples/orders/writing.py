"""Writes records as JSON text, byte by byte under our control, and notes every sensitive value that it writes.

A library's JSON writer would make all records look alike. A real stream does not: one producer escapes every non-ASCII
character, another escapes the slash, a third writes numbers as 10.10. This writer does each of these on request.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Planted:
    """A sensitive value, put there on purpose.

    Attributes:
        entity: Presidio's name of what it is.
        value: the value as a reader sees it, after JSON is decoded.
        number: written as a JSON number, without quotes.
    """

    entity: str
    value: str
    number: bool = False


@dataclass(frozen=True)
class Number:
    """A JSON number, by its text: `10.10`, `1e400`, thirty digits."""

    text: str


@dataclass(frozen=True)
class Text:
    """A string that mixes plain text and planted values."""

    parts: tuple[str | Planted, ...]


@dataclass(frozen=True)
class Pairs:
    """An object by its members, so that a key can come twice."""

    members: tuple[tuple[str | Planted, "Tree"], ...]


Tree = None | bool | int | str | Planted | Number | Text | Pairs | Sequence[Any] | Mapping[Any, Any]


@dataclass(frozen=True)
class Style:
    """How a producer writes JSON.

    Attributes:
        ascii: every non-ASCII character as `\\uXXXX`, those beyond U+FFFF as a surrogate pair.
        slash: `/` as `\\/`.
        hide: punctuation of planted values as `\\uXXXX`, which is legal and hides them from a search in the raw text.
        spaced: a space after `,` and `:`.
    """

    ascii: bool = False
    slash: bool = False
    hide: bool = False
    spaced: bool = False


@dataclass
class Written:
    """What the writer wrote: the text in pieces, and one entry for each planted value."""

    pieces: list[str] = field(default_factory=list)
    values: list[dict[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The document."""
        return "".join(self.pieces)


def write(tree: Tree, style: Style = Style()) -> Written:
    r"""Writes a record.

    Args:
        tree: the record, of dicts, lists and scalars, with `Planted`, `Number`, `Text` and `Pairs` among them.
        style: how to write it.

    Returns:
        The text and its planted values: entity, path, value, `as` (string, number, text or key), and `raw`, the
        characters that stand in the document, where these differ from the value.

    >>> write({"card": Planted("CREDIT_CARD", "4111111111111111", number=True), "total": Number("10.10")}).text
    '{"card":4111111111111111,"total":10.10}'
    >>> write({"to": Planted("EMAIL_ADDRESS", "a@example.com")}, Style(hide=True)).values[0]["raw"]
    'a\\u0040example\\u002ecom'
    """
    written = Written()
    _write(tree, "", style, written)
    return written


def step(path: str, key: str) -> str:
    """The path of a member, in the policy's notation.

    >>> step("payload", "card"), step("payload", "a b")
    ('payload.card', 'payload."a b"')
    """
    name = key if re.fullmatch(r"\w+", key) else json.dumps(key, ensure_ascii=False)
    return f"{path}.{name}" if path else name


def _write(tree: Tree, path: str, style: Style, out: Written) -> None:
    if isinstance(tree, Planted):
        _planted(tree, path, "number" if tree.number else "string", style, out)
    elif isinstance(tree, Number):
        out.pieces.append(tree.text)
    elif isinstance(tree, Text):
        _text(tree, path, style, out)
    elif isinstance(tree, str):
        out.pieces.append(f'"{escape(tree, style)}"')
    elif isinstance(tree, (Pairs, Mapping)):
        _object(tree, path, style, out)
    elif isinstance(tree, Sequence):
        _join("[]", tree, style, out, lambda item: _write(item, f"{path}[*]", style, out))
    else:
        out.pieces.append(json.dumps(tree))


def _object(tree: Pairs | Mapping[Any, Any], path: str, style: Style, out: Written) -> None:
    def member(pair: tuple[str | Planted, Tree]) -> None:
        key, value = pair
        if isinstance(key, Planted):
            _planted(key, f"{path}.*", "key", style, out)
        else:
            out.pieces.append(f'"{escape(key, style)}"')
        out.pieces.append(": " if style.spaced else ":")
        _write(value, f"{path}.*" if isinstance(key, Planted) else step(path, key), style, out)

    _join("{}", tree.members if isinstance(tree, Pairs) else tree.items(), style, out, member)


def _join(brackets: str, items: Any, style: Style, out: Written, each: Callable[[Any], None]) -> None:
    out.pieces.append(brackets[0])
    for index, item in enumerate(items):
        if index:
            out.pieces.append(", " if style.spaced else ",")
        each(item)
    out.pieces.append(brackets[1])


def _text(tree: Text, path: str, style: Style, out: Written) -> None:
    out.pieces.append('"')
    for part in tree.parts:
        if isinstance(part, Planted):
            _note(part, path, "text", style, out)
        out.pieces.append(_escape_part(part, style))
    out.pieces.append('"')


def _planted(tree: Planted, path: str, how: str, style: Style, out: Written) -> None:
    _note(tree, path, how, style, out)
    out.pieces.append(tree.value if how == "number" else f'"{_escape_part(tree, style)}"')


def _note(tree: Planted, path: str, how: str, style: Style, out: Written) -> None:
    entry = {"entity": tree.entity, "path": path, "as": how, "value": tree.value}
    raw = tree.value if how == "number" else _escape_part(tree, style)
    out.values.append(entry if raw == tree.value else entry | {"raw": raw})


def _escape_part(part: str | Planted, style: Style) -> str:
    if isinstance(part, str):
        return escape(part, style)
    text = escape(part.value, style)
    return re.sub(r"[@.\-]", _hex, text) if style.hide and "\\" not in text else text


def escape(text: str, style: Style) -> str:
    r"""The characters of a JSON string, without its quotes.

    >>> escape('é/"', Style(ascii=True, slash=True))
    '\\u00e9\\/\\"'
    """
    body = json.dumps(text, ensure_ascii=style.ascii)[1:-1]
    return body.replace("/", "\\/") if style.slash else body


def _hex(match: "re.Match[str]") -> str:
    return f"\\u{ord(match[0]):04x}"


def parts(template: str, fill: Callable[[str], str | Planted]) -> Iterator[str | Planted]:
    """The parts of a text whose `{names}` are filled in.

    >>> list(parts("call {phone}!", lambda name: Planted("PHONE_NUMBER", "555")))[1].value
    '555'
    """
    for piece in re.split(r"(\{\w+\})", template):
        if piece:
            yield fill(piece[1:-1]) if re.fullmatch(r"\{\w+\}", piece) else piece
