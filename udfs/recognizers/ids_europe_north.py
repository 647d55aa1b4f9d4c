r"""Identifiers of persons and companies in Denmark, Estonia, Finland, Iceland, Latvia, Lithuania, Norway and Sweden.

Finds: personal numbers with a birth date in them, Latvian ones without, coordination and synthetic numbers, Finnish,
    Norwegian and Swedish company numbers, in one piece and in their printed form.
Leaves alone: numbers whose check digits, date or length are wrong. Danish numbers in one piece whose old checksum does
    not hold, Estonian company codes and Finnish tax numbers, which have no check, need a word or a field that names
    them.
Check: python-stdnum; for Norwegian and Swedish numbers its check digits, with the dates as the tax offices shift them.
Reference: https://arthurdejong.org/python-stdnum/doc/ and the pages that the recognizers name.
"""

from stdnum import luhn
from stdnum.dk import cpr
from stdnum.fi import hetu
from stdnum.no import fodselsnummer

from udfs.recognizers._ids import DASH, GAP, compact, national, validator

_cpr, _pvn = validator("dk.cpr"), validator("lv.pvn")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _is_day(day: int, month: int) -> bool:
    return 1 <= month <= len(_DAYS) and 1 <= day <= _DAYS[month - 1]


def _dk_cpr(text: str) -> float:
    """Since 2007 numbers are given out whose checksum does not hold."""
    digits = compact(text)
    if not _cpr(digits):
        return False
    if cpr.checksum(digits) == 0:
        return 0.6 if len(text) == len(digits) else 0.85
    return 0.3 if len(text) == len(digits) else 0.45


def _fi_hetu(text: str) -> bool:
    """With the individual numbers from 900 on, which test persons have."""
    return hetu.is_valid(text, allow_temporary=True)


def _no_fodselsnummer(text: str) -> bool:
    """D-numbers add 40 to the day; hospitals' numbers add 40 to the month, those of made-up persons 80."""
    digits = compact(text).replace(":", "")
    if not _is_day(int(digits[:2]) % 40, int(digits[2:4]) % 40):
        return False
    return (fodselsnummer.calc_check_digit1(digits), fodselsnummer.calc_check_digit2(digits)) == tuple(digits[-2:])


def _lv_pk(text: str) -> float:
    """Numbers since July 2017 begin with 32 and have no date in them."""
    digits = compact(text)
    if not _pvn(digits) or digits[0] > "3":
        return False
    if digits[:2] == "32":
        return 0.45 if len(text) == len(digits) else 0.7
    if digits[6] > "2":
        return False
    return 0.75 if len(text) == len(digits) else 0.85


def _se_personnummer(text: str) -> float:
    """Coordination numbers add 60 to the day."""
    digits = compact(text).replace("+", "")
    last = digits[-10:]
    if not _is_day(int(last[4:6]) % 60, int(last[2:4])) or not luhn.is_valid(last):
        return False
    return 0.9 if len(text) > len(digits) else 0.65 if len(digits) == len(last) else 0.8


def _se_orgnr(text: str) -> bool:
    """The first digit says what kind of organisation it is; 0 and 4 are none. The third tells it from a month."""
    digits = compact(text)
    return digits[0] not in "04" and digits[2] >= "2" and luhn.is_valid(digits)


RECOGNIZERS = (
    national(
        "DkCpr",
        "DK_CPR",
        "dk",
        rf"[0-3]\d[01]\d{{3}}(?:{DASH}|{GAP})?\d{{4}}",
        _dk_cpr,
        context=("cpr", "personnummer", "personnr", "cprnr"),
        reference="https://cpr.dk/cpr-systemet/opbygning-af-cpr-nummeret",
    ),
    national(
        "EeIk",
        "EE_IK",
        "ee",
        r"[1-8]\d{10}",
        "ee.ik",
        0.65,
        context=("isikukood", "personal"),
        reference="https://www.riigiteataja.ee/akt/106032012004",
    ),
    national(
        "EeRegistrikood",
        "EE_REGISTRIKOOD",
        "ee",
        r"[1789]\d{7}",
        "ee.registrikood",
        0.3,
        context=("registrikood", "regkood", "äriregister"),
        reference="https://ariregister.rik.ee/",
    ),
    national(
        "FiHetu",
        "FI_PERSONAL_IDENTITY_CODE",
        "fi",
        r"[0-3]\d[01]\d{3}[-+A-FU-Y\u2010-\u2013]\d{3}[0-9A-FHJ-NPR-Y]",
        _fi_hetu,
        context=("hetu", "henkilötunnus", "personbeteckning"),
        replaces=("FiPersonalIdentityCodeRecognizer",),
        reference="https://dvv.fi/en/personal-identity-code",
    ),
    national(
        "FiYtunnus",
        "FI_YTUNNUS",
        "fi",
        rf"\d{{7}}{DASH}?\d",
        "fi.ytunnus",
        0.3,
        printed=0.45,
        context=("tunnus",),
        reference="https://www.ytj.fi/en/index/businessid.html",
    ),
    national(
        "FiVeronumero",
        "FI_VERONUMERO",
        "fi",
        r"\d{12}",
        "fi.veronumero",
        0.2,
        context=("veronumero", "skattenummer"),
        reference="https://www.vero.fi/en/detailed-guidance/guidance/48791/individual_tax_numbers__instructions_fo/",
    ),
    national(
        "IsKennitala",
        "IS_KENNITALA",
        "is",
        rf"[0-7]\d[01]\d{{3}}{DASH}?\d{{3}}[089]",
        "is_.kennitala",
        0.6,
        printed=0.9,
        context=("kennitala", "kennitölu"),
        reference="https://www.skra.is/english/people/my-registration/id-numbers/",
    ),
    national(
        "LvPk",
        "LV_PK",
        "lv",
        rf"[0-3]\d{{5}}{DASH}?\d{{5}}",
        _lv_pk,
        context=("personas", "kods"),
        reference="https://www.pmlp.gov.lv/en/personal-identity-number",
    ),
    national(
        "LtAsmens",
        "LT_ASMENS",
        "lt",
        r"[1-6]\d{10}",
        "lt.asmens",
        0.65,
        context=("asmens", "kodas"),
        reference="https://lt.wikipedia.org/wiki/Asmens_kodas",
    ),
    national(
        "NoFodselsnummer",
        "NO_FODSELSNUMMER",
        "no",
        rf"[0-7]\d[014589]\d{{3}}(?:{DASH}|{GAP}|:)?\d{{5}}",
        _no_fodselsnummer,
        context=("fødselsnummer", "fodselsnummer", "personnummer", "fnr"),
        reference="https://www.skatteetaten.no/en/person/national-registry/identitetsnummer/",
    ),
    national(
        "NoOrgnr",
        "NO_ORGNR",
        "no",
        rf"[89]\d\d{GAP}?\d{{3}}{GAP}?\d{{3}}",
        "no.orgnr",
        0.4,
        context=("orgnr", "organisasjonsnummer", "foretaksregister"),
        reference="https://www.brreg.no/en/about-us-2/our-registers/about-the-central-coordinating-register-for-legal-entities-ccr/about-the-organisation-number/",
    ),
    national(
        "SePersonnummer",
        "SE_PERSONNUMMER",
        "se",
        rf"(?:18|19|20)?\d\d[01]\d{{3}}(?:{DASH}|{GAP}|\+)?\d{{4}}",
        _se_personnummer,
        context=("personnummer", "persnr", "personnr", "samordningsnummer", "pnr"),
        replaces=("SePersonnummerRecognizer",),
        reference="https://www.skatteverket.se/privat/folkbokforing/personnummer.4.3810a01c150939e893f18c29.html",
    ),
    national(
        "SeOrgnr",
        "SE_ORGANISATIONSNUMMER",
        "se",
        rf"[1-35-9]\d[2-9]\d{{3}}{DASH}?\d{{4}}",
        _se_orgnr,
        0.4,
        printed=0.6,
        context=("organisationsnummer", "orgnr", "företagsnummer"),
        replaces=("SeOrganisationsnummerRecognizer",),
        reference="https://www.skatteverket.se/foretag/drivaforetag/startaochregistrera/organisationsnummer.4.361dc8c15312eff6fd235d1.html",
    ),
)
