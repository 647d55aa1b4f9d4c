"""Which entities a policy speaks of, who can find them, and what each is worth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import phonenumbers

from policy.catalog import Catalog, RecognizerInfo
from policy.errors import PolicyError, did_you_mean, show_word
from policy.model import Policy

STAR = "*"
SCAN = "scan"

NEEDS_MODEL = frozenset({"PERSON", "LOCATION", "NRP", "ORGANIZATION", "AGE"})
"""Entities that Presidio finds only with a language model (https://microsoft.github.io/presidio/supported_entities/)."""


@dataclass(frozen=True)
class Vocabulary:
    """The entities of a policy and what is installed.

    Attributes:
        levels: level index of every entity that has one: those that the policy names, those that `"*"` covers, and the
            pseudo-entities of field rules that name a level.
        installed: entities of all installed recognizers.
        reachable: entities of the installed recognizers that the countries allow.
        own: entities of the policy's own recognizers and models.
        ruled: entities of field rules, pseudo-entities included.
    """

    levels: Mapping[str, int]
    installed: frozenset[str]
    reachable: frozenset[str]
    own: frozenset[str]
    ruled: frozenset[str]

    @property
    def findable(self) -> frozenset[str]:
        """Entities that a recognizer finds, or a field rule names."""
        return self.reachable | self.own | self.ruled

    @property
    def known(self) -> frozenset[str]:
        """Entities that could be meant."""
        return self.installed | self.own | self.ruled | self.levels.keys()


def allowed(policy: Policy, recognizer: RecognizerInfo) -> bool:
    """True when the policy's judgement and countries let the installed recognizer run."""
    if policy.judgement == "presidio" and recognizer.source == "weir":
        return False
    return recognizer.country is None or policy.countries is None or recognizer.country in policy.countries


def rule_entity(policy: Policy, rule: str) -> str | None:
    """The entity that a field rule makes of the whole value, or None.

    For a level above the lowest it is the pseudo-entity: the level in upper case.
    """
    if rule == SCAN or rule == policy.levels[0]:
        return None
    return rule.upper() if rule in policy.levels else rule


def vocabulary(policy: Policy, catalog: Catalog) -> Vocabulary:
    """The policy's entities, as far as its levels are known ones."""
    recognizers = catalog.recognizers.values()
    installed = frozenset(r.entity for r in recognizers)
    reachable = frozenset(r.entity for r in recognizers if allowed(policy, r))
    own = frozenset(r.entity for r in policy.recognizers) | {e for m in policy.models for e in m.entities.values()}
    ruled = frozenset(filter(None, (rule_entity(policy, rule) for rule in policy.fields.values())))
    rank = {level: index for index, level in reversed(list(enumerate(policy.levels)))}
    named = {entity: rank[level] for entity, level in policy.entities.items() if level in rank}
    levels = {
        level.upper(): rank[level]
        for level in policy.levels
        if level.upper() in ruled and level in policy.fields.values()
    }
    star = named.pop(STAR, None)
    if star is not None:
        covered = reachable | own | (ruled & installed)
        levels |= {entity: star for entity in covered if entity not in policy.entities}
    return Vocabulary(levels | named, installed, reachable, own, ruled)


def vocabulary_errors(policy: Policy, catalog: Catalog, words: Vocabulary) -> Iterator[PolicyError]:
    """Unknown entities, entities without a level, names that clash, countries that nothing installed knows."""
    yield from _unknown(policy, words)
    yield from _unvalued_recognizers(policy, words)
    yield from _unvalued_rules(policy, words)
    yield from _models(policy, words)
    yield from _evidence(policy, words)
    yield from _clashes(policy, words)
    yield from _recognizer_names(policy, catalog)
    yield from _countries(policy, catalog)


def _unknown(policy: Policy, words: Vocabulary) -> Iterator[PolicyError]:
    for entity in policy.entities:
        clash = entity.lower() in policy.levels
        if entity != STAR and not clash and entity not in words.installed | words.own | words.ruled:
            hint = entity_hint(entity, words.installed | words.own | words.ruled)
            message = f"unknown entity '{entity}': no recognizer finds it and no field rule names it"
            yield policy.origins.error(("entities", entity), message, hint)


def entity_hint(entity: str, options: frozenset[str]) -> str:
    """What to do about an entity that nobody knows."""
    if entity in NEEDS_MODEL:
        where = "name the fields that hold it under 'fields', or a model under 'models'"
        return f"only a language model finds it in text; {where}"
    return did_you_mean(entity, options) or "add a recognizer or a field rule for it"


def _unvalued_recognizers(policy: Policy, words: Vocabulary) -> Iterator[PolicyError]:
    for index, recognizer in enumerate(policy.recognizers):
        entity = recognizer.entity
        if entity not in words.levels and entity not in policy.entities:
            message = f"the entity '{entity}' has no level"
            hint = did_you_mean(entity, policy.entities) or f"add '{entity}: <level>' to entities"
            yield policy.origins.error(("recognizers", index, "entity"), message, hint)


def _unvalued_rules(policy: Policy, words: Vocabulary) -> Iterator[PolicyError]:
    options = words.installed | words.own | frozenset(policy.entities) | frozenset(policy.levels) | {SCAN}
    for path, rule in policy.fields.items():
        entity = rule_entity(policy, rule)
        if entity is None or rule in policy.levels or entity in words.levels or entity in policy.entities:
            continue
        if entity in words.installed | words.own:
            message, hint = f"the entity '{entity}' has no level", f"add '{entity}: <level>' to entities"
        else:
            message = f"unknown entity or level {show_word(rule)}"
            hint = did_you_mean(rule, options - {STAR}) or "give the entity a level under 'entities'"
        yield policy.origins.error(("fields", path), message, hint)


def _models(policy: Policy, words: Vocabulary) -> Iterator[PolicyError]:
    """A model that names its entities means each of them; of the default ones, those with a level run."""
    for index, model in enumerate(policy.models):
        without = {
            label: e for label, e in model.entities.items() if e not in words.levels and e not in policy.entities
        }
        if "entities" in model.model_fields_set:
            for label, entity in without.items():
                message = f"the entity '{entity}' has no level"
                hint = did_you_mean(entity, policy.entities) or f"add '{entity}: <level>' to entities"
                yield policy.origins.error(("models", index, "entities", label), message, hint)
        elif len(without) == len(model.entities):
            message, hint = "nothing to find: none of its entities has a level", "add 'PERSON: <level>' to entities"
            yield policy.origins.error(("models", index), message, hint)


def _evidence(policy: Policy, words: Vocabulary) -> Iterator[PolicyError]:
    for path, field in policy.evidence.fields.items() if policy.evidence else ():
        for entity in field.valid:
            if entity not in words.known and entity not in policy.entities:
                hint = did_you_mean(entity, words.known) or "name an entity that a recognizer finds"
                where = ("evidence", "fields", path, "valid", entity)
                yield policy.origins.error(where, f"unknown entity '{entity}'", hint)


def _clashes(policy: Policy, words: Vocabulary) -> Iterator[PolicyError]:
    """A field rule that names a level makes a finding of the level's name in upper case: no entity may have it."""
    recognized = words.installed | words.own | frozenset(policy.entities) | frozenset(policy.fields.values())
    for index, level in enumerate(policy.levels):
        if level.upper() in recognized:
            message = f"the level '{level}' clashes with the entity '{level.upper()}'"
            yield policy.origins.error(("levels", index), message, "rename one of the two")


def _recognizer_names(policy: Policy, catalog: Catalog) -> Iterator[PolicyError]:
    for index, recognizer in enumerate(policy.recognizers):
        if recognizer.label in catalog.recognizers:
            message = f"an installed recognizer has the name '{recognizer.label}'"
            yield policy.origins.error(("recognizers", index), message, "give this one a 'name' of its own")


def _countries(policy: Policy, catalog: Catalog) -> Iterator[PolicyError]:
    installed = {r.country for r in catalog.recognizers.values() if r.country}
    for index, country in enumerate(policy.countries or ()):
        if country in installed or country.upper() in phonenumbers.SUPPORTED_REGIONS:
            continue
        hint = (
            "did you mean 'gb'?"
            if country == "uk"
            else f"recognizers are installed for: {', '.join(sorted(installed))}"
        )
        yield policy.origins.error(("countries", index), f"no recognizer and no phone region for '{country}'", hint)
