"""Keys wrapped by the transit engine of HashiCorp Vault, or of OpenBao, which has the same interface.

Configured as Vault's own client is, by environment variables where the job's workers run:

- VAULT_ADDR: its address. It must be https, except on this machine.
- VAULT_TOKEN; else VAULT_TOKEN_FILE, the path of a file with it; else the file ~/.vault-token. A file must be for its
  owner alone. It is read whenever the keyring is, so that an agent may renew it.
- VAULT_NAMESPACE: the namespace, if any.
- VAULT_CACERT: certificates (PEM) of the authorities to trust; the usual ones otherwise. Verification cannot be
  switched off.

A job needs the capability `update` on `MOUNT/decrypt/KEY` alone. Whoever makes or rotates a keyring needs `update` on
`MOUNT/encrypt/KEY` and `read` on `MOUNT/keys/KEY`. The key must be of a type that authenticates its context: the
default, aes256-gcm96, is one.

Source: HTTP API of the transit engine (`encrypt/:name`, `decrypt/:name`, `keys/:name`), Vault 1.9 or later for its
`associated_data`.
"""

import base64
import binascii
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from udfs.keys.errors import KeysError, KeysUnavailable
from udfs.keys.file import private_text
from udfs.keys.kms import CONNECT_SECONDS, READ_SECONDS, about, bad_name, is_safe, library

_SEGMENT = r"(?!\.+[/\s])[\w.-]+"
_PLACE = re.compile(rf"((?:{_SEGMENT}/)+)(\w[\w.-]*)", re.ASCII)
_HEADER = re.compile(r"[!-~]+")  # what a header may have; an error about another one would show it
_LONGEST_TOKEN = 1 << 14

_AEAD = ("aes256-gcm96", "aes128-gcm96", "chacha20-poly1305", "xchacha20-poly1305")
"""Types of keys that take associated data."""

_WITHDRAWN = ("too old", "deleted")
"""In answers with status 400 about a key, or a version of it, that was taken out of use and can be put back."""

_UNREACHABLE = (
    f"cannot be reached, or does not answer within {READ_SECONDS:g} s",
    "see that VAULT_ADDR is right and that the server runs",
)
_UNTRUSTED = ("its certificate is not trusted", "set VAULT_CACERT to a file with the certificate of its authority")
_STRANGE = ("does not answer as Vault does", "see that VAULT_ADDR is right")


class Vault:
    """A key of the transit engine.

    Args:
        mount: where the engine is mounted, e.g. `transit`.
        key: the name of the key.
        client: an `hvac.Client` that gives every answer as it is.
    """

    def __init__(self, mount: str, key: str, client: Any) -> None:
        self.name = f"vault:{mount}/{key}"
        self._mount, self._key = mount, key
        self._transit = client.secrets.transit
        self._errors = library("requests.exceptions", self.name)

    def wrap(self, secret: bytes, context: str) -> str:
        """See `udfs.keys.kms.Kms`. The text begins with `vault:v` and the version of the key."""
        # Vault makes a key that is not there when it is asked to encrypt with it: a slip of the pen would do so.
        self._check(self._asked("keys", lambda: self._transit.read_key(self._key, mount_point=self._mount)))
        plain, bound = base64.b64encode(secret).decode(), base64.b64encode(context.encode()).decode()
        data = self._asked(
            "encrypt",
            lambda: self._transit.encrypt_data(self._key, plain, mount_point=self._mount, associated_data=bound),
        )
        return self._text(data, "ciphertext")

    def unwrap(self, wrapped: str, context: str) -> bytes:
        """See `udfs.keys.kms.Kms`."""
        bound = base64.b64encode(context.encode()).decode()
        data = self._asked(
            "decrypt",
            lambda: self._transit.decrypt_data(self._key, wrapped, mount_point=self._mount, associated_data=bound),
        )
        text = self._text(data, "plaintext")
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            pass
        raise self._unavailable(*_STRANGE)

    def _asked(self, action: str, ask: Callable[[], Any]) -> dict[str, Any]:
        """The data of an answer."""
        try:
            response = ask()
        except self._errors.SSLError:
            failure = _UNTRUSTED
        except OSError:  # what requests raises is one; so is a file of certificates that went away
            failure = _UNREACHABLE
        else:
            body = _json(response)
            if response.status_code != 200:
                raise self._refused(action, response.status_code, body)
            if isinstance(body.get("data"), dict):
                return body["data"]
            failure = _STRANGE
        raise self._unavailable(*failure)

    def _refused(self, action: str, status: int, body: dict[str, Any]) -> KeysError:
        path = f"{self._mount}/{action}/{self._key}"
        capability = "read" if action == "keys" else "update"
        if status in (401, 403):
            step = f"renew the token, and let its policy allow {capability!r} on {path}"
            return self._unavailable("permission denied: the token is unknown, expired, or not allowed this", step)
        if status == 404 and "errors" in body:
            step = (
                f"see VAULT_NAMESPACE and the name; to make the key, run: vault write -f {self._mount}/keys/{self._key}"
            )
            return self._wrong("there is no such key, or no transit engine there", step)
        if status == 400 and "errors" in body:
            return self._bad_request(action, str(body["errors"]))
        if status == 429:
            return self._unavailable("too many requests", "try again later, or raise the rate limit")
        if status == 503:
            return self._unavailable("is sealed, or under maintenance", "unseal it")
        return self._unavailable(f"answers with status {status}", "see the server's log, and that VAULT_ADDR is right")

    def _bad_request(self, action: str, errors: str) -> KeysError:
        if "key not found" in errors:
            return self._wrong("there is no such key", "restore it, or name the key that wrapped the keyring")
        if any(word in errors for word in _WITHDRAWN):
            return self._unavailable(
                "the key, or the version that wrapped, was taken out of use", "put it back into use"
            )
        if action == "decrypt":
            problem = "does not open this text: another key or place has it, or it was changed"
            return self._wrong(problem, "name the key that wrapped it, or restore the keyring from a backup")
        return self._wrong("does not take this request", f"make another key: vault write -f {self._mount}/keys/NAME")

    def _check(self, key: dict[str, Any]) -> None:
        if key.get("type") not in _AEAD or key.get("derived"):
            step = f"make one: vault write -f {self._mount}/keys/NAME"
            raise self._wrong(f"must be a key of type {', '.join(_AEAD[:-1])} that is not derived", step)

    def _text(self, data: dict[str, Any], name: str) -> str:
        found = data.get(name)
        if not isinstance(found, str):
            raise self._unavailable(*_STRANGE)
        return found

    def _wrong(self, problem: str, step: str) -> KeysError:
        return KeysError(about(self.name, problem, step))

    def _unavailable(self, problem: str, step: str) -> KeysUnavailable:
        return KeysUnavailable(about(self.name, problem, step))


def open_vault(place: str) -> Vault:
    """The key at a place, e.g. `transit/weir`. Nothing is sent yet.

    Raises:
        KeysError: the place is none, the library `hvac` is not installed, or the environment does not say where the
            server is and as whom to ask it.
    """
    found = _PLACE.fullmatch(place)
    if not found:
        raise bad_name()
    name = f"vault:{place}"
    hvac, adapters = library("hvac", name), library("hvac.adapters", name)
    address, token, namespace, authority = _address(name), _token(name), _namespace(name), _authority(name)
    client = hvac.Client(
        url=address,
        token=token,
        namespace=namespace,
        session=_session(name, address, authority),
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        allow_redirects=False,  # the token would go along to wherever it is sent
        adapter=adapters.RawAdapter,
        ignore_exceptions=True,  # its errors hold what the server said
    )
    return Vault(found[1].rstrip("/"), found[2], client)


def _session(name: str, address: str, authority: str | None) -> Any:
    requests, retry = library("requests", name), library("urllib3.util.retry", name)
    session = requests.Session()
    once_more = retry.Retry(connect=1, read=False, redirect=False, status=False, other=False)
    for scheme in ("https://", "http://"):
        session.mount(scheme, requests.adapters.HTTPAdapter(max_retries=once_more))
    session.verify = authority or True
    session.trust_env = address.startswith("https://")  # what goes without TLS goes through no proxy
    return session


def _address(name: str) -> str:
    address = os.environ.get("VAULT_ADDR", "")
    step = "set it where the job's workers run, e.g. https://vault.example:8200"
    if not address:
        raise KeysError(about(name, "VAULT_ADDR is not set", step))
    if not is_safe(address) or "@" in address:
        raise KeysError(
            about(name, "VAULT_ADDR must be an https address (http for this machine alone) and hold no password", step)
        )
    return address


def _token(name: str) -> str:
    token = os.environ.get("VAULT_TOKEN", "").strip()
    path = os.environ.get("VAULT_TOKEN_FILE") or Path.home() / ".vault-token"
    step = "set VAULT_TOKEN, or name a file with the token in VAULT_TOKEN_FILE"
    token = token or private_text(path, _LONGEST_TOKEN, step).strip()
    if not _HEADER.fullmatch(token):
        raise KeysError(about(name, "the token must be one word of printable characters", step))
    return token


def _namespace(name: str) -> str | None:
    namespace = os.environ.get("VAULT_NAMESPACE") or None
    if namespace and not _HEADER.fullmatch(namespace):
        raise KeysError(
            about(name, "VAULT_NAMESPACE must be one word of printable characters", "set it so, or unset it")
        )
    return namespace


def _authority(name: str) -> str | None:
    path = os.environ.get("VAULT_CACERT") or None
    if path and not Path(path).is_file():
        raise KeysError(
            about(name, "VAULT_CACERT must be the path of a file with certificates", "set it so, or unset it")
        )
    return path


def _json(response: Any) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
