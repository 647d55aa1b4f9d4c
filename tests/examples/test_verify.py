"""The demonstration's checks: they pass on a sound run, and each one fails when its promise is broken on purpose."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from examples.orders import verify
from examples.orders.outputs import Run, Truth
from tests.examples.runs import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    return make_run(tmp_path_factory.mktemp("orders"))


def failing(checks: Iterator[verify.Check]) -> list[str]:
    return [check.what for check in checks if not check.holds]


def test_a_sound_run_passes(run):
    checks = verify.verify(run)
    assert [check.what for check in checks if not check.holds] == []
    assert len(checks) > 15


def changed(run: Run, segment: str, edit) -> Run:
    return replace(run, segments=run.segments | {segment: edit(run.segments[segment])})


@pytest.mark.parametrize("segment", ["payments", "support", "fraud", "analytics", "marketing", "telemetry"])
def test_a_lost_view(run, segment):
    assert failing(verify.accounting(changed(run, segment, lambda lines: lines[1:]))) == [f"accounts of {segment}"]


def test_a_view_delivered_twice(run):
    assert failing(verify.accounting(changed(run, "support", lambda lines: [*lines, lines[0]]))) == [
        "accounts of support"
    ]


def test_a_lost_event(run):
    broken = failing(verify.accounting(replace(run, events=run.events[1:])))
    assert "one audit event for each record" in broken


def test_an_event_twice_in_the_place_of_another(run):
    events = [run.events[0], run.events[0], *run.events[2:]]
    assert "one audit event for each record" in failing(verify.accounting(replace(run, events=events)))


def test_a_quarantined_record_is_lost(run):
    broken = replace(run, quarantine=run.quarantine[1:])
    assert failing(verify.accounting(broken)) == ["quarantine keeps the original bytes"]


def test_a_view_differs_from_the_one_audited(run):
    broken = changed(run, "analytics", lambda lines: [lines[0] + b" ", *lines[1:]])
    assert failing(verify.integrity(broken)) == ["every view is the one that the audit names"]


def test_a_view_is_no_json(run):
    broken = changed(run, "fraud", lambda lines: [lines[0][:-1], *lines[1:]])
    assert "every view is valid JSON" in failing(verify.integrity(broken))


def test_a_number_was_written_anew(run):
    def spoil(lines):
        return [re.sub(rb'"ms":(\s?\d+\.\d)0\b', rb'"ms":\1', line) for line in lines]

    assert "what is not sensitive leaves byte for byte as it came" in failing(
        verify.integrity(changed(run, "telemetry", spoil))
    )


def test_pseudonyms_of_support_join(run):
    broken = replace(run, segments=run.segments | {"support": run.segments["analytics"]})
    assert "support's pseudonyms join with nobody's" in failing(verify.integrity(broken))


def test_pseudonyms_of_marketing_do_not_join(run):
    orders = [line for line in run.segments["support"] if json.loads(line)["type"] == "order"]
    broken = replace(run, segments=run.segments | {"marketing": orders})
    assert "analytics and marketing join on pseudonyms, as the policy allows" in failing(verify.integrity(broken))


def a_value(run: Run, entity: str) -> str:
    return next(v["value"] for truth in run.truth for v in truth.values if v["entity"] == entity)


@pytest.mark.parametrize(
    "segment, entity",
    [
        ("payments", "EMPLOYEE_ID"), ("support", "CREDIT_CARD"), ("support", "PERSON"), ("fraud", "IBAN_CODE"),
        ("analytics", "EMAIL_ADDRESS"), ("marketing", "PHONE_NUMBER"), ("telemetry", "IP_ADDRESS"),
    ],
)  # fmt: skip
def test_a_leak_into_a_segment(run, segment, entity):
    leak = json.dumps({"note": f"it was {a_value(run, entity)}"}).encode()
    broken = changed(run, segment, lambda lines: [*lines, leak])
    assert failing(verify.leaks(broken)) == [f"no leak in segment {segment}"]


def test_what_a_segment_may_see_is_no_leak(run):
    seen = json.dumps({"note": a_value(run, "EMAIL_ADDRESS")}).encode()
    assert failing(verify.leaks(changed(run, "fraud", lambda lines: [*lines, seen]))) == []


def test_a_leak_into_the_audit(run):
    event = json.dumps({"path": f"payload.notify.{a_value(run, 'EMAIL_ADDRESS')}"}).encode()
    assert failing(verify.leaks(replace(run, audit=[*run.audit, event]))) == ["no leak in the audit"]


def test_a_leak_into_a_reason(run):
    row = {"record": "", "reason": f"json: unexpected {a_value(run, 'CREDIT_CARD')}"}
    broken = replace(run, quarantine=[*run.quarantine, row])
    assert failing(verify.leaks(broken)) == ["no leak in quarantine's reasons"]


def test_a_leak_into_the_logs(run, tmp_path):
    log = tmp_path / "worker.log"
    log.write_text(f"ValueError: cannot parse {a_value(run, 'PERSON')!r}")
    assert failing(verify.leaks(replace(run, logs=[log]))) == ["no leak in logs and messages"]


def test_a_search_that_is_blind_is_noticed(run):
    unseen = Truth(1, "order", [{"entity": "PERSON", "path": "", "as": "string", "value": "Nobody Anywhere"}])
    assert failing(verify.leaks(replace(run, truth=[unseen, *run.truth[1:]]))) == [
        "the search for leaks finds all in the input"
    ]


def test_the_report_of_a_leak_does_not_repeat_it(run):
    value = a_value(run, "CREDIT_CARD")
    broken = changed(run, "support", lambda lines: [*lines, value.encode()])
    told = [check.detail for check in verify.leaks(broken) if not check.holds]
    assert told and value not in told[0] and "CREDIT_CARD" in told[0]
