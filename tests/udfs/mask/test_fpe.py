"""`fpe` against its documentation, carried out one value after the other, and what it promises beyond."""

import re
import traceback
import unicodedata
from dataclasses import replace
from math import prod

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policy.plan import MaskPlan
from udfs.crypto.ff1 import decrypt_batch, encrypt, encrypt_batch
from udfs.keys import Keys
from udfs.mask import MaskContext, MaskError, apply
from udfs.mask import unmask as unmask_batch
from udfs.mask._fpe_domain import cover, permuted
from udfs.mask.fpe import MASK, FpeParams

KEY = bytes(range(32))

DIGITS, LOWER = "0123456789", "abcdefghijklmnopqrstuvwxyz"
CLASSES = {
    "digits": [DIGITS],
    "lower": [LOWER],
    "upper": [LOWER.upper()],
    "letters": [LOWER.upper(), LOWER],
    "alphanumeric": [DIGITS, LOWER.upper(), LOWER],
    "hex": ["0123456789abcdef"],
}
SEPARATORS = " -./()+:@_*#\u200d🎂\x00\t"


def run(way, values, context=None, **params):
    array = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    changed = way(array, FpeParams(**params), context or MaskContext("CREDIT_CARD", KEY))
    changed.validate(full=True)
    return changed.to_pylist()


def mask(values, context=None, **params):
    return run(MASK.apply, values, context, **params)


def unmask(values, context=None, **params):
    return run(MASK.open, values, context, **params)


def classes_of(alphabet) -> list[str]:
    return CLASSES[alphabet] if isinstance(alphabet, str) else [alphabet["characters"]]


def luhn_valid(number: str) -> bool:
    """ISO/IEC 7812-1, annex B, one digit after the other from the right."""
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        total += sum(divmod(2 * digit, 10)) if place % 2 else digit
    return total % 10 == 0


def luhn_fixed(number: str, place: int) -> str:
    return next(n for d in DIGITS if luhn_valid(n := number[:place] + d + number[place + 1 :]))


def enciphered(text: list[str], classes: list[str], tweak: bytes) -> str:
    """Characters as others of their classes: their rank in mixed radices, encrypted until it is one."""
    own = [next(c for c in classes if char in c) for char in text]
    sizes = [len(c) for c in own]
    numerals = [c.index(char) for c, char in zip(own, text, strict=True)]
    if len(set(sizes)) == 1:
        numerals = encrypt(KEY, numerals, sizes[0], tweak)
    else:
        radix, length = cover(prod(sizes))
        rank = value_of(numerals, sizes)
        while True:
            rank = value_of(encrypt(KEY, numerals_of(rank, [radix] * length), radix, tweak), [radix] * length)
            if rank < prod(sizes):
                break
        numerals = numerals_of(rank, sizes)
    return "".join(c[n] for c, n in zip(own, numerals, strict=True))


def value_of(numerals: list[int], sizes: list[int]) -> int:
    return sum(numeral * prod(sizes[place + 1 :]) for place, numeral in enumerate(numerals))


def numerals_of(rank: int, sizes: list[int]) -> list[int]:
    return [rank // prod(sizes[place + 1 :]) % size for place, size in enumerate(sizes)]


def foreign(char: str) -> bool:
    """A letter, mark or number by its Unicode category, by its name or by what it is made of; or nobody knows."""
    named = re.search(r"NEGATIVE (CIRCLED|SQUARED) LATIN|REGIONAL INDICATOR", unicodedata.name(char, "")) is not None
    categories = [unicodedata.category(c) for c in char + unicodedata.normalize("NFKC", char)]
    return (
        named or categories[0] in ("Cn", "Co") or any(c[0] in "LN" for c in categories[1:]) or categories[0][0] in "LMN"
    )


def reference(value: str, alphabet="digits", keep_first=0, keep_last=0, luhn=False, entity="CREDIT_CARD") -> str | None:
    """What the documentation of `fpe` says; None for a value that it does not understand."""
    classes = classes_of(alphabet)
    places = [i for i, char in enumerate(value) if any(char in c for c in classes)]
    if any(foreign(char) and i not in places for i, char in enumerate(value)):
        return None
    text = [value[i] for i in places]
    end = len(text) - keep_last
    free = text[keep_first : end - luhn] if end - luhn > keep_first else []
    if prod(len(next(c for c in classes if char in c)) for char in free) < 1_000_000:
        return None
    if luhn and not luhn_valid("".join(text)):
        return None
    label = alphabet if isinstance(alphabet, str) else "characters:" + alphabet["characters"]
    tweak = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in (entity, label)) + bytes([luhn])
    pattern = bytes(next(k for k, c in enumerate(classes) if char in c) for char in free if len(classes) > 1)
    tweak += b"".join(n.to_bytes(4, "big") for n in (len(pattern), keep_first, keep_last)) + pattern
    tweak += "".join(text[:keep_first] + text[end:]).encode("utf-32-be")
    masked = "".join(text[:keep_first]) + enciphered(free, classes, tweak) + "?" * luhn + "".join(text[end:])
    masked = luhn_fixed(masked, end - 1) if luhn else masked
    characters = iter(masked)
    return "".join(next(characters) if i in places else char for i, char in enumerate(value))


CUSTOM = ["01", "абвгд", "０１２３４５６７８９", "ab-🎂é", "中文字", "".join(map(chr, range(0x4E00, 0x4E00 + 1000)))]
ALPHABETS = st.sampled_from([*CLASSES, *({"characters": characters} for characters in CUSTOM)])


@st.composite
def cases(draw):
    """Parameters, and values that fit them: characters of the alphabet between separators."""
    alphabet = draw(ALPHABETS)
    characters = "".join(classes_of(alphabet))
    luhn = alphabet == "digits" and draw(st.booleans())
    params = {"alphabet": alphabet, "keep_first": draw(st.integers(0, 8)), "keep_last": draw(st.integers(0, 5))}
    separators = "".join(char for char in SEPARATORS if char not in characters)
    shortest = next(n for n in range(2, 30) if min(map(len, classes_of(alphabet))) ** n >= 1_000_000)
    kept = params["keep_first"] + params["keep_last"] + luhn

    def value():
        size = draw(st.integers(shortest, shortest + 30)) + kept
        text = "".join(draw(st.lists(st.sampled_from(characters), min_size=size, max_size=size)))
        text = luhn_fixed(text, size - 1 - params["keep_last"]) if luhn else text
        for _ in range(draw(st.integers(0, 4))):
            at = draw(st.integers(0, len(text)))
            text = text[:at] + draw(st.sampled_from(separators)) + text[at:]
        return text

    return params | {"luhn": luhn}, [value() for _ in range(draw(st.integers(1, 4)))]


@settings(max_examples=200, deadline=None)
@given(case=cases(), entity=st.sampled_from(["CREDIT_CARD", "Kennzeichen-Ü", ""]))
def test_does_what_its_documentation_says(case, entity):
    params, values = case
    masked = mask(values, MaskContext(entity, KEY), **params)
    assert masked == [reference(value, **params, entity=entity) for value in values]
    assert unmask(masked, MaskContext(entity, KEY), **params) == values


@settings(max_examples=100, deadline=None)
@given(case=cases())
def test_keeps_length_separators_classes_ends_and_check_digit(case):
    params, values = case
    classes = classes_of(params["alphabet"])
    for value, masked in zip(values, mask(values, **params), strict=True):
        shape = [next((k for k, c in enumerate(classes) if char in c), char) for char in value]
        assert shape == [next((k for k, c in enumerate(classes) if char in c), char) for char in masked]
        before, after = ([c for c in text if any(c in k for k in classes)] for text in (value, masked))
        first, last = params["keep_first"], len(before) - params["keep_last"]
        assert before[:first] == after[:first] and before[last:] == after[last:]
        assert not params["luhn"] or luhn_valid("".join(after))


@settings(max_examples=60, deadline=None)
@given(case=cases(), data=st.data())
def test_the_batch_makes_no_difference(case, data):
    params, values = case
    bad = data.draw(st.lists(st.sampled_from([None, "", "Ω1", "-", "1"]), max_size=6))
    mixed = data.draw(st.permutations(values * 4 + bad))
    params["otherwise"] = "redact"
    alone = {value: mask([value], **params)[0] for value in {*values, *bad}}
    assert mask(mixed, **params) == [alone[value] for value in mixed]
    cut = data.draw(st.integers(0, len(mixed)))
    array = pa.array(mixed, pa.string())
    assert mask(array.slice(cut), **params) == [alone[value] for value in mixed[cut:]]


@settings(max_examples=200, deadline=None)
@given(
    value=st.text("0123aZ-. é٣\u0301²①", max_size=12)
    | st.text("0189-🎂", min_size=7, max_size=14)
    | st.text(max_size=12),
    alphabet=ALPHABETS,
    keep=st.integers(0, 3),
    luhn=st.booleans(),
)
def test_understands_or_fails_or_redacts(value, alphabet, keep, luhn):
    assume(value)
    params = {"alphabet": alphabet, "keep_first": keep, "luhn": luhn and alphabet == "digits"}
    expected = reference(value, **params)
    redacted = mask([value], **params, otherwise="redact")[0]
    if redacted:
        assert redacted == expected and mask([value], **params) == [expected]
        return
    assert expected is None
    with pytest.raises(MaskError, match=r"^must be written in the alphabet and separators") as caught:
        mask([value], **params)
    assert caught.value.__context__ is None


def cards(count: int, seed: int = 1) -> list[str]:
    rows = np.random.default_rng(seed).integers(0, 10, (count, 15))
    return [luhn_fixed("".join(map(str, row)) + "0", 15) for row in rows.tolist()]


def agreeing(left: list[str], right: list[str]) -> int:
    return sum(a == b for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("params", [{}, {"luhn": True}, {"keep_first": 6, "luhn": True}, {"keep_last": 4}])
def test_other_keys_entities_and_alphabets_agree_on_nothing(params):
    values = cards(5000)
    ways = [
        values,
        mask(values, **params),
        mask(values, MaskContext("CREDIT_CARD", KEY[::-1]), **params),
        mask(values, MaskContext("CREDIT_CARDS", KEY), **params),
        mask(values, MaskContext("IBAN_CODE", KEY), **params),
        mask(values, **(params | {"keep_first": 5})),
    ]
    for i, left in enumerate(ways):
        assert [agreeing(left, right) for right in ways[:i]] == [0] * i
    for alphabet in ("alphanumeric", "hex", {"characters": DIGITS}):
        if "luhn" not in params:
            assert agreeing(ways[1], mask(values, **params, alphabet=alphabet)) == 0


def test_the_kept_characters_are_part_of_the_encryption():
    ends = [f"{n:010d}" for n in range(0, 10**10, 10**7)]
    one, other = (mask([start + end for end in ends], keep_first=6) for start in ("411111", "411112"))
    assert agreeing([a[6:] for a in one], [b[6:] for b in other]) == 0
    one, other = (mask([end + start for end in ends], keep_last=4) for start in ("1111", "1112"))
    assert agreeing([a[:10] for a in one], [b[:10] for b in other]) == 0


def test_patterns_do_not_follow_one_another():
    """The same numerals, as letters of other cases and in other places."""
    words = [f"{a}{b}xyzq" for a in LOWER for b in LOWER]
    assert (
        agreeing(mask(words, alphabet="letters"), [w.lower() for w in mask(map_upper(words), alphabet="letters")]) == 0
    )
    plates = [f"AB{n:04d}" for n in range(1000)]
    turned = [plate[2:] + plate[:2] for plate in plates]
    masked, masked_turned = mask(plates, alphabet="alphanumeric"), mask(turned, alphabet="alphanumeric")
    assert agreeing([m[2:] for m in masked], [m[:4] for m in masked_turned]) < 5


def map_upper(words: list[str]) -> list[str]:
    return [word.upper() for word in words]


def test_separators_make_no_difference():
    values = cards(100)
    apart = ["-".join((v[:4], v[4:8], v[8:12], v[12:])) for v in values]
    assert [m.replace("-", "") for m in mask(apart, luhn=True)] == mask(values, luhn=True)


# Every value of a domain: as many masked ones.
def all_distinct(values: list[str], **params) -> pa.Array:
    masked = MASK.apply(pa.array(values), FpeParams(**params), MaskContext("CREDIT_CARD", KEY))
    assert pc.count_distinct(masked).as_py() == len(values)
    return masked


def test_six_digits_are_permuted():
    masked = all_distinct([f"{n:06d}" for n in range(1_000_000)])
    assert pc.min_max(masked.cast(pa.int64())).as_py() == {"min": 0, "max": 999_999}


def test_valid_numbers_are_permuted():
    """40, six digits, and the check digit: of the digits before it, the last and every second one are doubled."""
    numbers = np.arange(40_000_000, 41_000_000)
    digits = numbers // 10 ** np.arange(8)[:, None] % 10
    doubled = digits[::2] * 2
    check = -(digits[1::2].sum(axis=0) + (doubled // 10 + doubled % 10).sum(axis=0)) % 10
    values = [f"{n:09d}" for n in (numbers * 10 + check).tolist()]
    masked = all_distinct(values, keep_first=2, luhn=True)
    assert pc.is_in(masked, pa.array(values)).true_count == len(values)


def mixed(way, strings, sizes):
    return permuted(lambda rows, radix, tails: way(KEY, rows, radix, b"t", tails), strings, sizes, None)


def test_strings_of_mixed_sizes_are_permuted():
    """1000 * 1003 strings, in a radix of 1002: 1004 of its strings are left over, and walked through."""
    every = np.arange(1000 * 1003)
    strings, sizes = np.stack([every // 1003, every % 1003], axis=1), np.tile([1000, 1003], (len(every), 1))
    masked = mixed(encrypt_batch, strings, sizes)
    numbers = masked[:, 0].astype(np.int64) * 1003 + masked[:, 1]
    assert np.array_equal(np.unique(numbers), every)
    assert np.array_equal(mixed(decrypt_batch, masked, sizes), strings)


@pytest.mark.parametrize("characters", CUSTOM)
def test_takes_alphabets_of_one_s_own(characters):
    values = [characters[:1] * 21, characters[:2] * 11, characters[-1:] * 30]
    masked = mask(values, alphabet={"characters": characters})
    assert [len(m) for m in masked] == [len(v) for v in values]
    assert all(set(m) <= set(characters) for m in masked)
    assert unmask(masked, alphabet={"characters": characters}) == values


# Letters and digits that are in no alphabet, in a value that would be long enough without them.
FOREIGN = ["a", "Z", "é", "ß", "٣", "４", "中", "न", "𝒜", "½", "²", "Ⅷ", "Ⓐ", "①", "ª", "\u0301", "\u0378", "\ue000"]


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("place", [0, 3, 8])
def test_a_letter_or_digit_outside_of_the_alphabet_is_not_understood(foreign, place):
    value = "12345678"[:place] + foreign + "12345678"[place:]
    for way in (mask, unmask):
        with pytest.raises(MaskError):
            way(["12345678", value])
    assert mask(["12345678", value, None, ""], otherwise="redact") == [*mask(["12345678"]), "", None, ""]


@pytest.mark.parametrize(
    ("value", "params"),
    [
        ("12345", {}),
        ("1-2-3-4-5", {}),
        ("-", {}),
        ("🎂", {}),
        ("12345678901", {"keep_first": 6}),
        ("123456789", {"keep_last": 4}),
        ("12345", {"keep_first": 3, "keep_last": 3}),
        ("123", {"keep_first": 2, "keep_last": 2}),
        ("000000", {"luhn": True}),
        ("abcd", {"alphabet": "lower"}),
        ("ABCde", {"alphabet": "upper"}),
        ("ab123", {"alphabet": "alphanumeric"}),
        ("dead", {"alphabet": "hex"}),
        ("DEADBEEF", {"alphabet": "hex"}),
        ("deadBEEF", {"alphabet": "hex"}),
        ("01" * 9, {"alphabet": {"characters": "01"}}),
        ("4111111111111112", {"luhn": True}),
        ("0" * 1001, {}),
    ],
)
def test_what_is_too_short_or_too_long_or_invalid_is_not_understood(value, params):
    for way in (mask, unmask):
        with pytest.raises(MaskError) as caught:
            way([value], **params)
        assert value not in "".join(traceback.format_exception_only(caught.value)) or len(value) == 1
    assert mask([value], **params, otherwise="redact") == [""]


def test_opening_fails_whatever_otherwise_says():
    with pytest.raises(MaskError):
        unmask(["12345"], otherwise="redact")


@pytest.mark.parametrize("size", [999, 1000])
@pytest.mark.parametrize("alphabet", ["digits", "alphanumeric"])
def test_takes_long_values(size, alphabet):
    value = ("a1B2" if alphabet == "alphanumeric" else "1234") * 250
    assert unmask(mask([value[:size]], alphabet=alphabet), alphabet=alphabet) == [value[:size]]


@pytest.mark.parametrize("epoch", [1, 2])
def test_is_undone_under_the_keys_of_a_job(epoch):
    keys, values = Keys.of(bytes(range(32)), bytes(32)), pa.array(["4111-1111-1111-1111", None, "", "5555555555554444"])
    plan = MaskPlan("fpe", {"luhn": True}, "reversible", "segment:test", epoch)
    masked = apply(plan, "CREDIT_CARD", values, keys)
    assert unmask_batch(plan, "CREDIT_CARD", masked, keys).equals(values)
    assert agreeing(masked.to_pylist(), values.to_pylist()) == 2  # null and the empty string
    other = apply(replace(plan, epoch=3 - epoch), "CREDIT_CARD", values, keys)
    assert agreeing(masked.to_pylist(), other.to_pylist()) == 2


def test_needs_a_key():
    with pytest.raises(MaskError, match="no key"):
        mask(["12345678"], MaskContext("CREDIT_CARD"))


def test_takes_an_empty_batch():
    assert mask([]) == [] and mask([None, ""]) == [None, ""] == unmask([None, ""])


@given(count=st.integers(1_000_000, 10**12) | st.integers(1_000_000, 10**60))
def test_cover_is_as_tight_as_can_be(count):
    radix, length = cover(count)
    assert length % 2 == 0 and 2 <= radix <= 65536
    assert (radix - 1) ** length < count <= radix**length
    assert length == 2 or 65536 ** (length - 2) < count
