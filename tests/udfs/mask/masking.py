"""Masking for tests, as the engine does it: under a plan, with keys."""

import pyarrow as pa
import pytest

from policy.plan import MaskPlan
from udfs.keys import Keys
from udfs.mask import MASKS, MaskError, apply, unmask, validated

KEYS = Keys.of(bytes(range(32)))


def plan_of(name: str, params: dict, scope: str = "segment:test", epoch: int = 1) -> MaskPlan:
    """The plan of a mask with parameters."""
    info = MASKS[name].info
    exposure = info.exposure(validated(MASKS[name], params))
    by_policy = info.keyed and not info.names_key
    subject = params.get("subject")
    return MaskPlan(name, params, exposure, scope if info.keyed else None, epoch if by_policy else None, subject)


def masked(
    name: str,
    params: dict,
    values: list[str | None] | pa.Array,
    entity: str = "OTHER",
    keys: Keys = KEYS,
    persons: list[str | None] | None = None,
    **where,
) -> list[str | None]:
    """What a mask makes of values. `where`: scope and epoch."""
    given = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    subjects = None if persons is None else pa.array(persons, pa.string())
    made = apply(plan_of(name, params, **where), entity, given, keys, subjects)
    made.validate(full=True)
    return made.to_pylist()


def opened(
    name: str, params: dict, values: list[str | None] | pa.Array, entity: str = "OTHER", keys: Keys = KEYS, **where
) -> list[str | None]:
    """The way back."""
    given = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    return unmask(plan_of(name, params, **where), entity, given, keys).to_pylist()


def refusal(call, *secrets: str | bytes) -> str:
    """The message of the MaskError that a call raises. Neither it nor what it carries along shows a secret."""
    with pytest.raises(MaskError) as caught:
        call()
    chain, error = [], caught.value
    while error is not None:
        chain += [str(error), repr(error), *map(repr, error.args)]
        error = error.__cause__ or error.__context__
    shown = "".join(chain)  # and not the whole traceback: it quotes the test itself
    for secret in secrets:
        forms = [secret, repr(secret)[1:-1]] if isinstance(secret, str) else [repr(secret)[2:-1], secret.hex()]
        assert not [form for form in forms if form in shown]
    return str(caught.value)
