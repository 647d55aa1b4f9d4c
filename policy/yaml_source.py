"""Safe YAML with line positions: what two YAML readers could read differently is an error, never a guess.

PyYAML scans and parses; this module takes its events and builds plain data. No tag is constructed, no alias is
followed, and plain scalars that YAML 1.1 and YAML 1.2 read differently (`no`, `010`, `12:30`, `1_000`) must be quoted.
References: YAML 1.1 type repository (bool, int, float), https://yaml.org/type/ ; YAML 1.2.2 section 10.3, core schema.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml
from yaml import events as ev

from policy.errors import NodePath, PolicyError, show_path, show_word

MAX_BYTES = 512 * 1024
"""Longest file that is read. A policy with two thousand field rules has about 100 KiB."""

MAX_DEPTH = 24
"""Deepest nesting that is read. The policy language itself needs 7."""

MAX_ERRORS = 100
"""Most errors of the YAML itself that are reported for a file; reading ends there."""

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset({"null", "Null", "NULL", "~"})
_WORDS_OF_1_1 = frozenset({"y", "yes", "n", "no", "on", "off"})
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?")
_ODD_NUMBER = re.compile(
    r"""[-+]?(?:
        0[0-9_]+                                        # octal in 1.1, decimal in 1.2
      | 0[oxb][0-9a-fA-F_]+                             # octal of 1.2, hexadecimal, binary of 1.1
      | [0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?              # digits in groups: a number in 1.1, text in 1.2
      | [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?     # base 60 in 1.1, text in 1.2
      | (?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+     # an exponent without a dot or a sign: text in 1.1
      | \.(?:inf|Inf|INF|nan|NaN|NAN)                   # no JSON number
    )""",
    re.VERBOSE,
)
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]")
"""Characters that make a text read otherwise than it is: bidirectional controls (CVE-2021-42574), zero-width ones."""
_BREAK = re.compile(r"\r\n?|\n")


@dataclass(frozen=True)
class Source:
    """A YAML file as plain data.

    Attributes:
        name: the file's name.
        value: mappings, lists, text, numbers, booleans and None; None too when the file could not be read.
        lines: line (from 1) of every node by its path; that of a mapping's value is its key's.
        errors: everything that is wrong with the YAML.
        readable: False when `value` is not the file's content.
    """

    name: str
    value: Any
    lines: dict[NodePath, int]
    errors: tuple[PolicyError, ...]
    readable: bool = True

    def error(self, path: NodePath, message: str, hint: str = "") -> PolicyError:
        """An error at the node, or on the line of the nearest node above it."""
        line = next((self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), 1)
        return PolicyError(self.name, line, show_path(path), message, hint)


def parse(data: bytes | str, name: str) -> Source:
    """Reads one YAML document.

    Args:
        data: the file's content; bytes must be UTF-8.
        name: the file's name, for the errors.

    Returns: the source; look at `errors` before using it.

    >>> parse("a: [1, x]", "p.yaml").value
    {'a': [1, 'x']}
    >>> [str(error) for error in parse("countries: [us, no]", "p.yaml").errors]
    ['p.yaml:1 countries[1]: \\'no\\' is a boolean in YAML 1.1 and text in YAML 1.2; quote it ("no")']
    """
    if len(data) > MAX_BYTES:
        return _unreadable(name, 1, f"the file is longer than {MAX_BYTES // 1024} KiB", "move parts of it to packs")
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return _unreadable(name, line, "the file is not UTF-8", "save it as UTF-8")
    return _Builder(text.removeprefix("\ufeff"), name).run()


def _unreadable(name: str, line: int, message: str, hint: str) -> Source:
    return Source(name, None, {}, (PolicyError(name, line, "policy", message, hint),), readable=False)


@dataclass
class _Frame:
    """A mapping or list that is being read. `key` is the key whose value comes next; a `lost` value is not kept."""

    path: NodePath
    value: dict[str, Any] | list[Any]
    key: str | None = None
    lost: bool = False
    is_key: bool = False


class _Stop(Exception):
    """Reading cannot go on; the error is recorded."""


@dataclass
class _Builder:
    text: str
    name: str
    root: Any = None
    lines: dict[NodePath, int] = field(default_factory=dict)
    errors: list[PolicyError] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    documents: int = 0

    def run(self) -> Source:
        self.breaks = [match.start() for match in _BREAK.finditer(self.text)]
        readable = True
        try:
            self._hidden_characters()
            self._events()
            if not self.documents:
                self._error(0, (), "the file is empty", "a policy starts with 'weir: 1'")
                readable = False
        except _Stop:
            readable = False
        return Source(self.name, self.root if readable else None, self.lines, tuple(self.errors), readable)

    def _hidden_characters(self) -> None:
        for match in _HIDDEN.finditer(self.text):
            code = f"U+{ord(match.group()):04X}"
            self._error(match.start(), (), f"the invisible character {code} hides what is written", "delete it")

    def _events(self) -> None:
        loader = yaml.SafeLoader("")
        try:
            loader = yaml.SafeLoader(self.text)
            while loader.check_event():
                event: ev.Event = loader.get_event()  # type: ignore[no-untyped-call]
                self._event(event)
        except yaml.reader.ReaderError as error:
            self._stop(
                error.position, "a control character stands here", "delete it, or write it as an escape in quotes"
            )
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._syntax(mark.index if mark else 0, error.problem or "")
        except (ValueError, OverflowError):
            self._stop(loader.index, "an escape names no character", "write the character itself")
        finally:
            loader.dispose()

    def _syntax(self, index: int, problem: str) -> NoReturn:
        char = self.text[index : index + 1]
        if char == "\t":
            self._stop(index, "a tab stands where YAML wants spaces", "indent with spaces")
        if "*" in self.text[max(index - 1, 0) : index + 1] and "alphabetic" in problem:
            self._stop(index, "'*' starts an alias in YAML", 'quote the key or value: "*"')
        if "cannot start any token" in problem:
            self._stop(index, f"plain text cannot start with {char!r} in YAML", "quote the key or value")
        short = re.sub(r"\s+", " ", problem)[:80]
        self._stop(index, f"not valid YAML: {short}", "check the indentation, quotes and brackets before this line")

    def _event(self, event: ev.Event) -> None:
        if isinstance(event, ev.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._stop(_start(event), "a second document starts here", "keep one policy in one file")
            if event.tags:
                self._error(_start(event), (), "%TAG is not allowed", "remove it")
        elif isinstance(event, ev.NodeEvent):
            self._node(event)
        elif isinstance(event, ev.CollectionEndEvent):
            self._close()

    def _node(self, event: ev.NodeEvent) -> None:
        index = _start(event)
        path = self._path()
        if isinstance(event, ev.AliasEvent):
            self._error(
                index, path, "aliases (*name) are not allowed", "write the value out; quote a path that starts with '*'"
            )
            self._put("alias", index)
            return
        if event.anchor:
            self._error(index, path, "anchors (&name) are not allowed", "remove it and write each value out")
        if isinstance(event, (ev.ScalarEvent, ev.CollectionStartEvent)) and event.tag is not None:
            self._error(index, path, "tags (!name) are not allowed", "remove it")
        if isinstance(event, ev.ScalarEvent):
            self._scalar(event)
        else:
            self._open({} if isinstance(event, ev.MappingStartEvent) else [], index)

    def _path(self) -> NodePath:
        if not self.stack:
            return ()
        frame = self.stack[-1]
        if isinstance(frame.value, list):
            return (*frame.path, len(frame.value))
        return frame.path if frame.key is None else (*frame.path, frame.key)

    def _wants_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def _open(self, value: dict[str, Any] | list[Any], index: int) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self._stop(index, f"nested deeper than {MAX_DEPTH} levels", "a policy needs 7")
        is_key = self._wants_key()
        if is_key:
            self._error(index, self._path(), "a list or mapping cannot be a key", "keys are text")
        path = self._path()
        if not is_key:
            self.lines.setdefault(path, self._line(index))
        self.stack.append(_Frame(path, value, is_key=is_key))

    def _close(self) -> None:
        frame = self.stack.pop()
        if frame.is_key:
            self._put("?", 0)
        else:
            self._put(frame.value, 0)

    def _scalar(self, event: ev.ScalarEvent) -> None:
        index = _start(event)
        if self._wants_key():
            self._key(event, index)
            return
        path = self._path()
        text = event.value
        if any("\ud800" <= char <= "\udfff" for char in text):
            self._error(index, path, "an escape names half a character (a surrogate)", "write the character itself")
            text = "?"
        if event.style is not None:
            self._put(text, index)
            return
        if text == "":
            self._error(
                index,
                path,
                "no value is given",
                "give one, or remove the key; an empty list is [], an empty mapping {}",
            )
        value, problem, hint = resolve(text)
        if problem:
            self._error(index, path, problem, hint)
        self._put(value, index)

    def _key(self, event: ev.ScalarEvent, index: int) -> None:
        frame = self.stack[-1]
        assert isinstance(frame.value, dict)
        key = event.value
        if event.style is None:
            value, problem, hint = resolve(key)
            if problem:
                self._error(index, (*frame.path, key), problem, hint)
            elif key == "<<":
                self._error(index, frame.path, "merge keys (<<) are not allowed", "write the keys out")
                frame.key, frame.lost = key, True
                return
            elif not isinstance(value, str):
                self._error(index, (*frame.path, key), "a key must be text", f'quote it: "{key}"')
        if any("\ud800" <= char <= "\udfff" for char in key):
            self._error(
                index, frame.path, "an escape names half a character (a surrogate)", "write the character itself"
            )
            key = "?"
        frame.key = key
        frame.lost = key in frame.value
        path = (*frame.path, key)
        if frame.lost:
            self._error(
                index, path, f"the key is given twice; first on line {self.lines[path]}", "remove one of the two"
            )
        self.lines.setdefault(path, self._line(index))

    def _put(self, value: Any, index: int) -> None:
        if not self.stack:
            self.root = value
            self.lines.setdefault((), self._line(index))
            return
        frame = self.stack[-1]
        if isinstance(frame.value, list):
            self.lines.setdefault((*frame.path, len(frame.value)), self._line(index))
            frame.value.append(value)
        elif frame.key is None:
            frame.key, frame.lost = str(value), True
        else:
            if not frame.lost:
                frame.value[frame.key] = value
            frame.key, frame.lost = None, False

    def _line(self, index: int) -> int:
        return bisect_left(self.breaks, index) + 1

    def _error(self, index: int, path: NodePath, message: str, hint: str) -> None:
        if len(self.errors) == MAX_ERRORS:
            raise _Stop
        self.errors.append(PolicyError(self.name, self._line(index), show_path(path), message, hint))

    def _stop(self, index: int, message: str, hint: str) -> NoReturn:
        self._error(index, self._path(), message, hint)
        raise _Stop


def _start(event: ev.Event) -> int:
    """Index of the event's first character; the scanner of PyYAML always gives one."""
    return event.start_mark.index if event.start_mark else 0


def resolve(text: str) -> tuple[Any, str, str]:
    """Reads a plain (unquoted) scalar.

    Returns: (value, problem, hint); the problem is empty when YAML 1.1 and 1.2 agree. A timestamp stays text.

    >>> resolve("42"), resolve("2026-01-01")
    ((42, '', ''), ('2026-01-01', '', ''))
    >>> resolve("12:30")
    ('12:30', 'a number in one version of YAML and text in another', 'quote it, or write a plain decimal number')
    """
    if text == "" or text in _NULLS:
        return None, "", ""
    if text in _BOOLEANS:
        return _BOOLEANS[text], "", ""
    if text.lower() in _WORDS_OF_1_1:
        problem = f"{show_word(text)} is a boolean in YAML 1.1 and text in YAML 1.2"
        return text, problem, f'quote it ("{text}")'
    if _INT.fullmatch(text):
        return _int(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    if _ODD_NUMBER.fullmatch(text):
        return text, "a number in one version of YAML and text in another", "quote it, or write a plain decimal number"
    return text, "", ""


def _int(text: str) -> tuple[Any, str, str]:
    if len(text) <= 20 and -(2**63) <= int(text) < 2**63:
        return int(text), "", ""
    return 0, "the number is beyond 64 bits", "quote it if it is text"


def _float(text: str) -> tuple[Any, str, str]:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return 0.0, "the number is beyond what a 64-bit float holds", "quote it if it is text"
    return value, "", ""
