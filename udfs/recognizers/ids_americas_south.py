r"""Identifiers of South America: Argentina, Brazil, Chile, Colombia, Ecuador, Paraguay, Peru, Uruguay, Venezuela.

Finds: AR CUIT, CBU and DNI; BR CPF and CNPJ, also the CNPJ with letters that is given out since July 2026; CL RUT; CO
    NIT; EC CI and RUC; PE CUI and RUC; PY RUC; UY RUT and CI; VE RIF. Plain or as printed.
Leaves alone: wrong check digits, prefixes and provinces that are none, one digit throughout. Without a word of the
    context: AR DNI and the eight digits of PE CUI, which have no check digit; PY RUC and UY CI without their dash.
Check: two check digits for AR CBU, BR CPF and CNPJ; one modulo 11 for the others, modulo 10 for EC CI and UY CI; the
    letter's value counts in VE RIF.
Reference: named at each recognizer; checks by python-stdnum, https://arthurdejong.org/python-stdnum/
"""

from udfs.recognizers._ids import DASH, GAP
from udfs.recognizers._ids_world import TIE, grade, identifier, weighted

_STDNUM = "https://arthurdejong.org/python-stdnum/doc/2.2/stdnum."


def _cpf(text: str) -> float:
    """Printed with dots and a dash; other groups are those of phone numbers, too."""
    return grade("br.cpf", 0.65, 1.0 if "." in text or "-" in text else 0.65)(text)


def _cnpj(text: str) -> float:
    worth = grade("br.cnpj", 0.65, 1.0)(text)
    return min(worth, 0.5) if text.isalnum() and not text.isdigit() else worth


def _chilean(text: str) -> float:
    if "." in text:
        return grade("cl.rut", 0.9)(text)
    return grade("cl.rut", 0.6 if text.endswith("K") else 0.4, 0.65)(text)


def _colombian(text: str) -> float:
    return grade("co.nit", 0.4, 0.8 if "." in text else 0.5)(text)


def _peruvian(text: str) -> float:
    """Without the check digit, eight digits are any number."""
    digits = sum(c.isalnum() for c in text)
    return grade("pe.cui", 0.1 if digits == 8 else 0.4, 0.5)(text)


def uruguayan(text: str) -> bool:
    """True for a cédula de identidad whose check digit is right: weights 2, 9, 8, 7, 6, 3, 4, modulo 10.

    Args:
        text: ASCII digits with or without dots and a dash.

    Reference: https://es.wikipedia.org/wiki/C%C3%A9dula_de_identidad_(Uruguay)

    >>> uruguayan("1.234.567-2"), uruguayan("1.234.567-3")
    (True, False)
    """
    digits = "".join(c for c in text if c.isdigit()).zfill(8)
    return int(digits[-1]) == -weighted(digits, (2, 9, 8, 7, 6, 3, 4)) % 10


RECOGNIZERS = (
    identifier(
        "ArCuit",
        "AR_CUIT",
        rf"(?:2[0347]|3[034]|5[015]){TIE}\d{{8}}{TIE}\d",
        grade("ar.cuit", 0.5, 0.85),
        context=("cuit", "cuil", "tributaria", "afip"),
        reference="https://es.wikipedia.org/wiki/Clave_%C3%9Anica_de_Identificaci%C3%B3n_Tributaria",
    ),
    identifier(
        "ArCbu",
        "AR_CBU",
        rf"\d{{8}}{TIE}\d{{14}}",
        grade("ar.cbu", 0.9),
        context=("(cbu)", "bancaria"),
        reference="https://es.wikipedia.org/wiki/Clave_Bancaria_Uniforme",
    ),
    identifier(
        "ArDni",
        "AR_DNI",
        r"\d{1,2}\.\d{3}\.\d{3}|\d{7,8}",
        grade("ar.dni", 0.1, 0.25),
        context=("dni", "documento", "identidad"),
        reference="https://en.wikipedia.org/wiki/Documento_Nacional_de_Identidad_(Argentina)",
    ),
    identifier(
        "BrCpf",
        "BR_CPF",
        rf"\d{{3}}[. ]?\d{{3}}[. ]?\d{{3}}{TIE}\d{{2}}",
        _cpf,
        context=("cpf", "pessoas físicas", "contribuinte"),
        reference=_STDNUM + "br.cpf",
    ),
    identifier(
        "BrCnpj",
        "BR_CNPJ",
        rf"[0-9A-Z]{{2}}\.?{GAP}?[0-9A-Z]{{3}}\.?{GAP}?[0-9A-Z]{{3}}{GAP}?[/.]?[0-9A-Z]{{4}}{DASH}?\d{{2}}",
        _cnpj,
        context=("cnpj", "pessoa jurídica"),
        reference=_STDNUM + "br.cnpj",
    ),
    identifier(
        "ClRut",
        "CL_RUT",
        rf"(?:CL{GAP}?)?\d{{1,2}}(?:\.\d{{3}}\.\d{{3}}{DASH}|\d{{6}}{DASH}?)[\dK]",
        _chilean,
        context=("(rut)", "(run)", "chile", "tributario"),
        reference=_STDNUM + "cl.rut",
    ),
    identifier(
        "CoNit",
        "CO_NIT",
        rf"(?:\d{{1,3}}(?:[., ]\d{{3}}){{2,3}}|\d{{8,10}}){GAP}?[-\u2010-\u2014]{GAP}?\d|\d{{10}}",
        _colombian,
        context=("(nit)", "colombia", "tributaria"),
        reference=_STDNUM + "co.nit",
    ),
    identifier(
        "EcCi",
        "EC_CI",
        rf"(?:[01]\d|2[0-4]|[35]0)[0-6]\d{{6}}{TIE}\d",
        grade("ec.ci", 0.4, 0.6),
        context=("(ci)", "cédula", "cedula", "ecuatoriana", "ecuatoriano"),
        reference=_STDNUM + "ec.ci",
    ),
    identifier(
        "EcRuc",
        "EC_RUC",
        rf"(?:[01]\d|2[0-4]|[35]0)\d{{8}}{TIE}\d{{3}}",
        grade("ec.ruc", 0.5, 0.7),
        context=("(ruc)", "contribuyente", "contribuyentes", "ecuador"),
        reference=_STDNUM + "ec.ruc",
    ),
    identifier(
        "PeCui",
        "PE_CUI",
        rf"\d{{8}}(?:{DASH}?[\dA-K])?",
        _peruvian,
        context=("dni", "(cui)", "identidad", "documento"),
        reference="https://www.gob.pe/235-documento-nacional-de-identidad-dni",
    ),
    identifier(
        "PeRuc",
        "PE_RUC",
        r"(?:1[057]|20)\d{9}",
        grade("pe.ruc", 0.5),
        context=("(ruc)", "sunat", "contribuyente", "contribuyentes"),
        reference="https://www.sunat.gob.pe/legislacion/ruc/",
    ),
    identifier(
        "PyRuc",
        "PY_RUC",
        rf"\d{{4,8}}{DASH}\d|\d{{5,9}}",
        grade("py.ruc", 0.3, 0.45),
        context=("(ruc)", "contribuyente", "contribuyentes", "paraguay"),
        reference="https://www.ruc.com.py/",
    ),
    identifier(
        "UyRut",
        "UY_RUT",
        rf"(?:UY{GAP}?)?(?:[01]\d|2[0-2]){TIE}\d{{6}}{TIE}001{TIE}\d",
        grade("uy.rut", 0.8, 1.0),
        context=("(rut)", "tributario", "uruguay"),
        reference="https://www.agesic.gub.uy/innovaportal/file/1634/1/modelo_de_datos.pdf",
    ),
    identifier(
        "UyCi",
        "UY_CI",
        rf"(?:\d\.)?\d{{3}}\.\d{{3}}{DASH}\d|\d{{7}}{DASH}\d|[1-9]\d{{7}}",
        grade(uruguayan, 0.3, 0.5),
        context=("(ci)", "cédula", "cedula", "uruguay"),
        reference="https://es.wikipedia.org/wiki/C%C3%A9dula_de_identidad_(Uruguay)",
    ),
    identifier(
        "VeRif",
        "VE_RIF",
        rf"[VEJPG]{TIE}\d{{8}}{TIE}\d",
        grade("ve.rif", 0.8, 1.0),
        context=("(rif)", "seniat", "fiscal"),
        reference=_STDNUM + "ve.rif",
    ),
)
