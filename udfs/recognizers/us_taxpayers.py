r"""Numbers of people and employers before the authorities of the United States: SSN, ITIN, ATIN, PTIN, EIN.

Finds: social security numbers and individual taxpayer numbers written 3-2-4 with dashes, dots or spaces; nine digits
    without separators, and the other numbers, where a word or the field's name speaks for them.
Leaves alone: areas, groups and serials that are never issued, published invalid numbers, placeholders, masked numbers,
    ZIP+4, parts of phone numbers, numbers of orders, invoices and shipments.
Check: which areas, groups, serials and prefixes are issued. There is no check digit in any of them.
Reference: named at each recognizer.
"""

from udfs.recognizers._base import Check, Pattern, Recognizer
from udfs.recognizers._ids import DASH, GAP
from udfs.recognizers._written import HEAD, OTHER, TAIL, beside, is_filler, plain, separators

_AGAINST = (*OTHER, "routing", "aba", "account", "npi", "passport", "duns")
_PUBLISHED = frozenset({"078051120", "219099999"})
"""Never valid, because they were printed on a specimen card and in a pamphlet. https://www.ssa.gov/history/ssn/misused.html"""
_GROUPS = frozenset((*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)))
"""The fourth and fifth digit of an ITIN: https://www.irs.gov/irm/part3/irm_03-021-263r"""
_ALONE = {"--": 0.65, "..": 0.5, "  ": 0.5}
"""The score of a number that is written 3-2-4."""
_PREFIXES = "0[1-6]|1[0-6]|2[0-7]|3[0-9]|4[0-8]|5[0-9]|6[0-8]|7[1-7]|8[0-8]|9[0-5]|9[89]"  # the IRS' list of campuses

# A column of numbers may look as if it were written with spaces: no number may stand next to it.
_WRITTEN = (
    rf"{HEAD}(?<![+][0-9][ -])(?<![+][0-9]{{2}}[ -])(?<![+][0-9]{{3}}[ -])"
    rf"(?:[0-9]{{3}}(?:{DASH}|[.])?[0-9]{{2}}(?:{DASH}|[. ])?[0-9]{{4}}"
    rf"|(?<![0-9] )[0-9]{{3}}{GAP}[0-9]{{2}}(?:{GAP}|{DASH})?[0-9]{{4}}(?! [0-9])){TAIL}"
)
_PARTS = f"[0-9][0-9]{{2}}(?:{DASH}|[. ])?[0-9]{{2}}(?:{DASH}|[. ])?[0-9]{{4}}"
_NINTH = _WRITTEN.replace("[0-9]{3}", "9[0-9]{2}")


def _written(text: str) -> float | None:
    """None for nine digits, and for those with one separator or two different ones: a word must speak for them."""
    return _ALONE.get(separators(text))


def is_ssn(number: str) -> bool:
    """True for nine digits that can be a social security number.

    Reference: https://www.ssa.gov/employer/randomization.html , https://secure.ssa.gov/poms.nsf/lnx/0110201035

    >>> is_ssn("457264912"), is_ssn("666264912"), is_ssn("900264912"), is_ssn("078051120")
    (True, False, False, False)
    """
    if len(number) != 9 or not number.isdecimal() or number in _PUBLISHED or is_filler(number):
        return False
    return number[:3] not in ("000", "666") and number[0] != "9" and number[3:5] != "00" and number[5:] != "0000"


def _ssn(text: str) -> bool | float | None:
    return _written(text) if is_ssn(plain(text)) else False


def is_itin(number: str) -> bool:
    """True for nine digits that can be an individual taxpayer identification number.

    >>> is_itin("912635164"), is_itin("912935164"), is_itin("812635164")
    (True, False, False)
    """
    return len(number) == 9 and number.isdecimal() and number[0] == "9" and int(number[3:5]) in _GROUPS


def _itin(text: str) -> bool | float | None:
    number = plain(text)
    return _written(text) if is_itin(number) and not is_filler(number) else False


def _unless_filler(score: float) -> Check:
    def check(text: str) -> bool | float:
        number = plain(text)
        return score if number and not is_filler(number[-7:]) else False

    return check


RECOGNIZERS = (
    # The other numbers' names do not speak against it: neither is written 3-2-4 and begins with these areas, so a
    # number that is, is a social security number under a wrong name (a sole owner gives it for an EIN).
    Recognizer(
        "UsSsn",
        "US_SSN",
        (
            Pattern("area, group, serial", _WRITTEN, 0.3),
            Pattern("beside its name", beside("ssn|social[ _]security(?:[ _](?:number|no\\.?))?", _PARTS), 0.85),
        ),
        context=("ssn", "social", "socsec", "soc sec", "ss#", "social security", "seguro"),
        country="us",
        check=_ssn,
        against=_AGAINST,
        replaces=("UsSsnRecognizer",),
        reference="https://www.ssa.gov/employer/randomization.html",
    ),
    Recognizer(
        "UsItin",
        "US_ITIN",
        (
            Pattern("nine and group", _NINTH, 0.3),
            Pattern("beside its name", beside("itin|tax[ _]?payer[ _]?id|tax[ _]?id", "9" + _PARTS[5:]), 0.85),
        ),
        context=("itin", "taxpayer", "tax", "payer", "individual", "taxid", "w-7"),
        country="us",
        check=_itin,
        against=_AGAINST,
        replaces=("UsItinRecognizer",),
        reference="https://www.irs.gov/irm/part3/irm_03-021-263r",
    ),
    Recognizer(
        "UsAtin",
        "US_ATIN",
        (Pattern("nine and 93", rf"{HEAD}9[0-9]{{2}}(?:{DASH}|{GAP})?93(?:{DASH}|{GAP})?[0-9]{{4}}{TAIL}", 0.2),),
        context=("atin", "adoption", "adoptive"),
        country="us",
        check=_unless_filler(0.2),
        reference="https://www.irs.gov/individuals/adoption-taxpayer-identification-number",
    ),
    Recognizer(
        "UsPtin",
        "US_PTIN",
        (Pattern("P and eight digits", rf"{HEAD}P{DASH}?[0-9]{{8}}{TAIL}", 0.2),),
        context=("ptin", "preparer"),
        country="us",
        check=_unless_filler(0.2),
        reference="https://www.irs.gov/tax-professionals/ptin-requirements-for-tax-return-preparers",
    ),
    # Of letters that mean it, `ein` is a word in German and part of many: it counts right before the number alone.
    Recognizer(
        "UsEin",
        "US_EIN",
        (
            Pattern("two and seven digits", rf"{HEAD}(?:{_PREFIXES}){DASH}[0-9]{{7}}{TAIL}", 0.2),
            Pattern(
                "beside its name",
                r"(?<![\w])(?<!provider[ _-])F?EIN(?:[ \t]{0,2}(?:#|no\.?|number))?[ \t\"']{0,3}[:=]?[ \t\"']{0,3}"
                rf"(?P<value>(?:{_PREFIXES}){DASH}?[0-9]{{7}}){TAIL}",
                0.85,
            ),
        ),
        context=("ein", "employer", "taxpayer", "tax", "irs", "employer identification", "federal tax"),
        country="us",
        check=lambda text: None if not is_filler(plain(text)[-7:] or "0") else False,
        against=(*_AGAINST, "ssn"),
        reference="https://www.irs.gov/businesses/small-businesses-self-employed/how-eins-are-assigned-and-valid-ein-prefixes",
    ),
)
