"""Tokens that are no grants: whatever is not signed as it is by who is trusted is refused."""

import hmac
import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.udfs.grant_tokens import (
    ANN,
    CLAIMS,
    EVE,
    HEADER,
    NOW,
    START,
    b64,
    b64_decoded,
    claims_with,
    refusal,
    token,
)
from udfs.grant_keys import LONGEST_BYTES
from udfs.grants import GrantRefused, check

ORDER = 2**252 + 27742317777372353535851937790883648493  # of the base point (RFC 8032, section 5.1)

# Forged


def with_signature(text: str, signature: bytes) -> str:
    return f"{text.rpartition('.')[0]}.{b64(signature)}"


def by_hmac(secret: bytes, algorithm: str = "HS256") -> str:
    """RFC 8725, section 2.1: whoever has the public key takes it for the secret of an HMAC."""
    content = f"{b64(json.dumps({**HEADER, 'alg': algorithm}).encode())}.{b64(json.dumps(CLAIMS).encode())}"
    return f"{content}.{b64(hmac.digest(secret, content.encode(), 'sha256'))}"


def unsigned(algorithm: str) -> str:
    return with_signature(token({**HEADER, "alg": algorithm}), b"")


def with_claims_of_another() -> str:
    header, _, signature = token().split(".")
    return f"{header}.{b64(json.dumps({**CLAIMS, 'values': 10**6}).encode())}.{signature}"


def with_s_plus_order() -> str:
    signature = b64_decoded(token().rpartition(".")[2])
    s = int.from_bytes(signature[32:], "little") + ORDER
    return with_signature(token(), signature[:32] + s.to_bytes(32, "little"))


PUBLIC = ANN.public_key()
PUBLIC_PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

FORGED = {
    "another key": token(key=EVE),
    "a changed claim": with_claims_of_another(),
    "no algorithm": unsigned("none"),
    "no algorithm, in capitals": unsigned("NONE"),
    "no algorithm, but a signature": token({**HEADER, "alg": "none"}),
    "no signature": unsigned("EdDSA"),
    "an HMAC under the public key": by_hmac(PUBLIC.public_bytes_raw()),
    "an HMAC under the public key as PEM": by_hmac(PUBLIC_PEM),
    "an HMAC that says EdDSA": by_hmac(PUBLIC_PEM, "EdDSA"),
    "another algorithm": token({**HEADER, "alg": "ES256"}),
    "another letter case": token({**HEADER, "alg": "eddsa"}),
    "an algorithm that is no text": token({**HEADER, "alg": ["EdDSA"]}),
    "no word of the algorithm": token({"kid": "ann", "typ": "weir-grant+jwt"}),
    "a swapped kid": token({**HEADER, "kid": "joe"}),
    "a swapped kid after signing": token({**HEADER, "kid": "joe"}).split(".")[0] + token()[token().index(".") :],
    "in the name of another": token(claims={**CLAIMS, "iss": "joe"}),
    "a cut signature": with_signature(token(), b64_decoded(token().rpartition(".")[2])[:63]),
    "a longer signature": with_signature(token(), b64_decoded(token().rpartition(".")[2]) + b"\0"),
    "a signature with S above the order": with_s_plus_order(),
    "a signature of zeros": with_signature(token(), bytes(64)),
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED)
def test_refuses_what_is_forged(text: str) -> None:
    error = refusal(text)
    assert error.reason == "forged"
    assert error.grant is None


@pytest.mark.parametrize("kid", ["eve", "Ann", "anna", "ańn", "x" * 64])
def test_refuses_who_is_not_trusted(kid: str) -> None:
    assert refusal(token({**HEADER, "kid": kid}, {**CLAIMS, "iss": kid}, EVE)).reason == "unknown-signer"


def test_a_key_that_is_trusted_no_more_makes_its_grants_void() -> None:
    with pytest.raises(GrantRefused, match="unknown-signer"):
        check(token(), {}, NOW)


# Malformed

NO_TOKENS = {
    "nothing": "",
    "one part": "abc",
    "two parts": token().rpartition(".")[0],
    "four parts": token() + ".abc",
    "five parts": ".".join(["abc"] * 5),
    "cut at the front": token()[3:],
    "white space": f" {token()}",
    "a line break": f"{token()}\n",
    "padding": f"{token()}==",
    "other letters": token().replace("e", "é", 1),
    "a header that is no JSON": token(b"alg"),
    "a header that is a list": token([HEADER]),
    "a header that is deep": token(b"[" * 10_000),
    "no kid": token({"alg": "EdDSA", "typ": "weir-grant+jwt"}),
    "a kid that is a number": token({**HEADER, "kid": 7}),
    "a kid that is a path": token({**HEADER, "kid": "../ann"}),
    "an empty kid": token({**HEADER, "kid": ""}),
    "no type": token({"alg": "EdDSA", "kid": "ann"}),
    "a token for something else": token({**HEADER, "typ": "JWT"}),
    "a critical extension": token({**HEADER, "crit": ["b64"], "b64": False}),
    "a key of its own": token({**HEADER, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}}),
    "an address of a key": token({**HEADER, "jku": "https://example.com"}),
    "too long": token(claims=json.dumps(CLAIMS).encode() + b" " * LONGEST_BYTES),
    "claims that are no JSON": token(claims=b"sub: bob"),
    "claims that are a list": token(claims=[CLAIMS]),
    "claims that are text": token(claims="bob"),
    "claims that are deep": token(claims=b"[" * 10_000),
    "claims that are no UTF-8": token(claims=json.dumps(CLAIMS).encode().replace(b"bob", b"b\xffb")),
    "claims with half a surrogate": token(claims=json.dumps(CLAIMS).replace("bob", "b\\ud800b").encode()),
    "no number": token(claims=json.dumps(CLAIMS).replace("100", "NaN").encode()),
}


@pytest.mark.parametrize("text", NO_TOKENS.values(), ids=NO_TOKENS)
def test_refuses_what_is_no_grant(text: str) -> None:
    assert refusal(text).reason == "malformed"


WRONG_CLAIMS = [
    *({name: None} for name in CLAIMS),
    *({name: wrong} for name in CLAIMS for wrong in (1.5, True, {}, "", [])),
    {"sub": 7},
    {"sub": " bob"},
    {"sub": "b\nb"},
    {"sub": "bob\u202e"},
    {"sub": "b\u200bob"},
    {"sub": "Zoe\u0308"},
    {"sub": "x" * 129},
    {"why": "   "},
    {"why": "a\tb"},
    {"why": "x" * 501},
    {"entities": "CREDIT_CARD"},
    {"entities": ["*"]},
    {"entities": ["CREDIT_CARD", "*"]},
    {"entities": ["CREDIT_*"]},
    {"entities": ["credit_card"]},
    {"entities": ["CREDIT_CARD", 7]},
    {"entities": [["CREDIT_CARD"]]},
    {"entities": ["CREDIT_CARD", "CREDIT_CARD"]},
    {"entities": [f"E{n}" for n in range(65)]},
    {"scopes": "segment:support"},
    {"scopes": ["*"]},
    {"scopes": ["segment:*"]},
    {"scopes": ["support"]},
    {"scopes": ["segment:"]},
    {"scopes": ["segment:Support"]},
    {"scopes": ["segment:support\n"]},
    {"scopes": ["scope:growth", "scope:growth"]},
    {"values": 0},
    {"values": -1},
    {"values": "100"},
    {"values": 2**53},
    {"values": 10**400},
    {"iat": str(START)},
    {"iat": START + 1},
    {"nbf": START - 1},
    {"nbf": START + 7200},
    {"exp": START},
    {"exp": 10**15},
    {"iat": -1},
    {"jti": "short"},
    {"jti": "0123456789abcdef\n"},
    {"jti": "x" * 65},
    {"iss": "a b"},
    {"aud": "desk"},
    {"purpose": "audit", "sub": 7},
]


@pytest.mark.parametrize("changes", WRONG_CLAIMS, ids=repr)
def test_refuses_claims_that_are_not_a_grants(changes: dict[str, object]) -> None:
    assert refusal(token(claims=claims_with(**changes))).reason == "malformed"


def test_a_refusal_holds_no_claim() -> None:
    secret = "4111 1111 1111 1111"
    for name in CLAIMS:
        assert secret not in str(refusal(token(claims=claims_with(**{name: f"{secret}\n"}))))
    assert secret not in str(refusal(token(claims=claims_with(**{secret: 1}))))
