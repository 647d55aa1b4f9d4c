"""Grants: what is granted is what was signed, and whatever is not is refused, each with its reason."""

import base64
import hashlib
import hmac
import json
import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from udfs import grants
from udfs.grant_keys import LONGEST_BYTES, PASSPHRASE, is_name, is_plain, public_line, thumbprint, write_keys
from udfs.grants import Grant, GrantRefused, check, covers, load_grant, load_private, load_trusted, sign
from udfs.keys.errors import KeyFileError

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
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the base point (RFC 8032, section 5.1)

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


def test_a_token_by_the_standard_is_a_grant() -> None:
    assert check(token(), TRUSTED, NOW) == GRANT


def test_what_is_signed_is_a_token_by_the_standard() -> None:
    header, claims, signature = sign(GRANT, ANN, "ann").split(".")
    assert json.loads(b64_decoded(header)) == HEADER
    assert json.loads(b64_decoded(claims)) == CLAIMS
    ANN.public_key().verify(b64_decoded(signature), f"{header}.{claims}".encode())


def test_another_program_reads_it() -> None:
    now = START + 10**9
    grant = replace(GRANT, issued=START * 1000, begins=START * 1000, ends=(START + 31 * DAY) * 1000)
    options = {"verify_exp": now < START, "verify_nbf": False, "verify_iat": False}
    read = jwt.decode(sign(grant, ANN, "ann"), ANN.public_key(), ["EdDSA"], options=options)  # type: ignore[arg-type]
    assert read == {**CLAIMS, "exp": START + 31 * DAY}


def test_the_signer_is_who_signs_and_not_who_the_grant_says() -> None:
    assert check(sign(replace(GRANT, signer="joe"), ANN, "ann"), TRUSTED, NOW).signer == "ann"


def test_every_grant_has_an_id_of_its_own() -> None:
    ids = {Grant("bob", "x", ("A",), ("segment:a",), 1, 0, 0, 1000).id for _ in range(1000)}
    assert len(ids) == 1000


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
    "a cut signature": token()[:-4],
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
    "too long": token(claims={**CLAIMS, "why": "x" * LONGEST_BYTES}),
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


# Time


@pytest.mark.parametrize(
    ("claims", "now", "reason"),
    [
        ({}, START * 1000 - 1, "not-yet-valid"),
        ({}, 0, "not-yet-valid"),
        ({"nbf": START + 60}, START * 1000 + 59_999, "not-yet-valid"),
        ({}, (START + 7200) * 1000, "expired"),
        ({}, (START + 7200) * 1000 + 1, "expired"),
        ({}, (START + DAY) * 1000, "expired"),
        ({"exp": START + 31 * DAY + 1}, NOW, "too-long"),
        ({"nbf": START + 31 * DAY, "exp": START + 31 * DAY + 1}, (START + 31 * DAY) * 1000, "too-long"),
        ({"exp": 253402300799}, NOW, "too-long"),
        ({"iat": 0}, NOW, "too-long"),
    ],
)
def test_refuses_what_does_not_hold_now(claims: dict[str, object], now: int, reason: str) -> None:
    error = refusal(token(claims=claims_with(**claims)), now)
    assert error.reason == reason
    assert error.grant is not None
    assert error.grant.who == "bob"


@pytest.mark.parametrize(
    ("claims", "now"),
    [
        ({}, START * 1000),
        ({}, (START + 7200) * 1000 - 1),
        ({"nbf": START + 60}, START * 1000 + 60_000),
        ({"exp": START + 31 * DAY}, NOW),
    ],
)
def test_holds_from_its_beginning_and_before_its_end(claims: dict[str, object], now: int) -> None:
    assert check(token(claims=claims_with(**claims)), TRUSTED, now).who == "bob"


# What it covers


@pytest.mark.parametrize("entity", ["EMAIL_ADDRESS", "CREDIT", "credit_card", "CREDIT_CARD ", "*", ""])
def test_does_not_cover_other_entities(entity: str) -> None:
    with pytest.raises(GrantRefused) as caught:
        covers(GRANT, entity, "segment:support")
    assert caught.value.reason == "other-entity"


@pytest.mark.parametrize("scope", ["segment:desk", "scope:support", "segment:growth", "support", "segment:", "*", ""])
def test_does_not_cover_other_scopes(scope: str) -> None:
    with pytest.raises(GrantRefused) as caught:
        covers(GRANT, "CREDIT_CARD", scope)
    assert caught.value.reason == "other-scope"


def test_covers_what_it_names() -> None:
    for entity in GRANT.entities:
        for scope in GRANT.scopes:
            covers(GRANT, entity, scope)


# Signing


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"who": ""}, "malformed"),
        ({"why": ""}, "malformed"),
        ({"entities": ()}, "malformed"),
        ({"entities": ("*",)}, "malformed"),
        ({"scopes": ()}, "malformed"),
        ({"values": 0}, "malformed"),
        ({"values": True}, "malformed"),
        ({"ends": GRANT.begins}, "malformed"),
        ({"ends": GRANT.ends + 1}, "malformed"),
        ({"id": ""}, "malformed"),
        ({"ends": GRANT.issued + grants.LONGEST_LIFE + 1000}, "too-long"),
    ],
)
def test_signs_nothing_that_would_be_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(GrantRefused) as caught:
        sign(replace(GRANT, **changes), ANN, "ann")  # type: ignore[arg-type]
    assert caught.value.reason == reason


@pytest.mark.parametrize("name", ["", "a b", "../ann", "a/b", ".ann", "-ann", "a\\b", "a\nb", "x" * 65, "Zoe\u0308"])
def test_signs_in_no_name_that_cannot_be(name: str) -> None:
    with pytest.raises(GrantRefused, match="the signer's name"):
        sign(GRANT, ANN, name)


def test_the_largest_grant_is_not_too_long() -> None:
    wide = "\U00020000"
    entities = tuple(f"E{n:063}" for n in range(64))
    scopes = tuple(f"scope:s{n:063}" for n in range(64))
    grant = replace(GRANT, who=wide * 128, why=wide * 500, entities=entities, scopes=scopes, id="x" * 64)
    text = sign(grant, ANN, wide * 64)
    assert len(text) < LONGEST_BYTES
    assert check(text, {wide * 64: PUBLIC}, NOW) == replace(grant, signer=wide * 64)


# Properties


def plain(longest: int) -> st.SearchStrategy[str]:
    letters = st.text(st.characters(categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=longest)
    return letters.map(lambda text: unicodedata.normalize("NFC", text)).filter(lambda text: is_plain(text, longest))


def words(pattern: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.from_regex(pattern, fullmatch=True), min_size=1, max_size=5, unique=True).map(tuple)


@st.composite
def any_grant(draw: st.DrawFn) -> Grant:
    issued = draw(st.integers(0, 4_000_000_000))
    waits = draw(st.integers(0, 30 * DAY))
    lasts = draw(st.integers(1, 31 * DAY - waits))
    return Grant(
        draw(plain(40)),
        draw(plain(80)),
        draw(words(r"[A-Z][A-Z0-9_]{0,63}")),
        draw(words(r"segment:[a-z][a-z0-9_]{0,20}|scope:[A-Za-z0-9][A-Za-z0-9_.-]{0,20}")),
        draw(st.integers(1, 2**53 - 1)),
        issued * 1000,
        (issued + waits) * 1000,
        (issued + waits + lasts) * 1000,
    )


@given(grant=any_grant(), name=plain(20).filter(is_name), data=st.data())
def test_what_is_signed_is_what_is_granted(grant: Grant, name: str, data: st.DataObject) -> None:
    text = sign(grant, ANN, name)
    now = data.draw(st.integers(grant.begins, grant.ends - 1))
    assert check(text, {name: PUBLIC}, now) == replace(grant, signer=name)
    for outside in (grant.begins - 1, grant.ends):
        with pytest.raises(GrantRefused):
            check(text, {name: PUBLIC}, outside)


@given(place=st.integers(0, len(token()) - 1), other=st.characters(codec="ascii"))
def test_no_character_can_be_changed(place: int, other: str) -> None:
    text = token()
    if text[place] != other:
        assert refusal(text[:place] + other + text[place + 1 :]).reason in ("malformed", "forged", "unknown-signer")


@given(length=st.integers(0, len(token()) - 1))
def test_no_part_can_be_cut(length: int) -> None:
    assert refusal(token()[:length]).reason in ("malformed", "forged")


@given(text=st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True))
def test_any_text_is_refused(text: str) -> None:
    assert refusal(text).reason in ("malformed", "forged", "unknown-signer")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
ANY_JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner))


@given(claims=ANY_JSON | st.fixed_dictionaries({name: SCALARS | st.lists(SCALARS) for name in CLAIMS}) | st.binary())
def test_any_claims_of_a_trusted_signer_are_refused(claims: object) -> None:
    assert refusal(token(claims=claims)).reason in ("malformed", "forged")


# Published vectors

RFC_8032 = {  # section 7.1: secret key, public key, message, signature
    "1": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
        "24655141438e7a100b",
    ),
    "2": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
        "eeb00d291612bb0c00",
    ),
    "3": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
        "8dc027beceea1ec40a",
    ),
    "SHA(abc)": (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac1"
        "7ad9bef1177331a704",
    ),
}


@pytest.mark.parametrize("vector", RFC_8032.values(), ids=RFC_8032)
def test_keys_sign_as_rfc_8032_says(tmp_path: Path, vector: tuple[str, ...]) -> None:
    secret, public, message, signature = map(bytes.fromhex, vector)
    paths = write_keys(tmp_path, "ann", Ed25519PrivateKey.from_private_bytes(secret))
    assert load_private(paths[0]).sign(message) == signature
    key = load_trusted(paths[1])["ann"]
    assert key.public_bytes_raw() == public
    key.verify(signature, message)


RFC_8037_A_4 = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def test_tokens_are_signed_as_rfc_8037_says() -> None:
    made = grants._JWS.encode(b"Example of Ed25519 signing", ANN, "EdDSA", headers={"typ": ""})
    assert made == RFC_8037_A_4
    assert grants._JWS.decode(RFC_8037_A_4, PUBLIC, algorithms=["EdDSA"]) == b"Example of Ed25519 signing"
    assert refusal(RFC_8037_A_4).reason == "malformed"


def test_the_fingerprint_is_that_of_rfc_8037() -> None:
    assert thumbprint(PUBLIC) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"  # appendix A.3


# Files


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    for name, key in (("ann", ANN), ("eve", EVE)):
        write_keys(tmp_path, name, key)
    return tmp_path


def test_keys_are_written_and_read(keys: Path) -> None:
    assert (keys / "ann.key").stat().st_mode & 0o777 == 0o600
    assert (keys / "ann.pub").stat().st_mode & 0o022 == 0
    assert load_private(keys / "ann.key") == ANN or load_private(keys / "ann.key").public_key() == PUBLIC
    assert set(load_trusted(keys)) == {"ann", "eve"}
    assert check(sign(GRANT, load_private(keys / "ann.key"), "ann"), load_trusted(keys), NOW) == GRANT


@pytest.mark.parametrize("name", ["Zoë", "李明", "हिन्दी", "ann.lee", "ann@desk"])
def test_names_of_every_script_do(tmp_path: Path, name: str) -> None:
    private, public = write_keys(tmp_path, name, ANN)
    grant = check(sign(replace(GRANT, who=name), load_private(private), private.stem), load_trusted(public), NOW)
    assert (grant.signer, grant.who) == (name, name)


@pytest.mark.parametrize("name", ["", "../ann", "a b", ".ann", "-ann", "Zoe\u0308"])
def test_writes_no_keys_of_a_name_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyFileError, match="name"):
        write_keys(tmp_path, name, ANN)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".key", ".pub"])
def test_writes_over_no_file_and_leaves_no_half_of_a_pair(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"ann{suffix}").write_text("kept")
    with pytest.raises(KeyFileError, match="is not overwritten"):
        write_keys(tmp_path, "ann", ANN)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["kept"]


def test_a_passphrase_locks_the_private_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "correct horse")
    path, _ = write_keys(tmp_path, "ann", ANN)
    assert "ENCRYPTED" in path.read_text()
    assert load_private(path).public_key() == PUBLIC
    monkeypatch.setenv(PASSPHRASE, "wrong horse")
    with pytest.raises(KeyFileError, match="passphrase") as caught:
        load_private(path)
    assert "horse" not in str(caught.value)
    monkeypatch.delenv(PASSPHRASE)
    with pytest.raises(KeyFileError, match=f"set {PASSPHRASE}"):
        load_private(path)


def private_pem(key: object) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined,no-any-return]


def public_pem(key: object) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o660, 0o666, 0o644])
def test_a_private_key_that_others_could_touch_is_refused(keys: Path, mode: int) -> None:
    (keys / "ann.key").chmod(mode)
    with pytest.raises(KeyFileError, match="owner alone"):
        load_private(keys / "ann.key")


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", bytes(100), PUBLIC_PEM, private_pem(Ed448PrivateKey.generate()), b"x" * (LONGEST_BYTES + 1)],
)
def test_a_private_key_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ann.key"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match=r"ann\.key") as caught:
        load_private(path)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666, 0o620, 0o602])
@pytest.mark.parametrize("name", ["ann.pub", "trust.yaml"])
def test_trust_that_others_could_write_is_refused(keys: Path, name: str, mode: int) -> None:
    (keys / "trust.yaml").write_text(f"ann: {public_line(PUBLIC)}\n")
    (keys / name).chmod(mode)
    with pytest.raises(KeyFileError, match="others can write it"):
        load_trusted(keys / name)


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o1777])
def test_a_folder_of_trust_that_others_could_write_is_refused(keys: Path, mode: int) -> None:
    keys.chmod(mode)
    with pytest.raises(KeyFileError, match="others can write it"):
        load_trusted(keys)


def test_one_file_that_others_could_write_spoils_the_folder(keys: Path) -> None:
    (keys / "eve.pub").chmod(0o666)
    with pytest.raises(KeyFileError, match=r"eve\.pub"):
        load_trusted(keys)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ann.pub", b""),
        ("ann.pub", b"hello"),
        ("ann.pub", private_pem(ANN)),
        ("ann.pub", public_pem(Ed448PrivateKey.generate())),
        ("ann.pub", public_pem(generate_private_key(SECP256R1()))),
        ("ann.pub", b"x" * (LONGEST_BYTES + 1)),
        ("a b.pub", PUBLIC_PEM),
        ("-a.pub", PUBLIC_PEM),
        ("trust.yaml", b""),
        ("trust.yaml", b"- ann"),
        ("trust.yaml", b"ann: 7"),
        ("trust.yaml", b"ann: hello"),
        ("trust.yaml", b"ann: AAAA"),
        ("trust.yaml", b"ann: [x"),
        ("trust.yaml", f"ann: {public_line(PUBLIC)[:-1]}".encode()),
        ("trust.yaml", f"../ann: {public_line(PUBLIC)}".encode()),
        ("trust.yaml", f"ann: {public_line(PUBLIC)}\nann: {public_line(EVE.public_key())}".encode()),
        ("trust.yaml", f"ann: {public_line(PUBLIC)}\neve: short".encode()),
        ("trust.yaml", b"ann: \xff"),
    ],
)
def test_trust_that_is_none_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match=re.escape(name)) as caught:
        load_trusted(path)
    assert caught.value.__context__ is None


def test_trust_in_a_file_of_names(tmp_path: Path) -> None:
    path = tmp_path / "trust.yaml"
    path.write_text(f"ann: {public_line(PUBLIC)}\nZoë: {public_line(EVE.public_key())}\n")
    path.chmod(0o644)
    assert load_trusted(path) == {"ann": PUBLIC, "Zoë": EVE.public_key()}


def test_a_folder_without_keys_trusts_nobody(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "README").write_text("no key")
    with pytest.raises(KeyFileError, match="no public keys"):
        load_trusted(tmp_path)
    with pytest.raises(KeyFileError, match="cannot be read"):
        load_trusted(tmp_path / "nothing")


def test_a_grant_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "bob.grant").write_text(f"{token()}\n")
    assert check(load_grant(tmp_path / "bob.grant"), TRUSTED, NOW) == GRANT


def test_what_cannot_be_a_grant_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_bytes(b"x" * (LONGEST_BYTES + 1))
    for name in ("pipe", "long", "nothing", "."):
        with pytest.raises(GrantRefused, match=r"unreadable.*weir grant make") as caught:
            load_grant(tmp_path / name)
        assert caught.value.__context__ is None


def test_a_grant_file_of_other_bytes_is_no_grant(tmp_path: Path) -> None:
    (tmp_path / "bob.grant").write_bytes(b"\xff\x00" * 100)
    assert refusal(load_grant(tmp_path / "bob.grant")).reason == "malformed"
