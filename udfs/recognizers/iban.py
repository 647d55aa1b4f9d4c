r"""International bank account numbers.

Finds: IBANs of every country that has them, in capitals or small letters, in one run, in groups of four or in the
    country's own groups, with spaces, hyphens or dots, also glued to the word IBAN.
Leaves alone: what has another length, other places for letters and digits, or a wrong check number.
Check: the country's form, and the remainder by 97. Check digits inside of the account number differ from bank to bank,
    and the registry's own examples do not all have them; they are not looked at.
Reference: ISO 13616-1:2020; ISO/IEC 7064 (MOD 97-10); the countries as named at `COUNTRIES`.
"""

import re
from collections import defaultdict

from udfs.recognizers._base import Pattern, Recognizer

COUNTRIES = """
AD 8n12c AE 19n AL 8n16c AT 16n AZ 4a20c BA 16n BE 12n BG 4a6n8c BH 4a14c BI 23n BR 23n1a1c BY 4c4n16c CH 5n12c CR 18n
CY 8n16c CZ 20n DE 18n DJ 23n DK 14n DO 4c20n EE 16n EG 25n ES 20n FI 14n FK 2a12n FO 14n FR 10n11c2n GB 4a14n GE 2a16n
GI 4a15c GL 14n GR 7n16c GT 24c HN 4a20n HR 17n HU 24n IE 4a14n IL 19n IQ 4a15n IS 22n IT 1a10n12c JO 4a4n18c KW 4a22c
KZ 3n13c LB 4n20c LC 4a24c LI 5n12c LT 16n LU 3n13c LV 4a13c LY 21n MC 10n11c2n MD 20c ME 18n MK 3n10c2n MN 16n MR 23n
MT 4a5n18c MU 4a19n3a NI 4a20n NL 4a10n NO 11n OM 3n16c PK 4a16c PL 24n PS 4a21c PT 21n QA 4a21c RO 4a16c RS 18n
RU 14n15c SA 2n18c SC 4a20n3a SD 14n SE 20n SI 15n SK 20n SM 1a10n12c SO 19n ST 21n SV 4a20n TL 19n TN 20n TR 6n16c
UA 6n19c VA 18n VG 4a16n XK 16n YE 4a4n18c
AO 21n BF 2c22n BJ 2c22n CF 23n CG 23n CI 2c22n CM 23n CV 21n DZ 22n GA 23n GQ 23n GW 2c19n IR 22n KM 23n MA 24n MG 23n
ML 2c22n MZ 21n NE 2c22n SN 2c22n TD 23n TG 2c22n
"""
"""What follows the check number in each country: `n` digits, `a` letters, `c` either.

Sources: SWIFT, IBAN Registry, release 101, parts 1 and 2; the last two lines are countries that use IBANs without being
in it: https://www.iban.com/structure ("Partial" and "Experimental"), European Committee for Banking Standards, TR201.
"""

_CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}
_PARTS = re.compile(r"(\d+)([nac])")
_SPLIT = COUNTRIES.split()
_FORMS = dict(zip(_SPLIT[::2], _SPLIT[1::2], strict=True))
_FULL = {
    country: re.compile("".join(f"{_CLASSES[kind]}{{{size}}}" for size, kind in _PARTS.findall(form)))
    for country, form in _FORMS.items()
}
_SEPARATORS = dict.fromkeys(map(ord, " -.\u00a0\u2009\u202f\u2010\u2011\u2013"))
_NUMBERS = {ord(letter): str(number) for number, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 10)}
_DOUBTFUL = 0.6
"""Small letters in groups that are nobody's custom: `no 12 ...` may be a number of anything."""


_BETWEEN = r"[ .\-\u00a0\u2009\u202f\u2010\u2011\u2013]?"
_SHORTEST = min(sum(int(size) for size, _ in _PARTS.findall(form)) for form in _FORMS.values())


def _patterns() -> str:
    """All countries of one length in one alternative, so that a match ends where the number ends.

    Any character may stand between: the check knows which, and a class of seven takes twice the time.
    """
    by_length: defaultdict[int, list[str]] = defaultdict(list)
    for country, form in _FORMS.items():
        by_length[sum(int(size) for size, _ in _PARTS.findall(form))].append(country)
    parts = (
        f"(?:{'|'.join(countries)})(?:[^\\w\\0]?\\w){{{length + 2}}}" for length, countries in sorted(by_length.items())
    )
    return "|".join(parts)


def _check(text: str) -> bool | float:
    number = text.translate(_SEPARATORS).upper()
    form = _FULL.get(number[:2])
    if form is None or not form.fullmatch(number, 4):
        return False
    if int((number[4:] + number[:4]).translate(_NUMBERS)) % 97 != 1:
        return False
    return True if text[:2].isupper() or len(text) == len(number) or _is_in_fours(text) else _DOUBTFUL


def _is_in_fours(text: str) -> bool:
    return all(char.isalnum() != (place % 5 == 4) for place, char in enumerate(text))


RECOGNIZERS = (
    Recognizer(
        "Iban",
        "IBAN_CODE",
        (
            Pattern(
                "IBANs",
                # Each country's length stands in the look-ahead, where it costs the scan nothing. Another one before
                # it turns words away: it makes the search of a sentence 12 times as fast.
                rf"(?<![0-9A-Za-z])(?:IBAN)?(?=[A-Z]{{2}}{_BETWEEN}[0-9])(?=(?P<value>{_patterns()})(?![0-9A-Za-z]))"
                rf"[A-Z]{{2}}(?:{_BETWEEN}[0-9]){{2}}(?:{_BETWEEN}[0-9A-Z]){{{_SHORTEST}}}",
                _DOUBTFUL,
            ),
        ),
        context=("iban", "account", "bank", "transfer", "konto", "compte", "cuenta", "conto"),
        check=_check,
        against=("order", "invoice", "tracking", "serial", "sku", "part", "model"),
        replaces=("IbanRecognizer",),
        reference="https://www.swift.com/standards/data-standards/iban-international-bank-account-number",
    ),
)
