"""The account of a run whose job was struck tells what is lost, doubled, mixed up or shown. `make chaos` is the run."""

from collections import Counter
from dataclasses import replace
from hashlib import blake2b

import pytest

from examples.kafka.shop import POLICY
from examples.orders.verify import visible_to
from jobs.segment import load_plan
from tests.kafka import struck
from tests.kafka.account import (
    NUMBERED,
    Output,
    Said,
    audited,
    delivered,
    heard,
    in_turn,
    label_of,
    named,
    ordered,
    policies,
    quarantined,
    unseen,
)
from tests.kafka.searching import Pile, clean, holding, searched, shown
from tests.kafka.struck import ChaosError, stricter

SECRET = ("EMAIL_ADDRESS", "ann.lee@example.com")
SENT = {(0, 0): 0, (0, 1): 1, (1, 0): 2, (1, 1): None}
ORIGIN = {0: (0, 0), 1: (0, 1), 2: (1, 0)}
PLAN = load_plan(POLICY)
PLANS = [PLAN, replace(PLAN, version=8)]
OLD, NEW = map(label_of, PLANS)


def output(number: int, partition: int = 0, policy: str | None = OLD, text: str = "two boxes") -> Output:
    return Output(partition, number, policy, named(number, digest_of(number, text), policy))


def digest_of(number: int, text: str = "two boxes") -> str:
    return blake2b(f"{number} {text}".encode(), digest_size=16).hexdigest()


def event(number: int, plan=PLAN, quarantine: str | None = None, segments=("open",)) -> dict[str, object]:
    """What the audit says of a message that is delivered to every segment."""
    partition, offset = ORIGIN[number]
    decisions = [{"segment": s, "decision": "deliver", "output": digest_of(number)} for s in segments]
    return {
        "coordinates": {"partition": str(partition), "offset": str(offset)},
        "policy": {"name": plan.name, "version": plan.version, "digest": plan.digest},
        "quarantine": quarantine,
        "decisions": [] if quarantine else decisions,
    }


def said_of(events: list[dict[str, object]]) -> Said:
    return heard(SENT, events, {"open"})


# --- the account sees what is wrong ---


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
    assert audited(SENT, Said(places=Counter(places))).holds is holds


@pytest.mark.parametrize(
    ("events", "undecided"),
    [
        ([event(0)], 0),
        ([event(0, quarantine="json")], 0),
        ([event(0, segments=())], 1),
        ([event(0, segments=("open", "open"))], 1),
        ([event(0, segments=("open", "other"))], 1),
    ],
)
def test_a_message_must_be_decided_for_every_segment_or_be_quarantined(events, undecided):
    said = said_of(events)
    assert said.undecided == undecided
    assert audited({(0, 0): 0}, said).holds is (undecided == 0)


@pytest.mark.parametrize(
    ("there", "holds"),
    [
        ([output(0), output(1), output(2)], True),
        ([output(0), output(1)], False),
        ([output(0), output(1), output(2), output(2)], False),
        ([output(0), output(1), output(2, text="ten boxes")], False),
        ([output(0), output(1), output(2, policy=NEW)], False),
        ([output(0), output(1), output(2, policy=None)], False),
        ([], False),
    ],
)
def test_a_topic_must_hold_what_the_audit_says_under_the_policy_that_it_says(there, holds):
    said = said_of([event(0), event(1), event(2)])
    assert delivered("t", there, said.delivered["open"]).holds is holds


def test_messages_that_changed_places_are_not_what_the_audit_says():
    first, second = event(0), event(1)
    first["coordinates"], second["coordinates"] = second["coordinates"], first["coordinates"]
    assert not delivered("t", [output(0), output(1)], said_of([first, second]).delivered["open"]).holds


@pytest.mark.parametrize(
    ("rows", "holds"),
    [([(0, 0, OLD)], True), ([], False), ([(0, 0, OLD)] * 2, False), ([(0, 1, OLD)], False), ([(0, 0, NEW)], False)],
)
def test_the_quarantine_must_hold_what_the_audit_says(rows, holds):
    text = b'{"coordinates":"{\\"partition\\":\\"%d\\",\\"offset\\":\\"%d\\"}","policy":"%s"}'
    values = [text % (partition, offset, policy.encode()) for partition, offset, policy in rows]
    assert quarantined(values, said_of([event(0, quarantine="json"), event(1)]).quarantined).holds is holds


@pytest.mark.parametrize(
    ("outputs", "holds"),
    [
        ([output(0), output(2), output(1)], True),
        ([output(1), output(0)], False),
        ([output(0), output(0)], False),
        ([output(1, 0), output(0, 1), output(2, 0)], False),
    ],
)
def test_the_order_of_a_partition_must_be_kept(outputs, holds):
    """In the last case no two are from one partition in one partition: nothing was shown."""
    assert ordered("t", outputs, ORIGIN).holds is holds


@pytest.mark.parametrize(
    ("judged", "holds"),
    [
        ([(0, OLD), (0, OLD), (0, NEW)], True),
        ([(0, OLD), (0, NEW), (1, OLD), (1, NEW)], True),
        ([(0, NEW), (1, OLD)], True),
        ([(0, OLD), (0, NEW), (0, OLD)], False),
        ([(0, OLD), (0, OLD)], False),
        ([(0, NEW), (0, NEW)], False),
        ([(0, OLD), (0, NEW), (0, None)], False),
        ([(0, OLD), (0, "retail-orders@9"), (0, NEW)], False),
        ([], False),
    ],
)
def test_one_policy_must_come_after_the_other(judged, holds):
    assert in_turn("t", judged, PLANS).holds is holds


@pytest.mark.parametrize(
    ("events", "holds"),
    [
        ([event(0), event(1, PLANS[1])], [True, True]),
        ([event(0, PLANS[1]), event(1)], [True, False]),
        ([event(1, PLANS[1]), event(0)], [True, True]),
        ([event(0), event(1)], [False, False]),
        ([event(0), event(1, PLANS[1]), event(2, replace(PLAN, version=9))], [False, False]),
        ([event(0), event(1, PLANS[1]), event(2, replace(PLAN, key_epoch=9))], [False, True]),
    ],
    ids=["in turn", "turned round", "the audit's own order is another", "one alone", "a third", "another of the label"],
)
def test_the_audit_must_name_the_policies_in_force_in_the_order_of_what_was_read(events, holds):
    assert [check.holds for check in policies(said_of(events), PLANS)] == holds


SEEN, UNSEEN = b'{"m":"ann.lee@example.com"}', b'{"m":"-"}'


@pytest.mark.parametrize(
    ("texts", "holds"),
    [
        ({OLD: {SEEN}, NEW: {UNSEEN}}, [True, True, True]),
        ({OLD: {SEEN}, NEW: {UNSEEN, SEEN}}, [True, False, True]),
        ({OLD: {UNSEEN}, NEW: {UNSEEN}}, [True, True, False]),
        ({OLD: {SEEN, b"4111 1111 1111 1111"}, NEW: {UNSEEN}}, [False, True, True]),
        ({OLD: {SEEN}}, [True, False, True]),
    ],
    ids=["as it must be", "the next policy shows it", "the first one hid it", "hidden by both", "nothing by the next"],
)
def test_a_view_must_obey_the_policy_that_it_was_made_under(texts, holds):
    card = ("CREDIT_CARD", "4111-1111-1111-1111")
    assert [check.holds for check in unseen("t", texts, PLANS, [{card}, {card, SECRET}])] == holds


def test_the_next_policy_hides_from_fraud_what_the_first_one_showed(tmp_path):
    after = load_plan(stricter(tmp_path))
    assert (PLAN.version, after.version) == (7, 8)
    shown_before, shown_after = (
        {s.name: visible_to(plan, s) for s in plan.segments} for plan in (PLAN, after)
    )  # fmt: skip
    assert shown_before.pop("fraud") - shown_after.pop("fraud") == {"EMAIL_ADDRESS"}
    assert shown_before == shown_after


def test_a_policy_that_cannot_be_made_stricter_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(struck, "STRICTER", [("version: 70000", "version: 8")])
    with pytest.raises(ChaosError, match="version: 70000"):
        stricter(tmp_path)


# --- the searches find ---


def test_a_planted_value_is_found_in_messages_and_files(tmp_path):
    disguised = b'{"m":"Ann.Lee\\u0040example.com"}'
    assert searched("t", [UNSEEN], {SECRET}).holds
    assert not searched("t", [UNSEEN, disguised], {SECRET}).holds
    assert not searched("t", [], {SECRET}).holds
    assert not searched("t", [UNSEEN], set()).holds
    assert shown("t", [disguised], {SECRET}).holds
    assert not shown("t", [UNSEEN], {SECRET}).holds
    (tmp_path / "empty").touch()
    (tmp_path / "0.log").write_bytes(b"\0\xff\x01" + b"ANN.lee@example.com" + b"\xfe")
    assert holding([tmp_path / "empty"], {SECRET}) == set()
    assert holding(tmp_path.iterdir(), {SECRET, ("PERSON", "Bob Stone")}) == {SECRET}


@pytest.mark.parametrize(
    ("text", "holds"),
    [("w-000012", True), ("w-000012 ann.lee@example.com", False), ("packed", False), ("ann.lee@example.com", False)],
)
def test_files_must_hold_what_is_known_to_be_there_and_no_value(tmp_path, text, holds):
    (tmp_path / "0.log").write_text(text)
    assert clean(Pile("t", [tmp_path / "0.log"], NUMBERED), {SECRET}).holds is holds
