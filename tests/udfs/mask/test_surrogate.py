"""Surrogates are realistic, of the same form, and always the same."""

import re
from collections import Counter
from hashlib import sha256
from typing import get_args

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.udfs.mask.fakes import ANY, KEY, KEYS, VALUES, fake, masked, some
from udfs.mask import MaskContext, MaskError
from udfs.mask._surrogate_draw import Draw
from udfs.mask._surrogate_words import LOCALES, locale
from udfs.mask.surrogate import MASK, SurrogateParams

# --- the same person, the same fake


@some
@given(rows=st.lists(st.none() | st.text(max_size=12), max_size=12), entity=st.sampled_from(sorted(VALUES)))
def test_the_batch_makes_no_difference(rows, entity):
    assert masked(entity, rows) == [masked(entity, [row])[0] for row in rows]


@some
@given(drawn=ANY, key=KEYS)
def test_no_fake_is_its_own_value(drawn, key):
    entity, value = drawn
    made = fake(entity, value, key)
    assert made and "".join(made.casefold().split()) != "".join(value.casefold().split())


def test_a_short_value_becomes_each_other_one():
    keys = [sha256(bytes([i, j])).digest() for i in range(8) for j in range(64)]
    assert {fake("OTHER", "5", key) for key in keys} == set("012346789")


def test_two_scopes_disagree():
    people = [f"{given} {family}" for given in locale("en_GB").given[:40] for family in locale("en_GB").family[:5]]
    for entity, most in (("PERSON", 4), ("EMAIL_ADDRESS", 0), ("OTHER", 0)):
        first, second = masked(entity, people), masked(entity, people, sha256(KEY).digest())
        assert sum(a == b for a, b in zip(first, second, strict=True)) <= most


def test_names_of_a_thousand_people_are_as_often_alike_as_chance_has_it():
    names = masked("PERSON", [f"Person {number:04}x Name" for number in range(1000)])
    pairs = sum(count * (count - 1) // 2 for count in Counter(names).values())
    assert pairs <= 3  # three parts: 500,000 pairs among 8 million names are alike 0.06 times


@some
@given(words=st.lists(st.text("aAbBß é", min_size=1).filter(str.strip), min_size=1, max_size=3), entity=st.sampled_from(
    ["PERSON", "ORGANIZATION", "LOCATION", "EMAIL_ADDRESS", "OTHER"]))  # fmt: skip
def test_case_and_space_make_no_difference_where_they_are_ignored(words, entity):
    value = " ".join(words)
    assume(value.upper().casefold() == value.casefold())
    others = [value.upper(), value.lower(), value.replace(" ", "  "), value.replace(" ", ""), f" {value}\t"]
    assume(all(other.casefold().split() for other in others))
    flags = {"ignore_case": True, "ignore_space": True}
    assert len(set(masked(entity, [value, *others], **flags))) == 1


def test_it_needs_a_key():
    with pytest.raises(MaskError):
        MASK.apply(pa.array(["Ann"]), SurrogateParams(), MaskContext("PERSON"))


def test_dates_and_numbers_are_not_for_it():
    assert MASK.info.kinds(SurrogateParams()).isdisjoint({"date", "number"})


# --- what fakes look like


@pytest.mark.parametrize("name", LOCALES)
@some
@given(value=VALUES["PERSON"], key=KEYS)
def test_names_have_as_many_parts_and_come_from_the_tables(name, value, key):
    tables = locale(name)
    parts = fake("PERSON", value.title(), key, locale=name).split()
    assert len(parts) == len(value.split())
    known = {word.casefold() for word in (*tables.given, *tables.family)}
    assert {part.casefold() for part in parts} <= known
    assert len(parts) == 1 or parts[-1].casefold() in {word.casefold() for word in tables.family}


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("Dr. Ann Lee", r"Dr\. \S+ \S+"),
        ("Prof. Dr. Ann Lee", r"Prof\. Dr\. \S+ \S+"),
        ("DR. ANN LEE", r"DR\. [A-Z']+ [A-Z']+"),
        ("ann lee", r"[a-z']+ [a-z']+"),
        ("Ann B. Lee, Jr.", r"[A-Z][a-z]+ [A-Z]\. [A-Z]\w+, Jr\."),
        ("Lee, Ann", r"[A-Z]\w+, [A-Z]\w+"),
        ("Ann   \n Lee", r"\w+ \w+"),
        ("Mr. Lee", r"Mr\. \w+"),
        ("Miss", r"\w+"),  # alone it may be a name
        ("山田 太郎", r"\w+ \w+"),
        ("Ann 007", r"\w+ \d{3}"),
    ],
)
def test_names_keep_titles_initials_and_case(value, form):
    made = fake("PERSON", value)
    assert re.fullmatch(form, made) and not set(re.findall(r"\w{3,}", value)) & set(re.findall(r"\w{3,}", made)) - {
        "Prof"
    }


def test_companies_keep_their_legal_form():
    for value, end in [("Acme Inc.", " Inc."), ("Meier GmbH & Co. KG", " GmbH & Co. KG"), ("ACME S.P.A.", " S.P.A.")]:
        assert fake("ORGANIZATION", value).endswith(end)
    assert not re.search("Acme", " ".join(masked("ORGANIZATION", ["Acme", "Acme Corp", "Acme plc"])))


def test_places_are_towns_or_streets():
    towns = set(locale("en_US").towns)
    assert fake("LOCATION", "Berlin") in towns
    assert re.fullmatch(r"\d{1,3} [\w ]+", fake("LOCATION", "221B Baker Street"))
    assert fake("LOCATION", "12 Main St, Berlin").split(", ")[1] in towns
    assert re.fullmatch(r"\S+ \d{1,3}", fake("LOCATION", "Hauptstraße 5", locale="de_DE"))


@some
@given(value=st.text(st.sampled_from("aZé9-_. /٣中Ⅷ½\u0301🎂"), min_size=1), key=KEYS)
def test_other_texts_keep_letters_digits_and_separators(value, key):
    made = fake("OTHER", value, key)
    kept = "".join(char for char in value if char not in "\u0301🎂")
    if not any(map(str.isalnum, value)):
        assert made == "x" * len(value)
    else:
        assert made.isascii() and len(made) == len(kept)
        assert [a.isnumeric() for a in kept] == [b.isnumeric() for b in made]
        assert [a.isupper() for a in kept if not a.isnumeric()] == [b.isupper() for b in made if not b.isnumeric()]
        assert [a for a in kept if not a.isalnum()] == [b for b in made if not b.isalnum()]


def test_every_locale_can_be_chosen():
    assert get_args(SurrogateParams.model_fields["locale"].annotation) == LOCALES


@pytest.mark.parametrize("name", LOCALES)
def test_tables_are_long_and_have_no_entry_twice(name):
    tables = locale(name)
    for entries, least in ((tables.given, 150), (tables.family, 150), (tables.towns, 140), (tables.streets, 45)):
        assert len(entries) == len(set(entries)) >= least
        assert all(entry == entry.strip() and entry for entry in entries)
    assert all(len(word.split()) == 1 for word in (*tables.given, *tables.family))
    assert len(tables.streets) * len(tables.ways) >= 150


# --- choices


@pytest.mark.parametrize("count", [2, 7, 10, 26, 191])
def test_choices_are_even(count):
    """4,000 digests, 5 choices of each: chi-square stays below its mean by six standard deviations."""
    draws = (Draw(sha256(number.to_bytes(4, "big")).digest()) for number in range(4000))
    counts = Counter(draw.below(count) for draw in draws for _ in range(5))
    expected = 20_000 / count
    chi_square = sum((counts[choice] - expected) ** 2 / expected for choice in range(count))
    assert set(counts) == set(range(count))
    assert chi_square < count - 1 + 6 * (2 * (count - 1)) ** 0.5


def test_choices_go_on_beyond_one_digest():
    draw = Draw(bytes(32))
    digits = "".join(draw.digits(50) for _ in range(100))
    counts = Counter(digits[50:])
    assert len(counts) == 10 and max(counts.values()) < 2 * min(counts.values())
    assert len({digits[i : i + 50] for i in range(0, 5000, 50)}) >= 98
