"""drop_record: withholds the whole record that holds a value from the segment.

The audit event says so: the decision is `deny`, its rule `drop_record`. A function that has only a value in its hands
gives NULL.

Keeps: nothing.
Destroys: the record, for this segment.
Exposure: none.
Reversible: by nobody.
Joinable: nowhere.
Raises: nothing.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> MASK.apply(pa.array(["Ann Lee", None]), DropRecordParams(), MaskContext("PERSON")).to_pylist()
[None, None]
"""

import pyarrow as pa

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, Params, always


class DropRecordParams(Params):
    """Parameters of `drop_record`: none."""


def _drop(values: pa.StringArray, params: DropRecordParams, context: MaskContext) -> pa.StringArray:
    return pa.nulls(len(values), pa.string())


MASK = Mask(MaskInfo("drop_record", DropRecordParams, always("none"), effect="record", doc=__doc__), _drop)
