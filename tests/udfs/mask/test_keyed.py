"""The keyed masks' primitives against their standards and Python's own implementations."""

import base64
import hashlib
import hmac

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.mask import MaskContext
from udfs.mask._base import KeyedParams
from udfs.mask._keyed import hmac_sha256, normalise, texts_of
from udfs.mask.hash import MASK as HASH
from udfs.mask.hash import HashParams
from udfs.mask.pseudonym import MASK as PSEUDONYM
from udfs.mask.pseudonym import PseudonymParams

KEY = bytes(range(32))

# RFC 4231, section 4: test cases 1 to 4, 6 and 7 (5 is of a truncated output): key, data, HMAC-SHA-256.
RFC_4231 = [
    (
        "0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        b"Jefe".hex(),
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        "aa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        bytes(range(1, 26)).hex(),
        b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    (
        "aa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        "aa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. "
        b"The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]


@pytest.mark.parametrize(("key", "data", "expected"), RFC_4231)
def test_hmac_agrees_with_rfc_4231(key, data, expected):
    assert hmac_sha256(bytes.fromhex(key), [data]).hex() == expected


@given(key=st.binary(min_size=1, max_size=100), messages=st.lists(st.binary(max_size=200), max_size=5))
def test_hmac_agrees_with_the_standard_library(key, messages):
    assert hmac_sha256(key, messages) == b"".join(hmac.digest(key, message, "sha256") for message in messages)


@given(value=st.text(min_size=1))
def test_hash_is_hexadecimal_hmac_and_no_plain_hash(value):
    masked = HASH.apply(pa.array([value]), HashParams(), MaskContext("PERSON", KEY))[0].as_py()
    assert masked == hmac.digest(KEY, value.encode(), "sha256").hex()
    assert masked != hashlib.sha256(value.encode()).hexdigest()


def pseudonym(value: str, **params) -> str:
    return PSEUDONYM.apply(pa.array([value]), PseudonymParams(**params), MaskContext("PERSON", KEY))[0].as_py()


@given(value=st.text(min_size=1), length=st.integers(8, 26))
def test_pseudonym_is_the_start_of_base32(value, length):
    bits = hmac.digest(KEY, value.encode(), "sha256")[:16]
    assert pseudonym(value, length=length) == base64.b32encode(bits).decode().lower()[:length]


@given(value=st.text(min_size=1), length=st.integers(10, 32))
def test_pseudonym_is_the_start_of_hexadecimal(value, length):
    assert pseudonym(value, alphabet="hex", length=length) == hmac.digest(KEY, value.encode(), "sha256").hex()[:length]


@given(value=st.text(min_size=1), length=st.integers(13, 38))
def test_pseudonym_in_decimal_has_its_length_and_only_digits(value, length):
    masked = pseudonym(value, alphabet="decimal", length=length)
    number = int.from_bytes(hmac.digest(KEY, value.encode(), "sha256")[:16], "big")
    assert len(masked) == length
    assert int(masked) == number % 10**length


def test_pseudonyms_of_many_values_use_the_whole_alphabet_evenly():
    values = pa.array([f"customer {i}" for i in range(4000)])
    masked = PSEUDONYM.apply(values, PseudonymParams(), MaskContext("PERSON", KEY)).to_pylist()
    counts = np.unique(np.frombuffer("".join(masked).encode(), np.uint8), return_counts=True)[1]
    assert len(set(masked)) == 4000
    assert len(counts) == 32
    assert counts.min() > 0.9 * 2000  # 64,000 characters among 32: 2,000 each, with a deviation of 44
    assert counts.max() < 1.1 * 2000


@pytest.mark.parametrize(
    ("params", "same", "other"),
    [
        ({}, [], ["Ann Lee", "ann lee", "AnnLee", " Ann Lee", "Ann  Lee", "Ann\u00a0Lee"]),
        ({"ignore_case": True}, ["Ann Lee", "ANN LEE", "ann lee"], ["AnnLee", "Ann  Lee"]),
        (
            {"ignore_space": True},
            ["Ann Lee", "AnnLee", " Ann\tLee\n", "Ann\u00a0Lee", "Ann\u3000Lee"],
            ["annlee", "Ann-Lee"],
        ),
        ({"ignore_case": True}, ["Straße", "STRASSE", "strasse"], ["strase", "Strass"]),
    ],
)
def test_normalisation_joins_only_what_it_says(params, same, other):
    masked = [normalise(value, KeyedParams(**params)) for value in same + other]
    assert len(set(masked)) == len(other) + (1 if same else 0)
    assert len(set(masked[: len(same)])) <= 1


@given(st.lists(st.none() | st.text(max_size=4), max_size=6), st.integers(0, 6))
def test_texts_are_those_of_the_array(values, start):
    array = pa.array(values, pa.string())[start:]
    assert texts_of(array) == array.to_pylist()


def test_what_is_no_text_is_an_error_without_it():
    offsets, data = np.array([0, 4], np.int32), b"Ann\xff"
    with pytest.raises(UnicodeDecodeError) as caught:
        texts_of(pa.StringArray.from_buffers(1, pa.py_buffer(offsets), pa.py_buffer(data)))
    assert "Ann" not in str(caught.value) and caught.value.__context__ is None
