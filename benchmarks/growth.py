"""How the cost grows: with recognizers, length of texts, findings in them, and size of batches; and what a start costs.

`python -m benchmarks.growth five|all` prints what a start takes, in a process of its own: seconds and MiB.
"""

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engines import ALL, FIVE, batch, detect_with, plan, seconds
from benchmarks.texts import texts
from policy.plan import PatternPlan, Plan, RecognizerPlan
from udfs.detect import installed
from udfs.engine import Engine
from udfs.keys import Keys

RECOGNIZERS = (5, 25, 100, 300)
LENGTHS = (50, 150, 500, 1_500, 5_000, 20_000, 100_000)
FINDINGS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
BATCHES = (10, 100, 1_000, 10_000, 100_000)


@dataclass(frozen=True)
class Line:
    """One measurement: what grows, how far, and CPU microseconds of a text (a kilobyte, where lengths grow)."""

    what: str
    at: float
    detector: float
    engine: float


TITLES = {
    "recognizers": ("recognizers", "µs a text of 150 characters"),
    "length": ("characters of a text", "µs a kilobyte"),
    "findings": ("values in a text of 4,000 characters", "µs a text"),
    "batch": ("texts of a batch", "µs a text of 150 characters"),
}
"""What grows, in words, and what is measured."""


def many(count: int) -> Plan:
    """A plan with as many recognizers: the five, then further installed ones, then patterns of the policy's own."""
    five = plan()
    others = [name for name in installed() if name not in five.recognizers]
    names = sorted([*five.recognizers, *others][:count])
    own = tuple(_own(number) for number in range(count - len(names)))
    entities = dict.fromkeys([*(installed()[name].entity for name in names), *(o.entity for o in own)], 1)
    parts = vars(five) | {"entities": five.entities | entities, "recognizers": tuple(names), "own_recognizers": own}
    masks = vars(five.segments[0]) | {
        "masks": dict.fromkeys({**five.entities, **entities}, five.segments[0].masks["US_SSN"])
    }
    return Plan(**parts | {"segments": (type(five.segments[0])(**masks),)})


def _own(number: int) -> RecognizerPlan:
    pattern = PatternPlan("id", rf"\bK{number:03}[A-F]-\d{{5}}\b", 0.6)
    return RecognizerPlan(f"Own{number}", f"OWN_{number}", (pattern,), context=("badge", f"form{number}"))


def _run(whole: Engine, rows: Sequence[str]) -> tuple[float, float]:
    """CPU seconds of the detector and of the engine."""
    records = batch(rows)
    return seconds(detect_with(whole, rows), 3), seconds(lambda: whole.run(records), 3)


def measure(say: Callable[[str], None]) -> Iterator[Line]:
    """Everything.

    Args:
        say: is told what is being measured.
    """
    for count in RECOGNIZERS:
        say(f"{count} recognizers")
        rows = texts(5_000, 150)
        whole = Engine(many(count), Keys.of(bytes(32)), ["text"], False)
        yield Line("recognizers", count, *(1e6 * s / len(rows) for s in _run(whole, rows)))
    whole = Engine(plan(), Keys.of(bytes(32)), ["text"], False)
    for size in LENGTHS:
        say(f"{size:,} characters")
        rows = texts(max(4, min(5_000, 2_000_000 // size)), size)
        size_all = sum(map(len, rows))
        yield Line("length", size, *(1e9 * s / size_all for s in _run(whole, rows)))
    for per_text in FINDINGS:
        say(f"{per_text:g} values a text")
        rows = texts(300, 4_000, per_text)
        yield Line("findings", per_text, *(1e6 * s / len(rows) for s in _run(whole, rows)))
    for size in BATCHES:
        say(f"batches of {size:,}")
        rows = texts(size, 150)
        yield Line("batch", size, *(1e6 * s / len(rows) for s in _run(whole, rows)))


def started(entities: Sequence[str]) -> dict[str, float]:
    """What an engine costs that starts in this process: seconds to be ready (CPU), MiB of memory after a batch."""
    begin = time.process_time()
    compiled = plan(entities)
    whole = Engine(compiled, Keys.of(bytes(32)), ["text"], False)
    ready = time.process_time() - begin
    whole.run(batch(texts(10_000, 150)))
    return {"recognizers": len(compiled.recognizers), "seconds": ready, "mebibytes": _peak() / 1024}


def _peak() -> int:
    """KiB of memory at most (proc(5), VmHWM). What getrusage says begins with the parent's memory."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def starts(say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """What a start costs with five kinds, and with all, each in a fresh process."""
    found = {}
    for kinds in ("five", "all"):
        say(f"start, {kinds}")
        command = [sys.executable, "-m", "benchmarks.growth", kinds]
        found[kinds] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


HEAD = ("what grows", "to", "detector", "engine", "unit")
START_HEAD = ("searched for", "recognizers", "CPU seconds to be ready", "MiB of memory")


def table(lines: Sequence[Line]) -> list[list[str]]:
    """The measurements as a table."""
    return [
        [TITLES[line.what][0], f"{line.at:,g}", f"{line.detector:,.1f}", f"{line.engine:,.1f}", TITLES[line.what][1]]
        for line in lines
    ]


def start_table(found: dict[str, dict[str, float]]) -> list[list[str]]:
    """What a start costs, as a table."""
    return [[k, f"{v['recognizers']:.0f}", f"{v['seconds']:.1f}", f"{v['mebibytes']:,.0f}"] for k, v in found.items()]


def plot(lines: Sequence[Line]) -> str:
    """The measurements as one SVG of four panels."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "weir", "font.size": 9})
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(2, 2, figsize=(9, 6.4), layout="constrained")
    for panel, (what, (along, up)) in zip(panels.flat, TITLES.items(), strict=True):
        chosen = [line for line in lines if line.what == what]
        at = [line.at for line in chosen]
        panel.plot(at, [line.engine for line in chosen], "o-", label="engine: find, mask, audit")
        panel.plot(at, [line.detector for line in chosen], "s--", label="detector alone")
        panel.set_xscale(
            "symlog" if what == "findings" else "log", **({"linthresh": 0.1} if what == "findings" else {})
        )
        panel.set(xlabel=along, ylabel=up)
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
    panels[0, 0].legend(frameon=False)
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


if __name__ == "__main__":
    print(json.dumps(started(FIVE if sys.argv[1] == "five" else ALL)))
