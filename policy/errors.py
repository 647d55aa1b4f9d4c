"""Policy errors: where, what, what was expected, and what to do; all of them at once, and none with a value in it."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

NodePath = tuple[str | int, ...]
"""Where a node stands in a YAML file: keys of mappings and indexes of lists, from the top."""

_PLAIN_KEY = re.compile(r"[\w*-]+")
_SAFE_WORD = re.compile(r"[A-Za-z_*][\w.*/-]{0,39}")
_MAX_KEY = 80
_MAX_DIGITS = 5


@dataclass(frozen=True)
class PolicyError:
    """One error or warning of a policy.

    Attributes:
        file: the file's name as the user gave it.
        line: line in the file, from 1.
        path: where in the file, e.g. `segments.support.masks`.
        message: what is wrong and what is expected. Holds no value, only words of the policy language and keys.
        hint: the next step, or empty.

    >>> print(PolicyError("shop.yaml", 14, "segments.support.clearance", "unknown level 'tip'", "did you mean 'top'?"))
    shop.yaml:14 segments.support.clearance: unknown level 'tip'; did you mean 'top'?
    """

    file: str
    line: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line} {self.path}: {self.message}"
        return f"{text}; {self.hint}" if self.hint else text


class PolicyErrors(ValueError):
    """Everything that is wrong with a policy; `str()` gives one error a line.

    Attributes:
        errors: the errors, file by file, in the order of their lines.
    """

    def __init__(self, errors: Iterable[PolicyError]) -> None:
        self.errors = in_order(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


def in_order(errors: Iterable[PolicyError]) -> tuple[PolicyError, ...]:
    """The errors without repetitions, file by file (files in order of appearance), each file's by line."""
    unique = list(dict.fromkeys(errors))
    files = list(dict.fromkeys(error.file for error in unique))
    return tuple(sorted(unique, key=lambda error: (files.index(error.file), error.line)))


@dataclass(frozen=True)
class Place:
    """Where a node of a policy was written: the file, the line (from 1) and the path in that file."""

    file: str
    line: int
    path: NodePath


@dataclass(frozen=True)
class Origins:
    """Where each node of a merged policy was written.

    Attributes:
        places: by path in the merged policy.
        notes: what the merge has to say as warnings.
    """

    places: Mapping[NodePath, Place] = field(default_factory=dict)
    notes: tuple[PolicyError, ...] = ()

    def at(self, path: NodePath) -> Place:
        """The place of the node, or of the nearest one above it; line 0 of `policy` when no file holds the policy."""
        for end in range(len(path), -1, -1):
            place = self.places.get(path[:end])
            if place is not None:
                return Place(place.file, place.line, place.path + path[end:])
        return Place("policy", 0, path)

    def error(self, path: NodePath, message: str, hint: str = "") -> PolicyError:
        """An error at the node."""
        place = self.at(path)
        return PolicyError(place.file, place.line, show_path(place.path), message, hint)


def show_path(path: NodePath) -> str:
    """The path as text.

    >>> show_path(("fields", "payload.sku"))
    'fields."payload.sku"'
    >>> show_path(("recognizers", 0, "patterns", 1, "regex"))
    'recognizers[0].patterns[1].regex'
    >>> show_path(())
    'policy'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_show_key(step)}" for step in path)
    return text.removeprefix(".") or "policy"


def _show_key(key: str) -> str:
    short = key if len(key) <= _MAX_KEY else key[: _MAX_KEY - 3] + "..."
    return short if _PLAIN_KEY.fullmatch(short) else json.dumps(short)


def show_word(word: object) -> str:
    """The word in quotes when it looks like a word of the language; otherwise only what kind of thing it is.

    A value that was pasted into the wrong place (a card number, a token) is thereby not repeated.

    >>> show_word("confidental"), show_word("4111111111111111"), show_word(3), show_word(None)
    ("'confidental'", 'text', 'a number', 'nothing')
    """
    if isinstance(word, str) and _SAFE_WORD.fullmatch(word) and sum(c.isdigit() for c in word) <= _MAX_DIGITS:
        return f"'{word}'"
    return kind(word)


def kind(value: object) -> str:
    """What a YAML value is, in plain words.

    >>> [kind(v) for v in (None, True, 1.5, "x", [], {})]
    ['nothing', 'true or false', 'a number', 'text', 'a list', 'a mapping']
    """
    names = ((bool, "true or false"), ((int, float), "a number"), (str, "text"), (list, "a list"), (dict, "a mapping"))
    return next((name for types, name in names if isinstance(value, types)), "nothing")


def did_you_mean(word: object, options: Iterable[str]) -> str:
    """The hint `did you mean 'x'?` when one of the options is close to the word, or empty.

    >>> did_you_mean("keep_lats", ["keep_last", "redact"]), did_you_mean("zzz", ["redact"])
    ("did you mean 'keep_last'?", '')
    >>> did_you_mean("Internal", ["public", "internal"])
    "did you mean 'internal'?"
    """
    if not isinstance(word, str):
        return ""
    folded = {option.casefold(): option for option in sorted(options, reverse=True)}
    close = difflib.get_close_matches(word.casefold(), sorted(folded), n=1, cutoff=0.6)
    return f"did you mean '{folded[close[0]]}'?" if close else ""


def one_of(options: Iterable[str]) -> str:
    """The options as text, in the order given; long lists are cut.

    >>> one_of(["scan", "deny"]), one_of("abcdefghijklm")
    ("'scan' or 'deny'", "'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', ... (13 in all)")
    """
    words = [f"'{option}'" for option in options]
    if len(words) > 10:
        return f"{', '.join(words[:8])}, ... ({len(words)} in all)"
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
