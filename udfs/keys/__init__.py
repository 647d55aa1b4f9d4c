"""Keys: the root keys of a job by epoch, what is derived from them, who keeps them, and the keys of persons.

    file or environment ──▶ (unwrapped by a key management service) ──▶ keyring ──▶ derived keys
                                             key table ──▶ a person's key ──────────▶ derived keys

Keys are loaded where a job's workers run, when its functions open. They are in no job graph, state, log or message.
"""

from udfs.keys.derive import KEY_BYTES, derive, key_id
from udfs.keys.errors import KeyFileError, KeysError, KeysUnavailable
from udfs.keys.file import absolute, load_keyring, new_root, write_keyring
from udfs.keys.keyring import Epoch, Keyring
from udfs.keys.keys import Keys, public_place

__all__ = [
    "KEY_BYTES",
    "Epoch",
    "KeyFileError",
    "Keyring",
    "Keys",
    "KeysError",
    "KeysUnavailable",
    "absolute",
    "derive",
    "key_id",
    "load_keyring",
    "new_root",
    "public_place",
    "write_keyring",
]
