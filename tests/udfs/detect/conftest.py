"""Detection is tested with the network closed: no socket may be opened."""

import socket
from typing import Any

import pytest
import tldextract.tldextract

from udfs.detect import recognizers


@pytest.fixture(autouse=True)
def closed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("detection must not open a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    # The reference engine asks tldextract's own extractor, which would fetch the list.
    monkeypatch.setattr(tldextract.tldextract, "TLD_EXTRACTOR", recognizers._suffixes)
