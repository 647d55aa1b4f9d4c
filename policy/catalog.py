"""What is installed: the recognizers and masks that a policy is compiled against.

The catalog is plain data with a few callables. `udfs.catalog.installed()` fills it, so that this package needs no
import of `udfs`: the policy decides about things that it is handed, not about things that it loads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

EXPOSURES = ("none", "shape", "partial", "pseudonym", "reversible", "clear")
"""What a mask leaves readable, least first."""

KINDS = ("text", "date", "number", "postcode", "ip", "place")
"""Kinds of entities: which masks make sense for their values."""

_KIND_OF = {
    "AGE": "number",
    "CA_POSTAL_CODE": "postcode",
    "DATE_OF_BIRTH": "date",
    "DATE_TIME": "date",
    "DE_PLZ": "postcode",
    "IP_ADDRESS": "ip",
    "LOCATION": "place",
    "UK_POSTCODE": "postcode",
}


def kind_of(entity: str) -> str:
    """The kind of an entity that is installed or known by name: one of `KINDS`.

    >>> kind_of("DATE_TIME"), kind_of("CREDIT_CARD")
    ('date', 'text')
    """
    return _KIND_OF.get(entity, "text")


@dataclass(frozen=True)
class RecognizerInfo:
    """An installed recognizer.

    Attributes:
        name: the recognizer's class name, e.g. `CreditCardRecognizer`.
        entity: the Presidio entity that it finds, e.g. `CREDIT_CARD`.
        country: ISO 3166-1 alpha-2 code in lower case, or None for one that belongs to no country.
        doc: the first line of its documentation.
        source: `presidio`, `weir`, or the name of the package that brings it.
        replaces: names of recognizers that need not run where this one does.
        reference: where the form and the check are published.
    """

    name: str
    entity: str
    country: str | None = None
    doc: str = ""
    source: str = "presidio"
    replaces: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True)
class MaskInfo:
    """An installed mask.

    Attributes:
        name: the name that a policy uses, e.g. `keep_last`.
        params: pydantic model of its parameters (`extra="forbid"`); its errors become policy errors.
        shorthand: the parameter that a bare value sets (`{keep_last: 4}` sets `count`), or None.
        exposure: gives one of `EXPOSURES` for validated parameters.
        keyed: True when it needs a key. A keyed mask's parameters have `scope: str | None`.
        names_key: True when what it makes names its key, so that it can be written under the newest one. The others
            take the epoch of their key from the policy.
        random: True when it makes something else of a value each time, so that nothing can be joined on it.
        own_key: True when a subject in its parameters asks for a key of that person's own, which can be destroyed.
        kinds: gives, for validated parameters, the kinds of entities that it can mask; None for any.
        effect: what it takes away: a `value`, the `field` that holds it, or the whole `record`.
        doc: its documentation.
    """

    name: str
    params: type[BaseModel]
    exposure: Callable[[BaseModel], str]
    shorthand: str | None = None
    keyed: bool = False
    names_key: bool = False
    random: bool = False
    own_key: bool = False
    kinds: Callable[[BaseModel], frozenset[str]] | None = None
    effect: str = "value"
    doc: str = ""


@dataclass(frozen=True)
class Catalog:
    """Everything installed, by name."""

    recognizers: Mapping[str, RecognizerInfo] = field(default_factory=dict)
    masks: Mapping[str, MaskInfo] = field(default_factory=dict)
