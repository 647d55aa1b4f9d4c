r"""Documents and places of the United Kingdom: driving licence, passport, vehicle registration, postcode.

Finds: driving licences; registrations since 2001 and postcodes in capitals alone; passports, older registrations and
    what is written small where a word or the field's name speaks for them.
Leaves alone: impossible days of birth, areas and districts that do not exist, numbers of parts, orders and shipments.
Check: the day of birth in a licence, the memory tag and age of a registration, the area of a postcode.
Reference: named at each recognizer.
"""

import re

from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers._written import HEAD, OTHER, TAIL, glued, is_filler, plain, separators

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# https://www.gov.uk/government/publications/vehicle-registration-numbers-and-number-plates (INF104), "memory tags".
_TAGS = re.compile("[A-HK-PRSVWY][A-HJ-PR-Y]|X[A-F]")
_NAMED = """
AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH
EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK
ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD
TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE
"""
_AREAS = frozenset(_NAMED.split())
"""The postcode areas: https://www.ons.gov.uk/methodology/geography/ukgeographies/postalgeography"""
_PASSPORT = "[0-9]{9}|[A-Z]{2}[0-9]{7}"
_OLD = (
    "[A-HJ-NPR-TV-Y][1-9][0-9]{0,2}[- ]?[A-HJ-PR-Y][A-HJ-PR-Z]{2}"
    "|[A-HJ-PR-Z]{3}[- ]?[1-9][0-9]{0,2}[- ]?[A-HJ-NPR-TV-Y]"
)
"""Registrations of 1983 to 2001, and of 1963 to 1983."""
_AGAINST = (*OTHER, "part", "commit", "hash", "flight", "room", "chassis")


def _licence(text: str) -> bool | float:
    """Position 6 and 11 are the year, 7 and 8 the month (50 more for women), 9 and 10 the day."""
    number = plain(text)
    if not number:
        return False
    month = int(number[6:8])
    month -= 50 if month > 50 else 0
    return 0.9 if 1 <= month <= 12 and 1 <= int(number[8:10]) <= _DAYS[month - 1] else False


def _plate(text: str) -> bool | float | None:
    """Registrations since 2001 begin with a memory tag and an age: 02 to 29 from March, 51 to 79 from September."""
    number = plain(text)
    if len(number) != 7 or not number[2:4].isdecimal() or not number[:2].isalpha():
        return _old_plate(text, number)
    age = int(number[2:4])
    if not _TAGS.fullmatch(number[:2]) or not (2 <= age <= 29 or 51 <= age <= 79):
        return False
    return 0.4 if text.isupper() else None


def _old_plate(text: str, number: str) -> bool | None:
    """Small letters with two gaps are words, as in `for 5 m`."""
    if not number or (len(separators(text)) > 1 and not text.isupper()):
        return False
    return None


def _postcode(text: str) -> bool | float | None:
    """What stands before the last three characters begins with an area."""
    number = plain(text)
    if number == "GIR0AA":
        return 0.5
    area = re.match("[A-Z]{1,2}", number)
    if area is None or area.group() not in _AREAS:
        return False
    return None if text.isalnum() or not text.isupper() else 0.5


RECOGNIZERS = (
    Recognizer(
        "UkDrivingLicence",
        "UK_DRIVING_LICENCE",
        (
            Pattern(
                "name, birth, initials",
                rf"{HEAD}(?:[A-Z]{{5}}|[A-Z]{{4}}9|[A-Z]{{3}}99|[A-Z]{{2}}9{{3}}|[A-Z]9{{4}}) ?"
                rf"[0-9][0156][0-9][0-3][0-9]{{2}} ?(?:[A-Z][A-Z9]|99)[0-9A-Z] ?[A-Z]{{2}}{TAIL}",
                0.3,
            ),
        ),
        context=("dvla", "driving", "driver", "licence", "license", "driving licence"),
        country="gb",
        check=_licence,
        against=OTHER,
        replaces=("UkDrivingLicenceRecognizer",),
        reference="https://en.wikipedia.org/wiki/Driving_licence_in_the_United_Kingdom",
    ),
    Recognizer(
        "UkPassport",
        "UK_PASSPORT",
        (
            Pattern("nine digits, or two letters and seven", rf"{HEAD}(?:{_PASSPORT}){TAIL}", 0.1),
            Pattern("beside its name", glued("passport(?:[ _]?(?:number|num|no\\.?))?", _PASSPORT), 0.6),
        ),
        context=("passport", "travel document", "hmpo", "passport number"),
        country="gb",
        check=lambda text: False if not text.isascii() or is_filler(text[-7:]) else None,
        replaces=("UkPassportRecognizer",),
        reference="https://www.gov.uk/government/publications/basic-passport-checks",
    ),
    Recognizer(
        "UkVehicleRegistration",
        "UK_VEHICLE_REGISTRATION",
        (
            Pattern(
                "since 2001, 1983 to 2001, 1963 to 1983",
                rf"{HEAD}(?:[A-HJ-PR-Y]{{2}}[0-9]{{2}}[- ]?[A-HJ-PR-Z]{{3}}|{_OLD}){TAIL}",
                0.2,
            ),
            # Short names that other words hold: `car` in card, `reg` in region.
            Pattern(
                "beside its name",
                r"(?<!\w)(?:car|van|bike|reg|mot|vrn|plate)(?:[ \t](?:reg|no\.?|number|plate|is|for)){0,2}"
                rf"[ \t:=#.]{{1,3}}(?P<value>{_OLD}){TAIL}",
                0.5,
            ),
        ),
        context=(
            *("vehicle", "registration", "plate", "vrn", "vrm", "dvla", "v5c", "logbook", "number plate", "car reg"),
            *("insured", "parked", "reg no", "reg number", "motor"),
        ),
        country="gb",
        check=_plate,
        against=_AGAINST,
        replaces=("UkVehicleRegistrationRecognizer",),
        reference="https://www.gov.uk/government/publications/vehicle-registration-numbers-and-number-plates",
    ),
    # Which letter may stand where: https://www.gov.uk/government/publications/bulk-data-transfer-for-sponsors-xml-schema
    Recognizer(
        "UkPostcode",
        "UK_POSTCODE",
        (
            Pattern(
                "outward and inward code",
                rf"{HEAD}(?:GIR[ \xa0]?0AA|[A-PR-UWYZ](?:[1-9][0-9]?|[1-9][A-HJKPSTUW]|[A-HK-Y](?:[1-9][0-9]|[0-9]"
                rf"|[0-9][ABEHMNPRVWXY]))[ \xa0]?[0-9][ABD-HJLNP-UW-Z]{{2}}){TAIL}",
                0.2,
            ),
        ),
        context=(
            *("postcode", "post code", "postal", "zip", "address", "delivery", "mailing", "shipping", "correspondence"),
            *("street", "road", "london"),
        ),
        country="gb",
        check=_postcode,
        against=(*_AGAINST, "vehicle", "plate"),
        replaces=("UkPostcodeRecognizer",),
        reference="https://www.ons.gov.uk/methodology/geography/ukgeographies/postalgeography",
    ),
)
