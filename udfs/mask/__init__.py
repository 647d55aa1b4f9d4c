"""Masks: what is done to a finding's value. One file each; the presence of the file is the registration.

A new mask is a file in this folder that exports `MASK = Mask(MaskInfo(...), apply)`, documented as the others are
(Keeps, Destroys, Exposure, Reversible, Joinable, Raises, an example), and a case file
`tests/udfs/mask/cases/NAME.yaml`. Nothing else changes.
"""

import difflib
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ValidationError

from policy.plan import MaskPlan, Plan
from udfs.crypto.envelope import references
from udfs.keys import Keys, KeysError, KeysUnavailable, derive, key_id
from udfs.mask._base import Mask, MaskContext, MaskError

__all__ = [
    "MASKS",
    "Mask",
    "MaskContext",
    "MaskError",
    "apply",
    "check_keys",
    "installed_mask",
    "purpose",
    "run",
    "unmask",
    "validated",
]

T = TypeVar("T")

_NO_MASKS = frozenset({"operators"})
"""Modules of this folder, besides those that begin with `_`, that are no masks."""


def _discover() -> dict[str, Mask]:
    found: dict[str, Mask] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        if module.startswith("_") or module in _NO_MASKS:
            continue
        for mask in _masks_of(module):
            if mask.info.name in found:
                raise ImportError(f"udfs/mask/{module}.py: a mask named '{mask.info.name}' is already installed")
            found[mask.info.name] = mask
    return found


def _masks_of(name: str) -> tuple[Mask, ...]:
    module = importlib.import_module(f"{__name__}.{name}")
    exported = getattr(module, "MASKS", None) or (getattr(module, "MASK", None),)
    if not all(isinstance(mask, Mask) for mask in exported):
        raise ImportError(f"udfs/mask/{name}.py must export MASK = Mask(...); a file that is no mask begins with '_'")
    return tuple(exported)


MASKS: dict[str, Mask] = _discover()
"""Every installed mask, by name, in the order of the files' names."""


def apply(
    plan: MaskPlan, entity: str, values: pa.StringArray, keys: Keys | None, subjects: pa.StringArray | None = None
) -> pa.StringArray:
    """Masks a batch of values.

    Args:
        plan: the mask, its parameters, and the scope and epoch of its key if it is keyed.
        entity: the entity that the values are findings of.
        values: the values; null for none.
        keys: the job's keys; a keyed mask runs under a key derived for its name, scope and epoch. May be None when the
            mask is not keyed.
        subjects: the person whom the record of each value is about; needed by a mask with a subject.

    Returns:
        One value per value: null for a null, the empty string for the empty string. Otherwise null means JSON null or
        SQL NULL.

    Raises:
        MaskError: the mask is unknown, its parameters are wrong, its key, scope or subject is missing, or it failed.
            Never with a value.
        KeysUnavailable: who keeps the keys cannot be reached.

    >>> plan = MaskPlan("keep_last", {"count": 4}, "partial")
    >>> apply(plan, "CREDIT_CARD", pa.array(["4111-1111-1111-1234", None, "", "123"]), None).to_pylist()
    ['xxxx-xxxx-xxxx-1234', None, '', 'xxx']
    """
    mask = installed_mask(plan.name)
    params = validated(mask, plan.params)
    if not mask.info.keyed:
        return run(mask, params, MaskContext(entity), values)
    subjects = _named(plan, values, subjects)
    if plan.subject is None or not mask.info.own_key:
        key = _with_keys(mask, lambda: _keys(keys).keyring().derive(purpose(mask), _scope(plan), plan.epoch))
        return run(mask, params, MaskContext(entity, key, key_id(key), subjects=subjects), values)
    rows = pc.indices_nonzero(_filled(values))
    persons = subjects.take(rows).dictionary_encode()
    contexts = _with_keys(mask, lambda: _of_persons(mask, plan, entity, persons.dictionary, _keys(keys)))
    masked = _each_person(mask, params, entity, values.take(rows), persons.indices, contexts)
    if len(rows) == len(values):
        return masked
    empty = pc.equal(pc.binary_length(values).fill_null(1), 0)
    return pc.if_else(empty, pa.scalar("", pa.string()), masked.take(_places(rows, len(values))))


def unmask(plan: MaskPlan, entity: str, values: pa.StringArray, keys: Keys) -> pa.StringArray:
    """The way back: the values that became these under a mask.

    Whoever calls this has checked that it is permitted, and writes it down: see `udfs.unmasking`.

    Raises:
        MaskError: the mask has no way back, or one of the values was not made by it for this entity and scope, or
            under a key that is no longer there.
        KeysUnavailable: who keeps the keys cannot be reached.
    """
    mask = installed_mask(plan.name)
    if mask.open is None:
        ways = ", ".join(name for name, other in MASKS.items() if other.open)
        raise MaskError(f"mask '{plan.name}' has no way back; those that have one are {ways}")
    params, scope = validated(mask, plan.params), _scope(plan)
    if mask.info.names_key:
        opening = _with_keys(mask, lambda: keys.opening(purpose(mask), scope, references(values)))
        context = MaskContext(entity, keys=opening)
    else:
        key = _with_keys(mask, lambda: keys.keyring().derive(purpose(mask), scope, plan.epoch))
        context = MaskContext(entity, key)
    return run(Mask(mask.info, mask.open), params, context, values)


def check_keys(plan: Plan, keys: Keys) -> None:
    """Nothing, if everything that the plan's masks need of the keys is there.

    Raises:
        KeysError: an epoch or the key table is missing.
    """
    for segment in plan.segments:
        for entity, mask in segment.masks.items():
            try:
                if mask.scope is not None:
                    keys.keyring().root(keys.keyring().active if mask.epoch is None else mask.epoch)
                if mask.subject is not None and MASKS[mask.name].info.own_key:
                    _ = keys.subjects  # raises without a key table; no assert, which -O would leave out
            except KeysError as error:
                raise KeysError(f"{mask.name} of {entity} in {segment.name}: {error}") from None


def purpose(mask: Mask) -> str:
    """What the keys of a mask are derived for.

    >>> purpose(MASKS["hash"])
    'weir/1/hash'
    """
    return f"weir/1/{mask.info.name}"


def run(mask: Mask, params: BaseModel, context: MaskContext, values: pa.StringArray) -> pa.StringArray:
    """Masks with validated parameters, and holds the mask to what every mask promises.

    Raises:
        MaskError: `values` is no `pa.StringArray`, or the mask failed, or returned something else than one string or
            null per value, null for each null.
    """
    where = f"mask '{mask.info.name}' on {context.entity}"
    if not isinstance(values, pa.StringArray):
        raise MaskError(f"{where}: must be given a StringArray; got {type(values).__name__}; no value was masked")
    # The error is raised outside of the `except`, so that it carries no exception (and so no value) as its context.
    try:
        masked = mask.apply(values, params, context)
        problem = _broken_promise(values, masked)
        result = None if problem else _empties_kept(values, masked)
    except Exception as error:
        problem = str(error) if isinstance(error, MaskError) else f"failed with {type(error).__name__}"
    if problem:
        raise MaskError(f"{where}: {problem}; no value was masked")
    return result


def installed_mask(name: str) -> Mask:
    """The mask of a name.

    Raises:
        MaskError: there is none; it says which one may be meant.
    """
    if name in MASKS:
        return MASKS[name]
    close = difflib.get_close_matches(name, MASKS, 1)
    hint = f"did you mean '{close[0]}'?" if close else f"installed are {', '.join(MASKS)}"
    raise MaskError(f"unknown mask '{name}'; {hint}")


def validated(mask: Mask, params: dict[str, Any]) -> BaseModel:
    """The parameters of a mask, checked and completed.

    Raises:
        MaskError: some are missing, unknown or out of bounds; it names them all.

    >>> validated(MASKS["keep_last"], {"count": 4})
    KeepParams(count=4, char='x')
    """
    try:
        return mask.info.params.model_validate(params)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        problems = [f"{'.'.join(map(str, e['loc'])) or 'parameters'}: {e['msg']}" for e in found]
    raise MaskError(f"mask '{mask.info.name}': {'; '.join(problems)}")


def _keys(keys: Keys | None) -> Keys:
    if keys is None:
        raise KeysError("there are no keys; give the job a key file")
    return keys


def _scope(plan: MaskPlan) -> str:
    if not plan.scope:
        raise MaskError(f"mask '{plan.name}' is keyed and the plan gives it no scope; compile the policy again")
    return plan.scope


def _with_keys(mask: Mask, work: Callable[[], T]) -> T:
    """What work with keys gives. Whatever is wrong with them is said of the mask that needs them; that they are out of
    reach stays what it is."""
    # Raised outside of the `except`: the error must not carry along a UnicodeError, which holds the text.
    try:
        return work()
    except KeysUnavailable:
        raise
    except UnicodeError:
        problem = "must be given valid UTF-8; got something else"
    except (KeysError, ValueError) as error:
        problem = str(error)
    raise MaskError(f"mask '{mask.info.name}' is keyed: {problem}")


def _named(plan: MaskPlan, values: pa.StringArray, subjects: pa.StringArray | None) -> pa.StringArray:
    """The person of each value, of a mask with a subject."""
    if plan.subject is None:
        return None
    if subjects is None:
        raise MaskError(f"mask '{plan.name}' needs the person of each value; name one")
    nameless = pc.or_(pc.is_null(subjects), pc.equal(pc.fill_null(subjects, ""), ""))
    if pc.any(pc.and_(nameless, _filled(values))).as_py():
        raise MaskError(
            f"mask '{plan.name}': the record must have one value at {plan.subject}; it has none, or several"
        )
    return subjects


def _filled(values: pa.StringArray) -> pa.BooleanArray:
    """True for a value that there is something to mask of: neither null nor empty."""
    return pc.greater(pc.binary_length(values).fill_null(0), 0)


def _places(rows: pa.Array, count: int) -> pa.Array:
    """For each of `count` rows its place among the chosen ones; null for a row that is not chosen."""
    places, absent = np.zeros(count, np.int64), np.ones(count, np.bool_)
    chosen = rows.to_numpy()
    places[chosen], absent[chosen] = np.arange(len(chosen)), False
    return pa.array(places, mask=absent)


def _of_persons(mask: Mask, plan: MaskPlan, entity: str, persons: pa.StringArray, keys: Keys) -> list[MaskContext]:
    """What the mask may know of the values of each person: a key of their own."""
    if mask.one is None:
        raise KeysError("it knows no keys of persons; leave out 'subject'")
    ring, scope = keys.keyring(), _scope(plan)
    epoch = ring.active if plan.epoch is None else plan.epoch
    contexts = []
    for reference, data_key in keys.subjects.keys_for(ring, scope, epoch, persons.to_pylist()):
        key = derive(data_key, purpose(mask), scope)
        contexts.append(MaskContext(entity, key, key_id(key) if mask.info.names_key else bytes(4), reference))
    return contexts


def _each_person(
    mask: Mask, params: Any, entity: str, values: pa.StringArray, person: pa.Int32Array, contexts: list[MaskContext]
) -> pa.StringArray:
    """Masks each value under the key of its person.

    Args:
        values: neither null nor empty.
        person: of each value, the index of its person's context.
    """
    one = mask.one
    assert one is not None, "asked for when the contexts were made"
    try:
        rows = zip(values.to_pylist(), person.to_pylist(), strict=True)
        return pa.array([one(text, params, contexts[index]) for text, index in rows], pa.string())
    except Exception as error:
        problem = str(error) if isinstance(error, MaskError) else f"failed with {type(error).__name__}"
    raise MaskError(f"mask '{mask.info.name}' on {entity}: {problem}; no value was masked")


def _broken_promise(values: pa.StringArray, masked: pa.StringArray) -> str | None:
    if not isinstance(masked, pa.StringArray):
        return f"must return a StringArray; got {type(masked).__name__}"
    if len(masked) != len(values):
        return f"must return {len(values)} values; got {len(masked)}"
    if values.null_count and pc.any(pc.and_(values.is_null(), masked.is_valid())).as_py():
        return "must return null for each null; got a value"
    return None


def _empties_kept(values: pa.StringArray, masked: pa.StringArray) -> pa.StringArray:
    empty = pc.equal(pc.binary_length(values), 0)
    if not pc.any(empty).as_py():
        return masked
    return pc.if_else(pc.and_(empty, masked.is_valid()), pa.scalar("", pa.string()), masked)
