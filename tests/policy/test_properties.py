"""Whatever is done to a policy: it loads, or gives located errors. Plans travel as JSON unharmed."""

import json
import re
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.compile import compile_plan, warnings
from policy.errors import PolicyErrors
from policy.explain import explain
from policy.load import load_policy_text
from policy.plan import Plan
from policy.proof import violations
from policy.yaml_source import parse
from tests.policy.catalogs import CATALOG
from tests.policy.policies import VALID

LINE = re.compile(r"(?:p\.yaml|packs/[a-z]+\.yaml):\d+ [^\n]+?: [^\n]+")
TREE = parse(VALID, "p.yaml").value

WORDS = st.sampled_from(
    [
        "public", "top", "CREDIT_CARD", "URL", "redact", "keep", "scan", "deny", "hold", "", "*", "a.b", "a..b", "no",
        "packs/pci.yaml", "packs/secrets.yaml", "(", "(?<x", "\\", "a*", "audit", "4111111111111111", "\x00", "\ud800",
        "é\u202e", "2026-01-01",
    ]
)  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | WORDS
    | st.just(10**400) | st.just([]) | st.just({})
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(WORDS | st.text(max_size=3), v, max_size=3),
    max_leaves=5,
)


def holds(text: str) -> None:
    """Loads, compiles and explains the policy, or checks that the errors are located."""
    try:
        policy = load_policy_text(text, "p.yaml")
        plan = compile_plan(policy, CATALOG)
    except PolicyErrors as errors:
        assert errors.errors
        assert all(LINE.fullmatch(str(error)) for error in errors.errors)
        assert all(1 <= error.line <= text.count("\n") + 1 for error in errors.errors if error.file == "p.yaml")
        return
    assert list(violations(plan)) == []
    assert all(LINE.fullmatch(line) for line in warnings(policy, plan, CATALOG))
    assert len(explain(plan).rows) == len(plan.entities) * len(plan.segments)
    assert Plan.from_json(plan.to_json()) == plan


def spots(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(spot for key, child in children for spot in spots(child, (*path, key)))]


SPOTS = spots(TREE)


def changed(tree: Any, spot: tuple[Any, ...], how: str, value: Any) -> Any:
    tree = deepcopy(tree)
    if not spot:
        return value
    node = tree
    for step in spot[:-1]:
        node = node[step]
    if how == "delete":
        del node[spot[-1]]
    elif how == "rename" and isinstance(node, dict):
        node[str(value)] = node.pop(spot[-1])
    else:
        node[spot[-1]] = value
    return tree


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(SPOTS), st.sampled_from(["replace", "delete", "rename"]), VALUES)
def test_a_changed_tree(spot: tuple[Any, ...], how: str, value: Any) -> None:
    """JSON is YAML: the tree goes in as JSON text, with whatever stands in it."""
    holds(json.dumps(changed(TREE, spot, how, value)))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_changed_text(data: st.DataObject) -> None:
    text = VALID
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = (
            text[:start]
            + data.draw(st.text(st.sampled_from("{}[]:,-#&*!|>'\"%@` \n\tabN01.~?é"), max_size=4))
            + text[end:]
        )
    holds(text)


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(len(VALID.splitlines()))), st.integers(0, len(VALID.splitlines())))
def test_lines_lost_and_shuffled(order: list[int], kept: int) -> None:
    lines = VALID.splitlines()
    holds("\n".join(lines[:kept] + [lines[index] for index in order[kept:]]))


def test_the_policy_itself_compiles() -> None:
    holds(VALID)
    compile_plan(load_policy_text(VALID), CATALOG)


@given(st.sampled_from(SPOTS), VALUES)
@settings(max_examples=30, deadline=None)
def test_a_plan_with_a_part_changed_is_another_plan_or_no_plan(spot: tuple[Any, ...], value: Any) -> None:
    """The digest names a plan: what is not equal has another digest."""
    plan = compile_plan(load_policy_text(VALID), CATALOG)
    try:
        other = compile_plan(load_policy_text(json.dumps(changed(TREE, spot, "replace", value))), CATALOG)
    except PolicyErrors:
        return
    assert (plan.digest == other.digest) == (plan.to_json() == other.to_json())
