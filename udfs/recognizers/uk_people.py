r"""Numbers of people and businesses in the United Kingdom: NHS number, national insurance, tax reference, VAT.

Finds: NHS numbers, alone or written 3-3-4; national insurance numbers; VAT numbers with their country; VAT numbers
    without it and tax references where a word or the field's name speaks for them.
Leaves alone: wrong check digits, prefixes that are never issued, placeholders, moments, telephone numbers, numbers of
    orders and shipments.
Check: modulo 11 (NHS, tax reference), modulo 97 (VAT), HMRC's letters (national insurance). One of eleven random
    numbers passes the first, so that other words drop it.
Reference: named at each recognizer.
"""

from stdnum.gb import nhs, utr, vat

from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers._ids import DASH, GAP
from udfs.recognizers._written import GLUE, HEAD, OTHER, TAIL, beside, is_filler, plain, separators

_TEN = f"[0-9]{{3}}{GLUE}?[0-9]{{3}}{GLUE}?[0-9]{{4}}"
_NINO = r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
"""Prefixes in use: https://www.gov.uk/hmrc-internal-manuals/national-insurance-manual/nim39110"""


def is_nhs_number(number: str) -> bool:
    """True for ten digits with the right check digit.

    Reference: https://www.datadictionary.nhs.uk/attributes/nhs_number.html

    >>> is_nhs_number("9434765919"), is_nhs_number("9434765918")
    (True, False)
    """
    if len(number) != 10 or not number.isdecimal() or is_filler(number):
        return False
    return nhs.checksum(number) == 0


def _bare_nhs(number: str) -> float | None:
    """England and Wales begin with 4, 6 and 7, Northern Ireland with 32 to 39; Scotland with a day, as 010577.

    Of what is no day, 01 to 09 begin telephone numbers at home, and 15 to 18 a moment in seconds.

    Reference: https://en.wikipedia.org/wiki/NHS_number
    """
    if "01" <= number[:2] <= "31" and "01" <= number[2:4] <= "12":
        return 0.5
    if "01" <= number[:2] <= "09" or "15" <= number[:2] <= "18":
        return None
    return 0.5 if number[0] in "467" or "32" <= number[:2] <= "39" else 0.4


def _nhs(text: str) -> bool | float | None:
    """Spaces are how it is printed. With dashes or dots it may be a number of the North American telephone plan."""
    number, between = plain(text), separators(text)
    if not is_nhs_number(number):
        return False
    if not between:
        return _bare_nhs(number)
    if between == "  ":
        return 0.65
    if len(between) != 2 or number[0] < "2" or number[3] < "2":
        return 0.5
    return 0.36 if text.isascii() and between == "--" else None


def _nino(text: str) -> bool | float | None:
    number = plain(text)
    if not number or is_filler(number[2:8]):
        return False
    return 0.65 if number[-1].isalpha() else None


def _utr(text: str) -> bool | None:
    number = plain(text).strip("K")
    if len(number) != 10 or not number.isdecimal() or is_filler(number):
        return False
    return None if utr.calc_check_digit(number[1:]) == number[0] else False


def _rests(digits: str) -> tuple[int, ...]:
    """What modulo 97 may leave: 42 and 55 came with the numbers from 100 on."""
    return (0, 42, 55) if digits[0] > "0" else (0,)


def _vat(text: str) -> bool | float | None:
    """The pattern has seen to the numbers of government and health, which have no check digits."""
    number = plain(text)
    digits = number[2:] if number.startswith(("GB", "XI")) else number
    if digits[:2] in ("GD", "HA"):
        return 0.9
    if not digits.isdecimal() or is_filler(digits[:9]) or vat.checksum(digits[:9]) not in _rests(digits):
        return False
    return None if digits == number else 0.9


RECOGNIZERS = (
    Recognizer(
        "UkNhs",
        "UK_NHS",
        (
            Pattern("ten digits", rf"{HEAD}{_TEN}{TAIL}", 0.3),
            Pattern("beside its name", beside("nhs(?:[ _]?(?:number|num|no\\.?))?", _TEN), 0.85),
        ),
        context=("nhs", "patient", "health", "chi number", "national health service", "hospital", "medical record"),
        country="gb",
        check=_nhs,
        against=(*OTHER, "npi", "utr", "tel", "call", "(ts)", "time", "vat", "company"),
        replaces=("NhsRecognizer",),
        reference="https://www.datadictionary.nhs.uk/attributes/nhs_number.html",
    ),
    Recognizer(
        "UkNino",
        "UK_NINO",
        (
            Pattern(
                "prefix, six digits, suffix",
                rf"{HEAD}{_NINO}{GLUE}?[0-9]{{2}}{GLUE}?[0-9]{{2}}{GLUE}?[0-9]{{2}}(?:{GLUE}?[A-D])?{TAIL}",
                0.2,
            ),
        ),
        context=("nino", "insurance", "national insurance", "ni number", "ni no", "hmrc"),
        country="gb",
        check=_nino,
        against=(*OTHER, "part"),
        replaces=("UkNinoRecognizer",),
        reference="https://www.gov.uk/hmrc-internal-manuals/national-insurance-manual/nim39110",
    ),
    Recognizer(
        "UkUtr",
        "GB_UTR",
        (
            Pattern("ten digits", rf"{HEAD}[0-9]{{5}}{GAP}?[0-9]{{5}}K?{TAIL}", 0.2),
            Pattern("beside its name", beside("utr(?:[ _]?(?:number|no\\.?))?", f"[0-9]{{5}}{GAP}?[0-9]{{5}}K?"), 0.85),
        ),
        context=("utr", "taxpayer", "self assessment", "self-assessment", "hmrc", "unique taxpayer reference"),
        country="gb",
        check=_utr,
        reference="https://www.oecd.org/tax/automatic-exchange/crs-implementation-and-assistance/tax-identification-numbers/UK-TIN.pdf",
    ),
    Recognizer(
        "UkVat",
        "GB_VAT",
        (
            Pattern(
                "nine or twelve digits",
                rf"{HEAD}(?:(?:GB|XI)[ -]?)?[0-9]{{3}}(?:{DASH}|{GAP})?[0-9]{{4}}(?:{DASH}|{GAP})?[0-9]{{2}}"
                rf"(?:{GAP}?[0-9]{{3}})?{TAIL}",
                0.2,
            ),
            Pattern("beside its name", beside("vat(?:[ _]?(?:number|reg|no\\.?))?", "[0-9]{9}(?:[0-9]{3})?"), 0.85),
            Pattern("government and health", rf"{HEAD}(?:GB|XI) ?(?:GD[0-4]|HA[5-9])[0-9]{{2}}{TAIL}", 0.9),
        ),
        context=("vat", "value added tax", "vat registration", "vat number"),
        country="gb",
        check=_vat,
        reference="https://www.gov.uk/guidance/vat-eu-country-codes-vat-numbers-and-vat-in-other-languages",
    ),
)
