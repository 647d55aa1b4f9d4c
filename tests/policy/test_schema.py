"""The JSON Schema for editors: current, valid, and of one mind with the loader about shapes."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from policy.load import installed_packs, load_policy_text
from policy.schema import json_schema, main, schema_text
from policy.yaml_source import parse
from tests.policy.policies import VALID

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json_schema()
CHECK = jsonschema.Draft202012Validator(SCHEMA)
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "errors.yaml").read_text())
SHAPES = [case for case in CASES if parse(case["policy"], "p").readable and not parse(case["policy"], "p").errors]


def test_the_file_is_current() -> None:
    current = (ROOT / "docs" / "policy.schema.json").read_bytes() == schema_text()
    assert current, "docs/policy.schema.json is not current; write it with: python -m policy.schema"


def test_main_writes_it(tmp_path: Path) -> None:
    main([str(tmp_path / "s.json")])
    assert json.loads((tmp_path / "s.json").read_text()) == SCHEMA


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def nodes(node: Any) -> list[dict[str, Any]]:
    found = [node] if isinstance(node, dict) else []
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return found + [item for child in below for item in nodes(child)]


def test_every_key_is_described_and_no_other_is_allowed() -> None:
    for node in nodes(SCHEMA):
        properties = node.get("properties")
        if not isinstance(properties, dict) or node.get("type") != "object":
            continue
        assert node["additionalProperties"] is False
        assert node["description"]
        for key, schema in properties.items():
            assert schema.get("description") or "$ref" in schema, key


def test_it_accepts_the_whole_language() -> None:
    CHECK.validate(parse(VALID, "p").value)


@pytest.mark.parametrize("name", installed_packs())
def test_it_accepts_the_packs(name: str) -> None:
    pack = jsonschema.Draft202012Validator(SCHEMA["$defs"]["Pack"] | {"$defs": SCHEMA["$defs"]})
    pack.validate(parse((ROOT / "policy" / "packs" / f"{name}.yaml").read_bytes(), name).value)


@pytest.mark.parametrize("case", SHAPES, ids=lambda case: case["case"])
def test_what_it_refuses_the_loader_refuses(case: dict[str, Any]) -> None:
    """The other way round does not hold: the schema knows no levels, entities or masks."""
    if not CHECK.is_valid(parse(case["policy"], "p").value):
        with pytest.raises(ValueError, match=r"^p\.yaml:"):
            load_policy_text(case["policy"], "p.yaml")


@pytest.mark.parametrize(
    "change",
    [
        {"weir": 2}, {"name": "Shop"}, {"version": 0}, {"levels": ["public"]}, {"levels": ["A", "B"]}, {"entitys": {}},
        {"entities": {"email": "public"}}, {"entities": {"URL": "Public"}}, {"unknown_fields": "allow"},
        {"segments": {}},
        {"segments": {"s": {"clearance": "public"}}}, {"segments": {"s": {"clearance": "public", "sink": "a b"}}},
        {"segments": {"s": {"clearance": "public", "sink": "s", "above_clearance": "hold"}}},
        {"segments": {"s": {"clearance": "public", "sink": "s", "max_exposure": "clear"}}},
        {"segments": {"s": {"clearance": "public", "sink": "s", "accept": {"a": []}}}},
        {"segments": {"s": {"clearance": "public", "sink": "s", "masks": {"URL": {"a": 1, "b": 2}}}}},
        {"segments": {"audit ": {"clearance": "public", "sink": "s"}}}, {"threshold": 1.5}, {"countries": ["USA"]},
        {"recognizers": [{"entity": "A", "patterns": [{"regex": "x"}]}]},
    ],
)  # fmt: skip
def test_it_refuses(change: dict[str, Any]) -> None:
    value = {"weir": 1, "name": "t", "version": 1, "segments": {"s": {"clearance": "public", "sink": "s"}}}
    CHECK.validate(value)
    assert not CHECK.is_valid(value | change)
