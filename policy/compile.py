"""The compiler: a policy and a catalog become a plan, or every reason why not.

It names the recognizers and masks that the plan needs, fills in every default, and proves the clearance: no entity
above a segment's clearance may come out in the clear.
"""

from dataclasses import dataclass, field

from policy.advice import warnings
from policy.catalog import Catalog
from policy.errors import NodePath, PolicyError, PolicyErrors, did_you_mean, one_of
from policy.masking import Compiled, compile_mask, misfits
from policy.meaning import meaning_errors
from policy.model import Policy, Recognizer, Segment
from policy.plan import (
    AcceptPlan,
    EvidencePlan,
    FieldPlan,
    MaskPlan,
    ModelPlan,
    PatternPlan,
    Plan,
    RecognizerPlan,
    SegmentPlan,
)
from policy.proof import exceeds
from policy.vocabulary import SCAN, Vocabulary, allowed, entity_hint, rule_entity, vocabulary, vocabulary_errors

__all__ = ["compile_errors", "compile_plan", "warnings"]


def compile_plan(policy: Policy, catalog: Catalog) -> Plan:
    """Compiles a policy against what is installed.

    Raises:
        PolicyErrors: everything that is wrong, the clearance that does not hold included.
    """
    work = _Work(policy, catalog, vocabulary(policy, catalog))
    errors = _check(work)
    if errors:
        raise PolicyErrors(errors)
    return _plan(work)


def compile_errors(policy: Policy, catalog: Catalog) -> list[PolicyError]:
    """Everything that keeps the policy from compiling."""
    return _check(_Work(policy, catalog, vocabulary(policy, catalog)))


@dataclass
class _Work:
    policy: Policy
    catalog: Catalog
    words: Vocabulary
    segments: dict[str, dict[str, MaskPlan]] = field(default_factory=dict)


def _check(work: _Work) -> list[PolicyError]:
    """Compiles the masks of all segments on the way; they are complete when there is no error."""
    errors = meaning_errors(work.policy)
    errors += vocabulary_errors(work.policy, work.catalog, work.words)
    for name, segment in work.policy.segments.items():
        errors += _mask_names(work, name, segment)
        errors += _masks(work, name, segment)
    return errors


def _mask_names(work: _Work, name: str, segment: Segment) -> list[PolicyError]:
    errors = []
    for entity in segment.masks:
        if entity not in work.words.known and entity not in work.policy.entities:
            known = work.words.levels.keys() or work.words.known
            hint = did_you_mean(entity, known) or entity_hint(entity, work.words.known)
            errors.append(
                work.policy.origins.error(("segments", name, "masks", entity), f"unknown entity '{entity}'", hint)
            )
    return errors


def _masks(work: _Work, name: str, segment: Segment) -> list[PolicyError]:
    """Compiles the segment's masks and holds them against its clearance."""
    policy = work.policy
    base: NodePath = ("segments", name)
    default, errors = compile_mask(policy, work.catalog, (*base, "default_mask"), segment.default_mask, name)
    named: dict[str, MaskPlan] = {}
    for entity, mask in segment.masks.items():
        compiled, wrong = compile_mask(policy, work.catalog, (*base, "masks", entity), mask, name)
        errors += wrong
        if compiled is not None:
            errors += _misfits(work, (*base, "masks", entity), compiled, [entity])
            named[entity] = compiled.plan
    if segment.clearance not in policy.levels:
        return errors
    clearance = policy.levels.index(segment.clearance)
    above = [entity for entity, level in sorted(work.words.levels.items()) if level > clearance]
    unnamed = [entity for entity in above if entity not in segment.masks]
    errors += [
        e for entity in above if entity in named for e in _proof(work, name, named[entity], [entity], named=True)
    ]
    if default is not None:
        errors += _misfits(work, (*base, "default_mask"), default, unnamed)
        errors += _proof(work, name, default.plan, unnamed, named=False)
        work.segments[name] = dict.fromkeys(unnamed, default.plan)
        work.segments[name] |= {entity: mask for entity, mask in named.items() if entity in work.words.levels}
    return errors


def _misfits(work: _Work, path: NodePath, compiled: Compiled, entities: list[str]) -> list[PolicyError]:
    wrong = misfits(work.catalog, compiled, entities)
    if not wrong:
        return []
    fitting = one_of(sorted(compiled.kinds or ()))
    message = (
        f"the mask '{compiled.plan.name}' with these parameters is for values of kind {fitting}, not for {_some(wrong)}"
    )
    return [work.policy.origins.error(path, message, "choose another mask; `weir list masks` shows what there is")]


def _some(entities: list[str]) -> str:
    """The first of some entities, and how many more there are."""
    rest = f" and {len(entities) - 3} more" if len(entities) > 3 else ""
    return f"{', '.join(entities[:3])}{rest}"


def _proof(work: _Work, name: str, mask: MaskPlan, entities: list[str], named: bool) -> list[PolicyError]:
    """Law 8: what the mask leaves readable of entities above the clearance must stay below the limit."""
    segment = work.policy.segments[name]
    limit = segment.max_exposure or "reversible"
    if not entities or not exceeds(mask.exposure, limit):
        return []
    path: NodePath = ("segments", name, "masks", entities[0]) if named else ("segments", name, "default_mask")
    what = f"{_some(entities)}, above the clearance '{segment.clearance}'"
    if mask.exposure == "clear":
        message = f"the mask '{mask.name}' leaves in the clear: {what}"
    else:
        message = (
            f"the mask '{mask.name}' has exposure '{mask.exposure}', more than max_exposure '{limit}', for: {what}"
        )
    return [work.policy.origins.error(path, message, "choose a mask that leaves less, or raise the clearance")]


def _plan(work: _Work) -> Plan:
    policy = work.policy
    since = policy.effective_from
    top = len(policy.levels) - 1
    return Plan(
        name=policy.name,
        version=policy.version,
        effective_from=None if since is None else since.isoformat().replace("+00:00", "Z"),
        levels=tuple(policy.levels),
        entities=dict(sorted(work.words.levels.items())),
        recognizers=_installed(work),
        own_recognizers=tuple(_own(recognizer) for recognizer in policy.recognizers),
        countries=tuple(sorted(set(policy.countries or ()))),
        threshold=policy.threshold,
        fields=tuple(_field(policy, path, rule) for path, rule in policy.fields.items()),
        unknown_fields=policy.unknown_fields,
        segments=tuple(_segment(work, name, segment) for name, segment in policy.segments.items()),
        audit_sink=policy.audit.sink,
        quarantine_sink=policy.quarantine.sink,
        quarantine_clearance=top,
        quarantine_consumers=tuple(policy.quarantine.consumers),
        judgement=policy.judgement,
        languages=tuple(sorted(set(policy.languages))),
        evidence=_evidence(policy),
        evidence_version=policy.evidence.version if policy.evidence else None,
        models=_models(work),
        key_epoch=policy.key_epoch,
    )


def _evidence(policy: Policy) -> tuple[EvidencePlan, ...]:
    fields = policy.evidence.fields.items() if policy.evidence else ()
    return tuple(
        EvidencePlan(path, field.seen, {entity: float(share) for entity, share in field.valid.items()})
        for path, field in fields
    )


def _models(work: _Work) -> tuple[ModelPlan, ...]:
    """Each model with those of its labels whose entity has a level."""
    return tuple(
        ModelPlan(
            model.spacy,
            {label: entity for label, entity in model.entities.items() if entity in work.words.levels},
            float(model.score),
        )
        for model in work.policy.models
    )


def _installed(work: _Work) -> tuple[str, ...]:
    """Those of the policy's entities, but for those that another one of them replaces."""
    recognizers = work.catalog.recognizers.items()
    chosen = {n: r for n, r in recognizers if r.entity in work.words.levels and allowed(work.policy, r)}
    replaced = {name for recognizer in chosen.values() for name in recognizer.replaces}
    return tuple(sorted(chosen.keys() - replaced))


def _own(recognizer: Recognizer) -> RecognizerPlan:
    patterns = tuple(
        PatternPlan(pattern.name or f"{recognizer.label} {number}", pattern.regex, float(pattern.score))
        for number, pattern in enumerate(recognizer.patterns, 1)
    )
    return RecognizerPlan(
        name=recognizer.label,
        entity=recognizer.entity,
        patterns=patterns,
        deny_list=tuple(recognizer.deny_list),
        deny_list_score=float(recognizer.deny_list_score),
        context=tuple(recognizer.context),
        against=tuple(recognizer.against),
    )


def _field(policy: Policy, path: str, rule: str) -> FieldPlan:
    return FieldPlan(path, rule_entity(policy, rule), rule == SCAN)


def _segment(work: _Work, name: str, segment: Segment) -> SegmentPlan:
    return SegmentPlan(
        name=name,
        clearance=work.policy.levels.index(segment.clearance),
        max_exposure=segment.max_exposure or "reversible",
        sink=segment.sink,
        consumers=tuple(segment.consumers),
        above_clearance=segment.above_clearance,
        accept=tuple(AcceptPlan(path, values) for path, values in segment.accept.items()),
        masks=dict(sorted(work.segments[name].items())),
    )
