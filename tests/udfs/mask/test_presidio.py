"""Presidio's operators as masks: the same as Presidio, except where Presidio fails open."""

import hashlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from presidio_anonymizer.operators import Hash, Mask, OperatorsFactory, Replace

from policy.plan import MaskPlan
from udfs.keys import Keys, derive
from udfs.mask import MASKS, apply

ROOT = bytes(range(32))
KEYS = Keys.of(ROOT)


def masked(name: str, value: str, **params) -> str:
    plan = MaskPlan(name, params, "none", "segment:a" if MASKS[name].info.keyed else None)
    return apply(plan, "PERSON", pa.array([value]), KEYS)[0].as_py()


@given(value=st.text(min_size=1, max_size=30), count=st.integers(1, 40), from_end=st.booleans())
def test_mask_is_presidios_until_more_than_half_would_stay(value, count, from_end):
    params = {"chars_to_mask": count, "masking_char": "*", "from_end": from_end}
    expected = Mask().operate(value, params) if len(value) <= 2 * count else "*" * len(value)
    assert masked("presidio.mask", value, **params) == expected


def test_mask_fails_closed_where_presidio_leaves_the_text():
    assert Mask().operate("4111", {"chars_to_mask": -1, "masking_char": "*", "from_end": False}) == "4111"
    with pytest.raises(Exception, match="chars_to_mask: Input should be greater than 0"):
        masked("presidio.mask", "4111", chars_to_mask=-1)


@pytest.mark.parametrize("params", [{}, {"new_value": "somebody"}])
def test_replace_is_presidios(params):
    assert masked("presidio.replace", "Ann", **params) == Replace().operate("Ann", {**params, "entity_type": "PERSON"})


@given(value=st.text(min_size=1), hash_type=st.sampled_from(["sha256", "sha512"]))
def test_hash_is_presidios_with_a_derived_salt(value, hash_type):
    salt = derive(ROOT, "weir/1/presidio.hash", "segment:a")
    expected = Hash().operate(value, {"salt": salt, "hash_type": hash_type})
    assert masked("presidio.hash", value, hash_type=hash_type) == expected
    assert expected != hashlib.new(hash_type, value.encode()).hexdigest()


def test_only_operators_that_can_fail_closed_are_masks():
    """Presidio's other operators: custom holds code, encrypt does not authenticate, keep is the mask of that name."""
    ours = {name.removeprefix("presidio.") for name in MASKS if name.startswith("presidio.")}
    assert set(OperatorsFactory().get_anonymizers()) - ours <= {"custom", "encrypt", "keep", "surrogate_ahds"}
