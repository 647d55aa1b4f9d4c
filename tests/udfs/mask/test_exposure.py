"""Nothing of a value survives beyond the exposure that its mask declares, whatever the value is.

`none`: what comes out is the same for all values. `partial`: it is the same for all values that are alike in what the
mask declares to keep; of a bounded change, every size is as likely as the others. `pseudonym` and `reversible`: it has
no piece in common with a long value that chance would not give it.
"""

import base64
import datetime
from math import sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.udfs.mask.masking import masked
from udfs.mask import MASKS, validated

CONSTANT = [
    ("redact", {}),
    ("replace", {}),
    ("replace", {"value": "a 1"}),
    ("null", {}),
    ("drop_field", {}),
    ("drop_record", {}),
    ("presidio.redact", {}),
    ("presidio.replace", {}),
    ("presidio.replace", {"new_value": "é"}),
]

# Letters with and without case, digits of several scripts, signs, emoji, controls, marks, and beyond U+FFFF.
ANY = st.one_of(
    st.sampled_from("abcXYZ0189-_. @éßÄжя中文नमस्ते٣４\u0301\u200d\ufe0f🎂𝒜𐐷\x00\n½Ⅷ"), st.characters(codec="utf-8")
)
TEXT = st.text(ANY, min_size=1, max_size=40)
LETTERS = st.sampled_from("abcXYZ0189éßÄжя中٣４𝒜𐐷Ⅷ")


def exposure(name: str, params: dict) -> str:
    return MASKS[name].info.exposure(validated(MASKS[name], params))


def test_all_masks_that_leave_nothing_are_tried():
    nothing = {name for name, mask in MASKS.items() if not mask.info.keyed and not mask.info.params.model_fields}
    assert nothing - {"keep"} <= {name for name, _ in CONSTANT}
    assert {exposure(name, params) for name, params in CONSTANT} == {"none"}


@pytest.mark.parametrize(("name", "params"), CONSTANT)
@settings(max_examples=30)
@given(one=TEXT, other=TEXT)
def test_what_leaves_nothing_is_the_same_for_all_values(name, params, one, other):
    assert masked(name, params, [one]) == masked(name, params, [other]) == masked(name, params, [one, other])[1:]


@st.composite
def alike_at_one_end(draw) -> tuple[str, str, int]:
    """Two texts of letters, digits and separators that differ in all letters but the last ones, and how many these
    are."""
    count = draw(st.integers(1, 8))
    hidden = draw(st.integers(count, 20))
    gaps = draw(st.lists(st.sampled_from(["", "", "-", " ", ". "]), min_size=hidden + count, max_size=hidden + count))
    last = draw(st.lists(LETTERS, min_size=count, max_size=count))
    texts = []
    for _ in range(2):
        first = draw(st.lists(LETTERS, min_size=hidden, max_size=hidden))
        texts.append("".join(letter + gap for letter, gap in zip(first + last, gaps, strict=True)))
    return texts[0], texts[1], count


@settings(max_examples=150)
@given(pair=alike_at_one_end(), char=st.sampled_from("x*•"))
def test_the_last_letters_are_all_that_stays(pair, char):
    one, other, count = pair
    a, b = masked("keep_last", {"count": count, "char": char}, [one, other])
    assert a == b


@settings(max_examples=150)
@given(pair=alike_at_one_end(), char=st.sampled_from("x*•"))
def test_the_first_letters_are_all_that_stays(pair, char):
    one, other, count = pair
    a, b = masked("keep_first", {"count": count, "char": char}, [one[::-1], other[::-1]])
    assert a == b


@settings(max_examples=150)
@given(start=st.text(LETTERS, min_size=1, max_size=8), rests=st.tuples(TEXT, TEXT), more=st.integers(0, 20))
def test_the_beginning_is_all_that_stays(start, rests, more):
    """The rest has as many letters at least, or nothing stays."""
    values = [f"{start}{rest}{'b' * (len(start) + more)}" for rest in rests]
    assert masked("truncate", {"count": len(start)}, values) == [start, start]


@settings(max_examples=100)
@given(kept=TEXT, hidden=st.integers(0, 30), data=st.data(), from_end=st.booleans())
def test_what_presidio_does_not_mask_is_all_that_stays(kept, hidden, data, from_end):
    size = len(kept) + hidden
    pair = data.draw(st.tuples(*[st.text(ANY, min_size=size, max_size=size)] * 2))
    values = [kept + text if from_end else text + kept for text in pair]
    a, b = masked("presidio.mask", {"chars_to_mask": size, "from_end": from_end}, values)
    assert a == b


UNRELATED = [
    ("hash", {}, "0123456789abcdef"),
    ("presidio.hash", {"hash_type": "sha512"}, "0123456789abcdef"),
    ("pseudonym", {"length": 26}, "abcdefghijklmnopqrstuvwxyz234567"),
    ("pseudonym", {"alphabet": "hex", "length": 32}, "0123456789abcdef"),
    ("pseudonym", {"alphabet": "decimal", "length": 38, "ignore_space": True}, "0123456789"),
    ("surrogate", {}, "abcdefghijklmnopqrstuvwxyz"),
    ("surrogate", {}, "0123456789"),
    ("surrogate", {"ignore_case": True}, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("token", {}, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
    ("encrypt", {}, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
    ("encrypt", {"algorithm": "aes-256-gcm"}, "0123456789abcdef"),
    ("fpe", {}, "0123456789"),
    ("fpe", {"alphabet": "lower"}, "abcdefghijklmnopqrstuvwxyz"),
    ("fpe", {"alphabet": "hex"}, "0123456789abcdef"),
]


def longest_common(one: str | bytes, other: str | bytes) -> int:
    """Characters of the longest piece that both have."""
    best = 0
    while any(one[at : at + best + 1] in other for at in range(len(one) - best)):
        best += 1
    return best


def longest_by_chance(one: int, other: int, characters: int) -> int:
    """The length that a common piece of two random texts has with a probability below 1e-9."""
    length = 1
    while one * other / characters**length > 1e-9:
        length += 1
    return length


@pytest.mark.parametrize(("name", "params", "alphabet"), UNRELATED)
def test_no_piece_of_a_long_value_stays(name, params, alphabet):
    """Values are written in the characters of what comes out, so that nothing but chance could keep them apart."""
    random = Random(5)
    values = ["".join(random.choices(alphabet, k=random.randint(60, 240))) for _ in range(100)]
    for value, made in zip(values, masked(name, params, values), strict=True):
        bound = longest_by_chance(100 * len(value), len(made), len(alphabet))
        assert longest_common(value, made) < bound < 40
        assert longest_common(value[::-1], made) < bound
        if made.startswith("wr1."):
            sealed = base64.urlsafe_b64decode(made[4:] + "==")
            assert longest_common(value.encode(), sealed) < longest_by_chance(100 * len(value), len(sealed), 256)


def test_a_piece_that_stays_is_found():
    assert longest_common("4111111111111234", "xxxx-1234") == 4
    assert longest_common("abc", "def") == 0
    assert longest_by_chance(200, 64, 16) == 11


def test_no_digit_of_a_number_tells_one_of_its_encrypted_form():
    """For each digit of 10,000 numbers in sequence and each of the encrypted ones, Pearson's statistic of the pairs.
    With 81 degrees of freedom it exceeds 200 with a probability of 3e-12."""
    numbers = [f"{number:010}" for number in range(4_120_000_000, 4_120_010_000)]
    before = np.array([list(map(int, number)) for number in numbers])
    after = np.array([list(map(int, number)) for number in masked("fpe", {}, numbers)])
    for first in range(6, 10):
        for second in range(10):
            table = np.bincount(10 * before[:, first] + after[:, second], minlength=100).reshape(10, 10)
            expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / len(numbers)
            assert ((table - expected) ** 2 / expected).sum() < 200
    steps = np.diff(np.array(list(map("".join, after.astype(str))), np.int64))
    assert len(np.unique(steps)) > 0.999 * len(steps)


def evenly(changes: list[int], bound: int) -> bool:
    """Whether each change of `bound` at most, and not 0, is as likely: of n, each one within six deviations of n/2b,
    and 2 more for those that are few."""
    counts = np.bincount(np.array(changes) + bound, minlength=2 * bound + 1)
    share = len(changes) / (2 * bound)
    return len(counts) == 2 * bound + 1 and not counts[bound] and counts.max() <= share + 6 * sqrt(share) + 2


def test_of_a_noisy_number_no_more_is_known_than_its_bound():
    """Whoever guesses the number by taking any one change away is right no more often than by chance."""
    numbers = list(range(1000, 11_000))
    made = masked("noise", {"amount": 50}, [str(number) for number in numbers], entity="SALARY")
    changes = [int(text) - number for text, number in zip(made, numbers, strict=True)]
    assert evenly(changes, 50)
    # Nor do neighbours help: the changes of two that follow one another have nothing to do with each other.
    assert abs(np.corrcoef(changes[1:], changes[:-1])[0, 1]) < 6 / sqrt(len(changes))


def test_of_a_shifted_date_no_more_is_known_than_its_bound():
    start = datetime.date(1940, 1, 1)
    dates = [start + datetime.timedelta(days=3 * number) for number in range(8000)]
    params = {"days": 40, "subject": "id"}
    persons = [f"p-{number}" for number in range(len(dates))]
    made = masked("shift_date", params, list(map(str, dates)), "DATE_OF_BIRTH", persons=persons)
    changes = [(datetime.date.fromisoformat(text) - date).days for text, date in zip(made, dates, strict=True)]
    assert evenly(changes, 40)
    assert abs(np.corrcoef(changes[1:], changes[:-1])[0, 1]) < 6 / sqrt(len(changes))


def test_changes_that_are_not_even_are_found():
    assert not evenly([1, -1] * 1000, 50)
    assert not evenly([*range(-50, 51)] * 20, 50)
    assert not evenly([51], 50)


@pytest.mark.parametrize("params", [{}, {"algorithm": "aes-256-gcm"}])
def test_encrypted_values_never_repeat(params):
    """Nor do their first or last twelve bytes: nonces are random, and so are tags."""
    made = masked("encrypt", params, ["0000"] * 20_000)
    sealed = [base64.urlsafe_b64decode(text[4:] + "==") for text in made]
    for part in (slice(6, 18), slice(-12, None)):
        assert len({one[part] for one in sealed}) == len(sealed)
