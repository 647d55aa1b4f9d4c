r"""Numbers of payment cards.

Finds: the primary account numbers of the card schemes, 12 to 19 digits, in one run or in the groups in which they are
    printed, with one separator: space, hyphen, dot, dash.
Leaves alone: numbers outside of the schemes' ranges or lengths (times since 1970, IMEIs, ICCIDs, most order numbers),
    and parts of longer numbers, decimals, UUIDs.
Check: the issuer's range, its lengths, the Luhn digit.
Reference: ISO/IEC 7812-1:2017, annex B (Luhn); the ranges as named at `SCHEMES`.
"""

from udfs.recognizers._base import Pattern, Recognizer

SCHEMES = """
Visa 4 13,16,19
Mastercard 51-55,2221-2720 16
AmericanExpress 34,37 15
DinersClub 300-305,3095,36,38-39 14,16-19
Discover 6011,644-649,65 16-19
JCB 3528-3589 16-19
JCB 3088,3096,3112,3158,3337 16
JCB 2131,1800 15
UnionPay 62,8100-8171 16-19
Maestro 5018,5020,5038,5612,5893,6304,6390,6759,6761-6763,6799,6706,6709,6771 12-19
Switch 4903,4905,4911,4936,564182,633110,6333,6334,6767 16,18,19
Dankort 5019 16
Bancontact 6703 16,17
Bankcard 5610,560221-560225 16
Mir 2200-2204 16-19
Borica 2205 16
RuPay 508,606985-607984,608001-608500,652150-653149,817200-819999,82,353,356 16
Troy 9792,65 16
Elo 401178,401179,431274,438935,451416,457393,457631,457632,504175,506699-506778,509000-509999,627780,636297,636368 16
Elo 650031-650033,650035-650051,650405-650439,650485-650538,650541-650598,650700-650718,650720-650727 16
Elo 650901-650978,651652-651679,655000-655019,655021-655058 16
Hipercard 606282,384100,384140,384160 16,19
Aura 50 16
Verve 506099-506198,507865-507964,650002-650027 16,18,19
Naranja 589562 16
Cabal 604201-604219,604300-604400,589657,650087 16
Carnet 286900,502275,606333,627535,636318,636379,639388,639484,639559,506199-506499 16
Meeza 5078 16
Mada 588845-588851,604906,605141,636120,968201-968211 16
InstaPayment 637-639 16
InterPayment 636 16-19
LankaPay 357111 16
UzCard 8600,5614 16
Humo 9860 16
Belkart 9112 16
DinaCard 9891 16
Napas 9704 16,19
GPN 1946 16
NPS 6054740-6054744 16
UkrCard 60400100-60420099 16-19
"""
"""Scheme, first digits, lengths. `-` joins the ends of a range.

Sources: Mastercard, "2-series BIN" (2221 to 2720) and "Transaction Processing Rules" (Maestro); Discover Network, "IIN
bulletin 8.2" (Diners Club, JCB, UnionPay among its ranges); "Payment card number" in Wikipedia, table of issuer
identification numbers; https://github.com/braintree/credit-card-type (Elo, Hipercard, Verve, Mir).
"""

_DOUBTFUL = 0.6
"""Where one number of ten fits: the Luhn digit alone speaks, or there are other numbers of this form."""
_UNNAMED = {"50": range(16, 20), "56": range(16, 20), "57": range(16, 20), "58": range(16, 20), "6": range(16, 20)}
"""The rest of what Mastercard keeps for Maestro; hardly any of it is in use."""
_UATP = 0.3
"""Universal Air Travel Plan has all numbers of 15 digits that begin with 1: only beside a word."""


def _spread(part: str) -> list[str]:
    """Every number of a range, as text: `51-53` is 51, 52, 53."""
    low, _, high = part.partition("-")
    return [str(number) for number in range(int(low), int(high or low) + 1)]


def _table() -> dict[str, frozenset[int]]:
    """The lengths that each beginning has."""
    table: dict[str, frozenset[int]] = {}
    for line in SCHEMES.split("\n")[1:-1]:
        _, begins, sizes = line.split()
        lengths = frozenset(int(size) for part in sizes.split(",") for size in _spread(part))
        for begin in (begin for part in begins.split(",") for begin in _spread(part)):
            table[begin] = table.get(begin, frozenset()) | lengths
    return table


_LENGTHS = _table()
_SIZES = sorted({len(begin) for begin in _LENGTHS})
_DOUBLED = str.maketrans("0123456789", "0246813579")
"""Twice a digit, the digits of the product added."""
_VALUES = {digit: int(digit) for digit in "0123456789"}
_SEPARATORS = dict.fromkeys(map(ord, " -.\u00a0\u2009\u202f\u2010\u2011\u2012\u2013\u2014"))


def luhn(digits: str) -> bool:
    """True when the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).

    >>> luhn("79927398713"), luhn("79927398710")
    (True, False)
    """
    return sum(map(_VALUES.__getitem__, digits[-1::-2] + digits[-2::-2].translate(_DOUBLED))) % 10 == 0


def _belongs(digits: str) -> bool:
    """True when a scheme has numbers that begin like this and are as long."""
    size = len(digits)
    return any(size in _LENGTHS.get(digits[:first], ()) for first in _SIZES)


def _check(text: str) -> bool | float:
    digits = text.translate(_SEPARATORS)
    if not luhn(digits):
        return False
    size = len(digits)
    if _belongs(digits):
        # Barcodes have 13 digits, and many ids 17 or 18.
        return True if size not in (13, 17, 18) or size < len(text) else _DOUBTFUL
    if digits[0] == "1" and size == 15:
        return _UATP
    return _DOUBTFUL if any(size in _UNNAMED.get(digits[:first], ()) for first in (1, 2)) else False


_BEGIN = r"(?<![0-9A-Za-z_])(?<![0-9][.:\-\u2013])(?<![0-9A-Fa-f]{4}-)"
_END = r"(?![0-9A-Za-z_]|[.\-\u2013][0-9])"
_FIRST = r"(?:[3-6][0-9]|2[1-8]|1[89]|8[126]|9[16-8])"
"""The first two digits of all schemes; what cannot be a card is not looked at, a year before a card for instance."""
_BETWEEN = r" ?[-\u2010-\u2014] ?|[ .\u00a0\u2009\u202f]"

RECOGNIZERS = (
    Recognizer(
        "CreditCard",
        "CREDIT_CARD",
        (
            Pattern(
                "card numbers",
                rf"{_BEGIN}(?:{_FIRST}[0-9]{{10,17}}|1[0-9]{{14}}"
                # 16 digits in fours and what has fewer, 4-6-5 and 4-6-4, UATP's 4-5-6
                rf"|{_FIRST}[0-9]{{2}}(?P<s>{_BETWEEN})(?:[0-9]{{4}}(?P=s)(?:[0-9]{{4}}(?P=s)[0-9]{{1,4}}|[0-9]{{4,5}})"
                rf"|[0-9]{{6}}(?P=s)[0-9]{{4,5}})"
                rf"|1[0-9]{{3}}[ -][0-9]{{5}}[ -][0-9]{{6}}|{_FIRST}[0-9]{{4}}[ -][0-9]{{10,13}}){_END}",
                _DOUBTFUL,
            ),
            Pattern(
                "card numbers of more than 16 digits, in groups",
                rf"{_BEGIN}{_FIRST}[0-9]{{2}}(?P<s>{_BETWEEN})(?:[0-9]{{4}}(?P=s)){{3}}[0-9]{{1,3}}{_END}",
                _DOUBTFUL,
            ),
        ),
        context=(
            "card",
            "credit",
            "debit",
            "visa",
            "mastercard",
            "amex",
            "american express",
            "discover",
            "jcb",
            "diners",
            "maestro",
            "unionpay",
            "rupay",
            "uatp",
        ),
        check=_check,
        against=(
            "order",
            "invoice",
            "tracking",
            "batch",
            "serial",
            "sku",
            "ref",
            "ean",
            "gtin",
            "barcode",
            "imei",
            "iccid",
            "timestamp",
            "ticket",
            "parcel",
            "shipment",
            "snowflake",
        ),
        replaces=("CreditCardRecognizer",),
        reference="https://www.iso.org/standard/70484.html",
    ),
)
