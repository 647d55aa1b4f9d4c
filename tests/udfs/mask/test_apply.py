"""`apply` holds every mask to its promises, and its errors show no value."""

import traceback
from dataclasses import replace

import pyarrow as pa
import pytest

from policy.catalog import MaskInfo
from policy.plan import MaskPlan
from udfs.keys import Keys, KeysError
from udfs.mask import MASKS, Mask, MaskContext, MaskError, apply, run, validated
from udfs.mask._base import Params, always

SECRET = "4111-1111-1111-1234"
VALUES = pa.array([SECRET, None])
KEYS = Keys.of(bytes(range(32)))


class NoParams(Params):
    pass


def mask_that(behaves) -> Mask:
    return Mask(MaskInfo("odd", NoParams, always("none")), behaves)


def raises(values, params, context):
    raise ValueError(f"cannot mask {values[0]}")


def error_of(call) -> str:
    """The error's whole traceback, with every exception that it carries along."""
    with pytest.raises(MaskError) as caught:
        call()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("plan", "keys", "message"),
    [
        (MaskPlan("keep_lats", {}, "partial"), None, "unknown mask 'keep_lats'; did you mean 'keep_last'?"),
        (MaskPlan("zzz", {}, "none"), None, "unknown mask 'zzz'; installed are "),
        (MaskPlan("keep_last", {}, "partial"), None, "mask 'keep_last': count: Field required"),
        (MaskPlan("keep_last", {"count": 0, "chr": "x"}, "partial"), None, "count: Input should be greater"),
        (MaskPlan("keep_last", {"count": 0, "chr": "x"}, "partial"), None, "chr: Extra inputs are not permitted"),
        (MaskPlan("hash", {}, "pseudonym", "segment:a"), None, "is keyed: there are no keys; give the job a "),
        (MaskPlan("hash", {}, "pseudonym", None), KEYS, "is keyed and the plan gives it no scope"),
        (MaskPlan("pseudonym", {}, "pseudonym", ""), KEYS, "is keyed and the plan gives it no scope"),
        (
            MaskPlan("presidio.hash", {}, "pseudonym", "segment:a"),
            None,
            "is keyed: there are no keys; give the job a ",
        ),
    ],
)
def test_refuses_what_it_cannot_mask_with(plan, keys, message):
    with pytest.raises(MaskError) as caught:
        apply(plan, "CREDIT_CARD", VALUES, keys)
    assert message in str(caught.value)


def test_a_root_key_of_another_length_is_an_error():
    with pytest.raises(KeysError, match="of 32 bytes; got 5 for epoch 1"):
        Keys.of(b"short")


@pytest.mark.parametrize(
    ("behaves", "message"),
    [
        (raises, "failed with ValueError"),
        (lambda values, params, context: values.slice(1), "must return 2 values; got 1"),
        (lambda values, params, context: pa.array(["x", "x"]), "must return null for each null"),
        (lambda values, params, context: ["x", None], "must return a StringArray; got list"),
        (lambda values, params, context: pa.array([1, None]), "must return a StringArray; got Int64Array"),
        (lambda values, params, context: None, "must return a StringArray; got NoneType"),
        (lambda values, params, context: context.required_key(), "a keyed mask has no key"),
    ],
)
def test_a_mask_that_fails_is_an_error_without_the_value(behaves, message):
    text = error_of(lambda: run(mask_that(behaves), NoParams(), MaskContext("CREDIT_CARD"), VALUES))
    assert f"mask 'odd' on CREDIT_CARD: {message}" in text
    assert "no value was masked" in text
    assert SECRET not in text


@pytest.mark.parametrize("values", [pa.array([SECRET], pa.large_string()), pa.chunked_array([[SECRET]]), [SECRET]])
def test_other_than_a_string_array_is_an_error(values):
    text = error_of(lambda: apply(MaskPlan("keep_last", {"count": 4}, "partial"), "CREDIT_CARD", values, None))
    assert "must be given a StringArray" in text
    assert SECRET not in text


@pytest.mark.parametrize("mask", ["keep_last", "presidio.mask"])
def test_invalid_utf8_is_an_error_without_the_value(mask):
    broken = pa.array([b"4111\xff1111"]).view(pa.string())
    plan = MaskPlan(mask, {"count": 4} if mask == "keep_last" else {"chars_to_mask": 4}, "partial")
    text = error_of(lambda: apply(plan, "CREDIT_CARD", broken, None))
    assert "failed with UnicodeDecodeError" in text
    assert "4111" not in text


def test_a_mask_cannot_turn_an_empty_string_into_something():
    mask = mask_that(lambda values, params, context: pa.array(["x"] * len(values)))
    assert run(mask, NoParams(), MaskContext("PERSON"), pa.array(["", "a"])).to_pylist() == ["", "x"]


def test_the_key_is_in_no_representation():
    context = MaskContext("PERSON", key=b"k" * 32)
    assert "kkk" not in repr(context)
    assert replace(context, entity="DATE").key == b"k" * 32


def test_names_of_masks_do_not_share_keys():
    one, two = (
        apply(MaskPlan(name, params, "pseudonym", "scope:a"), "PERSON", pa.array(["Ann"]), KEYS)[0].as_py()
        for name, params in (("hash", {}), ("pseudonym", {"alphabet": "hex", "length": 32}))
    )
    assert not one.startswith(two)


def test_plan_parameters_survive_json():
    """A plan carries validated parameters as JSON; they must validate again."""
    for name, params in (("keep_last", {"count": 4}), ("pseudonym", {}), ("presidio.hash", {}), ("replace", {})):
        complete = validated(MASKS[name], params).model_dump(mode="json")
        assert validated(MASKS[name], complete) == validated(MASKS[name], params)
