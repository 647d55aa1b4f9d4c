"""Masks: what is done to a finding's value. One file each; the presence of the file is the registration.

A new mask is a file in this folder that exports `MASK = Mask(MaskInfo(...), apply)`, documented as the others are
(Keeps, Destroys, Exposure, Reversible, Joinable, Raises, an example), and a case file
`tests/udfs/mask/cases/NAME.yaml`. Nothing else changes.
"""

import difflib
import importlib
import pkgutil
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ValidationError

from policy.plan import MaskPlan
from udfs import keys
from udfs.mask._base import Mask, MaskContext, MaskError

__all__ = ["MASKS", "Mask", "MaskContext", "MaskError", "apply", "run", "validated"]

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


def apply(plan: MaskPlan, entity: str, values: pa.StringArray, root_key: bytes | None) -> pa.StringArray:
    """Masks a batch of values.

    Args:
        plan: the mask, its parameters, and the scope if it is keyed.
        entity: the entity that the values are findings of.
        values: the values; null for none.
        root_key: 32 bytes; a keyed mask runs under a key derived from it for its name and the plan's scope. May be None
            when the mask is not keyed.

    Returns:
        One value per value: null for a null, the empty string for the empty string. Otherwise null means JSON null or
        SQL NULL.

    Raises:
        MaskError: the mask is unknown, its parameters are wrong, its key or scope is missing, or it failed. Never
            with a value.

    >>> plan = MaskPlan("keep_last", {"count": 4}, "partial")
    >>> apply(plan, "CREDIT_CARD", pa.array(["4111-1111-1111-1234", None, "", "123"]), None).to_pylist()
    ['xxxx-xxxx-xxxx-1234', None, '', 'xxx']
    """
    mask = _installed(plan.name)
    params = validated(mask, plan.params)
    context = MaskContext(entity, _key(mask, plan.scope, root_key))
    return run(mask, params, context, values)


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


def _installed(name: str) -> Mask:
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


def _key(mask: Mask, scope: str | None, root_key: bytes | None) -> bytes | None:
    if not mask.info.keyed:
        return None
    if root_key is None:
        raise MaskError(f"mask '{mask.info.name}' is keyed and there is no root key; give the job a key file")
    if not scope:
        raise MaskError(f"mask '{mask.info.name}' is keyed and the plan gives it no scope; compile the policy again")
    try:
        return keys.derive(root_key, f"weir/1/{mask.info.name}", scope)
    except ValueError as error:
        problem = str(error)
    raise MaskError(f"mask '{mask.info.name}': {problem}")


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
