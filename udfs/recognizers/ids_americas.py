r"""Identifiers of North and Central America and the Caribbean: Canada, Mexico, Costa Rica, Cuba and their neighbours.

Finds: CA SIN, business number and BC health number; MX CURP and RFC; CR cédulas of persons, companies and residents;
    CU identity number; DO cédula and RNC; GT NIT; SV NIT. Plain or as printed.
Leaves alone: wrong check digits, dates that are none, the RFC of the general public and of foreigners without one.
    Without a word of the context: CR numbers that are printed without dashes or with short groups, CR residents, GT
    numbers without their dash, and the ten letters and digits of an RFC without its serial part.
Check: Luhn for CA SIN, BN and DO cédula; weights modulo 11 for BC, DO RNC, GT, SV; check digits and birth date for MX
    CURP; date for MX RFC, whose check digit is not always right, so that a right one only raises the score; birth date
    for CU; class for CR companies.
Reference: named at each recognizer; checks by python-stdnum, https://arthurdejong.org/python-stdnum/
"""

from stdnum.mx import rfc

from udfs.recognizers._ids import DASH, GAP, validator
from udfs.recognizers._ids_world import TIE, TRIPLES, by_luhn, grade, identifier

_GENERIC = {"XAXX010101000", "XEXX010101000"}
"""RFC of the general public and of foreigners: Resolución Miscelánea Fiscal, "Clave en el RFC genérica en CFDI"."""
_is_rfc = validator("mx.rfc")
_nine_digits = grade(by_luhn("ca.bn"), 0.4, 0.5)


def _rfc(text: str) -> float:
    value = "".join(c for c in text if c.isalnum() or c == "&")
    if value in _GENERIC or not _is_rfc(value):
        return 0.0
    if len(value) == 10:
        # A person's second letter is the first vowel inside the surname, or X where it has none.
        return 0.4 if text != value and value[1] in "AEIOUX" else 0.25
    try:
        rfc.validate(value, validate_check_digits=True)
    except ValueError:
        return 0.5
    return 0.65


def _business_number(text: str) -> float:
    """Nine digits, and behind them the program and number of an account, which are not taken for anything else."""
    return grade("ca.bn", 1.0)(text) if "R" in text else _nine_digits(text)


def _guatemalan(text: str) -> float:
    """Any number of up to twelve digits may be one: the dash or the K of the check digit has to show it."""
    return grade("gt.nit", 0.4 if text.endswith("K") else 0.3, 0.45)(text)


def _costa_rican(text: str) -> float:
    groups = [len(group) for group in text.split("-")]
    return grade("cr.cpf", 0.1, 0.4 if groups[1:] == [4, 4] else 0.2)(text)


_DATE = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"

RECOGNIZERS = (
    identifier(
        "CaSin",
        "CA_SIN",
        rf"[1-79]\d{{2}}{TRIPLES}",
        grade(by_luhn("ca.sin"), 0.4, 0.6),
        context=("(sin)", "(nas)", "canada", "social insurance", "assurance sociale", "assurance", "insurance"),
        replaces=("CaSinRecognizer",),
        reference="https://www.canada.ca/en/employment-social-development/services/sin.html",
    ),
    identifier(
        "CaBn",
        "CA_BN",
        rf"\d{{5}}{TIE}\d{{4}}(?:{TIE}R[CMPT]{TIE}\d{{4}}|(?! ?(?-i:[A-Z]{{2}} ?[0-9O]{{4}})))",
        _business_number,
        context=("(bn)", "business number", "numéro d'entreprise", "canada"),
        reference="https://www.canada.ca/en/services/taxes/business-number.html",
    ),
    identifier(
        "CaBcPhn",
        "CA_BC_PHN",
        rf"9\d{{3}}{TIE}\d{{3}}{TIE}\d{{3}}",
        grade("ca.bc_phn", 0.5, 0.7),
        context=("(phn)", "personal health", "health number", "carecard"),
        reference="https://www2.gov.bc.ca/gov/content/health/health-drug-coverage/msp/bc-residents/personal-health-identification",
    ),
    identifier(
        "MxCurp",
        "MX_CURP",
        rf"[A-Z]{{4}}{_DATE}[HM][A-Z]{{5}}[0-9A-Z]\d",
        grade("mx.curp", 1.0),
        context=("curp",),
        reference="https://www.gob.mx/curp/",
    ),
    identifier(
        "MxRfc",
        "MX_RFC",
        rf"[A-ZÑ&]{{3,4}}(?:{DASH}|[_ ])?{_DATE}(?:(?:{DASH}|[_ ])?[0-9A-ZÑ]{{3}})?",
        _rfc,
        context=("rfc", "contribuyente", "contribuyentes"),
        reference="https://es.wikipedia.org/wiki/Registro_Federal_de_Contribuyentes_(M%C3%A9xico)",
    ),
    identifier(
        "CrCpf",
        "CR_CPF",
        rf"0?[1-9]{DASH}\d{{3,4}}{DASH}\d{{3,4}}|0?[1-9]\d{{8}}",
        _costa_rican,
        context=("cédula", "cedula", "costarricense"),
        reference="https://www.hacienda.go.cr/consultapagos/ayuda_cedulas.htm",
    ),
    identifier(
        "CrCpj",
        "CR_CPJ",
        rf"[2-5]{TIE}\d{{3}}{TIE}\d{{6}}",
        grade("cr.cpj", 0.4, 0.7),
        context=("cédula", "cedula", "jurídica", "juridica"),
        reference="https://www.hacienda.go.cr/consultapagos/ayuda_cedulas.htm",
    ),
    identifier(
        "CrCr",
        "CR_CR",
        r"1\d{10,11}",
        grade("cr.cr", 0.1),
        context=("dimex", "residencia", "cédula", "cedula"),
        reference="https://www.hacienda.go.cr/consultapagos/ayuda_cedulas.htm",
    ),
    identifier(
        "CuNi",
        "CU_NI",
        rf"{_DATE}\d{{5}}",
        grade("cu.ni", 0.4),
        context=("identidad", "carné", "carnet", "cubano", "cubana"),
        reference="https://www.postdata.club/issues/201609/es-usted-unico-en-cuba.html",
    ),
    identifier(
        "DoCedula",
        "DO_CEDULA",
        rf"\d{{3}}{TIE}\d{{7}}{TIE}\d",
        grade("do.cedula", 0.4, 0.7),
        context=("cédula", "cedula", "dominicana"),
        reference="https://arthurdejong.org/python-stdnum/doc/2.2/stdnum.do.cedula",
    ),
    identifier(
        "DoRnc",
        "DO_RNC",
        rf"\d{TIE}\d{{2}}{TIE}\d{{5}}{TIE}\d",
        grade("do.rnc", 0.4, 0.7),
        context=("(rnc)", "contribuyente", "contribuyentes", "dominicana"),
        reference="https://arthurdejong.org/python-stdnum/doc/2.2/stdnum.do.rnc",
    ),
    identifier(
        "GtNit",
        "GT_NIT",
        rf"\d{{4,11}}{GAP}?{DASH}{GAP}?[\dK]|\d{{4,11}}[\dK]",
        _guatemalan,
        context=("(nit)", "tributaria", "guatemala", "contribuyente"),
        reference="https://portal.sat.gob.gt/portal/consulta-cui-nit/",
    ),
    identifier(
        "SvNit",
        "SV_NIT",
        rf"(?:SV{GAP}?)?[019]\d{{3}}{TIE}\d{{6}}{TIE}\d{{3}}{TIE}\d",
        grade("sv.nit", 0.4, 0.8),
        context=("(nit)", "tributaria", "salvador"),
        reference="https://tramitesyrequisitos.com/el-salvador/nit/#Estructura_del_NIT",
    ),
)
