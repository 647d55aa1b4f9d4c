"""The JSON Schema of the policy language, for editors.

`python -m policy.schema [FILE]` writes it, by default to docs/policy.schema.json.
"""

import sys
from pathlib import Path
from typing import Any

import orjson

from policy.model import Pack, Policy

SCHEMA_FILE = Path("docs/policy.schema.json")


def json_schema() -> dict[str, Any]:
    """The schema of a policy (draft 2020-12). That of a pack is its definition `Pack`.

    >>> sorted(json_schema()["required"])
    ['name', 'segments', 'version', 'weir']
    """
    schema = Policy.model_json_schema()
    pack = Pack.model_json_schema()
    schema["$defs"] |= {"Pack": pack} | pack.pop("$defs")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    tidy: dict[str, Any] = _tidy(schema)
    return head | tidy | {"title": "Weir policy, version 1"}


def _tidy(node: Any) -> Any:
    """Made for editors: descriptions in one line, no titles that repeat the key, no keys beside those of a pattern."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {key: _tidy(value) for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    if isinstance(tidy.get("description"), str):
        tidy["description"] = " ".join(tidy["description"].split())
    if "patternProperties" in tidy:
        tidy["additionalProperties"] = False
    return tidy


def schema_text() -> bytes:
    """The schema as the file holds it."""
    return orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def main(arguments: list[str]) -> None:
    """Write the schema to the file that the first argument names, or to `SCHEMA_FILE`."""
    target = Path(arguments[0]) if arguments else SCHEMA_FILE
    target.write_bytes(schema_text())


if __name__ == "__main__":
    main(sys.argv[1:])
