"""Presidio's own anonymizer operators as masks, named `presidio.mask` and so on, with Presidio's parameters.

The operators themselves run (package `presidio-anonymizer`), behind bounds that make them fail closed. `custom` is
left out because a policy holds no code, and `encrypt` because its AES-CBC is not authenticated.
"""

from typing import Any, Literal

import pyarrow as pa
from pydantic import Field

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, MaskingChar, Params, always, constant
from udfs.mask._keyed import distinct


class PresidioMaskParams(Params):
    """Parameters of `presidio.mask`.

    Attributes:
        chars_to_mask: how many characters are masked, from the start; at least 1.
        masking_char: the character that replaces each of them.
        from_end: True to count from the end.
    """

    chars_to_mask: int = Field(gt=0)
    masking_char: MaskingChar = "*"
    from_end: bool = False


class PresidioReplaceParams(Params):
    """Parameters of `presidio.replace`.

    Attributes:
        new_value: the text, 1 to 256 code points; None for the entity's name in angle brackets.
    """

    new_value: str | None = Field(default=None, min_length=1, max_length=256)


class PresidioRedactParams(Params):
    """Parameters of `presidio.redact`: none."""


class PresidioHashParams(Params):
    """Parameters of `presidio.hash`.

    Attributes:
        hash_type: `sha256` or `sha512`.
        scope: name of the scope whose key is used; None for the segment's own.
    """

    hash_type: Literal["sha256", "sha512"] = "sha256"
    scope: str | None = Field(default=None, min_length=1, max_length=128)


def _operators() -> Any:
    # Imported late: the package takes over a second to load, and most jobs name none of its operators.
    import presidio_anonymizer.operators

    return presidio_anonymizer.operators


def _mask(values: pa.StringArray, params: PresidioMaskParams, context: MaskContext) -> pa.StringArray:
    """presidio.mask: masks a number of characters from the start or the end of the value.

    Keeps: the other characters, and the length in code points.
    Destroys: `chars_to_mask` characters, separators included. At most half of the characters may stay: a value of
        more than twice `chars_to_mask` is masked whole, where Presidio would leave most of it readable.
    Exposure: partial.
    Reversible: by nobody, as far as the masked part goes; what stays is readable by all.
    Joinable: everywhere, on what stays; so it is no key to join on.
    Raises: nothing.

    >>> params = PresidioMaskParams(chars_to_mask=4)
    >>> _mask(pa.array(["12345678", "123456789", "12", None]), params, MaskContext("US_BANK_NUMBER")).to_pylist()
    ['****5678', '*********', '**', None]
    """
    operate = _operators().Mask().operate
    options = params.model_dump()

    def masked(text: str) -> str:
        too_much_stays = len(text) > 2 * params.chars_to_mask
        return operate(text, {**options, "chars_to_mask": len(text)} if too_much_stays else options)

    texts, indices = distinct(values)
    return pa.array(map(masked, texts.to_pylist()), pa.string()).take(indices)


def _replace(values: pa.StringArray, params: PresidioReplaceParams, context: MaskContext) -> pa.StringArray:
    """presidio.replace: puts one fixed text in the place of every value.

    Keeps: nothing; `new_value` stands where the value was, by default the entity's name as `<CREDIT_CARD>`.
    Destroys: the value and its length.
    Exposure: none.
    Reversible: by nobody.
    Joinable: nowhere.
    Raises: nothing.

    >>> _replace(pa.array(["Ann", None]), PresidioReplaceParams(), MaskContext("PERSON")).to_pylist()
    ['<PERSON>', None]
    """
    return constant(values, _operators().Replace().operate("", {**params.model_dump(), "entity_type": context.entity}))


def _redact(values: pa.StringArray, params: PresidioRedactParams, context: MaskContext) -> pa.StringArray:
    """presidio.redact: removes the value.

    Keeps: nothing; an empty string stands where the value was.
    Destroys: the value and its length.
    Exposure: none.
    Reversible: by nobody.
    Joinable: nowhere.
    Raises: nothing.

    >>> _redact(pa.array(["Ann", None]), PresidioRedactParams(), MaskContext("PERSON")).to_pylist()
    ['', None]
    """
    return constant(values, _operators().Redact().operate("", {}))


def _hash(values: pa.StringArray, params: PresidioHashParams, context: MaskContext) -> pa.StringArray:
    """presidio.hash: puts a salted hash in the place of every value, as hexadecimal digits.

    SHA-256 or SHA-512 of the value followed by a salt of 32 bytes. The salt is the key that is derived for this mask
    and its
    scope: so it is secret, and the same on every machine and run. The mask `hash` is the same with HMAC; prefer it.

    Keeps: which values are equal.
    Destroys: the value and its length.
    Exposure: pseudonym.
    Reversible: by whoever holds the root key and can guess the value; otherwise by nobody.
    Joinable: within the scope, with other values of this mask; nowhere else.
    Raises: MaskError without a key.

    >>> masked = _hash(pa.array(["Ann", "Ann"]), PresidioHashParams(), MaskContext("PERSON", key=bytes(32))).to_pylist()
    >>> masked[0] == masked[1], len(masked[0])
    (True, 64)
    """
    operate = _operators().Hash().operate
    options = {"hash_type": params.hash_type, "salt": context.required_key()}
    texts, indices = distinct(values)
    return pa.array([operate(text, options) for text in texts.to_pylist()], pa.string()).take(indices)


def _info(name: str, params: type[Params], exposure: str, doc: str | None, **more: Any) -> MaskInfo:
    return MaskInfo(f"presidio.{name}", params, always(exposure), doc=doc or "", **more)


MASKS = (
    Mask(_info("mask", PresidioMaskParams, "partial", _mask.__doc__, shorthand="chars_to_mask"), _mask),
    Mask(_info("replace", PresidioReplaceParams, "none", _replace.__doc__, shorthand="new_value"), _replace),
    Mask(_info("redact", PresidioRedactParams, "none", _redact.__doc__), _redact),
    Mask(_info("hash", PresidioHashParams, "pseudonym", _hash.__doc__, keyed=True), _hash),
)
