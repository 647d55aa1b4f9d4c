r"""Numbers of German health care: physicians (LANR), places of practice (BSNR), insured persons (KVNR).

Finds: numbers of physicians and of insured persons with the right check digit, alone; numbers of places beside a word.
Leaves alone: wrong check digits, one digit throughout, numbers of orders, shipments and articles.
Check: weights 4 and 9 (LANR), weights 1 and 2 with the letter as two digits and cross sums (KVNR), both modulo 10: one
    of ten random numbers passes, so that other words drop it. A BSNR has none.
Reference: named at each recognizer.
"""

from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers._written import HEAD, OTHER, TAIL, is_filler, plain

_NINE = HEAD + "[0-9]{9}" + TAIL
_TWICE = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""The sum of the digits of twice a digit."""


def is_lanr(number: str) -> bool:
    """True for nine digits of which the seventh is right: with the six before it, times 4 and 9, it makes a ten.

    Reference: https://www.kbv.de/media/sp/Arztnummern_Richtlinie.pdf

    >>> is_lanr("123456601"), is_lanr("123456701")
    (True, False)
    """
    if len(number) != 9 or not number.isdecimal() or is_filler(number):
        return False
    return (4 * sum(map(int, number[0:6:2])) + 9 * sum(map(int, number[1:6:2])) + int(number[6])) % 10 == 0


def is_kvnr(number: str) -> bool:
    """True for a letter and nine digits, the last of which is right.

    Reference: SGB V section 290; https://de.wikipedia.org/wiki/Krankenversichertennummer

    >>> is_kvnr("A123456780"), is_kvnr("A123456781")
    (True, False)
    """
    if len(number) != 10 or not number[1:].isdecimal():
        return False
    digits = f"{ord(number[0]) - 64:02}{number[1:9]}"
    total = sum(map(int, digits[::2])) + sum([_TWICE[int(digit)] for digit in digits[1::2]])
    return total % 10 == int(number[9])


def _lanr(text: str) -> float | bool:
    return 0.36 if text.isascii() and is_lanr(text) else False


def _kvnr(text: str) -> float | bool:
    number = plain(text)
    if not number[:1].isalpha() or is_filler(number[1:]) or not is_kvnr(number):
        return False
    return 0.6 if text.isupper() else 0.4


RECOGNIZERS = (
    Recognizer(
        "DeLanr",
        "DE_LANR",
        (Pattern("nine digits", _NINE, 0.36),),
        context=(
            *("lanr", "arztnummer", "vertragsarzt", "kassenarzt", "hausarzt", "facharzt", "kassenärztlich", "kbv"),
            *("verschreibung", "arzt nr"),
        ),
        country="de",
        check=_lanr,
        against=(*OTHER, "bsnr", "ssn", "passport", "kunden", "customer", "konto", "account"),
        replaces=("DeLanrRecognizer",),
        reference="https://www.kbv.de/media/sp/Arztnummern_Richtlinie.pdf",
    ),
    Recognizer(
        "DeBsnr",
        "DE_BSNR",
        (Pattern("nine digits", _NINE, 0.2),),
        context=("bsnr", "betriebsstätte", "betriebsstaette", "betriebsstättennummer", "praxis", "behandlungsort"),
        country="de",
        check=lambda text: False if is_filler(text) else None,
        replaces=("DeBsnrRecognizer",),
        reference="https://www.kbv.de/media/sp/Arztnummern_Richtlinie.pdf",
    ),
    Recognizer(
        "DeKvnr",
        "DE_HEALTH_INSURANCE",
        (Pattern("a letter and nine digits", f"{HEAD}[A-Z][0-9]{{9}}{TAIL}", 0.5),),
        context=(
            *("kvnr", "krankenkasse", "krankenversicher", "versichertennummer", "gesundheitskarte", "versicherten"),
            *("egk", "barmer"),
        ),
        country="de",
        check=_kvnr,
        against=(*OTHER, "part"),
        replaces=("DeHealthInsuranceRecognizer",),
        reference="https://de.wikipedia.org/wiki/Krankenversichertennummer",
    ),
)
