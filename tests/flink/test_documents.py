"""The segment job on documents: every record has its account, and nobody sees more than they are cleared for."""

import base64
import json
from collections import Counter
from pathlib import Path

import pytest

from jobs.progress import Summary
from tests.flink.runs import DOCUMENTS, SEGMENTS, events_of, everything, lines_of, run_job

CARD, MAIL, NAME = b"4111 1111 1111 1111", b"zoe.planted@example.com", "Zoë Plantéd".encode()

GOOD = [
    b'{"id": 1, "note": "nothing here", "price": 10.10, "big": 1e400, "long": 123456789012345678901234567890}',
    b'{"id":2,"note":"pay with ' + CARD + b' please"}',
    b'{"id":3,"customer":{"name":"' + NAME + b'","mail":"' + MAIL + b'"}}',
    b'{"id": 4, "a": 1, "a": 2}',
    b'{"id":5,"items":[{"card":4111111111111111},{"card":null}]}',
    b'{"id":6,"note":"' + b"x" * 10_000_000 + b'"}',
    b'{"id":7,"note":"\\u0065mail zoe.plante\\u0064@example.com"}',
    b"[]",
    b'"just a text"',
]
BROKEN = [
    b"",
    b"{",
    b'{"id":8,"note":"' + CARD + b'"',
    b'{"mail":"' + MAIL + b'","bad":"\xff\xfe"}',
    b'{"id": NaN}',
    b"[" * 10_000 + b"]" * 10_000,
    b'{"id":9} {"id":10}',
]


@pytest.fixture(scope="module", params=["BYTES", "STRING"])
def kind(request: pytest.FixtureRequest) -> str:
    """The type of the documents' column."""
    return str(request.param)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, kind: str) -> Path:
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="module")
def summary(folder: Path, key_file: Path, kind: str) -> Summary:
    return run_job(folder, key_file, DOCUMENTS.replace("line BYTES", f"line {kind}"), [*GOOD, *BROKEN])


def test_every_record_is_accounted_for(summary: Summary, folder: Path) -> None:
    assert summary.balanced and summary.finished and not summary.cancelled
    assert (summary.records, summary.quarantined) == (len(GOOD) + len(BROKEN), len(BROKEN))
    for segment in summary.segments:
        assert len(lines_of(folder, segment.segment)) == segment.delivered
        assert segment.delivered + segment.denied == len(GOOD)
    assert len(events_of(folder)) == summary.records


def test_a_cleared_segment_gets_every_byte(summary: Summary, folder: Path) -> None:
    assert Counter(lines_of(folder, "vault")) == Counter(GOOD)


def test_the_quarantine_keeps_original_bytes_reason_and_coordinates(summary: Summary, folder: Path) -> None:
    held = [json.loads(line) for line in lines_of(folder, "quarantine")]
    assert Counter(base64.b64decode(h["record"]) for h in held) == Counter(BROKEN)
    for h in held:
        assert h["reason"].split(":")[0] in ("json", "encoding")
        assert json.loads(h["coordinates"]) == {"file": str(folder / "in" / "records")}
        assert h["policy"] == "shop@3"


def test_untouched_records_leave_as_they_came(summary: Summary, folder: Path) -> None:
    support = lines_of(folder, "support")
    assert {GOOD[0], GOOD[3], GOOD[5], GOOD[7], GOOD[8]} <= set(support)


def test_masks_hold(summary: Summary, folder: Path) -> None:
    by_id = {r["id"]: r for line in lines_of(folder, "support") if isinstance(r := json.loads(line), dict)}
    assert by_id[2]["note"] == "pay with xxxx xxxx xxxx 1111 please"
    assert by_id[5]["items"][1] == {"card": None}
    assert "4111111111111111" not in json.dumps(by_id[5])
    assert "planted" not in by_id[7]["note"]
    assert [json.loads(line)["id"] for line in lines_of(folder, "open") if line.startswith(b"{")] == [1, 4, 6]


def test_the_audit_says_what_was_done(summary: Summary, folder: Path) -> None:
    events = events_of(folder)
    assert Counter(e["quarantine"] is None for e in events) == {True: len(GOOD), False: len(BROKEN)}
    assert all([d["segment"] for d in e["decisions"]] == list(SEGMENTS) for e in events if e["quarantine"] is None)
    assert {e["policy"]["digest"] for e in events} == {summary.digest}
    cards = [e for e in events if any(f["entity"] == "CREDIT_CARD" for f in e["findings"])]
    assert len(cards) == 2 and {e["level"] for e in cards} == {"regulated"}


@pytest.mark.parametrize("planted", [CARD, MAIL, NAME, b"4111111111111111", b"zoe.plante"])
def test_no_value_leaks(summary: Summary, folder: Path, logs: Path, planted: bytes) -> None:
    assert planted not in everything(folder, "support", "open", "audit")
    for held in map(json.loads, lines_of(folder, "quarantine")):
        assert planted.decode() not in json.dumps({k: v for k, v in held.items() if k != "record"}, ensure_ascii=False)
    texts = [p.read_bytes() for p in logs.rglob("*") if p.is_file()]
    assert texts, "the log that is searched must be there"
    assert not any(planted in text for text in texts)
