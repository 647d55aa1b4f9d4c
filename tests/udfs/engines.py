"""Engines for tests, made from policies as users write them."""

from functools import cache

import orjson
import pyarrow as pa

from policy.compile import compile_plan
from policy.load import load_policy_text
from policy.plan import Plan
from udfs.catalog import installed
from udfs.engine import Engine, Outcome
from udfs.keys import Keys

KEYS = Keys.of(bytes(range(32)))

SHOP = """
weir: 1
name: shop
version: 3
levels: [public, internal, confidential, regulated]
countries: [us, gb]
entities:
  CREDIT_CARD: regulated
  US_SSN: regulated
  EMAIL_ADDRESS: confidential
  PERSON: confidential
  URL: internal
fields:
  id: public
  kind: public
  customer.name: PERSON
  salary: confidential
  items[*].card: CREDIT_CARD
  note: scan
segments:
  vault:
    clearance: regulated
    sink: vault
  support:
    clearance: internal
    sink: support
    masks:
      CREDIT_CARD: {keep_last: 4}
      EMAIL_ADDRESS: replace
  orders:
    clearance: internal
    sink: orders
    accept: {kind: [order, 7, true]}
    default_mask: 'null'
  open:
    clearance: public
    sink: open
    above_clearance: deny
"""


@cache
def plan_of(policy: str) -> Plan:
    """The plan of a policy's text."""
    return compile_plan(load_policy_text(policy), installed())


def engine_of(policy: str = SHOP, columns: tuple[str, ...] = ("doc",), document: bool = True, **more) -> Engine:
    """A fresh engine for a policy's text."""
    return Engine(plan_of(policy), KEYS, columns, document, **more)


def documents(*docs: bytes | None) -> pa.RecordBatch:
    """A batch of documents."""
    return pa.RecordBatch.from_arrays([pa.array(docs, pa.binary())], ["doc"])


def events(outcome: Outcome) -> list[dict]:
    """The audit events, read."""
    return [orjson.loads(event) for event in outcome.audit.to_pylist()]


def views(outcome: Outcome, row: int = 0) -> dict[str, object]:
    """What each segment got of a record."""
    return {name: array[row].as_py() for name, array in outcome.segments.items()}
