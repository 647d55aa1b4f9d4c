"""The JSON Schema of the policy language, for editors: `python -m policy.schema` writes it to docs/policy.schema.json."""

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
    schema = Policy.model_json_schema(ref_template="#/$defs/{model}")
    pack = Pack.model_json_schema(ref_template="#/$defs/{model}")
    definitions = schema.pop("$defs") | pack.pop("$defs")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Weir policy, version 1"}
    return (
        head | {key: value for key, value in schema.items() if key != "title"} | {"$defs": definitions | {"Pack": pack}}
    )


def schema_text() -> bytes:
    """The schema as the file holds it."""
    return orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SCHEMA_FILE
    target.write_bytes(schema_text())
