r"""Licences, passports, plates and postcodes of countries whose numbers have a form, and at most one check digit.

Finds: numbers in the official form where a word or the field's name speaks for them; alone, what has a check digit or
    its own punctuation: German licences, German identity cards and passports with the digit, Korean licences with
    their hyphens; German postcodes behind a street and its number, or behind `D-`.
Leaves alone: everything else of such a form beside other words.
Check: the digit of German licences (modulo 11) and cards (ICAO Doc 9303); provinces and regions that exist; months and
    units, which Turkish plates look like.
Reference: named at each recognizer.
"""

import re
from collections.abc import Callable

from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers._ids import DASH, GAP
from udfs.recognizers._written import HEAD, OTHER, TAIL, before, beside, is_filler, plain, separators

_WORDS = """
JAN FEB MAR APR MAY MAI JUN JUL AUG SEP OKT OCT NOV DEC DEZ OCA SUB NIS HAZ TEM AGU EYL EKI KAS ARA
AM PM KM MM CM KG EUR USD TRY TL GBP MIN SEC HRS GB MB KB TB
"""
_MONTHS_AND_UNITS = frozenset(_WORDS.split())

_TR_PLATE = "(?:0[1-9]|[1-7][0-9]|8[01])[ \xa0-]?[A-PR-VYZ]{1,3}[ \xa0-]?[0-9]{2,4}"
_DE_NUMBER = r"[CFGHJ-NPRTV-Z][0-9CFGHJ-NPRTV-Z]{8}[0-9]?"
_DE_LICENCE = "(?:[A-Z][0-9A-Z][0-9]{2}[0-9A-Z]{5}[0-9X][0-9A-Z]|[A-Z]{2}[0-9]{8}[0-9A-Z])"
_DE_CARD = HEAD + _DE_NUMBER + TAIL
_ZA_LICENCE = "(?=[0-9]{0,13}[A-Z])(?=[0-9A-Z]{10,14}(?![0-9A-Z]))[0-9]{6,10}[0-9A-Z]{2,5}"


def _tr_plate(text: str) -> bool | float | None:
    """The form of a Turkish plate is that of `12 MAR 24` and `20 KM 500`, too. With four digits it needs a word."""
    letters = re.sub(r"[\W\d]+", "", text).upper()
    if not plain(text):
        return False
    if letters in _MONTHS_AND_UNITS:
        return 0.1 if text[-4:].isdecimal() else False
    return None


def _kr_licence(text: str) -> bool | float:
    """The first two digits are the region that issued it: 11 to 26, or 28."""
    number = plain(text)
    if len(number) != 12 or not number.isdecimal() or not (11 <= int(number[:2]) <= 26 or number[:2] == "28"):
        return False
    return 0.4 if separators(text) == "---" and text.isascii() else 0.1


def _ca_postcode(text: str) -> bool | float:
    """Capitals and one space are how it is printed: that form has no other use."""
    if not plain(text):
        return False
    return 0.5 if text.isupper() and separators(text) == " " else 0.1


def _values(number: str) -> list[int]:
    return [int(c) if c.isdigit() else ord(c) - 55 for c in number]


def has_icao_digit(number: str) -> bool:
    """True when the last character is the check digit of those before it: weights 7, 3, 1, modulo 10.

    Reference: ICAO Doc 9303 part 3 section 4.9

    >>> has_icao_digit("C01X00T478"), has_icao_digit("C01X00T479")
    (True, False)
    """
    weighted = sum(value * weight for value, weight in zip(_values(number[:-1]), (7, 3, 1) * 4, strict=False))
    return number[-1:] == str(weighted % 10)


def has_licence_digit(number: str) -> bool:
    """True when the tenth of eleven characters checks the nine before it: weights 9 to 1, modulo 11, X for ten.

    Reference: https://de.wikipedia.org/wiki/F%C3%BChrerschein_und_Fahrerlaubnis_(Deutschland)

    >>> has_licence_digit("B072RRE2I55"), has_licence_digit("B072RRE2I65")
    (True, False)
    """
    rest = sum(value * (9 - place) for place, value in enumerate(_values(number[:9]))) % 11
    return len(number) == 11 and number[9] == "0123456789X"[rest]


def _de_licence(text: str) -> bool | float | None:
    """One of eleven random codes has the digit, so that only those with several letters are found alone."""
    number = plain(text)
    if not number:
        return False
    mixed = text.isupper() and sum(map(str.isalpha, number)) > 2
    return 0.45 if mixed and has_licence_digit(number) else None


def _de_card(text: str) -> bool | float | None:
    """The number has nine characters; a tenth, where it stands, is its check digit.

    Letters behind digits are what other numbers seldom have. Some take the ninth character for the check digit.
    """
    number = plain(text)
    if not number or is_filler(number[1:]) or (len(number) == 10 and not has_icao_digit(number)):
        return False
    letters = sum(map(str.isalpha, number))
    if len(number) == 10:
        return 0.5 if text.isupper() and letters > 1 else 0.3
    mixed = re.match(r"[A-Z]+\d+[A-Z]+\d", number) is not None
    found = text.isupper() and (has_icao_digit(number) if letters > 2 or mixed else False)
    return 0.4 if found or (mixed and letters > 2 and text.isupper()) else None


def _de_kind(first: str) -> Callable[[str], bool | float | None]:
    """Judges numbers of one document: those that begin with a letter of another one need a word."""

    def check(text: str) -> bool | float | None:
        score = _de_card(text)
        return score if text[:1].upper() in first or score is False else None

    return check


def _ng_plate(text: str) -> bool | float:
    if not plain(text) or is_filler(plain(text)[-5:]):
        return False
    return 0.4 if text.isupper() else 0.3


def _of_ascii(least: int) -> Callable[[str], bool | None]:
    """Drops what has digits of other scripts, and what ends in so many equal characters."""

    def check(text: str) -> bool | None:
        number = plain(text)
        return None if number and not is_filler(number[-least:]) else False

    return check


RECOGNIZERS = (
    # Deutsche Post: five digits; 01067 is the lowest, 99998 the highest one.
    Recognizer(
        "DePostcode",
        "DE_PLZ",
        (
            Pattern("five digits", rf"{HEAD}(?:0[1-9]|[1-9][0-9])[0-9]{{3}}{TAIL}", 0.05),
            Pattern("beside its name", beside("plz|postleitzahl", "[0-9]{5}"), 0.6),
            Pattern("with the country", rf"{HEAD}(?-i:DE?)-(?P<value>(?:0[1-9]|[1-9][0-9])[0-9]{{3}}){TAIL}", 0.45),
            Pattern(
                "behind a street and its number",
                r"(?:str\.|stra(?:ß|ss)e|weg|platz|allee|gasse|ring|damm|ufer)[ \t]{1,2}"
                r"[0-9]{1,4}[ \t]?[a-z]?[,;]?\s{1,2}(?P<value>(?:0[1-9]|[1-9][0-9])[0-9]{3})"
                r"(?=[ \t]{1,2}(?-i:[A-ZÄÖÜ]))",
                0.6,
            ),
            Pattern(
                "behind a short word",
                r"(?<!\w)(?:Ort|Stadt|Dorf|Gemeinde)(?:[ \t]{0,2}[:=][ \t]{0,2}|[ \t]{1,2}(?:ist[ \t]{1,2})?)"
                rf"(?P<value>(?:0[1-9]|[1-9][0-9])[0-9]{{3}}){TAIL}",
                0.4,
            ),
        ),
        context=(
            *(
                "plz",
                "postleitzahl",
                "postanschrift",
                "adresse",
                "anschrift",
                "wohnort",
                "straße",
                "strasse",
                "postfach",
            ),
            *("hausnummer", "bundesland", "wohnhaft", "postal", "zip", "postcode"),
        ),
        country="de",
        check=_of_ascii(5),
        against=(*OTHER, "euro", "eur", "port"),
        replaces=("DePlzRecognizer",),
        reference="https://www.deutschepost.de/de/p/plz-suche.html",
    ),
    # Authority, serial number, check digit, number of the copy; older ones in a form of Presidio's.
    Recognizer(
        "DeFuehrerschein",
        "DE_FUEHRERSCHEIN",
        (
            Pattern(
                "eleven characters",
                HEAD + _DE_LICENCE + TAIL,
                0.25,
            ),
            Pattern("before its name", before("führerschein|fuehrerschein|fahrerlaubnis", _DE_LICENCE), 0.6),
        ),
        context=(
            *("führerschein", "fuehrerschein", "fahrerlaubnis", "driving", "driver", "licence", "license", "kba"),
            *("führerscheinnummer", "fuehrerscheinnummer", "driving licence"),
        ),
        country="de",
        check=_de_licence,
        against=OTHER,
        replaces=("DeFuehrerscheinRecognizer",),
        reference="https://de.wikipedia.org/wiki/F%C3%BChrerschein_und_Fahrerlaubnis_(Deutschland)",
    ),
    # Passports begin with C, F, G, H, J or K, cards with the other consonants in use, older ones with T.
    Recognizer(
        "DePassport",
        "DE_PASSPORT",
        (
            Pattern("consonants and digits", _DE_CARD, 0.2),
            Pattern(
                "beside its name",
                rf"(?<!\w)Pass[ -]?(?:Nr\.?|Nummer|No\.?)[ \t]{{0,2}}[:#]?[ \t]{{0,3}}(?P<value>{_DE_NUMBER}){TAIL}",
                0.6,
            ),
            Pattern("before its name", before("reisepass|passnummer|passport", _DE_NUMBER), 0.6),
        ),
        context=("reisepass", "passnummer", "passnr", "passport", "ausweisdokument", "dokumentennummer", "mrz"),
        country="de",
        check=_de_kind("CFGHJK"),
        against=OTHER,
        replaces=("DePassportRecognizer",),
        reference="https://www.bmi.bund.de/DE/themen/moderne-verwaltung/ausweise-und-paesse/ausweise-und-paesse-node.html",
    ),
    Recognizer(
        "DeIdCard",
        "DE_ID_CARD",
        (
            Pattern("consonants and digits", _DE_CARD, 0.2),
            Pattern("before its name", before("personalausweis|ausweis|identity card|id card", _DE_NUMBER), 0.6),
        ),
        context=(
            *("ausweis", "personalausweis", "ausweisnummer", "npa", "identity", "dokumentennummer", "seriennummer"),
            *("id card", "identity card", "national id"),
        ),
        country="de",
        check=_de_kind("LMNPRTVWXYZ"),
        against=[word for word in OTHER if word != "seriennummer"],
        replaces=("DeIdCardRecognizer",),
        reference="https://www.personalausweisportal.de/",
    ),
    # No D, F, I, O, Q and U at all, and no W and Z in front.
    Recognizer(
        "CaPostalCode",
        "CA_POSTAL_CODE",
        (
            Pattern(
                "area and unit",
                rf"{HEAD}[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][ \xa0-]?[0-9][ABCEGHJ-NPRSTV-Z][0-9]{TAIL}",
                0.1,
            ),
        ),
        context=(
            *("postal", "postcode", "zip", "address", "canada", "ontario", "quebec", "québec", "alberta", "columbia"),
            *("manitoba", "postal code", "code postal"),
        ),
        country="ca",
        check=_ca_postcode,
        against=(*OTHER, "part", "room", "flight"),
        replaces=("CaPostalCodeRecognizer",),
        reference="https://www.canadapost-postescanada.ca/cpc/en/support/articles/addressing-guidelines/postal-codes.page",
    ),
    # A province, one letter and four digits, two and three or four, three and two or three; no Q, W and X.
    Recognizer(
        "TrLicensePlate",
        "TR_LICENSE_PLATE",
        (
            Pattern(
                "province, letters, digits",
                rf"{HEAD}{_TR_PLATE}{TAIL}",
                0.3,
            ),
            Pattern("before its name", rf"{HEAD}{_TR_PLATE}(?=[ \t]{{1,2}}plaka)", 0.6),
            Pattern("beside its name", beside("plaka|plate", _TR_PLATE), 0.6),
        ),
        context=("plaka", "plate", "taşıt", "araç", "araba", "license plate", "number plate", "kayıt plakası"),
        country="tr",
        check=_tr_plate,
        replaces=("TrLicensePlateRecognizer",),
        reference="https://en.wikipedia.org/wiki/Vehicle_registration_plates_of_Turkey",
    ),
    # Three letters of the local government, three digits, two letters of the batch.
    Recognizer(
        "NgVehicleRegistration",
        "NG_VEHICLE_REGISTRATION",
        (Pattern("letters, digits, letters", rf"{HEAD}[A-Z]{{3}}(?:{DASH}|{GAP})?[0-9]{{3}}[A-Z]{{2}}{TAIL}", 0.3),),
        context=("plate", "vehicle", "registration", "frsc", "number plate", "license plate", "vehicle registration"),
        country="ng",
        check=_ng_plate,
        against=(*OTHER, "part", "room", "flight"),
        replaces=("NgVehicleRegistrationRecognizer",),
        reference="https://en.wikipedia.org/wiki/Vehicle_registration_plates_of_Nigeria",
    ),
    # The Election Commission's photo identity card: three letters and seven digits.
    Recognizer(
        "InVoter",
        "IN_VOTER",
        (Pattern("three letters, seven digits", rf"{HEAD}[A-Z]{{3}}[0-9]{{7}}{TAIL}", 0.3),),
        context=("voter", "epic", "elector", "voter id", "election"),
        country="in",
        check=_of_ascii(7),
        replaces=("InVoterRecognizer",),
        reference="https://en.wikipedia.org/wiki/Voter_ID_(India)",
    ),
    # Region, year, serial number, two digits of a check that is not published.
    Recognizer(
        "KrDriverLicense",
        "KR_DRIVER_LICENSE",
        (
            Pattern(
                "region, year, serial, check",
                rf"{HEAD}[12][0-9](?:{DASH}|{GAP})?[0-9]{{2}}(?:{DASH}|{GAP})?[0-9]{{6}}(?:{DASH}|{GAP})?[0-9]{{2}}{TAIL}",
                0.1,
            ),
        ),
        context=("운전면허", "면허번호", "driver", "driving", "license", "licence"),
        country="kr",
        check=_kr_licence,
        against=OTHER,
        replaces=("KrDriverLicenseRecognizer",),
        reference="https://www.safedriving.or.kr/",
    ),
    Recognizer(
        "ZaDriverLicence",
        "ZA_DRIVER_LICENSE",
        (
            Pattern(
                "digits, letters behind them",
                HEAD + _ZA_LICENCE + TAIL,
                0.2,
            ),
            Pattern("before its name", before("driver|driving|licence|license", _ZA_LICENCE), 0.4),
        ),
        context=("licence", "license", "driver", "driving", "natis", "bestuurslisensie", "driving licence"),
        country="za",
        check=_of_ascii(8),
        replaces=("ZaDriverLicenseRecognizer",),
        reference="https://www.natis.gov.za/",
    ),
    # A is of 2009, D diplomatic, M of a child or official, T temporary.
    Recognizer(
        "ZaPassport",
        "ZA_PASSPORT",
        (
            Pattern("letter and eight digits", rf"{HEAD}[ADMT][0-9]{{8}}{TAIL}", 0.2),
            Pattern("before its name", before("passport|paspoort|travel document", "[ADMT][0-9]{8}"), 0.4),
            Pattern(
                "in the row below its name",
                r"passport[\w ]{0,16}[,;\t][^\r\n]{0,64}\r?\n(?:[^\r\n,;\t]{0,64}[,;\t]){0,3}\"?"
                rf"(?P<value>[ADMT][0-9]{{8}}){TAIL}",
                0.4,
            ),
        ),
        context=("passport", "travel document", "paspoort", "dha", "passport number"),
        country="za",
        check=_of_ascii(8),
        replaces=("ZaPassportRecognizer",),
        reference="https://en.wikipedia.org/wiki/South_African_passport",
    ),
)
