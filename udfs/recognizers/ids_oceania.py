r"""Identifiers of Australia and New Zealand.

Finds: AU business (ABN), company (ACN), tax file (TFN) and Medicare numbers; NZ Inland Revenue numbers and bank
    accounts. Plain or as printed.
Leaves alone: wrong check digits, banks and branches that are none, one digit throughout. Tax file numbers of eight
    digits, of old, only with a word of the context.
Check: two check digits modulo 89 for ABN; one modulo 10 for ACN and Medicare, modulo 11 for TFN and IRD; the bank's own
    weights and the list of branches for accounts.
Reference: named at each recognizer; checks by python-stdnum, https://arthurdejong.org/python-stdnum/
"""

from udfs.recognizers._ids import DASH, GAP
from udfs.recognizers._ids_world import TIE, TRIPLES, grade, identifier, weighted


def medicare(text: str) -> bool:
    """True for a Medicare number of Australia whose ninth digit is right: weights 1, 3, 7, 9 twice, modulo 10.

    Args:
        text: ten ASCII digits, with or without separators: eight, their check digit, the issue number.

    Reference: https://meteor.aihw.gov.au/content/270101

    >>> medicare("2123 45670 1"), medicare("2123 45671 1")
    (True, False)
    """
    digits = "".join(c for c in text if c.isdigit())
    return int(digits[8]) == weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9)) % 10


def _tax_file(text: str) -> float:
    """Numbers of eight digits are no longer given out."""
    return grade("au.tfn", 0.4 if sum(c.isdigit() for c in text) == 9 else 0.3, 0.5)(text)


RECOGNIZERS = (
    identifier(
        "AuAbn",
        "AU_ABN",
        rf"\d{{2}}{TIE}\d{{3}}{TIE}\d{{3}}{TIE}\d{{3}}",
        lambda text: grade("au.abn", 0.6, 1.0)(text.replace("-", " ")),
        context=("abn", "australian business"),
        replaces=("AuAbnRecognizer",),
        reference="https://abr.business.gov.au/Help/AbnFormat",
    ),
    identifier(
        "AuAcn",
        "AU_ACN",
        rf"\d{{3}}{TRIPLES}",
        lambda text: grade("au.acn", 0.4, 0.5)(text.replace("-", " ")),
        context=("(acn)", "australian company"),
        replaces=("AuAcnRecognizer",),
        reference="https://asic.gov.au/",
    ),
    identifier(
        "AuTfn",
        "AU_TFN",
        rf"\d{{3}}(?:{TRIPLES}|{TIE}\d{{3}}{TIE}\d\d)",
        lambda text: _tax_file(text.replace("-", " ")),
        context=("tfn", "(tax file)"),
        replaces=("AuTfnRecognizer",),
        reference="https://www.ato.gov.au/individuals-and-families/tax-file-number",
    ),
    identifier(
        "AuMedicare",
        "AU_MEDICARE",
        rf"[2-6]\d{{3}}{TIE}\d{{5}}{TIE}\d",
        grade(medicare, 0.4, 0.6),
        context=("medicare",),
        replaces=("AuMedicareRecognizer",),
        reference="https://meteor.aihw.gov.au/content/270101",
    ),
    identifier(
        "NzIrd",
        "NZ_IRD",
        rf"(?:NZ{GAP}?)?\d{{2,3}}{TIE}\d{{3}}{TIE}\d{{3}}|\d{{7,8}}{DASH}\d",
        grade("nz.ird", 0.4, 0.6),
        context=("(ird)", "inland revenue", "irdno", "tari"),
        reference="https://www.ird.govt.nz/",
    ),
    identifier(
        "NzBankAccount",
        "NZ_BANK_ACCOUNT",
        rf"(?:0[1-8]|[12]\d|3[018]|88){TIE}\d{{4}}{TIE}\d{{7}}(?:{TIE}\d{{2,3}}|{DASH}\d)",
        grade("nz.bankaccount", 0.5, 0.95),
        context=("account", "bank"),
        reference="https://en.wikipedia.org/wiki/New_Zealand_bank_account_number",
    ),
)
