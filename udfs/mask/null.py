"""null: puts JSON null or SQL NULL in the place of every value.

Keeps: nothing, not even whether the value was the empty string.
Destroys: the value and its length.
Exposure: none.
Reversible: by nobody.
Joinable: nowhere.
Raises: nothing.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> MASK.apply(pa.array(["Ann Lee", ""]), NoParams(), MaskContext("PERSON")).to_pylist()
[None, None]
"""

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, NoParams, always, nothing

MASK = Mask(MaskInfo("null", NoParams, always("none"), doc=__doc__), nothing)
