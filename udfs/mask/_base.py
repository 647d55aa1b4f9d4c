"""What every mask is made of: its parameters, its context, its error. Files that begin with `_` are no masks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

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


class SubjectParams(KeyedParams):
    """Parameters of keyed masks whose key can be one of a person's own.

    Attributes:
        subject: path of the value that names the person whom a record is about, e.g. `payload.customer.id`; None for
            one key for all. Destroying a person's key destroys all that was masked under it.
    """

    subject: str | None = Field(default=None, min_length=1, max_length=1000)


class StrictParams(Params):
    """Parameters of masks that understand only some values: dates, numbers, an alphabet.

    Attributes:
        otherwise: what becomes of a value that the mask does not understand: `fail` quarantines the record, `redact`
            removes the value, as the mask of that name does.
    """

    otherwise: Literal["fail", "redact"] = "fail"


@dataclass(frozen=True)
class MaskContext:
    """What a mask may know besides the values.

    Attributes:
        entity: the entity that the values are findings of, e.g. `CREDIT_CARD`.
        key: 32 bytes, derived for this mask, scope and epoch; None for a mask that is not keyed.
        key_id: 4 bytes that name the key in what `names_key` masks make.
        reference: 16 bytes that name the person whose key it is; empty when it is nobody's own.
        keys: for opening: the keys of all epochs that still open, by their ids.
        subjects: the person whom each value's record is about, for masks that depend on it; otherwise None.
    """

    entity: str
    key: bytes | None = field(default=None, repr=False)
    key_id: bytes = bytes(4)
    reference: bytes = b""
    keys: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    subjects: pa.StringArray | None = field(default=None, repr=False)

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
        one: masks a single text (not empty) as `apply` would. A mask with `own_key` has it: most keys of persons serve
            one or two values of a batch, and to handle these as arrays takes twenty times as long.
        open: the way back, called in the same way with what `apply` made; None for a mask that has none. It raises
            MaskError for what it did not make.
    """

    info: MaskInfo
    apply: Callable[[pa.StringArray, Any, MaskContext], pa.StringArray]
    open: Callable[[pa.StringArray, Any, MaskContext], pa.StringArray] | None = None
    one: Callable[[str, Any, MaskContext], str] | None = None


def _one_printable(char: str) -> str:
    if len(char) != 1 or not char.isprintable():
        raise ValueError("must be exactly one printable character")
    return char


MaskingChar = Annotated[str, AfterValidator(_one_printable)]
"""A parameter: the one code point that takes the place of each masked one."""


def unless_redacted(params: StrictParams, problem: str) -> None:
    """Called for values that a mask does not understand.

    Raises:
        MaskError: they are not to be redacted. The message says what was expected, never what it got.
    """
    if params.otherwise == "fail":
        raise MaskError(problem)


def always(exposure: str) -> Callable[[BaseModel], str]:
    """An exposure that does not depend on the parameters.

    >>> always("none")(Params())
    'none'
    """
    return lambda params: exposure


class NoParams(Params):
    """Parameters of a mask that has none."""


def nothing(values: pa.StringArray, params: Params, context: MaskContext) -> pa.StringArray:
    """A null for each value: what a mask makes that takes the value away, and perhaps more.

    >>> nothing(pa.array(["a", None]), NoParams(), MaskContext("PERSON")).to_pylist()
    [None, None]
    """
    return pa.nulls(len(values), pa.string())


def constant(values: pa.StringArray, text: str) -> pa.StringArray:
    """`text` for each value, null for each null.

    >>> constant(pa.array(["a", None]), "z").to_pylist()
    ['z', None]
    """
    same = pa.repeat(pa.scalar(text, pa.string()), len(values))
    if not values.null_count:
        return same
    return pc.if_else(values.is_valid(), same, pa.scalar(None, pa.string()))
