"""What the engine counts of a batch equals what its audit events say, and becomes counters with few labels."""

import json
from collections import Counter

import pyarrow as pa

from tests.udfs.engines import KEYS, SHOP, plan_of
from udfs.engine import Engine
from udfs.judge import Judge
from udfs.meters import REASONS, added, reason_class
from udfs.series import Argument, Batch, Shape

RECORDS = [
    b'{"note":"4111 1111 1111 1111 and ann@example.com"}',
    b'{"note":"bob@example.com, eve@example.com"}',
    b'{"note":"nothing"}',
    b'{"broken',
    b"\xff\xfe",
]
DOCUMENT = Shape((Argument("doc", pa.binary()),), document=True)


def _batch(records: list[bytes]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(records, pa.binary())], ["doc"])


def _of(kind: str, counts: dict[str, int]) -> dict[str, int]:
    return {name.partition("|")[2]: n for name, n in counts.items() if name.startswith(f"{kind}|")}


def test_counts_equal_the_audit() -> None:
    outcome = Engine(plan_of(SHOP), KEYS, ["doc"], document=True).run(_batch(RECORDS))
    events = [json.loads(event) for event in outcome.audit.to_pylist()]
    findings: Counter[str] = Counter()
    for event in events:
        for found in event["findings"]:
            findings[f"{found['entity']}|{found['detector']}"] += found["count"]
    assert findings and _of("finding", outcome.counts) == findings
    masked: Counter[str] = Counter()
    for found, decision in ((f, d) for e in events for f in e["findings"] for d in e["decisions"]):
        if found["entity"] in decision["masks"]:
            masked[f"{decision['segment']}|{found['entity']}"] += found["count"]
    assert len(masked) == 2 and _of("masked", outcome.counts) == masked
    assert _of("level", outcome.counts) == Counter(e["level"] for e in events if e["level"])
    reasons = Counter(reason_class(e["quarantine"]) for e in events if e["quarantine"])
    assert sum(reasons.values()) == 2 and _of("quarantine", outcome.counts) == reasons


def test_halves_add_up_to_the_whole() -> None:
    engine = Engine(plan_of(SHOP), KEYS, ["doc"], document=True)
    halves = [engine.run(_batch(part)).counts for part in (RECORDS[:2], RECORDS[2:])]
    assert added(*halves) == engine.run(_batch(RECORDS)).counts


def test_a_record_that_breaks_the_engine_is_counted_by_its_class() -> None:
    class Broken(Engine):
        def run(self, records: pa.RecordBatch, *rest: object) -> object:  # type: ignore[override]
            if b"broken" in records.column(0).to_pylist():
                raise RuntimeError
            return super().run(records, *rest)

    judge = Judge(plan_of(SHOP), DOCUMENT, KEYS)
    judge._engine = Broken(plan_of(SHOP), KEYS, ["doc"], document=True)
    counts = judge.judge(Batch(_batch([b"broken", RECORDS[0]]), None, None, None)).counts
    assert _of("quarantine", counts) == {"engine": 1}
    assert counts["records"] == 2 and sum(_of("finding", counts).values()) == 2


def test_what_a_segment_may_see_or_does_not_get_is_not_counted_as_masked() -> None:
    counts = Engine(plan_of(SHOP), KEYS, ["doc"], document=True).run(_batch(RECORDS)).counts
    assert {name.partition("|")[0] for name in _of("masked", counts)} == {"support"}


def test_a_reason_never_becomes_a_label_but_its_class_does() -> None:
    counts = Engine(plan_of(SHOP), KEYS, ["doc"], document=True).run(_batch(RECORDS)).counts
    assert set(_of("quarantine", counts)) <= {*REASONS, "other"} - {"other"}
