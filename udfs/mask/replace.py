"""replace: puts one fixed text in the place of every value.

Keeps: nothing; `value` stands where the value was, by default the entity's name as `<CREDIT_CARD>`.
Destroys: the value and its length.
Exposure: none.
Reversible: by nobody.
Joinable: nowhere.
Raises: nothing.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> MASK.apply(pa.array(["Ann Lee", None]), ReplaceParams(), MaskContext("PERSON")).to_pylist()
['<PERSON>', None]
>>> MASK.apply(pa.array(["Ann Lee"]), ReplaceParams(value="somebody"), MaskContext("PERSON")).to_pylist()
['somebody']
"""

import pyarrow as pa
from pydantic import Field

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, Params, always, constant


class ReplaceParams(Params):
    """Parameters of `replace`.

    Attributes:
        value: the text, at most 256 code points; None for the entity's name in angle brackets.
    """

    value: str | None = Field(default=None, max_length=256)


def _replace(values: pa.StringArray, params: ReplaceParams, context: MaskContext) -> pa.StringArray:
    return constant(values, f"<{context.entity}>" if params.value is None else params.value)


MASK = Mask(MaskInfo("replace", ReplaceParams, always("none"), shorthand="value", doc=__doc__), _replace)
