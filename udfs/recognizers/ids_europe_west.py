r"""Identifiers of persons and companies in Austria, Belgium, France, Germany, Ireland, Luxembourg, the Netherlands and
Switzerland.

Finds: social security and tax numbers, Dutch service and student numbers, Belgian national, BIS and card numbers,
    French and Swiss company numbers, in one piece and in their printed form.
Leaves alone: numbers whose check digits, date or length are wrong. What any number could be, as a French or Swiss
    company number or a bare Austrian number without a date in it, needs a word or a field that names it.
Check: python-stdnum; for German pension numbers the cross sums of VKVV section 4, for Luxembourgish numbers Luhn and
    Verhoeff over the same eleven digits.
Reference: https://arthurdejong.org/python-stdnum/doc/ and the pages that the recognizers name.
"""

from stdnum import luhn, verhoeff
from stdnum.iso7064 import mod_11_10

from udfs.recognizers._ids import AGAINST, GAP, SEP, compact, national, prefixed, validator

_vnr, _idnr, _stnr = validator("at.vnr"), validator("de.idnr"), validator("de.stnr")
_bsn, _nir, _ahv = validator("nl.bsn"), validator("fr.nir"), validator("ch.ssn")
_RVNR_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
"""Verordnung über die Versicherungsnummer (VKVV), section 4."""
_STNR_AGAINST = (*AGAINST, "ean", "gtin", "barcode", "datum", "date")


def _at_vnr(text: str) -> float:
    """The last six digits are the birth date, with a month of 13 to 15 where the serials of a day ran out."""
    digits = compact(text)
    if not _vnr(digits):
        return False
    dated = 1 <= int(digits[4:6]) <= 31 and 1 <= int(digits[6:8]) <= 15
    return (0.65 if digits.isalnum() and len(text) == 10 else 0.8) if dated else 0.3


def _de_idnr(text: str) -> float:
    """Of the first ten digits one stands there twice or three times; other repetitions are known from test data."""
    digits = compact(text)
    if _idnr(digits):
        return 0.8 if len(text) == len(digits) else 0.9
    most = max(digits[:10].count(digit) for digit in set(digits[:10]))
    if not mod_11_10.is_valid(digits) or digits[0] == "0" or most > 3:
        return False
    return 0.5 if most == 1 else 0.3


def _de_stnr(text: str) -> float:
    """There is no check of all regions: the forms of the tax offices, of which one with slashes is seldom another."""
    digits = compact(text)
    if _stnr(digits):
        return 0.5 if "/" in text else 0.4 if len(digits) == 13 else 0.2
    return 0.4 if len(text) == 13 and text[3::4][:2] == "//" else 0.2


def _de_rvnr(text: str) -> bool:
    value = compact(text)
    day, month = int(value[2:4]), int(value[4:6])
    if not (1 <= day <= 31 or 51 <= day <= 81) or not 1 <= month <= 12:
        return False
    letter = ord(value[8]) - ord("A") + 1
    digits = f"{value[:8]}{letter:02d}{value[9:11]}"
    products = (int(d) * w for d, w in zip(digits, _RVNR_WEIGHTS, strict=True))
    return sum(p // 10 + p % 10 for p in products) % 10 == int(value[11])


def _fr_nir(text: str) -> bool:
    return _nir(compact(text)) is True


def _lu_matricule(text: str) -> bool:
    digits = compact(text)
    dated = 1 <= int(digits[4:6]) <= 12 and 1 <= int(digits[6:8]) <= 31
    return dated and luhn.is_valid(digits[:12]) and verhoeff.is_valid(digits[:11] + digits[12])


def _nl_bsn(text: str) -> float:
    """Zeros at the start are left out now and then, so that there may be eight digits. Groups of three are amounts."""
    digits = compact(text)
    if not _bsn(digits):
        return False
    if len(text) == 9:
        return 0.45
    return 0.6 if text[4] in ".- " else 0.3


RECOGNIZERS = (
    national(
        "AtVnr",
        "AT_VNR",
        "at",
        rf"[1-9]\d{{3}}{SEP}\d\d{SEP}\d\d{SEP}\d\d",
        _at_vnr,
        context=("versicherungsnummer", "sozialversicherung", "svnr", "vsnr", "ecard"),
        reference="https://de.wikipedia.org/wiki/Sozialversicherungsnummer#Österreich",
    ),
    national(
        "AtTin",
        "AT_TIN",
        "at",
        rf"\d\d(?:{SEP}\d{{3}}/\d{{4}}|\d{{7}})",
        "at.tin",
        0.4,
        printed=0.7,
        context=("abgabenkonto", "steuernummer", "finanzamt", "abgabenkontonummer"),
        reference="https://de.wikipedia.org/wiki/Abgabenkontonummer",
    ),
    national(
        "BeNn",
        "BE_NN",
        "be",
        rf"\d\d{SEP}[0-5]\d{SEP}\d\d{SEP}\d{{3}}{SEP}\d\d",
        "be.ssn",
        0.65,
        printed=1.0,
        context=("rijksregister", "registre", "nationalregister", "insz", "niss", "rrn"),
        reference="https://www.ibz.rrn.fgov.be/fileadmin/user_upload/nl/rr/instructies/IT-lijst/IT000_Rijksregisternummer.pdf",
    ),
    national(
        "BeEid",
        "BE_EID",
        "be",
        rf"\d{{3}}{SEP}\d{{7}}{SEP}\d\d",
        "be.eid",
        0.5,
        printed=0.9,
        context=("identiteitskaart", "kaartnummer", "identité", "personalausweis"),
        reference="https://www.ibz.rrn.fgov.be/fileadmin/user_upload/nl/rr/instructies/IT-lijst/IT195_Identiteitsbewijs_20240115.pdf",
    ),
    national(
        "FrNir",
        "FR_NIR",
        "fr",
        rf"[1-478]{SEP}\d\d{SEP}\d\d{SEP}\d[\dAB]{SEP}\d{{3}}{SEP}\d{{3}}{SEP}\d\d",
        _fr_nir,
        context=("insee", "sécurité", "securite", "vitale"),
        reference="https://xml.insee.fr/schema/nir.html",
    ),
    national(
        "FrNif",
        "FR_NIF",
        "fr",
        rf"[0-3]\d{GAP}?\d\d{GAP}?\d{{3}}{GAP}?\d{{3}}{GAP}?\d{{3}}",
        "fr.nif",
        context=("fiscal", "impôt", "impot"),
        reference="https://ec.europa.eu/taxation_customs/tin/tinByCountry.html",
    ),
    national(
        "FrSiren",
        "FR_SIREN",
        "fr",
        rf"\d{{3}}{GAP}?\d{{3}}{GAP}?\d{{3}}",
        "fr.siren",
        0.3,
        context=("siren", "rcs", "entreprise", "société", "immatriculée"),
        reference="https://www.insee.fr/fr/metadonnees/definition/c2047",
    ),
    national(
        "FrSiret",
        "FR_SIRET",
        "fr",
        rf"\d{{3}}{GAP}?\d{{3}}{GAP}?\d{{3}}{GAP}?\d{{5}}",
        "fr.siret",
        0.3,
        context=("siret", "établissement", "entreprise", "société"),
        reference="https://www.insee.fr/fr/metadonnees/definition/c1841",
    ),
    national(
        "DeTaxId",
        "DE_TAX_ID",
        "de",
        rf"[1-9]\d{SEP}\d{{3}}{SEP}\d{{3}}{SEP}\d{{3}}",
        _de_idnr,
        context=("steuerid", "identifikationsnummer", "idnr", "steuer", "bzst"),
        replaces=("DeTaxIdRecognizer",),
        reference="https://de.wikipedia.org/wiki/Steuerliche_Identifikationsnummer",
    ),
    national(
        "DeTaxNumber",
        "DE_TAX_NUMBER",
        "de",
        rf"\d{{2,3}}/\d{{3,4}}/\d{{4}}{GAP}?\d?|\d{{10,11}}|\d{{4}}0\d{{8}}|(?:0[1-9]|1[0-6])\d{{11}}",
        _de_stnr,
        context=("steuernummer", "steuer", "stnr", "finanzamt", "umsatzsteuer", "steuerbescheid", "elster"),
        against=_STNR_AGAINST,
        replaces=("DeTaxNumberRecognizer",),
        reference="https://de.wikipedia.org/wiki/Steuernummer",
    ),
    national(
        "DeSocialSecurity",
        "DE_SOCIAL_SECURITY",
        "de",
        rf"\d\d{SEP}\d{{6}}{SEP}[A-Z]{SEP}\d{{3}}",
        _de_rvnr,
        context=("rentenversicherung", "sozialversicherung", "versicherungsnummer", "rvnr", "svnr", "rente", "drv"),
        replaces=("DeSocialSecurityRecognizer",),
        reference="https://www.gesetze-im-internet.de/vkvv/__4.html",
    ),
    national(
        "IePps",
        "IE_PPS",
        "ie",
        rf"\d{{7}}{SEP}[A-W][ABHWTX]?",
        "ie.pps",
        context=("ppsn", "personal"),
        reference="https://www.gov.ie/en/service/12e6de-get-a-personal-public-service-pps-number/",
    ),
    national(
        "LuMatricule",
        "LU_MATRICULE",
        "lu",
        rf"(?:1[89]|20)\d\d{SEP}\d\d{SEP}\d\d{SEP}\d{{3}}{SEP}\d\d",
        _lu_matricule,
        context=("matricule", "identification", "sozialversicherung", "cns"),
        reference="https://guichet.public.lu/en/citoyens/citoyennete/registre-national/identification/matricule.html",
    ),
    national(
        "NlBsn",
        "NL_BSN",
        "nl",
        r"\d{8,9}|\d{4}[.\- ]\d{2}[.\- ]\d{3}|\d{3}[.\- ]\d{3}[.\- ]\d{3}",
        _nl_bsn,
        context=("bsn", "burgerservice", "sofinummer", "sofi", "burgerservicenummer"),
        reference="https://www.burgerservicenummer.nl/",
    ),
    national(
        "NlOnderwijsnummer",
        "NL_ONDERWIJSNUMMER",
        "nl",
        r"10\d{7}|10\d\d\.\d\d\.\d{3}",
        "nl.onderwijsnummer",
        0.5,
        context=("onderwijs", "leerling", "student", "pgn"),
        reference="https://nl.wikipedia.org/wiki/Onderwijsnummer",
    ),
    national(
        "NlDocument",
        "NL_IDENTITEITSKAARTNUMMER",
        "nl",
        rf"[A-NP-Z]{{2}}{GAP}?[0-9A-NP-Z]{{6}}{GAP}?\d",
        "nl.identiteitskaartnummer",
        0.2,
        context=("paspoort", "identiteitskaart", "documentnummer", "passport", "identiteitsbewijs"),
        reference="https://www.rvig.nl/node/356",
    ),
    national(
        "ChAhv",
        "CH_AHV",
        "ch",
        rf"756{SEP}\d{{4}}{SEP}\d{{4}}{SEP}\d\d",
        lambda text: _ahv(compact(text)),
        context=("ahv", "avs", "sozialversicherung", "versichertennummer", "navs", "assuré"),
        reference="https://www.zas.admin.ch/zas/de/home/partenaires-et-institutions-/navs13.html",
    ),
    national(
        "ChUid",
        "CH_UID",
        "ch",
        r"CHE[- ]?\d{3}\.?\d{3}\.?\d{3}|\d{3}\.\d{3}\.\d{3}",
        prefixed("CHE", "ch.uid"),
        context=("uid", "unternehmen", "mwst", "handelsregister"),
        reference="https://www.uid.admin.ch/",
    ),
)
