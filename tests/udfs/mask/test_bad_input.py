"""What cannot be masked or opened is a MaskError without a value or a key, or is removed: every mask, any input."""

import base64

import pyarrow as pa
import pytest

from tests.udfs.mask.masking import KEYS, masked, opened, plan_of, refusal
from udfs.keys import Epoch, Keyring, Keys, derive
from udfs.keys.subjects import SubjectKeys
from udfs.keys.table import open_table
from udfs.mask import MASKS, MaskContext, MaskError, apply, unmask, validated

ROOT = bytes(range(32))

EVERY = [
    *[(name, {}) for name in ("redact", "replace", "null", "presidio.replace", "presidio.redact")],
    *[(name, {}) for name in ("hash", "pseudonym", "presidio.hash", "surrogate", "token", "encrypt", "fpe")],
    ("hash", {"ignore_case": True}),
    ("pseudonym", {"ignore_space": True, "alphabet": "decimal", "length": 20}),
    ("encrypt", {"algorithm": "aes-256-gcm"}),
    ("fpe", {"alphabet": "alphanumeric", "otherwise": "redact"}),
    ("presidio.mask", {"chars_to_mask": 4}),
    *[(name, {"count": 4}) for name in ("keep_last", "keep_first", "truncate")],
    ("noise", {"percent": 10}),
    ("noise", {"amount": 5, "distribution": "laplace", "otherwise": "redact"}),
    ("shift_date", {"days": 9, "subject": "id"}),
    *[
        ("generalize", form)
        for form in (
            {"date": "year"},
            {"bucket": 10},
            {"bands": [18, 65], "as_of": "2024-01-31"},
            {"postcode": 3},
            {"ip": {}, "otherwise": "redact"},
            {"geohash": 5},
            {"coordinates": 1},
            {"values": {"a": "b"}},
        )
    ],
]
each_mask = pytest.mark.parametrize(("name", "params"), EVERY, ids=[f"{name}{params or ''}" for name, params in EVERY])
KEYED = {name: params for name, params in reversed(EVERY) if MASKS[name].info.keyed}


def run(name: str, params: dict, values: list[str | None] | pa.Array) -> list[str | None]:
    persons = ["p-1"] * len(values) if "subject" in params else None
    return masked(name, params, values, persons=persons)


def test_every_mask_is_tried():
    assert {name for name, _ in EVERY} == set(MASKS) - {"keep", "drop_field", "drop_record"}


@each_mask
def test_bytes_that_are_no_utf8_do_not_get_out(name, params):
    secret = "4111" + "1111"
    broken = pa.array([secret.encode() + b"\xff" + secret.encode(), b"fine"]).view(pa.string())
    try:
        made = run(name, params, broken)
    except MaskError:
        refusal(lambda: run(name, params, broken), secret, ROOT)
    else:
        assert secret not in (made[0] or "")


@each_mask
@pytest.mark.parametrize("piece", ["7", "é", "Ann "])
def test_a_megabyte_is_masked_or_refused(name, params, piece):
    value = piece * (1_000_000 // len(piece.encode()))
    try:
        (made,) = run(name, params, [value])
    except MaskError as error:
        assert value[:100] not in str(error) and "failed with" not in str(error)
        return
    kept = 64 if MASKS[name].info.exposure(validated(MASKS[name], params)) == "partial" else 40
    assert value[:kept] not in (made or "")


@each_mask
@pytest.mark.parametrize("value", ["\x00", "\x00\x00secret\x00", " ", "\u202eterces", "\ufeff", "--", "🎂", "\u0301"])
def test_odd_characters_are_masked_or_refused(name, params, value):
    try:
        made = run(name, params, [None, value, ""])
    except MaskError as error:
        assert value.strip("\x00 -") == "" or value not in str(error)
        return
    assert made[0] is None and not made[2]
    assert made[1] != value


@pytest.mark.parametrize("name", KEYED)
def test_nothing_is_masked_without_a_key(name):
    params = validated(MASKS[name], KEYED[name])
    values, subjects = pa.array(["2024-01-31"]), pa.array(["p"])
    with pytest.raises(MaskError, match="a keyed mask has no key"):
        MASKS[name].apply(values, params, MaskContext("OTHER", subjects=subjects))
    assert "there are no keys" in refusal(lambda: apply(plan_of(name, KEYED[name]), "OTHER", values, None, subjects))


@pytest.mark.parametrize("name", KEYED)
def test_an_epoch_that_is_not_there_or_retired_masks_nothing(name):
    if MASKS[name].info.names_key:
        pytest.skip("is always masked under the newest epoch")
    retired = Keyring((Epoch(1, "retired", None, ROOT), Epoch(2, "active", None, bytes(32))))
    for keys, epoch, message in ((KEYS, 2, "no epoch 2"), (Keys(lambda: retired), 1, "epoch 1 .* is retired")):
        with pytest.raises(MaskError, match=message):
            masked(name, KEYED[name], ["078051120"], keys=keys, epoch=epoch, persons=["p"])


@pytest.mark.parametrize("name", ["token", "encrypt"])
@pytest.mark.parametrize("times", [1, 150])
def test_what_was_sealed_elsewhere_does_not_open(name, times):
    secret = "Ann Lee-Secret"
    made = masked(name, {}, [secret], "PERSON") * times
    key = derive(ROOT, f"weir/1/{name}", "segment:test")
    where = {"entity": "PERSON", "scope": "segment:other"}
    assert "unknown key id" in refusal(lambda: opened(name, {}, made, **where), secret, ROOT, key)
    foreign = Keys.of(bytes(32))
    assert "unknown key id" in refusal(lambda: opened(name, {}, made, "PERSON", foreign), secret, ROOT, key)
    other = "encrypt" if name == "token" else "token"
    assert "algorithm" in refusal(lambda: opened(other, {}, made, "PERSON"), secret, ROOT, key)
    assert "another entity" in refusal(lambda: opened(name, {}, made, "EMAIL_ADDRESS"), secret, ROOT, key)
    assert opened(name, {}, made, "PERSON") == [secret] * times


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text[4:] + "==")


def written(data: bytes) -> str:
    return "wr1." + base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize("name", ["token", "encrypt"])
def test_parts_of_two_sealed_values_do_not_open_together(name):
    one, other = map(raw, masked(name, {}, ["Ann Lee 1", "Bob Ray 2"]))
    mixed = {one[:at] + other[at:] for at in range(7, len(one))} - {one, other}
    assert len(mixed) > 10
    for text in map(written, mixed):
        refusal(lambda text=text: opened(name, {}, [text]), "Ann Lee 1", "Bob Ray 2")


@pytest.mark.parametrize("name", ["token", "encrypt"])
def test_a_sealed_value_does_not_open_as_another_person_s(name, tmp_path):
    ring = Keyring.of(ROOT)
    keys = Keys(lambda: ring, SubjectKeys(open_table(str(tmp_path / "keys.db"))))
    plan = plan_of(name, {"subject": "id"})
    made = apply(plan, "PERSON", pa.array(["secret one", "secret two"]), keys, pa.array(["ann", "bob"]))
    assert unmask(plan, "PERSON", made, keys).to_pylist() == ["secret one", "secret two"]
    ann, bob = map(raw, made.to_pylist())
    for mixed in (ann[:6] + bob[6:22] + ann[22:], bob[:22] + ann[22:], ann[:2] + bob[2:6] + ann[6:]):
        text = pa.array([written(mixed)])
        refusal(lambda text=text: unmask(plan, "PERSON", text, keys), "secret one", "secret two", ROOT)


@pytest.mark.parametrize("value", ["07805112", "x78051120", "0780 5112O", "٠٧٨٠٥١١٢٠", "", "1" * 1004, "wr1.AQEA"])
@pytest.mark.parametrize("otherwise", ["fail", "redact"])
def test_what_no_number_became_does_not_open(value, otherwise):
    params = {"keep_first": 3, "otherwise": otherwise}
    if not value:
        assert opened("fpe", params, [value]) == [""]
        return
    refusal(lambda: opened("fpe", params, ["123456789", value]), *([value] if len(value) < 100 else []), ROOT)


@pytest.mark.parametrize("name", sorted(set(MASKS) - {"token", "encrypt", "fpe"}))
def test_there_is_no_way_back_from_the_others(name):
    params = dict(EVERY).get(name, {})
    plan = plan_of(name, params)
    message = refusal(lambda: unmask(plan, "PERSON", pa.array(["secret value"]), KEYS), "secret value")
    assert message == f"mask '{name}' has no way back; those that have one are encrypt, fpe, token"
