"""The exact judgement of one recognizer on one text: what `recognizer.analyze()` finds, without its explanations.

The rules are those of presidio-analyzer 2.2.366: `PatternRecognizer`, `IbanRecognizer`,
`EntityRecognizer.remove_duplicates`. One thing differs on purpose: where Presidio skips a pattern that runs into its
timeout, and so misses what the pattern would have found, a `Judge` raises.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import regex
from presidio_analyzer import EntityRecognizer, PatternRecognizer
from presidio_analyzer.predefined_recognizers import IbanRecognizer, PhoneRecognizer

from udfs.detect import phone
from udfs.detect.gates import Gate, gates
from udfs.detect.recognizers import is_plain, overrides

TIMEOUT = 5.0
"""Seconds that one pattern may take for one text. A sound pattern takes microseconds."""

Span = tuple[int, int, float]
"""Start and end in code points (half-open), and the score, 0 to 1."""

_Check = Callable[[str], bool | float | None]


@dataclass(frozen=True)
class Judge:
    """One recognizer, ready to judge texts.

    Attributes:
        name: the recognizer's name.
        entity: what it finds.
        context: its context words in lower case.
        analyze: gives all spans of a text, duplicates removed. Raises whatever the recognizer raises, and TimeoutError.
        analyze_bare: the same, but leaves out what only a context word could raise to the threshold.

        gates: the patterns one of which a text must match for there to be a finding; None when that is not known.
    """

    name: str
    entity: str
    context: tuple[str, ...]
    analyze: Callable[[str], list[Span]]
    analyze_bare: Callable[[str], list[Span]]
    certain: bool
    gates: tuple[Gate, ...] | None


def judge(recognizer: EntityRecognizer, threshold: float, timeout: float = TIMEOUT) -> Judge:
    """Prepares a recognizer.

    Args:
        recognizer: one of Presidio's, or a policy's own.
        threshold: the lowest score that makes a finding.
        timeout: seconds that one pattern may take for one text.
    """
    context = tuple(word.lower() for word in recognizer.context or ())
    patterns = _compiled(recognizer)
    analyze = _analyzer(recognizer, patterns, timeout)
    bare, certain = analyze, True
    weak = any(score < threshold for _, score in patterns)
    if weak and is_plain(recognizer) and not overrides(recognizer, "validate_result"):
        strong = tuple((p, score) for p, score in patterns if score >= threshold)
        bare, certain = _analyzer(recognizer, strong, timeout), bool(strong)
    entity = recognizer.supported_entities[0]
    return Judge(recognizer.name, entity, context, analyze, bare, certain, gates(recognizer, threshold))


def _compiled(recognizer: EntityRecognizer) -> tuple[tuple[regex.Pattern[str], float], ...]:
    if not isinstance(recognizer, PatternRecognizer):
        return ()
    flags = recognizer.global_regex_flags
    return tuple((regex.compile(p.regex, flags=flags), p.score) for p in recognizer.patterns)


def _analyzer(
    recognizer: EntityRecognizer, patterns: Sequence[tuple[regex.Pattern[str], float]], timeout: float
) -> Callable[[str], list[Span]]:
    if is_plain(recognizer):
        return _plain(recognizer, patterns, timeout)
    if type(recognizer) is IbanRecognizer:
        return _iban(recognizer, patterns, timeout)
    if isinstance(recognizer, PhoneRecognizer) and phone.is_known(recognizer):
        find = phone.analyzer(recognizer)
        return lambda text: without_duplicates(find(text))
    return _foreign(recognizer)


def _plain(
    recognizer: Any, patterns: Sequence[tuple[regex.Pattern[str], float]], timeout: float
) -> Callable[[str], list[Span]]:
    """Patterns, then the recognizer's checks on each match, as `PatternRecognizer.__analyze_patterns`."""
    validate: _Check | None = recognizer.validate_result if overrides(recognizer, "validate_result") else None
    invalidate: _Check | None = recognizer.invalidate_result if overrides(recognizer, "invalidate_result") else None

    def analyze(text: str) -> list[Span]:
        found: list[Span] = []
        for pattern, score in patterns:
            group = "value" if "value" in pattern.groupindex else 0
            for match in pattern.finditer(text, timeout=timeout):
                start, end = match.span(group)
                if start == end:
                    continue
                final = score
                if validate is not None:
                    final = _validated(validate(text[start:end]), score)
                if invalidate is not None and invalidate(text[start:end]):
                    final = 0.0
                if final > 0:
                    found.append((start, end, final))
        return without_duplicates(found)

    return analyze


def _validated(verdict: bool | float | None, score: float) -> float:
    if verdict is None:
        return score
    return float(verdict)


def _iban(
    recognizer: IbanRecognizer, patterns: Sequence[tuple[regex.Pattern[str], float]], timeout: float
) -> Callable[[str], list[Span]]:
    """As `IbanRecognizer.__analyze_patterns`: of each match, the longest part (by group) that the checksum accepts."""

    def analyze(text: str) -> list[Span]:
        found = []
        for pattern, score in patterns:
            for match in pattern.finditer(text, timeout=timeout):
                best = next(_valid_parts(recognizer, text, match, score), None)
                if best is not None:
                    found.append(best)
        return found

    return analyze


def _valid_parts(recognizer: IbanRecognizer, text: str, match: regex.Match[str], score: float) -> Iterator[Span]:
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
