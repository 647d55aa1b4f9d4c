"""How Weir reaches Vault: by TLS that is verified, as whom the environment says, and past no one else.

Servers and faults are those of `test_vault.py`.
"""

import base64
import logging
import os

import pytest

from udfs.keys import KeysError, KeysUnavailable
from udfs.keys.kms import open_kms

NAME = "vault:transit/weir"
CONTEXT = "weir/1/root-key/2"
HIDDEN = "what-no-message-repeats"

pytestmark = pytest.mark.xdist_group("vault")


@pytest.fixture(scope="module")
def secure(new_bao):
    """A server with TLS, and a certificate for 127.0.0.1 from an authority of its own."""
    return new_bao(tls=True)


class TestTransport:
    def test_trusts_the_authority_that_it_is_given(self, secure, vault_environment, secret):
        vault_environment(secure, VAULT_CACERT=str(secure.authority))
        kms = open_kms(NAME)
        assert kms.unwrap(kms.wrap(secret, CONTEXT), CONTEXT) == secret

    @pytest.mark.parametrize("variables", [{}, {"VAULT_SKIP_VERIFY": "true"}, {"VAULT_CAPATH": "/nowhere"}])
    def test_trusts_no_other_server(self, variables, secure, vault_environment, secret, error_of):
        vault_environment(secure, **variables)
        error = error_of(lambda: open_kms(NAME).wrap(secret, CONTEXT))
        assert type(error) is KeysUnavailable
        assert "its certificate is not trusted; set VAULT_CACERT" in str(error)

    def test_trusts_no_certificate_for_another_host(self, secure, vault_environment, secret, error_of):
        address = secure.address.replace("127.0.0.1", "127.0.0.2")
        vault_environment(VAULT_ADDR=address, VAULT_TOKEN=secure.token, VAULT_CACERT=str(secure.authority))
        assert type(error_of(lambda: open_kms(NAME).wrap(secret, CONTEXT))) is KeysUnavailable

    def test_needs_tls_where_the_server_has_it(self, secure, vault_environment, secret, error_of):
        vault_environment(VAULT_ADDR=secure.address.replace("https", "http"), VAULT_TOKEN=secure.token)
        error = error_of(lambda: open_kms(NAME).wrap(secret, CONTEXT))
        assert type(error) is KeysUnavailable
        assert "see the server's log, and that VAULT_ADDR is right" in str(error)

    @pytest.mark.parametrize(
        "address",
        [
            "http://vault.example:8200",
            "http://10.0.0.1:8200",
            "http://0.0.0.0:8200",
            "HTTP://vault.example",
            f"https://user:{HIDDEN}@vault.example",
            "https://",
            "https://vault.example:port",
            "vault.example:8200",
            "ftp://127.0.0.1",
            "unix:///run/vault.sock",
        ],
    )
    def test_refuses_an_address_over_which_keys_must_not_travel(self, address, vault_environment, error_of):
        vault_environment(VAULT_ADDR=address, VAULT_TOKEN="t")
        error = error_of(lambda: open_kms(NAME), HIDDEN)
        assert type(error) is KeysError
        assert "VAULT_ADDR must be an https address" in str(error)

    def test_goes_through_no_proxy_without_tls(self, bao, answering, vault_environment, secret):
        proxy = answering(200, {"data": {"plaintext": "AAAA"}})
        vault_environment(bao, http_proxy=proxy.address, HTTP_PROXY=proxy.address, ALL_PROXY=proxy.address)
        kms = open_kms(NAME)
        assert kms.unwrap(kms.wrap(secret, CONTEXT), CONTEXT) == secret
        assert proxy.asked == []

    def test_logs_nothing_secret(self, vault, secret, caplog, capfd):
        caplog.set_level(logging.DEBUG)
        wrapped = vault.wrap(secret, CONTEXT)
        assert vault.unwrap(wrapped, CONTEXT) == secret
        out, err = capfd.readouterr()
        for form in (secret.hex(), base64.b64encode(secret).decode(), os.environ["VAULT_TOKEN"], wrapped):
            assert form not in caplog.text + out + err
        assert "/v1/transit/decrypt/weir" in caplog.text  # so the libraries did log


class TestConfiguration:
    def wrong(self, error_of, *hidden: str) -> str:
        error = error_of(lambda: open_kms(NAME), *hidden)
        assert type(error) is not KeysUnavailable
        return str(error)

    def test_needs_an_address(self, vault_environment, error_of):
        vault_environment(VAULT_TOKEN="t")
        assert "VAULT_ADDR is not set" in self.wrong(error_of)

    def test_needs_a_token(self, vault_environment, error_of, tmp_path):
        vault_environment(VAULT_ADDR="https://vault.example")
        message = self.wrong(error_of)
        assert f"{tmp_path / '.vault-token'}: there is no such file; set VAULT_TOKEN" in message

    @pytest.mark.parametrize(
        "token", ["two-tokens-in\none-variable", "a-token with-space", "a-tokén-in-latin", "\x00a-token-nul"]
    )
    def test_a_token_is_one_word(self, token, vault_environment, error_of, tmp_path):
        path = tmp_path / "token"
        path.write_text(token, encoding="utf-8")
        path.chmod(0o600)
        vault_environment(VAULT_ADDR="https://vault.example", VAULT_TOKEN_FILE=str(path))
        assert "a-token" not in self.wrong(error_of, token, "two-tokens", "one-variable")

    def test_reads_the_token_from_where_it_is_first_named(self, answering, vault_environment, tmp_path):
        server = answering(403)
        for name in ("named", ".vault-token"):
            (tmp_path / name).write_text(f"token-in-{name}\n")
            (tmp_path / name).chmod(0o400)
        for variables, token in [
            ({"VAULT_TOKEN": "token-of-variable", "VAULT_TOKEN_FILE": str(tmp_path / "named")}, "token-of-variable"),
            ({"VAULT_TOKEN": "", "VAULT_TOKEN_FILE": str(tmp_path / "named")}, "token-in-named"),
            ({"VAULT_TOKEN_FILE": ""}, "token-in-.vault-token"),
            ({}, "token-in-.vault-token"),
        ]:
            vault_environment(VAULT_ADDR=server.address, **variables)
            with pytest.raises(KeysUnavailable):
                open_kms(NAME).unwrap("vault:v1:AAAA", CONTEXT)
            assert server.asked[-1][1]["X-Vault-Token"] == token

    @pytest.mark.parametrize("name", ["named", ".vault-token"])
    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602, 0o610])
    def test_refuses_a_token_file_that_others_could_use(self, name, mode, vault_environment, tmp_path, error_of):
        (tmp_path / name).write_text("token-that-others-see")
        (tmp_path / name).chmod(mode)
        variables = {"VAULT_TOKEN_FILE": str(tmp_path / name)} if name == "named" else {}
        vault_environment(VAULT_ADDR="https://vault.example", **variables)
        message = self.wrong(error_of, "token-that-others-see")
        assert f"must be for its owner alone (mode 0600 or stricter); got {mode:04o}" in message

    def test_refuses_a_token_file_that_is_none(self, vault_environment, tmp_path, error_of):
        (tmp_path / "large").write_bytes(b"t" * 100_000)
        (tmp_path / "large").chmod(0o600)
        os.mkfifo(tmp_path / "pipe", 0o600)
        for path in (tmp_path / "absent", tmp_path / "large", tmp_path / "pipe", tmp_path):
            vault_environment(VAULT_ADDR="https://vault.example", VAULT_TOKEN_FILE=str(path))
            assert str(path) in self.wrong(error_of, "t" * 16)

    def test_reads_a_renewed_token_when_it_is_opened_again(self, answering, vault_environment, tmp_path):
        server, path = answering(403), tmp_path / "token"
        vault_environment(VAULT_ADDR=server.address, VAULT_TOKEN_FILE=str(path))
        for token in ("first", "second"):
            path.write_text(token)
            path.chmod(0o600)
            with pytest.raises(KeysUnavailable):
                open_kms(NAME).unwrap("vault:v1:AAAA", CONTEXT)
        assert [headers["X-Vault-Token"] for _, headers, _ in server.asked] == ["first", "second"]

    @pytest.mark.parametrize("namespace", ["two words", "team\r\nX-Other: 1", "té"])
    def test_refuses_a_namespace_that_is_none(self, namespace, vault_environment, error_of):
        vault_environment(VAULT_ADDR="https://vault.example", VAULT_TOKEN="t", VAULT_NAMESPACE=namespace)
        assert "VAULT_NAMESPACE must be" in self.wrong(error_of)

    def test_refuses_an_authority_that_is_no_file(self, vault_environment, tmp_path, error_of):
        for path in (tmp_path, tmp_path / "absent.pem"):
            vault_environment(VAULT_ADDR="https://vault.example", VAULT_TOKEN="t", VAULT_CACERT=str(path))
            assert "VAULT_CACERT must be the path of a file" in self.wrong(error_of)

    def test_an_authority_that_holds_no_certificate_is_an_error(self, vault_environment, tmp_path, secret, error_of):
        (tmp_path / "empty.pem").write_text("no certificate")
        address = "https://127.0.0.1:1"
        vault_environment(VAULT_ADDR=address, VAULT_TOKEN="t", VAULT_CACERT=str(tmp_path / "empty.pem"))
        error_of(lambda: open_kms(NAME).wrap(secret, CONTEXT))
