"""Which texts may hide a value: a look at the bytes of a whole batch at once.

Most texts hide nothing, so this is what nearly every text pays: one pass of Hyperscan over the batch for expressions
that say what a disguise leaves to see. An ordinary code is none: `%20` between two words, `&amp;`, a line's
end before a word, a tag around one, `é`, a date with dots. Only such codes count as change what a pattern would find
behind or around them. Of a word in base64 or hex nine or eight bytes of ASCII in a row have to be seen, and 15 letters.
"""

import threading
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, groupby
from typing import Any

import hyperscan
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from udfs.detect.unfold.codes import INLINE
from udfs.detect.unfold.edit import Ints
from udfs.detect.unfold.numbers import ODD
from udfs.detect.unfold.signs import DOT, GAP, INVISIBLE, MARK, READ, WEAK, sign
from udfs.detect.unfold.tokens import GROUP, HEX_SIGN, WIDE_SIGN

_FLAGS = hyperscan.HS_FLAG_DOTALL
_BLOCKS = (range(0x80, 0x3400), range(0xA4D0, 0xAC00), range(0xF900, 0x12000), range(0x16A00, 0x20000),
           range(0xE0000, 0xE01F0))  # fmt: skip
"""Where the characters are that `sign` knows. Between them are Chinese characters, Hangul, surrogates, private use and
old scripts."""

_HEX = "[0-9A-Fa-f]"
_VALUE = "(?:[A-Za-z]{0,3}[0-9]|[A-Za-z0-9_-]{12})"
"""How a value begins that needs a word boundary before it: a number, an IBAN, a document's number; a key."""
_ANY = rf"[ \-{ODD}]"
_JOINS = "[A-Za-z0-9@._+-]"
"""What stands beside what is hidden inside a word, an address or a number."""
_TAGS = rf"<(?:/?(?:{INLINE})(?:[ \t\r\n/][^<>]*)?|!--[^<>]*)>(?:<[^<>]*>)*"

# Characters that are written as codes.
_PERCENT = "%(?:2[5BDEbde]|3[0-9]|40|[46][1-9A-Fa-f]|[57][0-9AaFf]|7[Ee])"
"""What nobody needs to encode (RFC 3986, section 2.3), and @, + and %."""
_PERCENT_HIGH = "%(?:[Cc][2CDcd]|[Dd][9BDEFbdef]|[Ee][0-2Ff]|[Ff]0)%"
"""All but Latin, Greek, Cyrillic, Chinese and Korean letters."""
_PERCENT_VALUE = f"%{_HEX}{{2}}{_VALUE}|%u{_HEX}{{4}}|%26(?:%23|[A-Za-z]{{2,20}}%3[Bb])"
_REFERENCE = (
    "&#(?:[xX]0*(?:[013-9A-Fa-f]|2[013-589A-Fa-f])|0*(?:[1245789]|3[0-35-7]|6[1345-9]|39[0-9]|34[0-9]|38[0-9]))"
)
"""References by number but for quotes, < > and &."""
_NAMED = (
    "&(?:commat|period|lowbar|UnderBar|plus|hyphen|dash|percnt|bsol|num|shy|zwj|zwnj|lrm|rlm|af|ic|it"
    "|ApplyFunction|NoBreak|ZeroWidthSpace|Invisible(?:Comma|Times));"
)
"""The names of what an address holds, and of what is not seen."""
_NAMED_INSIDE = "[0-9A-Z] ?&[A-Za-z]{2,20}; ?[0-9]|[0-9] ?&[A-Za-z]{2,20}; ?[A-Z]"
_NAMED_TWICE = "&amp;(?:#|[A-Za-z]{2,20};)"
_ESCAPE = rf"\\(?:u(?:00[2-7]|00[Aa][0Dd]|[dD]835)|u\{{|x[2-7]|U000|[0-7]{{3}}\\[0-7]{{3}}|/[0-9]|[nrtbfv]{_VALUE})"
"""Of ASCII and of mathematical digits; those of a line's end and the like when a value follows."""
_ESCAPE_HIGH = (
    r"\\u(?:03[0-6]|06[6Ff]|0[7-9A-Fa-f]|1[0-9A-Da-d]|20(?:[03-9]|1[0-5]|2[4A-Fa-f])|2[146]|[Aa][6-9Aa]|[Ff][BEFbef])"
)
"""All but Latin, Greek, Cyrillic, Arabic, Chinese and Korean letters, and quotes."""
_QUOTED = r"=[ \t]{0,8}\r?\n\S|=3D|=[0-9A-F]{2}=[0-9A-F]{2}|[0-9]{2}=(?:2[0DE]|3[0-9])[0-9]"
_QUOTED_AT = r"[A-Za-z0-9._+-]=40[A-Za-z0-9-]{1,63}(?:\.|=2E)[A-Za-z]"
"""Quoted-printable, as `codes.QUOTED_SIGN` has it."""
_TAG = rf"(?i){_JOINS}{_TAGS}{_JOINS}"
_TAG_ESCAPED = rf"(?i){_JOINS}&lt;(?:/?(?:{INLINE})(?:&gt;|[ \t\r\n/])|!--)"
_TAG_IN_NUMBER = rf"(?i)[0-9] ?{_TAGS} ?[0-9]"

# Greek, Cyrillic and Armenian letters beside Latin ones, and codes of them.
_SCRIPTS = r"[A-Za-z0-9@](?:[\xce-\xd6]|%(?:[Cc][EFef]|[Dd][0-6])%|\\u0[345])"
_SCRIPTS_BEFORE = r"[\xce-\xd6][\x80-\xbf][A-Za-z0-9@]"
_SCRIPTS_DOT = r"[A-Za-z0-9][._-][\xce-\xd6]"
_SCRIPTS_CODED = rf"%(?:[Cc][EFef]|[Dd][0-6])%{_HEX}{{2}}[A-Za-z0-9@]|\\u0[345]{_HEX}{{2}}[A-Za-z0-9@]"
_LATIN_FORMS = r"[A-Za-z0-9@]\xc9[\x91\xa1]|\xc9[\x91\xa1][A-Za-z0-9@]"

# Groups of digits with an unusual separator, with several, with different ones; digits one at a time.
_GROUPS = ("[0-9]{4}[_.][0-9]{4}", "[0-9]{4}[/:][0-9]{4}")
_GROUPS_MARKED = r"[0-9]{4}[*~+\\][0-9]{4}"
_GROUPS_SHORT = r"[0-9]{3}[_~\\][0-9]{2,3}"
_GROUPS_MIXED = "[0-9]{3}-[0-9]{2}[ .][0-9]{4}|[0-9]{3}[ .][0-9]{2}-[0-9]{4}"
_TWO = rf"(?:[\-{ODD}]{_ANY}{{1,2}}| [\-{ODD}]{_ANY}| {_ANY}[\-{ODD}])"
_DOUBLED = (
    rf"[0-9]{_TWO}(?:[A-Z]|[0-9]{{1,6}}{_ANY}{{1,3}}[0-9A-Z])|[0-9A-Z]{_ANY}{{1,3}}[0-9]{{1,6}}{_TWO}[0-9]"
    rf"|[0-9] [\-{ODD}][0-9A-Z]{{2,6}}{_ANY}"
)
"""With a third group on one side: `3 - 6` and `7: 1` are everywhere."""
_DOUBLED_BLANK = "[0-9]{4} {2,3}[0-9]{4}[^0-9]|[0-9]{6} {2,3}[0-9]{5}|[0-9] {2,3}[0-9A-Z]{4} {1,3}[0-9A-Z]{4}"
_IBAN = f"[0-9][{ODD}][0-9A-Z]{{4}}[{ODD}]"
_ONE_BY_ONE = f"(?:[0-9]{_ANY}{{1,3}}){{6}}"
_LIKE = "[0-9OolI|]"
_LOOKALIKES = (
    f"[0-9][ -]?[OolI|](?:[ -]?{_LIKE}){{3}}",
    f"(?:{_LIKE}[ -]?){{4}}[0-9][ -]?[OolI|][^A-Za-z0-9]",
    f"[OolI|][ -]?[0-9](?:[ -]?{_LIKE}){{4}}",
)
"""A letter next to a digit in a run of both."""


def suspects(texts: pa.StringArray) -> Ints:
    """The texts that may hide something, ascending; more than do, and never less. Null texts never do.

    Args:
        texts: the batch; a slice of a longer array is fine.

    >>> suspects(pa.array(["a%20b", "a%40b", None, "4111\\u200b1111"]))
    array([1, 3])
    """
    if len(texts) == 0:
        return np.empty(0, dtype=np.int64)
    filled = pc.fill_null(texts.cast(pa.large_binary()), b"")
    lengths = pc.binary_length(filled).to_numpy(zero_copy_only=False).astype(np.int64)
    row = pa.LargeListArray.from_arrays([0, len(filled)], filled)
    # A text of n bytes takes n + 1: what stands behind it, as behind the last one, ends a word and is part of no other.
    ends = _ends(pc.binary_join(row, pa.scalar(b"\0", pa.large_binary()))[0].as_py() + b"\0")
    return np.unique(np.searchsorted(np.cumsum(lengths + 1), ends - 1, side="right"))


def is_suspect(text: str) -> bool:
    """Whether one text may hide something."""
    found: list[int] = []

    def note(*_: object) -> bool:
        found.append(1)
        return True

    for database in _databases():
        try:
            database.scan(f"{text}\0".encode("utf-8", "surrogatepass"), match_event_handler=note)
        except hyperscan.ScanTerminated:
            return True
    return bool(found)


def _ends(data: bytes) -> Ints:
    """The offsets behind what the expressions find."""
    found: list[int] = []
    add = found.append

    def note(_expression: int, _start: int, end: int, _flags: int, _context: object) -> None:
        add(end)

    for database in _databases():
        database.scan(data, match_event_handler=note)
    return np.array(found, dtype=np.int64)


_local = threading.local()


def _databases() -> list[Any]:
    """The databases, with a scratch for each thread of its own: two threads can't share one."""
    if not hasattr(_local, "databases"):
        _local.databases = [hyperscan.loadb(dump, hyperscan.HS_MODE_BLOCK) for dump in _compiled()]
        for database in _local.databases:
            database.scratch = hyperscan.Scratch(database)
    databases: list[Any] = _local.databases
    return databases


@lru_cache(maxsize=1)
def _compiled() -> tuple[bytes, ...]:
    """The databases in Hyperscan's own serialized form.

    Which expressions are together is measured: as 7 databases they take a quarter of the time that they take as one,
    because Hyperscan then looks for the rare bytes of each.
    """
    read, gap, unseen, dot = _signs()
    return (
        _dumped(read, gap, dot, _LATIN_FORMS, _REFERENCE, _NAMED, _NAMED_INSIDE, _NAMED_TWICE, _TAG_ESCAPED, _QUOTED_AT,
                _SCRIPTS, _SCRIPTS_CODED, _GROUPS_MARKED),
        _dumped(unseen, _PERCENT, _PERCENT_VALUE, _SCRIPTS_BEFORE),
        _dumped(_ESCAPE, _ESCAPE_HIGH, _TAG_IN_NUMBER, _DOUBLED, _DOUBLED_BLANK, _IBAN, _ONE_BY_ONE),
        _dumped(_QUOTED, _TAG, _PERCENT_HIGH, _SCRIPTS_DOT, _GROUPS_SHORT, _GROUPS_MIXED, WIDE_SIGN),
        _dumped(HEX_SIGN, *_GROUPS),
        _dumped(*_LOOKALIKES),
        _dumped(f"(?:{GROUP}){{3}}"),
    )  # fmt: skip


def _dumped(*expressions: str) -> bytes:
    sources = [expression.encode("latin-1") for expression in expressions]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(sources, ids=list(range(len(sources))), flags=_FLAGS)
    return bytes(hyperscan.dumpb(database))


def _signs() -> tuple[str, str, str, str]:
    """Expressions for digits and letters in other forms, for spaces and dashes, for what is not seen, and for dots."""
    kinds: dict[str, list[str]] = {kind: [] for kind in (INVISIBLE, MARK, READ, WEAK, GAP, DOT, "")}
    for char in map(chr, chain.from_iterable(_BLOCKS)):
        kinds[sign(char).kind].append(char)
    weak, gap = _one_of(filter(str.isdigit, kinds[WEAK])), _one_of(kinds[GAP])
    return (
        f"{_one_of(kinds[READ])}|{weak}{weak}",
        f"[0-9]{{2}} ?{gap}|[A-Z]{gap}[0-9]|[0-9]{gap}[0-9]",
        f"{_JOINS}{_one_of(kinds[INVISIBLE] + kinds[MARK])}",
        f"[A-Za-z0-9]{_one_of(kinds[DOT])}[A-Za-z0-9]",
    )


def _one_of(chars: Iterable[str]) -> str:
    """An expression for the bytes of any of these characters."""
    groups = groupby(sorted(char.encode().decode("latin-1") for char in chars), key=lambda each: each[:-1])
    return "(?:" + "|".join(f"{head}[{''.join(each[-1] for each in of)}]" for head, of in groups) + ")"
