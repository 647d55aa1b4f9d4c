"""From plain data to a model: pydantic's errors become located errors, in our words and without values."""

import re
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from policy.errors import NodePath, PolicyError, did_you_mean, kind, one_of, show_word
from policy.model import Audit, Evidence, FieldEvidence, Model, Pack, Pattern, Policy, Quarantine, Recognizer, Segment
from policy.yaml_source import Source

ModelT = TypeVar("ModelT", bound=BaseModel)
"""The model that the data becomes."""

_EXPECTED = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
}
_BOUNDS = {
    "greater_than": ("must be greater than", "gt"),
    "greater_than_equal": ("must be at least", "ge"),
    "less_than": ("must be less than", "lt"),
    "less_than_equal": ("must be at most", "le"),
}
_NODES: dict[tuple[str, ...], type[BaseModel]] = {
    ("segments", "*"): Segment,
    ("recognizers", "*"): Recognizer,
    ("recognizers", "*", "patterns", "*"): Pattern,
    ("models", "*"): Model,
    ("evidence",): Evidence,
    ("evidence", "fields", "*"): FieldEvidence,
    ("fields", "*"): FieldEvidence,
    ("audit",): Audit,
    ("quarantine",): Quarantine,
}
_ELSEWHERE = {
    "table": "sink",
    "mask": "masks",
    "fail": "unknown_fields",
    "rules": "fields",
    "default": "default_mask",
    "outputs": "segments",
    "pattern": "patterns",
    "regexp": "regex",
}
"""Words that people try, and the key that is meant."""


def build(model: type[ModelT], source: Source) -> tuple[ModelT | None, list[PolicyError]]:
    """The model of the source's value, and everything that is wrong with it.

    With unknown keys alone the model is still given, without them, so that its meaning can be checked in the same run.
    What is already wrong as YAML is not reported again.
    """
    try:
        return model.model_validate(source.value), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    known = {error.path for error in source.errors}
    errors = [error for error in (_located(model, source, detail) for detail in details) if error.path not in known]
    if any(detail["type"] != "extra_forbidden" for detail in details):
        return None, errors
    return model.model_validate(_without(source.value, [detail["loc"] for detail in details])), errors


def _without(value: Any, paths: list[tuple[str | int, ...]]) -> Any:
    copy = deepcopy(value)
    for path in paths:
        node = copy
        for step in path[:-1]:
            node = node[step]
        node.pop(path[-1], None)
    return copy


def _located(model: type[BaseModel], source: Source, detail: ErrorDetails) -> PolicyError:
    path = tuple(step for step in detail["loc"] if step != "[key]")
    if detail["type"] != "extra_forbidden":
        return source.error(path, *describe(detail))
    node = _NODES.get(_shape_of(path[:-1]), model)
    return source.error(path, *_unknown_key(node, path))


def _shape_of(path: NodePath) -> tuple[str, ...]:
    """The path with `*` for names and indexes. Under `evidence` there is one key more before the names begin."""
    shift = 1 if path[:1] == ("evidence",) else 0
    return tuple("*" if index > shift and (index - shift) % 2 else str(step) for index, step in enumerate(path))


def _unknown_key(node: type[BaseModel], path: NodePath) -> tuple[str, str]:
    key = str(path[-1])
    known = list(node.model_fields)
    if node is Pack and key in Policy.model_fields:
        return "this key is not for packs", "move it to the policy; a pack has no segments and includes nothing"
    meant = _ELSEWHERE.get(key)
    hint = f"did you mean '{meant}'?" if meant in known else did_you_mean(key, known)
    return "unknown key", hint or f"known are {one_of(sorted(known)).replace(' or ', ' and ')}"


def describe(detail: ErrorDetails) -> tuple[str, str]:
    """The message and the hint for one of pydantic's errors. Of the input only its kind is told."""
    problem, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if problem == "weir":
        return str(context["message"]), str(context["hint"])
    if problem == "missing":
        return "must be given", f"add '{detail['loc'][-1]}: ...'"
    if problem in _EXPECTED:
        hint = "quote it" if problem == "string_type" and isinstance(value, (bool, int, float)) else ""
        return f"{_EXPECTED[problem]}; got {kind(value)}", hint
    if problem in _BOUNDS:
        words, key = _BOUNDS[problem]
        return f"{words} {context[key]:g}", ""
    if problem in ("too_short", "string_too_short"):
        least = context["min_length"]
        return "must not be empty" if least == 1 else f"must have at least {least} entries", ""
    if problem in ("too_long", "string_too_long"):
        return f"must have at most {context['max_length']} entries", ""
    if problem in ("literal_error", "enum"):
        options = _quoted(context["expected"])
        return f"must be {one_of(options)}; got {show_word(value)}", did_you_mean(value, options)
    return _others(detail), ""


def _quoted(expected: str) -> list[str]:
    return re.findall(r"'([^']*)'", expected)


def _others(detail: ErrorDetails) -> str:
    """Masks bring models of their own: their message is shown unless it repeats the input."""
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    value = detail["input"]
    leaks = isinstance(value, (dict, list)) or (str(value) in message and len(str(value)) > 1)
    return f"is not valid ({detail['type']})" if leaks else message[:1].lower() + message[1:]
