"""redact: removes the value.

Keeps: nothing; an empty string stands where the value was.
Destroys: the value and its length.
Exposure: none.
Reversible: by nobody.
Joinable: nowhere.
Raises: nothing.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> MASK.apply(pa.array(["Ann Lee", None]), RedactParams(), MaskContext("PERSON")).to_pylist()
['', None]
"""

import pyarrow as pa

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, Params, always, constant


class RedactParams(Params):
    """Parameters of `redact`: none."""


def _redact(values: pa.StringArray, params: RedactParams, context: MaskContext) -> pa.StringArray:
    return constant(values, "")


MASK = Mask(MaskInfo("redact", RedactParams, always("none"), doc=__doc__), _redact)
