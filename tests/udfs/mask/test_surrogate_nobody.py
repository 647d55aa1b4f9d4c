"""Surrogates are nobody's: in ranges that are reserved, not given out, or wrong by their check digit."""

import importlib
import ipaddress
import json
import re
import uuid
from functools import cache
from hashlib import sha256
from pathlib import Path

import phonenumbers
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.us import itin
from stdnum.us import ssn as us_ssn

from tests.udfs.mask.fakes import KEY, KEYS, VALUES, fake, shape, some
from udfs.mask._surrogate_draw import Draw, form
from udfs.mask._surrogate_words import table
from udfs.recognizers import own

# --- what cannot be anybody's


@some
@given(value=VALUES["CREDIT_CARD"], key=KEYS)
def test_cards_pass_the_luhn_check_in_a_range_of_no_country(value, key):
    card = fake("CREDIT_CARD", value, key)
    digits = re.sub(r"\D", "", card)
    assert shape(card) == shape(value)
    assert luhn.is_valid(digits)
    # ISO/IEC 7812-1: 9 and a country's code. ISO 3166-1 leaves 900 to 999 to users.
    assert digits[0] == "9" and 900 <= int(digits[1:4]) <= 999


@some
@given(value=VALUES["US_SSN"], key=KEYS)
@example(value="078-05-1120", key=KEY)
def test_social_security_numbers_are_never_issued(value, key):
    for entity in ("US_SSN", "US_ITIN"):
        number = fake(entity, value, key)
        assert shape(number) == "000-00-0000"
        assert not us_ssn.is_valid(number) and not itin.is_valid(number)
        # None is issued from 900 on (SSA). There, 93 in the middle makes an ATIN, most from 50 on an ITIN (IRS).
        assert int(number[:3]) >= 900 and int(number[4:6]) in {*range(1, 50), *range(66, 70), 89}


RESERVED = re.compile(
    r"\+1[2-9]\d\d55501\d\d"  # NANPA
    r"|\+44(1632960|113496|114496|115496|116496|117496|118496|121496|131496|141496|151496|161496)\d{3,4}"
    r"|\+44(1914980|2079460|2920180|3069990|7700900)\d{3}"  # Ofcom
    r"|\+49(3023125|6990009|4066969|2214710|8999998)\d{3}"  # Bundesnetzagentur
    r"|\+33(19900|26191|35301|46571|53649|63998)\d{4}"  # ARCEP
    r"|\+61[2378](5550|7010)\d{4}"  # ACMA
)

PHONES = {
    "US": "+1 (212) 867-5309",
    "GB": "+44 20 7123 4567",
    "DE": "+49 89 1234567",
    "FR": "+33 6 12 34 56 78",
    "AU": "+61 2 9374 4000",
    "ES": "+34 612 345 678",
    "IT": "+39 06 1234 5678",
    "NL": "+31 6 12345678",
    "PT": "+351 912 345 678",
    "JP": "+81 3-1234-5678",
    "ZA": "+27 82 123 4567",
    "BR": "+55 11 91234-5678",
    "IN": "+91 98765 43210",
    "CI": "+225 01 23 45 67 89",
}


@some
@given(key=KEYS, region=st.sampled_from(sorted(PHONES)))
def test_telephone_numbers_ring_nowhere(key, region):
    value = PHONES[region]
    number = phonenumbers.parse(fake("PHONE_NUMBER", value, key))
    assert number.country_code == phonenumbers.parse(value).country_code
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert RESERVED.fullmatch(written) or not phonenumbers.is_valid_number(number)


@pytest.mark.parametrize(
    ("value", "name", "form"),
    [
        ("(212) 867-5309", "en_US", "(000) 000-0000"),
        ("867-5309", "en_US", "000-0000"),
        ("1-212-867-5309 ext. 99", "en_US", "0-000-000-0000 aaa. 00"),
        ("030 1234567", "de_DE", "000 00000000"),  # drama numbers have one digit more
        ("01.23.45.67.89", "fr_FR", "00.00.00.00.00"),
        ("011 44 20 7123 4567", "en_US", "000 00 00 0000 0000"),
    ],
)
def test_telephone_numbers_keep_their_form(value, name, form):
    number = fake("PHONE_NUMBER", value, locale=name)
    assert shape(number) == form
    assert number != value


@pytest.mark.parametrize("value", ["911", "112", "12", "call me", "1-800-FLOWERS", "+", "07700 9000000000000000000"])
def test_what_is_no_telephone_number_becomes_one_of_the_locale(value):
    number = phonenumbers.parse(fake("PHONE_NUMBER", value))
    assert RESERVED.fullmatch(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@some
@given(value=st.emails() | st.text(min_size=1), key=KEYS)
def test_mail_goes_to_reserved_domains(value, key):
    address = fake("EMAIL_ADDRESS", value, key).lower()
    assert re.fullmatch(r"[a-z]+\.[a-z]+\d{6}@example\.(com|net|org)", address)


@some
@given(value=st.text(min_size=1) | st.from_regex(r"https?://[a-z.@:0-9]+(/[a-z0-9%]*)?", fullmatch=True), key=KEYS)
def test_links_go_to_reserved_domains(value, key):
    link = fake("URL", value, key)
    host = re.fullmatch(r"(?:[a-z][a-z0-9+.-]*://)?([^/?#]*).*", link, re.IGNORECASE | re.DOTALL)[1]
    assert re.fullmatch(r"[a-z]+\d{6}\.example\.(com|net|org)", host.lower())


def test_links_lose_users_ports_and_words():
    link = fake("URL", "https://ann:secret@corp.com:8443/users/ann?mail=ann%40corp.com#top")
    assert link.startswith("https://") and not re.search("ann|secret|corp|8443|users|mail|top", link)
    assert shape(link).endswith("/aaaaa/aaa?aaaa=aaaaaaa.aaa#aaa") or "%" not in link


@some
@given(value=st.ip_addresses(), key=KEYS)
def test_addresses_are_those_of_documentation(value, key):
    address = ipaddress.ip_address(fake("IP_ADDRESS", str(value), key))
    nets = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"]  # RFC 5737, RFC 3849
    assert address.version == value.version
    assert any(address in ipaddress.ip_network(net) for net in nets)


ACCOUNTS = {
    "DE89 3704 0044 0532 0130 00": "00000000",
    "GB29NWBK60161331926819": "XXXX000000",
    "FR1420041010050500013M02606": "00000",
    "IT60X0542811101000000123456": "X00000",
    "NL91ABNA0417164300": "XXXX",
    "ES9121000418450200051332": "0000",
    "PT50000201231234567890154": "0000",
    "NO9386011117947": "0000",
    "MT84MALT011000012345MTLCAST001S": "XXXX",
    "pl61109010140000071219812874": "00000000",
}


@some
@given(key=KEYS, value=st.sampled_from(sorted(ACCOUNTS)))
def test_accounts_are_at_no_bank_and_have_right_check_digits(key, value):
    account = fake("IBAN_CODE", value, key)
    compact = account.replace(" ", "").upper()
    assert iban.is_valid(compact, check_country=False)
    assert compact[:2] == value[:2].upper()
    assert compact[4:].startswith(ACCOUNTS[value])
    assert shape(account)[4:] == shape(value)[4:]


@some
@given(value=st.uuids(), key=KEYS, write=st.sampled_from([str, lambda u: f"{{{u}}}".upper(), lambda u: u.hex]))
def test_uuids_are_of_version_8(value, key, write):
    made = fake("UUID", write(value), key)
    assert shape(made).replace("a", "0").replace("A", "0") == shape(write(value)).replace("a", "0").replace("A", "0")
    assert uuid.UUID(made).version == 8 and uuid.UUID(made).variant == uuid.RFC_4122


@some
@given(value=VALUES["MAC_ADDRESS"], key=KEYS)
def test_device_addresses_are_locally_administered(value, key):
    first = int(fake("MAC_ADDRESS", value, key)[:2], 16)
    assert first & 2 and not first & 1  # IEEE 802: the local bit is set, the group bit is not


@some
@given(key=KEYS)
def test_postcodes_are_of_no_place(key):
    assert re.fullmatch(r"[QVX][A-Z]\d[A-Z] \d[A-Z]{2}", fake("UK_POSTCODE", "SW1A 1AA", key))
    assert re.fullmatch(r"[QVX]\d\d\d[A-Z]{2}", fake("UK_POSTCODE", "M601AE", key))
    assert re.fullmatch(r"(00|05|43|62)\d{3}", fake("DE_PLZ", "10115", key))
    assert re.fullmatch(r"[WZ]\d[A-Z] \d[A-Z]\d", fake("CA_POSTAL_CODE", "K1A 0B1", key))
    assert re.fullmatch(r"Q[A-Z]\d{6}[A-Z]", fake("UK_NINO", "AB123456C", key))


CASES = Path(__file__).parents[1] / "recognizers" / "cases"


@cache
def examples() -> dict[str, set[str]]:
    """Valid values of each entity, from the cases of the recognizers."""
    entities = {name: recognizer.supported_entities[0] for name, recognizer in own().items()}
    found: dict[str, set[str]] = {}
    for path in (*CASES.glob("ids_*.yaml"), *CASES.glob("u[ks]_*.yaml")):
        for name, cases in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            values = re.findall("<<(.+?)>>", json.dumps(cases["finds"], ensure_ascii=False))
            found.setdefault(entities[name], set()).update(values)
    return found


@pytest.mark.parametrize(("entity", "module"), sorted(table("checks").items()))
def test_identifiers_with_a_check_digit_have_a_wrong_one(entity, module):
    is_valid = importlib.import_module(f"stdnum.{module}").is_valid
    values = sorted(filter(is_valid, examples()[entity]))
    assert values
    for value in values:
        fakes = [fake(entity, value, sha256(bytes([number])).digest()) for number in range(40)]
        assert {shape(made) for made in fakes} == {shape(value.replace("МК", "MK"))}  # from Cyrillic to Latin
        assert not any(map(is_valid, fakes))
        by_chance = [form(value, Draw(sha256(bytes([number])).digest())) for number in range(100)]
        assert sum(map(is_valid, by_chance)) <= 25  # others are soon found


def test_a_number_too_long_for_python_becomes_another():
    """Python makes no number of more than 4,300 digits; there is no check digit then."""
    value = "1234567890" * 600
    made = fake("NL_BSN", value)
    assert len(made) == len(value) and made != value and made.isdecimal()
