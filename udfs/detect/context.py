"""Context words: what stands before a match may raise its score, as Presidio's `LemmaContextAwareEnhancer` does it.

The reference is the enhancer with its defaults over a blank English spaCy pipeline whose lemmas are the lower-cased
tokens. (A blank pipeline has no lemmas at all, and Presidio's context words then do nothing, without a word.)
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, chain
from typing import Any

import hyperscan
import spacy
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from spacy.attrs import IS_PUNCT, IS_STOP
from spacy.language import Language

_SURROGATES = re.compile("[\ud800-\udfff]")

_PIECES = re.compile(r"\S+|\A\s+|(?<=\S)[^\S ]\s*|(?<=\S )\s+")
"""What spaCy looks at by itself: text without white space, and white space but for one space behind a text."""
_WITH_COLON = re.compile(r"\S*:\S*")
_NOTHING: AbstractSet[str] = frozenset()
_PIECES_BEFORE = 10
"""Pieces that are split first: as a rule, six keywords are among them."""
_LIKE_A_WORD = re.compile(r"[^\d@/]{1,25}")
_LIKE_A_NUMBER = re.compile(r"[^@/]{1,64}")
_DIGITS = str.maketrans("0123456789", "1111111111")
_DOTS = 2
"""Dots of a piece whose digits do not matter: with three it may be an IP address, which spaCy's URL pattern looks into
(`spacy.lang.tokenizer_exceptions.URL_PATTERN`)."""
_LONGEST = 4096
"""Characters of a piece that is still split. spaCy's time for one grows with its square: 4,096 take 0.1 s, 200,000 two
minutes. A longer piece is one token, and what any part of it could support, it supports: never less than Presidio's."""
_TO_WHITE_SPACE = re.compile(r"\s*\S*")
_DEFAULTS = LemmaContextAwareEnhancer()
BOOST = _DEFAULTS.context_similarity_factor
"""What a context word adds to a score."""
FLOOR = _DEFAULTS.min_score_with_context_similarity
"""The least score of a finding with a context word."""
_MANY = 16
"""Texts from which on it pays to look for words in all of them at once."""
WORDS_BEFORE = _DEFAULTS.context_prefix_count
"""How many keywords before the matched token count as its context."""


@cache
def _pipeline() -> Language:
    return spacy.blank("en")


@contextmanager
def memory_zone() -> Iterator[None]:
    """Frees at its end what spaCy has stored inside it: its vocabulary otherwise keeps every string it saw."""
    with _pipeline().memory_zone():
        yield


def boosted(score: float) -> float:
    """The score of a finding that has a context word, 0 to 1.

    >>> boosted(0.01), boosted(0.5), boosted(0.8)
    (0.4, 0.85, 1.0)
    """
    return min(max(score + BOOST, FLOOR), 1.0)


@dataclass(frozen=True)
class Tokens:
    """A text's tokens.

    Attributes:
        ends: the offset behind each token, in code points, ascending.
        words: each token in lower case.
        keywords: the words that may be context: neither stop words nor punctuation; parts of `a:b` are two.
    """

    ends: Sequence[int]
    words: Sequence[str]
    keywords: AbstractSet[str]

    def before(self, start: int) -> list[str]:
        """The keywords before a match, its own first token among them, nearest first.

        Args:
            start: the first code point of the match.

        Raises:
            ValueError: there is no token at or behind the start.
        """
        index = bisect_right(self.ends, start)
        if index == len(self.ends):
            raise ValueError("no token at the match")
        found: list[str] = []
        while index >= 0 and len(found) <= WORDS_BEFORE:
            if self.words[index] in self.keywords:
                found.append(self.words[index])
            index -= 1
        return found


def tokens(text: str) -> Tokens:
    """Splits a text by spaCy's English rules. A lone surrogate, which spaCy cannot take, counts as U+FFFD.

    spaCy looks at the pieces between white space one by one, and so does this: words come again and again, and are
    kept.

    >>> tokens("My card: 4111").words
    ['my', 'card', ':', '4111']
    """
    ends: list[int] = []
    words: list[str] = []
    keywords: set[str] = set()
    for match in _PIECES.finditer(text if text.isascii() else _SURROGATES.sub("\ufffd", text)):
        piece, start = _split(match.group()), match.start()
        ends += [start + end for end in piece.ends]
        words += piece.words
        keywords |= piece.keywords
    return Tokens(ends, words, keywords)


def nearest(text: str, start: int) -> list[str]:
    """The keywords before a match, its own first token among them, nearest first: `tokens(text).before(start)`.

    Only the pieces before the match are split, and those with a colon: parts of these are keywords wherever they stand.

    Args:
        text: the text.
        start: the first code point of the match.

    Raises:
        ValueError: there is no token at or behind the start.

    >>> nearest("please charge my old card 4111 1111 1111 1111 today", 26)
    ['4111', 'card', 'old', 'charge']
    """
    end = end_of_piece(text, start)
    spread: AbstractSet[str] = _NOTHING
    if ":" in text:
        spread = frozenset().union(*(tokens(piece).keywords for piece in _WITH_COLON.findall(text)))
    pieces = _PIECES_BEFORE
    while True:
        cut = _cut(text, start, pieces)
        near = tokens(text[cut:end])
        if spread:
            near = Tokens(near.ends, near.words, near.keywords | spread)
        found = near.before(start - cut)
        if cut == 0 or len(found) > WORDS_BEFORE:
            return found
        pieces *= 4


def _cut(text: str, start: int, pieces: int) -> int:
    """Where a piece begins that has at least so many pieces between it and the start; 0 where there is none."""
    cut = start
    for _ in range(pieces):
        cut = text.rfind(" ", 0, max(cut - 1, 0))
        if cut <= 0:
            return 0
    while cut > 0 and not (text[cut - 1].isspace() and not text[cut].isspace()):
        cut -= 1
    return cut


def _piece(text: str) -> Tokens:
    if len(text) > _LONGEST:
        return Tokens([len(text)], [text.lower()], frozenset([text.lower()]))
    nlp = _pipeline()
    found = list(nlp.tokenizer(text))
    words = [token.text.lower() for token in found]
    return Tokens([token.idx + len(token) for token in found], words, frozenset(_keywords(words, nlp)))


def _split(text: str) -> Tokens:
    """The tokens of a piece: words are remembered, and so is how pieces with digits are split, the digits left out.

    spaCy takes 20 to 60 us for a piece that it has not seen.
    """
    if _LIKE_A_WORD.fullmatch(text):
        return _word(text)
    shape = text.translate(_DIGITS)
    special = _exceptions().search
    if not _LIKE_A_NUMBER.fullmatch(text) or text.count(".") > _DOTS or special(text) or special(shape):
        return _piece(text)
    ends, are_keywords = _shape(shape)
    lowered = text.lower()
    if len(lowered) != len(text):
        return _piece(text)
    words = [lowered[low:high] for low, high in zip((0, *ends), ends, strict=False)]
    spread = (word.split(":") for word, is_keyword in zip(words, are_keywords, strict=True) if is_keyword)
    return Tokens(ends, words, frozenset(chain.from_iterable(spread)))


@lru_cache(maxsize=1 << 14)
def _shape(text: str) -> tuple[Sequence[int], Sequence[bool]]:
    """Where the tokens of a piece end, and which of them are keywords."""
    found = _piece(text)
    return found.ends, [found.keywords >= set(word.split(":")) for word in found.words]


@cache
def _exceptions() -> re.Pattern[str]:
    """What spaCy splits by a rule of its own for these very digits: `10am`, `8-)`."""
    rules = (key for key in _pipeline().tokenizer.rules if any(c.isdigit() for c in key))
    return re.compile("|".join(sorted(map(re.escape, rules))), re.IGNORECASE)


_word = lru_cache(maxsize=1 << 16)(_piece)
"""Remembers words. What has digits or is an address hardly comes twice, and may be what is looked for."""


def _keywords(words: Iterable[str], nlp: Language) -> Iterator[str]:
    getters = nlp.vocab.lex_attr_getters
    is_stop, is_punct = getters[IS_STOP], getters[IS_PUNCT]
    for word in words:
        if not is_stop(word) and not is_punct(word) and word != "be":
            yield from word.split(":")


def end_of_piece(text: str, start: int) -> int:
    """An offset that the token at the start does not reach beyond: tokens end where white space begins.

    >>> end_of_piece("my card 4111", 3)
    7
    """
    match = _TO_WHITE_SPACE.match(text, start)
    return match.end() if match else len(text)


def _is_odd(lowered: str) -> bool:
    """True for a text whose tokens may be lowered to something else than the text is.

    `str.lower` of a sigma at the end of a token may differ from that of the same sigma inside the text; and a dot
    above may come of a capital I with a dot, so that offsets behind it are other ones.
    """
    return not lowered.isascii() and any(c in lowered for c in "\u03c3\u03c2\u0307")


def earliest_ends(words: Sequence[str], lowered: Sequence[str]) -> list[int | None]:
    """The offset in code points at which the first context word in each text ends, or None without any.

    Many texts cost 0.4 us each, where one alone with 100 words costs 10.

    Args:
        words: context words in lower case.
        lowered: whole texts in lower case. Where a text's tokens may be lowered to something else the answer is 0, as
            if a word stood in front of it.

    >>> earliest_ends(("card", "visa"), ["my visa card", "my", "é cards"])
    [7, None, 6]
    """
    if len(lowered) < _MANY:
        return [0 if _is_odd(text) else _earliest_end(words, text) for text in lowered]
    encoded = [text.encode() for text in lowered]
    starts = list(accumulate((len(text) + 1 for text in encoded), initial=0))
    first: dict[int, int] = {}
    database = _literals(tuple(words))

    def note(_id: int, _start: int, end: int, _flags: int, _context: object) -> None:
        # Hits come in the order of their ends. A word that ends in a text begins in it: no word holds a NUL.
        index = bisect_right(starts, end - 1) - 1
        first.setdefault(index, end - starts[index])

    database.scan(b"\0".join(encoded), match_event_handler=note, scratch=hyperscan.Scratch(database))
    ends: list[int | None] = [None] * len(lowered)
    for index, end in first.items():
        ends[index] = end if lowered[index].isascii() else len(encoded[index][:end].decode())
    return [0 if _is_odd(text) else end for text, end in zip(lowered, ends, strict=True)]


def _earliest_end(words: Sequence[str], lowered: str) -> int | None:
    found = ((lowered.find(word), len(word)) for word in words)
    return min((at + length for at, length in found if at >= 0), default=None)


@lru_cache(maxsize=1 << 11)
def _literals(words: tuple[str, ...]) -> Any:
    """The words for Hyperscan, but for those that hold another one: that one ends before them or with them."""
    fewest = [word for word in words if word and not any(o != word and o and o in word for o in words)]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    expressions = ["".join(f"\\x{byte:02x}" for byte in word.encode()).encode() for word in fewest]
    database.compile(expressions, ids=list(range(len(fewest))), flags=hyperscan.HS_FLAG_DOTALL)
    return database


def supports(words: Sequence[str], keywords: Sequence[str]) -> bool:
    """True when one of the context words is part of one of the keywords.

    >>> supports(["card"], ["creditcard", "paid"])
    True
    """
    return any(word in keyword for word in words for keyword in keywords)
