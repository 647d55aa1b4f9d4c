"""null: puts JSON null or SQL NULL in the place of every value.

Keeps: nothing, not even whether the value was the empty string.
Destroys: the value and its length.
Exposure: none.
Reversible: by nobody.
Joinable: nowhere.
Raises: nothing.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> MASK.apply(pa.array(["Ann Lee", ""]), NullParams(), MaskContext("PERSON")).to_pylist()
[None, None]
"""

import pyarrow as pa

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, Params, always


class NullParams(Params):
    """Parameters of `null`: none."""


def _null(values: pa.StringArray, params: NullParams, context: MaskContext) -> pa.StringArray:
    return pa.nulls(len(values), pa.string())


MASK = Mask(MaskInfo("null", NullParams, always("none"), doc=__doc__), _null)
