"""Law 8, broken on purpose: no segment sees in the clear what is above its clearance."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.catalog import EXPOSURES
from policy.compile import compile_plan
from policy.errors import PolicyErrors
from policy.explain import explain
from policy.load import load_policy_text
from policy.plan import MaskPlan, Plan
from policy.proof import Violation, exceeds, exposure, joins, violations
from tests.policy.catalogs import CATALOG
from tests.policy.policies import HEAD, VALID, plan_of

LEVELS = ["public", "internal", "confidential", "regulated"]
ENTITIES = ["CREDIT_CARD", "EMAIL_ADDRESS", "US_SSN", "URL", "PHONE_NUMBER"]
MASK_CALLS = st.sampled_from(["redact", "keep", "{keep_last: 4}", "{pseudonym: {}}", "{replace: x}", "null", "hash"])
SEGMENT_PARTS = st.fixed_dictionaries(
    {"clearance": st.sampled_from(LEVELS)},
    optional={
        "default_mask": MASK_CALLS,
        "masks": st.dictionaries(st.sampled_from(ENTITIES), MASK_CALLS, max_size=3),
        "above_clearance": st.sampled_from(["mask", "deny"]),
        "max_exposure": st.sampled_from(EXPOSURES[:-1]),
    },
)


def as_flow(parts: dict[str, object]) -> str:
    """Parts of a segment as YAML in one line."""
    words = {
        k: "{" + ", ".join(f"{e}: {m}" for e, m in v.items()) + "}" if isinstance(v, dict) else v
        for k, v in parts.items()
    }
    return "{" + ", ".join(f"{key}: {value}" for key, value in words.items()) + "}"


@given(
    st.dictionaries(st.sampled_from([*ENTITIES, "'*'"]), st.sampled_from(LEVELS)),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from([*LEVELS, "scan"])),
    st.lists(SEGMENT_PARTS, min_size=1, max_size=3),
)
def test_what_compiles_holds_and_what_does_not_hold_does_not_compile(
    entities: dict[str, str], fields: dict[str, str], segments: list[dict[str, object]]
) -> None:
    text = HEAD + f"entities: {{{', '.join(f'{k}: {v}' for k, v in entities.items())}}}\n"
    text += f"fields: {{{', '.join(f'{k}: {v}' for k, v in fields.items())}}}\nsegments:\n"
    text += "".join(f"  s{i}: {as_flow(part | {'sink': f's{i}'})}\n" for i, part in enumerate(segments))
    policy = load_policy_text(text)
    try:
        plan = compile_plan(policy, CATALOG)
    except PolicyErrors as errors:
        assert all("clear" in error.message or "max_exposure" in error.message for error in errors.errors)
        assert "keep" in text or "max_exposure" in text
        return
    for segment, part in zip(plan.segments, segments, strict=True):
        limit = str(part.get("max_exposure", "reversible"))
        for entity, level in plan.entities.items():
            if level > segment.clearance:
                assert not exceeds(exposure(segment, entity), limit)
            elif entity not in part.get("masks", {}):  # type: ignore[operator]
                assert entity not in segment.masks
    assert list(violations(plan)) == []


def broken(plan: Plan, masks: dict[str, MaskPlan]) -> Plan:
    first, *rest = plan.segments
    return replace(plan, segments=(replace(first, masks=masks), *rest))


def test_a_plan_that_was_tampered_with_has_violations() -> None:
    plan = plan_of("entities: {US_SSN: regulated, URL: internal}")
    assert list(violations(plan)) == []
    assert list(violations(broken(plan, {}))) == [Violation("s", "US_SSN", "clear")]
    kept = broken(plan, {"US_SSN": MaskPlan("keep", {}, "clear")})
    assert list(violations(kept)) == [Violation("s", "US_SSN", "clear")]
    unknown = broken(plan, {"US_SSN": MaskPlan("glimpse", {}, "glimpse")})
    assert list(violations(unknown)) == [Violation("s", "US_SSN", "glimpse")]
    raised = replace(plan, entities=plan.entities | {"URL": 3})
    assert list(violations(raised)) == [Violation("s", "URL", "clear")]
    lowered = replace(plan, segments=(replace(plan.segments[0], clearance=0),))
    assert list(violations(lowered)) == [Violation("s", "URL", "clear")]


@pytest.mark.parametrize("limit", EXPOSURES)
def test_exposures_are_ordered(limit: str) -> None:
    allowed = [shown for shown in EXPOSURES if not exceeds(shown, limit)]
    assert allowed == list(EXPOSURES[: EXPOSURES.index(limit) + 1])
    assert exceeds("", limit) and exceeds("Clear", limit)


def test_joins_need_the_same_scope_mask_and_entity_in_two_segments() -> None:
    plan = compile_plan(load_policy_text(VALID), CATALOG)
    assert [(j.scope, j.mask, j.entity, j.segments) for j in joins(plan)] == [
        ("scope:growth", "pseudonym", "EMAIL_ADDRESS", ("analytics", "growth"))
    ]


def test_a_scope_cannot_take_the_name_of_a_segment_s_own() -> None:
    segments = (
        "segments:\n  a: {clearance: public, sink: a, default_mask: hash}\n"
        "  b: {clearance: public, sink: b, default_mask: {hash: {scope: a}}}\n"
    )
    assert joins(plan_of("entities: {URL: internal}", segments)) == []


def test_explain_has_a_row_for_every_entity_and_segment() -> None:
    plan = compile_plan(load_policy_text(VALID), CATALOG)
    explained = explain(plan)
    assert len(explained.rows) == len(plan.entities) * len(plan.segments)
    rows = {(row.entity, row.segment): row for row in explained.rows}

    def of(entity: str, segment: str) -> tuple[str, str, str]:
        row = rows[entity, segment]
        return row.outcome, row.exposure, row.why

    assert of("CREDIT_CARD", "payments") == ("clear", "clear", "regulated is within the clearance regulated")
    assert of("CREDIT_CARD", "support") == (
        "keep_last(count=4, char=x)", "partial", "regulated is above the clearance internal",
    )  # fmt: skip
    assert of("EMPLOYEE_ID", "support") == (
        "replace(value=staff)", "none", "the segment masks it, though internal is within the clearance internal",
    )  # fmt: skip
    assert of("US_SSN", "telemetry") == (
        "denied", "none", "regulated is above the clearance public, and the segment takes no such record",
    )  # fmt: skip
    assert of("PERSON", "support")[:2] == ("null", "none")
    levels = [plan.levels.index(row.level) for row in explained.rows]
    assert levels == sorted(levels, reverse=True)
    assert explained.joins == tuple(joins(plan))
