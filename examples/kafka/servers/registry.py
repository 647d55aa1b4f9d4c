"""A schema registry (Apicurio) that speaks Confluent's protocol.

It keeps its schemas in memory, and asks for no password: it listens on this machine only, and schemas are no secrets.
"""

import shutil
import urllib.error
import urllib.request
from pathlib import Path

from examples.kafka.servers.process import JavaServer, ServerError, free_ports, jars


class Registry:
    """A registry on a free port of this machine.

    Args:
        folder: for its log.

    Raises:
        ServerError: the jars are not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._program = next(jars("registry").glob("*-runner.jar"), None)
        if self._program is None:
            raise ServerError(f"{jars('registry')} must hold the registry; it does not; next: make jars")
        (self.port,) = free_ports(1)
        self._server = JavaServer("the schema registry", self.folder / "registry.log")

    @property
    def url(self) -> str:
        """What a table's `avro-confluent.url` and Confluent's clients take."""
        return f"http://127.0.0.1:{self.port}/apis/ccompat/v7"

    @property
    def pid(self) -> int | None:
        """The process's number, None if it does not run."""
        return self._server.pid

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            ServerError: it does not.
        """
        settings = ["-Dquarkus.http.host=127.0.0.1", f"-Dquarkus.http.port={self.port}"]
        self._server.start([*settings, "-jar", str(self._program)], self._answers)

    def stop(self) -> None:
        """Stop it in order. Its schemas are gone then."""
        self._server.stop()

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        self._server.kill()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/subjects", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
