"""Places: what the policy says of a path, worked out once for each path that a stream shows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from policy.path import EACH, Path, first_match, parse_path
from policy.plan import Plan
from udfs.records.paths import ROOT, PathTable, display, keys_of
from udfs.records.sheet import Ints

CLEAN, SCAN = -1, -2
"""Verdicts on a place that are not entities: known to be clean, and to be scanned."""


@dataclass(frozen=True)
class Envelope:
    """How change events look. A path of the policy is meant inside each image, inside the wrapping, and from the top.

    Attributes:
        images: where the record stands, before and after the change: an object, or null.
        wrappings: where the event stands when messages carry their schema.
        marks: where the kind of the change stands, a text; an event has one of them.
    """

    images: tuple[Path, ...]
    wrappings: tuple[Path, ...]
    marks: tuple[Path, ...]


ENVELOPES = {
    "debezium": Envelope(
        images=(("payload", "before"), ("payload", "after"), ("before",), ("after",)),
        wrappings=(("payload",),),
        marks=(("op",), ("payload", "op")),
    )
}
"""Envelopes of change events. Debezium: https://debezium.io/documentation/ (change event values)."""


class Places:
    """The plan's word on every path, as arrays over path numbers.

    Args:
        plan: the compiled policy.
        entities: names of its entities; a verdict is an index into them.
        envelope: a key of `ENVELOPES`, if records come in one.

    Attributes:
        paths: the paths' numbers.
        verdict: per path: the index of the entity that a field rule gives, CLEAN or SCAN.
        known: per path: True where a field rule covers it.
        named: per path: True where a field rule names exactly this path, so that its key is part of the schema.
        watched: per path: bit n is set where the path is the one of number n of `watched_paths`.
        marks: per path: True where an envelope has the kind of the change.
        images: per path: True for an image of an envelope, and for all inside one that is a list.
    """

    def __init__(self, plan: Plan, entities: list[str], envelope: str | None = None) -> None:
        self._envelope = ENVELOPES[envelope] if envelope else Envelope((), (), ())
        self._rules = [parse_path(rule.path) for rule in plan.fields]
        self._verdicts = [
            SCAN if f.scan else CLEAN if f.entity is None else entities.index(f.entity) for f in plan.fields
        ]
        self._bits = {path: number for number, path in enumerate(watched_paths(plan))}
        self._watched = [parse_path(path) for path in self._bits]
        self.policy_keys = keys_of([f.path for f in plan.fields] + watched_paths(plan))
        self.reset()

    def reset(self) -> None:
        """Forget all paths."""
        self.paths = PathTable()
        self.verdict: Ints = np.empty(0, np.int64)
        self.known: npt.NDArray[np.bool_] = np.empty(0, np.bool_)
        self.named: npt.NDArray[np.bool_] = np.empty(0, np.bool_)
        self.watched: Ints = np.empty(0, np.int64)
        self.marks: npt.NDArray[np.bool_] = np.empty(0, np.bool_)
        self.images: npt.NDArray[np.bool_] = np.empty(0, np.bool_)

    def learn(self) -> None:
        """Work out the paths that came since the last call."""
        paths = self.paths.paths[len(self.verdict) :]
        fresh = [self._judge(path) for path in paths]
        if not fresh:
            return
        verdict, known, named, watched = zip(*fresh, strict=True)
        self.verdict = np.concatenate([self.verdict, np.array(verdict, np.int64)])
        self.known = np.concatenate([self.known, np.array(known, np.bool_)])
        self.named = np.concatenate([self.named, np.array(named, np.bool_)])
        self.watched = np.concatenate([self.watched, np.array(watched, np.int64)])
        marks = [path in self._envelope.marks for path in paths]
        images = [self._is_image(path) for path in paths]
        self.marks = np.concatenate([self.marks, np.array(marks, np.bool_)])
        self.images = np.concatenate([self.images, np.array(images, np.bool_)])

    def _is_image(self, path: Path) -> bool:
        return any(path == image or path[: len(image) + 1] == (*image, EACH) for image in self._envelope.images)

    def _judge(self, path: Path) -> tuple[int, bool, bool, int]:
        around = (*self._envelope.images, *self._envelope.wrappings)
        inner = next((path[len(outer) :] for outer in around if path[: len(outer)] == outer), None)
        if inner == ():
            return SCAN, True, True, 0  # the image itself: null where there was no record, or is none any more
        ways = [path] if inner is None else [path, inner]
        watched = 0
        for number, other in enumerate(self._watched):
            if any(len(other) == len(way) and first_match([other], way) == 0 for way in ways):
                watched |= 1 << number
        rules = [(rule, way) for way in ways if (rule := first_match(self._rules, way)) is not None]
        if not rules:
            return SCAN, False, False, watched
        rule, way = min(rules, key=lambda found: found[0])
        steps = self._rules[rule]
        # A key that a rule meets by `*` is data, not schema.
        named = len(steps) == len(way) and isinstance(steps[-1], str)
        return self._verdicts[rule], True, named, watched

    def bit(self, path: str) -> int:
        """The number of a path of the plan among `watched_paths`."""
        return self._bits[path]

    def show(self, path: int, secret: set[int]) -> str:
        """A path as it may be shown; see `udfs.records.paths.display`.

        Args:
            path: its number.
            secret: numbers of paths whose last key holds a finding.
        """
        steps, hidden = self.paths.paths[path], set()
        while path != ROOT:
            if path in secret:
                hidden.add(len(self.paths.paths[path]) - 1)
            path = self.paths.parents[path]
        return display(steps, self.policy_keys, hidden)


def watched_paths(plan: Plan) -> list[str]:
    """The paths of all accept conditions and of all subjects, each once, in the plan's order."""
    accepts = [a.path for segment in plan.segments for a in segment.accept]
    subjects = [m.subject for segment in plan.segments for m in segment.masks.values() if m.subject is not None]
    return list(dict.fromkeys(accepts + subjects))
