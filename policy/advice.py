"""Warnings: what a policy says that is allowed, and perhaps not meant."""

from collections.abc import Iterator

from policy.catalog import Catalog
from policy.errors import PolicyError, in_order
from policy.meaning import PATTERN_FLAGS
from policy.model import Policy
from policy.path import covers, first_match, parse_path
from policy.patterns import not_understood
from policy.plan import Plan, SegmentPlan
from policy.proof import joins
from policy.vocabulary import vocabulary

CONTEXT_BOOST = 0.35
"""What a context word adds to a score: `LemmaContextAwareEnhancer`, `context_similarity_factor`, in Presidio."""


def warnings(policy: Policy, plan: Plan, catalog: Catalog) -> list[str]:
    """Everything that is allowed and perhaps not meant, located like the errors."""
    found = list(policy.origins.notes)
    for check in _CHECKS:
        found += check(policy, plan, catalog)
    return [str(warning) for warning in in_order(found)]


def _hidden_rules(policy: Policy, plan: Plan, catalog: Catalog) -> Iterator[PolicyError]:
    paths = [parse_path(rule.path) for rule in plan.fields]
    for index, rule in enumerate(plan.fields):
        first = next((i for i in range(index) if covers(paths[i], paths[index])), None)
        if first is not None:
            message = f"never reached: the earlier rule for '{plan.fields[first].path}' covers it"
            yield policy.origins.error(("fields", rule.path), message, "put the narrower rule first, or remove it")


def _idle_evidence(policy: Policy, plan: Plan, catalog: Catalog) -> Iterator[PolicyError]:
    paths = [parse_path(rule.path) for rule in plan.fields]
    for evidence in plan.evidence:
        first = first_match(paths, parse_path(evidence.path))
        if first is not None and not plan.fields[first].scan:
            message = f"without effect: the field rule for '{plan.fields[first].path}' decides"
            yield policy.origins.error(("evidence", "fields", evidence.path), message, "remove one of the two")


def _not_findable(policy: Policy, plan: Plan, catalog: Catalog) -> Iterator[PolicyError]:
    findable = vocabulary(policy, catalog).findable
    for entity in policy.entities:
        if entity != "*" and entity not in findable:
            message = "nothing can find it: its recognizers belong to other countries"
            yield policy.origins.error(("entities", entity), message, "add its country to countries, or remove it")


def _idle_countries(policy: Policy, plan: Plan, catalog: Catalog) -> Iterator[PolicyError]:
    if "PHONE_NUMBER" in plan.entities:
        return
    running = {catalog.recognizers[name].country for name in plan.recognizers}
    for index, country in enumerate(policy.countries or ()):
        if country not in running:
            message = f"no recognizer that runs belongs to '{country}'"
            yield policy.origins.error(("countries", index), message, "add its entities, or remove it")


def _weak_patterns(policy: Policy, plan: Plan, catalog: Catalog) -> Iterator[PolicyError]:
    for number, recognizer in enumerate(policy.recognizers):
        best = CONTEXT_BOOST if recognizer.context else 0.0
        for index, pattern in enumerate(recognizer.patterns):
            if pattern.score + best < policy.threshold:
                path = ("recognizers", number, "patterns", index, "score")
                message = "never a finding: the score stays below the threshold"
                yield policy.origins.error(path, message, "raise the score, or lower the threshold")


def _unknown_times(policy: Policy, plan: Plan, catalog: Catalog) -> Iterator[PolicyError]:
    for number, recognizer in enumerate(policy.recognizers):
        for index, pattern in enumerate(recognizer.patterns):
            reason = not_understood(pattern.regex, int(PATTERN_FLAGS))
            if reason:
                message = f"it is not known whether the pattern can take too long: {reason}"
                hint = "a text on which it does goes to quarantine; try it on long ones"
                yield policy.origins.error(("recognizers", number, "patterns", index, "regex"), message, hint)


def _masks(policy: Policy, plan: Plan, catalog: Catalog) -> Iterator[PolicyError]:
    for segment in plan.segments:
        for entity in policy.segments[segment.name].masks:
            problem = _mask(plan, segment, entity)
            if problem:
                yield policy.origins.error(("segments", segment.name, "masks", entity), *problem)


def _mask(plan: Plan, segment: SegmentPlan, entity: str) -> tuple[str, str] | None:
    level = plan.entities.get(entity)
    if level is None:
        return (
            "without effect: the entity has no level, so nothing looks for it",
            "add it to entities, or remove the mask",
        )
    if level > segment.clearance and segment.above_clearance == "deny":
        return (
            "without effect: a record with this entity is not delivered (above_clearance: deny)",
            "remove one of the two",
        )
    if level > segment.clearance:
        return None
    if segment.masks[entity].exposure == "clear":
        return "without effect: the segment sees the entity in the clear anyway", "remove it"
    return "masked although the clearance would let it pass", "make sure that this is meant"


def _revealing_conditions(policy: Policy, plan: Plan, catalog: Catalog) -> Iterator[PolicyError]:
    """A condition on a field above the clearance tells the segment the value: only records that have it arrive."""
    rules = [(parse_path(rule.path), rule.entity) for rule in plan.fields]
    for segment in plan.segments:
        for condition in segment.accept:
            path = parse_path(condition.path)
            entity = next((entity for rule, entity in rules if covers(rule, path)), None)
            if entity is not None and plan.entities[entity] > segment.clearance:
                message = f"reveals what is masked: the field is {entity}, above the clearance"
                hint = "accept by a field that the segment may see"
                yield policy.origins.error(("segments", segment.name, "accept", condition.path), message, hint)


def _joins(policy: Policy, plan: Plan, catalog: Catalog) -> Iterator[PolicyError]:
    segments = {segment.name: segment for segment in plan.segments}
    for join in joins(plan):
        first, *others = join.segments
        where = "masks" if join.entity in policy.segments[first].masks else "default_mask"
        path = ("segments", first, where, join.entity)[: 4 if where == "masks" else 3]
        scope = f"they name the scope '{join.scope.removeprefix('scope:')}'"
        masks = [segments[name].masks[join.entity] for name in join.segments]
        if all(mask == masks[0] for mask in masks):
            message = f"{join.entity} can be joined with {', '.join(others)}: {scope}"
            yield policy.origins.error(path, message, "make sure that this is meant")
        else:
            message = f"{join.entity} does not join with {', '.join(others)}: {scope}, but other parameters"
            hint = "give both masks the same parameters, or scopes of their own"
            yield policy.origins.error(path, message, hint)


_CHECKS = (
    _hidden_rules, _idle_evidence, _not_findable, _idle_countries, _weak_patterns, _unknown_times, _masks,
    _revealing_conditions, _joins,
)  # fmt: skip
