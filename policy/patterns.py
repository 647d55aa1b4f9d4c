r"""How long a regular expression can take: whether there are texts on which it tries far too many ways.

`regex` matches by backtracking: where a match fails, it tries every other way of matching what is behind it. Their
number is counted here, not timed, so that a policy compiles on every machine or on none. The expression becomes an
automaton whose states are its characters (Glushkov, 1961), with an edge for each way from one to the next; bounded
repeats are written out. On a text, the ways to each state follow from those before it. The texts to count on are made
from the expression: a way to one of its repeats, then the same few characters again and again. Among these are the
characters that lead from a state back to it in two ways, which is what makes an automaton exponentially ambiguous
(Weber and Seidl, "On the degree of ambiguity of finite automata", 1991).

A state from which the expression can end at once, under no condition, is not failed behind: ways to it count as one.
"""

from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from math import log2
from typing import NamedTuple

import regex

from policy.pattern_automaton import ONCE, Automaton, Guard
from policy.pattern_tree import UnreadableError, read

_REPETITIONS = 256
"""How often the characters of a text are repeated."""
_FEW = 48
"""How often at first: a text that does no harm then is left at that."""
_MOST_STEPS = 25
"""Steps above which a text takes too long, times the square of its length: a repeat that can begin anywhere takes half
of one. `regex` takes some ten millions in a second."""
_CUBIC = 2.5
"""The growth from which on a text takes too long however few its steps still are: two is the square, three the cube."""
_EXPONENTIAL = 8
"""The growth above which steps are said to grow exponentially."""
_MOST_TEXTS = 400
_MOST_VISITS = 100_000, 10_000
"""How many transitions of an automaton are looked at in search of texts, in all and for one repeat."""
_MOST_WORDS = 16
_LONGEST = 8
_ALONE = "\ue000"
"""The character of an atomic group."""
_WORD = r"\w", 0
_PROBE = "a 1\n-ä"
r"""A text in which expressions such as `\b\d*` match nothing at all somewhere."""
_SAMPLE = "".join(map(chr, range(9, 14))) + "".join(map(chr, range(32, 256))) + "ſİıΣςж٣中–’\u2028"
"""Characters that expressions tell apart, besides those that they name."""


class Hazard(NamedTuple):
    """Why an expression can take too long.

    Attributes:
        start: the first character of the part that does, from 0.
        end: behind its last character.
        degree: the power of the text's length that the steps grow with, or None where they grow exponentially.
        steps: how many there are on a text of a few hundred characters.
    """

    start: int
    end: int
    degree: int | None
    steps: int


@lru_cache(maxsize=1024)
def hazard(pattern: str, flags: int) -> Hazard | None:
    r"""The worst part of an expression, or None when no text is known on which it takes too long.

    Args:
        pattern: a valid expression of the `regex` module.
        flags: its flags, as the `regex` module numbers them.

    Raises:
        UnreadableError: the expression has a part that is not understood, or is too large.

    >>> hazard(r"id-(\d+)+x", int(regex.IGNORECASE))[:3]
    (3, 9, None)
    >>> hazard(r"\d+\d+x", int(regex.IGNORECASE))[:3]
    (0, 6, 3)
    >>> hazard(r"\d{1,9}\d+x", int(regex.IGNORECASE)) is hazard(r"\d++\d+x", int(regex.IGNORECASE)) is None
    True
    """
    try:
        waiting, worst = [read(pattern, flags)], None
        while waiting:
            automaton = Automaton(waiting.pop())
            waiting += automaton.inner
            found = _worst(automaton)
            if found is not None and (worst is None or found.steps > worst.steps):
                worst = found
    except RecursionError:
        raise UnreadableError("its groups are nested too deeply") from None
    return worst


def pattern_problem(pattern: str, flags: int) -> tuple[str, str] | None:
    """What is wrong with an expression, and what to do; None when nothing is, as far as it is understood.

    Args:
        pattern: any text.
        flags: flags of the `regex` module.

    >>> pattern_problem("a(b", 0)
    ('no valid regular expression: missing ) at character 4', 'single quotes keep backslashes as they are in YAML')
    >>> pattern_problem("(?:a+)+b", 0)[0]
    'characters 1 to 7 can match the same text in too many ways (exponential backtracking)'
    """
    try:
        compiled = regex.compile(pattern, flags)
    except regex.error as error:
        at = "" if error.pos is None else f" at character {error.pos + 1}"
        return f"no valid regular expression: {error.msg}{at}", "single quotes keep backslashes as they are in YAML"
    except (ValueError, OverflowError, RecursionError, MemoryError):
        return "no valid regular expression", "check its flags and counts"
    if any(match.start() == match.end() for match in compiled.finditer(_PROBE)) or compiled.match(""):
        return "the pattern matches the empty text", "make at least one part of it required"
    try:
        found = hazard(pattern, flags)
    except UnreadableError:
        return None
    return None if found is None else _told(found)


def not_understood(pattern: str, flags: int) -> str | None:
    """Why nothing is known of the time that a valid expression takes, or None where something is.

    >>> not_understood("(?:abc){e<=1}", 0)
    'fuzzy matching is not understood'
    """
    try:
        hazard(pattern, flags)
    except UnreadableError as error:
        return str(error)
    return None


def _told(found: Hazard) -> tuple[str, str]:
    if found.degree is None:
        how = "exponential backtracking"
    elif found.degree > 2:
        how = f"backtracking that grows with the text's length to the power of {found.degree}"
    else:
        how = f"{found.steps:.0e} steps on a few hundred characters"
    message = f"characters {found.start + 1} to {found.end} can match the same text in too many ways ({how})"
    return message, "bound its repeats with low counts, or let each match in one way: \\w++ or (?>...) never go back"


def _worst(automaton: Automaton) -> Hazard | None:
    """The hazard of the text that takes the most steps; the first one that grows exponentially is enough."""
    reader, worst = _Reader(automaton), None
    for before, again in islice(_texts(automaton, reader), _MOST_TEXTS):
        found = _taken(automaton, reader, before, again, _FEW)
        found = found and _taken(automaton, reader, before, again, _REPETITIONS)
        if found and (worst is None or found.steps > worst.steps):
            worst = found
            if worst.degree is None:
                break
    return worst


def _taken(automaton: Automaton, reader: "_Reader", before: str, again: str, times: int) -> Hazard | None:
    """The hazard of a text, if it is one."""
    half, _ = reader.steps(before + again * (times // 2))
    whole, hot = reader.steps(before + again * times)
    if not half:
        return None
    growth, length = log2(whole) - log2(half), len(before) + len(again) * times
    if whole <= _MOST_STEPS * length**2 and growth < _CUBIC:
        return None
    spans = [automaton.spans[state] for state in hot]
    degree = None if growth > _EXPONENTIAL else max(round(growth), 1)
    return Hazard(min(start for start, _ in spans), max(end for _, end in spans), degree, whole)


def _texts(automaton: Automaton, reader: "_Reader") -> Iterator[tuple[str, str]]:
    """Texts that may take long, each once: the way to a repeat, and what to repeat there."""
    ways, seen = _ways(reader), set()
    for span, states in automaton.repeats.items():
        if reader.visits > _MOST_VISITS[0]:
            break
        reached = [state for state in states if state in ways]
        if not reached:
            continue
        entry = min(reached, key=lambda state: (state in automaton.final, len(ways[state])))
        chars = sorted(set().union(*(reader.accepts[state] for state in reached)))
        twice = _ambiguous(automaton, reader, entry) if span in automaton.endless else ()
        for again in [*chars, *twice, *_words(automaton, reader, entry)]:
            if (ways[entry], again) not in seen:
                seen.add((ways[entry], again))
                yield ways[entry], again


def _ways(reader: "_Reader") -> dict[int | None, str]:
    """A shortest text to every state."""
    ways: dict[int | None, str] = {None: ""}
    waiting: deque[int | None] = deque([None])
    while waiting:
        state = waiting.popleft()
        for char in reader.alphabet:
            for target in reader.follow(state, ways[state][-1:], char):
                if target not in ways:
                    ways[target] = ways[state] + char
                    waiting.append(target)
    reader.visits = 0
    return ways


def _words(automaton: Automaton, reader: "_Reader", entry: int) -> Iterator[str]:
    """Short texts that lead from a state to itself, to where it is written out again, or to another repeat."""
    spans, here = automaton.spans, automaton.places[entry]
    waiting, most = deque([(entry, "")]), reader.visits + _MOST_VISITS[1]
    found: set[str] = set()
    while waiting and reader.visits < most and len(found) < _MOST_WORDS:
        state, word = waiting.popleft()
        for char in reader.alphabet:
            for target in reader.follow(state, word[-1:], char):
                longer = word + char
                other = spans[target] in automaton.repeats and spans[target] != spans[entry]
                if automaton.places[target] == here or other:
                    if len(longer) > 1 and longer not in found:
                        found.add(longer)
                        yield longer
                elif len(longer) < _LONGEST:
                    waiting.append((target, longer))


def _ambiguous(automaton: Automaton, reader: "_Reader", entry: int) -> Iterator[str]:
    """A text that leads from a state back to it in two ways, if there is one."""
    begin = entry, entry, "", False
    words = {begin: ""}
    waiting, most = deque([begin]), reader.visits + _MOST_VISITS[1]
    while waiting and reader.visits < most:
        node = waiting.popleft()
        one, other, before, parted = node
        for char in reader.alphabet:
            ones = [t for t in reader.follow(one, before, char) if t not in automaton.final]
            others = [t for t in reader.follow(other, before, char) if t not in automaton.final]
            for i, first in enumerate(ones):
                for j, second in enumerate(others):
                    split = parted or first != second or (one == other and i != j)
                    if split and first == second == entry:
                        yield words[node] + char
                        return
                    reached = first, second, char, split
                    if reached not in words:
                        words[reached] = words[node] + char
                        waiting.append(reached)


class _Reader:
    """Runs an automaton on texts, of one character of each kind that its expression can tell apart."""

    def __init__(self, automaton: Automaton) -> None:
        self.visits = 0
        self._automaton = automaton
        conditions = {g for links in (*automaton.edges, automaton.start) for _, guards in links for g in guards}
        named = {text for text, _ in automaton.atoms} | {guard.source for guard in conditions}
        sample = "".join(dict.fromkeys(_SAMPLE + "".join(named))) + _ALONE
        atoms = dict.fromkeys([*automaton.atoms, *((g.source, g.flags) for g in conditions if g.source), _WORD])
        self._matched = {atom: _matched(*atom, sample) for atom in atoms}
        kinds = {tuple(char in self._matched[atom] for atom in atoms): char for char in reversed(sample)}
        self.alphabet = "".join(sorted(char for kind, char in kinds.items() if any(kind)))
        accepted = {atom: self._matched[atom].intersection(self.alphabet) for atom in atoms}
        self.accepts = [accepted[atom] for atom in automaton.atoms]
        self._known: dict[tuple[int | None, str, str], list[int]] = {}

    def follow(self, state: int | None, before: str, char: str) -> list[int]:
        """The states that a character leads to, each as often as there are ways.

        Args:
            state: the state before; None at the beginning.
            before: the character before, or nothing.
            char: the character.
        """
        self.visits += 1
        key = state, before, char
        known = self._known.get(key)
        if known is None:
            links = self._automaton.start if state is None else self._automaton.edges[state]
            known = self._known[key] = [
                target
                for target, guards in links
                if char in self.accepts[target] and all(self._holds(guard, before, char) for guard in guards)
            ]
        return known

    def _holds(self, guard: Guard, before: str, char: str) -> bool:
        if guard.kind == "unknown":
            return True
        if guard.kind == "boundary":
            word = self._matched[_WORD]
            return ((before in word) != (char in word)) == guard.positive
        seen = char if guard.kind == "next" else before
        return (seen in self._matched[guard.source, guard.flags]) == guard.positive

    def steps(self, text: str) -> tuple[int, list[int]]:
        """How many ways there are to all states on a text, a match beginning anywhere, and which states have most."""
        ways: dict[int, int] = {}
        total, before = 0, ""
        for char in text:
            following: dict[int, int] = {}
            for state, count in [*ways.items(), (None, 1)]:
                for target in self.follow(state, before, char):
                    following[target] = following.get(target, 0) + count
            for state in self._automaton.final.intersection(following):
                following[state] = 1
            total += sum(following.values())
            ways, before = following, char
        most = max(ways.values(), default=0)
        return total, [state for state, count in ways.items() if count * len(text) >= most]


def _matched(source: str, flags: int, sample: str) -> frozenset[str]:
    if source == ONCE:
        return frozenset(_ALONE)
    return frozenset(regex.compile(source, flags).findall(sample.replace(_ALONE, "")))
