"""Witnesses: what the place of a text says for or against a finding in it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from policy.path import Path
from policy.plan import Plan
from udfs.detect.evidence import Evidence
from udfs.detect.exact import Judge
from udfs.detect.place import supports, words_of
from udfs.detect.window import Ints

SURE = 0.7
"""From this score on, a finding stands against what its place says."""
_KNOWN = 1 << 14
"""Paths that are remembered."""
NO_FIELD = -1
"""The place of a text that stands in no field."""


class Fields(NamedTuple):
    """Where the texts of a batch stand.

    Attributes:
        place: per text, index of its path in `paths`, or `NO_FIELD`.
        paths: the paths.
    """

    place: Ints
    paths: Sequence[Path]


class Place(NamedTuple):
    """What a path says of findings there.

    Attributes:
        speaks_for: indexes of the recognizers for whose findings it is context.
        speaks_against: indexes of the recognizers whose findings are doubtful there.
    """

    speaks_for: frozenset[int] = frozenset()
    speaks_against: frozenset[int] = frozenset()


NOWHERE = Place()


class Witness:
    """Judges paths, each once. Under Presidio's judgement they say nothing.

    Args:
        plan: gives the languages, and the evidence on fields.
        judges: the active recognizers.
    """

    def __init__(self, plan: Plan, judges: Sequence[Judge]) -> None:
        self._languages = plan.languages
        self._evidence = Evidence(plan)
        self._judges = judges
        self._is_heard = plan.judgement != "presidio"
        self._place = lru_cache(maxsize=_KNOWN)(self._judged)

    def places(self, fields: Fields | None) -> dict[int, Place]:
        """What the paths of a batch say, by their index in `Fields.paths`; those that say nothing are left out."""
        if fields is None or not self._is_heard:
            return {}
        judged = {index: self._place(fields.paths[index]) for index in np.unique(fields.place).tolist() if index >= 0}
        return {index: place for index, place in judged.items() if place != NOWHERE}

    def asked(self, places: Mapping[int, Place], fields: Fields | None, quiet: Iterable[int]) -> dict[int, Ints]:
        """Per recognizer, the texts whose place speaks for it.

        Args:
            places: what the paths say.
            fields: where the texts stand.
            quiet: the recognizers to ask for.
        """
        asked: dict[int, Ints] = {}
        if fields is None or not places:
            return asked
        for recognizer in quiet:
            speaking = [index for index, place in places.items() if recognizer in place.speaks_for]
            if speaking:
                asked[recognizer] = np.flatnonzero(np.isin(fields.place, speaking))
        return asked

    def _judged(self, path: Path) -> Place:
        words, verdicts = words_of(path), self._evidence.of(path)
        speaks_for, speaks_against = set(), set()
        for number, judge in enumerate(self._judges):
            verdict = verdicts.get(judge.entity)
            if verdict == "for" or supports(judge.entity, judge.context, words, self._languages):
                speaks_for.add(number)
            elif verdict == "against" or supports("", judge.against, words, ()):
                speaks_against.add(number)
        return Place(frozenset(speaks_for), frozenset(speaks_against))
