r"""Identifiers of Africa: Algeria, Egypt, Ghana, Guinea, Kenya, Mauritius, Morocco, Mozambique, Nigeria and others.

Finds: DZ NIF; EG tax registration and national number, in Western or Arabic digits; GH TIN and Ghana Card; GN NIFP;
    KE PIN; MA ICE; MU national identity number; MZ NUIT; NG NIN; SN NINEA; TN matricule fiscal; ZA identity and income
    tax number. Plain or as printed.
Leaves alone: wrong check characters, dates that are none, one digit throughout. Only with a word of the context: DZ NIF
    and EG tax numbers, which have no check digit, SN NINEA without the code behind it, a short TN number with a wrong
    letter.
Check: modulo 97 for MA ICE; modulo 11 for GH, MZ, modulo 17 and birth date for MU, modulo 23 for TN; Luhn for GN, ZA
    tax and, with the birth date, ZA identity; Verhoeff for NG; date and governorate for EG national numbers.
Reference: named at each recognizer; checks by python-stdnum, https://arthurdejong.org/python-stdnum/
"""

from stdnum import verhoeff
from stdnum.tn import mf

from udfs.recognizers._ids import validator
from udfs.recognizers._ids_world import CLOCK, TIE, birthday, by_luhn, grade, identifier, luhn, weighted

_STDNUM = "https://arthurdejong.org/python-stdnum/doc/2.2/stdnum."
_OECD = "https://www.oecd.org/tax/automatic-exchange/crs-implementation-and-assistance/tax-identification-numbers/"
_CONTROL = "ABCDEFGHJKLMNPQRSTVWXYZ"
"""The letters of a Tunisian number, by their value modulo 23: no I, O and U."""
_GOVERNORATES = {
    *("01", "02", "03", "04", "11", "12", "13", "14", "15", "16", "17", "18", "19", "21", "22", "23", "24"),
    *("25", "26", "27", "28", "29", "31", "32", "33", "34", "35", "88"),
}
_is_matricule = validator("tn.mf")


def egyptian(text: str) -> bool:
    """True for an Egyptian national number with a birth date and a governorate; its check digit is not published.

    Args:
        text: 14 ASCII digits: century, year, month, day, governorate, serial number, check digit.

    Reference: https://en.wikipedia.org/wiki/Egyptian_National_Identity_Card

    >>> egyptian("29001011234567"), egyptian("29013011234567"), egyptian("29001019934567")
    (True, False, False)
    """
    return birthday(text[3:5], text[5:7]) and text[7:9] in _GOVERNORATES


def tunisian_letter(serial: str) -> str:
    """The letter behind the seven digits of a Tunisian matricule fiscal: weights 7 to 1 modulo 23.

    Reference: https://futurexpert.tn/2019/10/22/structure-et-utilite-du-matricule-fiscal/ for the form; the weights
    hold for the numbers in the documentation of python-stdnum.

    >>> tunisian_letter("1282182"), tunisian_letter("1496298"), tunisian_letter("0000121")
    ('W', 'T', 'J')
    """
    return _CONTROL[weighted(serial, range(7, 0, -1)) % 23]


def _matricule(text: str) -> float:
    if not text.isascii() or not _is_matricule(text):
        return 0.0
    value = mf.compact(text)
    if len(value) == 13:
        return 0.9 if tunisian_letter(value[:7]) == value[7] else 0.6
    # Leading zeros may be left out: three digits and a letter are many things.
    written = sum(c.isdigit() for c in text)
    return 0.5 if tunisian_letter(value[:7]) == value[7] and written > 5 else 0.2


def _nin(text: str) -> float:
    """Verhoeff is what others check; NIMC publishes no check, so that a word may speak for any other number."""
    return grade(verhoeff.is_valid, 0.4)(text) or (0.1 if text.isascii() and len(set(text)) > 1 else 0.0)


def _ninea(text: str) -> float:
    """Nine digits, or seven of old, which are too many things without a word; with the code behind it, it is one."""
    digits = sum(c.isdigit() for c in text)
    return grade("sn.ninea", 0.75 if digits < len(text.replace(" ", "")) else 0.38 if digits == 9 else 0.3)(text)


def _south_african(text: str) -> float:
    """Citizen, resident or refugee (0 to 2), then 8 or 9; lower digits are from before 1986, and need a word.

    Reference: https://en.wikipedia.org/wiki/South_African_identity_card
    """
    digits = "".join(c for c in text if c.isdigit())
    if not text.isascii() or not birthday(digits[2:4], digits[4:6]) or digits[10] > "2" or not luhn(digits):
        return 0.0
    return 0.8 if digits[11] in "89" else 0.3


RECOGNIZERS = (
    identifier(
        "DzNif",
        "DZ_NIF",
        r"\d{15}(?:\d{5})?|\d{3}(?: \d{3}){4}(?: ?\d{5})?",
        grade("dz.nif", 0.1, 0.2),
        context=("(nif)", "fiscale", "algérie", "algerie", "الجبائي"),
        reference="https://www.mf.gov.dz/index.php/fr/fiscalite",
    ),
    identifier(
        "EgTn",
        "EG_TN",
        rf"\d{{3}}(?:{TIE}|/)\d{{3}}(?:{TIE}|/)\d{{3}}",
        grade("eg.tn", 0.1, 0.2),
        context=("ضريبي", "ضريبة", "taxpayer", "tax registration", "egypt"),
        reference=_STDNUM + "eg.tn",
    ),
    identifier(
        "EgNationalId",
        "EG_NATIONAL_ID",
        r"[23٢٣]\d{13}",
        grade(egyptian, 0.5),
        context=("القومي", "قومي", "egypt"),
        reference="https://en.wikipedia.org/wiki/Egyptian_National_Identity_Card",
    ),
    identifier(
        "GhTin",
        "GH_TIN",
        r"[PCGQV]00[A-Z0-9]{7}[\dX]",
        grade("gh.tin", 0.9),
        context=("(tin)", "ghana", "taxpayer"),
        reference=_OECD + "Ghana-TIN.pdf",
    ),
    identifier(
        "GhCard",
        "GH_CARD",
        r"GHA-\d{9}-\d",
        lambda text: 0.9,
        context=("ghana", "ghanacard"),
        reference="https://gra.gov.gh/tin/tin-faq/",
    ),
    identifier(
        "GnNifp",
        "GN_NIFP",
        rf"\d{{3}}{TIE}\d{{3}}{TIE}\d{{3}}",
        grade(by_luhn("gn.nifp"), 0.38, 0.5),
        context=("nifp", "(nif)", "guinée", "fiscale"),
        reference="https://dgi.gov.gn/wp-content/uploads/2022/09/N%C2%B0-12-Cahier-de-Charges-NIF-p.pdf",
    ),
    identifier(
        "KePin",
        "KE_PIN",
        r"[AP]\d{9}[A-Z]",
        grade("ke.pin", 0.6),
        context=("(pin)", "(kra)", "kenya"),
        reference="https://www.kra.go.ke/individual/individual-pin-registration/learn-about-pin/about-pin",
    ),
    identifier(
        "MaIce",
        "MA_ICE",
        r"\d{15}|\d{2}(?: \d{2}){5} \d{3}|\d{9} \d{4} \d{2}",
        grade("ma.ice", 0.6, 0.9),
        context=("(ice)", "identifiant commun", "maroc", "موحد"),
        reference="https://www.ice.gov.ma/",
    ),
    identifier(
        "MuNid",
        "MU_NID",
        r"[A-Z]\d{12}[0-9A-G]",
        grade("mu.nid", 0.9),
        context=("(nid)", "mauritius", "mauritian"),
        reference="https://mnis.govmu.org/English/ID%20Card/Pages/default.aspx",
    ),
    identifier(
        "MzNuit",
        "MZ_NUIT",
        rf"\d{{3}}{TIE}\d{{3}}{TIE}\d{{3}}",
        grade("mz.nuit", 0.4, 0.5),
        context=("nuit", "tributária", "moçambique"),
        reference="https://www.at.gov.mz/por/Perguntas-Frequentes2/NUIT",
    ),
    identifier(
        "NgNin",
        "NG_NIN",
        r"\d{11}",
        _nin,
        context=("nin", "nimc", "nigeria", "national identification", "national identity", "identification"),
        replaces=("NgNinRecognizer",),
        reference="https://nimc.gov.ng/",
    ),
    identifier(
        "SnNinea",
        "SN_NINEA",
        r"\d{3} ?\d{4}(?:\d{2})?(?:[ /-]?[0-2] ?[A-HJ-NP-WZ] ?\d)?",
        _ninea,
        context=("ninea",),
        reference="https://nkac-audit.com/comprendre-le-ninea-votre-guide-de-lecture-simplifie/",
    ),
    identifier(
        "TnMf",
        "TN_MF",
        r"\d{3,7} ?/? ?[A-HJ-NP-TV-Z](?: ?/? ?[ABDNP] ?/? ?[CEMNP] ?/? ?\d{3})?",
        _matricule,
        context=("matricule", "fiscal"),
        reference="https://futurexpert.tn/2019/10/22/structure-et-utilite-du-matricule-fiscal/",
    ),
    identifier(
        "ZaId",
        "ZA_ID_NUMBER",
        rf"\d{{2}}[01]\d[0-3]\d{TIE}\d{{4}}{TIE}[0-2]\d{TIE}\d",
        _south_african,
        context=("identity", "south african", "(rsaid)"),
        against=CLOCK,
        replaces=("ZaIdNumberRecognizer",),
        reference="https://en.wikipedia.org/wiki/South_African_identity_card",
    ),
    identifier(
        "ZaTin",
        "ZA_INCOME_TAX_NUMBER",
        rf"[01239]\d{{8}}{TIE}\d|[01239]\d{{3}}/\d{{3}}/\d{{2}}/\d",
        grade(by_luhn("za.tin"), 0.4, 0.6),
        context=("sars", "tax", "tax reference", "income tax", "tax number"),
        replaces=("ZaIncomeTaxNumberRecognizer",),
        reference=_OECD + "South-Africa-TIN.pdf",
    ),
)
