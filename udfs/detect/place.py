"""Words of places: what the name of a field says of the value that stands there."""

import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

import regex
import yaml

_WORD = regex.compile(r"\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}+|[\p{Lo}\p{Lm}]+")
_GENERAL = frozenset({"id", "no", "nr", "number", "code", "key", "document", "state", "us", "value", "data", "type"})
"""Context words that say nothing as the name of a field: too many fields have them."""
_KNOWN = 1 << 14
"""How many paths and questions are remembered."""


def _split(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return [word.casefold() for word in _WORD.findall(plain)]


def words_of(path_keys: Sequence[object]) -> tuple[str, ...]:
    """The words of a path: split by case, digits and all that is no letter, without accents, in lower case.

    Behind them stand the neighbours within one key, joined. Steps that are no text, such as `[*]`, say nothing.

    >>> words_of(("payload", "customerEmail"))
    ('payload', 'customer', 'email', 'customeremail')
    >>> words_of(["card_no"]), words_of(["$", "ssn"]), words_of(["discard"])
    (('card', 'no', 'cardno'), ('ssn',), ('discard',))
    """
    return _words_of(tuple(key for key in path_keys if isinstance(key, str)))


@lru_cache(maxsize=_KNOWN)
def _words_of(keys: tuple[str, ...]) -> tuple[str, ...]:
    split = [_split(key) for key in keys]
    joined = [a + b for words in split for a, b in pairwise(words)]
    return tuple([word for words in split for word in words] + joined)


@cache
def dictionary() -> dict[str, dict[str, list[str]]]:
    """The words of `words.yaml`: entity, language, words. Shared: do not change it."""
    text = (resources.files("udfs") / "detect" / "words.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return loaded


def supports(entity: str, context_words: Sequence[str], place_words: Sequence[str], languages: Sequence[str]) -> bool:
    """True when a field of this name speaks for the entity.

    Only whole words count, those of a term one behind the other, or joined. Terms with digits say nothing here.

    Args:
        entity: the entity.
        context_words: the recognizer's own context words.
        place_words: what `words_of` gave for the path.
        languages: ISO 639-1 codes; their words in `words.yaml` count too.

    >>> supports("CREDIT_CARD", (), words_of(["cardNumber"]), ("en",))
    True
    >>> supports("CREDIT_CARD", ("card",), words_of(["discard"]), ("en",))
    False
    """
    return _supports(entity, tuple(context_words), tuple(place_words), tuple(languages))


@lru_cache(maxsize=_KNOWN)
def _supports(entity: str, context: tuple[str, ...], place: tuple[str, ...], languages: tuple[str, ...]) -> bool:
    known = set(place)
    return any("".join(term) in known or _stands(term, place) for term in _terms(entity, context, languages))


def _stands(term: tuple[str, ...], place: tuple[str, ...]) -> bool:
    size = len(term)
    return any(place[i : i + size] == term for i in range(len(place) - size + 1))


@lru_cache(maxsize=_KNOWN)
def _terms(entity: str, context: tuple[str, ...], languages: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    listed = dictionary().get(entity, {})
    own = [word for language in languages for word in listed.get(language, ())]
    split = {tuple(_split(word)) for word in (*context, *own) if not any(c.isdigit() for c in word)}
    return tuple(sorted(term for term in split if len("".join(term)) > 1 and "".join(term) not in _GENERAL))
