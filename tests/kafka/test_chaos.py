"""Nothing is lost, doubled, mixed up or shown when parts of a running job are killed; and the account would tell."""

from collections import Counter

import pytest

from tests.kafka import chaos
from tests.kafka.account import NUMBERED, Said, audited, clean_on_disk, delivered, heard, holding, ordered, searched
from udfs.keys import Keyring, new_root

SECRET = ("EMAIL_ADDRESS", "ann.lee@example.com")
SENT = {(0, 0): 0, (0, 1): 1, (1, 0): 2, (1, 1): None}
ORIGIN = {0: (0, 0), 1: (0, 1), 2: (1, 0)}
KEY = Keyring.of(new_root()).derive("weir/1/audit", "digest", 1)


def row(number: int, partition: int = 0) -> tuple[int, int, bytes]:
    return partition, number, b'{"id":"w-%09d","note":"two boxes"}' % number


def said_of(numbers: list[int]) -> Said:
    """What an audit says that delivered these to one segment; its digests are those of `row`."""
    from hashlib import blake2b

    def event(number: int) -> dict[str, object]:
        partition, offset = ORIGIN[number]
        digest = blake2b(row(number)[2], key=KEY, digest_size=16).hexdigest()
        decision = {"segment": "open", "decision": "deliver", "output": digest}
        return {"coordinates": {"partition": str(partition), "offset": str(offset)}, "decisions": [decision]}

    return heard(SENT, map(event, numbers))


@pytest.mark.chaos
def test_a_job_that_is_struck_gives_each_record_once(tmp_path):
    report = chaos.run(tmp_path / "chaos", chaos.SHORT)
    assert [f"{check.what}: {check.detail}" for check in report.checks if not check.holds] == []
    assert len(report.checks) == 2 + 4 * 6
    assert report.sent == chaos.SHORT.records
    assert len(report.blows) == 3 and report.failures >= 2
    assert all(0 < sent < chaos.SHORT.records for sent in report.blows.values())


@pytest.mark.parametrize(
    ("places", "holds"),
    [
        ([(0, 0), (0, 1), (1, 0), (1, 1)], True),
        ([(0, 0), (0, 1), (1, 0)], False),
        ([(0, 0), (0, 1), (1, 0), (1, 1), (1, 1)], False),
        ([(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)], False),
    ],
)
def test_the_audit_must_have_each_message_once(places, holds):
    assert audited(SENT, Counter(places)).holds is holds


@pytest.mark.parametrize(("there", "holds"), [([0, 1, 2], True), ([0, 1], False), ([0, 1, 2, 2], False), ([], False)])
def test_a_topic_must_hold_what_the_audit_says(there, holds):
    said = said_of([0, 1, 2])
    assert delivered("t", map(row, there), said.delivered["open"], KEY).holds is holds


def test_a_message_that_was_altered_is_not_what_the_audit_says():
    other = (0, 2, row(2)[2].replace(b"two", b"ten"))
    assert not delivered("t", [row(0), row(1), other], said_of([0, 1, 2]).delivered["open"], KEY).holds


@pytest.mark.parametrize(
    ("rows", "holds"),
    [
        ([row(0), row(2), row(1)], True),
        ([row(1), row(0)], False),
        ([row(0), row(0)], False),
        ([row(1, 0), row(0, 1), row(2, 0)], False),
    ],
)
def test_the_order_of_a_partition_must_be_kept(rows, holds):
    """In the last case no two are from one partition in one partition: nothing was shown."""
    assert ordered("t", rows, ORIGIN).holds is holds


def test_a_planted_value_is_found_in_messages_and_files(tmp_path):
    clean, leak = b'{"id":"w-000000001"}', b'{"id":"w-000000002","m":"Ann.Lee\\u0040example.com"}'
    assert searched("t", [clean, None], {SECRET}).holds
    assert not searched("t", [clean, leak], {SECRET}).holds
    (tmp_path / "empty").touch()
    (tmp_path / "0.log").write_bytes(b"\0\xff\x01" + b"ANN.lee@example.com" + b"\xfe")
    assert holding([tmp_path / "empty"], {SECRET}) == set()
    assert holding(tmp_path.iterdir(), {SECRET, ("PERSON", "Bob Stone")}) == {SECRET}


@pytest.mark.parametrize(("found", "holds"), [({NUMBERED}, True), ({NUMBERED, SECRET}, False), (set(), False)])
def test_a_search_on_disk_must_find_the_messages_and_no_value(found, holds):
    assert clean_on_disk("t", found, 1).holds is holds
