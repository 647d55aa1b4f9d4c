"""Weir's masks as operators of Presidio's anonymizer, for programs that use `presidio_anonymizer.AnonymizerEngine`.

An operator has the mask's name. Where Presidio has an operator of that name already (`redact`, `replace`, `hash`,
`keep`), it keeps it, and the mask's operator is called `weir_NAME`. Masks that are Presidio's own (`presidio.NAME`)
are not registered again. A mask that makes null (`null`) gives an empty text, since a piece of a text cannot be null.

>>> from presidio_anonymizer import AnonymizerEngine
>>> from presidio_anonymizer.entities import OperatorConfig, RecognizerResult
>>> engine = AnonymizerEngine()
>>> {"keep_last", "pseudonym", "token", "weir_hash"} <= set(register(engine))
True
>>> card = RecognizerResult("CREDIT_CARD", 5, 24, 1.0)
>>> operators = {"CREDIT_CARD": OperatorConfig("keep_last", {"count": 4})}
>>> engine.anonymize("Card 4111-1111-1111-1234.", [card], operators).text
'Card xxxx-xxxx-xxxx-1234.'
"""

from typing import Any

import pyarrow as pa
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError
from presidio_anonymizer.operators import Operator, OperatorsFactory, OperatorType

from policy.plan import MaskPlan
from udfs.keys import Keys
from udfs.mask import MASKS, Mask, MaskError, apply, validated


def register(target: AnonymizerEngine | OperatorsFactory, keys: Keys | None = None) -> tuple[str, ...]:
    """Adds an operator for each of Weir's masks.

    Args:
        target: Presidio's anonymizer engine, or its factory of operators.
        keys: for the keyed masks. Their operators need it, and a parameter `scope`, the name of the scope
            whose key they use: the masked values can be joined with those of a policy that names the same scope.

    Returns:
        The operators' names, in the order of `udfs.mask.MASKS`.
    """
    factory = target.operators_factory if isinstance(target, AnonymizerEngine) else target
    operators = [operator_class(mask, keys) for name, mask in MASKS.items() if _for_texts(name, mask)]
    for operator in operators:
        factory.add_anonymize_operator(operator)
    return tuple(operator().operator_name() for operator in operators)


def _for_texts(name: str, mask: Mask) -> bool:
    """Presidio has its own operators, and knows neither fields nor records nor whom a text is about."""
    subject = mask.info.params.model_fields.get("subject")
    needs_person = subject is not None and subject.is_required()
    return not name.startswith("presidio.") and mask.info.effect == "value" and not needs_person


def operator_name(mask_name: str) -> str:
    """The operator's name for a mask's.

    >>> operator_name("keep_last"), operator_name("hash")
    ('keep_last', 'weir_hash')
    """
    return f"weir_{mask_name}" if mask_name in OperatorsFactory().get_anonymizers() else mask_name


def operator_class(mask: Mask, keys: Keys | None = None) -> type[Operator]:
    """The operator of one mask: a class, since Presidio makes an instance of it for every text."""
    name = operator_name(mask.info.name)

    class MaskOperator(Operator):
        def operate(self, text: str = "", params: dict[str, Any] | None = None) -> str:
            own, entity = _split(params)
            try:
                values = pa.array([text], pa.string())
            except (pa.ArrowException, UnicodeError):
                values = None
            if values is None:
                raise MaskError(f"operator '{name}' on {entity}: the text is not valid Unicode; no value was masked")
            return apply(_plan(mask, own), entity, values, keys)[0].as_py() or ""

        def validate(self, params: dict[str, Any] | None = None) -> None:
            own, _ = _split(params)
            try:
                validated(mask, own)
            except MaskError as error:
                raise InvalidParamError(str(error)) from None
            if mask.info.keyed and not (keys and own.get("scope")):
                raise InvalidParamError(f"operator '{name}' is keyed: register it with keys, and give it a scope")

        def operator_name(self) -> str:
            return name

        def operator_type(self) -> OperatorType:
            return OperatorType.Anonymize

    MaskOperator.__name__ = MaskOperator.__qualname__ = f"MaskOperator_{name}"
    MaskOperator.__doc__ = mask.info.doc
    return MaskOperator


def _split(params: dict[str, Any] | None) -> tuple[dict[str, Any], str]:
    """The mask's own parameters, and the entity, which Presidio puts among them."""
    own = dict(params or {})
    return own, own.pop("entity_type", "DEFAULT")


def _plan(mask: Mask, params: dict[str, Any]) -> MaskPlan:
    exposure, keyed = mask.info.exposure(validated(mask, params)), mask.info.keyed
    by_policy = keyed and not mask.info.names_key  # the first epoch, as in a policy that names none
    return MaskPlan(
        mask.info.name, params, exposure, f"scope:{params['scope']}" if keyed else None, 1 if by_policy else None
    )
