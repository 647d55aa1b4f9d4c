"""A small catalog with masks of every kind, for tests of the policy room alone."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from policy.catalog import Catalog, MaskInfo, RecognizerInfo


class Params(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Nothing(Params):
    pass


class Count(Params):
    count: int = Field(ge=1, le=64)
    char: str = Field("x", min_length=1, max_length=1)


class Value(Params):
    value: str | None = None

    @field_validator("value")
    @classmethod
    def _no_braces(cls, value: str | None) -> str | None:
        if value is not None and "{" in value:
            raise ValueError(f"braces are not allowed in {value}")
        return value


class Keyed(Params):
    scope: str | None = None
    alphabet: Literal["hex", "base32"] = "base32"
    length: int = Field(16, ge=4, le=64)


def _partial(params: BaseModel) -> str:
    return "partial"


def _broken(params: BaseModel) -> str:
    raise RuntimeError("4111111111111111")


MASKS = [
    MaskInfo("redact", Nothing, lambda p: "none"),
    MaskInfo("null", Nothing, lambda p: "none"),
    MaskInfo("keep", Nothing, lambda p: "clear"),
    MaskInfo("replace", Value, lambda p: "none", shorthand="value"),
    MaskInfo("keep_last", Count, _partial, shorthand="count"),
    MaskInfo("keep_first", Count, _partial, shorthand="count"),
    MaskInfo("pseudonym", Keyed, lambda p: "pseudonym", keyed=True),
    MaskInfo("hash", Keyed, lambda p: "pseudonym", keyed=True),
    MaskInfo("vague", Nothing, lambda p: "somewhat"),
    MaskInfo("broken", Nothing, _broken),
]

RECOGNIZERS = [
    RecognizerInfo("CreditCardRecognizer", "CREDIT_CARD"),
    RecognizerInfo("EmailRecognizer", "EMAIL_ADDRESS"),
    RecognizerInfo("PhoneRecognizer", "PHONE_NUMBER"),
    RecognizerInfo("UrlRecognizer", "URL"),
    RecognizerInfo("UsSsnRecognizer", "US_SSN", "us"),
    RecognizerInfo("UsItinRecognizer", "US_ITIN", "us"),
    RecognizerInfo("NhsRecognizer", "UK_NHS", "gb"),
    RecognizerInfo("NoFodselsnummerRecognizer", "NO_FODSELSNUMMER", "no"),
]

CATALOG = Catalog({r.name: r for r in RECOGNIZERS}, {m.name: m for m in MASKS})
