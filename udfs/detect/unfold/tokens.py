"""Words that are text in base64 or in hex.

Base64 in both alphabets, with or without padding, in lines of 64 or 76 letters too (RFC 4648, sections 4, 5 and 8; RFC
2045, section 6.8; RFC 7468). What they decode to has to be text for the most part, so that hashes, keys, pictures
and names stay what they are.
"""

import base64
import re
from collections.abc import Iterator

import numpy as np

from udfs.detect.unfold.edit import Ints, Unfolded

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _letters(test: int, of: int) -> str:
    """The base64 letters whose six bits are `test` where `of` has bits."""
    return re.escape("".join(letter for value, letter in enumerate(_ALPHABET) if value & of == test))


_SECOND = re.escape("".join(letter for value, letter in enumerate(_ALPHABET) if 2 <= value & 15 < 8))
GROUP = rf"[I-Za-f][{_SECOND}](?:[{_letters(1, 3)}][A-Za-z0-9+/_-]|[{_letters(0, 3)}][g-z0-9+/_-])"
"""Four letters of base64 that are three bytes of ASCII text. The first has six bits 001xxx to 011xxx (a byte from 0x20
to 0x7f begins so), the second has xx001x to xx011x (the second byte's high half is 2 to 7), and the third ends in 01,
or in 00 with a fourth from 100000 on (the third byte is 0x20 to 0x7f)."""
WIDE_SIGN = r"(?:77[y2][A-Za-z0-9+/_-]){3}"
"""Three full-width characters in base64 (U+FF00 to U+FF7F are the bytes EF BC 80 to EF BD BF)."""
HEX_SIGN = r"(?:[2-7][0-9A-Fa-f]){8}|(?:[Ee][Ff][Bb][Cc][89AaBb][0-9A-Fa-f]){3}"
"""Eight bytes of ASCII in hex, or three full-width characters."""

_SIGN = re.compile(f"(?:{GROUP}){{3}}|{WIDE_SIGN}|{HEX_SIGN}")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0[xX])?([0-9A-Fa-f]{16,})(?![0-9A-Za-z])")
"""Hex digits between signs, with the prefix of C if it is there."""
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{15,}(?:(?<=[A-Za-z0-9+/_-]{64})\r?\n[A-Za-z0-9+/_-]+)*"  # lines of 64 or more
)
"""15 letters are the 11 bytes of a social security number. Padding tells nothing, so it is not looked at."""
_URL_SAFE = str.maketrans("-_", "+/")

_PRINTABLE = re.compile(
    rb"(?:[\t\n\r\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+"
)
_SHORTEST, _LONG = 8, 24
"""Bytes of text that count when they are most of a word, and those that count in any word, as in a binary message.
Eight hold a value with hardly a separator; 24 in a row come by chance once in 10^10 places."""


def tokens(text: str) -> Iterator[Unfolded]:
    """The words of a text that are encoded text, decoded.

    >>> [token.text for token in tokens("is amFuZS5kb2VAZXhhbXBsZS5jb20= his?")]
    ['jane.doe@example.com']
    """
    for match in _BASE64.finditer(text):
        word = match.group()
        if _SIGN.search(word):
            inner = list(_of_hex(word, match.start())) or _of_base64(word, match.start())
            yield from inner


def _of_hex(word: str, start: int) -> Iterator[Unfolded]:
    for match in _HEX.finditer(word):
        digits = match[1]
        encoded = bytes.fromhex(digits[: len(digits) & -2])
        begin, end = _text_in(encoded)
        if end:
            first = start + match.start(1) + 2 * np.arange(begin, end, dtype=np.int64)
            yield _reading(encoded[begin:end], first, first + 2)


def _of_base64(word: str, start: int) -> Iterator[Unfolded]:
    """The word's text. It may begin at any letter: a path or a name may stand before it."""
    letters = np.array([at for at, letter in enumerate(word) if letter not in "\r\n"], dtype=np.int64) + start
    plain = word.replace("\r", "").replace("\n", "").translate(_URL_SAFE)
    best: tuple[int, int, int, bytes] = (0, 0, 0, b"")
    for skipped in range(4):
        encoded = _decoded(plain[skipped:])
        begin, end = _text_in(encoded)
        if end - begin > best[1] - best[0]:
            best = begin, end, skipped, encoded
    begin, end, skipped, encoded = best
    if end:
        bits = 8 * np.arange(begin, end, dtype=np.int64)
        yield _reading(encoded[begin:end], letters[skipped + bits // 6], letters[skipped + (bits + 7) // 6] + 1)


def _decoded(letters: str) -> bytes:
    rest = len(letters) % 4
    # One letter more than whole groups is no byte; two or three are one or two.
    return base64.b64decode(letters[:-1] if rest == 1 else letters + "=" * (-rest % 4))


def _text_in(encoded: bytes) -> tuple[int, int]:
    """Where the longest text in the bytes is; (0, 0) when it is too little of them."""
    begin, end = max((run.span() for run in _PRINTABLE.finditer(encoded)), key=lambda s: s[1] - s[0], default=(0, 0))
    enough = end - begin >= _LONG or (end - begin >= _SHORTEST and (end - begin) * 4 >= len(encoded) * 3)
    return (begin, end) if enough else (0, 0)


def _reading(encoded: bytes, start: Ints, end: Ints) -> Unfolded:
    """The bytes as text; each character comes from all its bytes."""
    text = encoded.decode("utf-8", "replace")
    heads = np.flatnonzero((np.frombuffer(encoded, dtype=np.uint8) & 0xC0) != 0x80)
    if len(heads) != len(text):  # surrogates and overlong forms, which look like text and are none
        text, heads = encoded.decode("latin-1"), np.arange(len(encoded))
    tails = np.append(heads[1:], len(encoded)) - 1
    return Unfolded(text, start[heads], end[tails])
