"""What is allowed and perhaps not meant; and that a good policy has no warnings."""

from pathlib import Path

import pytest

from policy.compile import compile_plan, warnings
from policy.load import load_policy_text
from tests.policy.catalogs import CATALOG
from tests.policy.policies import SEGMENT, VALID, warnings_of

MEANT = "make sure that this is meant"


def segments(*parts: str) -> str:
    return "segments:\n" + "".join(f"  s{i}: {{sink: s{i}, {part}}}\n" for i, part in enumerate(parts))


CASES = [
    (
        "a rule that an earlier one covers",
        "entities: {URL: internal}\nfields:\n  a: public\n  b.c: scan\n  a.d: URL\n  '*.e[*]': scan\n  b.e[*].f: URL\n"
        "  b: public",
        SEGMENT,
        [
            "p.yaml:8 fields.\"a.d\": never reached: the earlier rule for 'a' covers it; "
            "put the narrower rule first, or remove it",
            "p.yaml:10 fields.\"b.e[*].f\": never reached: the earlier rule for '*.e[*]' covers it; "
            "put the narrower rule first, or remove it",
        ],
    ),
    (
        "an entity of another country",
        "countries: [gb]\nentities: {US_SSN: internal, UK_NHS: internal}",
        SEGMENT,
        [
            "p.yaml:5 entities.US_SSN: nothing can find it: its recognizers belong to other countries; "
            "add its country to countries, or remove it",
        ],
    ),
    (
        "a country of which nothing runs",
        "countries: [us, gb, fr]\nentities: {US_SSN: internal}",
        SEGMENT,
        [
            "p.yaml:4 countries[1]: no recognizer that runs belongs to 'gb'; add its entities, or remove it",
            "p.yaml:4 countries[2]: no recognizer that runs belongs to 'fr'; add its entities, or remove it",
        ],
    ),
    (
        "a pattern that no context lifts over the threshold",
        "threshold: 0.6\nentities: {A: internal}\n"
        "recognizers:\n  - entity: A\n    patterns: [{regex: x, score: 0.5}]\n"
        "  - {entity: A, name: B, patterns: [{regex: x, score: 0.3}, {regex: v, score: 0.2}], context: [z]}",
        SEGMENT,
        [
            "p.yaml:8 recognizers[0].patterns[0].score: never a finding: the score stays below the threshold; "
            "raise the score, or lower the threshold",
            "p.yaml:9 recognizers[1].patterns[1].score: never a finding: the score stays below the threshold; "
            "raise the score, or lower the threshold",
        ],
    ),
    (
        "masks without effect, and masks below the clearance",
        "entities: {URL: internal, US_SSN: regulated}",
        segments(
            "clearance: internal, masks: {EMAIL_ADDRESS: redact, URL: keep}",
            "clearance: internal, masks: {URL: redact, US_SSN: redact}",
            "clearance: public, above_clearance: deny, masks: {URL: redact}",
        ),
        [
            "p.yaml:6 segments.s0.masks.EMAIL_ADDRESS: without effect: the entity has no level, so nothing looks for it"
            "; add it to entities, or remove the mask",
            "p.yaml:6 segments.s0.masks.URL: without effect: the segment sees the entity in the clear anyway; "
            "remove it",
            f"p.yaml:7 segments.s1.masks.URL: masked although the clearance would let it pass; {MEANT}",
            "p.yaml:8 segments.s2.masks.URL: without effect: a record with this entity is not delivered "
            "(above_clearance: deny); remove one of the two",
        ],
    ),
    (
        "a condition that tells what is masked",
        "entities: {US_SSN: regulated}\nfields: {a.b: US_SSN, c: confidential, d: scan}",
        segments(
            "clearance: internal, accept: {a.b.x: '1', d: z, a: w}",
            "clearance: confidential, accept: {c: x}",
            "clearance: public, accept: {c: x}",
        ),
        [
            "p.yaml:7 segments.s0.accept.\"a.b.x\": reveals what is masked: the field is US_SSN, above the clearance; "
            "accept by a field that the segment may see",
            "p.yaml:9 segments.s2.accept.c: reveals what is masked: the field is CONFIDENTIAL, above the clearance; "
            "accept by a field that the segment may see",
        ],
    ),
    (
        "a join",
        "entities: {URL: regulated, US_SSN: regulated}",
        segments(
            "clearance: public, masks: {URL: {hash: {scope: g}}}",
            "clearance: public, default_mask: {hash: {scope: g}}",
            "clearance: public, default_mask: {hash: {scope: h}}",
            "clearance: public, default_mask: hash",
        ),
        [f"p.yaml:6 segments.s0.masks.URL: URL can be joined with s1: they name the scope 'g'; {MEANT}"],
    ),
    (
        "a join whose values differ",
        "entities: {URL: regulated}",
        segments(
            "clearance: public, default_mask: {pseudonym: {scope: g, length: 8}}",
            "clearance: public, default_mask: {pseudonym: {scope: g}}",
        ),
        [
            "p.yaml:6 segments.s0.default_mask: URL does not join with s1: they name the scope 'g', but other "
            "parameters; give both masks the same parameters, or scopes of their own",
        ],
    ),
]  # fmt: skip
QUIET = [
    ("", SEGMENT),
    ("fields: {a.b: scan, a: public, '*.c': scan, '[*]': public, d: public}", SEGMENT),
    ("countries: [us, gb]\nentities: {US_SSN: internal, UK_NHS: internal}", SEGMENT),
    ("countries: [fr]\nentities: {PHONE_NUMBER: internal}", SEGMENT),
    ("countries: [us]\nentities: {'*': internal}", SEGMENT),
    ("countries: [us]\nentities: {UK_NHS: internal, US_SSN: internal}\nfields: {a: UK_NHS}", SEGMENT),
    ("entities: {A: internal}\nrecognizers: [{entity: A, patterns: [{regex: x, score: 0.1}], context: [z]}]", SEGMENT),
    ("entities: {URL: regulated}", segments("clearance: public, masks: {URL: redact}")),
    ("fields: {c: confidential}", segments("clearance: confidential, accept: {c: x}")),
    ("fields: {c: confidential}", segments("clearance: public, accept: {d: x}")),
    ("entities: {URL: regulated}", segments(*["clearance: public, default_mask: hash"] * 2)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rest", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_warns(text: str, rest: str, expected: list[str]) -> None:
    assert warnings_of(text, rest) == expected


@pytest.mark.parametrize(("text", "rest"), QUIET)
def test_is_quiet(text: str, rest: str) -> None:
    assert warnings_of(text, rest) == []


def test_a_pack_s_rules_that_the_policy_covers_are_located_in_the_pack(tmp_path: Path) -> None:
    said = warnings_of("include: [packs/pci.yaml]\nfields: {card: public}")
    assert said and all(line.startswith("packs/pci.yaml:") and "never reached" in line for line in said)


def test_the_whole_language_at_once() -> None:
    policy = load_policy_text(VALID, "p.yaml")
    said = "\n".join(warnings(policy, compile_plan(policy, CATALOG), CATALOG))
    assert "segments.support.masks.EMPLOYEE_ID: masked although" in said
    assert "EMAIL_ADDRESS can be joined with growth" in said
