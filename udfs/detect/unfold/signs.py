"""What characters beyond ASCII stand for, where they stand in the place of ASCII ones.

Four kinds are read as ASCII: digits of other scripts and compatibility forms (full-width, mathematical, circled: NFKC,
Unicode Standard Annex 15), dashes and spaces of other widths, look-alike letters in words that mix scripts
(confusables, Unicode Technical Standard 39, section 4), and what shows nothing or only decorates what stands before it
(format characters, variation selectors, combining marks; Unicode Technical Report 36, section 2).
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from udfs.detect.unfold.edit import Edit

UNSEEN_FORMATS = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u3164\uffa0"
"""Characters that show nothing and have categories of other kinds, or lie apart (Default_Ignorable_Code_Point in the
Unicode Character Database, DerivedCoreProperties.txt), and the soft hyphen."""
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u02d7\u2796\ufe58\ufe63\uff0d"
"""Dashes that are taken for a hyphen: those of category Pd, and the minus signs."""
DOTS = "\u3002\uff0e\uff61\u2024\ufe52"
"""Full stops that stand in domain names for a dot (Unicode Technical Standard 46, section 2.3), and a leader."""

# Letters that are drawn like another one in most fonts, alone and in a word, from the scripts that are used for this
# most (UTS 39 lists all). Letters that only resemble one another are left out, such as Cyrillic к and в.
_LOOKALIKES = (
    "аa сc ԁd еe һh іi јj ӏl оo рp ԛq ѕs ԝw хx уy",  # Cyrillic small letters
    "АA ВB СC ЕE ԌG НH ІI ЈJ КK МM ОO РP ԚQ ЅS ТT ԜW ХX УY",  # Cyrillic capitals
    "ΑA ΒB ΕE ΗH ΙI ͿJ ΚK ΜM ΝN ΟO ΡP ΤT ΧX ΥY ΖZ ϹC",  # Greek capitals
    "αa ϲc ιi ϳj οo ρp νv",  # Greek small letters
    "օo ոn սu հh ցg քf ՕO ՍU",  # Armenian letters
    "ɑa ɡg",  # letters of the phonetic alphabet; ı is an ordinary one of Turkish
)
CONFUSABLES = {pair[0]: pair[1] for row in _LOOKALIKES for pair in row.split()}
"""What each look-alike is read as."""
ROUND = "ОоΟοՕօ"
"""Letters that look like a zero: among digits they are no word of another script."""
TALL = "ІӏΙ"
"""Letters that look like a one."""

INVISIBLE, MARK, READ, WEAK, GAP, DOT = "invisible", "mark", "read", "weak", "gap", "dot"
"""Kinds of characters: not seen; drawn over the one before; a digit or letter in another form; such a one that
ordinary text has too (superscripts); a space or a dash; a full stop."""


class Sign(NamedTuple):
    """What a character stands for.

    Attributes:
        kind: one of the kinds above, or "" for a character that stands for itself.
        text: what it is read as.
    """

    kind: str
    text: str


_ITSELF = Sign("", "")
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that are seen: they stand over the numbers that follow (Unicode Standard, section 9.2)."""


def sign(char: str) -> Sign:
    """What a character beyond ASCII stands for.

    >>> sign("４"), sign("\\u200b").kind, sign("–"), sign("é").kind
    (Sign(kind='read', text='4'), 'invisible', Sign(kind='gap', text='-'), '')
    """
    category = unicodedata.category(char)
    if char in UNSEEN_FORMATS or 0xFE00 <= ord(char) <= 0xFE0F or 0xE0000 <= ord(char) <= 0xE0FFF:
        return Sign(INVISIBLE, "")
    if category == "Cf":
        return _ITSELF if char in _VISIBLE_FORMATS else Sign(INVISIBLE, "")
    if category in ("Mn", "Me") and unicodedata.name(char, "").startswith("COMBINING "):
        return Sign(MARK, "")
    if char in DOTS:
        return Sign(DOT, ".")
    if char in DASHES:
        return Sign(GAP, "-")
    if category == "Zs":
        return Sign(GAP, " ")
    return _compatible(char, category)


def _compatible(char: str, category: str) -> Sign:
    """Digits, and the forms whose NFKC is ASCII."""
    digit = unicodedata.digit(char, None)
    plain = str(digit) if digit is not None else unicodedata.normalize("NFKC", char)
    ligature = "\ufb00" <= char <= "\ufb06"
    if not plain.isascii() or char in "ªº" or not (len(plain) == 1 or ligature):
        return _ITSELF
    if unicodedata.decomposition(char).startswith(("<super>", "<sub>")):
        return Sign(WEAK, plain)
    return Sign(READ if plain.isalnum() or plain == "@" else WEAK, plain)


class _Signs(dict[str, Sign]):
    """Every character's sign, worked out when it is first seen. There are no more than there are characters."""

    def __missing__(self, char: str) -> Sign:
        self[char] = found = sign(char)
        return found


_SIGNS = _Signs()
# Letters that stand for themselves: Latin, Greek and Cyrillic letters, Japanese, Chinese and Korean ones.
_HIGH = re.compile(
    r"[^\x00-\x7f\u00c0-\u02af\u0370-\u0482\u048a-\u058f\u3041-\u3096\u30a1-\u30fb\u3400-\u9fff\uac00-\ud7ff]+"
)


def folded(text: str) -> list[Edit]:
    """Edits that put ASCII in the place of the forms of it, and take away what is not seen.

    A mark over a letter makes one letter with it where Unicode has that letter; over other ASCII it is taken away.

    >>> folded("４\\u200b1")
    [(0, 1, '4'), (1, 2, '')]
    """
    edits: list[Edit] = []
    if text.isascii():
        return edits
    for run in _HIGH.finditer(text):
        at, end = run.span()
        while at < end:
            kind, plain = _SIGNS[text[at]]
            if kind == MARK:
                at = _unmarked(text, at, edits)
                continue
            if kind:
                edits.append((at, at + 1, plain))
            at += 1
    return edits


def _unmarked(text: str, at: int, edits: list[Edit]) -> int:
    """Takes the marks that begin here to the ASCII character that they stand over. Returns where they end."""
    end = at + 1
    while end < len(text) and not text[end].isascii() and _SIGNS[text[end]].kind in (MARK, INVISIBLE):
        end += 1
    kept, begin = len(edits), at
    while kept and edits[kept - 1][1] == begin and not edits[kept - 1][2]:
        kept -= 1
        begin = edits[kept][0]
    if kept and edits[kept - 1][1] == begin:
        kept -= 1
        begin, _, base = edits[kept]
    else:
        begin, base = max(begin - 1, 0), text[max(begin - 1, 0) : begin]
    if len(base) == 1 and base.isascii() and not base.isspace():
        edits[kept:] = [(begin, end, _composed(base, text[at:end]))]
    return end


def _composed(base: str, marks: str) -> str:
    """One letter for both, if there is one. No letter has more than three marks (Unicode 15, NFC)."""
    composed = unicodedata.normalize("NFC", base + marks) if len(marks) <= 3 else ""
    return composed if len(composed) == 1 else base


_ALIKE = re.compile(f"[{''.join(CONFUSABLES)}]")
_WORD = re.compile(r"[\w@.+-]+")
_FOREIGN = re.compile(r"[^\W\d_\x00-\x7f\u00c0-\u024f]")
_LATIN = re.compile(r"[A-Za-z]")
_AMONG_DIGITS = re.compile(rf"(?<=[0-9])[{ROUND}{TALL}]|[{ROUND}{TALL}](?=[0-9])")


def without_lookalikes(text: str) -> list[Edit]:
    """Edits that put Latin letters in the place of those that look like them.

    Only in words with Latin letters in them in which every other letter is a look-alike, and among digits: a text in
    Cyrillic or Greek is no disguise, and neither is a Latin name with a Russian ending.

    >>> without_lookalikes("j\u0430ne, \u043f\u0430\u0440\u0430, iPhone-\u043e\u043c")
    [(1, 2, 'a')]
    """
    if text.isascii() or not _ALIKE.search(text):
        return []
    return [edit for word in _WORD.finditer(text) for edit in _latin(word.group(), word.start())]


def _latin(word: str, start: int) -> Iterator[Edit]:
    if word.isascii():
        return
    letters = [match.start() for match in _FOREIGN.finditer(word)]
    if not _LATIN.search(word):
        letters = [match.start() for match in _AMONG_DIGITS.finditer(word)]
    elif not all(word[at] in CONFUSABLES for at in letters):
        return
    for at in letters:
        yield start + at, start + at + 1, CONFUSABLES[word[at]]
