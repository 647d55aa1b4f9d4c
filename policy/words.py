"""The kinds of words that a policy is written in, each with its check and a message that says what is expected."""

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from policy.errors import did_you_mean, kind, one_of, show_word


def problem(message: str, hint: str = "") -> PydanticCustomError:
    """A validation error whose message and hint are shown to the user as they are; they must hold no value."""
    return PydanticCustomError("weir", "{message}", {"message": message, "hint": hint})


@dataclass(frozen=True)
class Word:
    """Annotation of a text that must match a pattern.

    Attributes:
        what: what it must be, as the user reads it.
        pattern: regular expression of the whole text; it also goes to the JSON Schema.
        reserved: words that match and are still refused.
        hint: the next step for one who wrote something else.
    """

    what: str
    pattern: str
    reserved: tuple[str, ...] = ()
    hint: str = ""

    def check(self, value: str) -> str:
        """The value, when it is such a word."""
        if re.fullmatch(self.pattern, value) is None:
            raise problem(f"must be {self.what}; got {show_word(value)}", self.hint)
        if value in self.reserved:
            raise problem(f"'{value}' is a reserved word here", "choose another name")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


@dataclass(frozen=True)
class Choice:
    """Annotation of a text that must be one of the words.

    Attributes:
        words: what is allowed.
        refused: words with a message of their own.
    """

    words: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()

    def check(self, value: Any) -> str:
        """The value, when it is one of the words."""
        if isinstance(value, str) and value in self.words:
            return value
        for word, message in self.refused:
            if value == word:
                raise problem(message, f"use {one_of(self.words)}")
        raise problem(f"must be {one_of(self.words)}; got {show_word(value)}", did_you_mean(value, self.words))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "enum": list(self.words)}


PolicyName: TypeAlias = Annotated[
    str, Word("a name of lower-case letters, digits, '.', '_' and '-'", r"[a-z0-9][a-z0-9._-]{0,99}")
]
LevelName: TypeAlias = Annotated[
    str, Word("a level name of lower-case letters, digits and '_'", r"[a-z][a-z0-9_]{0,39}", ("scan",))
]
EntityName: TypeAlias = Annotated[
    str, Word("an entity name of upper-case letters, digits and '_'", r"[A-Z][A-Z0-9_]{0,63}")
]
MaskedEntity: TypeAlias = Annotated[
    str,
    Word(
        "an entity name of upper-case letters, digits and '_'",
        r"[A-Z][A-Z0-9_]{0,63}",
        hint="default_mask serves the entities that are not named",
    ),
]
EntityKey: TypeAlias = Annotated[
    str, Word("an entity name of upper-case letters, digits and '_', or '*'", r"[A-Z][A-Z0-9_]{0,63}|\*")
]
SegmentName: TypeAlias = Annotated[
    str,
    Word("a segment name of lower-case letters, digits and '_'", r"[a-z][a-z0-9_]{0,62}", ("audit", "quarantine")),
]
TableName: TypeAlias = Annotated[str, Word("a table name of letters, digits and '_'", r"[A-Za-z_][A-Za-z0-9_]{0,127}")]
RecognizerName: TypeAlias = Annotated[
    str, Word("a name of letters, digits, '_', '-', '.' and spaces", r"[A-Za-z][A-Za-z0-9_ .-]{0,79}")
]
FieldRule: TypeAlias = Annotated[str, Word("an entity, a level, or 'scan'", r"[A-Za-z][A-Za-z0-9_]{0,63}")]
Consumer: TypeAlias = Annotated[
    str, Word("a name of 1 to 256 characters, no control characters", r"[^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,255}")
]
Text: TypeAlias = Annotated[str, Word("a text that is not blank, without line breaks", r"(?=.*\S)[^\r\n\x00]{1,1000}")]
Note: TypeAlias = Annotated[str, Word("a text of at most 2000 characters", r"[^\x00]{0,2000}")]
Judgement: TypeAlias = Annotated[str, Choice(("weir", "presidio"))]
LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pt")
"""Languages (ISO 639-1) whose words for values are known; `udfs/detect/words.yaml` has them."""
LanguageCode: TypeAlias = Annotated[str, Choice(LANGUAGES)]
UnknownFields: TypeAlias = Annotated[str, Choice(("scan", "deny"))]
AboveClearance: TypeAlias = Annotated[
    str,
    Choice(
        ("mask", "deny"),
        (("hold", "'hold' is reserved: records cannot be held for approval in this version"),),
    ),
]
MaxExposure: TypeAlias = Annotated[
    str,
    Choice(
        ("none", "shape", "partial", "pseudonym", "reversible"),
        (("clear", "'clear' would allow what the clearance forbids"),),
    ),
]


def _country(value: str) -> str:
    if re.fullmatch(r"[a-z]{2}", value):
        return value
    hint = f"write '{value.lower()}'" if re.fullmatch(r"[A-Za-z]{2}", value) else ""
    raise problem(f"must be an ISO 3166-1 code of two lower-case letters, such as 'us'; got {show_word(value)}", hint)


Country: TypeAlias = Annotated[
    str, AfterValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[a-z]{2}$"})
]


def _time(value: Any) -> datetime:
    expected = "must be an ISO 8601 time with a zone, such as 2026-01-01T00:00:00Z"
    if not isinstance(value, str):
        raise problem(f"{expected}; got {kind(value)}")
    text = value[:-1] + "+00:00" if value.endswith(("Z", "z")) else value
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise problem(expected) from None
    if time.tzinfo is None or "T" not in value.upper():
        raise problem(expected, "add 'T00:00:00Z' to a date, 'Z' to a time")
    try:
        return time.astimezone(timezone.utc)
    except OverflowError:
        raise problem(expected) from None


Time: TypeAlias = Annotated[datetime, BeforeValidator(_time), WithJsonSchema({"type": "string", "format": "date-time"})]


def _version_of_language(value: Any) -> int:
    if value == 1 and not isinstance(value, (bool, float)):
        return 1
    if isinstance(value, int) and not isinstance(value, bool):
        raise problem("this version of the policy language is not known", "write 'weir: 1'")
    raise problem(f"must be the number 1; got {kind(value)}", "write 'weir: 1'")


Language: TypeAlias = Annotated[int, BeforeValidator(_version_of_language), WithJsonSchema({"const": 1})]


def is_relative(value: str) -> bool:
    """True for a path that may be relative to a policy: no root, no home, no drive or URL, no control character."""
    bad = value.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value)
    return bool(value.strip()) and not bad and "\x00" not in value and "\n" not in value


def _include(value: str) -> str:
    if not value.strip() or "\x00" in value or "\n" in value:
        raise problem("must be the path of a pack")
    if value.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value):
        raise problem(
            "must be a path relative to the policy file, or packs/NAME.yaml", "move the pack beside the policy"
        )
    return value


Include: TypeAlias = Annotated[str, AfterValidator(_include), WithJsonSchema({"type": "string", "minLength": 1})]

Scalar: TypeAlias = str | int | float | bool
MaskCall: TypeAlias = str | dict[str, Any]


def _mask(value: Any) -> MaskCall:
    """`null` without quotes is YAML's null; a mask of that name is meant."""
    expected = "must be the name of a mask, {name: value}, or {name: {parameter: value}}"
    if value is None:
        return "null"
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        return value
    if isinstance(value, dict):
        raise problem(f"{expected}; got {len(value)} keys", "put the parameters under the name of the mask")
    raise problem(f"{expected}; got {kind(value)}")


_MASK_SCHEMA: JsonSchemaValue = {
    "anyOf": [
        {"type": "string"},
        {"type": "null"},
        {"type": "object", "minProperties": 1, "maxProperties": 1},
    ]
}
Mask: TypeAlias = Annotated[MaskCall, BeforeValidator(_mask), WithJsonSchema(_MASK_SCHEMA)]


def _accepted(value: Any) -> tuple[Scalar, ...]:
    values = value if isinstance(value, list) else [value]
    if not values:
        raise problem(
            "must not be empty: no record would be accepted", "list the accepted values, or remove the condition"
        )
    if not all(isinstance(v, (str, int, float, bool)) for v in values):
        raise problem("must be a value or a list of values: text, numbers, true, false", "null cannot be accepted")
    return tuple(values)


_SCALAR_SCHEMA: JsonSchemaValue = {"type": ["string", "number", "boolean"]}
Accepted: TypeAlias = Annotated[
    tuple[Scalar, ...],
    BeforeValidator(_accepted),
    WithJsonSchema({"anyOf": [_SCALAR_SCHEMA, {"type": "array", "items": _SCALAR_SCHEMA, "minItems": 1}]}),
]
