"""Every recognizer of our own by its cases: `finds` with the spans between << and >>, and more `ignores`."""

from pathlib import Path

import pytest

from udfs.cases import found, load_cases, unmet
from udfs.recognizers import own

__all__ = ["CASES", "found"]

CASES = load_cases(*sorted((Path(__file__).parent / "cases").glob("*.yaml")))


def test_every_recognizer_has_cases_and_every_case_a_recognizer() -> None:
    ours = {name for name, recognizer in own().items() if getattr(recognizer, "source", "") == "weir"}
    assert set(CASES) == ours


@pytest.mark.parametrize("name", sorted(CASES))
def test_cases(name: str) -> None:
    assert unmet(name, CASES[name]) == []


def test_cases_can_fail() -> None:
    name = sorted(CASES)[0]
    cases = {kind: list(CASES[name][kind]) for kind in ("finds", "ignores")}
    assert unmet(name, {"finds": cases["ignores"][:1], "ignores": cases["finds"]})
    assert unmet(name, {"finds": [], "ignores": cases["ignores"]}) == ["there must be finds, and more ignores"]


def test_cases_of_one_recognizer_stand_in_one_file(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("Same: {finds: [a], ignores: [b, c]}")
    with pytest.raises(ValueError, match="Same stand in another file"):
        load_cases(tmp_path / "a.yaml", tmp_path / "b.yaml")
