r"""A regular expression of the `regex` module, read into a tree that keeps where each part was written.

Only the structure is read: sequences, alternatives, repeats, groups and look-arounds. What a single character must be
(`[a-z]`, `\d`, `x`) stays as it was written, for `regex` itself to judge.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import regex

UNBOUNDED = 1 << 30
"""The highest count of a repeat that has none."""

_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_ESCAPE = re.compile(
    r"\\(?:[pP](?:\{[^}]*\}|\w)|N\{[^}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|0[0-7]{0,2}|[\s\S])"
)
_CLASS = re.compile(r"\[\^?\]?(?:\\[\s\S]|\[:[^\]]*:\]|[^\]\\])*\]")
_NAMED = re.compile(r"\(\?P?<(\w+)>")
_NAMED_AGAIN = re.compile(r"\(\?P=(\w+)\)")
_FLAGS = re.compile(r"\(\?([imsu]*)(?:-([imsu]+))?([:)])")
_COMMENT = re.compile(r"\(\?#[^)]*\)")
_SUFFIXES = {"*": (0, UNBOUNDED), "+": (1, UNBOUNDED), "?": (0, 1)}
_LOOKS = {"(?=": (1, True), "(?!": (1, False), "(?<=": (-1, True), "(?<!": (-1, False)}
_FLAG_OF = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL, "u": regex.UNICODE}


class UnreadableError(ValueError):
    """The expression has a part that is not understood here: fuzzy matching, recursion."""


@dataclass(frozen=True)
class Node:
    """A part of an expression.

    Attributes:
        kind: `atom` (one character), `sequence`, `either`, `repeat`, `atomic`, `look`, or `edge` (`\\b`, `^`, …).
        start: first character in the expression.
        end: behind its last character.
        parts: the parts inside.
        text: as written, of an atom and an edge.
        flags: the flags of `regex` that hold for an atom.
        least: lowest count of a repeat.
        most: highest count of a repeat, or `UNBOUNDED`.
        direction: of a look-around: 1 looks ahead, -1 behind.
        positive: False for a look-around that forbids.
    """

    kind: str
    start: int
    end: int
    parts: tuple["Node", ...] = ()
    text: str = ""
    flags: int = 0
    least: int = 0
    most: int = 0
    direction: int = 0
    positive: bool = True


def read(pattern: str, flags: int) -> Node:
    r"""The tree of a valid expression.

    Args:
        pattern: as the `regex` module takes it.
        flags: its flags, as the `regex` module numbers them.

    Raises:
        UnreadableError: it has a part that is not understood.

    >>> tree = read(r"(?:\d+-)?x", regex.IGNORECASE)
    >>> [(part.kind, part.start, part.end) for part in tree.parts]
    [('repeat', 0, 9), ('atom', 9, 10)]
    """
    reader = _Reader(pattern)
    tree = reader.either(flags)
    if reader.at != len(pattern):
        raise UnreadableError("a parenthesis is not understood")
    return tree


@dataclass
class _Reader:
    pattern: str
    at: int = 0
    captured: list[Node | None] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)

    def either(self, flags: int) -> Node:
        start = self.at
        branches = [self._sequence(flags)]
        while self.pattern.startswith("|", self.at):
            self.at += 1
            branches.append(self._sequence(flags))
        return branches[0] if len(branches) == 1 else Node("either", start, self.at, tuple(branches))

    def _sequence(self, flags: int) -> Node:
        start = self.at
        items = tuple(self._items(flags))
        return Node("sequence", start, self.at, items)

    def _items(self, flags: int) -> Iterator[Node]:
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            if comment := _COMMENT.match(self.pattern, self.at):
                self.at = comment.end()
                continue
            item = self._item(flags)
            while repeated := self._repeated(item):
                item = repeated
            yield item

    def _item(self, flags: int) -> Node:
        start, char = self.at, self.pattern[self.at]
        if char == "(":
            return self._group(flags)
        if char == "\\":
            return self._escape(flags)
        if char in "^$":
            self.at += 1
            return Node("edge", start, self.at, text=char)
        of_class = _CLASS.match(self.pattern, self.at) if char == "[" else None
        if char == "[" and of_class is None:
            raise UnreadableError("a character class is not understood")
        self.at = of_class.end() if of_class else start + 1
        source = self.pattern[start : self.at]
        return Node("atom", start, self.at, text=source if of_class or char == "." else regex.escape(char), flags=flags)

    def _escape(self, flags: int) -> Node:
        found, start = _ESCAPE.match(self.pattern, self.at), self.at
        if found is None or self.pattern[start + 1] in "gLXRK":
            raise UnreadableError("an escape is not understood")
        self.at = found.end()
        if found[0][1] in "123456789":
            if self.pattern[self.at : self.at + 1].isdigit():
                raise UnreadableError("a back reference is not understood")
            return self._back(int(found[0][1:]))
        kind = "edge" if found[0][1] in "bBAZzmMG" else "atom"
        return Node(kind, start, self.at, text=found[0], flags=flags)

    def _back(self, number: int) -> Node:
        """A back reference matches something that its group matches."""
        group = self.captured[number - 1] if 0 < number <= len(self.captured) else None
        if group is None:
            raise UnreadableError("a back reference is not understood")
        return group

    def _group(self, flags: int) -> Node:
        start, text = self.at, self.pattern
        look = next((head for head in _LOOKS if text.startswith(head, start)), None)
        if look:
            direction, positive = _LOOKS[look]
            body = self._body(start + len(look), flags)
            return Node("look", start, self.at, (body,), direction=direction, positive=positive)
        if text.startswith("(?>", start):
            return Node("atomic", start, self.at, (self._body(start + 3, flags),))
        if of_flags := _FLAGS.match(text, start):
            return self._with_flags(of_flags, flags)
        if of_name := _NAMED_AGAIN.match(text, start):
            self.at = of_name.end()
            return self._back(self.names.get(of_name[1], 0))
        named = _NAMED.match(text, start)
        if not named and text.startswith("(?", start):
            raise UnreadableError("a group of its kind is not understood")
        number = len(self.captured)
        self.captured.append(None)
        if named:
            self.names[named[1]] = number + 1
        body = self._body(named.end() if named else start + 1, flags)
        self.captured[number] = body
        return body

    def _with_flags(self, found: re.Match[str], flags: int) -> Node:
        on, off, end = found[1], found[2] or "", found[3]
        scoped = flags
        for letter in on:
            scoped |= int(_FLAG_OF[letter])
        for letter in off:
            scoped &= ~int(_FLAG_OF[letter])
        if end == ":":
            return self._body(found.end(), scoped)
        if scoped != flags and scoped != flags | regex.UNICODE:
            raise UnreadableError("flags for the rest of an expression are not understood")
        self.at = found.end()
        return Node("sequence", found.start(), found.end())

    def _body(self, start: int, flags: int) -> Node:
        """What is in parentheses, spanning them too."""
        opened, self.at = self.at, start
        body = self.either(flags)
        if not self.pattern.startswith(")", self.at):
            raise UnreadableError("a parenthesis is not understood")
        self.at += 1
        return replace(body, start=opened, end=self.at)

    def _repeated(self, item: Node) -> Node | None:
        char = self.pattern[self.at : self.at + 1]
        counts = _SUFFIXES.get(char)
        if counts:
            self.at += 1
        elif char == "{":
            counts = self._counts()
        if counts is None:
            return None
        start, suffix = item.start, self.pattern[self.at : self.at + 1]
        self.at += suffix in ("?", "+") and suffix != ""
        repeat = Node("repeat", start, self.at, (item,), least=counts[0], most=counts[1])
        return Node("atomic", start, self.at, (repeat,)) if suffix == "+" else repeat

    def _counts(self) -> tuple[int, int] | None:
        """The counts of `{2,3}`; None for braces that are plain text."""
        found = _COUNT.match(self.pattern, self.at)
        if found is None:
            if re.match(r"\{[^}]*[a-z][^}]*\}", self.pattern[self.at :]):
                raise UnreadableError("fuzzy matching is not understood")
            return None
        if not found[1] and not found[3]:
            return None
        self.at = found.end()
        least = int(found[1] or 0)
        return least, least if not found[2] else int(found[3]) if found[3] else UNBOUNDED
