"""The packs against their cases, with Presidio's own recognizer: what is found, to the character, and what is not."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from presidio_analyzer import Pattern, PatternRecognizer

from policy.compile import compile_plan
from policy.load import installed_packs, load_policy_text
from policy.model import Policy
from udfs.catalog import installed

FOLDER = Path(__file__).parent
PACKS = installed_packs()
CASES = {pack: yaml.safe_load((FOLDER / f"{pack}.yaml").read_text()) for pack in PACKS}
FINDS = [(pack, entity, text) for pack in PACKS for entity in CASES[pack] for text in CASES[pack][entity]["finds"]]
IGNORES = [(pack, entity, text) for pack in PACKS for entity in CASES[pack] for text in CASES[pack][entity]["ignores"]]
REPEATED = re.compile(r"(¦[^¦{]{1,2}|.)\{(\d+)\}")


def text_of(case: str) -> str:
    """The case without its joints (`¦`), and repeated: `a{3}` is aaa, `¦a1{3}` is a1a1a1."""
    return REPEATED.sub(lambda m: m[1].replace("¦", "") * int(m[2]), case).replace("¦", "")


@cache
def policy_of(pack: str) -> Policy:
    return load_policy_text(
        f"weir: 1\nname: x\nversion: 1\ninclude: [packs/{pack}.yaml]\nsegments: {{s: {{clearance: public, sink: s}}}}"
    )


@cache
def recognizer_of(pack: str, entity: str) -> PatternRecognizer:
    (own,) = [r for r in policy_of(pack).recognizers if r.entity == entity]
    patterns = [Pattern(p.name or "", p.regex, p.score) for p in own.patterns]
    return PatternRecognizer(entity, name=own.label, patterns=patterns, context=own.context)


def found(pack: str, entity: str, text: str) -> list[tuple[int, int, str]]:
    """Spans at or above the threshold, with the pattern that found them."""
    results = recognizer_of(pack, entity).analyze(text, [entity])
    return [
        (r.start, r.end, r.analysis_explanation.pattern_name) for r in results if r.score >= policy_of(pack).threshold
    ]


@pytest.mark.parametrize(("pack", "entity", "case"), FINDS)
def test_finds(pack: str, entity: str, case: str) -> None:
    marked = text_of(case)
    text = marked.replace("«", "").replace("»", "")
    expected = marked[marked.index("«") + 1 : marked.index("»")]
    assert [text[start:end] for start, end, _ in found(pack, entity, text)] == [expected]


@pytest.mark.parametrize(("pack", "entity", "case"), IGNORES)
def test_ignores(pack: str, entity: str, case: str) -> None:
    assert found(pack, entity, text_of(case)) == []


@pytest.mark.parametrize("pack", PACKS)
def test_every_pattern_has_a_case_and_every_entity_more_negatives(pack: str) -> None:
    cases = CASES[pack]
    assert cases.keys() == {r.entity for r in policy_of(pack).recognizers}
    for recognizer in policy_of(pack).recognizers:
        finds, ignores = cases[recognizer.entity]["finds"], cases[recognizer.entity]["ignores"]
        assert len(ignores) >= len(finds)
        texts = [text_of(case).replace("«", "").replace("»", "") for case in finds]
        used = {name for text in texts for _, _, name in found(pack, recognizer.entity, text)}
        assert used == {pattern.name for pattern in recognizer.patterns}


@pytest.mark.parametrize("pack", PACKS)
def test_compiles(pack: str) -> None:
    plan = compile_plan(policy_of(pack), installed())
    assert policy_of(pack).entities.keys() <= plan.entities.keys()
    assert {r.entity for r in plan.own_recognizers} <= plan.entities.keys()


def test_all_packs_go_together() -> None:
    includes = ", ".join(f"packs/{pack}.yaml" for pack in PACKS)
    load_policy_text(
        f"{{weir: 1, name: x, version: 1, include: [{includes}], segments: {{s: {{clearance: public, sink: s}}}}}}"
    )


WORDS = "the quick brown fox order 4111 shipped on 2024-03-01 to 12 Main St, 10.10 EUR: https://example.com/a?b=c#d "


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize(
    "text", [WORDS * 50, "a" * 20000, "1" * 20000, "-" * 5000, "a." * 5000, "A1" * 9000, "://" * 3000]
)
def test_plain_text_holds_nothing(pack: str, text: str) -> None:
    """Long runs of one shape also show that no pattern takes a time that explodes with the length."""
    for recognizer in policy_of(pack).recognizers:
        assert found(pack, recognizer.entity, text) == []
