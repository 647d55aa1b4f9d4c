r"""Telephone numbers of South Africa, of mobile and of other lines.

Finds: numbers dialled at home, `082 123 4567`, and from abroad, `+27 21 123 4567`, with spaces, dots, dashes or
    brackets.
Leaves alone: numbers that the numbering plan does not have, other countries' numbers, parts of longer numbers.
Check: the numbering plan as `phonenumbers` has it, which also tells mobile lines from others.
Reference: https://www.itu.int/oth/T02020000C1/en
"""

from collections.abc import Callable

import phonenumbers

from udfs.recognizers._base import Check, Pattern, Recognizer
from udfs.recognizers._ids import AGAINST
from udfs.recognizers._written import HEAD, TAIL

_SCORE = 0.4
"""As Presidio's: digits that the plan has may still be something else."""
_GAP = "[ .\xa0-]?"
_MOBILE = phonenumbers.PhoneNumberType.MOBILE
_WORDS = ("phone", "telephone", "mobile", "contact", "whatsapp", "landline", "selfoon", "telefoon", "fax")


def _is_line(kind: Callable[[int], bool]) -> Check:
    def check(text: str) -> float | bool:
        try:
            number = phonenumbers.parse(text, "ZA")
        except phonenumbers.NumberParseException:
            return False
        valid = number.country_code == 27 and phonenumbers.is_valid_number(number)
        return _SCORE if valid and kind(phonenumbers.number_type(number)) else False

    return check


def _written(first: str) -> str:
    """Numbers of nine digits behind the zero or the country's code, of which the first two are given."""
    abroad = rf"(?:\+|00)27{_GAP}(?:\(0\){_GAP})?(?:{first})"
    parts = rf"(?:{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}|[0-9]{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}})"
    return rf"{HEAD}(?:{abroad}|\(0(?:{first})\)|0(?:{first})){parts}{TAIL}"


def _recognizer(name: str, entity: str, first: str, kind: Callable[[int], bool], replaces: str) -> Recognizer:
    return Recognizer(
        name,
        entity,
        (Pattern("written", _written(first), _SCORE),),
        context=_WORDS,
        country="za",
        check=_is_line(kind),
        against=tuple(word for word in AGAINST if word not in ("phone", "mobile", "fax", "telefon")),
        replaces=(replaces,),
        reference="https://www.itu.int/oth/T02020000C1/en",
    )


RECOGNIZERS = (
    _recognizer("ZaMobile", "ZA_MOBILE_NUMBER", "[678][0-9]", lambda k: k == _MOBILE, "ZaMobileNumberRecognizer"),
    _recognizer(
        "ZaTelephone", "ZA_TELEPHONE_NUMBER", "[1-589][0-9]", lambda k: k != _MOBILE, "ZaTelephoneNumberRecognizer"
    ),
)
