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
>>> MASK.apply(pa.array(["Ann Lee", None]), NoParams(), MaskContext("PERSON")).to_pylist()
[None, None]
"""

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, NoParams, always, nothing

MASK = Mask(MaskInfo("drop_record", NoParams, always("none"), effect="record", doc=__doc__), nothing)
