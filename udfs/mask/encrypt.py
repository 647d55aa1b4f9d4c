"""encrypt: puts an encrypted value, never the same twice, in the place of every value; who may can open it.

`algorithm: aes-256-gcm-siv` (RFC 8452), the default, or `aes-256-gcm` (NIST SP 800-38D), with a random 96-bit nonce for
each value, under a key derived for this mask, its scope and the algorithm. The text names its key: `wr1.` and
base64url, 50 characters and 4 for every 3 bytes of the value, safe in URLs and file names. The entity is authenticated
with the value, so a text of one entity opens as no other.

GCM with random nonces may encrypt 2**32 values under one key (SP 800-38D, section 8.3), which a stream reaches: at
10,000 a second, in five days. Beyond, two values may share a nonce, and that gives away both and the means to forge.
GCM-SIV derives fresh keys for each nonce, and a nonce that repeats tells only whether two values are equal (RFC 8452,
section 9). Choose GCM, which is faster, where what reads the texts knows no GCM-SIV, and rotate keys in time.

Keeps: the length in bytes.
Destroys: the value, for all who have no key, and which values are equal.
Exposure: reversible.
Reversible: by whoever holds the key of the scope, from the text alone, also after keys were rotated and until the epoch
    is retired; with a subject, until the person's key is destroyed.
Joinable: nowhere.
Raises: MaskError without a key; on the way back for what it did not make, or a key that is no longer there.

>>> import pyarrow as pa
>>> from udfs.mask import MaskContext
>>> context = MaskContext("PERSON", bytes(32), keys={bytes(4): bytes(32)})
>>> texts = MASK.apply(pa.array(["Ann", "Ann", None]), EncryptParams(), context)
>>> texts[0] == texts[1]
False
>>> MASK.open(texts, EncryptParams(), context).to_pylist()
['Ann', 'Ann', None]
"""

from functools import partial
from typing import Literal

import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

from policy.catalog import MaskInfo
from udfs.crypto.aead import NonceCipher, nonce_decrypt, nonce_decrypt_all, nonce_encrypt, nonce_encrypt_all
from udfs.crypto.envelope import AES_256_GCM, AES_256_GCM_SIV
from udfs.mask._base import Mask, MaskContext, always
from udfs.mask._sealed import Algorithm, SealedParams, seal, seal_one, unseal


def _algorithm(name: str, number: int, cipher: NonceCipher) -> Algorithm:
    one = (partial(nonce_encrypt, cipher), partial(nonce_decrypt, cipher))
    many = (partial(nonce_encrypt_all, cipher), partial(nonce_decrypt_all, cipher))
    # Each algorithm has a key of its own: none was made to share one with another.
    return Algorithm(number, f"weir/1/encrypt/{name}", 32, *one, *many)


_ALGORITHMS = {
    "aes-256-gcm-siv": _algorithm("aes-256-gcm-siv", AES_256_GCM_SIV, AESGCMSIV),
    "aes-256-gcm": _algorithm("aes-256-gcm", AES_256_GCM, AESGCM),
}
_BY_NUMBER = {algorithm.number: algorithm for algorithm in _ALGORITHMS.values()}


class EncryptParams(SealedParams):
    """Parameters of `encrypt`, besides `scope` and `subject`.

    Attributes:
        algorithm: `aes-256-gcm-siv` or `aes-256-gcm`. Each opens what the other made.
    """

    algorithm: Literal["aes-256-gcm-siv", "aes-256-gcm"] = "aes-256-gcm-siv"


def _encrypt(values: pa.StringArray, params: EncryptParams, context: MaskContext) -> pa.StringArray:
    return seal(values, _ALGORITHMS[params.algorithm], context)


def _one(text: str, params: EncryptParams, context: MaskContext) -> str:
    return seal_one(text, _ALGORITHMS[params.algorithm], context)


def _open(values: pa.StringArray, params: EncryptParams, context: MaskContext) -> pa.StringArray:
    return unseal(values, _BY_NUMBER, context)


_INFO = MaskInfo(
    "encrypt",
    EncryptParams,
    always("reversible"),
    keyed=True,
    names_key=True,
    random=True,
    own_key=True,
    doc=__doc__,
)
MASK = Mask(_INFO, _encrypt, _open, _one)
