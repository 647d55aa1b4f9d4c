"""The Kafka example: keys, deletions, labels and order for each reader, and metrics that the audit bears out."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from examples.kafka.shop import SEGMENTS
from tests.kafka.ran import DELETIONS, MESSAGES, Ran, run_shop
from tests.kafka.topics import Message
from tests.operations.files import METRICS_USED
from tests.operations.scrape import labelled, value
from udfs.meters import BUCKETS, METRICS, PREFIX, reason_class

HIDDEN = ("support", "analytics", "marketing", "telemetry")
"""Segments that may not see an address."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Ran:
    """The example's job over some messages, with what came out."""
    return run_shop(tmp_path_factory.mktemp("shop"), key_file)


def documents(ran: Ran, segment: str) -> dict[str, tuple[Message, dict[str, Any]]]:
    """A segment's messages with their documents, in their order, by the document's id."""
    return {d["id"]: (m, d) for m in ran.outputs[segment] if (d := _document(m)) is not None}


def _document(message: Message) -> dict[str, Any] | None:
    """None for a message that has none with an id."""
    try:
        read = json.loads(message.value or b"null")
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) and "id" in read else None


def test_every_message_is_in_the_audit_once_with_its_place(shop: Ran) -> None:
    places = [(m.partition, m.offset) for m in shop.source]
    audited = [(int(e["coordinates"]["partition"]), int(e["coordinates"]["offset"])) for e in shop.events]
    assert len(places) == MESSAGES and sorted(audited) == places


def test_a_deletion_passes_under_its_key_and_is_not_quarantined(shop: Ran) -> None:
    deleted = Counter(m.key for m in shop.source if m.value is None)
    assert deleted.total() == DELETIONS and None not in deleted
    assert Counter(m.key for m in shop.outputs["fraud"] if m.value is None) == deleted
    assert not [e for e in shop.events if e["quarantine"] == "record: null"]


@pytest.mark.parametrize("segment", ["payments", *HIDDEN])
def test_who_accepts_a_type_gets_no_deletion(shop: Ran, segment: str) -> None:
    """It has no type."""
    assert shop.outputs[segment] and all(m.value is not None for m in shop.outputs[segment])


@pytest.mark.parametrize("segment", ["payments", "fraud"])
def test_who_may_see_addresses_gets_the_keys_as_they_came(shop: Ran, segment: str) -> None:
    keys = {d["id"]: m.key for m in shop.source if (d := _document(m))}
    got = documents(shop, segment)
    assert sum(message.key is not None for message, _ in got.values()) > 100
    assert all(message.key == keys[name] for name, (message, _) in got.items())


@pytest.mark.parametrize("segment", HIDDEN)
def test_no_other_sees_an_address_in_a_key(shop: Ran, segment: str) -> None:
    addresses = {m.key for m in shop.source if m.key}
    assert len(addresses) > 50
    assert not addresses & {m.key for m in shop.outputs[segment]}
    assert not [m.key for m in shop.outputs[segment] if m.key and b"@" in m.key]


@pytest.mark.parametrize("segment", ["support", "analytics", "marketing"])
def test_a_key_is_the_pseudonym_that_stands_in_the_document(shop: Ran, segment: str) -> None:
    pairs = [(m.key, d["payload"]["customer"]["email"]) for m, d in documents(shop, segment).values() if m.key]
    assert len(pairs) > 100
    assert all(key == shown.encode() for key, shown in pairs)


def test_keys_join_only_where_the_policy_says_so(shop: Ran) -> None:
    keys = {name: {m.key for m in shop.outputs[name] if m.key} for name in HIDDEN}
    assert len(keys["marketing"]) > 50 and keys["marketing"] <= keys["analytics"]
    assert not keys["support"] & keys["analytics"]
    assert not keys["telemetry"]


@pytest.mark.parametrize("segment", SEGMENTS)
def test_what_shares_a_key_shares_a_partition_and_keeps_its_order(shop: Ran, segment: str) -> None:
    came = {d["id"]: (m.partition, m.offset) for m in shop.source if (d := _document(m))}
    partitions, last = defaultdict[bytes, set[int]](set), dict[tuple[int, int], int]()
    for message, document in documents(shop, segment).values():
        source, offset = came[document["id"]]
        assert last.get((source, message.partition), -1) < offset
        last[source, message.partition] = offset
        partitions[message.key or b""].add(message.partition)
    assert last and all(len(found) == 1 for key, found in partitions.items() if key)


def test_labels_say_level_and_policy_where_the_table_has_them(shop: Ran) -> None:
    for segment in ("payments", "support", "fraud", "analytics"):
        headers = [m.headers for m in shop.outputs[segment]]
        assert {h["weir-policy"] for h in headers} == {b"retail-orders@7"}
        assert {h["weir-level"] for h in headers} <= {b"public", b"internal", b"confidential", b"regulated"}
        assert all(h.keys() == {"weir-level", "weir-policy"} for h in headers)  # the shop's own are not passed on
    for segment in ("marketing", "telemetry"):
        assert not any(m.headers for m in shop.outputs[segment])


def test_messages_keep_the_time_of_the_record(shop: Ran) -> None:
    sent = {m.timestamp for m in shop.source}
    assert all(m.timestamp in sent for name in SEGMENTS for m in shop.outputs[name])


# --- what Prometheus gets of it ---


def test_what_alerts_and_dashboard_ask_for_is_exported(shop: Ran) -> None:
    exported = {s.name for s in shop.scraped}
    assert len(METRICS_USED) > 10
    assert sorted(METRICS_USED - exported) == []


def test_records_are_counted(shop: Ran) -> None:
    assert value(shop.scraped, "weir_records") == MESSAGES
    assert value(shop.scraped, "weir_bytes") >= sum(len(m.value or b"") + len(m.key or b"") for m in shop.source)
    quarantined = Counter((reason_class(e["quarantine"]),) for e in shop.events if e["quarantine"])
    assert len(quarantined) > 1 and labelled(shop.scraped, "weir_reason_quarantined", "reason") == quarantined
    assert value(shop.scraped, "weir_quarantined") == quarantined.total() == len(shop.outputs["quarantine"])


def test_levels_findings_and_masks_are_those_of_the_audit(shop: Ran) -> None:
    levels, findings, masked = Counter[tuple[str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for event in (e for e in shop.events if e["quarantine"] is None):
        levels[(event["level"],)] += 1
        for found in event["findings"]:
            findings[found["entity"], found["detector"]] += found["count"]
            for decision in event["decisions"]:
                if found["entity"] in decision["masks"]:
                    masked[decision["segment"], found["entity"]] += found["count"]
    assert labelled(shop.scraped, "weir_level_records", "level") == levels
    assert labelled(shop.scraped, "weir_entity_detector_findings", "entity", "detector") == findings
    assert len(masked) > 10 and labelled(shop.scraped, "weir_segment_entity_masked", "segment", "entity") == masked


def test_deliveries_are_what_lies_in_the_topics(shop: Ran) -> None:
    healthy = sum(e["quarantine"] is None for e in shop.events)
    for segment in SEGMENTS:
        delivered = value(shop.scraped, "weir_segment_delivered", segment=segment)
        assert delivered == len(shop.outputs[segment]) > 0
        assert value(shop.scraped, "weir_segment_denied", segment=segment) == healthy - delivered


def test_nothing_waits_in_kafka_when_all_is_read(shop: Ran) -> None:
    waiting = [s for s in shop.scraped if s.name == f"{PREFIX}pendingRecords"]
    assert waiting and sum(s.value for s in waiting) == 0
    assert all(s.labels["job_name"] == "weir_segment_retail_orders_7" for s in waiting)


def test_buckets_are_cumulative_and_the_last_counts_all_batches(shop: Ran) -> None:
    counted = [value(shop.scraped, "weir_le_engine_ms_bucket", le=str(le)) for le in [*BUCKETS, "Inf"]]
    assert counted == sorted(counted)
    assert counted[-1] == value(shop.scraped, "weir_batches") >= 1


def test_labels_are_those_of_the_reference_and_hold_no_value(shop: Ran) -> None:
    ours = [s for s in shop.scraped if s.name.startswith(PREFIX + "weir_")]
    assert {s.name.removeprefix(PREFIX) for s in ours} == set(METRICS)
    common = set.intersection(*(set(s.labels) for s in ours))
    for sample in ours:
        labels = METRICS[sample.name.removeprefix(PREFIX)][0]
        assert set(sample.labels) - common == {part for part in labels.split(", ") if part}
    (policy,) = [s for s in ours if s.name.endswith("policy_digest_info")]
    assert policy.value == 1 and policy.labels["policy"] == "retail_orders_7"
    assert policy.labels["digest"] == shop.events[0]["policy"]["digest"][:12]
    shown = str([(s.name, s.labels) for s in ours])
    assert not [m.key for m in shop.source if m.key and m.key.decode() in shown]
