"""What the tests of grants share: keys, claims, and tokens put together by hand."""

import base64
import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from udfs.grants import Grant, GrantRefused, check

# The keys of RFC 8032, section 7.1, TEST 1 (also RFC 8037, appendix A.1) and TEST 2.
ANN = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
)
EVE = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
)
TRUSTED = {"ann": ANN.public_key(), "joe": Ed25519PrivateKey.generate().public_key()}

START = 1_767_225_600  # 2026-01-01T00:00:00Z
NOW = START * 1000 + 60_000
DAY = 86_400

HEADER = {"alg": "EdDSA", "kid": "ann", "typ": "weir-grant+jwt"}
CLAIMS = {
    "iss": "ann",
    "sub": "bob",
    "why": "fraud case 12",
    "entities": ["CREDIT_CARD", "IBAN_CODE"],
    "scopes": ["segment:support", "scope:growth"],
    "values": 100,
    "iat": START,
    "nbf": START,
    "exp": START + 7200,
    "jti": "0123456789abcdef",
}
GRANT = Grant(
    "bob",
    "fraud case 12",
    ("CREDIT_CARD", "IBAN_CODE"),
    ("segment:support", "scope:growth"),
    100,
    START * 1000,
    START * 1000,
    (START + 7200) * 1000,
    "0123456789abcdef",
    "ann",
)


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def b64_decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token(header: object = HEADER, claims: object = CLAIMS, key: Ed25519PrivateKey = ANN) -> str:
    """A token put together by hand from RFC 7515, section 3.1; bytes stand for themselves."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    content = ".".join(map(b64, parts))
    return f"{content}.{b64(key.sign(content.encode()))}"


def refusal(text: str, now: int = NOW) -> GrantRefused:
    """The refusal of a token: one that tells nothing of it."""
    with pytest.raises(GrantRefused) as caught:
        check(text, TRUSTED, now)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert not [part for part in text.split(".") if len(part) > 8 and part in str(error)]
    assert re.match(rf"grant refused \({error.reason}\): .+; .+", str(error))
    return error


def claims_with(**changes: object) -> dict[str, object]:
    """The claims with some of them changed, or left out where they are None."""
    return {name: claim for name, claim in {**CLAIMS, **changes}.items() if claim is not None}
