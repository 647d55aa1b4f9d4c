"""The policy language, version 1, as pydantic models. Every field's docstring goes to the JSON Schema for editors.

The models check the shape of a file: keys, types, words. What the words mean (does the level exist, is the mask
installed, does the clearance hold) is checked by `policy.meaning` and `policy.compile`.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from policy.errors import Origins
from policy.words import (
    AboveClearance,
    Accepted,
    Consumer,
    Country,
    EntityKey,
    EntityName,
    FieldRule,
    Include,
    Judgement,
    Language,
    LanguageCode,
    LevelName,
    Mask,
    MaskedEntity,
    MaxExposure,
    Note,
    PolicyName,
    RecognizerName,
    SegmentName,
    TableName,
    Text,
    Time,
    UnknownFields,
    problem,
)

DEFAULT_LEVELS = ["public", "internal", "confidential", "regulated"]
DEFAULT_THRESHOLD = 0.35
DEFAULT_MODEL_SCORE = 0.85
"""Score of a model's finding in Presidio (`NerModelConfiguration.default_score`)."""
DEFAULT_LABELS = {
    "PER": "PERSON",
    "PERSON": "PERSON",
    "LOC": "LOCATION",
    "LOCATION": "LOCATION",
    "GPE": "LOCATION",
    "ORG": "ORGANIZATION",
}
"""Presidio's mapping for persons, places and organizations (`NerModelConfiguration`)."""


class _Node(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class Pattern(_Node):
    """One regular expression of an own recognizer, as Presidio's `Pattern` takes it."""

    name: Text | None = None
    """Name of the pattern; by default the recognizer's name and a number."""
    regex: str = Field(min_length=1)
    """Regular expression of Python's `regex` module. As in Presidio, case is ignored, `.` matches line breaks, and `^`
    and `$` match at every line."""
    score: float = Field(ge=0, le=1)
    """Score of a match, 0 to 1."""


class Recognizer(_Node):
    """An own recognizer, as Presidio's `PatternRecognizer` takes it: patterns, a deny list, or both."""

    entity: EntityName
    """The entity that it finds. It needs a level under `entities`."""
    name: RecognizerName | None = None
    """Name in findings and audit events; by default made of the entity: EMPLOYEE_ID gives EmployeeIdRecognizer. A
    policy's recognizer replaces a pack's of the same name."""
    patterns: list[Pattern] = []
    """Regular expressions, each with a score."""
    deny_list: list[Text] = []
    """Words that are always a finding, as whole words."""
    deny_list_score: float = Field(1.0, ge=0, le=1)
    """Score of a word of the deny list, 0 to 1."""
    context: list[Text] = []
    """Words that raise the score of a finding when they stand near it."""
    against: list[Text] = []
    """Words that drop a finding with a score below 1 when one stands before it and no word of `context` does."""

    @model_validator(mode="after")
    def _finds_something(self) -> "Recognizer":
        if not self.patterns and not self.deny_list:
            raise problem("must have patterns or a deny_list", "without them it finds nothing")
        return self

    @property
    def label(self) -> str:
        """The name, given or made of the entity."""
        return self.name or "".join(part.capitalize() for part in self.entity.split("_")) + "Recognizer"


class Model(_Node):
    """A language model: a spaCy pipeline that finds persons, places and organizations."""

    spacy: Text
    """Name of an installed pipeline, such as en_core_web_sm, or its folder on the machines that run the job."""
    entities: dict[Text, EntityName] = Field(DEFAULT_LABELS, min_length=1)
    """Label of the pipeline -> entity. By default Presidio's for PERSON, LOCATION and ORGANIZATION."""
    score: float = Field(DEFAULT_MODEL_SCORE, ge=0, le=1)
    """Score of its findings, 0 to 1."""


class FieldEvidence(_Node):
    """What was measured in one field."""

    seen: int = Field(ge=1, le=2**53)
    """Number of values that were looked at, 1 or higher."""
    valid: dict[EntityName, Annotated[float, Field(ge=0, le=1)]] = Field(min_length=1)
    """Entity -> share of the values that were findings of it, 0 to 1."""


class Evidence(_Node):
    """What was measured in a stream: the column as witness."""

    version: int = Field(ge=1, le=2**53)
    """Version of the evidence, 1 or higher."""
    fields: dict[str, FieldEvidence] = Field(min_length=1)
    """Path -> what was measured there. It covers its path and everything beneath it; the first that covers wins."""


def _or_file(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [{"type": "string", "minLength": 1}, *schema["anyOf"]]


class Segment(_Node):
    """One named output: who reads it, what they may see, and how the rest is masked."""

    clearance: LevelName
    """The highest level that the segment may see in the clear."""
    sink: TableName
    """Table that its records are written to, as named in the tables file."""
    consumers: list[Consumer] = []
    """Who reads the segment: principals, groups or service names."""
    accept: dict[str, Accepted] = {}
    """Conditions, all of which a record must meet: path -> accepted value or values. The record must have a value at
    the path, and every value there must be among them."""
    masks: dict[MaskedEntity, Mask] = {}
    """Entity -> mask: `redact`, `{keep_last: 4}`, `{pseudonym: {scope: growth}}`. An entity named here is always
    masked so, also when the clearance would let it pass."""
    default_mask: Mask = "redact"
    """Mask of an entity above the clearance that `masks` does not name."""
    above_clearance: AboveClearance = "mask"
    """What becomes of a record that holds something above the clearance: it is masked, or not delivered."""
    max_exposure: MaxExposure | None = None
    """The most that masks may leave readable of an entity above the clearance: none < shape < partial < pseudonym <
    reversible. By default anything but the value in the clear."""


class Audit(_Node):
    """Where the audit events go."""

    sink: TableName = "audit"
    """Table of the audit events."""


class Quarantine(_Node):
    """Where a record goes that could not be read, parsed, scanned or masked. It is stored as it came."""

    sink: TableName = "quarantine"
    """Table of the quarantined records."""
    clearance: LevelName | None = None
    """Must be the highest level, for what could not be read may hold anything. That is the default."""
    consumers: list[Consumer] = []
    """Who reads the quarantine."""


class Pack(_Node):
    """A reusable part of a policy. Segments, and all that decides who reads, stay in the policy."""

    weir: Language
    """Version of the policy language: 1."""
    name: PolicyName | None = None
    """Name of the pack."""
    description: Note | None = None
    """What it is for, in a sentence or two."""
    countries: list[Country] | None = Field(None, min_length=1)
    """Countries (ISO 3166-1 alpha-2, lower case) whose recognizers run; also the regions of phone numbers. Without it,
    the recognizers of all countries run."""
    entities: dict[EntityKey, LevelName] = {}
    """Entity -> level of a finding of this kind. `"*"` gives a level to every entity that something can find and that
    is not named. Only recognizers of entities that have a level run."""
    recognizers: list[Recognizer] = []
    """Own recognizers, in Presidio's form."""
    fields: dict[str, FieldRule] = {}
    """Path -> what stands there: an entity (the whole value is one), a level (the lowest: known clean, not scanned; a
    higher one: the whole value is worth that level), or `scan`. A rule covers its path and everything beneath it; the
    first that covers a path wins; a policy's rules come before those of its packs."""


class Policy(Pack):
    """A policy: what is sensitive, what it is worth, and which segment sees what."""

    name: PolicyName
    """Name of the policy; it stands in every audit event."""
    version: int = Field(ge=1, le=2**53)
    """Version of the policy, 1 or higher; raise it with every change."""
    effective_from: Time | None = None
    """From when on it is in force: ISO 8601 time with a zone."""
    levels: list[LevelName] = Field(DEFAULT_LEVELS, min_length=2, max_length=100)
    """Classification levels, lowest first; at least two."""
    include: list[Include] = []
    """Packs: paths relative to this file, or `packs/NAME.yaml` of the installed ones."""
    threshold: float = Field(DEFAULT_THRESHOLD, ge=0, le=1)
    """Lowest score that makes a finding, 0 to 1."""
    key_epoch: int = Field(1, ge=1, le=2**31)
    """Epoch of the keys of masks that cannot name their key in what they make: pseudonyms, hashes, `fpe`. What is made
    under another epoch cannot be joined with it. `token` and `encrypt` name their key, and use the newest."""
    judgement: Judgement = "weir"
    """Whose judgement holds: `weir` (Presidio's with our own recognizers in place of those known to err, the words of
    paths as context, hidden values unfolded), or `presidio` (exactly what Presidio finds)."""
    languages: list[LanguageCode] = Field(["en"], min_length=1)
    """Languages (ISO 639-1) of the names of fields and of context words."""
    evidence: Evidence | None = Field(None, json_schema_extra=_or_file)
    """What was measured in the fields: the path of a file, relative to this one, or the evidence itself."""
    models: list[Model] = []
    """Language models that look at texts."""
    unknown_fields: UnknownFields = "scan"
    """What becomes of a field that no rule covers: it is scanned, or the record is quarantined."""
    segments: dict[SegmentName, Segment] = Field(min_length=1)
    """The outputs, by name."""
    audit: Audit = Audit()
    """Where the audit events go."""
    quarantine: Quarantine = Quarantine()
    """Where records go that could not be read."""

    _origins: Origins = PrivateAttr(default_factory=Origins)

    @property
    def origins(self) -> Origins:
        """Where each part of the policy was written."""
        return self._origins

    def with_origins(self, origins: Origins) -> "Policy":
        """A copy that knows where it was written."""
        copy = self.model_copy()
        copy._origins = origins
        return copy
