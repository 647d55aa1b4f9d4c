r"""The numbers of Acme's loyalty cards.

Finds: `AC`, ten digits and two check digits, together or in groups of four, as `AC12 3456 7890 92`.
Leaves alone: wrong check digits, parts of longer numbers and words.
Check: ISO/IEC 7064, MOD 97-10: the digits are a number that leaves 1 when it is divided by 97. One of 97 random
    numbers passes.
Reference: ISO/IEC 7064:2003; Acme and its cards are made up.
"""

from udfs.recognizers import Pattern, Recognizer


def is_card(text: str) -> bool:
    """True for a number with the right check digits.

    >>> is_card("AC12 3456 7890 92"), is_card("AC12 3456 7890 93")
    (True, False)
    """
    digits = "".join(char for char in text if char in "0123456789")
    return len(digits) == 12 and int(digits) % 97 == 1


RECOGNIZERS = (
    Recognizer(
        "AcmeLoyaltyCard",
        "ACME_LOYALTY_CARD",
        (Pattern("with check digits", r"(?<![\w-])AC(?:[0-9]{12}|[0-9]{2} [0-9]{4} [0-9]{4} [0-9]{2})(?![\w-])", 0.5),),
        context=("loyalty", "acme", "card"),
        check=is_card,
        reference="https://www.iso.org/standard/31531.html",
    ),
)
