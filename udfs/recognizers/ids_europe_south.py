r"""Identifiers of persons and companies in Albania, Andorra, Greece, Italy, Portugal, Spain and Turkey.

Finds: tax, citizen's card and social security numbers, Spanish supply points, with and without the country before
    them, in one piece and in their printed form.
Leaves alone: numbers whose check digits, letters, date or length are wrong. Greek numbers without their
    country, Portuguese and Turkish numbers of companies, Andorran numbers without hyphens, Italian numbers of no known
    tax office, and Italian codes with a wrong last letter need a word or a field that names them.
Check: python-stdnum.
Reference: https://arthurdejong.org/python-stdnum/doc/ and the pages that the recognizers name.
"""

from stdnum import luhn

from udfs.recognizers._ids import DASH, GAP, SEP, compact, national, prefixed, validator

_amka, _codice, _iva, _nif = map(validator, ("gr.amka", "it.codicefiscale", "it.iva", "es.nif"))
_cif, _pt_nif, _nipt, _vkn = map(validator, ("es.cif", "pt.nif", "al.nipt", "tr.vkn"))


def _al_nipt(text: str) -> bool:
    return _nipt(compact(text.replace("(", "").replace(")", ""))) is True


def _es_nif(text: str) -> bool | float:
    """A zero at the start is left out now and then."""
    value = compact(text)
    if not _nif(value.zfill(9)):
        return False
    if text[-2] == " " and text[-1].islower():
        return 0.3  # a word of one letter behind a number
    return 0.6 if len(value) < 9 else 0.65 if text.isalnum() else True


def _it_codice(text: str) -> bool | float:
    """A code with a wrong last letter is a mistyped one, if there is a word for it."""
    value = compact(text)
    if _codice(value):
        return True
    return 0.3 if any(_codice(value[:-1] + letter) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ") else False


def _it_iva(text: str) -> bool | float:
    """Digits 8 to 10 are the office; those of which no office is known are seen in made-up numbers."""
    digits = compact(text).replace("_", "").removeprefix("IT")
    if not luhn.is_valid(digits) or not digits.strip("0"):
        return False
    return True if _iva(digits) else 0.3


def _pt_person_or_company(text: str) -> bool | float:
    """Persons' numbers begin with 1, 2, 3 or 45, companies' with 5 to 9."""
    digits = compact(text).removeprefix("PT")
    if not _pt_nif(digits) or (digits[0] == "4" and digits[1] != "5"):
        return False
    return True if text[:2].upper() == "PT" or digits[0] > "4" else 0.45


RECOGNIZERS = (
    national(
        "AdNrt",
        "AD_NRT",
        "ad",
        r"[ACDEFGLOPU][- ]?\d{6}[- ]?[A-Z]",
        "ad.nrt",
        0.2,
        printed=0.45,
        context=("nrt", "tributari", "andorra"),
        reference="https://www.oecd.org/tax/automatic-exchange/crs-implementation-and-assistance/tax-identification-numbers/Andorra-TIN.pdf",
    ),
    national(
        "AlNipt",
        "AL_NIPT",
        "al",
        rf"(?:(?:AL|\(AL\)){GAP}?)?[A-M]{GAP}?\d{{8}}{GAP}?[A-Z]",
        prefixed("AL (A", _al_nipt, 0.4),
        context=("nipt", "nuis", "tatueshëm"),
        reference="https://www.tatime.gov.al/eng/c/4/103/business-lifecycle",
    ),
    national(
        "EsNif",
        "ES_NIF",
        "es",
        r"\d{1,2}\.?\d{3}\.?\d{3}[- ]?[A-Z]|[KLM][- ]?\d{7}[- ]?[A-Z]",
        _es_nif,
        context=("dni", "nif", "identificación", "documento"),
        replaces=("EsNifRecognizer",),
        reference="https://www.interior.gob.es/opencms/es/servicios-al-ciudadano/tramites-y-gestiones/dni/calculo-del-digito-de-control-del-nif-nie/",
    ),
    national(
        "EsNie",
        "ES_NIE",
        "es",
        r"[XYZ][- ]?\d\.?\d{3}\.?\d{3}[- ]?[A-Z]",
        lambda text: _nif(compact(text)),
        context=("extranjero", "identificación"),
        replaces=("EsNieRecognizer",),
        reference="https://es.wikipedia.org/wiki/N%C3%BAmero_de_identidad_de_extranjero",
    ),
    national(
        "EsCif",
        "ES_CIF",
        "es",
        r"[A-HJNP-SUVW][- ]?\d{2}[. ]?\d{3}[. ]?\d{2}[- ]?[0-9A-J]",
        lambda text: _cif(compact(text)),
        0.4,
        printed=0.6,
        context=("cif", "nif", "empresa", "sociedad"),
        reference="https://es.wikipedia.org/wiki/Código_de_identificación_fiscal",
    ),
    national(
        "EsCups",
        "ES_CUPS",
        "es",
        r"ES[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}[- ]?[A-Z]{2}(?:[- ]?\d[FPCRXYZ]|(?![- ]?\d[A-Z]\b))",
        "es.cups",
        context=("cups", "suministro"),
        reference="https://es.wikipedia.org/wiki/Código_Unificado_de_Punto_de_Suministro",
    ),
    national(
        "GrAfm",
        "GR_AFM",
        "gr",
        rf"(?:(?:EL|GR)[- ]?)?\d{{3}}{GAP}?\d{{3}}{GAP}?\d{{3}}",
        prefixed("EL GR", "gr.vat"),
        context=("αφμ", "φορολογικ", "afm", "φπα"),
        reference="https://ec.europa.eu/taxation_customs/tin/tinByCountry.html",
    ),
    national(
        "GrAmka",
        "GR_AMKA",
        "gr",
        rf"[0-3]\d[01]\d{{3}}(?:{DASH}|{GAP})?\d{{5}}",
        "gr.amka",
        0.6,
        printed=0.75,
        context=("αμκα", "amka", "ασφάλισης"),
        reference="https://www.amka.gr/tieinai_en.html",
    ),
    national(
        "ItFiscalCode",
        "IT_FISCAL_CODE",
        "it",
        rf"[A-Z]{{3}}{GAP}?[A-Z]{{3}}{GAP}?[0-9LMNP-V]{{2}}[A-EHLMPR-T][0-9LMNP-V]{{2}}{GAP}?[A-Z][0-9LMNP-V]{{3}}[A-Z]",
        _it_codice,
        context=("codice", "fiscale", "codfisc"),
        replaces=("ItFiscalCodeRecognizer",),
        reference="https://www.agenziaentrate.gov.it/portale/web/english/nse/individuals/tax-identification-number-for-foreign-citizens",
    ),
    national(
        "ItVatCode",
        "IT_VAT_CODE",
        "it",
        r"(?:IT[- ]?)?\d(?:[ _]?\d){10}",
        prefixed("IT", _it_iva, 0.6),
        context=("partita", "p.iva", "piva"),
        replaces=("ItVatCodeRecognizer",),
        reference="https://it.wikipedia.org/wiki/Partita_IVA",
    ),
    national(
        "PtCc",
        "PT_CC",
        "pt",
        rf"\d{{8}}{GAP}?\d{GAP}?[A-Z][A-Z0-9]\d",
        "pt.cc",
        context=("cartão", "cidadão", "identificação", "cartao", "cidadao"),
        reference="https://www.autenticacao.gov.pt/documents/20126/115760/Validação+de+Número+de+Documento+do+Cartão+de+Cidadão.pdf",
    ),
    national(
        "PtNif",
        "PT_NIF",
        "pt",
        rf"(?:PT[- ]?)?\d{{3}}(?:{GAP}|\.)?\d{{3}}(?:{GAP}|\.)?\d{{3}}",
        prefixed("PT", _pt_person_or_company),
        context=("nif", "contribuinte", "nipc", "fiscal"),
        reference="https://ec.europa.eu/taxation_customs/tin/tinByCountry.html",
    ),
    national(
        "TrNationalId",
        "TR_NATIONAL_ID",
        "tr",
        r"[1-9]\d{10}",
        "tr.tckimlik",
        context=("kimlik", "tckn", "nüfus", "nufus"),
        replaces=("TrNationalIdRecognizer",),
        reference="https://tckimlik.nvi.gov.tr/",
    ),
    national(
        "TrVkn",
        "TR_VKN",
        "tr",
        rf"\d{{3}}{SEP}\d{{3}}{SEP}\d{{4}}",
        lambda text: _vkn(compact(text)),
        0.3,
        context=("vkn", "vergi"),
        reference="https://www.turkiye.gov.tr/gib-intvrg-vergi-kimlik-numarasi-dogrulama",
    ),
)
