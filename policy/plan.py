"""The plan: a policy compiled against the installed recognizers and masks, ready for the engine to run on.

A plan is immutable data and nothing else: it goes to the workers of a job as JSON, and its digest names it in every
audit event. Levels are indexes into `Plan.levels` (0 is the lowest).
"""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class PatternPlan:
    """One pattern of an own recognizer: a regular expression in Presidio's dialect (`regex` module) and its score, 0
    to 1."""

    name: str
    regex: str
    score: float


@dataclass(frozen=True)
class RecognizerPlan:
    """An own recognizer, as `presidio_analyzer.PatternRecognizer` takes it."""

    name: str
    entity: str
    patterns: tuple[PatternPlan, ...] = ()
    deny_list: tuple[str, ...] = ()
    deny_list_score: float = 1.0
    context: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldPlan:
    """What is known of a path.

    Attributes:
        path: as in the policy: `payload.items[*].card`. It also covers everything beneath it.
        entity: the entity that the whole value is, or None.
        scan: True when the value is to be scanned. With entity None and scan False, the field is known to be clean.
    """

    path: str
    entity: str | None = None
    scan: bool = False


@dataclass(frozen=True)
class ModelPlan:
    """A spaCy pipeline: its name or folder, its labels with the entity of each, and the score of its findings."""

    spacy: str
    entities: dict[str, str]
    score: float


@dataclass(frozen=True)
class EvidencePlan:
    """What was measured in a field: values seen, and for each entity the share of them that were findings, 0 to 1."""

    path: str
    seen: int
    valid: dict[str, float]


@dataclass(frozen=True)
class MaskPlan:
    """A mask with its parameters (validated, complete, JSON types only) and what it leaves readable.

    Attributes:
        scope: for a keyed mask, the scope whose key it uses; None for the others.
        epoch: for a keyed mask that does not name its key in what it makes, the epoch of the key; None for the others.
        subject: path of the value that names the person whom a record is about, if the mask depends on it.
        effect: what it takes away: the `value`, the `field` that holds it, or the whole `record`.
        random: True when it makes something else of a value each time.
    """

    name: str
    params: dict[str, Any]
    exposure: str
    scope: str | None = None
    epoch: int | None = None
    subject: str | None = None
    effect: str = "value"
    random: bool = False


@dataclass(frozen=True)
class AcceptPlan:
    """A segment's condition: the record has a value at path, and every value there is among `values` (JSON scalars)."""

    path: str
    values: tuple[str | int | float | bool, ...]


@dataclass(frozen=True)
class SegmentPlan:
    """One named output.

    Attributes:
        clearance: index of the highest level that it may see in the clear.
        max_exposure: the most that a value above the clearance may leave readable here, one of `EXPOSURES`.
        above_clearance: `mask` or `deny`: what becomes of a record whose level is above the clearance.
        masks: the mask of every entity that is masked in this segment; an entity that is absent stays in the clear.
    """

    name: str
    clearance: int
    max_exposure: str
    sink: str
    consumers: tuple[str, ...]
    above_clearance: str
    accept: tuple[AcceptPlan, ...]
    masks: dict[str, MaskPlan]


@dataclass(frozen=True)
class Plan:
    """A compiled policy.

    Attributes:
        effective_from: ISO 8601 time in UTC, or None.
        entities: the level index of every entity that may be found, those of field rules that name a level included.
        recognizers: names of the installed recognizers that run, sorted.
        own_recognizers: the policy's own recognizers.
        countries: ISO 3166-1 alpha-2 codes in lower case, sorted; they are also the regions of phone numbers. Empty:
            no choice was made (all countries; Presidio's default phone regions).
        threshold: the lowest score that makes a finding, 0 to 1.
        fields: field rules; the first that covers a path wins.
        unknown_fields: `scan` or `deny`.
        judgement: `weir` or `presidio`.
        languages: ISO 639-1 codes of the languages of field names and context words, sorted.
        evidence: what was measured in the fields; the first that covers a path wins.
        evidence_version: version of the evidence, or None without any.
        models: the language models that run.
        key_epoch: epoch of the keys of digests, and of masks that do not name their key.
    """

    name: str
    version: int
    effective_from: str | None
    levels: tuple[str, ...]
    entities: dict[str, int]
    recognizers: tuple[str, ...]
    own_recognizers: tuple[RecognizerPlan, ...]
    countries: tuple[str, ...]
    threshold: float
    fields: tuple[FieldPlan, ...]
    unknown_fields: str
    segments: tuple[SegmentPlan, ...]
    audit_sink: str
    quarantine_sink: str
    quarantine_clearance: int
    quarantine_consumers: tuple[str, ...]
    judgement: str = "weir"
    languages: tuple[str, ...] = ("en",)
    evidence: tuple[EvidencePlan, ...] = ()
    evidence_version: int | None = None
    models: tuple[ModelPlan, ...] = ()
    key_epoch: int = 1

    @property
    def digest(self) -> str:
        """SHA-256 of the plan's canonical JSON (sorted keys, no spaces), 64 hexadecimal digits."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def to_json(self) -> bytes:
        """The plan as canonical JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, text: bytes | str) -> "Plan":
        """The plan that `to_json` wrote, also that of an earlier version: what it lacks has its default.

        Raises:
            ValueError: the text is not JSON.
            TypeError: a field is missing or unknown.
        """
        raw = orjson.loads(text)
        raw["own_recognizers"] = tuple(_recognizer(r) for r in raw["own_recognizers"])
        raw["fields"] = tuple(FieldPlan(**f) for f in raw["fields"])
        raw["segments"] = tuple(_segment(s) for s in raw["segments"])
        raw["evidence"] = tuple(EvidencePlan(**e) for e in raw.get("evidence", ()))
        raw["models"] = tuple(ModelPlan(**m) for m in raw.get("models", ()))
        raw["languages"] = raw.get("languages", ["en"])
        for name in ("levels", "recognizers", "countries", "quarantine_consumers", "languages"):
            raw[name] = tuple(raw[name])
        return cls(**raw)


def _recognizer(raw: dict[str, Any]) -> RecognizerPlan:
    raw["patterns"] = tuple(PatternPlan(**p) for p in raw["patterns"])
    for name in ("deny_list", "context", "against"):
        raw[name] = tuple(raw.get(name, ()))
    return RecognizerPlan(**raw)


def _segment(raw: dict[str, Any]) -> SegmentPlan:
    raw["accept"] = tuple(AcceptPlan(a["path"], tuple(a["values"])) for a in raw["accept"])
    raw["masks"] = {entity: MaskPlan(**m) for entity, m in raw["masks"].items()}
    raw["consumers"] = tuple(raw["consumers"])
    return SegmentPlan(**raw)
