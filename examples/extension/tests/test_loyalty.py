"""The cases of Acme's recognizers, run as Weir runs those of its own."""

from pathlib import Path

import pytest

from udfs.cases import load_cases, unmet

CASES = load_cases(Path(__file__).with_name("cases.yaml"))


@pytest.mark.parametrize("name", sorted(CASES))
def test_cases(name: str) -> None:
    """Every case holds."""
    assert unmet(name, CASES[name]) == []
