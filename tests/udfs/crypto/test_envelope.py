"""Sealed values: what is written is read, as one text and as a batch, and nothing else is."""

import base64
import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.crypto.envelope import (
    AES_256_GCM,
    AES_256_GCM_SIV,
    AES_256_SIV,
    PREFIX,
    TEXT,
    Envelope,
    EnvelopeError,
    associated,
    by_header,
    decode,
    encode,
    header,
    parse,
    references,
)
from udfs.crypto.rows import FEWEST_ROWS, LONGEST_ROW
from udfs.keys.derive import derive, hkdf, key_id
from udfs.mask import MaskContext
from udfs.mask.token import MASK as TOKEN

KEY_ID, REFERENCE = b"\x00\xff\x7f\x80", bytes(range(16))
SIV, GCM = bytes(16), bytes(28)


def text(data: bytes) -> str:
    """The text of bytes, by RFC 4648 as Python's library has it."""
    return "wr1." + base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    ("algorithm", "reference", "expected"),
    [
        (AES_256_SIV, b"", "010100ff7f80"),
        (AES_256_GCM, b"", "010200ff7f80"),
        (AES_256_GCM_SIV, b"", "010300ff7f80"),
        (AES_256_SIV, REFERENCE, "018100ff7f80000102030405060708090a0b0c0d0e0f"),
        (AES_256_GCM, REFERENCE, "018200ff7f80000102030405060708090a0b0c0d0e0f"),
        (AES_256_GCM_SIV, REFERENCE, "018300ff7f80000102030405060708090a0b0c0d0e0f"),
    ],
)
def test_header_byte_by_byte(algorithm, reference, expected):
    head = header(algorithm, KEY_ID, reference)
    assert head.hex() == expected
    assert associated(head, "ÄGE") == head + b"\xc3\x84GE"
    found = parse(text(head + GCM))
    assert found == Envelope(algorithm, KEY_ID, reference, GCM)
    assert found.header == head


@pytest.mark.parametrize(("key_id", "reference"), [(b"", b""), (bytes(3), b""), (bytes(5), b""), (bytes(4), bytes(15))])
def test_header_refuses_other_lengths(key_id, reference):
    with pytest.raises(ValueError):
        header(AES_256_SIV, key_id, reference)


GOOD = text(header(AES_256_SIV, KEY_ID) + bytes(range(20)))

BAD = {
    "nothing": "",
    "prefix alone": PREFIX,
    "no prefix": GOOD.removeprefix(PREFIX),
    "another prefix": "wr2." + GOOD.removeprefix(PREFIX),
    "prefix in capitals": GOOD.replace("wr1", "WR1"),
    "space before": " " + GOOD,
    "space after": GOOD + " ",
    "line feed after": GOOD + "\n",
    "padding": text(header(AES_256_SIV, KEY_ID) + bytes(16)) + "==",
    "base64 and no base64url: +": GOOD[:-1] + "+",
    "base64 and no base64url: /": GOOD[:-1] + "/",
    "a character that is not of base64": GOOD[:20] + "." + GOOD[21:],
    "NUL": GOOD[:20] + "\0" + GOOD[21:],
    "a letter of another script": GOOD[:20] + "а" + GOOD[21:],
    "a digit of another script": GOOD[:20] + "٣" + GOOD[21:],
    "one character too many": text(header(AES_256_SIV, KEY_ID) + bytes(18)) + "A",
    "bits that no byte has": GOOD[:-1] + chr(ord(GOOD[-1]) + 1),
    "version 0": text(b"\x00\x01" + KEY_ID + SIV),
    "version 2": text(b"\x02\x01" + KEY_ID + SIV),
    "version 255": text(b"\xff\x01" + KEY_ID + SIV),
    "algorithm 0": text(b"\x01\x00" + KEY_ID + GCM),
    "algorithm 4": text(b"\x01\x04" + KEY_ID + GCM),
    "algorithm 0x41": text(b"\x01\x41" + KEY_ID + GCM),
    "algorithm 0 with a reference": text(b"\x01\x80" + KEY_ID + REFERENCE + GCM),
    "no algorithm": text(b"\x01"),
    "cut in the key id": text(b"\x01\x01" + KEY_ID[:3]),
    "no payload": text(b"\x01\x01" + KEY_ID),
    "cut in the synthetic IV": text(b"\x01\x01" + KEY_ID + SIV[:15]),
    "cut in the reference": text(b"\x01\x81" + KEY_ID + REFERENCE[:15]),
    "cut in the synthetic IV after a reference": text(b"\x01\x81" + KEY_ID + REFERENCE + SIV[:15]),
    "cut in the tag of GCM": text(b"\x01\x02" + KEY_ID + GCM[:27]),
    "cut in the tag of GCM-SIV": text(b"\x01\x03" + KEY_ID + GCM[:27]),
    "cut in the tag of GCM-SIV after a reference": text(b"\x01\x83" + KEY_ID + REFERENCE + GCM[:27]),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_reads_strictly(bad):
    with pytest.raises(EnvelopeError) as caught:
        parse(bad)
    assert len(bad) < 5 or bad not in str(caught.value)
    for others in ([], [GOOD] * 3, [GOOD] * (FEWEST_ROWS + 5)):
        with pytest.raises(EnvelopeError):
            by_header(decode(pa.array([*others, bad, *others], pa.string())))
        assert references(pa.array([*others, bad], pa.string())) == set()


def test_the_good_one_is_good():
    assert parse(GOOD).payload == bytes(range(20))
    many = [GOOD] * (FEWEST_ROWS + 5)
    [(envelope, rows, whole)] = by_header(decode(pa.array(many)))
    assert (envelope.key_id, rows, set(whole.to_pylist())) == (KEY_ID, None, {envelope.header + bytes(range(20))})


PAYLOAD = st.one_of(
    st.binary(min_size=28, max_size=60),
    st.sampled_from([28, 29, 30, LONGEST_ROW - 7, LONGEST_ROW - 6, LONGEST_ROW, LONGEST_ROW + 1, 3000]).map(bytes),
)
HEADER = st.builds(
    header,
    st.sampled_from([AES_256_SIV, AES_256_GCM, AES_256_GCM_SIV]),
    st.binary(min_size=4, max_size=4) | st.just(KEY_ID),
    st.just(b"") | st.just(REFERENCE) | st.binary(min_size=16, max_size=16),
)


@settings(deadline=None)
@given(
    head=HEADER, payloads=st.lists(PAYLOAD, min_size=1, max_size=9), times=st.integers(1, 40), start=st.integers(0, 9)
)
def test_a_batch_is_written_like_its_values(head, payloads, times, start):
    sliced = pa.array(payloads * times, pa.binary())[start:]
    texts = encode(head, sliced)
    texts.validate(full=True)
    assert texts.to_pylist() == [text(head + payload) for payload in sliced.to_pylist()]
    assert all(re.fullmatch(TEXT, found) for found in texts.to_pylist())
    assert decode(texts).to_pylist() == [head + payload for payload in sliced.to_pylist()]
    assert decode(texts[start:]).to_pylist() == decode(texts).to_pylist()[start:]


@settings(deadline=None)
@given(some=st.lists(st.tuples(HEADER, PAYLOAD), min_size=1, max_size=9), times=st.integers(1, 40))
def test_a_batch_is_read_by_what_its_headers_say(some, times):
    values = [head + payload for head, payload in some * times]
    found = {}
    for envelope, rows, whole in by_header(pa.array(values, pa.binary())):
        assert {value[: len(envelope.header)] for value in whole.to_pylist()} == {envelope.header}
        places = range(len(values)) if rows is None else rows.to_pylist()
        found |= dict(zip(places, whole.to_pylist(), strict=True))
    assert [found[row] for row in range(len(values))] == values
    texts = [text(value) for value in values]
    assert references(pa.array([None, *texts, ""])) == {head[6:] for head, _ in some} - {b""}


@given(data=st.binary(min_size=34, max_size=60), flips=st.integers(0, 63))
def test_each_sealed_value_has_one_text(data, flips):
    """The last character can hold bits that no byte has; base64 decoders that drop them would read many texts alike."""
    good = text(b"\x01\x01" + data)
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = good[:-1] + digits[digits.index(good[-1]) ^ flips]
    if other == good:
        return
    if len(data) % 3 == 1:  # of 36 bytes and more by threes, the last character is whole
        assert parse(other) != parse(good)
    elif flips & (0b1111 if len(data) % 3 == 2 else 0b11):
        with pytest.raises(EnvelopeError):
            parse(other)


@pytest.mark.parametrize(
    ("around", "found"),
    [
        ("{}", True),
        ("token {} of Ann", True),
        ('{{"email":"{}"}}', True),
        ("https://example.com/?who={}&x=1", True),
        ("({}).", True),
        ("a\n{}\nb", True),
        ("ä{}", False),
        ("x{}", False),
        ("_{}", False),
    ],
)
def test_texts_are_found_in_a_text(around, found):
    match = re.search(TEXT, around.format(GOOD))
    assert (match[0] if match else None) == (GOOD if found else None)


@pytest.mark.parametrize("other", ["wr1.", "wr1.short", "wr1", "WR1." + "A" * 40, "wr2." + "A" * 40, "wr1-" + "A" * 40])
def test_other_texts_are_not_found(other):
    assert re.search(TEXT, other) is None


def test_the_page_states_what_is_so():
    page = (Path(__file__).resolve().parents[3] / "docs" / "envelope.md").read_text(encoding="utf-8")
    stated = re.sub(r"\s+", " ", page)
    for purpose, info, length in [
        ("weir/1/token", b"weir/1/token/siv", 64),
        ("weir/1/encrypt", b"weir/1/encrypt/aes-256-gcm", 32),
    ]:
        key = derive(bytes(range(32)), purpose, "segment:support")
        cipher_key = hkdf(key, b"", info, length).hex()
        assert f"key of the mask {key.hex()} key id {key_id(key).hex()}" in stated
        assert re.search(rf"key of AES-\w+ {cipher_key[:64]} ?{cipher_key[64:]} ", stated)
        assert f"`{info.decode()}`" in page and f"`{purpose}`" in page
    values = pa.array(["ann@example.com"])
    context = MaskContext("EMAIL_ADDRESS", derive(bytes(range(32)), "weir/1/token", "segment:support"))
    token = TOKEN.apply(values, TOKEN.info.params(), replace(context, key_id=key_id(context.key)))[0].as_py()
    envelope = parse(token)
    assert f"text {token} " in stated
    assert f"associated data {envelope.header.hex()} {b'EMAIL_ADDRESS'.hex()} EMAIL_ADDRESS" in stated
    assert f"synthetic IV {envelope.payload[:16].hex()} ciphertext {envelope.payload[16:].hex()} " in stated


def test_nothing_comes_of_nothing():
    nothing = pa.array([], pa.string())
    assert len(decode(nothing)) == 0
    assert by_header(decode(nothing)) == []
    assert references(nothing) == set()
    assert len(encode(header(AES_256_SIV, KEY_ID), pa.array([], pa.binary()))) == 0
