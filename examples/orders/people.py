"""The people of the sample, and the identifiers that they leave behind: cards, phones, tax numbers, accounts.

Everything is invented. Cards start with the payment networks' published test prefixes and pass Luhn's check; phone
numbers of the US, GB, DE and FR come from the ranges set aside for fiction; addresses on the internet are those of
RFC 5737 and RFC 3849; mail goes to RFC 2606's example domains.
"""

import itertools
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from faker import Faker

from examples.orders.writing import Planted


@dataclass(frozen=True)
class Country:
    """A country that the shop sells to. In `phones`, `#` is any digit."""

    code: str
    locale: str
    currency: str
    phones: tuple[str, ...]


COUNTRIES = (
    Country("US", "en_US", "USD", ("(212) 555-01##", "+1 415-555-01##", "617-555-01##", "(303) 555-01##")),
    Country("GB", "en_GB", "GBP", ("020 7946 0###", "+44 20 7946 0###", "0161 496 0###")),
    Country("DE", "de_DE", "EUR", ("030 23125 ###", "+49 171 39200##", "+49 30 23125 ###")),
    Country("FR", "fr_FR", "EUR", ("01 99 00 ## ##", "+33 1 99 00 ## ##", "02 61 91 ## ##")),
    Country("IN", "en_IN", "INR", ("+91 98### #####", "+91 99### #####")),
    Country("BR", "pt_BR", "BRL", ("(11) 98###-####", "+55 21 98###-####")),
    Country("JP", "ja_JP", "JPY", ("090-1###-####", "+81 90-1###-####")),
    Country("KR", "ko_KR", "KRW", ("010-2###-####", "+82 10-2###-####")),
)

CARD_PREFIXES = ("411111", "424242", "400005", "555555", "510510", "378282", "601111", "353011")


@dataclass(frozen=True)
class Person:
    """A customer: the same one comes back in several records, so that pseudonyms have something to join."""

    country: Country
    id: str
    name: str
    email: str
    phone: str
    street: str
    city: str
    postcode: str


def make_people(rng: random.Random, count: int) -> list[Person]:
    """Invents customers, the countries in turn.

    Args:
        rng: source of every choice; Faker is seeded from it.
        count: how many.
    """
    fakers = {c.code: Faker(c.locale) for c in COUNTRIES}
    for faker in fakers.values():
        faker.seed_instance(rng.getrandbits(32))
    return [
        _person(rng, COUNTRIES[i % len(COUNTRIES)], fakers[COUNTRIES[i % len(COUNTRIES)].code], i) for i in range(count)
    ]


def _person(rng: random.Random, country: Country, faker: Faker, index: int) -> Person:
    # A name is searched for later as a whole: first and last name together, so that it cannot occur by chance.
    name = f"{faker.first_name()} {faker.last_name()}"
    street = (
        re.sub(r"\s+", " ", faker.street_address())
        if country.code not in ("JP",)
        else f"{faker.town()}{faker.chome()}{faker.ban()}"
    )
    return Person(
        country,
        f"c-{10_000 + index}",
        name,
        _email(rng, name, index),
        phone(rng, country),
        street,
        faker.city(),
        faker.postcode(),
    )


def _email(rng: random.Random, name: str, index: int) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    local = ".".join(re.findall(r"[a-z]+", plain)) or f"user{index}"
    tag = rng.choice(("", "", str(rng.randrange(10, 99)), "+shop"))
    return f"{local}{index if tag == '' else tag}@{rng.choice(('example.com', 'example.org', 'mail.example.net'))}"


def digits(rng: random.Random, template: str) -> str:
    """Fills each `#` with a digit."""
    return re.sub("#", lambda _: str(rng.randrange(10)), template)


def phone(rng: random.Random, country: Country) -> str:
    """A phone number, in the national or the international form."""
    return digits(rng, rng.choice(country.phones))


def luhn_digit(body: str) -> str:
    """The check digit of ISO/IEC 7812-1, annex B (Luhn).

    >>> luhn_digit("411111111111111")
    '1'
    """
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(body), start=1)]
    return str(-sum(d // 10 + d % 10 for d in doubled) % 10)


def card(rng: random.Random) -> str:
    """A test card number, digits only: 15 for American Express, 16 for the others."""
    prefix = rng.choice(CARD_PREFIXES)
    body = digits(rng, prefix + "#" * (8 if prefix.startswith("37") else 9))
    return body + luhn_digit(body)


def spell_card(number: str, separator: str) -> str:
    """The number in groups as it is embossed: 4-6-5 for 15 digits, else four by four.

    >>> spell_card("378282246310005", "-"), spell_card("4111111111111111", " ")
    ('3782-822463-10005', '4111 1111 1111 1111')
    """
    cuts = (0, 4, 10, 15) if len(number) == 15 else (0, 4, 8, 12, 16)
    return separator.join(number[a:b] for a, b in itertools.pairwise(cuts))


def ssn(rng: random.Random) -> str:
    """A US social security number with dashes; area 666 and those from 900 on are never issued."""
    return f"{rng.randrange(1, 665):03d}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}"


def nino(rng: random.Random) -> str:
    """A British national insurance number (HMRC NIM39110: prefix, six digits, suffix A to D)."""
    return digits(rng, f"{rng.choice(('AB', 'CE', 'HJ', 'JK', 'PR', 'ST'))} ## ## ## {rng.choice('ABCD')}")


def nhs(rng: random.Random) -> str:
    """A British NHS number: ten digits, the last one modulo 11."""
    while True:
        body = digits(rng, "4########")
        check = (11 - sum(int(d) * w for d, w in zip(body, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10:
            return f"{body[:3]} {body[3:6]} {body[6:]}{check}"


def pan(rng: random.Random) -> str:
    """An Indian permanent account number of a person: five letters (the fourth is P), four digits, a letter."""
    letters = "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(5))
    return digits(rng, f"{letters[:3]}P{letters[4]}####{rng.choice('ABCDEFGHJK')}")


def cpf(rng: random.Random) -> str:
    """A Brazilian CPF: nine digits and two check digits, modulo 11."""
    body = digits(rng, "#########")
    for _ in range(2):
        total = sum(int(d) * w for d, w in zip(reversed(body), range(2, 12), strict=False))
        body += str((total * 10) % 11 % 10)
    return f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}"


def rrn(rng: random.Random) -> str:
    """A Korean resident registration number: birth date, century and sex, region, and a check digit modulo 11."""
    body = f"{rng.randrange(60, 99)}{rng.randrange(1, 12):02d}{rng.randrange(1, 28):02d}" + digits(
        rng, f"{rng.choice('12')}0####"
    )
    check = (11 - sum(int(d) * w for d, w in zip(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True)) % 11) % 10
    return f"{body[:6]}-{body[6:]}{check}"


_BANKS = {"GB": "NWBK" + "#" * 14, "DE": "#" * 18, "FR": "#" * 23}


def iban(rng: random.Random, country: str) -> str:
    """An account number of ISO 13616 with its check digits (ISO 7064, modulo 97); a German one where none is known."""
    country = country if country in _BANKS else "DE"
    account = digits(rng, _BANKS[country])
    as_digits = "".join(str(int(c, 36)) for c in f"{account}{country}00")
    return f"{country}{98 - int(as_digits) % 97:02d}{account}"


def address(rng: random.Random) -> str:
    """An internet address from the ranges for documentation."""
    if rng.random() < 0.2:
        return f"2001:db8:{rng.randrange(1, 65535):x}:{rng.randrange(1, 65535):x}::{rng.randrange(1, 65535):x}"
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 254)}"


_ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def aws_key(rng: random.Random) -> str:
    """An access key id in the form of the one in Amazon's documentation: it ends in EXAMPLE."""
    return "AKIA" + "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(9)) + "EXAMPLE"


def github_token(rng: random.Random) -> str:
    """Has the form of a personal access token; its checksum is not one that GitHub would issue."""
    return "ghp_" + "".join(rng.choice(_ALNUM) for _ in range(36))


IDENTIFIERS: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "ssn": ("US_SSN", ssn),
    "nino": ("UK_NINO", nino),
    "nhs": ("UK_NHS", nhs),
    "pan": ("IN_PAN", pan),
    "cpf": ("BR_CPF", cpf),
    "rrn": ("KR_RRN", rrn),
    "ip": ("IP_ADDRESS", address),
    "employee": ("EMPLOYEE_ID", lambda rng: digits(rng, "EMP-######")),
    "aws": ("AWS_ACCESS_KEY", aws_key),
    "github": ("GITHUB_TOKEN", github_token),
}


def fill(rng: random.Random, person: Person, name: str) -> Planted:
    """The value for a `{name}` in a text, for this person."""
    if name == "email":
        return Planted("EMAIL_ADDRESS", person.email)
    if name == "phone":
        return Planted("PHONE_NUMBER", person.phone)
    if name == "card":
        return Planted("CREDIT_CARD", spell_card(card(rng), rng.choice(("-", " ", ""))))
    if name == "iban":
        return Planted("IBAN_CODE", iban(rng, person.country.code))
    entity, make = IDENTIFIERS[name]
    return Planted(entity, make(rng))
