"""Key management services are found by name; what is no name is an error that does not repeat it."""

import sys

import pytest

from udfs.keys import KeysError
from udfs.keys.kms import CONNECT_SECONDS, READ_SECONDS, is_safe, open_kms

NAMES = [
    ("vault:transit/weir", "hvac"),
    ("vault:teams/orders/transit/weir.v2", "hvac"),
    ("aws:alias/weir", "boto3"),
    ("aws:alias/teams/weir", "boto3"),
    ("aws:1234abcd-12ab-34cd-56ef-1234567890ab", "boto3"),
    ("aws:mrk-1234abcd12ab34cd56ef1234567890ab", "boto3"),
    ("aws:arn:aws:kms:us-east-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "boto3"),
    ("aws:arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/weir", "boto3"),
]

BAD_NAMES = [
    "",
    "vault",
    "vault:",
    "vault:weir",
    "vault:/weir",
    "vault:transit/",
    "vault:transit//weir",
    "vault:transit/../sys/seal",
    "vault:../weir",
    "vault:./weir",
    "vault:transit/..",
    "vault:transit/weir?x=1",
    "vault:transit/weir#x",
    "vault:transit/weir key",
    "vault:transit/weir\n",
    "vault:transit/wéir",
    "vault:https://vault.example:8200/transit/weir",
    "Vault:transit/weir",
    " vault:transit/weir",
    "transit/weir",
    "aws",
    "aws:",
    "aws:weir",
    "aws:alias/",
    "aws:alias/weir\n",
    "aws:arn:aws:s3:::weir",
    "aws:arn:aws:kms:us-east-2:1111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "aws:arn:aws:kms:us-east-2:111122223333:grant/weir",
    "aws:https://kms.eu-west-1.amazonaws.com",
    "gcp:projects/weir",
    "file:root.key",
    "s.SomeTokenThatGotIntoTheWrongPlace",
]


@pytest.fixture(autouse=True)
def configured(vault_environment, aws_environment):
    vault_environment(VAULT_ADDR="https://vault.invalid:8200", VAULT_TOKEN="t")
    aws_environment()


@pytest.mark.parametrize(("name", "library"), NAMES)
def test_opens_a_name_and_sends_nothing(name, library):
    assert open_kms(name).name == name


@pytest.mark.parametrize(("name", "library"), NAMES)
def test_says_which_library_is_missing(name, library, error_of, monkeypatch):
    for module in [module for module in sys.modules if module.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)
    error = error_of(lambda: open_kms(name))
    install = f"pip install 'weir-flink[{name.partition(':')[0]}]'"
    assert str(error) == f"key management service {name}: the library '{library}' is not installed; run: {install}"


@pytest.mark.parametrize("name", BAD_NAMES)
def test_refuses_what_is_no_name_and_does_not_repeat_it(name, error_of):
    error = error_of(lambda: open_kms(name))
    assert type(error) is KeysError
    assert str(error) == (
        "a key management service is named vault:MOUNT/KEY (e.g. vault:transit/weir) or aws:KEY "
        "(an ARN, alias/NAME, or an id); name one so"
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://vault.example:8200",
        "https://10.0.0.1",
        "http://127.0.0.1:8200",
        "http://127.255.0.1",
        "http://localhost:8200/base",
        "http://[::1]:8200",
    ],
)
def test_keys_may_travel_by_tls_or_stay_on_the_machine(address):
    assert is_safe(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://",
        "https://",
        "http://vault.example:8200",
        "http://10.0.0.1:8200",
        "http://0.0.0.0:8200",
        "http://128.0.0.1",
        "http://localhost.example:8200",
        "http://127.0.0.1.example",
        "http://127.0.0.1@vault.example",
        "http://[2001:db8::1]:8200",
        "https://vault.example:port",
        "https://[::1",
        "ftp://127.0.0.1",
        "unix:///run/vault.sock",
        "127.0.0.1:8200",
        "//127.0.0.1:8200",
    ],
)
def test_keys_may_not_travel_otherwise(address):
    assert not is_safe(address)


def test_waits_are_short():
    assert (CONNECT_SECONDS, READ_SECONDS) == (3.0, 10.0)
