"""What a policy says that makes no sense, whatever is installed: levels, paths, sinks, patterns."""

from collections.abc import Iterator

import regex

from policy.errors import NodePath, PolicyError, did_you_mean, one_of, show_word
from policy.model import Policy
from policy.path import PathError, parse_path
from policy.patterns import pattern_problem

PATTERN_FLAGS = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE
"""Presidio's default flags (`presidio_analyzer.PatternRecognizer`, `global_regex_flags`)."""


def meaning_errors(policy: Policy) -> list[PolicyError]:
    """Everything that is wrong with the policy and needs no catalog to be seen."""
    checks = (_levels, _level_words, _quarantine, _paths, _sinks, _patterns)
    return [error for check in checks for error in check(policy)]


def level_error(policy: Policy, path: NodePath, word: str) -> PolicyError | None:
    """The error of a word that is not one of the policy's levels, or None."""
    if word in policy.levels:
        return None
    hint = did_you_mean(word, policy.levels) or f"levels are {one_of(policy.levels).replace(' or ', ' and ')}"
    return policy.origins.error(path, f"unknown level {show_word(word)}", hint)


def _levels(policy: Policy) -> Iterator[PolicyError]:
    for index, level in enumerate(policy.levels):
        if level in policy.levels[:index]:
            yield policy.origins.error(
                ("levels", index), f"the level '{level}' is named twice", "remove one of the two"
            )


def _level_words(policy: Policy) -> Iterator[PolicyError]:
    places: list[tuple[NodePath, str]] = [(("entities", entity), level) for entity, level in policy.entities.items()]
    places += [(("segments", name, "clearance"), segment.clearance) for name, segment in policy.segments.items()]
    if policy.quarantine.clearance is not None:
        places.append((("quarantine", "clearance"), policy.quarantine.clearance))
    for path, word in places:
        error = level_error(policy, path, word)
        if error is not None:
            yield error


def _quarantine(policy: Policy) -> Iterator[PolicyError]:
    clearance, top = policy.quarantine.clearance, policy.levels[-1]
    if clearance in policy.levels and clearance != top:
        message = f"must be '{top}', the highest level: what could not be read may hold anything"
        yield policy.origins.error(("quarantine", "clearance"), message, f"write '{top}', or leave it out")


def _paths(policy: Policy) -> Iterator[PolicyError]:
    places: list[tuple[NodePath, str]] = [(("fields", path), path) for path in policy.fields]
    if policy.evidence is not None:
        places += [(("evidence", "fields", path), path) for path in policy.evidence.fields]
    for name, segment in policy.segments.items():
        places += [(("segments", name, "accept", path), path) for path in segment.accept]
    for place, path in places:
        try:
            parse_path(path)
        except PathError as error:
            yield policy.origins.error(place, f"no valid path: {error.message}", error.hint)


def _sinks(policy: Policy) -> Iterator[PolicyError]:
    """A sink of two outputs would show each consumer what only the other may see. Case is ignored: so do some sinks."""
    places: list[tuple[NodePath, str]] = [(("audit", "sink"), policy.audit.sink)]
    places.append((("quarantine", "sink"), policy.quarantine.sink))
    places += [(("segments", name, "sink"), segment.sink) for name, segment in policy.segments.items()]
    first: dict[str, NodePath] = {}
    for path, sink in places:
        owner = first.setdefault(sink.casefold(), path)
        if owner is not path:
            who = ".".join(str(step) for step in owner[:-1])
            yield policy.origins.error(
                path, f"the sink '{sink}' is also that of {who}", "give each output a table of its own"
            )


def _patterns(policy: Policy) -> Iterator[PolicyError]:
    for number, recognizer in enumerate(policy.recognizers):
        for index, pattern in enumerate(recognizer.patterns):
            problem = pattern_problem(pattern.regex, int(PATTERN_FLAGS))
            if problem:
                yield policy.origins.error(("recognizers", number, "patterns", index, "regex"), *problem)
