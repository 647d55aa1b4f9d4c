"""Fakes of telephone numbers: those that regulators keep for films, else digits that no numbering plan uses."""

import re

import phonenumbers

from udfs.mask._surrogate_draw import Draw
from udfs.mask._surrogate_words import Locale, table

_FORM = re.compile(
    r"((?:[+(]*\d)(?:[\s().\-/\u2010-\u2013]*\d){6,17}\)?)(\s*(?:ext\.?|x|#)\s*\d{1,6})?", re.ASCII | re.I
)

_TRUNKS = {"AU": "0", "CA": "1", "DE": "0", "FR": "0", "GB": "0", "NL": "0", "US": "1"}
"""What is dialled before a subscriber's number inside of a country (ITU-T E.164, national prefix)."""

_LOCAL = 7  # digits of a North American number without its area code

AREAS = tuple(
    f"{first}{second}{third}"
    for first in range(2, 10)
    for second in range(9)
    for third in range(10)
    if second != third and (first, second) not in {(3, 7), (5, 2), (8, 8)} and (first, second, third) != (7, 1, 0)
)
"""North American area codes that can be geographic: not N11 and the other easily recognisable codes (toll-free ones
are among them), x9x, 37x, 52x, 88x and 710, which the North American Numbering Plan keeps for other purposes."""


def phone(text: str, draw: Draw, names: Locale, region: str = "") -> str:
    """A number of the same country in the same form, which can be nobody's; an extension becomes another one.

    A number without a country code is one of `region`, or of the locale's. A text that is no number becomes one of
    the locale's in international form.

    >>> from udfs.mask._surrogate_words import locale
    >>> phone("+44 (0)20 7123 4567", Draw(bytes(32)), locale("en_US"))
    '+44 (0)16 3296 0000'
    >>> phone("(212) 867-5309 x12", Draw(bytes(32)), locale("en_US"))
    '(201) 555-0100 x00'
    """
    region = region or names.region
    match = _FORM.fullmatch(text.strip())
    if not match:
        code = phonenumbers.country_code_for_region(region)
        return f"+{code} {_subscriber(code, 0, draw)}"
    number, extension = match.groups(default="")
    digits = "".join(filter(str.isdecimal, number))
    prefix, code = _prefix(number, digits, region)
    subscriber = _subscriber(code, len(digits) - len(prefix), draw)
    return _laid(number, prefix + subscriber) + re.sub(r"\d+", lambda run: draw.digits(len(run[0])), extension)


def _prefix(number: str, digits: str, region: str) -> tuple[str, int]:
    """The digits before the subscriber's number, and the country's code."""
    prefix, code = "", phonenumbers.country_code_for_region(region)
    dialled = "" if "+" in number else "011" if region in {"US", "CA"} else "00"
    if digits.startswith(dialled):
        code = _calling_code(digits[len(dialled) :])
        prefix = f"{dialled}{code or ''}"
    trunk = _TRUNKS.get(phonenumbers.region_code_for_country_code(code), "")
    return (prefix + trunk if digits.startswith(prefix + trunk) else prefix), code


def _calling_code(digits: str) -> int:
    """The country code that digits begin with, 0 for none (ITU-T E.164: none is the beginning of another)."""
    codes = (int(digits[:length]) for length in (1, 2, 3))
    return next((code for code in codes if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), 0)


def _subscriber(code: int, length: int, draw: Draw) -> str:
    fictional = table("phones").get(phonenumbers.region_code_for_country_code(code))
    if not fictional:
        return _unused(code, max(length, _LOCAL), draw)
    pattern = str(draw.of(fictional))
    if "A" in pattern:
        pattern = pattern[1:] if length == _LOCAL else pattern.replace("A", draw.of(AREAS))
    return draw.filled(pattern)


def _unused(code: int, length: int, draw: Draw) -> str:
    """Digits that phonenumbers calls not valid in a country: after two zeros nearly all are.

    A fake changes when a later version calls it valid: then it may be somebody's.
    """
    while True:
        digits = "00" + draw.digits(length - 2)
        number = phonenumbers.PhoneNumber(code, int(digits), italian_leading_zero=True, number_of_leading_zeros=2)
        if not phonenumbers.is_valid_number(number):
            return digits


def _laid(number: str, digits: str) -> str:
    """`digits` in the places of a number's own; what they are more follows the last one, what they are less is cut."""
    places = [i for i, char in enumerate(number) if char.isdecimal()]
    if len(digits) < len(places):
        number, places = number[: places[len(digits)]].rstrip(" -./("), places[: len(digits)]
    laid = list(number)
    for place, digit in zip(places, digits, strict=False):
        laid[place] = digit
    laid[places[-1]] += digits[len(places) :]
    return "".join(laid)
