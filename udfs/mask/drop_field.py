"""drop_field: removes the whole field that holds a value: key and value from an object, an element from an array.

A field that holds a finding anywhere in its text is dropped as a whole. Where there is no field to drop (a typed
column, a text by itself) NULL stands instead.

Keeps: nothing, not even that the field was there.
Destroys: the field.
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

MASK = Mask(MaskInfo("drop_field", NoParams, always("none"), effect="field", doc=__doc__), nothing)
