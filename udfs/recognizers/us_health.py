r"""Numbers of patients and prescribers in the United States: MBI, NPI, DEA registration.

Finds: Medicare beneficiary identifiers; numbers of providers and of registered prescribers.
Leaves alone: letters that CMS does not use, wrong check digits, placeholders, numbers of orders and shipments, moments.
Check: the alphabet of each of an MBI's eleven places; Luhn's sum behind 80840 for an NPI; DEA's sum. The last two let
    one of ten random numbers pass, so that other words drop them.
Reference: named at each recognizer.
"""

from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers._written import GLUE, HEAD, OTHER, TAIL, before, is_filler, plain, separators

_LETTER = "[AC-HJKMNP-RT-Y]"
_EITHER = "[0-9AC-HJKMNP-RT-Y]"
_MBI = rf"[1-9]{_LETTER}{_EITHER}[0-9](?P<dash>-?){_LETTER}{_EITHER}[0-9](?P=dash){_LETTER}{_LETTER}[0-9][0-9]"

_TWICE = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""The sum of the digits of twice a digit."""
_MOMENTS = ("1600000000", "1850000000")
"""Seconds since 1970 from 2020 to 2028: one of ten has the check digit of an NPI, so that a word must speak for it."""


def is_npi(number: str) -> bool:
    """True for ten digits that Luhn's sum accepts behind 80840, the prefix of American health; it adds 24.

    Reference: https://www.cms.gov/Regulations-and-Guidance/Administrative-Simplification/NationalProvIdentStand/Downloads/NPIcheckdigit.pdf

    >>> is_npi("1234567893"), is_npi("1234567894")
    (True, False)
    """
    if len(number) != 10 or not number.isdecimal() or is_filler(number[:9]):
        return False
    return (24 + sum(map(int, number[1::2])) + sum([_TWICE[int(digit)] for digit in number[::2]])) % 10 == 0


def _npi(text: str) -> bool | float | None:
    number = plain(text)
    if not is_npi(number):
        return False
    if text != number:
        return 0.5
    return None if _MOMENTS[0] <= number < _MOMENTS[1] else 0.4


def is_dea(number: str) -> bool:
    """True for a registration number of the Drug Enforcement Administration with the right check digit.

    Reference: https://en.wikipedia.org/wiki/DEA_number ; d1+d3+d5 + 2(d2+d4+d6) ends in d7.

    >>> is_dea("AP5836727"), is_dea("AP5836728")
    (True, False)
    """
    digits = number[2:]
    if len(number) != 9 or not digits.isdecimal() or is_filler(digits):
        return False
    odd, even = sum(map(int, digits[0:6:2])), sum(map(int, digits[1:6:2]))
    return (odd + 2 * even) % 10 == int(digits[6])


def _dea(text: str) -> bool | float:
    number = plain(text)
    return (0.55 if text.isupper() else 0.4) if is_dea(number) else False


def _mbi(text: str) -> bool | float:
    """In upper case, one of 10,000 random codes of eleven characters has the form."""
    if not plain(text):
        return False
    return (0.85 if separators(text) else 0.6) if text.isupper() else 0.5 if separators(text) else 0.3


RECOGNIZERS = (
    Recognizer(
        "UsMbi",
        "US_MBI",
        (Pattern("eleven places", rf"{HEAD}{_MBI}{TAIL}", 0.3),),
        context=("medicare", "mbi", "beneficiary", "cms", "medicaid", "hicn"),
        country="us",
        check=_mbi,
        against=OTHER,
        replaces=("UsMbiRecognizer",),
        reference="https://www.cms.gov/medicare/new-medicare-card/understanding-the-mbi-with-format.pdf",
    ),
    Recognizer(
        "UsNpi",
        "US_NPI",
        (
            Pattern("ten digits", rf"{HEAD}[12][0-9]{{3}}{GLUE}?[0-9]{{3}}{GLUE}?[0-9]{{3}}{TAIL}", 0.3),
            Pattern("before its name", before("npi|national provider", "[12][0-9]{9}"), 0.5),
        ),
        context=("npi", "provider", "taxonomy", "prescriber", "physician", "national provider"),
        country="us",
        check=_npi,
        against=(
            *OTHER,
            "nhs",
            "(ts)",
            "time",
            "expires",
            "(exp)",
            "(iat)",
            "(nbf)",
            "since",
            "until",
            "seen",
            "login",
        ),
        replaces=("UsNpiRecognizer",),
        reference="https://www.cms.gov/Regulations-and-Guidance/Administrative-Simplification/NationalProvIdentStand",
    ),
    Recognizer(
        "UsDea",
        "MEDICAL_LICENSE",
        (Pattern("two letters, seven digits", rf"{HEAD}[A-HJ-MPR-UX][A-Z9][0-9]{{7}}{TAIL}", 0.4),),
        context=("dea", "medical", "certificate", "prescriber", "physician"),
        country="us",
        check=_dea,
        against=(*OTHER, "passport", "part"),
        replaces=("MedicalLicenseRecognizer",),
        reference="https://en.wikipedia.org/wiki/DEA_number",
    ),
)
