"""Policies for tests: a whole valid one, and a short way to write small ones."""

from policy.compile import compile_plan, warnings
from policy.load import load_policy_text
from policy.model import Policy
from policy.plan import Plan
from tests.policy.catalogs import CATALOG

VALID = r"""
weir: 1
name: retail-orders
version: 7
description: everything that the language has
effective_from: 2026-01-01T01:00:00+01:00
levels: [public, internal, confidential, regulated]
include: [packs/pci.yaml]
countries: [us, "no"]
threshold: 0.4
entities:
  PERSON: confidential
  EMAIL_ADDRESS: confidential
  EMPLOYEE_ID: internal
  US_SSN: regulated
recognizers:
  - entity: EMPLOYEE_ID
    name: Badges
    patterns:
      - {name: badge, regex: '\bEMP-\d{6}\b', score: 0.8}
      - {regex: 'E-\d{6}', score: 0.5}
    deny_list: [boss]
    deny_list_score: 0.9
    context: [employee, badge]
fields:
  payload.customer.name: PERSON
  payload.items[*].card: CREDIT_CARD
  payload.sku: public
  payload.address: confidential
  payload."a b".*: scan
unknown_fields: deny
segments:
  payments:
    clearance: regulated
    consumers: [svc-payments, "User:CN=x,O=y"]
    sink: payments_orders
  support:
    clearance: internal
    sink: support_orders
    masks:
      CREDIT_CARD: {keep_last: 4}
      EMAIL_ADDRESS: {pseudonym: {}}
      PERSON: null
      EMPLOYEE_ID: {replace: staff}
  analytics:
    clearance: internal
    sink: analytics_orders
    accept: {payload.type: [order, 1, 1.5, true], payload.eu: true}
    max_exposure: pseudonym
    masks:
      EMAIL_ADDRESS: {pseudonym: {scope: growth, length: 20}}
    default_mask: {hash: {scope: growth}}
  growth:
    clearance: public
    sink: growth_orders
    masks:
      EMAIL_ADDRESS: {pseudonym: {scope: growth, length: 20}}
  telemetry:
    clearance: public
    sink: telemetry
    above_clearance: deny
audit: {sink: audit_events}
quarantine: {sink: broken, clearance: regulated, consumers: [stewards]}
"""

HEAD = "weir: 1\nname: t\nversion: 1\n"
SEGMENT = "segments:\n  s: {clearance: internal, sink: s}\n"


def policy_of(text: str, segments: str = SEGMENT) -> Policy:
    """The policy of a text without its head."""
    return load_policy_text(HEAD + text + "\n" + segments, "p.yaml")


def plan_of(text: str, segments: str = SEGMENT) -> Plan:
    """Its plan."""
    return compile_plan(policy_of(text, segments), CATALOG)


def warnings_of(text: str, segments: str = SEGMENT) -> list[str]:
    """The warnings about it."""
    policy = policy_of(text, segments)
    return warnings(policy, compile_plan(policy, CATALOG), CATALOG)
