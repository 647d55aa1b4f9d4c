"""The engine on documents: what comes out, byte for byte, and what becomes of bad input."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pyarrow as pa
import pytest

from tests.udfs.engines import KEYS, SHOP, documents, engine_of, events, plan_of, views
from udfs import mask
from udfs.engine import Engine

CARD = "4111 1111 1111 1111"
SCHEMA = json.loads(Path("docs/audit.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def engine():
    return engine_of()


@pytest.mark.parametrize(
    ("document", "support"),
    [
        # Found: the span is replaced, everything else stays, byte for byte.
        (f'{{"note":"card {CARD} ok"}}', '{"note":"card xxxx xxxx xxxx 1111 ok"}'),
        ('{"note":"4111-1111-1111-1111"}', '{"note":"xxxx-xxxx-xxxx-1111"}'),
        ('{ "note" :\t"4111111111111111"\r\n}', '{ "note" :\t"xxxxxxxxxxxx1111"\r\n}'),
        ('{"n":4111111111111111}', '{"n":"xxxxxxxxxxxx1111"}'),
        ('{"n":[ 4111111111111111 ,5]}', '{"n":[ "xxxxxxxxxxxx1111" ,5]}'),
        (
            '{"note":"\\u00e9\\ud83d\\ude00 ann@example.com \\/"}',
            '{"note":"\\u00e9\\ud83d\\ude00 <EMAIL_ADDRESS> \\/"}',
        ),
        ('{"note":"é😀 ann@example.com ü"}', '{"note":"é😀 <EMAIL_ADDRESS> ü"}'),
        ('{"note":"\\u0061nn@example.com"}', '{"note":"<EMAIL_ADDRESS>"}'),
        ('{"note":"a\\nann@example.com\\n"}', '{"note":"a\\n<EMAIL_ADDRESS>\\n"}'),
        ('{"m":{"ann@example.com":1}}', '{"m":{"<EMAIL_ADDRESS>":1}}'),
        ('{"m":{"ann@example.com":{"x":"bob@example.com"}}}', '{"m":{"<EMAIL_ADDRESS>":{"x":"<EMAIL_ADDRESS>"}}}'),
        ('{"note":"ann@example.com","note":"bob@example.com"}', '{"note":"<EMAIL_ADDRESS>","note":"<EMAIL_ADDRESS>"}'),
        ('"ann@example.com"', '"<EMAIL_ADDRESS>"'),
        ("4111111111111111", '"xxxxxxxxxxxx1111"'),
        ('{"customer":{"name":"Ann"}}', '{"customer":{"name":""}}'),
        ('{"customer":{"name":["Ann",{"x":"Lee"},5,true,null]}}', '{"customer":{"name":["",{"x":""},"","",null]}}'),
        (
            '{"items":[{"card":"12"},{"card":"4111111111111111"}]}',
            '{"items":[{"card":"xx"},{"card":"xxxxxxxxxxxx1111"}]}',
        ),
        ('{"salary":10.50}', '{"salary":""}'),
        ('{"salary":{"a":1,"b":[2]}}', '{"salary":{"a":"","b":[""]}}'),
    ],
)
def test_masks(engine, document, support):
    outcome = engine.run(documents(document.encode()))
    assert views(outcome)["support"].decode() == support
    assert views(outcome)["vault"].decode() == document


@pytest.mark.parametrize(
    "document",
    [
        "{}", "[]", "null", "true", '""', "-0", '{"a":10.10,"b":1e400,"c":123456789012345678901234567890}',
        '{"b":1,"a":2,"b":3}', '{"a":"\\u00e9\\/\\ud83d\\ude00"}', '{"a":"\\ud800"}', '{"a" : [ ] , "b" : { } }',
        '{"id":"4111111111111111"}', '{"kind":"ann@example.com"}', '{"note":"order 4111111111111112"}',
        '{"customer":{"name":null}}', '{"customer":{"name":{}}}', '{"items":[{"card":null}]}',
        '{"note":"1234 5678"}', '{"note":"ann at example dot com"}', '{"note":"é😀"}', '{"m":{"a.b":1,"":2}}',
    ],
)  # fmt: skip
def test_untouched_means_untouched(engine, document):
    outcome = engine.run(documents(document.encode()))
    assert {views(outcome)[s] for s in ("vault", "support", "open")} == {document.encode()}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (None, "record: null"),
        (b"", "json: empty record"),
        (b"\n", "json: empty record"),
        (b'{"note":"ann@example.com"', "json: not valid JSON"),
        (b'{"note":NaN}', "json: not valid JSON"),
        (b'{"note":"\xff ann@example.com"}', "encoding: not valid UTF-8"),
        (b"[" * 10_000 + b"]" * 10_000, "json: nested deeper than 512 levels"),
        (b"\xef\xbb\xbf{}", "json: not valid JSON"),
    ],
)
def test_unreadable_records_are_quarantined(engine, document, reason):
    outcome = engine.run(documents(b'{"id":1}', document, b'{"id":2}'))
    assert outcome.quarantine.to_pylist() == [None, reason, None]
    assert set(views(outcome, 1).values()) == {None}
    assert views(outcome, 2)["open"] == b'{"id":2}'
    assert outcome.counts["quarantined"] == 1


@pytest.mark.parametrize(
    ("document", "accepted"),
    [
        ('{"kind":"order"}', True), ('{"kind":7}', True), ('{"kind":true}', True), ('{"kind":["x"]}', False),
        ('{"kind":"chat"}', False), ('{}', False), ('{"kind":null}', False), ('{"x":{"kind":"order"}}', False),
        ('{"kind":"order","kind":"chat"}', False), ('{"kind":"Order"}', False), ('{"kind":7.0}', False),
    ],
)  # fmt: skip
def test_a_segment_gets_only_what_it_accepts(engine, document, accepted):
    outcome = engine.run(documents(document.encode()))
    assert (views(outcome)["orders"] is not None) == accepted
    rule = {d["segment"]: d["rule"] for d in events(outcome)[0]["decisions"]}["orders"]
    assert rule == (None if accepted else "accept")


def test_null_masks_whole_values_only(engine):
    outcome = engine.run(documents(b'{"kind":"order","customer":{"name":"A"},"note":"to ann@example.com"}'))
    assert views(outcome)["orders"] == b'{"kind":"order","customer":{"name":null},"note":"to "}'


def test_above_the_clearance_a_record_is_denied_where_the_policy_says_so(engine):
    outcome = engine.run(documents(b'{"note":"ann@example.com"}', b'{"note":"nothing"}'))
    assert outcome.segments["open"].to_pylist() == [None, b'{"note":"nothing"}']
    assert b"ann@" not in b"".join(bytes(b) for b in outcome.segments["open"].buffers() if b)
    assert events(outcome)[0]["decisions"][3] == {
        "segment": "open", "decision": "deny", "rule": "above_clearance", "masks": {}, "output": None
    }  # fmt: skip


def test_what_a_segment_may_see_does_not_shield_what_it_may_not(engine):
    # The URL is internal, and longer than the e-mail address in it, which is confidential.
    document = b'{"note":"see https://example.com/ann@example.com now"}'
    outcome = engine.run(documents(document))
    assert b"ann@" not in views(outcome)["support"]
    assert views(outcome)["support"].startswith(b'{"note":"see https://')
    assert events(outcome)[0]["level"] == "confidential"


def test_what_a_losing_finding_leaves_over_is_redacted():
    policy = with_own({"LONG": "abcdefgh", "TAIL": "ghij"}).replace("EMAIL_ADDRESS: replace", "LONG: replace")
    outcome = engine_of(policy).run(documents(b'{"note":"abcdefghij!"}'))
    assert views(outcome)["support"] == b'{"note":"<LONG>!"}'


def with_own(recognizers: dict[str, str]) -> str:
    """The shop's policy with recognizers of its own, whose entities are regulated."""
    entities = "".join(f"\n  {entity}: regulated" for entity in recognizers)
    own = [f"  - entity: {e}\n    patterns: [{{regex: '{regex}', score: 0.9}}]\n" for e, regex in recognizers.items()]
    return SHOP.replace("URL: internal", "URL: internal" + entities) + "recognizers:\n" + "".join(own)


def test_the_audit_names_what_was_found_and_never_a_value(engine):
    document = b'{"note":"a@example.com b@example.com","m":{"c@example.com":1},"n":4111111111111111}'
    coordinates = pa.RecordBatch.from_pydict({"file": ["f"], "offset": [9]})
    outcome = engine.run(documents(document), coordinates, time=pa.array([5]))
    event = events(outcome)[0]
    assert [(f["path"], f["entity"], f["count"]) for f in event["findings"] if f["entity"] != "URL"] == [
        ("m.*", "EMAIL_ADDRESS", 1), ("n", "CREDIT_CARD", 1), ("note", "EMAIL_ADDRESS", 2)
    ]  # fmt: skip
    assert (event["coordinates"], event["time"], event["level"]) == ({"file": "f", "offset": 9}, 5, "regulated")
    assert event["decisions"][1]["masks"] == {"EMAIL_ADDRESS": "replace", "CREDIT_CARD": "keep_last"}
    assert event["decisions"][0]["output"] == event["input"] != event["decisions"][1]["output"]
    assert "example.com" not in outcome.audit[0].as_py()
    assert event["policy"] == {"name": "shop", "version": 3, "digest": plan_of(SHOP).digest}


def test_every_event_keeps_to_the_schema(engine):
    odd = b'{"m":{"a@example.com":{"50%":"a@example.com"}}}'
    batch = documents(b'{"note":"a@example.com"}', None, b"{", b'{"kind":"order"}', odd)
    for event in events(engine.run(batch)):
        jsonschema.validate(event, SCHEMA)


def test_a_key_that_turns_out_to_be_data_is_hidden_from_then_on(engine):
    # The key looks like a name, so it could be shown; an own recognizer finds something in it.
    outcome = engine_of(with_own({"BADGE": "emp_[0-9]+"})).run(documents(b'{"by":{"emp_12345":"x@example.com"}}'))
    assert "emp_12345" not in outcome.audit[0].as_py()
    assert b"emp_12345" not in views(outcome)["support"]


@pytest.mark.parametrize("rule", ["'*'", "a.'*'", "a"])
def test_a_key_that_a_rule_covers_but_does_not_name_is_scanned(rule):
    rule = rule.replace("'", "")
    policy = SHOP.replace("fields:", f"fields:\n  {rule!r}: PERSON")
    outcome = engine_of(policy).run(documents(b'{"a":{"ann@example.com":"Lee"}}'))
    assert views(outcome)["support"] == b'{"a":{"<EMAIL_ADDRESS>":""}}'


@pytest.mark.parametrize(
    ("producer", "shown"), [("web-shop", "web-shop"), (None, None), ("ann@example.com", "digest:")]
)
def test_the_producer_is_named_unless_its_name_is_sensitive(producer, shown):
    by_column = engine_of().run(documents(b"{}"), producer=pa.array([producer], pa.string()))
    by_path = engine_of(producer_path="meta.who").run(documents(json.dumps({"meta": {"who": producer}}).encode()))
    for got in (events(by_column)[0]["producer"], events(by_path)[0]["producer"]):
        assert got == shown if shown != "digest:" else got.startswith("digest:") and "ann" not in got


def test_findings_have_their_places_in_code_points(engine):
    document = '{"customer":{"name":"Zoë 😀"},"note":"é ann@example.com"}'.encode()
    found, reasons = engine.findings(documents(document, b"{"))
    spans = [(f["path"], f["entity"], f["start"], f["end"], f["detector"]) for f in found[0] if f["entity"] != "URL"]
    assert spans == [("customer.name", "PERSON", 0, 5, "field"), ("note", "EMAIL_ADDRESS", 2, 17, "EmailAddress")]
    assert (found[1], reasons) == ([], {1: "json: not valid JSON"})


def test_unknown_fields_are_quarantined_where_the_policy_denies_them():
    engine = engine_of(SHOP + "unknown_fields: deny\n")
    outcome = engine.run(documents(b'{"id":1,"note":"x"}', b'{"id":1,"extra":{"4111 1111 1111 1111":2}}'))
    assert outcome.quarantine.to_pylist() == [None, "fields: unknown field extra.*"]


def test_a_mask_that_fails_quarantines_its_record_alone(monkeypatch):
    real = mask.apply

    def faulty(plan, entity, values, keys, subjects=None):
        if plan.name == "keep_last" and "4111111111111111" in values.to_pylist():
            raise RuntimeError("boom 4111111111111111")
        return real(plan, entity, values, keys, subjects)

    monkeypatch.setattr(mask, "apply", faulty)
    batch = documents(b'{"items":[{"card":"5500000000000004"}]}', b'{"items":[{"card":"4111111111111111"}]}')
    outcome = engine_of().run(batch)
    assert outcome.quarantine.to_pylist() == [None, "mask: keep_last failed on CREDIT_CARD: RuntimeError"]
    assert set(views(outcome, 1).values()) == {None}
    assert views(outcome, 0)["support"] == b'{"items":[{"card":"xxxxxxxxxxxx0004"}]}'


def test_a_record_of_ten_megabytes(engine):
    text = "lorem ipsum dolor " * 600_000
    outcome = engine.run(documents(json.dumps({"note": f"{text}{CARD} {text[:90]}"}).encode()))
    assert views(outcome)["support"].endswith(b"xxxx xxxx xxxx 1111 " + text[:90].encode() + b'"}')


def test_an_empty_batch(engine):
    outcome = engine.run(documents())
    assert len(outcome.audit) == len(outcome.quarantine) == len(outcome.segments["support"]) == 0
    assert outcome.counts["records"] == 0


def test_strings_in_strings_out(engine):
    batch = pa.RecordBatch.from_arrays([pa.array(['{"note":"ann@example.com"}'])], ["doc"])
    assert engine.run(batch).segments["support"].type == pa.string()


def test_a_slice_is_the_same_as_a_copy(engine):
    batch = documents(b'{"note":"a@example.com"}', b'{"note":"b@example.com"}', b'{"note":"c@example.com"}')
    part, whole = (engine.run(b).segments["support"].to_pylist() for b in (batch.slice(1, 1), batch))
    assert part == whole[1:2]


def test_only_the_wanted_segments_are_made():
    outcome = engine_of(segments=["support"]).run(documents(b'{"note":"a@example.com"}'))
    assert list(outcome.segments) == ["support"]
    assert events(outcome)[0]["policy"]["digest"] == plan_of(SHOP).digest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"columns": ()}, "at least one; got none"),
        ({"segments": ["nobody"]}, "got ['nobody']"),
    ],
)
def test_what_is_missing_is_said_at_the_start(arguments, message):
    complete = {"plan": plan_of(SHOP), "keys": KEYS, "columns": ("doc",), "document": True}
    with pytest.raises(ValueError) as error:
        Engine(**(complete | arguments))
    assert message in str(error.value)


def test_a_plan_that_breaks_a_clearance_does_not_run():
    plan = plan_of(SHOP)
    support = next(s for s in plan.segments if s.name == "support")
    masks = {e: m for e, m in support.masks.items() if e != "US_SSN"}
    tampered = replace(plan, segments=(replace(support, masks=masks),))
    with pytest.raises(ValueError, match="US_SSN would be clear in support"):
        Engine(tampered, KEYS, ("doc",), True)


@pytest.mark.parametrize("column", [pa.array([1]), pa.array([["x"]]), pa.array([1.5])])
def test_documents_must_be_text(engine, column):
    with pytest.raises(TypeError, match="column doc must be STRING or BYTES"):
        engine.run(pa.RecordBatch.from_arrays([column], ["doc"]))


def test_another_column_is_refused(engine):
    with pytest.raises(TypeError, match="must have the columns"):
        engine.run(pa.RecordBatch.from_pydict({"other": ["x"]}))


def test_paths_without_end_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("udfs.records.paths.MAX_PATHS", 50)
    engine = engine_of()
    for batch in range(5):
        docs = [json.dumps({f"k{batch}_{i}": "a@example.com"}).encode() for i in range(40)]
        outcome = engine.run(documents(*docs))
        assert events(outcome)[7]["findings"][0]["path"] == f"k{batch}_7"
        assert outcome.segments["support"][7].as_py() == f'{{"k{batch}_7": "<EMAIL_ADDRESS>"}}'.encode()


def test_the_engine_runs_without_flink():
    code = (
        "import sys, udfs.engine, udfs.catalog; sys.exit(any(m.startswith(('pyflink', 'py4j')) for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
