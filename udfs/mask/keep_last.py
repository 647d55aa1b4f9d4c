"""keep_last: masks all but the last letters and digits of the value.

Keeps: the last `count` letters and digits, all separators (every character that is no letter, digit or combining
    mark), and the length in code points.
Destroys: all other letters and digits; they become `char`. At most half of them may stay: a value with fewer than
    twice `count` is masked whole, and one without any letter or digit has every character masked.
Exposure: partial.
Reversible: by nobody, as far as the masked part goes; what stays is readable by all.
Joinable: everywhere, on what stays; so it is no key to join on.
Raises: nothing.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> cards = pa.array(["4111-1111-1111-1234", "4111", None])
>>> MASK.apply(cards, KeepParams(count=4), MaskContext("CREDIT_CARD")).to_pylist()
['xxxx-xxxx-xxxx-1234', 'xxxx', None]
"""

import pyarrow as pa

from policy.catalog import MaskInfo
from udfs.mask._base import Mask, MaskContext, always
from udfs.mask._kept import KeepParams, mask_kept


def _keep_last(values: pa.StringArray, params: KeepParams, context: MaskContext) -> pa.StringArray:
    return mask_kept(values, params, at_end=True)


MASK = Mask(MaskInfo("keep_last", KeepParams, always("partial"), shorthand="count", doc=__doc__), _keep_last)
