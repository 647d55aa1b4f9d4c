"""Noise is bounded, never nothing, and always the same."""

import re
from decimal import Decimal
from fractions import Fraction
from math import exp

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policy.catalog import kind_of
from udfs.mask import MaskContext, MaskError
from udfs.mask.noise import _EXPECTED, MASK, NoiseParams

KEY = bytes(range(32))

some = settings(max_examples=200, deadline=None)

WRITTEN = st.from_regex(r"[+-]?[0-9]{1,20}(\.[0-9]{1,8})?", fullmatch=True)
PERCENT = st.integers(1, 100) | st.floats(0.01, 100).map(lambda share: round(share, 2))
AMOUNT = st.integers(1, 10**6) | st.floats(0.01, 1000).map(lambda amount: round(amount, 2))
SHAPES = st.sampled_from(["uniform", "laplace"])


def noise(values, key=KEY, **params):
    return MASK.apply(pa.array(values, pa.string()), NoiseParams(**params), MaskContext("AGE", key)).to_pylist()


def one(value: str, key: bytes = KEY, **params) -> str:
    return noise([value], key, otherwise="redact", **params)[0]


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


@some
@given(value=WRITTEN, percent=PERCENT, distribution=SHAPES)
def test_stays_within_a_share_and_always_changes(value, percent, distribution):
    masked = one(value, percent=percent, distribution=distribution)
    bound = abs(Fraction(value)) * Fraction(str(percent)) / 100
    if not masked:
        assert bound * 10 ** decimals(value) < 1  # the last decimal place is too coarse
    else:
        assert 0 < abs(Fraction(masked) - Fraction(value)) <= bound


@some
@given(value=WRITTEN, amount=AMOUNT, distribution=SHAPES)
def test_stays_within_an_amount_and_always_changes(value, amount, distribution):
    masked = one(value, amount=amount, distribution=distribution)
    bound = Fraction(str(amount))
    if not masked:
        assert bound * 10 ** decimals(value) < 1
    else:
        assert 0 < abs(Fraction(masked) - Fraction(value)) <= bound


@some
@given(value=WRITTEN, amount=AMOUNT, distribution=SHAPES)
def test_keeps_sign_decimals_and_leading_zeros(value, amount, distribution):
    masked = one(value, amount=amount, distribution=distribution)
    assume(masked)
    assert decimals(masked) == decimals(value)
    assert re.match("[+-]?", masked)[0] == re.match("[+-]?", value)[0]
    assert masked[0] != "-" or Fraction(masked) < 0
    whole, now = (re.search(r"\d+", text)[0] for text in (value, masked))
    padded = len(whole) > 1 and whole[0] == "0"
    assert len(now) >= len(whole) if padded else now == "0" or now[0] != "0"


@some
@given(values=st.lists(st.none() | st.just("") | WRITTEN, max_size=10), distribution=SHAPES)
def test_the_batch_makes_no_difference(values, distribution):
    params = {"amount": 5, "otherwise": "redact", "distribution": distribution}
    masked = noise(values, **params)
    assert masked == [noise([value], **params)[0] for value in values]
    assert [text is None for text in masked] == [value is None for value in values]


@some
@given(whole=st.integers(100, 10**12), zeros=st.integers(1, 8), distribution=SHAPES)
def test_more_ways_to_write_a_number_tell_no_more(whole, zeros, distribution):
    """However it is written, it moves by the same amount to within one of the coarser last place."""
    ways = [str(whole), f"+{whole}", f"000{whole}", f"{whole}.{'0' * zeros}"]
    masked = [Fraction(one(way, percent=10, distribution=distribution)) for way in ways]
    assert len(set(masked[:3])) == 1
    assert abs(masked[0] - masked[3]) <= 1


def test_two_scopes_disagree():
    values = [str(number) for number in range(100_000, 101_000)]
    first, second = (noise(values, key, percent=10) for key in (KEY, KEY[::-1]))
    assert sum(a == b for a, b in zip(first, second, strict=True)) <= 5


def changes(count: int, **params) -> list[Decimal]:
    values = [str(10**9 + number) for number in range(count)]
    return [Decimal(b) - Decimal(a) for a, b in zip(values, noise(values, **params), strict=True)]


def test_uniform_noise_is_even():
    """20,000 changes of up to 10, 20 possibilities: chi-square stays below its mean by six standard deviations."""
    found = changes(20_000, amount=10)
    counts = [found.count(change) for change in (*range(-10, 0), *range(1, 11))]
    assert sum(counts) == 20_000
    assert sum((count - 1000) ** 2 / 1000 for count in counts) < 19 + 6 * (2 * 19) ** 0.5


def test_laplace_noise_falls_off_as_it_should():
    """The sizes' distribution is within 0.02 of 1 - e^(-4x), cut off at 1 (Kolmogorov-Smirnov at 20,000: p < 1e-6)."""
    found = changes(20_000, amount=10**6, distribution="laplace")
    sizes = sorted(abs(change) / 10**6 for change in found)
    for place in range(0, 20_000, 100):
        expected = (1 - exp(-4 * float(sizes[place]))) / (1 - exp(-4))
        assert abs(expected - place / 20_000) < 0.02
    assert 9_500 < sum(change > 0 for change in found) < 10_500


@pytest.mark.parametrize("distribution", ["uniform", "laplace"])
def test_nothing_falls_below_zero(distribution):
    values = [f"{number}.{place:02}" for number in range(3) for place in range(100)]
    masked = [Fraction(text) for text in noise(values, amount=5, distribution=distribution)]
    assert min(masked) >= 0 and max(masked) > 5
    assert any(Fraction(a) > b for a, b in zip(values, masked, strict=True))


@some
@given(value=st.text(min_size=1).filter(lambda text: not re.fullmatch(r"[+-]?\d+(\.\d+)?", text, re.ASCII)))
def test_what_is_no_number_fails_or_is_removed(value):
    with pytest.raises(MaskError) as caught:
        noise(["100", value], percent=10)
    assert str(caught.value) == _EXPECTED  # which is the same for all
    assert noise([value, "100"], percent=10, otherwise="redact")[0] == ""


@pytest.mark.parametrize("value", ["0", "0.00", "-0", "9", "-9", "0.09"])
def test_what_the_bound_cannot_change_fails_or_is_removed(value):
    with pytest.raises(MaskError, match="coarser than the bound"):
        noise([value], percent=10)
    assert one(value, percent=10) == ""


def test_needs_a_key():
    with pytest.raises(MaskError, match="no key"):
        noise(["100"], None, percent=10)


def test_is_for_numbers():
    assert MASK.info.kinds(NoiseParams(amount=1)) == {kind_of("AGE")}
