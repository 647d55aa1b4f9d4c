"""A broker and a schema registry in the foreground, and a shop that sends: `make kafka` runs it. Ctrl-C ends it.

The job is the reader's to start: beside the broker lie a tables file with everything filled in and a key, and what to
type is printed.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

from rich.console import Console
from rich.table import Table

from examples.kafka.producer import Feed
from examples.kafka.servers import access
from examples.kafka.servers.broker import Broker
from examples.kafka.servers.process import ServerError, write_secret
from examples.kafka.servers.registry import Registry
from examples.kafka.shop import OUTPUTS, POLICY, SEGMENTS, SOURCE, TABLES, open_broker, reader_of
from jobs.local import JavaNotFound
from udfs.keys import Keyring, new_root, write_keyring

FOLDER = Path("out/kafka")

NEXT = """\
What to type next, in another shell:
  source {venv}/bin/activate
  weir cluster start
  weir submit segment --policy {policy} --tables {tables} --key-file {key}
  python -m examples.kafka.read support{out}
"""


@dataclass(frozen=True)
class Files:
    """What a job and readers need, for the user alone: passwords and keys are in them.

    Attributes:
        tables: the tables file, filled in. A command line can be read by everybody on a machine, and a file cannot.
        clients: JSON, each user with `bootstrap`, `ca`, `user` and `password`.
        key: of the masks; it is made once, so that pseudonyms stay the same.
    """

    tables: Path
    clients: Path
    key: Path


def main(words: list[str] | None = None) -> int:
    """Starts all, says where it is and what to type, waits for Ctrl-C. Returns the exit code."""
    options = argparse.ArgumentParser(prog="kafka", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--out", type=Path, default=FOLDER, help="folder for data, certificates, passwords")
    options.add_argument(
        "--rate", type=float, default=0.0, help="messages a second that the shop sends; none by default"
    )
    given = options.parse_args(words)
    console = Console(highlight=False)
    # Ended by a program it stops in the same order; started in the background of a script it would be deaf to Ctrl-C.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, signal.default_int_handler)
    try:
        serve(console, given.out.resolve(), given.rate)
    except KeyboardInterrupt:
        console.print("stopped; what was in the topics is removed with the next start", style="dim")
    except (ServerError, JavaNotFound) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def serve(console: Console, folder: Path, rate: float) -> None:
    """Run the servers until this is interrupted.

    Args:
        rate: messages a second that the shop sends, 0 for none.
    """
    console.print("a broker and a schema registry start, which takes some seconds", style="dim")
    registry = Registry(folder / "registry")
    with open_broker(folder / "broker") as broker:
        try:
            registry.start()
            files = write_files(folder, broker)
            with _sending(broker, rate):
                console.print(_where(broker, registry, files, rate))
                console.print(f"\n{_next(files)}", markup=False, soft_wrap=True)
                console.print("Ctrl-C stops them", style="dim")
                signal.pause()
        finally:
            registry.stop()


def write_files(folder: Path, broker: Broker) -> Files:
    """Writes what a job and the readers need beside the broker. A key that is there stays."""
    job = broker.client(access.JOB)
    users = [access.PRODUCER, access.JOB, *map(reader_of, OUTPUTS)]
    clients = {user: broker.client(user).variables() for user in users}
    files = Files(
        write_secret(folder / "tables.sql", Template(TABLES.read_text()).substitute(job.variables())),
        write_secret(folder / "clients.json", json.dumps(clients, indent=2) + "\n"),
        folder / "weir.key",
    )
    if not files.key.exists():
        write_keyring(files.key, Keyring.of(new_root()))
    return files


@contextmanager
def _sending(broker: Broker, rate: float) -> Iterator[None]:
    """The shop sends meanwhile, if it does."""
    if not rate:
        yield
        return
    feed = Feed(broker.client(access.PRODUCER), SOURCE, rate)
    feed.start()
    try:
        yield
    finally:
        feed.stop()


def _where(broker: Broker, registry: Registry, files: Files, rate: float) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("bootstrap", f"{broker.bootstrap}, TLS with SCRAM-SHA-512")
    table.add_row("authority", str(broker.ca))
    table.add_row("passwords", str(broker.passwords))
    table.add_row("registry", registry.url)
    sends = f"sends {rate:g} messages a second" if rate else "writes (--rate 100 sends 100 messages a second)"
    table.add_row("in", f"{SOURCE}: producer {sends}, weir reads")
    table.add_row("out", f"{', '.join(OUTPUTS.values())}: weir writes")
    table.add_row("readers", f"{', '.join(SEGMENTS)}: each its own topic; {reader_of('audit')}: everything")
    table.add_row("tables", f"{files.tables}: for the job, with its password")
    table.add_row("clients", f"{files.clients}: what each user needs to connect")
    return table


def _next(files: Files) -> str:
    """The commands that start the job and look at what came out; paths as short as they can be."""
    folder = _short(files.tables.parent)
    places = {"policy": POLICY, "venv": Path(sys.prefix), **vars(files)}
    shown = {name: _short(path) for name, path in places.items()}
    return NEXT.format(**shown, out="" if folder == str(FOLDER) else f" --out {folder}")


def _short(path: Path) -> str:
    """The path from here, if it lies below."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main())
