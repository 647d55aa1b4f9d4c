"""Cases of recognizers: texts, and what is found in them. The tests of recognizers run them, ours and an extension's.

A file of cases gives for each recognizer what it `finds`, with the spans between << and >>, and what it `ignores`, of
which there are more. A case is a text, or a mapping of a field's path to the text that stands there:

    LoyaltyCard:
      finds: ["card <<6042 1234 5678 9015>>", {loyalty.card: <<6042123456789015>>}]
      ignores: ["card 6042 1234 5678 9016", "order 6042123456789015", ""]
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml

from policy.compile import compile_plan
from policy.load import load_policy_text
from policy.path import parse_path
from policy.plan import Plan
from udfs.catalog import installed
from udfs.detect import NO_FIELD, Detector, Fields

Case = str | dict[str, str]
"""A text, or a mapping of one path to the text that stands there."""

Kinds = Mapping[str, Sequence[Case]]
"""The cases of a recognizer: `finds` and `ignores`."""

_MARK = re.compile(r"<<(.*?)>>", re.DOTALL)
_POLICY = """
weir: 1
name: cases
version: 1
levels: [public, sensitive]
entities: {"*": sensitive}
segments: {none: {clearance: public, sink: none}}
"""


def load_cases(*paths: Path) -> dict[str, Kinds]:
    """The cases of some files, by recognizer.

    Args:
        paths: YAML files.

    Raises:
        ValueError: two files have cases of the same recognizer.
    """
    cases: dict[str, Kinds] = {}
    for path in paths:
        of_file = yaml.safe_load(path.read_text(encoding="utf-8"))
        if twice := cases.keys() & of_file.keys():
            raise ValueError(f"{path}: cases of {', '.join(sorted(twice))} stand in another file too; keep them in one")
        cases |= of_file
    return cases


def unmet(name: str, kinds: Kinds) -> list[str]:
    """What is not as the cases of a recognizer say. It runs alone, as under a policy that gives its entity a level.

    Args:
        name: an installed recognizer.
        kinds: its cases.

    Returns:
        A line for each case that does not hold, with the texts of the case; empty when all is well.

    >>> unmet("UsSsnRecognizer", {"finds": ["ssn <<457-26-4912>>"], "ignores": ["", "457-26-491"]})
    []
    >>> unmet("UsSsnRecognizer", {"finds": ["ssn <<45>>7"], "ignores": ["ssn 457-26-4912", ""]})
    ["finds 'ssn <<45>>7': found []", "ignores 'ssn 457-26-4912': found ['457-26-4912']"]
    """
    finds, ignores = kinds["finds"], kinds["ignores"]
    wrong = [] if len(ignores) > len(finds) > 0 else ["there must be finds, and more ignores"]
    expected = [("finds", case, _MARK.findall(_text(case))) for case in finds]
    expected += [("ignores", case, []) for case in ignores]
    values = found(name, [case for _, case, _ in expected])
    for (kind, case, wanted), of_case in zip(expected, values, strict=True):
        if of_case != wanted:
            wrong.append(f"{kind} {case!r}: found {of_case}")
    return wrong


def found(name: str, cases: Sequence[Case]) -> list[list[str]]:
    """The values that a recognizer finds in each case, alone, as under a policy that gives its entity a level.

    Args:
        name: an installed recognizer.
        cases: texts, with or without marks.

    Raises:
        RuntimeError: it failed, or ran out of time, on one of them.

    >>> found("UsSsnRecognizer", ["ssn 457-26-4912", {"item.no": "457-26-491"}])
    [['457-26-4912'], []]
    """
    texts = [_MARK.sub(r"\1", _text(case)) for case in cases]
    named = [_path(case) for case in cases]
    place = np.array([NO_FIELD if path is None else n for n, path in enumerate(named)], np.int64)
    fields = Fields(place, [parse_path(path or "nowhere") for path in named])
    detected = Detector(_plan(name)).detect(pa.array(texts, pa.string()), fields)
    if detected.failed:
        raise RuntimeError("; ".join(f"{cases[index]!r}: {reason}" for index, reason in detected.failed.items()))
    values: list[list[str]] = [[] for _ in texts]
    for finding in detected.findings:
        values[finding.text].append(texts[finding.text][finding.start : finding.end])
    return values


def _text(case: Case) -> str:
    return next(iter(case.values())) if isinstance(case, dict) else case


def _path(case: Case) -> str | None:
    return next(iter(case)) if isinstance(case, dict) else None


def _plan(name: str) -> Plan:
    return replace(_everything(), recognizers=(name,), entities={installed().recognizers[name].entity: 1})


@cache
def _everything() -> Plan:
    return compile_plan(load_policy_text(_POLICY), installed())
