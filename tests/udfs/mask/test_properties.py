"""What every mask promises, and what `keep_last` and `keep_first` promise beyond, for any values."""

import unicodedata

import pyarrow as pa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policy.plan import MaskPlan
from udfs.keys import Keys
from udfs.mask import apply
from udfs.mask._base import KeyedParams
from udfs.mask._kept import is_lettered
from udfs.mask._keyed import normalise

KEYS = Keys.of(bytes(range(32)))

# Letters with and without case, marks, digits of several scripts, separators, emoji, controls, and beyond U+FFFF.
ALPHABET = st.one_of(
    st.sampled_from("abcXYZ0189-_. @éßÄжя中文नमस्ते٣４\u0301\u200d\ufe0f🎂𝒜𐐷\x00\n½ⅧⒶ⒜⼈🅰🇦"), st.characters(codec="utf-8")
)
TEXT = st.text(ALPHABET, max_size=24)
VALUES = st.lists(st.none() | TEXT | st.text("ab1-", max_size=6), max_size=20)

NULLS = {"null", "drop_field", "drop_record"}

each_variant = settings(max_examples=25, deadline=None)  # there are some twenty variants


@each_variant
@given(values=VALUES)
def test_null_stays_null_and_empty_stays_empty(variant, values):
    masked = variant.run(values)
    assert len(masked) == len(values)
    for before, after in zip(values, masked, strict=True):
        assert after is None if before is None else after is not None or variant.mask in NULLS
        assert before != "" or not after


@each_variant
@given(values=VALUES)
def test_same_input_gives_same_output(variant, values):
    assert variant.run(values) == variant.run(values)


@each_variant
@given(values=VALUES)
def test_batch_size_makes_no_difference(variant, values):
    assert variant.run(values) == [variant.run([value])[0] for value in values]


@each_variant
@given(values=VALUES, start=st.integers(0, 20), length=st.integers(0, 20))
def test_a_slice_is_masked_like_the_whole(variant, values, start, length):
    array = pa.array(values, pa.string())
    assert variant.run(array.slice(start, length)) == variant.run(values)[start : start + length]


@each_variant
@given(values=VALUES, cut=st.integers(0, 20))
def test_chunks_are_masked_like_the_whole(variant, values, cut):
    chunks = pa.chunked_array([values[:cut], values[cut:]], pa.string()).chunks
    assert [value for chunk in chunks for value in variant.run(chunk)] == variant.run(values)


@each_variant
@given(under=st.binary(max_size=12).map(b"-\x7f-".__add__))
def test_bytes_under_a_null_do_not_get_out(hiding, under):
    """Arrow says nothing of the bytes under a null; here they are any, valid UTF-8 or not."""
    offsets = pa.array([0, len(under), len(under) + 2], pa.int32()).buffers()[1]
    values = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(under + "ä".encode()), pa.py_buffer(b"\x02"))
    masked = apply(hiding.plan(), hiding.entity, values, KEYS)
    assert masked.to_pylist() == [None, *hiding.run(["ä"])]
    data = masked.buffers()[2]
    assert data is None or under not in data.to_pybytes()


@each_variant
@given(value=TEXT)
def test_no_value_comes_out_as_it_went_in(hiding, value):
    assume(value and not set(value) & set("x*•😶"))
    assert hiding.run([value]) != [value]


@each_variant
@given(value=TEXT)
def test_two_scopes_never_agree(keyed, value):
    assume(value)
    assert keyed.run([value], "segment:a") != keyed.run([value], "scope:a")


@each_variant
@given(values=st.lists(st.text("aAbBß é1", min_size=1), max_size=20))
def test_keyed_masks_keep_which_values_are_equal(keyed, values):
    flags = {name: value for name, value in keyed.params.items() if name.startswith("ignore_")}
    folded = [normalise(value, KeyedParams(**flags)) for value in values]
    masked = keyed.run(values)
    assert len(set(zip(folded, masked, strict=True))) == len(set(folded)) == len(set(masked))


def keep(mask: str, value: str, count: int, char: str) -> str:
    plan = MaskPlan(mask, {"count": count, "char": char}, "partial")
    return apply(plan, "PERSON", pa.array([value], pa.string()), None)[0].as_py()


def attached(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Mc", "Me", "Co", "Cn"}


def counts(char: str) -> bool:
    """A letter or digit, also inside of a sign."""
    return char.isalnum() or (not attached(char) and is_lettered(char))


def reference(value: str, count: int, char: str, last: bool) -> str:
    """The rules of keep_last and keep_first, one character after the other."""
    letters = [i for i, c in enumerate(value) if counts(c)]
    if not letters:
        return char * len(value)
    kept = letters[-count:] if last else letters[:count]
    kept = kept if len(letters) >= 2 * count else []
    shown, letter = [], letters[0]
    for i, c in enumerate(value):
        letter = i if counts(c) else letter
        hidden = (counts(c) or attached(c)) and letter not in kept
        shown.append(char if hidden else c)
    return "".join(shown)


CHARS = st.sampled_from("x*#•😶")


@given(value=TEXT, count=st.integers(1, 12), char=CHARS, last=st.booleans())
def test_keep_agrees_with_the_rules_one_by_one(value, count, char, last):
    assert keep("keep_last" if last else "keep_first", value, count, char) == reference(value, count, char, last)


@given(value=TEXT, count=st.integers(1, 64), char=CHARS, mask=st.sampled_from(["keep_last", "keep_first"]))
def test_keep_leaves_no_more_than_it_says(value, count, char, mask):
    masked = keep(mask, value, count, char)
    letters = sum(counts(c) for c in value)
    survivors = sum(a == b for a, b in zip(value, masked, strict=True) if counts(a) and a != char)
    assert survivors <= min(count, letters // 2)


@given(value=TEXT, count=st.integers(1, 12), mask=st.sampled_from(["keep_last", "keep_first"]))
def test_keep_leaves_length_and_separators(value, count, mask):
    assume(any(counts(c) for c in value))
    masked = keep(mask, value, count, "x")
    assert len(masked) == len(value)
    separators = [i for i, c in enumerate(value) if not counts(c) and not attached(c)]
    assert [masked[i] for i in separators] == [value[i] for i in separators]


@given(value=st.text("0123456789", min_size=1, max_size=12), last=st.booleans())
def test_keep_never_keeps_more_than_half(value, last):
    for count in range(1, 13):
        masked = keep("keep_last" if last else "keep_first", value, count, "x")
        assert masked.count("x") >= len(value) / 2
