"""The policy language, version 1, as pydantic models. Every field's description goes to the JSON Schema for editors.

The models check the shape of a file: keys, types, words. What the words mean (does the level exist, is the mask installed,
does the clearance hold) is checked by `policy.meaning` and `policy.compile`.
"""

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
    Language,
    LevelName,
    Mask,
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


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Pattern(_Node):
    """One regular expression of an own recognizer, as Presidio's `Pattern` takes it."""

    name: Text | None = Field(None, description="Name of the pattern; by default the recognizer's name and a number.")
    regex: str = Field(
        description="Regular expression of Python's `regex` module; case is ignored, `.` matches line breaks, `^` and `$` "
        "match at every line, as in Presidio.",
        min_length=1,
    )
    score: float = Field(description="Score of a match, 0 to 1.", ge=0, le=1)


class Recognizer(_Node):
    """An own recognizer, as Presidio's `PatternRecognizer` takes it: patterns, a deny list, or both."""

    entity: EntityName = Field(description="The entity that it finds. It needs a level under `entities`.")
    name: RecognizerName | None = Field(
        None, description="Name in findings and audit events; by default made of the entity: EMPLOYEE_ID gives "
        "EmployeeIdRecognizer. A policy's recognizer replaces a pack's of the same name."
    )  # fmt: skip
    patterns: list[Pattern] = Field([], description="Regular expressions, each with a score.")
    deny_list: list[Text] = Field([], description="Words that are always a finding, as whole words.")
    deny_list_score: float = Field(1.0, description="Score of a word of the deny list, 0 to 1.", ge=0, le=1)
    context: list[Text] = Field([], description="Words that raise the score of a finding when they stand near it.")

    @model_validator(mode="after")
    def _finds_something(self) -> "Recognizer":
        if not self.patterns and not self.deny_list:
            raise problem("must have patterns or a deny_list", "without them it finds nothing")
        return self

    @property
    def label(self) -> str:
        """The name, given or made of the entity."""
        return self.name or "".join(part.capitalize() for part in self.entity.split("_")) + "Recognizer"


class Segment(_Node):
    """One named output: who reads it, what they may see, and how the rest is masked."""

    clearance: LevelName = Field(description="The highest level that the segment may see in the clear.")
    sink: TableName = Field(description="Table that its records are written to, as named in the tables file.")
    consumers: list[Consumer] = Field([], description="Who reads the segment: principals, groups or service names.")
    accept: dict[str, Accepted] = Field(
        {}, description="Conditions, all of which a record must meet: path -> accepted value or values. The record must "
        "have a value at the path, and every value there must be among them."
    )  # fmt: skip
    masks: dict[EntityName, Mask] = Field(
        {}, description="Entity -> mask: `redact`, `{keep_last: 4}`, `{pseudonym: {scope: growth}}`. An entity named here "
        "is always masked so, also when the clearance would let it pass."
    )  # fmt: skip
    default_mask: Mask = Field(
        "redact", description="Mask of an entity above the clearance that `masks` does not name."
    )
    above_clearance: AboveClearance = Field(
        "mask",
        description="What becomes of a record that holds something above the clearance: masked, or not delivered.",
    )
    max_exposure: MaxExposure | None = Field(
        None, description="The most that masks may leave readable of an entity above the clearance: none < shape < partial "
        "< pseudonym < reversible. By default anything but the value in the clear."
    )  # fmt: skip


class Audit(_Node):
    """Where the audit events go."""

    sink: TableName = Field("audit", description="Table of the audit events.")


class Quarantine(_Node):
    """Where a record goes that could not be read, parsed, scanned or masked. It is stored as it came."""

    sink: TableName = Field("quarantine", description="Table of the quarantined records.")
    clearance: LevelName | None = Field(
        None, description="Must be the highest level: what could not be read may hold anything. That is the default."
    )
    consumers: list[Consumer] = Field([], description="Who reads the quarantine.")


class Pack(_Node):
    """A reusable part of a policy. Segments, and all that decides who reads, stay in the policy."""

    weir: Language = Field(description="Version of the policy language: 1.")
    name: PolicyName | None = Field(None, description="Name of the pack.")
    description: Note | None = Field(None, description="What the pack is for.")
    countries: list[Country] | None = Field(
        None, description="Countries (ISO 3166-1 alpha-2, lower case) whose recognizers run, and the regions of phone "
        "numbers. Without it those of all countries run.", min_length=1
    )  # fmt: skip
    entities: dict[EntityKey, LevelName] = Field(
        {}, description="Entity -> level of a finding of this kind. `\"*\"` gives a level to every entity that something can "
        "find and that is not named. Only recognizers of entities that have a level run."
    )  # fmt: skip
    recognizers: list[Recognizer] = Field([], description="Own recognizers, in Presidio's form.")
    fields: dict[str, FieldRule] = Field(
        {}, description="Path -> what stands there: an entity (the whole value is one), a level (the lowest: known clean, not "
        "scanned; a higher one: the whole value is worth that level), or `scan`. A rule covers its path and everything "
        "beneath it; the first that covers a path wins; a policy's rules come before those of its packs."
    )  # fmt: skip


class Policy(Pack):
    """A policy: what is sensitive, what it is worth, and which segment sees what."""

    name: PolicyName = Field(description="Name of the policy; it stands in every audit event.")
    version: int = Field(description="Version of the policy, 1 or higher; raise it with every change.", ge=1, le=2**53)
    effective_from: Time | None = Field(None, description="From when on it is in force: ISO 8601 time with a zone.")
    levels: list[LevelName] = Field(
        DEFAULT_LEVELS, description="Classification levels, lowest first; at least two.", min_length=2, max_length=100
    )
    include: list[Include] = Field(
        [], description="Packs: paths relative to this file, or `packs/NAME.yaml` of the installed ones."
    )
    threshold: float = Field(
        DEFAULT_THRESHOLD, description="Lowest score that makes a finding, 0 to 1 (0 finds everything).", ge=0, le=1
    )
    unknown_fields: UnknownFields = Field(
        "scan", description="What becomes of a field that no rule covers: it is scanned, or the record is quarantined."
    )
    segments: dict[SegmentName, Segment] = Field(description="The outputs, by name.", min_length=1)
    audit: Audit = Field(Audit(), description="Where the audit events go.")
    quarantine: Quarantine = Field(Quarantine(), description="Where unreadable records go.")

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
