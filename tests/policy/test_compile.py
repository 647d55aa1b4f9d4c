"""From policy to plan: every default filled in, everything needed named, nothing else."""

import pytest

from policy.catalog import Catalog
from policy.compile import compile_plan
from policy.errors import PolicyErrors
from policy.load import load_policy_text
from policy.model import Pattern, Policy, Recognizer, Segment
from policy.plan import AcceptPlan, FieldPlan, MaskPlan, PatternPlan, Plan, RecognizerPlan
from tests.policy.catalogs import CATALOG
from tests.policy.policies import SEGMENT, VALID, plan_of, policy_of

PLAN = compile_plan(load_policy_text(VALID), CATALOG)
SEGMENTS = {segment.name: segment for segment in PLAN.segments}


def test_head() -> None:
    assert (PLAN.name, PLAN.version, PLAN.effective_from) == ("retail-orders", 7, "2026-01-01T00:00:00Z")
    assert PLAN.levels == ("public", "internal", "confidential", "regulated")
    assert (PLAN.countries, PLAN.threshold, PLAN.unknown_fields) == (("no", "us"), 0.4, "deny")
    assert (PLAN.audit_sink, PLAN.quarantine_sink) == ("audit_events", "broken")
    assert (PLAN.quarantine_clearance, PLAN.quarantine_consumers) == (3, ("stewards",))


def test_entities_have_the_index_of_their_level_and_the_pack_s_are_there() -> None:
    own = {"PERSON": 2, "EMAIL_ADDRESS": 2, "EMPLOYEE_ID": 1, "US_SSN": 3, "CONFIDENTIAL": 2}
    pack = {
        "CREDIT_CARD": 3, "CARD_TRACK_DATA": 3, "CARD_VERIFICATION_CODE": 3, "CARD_PIN": 3, "CARD_EXPIRY": 2,
        "CARDHOLDER_NAME": 2,
    }  # fmt: skip
    assert PLAN.entities == own | pack


def test_recognizers_run_when_their_entity_has_a_level_and_their_country_is_chosen() -> None:
    assert PLAN.recognizers == ("CreditCardRecognizer", "EmailRecognizer", "UsSsnRecognizer")


def test_own_recognizers_and_then_the_pack_s() -> None:
    assert PLAN.own_recognizers[0] == RecognizerPlan(
        name="Badges",
        entity="EMPLOYEE_ID",
        patterns=(PatternPlan("badge", r"\bEMP-\d{6}\b", 0.8), PatternPlan("Badges 2", r"E-\d{6}", 0.5)),
        deny_list=("boss",),
        deny_list_score=0.9,
        context=("employee", "badge"),
    )
    assert [r.name for r in PLAN.own_recognizers[1:]] == [
        "CardTrackDataRecognizer", "CardVerificationCodeRecognizer", "CardPinRecognizer",
    ]  # fmt: skip


def test_field_rules_in_the_order_of_the_policy() -> None:
    assert PLAN.fields[:5] == (
        FieldPlan("payload.customer.name", "PERSON"),
        FieldPlan("payload.items[*].card", "CREDIT_CARD"),
        FieldPlan("payload.sku"),
        FieldPlan("payload.address", "CONFIDENTIAL"),
        FieldPlan('payload."a b".*', None, scan=True),
    )
    assert FieldPlan("*.pan", "CREDIT_CARD") in PLAN.fields[5:]


def test_a_segment_that_sees_all_masks_nothing() -> None:
    assert SEGMENTS["payments"].masks == {}
    assert SEGMENTS["payments"].consumers == ("svc-payments", "User:CN=x,O=y")


def test_named_masks_apply_always_and_the_default_above_the_clearance() -> None:
    redact = MaskPlan("redact", {}, "none")
    assert SEGMENTS["support"].masks == {
        "CREDIT_CARD": MaskPlan("keep_last", {"count": 4, "char": "x"}, "partial"),
        "EMAIL_ADDRESS": MaskPlan(
            "pseudonym", {"scope": None, "alphabet": "base32", "length": 16}, "pseudonym", "segment:support", 1
        ),
        "PERSON": MaskPlan("null", {}, "none"),
        "EMPLOYEE_ID": MaskPlan("replace", {"value": "staff"}, "none"),
        "US_SSN": redact,
        "CONFIDENTIAL": redact,
        "CARD_TRACK_DATA": redact,
        "CARD_VERIFICATION_CODE": redact,
        "CARD_PIN": redact,
        "CARD_EXPIRY": redact,
        "CARDHOLDER_NAME": redact,
    }


def test_a_scope_that_is_named_is_not_the_segment_s() -> None:
    masks = SEGMENTS["analytics"].masks
    assert masks["EMAIL_ADDRESS"].scope == masks["US_SSN"].scope == "scope:growth"
    assert masks["US_SSN"].name == "hash"
    assert "EMPLOYEE_ID" not in masks


def test_conditions_keep_the_types_of_their_values() -> None:
    accept = SEGMENTS["analytics"].accept
    assert accept == (AcceptPlan("payload.type", ("order", 1, 1.5, True)), AcceptPlan("payload.eu", (True,)))
    assert [type(value) for value in accept[0].values] == [str, int, float, bool]


def test_defaults() -> None:
    plan = plan_of("")
    assert (plan.entities, plan.recognizers, plan.fields, plan.countries) == ({}, (), (), ())
    assert (plan.unknown_fields, plan.threshold, plan.effective_from) == ("scan", 0.35, None)
    assert (plan.audit_sink, plan.quarantine_sink, plan.quarantine_clearance) == ("audit", "quarantine", 3)
    assert plan.segments[0].above_clearance == "mask"


def test_without_countries_those_of_all_run() -> None:
    plan = plan_of("entities: {UK_NHS: internal, US_SSN: internal}")
    assert plan.recognizers == ("NhsRecognizer", "UsSsnRecognizer")


def test_a_star_covers_what_can_be_found_and_is_not_named() -> None:
    text = "countries: [us]\nentities: {'*': confidential, URL: public, BADGE: internal}\n"
    text += "fields: {a: UK_NHS, b: regulated}\n"
    plan = plan_of(text + "recognizers: [{entity: BADGE, deny_list: [x]}, {entity: HAT, deny_list: [x]}]")
    assert plan.entities == {
        "CREDIT_CARD": 2, "EMAIL_ADDRESS": 2, "PHONE_NUMBER": 2, "US_SSN": 2, "US_ITIN": 2, "HAT": 2, "UK_NHS": 2,
        "URL": 0, "BADGE": 1, "REGULATED": 3,
    }  # fmt: skip
    assert "NhsRecognizer" not in plan.recognizers
    assert "UrlRecognizer" in plan.recognizers


def test_phone_regions_are_countries_too() -> None:
    assert plan_of("countries: [fr, de]\nentities: {PHONE_NUMBER: internal}").countries == ("de", "fr")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("public", FieldPlan("a")),
        ("internal", FieldPlan("a", "INTERNAL")),
        ("regulated", FieldPlan("a", "REGULATED")),
        ("scan", FieldPlan("a", None, scan=True)),
        ("URL", FieldPlan("a", "URL")),
    ],
)
def test_what_a_field_rule_becomes(rule: str, expected: FieldPlan) -> None:
    assert plan_of(f"entities: {{URL: internal}}\nfields: {{a: {rule}}}").fields == (expected,)


def test_the_lowest_level_of_own_levels_is_known_clean() -> None:
    plan = plan_of("levels: [green, red]\nfields: {a: green, b: red}", SEGMENT.replace("internal", "green"))
    assert plan.fields == (FieldPlan("a"), FieldPlan("b", "RED"))
    assert plan.entities == {"RED": 1}
    assert plan.segments[0].masks == {"RED": MaskPlan("redact", {}, "none")}


def test_a_denying_segment_has_its_masks_all_the_same() -> None:
    """Should a record get there after all, nothing above the clearance is in the clear."""
    assert SEGMENTS["telemetry"].above_clearance == "deny"
    assert SEGMENTS["telemetry"].masks.keys() == PLAN.entities.keys()


def test_the_order_of_keys_does_not_change_the_digest_and_a_word_does() -> None:
    one = plan_of("entities: {URL: internal, US_SSN: regulated}")
    other = plan_of("entities: {US_SSN: regulated, URL: internal}")
    assert one.digest == other.digest
    assert one.digest != plan_of("entities: {US_SSN: confidential, URL: internal}").digest
    assert one.digest == Plan.from_json(one.to_json()).digest


def test_an_empty_catalog_compiles_nothing() -> None:
    """Fail closed: a policy whose recognizers or masks are missing does not compile."""
    with pytest.raises(PolicyErrors) as caught:
        compile_plan(load_policy_text(VALID, "p.yaml"), Catalog())
    said = str(caught.value)
    for word in ("'US_SSN'", "'EMAIL_ADDRESS'", "'redact'", "'keep_last'", "'pseudonym'", "'hash'", "'null'"):
        assert word in said


def test_a_policy_made_in_python_is_checked_as_well() -> None:
    segments = {"s": Segment(clearance="top", sink="s"), "t": Segment(clearance="public", sink="s")}
    recognizers = [Recognizer(entity="A", patterns=[Pattern(regex="(", score=1.0)])]
    policy = Policy(weir=1, name="x", version=1, segments=segments, recognizers=recognizers, entities={"A": "low"})
    with pytest.raises(PolicyErrors) as caught:
        compile_plan(policy, CATALOG)
    assert [error.path for error in caught.value.errors] == [
        "entities.A", "segments.s.clearance", "segments.t.sink", "recognizers[0].patterns[0].regex",
    ]  # fmt: skip
    assert {(error.file, error.line) for error in caught.value.errors} == {("policy", 0)}


def test_the_model_is_not_changed_by_compiling() -> None:
    policy = policy_of("entities: {'*': regulated}")
    before = policy.model_dump_json()
    assert compile_plan(policy, CATALOG) == compile_plan(policy, CATALOG)
    assert policy.model_dump_json() == before
