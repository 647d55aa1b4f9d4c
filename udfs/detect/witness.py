"""Witnesses: what the place of a text says for or against a finding in it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from policy.path import Path
from policy.plan import Plan
from udfs.detect.exact import Judge
from udfs.detect.window import Ints

SURE = 0.7
"""From this score on, a finding stands against what its place says."""
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
    """Judges paths.

    Args:
        plan: gives the languages, and the evidence on fields.
        judges: the active recognizers.
    """

    def __init__(self, plan: Plan, judges: Sequence[Judge]) -> None:
        self._plan = plan
        self._judges = judges
        self._known: dict[Path, Place] = {}

    def places(self, fields: Fields | None) -> dict[int, Place]:
        """What the paths of a batch say, by their index in `Fields.paths`; those that say nothing are left out."""
        if fields is None:
            return {}
        return {}

    def asked(self, places: Mapping[int, Place], fields: Fields | None, quiet: Mapping[int, int]) -> dict[int, Ints]:
        """Per recognizer, the texts whose place speaks for it, of the recognizers that are quiet without context."""
        asked: dict[int, Ints] = {}
        if fields is None:
            return asked
        for recognizer in quiet:
            speaking = [index for index, place in places.items() if recognizer in place.speaks_for]
            if speaking:
                asked[recognizer] = np.flatnonzero(np.isin(fields.place, speaking))
        return asked
