"""Fakes of cards, accounts, network addresses and postcodes, in ranges that are not given out."""

import importlib
import re
from collections.abc import Callable
from functools import cache

from stdnum.iso7064 import mod_97_10

from udfs.mask._surrogate_draw import Draw, form, refill
from udfs.mask._surrogate_words import Locale, table

_GAP = r"[\s.\-\u2010-\u2013]?"


_CARD = re.compile(rf"(?:\d{_GAP}){{11,18}}\d", re.ASCII)

_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
"""Each digit doubled, 9 taken off what is more than 9."""


def card(text: str, draw: Draw, names: Locale) -> str | None:
    """As many digits, beginning with 99, with a right Luhn check digit (ISO/IEC 7812-1, annex B).

    ISO/IEC 7812-1 gives numbers that begin with 9 to national bodies, by the country's code of three digits after the
    9; ISO 3166-1 gives the codes 900 to 999 to no country. So 99 begins no issuer's number.

    >>> card("4111-1111-1111-1111", Draw(bytes(32)), None)
    '9900-0000-0000-0002'
    """
    if not _CARD.fullmatch(text):
        return None
    plain = text.isdecimal()
    count = len(text) if plain else sum(map(str.isdecimal, text))
    body = "99" + draw.digits(count - 3)
    fake = body + _luhn_digit(body)
    return fake if plain else refill(text, fake)


def _luhn_digit(body: str) -> str:
    """The check digit (ISO/IEC 7812-1, annex B) of the digits before it; a tenth of the time of python-stdnum's."""
    digits = body.encode()
    return str(-(sum(digits[::-2].translate(_DOUBLED)) + sum(digits[-2::-2]) - 48 * len(digits)) % 10)  # 48: a zero


_BANKS = {
    **dict.fromkeys(("EE", "MD", "SA", "TN"), 2),
    **dict.fromkeys(("AE", "BA", "BE", "CY", "FI", "HU", "IL", "KZ", "LU", "ME", "MK", "RS", "SE", "TL", "VA"), 3),
    **dict.fromkeys(("AT", "CH", "FR", "GR", "LI", "LT", "MC", "MR", "SI", "TR"), 5),
    **dict.fromkeys(("IT", "MU", "SM", "UA"), 6),
    **dict.fromkeys(("HR",), 7),
    **dict.fromkeys(("AL", "BR", "DE", "PL"), 8),
    **dict.fromkeys(("GB", "IE"), 10),
}
"""Characters that name the bank at the beginning of an account number, by country (ISO 13616, IBAN registry), where
they are not 4; the British and Irish sort code and the Italian check letter are counted in."""


def iban(text: str, draw: Draw, names: Locale) -> str | None:
    """An account in the same country and form at no bank: its code is zeros, or X for letters.

    The two check digits are right (ISO 13616, ISO 7064 MOD 97-10); those that some countries put into the account
    number as well need not be.

    >>> iban("DE89 3704 0044 0532 0130 00", Draw(bytes(32)), None)
    'DE36 0000 0000 0000 0000 00'
    """
    if not re.fullmatch(rf"[A-Za-z]{{2}}{_GAP}\d{_GAP}\d(?:{_GAP}[A-Za-z0-9]){{11,30}}", text, re.ASCII):
        return None
    compact = "".join(filter(str.isalnum, text)).upper()
    country, account = compact[:2], compact[4:]
    bank = _BANKS.get(country, 4)
    nobody = "".join("0" if char.isdecimal() else "X" for char in account[:bank])
    account = nobody + form(account[bank:], draw)
    return refill(text, country + mod_97_10.calc_check_digits(account + country) + account)


_SSN_GROUPS = (*range(1, 50), *range(66, 70), 89)
"""Middle digits of numbers from 900 on that are no ITIN (50 to 65, 70 to 88, 90 to 92, 94 to 99) and no ATIN (93): IRS,
Internal Revenue Manual 3.21.263."""


def ssn(text: str, draw: Draw, names: Locale) -> str | None:
    """A number from 900 on, where the Social Security Administration issues none (SSA, Social Security Number
    Randomization), and with middle digits that the IRS gives to no taxpayer.

    >>> ssn("078-05-1120", Draw(bytes(32)), None)
    '900-01-0001'
    """
    if not re.fullmatch(rf"(?:\d{_GAP}){{8}}\d", text, re.ASCII):
        return None
    return refill(text, f"{900 + draw.below(100)}{draw.of(_SSN_GROUPS):02}{1 + draw.below(9999):04}")


_IPV4_NETS = ("192.0.2.", "198.51.100.", "203.0.113.")  # RFC 5737, section 3
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}((?:/\d{1,2}|:\d{1,5})?)", re.ASCII)
_IPV6 = re.compile(r"(\[?)(?=[^:]*:[^:]*:)[0-9A-Fa-f:.]+(?:%[\w.-]+)?(\]?(?::\d{1,5})?(?:/\d{1,3})?)", re.ASCII)


def ip(text: str, draw: Draw, names: Locale) -> str | None:
    """An address for documentation (RFC 5737, RFC 3849) of the same version; a port or a prefix length stays.

    >>> ip("8.8.8.8:53", Draw(bytes(32)), None), ip("[fe80::1%eth0]:80", Draw(bytes(32)), None)
    ('192.0.2.1:53', '[2001:db8:0:0:0:0:0:0]:80')
    """
    if match := _IPV4.fullmatch(text):
        return f"{draw.of(_IPV4_NETS)}{1 + draw.below(254)}{match[1]}"
    if match := _IPV6.fullmatch(text):
        groups = ":".join(f"{draw.below(65536):x}" for _ in range(6))
        return f"{match[1]}2001:db8:{groups}{match[2]}"
    return None


def uuid(text: str, draw: Draw, names: Locale) -> str | None:
    """A UUID of version 8 (RFC 9562, section 5.8), so that it is none that a common generator makes.

    >>> uuid("{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}", Draw(bytes(32)), None)
    '{00000000-0000-8000-8000-000000000000}'
    """
    match = re.fullmatch(r"((?:urn:uuid:)?)(\{?(?:[0-9a-f]-?){31}[0-9a-f]\}?)", text, re.I | re.ASCII)
    if not match:
        return None
    digits = [f"{draw.below(16):x}" for _ in range(32)]
    digits[12], digits[16] = "8", "89ab"[draw.below(4)]
    return match[1] + refill(match[2], digits)


def mac(text: str, draw: Draw, names: Locale) -> str | None:
    """A locally administered address of one device (IEEE 802, clause 8): no maker's, 6, 8 bytes or more long.

    >>> mac("00-1B-44-11-3A-B7", Draw(bytes(32)), None)
    '02-00-00-00-00-00'
    """
    if not re.fullmatch(r"(?:[0-9a-f][:.\- ]?){11,31}[0-9a-f]", text, re.I | re.ASCII):
        return None
    digits = [f"{draw.below(16):x}" for char in text if char.isalnum()]
    digits[1] = "26ae"[draw.below(4)]
    return refill(text, digits)


_OUTWARD = "ABCDEFGHKLMNOPQRSTUVWXY"  # letters of the second place
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"  # no C, I, K, M, O and V
_CANADIAN = "ABCEGHJKLMNPRSTVWXYZ"  # no D, F, I, O, Q and U


def uk_postcode(text: str, draw: Draw, names: Locale) -> str | None:
    """A postcode that begins with Q, V or X, as none does (Royal Mail, PAF Programmers' Guide).

    >>> uk_postcode("SW1A 1AA", Draw(bytes(32)), None)
    'QA0A 0AA'
    """
    match = re.fullmatch(r"[A-Z]([A-Z]?)\d([A-Z]|\d?)(\s?)\d[A-Z]{2}", text, re.I | re.ASCII)
    if not match:
        return None
    second, last, gap = match.groups()
    area = draw.of("QVX") + (draw.of(_OUTWARD) if second else "")
    district = draw.digits(1) + (draw.of(_OUTWARD) if last.isalpha() else draw.digits(1) if last else "")
    return f"{area}{district}{gap}{draw.digits(1)}{draw.of(_INWARD)}{draw.of(_INWARD)}"


def german_postcode(text: str, draw: Draw, names: Locale) -> str | None:
    """Five digits that begin with 00, 05, 43 or 62, as no postcode does (Deutsche Post).

    >>> german_postcode("D-10115", Draw(bytes(32)), None)
    'D-00000'
    """
    match = re.fullmatch(r"((?:D[- ])?)\d{5}", text, re.ASCII)
    return match and match[1] + draw.of(("00", "05", "43", "62")) + draw.digits(3)


def canadian_postcode(text: str, draw: Draw, names: Locale) -> str | None:
    """A postcode that begins with W or Z, as none does (Canada Post, addressing guidelines).

    >>> canadian_postcode("K1A 0B1", Draw(bytes(32)), None)
    'W0A 0A0'
    """
    match = re.fullmatch(r"[A-Z]\d[A-Z]([\s-]?)\d[A-Z]\d", text, re.I | re.ASCII)
    if not match:
        return None
    area = f"{draw.of('WZ')}{draw.digits(1)}{draw.of(_CANADIAN)}"
    return f"{area}{match[1]}{draw.digits(1)}{draw.of(_CANADIAN)}{draw.digits(1)}"


def nino(text: str, draw: Draw, names: Locale) -> str | None:
    """A British national insurance number that begins with Q, as none does (HMRC, National Insurance Manual 39110).

    >>> nino("AB 12 34 56 C", Draw(bytes(32)), None)
    'QA 00 00 00 A'
    """
    if not re.fullmatch(rf"[A-Z]{_GAP}[A-Z]{_GAP}(?:\d{_GAP}){{6}}[A-Z]?", text, re.I | re.ASCII):
        return None
    return "Q" + form(text, draw)[1:]


_MOST = 32
"""Fakes that are tried at most: fewer than one of seven has a right check digit by chance."""


_LONGEST = 256
"""Characters that a number with a check digit may have, far above any. Of more than 4,300 digits Python makes no number
(`sys.int_info.default_max_str_digits`), and python-stdnum fails."""


def unlike_any(text: str, draw: Draw, entity: str) -> str:
    """A text of the same form, with a wrong check digit where one is known.

    >>> unlike_any("111222333", Draw(bytes(32)), "NL_BSN"), unlike_any("AB-47", Draw(bytes(32)), "OTHER")
    ('000000000', 'AA-00')
    """
    valid = _validator(entity)
    fake = form(text, draw)
    for _ in range(_MOST):
        if not valid(fake):
            break
        fake = form(text, draw)
    return fake


@cache
def _validator(entity: str) -> Callable[[str], bool]:
    """Says whether a text is valid; of everything no, if there is no check digit."""
    module = table("checks").get(entity)
    if not module:
        return lambda text: False
    is_valid: Callable[[str], bool] = importlib.import_module(f"stdnum.{module}").is_valid
    return lambda text: len(text) <= _LONGEST and is_valid(text)
