"""Every recognizer of our own by its cases: `finds` with the spans between << and >>, and more `ignores`.

A case is a text, or a mapping of one field to the text that stands there.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from policy.path import parse_path
from tests.udfs.detect import reference
from udfs.detect import NO_FIELD, Detector, Fields
from udfs.recognizers import own

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
Case = str | dict[str, str]
CASES: dict[str, dict[str, list[Case]]] = {}
for file in FILES:
    CASES |= yaml.safe_load(file.read_text(encoding="utf-8"))

_MARK = re.compile(r"<<(.*?)>>", re.DOTALL)


def read(case: Case) -> tuple[str | None, str, list[str]]:
    """The field of a case, its text without marks, and the values between the marks."""
    field, text = next(iter(case.items())) if isinstance(case, dict) else (None, case)
    return field, _MARK.sub(r"\1", text), _MARK.findall(text)


def found(name: str, cases: list[Case]) -> list[list[str]]:
    """What the recognizer finds in each case, judged as a policy of ours would have it."""
    detector = Detector(replace(reference.plan([name]), judgement="weir", languages=("en",)))
    parts = [read(case) for case in cases]
    paths = [parse_path(field or "nowhere") for field, _, _ in parts]
    place = np.array([NO_FIELD if field is None else n for n, (field, _, _) in enumerate(parts)], np.int64)
    texts = [text for _, text, _ in parts]
    detected = detector.detect(pa.array(texts, pa.string()), Fields(place, paths))
    assert not detected.failed
    values: list[list[str]] = [[] for _ in texts]
    for finding in detected.findings:
        values[finding.text].append(texts[finding.text][finding.start : finding.end])
    return values


def test_every_recognizer_has_cases_and_every_case_a_recognizer() -> None:
    ours = {name for name, recognizer in own().items() if getattr(recognizer, "source", "") == "weir"}
    assert set(CASES) == ours


@pytest.mark.parametrize("name", sorted(CASES))
def test_cases(name: str) -> None:
    kinds = CASES[name]
    assert len(kinds["ignores"]) > len(kinds["finds"]) > 0
    finds = kinds["finds"]
    assert dict(zip(map(str, finds), found(name, finds), strict=True)) == {str(case): read(case)[2] for case in finds}
    ignores = kinds["ignores"]
    assert dict(zip(map(str, ignores), found(name, ignores), strict=True)) == {str(case): [] for case in ignores}
