"""Which field names speak for an entity, and which do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.words import LANGUAGES
from udfs.detect.place import dictionary, supports, words_of


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["customerEmail"], ("customer", "email", "customeremail")),
        (["card_no"], ("card", "no", "cardno")),
        (["IPAddress2"], ("ip", "address", "ipaddress")),
        (["numéro-de.téléphone"], ("numero", "de", "telephone", "numerode", "detelephone")),
        (["$", "1", ""], ()),
    ],
)
def test_words(keys: list[str], words: tuple[str, ...]) -> None:
    assert words_of(keys) == words


@pytest.mark.parametrize(
    ("entity", "key", "languages", "expected"),
    [
        ("CREDIT_CARD", "cardNumber", ["en"], True),
        ("PHONE_NUMBER", "numero_de_telephone", ["fr"], True),
        ("PHONE_NUMBER", "Handy", ["de"], True),
        ("IT_FISCAL_CODE", "codiceFiscale", ["it"], True),
        ("US_SSN", "SSN", ["en"], True),
        ("CREDIT_CARD", "discard", ["en"], False),
        ("CREDIT_CARD", "cardinality", ["en"], False),
        ("CREDIT_CARD", "postcards", ["en"], False),
        ("CREDIT_CARD", "tarjeta", ["en"], False),
        ("PHONE_NUMBER", "handy", ["en"], False),
        ("US_SSN", "session", ["en"], False),
        ("IP_ADDRESS", "zip", ["en"], False),
        ("IP_ADDRESS", "shipment", ["en"], False),
        ("NOBODY", "card", ["en"], False),
    ],
)
def test_supports(entity: str, key: str, languages: list[str], expected: bool) -> None:
    assert supports(entity, (), words_of([key]), languages) is expected


def test_terms_of_several_words_stand_in_sequence() -> None:
    context = ("bank account",)
    assert supports("A", context, words_of(["bank_account_x"]), ["en"])
    assert not supports("A", context, words_of(["account", "bank"]), ["en"])
    assert not supports("A", ("id", "number"), words_of(["id", "number"]), ["en"])


def test_the_languages_are_those_of_the_policy() -> None:
    assert {language for words in dictionary().values() for language in words} == set(LANGUAGES)


@given(st.lists(st.text(max_size=20), max_size=4))
def test_any_path_has_words(keys: list[str]) -> None:
    assert all(word and not any(c.isspace() or c in "._-" for c in word) for word in words_of(keys))
