r"""What recognizers of national identifiers have in common: a table's row becomes a `Recognizer`.

Finds: what a pattern describes, where it stands by itself and its check accepts it.
Leaves alone: parts of longer runs of letters and digits, of hyphenated numbers, decimals, paths and addresses; digits
    of other scripts; one digit over and over, which no register gives out.
Check: the one that a row names, of python-stdnum as a rule.
Reference: https://arthurdejong.org/python-stdnum/
"""

import importlib
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from stdnum import util

from udfs.recognizers._base import Check, Pattern, Recognizer

__all__ = ["AGAINST", "DASH", "GAP", "SEP", "Valid", "compact", "national", "prefixed", "recognizer", "validator"]

GAP = "[ \xa0\u202f]"
"""One space, also one that does not break. Add `?` where it may be absent."""
DASH = "[-\u2010-\u2013]"
"""One hyphen or dash."""
SEP = "[-\u2010-\u2013 \xa0\u202f./]?"
"""At most one separator of any of the usual kinds: a space, dash, dot or slash."""
_ALIKE = dict(zip("АВЕКМНОРСТУХ", "ABEKMHOPCTYX", strict=True))
_PLAIN = str.maketrans(dict.fromkeys("\xa0\u202f", " ") | dict.fromkeys("\u2010\u2011\u2012\u2013", "-") | _ALIKE)
"""Spaces and dashes of other kinds, and Cyrillic letters: some countries take only letters that both scripts have."""
_WORD = r"0-9A-Za-z_\u00c0-\u024f\u0370-\u0dff\u1e00-\u1fff"
"""Letters and digits, but for those of scripts that put no space between a word and a number (Thai, Chinese, ...)."""
_NOTHING = str.maketrans("", "", " -./")
FOUND = 0.35
"""The score from which on a value is found."""
ALONE, AMONG = 0.4, 0.3
"""The scores of a value that one of ten random numbers could be: when it is all of a text, and inside a longer one,
where a word has to speak for it."""
_WEAK, _STRONG = 0.5, 0.69
_UNSURE, _LONG = 0.68, 13
"""The highest score of fewer than 13 digits without punctuation or a word, below what beats other findings."""
_SHORT = 5
"""Letters of a word that is an abbreviation, as a rule."""
BEFORE = rf"(?<![{_WORD}/\\@+%])(?<![{_WORD}][-\u2010-\u2013])(?<!\d\.)"
AFTER = rf"(?![{_WORD}/\\@%])(?![-\u2010-\u2013.][{_WORD}])(?!,\d{{1,2}}(?!\d))"

_OTHER = """
order invoice tracking shipment parcel pallet quantity epoch created updated modified seed offset meter kwh flight
batch serial sku article product catalog ticket voucher coupon receipt
transaction timestamp checksum version build revision barcode upc isbn issn phone mobile fax telefon
bestell rechnung sendung charge artikel auftrag lieferschein seriennummer vorgang
commande facture colis pedido factura envío lote ordine fattura lotto spedizione bestelling factuur pakket
encomenda fatura zamówien faktur przesyłk paczk beställning tilaus lasku objednáv faktúr zásilk rendelés számla
comanda factură поръчка фактура заказ накладн замовлен narudžb račun sipariş παραγγελ τιμολόγ
"""
AGAINST = tuple(_OTHER.split())
"""What numbers are that are no identifiers of a person or a company, in several languages: words or their stems."""


Valid = Callable[[str], bool | float]
"""Says whether a value is valid; a float is the score that it has."""


def compact(text: str) -> str:
    """A value in capitals without spaces, hyphens, dots and slashes.

    >>> compact("756.9217.0769 85")
    '7569217076985'
    """
    return text.translate(_NOTHING).upper()


def clean(number: str, deletechars: str = "") -> str:
    """What `stdnum.util.clean` gives, for ASCII text in 0.3 us instead of 10: that looks every character up.

    Args:
        number: any text.
        deletechars: the characters to leave out.

    >>> clean("123-456:78 9", " -:"), clean("1–2", "") == util.clean("1–2", "")
    ('123456789', True)
    """
    if isinstance(number, str) and number.isascii() and "`" not in number:
        return number.translate(_without(deletechars))
    return str(util.clean(number, deletechars))


@lru_cache(maxsize=64)
def _without(characters: str) -> dict[int, None]:
    return dict.fromkeys(map(ord, characters))


def validator(module: str) -> Callable[[str], bool]:
    """Says of a text whether a module of python-stdnum accepts it. It never raises, and asks no network.

    Args:
        module: the module's name below `stdnum`, e.g. `at.vnr`.

    Raises:
        ImportError: there is no such module.

    >>> validator("at.vnr")("1237 010180"), validator("at.vnr")("1237 010181")
    (True, False)
    """
    loaded = importlib.import_module(f"stdnum.{module}")
    if hasattr(loaded, "clean"):
        setattr(loaded, "clean", clean)  # noqa: B010 (mypy knows no attributes of modules)
    validate = loaded.validate

    def valid(text: str) -> bool:
        try:
            return bool(validate(text))
        except (ValueError, LookupError, TypeError):
            return False

    return valid


def national(
    name: str,
    entity: str,
    country: str,
    pattern: str,
    check: str | Valid,
    score: float = 1.0,
    *,
    printed: float | None = None,
    context: Sequence[str] = (),
    against: Sequence[str] = AGAINST,
    replaces: Sequence[str] = (),
    reference: str = "",
) -> Recognizer:
    """A recognizer of one national identifier.

    Args:
        name: name of the recognizer, e.g. `AtVnr`.
        entity: what it finds, by Presidio's name where Presidio has one, e.g. `AT_VNR`.
        country: ISO 3166-1 alpha-2 code in lower case.
        pattern: the value alone, without look-arounds: where it may begin and end is added.
        check: a module of python-stdnum, as `validator` takes it, or a function that says whether a value is valid, or
            which score it has. It is given ASCII text alone: dashes and spaces of other kinds have become `-` and ` `.
        score: of a valid value, 0 to 1. Below 0.35, a word of the context is needed.
        printed: the same for a value that has a space or punctuation in it; by default that of all values.
        context: words that speak for a value when they stand before it, in lower case, one token each.
        against: words that drop a value below 1.0 when no context word speaks for it.
        replaces: names of Presidio's recognizers that need not run where this one does.
        reference: where the form and the check are published.

    >>> vnr = national("Vnr", "AT_VNR", "at", r"\\d{4} ?\\d{6}", "at.vnr", 0.6)
    >>> [(r.start, r.end) for r in vnr.analyze("1237 010180, 1237 010181", ["AT_VNR"])]
    [(0, 11)]
    """
    valid = validator(check) if isinstance(check, str) else check
    return recognizer(
        name,
        entity,
        f"{BEFORE}(?:{pattern}){AFTER}",
        pattern,
        _scored(valid, score, score if printed is None else printed),
        min(score, FOUND) if isinstance(check, str) else FOUND,
        context=context,
        country=country,
        against=against,
        replaces=replaces,
        reference=reference,
    )


def recognizer(
    name: str, entity: str, inside: str, alone: str, check: Check, least: float = FOUND, **rest: Any
) -> Recognizer:
    """A recognizer whose values of digits alone need a word inside a text, where their check is weak.

    One with a recognizer of Presidio's to replace finds them everywhere, as that one does. Behind an abbreviation that
    the context has in parentheses, or as a short word, a value is certain.

    Args:
        name: name of the recognizer.
        entity: what it finds.
        inside: the pattern of a value inside a text, with what may stand around it.
        alone: the pattern of a value that is the whole text, without.
        check: judges a value. A score up to 0.5 is weak.
        least: the lowest score that counts as weak; below 0.35, such a value needs a word even when it stands alone.
        rest: as in `Recognizer`.

    >>> vnr = recognizer("Vnr", "AT_VNR", r"\\b\\d{9,10}\\b", r"\\d{9,10}", lambda text: 0.4)
    >>> [[r.score for r in vnr.analyze(text, ["AT_VNR"])] for text in ("1237010180", "no 1237010180")]
    [[0.4], [0.3]]
    """
    everywhere = bool(rest.get("replaces"))
    highest = _STRONG if everywhere else _WEAK

    def judged(text: str) -> bool | float | None:
        score = check(text)
        is_plain = text.isdecimal()
        if score and least <= score <= highest and (is_plain or everywhere):
            return None
        return min(score, _UNSURE) if score and is_plain and len(text) < _LONG else score

    patterns = [Pattern(name, inside, ALONE if everywhere else AMONG)]
    if not everywhere and least >= FOUND:
        patterns.append(Pattern(f"{name} alone", rf"\A\s{{0,9}}(?P<value>{alone})\s{{0,9}}\Z", ALONE))
    short = _abbreviations(rest.get("context", ()))
    if short and not entity.endswith("_VAT"):
        patterns.append(Pattern(f"{name} behind its name", _behind(short, alone), 1.0))
    return Recognizer(name, entity, patterns, check=judged, **rest)


def _abbreviations(words: Sequence[str]) -> list[str]:
    """Words of a context in parentheses, and short ones."""
    return [word.strip("()") for word in words if word[0] == "(" or len(word) <= _SHORT]


def _behind(names: Sequence[str], value: str) -> str:
    """A pattern of a value behind an abbreviation: in capitals, or before a sign, as `sin` is a word in Spanish.

    A name of several words is no other word.
    """
    phrases = [re.escape(name) for name in names if " " in name]
    words = [name for name in names if " " not in name]
    small, large = ("|".join(map(re.escape, of)) for of in (words, [word.upper() for word in words]))
    ways = [f"(?-i:{large})", rf"(?:{small})(?=[\"'>]{{0,2}}[ \t]{{0,2}}[:=>])"] if words else []
    name = rf"(?<![^\W_])(?:{'|'.join([*ways, *phrases])})"
    link = r"(?:[ \t]{1,2}(?:is|no\.?|nr\.?|num|number|es|é|est|ist|lautet|was))?"
    sign = r"[\"'>]{0,2}[ \t]{0,2}[:=#>-]{0,2}[ \t]{0,2}[\"'(]{0,2}"
    return f"{name}{link}{sign}(?<![{_WORD}])(?P<value>{value}){AFTER}"


def prefixed(prefix: str, check: str | Valid, bare: float = 0.3) -> Valid:
    """A check of values that may have their country before them, which raises the score to 1.0.

    A prefix apart from its number must be in capitals: `de`, `it`, `no` and `se` are words.

    Args:
        prefix: in capitals, e.g. `DE`, or several of one length with spaces between them.
        check: as in `national`; it is given the value with its prefix.
        bare: the score of a valid value without a prefix, 0 to 1.

    >>> check = prefixed("DE", "de.vat")
    >>> check("DE 136695976"), check("de136695976"), check("de 136695976"), check("136695976"), check("DE 136695977")
    (True, True, 0.3, 0.3, False)
    """
    valid = validator(check) if isinstance(check, str) else check
    prefixes = prefix.split()
    size = len(prefixes[0])

    def judged(text: str) -> bool | float:
        verdict = valid(text)
        if verdict is not True:
            return verdict
        start, glued = text[:size], text[size : size + 1].isalnum()
        return True if (start.upper() if glued else start) in prefixes else bare

    return judged


def _scored(valid: Valid, bare: float, printed: float) -> Check:
    def check(text: str) -> bool | float:
        plain = text if text.isascii() else text.translate(_PLAIN)
        if not plain.isascii() or not plain.strip(plain[:1]):
            return False
        verdict = valid(plain)
        if verdict is not True:
            return verdict
        return bare if plain.isalnum() else printed

    return check
