"""Values in disguise: a text as a person or a program would read it that undoes what hides a value.

A value hides from patterns when its characters are others that look the same, when they are written as codes, when
something unseen or a tag stands between them, when its separators are unusual, or when it is encoded as a whole. Each
of these is undone where it stands, in three layers at most (a JSON document in a string of another, an address that was
percent-encoded twice), which gives one reading of the text; each word in base64 or hex gives one more.

Not undone: encryption, compression, other encodings (base32, base58, yEnc, uuencode, rot13), hex with separators
between the bytes, numbers in words, reversed text, look-alikes such as S for 5 and B for 8, letters parted by spaces,
values parted by line breaks or spread over fields, and groups of digits of sizes that no number has.

See `udfs.detect.unfold.gate` for what has to be in a text to be unfolded at all.
"""

from udfs.detect.unfold.codes import decoded, unquoted, without_markup
from udfs.detect.unfold.edit import Ints, Unfolded, edited, whole
from udfs.detect.unfold.gate import is_suspect
from udfs.detect.unfold.numbers import separated, with_digits
from udfs.detect.unfold.signs import folded, without_lookalikes
from udfs.detect.unfold.tokens import tokens

__all__ = ["Ints", "Unfolded", "unfold"]

_LAYERS = 3
"""Disguises around one another that are undone, in place as well as of encoded words in encoded words."""
_IN_PLACE = (folded, without_markup, decoded, unquoted)
_AT_LAST = (without_lookalikes, with_digits, separated)


def unfold(text: str) -> list[Unfolded]:
    """The readings of a text that differ from it; none for most texts.

    A finding [a, b) in a reading is the span [start[a], end[b - 1]) of the text. Their characters together are at most
    16 times those of the text, and the time is linear in its length.

    Args:
        text: any text.

    >>> [reading.text for reading in unfold("mail jane.doe%40example.com")]
    ['mail jane.doe@example.com']
    >>> unfold("mail jane.doe@example.com")
    []
    """
    if not is_suspect(text):
        return []
    first, *further = _readings(whole(text), _LAYERS)
    return [first, *further] if first.text != text else further


def _readings(reading: Unfolded, depth: int) -> list[Unfolded]:
    """The plain reading, and those of the encoded words in it."""
    plain = _plain(reading)
    found = [plain]
    for token in tokens(plain.text) if depth else ():
        found += _readings(Unfolded(token.text, plain.start[token.start], plain.end[token.end - 1]), depth - 1)
    return found


def _plain(reading: Unfolded) -> Unfolded:
    """The reading with all disguises undone that are undone in place."""
    for _ in range(_LAYERS):
        before = reading.text
        for undo in _IN_PLACE:
            reading = edited(reading, undo(reading.text))
        if reading.text == before:
            break
    for undo in _AT_LAST:
        reading = edited(reading, undo(reading.text))
    return reading
