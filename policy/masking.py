"""From a mask as the policy writes it (`redact`, `{keep_last: 4}`, `{pseudonym: {scope: growth}}`) to a `MaskPlan`."""

import re
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from policy.catalog import EXPOSURES, Catalog, MaskInfo, kind_of
from policy.errors import NodePath, PolicyError, did_you_mean, kind, one_of, show_word
from policy.model import Policy
from policy.path import PathError, parse_path
from policy.plan import MaskPlan
from policy.shape import describe
from policy.words import MaskCall

_SCOPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Call(NamedTuple):
    """A mask as written: its name, its parameters, and where they stand."""

    name: str
    value: Any
    path: NodePath


class Compiled(NamedTuple):
    """The plan of a mask, and the kinds of entities that it can mask; None for any."""

    plan: MaskPlan
    kinds: frozenset[str] | None


def compile_mask(
    policy: Policy, catalog: Catalog, path: NodePath, mask: MaskCall, segment: str
) -> tuple[Compiled | None, list[PolicyError]]:
    """The plan of the mask that stands at the path, or what is wrong with it."""
    call = _call(path, mask)
    info = catalog.masks.get(call.name)
    if info is None:
        hint = (
            did_you_mean(call.name, catalog.masks)
            or f"installed are {one_of(sorted(catalog.masks)).replace(' or ', ' and ')}"
        )
        return None, [policy.origins.error(path, f"unknown mask {show_word(call.name)}", hint)]
    params, errors = _params(policy, info, call)
    if params is None:
        return None, errors
    return _plan(policy, info, call, params, segment)


def _call(path: NodePath, mask: MaskCall) -> Call:
    if isinstance(mask, str):
        return Call(mask, {}, path)
    name, value = next(iter(mask.items()))
    return Call(name, {} if value is None else value, (*path, name))


def _params(policy: Policy, info: MaskInfo, call: Call) -> tuple[BaseModel | None, list[PolicyError]]:
    raw, where = call.value, call.path
    if not isinstance(raw, dict):
        if info.shorthand is None:
            message = f"the mask '{info.name}' takes no single value; got {kind(raw)}"
            return None, [
                policy.origins.error(where, message, f"write {{{info.name}: {{parameter: value}}}} or '{info.name}'")
            ]
        raw = {info.shorthand: raw}
    try:
        return info.params.model_validate(raw), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    known = list(info.params.model_fields)
    errors = []
    for detail in details:
        steps = tuple(step for step in detail["loc"] if step != "[key]")
        if detail["type"] == "missing":
            message, hint = "must be given", _usage(info, str(detail["loc"][-1]))
        elif detail["type"] == "extra_forbidden":
            message, hint = _unknown(detail["loc"], known)
        else:
            message, hint = describe(detail)
        errors.append(policy.origins.error((*where, *steps), message, hint))
    return None, errors


def _usage(info: MaskInfo, parameter: str) -> str:
    """How to give the mask the parameter that it lacks."""
    return (
        f"write {{{info.name}: ...}}" if parameter == info.shorthand else f"write {{{info.name}: {{{parameter}: ...}}}}"
    )


def _unknown(location: tuple[int | str, ...], known: list[str]) -> tuple[str, str]:
    parameters = f"it takes {one_of(known).replace(' or ', ' and ')}" if known else "it takes none"
    return "unknown parameter", did_you_mean(location[-1], known) or parameters


def misfits(catalog: Catalog, compiled: Compiled, entities: list[str]) -> list[str]:
    """Those of the entities whose values the mask makes no sense for: a date shift on a card number.

    An entity that only the policy knows may be of any kind.
    """
    if compiled.kinds is None:
        return []
    installed = {recognizer.entity for recognizer in catalog.recognizers.values()}
    return [
        e for e in entities if kind_of(e) not in compiled.kinds and (e in installed or kind_of(e) != "text")
    ]  # fmt: skip


def _plan(
    policy: Policy, info: MaskInfo, call: Call, params: BaseModel, segment: str
) -> tuple[Compiled | None, list[PolicyError]]:
    scope, subject = (getattr(params, name, None) for name in ("scope", "subject"))
    exposure = _exposure(info, params)
    errors = _scope_errors(policy, call, scope) + _subject_errors(policy, call, subject)
    if exposure not in EXPOSURES:
        message = f"the mask '{info.name}' does not say what it leaves readable"
        errors.append(policy.origins.error(call.path, message, "its exposure must be one of " + one_of(EXPOSURES)))
    if errors:
        return None, errors
    effective = (f"scope:{scope}" if scope else f"segment:{segment}") if info.keyed else None
    epoch = policy.key_epoch if info.keyed and not info.names_key else None
    values = params.model_dump(mode="json")
    plan = MaskPlan(info.name, values, exposure, effective, epoch, subject, info.effect, info.random)
    return Compiled(plan, info.kinds(params) if info.kinds else None), []


def _scope_errors(policy: Policy, call: Call, scope: object) -> list[PolicyError]:
    if scope is None or (isinstance(scope, str) and _SCOPE.fullmatch(scope)):
        return []
    message = "must be a scope name of letters, digits, '.', '_' and '-'"
    return [policy.origins.error((*call.path, "scope"), message)]


def _subject_errors(policy: Policy, call: Call, subject: object) -> list[PolicyError]:
    try:
        if subject is not None:
            parse_path(str(subject))
    except PathError as error:
        return [policy.origins.error((*call.path, "subject"), f"no valid path: {error.message}", error.hint)]
    return []


def _exposure(info: MaskInfo, params: BaseModel) -> str:
    """Masks come from anyone: one that fails here has no exposure, and the policy does not compile."""
    try:
        return info.exposure(params)
    except Exception:
        return ""
