"""Grants: who may bring back what, how many values of it, why and until when; signed by whom the trust names.

A grant is a JSON Web Token (RFC 7519) in compact form (RFC 7515), signed with Ed25519 (EdDSA of RFC 8037), so that
other programs can read and check it. `docs/grants.md` has its claims.

    private key ──sign──▶ grant file ──check, with the trusted public keys──▶ Grant ──covers──▶ an entity in a scope
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Annotated, Any

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from policy.words import EntityName, Word, problem
from udfs.grant_keys import LONGEST_BYTES, Source, content_of, is_name, is_plain, load_private, load_trusted

__all__ = ["Grant", "GrantRefused", "check", "covers", "load_grant", "load_private", "load_trusted", "sign", "utc"]

TYPE = "weir-grant+jwt"
"""The header `typ`: a token that the same key signed for another purpose is no grant (RFC 8725, section 3.11)."""

LONGEST_LIFE = 31 * 24 * 3600 * 1000
"""Milliseconds from when a grant is issued to its end. A grant cannot be called back, so it must end soon."""

_ALGORITHM = "EdDSA"  # fixed here, never taken from the token (RFC 8725, section 3.1)
_JWS = jwt.PyJWS(algorithms=[_ALGORITHM])
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")  # an empty signature is a forged one
_AGAIN = "ask who signed it for a new one"


class GrantRefused(Exception):
    """A grant does not permit it. The message says why and what to do next, and holds no part of the token.

    Attributes:
        reason: `malformed`, `unknown-signer`, `forged`, `too-long`, `not-yet-valid`, `expired`, `other-entity`,
            `other-scope` or `unreadable`.
        grant: what was granted, where it is genuine and only its time or its reach does not permit it; otherwise None.
    """

    def __init__(self, reason: str, message: str, grant: "Grant | None" = None) -> None:
        super().__init__(f"grant refused ({reason}): {message}")
        self.reason, self.grant = reason, grant


@dataclass(frozen=True)
class Grant:
    """What is granted. `sign` says which of these it refuses.

    Attributes:
        who: who may bring values back, 1 to 128 characters.
        why: what for, 1 to 500 characters.
        entities: which entities, 1 to 64, e.g. `CREDIT_CARD`; each is named, there is no wildcard.
        scopes: in which scopes, 1 to 64: `segment:NAME`, or `scope:NAME` for one that masks name.
        values: how many values at most, from 1.
        issued, begins, ends: ms UTC, whole seconds. It holds from `begins` on and before `ends`.
        id: names this grant among all.
        signer: the name of the key that signs; set by `check`, from the signature.
    """

    who: str
    why: str
    entities: tuple[str, ...]
    scopes: tuple[str, ...]
    values: int
    issued: int
    begins: int
    ends: int
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    signer: str = ""


def _signer(text: str) -> str:
    if not is_name(text):
        raise problem("must be 1 to 64 printable characters without spaces and slashes, not beginning with '.' or '-'")
    return text


def _plain(longest: int) -> AfterValidator:
    def check_text(text: str) -> str:
        if not is_plain(text, longest):
            raise problem(f"must be given: 1 to {longest} printable characters on one line (Unicode NFC)")
        return text

    return AfterValidator(check_text)


def _named(words: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(words) <= 64 or len(set(words)) < len(words):
        raise problem("must be 1 to 64, each named once; there is no wildcard")
    return words


_SCOPE = Word(
    "segment:NAME or scope:NAME, as in the policy",
    r"segment:[a-z][a-z0-9_]{0,62}|scope:[A-Za-z0-9][A-Za-z0-9_.-]{0,63}",
)
_Seconds = Annotated[int, Field(ge=0, lt=253402300800)]  # NumericDate (RFC 7519, section 2), to the end of year 9999


class _Claims(BaseModel):
    """The claims as they are signed. One that is not known here could narrow the grant, so it is not ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    iss: Annotated[str, AfterValidator(_signer)]
    sub: Annotated[str, _plain(128)]
    why: Annotated[str, _plain(500)]
    entities: Annotated[tuple[EntityName, ...], AfterValidator(_named)]
    scopes: Annotated[tuple[Annotated[str, _SCOPE], ...], AfterValidator(_named)]
    values: int = Field(ge=1, lt=2**53)  # whole numbers that every reader of JSON can hold (RFC 7493, section 2.2)
    iat: _Seconds
    nbf: _Seconds
    exp: _Seconds
    jti: str = Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")

    @model_validator(mode="after")
    def _in_order(self) -> "_Claims":
        if not self.iat <= self.nbf < self.exp:
            raise problem("must be issued before it begins, and begin before it ends")
        return self


def sign(grant: Grant, private_key: Ed25519PrivateKey, name: str) -> str:
    """The grant as a signed token, ASCII.

    Args:
        name: of the key: that of the file with the public key, among the trusted ones.

    Raises:
        GrantRefused: `malformed` or `too-long`: `check` would refuse it.

    >>> grant = Grant("bob", "fraud case 12", ("CREDIT_CARD",), ("segment:support",), 100, 0, 0, 7_200_000)
    >>> key = Ed25519PrivateKey.generate()
    >>> check(sign(grant, key, "ann"), {"ann": key.public_key()}, now=3_600_000).signer
    'ann'
    """
    claims = _claims(grant, name)
    _check_life(grant)
    header = {"typ": TYPE, "kid": name}
    return _JWS.encode(orjson.dumps(claims.model_dump()), private_key, _ALGORITHM, headers=header)


def check(text: str, trusted: Mapping[str, Ed25519PublicKey], now: int) -> Grant:
    """The grant of a token, if it holds now.

    Args:
        text: the token, without white space around it.
        trusted: the public keys of those who may grant, by name.
        now: ms UTC. No leeway is given to clocks that differ.

    Raises:
        GrantRefused: `malformed`, `unknown-signer` or `forged`; or else `too-long`, `not-yet-valid` or `expired`.
    """
    name = _named_signer(text)
    if name not in trusted:
        raise GrantRefused("unknown-signer", f"the key '{name}' is not trusted; put its public key among the trusted")
    payload = _payload(text, trusted[name])
    if payload is None:
        raise GrantRefused("forged", f"the key '{name}' did not sign it as it is; {_AGAIN}")
    grant = _granted(payload)
    if grant.signer != name:
        raise GrantRefused("forged", f"the key '{name}' signed it in the name of another; {_AGAIN}")
    _check_life(grant)
    if now < grant.begins:
        raise GrantRefused("not-yet-valid", f"it begins at {utc(grant.begins)}; wait until then", grant)
    if now >= grant.ends:
        raise GrantRefused("expired", f"it ended at {utc(grant.ends)}; {_AGAIN}", grant)
    return grant


def covers(grant: Grant, entity: str, scope: str) -> None:
    """Nothing, if values of an entity that were masked in a scope are among what is granted.

    Args:
        scope: `segment:NAME` or `scope:NAME`, as `policy.plan.MaskPlan` has it.

    Raises:
        GrantRefused: `other-entity` or `other-scope`.

    >>> grant = Grant("bob", "case 12", ("CREDIT_CARD",), ("segment:support",), 100, 0, 0, 1000)
    >>> covers(grant, "CREDIT_CARD", "segment:support")
    >>> covers(grant, "IBAN_CODE", "segment:support")
    Traceback (most recent call last):
    udfs.grants.GrantRefused: grant refused (other-entity): it is not for IBAN_CODE; ask for a grant that names it
    """
    if entity not in grant.entities:
        raise GrantRefused("other-entity", f"it is not for {entity}; ask for a grant that names it", grant)
    if scope not in grant.scopes:
        raise GrantRefused("other-scope", f"it is not for {scope}; ask for a grant that names it", grant)


def utc(ms: int) -> str:
    """A time as text.

    >>> utc(1767225600000)
    '2026-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(ms // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _claims(grant: Grant, name: str) -> _Claims:
    times = {"iat": grant.issued, "nbf": grant.begins, "exp": grant.ends}
    if any(ms % 1000 for ms in times.values()):
        raise GrantRefused("malformed", "its times must be whole seconds; round them")
    what = {"why": grant.why, "entities": tuple(grant.entities), "scopes": tuple(grant.scopes), "values": grant.values}
    seconds = {claim: ms // 1000 for claim, ms in times.items()}
    return _validated({"iss": name, "sub": grant.who, **what, **seconds, "jti": grant.id}, "correct it")


def _granted(payload: bytes) -> Grant:
    c = _validated(payload, _AGAIN)
    issued, begins, ends = c.iat * 1000, c.nbf * 1000, c.exp * 1000
    return Grant(c.sub, c.why, c.entities, c.scopes, c.values, issued, begins, ends, c.jti, c.iss)


def _validated(claims: bytes | dict[str, Any], step: str) -> _Claims:
    try:
        if isinstance(claims, bytes):
            return _Claims.model_validate_json(claims)
        return _Claims.model_validate(claims)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
    # The name of an unknown claim is as free as a value, so it is not shown.
    problems = {f"{_called(e['loc'])}: {e['msg']}" for e in found if e["type"] != "extra_forbidden"}
    if len(problems) < len(found) and not problems:
        problems = {"it has claims that a grant has not"}
    raise GrantRefused("malformed", f"{'; '.join(sorted(problems))}; {step}")


def _called(location: tuple[int | str, ...]) -> str:
    claim = str(location[0]) if location else "it"
    return {"iss": "the signer's name", "sub": "who"}.get(claim, claim)


def _check_life(grant: Grant) -> None:
    if grant.ends - grant.issued > LONGEST_LIFE:
        days = LONGEST_LIFE // (24 * 3600 * 1000)
        raise GrantRefused("too-long", f"it lasts longer than {days} days; grant it for a shorter time", grant)


def _named_signer(text: str) -> str:
    """The name of the key that a token says has signed it."""
    header = _header(text)
    if header is None:
        raise GrantRefused("malformed", f"it is no token in compact form, or not all of one; {_AGAIN}")
    if header.get("alg") != _ALGORITHM:
        raise GrantRefused("forged", f"it is not signed with Ed25519; {_AGAIN}")
    name = header.get("kid")
    if set(header) != {"alg", "kid", "typ"} or header["typ"] != TYPE or not isinstance(name, str) or not is_name(name):
        raise GrantRefused("malformed", f"its header is not that of a grant; {_AGAIN}")
    return name


def _header(text: str) -> dict[str, Any] | None:
    if len(text) > LONGEST_BYTES or not _COMPACT.fullmatch(text):
        return None
    try:
        return _JWS.get_unverified_header(text)
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None


def _payload(text: str, key: Ed25519PublicKey) -> bytes | None:
    try:
        payload: bytes = _JWS.decode(text, key, algorithms=[_ALGORITHM])
    except jwt.PyJWTError:
        return None
    return payload


def load_grant(path: Source) -> str:
    """The token in a grant file, for `check`.

    Raises:
        GrantRefused: `unreadable`: there is no such file, or it is too long.
    """
    content, trouble = content_of(path)
    if trouble:
        raise GrantRefused("unreadable", f"{os.fspath(path)} {trouble}; name a file that `weir grant make` wrote")
    return content.decode("ascii", "replace").strip()
