r"""Numbers of European taxpayers for value added tax.

Finds: VAT numbers with their country before them, in one piece or with spaces, hyphens or dots, and without it where
    letters in them tell them from other numbers or a word or a field names them. Croatian, Greek, Italian, Polish,
    Portuguese and Serbian ones are the number that the taxpayer has anyway: they stand with those.
Leaves alone: numbers whose check digits or length are wrong, and those that follow a word like `de`, `no` or `se`. A
    German number with a wrong check digit needs a word or a field: how it is computed was never published.
Check: python-stdnum.
Reference: https://ec.europa.eu/taxation_customs/vies/ and https://arthurdejong.org/python-stdnum/doc/
"""

from udfs.recognizers._base import Recognizer
from udfs.recognizers._ids import Valid, compact, national, prefixed, validator

_CONTEXT = ("vat", "ust-id", "ustid", "umsatzsteuer", "mwst", "tva", "iva", "btw", "moms", "mva", "ondernemingsnummer")
"""Words for numbers whose check few others pass. They are parts of other words (`private`), so that numbers of eight to
ten digits that one in ten passes have words of their country."""
_FIELDS = ("vat number", "vat no", "vat id", "vat code")
"""Two words are heard in names of fields."""
_AGAINST = ("tracking", "shipment", "parcel", "batch", "serial", "sku", "ticket", "barcode", "timestamp", "phone")
"""Not order and invoice: there, VAT numbers are at home."""
_S = "[-. \xa0]?"


def _stripped(module: str) -> Valid:
    valid = validator(module)
    return lambda text: valid(compact(text))


def _vat(country: str, number: str, check: str | Valid, bare: float = 0.3, words: str = "") -> Recognizer:
    """A row: country, the number behind the country's code, its check, the score of a number without the code."""
    code = country.upper()
    return national(
        f"{code.capitalize()}Vat",
        f"{code}_VAT",
        country,
        f"(?:{code}{_S})?(?:{number})",
        prefixed(code, _stripped(check) if isinstance(check, str) else check, bare),
        context=(*words.split(), *_FIELDS) if words else _CONTEXT,
        against=_AGAINST,
        reference="https://ec.europa.eu/taxation_customs/vies/",
    )


_de, _anum = validator("de.vat"), validator("hu.anum")


def _de_vat(text: str) -> bool | float:
    digits = compact(text)[2:]
    return True if _de(digits) else 0.3


def _hu_vat(text: str) -> bool | float:
    """At home two more groups follow: how the taxpayer is taxed, and the county. They are not in the check."""
    digits = compact(text).removeprefix("HU")
    if not _anum(digits[:8]):
        return False
    return 0.6 if len(digits) > 8 and text[:2].isdigit() else True


def _only_with_code(check: Valid) -> Valid:
    return lambda text: text[:2].isalpha() and check(text)


RECOGNIZERS = (
    _vat("at", f"U{_S}\\d{{8}}", "at.uid", 0.6),
    _vat("be", rf"[01]?\d{{3}}{_S}\d{{3}}{_S}\d{{3}}", "be.vat"),
    _vat("bg", rf"\d{{3}}{_S}\d{{3}}{_S}\d{{3,4}}", "bg.vat", words="ддс идентификационен"),
    _vat("ch", rf"E{_S}\d{{3}}{_S}\d{{3}}{_S}\d{{3}} ?(?:MWST|TVA|IVA|TPV)", "ch.vat"),
    _vat("cy", rf"\d{{8}}{_S}[A-Z]", "cy.vat", 0.4),
    _vat("cz", r"\d{8,10}", "cz.dic", words="dič dph plátce"),
    _vat("dk", rf"\d\d{_S}\d\d{_S}\d\d{_S}\d\d", "dk.cvr", words="cvr moms momsnummer"),
    _vat("ee", rf"\d{{3}}{_S}\d{{3}}{_S}\d{{3}}", "ee.kmkr", words="kmkr käibemaks"),
    _vat("es", rf"[A-Z]{_S}\d{{7}}{_S}[0-9A-Z]|\d{{8}}{_S}[A-Z]", _only_with_code(_stripped("es.nif"))),
    _vat("fi", rf"\d{{7}}{_S}\d", "fi.alv", words="arvonlisävero alvnumero tunnus"),
    _vat("fr", rf"[0-9A-HJ-NP-Z]{{2}}{_S}(?:\d{{3}}{_S}\d{{3}}{_S}\d{{3}}|0000 \d{{5}})", "fr.tva", 0.5),
    _vat("hu", r"\d{8}(?:-[1-5]-(?:0[2-9]|[1-4]\d|51))?", _hu_vat, words="adószám adószáma közösségi"),
    _vat("ie", r"\d[0-9A-Z]\d{5}[A-W][A-IW]?", "ie.vat", 0.4),
    _vat("lt", r"\d{9}(?:\d{3})?", "lt.pvm", words="pvm mokėtojo"),
    _vat("lu", rf"\d{{3}}{_S}\d{{3}}{_S}\d\d", "lu.tva"),
    _vat("lv", rf"[4-9]\d{{3}}{_S}\d{{4}}{_S}\d{{3}}", "lv.pvn"),
    _vat("mt", rf"\d{{4}}{_S}\d{{4}}", "mt.vat", words="vatno maltese"),
    _vat("nl", rf"\d{{7,9}}{_S}B{_S}\d\d|\d{{4}}\.\d\d\.\d{{3}}\.B\.\d\d", "nl.btw", 0.9),
    _vat("no", rf"\d{{3}}{_S}\d{{3}}{_S}\d{{3}} ?MVA", "no.mva", 0.9),
    _vat("ro", r"[1-9]\d{3,9}|\d{3} \d{3} \d{2,3}", "ro.cui", words="înregistrare fiscală"),
    _vat("se", rf"\d{{6}}{_S}\d{{4}}{_S}01", "se.vat"),
    _vat("si", rf"\d{{4}}{_S}\d{{4}}", "si.ddv", words="ddv davčna"),
    _vat("sk", rf"\d{{3}}{_S}\d{{3}}{_S}\d\d{_S}\d\d", "sk.dph", words="dph platiteľ"),
    national(
        "DeVatId",
        "DE_VAT_ID",
        "de",
        r"DE[\s.\-]?\d{3}[\s.\-]?\d{3}[\s.\-]?\d{3}",
        prefixed("DE", _de_vat),
        context=(*_CONTEXT, "umsatzsteueridentifikationsnummer", "bzst", "finanzamt", "invoice", "rechnung"),
        against=_AGAINST,
        replaces=("DeVatIdRecognizer",),
        reference="https://www.bzst.de/EN/Businesses/VAT/Vat_identification_number/vat_identification_number_node.html",
    ),
)
