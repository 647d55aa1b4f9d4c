r"""Phone numbers: by how they are written, and by what the numbering plans assign.

Finds: international numbers (`+49 (0)30 123456`, `0049-30-123456`), those of North America in three, three and four
    digits, national ones with a trunk prefix or an area code in brackets, all with extensions; ten digits that North
    America assigns; any other seven to thirteen digits beside a word for a phone. For the countries of a policy:
    whatever their plans assign, with or without punctuation.
Leaves alone: dates, times, decimals, amounts, IP addresses, versions, social security numbers, cards, ISBNs, years.
Check: the numbering plans, as Google's libphonenumber publishes them. A number that is valid behind a plus is certain;
    one of the right length may be a mistyped or an invented one, and is found with a lower score.
Reference: ITU-T E.123 and E.164; https://github.com/google/libphonenumber
"""

from collections.abc import Sequence
from functools import partial

import phonenumbers

from udfs.recognizers import _phone_forms as forms
from udfs.recognizers._base import Check, Pattern, Recognizer

_DOUBTFUL = 0.05
"""The score of digits that are nothing without a word beside them."""
_KNOWN = 0.5
"""The score of a number that is valid in one of the policy's countries, and written in groups."""
_REFERENCE = "https://github.com/google/libphonenumber"

_WORDS = """
phone mobile telefon teléfono teléphono télephone téléphone telefoon telefone telefón puhelin τηλέφωνο телефон мобил
電話 电话 手机 携帯 전화 โทรศัพท์ هاتف फ़ोन טלפון điện mobil móvil celular cellulare handynummer rufnummer durchwahl
matkapuhelin whatsapp viber msisdn hotline helpline landline festnetz telefax fax
"""
"""Words for a phone that are no part of words of another sense. Short ones are in `forms.LABELLED`."""
_NUMBERED = "order invoice tracking ticket account customer product batch card member policy"
_NUMBER = "no nr number id"
_IDS = [f"{thing} {number}" for thing in _NUMBERED.split() for number in _NUMBER.split()]
"""Words of fields: `order no` is the name of one, and no token of a text."""
_AGAINST = (*_IDS, "isbn", "issn", "iban", "sku", "barcode", "checksum", "timestamp", "serial", "imei", "ssn", "nhs")
_OTHER = """
order invoice tracking shipment parcel batch sku article product catalog ticket voucher coupon receipt transaction
account version build revision upc gtin passport license licence patent badge registration policy routing swift
customer member employee student reference bestell rechnung sendung auftrag lieferschein konto kunden commande
facture compte colis pedido factura cuenta envío lote ordine fattura conto spedizione bestelling factuur pakket
encomenda fatura conta zamówien faktur заказ счет счёт накладн
"""
"""What digits are that are no phone number: words or their stems."""


class _Phones(Recognizer):
    """A recognizer of phone numbers that can be told where its numbers are dialled."""

    def with_countries(self, countries: Sequence[str]) -> Recognizer:
        """The same for a policy's countries: what is valid there is found with less punctuation and fewer words.

        Args:
            countries: ISO 3166-1 alpha-2 codes in lower case. Those without a numbering plan say nothing.

        >>> german = RECOGNIZERS[1].with_countries(["de"])
        >>> [(r.start, r.end) for r in german.analyze("or 01512 345678", ["PHONE_NUMBER"])]
        [(3, 15)]
        """
        regions = tuple(c.upper() for c in countries if c.upper() in phonenumbers.SUPPORTED_REGIONS)
        return _recognizers(regions)[self.name] if regions else self


def _written(text: str, regions: tuple[str, ...] = ()) -> bool | float | None:
    """Judges what is written as phone numbers are."""
    body, digits = forms.bare(text)
    if not _is_long(digits):
        return False
    if forms.is_international(body):
        return forms.international(body, digits)
    groups = forms.groups_of(body)
    if forms.is_other(body, groups, regions):
        return False
    if body[0] == "(" and ")" not in body:  # the bracket is around the number
        return forms.plain(digits) if len(groups) == 1 else forms.grouped(body, groups, digits)
    score = forms.north_american(body, digits) or forms.trunk(body, groups, digits)
    if regions and (score or 0) < _KNOWN and forms.is_valid(digits, regions):
        return _KNOWN
    return score


def _digits(text: str, regions: tuple[str, ...] = ()) -> bool | float | None:
    """Judges digits and groups of digits that could be anything."""
    body, digits = forms.bare(text)
    groups = forms.groups_of(body)
    if not _is_long(digits) or forms.is_other(body, groups, regions):
        return False
    if regions and forms.is_valid(digits, regions):
        return 0.4 if len(groups) == 1 else _KNOWN
    return forms.plain(digits) if len(groups) == 1 else forms.grouped(body, groups, digits)


def _is_long(digits: str) -> bool:
    return len(digits) > 3 and digits.isascii()


def _made(name: str, patterns: Sequence[Pattern], check: Check, against: Sequence[str]) -> _Phones:
    return _Phones(
        name,
        "PHONE_NUMBER",
        patterns,
        context=_WORDS.split(),
        check=check,
        against=against,
        replaces=("PhoneRecognizer",),
        reference=_REFERENCE,
    )


def _recognizers(regions: tuple[str, ...] = ()) -> dict[str, _Phones]:
    written = (
        Pattern("numbers with a country code", forms.INTERNATIONAL, _DOUBTFUL),
        Pattern("numbers of North America", forms.NORTH_AMERICAN, _DOUBTFUL),
        Pattern("numbers with a trunk prefix", forms.TRUNK, _DOUBTFUL),
        Pattern("digits behind a word for a phone", forms.LABELLED, 0.6),
    )
    digits = (Pattern("digits", forms.digits_of(forms.fewest(regions), 14 if regions else 12), _DOUBTFUL),)
    both = (
        _made("PhoneNumber", written, partial(_written, regions=regions), _AGAINST),
        _made("PhoneNumberDigits", digits, partial(_digits, regions=regions), (*_AGAINST, *_OTHER.split())),
    )
    return {recognizer.name: recognizer for recognizer in both}


RECOGNIZERS = tuple(_recognizers().values())
