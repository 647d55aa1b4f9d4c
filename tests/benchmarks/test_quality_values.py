"""Labelled values are what they are said to be: they pass checks that published examples pass, and near misses fail."""

import random
import re

import pytest

from benchmarks.quality.checks import named
from benchmarks.quality.values import GENERIC, filled, iban, identifier, identifiers, value

PUBLISHED = [
    # (check, a published example, the same with one character wrong)
    ("luhn", "4111111111111111", "4111111111111112"),
    ("npi", "1234567893", "1234567894"),
    ("kvnr", "A123456780", "A123456781"),
    ("rvnr", "15070649C103", "15070649C104"),
    ("mrz", "T220001293", "T220001292"),
    ("nric", "S1234567D", "S1234567E"),
    ("kr_brn", "220-81-62517", "220-81-62516"),
    ("tw_id", "A123456789", "A123456788"),
    ("nino", "AB123456C", "QQ123456C"),
    ("us.ssn", "536-90-4399", "666-90-4399"),
    ("gb.nhs", "943 476 5870", "943 476 5871"),
]


@pytest.mark.parametrize(("check", "right", "wrong"), PUBLISHED)
def test_a_check_accepts_what_is_published_and_nothing_near_it(check: str, right: str, wrong: str) -> None:
    assert named(check)(right)
    assert not named(check)(wrong)


@pytest.mark.parametrize("entity", sorted(identifiers()))
def test_an_identifier_passes_its_check_in_every_form(entity: str) -> None:
    row = identifiers()[entity]
    values = [identifier(entity, random.Random(seed)) for seed in range(3 * len(row["forms"]))]
    if "check" in row:
        assert all(named(row["check"])(v) for v in values)
    assert len(set(values)) > 1
    assert all(v == v.strip() and "{" not in v and "[" not in v for v in values)


@pytest.mark.parametrize("entity", sorted(GENERIC))
def test_the_same_chance_gives_the_same_value(entity: str) -> None:
    assert value(entity, random.Random(5)) == value(entity, random.Random(5))
    assert len({value(entity, random.Random(seed)) for seed in range(20)}) > 10


def test_ibans_have_their_check_digits() -> None:
    for seed in range(100):
        number = iban(random.Random(seed)).replace(" ", "")
        turned = "".join(str(int(c, 36)) for c in number[4:] + number[:4])
        assert int(turned) % 97 == 1


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("##-@", r"\d\d-[A-Z]"),
        ("[xy]*", r"[xy][A-Z0-9]"),
        ("[A-C0-1]#", r"[ABC01]\d"),
        ("{yymmdd}", r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"),
        ("DE 1", "DE 1"),
    ],
)
def test_a_form_is_filled(form: str, pattern: str) -> None:
    for seed in range(50):
        assert re.fullmatch(pattern, filled(form, random.Random(seed)))
