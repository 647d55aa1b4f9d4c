r"""Numbers of bank accounts in the United States, and of the banks that keep them.

Finds: routing numbers, alone or written 4-4-1; account numbers of 8 to 17 digits where a word or the field's name
    speaks for them.
Leaves alone: districts that the Federal Reserve does not have, wrong checksums, dates, placeholders, numbers of orders,
    invoices and shipments.
Check: the weighted sum of a routing number's digits, and its first two. A random number of nine digits passes in one of
    26 cases, so that other words drop it.
Reference: named at each recognizer.
"""

from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers._written import HEAD, OTHER, TAIL, beside, is_date, is_filler, plain

_DISTRICTS = frozenset((*range(13), *range(21, 33), *range(61, 73), 80))
"""Banks, thrifts, electronic numbers and traveler's cheques, twelve districts each; 00 is the government's."""
_WEIGHTS = (3, 7, 1) * 3


def is_routing_number(number: str) -> bool:
    """True for nine digits with a district of the Federal Reserve in front and the right check digit behind.

    Reference: https://en.wikipedia.org/wiki/ABA_routing_transit_number

    >>> is_routing_number("111000025"), is_routing_number("111000026"), is_routing_number("580000108")
    (True, False, False)
    """
    if len(number) != 9 or not number.isdecimal() or int(number[:2]) not in _DISTRICTS or is_filler(number):
        return False
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=True)) % 10 == 0


def _routing(text: str) -> bool | float:
    number = plain(text)
    if not is_routing_number(number):
        return False
    return 0.4 if text == number else 0.65


def _account(text: str) -> bool | None:
    return False if not text.isascii() or is_filler(text) or is_date(text) else None


RECOGNIZERS = (
    Recognizer(
        "UsBankRouting",
        "ABA_ROUTING_NUMBER",
        (Pattern("nine digits", rf"{HEAD}[0-36-8][0-9]{{3}}(?:[0-9]{{5}}|-[0-9]{{4}}-[0-9]){TAIL}", 0.4),),
        context=("aba", "routing", "rtn", "transit", "bank routing", "abarouting"),
        country="us",
        check=_routing,
        against=(*OTHER, "ssn", "social", "npi", "ein", "duns", "passport", "license", "employee", "member", "claim"),
        replaces=("AbaRoutingRecognizer",),
        reference="https://www.aba.com/about-us/routing-number",
    ),
    # An account number in an ACH entry has at most 17 characters.
    Recognizer(
        "UsBankAccount",
        "US_BANK_NUMBER",
        (
            Pattern("8 to 17 digits", rf"{HEAD}[0-9]{{8,17}}{TAIL}", 0.05),
            Pattern(
                "beside its name",
                beside("(?:account|acct)(?:[ _]?(?:number|num|no\\.?))?", "[0-9]{8,17}"),
                0.5,
            ),
        ),
        context=("account", "acct", "bank", "checking", "savings", "debit", "a/c"),
        country="us",
        check=_account,
        replaces=("UsBankRecognizer",),
        reference="https://achdevguide.nacha.org/ach-file-details",
    ),
)
