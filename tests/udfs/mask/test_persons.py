"""Masks under the keys of persons: the same as under one key, but nobody's values meet another's."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.plan import MaskPlan
from tests.udfs.mask.masking import refusal
from udfs.keys import Keyring, Keys, derive, key_id
from udfs.keys.subjects import SubjectKeys, erase
from udfs.keys.table import open_table
from udfs.mask import MASKS, MaskContext, MaskError, apply, purpose, unmask, validated

RING = Keyring.of(bytes(range(32)))
OWN = [name for name, mask in MASKS.items() if mask.info.own_key]
PARAMS = [
    *((name, {}) for name in OWN),
    ("pseudonym", {"alphabet": "hex", "length": 31, "prefix": "é-"}),
    ("pseudonym", {"alphabet": "base32", "length": 26}),
    ("pseudonym", {"alphabet": "decimal", "length": 38, "ignore_case": True}),
    ("encrypt", {"algorithm": "aes-256-gcm"}),
]


@pytest.fixture
def table(tmp_path):
    return open_table(str(tmp_path / "keys.db"))


@pytest.fixture
def keys(table):
    return Keys(lambda: RING, SubjectKeys(table))


def plan(name: str, scope: str = "segment:a", **params) -> MaskPlan:
    epoch = None if MASKS[name].info.names_key else 1
    return MaskPlan(name, {**params, "subject": "id"}, "reversible", scope, epoch, "id")


def masked(keys, name, values, persons, scope="segment:a", **params):
    given = (pa.array(values, pa.string()), keys, pa.array(persons, pa.string()))
    return apply(plan(name, scope, **params), "PERSON", *given).to_pylist()


def test_masks_with_keys_of_persons_are_these():
    assert sorted(OWN) == ["encrypt", "pseudonym", "token"]
    assert all(MASKS[name].one for name in OWN)


@pytest.mark.parametrize(("name", "params"), PARAMS)
@settings(max_examples=50, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1), key=st.binary(min_size=32, max_size=32))
def test_one_value_is_masked_as_in_a_batch(name, params, text, key):
    mask = MASKS[name]
    complete, reference = validated(mask, params), bytes(range(16))
    context = MaskContext("PERSON", key, key_id(key), reference, {key_id(key) + reference: key})
    one, many = mask.one(text, complete, context), mask.apply(pa.array([text]), complete, context)[0].as_py()
    if mask.info.random:
        assert mask.open(pa.array([one, many]), complete, context).to_pylist() == [text, text]
        assert len(one) == len(many)
    else:
        assert one == many


@pytest.mark.parametrize("name", OWN)
def test_persons_do_not_meet_and_one_person_does(keys, name):
    values, persons = ["Ann", "Ann", "Ann", None, "", "Bob"], ["1", "2", "1", None, "2", "2"]
    first, second, third, null, empty, other = masked(keys, name, values, persons)
    assert (null, empty) == (None, "")
    assert len({first, second, other}) == 3
    assert (first == third) is not MASKS[name].info.random
    assert masked(keys, name, ["Ann"], ["1"], "segment:b")[0] != first
    if not MASKS[name].info.random:
        assert masked(keys, name, values[::-1], persons[::-1])[::-1] == [first, second, third, null, empty, other]


@pytest.mark.parametrize("name", [n for n in OWN if MASKS[n].open])
def test_what_was_masked_under_an_erased_key_does_not_open(keys, table, name):
    tokens = masked(keys, name, ["Ann", "Bob"], ["1", "2"])
    opened = unmask(plan(name), "PERSON", pa.array([*tokens, None]), keys)
    assert opened.to_pylist() == ["Ann", "Bob", None]
    assert erase(table, RING, "1", 0).keys == 1
    fresh = Keys(lambda: RING, SubjectKeys(table))
    assert unmask(plan(name), "PERSON", pa.array(tokens[1:]), fresh).to_pylist() == ["Bob"]
    with pytest.raises(MaskError, match="unknown key id"):
        unmask(plan(name), "PERSON", pa.array(tokens), fresh)
    again = masked(fresh, name, ["Ann"], ["1"])
    assert again[0] != tokens[0]
    with pytest.raises(MaskError, match="unknown key id"):
        unmask(plan(name), "PERSON", pa.array(tokens[:1]), fresh)


@pytest.mark.parametrize("persons", [[None], [""], None])
def test_a_value_of_nobody_is_not_masked(keys, persons):
    array = None if persons is None else pa.array(persons, pa.string())
    with pytest.raises(MaskError) as caught:
        apply(plan("token"), "PERSON", pa.array(["Ann Lee"]), keys, array)
    assert "Ann" not in str(caught.value)


def test_what_is_empty_needs_nobody(keys):
    assert masked(keys, "token", ["", None, ""], ["1", None, None]) == ["", None, ""]
    first, *rest = masked(keys, "token", ["Ann", "", None], ["1", None, None])
    assert first and rest == ["", None]
    shift = MaskPlan("shift_date", {"days": 3, "subject": "id"}, "partial", "segment:a", 1, "id")
    given = (pa.array(["2024-03-01", "", None]), keys, pa.array(["1", None, None]))
    assert apply(shift, "DATE_TIME", *given).to_pylist()[1:] == ["", None]


def test_without_a_key_table_it_is_said(keys):
    with pytest.raises(MaskError, match="needs a key table; name one"):
        masked(Keys.of(bytes(32)), "token", ["Ann"], ["1"])


def test_the_key_is_derived_from_the_persons_own(keys, table):
    (text,) = masked(keys, "pseudonym", ["Ann"], ["1"])
    ((_, data_key),) = SubjectKeys(table).keys_for(RING, "segment:a", 1, ["1"])
    key = derive(data_key, purpose(MASKS["pseudonym"]), "segment:a")
    complete = validated(MASKS["pseudonym"], {})
    assert MASKS["pseudonym"].apply(pa.array(["Ann"]), complete, MaskContext("PERSON", key))[0].as_py() == text


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("broken", ["value", "person"])
def test_what_is_no_utf8_is_in_no_error(keys, name, broken):
    bad, good = pa.array([b"ann\xfflee"]).view(pa.string()), pa.array(["1"])
    given = (bad, keys, good) if broken == "value" else (good, keys, bad)
    refusal(lambda: apply(plan(name), "PERSON", *given), "ann", b"ann\xfflee")


def test_a_sealed_value_that_is_no_utf8_is_in_no_error(keys):
    bad = pa.array([b"wr1.AYEA" + b"A" * 60 + b"\xff"]).view(pa.string())
    for name in ("token", "encrypt"):
        refusal(lambda name=name: unmask(plan(name), "PERSON", bad, keys), "AYEA", b"\xff")
