"""The demonstration: `make demo` runs it.

It runs the segment job on a local Flink over the sample, as `weir run segment` does, and then believes nothing: it
reads every output back and checks it against what the generator knows of its input. It ends with exit code 1 if a
check fails.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from rich.console import Console

from examples.orders import show
from examples.orders.outputs import Run, read_run
from examples.orders.verify import Check, verify

HERE = Path(__file__).parent
POLICY, TABLES, DATA = HERE / "policy.yaml", HERE / "tables.sql", HERE / "data"
NARROWEST = 140
"""Columns of the page when it is written into a file."""


def main(words: list[str] | None = None) -> int:
    """Runs, shows, checks. Returns the exit code."""
    options = argparse.ArgumentParser(prog="demo", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--out", type=Path, default=Path("out/demo"), help="folder for everything that is written")
    folder = options.parse_args(words).out.resolve()
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, NARROWEST)
    run = execute(console, folder)
    show.segments(console, run)
    order = show.choose(run, "order", ["PERSON", "PHONE_NUMBER", "CREDIT_CARD"])
    show.record(console, run, order, "An order, in every view")
    show.record(console, run, show.choose(run, "chat", ["CREDIT_CARD", "EMPLOYEE_ID"]), "A chat, in every view")
    show.audit_event(console, run, order)
    show.quarantine(console, run)
    with console.status("checking every output against the ground truth"):
        checks = verify(run)
    show.checks(console, checks)
    show.files(console, run, [("logs", folder / "logs"), ("key", key_file(folder)), ("policy", POLICY)])
    return finish(console, checks)


def execute(console: Console, folder: Path) -> Run:
    """Runs the job over the sample and reads back what it wrote.

    Args:
        folder: for the outputs; outputs of an earlier run are removed, its key is kept.
    """
    # PyFlink starts its Java process once, with the environment that it finds then.
    os.environ["FLINK_LOG_DIR"] = str(folder / "logs")
    from jobs.segment import load_plan, run_plan
    from udfs.keys import Keyring, Keys, new_root, write_keyring

    plan = load_plan(POLICY)
    for table in (*(segment.name for segment in plan.segments), "audit", "quarantine", "logs"):
        shutil.rmtree(folder / table, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    key = key_file(folder)
    if not key.exists():
        write_keyring(key, Keyring.of(new_root()))
    console.print(f"[bold]Weir[/bold]: a shop's stream, split for its {len(plan.segments)} readers")
    console.print("a local Flink starts, which takes some seconds\n", style="dim")
    variables = {"data": str(DATA / "orders.jsonl"), "out": str(folder)}
    summary = run_plan(plan, TABLES, key, variables=variables, mode="bounded")
    console.print(summary, "")
    logs = [path for path in sorted((folder / "logs").rglob("*")) if path.is_file()]
    return read_run(plan, Keys.open(key), DATA, folder, logs)


def key_file(folder: Path) -> Path:
    """The key of the demonstration, made by its first run. Keep it, and pseudonyms stay the same."""
    return folder / "demo.key"


def finish(console: Console, checks: list[Check]) -> int:
    """The last line, and the exit code: 0 only if every check holds."""
    failed = sum(not check.holds for check in checks)
    if failed:
        console.print(f"{failed} of {len(checks)} checks failed.", style="bold red")
        return 1
    console.print(f"All {len(checks)} checks hold.", style="bold green")
    return 0


if __name__ == "__main__":
    sys.exit(main())
