"""token: puts an encrypted value, always the same, in the place of every value; who may can open it.

AES-SIV with 256-bit keys (RFC 5297), under a key derived for this mask and its scope, as a text that names its key:
`wr1.` and base64url, 34 characters and 4 for every 3 bytes of the value, safe in URLs and file names. The entity is
authenticated with the value, so a token of one entity opens as no other.

Keeps: which values are equal, and the length in bytes.
Destroys: the value, for all who have no key.
Exposure: reversible.
Reversible: by whoever holds the key of the scope, from the token alone, also after keys were rotated and until the
    epoch is retired; with a subject, until the person's key is destroyed.
Joinable: within the scope and epoch, with tokens of the same entity; nowhere else. With a subject, only among the
    values of one person.
Raises: MaskError without a key; on the way back for what it did not make, or a key that is no longer there.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> context = MaskContext("PERSON", bytes(32), keys={bytes(4): bytes(32)})
>>> tokens = MASK.apply(pa.array(["Ann", None]), TokenParams(), context)
>>> tokens.to_pylist()
['wr1.AQEAAAAAVmVUyii5QFgY7s7-8cXObujuEQ', None]
>>> MASK.open(tokens, TokenParams(), context).to_pylist()
['Ann', None]
"""

import pyarrow as pa

from policy.catalog import MaskInfo
from udfs.crypto.aead import siv_decrypt, siv_decrypt_all, siv_encrypt, siv_encrypt_all
from udfs.crypto.envelope import AES_256_SIV
from udfs.crypto.rows import FEWEST_ROWS
from udfs.mask._base import Mask, MaskContext, always
from udfs.mask._keyed import distinct
from udfs.mask._sealed import Algorithm, SealedParams, seal, seal_one, unseal

_SIV = Algorithm(AES_256_SIV, "weir/1/token/siv", 64, siv_encrypt, siv_decrypt, siv_encrypt_all, siv_decrypt_all)


class TokenParams(SealedParams):
    """Parameters of `token`: `scope` and `subject`."""


def _token(values: pa.StringArray, params: TokenParams, context: MaskContext) -> pa.StringArray:
    if len(values) < FEWEST_ROWS:  # to find the distinct ones of a few takes longer than to seal them
        return seal(values, _SIV, context)
    texts, indices = distinct(values)
    return seal(texts, _SIV, context).take(indices)


def _one(text: str, params: TokenParams, context: MaskContext) -> str:
    return seal_one(text, _SIV, context)


def _open(values: pa.StringArray, params: TokenParams, context: MaskContext) -> pa.StringArray:
    texts, indices = distinct(values)
    return unseal(texts, {AES_256_SIV: _SIV}, context).take(indices)


MASK = Mask(
    MaskInfo("token", TokenParams, always("reversible"), keyed=True, names_key=True, own_key=True, doc=__doc__),
    _token,
    _open,
    _one,
)
