"""Presidio's recognizers that need no model, and the policy's own: which there are, and those that a plan activates."""

import importlib
import inspect
import logging
import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import phonenumbers
import tldextract
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer, country_specific, generic
from tldextract.remote import lenient_netloc

from policy.catalog import RecognizerInfo
from policy.plan import Plan, RecognizerPlan
from udfs.recognizers import Recognizer, own

_PACKAGES = (generic, country_specific)
_COUNTRY_ALIASES = {"uk": "gb"}
"""Presidio says `uk`; ISO 3166-1 alpha-2 assigns `gb` and only reserves `uk`."""

_KNOWN_DOMAINS = 1 << 16
"""How many domains the e-mail check remembers. One look-up costs about 30 us, and streams repeat their domains."""

_suffixes = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)
"""The public suffix list as packaged with tldextract: no network, no cache folder, the same answer on every machine."""


class _Silence(logging.Filter):
    """Drops every record: Presidio's messages may hold the text that it looks at."""

    def filter(self, record: logging.LogRecord) -> bool:
        return False


_SILENCE = _Silence()


def silence() -> None:
    """Stops Presidio's logger, whose messages may hold a value (`Failed to validate text %s`). Safe to call again.

    >>> silence()
    >>> logging.getLogger("presidio-analyzer").filter(logging.makeLogRecord({"msg": "Failed to validate text 123"}))
    False
    """
    logging.getLogger("presidio-analyzer").addFilter(_SILENCE)


@lru_cache(maxsize=_KNOWN_DOMAINS)
def _has_public_suffix(host: str) -> bool:
    return _suffixes(host).fqdn != ""


def _valid_email(pattern_text: str) -> bool:
    """What `EmailRecognizer.validate_result` says, from the packaged list and remembered by host."""
    return _has_public_suffix(lenient_netloc(pattern_text))


def _modules() -> Iterator[str]:
    for package in _PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield module.name


def _needs_nothing(cls: type) -> bool:
    """True when the class is a recognizer that its defaults can build."""
    if not issubclass(cls, EntityRecognizer) or inspect.isabstract(cls):
        return False
    parameters = inspect.signature(cls).parameters.values()
    return all(p.default is not p.empty for p in parameters)


def _classes() -> Iterator[type[EntityRecognizer]]:
    for name in _modules():
        module = importlib.import_module(name)
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if cls.__module__ == name and _needs_nothing(cls):
                yield cls


@cache
def presidio() -> dict[str, EntityRecognizer]:
    """Every Presidio recognizer that needs no model, built once with its defaults, by class name, in order of name.

    Returns:
        The instances. They are shared: do not change them.
    """
    silence()
    instances = {cls.__name__: cls() for cls in sorted(_classes(), key=lambda cls: cls.__name__)}
    for instance in instances.values():
        if isinstance(instance, EmailRecognizer):
            instance.validate_result = _valid_email
    return instances


def country_of(recognizer: EntityRecognizer) -> str | None:
    """ISO 3166-1 alpha-2 code of the recognizer's country, in lower case, or None for one that belongs to no country.

    >>> country_of(presidio()["NhsRecognizer"])
    'gb'
    """
    code = recognizer.country_code()
    return _COUNTRY_ALIASES.get(code, code) if code else None


@cache
def available() -> dict[str, EntityRecognizer]:
    """Everything that can run: Presidio's recognizers that need no model, our own, and those of extensions, by name.

    Raises:
        ImportError: two have the same name.
    """
    both = presidio().keys() & own().keys()
    if both:
        raise ImportError(f"recognizers named like those of Presidio: {', '.join(sorted(both))}; rename them")
    return dict(sorted((presidio() | own()).items()))


@cache
def installed() -> dict[str, RecognizerInfo]:
    """What is installed: every recognizer that needs no model, by name.

    >>> installed()["CreditCardRecognizer"].entity
    'CREDIT_CARD'
    >>> installed()["UsSsnRecognizer"].country
    'us'
    """
    return {name: _info(name, recognizer) for name, recognizer in available().items()}


def _info(name: str, recognizer: EntityRecognizer) -> RecognizerInfo:
    lines = _documentation(recognizer).strip().splitlines()
    return RecognizerInfo(
        name,
        recognizer.supported_entities[0],
        country_of(recognizer),
        lines[0] if lines else "",
        getattr(recognizer, "source", "presidio"),
        tuple(getattr(recognizer, "replaces", ())),
        getattr(recognizer, "reference", ""),
    )


def _documentation(recognizer: EntityRecognizer) -> str:
    if isinstance(recognizer, Recognizer):
        return f"Finds {', '.join(pattern.name for pattern in recognizer.patterns)}"
    return inspect.getdoc(type(recognizer)) or ""


def regions(countries: Sequence[str]) -> tuple[str, ...]:
    """The regions whose national phone numbers are known to `phonenumbers`, for a plan's countries.

    Args:
        countries: ISO 3166-1 alpha-2 codes; an empty choice means Presidio's default regions.

    >>> regions(["gb", "us"])
    ('GB', 'US')
    >>> regions([]) == PhoneRecognizer.DEFAULT_SUPPORTED_REGIONS
    True
    """
    known = tuple(c.upper() for c in countries if c.upper() in phonenumbers.SUPPORTED_REGIONS)
    return known or tuple(PhoneRecognizer.DEFAULT_SUPPORTED_REGIONS)


def overrides(recognizer: EntityRecognizer, method: str) -> bool:
    """True when a recognizer has its own form of a method of `PatternRecognizer`, in its class or set on the instance.

    >>> overrides(presidio()["CreditCardRecognizer"], "validate_result")
    True
    """
    own = getattr(type(recognizer), method, None)
    return method in vars(recognizer) or own is not getattr(PatternRecognizer, method)


def is_plain(recognizer: EntityRecognizer) -> bool:
    """True when a recognizer is patterns and checks, judged by the `analyze` of `PatternRecognizer`.

    >>> is_plain(presidio()["UsSsnRecognizer"]), is_plain(presidio()["PhoneRecognizer"])
    (True, False)
    """
    return isinstance(recognizer, PatternRecognizer) and not overrides(recognizer, "analyze")


def is_trusted(recognizer: EntityRecognizer) -> bool:
    """True for what ships with Weir and Presidio: its patterns are known to take no time to speak of.

    >>> is_trusted(presidio()["UsSsnRecognizer"]), is_trusted(PatternRecognizer("A", deny_list=["a"]))
    (True, False)
    """
    known = available().get(recognizer.name)
    return type(known) is type(recognizer) and getattr(known, "source", "presidio") in ("presidio", "weir")


def _own(plan: RecognizerPlan) -> EntityRecognizer:
    recognizer = PatternRecognizer(
        supported_entity=plan.entity,
        name=plan.name,
        patterns=[Pattern(p.name, p.regex, p.score) for p in plan.patterns],
        deny_list=list(plan.deny_list) or None,
        deny_list_score=plan.deny_list_score,
        context=list(plan.context),
    )
    recognizer.against = plan.against
    return recognizer


def build(plan: Plan) -> tuple[EntityRecognizer, ...]:
    """The recognizers that a plan activates: the installed ones that it names, in its order, then its own.

    Raises:
        LookupError: the plan names a recognizer that is not installed. Without it, data would pass unseen.
    """
    known = available()
    missing = [name for name in plan.recognizers if name not in known]
    if missing:
        raise LookupError(
            f"policy {plan.name} version {plan.version} needs recognizers that are not installed: "
            f"{', '.join(missing)}; install the packages and versions that the policy was compiled with, "
            f"or compile the policy again"
        )
    chosen = [known[name] for name in plan.recognizers]
    ready = [_with_countries(r, plan.countries) if plan.countries else r for r in chosen]
    return (*ready, *(_own(own) for own in plan.own_recognizers))


def _with_countries(recognizer: EntityRecognizer, countries: Sequence[str]) -> EntityRecognizer:
    if type(recognizer) is PhoneRecognizer:
        return PhoneRecognizer(supported_regions=regions(countries))
    return recognizer.with_countries(countries) if isinstance(recognizer, Recognizer) else recognizer
