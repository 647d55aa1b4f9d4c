"""Expressions that need a digit lose nothing by looking at texts with digits alone."""

import re
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.detect.databases import BITS, Databases
from udfs.detect.translate import Atom, needs, parse

DIGITS = frozenset(b"0123456789B")  # as the scan's alphabet has it, other bytes stand for digits of other scripts
SOURCES = (
    r"a[\x30-\x39]{2}",
    r"(?:b|c)d",
    r"[0-9B]x(?:y|[0-9])",
    r"(?:[0-9]a|ab)",
    r"d(?:[0-9]{3}){1,2}",
    r"[0-9]{0,2}e",
    r"^b\b",
    r"[a-e](?:[5]|[67])\b",
)
TEXTS = st.lists(st.text("abcdexy059B .", max_size=12), max_size=12)


OF_NUMBERS = {SOURCES[i] for i in (0, 2, 4, 7)}


@pytest.mark.parametrize("source", SOURCES)
def test_which_need_a_digit(source: str) -> None:
    def is_of_digits(atom: Atom) -> bool:
        return all(chr(byte) in "0123456789B" for byte in range(128) if re.match(atom.source, chr(byte)))

    assert needs(parse(source, 0), 0, is_of_digits) is (source in OF_NUMBERS)


@given(TEXTS)
def test_every_match_is_found_where_it_ends(texts: list[str]) -> None:
    lengths = np.array([len(text) for text in texts], np.int64)
    starts = np.array(list(accumulate((len(text) + 1 for text in texts), initial=1)), np.int64)[: len(texts)]
    joined = "\n".join(["", *texts, ""])
    found = Databases(SOURCES, OF_NUMBERS, DIGITS).hits(joined.encode(), starts, starts + lengths)
    expected = {
        end << BITS | number
        for number, source in enumerate(SOURCES)
        for end in range(1, len(joined) + 1)
        if any(re.compile(source, re.MULTILINE | re.DOTALL).fullmatch(joined, at, end) for at in range(end))
        and _bounded(source, joined, end)
    }
    assert set(found.tolist()) == expected
    assert found.tolist() == sorted(expected)


def _bounded(source: str, joined: str, end: int) -> bool:
    r"""`fullmatch` takes the end of its stretch for the end of the text, so that `\b` there has to be asked for."""
    return not source.endswith(r"\b") or re.compile(r"(?<=\w)\b").match(joined, end) is not None


def test_what_is_refused_is_said() -> None:
    assert Databases((r"a{2}", r"(?<=a)b"), set(), DIGITS).refused == {r"(?<=a)b"}
