"""Weir's engine and its peers, each as a function that searches and masks a batch of texts; and how they are timed.

Everything runs on one core, and CPU time is what counts: the best of some runs, since machines are shared. Peers are
given what they like best: MaskOps a whole column, Presidio text by text, detect-secrets a file.
"""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from benchmarks.quality import secrets
from benchmarks.quality.systems import analyzer
from benchmarks.texts import FIVE, texts
from policy.compile import compile_plan
from policy.load import load_policy_text
from policy.plan import Plan
from udfs.catalog import installed
from udfs.engine import Engine
from udfs.keys import Keys

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # polars is loaded below, where it is used
pa.set_cpu_count(1)
pa.set_io_thread_count(1)

Run = Callable[[], object]

POLICY = """
weir: 1
name: benchmark
version: 1
levels: [public, confidential]
entities: {{{entities}}}
{more}
fields: {{text: scan}}
segments:
  view:
    clearance: public
    sink: view
    masks:
      CREDIT_CARD: {{keep_last: 4}}
      IBAN_CODE: {{keep_last: 4}}
"""
MASKOPS = ["email", "phone", "iban", "ssn", "credit_card"]
"""The five kinds, by MaskOps' names."""
PRESIDIO = ("CreditCardRecognizer", "EmailRecognizer", "IbanRecognizer", "PhoneRecognizer", "UsSsnRecognizer")
"""The recognizers of the five kinds."""


ALL = ("*",)
"""Everything that is installed, as `plan` takes it."""


def plan(entities: Sequence[str] = FIVE, more: str = "") -> Plan:
    """A plan for one column of text.

    Args:
        entities: what it finds, `ALL` or names.
        more: further YAML of the policy.
    """
    named = [*entities, *(e for e in ("CREDIT_CARD", "IBAN_CODE") if e not in entities)]
    listed = ", ".join(f'"{entity}": confidential' for entity in named)
    return compile_plan(load_policy_text(POLICY.format(entities=listed, more=more)), installed())


def batch(rows: Sequence[str]) -> pa.RecordBatch:
    """Texts as a batch of one column, `text`."""
    return pa.RecordBatch.from_arrays([pa.array(rows, pa.string())], ["text"])


@cache
def _engine(entities: tuple[str, ...]) -> Engine:
    return Engine(plan(entities), Keys.of(bytes(32)), ["text"], False)


def masker(rows: Sequence[str], entities: tuple[str, ...]) -> Run:
    """Weir: find, decide and mask, as `mask_text` in SQL."""
    ready, records = _engine(entities), batch(rows)
    return lambda: ready.views(records)


def engine(rows: Sequence[str], entities: tuple[str, ...]) -> Run:
    """The same with an audit event for each text, as the segment job."""
    ready, records = _engine(entities), batch(rows)
    return lambda: ready.run(records)


def detector(rows: Sequence[str], entities: tuple[str, ...]) -> Run:
    """Weir's detector alone."""
    return detect_with(_engine(entities), rows)


def detect_with(ready: Engine, rows: Sequence[str]) -> Run:
    """The detector of an engine. To make another for hundreds of recognizers takes longer than to measure it."""
    alone, array = ready._detector, pa.array(rows, pa.string())
    return lambda: alone.detect(array)


def presidio(rows: Sequence[str], names: Sequence[str] = ()) -> Run:
    """Presidio's analyzer and anonymizer, text by text; with all recognizers when none is named."""
    from presidio_anonymizer import AnonymizerEngine

    analyze, anonymize = analyzer(tuple(names)).analyze, AnonymizerEngine().anonymize

    def run() -> list[str]:
        return [anonymize(row, analyze(row, "en", score_threshold=0.35)).text for row in rows]

    return run


def maskops(rows: Sequence[str], patterns: list[str] | None = None) -> Run:
    """MaskOps on a column; with all its patterns when none is named."""
    import maskops as peer
    import polars as pl

    frame = pl.DataFrame({"text": list(rows)})
    return lambda: frame.select(peer.mask_pii("text", patterns=patterns))


def detect_secrets(rows: Sequence[str]) -> Run:
    """detect-secrets, with its defaults, on a file of the texts."""
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import default_settings

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder, default_settings():
            path = Path(folder) / "lines.txt"
            path.write_text("\n".join(rows), "utf-8")
            SecretsCollection().scan_file(str(path))

    return run


def seconds(run: Run, repeats: int = 5, warm: bool = True) -> float:
    """CPU seconds of a run: the best of some, after one to warm up."""
    if warm:
        run()
    return min(_once(run) for _ in range(repeats))


def _once(run: Run) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


@dataclass(frozen=True)
class Measured:
    """One measurement.

    Attributes:
        texts: what was searched.
        kinds: what was searched for.
        who: by what.
        rows: how many texts.
        us: CPU microseconds a text.
    """

    texts: str
    kinds: str
    who: str
    rows: int
    us: float


SHAPES = {"short": (150, 0.3, 10_000, 200), "long": (4_000, 0.3, 1_000, 20), "nothing": (150, 0.0, 10_000, 200)}
"""By name: characters, values a text, texts for the fast, texts for Presidio."""


def cases(shape: str) -> list[tuple[str, str, int, Callable[[], Run]]]:
    """What is measured on texts of a shape: kinds, who, how many texts, and what makes it ready."""
    size, per_text, many, few = SHAPES[shape]
    rows = texts(many, size, per_text)
    return [
        ("five", "Weir", many, lambda: masker(rows, FIVE)),
        ("five", "Weir, with audit", many, lambda: engine(rows, FIVE)),
        ("five", "Weir, detector", many, lambda: detector(rows, FIVE)),
        ("five", "MaskOps", many, lambda: maskops(rows, MASKOPS)),
        ("five", "Presidio", few, lambda: presidio(rows[:few], PRESIDIO)),
        ("all", "Weir", many, lambda: masker(rows, ALL)),
        ("all", "Weir, with audit", many, lambda: engine(rows, ALL)),
        ("all", "Weir, detector", many, lambda: detector(rows, ALL)),
        ("all", "MaskOps", many, lambda: maskops(rows)),
        ("all", "Presidio", few // 4, lambda: presidio(rows[: few // 4])),
    ]


def of_secrets() -> list[tuple[str, str, int, Callable[[], Run]]]:
    """The same for secrets, on lines of code and configuration."""
    lines = [line.text for line in secrets.lines(100)]
    few = lines[::4]
    return [
        ("secrets", "Weir, detector", len(lines), lambda: detector(lines, secrets.ENTITIES)),
        ("secrets", "detect-secrets", len(few), lambda: detect_secrets(few)),
    ]


def measure(say: Callable[[str], None]) -> list[Measured]:
    """Everything.

    Args:
        say: is told what is being measured.
    """
    measured = []
    for shape in (*SHAPES, "code"):
        for kinds, who, rows, ready in of_secrets() if shape == "code" else cases(shape):
            say(f"{shape} texts, {kinds}: {who}")
            slow = who in ("Presidio", "detect-secrets")
            spent = seconds(ready(), repeats=2 if slow else 5)
            measured.append(Measured(shape, kinds, who, rows, spent / rows * 1e6))
    return measured


def ratios(measured: Sequence[Measured]) -> list[tuple[str, str, float, float]]:
    """What the goals are about: texts, which ratio, its value, the goal."""
    us = {(m.texts, m.kinds, m.who): m.us for m in measured}
    found = []
    for shape in SHAPES:
        for kinds in ("five", "all"):
            ours = us[shape, kinds, "Weir"]
            found.append((shape, f"Weir ÷ MaskOps, {kinds}", us[shape, kinds, "MaskOps"] / ours, 3.0))
            found.append((shape, f"Weir ÷ Presidio, {kinds}", us[shape, kinds, "Presidio"] / ours, 500.0))
        found.append((shape, "Weir, all ÷ five", us[shape, "five", "Weir"] / us[shape, "all", "Weir"], 0.5))
    code = us["code", "secrets", "detect-secrets"] / us["code", "secrets", "Weir, detector"]
    return [*found, ("code", "Weir's detector ÷ detect-secrets", code, 1.0)]


HEAD = ("texts", "searched for", "by", "texts/s", "µs a text")
RATIO_HEAD = ("texts", "rows a second, ratio", "measured", "goal")


def table(measured: Sequence[Measured]) -> list[list[str]]:
    """The measurements as a table."""
    return [[m.texts, m.kinds, m.who, f"{1e6 / m.us:,.0f}", f"{m.us:,.2f}"] for m in measured]


def ratio_table(measured: Sequence[Measured]) -> list[list[str]]:
    """The ratios as a table."""
    return [[shape, what, f"{value:,.2f}", f"{goal:g}"] for shape, what, value, goal in ratios(measured)]
