"""Paths: where in a record a value stands, and which rule covers it.

Grammar (`[*]` is each element of an array, `*` is any one key):

    path  = first { "." key | "[*]" }
    first = key | "[*]"
    key   = plain | quoted | "*"
    plain = one or more letters, digits, or any of _ $ @ : # / + -
    quoted = a JSON string: "a.b", "*", "with \\" quote"
"""

import json
import re
from collections.abc import Sequence
from enum import Enum
from typing import Final, TypeAlias


class Wild(Enum):
    """A step that stands for many."""

    EACH = "[*]"
    ANY = "*"


EACH: Final = Wild.EACH
"""Each element of an array."""

ANY: Final = Wild.ANY
"""Any one key of an object; never an element of an array."""

Step: TypeAlias = str | Wild
Path: TypeAlias = tuple[Step, ...]

_TOKEN = re.compile(r'(?P<each>\[\*\])|(?P<any>\*)|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<plain>[\w$@:#/+-]+)', re.DOTALL)
_PLAIN = re.compile(r"[\w$@:#/+-]+")


class PathError(ValueError):
    """The text is no path. `hint` is the next step, or empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.message = message
        self.hint = hint


def parse_path(text: str) -> Path:
    """The steps of a path.

    Raises:
        PathError: the text is no path.

    >>> parse_path('payload.items[*].card')
    ('payload', 'items', <Wild.EACH: '[*]'>, 'card')
    >>> parse_path('*."a.b"')
    (<Wild.ANY: '*'>, 'a.b')
    """
    if not text:
        raise PathError("a path must not be empty", "'*' covers every field")
    steps: list[Step] = []
    position = 0
    while position < len(text):
        step, position = _step(text, position, first=not steps)
        steps.append(step)
    return tuple(steps)


def _step(text: str, position: int, first: bool) -> tuple[Step, int]:
    dotted = text[position] == "."
    start = position + (dotted and not first)
    token = _TOKEN.match(text, start)
    if token is None:
        raise _bad_step(text, start)
    if token["each"]:
        if dotted:
            raise PathError(f"'.[*]' at character {position + 1}", "write 'items[*]' without the dot")
        return EACH, token.end()
    if not first and not dotted:
        raise PathError(f"a dot is missing at character {position + 1}", "write 'a.b', 'a[*].b'")
    if token["any"]:
        return ANY, token.end()
    return _key(token), token.end()


def _key(token: re.Match[str]) -> str:
    if token["plain"]:
        if token["plain"] == "$":
            raise PathError("'$' is not a step", "a path starts at the record: 'a.b', not '$.a.b'")
        if token["plain"].startswith("/"):
            raise PathError("a key that starts with '/' must be quoted", "write 'a.b', not '/a/b'")
        return token["plain"]
    try:
        key = json.loads(token["quoted"])
    except ValueError:
        raise PathError("a quoted key must be a JSON string", 'escape quotes as \\" and backslashes as \\\\') from None
    assert isinstance(key, str)
    return key


def _bad_step(text: str, start: int) -> PathError:
    at = f"at character {start + 1}"
    if start >= len(text):
        return PathError("a path must not end with a dot")
    if text[start] == "[":
        return PathError(f"'[' without '*]' {at}", "'[*]' stands for each element; single elements cannot be named")
    if text[start] == '"':
        return PathError(f"a quoted key has no end {at}")
    if text[start] == ".":
        return PathError(f"a key is missing {at}")
    return PathError(f"a key with this character must be quoted {at}", 'write payload."my key"')


def format_path(path: Path) -> str:
    """The text of a path; `parse_path` reads it back. The whole record, (), is the empty text.

    >>> format_path(("payload", "a.b", EACH, ANY))
    'payload."a.b"[*].*'
    """
    return "".join(s.value if s is EACH else f".{_format_key(s)}" for s in path).removeprefix(".")


def _format_key(step: Step) -> str:
    if isinstance(step, Wild):
        return step.value
    if _PLAIN.fullmatch(step) and step != "$" and not step.startswith("/"):
        return step
    return json.dumps(step, ensure_ascii=False)


def covers(rule: Path, path: Path) -> bool:
    """True when the rule is equal to the path or stands above it. `*` covers any key, and no element of an array.

    >>> covers(("payload", ANY), ("payload", "items", EACH, "card")), covers((ANY,), (EACH,))
    (True, False)
    """
    return len(rule) <= len(path) and all(map(_covers_step, rule, path))


def _covers_step(rule: Step, step: Step) -> bool:
    return rule == step or (rule is ANY and isinstance(step, str))


def first_match(rules: Sequence[Path], path: Path) -> int | None:
    """Index of the first rule that covers the path, or None. Takes time in the number of rules: ask once a path.

    >>> first_match([("a", "b"), ("a",)], ("a", "c")), first_match([("a",)], ("b",))
    (1, None)
    """
    return next((index for index, rule in enumerate(rules) if covers(rule, path)), None)
