"""The sample: reproducible, as large and as nasty as promised, and its ground truth is true."""

import json
import re
from collections import Counter

import pytest

from examples.orders import generate
from examples.orders.leaks import unescape
from examples.orders.outputs import split

LINES = split((generate.DATA / "orders.jsonl").read_bytes())
TRUTH = [json.loads(line) for line in split((generate.DATA / "truth.jsonl").read_bytes())]
RECORDS = {"order", "refund", "chat", "payment", "telemetry"}
BROKEN = {
    "truncated",
    "trailing-comma",
    "single-quotes",
    "invalid-utf8",
    "byte-order-mark",
    "not-a-number",
    "control-character",
    "two-documents",
    "empty",
    "spaces",
    "log-line",
    "bare-string",
    "bare-number",
    "null",
    "empty-array",
    "lone-surrogate",
    "deep-arrays",
    "deep-objects",
}


def values(entity: str | None = None) -> list[dict[str, str]]:
    return [v for truth in TRUTH for v in truth["values"] if entity in (None, v["entity"])]


def whole() -> list[bytes]:
    return [line for line, truth in zip(LINES, TRUTH, strict=True) if truth["kind"] in RECORDS]


def test_the_committed_files_are_what_the_generator_writes():
    lines, truth = generate.render()
    assert (generate.DATA / "orders.jsonl").read_bytes() == lines
    assert (generate.DATA / "truth.jsonl").read_bytes() == truth


def test_the_seed_decides_everything():
    assert generate.render(seed=5, records=60) == generate.render(seed=5, records=60)
    assert generate.render(seed=5, records=60)[0] != generate.render(seed=6, records=60)[0]


def test_size():
    assert sum(t["kind"] in RECORDS for t in TRUTH) >= 2_000
    assert len((generate.DATA / "orders.jsonl").read_bytes()) < 2_500_000
    assert [t["line"] for t in TRUTH] == list(range(1, len(LINES) + 1))


def test_every_kind_is_there():
    kinds = Counter(t["kind"] for t in TRUTH)
    assert kinds.keys() == RECORDS | BROKEN
    assert min(kinds[kind] for kind in RECORDS) > 80


def test_planted_values_stand_in_their_lines():
    for line, truth in zip(LINES, TRUTH, strict=True):
        for value in truth["values"]:
            raw = value.get("raw", value["value"])
            assert raw.encode() in line, (truth["line"], value["entity"])
            assert unescape(raw.encode()).decode() == value["value"]


def test_values_are_written_in_every_way():
    assert {v["as"] for v in values()} == {"string", "text", "number", "key"}
    assert {v["as"] for v in values("CREDIT_CARD")} == {"string", "text", "number"}
    assert any(v["as"] == "number" for v in values("US_SSN"))
    assert sum("raw" in v for v in values()) > 100
    forms = {re.sub(r"\d+", "9", v["value"]) for v in values("CREDIT_CARD")}
    assert {"9", "9-9-9-9", "9 9 9 9"} <= forms


@pytest.mark.parametrize(
    "needed",
    [
        rb":10\.10\b|\.10,",
        rb":1e400\b",
        rb":7\d{29}\b",
        rb"\\u00e9",
        rb"\\ud83d\\ude",
        "🎁|😡|🙏".encode(),
        rb"\\/",
        rb"\\u0040",
    ],
)
def test_what_breaks_careless_tools_is_there(needed):
    assert any(re.search(needed, line) for line in whole())


def test_some_records_have_a_key_twice():
    def pairs(members):
        return "twice" if len({k for k, _ in members}) < len(members) or "twice" in dict(members).values() else "once"

    assert sum(json.loads(line, object_pairs_hook=pairs) == "twice" for line in whole()) > 5


def test_broken_lines_are_broken():
    tolerated = {"bare-string", "bare-number", "null", "empty-array", "lone-surrogate", "deep-arrays", "deep-objects"}
    for line, truth in zip(LINES, TRUTH, strict=True):
        if truth["kind"] in BROKEN - tolerated:
            with pytest.raises(ValueError, match=r"."):
                json.loads(line.decode("utf-8"), parse_constant=_refuse)


def _refuse(_):
    raise ValueError("no JSON number")


def test_good_records_are_json():
    assert all(json.loads(line)["id"] for line in whole())


def test_cards_pass_luhn():
    cards = values("CREDIT_CARD")
    assert len(cards) > 1_000
    assert all(_luhn(re.sub(r"\D", "", v["value"])) for v in cards)


def _luhn(number: str) -> bool:
    table = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    return sum(int(d) if i % 2 == 0 else table[int(d)] for i, d in enumerate(reversed(number))) % 10 == 0


def test_many_records_hold_nothing_sensitive():
    assert sum(not t["values"] for t in TRUTH if t["kind"] in RECORDS) > 200


def test_all_countries_take_part():
    producers = Counter(json.loads(line)["producer"] for line in whole())
    assert {f"shop-{c}" for c in ("us", "gb", "de", "fr", "in", "br", "jp", "kr")} <= producers.keys()
