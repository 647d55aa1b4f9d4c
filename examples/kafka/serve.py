"""A broker and a schema registry in the foreground: `make kafka` runs it. Ctrl-C ends it."""

import argparse
import signal
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from examples.kafka.servers.broker import Broker
from examples.kafka.servers.process import ServerError
from examples.kafka.servers.registry import Registry
from examples.kafka.shop import OUTPUTS, SEGMENTS, SOURCE, open_broker, reader_of
from jobs.local import JavaNotFound


def main(words: list[str] | None = None) -> int:
    """Starts both, says where they are, waits for Ctrl-C. Returns the exit code."""
    options = argparse.ArgumentParser(prog="kafka", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--out", type=Path, default=Path("out/kafka"), help="folder for data, certificates, passwords")
    folder = options.parse_args(words).out.resolve()
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended by a program it stops in the same order
    try:
        serve(console, folder)
    except KeyboardInterrupt:
        console.print("stopped; what was in the topics is removed with the next start", style="dim")
    except (ServerError, JavaNotFound) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def serve(console: Console, folder: Path) -> None:
    """Run both servers until this is interrupted."""
    console.print("a broker and a schema registry start, which takes some seconds", style="dim")
    registry = Registry(folder / "registry")
    with open_broker(folder / "broker") as broker:
        try:
            registry.start()
            console.print(_where(broker, registry))
            console.print("Ctrl-C stops them", style="dim")
            signal.pause()
        finally:
            registry.stop()


def _where(broker: Broker, registry: Registry) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("bootstrap", f"{broker.bootstrap}, TLS with SCRAM-SHA-512")
    table.add_row("authority", str(broker.ca))
    table.add_row("passwords", str(broker.passwords))
    table.add_row("registry", registry.url)
    table.add_row("in", f"{SOURCE}: producer writes, weir reads")
    table.add_row("out", f"{', '.join(OUTPUTS.values())}: weir writes")
    table.add_row("readers", f"{', '.join(SEGMENTS)}: each its own topic; {reader_of('audit')}: everything")
    return table


if __name__ == "__main__":
    sys.exit(main())
