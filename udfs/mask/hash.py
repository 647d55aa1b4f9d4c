"""hash: puts a keyed hash, 64 hexadecimal digits, in the place of every value.

HMAC-SHA-256 (RFC 2104) of the value in UTF-8, under a key derived for this mask and its scope. Never an unkeyed hash:
whoever can list the likely values (all card numbers, all birthdays) reverses one by trying them.

Keeps: which values are equal.
Destroys: the value and its length.
Exposure: pseudonym.
Reversible: by whoever holds the root key and can guess the value; otherwise by nobody.
Joinable: within the scope, with other values of this mask; nowhere else.
Raises: MaskError without a key.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> names, context = pa.array(["Ann", "Bob", "Ann", None]), MaskContext("PERSON", key=bytes(32))
>>> masked = MASK.apply(names, HashParams(), context).to_pylist()
>>> masked[0] == masked[2] != masked[1], len(masked[0]), masked[3]
(True, 64, None)
"""

import pyarrow as pa

from policy.catalog import MaskInfo
from udfs.mask._base import KeyedParams, Mask, MaskContext, always
from udfs.mask._keyed import digests, distinct, fixed_width, hexadecimal


class HashParams(KeyedParams):
    """Parameters of `hash`: those of every keyed mask."""


def _hash(values: pa.StringArray, params: HashParams, context: MaskContext) -> pa.StringArray:
    texts, indices = distinct(values)
    rows = digests(texts, context.required_key(), params)
    return fixed_width(hexadecimal(rows)).take(indices)


MASK = Mask(MaskInfo("hash", HashParams, always("pseudonym"), keyed=True, doc=__doc__), _hash)
