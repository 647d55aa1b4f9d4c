"""What a text must hold for a recognizer to find something in it: the patterns that the scan looks for."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import regex
from presidio_analyzer import EntityRecognizer, PatternRecognizer
from presidio_analyzer.predefined_recognizers import IbanRecognizer, PhoneRecognizer, UrlRecognizer

from udfs.detect import phone
from udfs.detect.context import boosted
from udfs.detect.recognizers import is_plain, overrides

_DOT_ABOVE = "\u0307"
_IMPLIED = {UrlRecognizer: ("Standard Url", "Quoted URL", "Quoted Non-schema URL")}
"""Patterns that match only where another one of the recognizer does: these hold `Non schema URL` within them."""


class Gate(NamedTuple):
    """A pattern without which a recognizer finds nothing, as the `regex` module takes it.

    Attributes:
        certain: False when what it finds reaches the threshold with a context word only.
    """

    pattern: str
    flags: int
    certain: bool


def gates(recognizer: EntityRecognizer, threshold: float) -> tuple[Gate, ...] | None:
    """The gates of a recognizer: in a text that none of them matches, it finds nothing that reaches the threshold.

    Args:
        recognizer: one of Presidio's, or a policy's own.
        threshold: the lowest score that makes a finding.

    Returns:
        None when nothing is known of the recognizer's code.
    """
    if isinstance(recognizer, PhoneRecognizer) and phone.is_known(recognizer):
        found = [(phone.gate(recognizer.supported_regions), 0, recognizer.SCORE)]
    elif type(recognizer) is IbanRecognizer or is_plain(recognizer):
        found = list(_of_patterns(recognizer))
    else:
        return None
    best = 1.0 if overrides(recognizer, "validate_result") else 0.0
    graded = [(pattern, flags, max(score, best)) for pattern, flags, score in found]
    within_reach = (g for g in graded if g[2] >= threshold or (recognizer.context and boosted(g[2]) >= threshold))
    return tuple(Gate(pattern, flags, score >= threshold) for pattern, flags, score in within_reach)


def _of_patterns(recognizer: PatternRecognizer) -> Iterator[tuple[str, int, float]]:
    implied = _IMPLIED.get(type(recognizer), ())
    for pattern in recognizer.patterns:
        if pattern.name not in implied:
            yield pattern.regex, int(recognizer.global_regex_flags), pattern.score


def context_gates(words: Iterable[str]) -> list[Gate]:
    """Gates that match wherever `str.lower` of a text holds one of the words, given in lower case.

    `str.lower` makes two characters of one in one case, the dotted capital I: the dot above then is not in the text.
    """
    patterns = (regex.escape(word).replace(_DOT_ABOVE, f"{_DOT_ABOVE}?") for word in words)
    return [Gate(pattern, int(regex.IGNORECASE), False) for pattern in patterns]
