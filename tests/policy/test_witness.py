"""Judgement, languages, evidence and models: what a policy may say of them, and what the plan holds."""

import json
from pathlib import Path

import pytest

from policy.catalog import Catalog, RecognizerInfo
from policy.compile import compile_plan
from policy.errors import PolicyErrors
from policy.load import load_policy
from policy.plan import EvidencePlan, ModelPlan, Plan
from tests.policy.catalogs import CATALOG
from tests.policy.policies import HEAD, SEGMENT, plan_of, policy_of, warnings_of

OURS = [
    RecognizerInfo("Better", "CREDIT_CARD", source="weir", replaces=("CreditCardRecognizer",)),
    RecognizerInfo("Badge", "BADGE", source="weir", replaces=("EmailRecognizer",)),
]
BOTH = Catalog({**CATALOG.recognizers, **{r.name: r for r in OURS}}, CATALOG.masks)
MEASURED = "evidence: {version: 3, fields: {a.b: {seen: 12000, valid: {US_SSN: 0.97, URL: 0}}}}"


def errors(text: str) -> str:
    with pytest.raises(PolicyErrors) as caught:
        plan_of(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("judgement", "runs"),
    [("presidio", ("CreditCardRecognizer", "EmailRecognizer")), ("weir", ("Better", "EmailRecognizer"))],
)
def test_ours_replace_presidios_only_where_they_run(judgement: str, runs: tuple[str, ...]) -> None:
    text = f"judgement: {judgement}\nentities: {{CREDIT_CARD: internal, EMAIL_ADDRESS: internal}}"
    plan = compile_plan(policy_of(text), BOTH)
    assert (plan.judgement, plan.recognizers) == (judgement, runs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("judgement: presido", "did you mean 'presidio'?"),
        ("languages: [dee]", "languages[0]: must be 'de'"),
        ("languages: []", "languages: must not be empty"),
        ("countries: [uk]", "did you mean 'gb'?"),
        ("countries: [zz]", "recognizers are installed for"),
        ("entities: {PERSON: internal}", "or a model under 'models'"),
        ("models: [{spacy: m}]", "models[0]: nothing to find"),
        ("models: [{spacy: m, entities: {PER: PERSON}}]", "models[0].entities.PER: the entity 'PERSON' has no level"),
        ("models: [{spacy: m, scor: 1}]", "models[0].scor: unknown key; did you mean 'score'?"),
        ("evidence: {version: 1, fields: {a: {seen: 0, valid: {URL: 1}}}}", "fields.a.seen: must be at least 1"),
        ("evidence: {version: 1, fields: {a: {seen: 1, valid: {URL: 1.1}}}}", "must be at most 1"),
        ("evidence: {version: 1, fields: {a: {sen: 1, valid: {URL: 1}}}}", "did you mean 'seen'?"),
        ("evidence: {version: 1, fields: {a..b: {seen: 1, valid: {URL: 1}}}}", "no valid path"),
        ("evidence: {version: 1, fields: {a: {seen: 1, valid: {US_SSM: 1}}}}", "did you mean 'US_SSN'?"),
        ("evidence: missing.yaml", "p.yaml:4 evidence: no such file"),
    ],
)
def test_errors(text: str, expected: str) -> None:
    assert expected in errors(text)


def test_the_plan_holds_it_and_its_digest_covers_it() -> None:
    text = "entities: {US_SSN: internal, PERSON: internal}\n"
    more = f"{text}languages: [fr, de]\nmodels: [{{spacy: m}}]\n{MEASURED}"
    plan = plan_of(more)
    assert plan.languages == ("de", "fr")
    assert plan.evidence == (EvidencePlan("a.b", 12000, {"US_SSN": 0.97, "URL": 0.0}),)
    assert plan.evidence_version == 3
    assert plan.models == (ModelPlan("m", {"PER": "PERSON", "PERSON": "PERSON"}, 0.85),)
    assert Plan.from_json(plan.to_json()) == plan
    assert plan.digest != plan_of(more.replace("0.97", "0.96")).digest


def test_an_earlier_plan_still_loads() -> None:
    own = "recognizers: [{entity: A, deny_list: [x], against: [z]}]\nentities: {A: internal}"
    plan = plan_of(own)
    assert plan.own_recognizers[0].against == ("z",)
    raw = json.loads(plan.to_json())
    for key in ("languages", "evidence", "evidence_version", "models", "judgement"):
        del raw[key]
    del raw["own_recognizers"][0]["against"]
    old = Plan.from_json(json.dumps(raw))
    assert (old.languages, old.evidence, old.models, old.own_recognizers[0].against) == (("en",), (), (), ())


def test_evidence_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(f"{HEAD}entities: {{US_SSN: internal}}\nevidence: e.yaml\n{SEGMENT}")
    evidence = tmp_path / "e.yaml"
    evidence.write_text("version: 3\nfields:\n  a.b: {seen: 12000, valid: {US_SSN: 0.97, URL: 0}}\n")
    inline = plan_of(f"entities: {{US_SSN: internal}}\n{MEASURED}")
    assert compile_plan(load_policy(tmp_path / "p.yaml"), CATALOG) == inline
    evidence.write_text("version: 3\nfields:\n  a.b: {seen: 0, valid: {US_SSN: 0.97}}\n")
    with pytest.raises(PolicyErrors, match=r"e\.yaml:3 fields\.\"a\.b\"\.seen: must be at least 1"):
        load_policy(tmp_path / "p.yaml")


def test_evidence_where_a_rule_decides() -> None:
    rule = "entities: {US_SSN: internal}\nfields: {a: %s}\n" + MEASURED
    assert any("without effect: the field rule for 'a' decides" in line for line in warnings_of(rule % "US_SSN"))
    assert not any("without effect" in line for line in warnings_of(rule % "scan"))
