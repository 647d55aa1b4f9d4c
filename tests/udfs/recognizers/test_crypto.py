"""Addresses of coins: vectors of their specifications, generated ones, and one wrong character."""

from hashlib import sha256

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from presidio_analyzer.predefined_recognizers import CryptoRecognizer as Theirs

from udfs.detect.exact import judge
from udfs.detect.scan import Scan
from udfs.recognizers.crypto import RECOGNIZERS, base58check, bech32

JUDGE = judge(RECOGNIZERS[0], 0.35)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
# Version bytes: Bitcoin (main, test), Litecoin, Dogecoin, Dash, Zcash, Tron, Tezos.
VERSIONS = """
00 05 6f c4 30 32 1e 16 4c 10 1cb8 1cbd 41 06a19f 06a1a1 06a1a4 025a79
"""

# BIP 173 and BIP 350, "Test vectors": valid and invalid addresses.
VALID = """
BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4 tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7
bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y
tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy
tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c
bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0
"""
INVALID = """
tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut
bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd
tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf
BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL
bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47
bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4
tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq
"""


def found(text: str) -> list[tuple[str, float]]:
    return [(text[start:end], score) for start, end, score in JUDGE.analyze(text) if score >= 0.35]


def in_base58(data: bytes) -> str:
    data += sha256(sha256(data).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def in_segwit(version: int, program: bytes) -> str:
    """By Presidio's copy of Pieter Wuille's code, which is another than ours."""
    bits = "".join(f"{byte:08b}" for byte in program)
    bits += "0" * (-len(bits) % 5)
    data = [version, *(int(bits[i : i + 5], 2) for i in range(0, len(bits), 5))]
    rest = Theirs.bech32_polymod([*Theirs.bech32_hrp_expand("bc"), *data, *[0] * 6]) ^ (0x2BC830A3 if version else 1)
    return "bc1" + "".join(_BECH32[n] for n in [*data, *(rest >> 5 * (5 - i) & 31 for i in range(6))])


def test_the_scan_takes_the_patterns() -> None:
    assert Scan([JUDGE]).unscanned == ()


@pytest.mark.parametrize("address", VALID.split())
def test_valid_vectors_are_found(address: str) -> None:
    assert found(f"to {address}.") == [(address, 1.0)]


@pytest.mark.parametrize("address", INVALID.split())
def test_invalid_vectors_are_not(address: str) -> None:
    assert found(f"to {address}.") == []


@pytest.mark.parametrize("version", VERSIONS.split())
@settings(max_examples=20)
@given(data=st.binary(min_size=20, max_size=20))
def test_every_version_is_found_and_one_wrong_character_is_not(version: str, data: bytes) -> None:
    address = in_base58(bytes.fromhex(version) + data)
    assert base58check(address)
    assert found(f"({address})") == [(address, 1.0)]
    wrong = address[:-2] + ("2" if address[-2] != "2" else "3") + address[-1]
    assert found(wrong) == []
    assert found(f"{address}1") == []


@given(st.integers(0, 1), st.binary(min_size=32, max_size=32), st.integers(4, 61), st.sampled_from(_BECH32))
def test_segwit_is_found_and_one_wrong_character_is_not(version: int, program: bytes, at: int, char: str) -> None:
    address = in_segwit(version, program)
    assert found(address) == [(address, 1.0)]
    assert found(address.upper()) == [(address.upper(), 1.0)]
    if address[at] != char:
        assert found(address[:at] + char + address[at + 1 :]) == []


@given(st.binary(min_size=20, max_size=20).filter(lambda b: len(set(b.hex())) > 6))
def test_ethereum_goes_by_its_form(data: bytes) -> None:
    assert found(f"0x{data.hex()}") == [(f"0x{data.hex()}", 0.6)]
    assert found(f"0x{data.hex()}00") == found(data.hex()) == found(f"0x{data.hex()[1:]}") == []


@given(st.text(_BASE58, min_size=24, max_size=36))
def test_random_base58_is_not_found(text: str) -> None:
    assert found(text) == []


@given(st.text(max_size=60))
def test_no_text_is_too_much(text: str) -> None:
    bech32(text)
    found(text)
