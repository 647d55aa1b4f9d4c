"""FF1 against the standard's samples, and against its steps carried out one after the other."""

import traceback

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.crypto.ff1 import _remainder, check_domain, decrypt, decrypt_batch, encrypt, encrypt_batch

KEY_128 = "2B7E151628AED2A6ABF7158809CF4F3C"
KEY_192 = KEY_128 + "EF4359D8D580AA4F"
KEY_256 = KEY_192 + "7F036D6F04FC6A94"

# NIST, Cryptographic Standards and Guidelines, examples with intermediate values, FF1samples.pdf: samples 1 to 9.
SAMPLES = [
    (KEY_128, 10, "", "0123456789", "2433477484"),
    (KEY_128, 10, "39383736353433323130", "0123456789", "6124200773"),
    (KEY_128, 36, "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
    (KEY_192, 10, "", "0123456789", "2830668132"),
    (KEY_192, 10, "39383736353433323130", "0123456789", "2496655549"),
    (KEY_192, 36, "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
    (KEY_256, 10, "", "0123456789", "6657667009"),
    (KEY_256, 10, "39383736353433323130", "0123456789", "1001623463"),
    (KEY_256, 36, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
]


def numerals(text: str) -> list[int]:
    return [int(char, 36) for char in text]


@pytest.mark.parametrize(("key", "radix", "tweak", "plain", "cipher"), SAMPLES)
@pytest.mark.parametrize("rows", [1, 11, 12, 9000])
def test_agrees_with_the_samples_of_the_standard(key, radix, tweak, plain, cipher, rows):
    key, tweak = bytes.fromhex(key), bytes.fromhex(tweak)
    plains, ciphers = np.tile(numerals(plain), (rows, 1)), np.tile(numerals(cipher), (rows, 1))
    assert encrypt(key, numerals(plain), radix, tweak) == numerals(cipher)
    assert decrypt(key, numerals(cipher), radix, tweak) == numerals(plain)
    assert encrypt_batch(key, plains, radix, tweak).tolist() == ciphers.tolist()
    assert decrypt_batch(key, ciphers, radix, tweak).tolist() == plains.tolist()


def num(digits: list[int], radix: int) -> int:
    """SP 800-38G, algorithm 1."""
    x = 0
    for digit in digits:
        x = x * radix + digit
    return x


def string(x: int, radix: int, m: int) -> list[int]:
    """SP 800-38G, algorithm 3."""
    digits = []
    for _ in range(m):
        digits.insert(0, x % radix)
        x //= radix
    return digits


def prf(key: bytes, message: bytes) -> bytes:
    """SP 800-38G, algorithm 6, by the library's own CBC."""
    encryptor = Cipher(AES(key), CBC(bytes(16))).encryptor()
    return (encryptor.update(message) + encryptor.finalize())[-16:]


def aes(key: bytes, block: bytes) -> bytes:
    return Cipher(AES(key), ECB()).encryptor().update(block)


def xor(block: bytes, number: int) -> bytes:
    return (int.from_bytes(block, "big") ^ number).to_bytes(16, "big")


def ceil_log2(x: int) -> int:
    return next(bits for bits in range(10_000) if 1 << bits >= x)


def function(key: bytes, tweak: bytes, radix: int, n: int, i: int, half: list[int]) -> int:
    """SP 800-38G, algorithm 7, steps 3 to 6.iv."""
    u = n // 2
    v = n - u
    b = (ceil_log2(radix**v) + 7) // 8
    d = 4 * ((b + 3) // 4) + 4
    p = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([10, u % 256])
    p += n.to_bytes(4, "big") + len(tweak).to_bytes(4, "big")
    q = tweak + bytes((-len(tweak) - b - 1) % 16) + bytes([i]) + num(half, radix).to_bytes(b, "big")
    r = prf(key, p + q)
    s = r
    for j in range(1, (d + 15) // 16):
        s += aes(key, xor(r, j))
    return int.from_bytes(s[:d], "big")


def reference_encrypt(key: bytes, x: list[int], radix: int, tweak: bytes) -> list[int]:
    n = len(x)
    u = n // 2
    a, b = x[:u], x[u:]
    for i in range(10):
        m = u if i % 2 == 0 else n - u
        c = string((num(a, radix) + function(key, tweak, radix, n, i, b)) % radix**m, radix, m)
        a, b = b, c
    return a + b


def reference_decrypt(key: bytes, x: list[int], radix: int, tweak: bytes) -> list[int]:
    n = len(x)
    u = n // 2
    a, b = x[:u], x[u:]
    for i in reversed(range(10)):
        m = u if i % 2 == 0 else n - u
        c = string((num(b, radix) - function(key, tweak, radix, n, i, a)) % radix**m, radix, m)
        a, b = c, a
    return a + b


@pytest.mark.parametrize(("key", "radix", "tweak", "plain", "cipher"), SAMPLES)
def test_the_reference_agrees_with_the_samples_of_the_standard(key, radix, tweak, plain, cipher):
    key, tweak = bytes.fromhex(key), bytes.fromhex(tweak)
    assert reference_encrypt(key, numerals(plain), radix, tweak) == numerals(cipher)
    assert reference_decrypt(key, numerals(cipher), radix, tweak) == numerals(plain)


RADICES = st.sampled_from([2, 3, 7, 10, 16, 26, 36, 62, 255, 256, 257, 1000, 13258, 65535, 65536]) | st.integers(
    2, 65536
)
LENGTHS = st.integers(0, 60)
ROWS = st.integers(0, 16)
KEYS = st.sampled_from([16, 24, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))


def shortest(radix: int) -> int:
    return next(length for length in range(2, 21) if radix**length >= 1_000_000)


@st.composite
def batches(draw, rows=ROWS):
    """A radix, and rows of numerals of it of one length: random, and the smallest and largest."""
    radix = draw(RADICES)
    length = max(draw(LENGTHS), shortest(radix))
    numeral = st.integers(0, radix - 1) | st.sampled_from([0, radix - 1])
    row = st.lists(numeral, min_size=length, max_size=length) | st.sampled_from([[0] * length, [radix - 1] * length])
    count = draw(rows)
    found = draw(st.lists(row, min_size=count, max_size=count))
    return radix, np.array(found, np.uint16).reshape(count, length)


@settings(max_examples=150, deadline=None)
@given(batch=batches(), key=KEYS, tweak=st.binary(max_size=40))
def test_a_batch_agrees_with_the_steps_of_the_standard(batch, key, tweak):
    radix, rows = batch
    expected = [reference_encrypt(key, row, radix, tweak) for row in rows.tolist()]
    masked = encrypt_batch(key, rows, radix, tweak)
    assert masked.tolist() == expected
    assert decrypt_batch(key, masked, radix, tweak).tolist() == rows.tolist()


@settings(max_examples=150, deadline=None)
@given(batch=batches(), key=KEYS, tweak=st.binary(max_size=40), data=st.data())
def test_tweaks_of_their_own_agree_with_the_steps_of_the_standard(batch, key, tweak, data):
    radix, rows = batch
    size = data.draw(st.integers(0, 40))
    own = data.draw(st.lists(st.binary(min_size=size, max_size=size), min_size=len(rows), max_size=len(rows)))
    tails = np.frombuffer(b"".join(own), np.uint8).reshape(len(rows), size)
    masked = encrypt_batch(key, rows, radix, tweak, tails)
    assert masked.tolist() == [
        reference_encrypt(key, row, radix, tweak + tail) for row, tail in zip(rows.tolist(), own, strict=True)
    ]
    assert decrypt_batch(key, masked, radix, tweak, tails).tolist() == rows.tolist()


@settings(max_examples=60, deadline=None)
@given(batch=batches(rows=st.just(13)), key=KEYS, tweak=st.binary(max_size=40))
def test_decryption_of_anything_agrees_with_the_steps_of_the_standard(batch, key, tweak):
    radix, rows = batch
    opened = decrypt_batch(key, rows, radix, tweak)
    assert opened.tolist() == [reference_decrypt(key, row, radix, tweak) for row in rows.tolist()]
    assert encrypt_batch(key, opened, radix, tweak).tolist() == rows.tolist()


@settings(max_examples=50, deadline=None)
@given(batch=batches(rows=st.integers(12, 40)), key=KEYS, tweak=st.binary(max_size=20), cut=st.integers(0, 40))
def test_the_batch_makes_no_difference(batch, key, tweak, cut):
    radix, rows = batch
    whole = encrypt_batch(key, rows, radix, tweak).tolist()
    assert whole == [encrypt(key, row, radix, tweak) for row in rows.tolist()]
    parts = [encrypt_batch(key, part, radix, tweak).tolist() for part in (rows[:cut], rows[cut:])]
    assert whole == parts[0] + parts[1]


# Every step in the sizes of a half: the bytes of it (1 to 8 and above), of a round's output, and of the block.
@pytest.mark.parametrize("radix", [2, 10, 26, 65536])
@pytest.mark.parametrize("length", [*range(20, 42), 61, 62, 63, 123, 124, 125, 126, 257, 600])
def test_every_length_agrees_with_the_steps_of_the_standard(radix, length):
    random = np.random.default_rng(length)
    rows = random.integers(0, radix, (12, length))
    rows[0], rows[1] = 0, radix - 1
    masked = encrypt_batch(bytes(range(32)), rows, radix, b"tweak")
    for row in (0, 1, 11):
        assert masked[row].tolist() == reference_encrypt(bytes(range(32)), rows[row].tolist(), radix, b"tweak")
    assert decrypt_batch(bytes(range(32)), masked, radix, b"tweak").tolist() == rows.tolist()


# What is left after a division in floating point: moduli close to powers of two, and close to the 62 bits of a word.
@pytest.mark.parametrize(("radix", "length"), [(10, 36), (10, 35), (2, 124), (2, 123), (65536, 5), (65535, 6), (3, 78)])
def test_large_halves_agree_with_python_numbers(radix, length):
    rows = np.random.default_rng(radix).integers(0, radix, (5000, length))
    masked = encrypt_batch(bytes(32), rows, radix)
    fours = [encrypt_batch(bytes(32), rows[at : at + 4], radix) for at in range(0, len(rows), 4)]
    assert np.array_equal(masked, np.concatenate(fours))


@given(modulus=st.integers(2**32 + 1, 2**62), off=st.integers(-2, 2), data=st.data())
def test_a_remainder_in_floating_point_is_put_right(modulus, off, data):
    """Of 96 bits next to a multiple, where the quotient in floating point is one too large or too small."""
    y = min(max(data.draw(st.integers(0, 2**96 // modulus)) * modulus + off, 0), 2**96 - 1)
    block = np.frombuffer(y.to_bytes(12, "big") + bytes(4), np.uint8).reshape(1, 16)
    assert _remainder(block, 8, modulus).tolist() == [y % modulus]


def test_a_million_strings_are_permuted():
    every = np.arange(1_000_000)
    rows = np.stack([every // 1000, every % 1000], axis=1)
    masked = encrypt_batch(bytes(32), rows, 1000)
    numbers = masked[:, 0].astype(np.int64) * 1000 + masked[:, 1]
    assert len(np.unique(numbers)) == 1_000_000
    assert (numbers == every).sum() < 20  # a random permutation leaves one in its place on average


@pytest.mark.parametrize("size", [0, 1, 15, 17, 31, 33, 64])
def test_refuses_keys_of_other_lengths(size):
    with pytest.raises(ValueError, match=f"^the key must have 16, 24 or 32 bytes; got {size}$"):
        encrypt(b"k" * size, [1] * 10, 10)


@pytest.mark.parametrize(("radix", "length"), [(10, 5), (10, 1), (10, 0), (2, 19), (36, 3), (999, 2), (65536, 1)])
def test_refuses_domains_below_a_million(radix, length):
    with pytest.raises(ValueError, match="1,000,000 strings at least"):
        decrypt(bytes(16), [1] * length, radix)
    with pytest.raises(ValueError, match="1,000,000 strings at least"):
        encrypt_batch(bytes(16), np.ones((3, length), np.uint16), radix)


@pytest.mark.parametrize(("radix", "length"), [(10, 6), (2, 20), (37, 4), (1000, 2), (65536, 2)])
def test_takes_domains_of_a_million(radix, length):
    assert decrypt(bytes(16), encrypt(bytes(16), [1] * length, radix), radix) == [1] * length


@pytest.mark.parametrize("radix", [-10, 0, 1, 65537])
def test_refuses_other_radices(radix):
    with pytest.raises(ValueError, match="the radix must be 2 to 65536"):
        encrypt(bytes(16), [0] * 30, radix)


def test_refuses_what_is_too_long():
    check_domain(10, 2**32 - 1)
    with pytest.raises(ValueError, match="at most 4294967295 numerals"):
        check_domain(10, 2**32)


@pytest.mark.parametrize("bad", [10, 11, 65536, 10**30, -1])
@pytest.mark.parametrize("place", [0, 4, 9])
def test_refuses_numerals_out_of_the_radix_without_telling_them(bad, place):
    row = [1] * 10
    row[place] = bad
    with pytest.raises(ValueError, match=r"^every numeral must be 0 to 9; one is not$") as caught:
        encrypt(bytes(16), row, 10)
    assert str(bad) not in "".join(traceback.format_exception_only(caught.value)) and caught.value.__context__ is None
    if abs(bad) < 2**60:
        with pytest.raises(ValueError, match=r"^every numeral must be 0 to 9; one is not$"):
            decrypt_batch(bytes(16), np.array([[1] * 10, row]), 10)


@pytest.mark.parametrize(
    "rows", [np.ones(10, np.uint8), np.ones((2, 10)), np.ones((1, 2, 10), np.uint8), np.array([["1"] * 10])]
)
def test_refuses_what_is_no_rows_of_integers(rows):
    with pytest.raises(ValueError, match="numerals must be rows of integers"):
        encrypt_batch(bytes(16), rows, 10)


@pytest.mark.parametrize("tails", [np.zeros((2, 4), np.uint8), np.zeros(3, np.uint8), np.zeros((3, 4), np.uint16)])
def test_refuses_tails_that_do_not_fit(tails):
    with pytest.raises(ValueError, match="tails must be a row of bytes for each of 3 strings"):
        encrypt_batch(bytes(16), np.ones((3, 10), np.uint8), 10, b"", tails)


def test_takes_no_strings():
    assert encrypt_batch(bytes(16), np.ones((0, 10), np.uint8), 10).shape == (0, 10)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.uint32, np.int64, np.uint64])
@pytest.mark.parametrize("rows", [1, 12])
def test_takes_integers_of_any_type_and_changes_none(dtype, rows):
    given_rows = np.tile(np.array(numerals("0123456789"), dtype), (rows, 1))
    before = given_rows.copy()
    assert encrypt_batch(bytes.fromhex(KEY_128), given_rows, 10)[0].tolist() == numerals("2433477484")
    assert np.array_equal(given_rows, before)
    assert encrypt_batch(bytes.fromhex(KEY_128), np.asfortranarray(given_rows[:, ::-1])[:, ::-1], 10).tolist() == (
        [numerals("2433477484")] * rows
    )
