r"""How numbers of the United States, the United Kingdom and their documents are written, for recognizers of them.

Finds: nothing by itself; it names what the recognizers share.
Leaves alone: parts of longer runs of letters and digits, of hyphenated numbers, decimals, paths and addresses.
Check: none.
Reference: none.
"""

from datetime import date

from udfs.recognizers._ids import AFTER, AGAINST, DASH, GAP

__all__ = ["GLUE", "HEAD", "OTHER", "TAIL", "before", "beside", "glued", "is_date", "is_filler", "plain", "separators"]

HEAD = r"(?<![\w/\\@+&?%-])(?<!\d[.,])"
"""What may not stand before a number. Unlike in `_ids` an equals sign may: `ssn=…` is the usual form in logs."""
TAIL = AFTER
"""What may not stand behind a number."""
GLUE = f"(?:{DASH}|{GAP}|[.])"
"""One separator: a dash, a space or a dot."""
OTHER = (*AGAINST, "zip", "extension", "reference", "item", "model", "asset", "device", "epoch", "created", "updated")
"""What numbers are that are no identifiers of a person."""

_DASHES = str.maketrans(dict.fromkeys("\xa0\u202f", " ") | dict.fromkeys("\u2010\u2011\u2012\u2013", "-"))
_NONE = str.maketrans("", "", "-. /\xa0\u202f\u2010\u2011\u2012\u2013")


def beside(names: str, value: str) -> str:
    """A pattern of a value that stands right beside its name: `ssn:078051121`, `"ssn": "078051121"`, `SSN-078-05-1121`.

    The words before a match do not tell what is written in one piece with it.

    Args:
        names: alternatives, as a regular expression.
        value: what the group `value` holds.

    >>> import regex
    >>> regex.search(beside("ssn", "[0-9]{9}"), '{"ssn":"078051121"}')["value"]
    '078051121'
    """
    gap = r"[ \t]{0,2}"
    return rf"(?<![^\W_])(?:{names})[\"']?{gap}[:=#-]{{1,2}}{gap}[\"']?(?P<value>{value}){TAIL}"


def glued(names: str, value: str) -> str:
    """As `beside`, for a colon without a space alone: there, the name is no word before the match.

    >>> import regex
    >>> regex.search(glued("ssn", "[0-9]{9}"), '{"ssn":"078051121"}')["value"], regex.search(glued("a", "1"), "a: 1")
    ('078051121', None)
    """
    return rf"(?<![^\W_])(?:{names})[\"']?:[\"']?(?P<value>{value}){TAIL}"


def before(names: str, value: str) -> str:
    """A pattern of a value that stands before its name: `T12345678 is my passport`, `T12345678 (passport)`.

    Args:
        names: alternatives, as a regular expression.
        value: what the group `value` holds.

    >>> import regex
    >>> regex.search(before("passport", "T[0-9]{8}"), "T12345678 is her South African passport")["value"]
    'T12345678'
    """
    link = r"(?:\(|(?:is|was|as|ist|als|war|est|es|è|como|come|comme)\b)[^.,;:!?\d\n]{0,24}?(?<![^\W_])"
    return rf"{HEAD}(?P<value>{value}){TAIL}(?=[\"')]?[ \t]{{1,2}}{link}(?:{names}))"


def plain(text: str) -> str:
    """A number without its separators, in upper case; nothing where it has characters of other scripts.

    >>> plain("ab\u00a012\u201334 56.c"), plain("\u0661\u0662")
    ('AB123456C', '')
    """
    bare = text if text.isalnum() else text.translate(_NONE)
    return bare.upper() if bare.isascii() and bare.isalnum() else ""


def separators(text: str) -> str:
    """What separates the parts of a number, one after the other; every dash is `-`, every space is one.

    >>> separators("078\u201305-1121"), separators("078051121")
    ('--', '')
    """
    return "" if text.isalnum() else "".join([c for c in text.translate(_DASHES) if not c.isalnum()])


def is_filler(number: str) -> bool:
    """True for a number of one digit alone, as `000000000`: a placeholder.

    >>> is_filler("999999999"), is_filler("999999998")
    (True, False)
    """
    return len(set(number)) == 1


def is_date(number: str) -> bool:
    """True for eight digits that are a day of 1900 to 2099, as ISO 8601 writes it without hyphens.

    >>> is_date("20240229"), is_date("20230229"), is_date("12345678")
    (True, False, False)
    """
    if len(number) != 8 or number[:2] not in ("19", "20") or not number.isdecimal():
        return False
    try:
        date(int(number[:4]), int(number[4:6]), int(number[6:]))
    except ValueError:
        return False
    return True
