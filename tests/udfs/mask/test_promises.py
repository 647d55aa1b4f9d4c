"""What masks promise beyond one value: places do not meet, and what a mask does not understand costs one record."""

import hashlib
import json

import pytest

from policy.errors import PolicyErrors
from tests.udfs.engines import documents, engine_of, plan_of
from tests.udfs.mask.masking import masked, opened, refusal
from udfs.keys import Keys
from udfs.mask import MASKS

DETERMINISTIC = {
    "hash": {},
    "pseudonym": {},
    "token": {},
    "fpe": {},
    "surrogate": {},
    "noise": {"percent": 10},
    "presidio.hash": {},
}
"""Keyed masks that make one thing of a value, with parameters under which they take nine digits."""

NUMBERS = [f"{number:09}" for number in range(412_000_000, 412_000_300)]


@pytest.mark.parametrize("name", DETERMINISTIC)
@pytest.mark.parametrize(
    "other",
    [{"scope": "segment:other"}, {"scope": "scope:test"}, {"epoch": 2}, {"keys": Keys.of(bytes(32), bytes(32))}],
    ids=["segment", "scope", "epoch", "root key"],
)
def test_two_places_agree_no_more_than_by_chance(name, other):
    keys = Keys.of(bytes(range(32)), bytes(range(1, 33)))
    here = masked(name, DETERMINISTIC[name], NUMBERS, keys=keys)
    if "epoch" in other and MASKS[name].info.names_key:
        there = masked(name, DETERMINISTIC[name], NUMBERS, keys=Keys.of(bytes(range(32))))
    else:
        there = masked(name, DETERMINISTIC[name], NUMBERS, **{"keys": keys, **other})
    same = sum(a == b for a, b in zip(here, there, strict=True))
    # A fake or a noisy number is one of many millions; two of 300 that agree have a probability below 1e-9.
    assert same <= 1
    assert len(set(here)) >= len(NUMBERS) - 1


@pytest.mark.parametrize("name", ["token", "fpe", "encrypt"])
def test_one_entity_does_not_open_as_another(name):
    made = masked(name, {}, NUMBERS, entity="US_SSN")
    if name == "fpe":
        assert set(opened(name, {}, made, entity="US_ITIN")).isdisjoint(NUMBERS)
    else:
        refusal(lambda: opened(name, {}, made[:1], entity="US_ITIN"), NUMBERS[0])
    assert opened(name, {}, made, entity="US_SSN") == NUMBERS


def test_sequences_leave_no_trace():
    """Rank correlation (Spearman) of 300 numbers in sequence with what is made of them: within 5 deviations of 0."""
    for name in ("fpe", "pseudonym", "hash", "token", "surrogate"):
        made = masked(name, DETERMINISTIC[name], NUMBERS)
        ranks = {text: rank for rank, text in enumerate(sorted(made))}
        distances = sum((rank - ranks[text]) ** 2 for rank, text in enumerate(made))
        count = len(made)
        correlation = 1 - 6 * distances / (count * (count**2 - 1))
        assert abs(correlation) < 5 / (count - 1) ** 0.5


@pytest.mark.parametrize(
    ("exposed", "name", "params", "known"),
    [
        ("the year", "generalize", {"date": "year"}, lambda v: v[:4]),
        ("the decade", "generalize", {"date": "decade"}, lambda v: v[:3]),
        ("the month", "generalize", {"date": "month"}, lambda v: v[:7]),
        ("four characters", "truncate", {"count": 4}, lambda v: v[:4]),
    ],
)
def test_partial_masks_show_what_they_declare_and_no_more(exposed, name, params, known):
    days = [f"{y}-{m:02}-{d:02}" for y in range(1980, 1990) for m in (1, 6, 12) for d in (1, 15, 28)]
    made = masked(name, params, days, entity="DATE_TIME")
    by_known = {}
    for day, text in zip(days, made, strict=True):
        assert by_known.setdefault(known(day), text) == text, exposed


BAD = {
    "CREDIT_CARD": ["41a1 1111", "٤١١١111111111111", "411", "card"],
    "DATE_TIME": ["soon", "2024-13-01", "01/02/2024", "2023-02-29"],
    "IP_ADDRESS": ["300.1.1.1", "192.0.2", "::g", "localhost"],
    "AGE": ["old", "1e5", "--1", "NaN"],
}
POLICY = """
weir: 1
name: strict
version: 1
entities: {CREDIT_CARD: regulated, DATE_TIME: confidential, IP_ADDRESS: confidential, AGE: confidential}
fields: {CREDIT_CARD: CREDIT_CARD, DATE_TIME: DATE_TIME, IP_ADDRESS: IP_ADDRESS, AGE: AGE, id: public}
segments:
  open:
    clearance: public
    sink: open
    masks:
      CREDIT_CARD: {fpe: {luhn: true, otherwise: HOW}}
      DATE_TIME: {shift_date: {days: 9, subject: id, otherwise: HOW}}
      IP_ADDRESS: {generalize: {ip: {v4: 16}, otherwise: HOW}}
      AGE: {noise: {amount: 5, otherwise: HOW}}
"""
GOOD = {"CREDIT_CARD": "4111111111111111", "DATE_TIME": "2024-02-29", "IP_ADDRESS": "192.0.2.7", "AGE": "41"}


@pytest.mark.parametrize(("entity", "value"), [(e, v) for e, values in BAD.items() for v in values])
def test_a_value_that_a_mask_does_not_understand_costs_its_record_alone(entity, value):
    records = [json.dumps({"id": "1", entity: text}).encode() for text in (GOOD[entity], value)]
    outcome = engine_of(POLICY.replace("HOW", "fail")).run(documents(*records))
    good, bad = outcome.segments["open"].to_pylist()
    assert bad is None and json.loads(good)[entity] not in (GOOD[entity], "")
    reason = outcome.quarantine[1].as_py()
    assert outcome.quarantine[0].as_py() is None
    assert reason.startswith("mask: ") and f"failed on {entity}: must be " in reason
    assert value not in reason and value not in outcome.audit[1].as_py()


@pytest.mark.parametrize(("entity", "value"), [(e, v) for e, values in BAD.items() for v in values])
def test_or_it_is_removed_where_the_policy_says_so(entity, value):
    record = json.dumps({"id": "1", entity: value}).encode()
    outcome = engine_of(POLICY.replace("HOW", "redact")).run(documents(record))
    assert json.loads(outcome.segments["open"][0].as_py()) == {"id": "1", entity: ""}


@pytest.mark.parametrize(
    ("entity", "mask", "kind"),
    [
        ("CREDIT_CARD", "{shift_date: {days: 3, subject: id}}", "date"),
        ("EMAIL_ADDRESS", "{generalize: year}", "date"),
        ("EMAIL_ADDRESS", "{noise: {percent: 5}}", "number"),
        ("US_SSN", "{generalize: {ip: {v4: 24}}}", "ip"),
        ("DATE_TIME", "{generalize: {ip: {v4: 24}}}", "ip"),
        ("IP_ADDRESS", "{noise: {percent: 5}}", "number"),
        ("DATE_TIME", "surrogate", "text"),
    ],
)
def test_a_mask_for_another_kind_of_values_does_not_compile(entity, mask, kind):
    text = (
        f"weir: 1\nname: p\nversion: 1\nentities: {{{entity}: confidential}}\n"
        f"segments:\n  s:\n    clearance: public\n    sink: s\n    masks:\n      {entity}: {mask}\n"
    )
    with pytest.raises(PolicyErrors) as caught:
        plan_of(text)
    assert f":10 segments.s.masks.{entity}: the mask '" in str(caught.value)
    assert "is for values of kind" in str(caught.value) and kind in str(caught.value)


@pytest.mark.parametrize(
    ("entity", "mask"),
    [
        ("DATE_TIME", "{generalize: year}"),
        ("DATE_OF_BIRTH", "{shift_date: {days: 3, subject: id}}"),
        ("IP_ADDRESS", "{generalize: {ip: {v4: 24}}}"),
        ("SALARY", "{noise: {percent: 5}}"),
        ("CREDIT_CARD", "{generalize: {values: {'4111111111111111': visa}}}"),
    ],
)
def test_one_that_fits_or_an_entity_that_only_the_policy_knows_does(entity, mask):
    text = (
        f"weir: 1\nname: p\nversion: 1\nentities: {{{entity}: confidential}}\nfields: {{there: {entity}}}\n"
        f"segments:\n  s:\n    clearance: public\n    sink: s\n    masks:\n      {entity}: {mask}\n"
    )
    assert plan_of(text).segments[0].masks[entity].exposure == "partial"


def test_a_default_mask_that_does_not_fit_is_named_too():
    text = (
        "weir: 1\nname: p\nversion: 1\nentities: {CREDIT_CARD: confidential, DATE_TIME: confidential}\n"
        "segments:\n  s:\n    clearance: public\n    sink: s\n    default_mask: {generalize: year}\n"
    )
    with pytest.raises(PolicyErrors, match=r"segments\.s\.default_mask: .* of kind 'date', not for CREDIT_CARD;"):
        plan_of(text)


def test_an_unkeyed_digest_of_the_value_is_nowhere():
    value = "078-05-1120"
    digests = {hashlib.new(name, value.encode()).hexdigest() for name in ("md5", "sha1", "sha256", "blake2b")}
    made = [
        masked(name, params, ["078051120"] if name == "noise" else [value])[0] for name, params in DETERMINISTIC.items()
    ]
    assert not [text for text in made if any(digest[:12] in text for digest in digests)]
