"""What is large, many or broken takes bounded time, and is found, or goes to quarantine with a reason."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import orjson
import pyarrow as pa
import pytest

from policy.plan import RecognizerPlan
from tests.udfs.detect import reference
from tests.udfs.engines import KEYS, SHOP, documents, engine_of, events, plan_of, views
from udfs.detect import Detector
from udfs.detect.recognizers import available
from udfs.engine import Engine
from udfs.recognizers import Pattern, Recognizer

SSN = "457-26-4912"
MIB = 1 << 20


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails when this thread computes for longer. Generous: what is meant to fail here takes minutes."""
    begun = time.thread_time()
    yield
    assert time.thread_time() - begun < seconds


@pytest.mark.parametrize(
    ("document", "masked"),
    [
        (b'{"note":"\\ud800 ssn 457-26-4912"}', b'{"note":"\\ud800 ssn "}'),
        (b'{"note":"ssn 457-26-4912\\udfff"}', b'{"note":"ssn \\udfff"}'),
        (b'{"note":"ok \\ud83d\\ude00 457-26-4912"}', b'{"note":"ok \\ud83d\\ude00 "}'),
        (b'{"\\udfff":"457-26-4912"}', b'{"\\udfff":""}'),
        (b'{"note":"\\ude00\\ud83d"}', b'{"note":"\\ude00\\ud83d"}'),
    ],
)
def test_lone_surrogates_hide_nothing_and_stay_as_they_are(document: bytes, masked: bytes) -> None:
    outcome = engine_of().run(documents(document))
    assert outcome.quarantine.to_pylist() == [None]
    assert views(outcome)["vault"] == document
    assert views(outcome)["support"] == masked
    assert SSN not in orjson.dumps(events(outcome)).decode()


HOSTILE = [
    "x",
    "1",
    " ",
    "-",
    "a.",
    "a@",
    "@a.",
    "1.",
    "1-",
    "12 ",
    "+1",
    "://",
    "a=",
    '"',
    "<a>",
    "é",
    "\u0661",
    "😀",
    "a\n",
]


@pytest.mark.parametrize("again", HOSTILE)
def test_a_long_string_is_judged_to_its_end(again: str) -> None:
    text = again * (MIB // len(again.encode())) + f" ssn {SSN} "
    with within(20):
        outcome = engine_of().run(documents(orjson.dumps({"note": text, "id": 1})))
    assert outcome.quarantine.to_pylist() == [None]
    assert SSN not in views(outcome)["support"].decode()  # type: ignore[attr-defined]


def test_a_hundred_thousand_matches_in_one_text() -> None:
    detector = Detector(reference.plan(["UsSsnRecognizer"]))
    with within(20):
        detected = detector.detect(pa.array([f"{SSN} " * 100_000, SSN]))
    assert not detected.failed
    assert len(detected.findings) == 100_001


def test_a_hundred_thousand_matches_in_one_record() -> None:
    with within(30):
        outcome = engine_of().run(documents(orjson.dumps({"note": [SSN] * 100_000})))
    assert outcome.quarantine.to_pylist() == [None]
    assert SSN not in views(outcome)["support"].decode()  # type: ignore[attr-defined]


def _fails(text: str) -> bool:
    raise ValueError(f"cannot check {text}")


def test_a_hundred_thousand_matches_in_one_string_of_a_record() -> None:
    """Memory that grew with matches times length would be a terabyte here."""
    document = orjson.dumps({"note": f"{SSN} " * 100_000})
    with within(120):
        outcome = engine_of().run(documents(document))
    assert outcome.quarantine.to_pylist() == [None]
    assert SSN.encode() not in views(outcome)["support"]


def test_an_extension_that_raises_sends_its_record_to_quarantine(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Recognizer("AcmeBroken", "URL", (Pattern("badge", r"\bAC-[0-9]{6}\b", 0.9),), check=_fails)
    broken.source = "weir-acme"
    monkeypatch.setitem(available(), broken.name, broken)
    plan = plan_of(SHOP)
    engine = Engine(replace(plan, recognizers=(*plan.recognizers, broken.name)), KEYS, ["doc"], document=True)
    outcome = engine.run(documents(b'{"note":"AC-123456"}', b'{"note":"AC-12345"}'))
    assert outcome.quarantine.to_pylist() == ["detect: recognizer AcmeBroken failed: ValueError", None]
    assert set(views(outcome, 0).values()) == {None}
    assert views(outcome, 1)["support"] == b'{"note":"AC-12345"}'
    assert "123456" not in orjson.dumps(events(outcome)).decode()


@pytest.fixture(scope="module")
def wordy() -> Detector:
    """A detector with a deny list of 10,000 words."""
    own = RecognizerPlan("Words", "WORDS", deny_list=tuple(f"word{i}x" for i in range(10_000)))
    with within(60):
        return Detector(reference.plan([], [own]))


def test_a_deny_list_of_ten_thousand_words_finds_each(wordy: Detector) -> None:
    texts = [f"lorem word{i}x, ipsum wordx{i} word{i}" for i in range(0, 10_000, 7)]
    with within(20):
        detected = wordy.detect(pa.array(texts))
    assert not detected.failed
    assert [(f.text, f.start, f.end) for f in detected.findings] == [
        (number, 6, text.index(",")) for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize("size", [10_000, MIB])
def test_a_deny_list_of_ten_thousand_words_in_a_long_text(wordy: Detector, size: int) -> None:
    """Where the time does not suffice, the text fails: it is never taken for one without a finding."""
    text = "lorem wordx ipsum " * (size // 18) + "word9999x"
    with within(60):
        detected = wordy.detect(pa.array([text]))
    late = {0: "recognizer Words failed: TimeoutError"}
    assert detected.failed == (late if size == MIB and detected.failed else {})
    assert detected.failed or [(f.start, f.end) for f in detected.findings] == [(len(text) - 9, len(text))]
