"""Context words: tokens as spaCy makes them, and keywords as Presidio takes them."""

import re

import pytest
import spacy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from udfs.detect import context

PIECES = (
    " ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u2003", "\x1c", "\x85", "\u200b", "can't", "don't", "cannot", "U.S.",
    "a.m.", "10am", "10 am", "o'clock", "http://x.com/a?b=c", "a@b.co", ":-)", ":)", "--", "...", "e.g.", "word",
    "Don't", "gimme", "x.", "(a)", "$5", "5km", "5 km", "\ufeff", "é", "日本語", "ΣΑΣ", "İ", "’s",
    '"q"', "a-b", "a/b", "C++",
    "1,000.5", "#tag", "@u", "😀", "\\n", "—", "I'm", "Mr.", "Nov.", "p.m", "12:30", "a:b", "\x00", "\x1f", "the", "be",
)  # fmt: skip
BLANK = spacy.blank("en")


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.text(max_size=40)))
def test_pieces_make_the_tokens_that_spacy_makes_of_the_whole(text: str) -> None:
    whole = BLANK.tokenizer(text)
    pieces = context.tokens(text)
    assert list(pieces.words) == [token.text.lower() for token in whole]
    assert list(pieces.ends) == [token.idx + len(token) for token in whole]


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from((*PIECES, " ", " ", " ")), max_size=40).map("".join), st.data())
def test_the_keywords_before_a_match_need_no_look_at_the_whole(text: str, data: st.DataObject) -> None:
    whole = context.tokens(text)
    for start in {data.draw(st.integers(0, len(text))), len(text) - 1} - {-1}:
        try:
            expected = whole.before(start)
        except ValueError:
            with pytest.raises(ValueError, match="no token"):
                context.nearest(text, start)
            continue
        assert context.nearest(text, start) == expected


@settings(max_examples=1500, deadline=None)
@example("0am")
@example("(:5")
@example("13a.m.")
@given(st.text("0123456789" * 3 + "aAmMpPkKxXdDeE-.,()+:;#$%'\"_[]=*<>|^!?°€", min_size=1, max_size=14))
def test_pieces_with_digits_are_split_as_spacy_splits_them(piece: str) -> None:
    whole = BLANK.tokenizer(piece)
    found = context.tokens(piece)
    assert list(found.words) == [token.text.lower() for token in whole]
    assert list(found.ends) == [token.idx + len(token) for token in whole]
    assert found.keywords == set(context._keywords(found.words, BLANK))


def test_white_space_is_what_python_says_it_is() -> None:
    every = "".join(map(chr, (c for c in range(0x110000) if not 0xD800 <= c < 0xE000)))
    spaces = {c for c in every if c.isspace()}
    assert {match.group() for match in re.finditer(r"\s", every)} == spaces


def test_a_lone_surrogate_counts_as_one_character() -> None:
    assert context.tokens("a \ud83d\ude00 b").ends == [1, 3, 4, 6]


def test_a_piece_of_enormous_length_is_one_token_and_its_own_context() -> None:
    text = "mac is ab:" + "cd:" * 2_000
    pieces = context.tokens(text)
    assert pieces.ends == [3, 6, len(text)]
    assert context.supports(["mac"], pieces.before(5_000))
    assert context.supports(["ab:cd"], pieces.before(5_000))


def test_what_is_seen_is_not_kept() -> None:
    with context.memory_zone():
        context.tokens("remember 457-26-4912 and zq7zq7")
    assert "zq7zq7" not in BLANK.vocab.strings
    assert "zq7zq7" not in context._pipeline().vocab.strings
