"""The exact judgement of one recognizer on one text: what `recognizer.analyze()` finds, without its explanations.

The rules are those of presidio-analyzer 2.2.366: `PatternRecognizer`, `IbanRecognizer`,
`EntityRecognizer.remove_duplicates`. One thing differs on purpose: where Presidio skips a pattern that runs into its
timeout, and so misses what the pattern would have found, a `Judge` raises.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import regex
from presidio_analyzer import EntityRecognizer, PatternRecognizer
from presidio_analyzer.predefined_recognizers import IbanRecognizer, PhoneRecognizer

from udfs.detect import phone
from udfs.detect.gates import Gate, gates
from udfs.detect.recognizers import is_plain, is_trusted, overrides
from udfs.detect.translate import NotTranslatableError, parse
from udfs.detect.window import Joined, Reach, reach

TIMEOUT = 5.0
"""Seconds that one pattern may take for one text. A sound pattern takes microseconds."""
_SHORT = 1024
"""Characters that a pattern of an installed recognizer is searched in without a clock."""
_BEFORE = 64
"""Characters before a stretch that a look-behind may see."""

Span = tuple[int, int, float]
"""Start and end in code points (half-open), and the score, 0 to 1."""

_Check = Callable[[str], bool | float | None]


Stretch = tuple[int, int, int, int]
"""Where to search: index of the text; in the joined texts its first offset, the first of the stretch, and the last."""
Hit = tuple[int, int, int, float]
"""Index of the text, start and end in code points of the text (half-open), and the score."""
Search = Callable[[Joined, Iterable[Stretch], list[Hit], dict[int, Exception]], None]
"""Searches stretches of joined texts, and adds what it finds, and by the index of the text what fails."""


@dataclass(frozen=True)
class Matcher:
    """One pattern of a recognizer.

    Attributes:
        search: searches stretches of joined texts.
        reach: how far its matches are from a hit, or None where it has to search whole texts.
        certain: False when only a context word could raise what it finds to the threshold.
    """

    search: Search
    reach: Reach | None
    certain: bool


@dataclass(frozen=True)
class Judge:
    """One recognizer, ready to judge texts.

    Attributes:
        name: the recognizer's name.
        entity: what it finds.
        context: its context words in lower case.
        against: words in lower case that drop a finding, unless a context word supports it.
        matchers: its patterns, or None where it has code of its own.
        analyze: gives all spans of a text, duplicates removed. Raises whatever the recognizer raises, and TimeoutError.
        gates: the patterns one of which a text must match for there to be a finding; None when that is not known.
    """

    name: str
    entity: str
    context: tuple[str, ...]
    against: tuple[str, ...]
    matchers: tuple[Matcher, ...] | None
    analyze: Callable[[str], list[Span]]
    gates: tuple[Gate, ...] | None


def judge(recognizer: EntityRecognizer, threshold: float, timeout: float = TIMEOUT) -> Judge:
    """Prepares a recognizer.

    Args:
        recognizer: one of Presidio's, one of our own, or a policy's.
        threshold: the lowest score that makes a finding.
        timeout: seconds that one pattern may take for one text.
    """
    matchers = tuple(_matchers(recognizer, threshold, timeout)) if is_plain(recognizer) else None
    return Judge(
        recognizer.name,
        recognizer.supported_entities[0],
        _lowered(recognizer.context),
        _lowered(getattr(recognizer, "against", ())),
        matchers,
        _analyzer(recognizer, matchers, timeout),
        gates(recognizer, threshold),
    )


def _lowered(words: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(word.lower() for word in words or ())


def _matchers(recognizer: Any, threshold: float, timeout: float) -> Iterator[Matcher]:
    """As `PatternRecognizer.__analyze_patterns`: a pattern, then the recognizer's checks on each match."""
    validate: _Check | None = recognizer.validate_result if overrides(recognizer, "validate_result") else None
    invalidate: _Check | None = recognizer.invalidate_result if overrides(recognizer, "invalidate_result") else None
    flags = int(recognizer.global_regex_flags)
    for pattern in recognizer.patterns:
        of = reach(pattern.regex, flags)
        final = _final(float(pattern.score), validate, invalidate)
        certain = pattern.score >= threshold or validate is not None
        expression = _expression(recognizer, pattern.regex, flags)
        yield Matcher(_search(expression, of, final, timeout), of, certain)


@dataclass
class _Expression:
    """A pattern.

    Attributes:
        pattern: as the `regex` module takes it.
        flags: its flags.
        quick: the pattern compiled by `re`, which takes a third of the time of `regex` to search; None where only
            `regex` can read it, or where it is not known to end soon, for `re` has no clock. It serves ASCII text:
            there the two agree, while their word characters differ in others (`re` knows no combining marks).
    """

    pattern: str
    flags: int
    quick: re.Pattern[str] | None

    @cached_property
    def exact(self) -> regex.Pattern[str]:
        """The pattern compiled by `regex`, which Presidio searches with. Many patterns never need it."""
        return regex.compile(self.pattern, self.flags)

    @property
    def group(self) -> str | int:
        """The group that is the value."""
        return "value" if "(?P<value>" in self.pattern else 0


def _expression(recognizer: EntityRecognizer, pattern: str, flags: int) -> _Expression:
    quick = None
    if is_trusted(recognizer):
        with suppress(NotTranslatableError, re.error):
            parse(pattern, flags)
            quick = re.compile(pattern, flags)
    return _Expression(pattern, flags, quick)


def _final(score: float, validate: _Check | None, invalidate: _Check | None) -> Callable[[str], float] | float:
    """What a match is worth: a number, or a judge of its text where the recognizer has checks."""
    if validate is None and invalidate is None:
        return score

    def final(value: str) -> float:
        worth = score if validate is None else _validated(validate(value), score)
        return 0.0 if invalidate is not None and invalidate(value) else worth

    return final


def _search(expression: _Expression, of: Reach | None, final: Callable[[str], float] | float, timeout: float) -> Search:
    """Searches each stretch, in the joined texts where that is the same, or in its text alone."""
    quick, group = expression.quick, expression.group
    ahead, alone = (0, True) if of is None else (of.ahead + (of.width or 0), of.alone)
    judge = final if callable(final) else lambda _: final

    def search(joined: Joined, stretches: Iterable[Stretch], hits: list[Hit], failed: dict[int, Exception]) -> None:
        text, offset = joined.text, 0
        for index, first, low, high in stretches:
            if alone:
                text, offset = joined.one(index), first
            low, stop, first = low - offset, high - offset, first - offset
            try:
                if quick is not None and stop - low < _SHORT and text[max(low - _BEFORE, 0) : stop + ahead].isascii():
                    matches = quick.finditer(text, low, stop + ahead)
                else:
                    matches = expression.exact.finditer(text, low, stop + ahead, timeout=timeout)
                for match in matches:
                    start, end = match.span(group)
                    score = judge(text[start:end]) if start < end and match.end() <= stop else 0.0
                    if score > 0:
                        hits.append((index, start - first, end - first, score))
                    if match.end() >= stop:
                        break
            except Exception as error:
                failed.setdefault(index, error)

    return search


def _analyzer(
    recognizer: EntityRecognizer, matchers: tuple[Matcher, ...] | None, timeout: float
) -> Callable[[str], list[Span]]:
    if matchers is not None:
        return _whole(matchers)
    if type(recognizer) is IbanRecognizer:
        return _iban(recognizer, timeout)
    if isinstance(recognizer, PhoneRecognizer) and phone.is_known(recognizer):
        find = phone.analyzer(recognizer)
        return lambda text: without_duplicates(find(text))
    return _foreign(recognizer)


def _whole(matchers: Iterable[Matcher]) -> Callable[[str], list[Span]]:
    """Searches a whole text for every pattern."""

    def analyze(text: str) -> list[Span]:
        found: list[Hit] = []
        failed: dict[int, Exception] = {}
        alone = Joined(text, np.zeros(1, np.int64), np.array([len(text)]))
        for matcher in matchers:
            matcher.search(alone, [(0, 0, 0, len(text))], found, failed)
        for error in failed.values():
            raise error
        return without_duplicates(hit[1:] for hit in found)

    return analyze


def _validated(verdict: bool | float | None, score: float) -> float:
    if verdict is None:
        return score
    return float(verdict)


def _iban(recognizer: PatternRecognizer, timeout: float) -> Callable[[str], list[Span]]:
    """As `IbanRecognizer.__analyze_patterns`: of each match, the longest part (by group) that the checksum accepts."""
    flags = recognizer.global_regex_flags
    patterns = [(regex.compile(p.regex, flags), p.score) for p in recognizer.patterns]

    def analyze(text: str) -> list[Span]:
        found = []
        for pattern, score in patterns:
            for match in pattern.finditer(text, timeout=timeout):
                best = next(_valid_parts(recognizer, text, match, score), None)
                if best is not None:
                    found.append(best)
        return found

    return analyze


def _valid_parts(recognizer: Any, text: str, match: regex.Match[str], score: float) -> Iterator[Span]:
    start = match.start()
    for group in range(pattern_groups(match), 0, -1):
        end = match.end(group) if match.end(group) > 0 else match.end()
        final = _validated(recognizer.validate_result(text[start:end]), score) if end > start else 0.0
        if final > 0:
            yield start, end, final


def pattern_groups(match: regex.Match[str]) -> int:
    """How many groups the pattern of a match has."""
    return match.re.groups


def _foreign(recognizer: EntityRecognizer) -> Callable[[str], list[Span]]:
    """A recognizer with code of its own: its own `analyze`."""
    entities = recognizer.supported_entities

    def analyze(text: str) -> list[Span]:
        return [(r.start, r.end, r.score) for r in recognizer.analyze(text, entities, None)]

    return analyze


def without_duplicates(spans: Iterable[Span]) -> list[Span]:
    """Removes every span of one entity that lies inside another with at least its score (`remove_duplicates`).

    >>> without_duplicates([(0, 9, 0.5), (0, 4, 0.5), (2, 5, 0.9), (0, 9, 0.5)])
    [(0, 9, 0.5), (2, 5, 0.9)]
    """
    spans = list(spans)
    if len(spans) < 2:
        return spans
    kept: list[Span] = []
    active: list[Span] = []
    for span in sorted(set(spans), key=lambda s: (s[0], s[0] - s[1], -s[2])):
        active = [other for other in active if other[1] >= span[0]]
        if not any(span[1] <= other[1] and span[2] <= other[2] for other in active):
            kept.append(span)
            active.append(span)
    return kept
