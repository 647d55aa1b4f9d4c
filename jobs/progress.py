"""How a run goes and what came of it: live lines on a terminal, and a summary that adds up."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table as RichTable
from rich.text import Text

_EVERY = 0.25
"""Seconds between two looks at a running job."""


@dataclass(frozen=True)
class SegmentCount:
    """What one segment received.

    Attributes:
        sink: its table.
        output: where that table keeps its data: a path, a topic, or the connector's name.
    """

    segment: str
    delivered: int
    denied: int
    sink: str
    output: str


@dataclass(frozen=True)
class Summary:
    """What came of a run.

    Attributes:
        policy: its name.
        digest: SHA-256 of the plan, as in every audit event.
        records: records read.
        segments: in the policy's order.
        outputs: where audit and quarantine lie, by these names.
        seconds: from the start of the job to its end, the start of the workers included.
        cancelled: True when the run was stopped by hand.
        job: Flink's id of the job. On a cluster the job goes on after this, and all counts are 0: see its metrics.
        finished: False for a job that was handed to a cluster.
    """

    policy: str
    version: int
    digest: str
    records: int
    quarantined: int
    segments: tuple[SegmentCount, ...]
    outputs: Mapping[str, str]
    seconds: float
    cancelled: bool = False
    job: str = ""
    finished: bool = True

    @property
    def rows_per_second(self) -> float:
        """Records a second over the whole run."""
        return self.records / self.seconds if self.seconds else 0.0

    @property
    def balanced(self) -> bool:
        """True if every record is accounted for: in = delivered + denied + quarantined, in each segment."""
        return all(s.delivered + s.denied + self.quarantined == self.records for s in self.segments)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`: the fields, `rows_per_second` and `balanced`."""
        seconds = round(self.seconds, 3)
        return {
            **asdict(self),
            "outputs": dict(self.outputs),
            "seconds": seconds,
            "rows_per_second": round(self.rows_per_second),
            "balanced": self.balanced,
        }

    def __rich__(self) -> Group:
        head = Text.assemble((f"{self.policy} ", "bold"), f"version {self.version}, plan {self.digest[:12]}")
        if not self.finished:
            return Group(head, Text(f"handed to the cluster as job {self.job}; its counts are metrics under 'weir'"))
        rate = f"{self.records:,} records in {self.seconds:.1f} s, {self.rows_per_second:,.0f} a second"
        return Group(head, Text(rate + (" (stopped)" if self.cancelled else "")), self._table(), self._account())

    def _table(self) -> RichTable:
        table = RichTable(box=None, pad_edge=False, header_style="dim")
        table.add_column("segment")
        for name in ("delivered", "denied", "quarantined"):
            table.add_column(name, justify="right")
        table.add_column("output", overflow="fold")
        for s in self.segments:
            table.add_row(s.segment, f"{s.delivered:,}", f"{s.denied:,}", f"{self.quarantined:,}", Text(s.output))
        for name, output in self.outputs.items():
            count = self.quarantined if name == "quarantine" else self.records
            table.add_row(Text(name, style="dim"), f"{count:,}", "", "", Text(output))
        return table

    def _account(self) -> Text:
        if self.balanced:
            return Text("every record is accounted for: read = delivered + denied + quarantined", style="green")
        return Text("records are missing: read is not delivered + denied + quarantined", style="bold red")


def watch(done: Callable[[], bool], counts: Callable[[], Mapping[str, int]], segments: tuple[str, ...]) -> None:
    """Wait for a job, and show how it goes when standard error is a terminal.

    Args:
        done: tells whether the job has ended.
        counts: what was counted so far, by the names of `udfs.engine.Outcome.counts`.
        segments: names of the segments, in order.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        while not done():
            time.sleep(_EVERY)
        return
    started = time.monotonic()
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while not done():
            live.update(_so_far(counts(), segments, time.monotonic() - started))
            time.sleep(_EVERY)


def _so_far(counts: Mapping[str, int], segments: tuple[str, ...], seconds: float) -> Group:
    records = counts.get("records", 0)
    if not records:
        return Group(Spinner("dots", f"starting Flink and its workers, {seconds:.0f} s"))
    lines = [Text(f"  {s:<20} {counts.get(f'{s}.delivered', 0):>12,} delivered") for s in segments]
    lines.append(Text(f"  {'quarantine':<20} {counts.get('quarantined', 0):>12,}", style="dim"))
    rate = records / seconds if seconds else 0
    return Group(Spinner("dots", f"{records:,} records, {rate:,.0f} a second"), *lines)
