r"""Numbers that are given out without a published check, or with one that valid numbers do not always pass.

Finds: South African VAT numbers, which begin with 4 and as a rule pass Luhn, alone; South African traffic register
    numbers, Philippine tax numbers, Indian passports, where a word or the field's name speaks for them.
Leaves alone: everything of such a form beside other words, one digit throughout, moments in milliseconds.
Check: Luhn raises the score of a VAT number; nothing else is known.
Reference: named at each recognizer.
"""

from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers._ids import DASH, GAP
from udfs.recognizers._ids_world import luhn, weighted
from udfs.recognizers._written import HEAD, OTHER, TAIL, before, beside, glued, is_filler, plain

_PH_TIN = f"[0-9]{{3}}{DASH}[0-9]{{3}}{DASH}[0-9]{{3}}(?:{DASH}[0-9]{{3}}(?:[0-9]{{2}})?)?"
_PH_DIGITS = f"(?:{_PH_TIN}|[0-9]{{9}}(?:[0-9]{{3}})?)"
_IN_PASSPORT = f"[A-PR-WY][1-9](?:[0-9]{GAP}?[0-9]{{4}}|[0-9]{{5}}{GAP}?)[1-9]"


def _za_vat(text: str) -> float | bool | None:
    if not (text.isascii() and text.isdecimal()) or is_filler(text[1:]):
        return False
    return 0.4 if luhn(text) else None


def _no_filler(text: str) -> bool | None:
    number = plain(text)
    return None if number and not is_filler(number[1:]) else False


def is_ph_tin(number: str) -> bool:
    """True for digits of which the ninth is the weighted sum of the eight before it: weights 9 to 2, modulo 11.

    Presidio checks it so. It is not published, and numbers in use may fail it.

    >>> is_ph_tin("123456782"), is_ph_tin("123456785")
    (True, False)
    """
    return len(number) > 8 and weighted(number, range(9, 1, -1)) % 11 == int(number[8])


def _ph_tin(text: str) -> bool | None:
    """Digits without their hyphens could be anything."""
    if _no_filler(text) is False:
        return False
    return None if not text.isdecimal() or is_ph_tin(text) else False


RECOGNIZERS = (
    Recognizer(
        "ZaVat",
        "ZA_VAT_NUMBER",
        (
            Pattern("4 and nine digits", f"{HEAD}4[0-9]{{9}}{TAIL}", 0.3),
            Pattern("nothing else", r"\A\s{0,9}(?P<value>4[0-9]{9})\s{0,9}\Z", 0.38),
        ),
        context=("vat", "sars", "value added tax", "vat number", "vat registration"),
        country="za",
        check=_za_vat,
        against=(*OTHER, "nhs", "npi", "tel", "call", "customer", "contract"),
        replaces=("ZaVatNumberRecognizer",),
        reference="https://www.sars.gov.za/types-of-tax/value-added-tax/",
    ),
    # Thirteen digits: nothing else is published.
    Recognizer(
        "ZaTrafficRegister",
        "ZA_TRAFFIC_REGISTER_NUMBER",
        (
            Pattern("13 digits", f"{HEAD}[0-9]{{13}}{TAIL}", 0.1),
            Pattern("before its name", before("traffic register|(?-i:TRN)", "[0-9]{13}"), 0.4),
            Pattern("beside its name", beside("trn|traffic[ _]register[ _]number", "[0-9]{13}"), 0.6),
        ),
        context=("traffic", "trn", "enatis", "natis", "traffic register", "vehicle register"),
        country="za",
        check=_no_filler,
        against=OTHER,
        replaces=("ZaTrafficRegisterNumberRecognizer",),
        reference="https://www.gov.za/services/driving-licence-driving/apply-traffic-register-number",
    ),
    # Three groups of three, and the number of the branch, which has three digits or, lately, five.
    Recognizer(
        "PhTin",
        "PH_TIN",
        (
            Pattern("groups of three", f"{HEAD}{_PH_TIN}{TAIL}", 0.3),
            Pattern("nine or twelve digits", f"{HEAD}[0-9]{{9}}(?:[0-9]{{3}})?{TAIL}", 0.01),
            Pattern("beside its name", beside("(?:bir[ _])?tin(?:[ _]?(?:number|no\\.?))?", _PH_DIGITS), 0.6),
            Pattern("before its name", before(r"tin\b|(?:bir )?tin\b|taxpayer identification", _PH_TIN), 0.4),
        ),
        context=("tin", "taxpayer", "(bir)", "taxpayer identification", "revenue district"),
        country="ph",
        check=_ph_tin,
        against=(*OTHER, "ein", "itin", "ssn"),
        replaces=("PhTinRecognizer",),
        reference="https://www.bir.gov.ph/",
    ),
    Recognizer(
        "InPassport",
        "IN_PASSPORT",
        (
            Pattern("letter and seven digits", f"{HEAD}{_IN_PASSPORT}{TAIL}", 0.1),
            Pattern("before its name", before("passport", _IN_PASSPORT), 0.4),
            Pattern("beside its name", glued("passport(?:[ _]?(?:number|no\\.?))?", _IN_PASSPORT), 0.6),
        ),
        context=("passport", "travel document", "passport number"),
        country="in",
        check=_no_filler,
        against=(*OTHER, "part", "license", "licence"),
        replaces=("InPassportRecognizer",),
        reference="https://en.wikipedia.org/wiki/Indian_passport",
    ),
)
