"""The corpus: texts with the spans of what they hold, made anew from a seed."""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from benchmarks.quality.fillers import FILLERS, MARKED
from benchmarks.quality.values import GENERIC, HOME, identifiers, value

_SLOT = re.compile(r"\{\{|\}\}|\{(\w+)\}")
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")


@dataclass(frozen=True)
class Span:
    """Where a value stands: start and end (half-open, code points), and what it is."""

    start: int
    end: int
    entity: str


@dataclass(frozen=True)
class Sample:
    """A text.

    Attributes:
        kind: labelled, bare, rows, field, nothing, nothing-field.
        text: what is searched.
        spans: what it holds.
        field: the field that it stands in, keys with dots between them; None for free text.
    """

    kind: str
    text: str
    spans: tuple[Span, ...] = ()
    field: str | None = None


@cache
def templates() -> dict[str, Any]:
    """The texts of `templates.yaml`."""
    loaded: dict[str, Any] = yaml.safe_load((HOME / "templates.yaml").read_text("utf-8"))
    return loaded


def entities() -> list[str]:
    """Every entity that the corpus has values of."""
    return [*GENERIC, *identifiers()]


def _row(entity: str) -> Mapping[str, Any]:
    return templates()["generic"][entity] | {"bare": True} if entity in GENERIC else identifiers()[entity]


def render(
    template: str, draw: random.Random, given: Mapping[str, tuple[str, str | None]]
) -> tuple[str, tuple[Span, ...]]:
    """A template with its slots filled.

    Args:
        template: text with slots.
        draw: the source of chance.
        given: by slot, what to put there, and the entity that it is, if it is one.

    Returns:
        The text, and its spans.

    >>> render("a {value}!", random.Random(1), {"value": ("x@y.org", "EMAIL_ADDRESS")})
    ('a x@y.org!', (Span(start=2, end=9, entity='EMAIL_ADDRESS'),))
    """
    text, at, spans = "", 0, []
    for match in _SLOT.finditer(template):
        text += template[at : match.start()]
        at = match.end()
        filling, entity = _filling(match, draw, given)
        if entity:
            spans.append(Span(len(text), len(text) + len(filling), entity))
        text += filling
    return text + template[at:], tuple(spans)


def _filling(
    match: re.Match[str], draw: random.Random, given: Mapping[str, tuple[str, str | None]]
) -> tuple[str, str | None]:
    name = match[1]
    if name is None:
        return match[0][0], None
    if name in given:
        return given[name]
    if name in MARKED:
        entity, make = MARKED[name]
        return make(draw), entity
    return FILLERS[name](draw), None


def _labelled(entity: str, draw: random.Random) -> Sample:
    row = _row(entity)
    language = draw.choice([key for key in row if len(key) == 2])
    texts = templates()["labelled"].get(language, templates()["labelled"]["other"])
    given = {"value": (value(entity, draw), entity), "label": (draw.choice(row[language]), None)}
    return Sample("labelled", *render(draw.choice(texts), draw, given))


def _bare(entity: str, draw: random.Random) -> Sample:
    return Sample("bare", *render(draw.choice(templates()["bare"]), draw, {"value": (value(entity, draw), entity)}))


def _row_sample(entity: str, draw: random.Random) -> Sample:
    given = {"value": (value(entity, draw), entity), "field": (draw.choice(_row(entity)["fields"]), None)}
    return Sample("rows", *render(draw.choice(templates()["rows"]), draw, given))


def _field(entity: str, draw: random.Random) -> Sample:
    text = value(entity, draw)
    return Sample("field", text, (Span(0, len(text), entity),), draw.choice(_row(entity)["fields"]))


def of_entity(entity: str, count: int, seed: int = 1) -> Iterator[Sample]:
    """Samples of one entity: beside what it is called, bare where it may be, in rows, and in fields.

    Args:
        entity: one of `entities()`.
        count: how many.
        seed: the source of chance.
    """
    draw = random.Random(f"{seed} {entity}")
    shapes = [_labelled, _labelled, _labelled, _bare if _row(entity).get("bare") else _labelled, _row_sample, _field]
    for number in range(count):
        yield shapes[number % len(shapes)](entity, draw)


def nothing(count: int, seed: int = 1) -> Iterator[Sample]:
    """Samples that hold nothing personal: texts, and fields of other names."""
    draw, known = random.Random(f"{seed} nothing"), templates()
    for number in range(count):
        if number % 4 == 3:
            field, template = draw.choice(list(known["fields"].items()))
            yield Sample("nothing-field", *render(template, draw, {}), field)
        else:
            yield Sample("nothing", *render(draw.choice(known["nothing"]), draw, {}))


def corpus(each: int, empty: int, seed: int = 1, only: tuple[str, ...] = ()) -> list[Sample]:
    """All of it.

    Args:
        each: samples of each entity.
        empty: samples that hold nothing personal.
        seed: the source of chance.
        only: entities; all, if empty.
    """
    chosen = [entity for entity in entities() if not only or entity in only]
    return [sample for entity in chosen for sample in of_entity(entity, each, seed)] + list(nothing(empty, seed))
