"""Keys wrapped by Vault's transit engine: on a real server (OpenBao), and against what goes wrong between.

Where a fault cannot be had from a real server (what balancers answer, half an answer), a small server on this machine
gives it; the tests that use one say so by their argument `answering`.
"""

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.keys import Keyring, KeysError, KeysUnavailable, load_keyring, write_keyring
from udfs.keys import vault as vault_module
from udfs.keys.kms import open_kms

NAME = "vault:transit/weir"
CONTEXT = "weir/1/root-key/2"
HIDDEN = "what-no-message-repeats"
HTML = f"<html>{HIDDEN}".encode()
NO_PERMISSION = "permission denied: the token is unknown, expired, or not allowed this"

pytestmark = pytest.mark.xdist_group("vault")


def encoded(text: bytes | str) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


@pytest.fixture(scope="module")
def keys(bao):
    """Names of keys of a real server, one of each type that fits and some that do not."""
    made = {"aes128-gcm96", "aes256-gcm96", "chacha20-poly1305", "rsa-2048", "ed25519"}
    for kind in made:
        bao.ask("POST", f"transit/keys/kind-{kind}", type=kind)
    bao.ask("POST", "transit/keys/kind-derived", derived=True)
    return sorted(made | {"derived"})


class TestWorks:
    def test_gives_back_what_it_wrapped(self, vault, secret):
        wrapped = vault.wrap(secret, CONTEXT)
        assert wrapped.startswith("vault:v1:")
        assert wrapped.isascii()
        assert vault.unwrap(wrapped, CONTEXT) == secret
        assert vault.name == NAME

    def test_wraps_one_secret_in_another_way_each_time(self, vault, secret):
        assert vault.wrap(secret, CONTEXT) != vault.wrap(secret, CONTEXT)

    def test_is_what_the_interface_of_vault_does(self, vault, bao, secret):
        """Asked without Weir: associated data, all in base64 (API of the transit engine)."""
        bound = encoded(CONTEXT)
        data = bao.ask("POST", "transit/encrypt/weir", plaintext=encoded(secret), associated_data=bound)
        assert vault.unwrap(data["data"]["ciphertext"], CONTEXT) == secret
        wrapped = vault.wrap(secret, CONTEXT)
        data = bao.ask("POST", "transit/decrypt/weir", ciphertext=wrapped, associated_data=bound)
        assert data["data"]["plaintext"] == encoded(secret)

    @settings(max_examples=25)
    @given(
        secret=st.binary(min_size=1, max_size=4096), contexts=st.lists(st.text(), min_size=2, max_size=2, unique=True)
    )
    def test_opens_in_its_place_and_in_no_other(self, bao, secret, contexts):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("VAULT_ADDR", bao.address)
            patch.setenv("VAULT_TOKEN", bao.token)
            vault = open_kms(NAME)
        wrapped = vault.wrap(secret, contexts[0])
        assert vault.unwrap(wrapped, contexts[0]) == secret
        with pytest.raises(KeysError, match="another key or place has it"):
            vault.unwrap(wrapped, contexts[1])

    @pytest.mark.parametrize("kind", ["aes128-gcm96", "aes256-gcm96", "chacha20-poly1305"])
    def test_works_with_every_type_that_binds_a_context(self, kind, keys, vault, secret):
        kms = open_kms(f"vault:transit/kind-{kind}")
        wrapped = kms.wrap(secret, CONTEXT)
        assert kms.unwrap(wrapped, CONTEXT) == secret

    def test_a_rotated_key_opens_what_it_wrapped_before(self, bao, vault, secret):
        bao.ask("POST", "transit/keys/rotated")
        kms = open_kms("vault:transit/rotated")
        before = kms.wrap(secret, CONTEXT)
        bao.ask("POST", "transit/keys/rotated/rotate")
        assert kms.wrap(secret, CONTEXT).startswith("vault:v2:")
        assert kms.unwrap(before, CONTEXT) == secret

    def test_an_engine_may_be_mounted_deeper(self, bao, vault, secret):
        bao.ask("POST", "sys/mounts/teams/orders/crypt", type="transit")
        bao.ask("POST", "teams/orders/crypt/keys/weir.v2")
        kms = open_kms("vault:teams/orders/crypt/weir.v2")
        assert kms.unwrap(kms.wrap(secret, CONTEXT), CONTEXT) == secret

    def test_a_job_needs_no_more_than_to_decrypt(self, bao, vault, vault_environment, secret, error_of):
        wrapped = vault.wrap(secret, CONTEXT)
        vault_environment(bao, VAULT_TOKEN=bao.token_for(decrypt_weir="update"))
        job = open_kms(NAME)
        assert job.unwrap(wrapped, CONTEXT) == secret
        error = error_of(lambda: job.wrap(secret, CONTEXT))
        assert type(error) is KeysUnavailable
        assert "let its policy allow 'read' on transit/keys/weir" in str(error)

    def test_wrapping_needs_no_more_than_to_encrypt_and_to_read_the_key(self, bao, vault, vault_environment, secret):
        vault_environment(bao, VAULT_TOKEN=bao.token_for(encrypt_weir="update", keys_weir="read"))
        wrapped = open_kms(NAME).wrap(secret, CONTEXT)
        assert vault.unwrap(wrapped, CONTEXT) == secret

    def test_a_keyring_file_opens_by_it_alone(self, vault, tmp_path, error_of):
        keyring = Keyring.of(bytes(range(32)), bytes(range(50, 82)))
        path = tmp_path / "keys.json"
        write_keyring(path, keyring, NAME)
        text = path.read_text()
        assert load_keyring(path) == keyring
        for epoch in keyring.epochs:
            assert epoch.root.hex() not in text
            assert encoded(epoch.root) not in text
        one, two = (line.split('"')[3] for line in text.splitlines() if '"wrapped"' in line)
        path.write_text(text.replace(one, "@").replace(two, one).replace("@", two))
        assert type(error_of(lambda: load_keyring(path), one, two)) is KeysError


class TestNeverOpens:
    @pytest.mark.parametrize(
        "change",
        [
            lambda text: "",
            lambda text: text[:-4],
            lambda text: text[:30],
            lambda text: text[:-8] + ("AAAAAAAA" if text[-8:] != "AAAAAAAA" else "BBBBBBBB"),
            lambda text: text[:12] + ("A" if text[12] != "A" else "B") + text[13:],
            lambda text: text.replace("v1", "v9"),
            lambda text: text.replace("vault:v1:", ""),
            lambda text: text.replace("vault:", "bank:"),
            lambda text: text + "AAAA",
            lambda text: "vault:v1:",
            lambda text: "vault:v1:AAAA",
            lambda text: "vault:v1:***",
            lambda text: "é☃\x00",
            lambda text: "\ud800",
            lambda text: '"}' + text,
        ],
    )
    def test_a_changed_text(self, vault, secret, change, error_of):
        text = vault.wrap(secret, CONTEXT)
        changed = change(text)
        assert changed != text
        error = error_of(lambda: vault.unwrap(changed, CONTEXT), text)
        assert type(error) is KeysError
        assert str(error).startswith(f"key management service {NAME}: does not open this text: ")

    @pytest.mark.parametrize("other", ["", CONTEXT[:-1] + "1", CONTEXT + "2", CONTEXT.upper(), CONTEXT + " ", "é"])
    def test_a_text_from_another_place(self, vault, secret, other, error_of):
        text = vault.wrap(secret, CONTEXT)
        assert type(error_of(lambda: vault.unwrap(text, other), text)) is KeysError

    def test_a_text_of_another_key(self, vault, keys, secret, error_of):
        text = vault.wrap(secret, CONTEXT)
        other = open_kms("vault:transit/kind-aes256-gcm96")
        assert type(error_of(lambda: other.unwrap(text, CONTEXT), text)) is KeysError

    @pytest.mark.parametrize("name", ["vault:transit/absent", "vault:absent/weir", "vault:sys/weir"])
    def test_what_is_not_there_is_not_made(self, name, vault, bao, secret, error_of):
        kms = open_kms(name)
        text = vault.wrap(secret, CONTEXT)
        for call in (lambda: kms.wrap(secret, CONTEXT), lambda: kms.unwrap(text, CONTEXT)):
            error = error_of(call, text)
            assert type(error) is KeysError
            assert "there is no such key" in str(error)
        assert "absent" not in bao.ask("LIST", "transit/keys")["data"]["keys"]

    @pytest.mark.parametrize("kind", ["rsa-2048", "ed25519", "derived"])
    def test_no_key_wraps_that_binds_no_context(self, kind, keys, vault, secret, error_of):
        error = error_of(lambda: open_kms(f"vault:transit/kind-{kind}").wrap(secret, CONTEXT))
        assert type(error) is KeysError
        assert "must be a key of type aes256-gcm96, aes128-gcm96, chacha20-poly1305 that is not derived" in str(error)

    @pytest.mark.parametrize("kind", ["rsa-2048", "ed25519", "derived"])
    def test_no_key_opens_that_binds_no_context(self, kind, keys, vault, secret, error_of):
        text = vault.wrap(secret, CONTEXT)
        kms = open_kms(f"vault:transit/kind-{kind}")
        assert type(error_of(lambda: kms.unwrap(text, CONTEXT), text)) is KeysError

    def test_there_is_no_such_namespace(self, bao, vault_environment, secret, error_of):
        vault_environment(bao, VAULT_NAMESPACE="teams/absent")
        error = error_of(lambda: open_kms(NAME).unwrap("vault:v1:AAAA", CONTEXT))
        assert type(error) is KeysError
        assert "see VAULT_NAMESPACE" in str(error)


def test_asks_in_its_namespace(bao, vault, vault_environment, secret, error_of):
    bao.ask("POST", "sys/namespaces/team")
    bao.ask("POST", "team/sys/mounts/transit", type="transit")
    bao.ask("POST", "team/transit/keys/weir")
    vault_environment(bao, VAULT_NAMESPACE="team")
    team = open_kms(NAME)
    wrapped = team.wrap(secret, CONTEXT)
    assert team.unwrap(wrapped, CONTEXT) == secret
    assert type(error_of(lambda: vault.unwrap(wrapped, CONTEXT), wrapped)) is KeysError


class TestUnavailable:
    """Each of these ends: the job that tries again goes on."""

    def unavailable(self, error_of, call, *hidden: str) -> str:
        error = error_of(call, *hidden)
        assert type(error) is KeysUnavailable
        assert str(error).startswith(f"key management service {NAME}: ")
        return str(error)

    def test_the_server_is_down(self, vault_environment, closed_port, secret, error_of):
        vault_environment(VAULT_ADDR=closed_port, VAULT_TOKEN="t")
        kms = open_kms(NAME)
        for call in (lambda: kms.wrap(secret, CONTEXT), lambda: kms.unwrap("vault:v1:AAAA", CONTEXT)):
            assert "cannot be reached" in self.unavailable(error_of, call)

    def test_the_name_of_the_server_is_unknown(self, vault_environment, error_of):
        vault_environment(VAULT_ADDR="https://vault.invalid", VAULT_TOKEN="t")
        assert "cannot be reached" in self.unavailable(error_of, lambda: open_kms(NAME).unwrap("vault:v1:A", CONTEXT))

    def test_the_server_stops_and_comes_back_sealed(self, new_bao, vault_environment, secret, error_of):
        server = new_bao(disk=True)
        made = server.ask("PUT", "sys/init", secret_shares=1, secret_threshold=1)
        server.token, unseal = made["root_token"], made["keys"][0]
        server.ask("PUT", "sys/unseal", key=unseal)
        server.wait("health", {200})
        server.ask("POST", "sys/mounts/transit", type="transit")
        server.ask("POST", "transit/keys/weir")
        vault_environment(server, VAULT_TOKEN=server.token)
        kms = open_kms(NAME)
        text = kms.wrap(secret, CONTEXT)
        server.kill()
        assert "cannot be reached" in self.unavailable(error_of, lambda: kms.unwrap(text, CONTEXT), text, server.token)
        server.start()
        for call in (lambda: kms.unwrap(text, CONTEXT), lambda: kms.wrap(secret, CONTEXT)):
            assert "is sealed" in self.unavailable(error_of, call, text, server.token)
        server.ask("PUT", "sys/unseal", key=unseal)
        server.wait("health", {200})
        assert kms.unwrap(text, CONTEXT) == secret

    def test_the_server_hangs_and_goes_on(self, new_bao, vault_environment, monkeypatch, secret, error_of):
        monkeypatch.setattr(vault_module, "READ_SECONDS", 0.5)
        server = new_bao()
        vault_environment(server)
        kms = open_kms(NAME)
        text = kms.wrap(secret, CONTEXT)
        server.pause()
        start = time.monotonic()
        self.unavailable(error_of, lambda: kms.unwrap(text, CONTEXT), text)
        assert time.monotonic() - start < 5
        server.go_on()
        assert kms.unwrap(text, CONTEXT) == secret

    def test_the_token_is_revoked_or_unknown(self, bao, vault, vault_environment, secret, error_of):
        text = vault.wrap(secret, CONTEXT)
        token = bao.token_for(decrypt_weir="update")
        vault_environment(bao, VAULT_TOKEN=token)
        kms = open_kms(NAME)
        assert kms.unwrap(text, CONTEXT) == secret
        bao.ask("POST", "auth/token/revoke", token=token)
        message = self.unavailable(error_of, lambda: kms.unwrap(text, CONTEXT), text, token)
        assert NO_PERMISSION in message
        assert "'update' on transit/decrypt/weir" in message
        vault_environment(bao, VAULT_TOKEN=HIDDEN)
        other = open_kms(NAME)
        assert NO_PERMISSION in self.unavailable(error_of, lambda: other.unwrap(text, CONTEXT), HIDDEN)

    def test_there_are_too_many_requests(self, bao, vault, secret, error_of):
        text = vault.wrap(secret, CONTEXT)
        bao.ask("POST", "sys/quotas/rate-limit/few", path="transit/decrypt/weir", rate=0.001, interval="100s")
        try:
            assert vault.unwrap(text, CONTEXT) == secret  # the one that is allowed in so many seconds
            assert "too many requests" in self.unavailable(error_of, lambda: vault.unwrap(text, CONTEXT), text)
        finally:
            bao.ask("DELETE", "sys/quotas/rate-limit/few")
        assert vault.unwrap(text, CONTEXT) == secret

    def test_the_version_is_taken_out_of_use(self, new_bao, vault_environment, secret, error_of):
        server = new_bao()
        vault_environment(server)
        kms = open_kms(NAME)
        text = kms.wrap(secret, CONTEXT)
        server.ask("POST", "transit/keys/weir/rotate")
        server.ask("POST", "transit/keys/weir/config", min_decryption_version=2)
        assert "taken out of use" in self.unavailable(error_of, lambda: kms.unwrap(text, CONTEXT), text)
        server.ask("POST", "transit/keys/weir/config", min_decryption_version=1)
        assert kms.unwrap(text, CONTEXT) == secret

    def test_the_key_is_taken_out_of_use(self, new_bao, vault_environment, secret, error_of):
        server = new_bao()
        vault_environment(server)
        kms = open_kms(NAME)
        text = kms.wrap(secret, CONTEXT)
        server.ask("DELETE", "transit/keys/weir/soft-delete")
        for call in (lambda: kms.unwrap(text, CONTEXT), lambda: kms.wrap(secret, CONTEXT)):
            assert "taken out of use" in self.unavailable(error_of, call, text)
        server.ask("POST", "transit/keys/weir/soft-delete-restore")
        assert kms.unwrap(text, CONTEXT) == secret

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (500, {"errors": ["internal error", HIDDEN]}),
            (502, HTML),
            (503, HTML),
            (504, b""),
            (503, {"errors": ["Vault is sealed", HIDDEN]}),
            (412, {"errors": [HIDDEN]}),
            (429, HIDDEN.encode()),
            (472, {"errors": []}),
            (473, {"errors": []}),
            (401, HIDDEN.encode()),
            (403, HTML),
            (400, b"Client sent an HTTP request to an HTTPS server."),
            (404, HTML),
            (404, {"message": HIDDEN}),
            (200, HTML),
            (200, b""),
            (204, b""),
            (202, {"data": {"plaintext": "AAAA", "ciphertext": "vault:v1:AAAA"}}),
            (200, [HIDDEN]),
            (200, HIDDEN),
            (200, {"data": None}),
            (200, {"data": [HIDDEN]}),
            (200, {"data": {"other": HIDDEN, "type": "aes256-gcm96"}}),
            (200, {"data": {"plaintext": 5, "type": "aes256-gcm96", "ciphertext": [HIDDEN]}}),
            (200, {"data": {"plaintext": f"*{HIDDEN}*", "type": "aes256-gcm96"}}),
        ],
    )
    def test_something_else_answers(self, status, body, answering, vault_environment, secret, error_of):
        vault_environment(answering(status, body))
        kms = open_kms(NAME)
        self.unavailable(error_of, lambda: kms.unwrap("vault:v1:AAAA", CONTEXT), HIDDEN)
        self.unavailable(error_of, lambda: kms.wrap(secret, CONTEXT), HIDDEN)

    def test_the_connection_breaks_in_the_answer(self, answering, vault_environment, error_of):
        vault_environment(answering(200, {"data": {"plaintext": "AAAA"}}, cut=True))
        assert "cannot be reached" in self.unavailable(error_of, lambda: open_kms(NAME).unwrap("vault:v1:A", CONTEXT))

    def test_a_slow_answer_is_not_asked_for_twice(self, answering, vault_environment, monkeypatch, secret, error_of):
        monkeypatch.setattr(vault_module, "READ_SECONDS", 0.3)
        server = answering(200, {"data": {"plaintext": "AAAA"}}, wait=1.0)
        vault_environment(server)
        kms = open_kms(NAME)
        self.unavailable(error_of, lambda: kms.unwrap("vault:v1:A", CONTEXT))
        self.unavailable(error_of, lambda: kms.wrap(secret, CONTEXT))
        assert len(server.asked) == 2

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_the_token_follows_no_redirect(self, status, answering, vault_environment, error_of):
        other = answering(200, {"data": {"plaintext": "AAAA"}})
        vault_environment(answering(status, Location=f"{other.address}/v1/transit/decrypt/weir"))
        message = self.unavailable(error_of, lambda: open_kms(NAME).unwrap("vault:v1:A", CONTEXT))
        assert f"answers with status {status}" in message
        assert other.asked == []
