"""Key management services: they wrap the root keys of a keyring, so that its file opens nothing by itself.

    root key ── wrap ──▶ text in the keyring file ── unwrap, when a job opens ──▶ root key

The service keeps the key that wraps; it never leaves it. Taking a job's permission away takes its keys away. A wrapped
key is bound to its place in the keyring (its context): it opens in no other one.

A service is named `vault:MOUNT/KEY` (see `udfs.keys.vault`) or `aws:KEY` (see `udfs.keys.aws`). How to reach it and as
whom comes from where the service's own client takes it, and from no file of Weir.
"""

import importlib
import ipaddress
from typing import Any, Protocol
from urllib.parse import urlsplit

from udfs.keys.errors import KeysError

CONNECT_SECONDS = 3.0
"""How long a connection to a service may take. It is tried twice."""

READ_SECONDS = 10.0
"""How long a service may take to answer."""


class Kms(Protocol):
    """A key of a key management service.

    Attributes:
        name: as `open_kms` takes it. It is in messages.
    """

    name: str

    def wrap(self, secret: bytes, context: str) -> str:
        """The secret under the service's key, as ASCII text.

        Args:
            secret: 1 to 4096 bytes.
            context: what it is bound to, e.g. `weir/1/root-key/2`. It is no secret: the service may log it.

        Raises:
            KeysUnavailable: the service cannot be reached, or refuses at this time.
            KeysError: it cannot do so with this key.
        """
        ...

    def unwrap(self, wrapped: str, context: str) -> bytes:
        """The secret that `wrap` was given.

        Raises:
            KeysUnavailable: the service cannot be reached, or refuses at this time.
            KeysError: another key wrapped it or it was bound to something else, it was changed, or there is no such
                key.
        """
        ...


def open_kms(name: str) -> Kms:
    """The key with a name. Nothing is sent yet.

    Args:
        name: `vault:MOUNT/KEY`, or `aws:KEY` with an ARN, `alias/NAME` or the id of a key.

    Raises:
        KeysError: the name is none, the library for the service is not installed, or the configuration of its client
            is wrong.

    >>> open_kms("gcp:projects/weir")
    Traceback (most recent call last):
    udfs.keys.errors.KeysError: a key management service is named vault:MOUNT/KEY (e.g. vault:transit/weir) or aws:KEY
    (an ARN, alias/NAME, or an id); name one so
    """
    scheme, _, place = name.partition(":")
    if scheme == "vault":
        from udfs.keys.vault import open_vault  # only who names a service loads what that needs

        return open_vault(place)
    if scheme == "aws":
        from udfs.keys.aws import open_aws

        return open_aws(place)
    raise bad_name()


def bad_name() -> KeysError:
    """The error of a name that is none. It does not repeat it: whoever mistakes one text for another may have a secret
    there."""
    return KeysError(
        "a key management service is named vault:MOUNT/KEY (e.g. vault:transit/weir) or aws:KEY "
        "(an ARN, alias/NAME, or an id); name one so"
    )


def about(name: str, problem: str, step: str) -> str:
    """The message of an error.

    >>> about("vault:transit/weir", "is sealed", "unseal it")
    'key management service vault:transit/weir: is sealed; unseal it'
    """
    return f"key management service {name}: {problem}; {step}"


def library(module: str, name: str) -> Any:
    """A module of an extra, which is named as the scheme of the service is.

    Raises:
        KeysError: it is not installed.

    >>> library("absent", "vault:transit/weir")
    Traceback (most recent call last):
    udfs.keys.errors.KeysError: key management service vault:transit/weir: the library 'absent' is not
    installed; run: pip install 'weir-flink[vault]'
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        pass
    extra = name.partition(":")[0]
    problem = f"the library '{module.partition('.')[0]}' is not installed"
    raise KeysError(about(name, problem, f"run: pip install 'weir-flink[{extra}]'"))


def is_safe(address: str) -> bool:
    """True for an address over which keys may travel: https, or http that does not leave this machine.

    >>> [is_safe(a) for a in ("https://vault.example:8200", "http://127.0.0.1:8200", "http://vault.example:8200")]
    [True, True, False]
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host or "")))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
