"""Keys wrapped by AWS KMS: the real client (boto3) against an emulation.

There is no AWS on a test machine. `moto` emulates it over HTTP: keys, aliases, AES-GCM with the encryption context as
associated data. It does not refuse disabled keys, missing permissions or too many requests; what AWS answers then
(KMS API reference, errors of Decrypt and Encrypt) comes from the small server behind `answering`.
"""

import base64
import json
import logging
import time

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.keys import Keyring, KeysError, KeysUnavailable, load_keyring, write_keyring
from udfs.keys import aws as aws_module
from udfs.keys.kms import open_kms

CONTEXT = "weir/1/root-key/2"
HIDDEN = "what-no-message-repeats"
HTML = f"<html>{HIDDEN}".encode()
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
SEALED = base64.b64encode(bytes(range(200))).decode()

pytestmark = pytest.mark.xdist_group("aws")


def refusal(code: str) -> dict[str, str]:
    """What KMS answers with an error (AWS JSON 1.1)."""
    return {"__type": code, "message": HIDDEN}


@pytest.fixture(scope="module")
def admin(moto):
    """A client of the emulation, as its administrator has one."""
    return boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name="eu-west-1").client("kms", endpoint_url=moto)


@pytest.fixture(scope="module")
def key(admin):
    """What a key of the emulation is called: its id, alias, and the ARNs of both."""
    made = admin.create_key()["KeyMetadata"]
    admin.create_alias(AliasName="alias/teams/weir", TargetKeyId=made["KeyId"])
    return {
        "id": made["KeyId"],
        "alias": "alias/teams/weir",
        "arn": made["Arn"],
        "alias_arn": made["Arn"].partition("key/")[0] + "alias/teams/weir",
    }


@pytest.fixture
def aws(moto, key, aws_environment):
    """A key of the emulation."""
    aws_environment(moto)
    return open_kms(f"aws:{key['id']}")


class TestWorks:
    @pytest.mark.parametrize("kind", ["id", "alias", "arn", "alias_arn"])
    def test_gives_back_what_it_wrapped(self, kind, key, aws, secret):
        kms = open_kms(f"aws:{key[kind]}")
        wrapped = kms.wrap(secret, CONTEXT)
        assert wrapped.isascii()
        assert kms.unwrap(wrapped, CONTEXT) == secret
        assert aws.unwrap(wrapped, CONTEXT) == secret

    def test_wraps_one_secret_in_another_way_each_time(self, aws, secret):
        assert aws.wrap(secret, CONTEXT) != aws.wrap(secret, CONTEXT)

    def test_is_what_the_interface_of_aws_does(self, aws, admin, key, secret):
        """Asked without Weir: the context under `weir`, the ciphertext in base64."""
        context = {"weir": CONTEXT}
        sealed = admin.encrypt(KeyId=key["id"], Plaintext=secret, EncryptionContext=context)["CiphertextBlob"]
        assert aws.unwrap(base64.b64encode(sealed).decode(), CONTEXT) == secret
        wrapped = base64.b64decode(aws.wrap(secret, CONTEXT))
        assert admin.decrypt(CiphertextBlob=wrapped, EncryptionContext=context)["Plaintext"] == secret

    @settings(max_examples=15)
    @given(
        secret=st.binary(min_size=1, max_size=4096),
        contexts=st.lists(st.text(min_size=1), min_size=2, max_size=2, unique=True),
    )
    def test_opens_in_its_place_and_in_no_other(self, moto, key, secret, contexts):
        with pytest.MonkeyPatch.context() as patch:
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                patch.setenv(name, "AKIAIOSFODNN7EXAMPLE")
            patch.setenv("AWS_ENDPOINT_URL", moto)
            kms = open_kms(f"aws:{key['arn']}")
        wrapped = kms.wrap(secret, contexts[0])
        assert kms.unwrap(wrapped, contexts[0]) == secret
        with pytest.raises(KeysError, match="another key or place has it"):
            kms.unwrap(wrapped, contexts[1])

    @pytest.mark.parametrize("region", ["us-east-2", None])
    def test_asks_for_a_key_in_the_region_of_its_arn(self, region, answering, aws_environment):
        server = answering(400, refusal("NotFoundException"))
        aws_environment(server.address, **({"AWS_DEFAULT_REGION": region} if region else {}))
        with pytest.raises(KeysError):
            open_kms(f"aws:arn:aws:kms:ap-south-1:111122223333:key/{ID}").unwrap(SEALED, CONTEXT)
        (_, headers, body) = server.asked[0]
        assert "/ap-south-1/kms/aws4_request" in headers["Authorization"]
        assert json.loads(body)["EncryptionContext"] == {"weir": CONTEXT}

    def test_a_keyring_file_opens_by_it_alone(self, aws, tmp_path, error_of):
        keyring = Keyring.of(bytes(range(32)), bytes(range(50, 82)))
        path = tmp_path / "keys.json"
        write_keyring(path, keyring, aws.name)
        text = path.read_text()
        assert load_keyring(path) == keyring
        for epoch in keyring.epochs:
            assert epoch.root.hex() not in text
            assert base64.b64encode(epoch.root).decode() not in text
        one, two = (line.split('"')[3] for line in text.splitlines() if '"wrapped"' in line)
        path.write_text(text.replace(one, "@").replace(two, one).replace("@", two))
        assert type(error_of(lambda: load_keyring(path), one, two)) is KeysError


class TestNeverOpens:
    @pytest.mark.parametrize(
        "change",
        [
            lambda text: "",
            lambda text: text[:-4],
            lambda text: text[:40],
            lambda text: text[:-8] + ("AAAAAAAA" if text[-8:] != "AAAAAAAA" else "BBBBBBBB"),
            lambda text: text[:80] + ("A" if text[80] != "A" else "B") + text[81:],
            lambda text: text + "AAAA",
            lambda text: text[:-1],
            lambda text: text[:20] + "\n" + text[20:],
            lambda text: "AAAA",
            lambda text: "***",
            lambda text: "é☃",
            lambda text: "\ud800",
            lambda text: "vault:v1:" + text,
        ],
    )
    def test_a_changed_text(self, aws, secret, change, error_of):
        text = aws.wrap(secret, CONTEXT)
        changed = change(text)
        assert changed != text
        error = error_of(lambda: aws.unwrap(changed, CONTEXT), text)
        assert type(error) is KeysError
        assert str(error).startswith(f"key management service {aws.name}: does not open this text: ")

    @pytest.mark.parametrize("other", [CONTEXT[:-1] + "1", CONTEXT + "2", CONTEXT.upper(), CONTEXT + " ", "é"])
    def test_a_text_from_another_place(self, aws, secret, other, error_of):
        text = aws.wrap(secret, CONTEXT)
        assert type(error_of(lambda: aws.unwrap(text, other), text)) is KeysError

    def test_a_text_of_another_key(self, aws, admin, secret, error_of):
        """The emulation says that access is denied; AWS says IncorrectKeyException (below)."""
        other = open_kms(f"aws:{admin.create_key()['KeyMetadata']['KeyId']}")
        text = aws.wrap(secret, CONTEXT)
        error_of(lambda: other.unwrap(text, CONTEXT), text)

    @pytest.mark.parametrize(
        "name",
        [
            ID,
            "alias/absent",
            f"arn:aws:kms:eu-west-1:111122223333:key/{ID}",
            "arn:aws:kms:eu-west-1:111122223333:alias/absent",
        ],
    )
    def test_a_key_that_is_not_there(self, name, aws, secret, error_of):
        kms, text = open_kms(f"aws:{name}"), aws.wrap(secret, CONTEXT)
        for call in (lambda: kms.wrap(secret, CONTEXT), lambda: kms.unwrap(text, CONTEXT)):
            error = error_of(call, text)
            assert type(error) is KeysError
            assert "there is no such key" in str(error)

    @pytest.mark.parametrize(
        ("code", "problem"),
        [
            ("IncorrectKeyException", "does not open this text"),
            ("InvalidCiphertextException", "does not open this text"),
            ("InvalidKeyUsageException", "must be a symmetric key"),
            ("UnsupportedOperationException", "must be a symmetric key"),
            ("ValidationException", "must be a symmetric key"),
            ("NotFoundException", "there is no such key"),
            ("InvalidArnException", "there is no such key"),
        ],
    )
    def test_what_no_other_attempt_mends(self, code, problem, answering, aws_environment, secret, error_of):
        server = answering(400, refusal(code))
        aws_environment(server.address)
        kms = open_kms(f"aws:{ID}")
        for call in (lambda: kms.unwrap(SEALED, CONTEXT), lambda: kms.wrap(secret, CONTEXT)):
            error = error_of(call, HIDDEN, SEALED)
            assert type(error) is KeysError
            assert f"key management service aws:{ID}: {problem}" in str(error)
        assert len(server.asked) == 2


class TestUnavailable:
    """Each of these ends: the job that tries again goes on."""

    def unavailable(self, error_of, call, *hidden: str) -> str:
        error = error_of(call, *hidden)
        assert type(error) is KeysUnavailable
        assert str(error).startswith("key management service aws:")
        return str(error)

    def test_the_server_is_down(self, closed_port, aws_environment, secret, error_of):
        aws_environment(closed_port)
        kms = open_kms("aws:alias/weir")
        for call in (lambda: kms.wrap(secret, CONTEXT), lambda: kms.unwrap(SEALED, CONTEXT)):
            assert "cannot be reached" in self.unavailable(error_of, call, SEALED)

    def test_the_server_stops_and_comes_back(self, aws_environment, secret, error_of):
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        aws_environment(f"http://{host}:{port}")
        admin = boto3.client("kms")
        kms = open_kms(f"aws:{admin.create_key()['KeyMetadata']['KeyId']}")
        text = kms.wrap(secret, CONTEXT)
        server.stop()
        assert "cannot be reached" in self.unavailable(error_of, lambda: kms.unwrap(text, CONTEXT), text)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
        server.start()
        try:
            assert kms.unwrap(text, CONTEXT) == secret  # the emulation keeps its keys in the process
        finally:
            server.stop()

    def test_the_server_is_slow(self, answering, aws_environment, monkeypatch, error_of):
        monkeypatch.setattr(aws_module, "READ_SECONDS", 0.3)
        server = answering(200, {"Plaintext": "AAAA"}, wait=1.0)
        aws_environment(server.address)
        start = time.monotonic()
        self.unavailable(error_of, lambda: open_kms("aws:alias/weir").unwrap(SEALED, CONTEXT), SEALED)
        assert time.monotonic() - start < 5
        assert len(server.asked) <= 2

    @pytest.mark.parametrize(
        ("status", "code", "problem"),
        [
            (400, "DisabledException", "the key is disabled; enable it"),
            (400, "KMSInvalidStateException", "the key is to be deleted, or not ready"),
            (400, "AccessDeniedException", "permission denied"),
            (400, "UnrecognizedClientException", "permission denied"),
            (400, "ExpiredTokenException", "permission denied"),
            (400, "InvalidSignatureException", "permission denied"),
            (400, "ThrottlingException", "too many requests"),
            (400, "LimitExceededException", "too many requests"),
            (500, "KeyUnavailableException", "too many requests, or it is out of order"),
            (500, "KMSInternalException", "too many requests, or it is out of order"),
            (503, "DependencyTimeoutException", "too many requests, or it is out of order"),
            (400, "SomethingNewException", "cannot be reached, or does not answer as AWS KMS does"),
        ],
    )
    def test_aws_refuses(self, status, code, problem, answering, aws_environment, secret, error_of):
        server = answering(status, refusal(code))
        aws_environment(server.address)
        kms = open_kms(f"aws:{ID}")
        for call in (lambda: kms.unwrap(SEALED, CONTEXT), lambda: kms.wrap(secret, CONTEXT)):
            assert problem in self.unavailable(error_of, call, HIDDEN, SEALED)
        assert len(server.asked) <= 4

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (200, HTML),
            (200, b""),
            (200, {}),
            (200, []),
            (200, {"Plaintext": None, "CiphertextBlob": None}),
            (200, {"Plaintext": "x", "CiphertextBlob": "x", "KeyId": HIDDEN}),
            (302, HTML),
            (400, HTML),
            (403, HTML),
            (404, HTML),
            (502, HTML),
            (503, b""),
        ],
    )
    def test_something_else_answers(self, status, body, answering, aws_environment, secret, error_of):
        aws_environment(answering(status, body).address)
        kms = open_kms("aws:alias/weir")
        for call in (lambda: kms.unwrap(SEALED, CONTEXT), lambda: kms.wrap(secret, CONTEXT)):
            self.unavailable(error_of, call, HIDDEN, SEALED)

    def test_the_connection_breaks_in_the_answer(self, answering, aws_environment, error_of):
        aws_environment(answering(200, {"Plaintext": "AAAA"}, cut=True).address)
        self.unavailable(error_of, lambda: open_kms("aws:alias/weir").unwrap(SEALED, CONTEXT), SEALED)

    def test_there_are_no_credentials(self, closed_port, aws_environment, monkeypatch, error_of):
        aws_environment(closed_port)
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        message = self.unavailable(error_of, lambda: open_kms("aws:alias/weir").unwrap(SEALED, CONTEXT))
        assert "the credentials are missing" in message

    def test_the_certificate_is_not_trusted(self, new_bao, aws_environment, error_of):
        """By any server with TLS whose authority is unknown."""
        aws_environment(new_bao(tls=True).address)
        message = self.unavailable(error_of, lambda: open_kms("aws:alias/weir").unwrap(SEALED, CONTEXT))
        assert "its certificate is not trusted; set AWS_CA_BUNDLE" in message


class TestConfiguration:
    @pytest.mark.parametrize(
        ("variables", "problem"),
        [
            ({"AWS_ENDPOINT_URL": "http://kms.example:4566"}, "the endpoint must be an https address"),
            ({"AWS_ENDPOINT_URL_KMS": "http://10.0.0.1"}, "the endpoint must be an https address"),
            ({"AWS_ENDPOINT_URL": "kms.example"}, "the configuration of the AWS client is wrong"),
            ({"AWS_PROFILE": "absent"}, "the configuration of the AWS client is wrong"),
            ({"AWS_DEFAULT_REGION": "no region!"}, "the configuration of the AWS client is wrong"),
        ],
    )
    def test_is_wrong(self, variables, problem, aws_environment, error_of):
        aws_environment(**variables)
        error = error_of(lambda: open_kms("aws:alias/weir"))
        assert type(error) is KeysError
        assert problem in str(error)

    def test_names_no_region(self, aws_environment, monkeypatch, error_of):
        aws_environment()
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        error = error_of(lambda: open_kms("aws:alias/weir"))
        assert type(error) is KeysError
        assert "there is no region; set AWS_REGION" in str(error)

    def test_half_of_the_credentials_is_none(self, closed_port, aws_environment, monkeypatch, error_of):
        aws_environment(closed_port)
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        error = error_of(lambda: open_kms("aws:alias/weir").unwrap(SEALED, CONTEXT))
        assert type(error) is KeysError
        assert "the configuration of the AWS client is wrong" in str(error)

    def test_sends_no_empty_secret(self, aws, error_of):
        assert type(error_of(lambda: aws.wrap(b"", CONTEXT))) is KeysError


def test_logs_nothing_secret(aws, secret, caplog, capfd):
    """At level DEBUG the AWS library would log the keys that it sends and gets."""
    caplog.set_level(logging.DEBUG)
    wrapped = aws.wrap(secret, CONTEXT)
    assert aws.unwrap(wrapped, CONTEXT) == secret
    out, err = capfd.readouterr()
    for form in (secret.hex(), base64.b64encode(secret).decode(), repr(secret)[2:-1], wrapped):
        assert form not in caplog.text + out + err
    assert "botocore" in caplog.text  # so it did log


def test_logs_nothing_secret_though_it_is_told_to(aws, moto, aws_environment, secret, caplog):
    """Also when its loggers were set to DEBUG one by one before the key is opened."""
    for name in aws_module._TALKATIVE:
        logging.getLogger(name).setLevel(logging.DEBUG)
    kms = open_kms(aws.name)
    caplog.set_level(logging.DEBUG)
    kms.unwrap(kms.wrap(secret, CONTEXT), CONTEXT)
    assert base64.b64encode(secret).decode() not in caplog.text
