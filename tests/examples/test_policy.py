"""The demonstration's policy: it compiles, and its detectors find what the sample holds."""

import json

import pyarrow as pa
import pytest

from examples.orders.generate import DATA
from examples.orders.outputs import split
from examples.orders.verify import visible_to
from tests.examples.runs import demo_plan
from udfs.detect import Detector

PLAN = demo_plan()
SEGMENTS = {s.name: s for s in PLAN.segments}


def planted() -> list[dict[str, str]]:
    truth = (json.loads(line) for line in split((DATA / "truth.jsonl").read_bytes()))
    return [v for t in truth for v in t["values"]]


def test_every_planted_entity_has_a_level():
    assert {v["entity"] for v in planted()} <= PLAN.entities.keys()


def test_it_shows_the_language():
    assert len(SEGMENTS) >= 5
    assert {s.clearance for s in PLAN.segments} == set(range(len(PLAN.levels)))
    assert SEGMENTS["telemetry"].above_clearance == "deny"
    masks = {mask.name for s in PLAN.segments for mask in s.masks.values()}
    assert masks >= {"redact", "replace", "keep_last", "keep_first", "pseudonym", "hash", "null"}


def test_the_permitted_join_is_the_only_one():
    scopes = {name: s.masks["EMAIL_ADDRESS"].scope for name, s in SEGMENTS.items() if "EMAIL_ADDRESS" in s.masks}
    assert scopes["analytics"] == scopes["marketing"] == "scope:growth"
    assert scopes["support"] == "segment:support"


@pytest.mark.parametrize("segment", PLAN.segments, ids=lambda s: s.name)
def test_what_is_above_the_clearance_is_masked_or_denied(segment):
    above = {e for e, level in PLAN.entities.items() if level > segment.clearance}
    assert not above & visible_to(PLAN, segment)
    assert segment.above_clearance == "deny" or above <= segment.masks.keys()


def test_all_that_is_planted_in_text_can_be_found():
    """What is written into free text must not need a language model."""
    values = [v for v in planted() if v["as"] in ("text", "key") and v["path"]]
    texts = [_context(v) for v in values]
    found = Detector(PLAN).detect(pa.array([text for text, _ in texts]))
    assert not found.failed
    spans: dict[int, list[tuple[int, int]]] = {}
    for finding in found.findings:
        spans.setdefault(finding.text, []).append((finding.start, finding.end))
    for index, (text, start) in enumerate(texts):
        end = start + len(values[index]["value"])
        assert any(a <= start and b >= end for a, b in spans.get(index, [])), (values[index]["entity"], text[:start])


def _context(value: dict[str, str]) -> tuple[str, int]:
    words = {"US_SSN": "my social security number (SSN) is "}.get(value["entity"], "see: ")
    return words + value["value"], len(words)
