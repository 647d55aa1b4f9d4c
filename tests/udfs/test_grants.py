"""Grants: what is granted is what was signed, and whatever is not is refused, each with its reason."""

import json
import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.grant_tokens import (
    ANN,
    CLAIMS,
    DAY,
    GRANT,
    HEADER,
    NOW,
    START,
    TRUSTED,
    b64_decoded,
    claims_with,
    refusal,
    token,
)
from udfs import grants
from udfs.grant_keys import LONGEST_BYTES, is_name, is_plain
from udfs.grants import Grant, GrantRefused, check, covers, load_grant, sign

PUBLIC = ANN.public_key()


def test_a_token_by_the_standard_is_a_grant() -> None:
    assert check(token(), TRUSTED, NOW) == GRANT


def test_what_is_signed_is_a_token_by_the_standard() -> None:
    header, claims, signature = sign(GRANT, ANN, "ann").split(".")
    assert json.loads(b64_decoded(header)) == HEADER
    assert json.loads(b64_decoded(claims)) == CLAIMS
    ANN.public_key().verify(b64_decoded(signature), f"{header}.{claims}".encode())


def test_another_program_reads_it() -> None:
    anytime = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    assert jwt.decode(sign(GRANT, ANN, "ann"), ANN.public_key(), ["EdDSA"], options=anytime) == CLAIMS


def test_the_signer_is_who_signs_and_not_who_the_grant_says() -> None:
    assert check(sign(replace(GRANT, signer="joe"), ANN, "ann"), TRUSTED, NOW).signer == "ann"


def test_every_grant_has_an_id_of_its_own() -> None:
    ids = {Grant("bob", "x", ("A",), ("segment:a",), 1, 0, 0, 1000).id for _ in range(1000)}
    assert len(ids) == 1000


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

RFC_8037_A_4 = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def test_tokens_are_signed_as_rfc_8037_says() -> None:
    made = grants._JWS.encode(b"Example of Ed25519 signing", ANN, "EdDSA", headers={"typ": ""})
    assert made == RFC_8037_A_4
    assert grants._JWS.decode(RFC_8037_A_4, PUBLIC, algorithms=["EdDSA"]) == b"Example of Ed25519 signing"
    assert refusal(RFC_8037_A_4).reason == "malformed"


# Files


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
