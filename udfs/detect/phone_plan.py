"""Whether plain digits are a valid phone number, decided by expressions made once from the numbering plans.

`phonenumbers.parse` and `is_valid_number` try a dozen patterns one after another. Here the patterns of a region are one
expression. Only the plain steps are done: what a plan does with carrier codes, prefixes that put other digits in their
place, prefixes to go abroad, numbers that begin with zero, and country codes without plus is left to the library. The
steps are those of phonenumbers 9.0 (Apache-2.0, `phonenumberutil.py`); differential tests hold this file to it.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS_OF
from phonenumbers import phonenumberutil

_TYPES = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "mobile",
)
"""The kinds of numbers that make a number valid, as in `phonenumberutil._number_type_helper`."""
_CAPTURING = re.compile(r"\((?!\?)")
_FEWEST = 3
"""Two digits are taken only when they stand next to each other; that is left to the library."""
_NO_REGION = "001"
"""The region of country codes that belong to no country, such as 800."""


class _Numbers(NamedTuple):
    """What the library knows of a region's numbers, each as one expression.

    Attributes:
        code: the country code.
        general: matches every national number that is not excluded at once.
        valid: matches every valid national number.
        leading: what the region's numbers begin with, where that alone tells it from others with the same code.
        prefix: the national prefix, with what follows it in carrier codes.
        is_plain: True when the prefix is only ever taken off.
        abroad: the prefix to go abroad.
    """

    code: str
    general: re.Pattern[str]
    valid: re.Pattern[str]
    leading: re.Pattern[str] | None
    prefix: re.Pattern[str]
    is_plain: bool
    abroad: re.Pattern[str]


@lru_cache(maxsize=4096)
def is_national(digits: str, region: str) -> bool | None:
    """True or False when the digits, dialled in a region, are certain to be, or not to be, a valid number.

    A number that has to be written with its national prefix is none without it.

    Args:
        digits: ASCII digits.
        region: ISO 3166-1 alpha-2 code in upper case, one of `phonenumbers.SUPPORTED_REGIONS`.

    Returns:
        None when only the library can tell.

    >>> is_national("03012345678", "DE"), is_national("2125552368", "US"), is_national("0012125552368", "DE")
    (True, True, None)
    """
    here = _numbers(region)
    if len(digits) < _FEWEST or here.abroad.match(digits):
        return None
    if digits.startswith(here.code) and not here.general.fullmatch(digits):
        return None
    number = _without_prefix(digits, here)
    if number is None or number[:1] in ("", "0"):
        return None
    if not _is_valid(number, here.code):
        return None if number != digits else False
    main = REGIONS_OF[int(here.code)][0]
    if not _needs_prefix(number, main):
        return True
    rest = _without_prefix(digits, _numbers(main))
    return None if rest is None else rest != digits


@lru_cache(maxsize=4096)
def is_international(digits: str) -> bool | None:
    """True or False when the digits behind a plus are certain to be, or not to be, a valid number.

    Args:
        digits: ASCII digits, country code first.

    Returns:
        None when only the library can tell.

    >>> is_international("493012345678"), is_international("12125552368"), is_international("9991")
    (True, True, None)
    """
    code = next((digits[:n] for n in (1, 2, 3) if digits[:1] != "0" and int(digits[:n] or 0) in REGIONS_OF), None)
    if code is None or REGIONS_OF[int(code)][0] == _NO_REGION:
        return None
    rest = digits[len(code) :]
    if len(rest) < _FEWEST:
        return None
    number = _without_prefix(rest, _numbers(REGIONS_OF[int(code)][0]))
    if number is None or number[:1] in ("", "0"):
        return None
    if _is_valid(number, code):
        return True
    return False if number == rest else None


def _without_prefix(digits: str, numbers: _Numbers) -> str | None:
    """The digits behind the national prefix; None when the rule is more than to take it off."""
    match = numbers.prefix.match(digits)
    if match is None:
        return digits
    if not numbers.is_plain:
        return None
    rest = digits[match.end() :]
    if numbers.general.fullmatch(digits) and not numbers.general.fullmatch(rest):
        return digits
    return rest


def _is_valid(number: str, code: str) -> bool:
    """True for a valid number of the first region of a country code that claims it."""
    for region in REGIONS_OF[int(code)]:
        numbers = _numbers(region)
        if numbers.leading is None:
            if numbers.valid.fullmatch(number):
                return True
        elif numbers.leading.match(number):
            return numbers.valid.fullmatch(number) is not None
    return False


@lru_cache(maxsize=512)
def _numbers(region: str) -> _Numbers:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    general = _numbers_of(metadata.general_desc)
    kinds = [k for k in (getattr(metadata, name) for name in _TYPES) if k is not None and k.national_number_pattern]
    prefix = metadata.national_prefix_for_parsing
    return _Numbers(
        str(metadata.country_code),
        re.compile(general),
        re.compile(rf"(?={general}\Z)(?:{'|'.join(map(_numbers_of, kinds)) or '(?!)'})"),
        re.compile(metadata.leading_digits) if metadata.leading_digits else None,
        re.compile(prefix or "(?!)"),
        not metadata.national_prefix_transform_rule and not (prefix and _CAPTURING.search(prefix)),
        re.compile(metadata.international_prefix or "(?!)"),
    )


def _numbers_of(kind: Any) -> str:
    """An expression for the numbers of one kind: their lengths and their pattern."""
    lengths = "|".join(rf"\d{{{n}}}" for n in kind.possible_length if n > 0)
    ahead = rf"(?=(?:{lengths})\Z)" if lengths else ""
    return f"(?:{ahead}(?:{kind.national_number_pattern}))"


@lru_cache(maxsize=512)
def _formats(region: str) -> tuple[re.Pattern[str], tuple[bool, ...]]:
    forms = phonenumbers.PhoneMetadata.metadata_for_region(region).number_format
    expression = re.compile("|".join(f"({_format(f)})" for f in forms) or "(?!)")
    return expression, (False, *(_is_prefix_required(f) for f in forms))


def _needs_prefix(number: str, region: str) -> bool:
    """True when the first of the region's formats that fits the number has a national prefix."""
    expression, required = _formats(region)
    match = expression.fullmatch(number)
    return match is not None and required[match.lastindex or 0]


def _format(form: Any) -> str:
    leading = f"(?={form.leading_digits_pattern[-1]})" if form.leading_digits_pattern else ""
    return f"{leading}(?:{_CAPTURING.sub('(?:', form.pattern)})"


def _is_prefix_required(form: Any) -> bool:
    rule = form.national_prefix_formatting_rule
    if not rule or form.national_prefix_optional_when_formatting:
        return False
    return not phonenumberutil._formatting_rule_has_first_group_only(rule)
