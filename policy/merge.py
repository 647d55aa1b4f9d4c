"""Merging packs into a policy. The policy overrides a pack; two packs that disagree are an error."""

from dataclasses import dataclass, field
from typing import Any

from policy.errors import NodePath, Origins, Place, PolicyError
from policy.model import Pack, Policy, Recognizer
from policy.yaml_source import Source


@dataclass(frozen=True)
class Part:
    """A policy or pack together with the file that it was read from."""

    model: Pack
    source: Source

    def place(self, path: NodePath) -> Place:
        """Where the node stands in the file."""
        return Place(self.source.name, self.source.lines.get(path, 1), path)


@dataclass
class _Merge:
    parts: list[Part]
    places: dict[NodePath, Place] = field(default_factory=dict)
    errors: list[PolicyError] = field(default_factory=list)
    notes: list[PolicyError] = field(default_factory=list)

    def keep(self, part: Part, old: NodePath, new: NodePath) -> None:
        """Notes that the node at `new` of the merged policy, with all beneath it, stands at `old` in this file."""
        for path, line in part.source.lines.items():
            if path[: len(old)] == old:
                self.places.setdefault(new + path[len(old) :], Place(part.source.name, line, path))

    def clash(self, part: Part, path: NodePath, other: Part) -> None:
        message = f"disagrees with {other.source.name}"
        self.errors.append(part.source.error(path, message, "say in the policy itself which one holds"))


def merge(policy: Part, packs: list[Part]) -> tuple[Policy, list[PolicyError]]:
    """The policy with its packs merged in, and where the packs disagree.

    Entities and field rules are merged key by key, recognizers name by name; of the field rules the policy's own stand
    first, then those of the packs in the order of inclusion. Countries are the policy's, or those that all packs name.
    """
    assert isinstance(policy.model, Policy)
    work = _Merge([policy, *packs])
    work.keep(policy, (), ())
    merged: dict[str, Any] = {
        "entities": _mapping(work, "entities"),
        "fields": _mapping(work, "fields"),
        "recognizers": _recognizers(work),
        "countries": _countries(work),
    }
    _lowered(work, policy.model)
    result = policy.model.model_copy(update=merged).with_origins(Origins(work.places, tuple(work.notes)))
    return result, work.errors


def _mapping(work: _Merge, name: str) -> dict[str, str]:
    merged: dict[str, str] = {}
    owners: dict[str, Part] = {}
    for part in work.parts:
        for key, value in getattr(part.model, name).items():
            owner = owners.setdefault(key, part)
            if owner is part:
                merged[key] = value
                work.keep(part, (name, key), (name, key))
            elif owner is not work.parts[0] and merged[key] != value:
                work.clash(part, (name, key), owner)
    return merged


def _recognizers(work: _Merge) -> list[Recognizer]:
    merged: list[Recognizer] = []
    owners: dict[str, tuple[Part, Recognizer]] = {}
    for part in work.parts:
        for index, recognizer in enumerate(part.model.recognizers):
            owner, first = owners.setdefault(recognizer.label, (part, recognizer))
            if first is recognizer:
                path = ("recognizers", len(merged))
                work.places = {k: v for k, v in work.places.items() if k[:2] != path}
                work.keep(part, ("recognizers", index), path)
                merged.append(recognizer)
            elif owner is part:
                message = f"a second recognizer of the name '{recognizer.label}'"
                work.errors.append(
                    part.source.error(("recognizers", index), message, "give each one a 'name' of its own")
                )
            elif owner is not work.parts[0] and first != recognizer:
                work.clash(part, ("recognizers", index), owner)
    return merged


def _countries(work: _Merge) -> list[str] | None:
    if work.parts[0].model.countries is not None:
        return work.parts[0].model.countries
    choosers = [part for part in work.parts if part.model.countries is not None]
    for part in choosers[1:]:
        if set(part.model.countries or ()) != set(choosers[0].model.countries or ()):
            work.clash(part, ("countries",), choosers[0])
    if not choosers:
        return None
    work.keep(choosers[0], ("countries",), ("countries",))
    return choosers[0].model.countries


def _lowered(work: _Merge, policy: Policy) -> None:
    """Warns of an entity that the policy values lower than a pack that it includes."""
    own = work.parts[0]
    for part in work.parts[1:]:
        for entity, level in part.model.entities.items():
            mine = policy.entities.get(entity, level)
            if (
                mine in policy.levels
                and level in policy.levels
                and policy.levels.index(mine) < policy.levels.index(level)
            ):
                message = f"'{mine}' is below '{level}', the level that {part.source.name} gives it"
                work.notes.append(own.source.error(("entities", entity), message, "make sure that this is meant"))
