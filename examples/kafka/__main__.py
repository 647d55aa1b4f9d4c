"""The demonstration over Kafka: a broker, a shop that keeps sending, the segment job, and what each reader gets.

    python -m examples.kafka --seconds 30

Every message that was sent must be in the audit, once: it waits for that before it ends, with exit code 1 otherwise.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from examples.kafka.counts import Counts
from examples.kafka.producer import Feed
from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from examples.kafka.servers.process import ServerError
from examples.kafka.shop import OUTPUTS, SOURCE, open_broker, reader_of
from jobs.local import JavaNotFound
from udfs.keys import Keyring, new_root, write_keyring

RATE = 100.0
LATEST = 180.0
"""Seconds that the job may take for what was sent: it starts within that too, and a busy machine is slow."""


def main(words: list[str] | None = None) -> int:
    """Runs until Ctrl-C, or for some seconds. Returns the exit code."""
    options = argparse.ArgumentParser(prog="kafka-demo", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--out", type=Path, default=Path("out/kafka-demo"), help="folder for everything it writes")
    options.add_argument("--seconds", type=float, default=float("inf"), help="how long to send; without it: to Ctrl-C")
    options.add_argument("--rate", type=float, default=RATE, help="messages a second")
    given = options.parse_args(words)
    # Ended by a program it stops in the same order; started in the background of a script it would be deaf to Ctrl-C.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, signal.default_int_handler)
    try:
        return demonstrate(Console(highlight=False), given.out.resolve(), given.seconds, given.rate)
    except KeyboardInterrupt:
        print("stopped before the account was complete", file=sys.stderr)
        return 1
    except (ServerError, JavaNotFound) as error:
        print(error, file=sys.stderr)
        return 1


def demonstrate(console: Console, folder: Path, seconds: float, rate: float) -> int:
    """Starts all parts, shows the counts, stops all parts in order.

    Args:
        seconds: how long messages are sent after the first came out.
        rate: messages a second.

    Returns:
        0 if everything that was sent is in the audit.
    """
    console.print("[bold]Weir[/bold]: a shop's topic, split for its readers")
    console.print("a broker and a local Flink start, which takes some seconds; Ctrl-C stops everything\n", style="dim")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    with open_broker(folder / "broker") as broker, running_job(folder, broker) as job:
        feed, counts = Feed(broker.client(access.PRODUCER), SOURCE, rate), Counts(broker)
        try:
            feed.start()
            _show(console, feed, counts, job, seconds)
        finally:
            feed.stop()
            counts.close()
    return finish(console, feed, counts, folder)


@contextmanager
def running_job(folder: Path, broker: Broker) -> Iterator["subprocess.Popen[str]"]:
    """The segment job as a child; it is stopped in order in the end."""
    key = folder / "demo.key"
    write_keyring(key, Keyring.of(new_root()))
    environment = os.environ | {"FLINK_LOG_DIR": str(folder / "logs")}
    with (folder / "job.log").open("w") as log:
        job = subprocess.Popen(
            [sys.executable, "-m", "examples.kafka.job", str(key)], stdin=subprocess.PIPE, stdout=log, stderr=log,
            text=True, env=environment, start_new_session=True,
        )  # fmt: skip
    assert job.stdin
    json.dump(broker.client(access.JOB).variables(), job.stdin)
    job.stdin.close()
    try:
        yield job
    finally:
        job.send_signal(signal.SIGINT)
        try:
            job.wait(60)
        except subprocess.TimeoutExpired:
            job.kill()
            job.wait()


def _show(
    console: Console, feed: Feed, counts: Counts, job: "subprocess.Popen[str]", seconds: float
) -> None:  # fmt: skip
    """Show the counts while messages are sent, and after that until the audit has them all."""
    with Live(console=console, refresh_per_second=4, transient=not console.is_terminal) as live:
        with suppress(KeyboardInterrupt):
            _look(live, feed, counts, job, lambda first: first is not None and time.monotonic() - first > seconds)
        feed.stop()
        end = time.monotonic() + LATEST
        _look(live, feed, counts, job, lambda _: counts.seen["audit"] >= feed.sent or time.monotonic() > end)


def _look(
    live: Live, feed: Feed, counts: Counts, job: "subprocess.Popen[str]", over: Callable[[float | None], bool]
) -> None:
    """Look again and again until it is over, or the job is."""
    first: float | None = None
    begun = time.monotonic()
    while not over(first) and job.poll() is None and (first or time.monotonic() - begun < LATEST):
        if counts.look()["audit"] and first is None:
            first = time.monotonic()
        live.update(table(feed, counts))
        time.sleep(0.2)
    live.update(table(feed, counts))


def table(feed: Feed, counts: Counts) -> Table:
    """What was sent, and what every reader has seen."""
    shown = Table(box=None, pad_edge=False, header_style="dim")
    shown.add_column("topic")
    shown.add_column("read by")
    shown.add_column("messages", justify="right")
    shown.add_row(Text(SOURCE, "bold"), access.JOB, f"{feed.sent:,}")
    for name, topic in OUTPUTS.items():
        shown.add_row(topic, reader_of(name), f"{counts.seen[name]:,}")
    return shown


def finish(console: Console, feed: Feed, counts: Counts, folder: Path) -> int:
    """The last lines, and the exit code."""
    if not console.is_terminal:
        console.print(table(feed, counts))
    audited, different = counts.seen["audit"], len(counts.audited)
    if feed.sent and feed.sent == audited == different and not feed.refused:
        console.print(f"All {feed.sent:,} messages are in the audit, each once.", style="bold green")
        return 0
    account = f"{audited:,} audit events of {different:,} messages"
    console.print(f"{feed.sent:,} messages sent, {feed.refused:,} refused; {account}.", style="bold red")
    console.print(f"what the job said: {folder / 'job.log'}; Flink's log: {folder / 'logs'}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
