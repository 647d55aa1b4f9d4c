"""Checking a policy file in one go: errors of its shape, of its meaning and of its compilation together."""

from dataclasses import dataclass
from pathlib import Path

from policy.catalog import Catalog
from policy.compile import compile_errors, compile_plan, warnings
from policy.errors import PolicyError, in_order
from policy.load import read_policy
from policy.model import Policy
from policy.plan import Plan


@dataclass(frozen=True)
class Checked:
    """What came of checking a policy.

    Attributes:
        policy: the policy, its packs merged in; None when its shape is too wrong to go on.
        plan: the plan; None when there is any error.
        errors: all errors, located.
        warnings: what is allowed and perhaps not meant; empty when there is an error.
    """

    policy: Policy | None
    plan: Plan | None
    errors: tuple[PolicyError, ...]
    warnings: tuple[str, ...] = ()


def check_policy(path: str | Path, catalog: Catalog) -> Checked:
    """Loads and compiles the policy. Unlike `load_policy` followed by `compile_plan`, it tells a mistyped key and an
    unknown mask in one run."""
    loaded = read_policy(path)
    errors = list(loaded.errors)
    if loaded.policy is not None:
        errors += compile_errors(loaded.policy, catalog)
    if errors or loaded.policy is None:
        return Checked(loaded.policy, None, in_order(errors))
    plan = compile_plan(loaded.policy, catalog)
    return Checked(loaded.policy, plan, (), tuple(warnings(loaded.policy, plan, catalog)))
