"""What the tests of the command line share."""

import json
from collections.abc import Callable

from typer.testing import Result

SECRET = "ann.lee@example.com"
CARD = "4111 1111 1111 1111"

POLICY = r"""
weir: 1
name: tested
version: 3
entities: {EMAIL_ADDRESS: confidential, CREDIT_CARD: regulated, EMPLOYEE_ID: internal}
recognizers:
  - {entity: EMPLOYEE_ID, patterns: [{regex: '\bEMP-\d{6}\b', score: 0.8}]}
fields: {sku: public}
segments:
  desk:
    clearance: internal
    sink: desk_out
    masks: {CREDIT_CARD: {keep_last: 4}, EMAIL_ADDRESS: {pseudonym: {scope: shared}}}
  growth:
    clearance: public
    sink: growth_out
    masks: {EMAIL_ADDRESS: {pseudonym: {scope: shared}}}
  open:
    clearance: public
    sink: open_out
    above_clearance: deny
"""

Weir = Callable[..., Result]
"""Runs `weir` with words, in this process."""


def lines_of(result: Result) -> list[dict]:
    """The lines of JSON that a command printed."""
    return [json.loads(line) for line in result.stdout.splitlines()]
