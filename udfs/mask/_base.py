"""What every mask is made of: its parameters, its context, its error. Files that begin with `_` are no masks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from policy.catalog import MaskInfo


class MaskError(Exception):
    """A mask could not be applied. The message names the mask, the entity and the cause, and never a value."""


class Params(BaseModel):
    """Parameters of a mask: nothing unknown, nothing coerced (`"4"` and `true` are no counts), nothing changed
    later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class KeyedParams(Params):
    """Parameters that every keyed mask has.

    Attributes:
        scope: name of the scope whose key is used; None for the segment's own. Two segments that name one scope can
            join on the masked values.
        ignore_case: True masks values that differ only in case (by Unicode case folding) alike.
        ignore_space: True masks values that differ only in white space alike: `4111 1111` and `41111111`.
    """

    scope: str | None = Field(default=None, min_length=1, max_length=128)
    ignore_case: bool = False
    ignore_space: bool = False


@dataclass(frozen=True)
class MaskContext:
    """What a mask may know besides the values.

    Attributes:
        entity: the entity that the values are findings of, e.g. `CREDIT_CARD`.
        key: 32 bytes, derived for this mask and scope; None for a mask that is not keyed.
    """

    entity: str
    key: bytes | None = field(default=None, repr=False)

    def required_key(self) -> bytes:
        """The key.

        Raises:
            MaskError: there is none: a keyed mask never runs without one.
        """
        if self.key is None:
            raise MaskError("a keyed mask has no key")
        return self.key


@dataclass(frozen=True)
class Mask:
    """An installed mask.

    Attributes:
        info: what the policy knows of it.
        apply: masks a `pa.StringArray`, given validated parameters and the context. It returns one of the same length
            in which every null is still null. Empty strings need no care: they come out empty whatever it returns for
            them.
    """

    info: MaskInfo
    apply: Callable[[pa.StringArray, Any, MaskContext], pa.StringArray]


def _one_printable(char: str) -> str:
    if len(char) != 1 or not char.isprintable():
        raise ValueError("must be exactly one printable character")
    return char


MaskingChar = Annotated[str, AfterValidator(_one_printable)]
"""A parameter: the one code point that takes the place of each masked one."""


def always(exposure: str) -> Callable[[BaseModel], str]:
    """An exposure that does not depend on the parameters.

    >>> always("none")(Params())
    'none'
    """
    return lambda params: exposure


def constant(values: pa.StringArray, text: str) -> pa.StringArray:
    """`text` for each value, null for each null.

    >>> constant(pa.array(["a", None]), "z").to_pylist()
    ['z', None]
    """
    same = pa.repeat(pa.scalar(text, pa.string()), len(values))
    if not values.null_count:
        return same
    return pc.if_else(values.is_valid(), same, pa.scalar(None, pa.string()))
