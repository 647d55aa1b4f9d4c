"""Reads the case files: one for each mask, `cases/NAME.yaml`, a list of groups.

A group has `params`, optionally `entity` and `subject` (the person whom its records are about), and values with what
they become: under `shows`, those of which something stays readable on purpose; under `hides`, those of which nothing
may. `fails` lists values that the mask must not understand, `refuses` parameters that are errors.

A test with an argument `shown`, `hidden`, `failing` or `refused` runs once for each of those in all files; with
`variant`, once for each group with parameters that takes any text; with `keyed` or `hiding`, once for each of these
whose mask is keyed, or leaves no value in the clear; with `strict`, once for each group that takes some texts only.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from policy.plan import MaskPlan
from udfs.keys import Keys
from udfs.mask import MASKS, apply, validated

CASES = Path(__file__).parent / "cases"
KEYS = Keys.of(bytes(range(32)))


@dataclass(frozen=True)
class Variant:
    """A mask with parameters."""

    mask: str
    params: dict[str, Any]
    entity: str = "PERSON"
    subject: str | None = None
    shows: dict[str, str] = field(default_factory=dict)
    hides: dict[str, str | None] = field(default_factory=dict)
    fails: tuple[str, ...] = ()

    @property
    def strict(self) -> bool:
        """True when it fails on texts that its mask does not understand."""
        return getattr(validated(MASKS[self.mask], self.params), "otherwise", "redact") == "fail"

    @property
    def random(self) -> bool:
        """True when it masks one value in many ways."""
        return MASKS[self.mask].info.random

    def plan(self, scope: str = "segment:test") -> MaskPlan:
        mask = MASKS[self.mask]
        exposure = mask.info.exposure(validated(mask, self.params))
        keyed, subject = mask.info.keyed, self.params.get("subject")
        return MaskPlan(self.mask, self.params, exposure, scope if keyed else None, 1 if keyed else None, subject)

    def run(self, values: list[str | None] | pa.Array, scope: str = "segment:test") -> list[str | None]:
        array = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
        subjects = pa.array([self.subject] * len(array), pa.string()) if self.subject else None
        masked = apply(self.plan(scope), self.entity, array, KEYS, subjects)
        masked.validate(full=True)
        return masked.to_pylist()

    def __str__(self) -> str:
        return f"{self.mask}{self.params or ''}"


def read(path: Path) -> tuple[list[Variant], list[dict[str, Any]]]:
    """The variants of a case file, and the parameters that it says are errors."""
    variants, refused = [], []
    for group in yaml.safe_load(path.read_text(encoding="utf-8")):
        refused += group.pop("refuses", [])
        if group:
            variants.append(Variant(path.name.removesuffix(".yaml"), **group))
    return variants, refused


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    files = [(path.name.removesuffix(".yaml"), *read(path)) for path in sorted(CASES.glob("*.yaml"))]
    every = [variant for _, found, _ in files for variant in found]
    variants = [variant for variant in every if not variant.strict and not variant.random]
    arguments = {
        "variant": [(str(v), v) for v in variants],
        "strict": [(str(v), v) for v in every if v.strict],
        # A fake is one of a few thousand: two values, or one in two scopes, may have the same.
        "keyed": [(str(v), v) for v in variants if MASKS[v.mask].info.keyed and v.mask != "surrogate"],
        "hiding": [(str(v), v) for v in variants if v.plan().exposure != "clear"],
        "shown": [(f"{v}-{a!r}", (v, a, b)) for v in every for a, b in v.shows.items()],
        "hidden": [(f"{v}-{a!r}", (v, a, b)) for v in every for a, b in v.hides.items()],
        "failing": [(f"{v}-{a!r}", (v, a)) for v in every for a in v.fails],
        "refused": [(f"{mask}{params}", (mask, params)) for mask, _, refused in files for params in refused],
        "mask_name": [(name, name) for name in MASKS],
    }
    for name in arguments.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(name, [value for _, value in arguments[name]], ids=[label for label, _ in arguments[name]])


@pytest.fixture
def case_file():
    """Gives the variants of a mask's case file, and the parameters that it says are errors."""
    return lambda mask: read(CASES / f"{mask}.yaml")


@pytest.fixture
def variant_plan():
    """Gives the plan of a mask with parameters in a scope."""
    return lambda mask, params, scope: Variant(mask, params).plan(scope)
