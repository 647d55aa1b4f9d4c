"""`weir schema`: the JSON Schema of the policy language."""

import sys


def command() -> None:
    """Print the JSON Schema of the policy language, for editors that complete and check policies.

    Example: `weir schema > policy.schema.json`
    """
    from policy.schema import schema_text

    sys.stdout.buffer.write(schema_text())
    sys.stdout.buffer.flush()
