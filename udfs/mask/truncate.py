"""truncate: keeps the beginning of the value and drops the rest, without a sign of it.

Keeps: the first `count` code points, with the separators among them.
Destroys: everything after them, and the length. At most half of the letters and digits may stay: of a value that has
    more of them among its first `count` code points, nothing stays, and of one without any letter or digit neither.
    Combining marks, private and unassigned characters count as letters here.
Exposure: partial.
Reversible: by nobody, as far as the dropped part goes; what stays is readable by all.
Joinable: everywhere, on what stays; so it is no key to join on.
Raises: nothing.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> values = pa.array(["Katherine", "Kat", "Ka--------", None])
>>> MASK.apply(values, TruncateParams(count=3), MaskContext("PERSON")).to_pylist()
['Kat', '', '', None]
"""

import numpy as np
import pyarrow as pa
from pydantic import Field

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, Params, always
from udfs.mask._flat import Ints, build, flatten
from udfs.mask._kept import _CODE_POINTS, _SEPARATOR, _kinds


class TruncateParams(Params):
    """Parameters of `truncate`.

    Attributes:
        count: how many code points stay, 1 to 64.
    """

    count: int = Field(ge=1, le=64)


def _truncate(values: pa.StringArray, params: TruncateParams, context: MaskContext) -> pa.StringArray:
    flat = flatten(values, "utf-32-le")
    counted = _kinds(128 if flat.units.dtype == np.uint8 else _CODE_POINTS).take(flat.units) != _SEPARATOR
    rank: Ints = np.append(np.int32(0), np.cumsum(counted, dtype=np.int32))
    begins = flat.offsets[:-1]
    kept = np.minimum(flat.lengths, np.int32(params.count))
    shown, all_there_are = (rank[begins + lengths] - rank[begins] for lengths in (kept, flat.lengths))
    kept[(2 * shown > all_there_are) | (all_there_are == 0)] = 0
    offsets: Ints = np.append(np.int32(0), np.cumsum(kept, dtype=np.int32))
    places = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], kept)
    return build(flat.units[places], offsets, values)


MASK = Mask(MaskInfo("truncate", TruncateParams, always("partial"), shorthand="count", doc=__doc__), _truncate)
