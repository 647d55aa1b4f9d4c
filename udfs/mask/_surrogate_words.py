"""Fakes of persons, e-mail addresses, links, places and organisations, from tables of common names."""

import re
import unicodedata
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import yaml

from udfs.mask._surrogate_draw import Draw, form

RESERVED_DOMAINS = ("example.com", "example.net", "example.org")
"""RFC 2606, section 3: second-level domains that nobody can register."""


class Locale(NamedTuple):
    """The tables of a language and country, from `surrogates/NAME.yaml`.

    Attributes:
        region: ISO 3166-1 alpha-2 code.
        given: given names, one word each.
        family: family names, one word each.
        streets: names of streets, without what kind of way they are.
        ways: kinds of ways.
        street: how both are put together.
        address: how a street and a house number are.
        towns: names of towns.
        trades: what companies call themselves by.
        legal: legal forms of companies.
    """

    region: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    streets: tuple[str, ...]
    ways: tuple[str, ...]
    street: str
    address: str
    towns: tuple[str, ...]
    trades: tuple[str, ...]
    legal: tuple[str, ...]


LOCALES = ("de_DE", "en_GB", "en_US", "es_ES", "fr_FR", "it_IT", "nl_NL", "pt_PT")


@cache
def table(name: str) -> dict[str, Any]:
    """A file of `surrogates/`; where it says `a, b`, a tuple. Shared: do not change it."""
    text = (resources.files("udfs") / "mask" / "surrogates" / f"{name}.yaml").read_text(encoding="utf-8")
    listed = {"given", "family", "streets", "ways", "towns", "trades", "legal", "before", "after"}
    return {key: tuple(value.split(", ")) if key in listed else value for key, value in yaml.safe_load(text).items()}


@cache
def locale(name: str) -> Locale:
    """The tables of one of `LOCALES`.

    >>> locale("de_DE").region, len(locale("de_DE").given) > 150
    ('DE', True)
    """
    return Locale(**table(name))


def person(text: str, draw: Draw, names: Locale) -> str | None:
    """A name of as many parts; titles before and after it stay, and initials become others. None without a letter.

    >>> person("Dr. Ann B. Lee", Draw(bytes(32)), locale("en_US"))
    'Dr. Michael M. Smith'
    """
    if not any(map(str.isalpha, text)):
        return None
    words = text.split()
    first, last = 0, len(words)
    while first < last - 1 and _stays(words[first], "before"):
        first += 1
    while last > first + 1 and _stays(words[last - 1], "after"):
        last -= 1
    named = words[first:last]
    families = _families(named, first > 0, names.region)
    fakes = [_part(word, names.family if i in families else names.given, draw) for i, word in enumerate(named)]
    return " ".join([*words[:first], *fakes, *words[last:]])


def _stays(word: str, place: str) -> bool:
    return word.rstrip(".,").casefold() in table("common")[place]


def _families(named: list[str], titled: bool, region: str) -> set[int]:
    """Which parts of a name are family names."""
    last = len(named) - 1
    if last == 0:
        return {0} if titled else set()
    if named[0].endswith(","):
        return {0}
    return {last - 1, last} if region in {"ES", "PT"} and last > 1 else {last}


def _part(word: str, names: tuple[str, ...], draw: Draw) -> str:
    if not any(map(str.isalpha, word)):
        return form(word, draw)
    name = draw.of(names)
    if word[1:] in {"", "."}:
        return name[0] + word[1:]
    return name + "," if word.endswith(",") else name


def email(text: str, draw: Draw, names: Locale) -> str:
    """An address of a fake person at a reserved domain.

    >>> email("ann@corp.com", Draw(bytes(32)), locale("en_US"))
    'michael.smith000000@example.com'
    """
    local = f"{_plain(draw.of(names.given))}.{_plain(draw.of(names.family))}{draw.digits(6)}"
    return f"{local}@{draw.of(RESERVED_DOMAINS)}"


_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)?[^/?#]*(.*)", re.DOTALL)


def url(text: str, draw: Draw, names: Locale) -> str:
    """A link with the same scheme to a reserved domain; path, query and fragment keep their form.

    >>> url("https://ann:pw@corp.com:8080/u/42?q=a%20b", Draw(bytes(32)), locale("en_US"))
    'https://smith000000.example.com/a/00?a=aaa'
    """
    scheme, rest = _URL.fullmatch(text).groups(default="")  # type: ignore[union-attr]  # it matches any text
    host = f"{_plain(draw.of(names.family))}{draw.digits(6)}.{draw.of(RESERVED_DOMAINS)}"
    # The digits of an escaped character would become letters and digits that escape another one, or none.
    path = re.sub("%[0-9A-Fa-f]{2}", "x", rest)
    return scheme + host + (form(path, draw) if any(map(str.isalnum, path)) else "/" if path else "")


def place(text: str, draw: Draw, names: Locale) -> str:
    """A town; for a text with a digit, a street and house number, with a town if there is a comma or a second line.

    >>> place("5 Elm St, Troy", Draw(bytes(32)), locale("en_US")), place("Troy", Draw(bytes(32)), locale("en_US"))
    ('1 Oak Street, Springfield', 'Springfield')
    """
    town = draw.of(names.towns)
    if not any(map(str.isdecimal, text)):
        return town
    street = names.street.format(street=draw.of(names.streets), way=draw.of(names.ways))
    address = names.address.format(number=1 + draw.below(199), street=street)
    return f"{address}, {town}" if re.search("[,\n]", text) else address


def organization(text: str, draw: Draw, names: Locale) -> str:
    """The name of a company; a legal form at its end stays.

    >>> organization("Acme GmbH", Draw(bytes(32)), locale("en_US"))
    'Smith Supply GmbH'
    """
    legal = next((text[-len(end) :] for end in _legal_forms() if text.casefold().endswith(end)), "")
    family = draw.of(names.family)
    name = f"{family} {draw.of(names.trades)}" if draw.below(2) == 0 else f"{family} & {draw.of(names.family)}"
    return name + legal


@cache
def _legal_forms() -> tuple[str, ...]:
    """Endings of companies' names in all locales, the longest first."""
    forms = {f" {legal.casefold()}" for name in LOCALES for legal in locale(name).legal}
    return tuple(sorted(forms | {legal.rstrip(".") for legal in forms}, key=lambda legal: (-len(legal), legal)))


@cache
def _plain(name: str) -> str:
    """A name in lower-case ASCII letters.

    >>> _plain("O'Brien"), _plain("Weiß"), _plain("Núñez")
    ('obrien', 'weiss', 'nunez')
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in letters if char.isascii() and char.isalpha())
