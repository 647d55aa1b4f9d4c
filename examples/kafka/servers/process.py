"""A Java server as a child of this process: started, waited for, stopped in order, or killed."""

import random
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from jobs.local import find_java

JARS = Path(__file__).resolve().parents[3] / "flink-conf" / "jars"
"""Where `make jars` puts the servers."""

SMALL = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""These servers carry little, and start often."""

PORTS = range(20_000, 32_000)
"""Below what Linux (ip_local_port_range, 32768 on) and others hand out: such a port is soon somebody else's. Once a
scrape met the Python worker of another job there."""

STARTS, STOPS = 120.0, 30.0
"""Seconds that a server may take on a busy machine."""


class ServerError(Exception):
    """A server did not start. The message says where its log is."""


class JavaServer:
    """One Java program that listens.

    Args:
        name: what messages call it.
        log: the file for what it says; it is appended to.
    """

    def __init__(self, name: str, log: Path) -> None:
        self.name, self.log = name, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, words: Sequence[str], ready: Callable[[], bool]) -> None:
        """Run `java` with some words, and wait until the server answers.

        Raises:
            ServerError: it ended, or did not answer in time.
        """
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal must not reach it before it is its turn.
            self._process = subprocess.Popen(
                [str(find_java() / "bin" / "java"), *SMALL, *words],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + STARTS
        while not ready():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise ServerError(f"{self.name} must answer; it did not; its log says why: {self.log}")
            time.sleep(0.2)

    @property
    def pid(self) -> int | None:
        """The process's number, None if it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def stop(self) -> None:
        """Ask it to end, and wait. A second call does nothing."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOPS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it with SIGKILL, as a machine that loses power would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on, of those that no system gives to whoever asks for any."""
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            break
    return found


def jars(folder: str) -> Path:
    """A folder of servers' jars.

    Raises:
        ServerError: it is not there.
    """
    path = JARS / folder
    if not path.is_dir():
        raise ServerError(f"{path} must hold the jars of the servers; it is not there; next: make jars")
    return path


def write_secret(path: Path, text: str) -> Path:
    """Write a file that only its owner can read; it is so from its first byte."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text)
    return path
