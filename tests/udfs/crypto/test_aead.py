"""Authenticated encryption against the published vectors and against other implementations, and what it refuses."""

import pyarrow as pa
import pytest
import tink
from Crypto.Cipher import AES
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from hypothesis import given, settings
from hypothesis import strategies as st
from tink import daead, secret_key_access
from tink.proto import aes_siv_pb2, tink_pb2

from udfs.crypto import aead
from udfs.crypto.aead import InvalidTag
from udfs.crypto.rows import FEWEST_ROWS, LONGEST_ROW


def unhex(text: str) -> bytes:
    return bytes.fromhex(text)


# RFC 5297, appendix A.1 and A.2: key, associated data, plaintext, synthetic IV and ciphertext.
RFC_5297 = [
    (
        "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        ["101112131415161718191a1b1c1d1e1f2021222324252627"],
        "112233445566778899aabbccddee",
        "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c",
    ),
    (
        "7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f",
        [
            "00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100",
            "102030405060708090a0",
            "09f911029d74e35bd84156c5635688c0",
        ],
        "7468697320697320736f6d6520706c61696e7465787420746f20656e6372797074207573696e67205349562d414553",
        "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17"
        "dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d",
    ),
]

# RFC 8452, appendix C.1 (128-bit keys), C.2 and C.3 (256-bit keys): key, nonce, associated data, plaintext, result.
ONE, THREE = "01" + "00" * 15, "03" + "00" * 11
RFC_8452 = [
    (ONE, THREE, "", "", "dc20e2d83f25705bb49e439eca56de25"),
    (ONE, THREE, "", "0100000000000000", "b5d839330ac7b786578782fff6013b815b287c22493a364c"),
    (ONE + "00" * 16, THREE, "", "", "07f5f4169bbf55a8400cd47ea6fd400f"),
    (ONE + "00" * 16, THREE, "", "0100000000000000", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"),
    (
        ONE + "00" * 16,
        THREE,
        "",
        "0100000000000000000000000000000002000000000000000000000000000000",
        "4a6a9db4c8c6549201b9edb53006cba821ec9cf850948a7c86c68ac7539d027fe819e63abcd020b006a976397632eb5d",
    ),
    (ONE + "00" * 16, THREE, "01", "0200000000000000", "1de22967237a813291213f267e3b452f02d01ae33e4ec854"),
    (
        ONE + "00" * 16,
        THREE,
        "010000000000000000000000000000000200",
        "0300000000000000000000000000000004000000",
        "43dd0163cdb48f9fe3212bf61b201976067f342bb879ad976d8242acc188ab59cabfe307",
    ),
    (
        "e66021d5eb8e4f4066d4adb9c33560e4f46e44bb3da0015c94f7088736864200",
        "e0eaf5284d884a0e77d31646",
        "",
        "",
        "169fbb2fbf389a995f6390af22228a62",
    ),
    (
        "bae8e37fc83441b16034566b7a806c46bb91c3c5aedb64a6c590bc84d1a5e269",
        "e4b47801afc0577e34699b9e",
        "4fbdc66f14",
        "671fdd",
        "0eaccb93da9bb81333aee0c785b240d319719d",
    ),
    (
        "3c535de192eaed3822a2fbbe2ca9dfc88255e14a661b8aa82cc54236093bbc23",
        "688089e55540db1872504e1c",
        "734320ccc9d9bbbb19cb81b2af4ecbc3e72834321f7aa0f70b7282b4f33df23f167541",
        "ced532ce4159b035277d4dfbb7db62968b13cd4eec",
        "626660c26ea6612fb17ad91e8e767639edd6c9faee9d6c7029675b89eaf4ba1ded1a286594",
    ),
    # C.3: the counter wraps
    (
        "00" * 32,
        "00" * 12,
        "",
        "000000000000000000000000000000004db923dc793ee6497c76dcc03a98e108",
        "f3f80f2cf0cb2dd9c5984fcda908456cc537703b5ba70324a6793a7bf218d3eaffffffff000000000000000000000000",
    ),
    (
        "00" * 32,
        "00" * 12,
        "",
        "eb3640277c7ffd1303c7a542d02d3e4c0000000000000000",
        "18ce4f0b8cb4d0cac65fea8f79257b20888e53e72299e56dffffffff000000000000000000000000",
    ),
]

# McGrew and Viega, The Galois/Counter Mode of Operation (GCM), appendix B, which SP 800-38D is made from: test cases
# 2, 3, 4 (128-bit keys), 13, 14, 15, 16 (256-bit keys).
GCM_KEY, GCM_NONCE = "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888"
GCM_PLAIN = (
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
GCM_128 = (
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
    "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
)
GCM_256 = (
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)
GCM_AD = "feedfacedeadbeeffeedfacedeadbeefabaddad2"
GCM = [
    ("00" * 16, "00" * 12, "", "00" * 16, "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"),
    (GCM_KEY, GCM_NONCE, "", GCM_PLAIN, GCM_128 + "4d5c2af327cd64a62cf35abd2ba6fab4"),
    (GCM_KEY, GCM_NONCE, GCM_AD, GCM_PLAIN[:120], GCM_128[:120] + "5bc94fbc3221a5db94fae95ae7121a47"),
    ("00" * 32, "00" * 12, "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
    ("00" * 32, "00" * 12, "", "00" * 16, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
    (GCM_KEY * 2, GCM_NONCE, "", GCM_PLAIN, GCM_256 + "b094dac5d93471bdec1a502270e3cc6c"),
    (GCM_KEY * 2, GCM_NONCE, GCM_AD, GCM_PLAIN[:120], GCM_256[:120] + "76fc6ece0f4e1768cddf8853bb2d551b"),
]


@pytest.mark.parametrize(("key", "parts", "plain", "sealed"), RFC_5297)
def test_siv_agrees_with_rfc_5297(key, parts, plain, sealed):
    parts = [unhex(part) for part in parts]
    assert aead.siv_encrypt(unhex(key), unhex(plain), *parts).hex() == sealed
    assert aead.siv_decrypt(unhex(key), unhex(sealed), *parts).hex() == plain


@pytest.mark.parametrize(("key", "parts", "plain", "sealed"), RFC_5297)
def test_siv_of_many_agrees_with_rfc_5297(key, parts, plain, sealed):
    parts, many = [unhex(part) for part in parts], FEWEST_ROWS + 1
    done = aead.siv_encrypt_all(unhex(key), pa.array([unhex(plain)] * many), *parts)
    assert {value.hex() for value in done.to_pylist()} == {sealed}
    assert {value.hex() for value in aead.siv_decrypt_all(unhex(key), done, *parts).to_pylist()} == {plain}


@pytest.mark.parametrize(("key", "nonce", "associated", "plain", "sealed"), RFC_8452)
def test_gcm_siv_agrees_with_rfc_8452(key, nonce, associated, plain, sealed):
    key, nonce, associated = unhex(key), unhex(nonce), unhex(associated)
    assert aead.gcm_siv_encrypt(key, nonce, unhex(plain), associated).hex() == sealed
    assert aead.gcm_siv_decrypt(key, nonce, unhex(sealed), associated).hex() == plain


@pytest.mark.parametrize(("key", "nonce", "associated", "plain", "sealed"), GCM)
def test_gcm_agrees_with_its_vectors(key, nonce, associated, plain, sealed):
    key, nonce, associated = unhex(key), unhex(nonce), unhex(associated)
    assert aead.gcm_encrypt(key, nonce, unhex(plain), associated).hex() == sealed
    assert aead.gcm_decrypt(key, nonce, unhex(sealed), associated).hex() == plain


KEY = bytes(range(64))
# All bounds: of a block, of a row, of what goes as rows.
LENGTHS = st.sampled_from([0, 1, 15, 16, 17, 31, 32, 33, LONGEST_ROW - 1, LONGEST_ROW, LONGEST_ROW + 1, 1000])
VALUE = st.one_of(st.binary(max_size=80), LENGTHS.flatmap(lambda size: st.binary(min_size=size, max_size=size)))
BATCH = st.builds(lambda some, times: some * times, st.lists(VALUE, min_size=1, max_size=20), st.integers(1, 25))
PARTS = st.lists(st.binary(max_size=40), max_size=3)


def pycryptodome(key: bytes, value: bytes, parts: list[bytes]) -> bytes:
    cipher = AES.new(key, AES.MODE_SIV)
    for part in parts:
        cipher.update(part)
    sealed, tag = cipher.encrypt_and_digest(value)
    return tag + sealed


@settings(deadline=None)
@given(values=BATCH, parts=PARTS, key=st.sampled_from([KEY[:32], KEY[:48], KEY]))
def test_siv_of_many_agrees_with_that_of_one_and_with_another_implementation(values, parts, key):
    done = aead.siv_encrypt_all(key, pa.array(values, pa.binary()), *parts)
    assert done.to_pylist() == [aead.siv_encrypt(key, value, *parts) for value in values]
    assert done.to_pylist()[:20] == [pycryptodome(key, value, parts) for value in values[:20]]
    assert aead.siv_decrypt_all(key, done, *parts).to_pylist() == values


@settings(deadline=None)
@given(values=BATCH, before=st.binary(max_size=24))
def test_what_comes_before_is_skipped(values, before):
    for cipher in (AESGCM, AESGCMSIV):
        done = aead.nonce_encrypt_all(cipher, KEY[:32], pa.array(values, pa.binary()), b"x").to_pylist()
        whole = pa.array([before + value for value in done], pa.binary())
        assert aead.nonce_decrypt_all(cipher, KEY[:32], whole, b"x", skip=len(before)).to_pylist() == values
    done = aead.siv_encrypt_all(KEY, pa.array(values, pa.binary()), b"x").to_pylist()
    whole = pa.array([before + value for value in done], pa.binary())
    assert aead.siv_decrypt_all(KEY, whole, b"x", skip=len(before)).to_pylist() == values


@settings(deadline=None, max_examples=20)
@given(values=BATCH, part=st.binary(max_size=40))
def test_siv_agrees_with_tink(values, part):
    # Tink's AES-SIV under a given key, without the prefix that names it.
    daead.register()
    key = tink_pb2.KeyData(
        type_url="type.googleapis.com/google.crypto.tink.AesSivKey",
        value=aes_siv_pb2.AesSivKey(version=0, key_value=KEY).SerializeToString(),
        key_material_type=tink_pb2.KeyData.SYMMETRIC,
    )
    entry = tink_pb2.Keyset.Key(key_data=key, status=tink_pb2.ENABLED, key_id=1, output_prefix_type=tink_pb2.RAW)
    keyset = tink_pb2.Keyset(primary_key_id=1, key=[entry]).SerializeToString()
    handle = tink.proto_keyset_format.parse(keyset, secret_key_access.TOKEN)
    primitive = handle.primitive(daead.DeterministicAead)
    done = aead.siv_encrypt_all(KEY, pa.array(values, pa.binary()), part)
    assert done.to_pylist() == [primitive.encrypt_deterministically(value, part) for value in values]


@settings(deadline=None)
@given(values=BATCH, start=st.integers(0, 30))
def test_siv_of_a_slice_is_that_of_its_values(values, start):
    sliced = pa.array(values, pa.binary())[start:]
    assert (
        aead.siv_encrypt_all(KEY, sliced).to_pylist()
        == aead.siv_encrypt_all(KEY, pa.array(sliced.to_pylist(), pa.binary())).to_pylist()
    )


@pytest.mark.parametrize("many", [1, FEWEST_ROWS, 300])
@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 40, LONGEST_ROW])
def test_siv_of_many_refuses_any_flipped_bit(many, length):
    sealed = aead.siv_encrypt_all(KEY, pa.array([bytes([n % 256]) * length for n in range(many)], pa.binary()), b"x")
    good = sealed.to_pylist()
    for place in sorted({0, 7, 15, 16, 16 + length // 2, 15 + length} & set(range(16 + length))):
        for bit in (0, 7):
            bad = bytearray(good[many // 2])
            bad[place] ^= 1 << bit
            changed = [*good[: many // 2], bytes(bad), *good[many // 2 + 1 :]]
            with pytest.raises(InvalidTag):
                aead.siv_decrypt_all(KEY, pa.array(changed, pa.binary()), b"x")


@pytest.mark.parametrize("many", [1, 300])
@pytest.mark.parametrize(
    ("key", "parts"),
    [(KEY[::-1], [b"x", b"y"]), (KEY, [b"xy"]), (KEY, [b"y", b"x"]), (KEY, []), (KEY, [b"x", b"y", b""])],
)
def test_siv_refuses_other_keys_and_associated_data(many, key, parts):
    sealed = aead.siv_encrypt_all(KEY, pa.array([b"Ann"] * many), b"x", b"y")
    with pytest.raises(InvalidTag):
        aead.siv_decrypt_all(key, sealed, *parts)


@pytest.mark.parametrize("many", [1, 300])
@pytest.mark.parametrize("length", [0, 1, 15])
def test_siv_refuses_what_is_shorter_than_its_iv(many, length):
    with pytest.raises(InvalidTag):
        aead.siv_decrypt_all(KEY, pa.array([bytes(length)] * many), b"x")
    with pytest.raises(InvalidTag):
        aead.siv_decrypt(KEY, bytes(length), b"x")


CIPHERS = [(AESGCM, aead.gcm_encrypt, aead.gcm_decrypt), (AESGCMSIV, aead.gcm_siv_encrypt, aead.gcm_siv_decrypt)]


@pytest.mark.parametrize(("cipher", "encrypt", "decrypt"), CIPHERS)
@settings(deadline=None, max_examples=30)
@given(values=BATCH, associated=st.binary(max_size=40))
def test_nonce_ciphers_of_many_agree_with_those_of_one(cipher, encrypt, decrypt, values, associated):
    done = aead.nonce_encrypt_all(cipher, KEY[:32], pa.array(values, pa.binary()), associated)
    for value, sealed in zip(values, done.to_pylist(), strict=True):
        assert sealed[12:] == encrypt(KEY[:32], sealed[:12], value, associated)
        assert decrypt(KEY[:32], sealed[:12], sealed[12:], associated) == value
    assert aead.nonce_decrypt_all(cipher, KEY[:32], done, associated).to_pylist() == values
    one = aead.nonce_encrypt(cipher, KEY[:32], values[0], associated)
    assert aead.nonce_decrypt(cipher, KEY[:32], one, associated) == values[0]
    assert one[:12] != aead.nonce_encrypt(cipher, KEY[:32], values[0], associated)[:12]
    assert len({sealed[:12] for sealed in done.to_pylist()}) == len(values)


@pytest.mark.parametrize(("cipher", "encrypt", "decrypt"), CIPHERS)
def test_nonce_ciphers_refuse_any_flipped_bit_and_any_cut(cipher, encrypt, decrypt):
    sealed = aead.nonce_encrypt_all(cipher, KEY[:32], pa.array([b"ann@example.com"]), b"x")[0].as_py()
    for bit in range(8 * len(sealed)):
        bad = bytearray(sealed)
        bad[bit // 8] ^= 1 << bit % 8
        with pytest.raises(InvalidTag):
            aead.nonce_decrypt_all(cipher, KEY[:32], pa.array([bytes(bad)]), b"x")
        with pytest.raises(InvalidTag):
            aead.nonce_decrypt(cipher, KEY[:32], bytes(bad), b"x")
    for length in range(len(sealed)):
        with pytest.raises(InvalidTag):
            aead.nonce_decrypt_all(cipher, KEY[:32], pa.array([sealed, sealed[:length]]), b"x")
        with pytest.raises(InvalidTag):
            aead.nonce_decrypt(cipher, KEY[:32], sealed[:length], b"x")


@pytest.mark.parametrize(("cipher", "encrypt", "decrypt"), CIPHERS)
@pytest.mark.parametrize("length", [0, 8, 11, 13, 16])
def test_nonces_have_96_bits(cipher, encrypt, decrypt, length):
    with pytest.raises(ValueError, match="12 bytes"):
        encrypt(KEY[:32], bytes(length), b"Ann")
    with pytest.raises(ValueError, match="12 bytes"):
        decrypt(KEY[:32], bytes(length), bytes(19))


@pytest.mark.parametrize("length", [0, 16, 31, 33, 63, 65])
def test_siv_refuses_keys_of_another_length(length):
    with pytest.raises(ValueError):
        aead.siv_encrypt(bytes(length), b"Ann")
    with pytest.raises(ValueError):
        aead.siv_encrypt_all(bytes(length), pa.array([b"Ann"] * 300))
