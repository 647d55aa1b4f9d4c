"""What a text must hold for a recognizer to find something in it: the patterns that the scan looks for."""

from collections.abc import Iterable
from typing import NamedTuple

import regex
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer
from presidio_analyzer.predefined_recognizers import IbanRecognizer, PhoneRecognizer, UrlRecognizer

from udfs.detect import phone
from udfs.detect.context import boosted
from udfs.detect.recognizers import is_plain, overrides

_DOT_ABOVE = "\u0307"
_IMPLIED = {UrlRecognizer: ("Standard Url", "Quoted URL", "Quoted Non-schema URL")}
"""Patterns that match only where another one of the recognizer does: these hold `Non schema URL` within them."""


class Gate(NamedTuple):
    """A pattern without which patterns of a recognizer find nothing, as the `regex` module takes it.

    Attributes:
        pattern: the expression.
        flags: its flags.
        certain: False when what it lets through reaches the threshold with a context word only.
        serves: indexes of the recognizer's patterns that find nothing without it. Empty where the recognizer judges a
            text by code of its own.
        near: True when every match of those patterns has a match of the gate in it, but for characters that they look
            ahead to.
    """

    pattern: str
    flags: int
    certain: bool
    serves: tuple[int, ...] = ()
    near: bool = False


def gates(recognizer: EntityRecognizer, threshold: float) -> tuple[Gate, ...] | None:
    """The gates of a recognizer: in a text that none of them matches, it finds nothing that reaches the threshold.

    Args:
        recognizer: one of Presidio's, one of our own, or a policy's.
        threshold: the lowest score that makes a finding.

    Returns:
        None when nothing is known of the recognizer's code.
    """
    if isinstance(recognizer, PhoneRecognizer) and phone.is_known(recognizer):
        expression = phone.gate(recognizer.supported_regions)
        return _within_reach(recognizer, [(Gate(expression, 0, True), recognizer.SCORE)], threshold)
    if type(recognizer) is IbanRecognizer:
        found = [(gate._replace(serves=(), near=False), score) for gate, score in _of_patterns(recognizer)]
        return _within_reach(recognizer, found, threshold)
    if is_plain(recognizer):
        return _within_reach(recognizer, _of_patterns(recognizer), threshold)
    return None


def _of_patterns(recognizer: PatternRecognizer) -> list[tuple[Gate, float]]:
    """A gate for each pattern that no other one implies, with the highest score of what it serves."""
    names = _IMPLIED.get(type(recognizer), ())
    implied = tuple(i for i, pattern in enumerate(recognizer.patterns) if pattern.name in names)
    best = max((recognizer.patterns[i].score for i in implied), default=0.0)
    flags = int(recognizer.global_regex_flags)
    return [
        (Gate(expression, flags, True, (i, *implied), near=True), max(pattern.score, best))
        for i, pattern in enumerate(recognizer.patterns)
        if i not in implied
        for expression in _expressions(recognizer, pattern)
    ]


def _expressions(recognizer: PatternRecognizer, pattern: Pattern) -> Iterable[str]:
    """The pattern, or each word of a deny list by itself: one pattern of thousands is too large for the scan."""
    is_list = pattern.name == "deny_list" and recognizer.deny_list
    return [regex.escape(word, special_only=False) for word in recognizer.deny_list] if is_list else [pattern.regex]


def _within_reach(
    recognizer: EntityRecognizer, found: Iterable[tuple[Gate, float]], threshold: float
) -> tuple[Gate, ...]:
    """Those that may reach the threshold, by themselves, by a check, or by a context word."""
    checked = overrides(recognizer, "validate_result")
    kept = []
    for gate, score in found:
        certain = checked or score >= threshold
        if certain or boosted(score) >= threshold:
            kept.append(gate._replace(certain=certain))
    return tuple(kept)


def context_gates(words: Iterable[str], gate: Gate) -> list[Gate]:
    """Gates in place of another, that match wherever `str.lower` of a text holds one of the words, in lower case.

    `str.lower` makes two characters of one in one case, the dotted capital I: the dot above then is not in the text.
    """
    patterns = (regex.escape(word).replace(_DOT_ABOVE, f"{_DOT_ABOVE}?") for word in words)
    return [Gate(pattern, int(regex.IGNORECASE), False, gate.serves) for pattern in patterns]
