"""Weir's masks in a real Presidio anonymizer engine."""

import logging

import pyarrow as pa
import pytest
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig, RecognizerResult
from presidio_anonymizer.operators import OperatorsFactory

from udfs.keys import Keys
from udfs.mask import MASKS, MaskError, apply
from udfs.mask.operators import operator_class, operator_name, register

TEXT = "Ann Lee paid with 4111-1111-1111-1234 on Monday."
CARD = RecognizerResult("CREDIT_CARD", 18, 37, 1.0)
NAME = RecognizerResult("PERSON", 0, 7, 0.85)
KEYS = Keys.of(bytes(range(32)))


@pytest.fixture
def engine():
    engine = AnonymizerEngine()
    register(engine, KEYS)
    return engine


def anonymized(engine, operator: str, **params) -> str:
    return engine.anonymize(TEXT, [CARD], {"CREDIT_CARD": OperatorConfig(operator, params)}).text


@pytest.mark.parametrize(
    ("operator", "params", "expected"),
    [
        ("keep_last", {"count": 4}, "Ann Lee paid with xxxx-xxxx-xxxx-1234 on Monday."),
        ("keep_first", {"count": 6, "char": "*"}, "Ann Lee paid with 4111-11**-****-**** on Monday."),
        ("weir_redact", {}, "Ann Lee paid with  on Monday."),
        ("weir_replace", {}, "Ann Lee paid with <CREDIT_CARD> on Monday."),
        ("weir_replace", {"value": "a card"}, "Ann Lee paid with a card on Monday."),
        ("weir_keep", {}, TEXT),
        ("null", {}, "Ann Lee paid with  on Monday."),
    ],
)
def test_masks_a_span_of_a_text(engine, operator, params, expected):
    assert anonymized(engine, operator, **params) == expected


@pytest.mark.parametrize(
    ("mask", "params"), [("hash", {}), ("pseudonym", {}), ("pseudonym", {"prefix": "card-", "length": 20})]
)
def test_keyed_operators_agree_with_a_policy_that_names_the_scope(engine, variant_plan, mask, params):
    plan = variant_plan(mask, params, "scope:growth")
    expected = apply(plan, "CREDIT_CARD", pa.array(["4111-1111-1111-1234"]), KEYS)[0].as_py()
    text = anonymized(engine, operator_name(mask), scope="growth", **params)
    assert text == f"Ann Lee paid with {expected} on Monday."


def test_masks_several_entities_in_one_text(engine):
    operators = {
        "CREDIT_CARD": OperatorConfig("keep_last", {"count": 4}),
        "PERSON": OperatorConfig("pseudonym", {"scope": "growth", "prefix": "p-", "length": 8}),
    }
    text = engine.anonymize(TEXT, [NAME, CARD], operators).text
    assert text.startswith("p-")
    assert text.endswith(" paid with xxxx-xxxx-xxxx-1234 on Monday.")
    assert "Ann" not in text


def test_names_give_way_to_presidios(engine):
    before = OperatorsFactory().get_anonymizers()
    after = engine.operators_factory.get_anonymizers()
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {
        operator_name(name)
        for name, mask in MASKS.items()
        if not name.startswith("presidio.") and mask.info.effect == "value" and name != "shift_date"
    }


def test_registering_twice_changes_nothing(engine):
    names = set(engine.get_anonymizers())
    register(engine, KEYS)
    assert set(engine.get_anonymizers()) == names


def test_registers_with_a_factory_too():
    factory = OperatorsFactory()
    names = register(factory)
    assert set(names) <= set(factory.get_anonymizers())


@pytest.mark.parametrize(
    ("operator", "params", "message"),
    [
        ("keep_last", {}, "count: Field required"),
        ("keep_last", {"count": 0}, "count: Input should be greater than or equal to 1"),
        ("weir_redact", {"count": 4}, "count: Extra inputs are not permitted"),
        ("weir_hash", {}, "is keyed: register it with keys, and give it a scope"),
        ("pseudonym", {"scope": "a", "length": 2}, "length must be 8 to 26 in base32; got 2"),
    ],
)
def test_refuses_bad_parameters_as_presidio_does(engine, operator, params, message):
    with pytest.raises(InvalidParamError) as caught:
        anonymized(engine, operator, **params)
    assert message in caught.value.err_msg


def test_a_keyed_operator_without_a_root_key_masks_nothing():
    engine = AnonymizerEngine()
    register(engine)
    with pytest.raises(InvalidParamError, match="register it with keys"):
        anonymized(engine, "weir_hash", scope="a")


def test_half_a_character_is_an_error_without_the_value():
    operator = operator_class(MASKS["keep_last"])()
    with pytest.raises(MaskError, match="is not valid Unicode") as caught:
        operator.operate("Ann \ud83c", {"count": 1, "entity_type": "PERSON"})
    assert "Ann" not in str(caught.value)
    assert caught.value.__context__ is None


def test_logs_no_value(engine, caplog):
    with caplog.at_level(logging.DEBUG):
        anonymized(engine, "keep_last", count=4)
    assert "4111" not in caplog.text
