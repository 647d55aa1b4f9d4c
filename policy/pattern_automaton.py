r"""The automaton of a regular expression: a state for each character that it writes (Glushkov, 1961).

Bounded repeats are written out, so that the ways through the automaton are those that backtracking tries. A
condition that concerns the characters beside it (`\\b`, `(?!\\d)`) stands at the edges; other look-arounds are
expressions of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from policy.pattern_tree import UNBOUNDED, Node, UnreadableError

WRITTEN_OUT = 64
"""The highest count of a repeat that is written out; above it, it has no bound for our purpose."""
_MOST_STATES = 4000
_MOST_EDGES = 200_000
ONCE = ""
"""Stands in place of what a state's character must be: for an atomic group, which matches in one way."""


class Guard(NamedTuple):
    """A condition between two characters.

    Attributes:
        kind: `boundary`, `next`, `before`, or `unknown`, which may hold or not.
        positive: what must be the case.
        source: the character that must be, or must not be, next or before.
        flags: its flags.
    """

    kind: str
    positive: bool = True
    source: str = ""
    flags: int = 0


Guards = tuple[Guard, ...]
"""Conditions that must all hold."""

Link = tuple[int, Guards]
"""A state, and the conditions on the way to it."""


@dataclass
class _Fragment:
    """The states that a part of an expression can begin and end with, and the ways through it without a character."""

    first: list[Link] = field(default_factory=list)
    last: list[Link] = field(default_factory=list)
    empty: set[Guards] = field(default_factory=lambda: {()})


class Automaton:
    """The automaton of an expression.

    Attributes:
        atoms: per state, what its character must be, as written, and the flags.
        places: per state, where its character is written.
        spans: per state, the outermost repeat around it, as first and last offset (half-open).
        edges: per state, the states that may follow, one entry for each way.
        start: the states that it may begin with.
        final: the states at which it may end without a condition.
        repeats: the states of each repeat that can match in more than one way.
        endless: those of them that have no bound.
        inner: the parts that are expressions of their own: look-arounds and atomic groups.
    """

    def __init__(self, tree: Node) -> None:
        self.atoms: list[tuple[str, int]] = []
        self.places: list[int] = []
        self.spans: list[tuple[int, int]] = []
        self.edges: list[list[Link]] = []
        self.repeats: dict[tuple[int, int], range] = {}
        self.endless: set[tuple[int, int]] = set()
        self.inner: list[Node] = []
        self._edges = 0
        self._around: tuple[int, int] | None = None
        whole = self._part(tree)
        self.start = whole.first
        self.final = {state for state, guards in whole.last if not guards}

    def _part(self, node: Node) -> _Fragment:
        if node.kind == "sequence":
            return self._sequence(node.parts)
        if node.kind == "either":
            parts = [self._part(part) for part in node.parts]
            empty = {guards for part in parts for guards in part.empty}
            return _Fragment([f for p in parts for f in p.first], [e for p in parts for e in p.last], empty)
        if node.kind == "repeat":
            return self._repeat(node)
        if node.kind == "atomic":
            return self._atomic(node)
        if node.kind in ("look", "edge"):
            return _Fragment(empty={(self._condition(node),)})
        return self._atom(node.text, node.flags, node)

    def _atom(self, text: str, flags: int, node: Node) -> _Fragment:
        state = len(self.atoms)
        if state >= _MOST_STATES:
            raise UnreadableError("the expression is too large")
        self.atoms.append((text, flags))
        self.places.append(node.start)
        self.spans.append(self._around or (node.start, node.end))
        self.edges.append([])
        return _Fragment([(state, ())], [(state, ())], set())

    def _sequence(self, parts: Iterable[Node]) -> _Fragment:
        whole = _Fragment()
        for part in parts:
            whole = self._joined(whole, self._part(part))
        return whole

    def _joined(self, left: _Fragment, right: _Fragment) -> _Fragment:
        self._link(left.last, right.first)
        first = left.first + [(state, over + guards) for over in left.empty for state, guards in right.first]
        last = right.last + [(state, guards + over) for over in right.empty for state, guards in left.last]
        empty = {one + other for one in left.empty for other in right.empty}
        return _Fragment(first, last, set(islice(sorted(empty), 4)))

    def _link(self, ends: list[Link], begins: list[Link]) -> None:
        for state, guards in ends:
            self.edges[state] += [(target, guards + further) for target, further in begins]
        self._edges += len(ends) * len(begins)
        if self._edges > _MOST_EDGES:
            raise UnreadableError("the expression is too large")

    def _repeat(self, node: Node) -> _Fragment:
        outside, (body,), begin = self._around, node.parts, len(self.atoms)
        varies = node.most > 1 and (node.least != node.most or _varies(body))
        if varies:
            self._around = outside or (node.start, node.end)
        least = min(node.least, WRITTEN_OUT)
        whole = _Fragment()
        for _ in range(least if node.most <= WRITTEN_OUT else max(least - 1, 0)):
            whole = self._joined(whole, self._part(body))
        if node.most > WRITTEN_OUT:
            whole = self._joined(whole, self._loop(body, least == 0))
        else:
            whole = self._joined(whole, self._optional(body, node.most - least))
        if varies:
            self.repeats.setdefault((node.start, node.end), range(begin, len(self.atoms)))
            self.endless |= {(node.start, node.end)} if node.most > WRITTEN_OUT else set()
        self._around = outside
        return whole

    def _loop(self, body: Node, optional: bool) -> _Fragment:
        loop = self._part(body)
        self._link(loop.last, loop.first)
        return _Fragment(loop.first, loop.last, {()} if optional else loop.empty)

    def _optional(self, body: Node, times: int) -> _Fragment:
        """Up to some times: `(x(x(x)?)?)?`, in which there is one way for each count."""
        whole = _Fragment()
        for _ in range(times):
            whole = self._joined(self._part(body), whole)
            whole = _Fragment(whole.first, whole.last, {()})
        return whole

    def _atomic(self, node: Node) -> _Fragment:
        """What is tried once. The repeat of one character ends where no further one stands; others are as unique as
        a character that nothing else matches."""
        body = _bare(node.parts[0])
        single = _bare(body.parts[0]) if body.kind == "repeat" else body
        if single.kind != "atom":
            self.inner.append(body)
            return self._atom(ONCE, 0, node)
        if body.kind == "atom" or body.most != UNBOUNDED:
            return self._part(body)
        part = self._part(body)
        guard = Guard("next", False, single.text, single.flags)
        last = [(state, (*guards, guard)) for state, guards in part.last]
        return _Fragment(part.first, last, {(*guards, guard) for guards in part.empty})

    def _condition(self, node: Node) -> Guard:
        if node.kind == "edge":
            known = node.text in ("\\b", "\\B")
            return Guard("boundary", node.text == "\\b") if known else Guard("unknown")
        body = _bare(node.parts[0])
        if body.kind == "atom":
            return Guard("next" if node.direction > 0 else "before", node.positive, body.text, body.flags)
        self.inner.append(body)
        return Guard("unknown")


def _bare(node: Node) -> Node:
    """A part without the groups around it that say nothing."""
    while node.kind == "sequence" and len(node.parts) == 1:
        (node,) = node.parts
    return node


def _varies(node: Node) -> bool:
    """True when a part can match texts of more than one form."""
    return node.kind == "either" or (node.kind == "repeat" and node.least != node.most) or any(map(_varies, node.parts))
