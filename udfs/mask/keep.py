"""keep: leaves the value as it is.

It lets a policy say that a segment sees an entity in the clear although a default mask would hide it. A policy that
keeps an entity above the segment's clearance does not compile.

Keeps: everything.
Destroys: nothing.
Exposure: clear.
Reversible: there is nothing to reverse.
Joinable: everywhere.
Raises: nothing.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> MASK.apply(pa.array(["Ann Lee", None]), KeepParams(), MaskContext("PERSON")).to_pylist()
['Ann Lee', None]
"""

import pyarrow as pa

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, Params, always


class KeepParams(Params):
    """Parameters of `keep`: none."""


def _keep(values: pa.StringArray, params: KeepParams, context: MaskContext) -> pa.StringArray:
    return values


MASK = Mask(MaskInfo("keep", KeepParams, always("clear"), doc=__doc__), _keep)
