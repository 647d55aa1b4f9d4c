"""`token` and `encrypt`: what they make opens again, for whom it should, and for nobody else."""

import base64
import re
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.crypto.envelope import TEXT, parse
from udfs.crypto.rows import FEWEST_ROWS
from udfs.keys import derive, key_id
from udfs.mask import MASKS, MaskContext, MaskError

ROOT = bytes(range(32))
MASKINGS = [("token", {}), ("encrypt", {}), ("encrypt", {"algorithm": "aes-256-gcm"})]
masking = pytest.mark.parametrize(("name", "params"), MASKINGS, ids=["token", "gcm-siv", "gcm"])

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("aA \x00\n\u0301🎂𝒜"), max_size=40)
VALUES = st.lists(st.none() | TEXTS | st.integers(0, 400).map("ä".__mul__), min_size=1, max_size=12)


def context(entity="PERSON", scope="segment:test", epoch=1, reference=b"", name="token") -> MaskContext:
    """What a mask is given: the key of a scope and epoch, and the keys of the scope that open."""
    known = {}
    for number in (1, 2, 3):
        key = derive(ROOT, f"weir/1/{name}", scope, number)
        known |= {key_id(key): key, key_id(key) + reference: key}
    key = derive(ROOT, f"weir/1/{name}", scope, epoch)
    return MaskContext(entity, key, key_id(key), reference, known)


def sealed(name, params, values, **where):
    mask = MASKS[name]
    return mask.apply(pa.array(values, pa.string()), mask.info.params(**params), context(name=name, **where))


def opened(name, params, texts, **where):
    mask = MASKS[name]
    texts = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    return mask.open(texts, mask.info.params(**params), context(name=name, **where)).to_pylist()


@masking
@settings(deadline=None, max_examples=50)
@given(values=VALUES, times=st.sampled_from([1, 3, FEWEST_ROWS]), start=st.integers(0, 5))
def test_round_trip(name, params, values, times, start):
    texts = sealed(name, params, values * times)
    texts.validate(full=True)
    assert opened(name, params, texts) == values * times
    assert opened(name, params, texts[start:]) == (values * times)[start:]
    for value, text in zip(values * times, texts.to_pylist(), strict=True):
        assert text == value if not value else re.fullmatch(TEXT, text)


@masking
@pytest.mark.parametrize("times", [1, 200])
def test_round_trip_of_long_values(name, params, times):
    """About the bounds of 16 bits, among others that are short."""
    values = ["Ann"] * times + ["é" * 40_000] + ["x" * (65_536 + rest) for rest in range(-36, 2)]
    texts = pa.concat_arrays([sealed(name, params, values, epoch=epoch) for epoch in (1, 2)])
    assert opened(name, params, texts) == values * 2


@masking
@pytest.mark.parametrize("values", [[], [None], [""], ["", None], [None, "", "Ann", "", None] * 50])
def test_null_stays_null_and_empty_stays_empty(name, params, values):
    texts = sealed(name, params, values)
    assert [text and "sealed" for text in texts.to_pylist()] == [value and "sealed" for value in values]
    assert opened(name, params, texts) == values


@settings(deadline=None)
@given(values=st.lists(TEXTS, min_size=1, max_size=20))
def test_tokens_are_always_the_same(values):
    once = sealed("token", {}, values).to_pylist()
    assert once == sealed("token", {}, values[::-1] * 12).to_pylist()[: -len(values) - 1 : -1]
    assert len(set(once)) == len(set(values))


@pytest.mark.parametrize("params", [{}, {"algorithm": "aes-256-gcm"}])
def test_encrypted_values_are_never_the_same(params):
    values = ["ann@example.com"] * 10_000
    texts = sealed("encrypt", params, values).to_pylist() + sealed("encrypt", params, values).to_pylist()
    assert Counter(texts).most_common(1)[0][1] == 1
    # Nonce, ciphertext and tag, each for itself.
    payloads = [parse(text).payload for text in texts[:2_000]]
    for part in (slice(0, 12), slice(12, -16), slice(-16, None)):
        assert len({payload[part] for payload in payloads}) == len(payloads)


@masking
@pytest.mark.parametrize("reference", [b"", bytes(range(16))])
def test_the_text_names_its_algorithm_its_key_and_its_person(name, params, reference):
    text = sealed(name, params, ["Ann"], reference=reference)[0].as_py()
    number = {"token": 1, "aes-256-gcm": 2}.get(params.get("algorithm", name), 3)
    assert parse(text)[:3] == (number, context(name=name).key_id, reference)
    assert opened(name, params, [text], reference=reference) == ["Ann"]


@masking
@pytest.mark.parametrize("reference", [b"", bytes(range(16))])
def test_any_flipped_bit_is_refused(name, params, reference):
    good = sealed(name, params, ["Ann Lee"], reference=reference)[0].as_py()
    data = base64.urlsafe_b64decode(good[4:] + "=" * (-len(good[4:]) % 4))
    for bit in range(8 * len(data)):
        bad = bytearray(data)
        bad[bit // 8] ^= 1 << bit % 8
        text = "wr1." + base64.urlsafe_b64encode(bad).decode().rstrip("=")
        with pytest.raises(MaskError) as caught:
            opened(name, params, [good, text, good], reference=reference)
        assert "Ann" not in str(caught.value) and text not in str(caught.value)


@masking
def test_any_cut_is_refused(name, params):
    good = sealed(name, params, ["Ann Lee"])[0].as_py()
    for length in range(1, len(good)):
        with pytest.raises(MaskError):
            opened(name, params, [good[:length]])
        with pytest.raises(MaskError):
            opened(name, params, [good[length:]])


@masking
def test_one_changed_value_among_many_is_refused(name, params):
    texts = sealed(name, params, [f"value {n}" for n in range(500)]).to_pylist()
    for row in (0, 250, 499):
        changed = texts[row][:20] + ("A" if texts[row][20] != "A" else "B") + texts[row][21:]
        with pytest.raises(MaskError):
            opened(name, params, [*texts[:row], changed, *texts[row + 1 :]])


@masking
@pytest.mark.parametrize("many", [1, 500])
@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"entity": "EMAIL_ADDRESS"}, "was changed, or was sealed for another entity than EMAIL_ADDRESS"),
        ({"entity": ""}, "another entity"),
        ({"entity": "PERSON2"}, "another entity"),
        ({"scope": "segment:other"}, "unknown key id [0-9a-f]{8}: .*another scope"),
        ({"scope": "scope:test"}, "unknown key id"),
    ],
)
def test_another_entity_or_scope_is_refused(name, params, many, where, message):
    texts = sealed(name, params, [f"Ann {n}" for n in range(many)])
    with pytest.raises(MaskError, match=message) as caught:
        opened(name, params, texts, **where)
    assert caught.value.__context__ is None
    assert "Ann" not in str(caught.value)


@masking
def test_a_retired_epoch_and_a_destroyed_person_are_refused(name, params):
    text = sealed(name, params, ["Ann"], epoch=4)
    with pytest.raises(MaskError, match=r"unknown key id .*epoch that is retired"):
        opened(name, params, text)
    text = sealed(name, params, ["Ann"], reference=bytes(16))
    with pytest.raises(MaskError, match=r"unknown key id .*person's key was destroyed"):
        opened(name, params, text, reference=bytes(15) + b"\x01")


@masking
def test_another_key_under_the_same_id_is_refused(name, params):
    mask, here = MASKS[name], context(name=name)
    text = sealed(name, params, ["Ann"])
    with pytest.raises(MaskError, match="was changed"):
        mask.open(text, mask.info.params(**params), MaskContext("PERSON", keys={here.key_id: ROOT}))


@masking
def test_epochs_and_persons_are_opened_together(name, params):
    person = bytes(range(16))
    parts = [
        sealed(name, params, ["one", None, "", "two"]),
        sealed(name, params, ["three"] * 200, epoch=2),
        sealed(name, params, ["four", "five"], reference=person),
        sealed(name, params, ["six"], epoch=3),
    ]
    mixed = pa.concat_arrays([*parts, *parts[::-1]])
    values = [["one", None, "", "two"], ["three"] * 200, ["four", "five"], ["six"]]
    assert opened(name, params, mixed, reference=person) == [
        value for part in [*values, *values[::-1]] for value in part
    ]


@masking
@pytest.mark.parametrize("missing", [None, 0, 150])
def test_a_key_for_each_person(name, params, missing):
    mask, values = MASKS[name], [f"Ann {n}" for n in range(300)]
    persons = [derive(bytes([n % 256]) * 32, f"weir/1/{name}", f"segment:{n}") for n in range(300)]
    names = [key_id(key) + n.to_bytes(16, "big") for n, key in enumerate(persons)]
    texts = [
        mask.apply(pa.array([value]), mask.info.params(**params), MaskContext("PERSON", key, who[:4], who[4:]))
        for value, key, who in zip(values, persons, names, strict=True)
    ]
    keys = {who: key for n, (who, key) in enumerate(zip(names, persons, strict=True)) if n != missing}
    here = MaskContext("PERSON", keys=keys)
    if missing is None:
        assert mask.open(pa.concat_arrays(texts), mask.info.params(**params), here).to_pylist() == values
    else:
        with pytest.raises(MaskError, match="person's key was destroyed"):
            mask.open(pa.concat_arrays(texts), mask.info.params(**params), here)


def test_each_mask_opens_only_its_own():
    for name, params in MASKINGS:
        text = sealed(name, params, ["Ann"])
        # Even with the other's keys at hand: the algorithm is not among its own.
        other = "encrypt" if name == "token" else "token"
        with pytest.raises(MaskError, match="must be sealed with algorithm"):
            MASKS[other].open(text, MASKS[other].info.params(), context(name=name))
    assert opened("encrypt", {}, sealed("encrypt", {"algorithm": "aes-256-gcm"}, ["Ann"])) == ["Ann"]


@masking
@pytest.mark.parametrize("value", ["Ann", "ann@example.com", "wr1.", "wr1.AAAA", "wr1." + "A" * 60, " ", "\0", "🎂"])
def test_what_no_mask_made_is_refused(name, params, value):
    with pytest.raises(MaskError, match="must"):
        opened(name, params, [value])
    with pytest.raises(MaskError) as caught:
        opened(name, params, [*sealed(name, params, ["Ann"] * 300).to_pylist(), value])
    assert len(value) < 4 or value == "wr1." or value not in str(caught.value)


@masking
def test_there_is_no_way_without_a_key(name, params):
    mask = MASKS[name]
    with pytest.raises(MaskError, match="no key"):
        mask.apply(pa.array(["Ann"]), mask.info.params(**params), MaskContext("PERSON"))
    with pytest.raises(MaskError, match="unknown key id"):
        mask.open(sealed(name, params, ["Ann"]), mask.info.params(**params), MaskContext("PERSON"))


@masking
def test_it_says_what_it_is(name, params):
    info = MASKS[name].info
    assert info.exposure(info.params(**params)) == "reversible"
    assert (info.keyed, info.names_key, info.own_key, info.random) == (True, True, True, name == "encrypt")
