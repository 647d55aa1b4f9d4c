"""What fails, fails closed: the text is named, its value is not."""

import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from presidio_analyzer import Pattern, PatternRecognizer

from policy.plan import PatternPlan, RecognizerPlan
from tests.udfs.detect import reference
from udfs.detect import Detector
from udfs.detect.recognizers import available

SECRET = "457-26-4912"


class BrokenRecognizer(PatternRecognizer):
    """Its check fails, with the value in the message and in a log record."""

    def __init__(self) -> None:
        super().__init__("US_SSN", patterns=[Pattern("p", r"\d{3}-\d{2}-\d{4}", 0.5)])

    def validate_result(self, pattern_text: str) -> bool:
        logging.getLogger("presidio-analyzer").error("Failed to validate text %s", pattern_text)
        raise ValueError(f"cannot check {pattern_text}")


def test_a_recognizer_that_raises_fails_its_text_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setitem(available(), "BrokenRecognizer", BrokenRecognizer())
    plan = replace(reference.plan(["EmailRecognizer"]), recognizers=("BrokenRecognizer", "EmailRecognizer"))
    mail = "bob@example.com"
    detected = Detector(plan).detect(pa.array([mail, f"{mail} {SECRET}", None, mail]))
    assert detected.failed == {1: "recognizer BrokenRecognizer failed: ValueError"}
    assert [f.text for f in detected.findings] == [0, 3]
    assert SECRET not in caplog.text


def test_a_pattern_that_does_not_end_fails_its_text() -> None:
    endless = PatternPlan("endless", r"(?:x|xx)+(?:y|z)", 0.9)
    own = RecognizerPlan("Endless", "ENDLESS", (PatternPlan("start", "go", 0.1), endless))
    detector = Detector(reference.plan([], [own], threshold=0.05), timeout=0.05)
    detected = detector.detect(pa.array(["go", "go " + "x" * 60 + "éxy", "xxy"]))
    assert detected.failed == {1: "recognizer Endless failed: TimeoutError"}
    assert [f.text for f in detected.findings] == [0, 2]


def test_a_plan_that_names_what_is_not_installed_does_not_start() -> None:
    plan = replace(reference.plan(["EmailRecognizer"]), recognizers=("EmailRecognizer", "NoSuchRecognizer"))
    with pytest.raises(LookupError, match="NoSuchRecognizer"):
        Detector(plan)


def test_bytes_that_are_no_text_fail() -> None:
    parts = [b"ok 457-26-4912", b"\xff457-26-4912", b"lone \xed\xa0\x80 surrogate", b"\xc3\xa9 457-26-4912"]
    offsets = pa.array([0, *(sum(map(len, parts[: i + 1])) for i in range(len(parts)))], pa.int32())
    texts = pa.StringArray.from_buffers(len(parts), offsets.buffers()[1], pa.py_buffer(b"".join(parts)))
    detected = Detector(reference.plan(["UsSsnRecognizer"])).detect(texts)
    assert detected.failed == dict.fromkeys((1, 2), "text is not valid UTF-8")
    assert [(f.text, f.start) for f in detected.findings] == [(0, 3), (3, 2)]


@pytest.mark.parametrize("texts", [[], [None, None], [""], [None, ""]])
def test_nothing_in_nothing_out(texts: list[str | None]) -> None:
    detected = Detector(reference.plan(reference.FIVE)).detect(pa.array(texts, pa.string()))
    assert not detected.findings
    assert not detected.failed


def test_a_plan_without_recognizers_finds_nothing() -> None:
    assert Detector(reference.plan([])).detect(pa.array([SECRET])).findings == []


def test_no_value_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    values = [v for kinds in reference.VALUES.values() for vs in kinds.values() for v in vs if len(v) > 4]
    _, detector = reference.all_recognizers()
    detector.detect(pa.array([f"my card, phone, iban and ssn: {v}" for v in values]))
    assert not [v for v in values if v in caplog.text]


def test_long_texts_and_many_findings() -> None:
    _, detector = reference.all_recognizers()
    long = "lorem ipsum " * 90_000 + SECRET
    many = f"{SECRET} " * 5_000
    detected = detector.detect(pa.array([long, many]))
    ssns = [f for f in detected.findings if f.entity == "US_SSN"]
    assert [f.text for f in ssns].count(0) == 1
    assert [f.text for f in ssns].count(1) == 5_000


def test_detectors_in_threads_agree() -> None:
    plan = reference.plan(reference.FIVE)
    texts = pa.array([v for kinds in reference.VALUES.values() for v in kinds["finds"]])

    def run(_: int) -> list[object]:
        return list(Detector(plan).detect(texts).findings)

    with ThreadPoolExecutor(3) as pool:
        first, *others = pool.map(run, range(6))
    assert first
    assert all(other == first for other in others)


def test_the_suffix_list_is_the_packaged_one_and_nothing_is_cached(tmp_path: Path) -> None:
    script = (
        "import socket, pyarrow as pa\n"
        "def refuse(*_, **__): raise SystemExit('the network was asked')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from tests.udfs.detect.reference import plan\n"
        "from udfs.detect import Detector\n"
        "found = Detector(plan(['EmailRecognizer'])).detect(pa.array(['a@example.co.uk', 'a@b.nosuchtld'])).findings\n"
        "print([(f.text, f.end) for f in found])\n"
    )
    environment = {**os.environ, "TLDEXTRACT_CACHE": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": os.getcwd()}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert run.stdout == "[(0, 15)]\n", run.stderr
    assert not list(tmp_path.rglob("*tld*"))
