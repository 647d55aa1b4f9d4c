"""A finding: what was found, where, by what. Never the value itself."""

from typing import NamedTuple


class Finding(NamedTuple):
    """A finding in one of the texts of a batch.

    Attributes:
        text: index of the text in the batch that was given to the detector.
        start: first code point of the span.
        end: one past the last code point (half-open).
        entity: Presidio's name of the entity.
        score: 0 to 1, rounded to two decimals.
        detector: name of the recognizer that found it.
    """

    text: int
    start: int
    end: int
    entity: str
    score: float
    detector: str
