"""Values: identifiers drawn from their forms and checks, and the ones that every stream holds."""

import base64
import hashlib
import ipaddress
import random
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import phonenumbers
import yaml
from faker import Faker
from stdnum import luhn

from benchmarks.quality.checks import named

HOME = Path(__file__).parent
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
TRIES = 200_000
"""How often a form is filled before its check is said to be wrong."""

_PIECE = re.compile(r"\{([^}]+)\}|\[([^\]]+)\]|(.)", re.DOTALL)
_RANGE = re.compile(r"(.)-(.)")
_DATES = {"yymmdd": "%y%m%d", "ddmmyy": "%d%m%y", "yyyymmdd": "%Y%m%d", "yy.mm.dd": "%y.%m.%d"}
_DATES["ddmmyy1"] = "%d%m9%y"  # JMBG, EMŠO: the year's last three digits


@cache
def identifiers() -> dict[str, dict[str, Any]]:
    """The table of `ids.yaml`."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load((HOME / "ids.yaml").read_text("utf-8"))
    return loaded


def filled(form: str, draw: random.Random) -> str:
    """A form with its places filled.

    >>> filled("A-##[xy]", random.Random(1))
    'A-29x'
    """
    return "".join(_piece(*match.groups(), draw) for match in _PIECE.finditer(form))


def _piece(day: str | None, choice: str | None, plain: str | None, draw: random.Random) -> str:
    if day:
        return _date_piece(day, draw)
    if choice:
        return draw.choice(_RANGE.sub(lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), choice))
    kinds = {"#": DIGITS, "@": CAPITALS, "*": CAPITALS + DIGITS}
    return draw.choice(kinds[plain]) if plain in kinds else str(plain)


def _date_piece(name: str, draw: random.Random) -> str:
    born = date(1945, 1, 1) + timedelta(days=draw.randrange(20_000))
    if name == "gbdob":  # DVLA: tens of the year of birth stand before it; month (+50 for women), day, ones of the year
        return f"{born.month + draw.choice((0, 50)):02}{born.day:02}{born.year % 10}"
    return born.strftime(_DATES[name])


def identifier(entity: str, draw: random.Random) -> str:
    """A valid value of an entity of `ids.yaml`.

    Raises:
        ValueError: no value passes the check.
    """
    row = identifiers()[entity]
    form = draw.choice(row["forms"])
    accepts: Callable[[str], bool] = named(row["check"]) if "check" in row else (lambda _: True)
    for _ in range(TRIES):
        value = filled(form, draw)
        if accepts(value):
            return value
    raise ValueError(f"{entity}: no value of the form {form} passes {row['check']}")


# ISO/IEC 7812-1 issuer prefixes, and the lengths of their numbers.
_ISSUERS = (
    ("4", 16), ("4", 16), ("4", 13), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15),
    ("6011", 16), ("65", 16), ("3528", 16), ("36", 14), ("300", 14), ("62", 16), ("5018", 16), ("6304", 16),
    ("9792", 16),
)  # fmt: skip


def card(draw: random.Random) -> str:
    """A payment card's number, as written by machines and by people."""
    prefix, length = draw.choice(_ISSUERS)
    body = prefix + "".join(draw.choices(DIGITS, k=length - len(prefix) - 1))
    number = body + luhn.calc_check_digit(body)
    sizes = (4, 6, 5) if length == 15 else (4, 6, 4) if length == 14 else (4,) * 4
    gap = draw.choice(("", "", " ", "-"))
    if length == 13 or not gap:
        return number
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    return gap.join(number[start : start + size] for start, size in zip(starts, sizes, strict=True))


# IBAN registry (SWIFT, ISO 13616): country and structure of the account number.
_BBANS = {
    "DE": "##################", "FR": "##########***********##", "GB": "@@@@##############", "NL": "@@@@##########",
    "ES": "####################", "IT": "@##########************", "CH": "#####************", "AT": "################",
    "BE": "############", "PL": "########################", "SE": "####################", "NO": "###########",
    "DK": "##############", "FI": "##############", "IE": "@@@@##############", "PT": "#####################",
    "GR": "#######****************", "CZ": "####################", "SA": "##******************",
    "AE": "###################", "TR": "#####0****************", "LV": "@@@@*************",
    "MT": "@@@@#####******************", "LU": "###*************",
    "EE": "################", "HU": "########################", "LT": "################", "RO": "@@@@****************",
}  # fmt: skip


def iban(draw: random.Random) -> str:
    """An international bank account number, plain or in groups of four (ISO 13616, ISO 7064 mod 97-10)."""
    country = draw.choice(sorted(_BBANS))
    account = filled(_BBANS[country], draw)
    check = 98 - int("".join(str(int(c, 36)) for c in f"{account}{country}00")) % 97
    number = f"{country}{check:02}{account}"
    return number if draw.random() < 0.5 else " ".join(number[i : i + 4] for i in range(0, len(number), 4))


NATIONAL_REGIONS = ("US", "US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")
"""Presidio's regions: numbers without a leading + are known for these."""
_KINDS = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)


def phone(draw: random.Random) -> str:
    """A phone number of the numbering plans of `phonenumbers`: international of any region, national of Presidio's."""
    national = draw.random() < 0.5
    region = draw.choice(NATIONAL_REGIONS if national else sorted(phonenumbers.SUPPORTED_REGIONS))
    example = phonenumbers.example_number_for_type(region, draw.choice(_KINDS)) or phonenumbers.example_number(region)
    number = _varied(example, draw)
    form = phonenumbers.PhoneNumberFormat
    chosen = form.NATIONAL if national else draw.choice((form.INTERNATIONAL, form.INTERNATIONAL, form.E164))
    written: str = phonenumbers.format_number(number, chosen)
    if region in ("US", "CA") and national:
        written = draw.choice(
            (written, written.replace("(", "").replace(") ", "-"), written[1:].replace(") ", ".").replace("-", "."))
        )
    return written


def _varied(example: Any, draw: random.Random) -> Any:
    """The example with other last digits, if those are possible too."""
    other = phonenumbers.PhoneNumber()
    other.merge_from(example)
    other.national_number = example.national_number // 10_000 * 10_000 + draw.randrange(10_000)
    return other if phonenumbers.is_valid_number(other) else example


LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pt_BR", "pl_PL", "sv_SE")


@cache
def faker(locale: str) -> Faker:
    """The generator of a locale."""
    return Faker(locale)


def _fake(draw: random.Random, kind: str, **options: Any) -> str:
    generator = faker(draw.choice(LOCALES))
    generator.seed_instance(draw.getrandbits(32))
    return str(getattr(generator, kind)(**options))


def email(draw: random.Random) -> str:
    """An e-mail address, plain, with a tag, capitals, or further labels."""
    user, domain = _fake(draw, "user_name"), _fake(draw, "domain_name")
    tagged = f"{user}+{draw.choice(('news', 'shop', '2024'))}@{domain}"
    forms = (
        f"{user}@{domain}",
        f"{user}@{domain}",
        tagged,
        f"{user.title()}@{domain.upper()}",
        f"{user}@mail.{domain}",
    )
    return draw.choice(forms)


def url(draw: random.Random) -> str:
    """A web address."""
    domain, path = _fake(draw, "domain_name"), _fake(draw, "uri_path")
    return draw.choice(
        (
            f"https://{domain}/{path}",
            f"http://www.{domain}",
            f"https://{domain}/{path}?id={draw.randrange(99)}",
            f"www.{domain}/{path}",
        )
    )


def ip(draw: random.Random) -> str:
    """An internet address of version 4 or 6."""
    if draw.random() < 0.6:
        return str(ipaddress.IPv4Address(draw.randrange(1 << 24, 223 << 24)))
    whole = ipaddress.IPv6Address((0x2001 << 112) | draw.getrandbits(112))
    short = ipaddress.IPv6Address((0x20010DB8 << 96) | draw.getrandbits(32))
    return draw.choice((str(whole), str(short), whole.exploded))


def mac(draw: random.Random) -> str:
    """A hardware address (IEEE 802)."""
    pairs = [f"{draw.randrange(256):02x}" for _ in range(6)]
    dotted = ".".join("".join(pairs[i : i + 2]) for i in (0, 2, 4))
    return draw.choice((":".join(pairs), "-".join(pairs).upper(), ":".join(pairs).upper(), dotted))


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bitcoin(draw: random.Random) -> str:
    """A Bitcoin address: base58check, or bech32 (BIP 173)."""
    if draw.random() < 0.6:
        return _base58(bytes([draw.choice((0, 5))]) + draw.randbytes(20))
    data = [0] + [draw.randrange(32) for _ in range(31)] + [draw.choice((0, 16))]
    return "bc1" + "".join(_BECH32[d] for d in data + _bech32_check([3, 3, 0, 2, 3, *data]))


def _base58(payload: bytes) -> str:
    whole = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(whole, "big"), ""
    while number:
        number, place = divmod(number, 58)
        text = _BASE58[place] + text
    return "1" * (len(whole) - len(whole.lstrip(b"\0"))) + text


def _bech32_check(values: list[int]) -> list[int]:
    sums = 1
    for value in values + [0] * 6:
        top, sums = sums >> 25, (sums & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            sums ^= generator if top >> i & 1 else 0
    return [(sums ^ 1) >> 5 * (5 - i) & 31 for i in range(6)]


def moment(draw: random.Random) -> str:
    """A date, or a date with a time, in one of the usual forms."""
    at = datetime(2019, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=draw.randrange(200_000_000))
    forms = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d", "%d-%b-%Y")
    return at.strftime(draw.choice(forms))


def uuid(draw: random.Random) -> str:
    """A random UUID (RFC 9562, version 4)."""
    number = draw.getrandbits(128) & ~(0xF << 76) & ~(3 << 62) | 4 << 76 | 2 << 62
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


GENERIC: dict[str, Callable[[random.Random], str]] = {
    "CREDIT_CARD": card, "IBAN_CODE": iban, "PHONE_NUMBER": phone, "EMAIL_ADDRESS": email, "URL": url,
    "IP_ADDRESS": ip, "MAC_ADDRESS": mac, "CRYPTO": bitcoin, "DATE_TIME": moment, "UUID": uuid,
}  # fmt: skip
"""Entities that belong to no country, each with what makes a value."""


def value(entity: str, draw: random.Random) -> str:
    """A value of an entity."""
    return GENERIC[entity](draw) if entity in GENERIC else identifier(entity, draw)


def base64_of(draw: random.Random, size: int) -> str:
    """Random bytes in base64."""
    return base64.b64encode(draw.randbytes(size)).decode()
