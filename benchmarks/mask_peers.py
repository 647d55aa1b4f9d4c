"""The libraries that a user would take instead of a mask, each as a function that makes ready a run over some values.

Each is given what it likes best. What deals in bytes (Tink, `cryptography`, `hmac`, Confluent's) is given bytes, and
need not make text of what it gives; keys and ciphers are ready before the clock starts. MaskOps takes a whole column
and looks for the value in every text of it; all others take one value at a time.

Confluent's client-side field encryption runs without broker or registry as far as its `Cryptor`: with the data key at
hand, what is left is to set up Tink for each value and to encrypt it: 7.6 us where Tink alone takes 1.7 (AES256_SIV,
confluent-kafka 2.16.1). It is measured where it is installed
(`pip install "confluent-kafka[schemaregistry]"`); elsewhere Tink alone stands for it.
"""

import hmac
import importlib
import ipaddress
import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

import tink
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV, AESSIV
from dateutil.parser import parse
from faker import Faker
from ff3 import FF3Cipher
from presidio_anonymizer import operators
from tink import aead, daead

Run = Callable[[], Iterable[Any]]
Peer = Callable[[list[str]], Run]
Call = Callable[..., Any]

KEY = bytes(range(32))

FLOOR = "floor: "
"""How the name of a bare cipher begins: `cryptography` for each value. What makes a text of it cannot be faster."""

_ENTITY = b"CREDIT_CARD"
_NONCE_BYTES = 12  # NIST SP 800-38D, section 5.2.1.1


def there(function: Call, *more: Any, ready: Call = str.encode) -> Peer:
    """A peer that calls a function with each value.

    >>> there(str.replace, "1", "x", ready=str)(["4111"])()
    ['4xxx']
    """

    def run(values: list[str]) -> Run:
        given = [ready(value) for value in values]
        return lambda: [function(value, *more) for value in given]

    return run


def back(make: Call, function: Call, *more: Any, ready: Call = str.encode) -> Peer:
    """A peer that calls a function with what another one made of each value."""

    def run(values: list[str]) -> Run:
        given = [make(ready(value), *more) for value in values]
        return lambda: [function(value, *more) for value in given]

    return run


def both(name: str, make: Call, function: Call, *more: Any, ready: Call = str.encode) -> tuple[dict[str, Peer], ...]:
    """A peer by its name, and its way back."""
    return {name: there(make, *more, ready=ready)}, {name: back(make, function, *more, ready=ready)}


def presidio(operator: str, **options: Any) -> dict[str, Peer]:
    """An operator of Presidio's anonymizer."""
    return {f"Presidio {operator}": there(getattr(operators, operator)().operate, options, ready=str)}


def maskops(name: str, function: str, *arguments: Any, **options: Any) -> dict[str, Peer]:
    """A function of MaskOps."""

    def run(values: list[str]) -> Run:
        import maskops as peer  # polars reads the number of its threads when it is loaded
        import polars as pl

        frame = pl.DataFrame({"value": values})
        expression = getattr(peer, function)("value", *arguments, **options)
        return lambda: frame.select(expression).to_series()

    return {name: run}


def _raw_siv() -> tuple[dict[str, Peer], ...]:
    cipher = AESSIV(KEY + KEY)
    return both(f"{FLOOR}cryptography AESSIV", cipher.encrypt, cipher.decrypt, [_ENTITY])


def _raw_nonce(cipher: AESGCM | AESGCMSIV) -> tuple[dict[str, Peer], ...]:
    def encrypt(value: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, value, _ENTITY)

    def decrypt(sealed: bytes) -> bytes:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _ENTITY)

    return both(f"{FLOOR}cryptography {type(cipher).__name__}", encrypt, decrypt)


def _tink_siv() -> tuple[dict[str, Peer], ...]:
    daead.register()
    template = daead.deterministic_aead_key_templates.AES256_SIV
    primitive = tink.new_keyset_handle(template).primitive(daead.DeterministicAead)
    encrypt, decrypt = primitive.encrypt_deterministically, primitive.decrypt_deterministically
    return both("Tink AES256_SIV", encrypt, decrypt, _ENTITY)


def _tink_aead(name: str) -> tuple[dict[str, Peer], ...]:
    aead.register()
    primitive = tink.new_keyset_handle(getattr(aead.aead_key_templates, name)).primitive(aead.Aead)
    return both(f"Tink {name}", primitive.encrypt, primitive.decrypt, _ENTITY)


def _confluent(name: str) -> tuple[dict[str, Peer], ...]:
    if find_spec("confluent_kafka") is None or find_spec("authlib") is None:  # authlib comes with its extra
        return {}, {}
    home = "confluent_kafka.schema_registry.rules.encryption"
    algorithm = importlib.import_module(f"{home}.dek_registry.dek_registry_client").DekAlgorithm[name]
    cryptor = importlib.import_module(f"{home}.encrypt_executor").Cryptor(algorithm)
    key = cryptor.generate_key()
    return both(f"Confluent {name}", partial(cryptor.encrypt, key), partial(cryptor.decrypt, key), b"")


def _presidio_cbc() -> tuple[dict[str, Peer], ...]:
    encrypt, decrypt = operators.Encrypt().operate, operators.Decrypt().operate
    return both("Presidio Encrypt (AES-CBC)", encrypt, decrypt, {"key": KEY}, ready=str)


def _ff3() -> tuple[dict[str, Peer], ...]:
    cipher = FF3Cipher(KEY.hex(), "d8e7920afa330a")  # a tweak of 56 bits: FF3-1
    return both("ff3 (FF3-1, withdrawn)", cipher.encrypt, cipher.decrypt, ready=str)


def _faker(kind: str) -> dict[str, Peer]:
    make = getattr(Faker("en_US"), kind)
    return {f"Faker {kind}": lambda values: lambda: [make() for _ in values]}


def _year(text: str) -> str:
    return str(parse(text, dayfirst=True).year)


def _shifted(text: str) -> str:
    return (parse(text, dayfirst=True) + timedelta(days=17)).isoformat()


def _network(text: str) -> str:
    address = ipaddress.ip_address(text)
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


@cache
def peers() -> dict[str, dict[str, Peer]]:
    """The peers: by what they do, by their names."""
    siv, siv_back = _merged(_tink_siv(), _confluent("AES256_SIV"), _raw_siv())
    sealed, sealed_back = _merged(
        _presidio_cbc(), _tink_aead("AES256_GCM_SIV"), _tink_aead("AES256_GCM"), _confluent("AES256_GCM"),
        _raw_nonce(AESGCMSIV(KEY)), _raw_nonce(AESGCM(KEY)),
    )  # fmt: skip
    fpe, fpe_back = _ff3()
    masked = presidio("Mask", masking_char="*", chars_to_mask=12, from_end=False)
    hashed = presidio("Hash", hash_type="sha256", salt=KEY) | {"hmac": there(partial(hmac.digest, KEY), "sha256")}
    starred = maskops("MaskOps", "mask_pii", patterns=["credit_card"])
    # Nine in ten of its numbers have a wrong check digit (897 of 1,000): pseudonyms, and no fakes of cards.
    consistent = maskops("MaskOps, consistent", "mask_pii", ["credit_card"], "consistent", KEY.hex())
    ff1 = maskops("MaskOps FF1", "mask_pii_fpe", KEY, KEY[:7], patterns=["credit_card"], mode="ff1")
    ff3 = maskops("MaskOps FF3-1", "mask_pii_fpe", KEY, KEY[:7], patterns=["credit_card"], mode="ff3")
    return {
        "redact": presidio("Redact"),
        "replace": presidio("Replace", new_value="<EMAIL_ADDRESS>"),
        "keep_first": presidio("Mask", masking_char="*", chars_to_mask=12, from_end=True) | starred,
        "keep_last": masked | starred,
        "hash": hashed,
        "digits": consistent,
        "token": siv,
        "token, back": siv_back,
        "encrypt": sealed,
        "encrypt, back": sealed_back,
        "fpe": fpe | ff1 | ff3,
        "fpe, back": fpe_back,
        "fake name": _faker("name"),
        "fake e-mail": _faker("safe_email"),
        "fake card": _faker("credit_card_number"),
        "year": {"dateutil": there(_year, ready=str)},
        "shifted": {"dateutil": there(_shifted, ready=str)},
        "network": {"ipaddress": there(_network, ready=str)} | maskops("MaskOps", "mask_pii", patterns=["ip"]),
    }


def _merged(*pairs: tuple[dict[str, Peer], ...]) -> tuple[dict[str, Peer], ...]:
    """The ways there, and the ways back, of several peers."""
    return tuple(dict(named for pair in pairs for named in pair[way].items()) for way in (0, 1))
