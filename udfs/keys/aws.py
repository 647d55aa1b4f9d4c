"""Keys wrapped by AWS KMS: its operations Encrypt and Decrypt, with the context in the encryption context.

Region, credentials, endpoint and certificates come from where every AWS client takes them (environment variables,
~/.aws, the role of the machine). A key that is named by its ARN is asked in the region of the ARN. The key must be a
symmetric one (SYMMETRIC_DEFAULT).

A job needs the permission kms:Decrypt alone; whoever makes or rotates a keyring needs kms:Encrypt. A policy can demand
the place, by the condition key `kms:EncryptionContext:weir`.

At its level DEBUG the AWS library logs what it sends and gets, and that is keys. The loggers that do so are kept at
INFO or higher.

Source: AWS KMS API reference, version 2014-11-01: Encrypt, Decrypt and their errors.
"""

import base64
import binascii
import logging
import re
from typing import Any

from udfs.keys.errors import KeysError, KeysUnavailable
from udfs.keys.kms import CONNECT_SECONDS, READ_SECONDS, about, bad_name, is_safe, library

_KEY = re.compile(
    r"arn:[\w-]+:kms:[\w-]+:\d{12}:(?:key|alias)/[\w/-]+|alias/[\w/-]+|(?:mrk-)?[0-9A-Fa-f-]{32,36}", re.A
)
_CONTEXT = "weir"  # the key of the one pair in the encryption context
_TALKATIVE = ("botocore.auth", "botocore.endpoint", "botocore.parsers")

_DAMAGED = (
    "does not open this text: another key or place has it, or it was changed",
    "name the key that wrapped it, or restore the keyring from a backup",
)
_UNFIT = ("must be a symmetric key for encryption", "name one")
_CONFIGURATION = ("the configuration of the AWS client is wrong", "see AWS_REGION, AWS_PROFILE and ~/.aws")
_DENIED = (
    "permission denied: the credentials are missing, expired, or not allowed this",
    "renew them, and let their policy allow kms:Encrypt to make keyrings, kms:Decrypt to open them",
)
_BUSY = ("too many requests, or it is out of order", "try again later")

_CANNOT = {
    "NotFoundException": (
        "there is no such key",
        "see its region and account, or name the key that wrapped the keyring",
    ),
    "InvalidArnException": ("there is no such key", "see its ARN"),
    "IncorrectKeyException": _DAMAGED,
    "InvalidCiphertextException": _DAMAGED,
    "InvalidKeyUsageException": _UNFIT,
    "UnsupportedOperationException": _UNFIT,
    "ValidationException": _UNFIT,
    "NoRegionError": ("there is no region", "set AWS_REGION where the job's workers run, or name the key by its ARN"),
    "InvalidRegionError": _CONFIGURATION,
    "ParamValidationError": _CONFIGURATION,
    "PartialCredentialsError": _CONFIGURATION,
    "ProfileNotFound": _CONFIGURATION,
    "ConfigParseError": _CONFIGURATION,
    "InvalidConfigError": _CONFIGURATION,
}
"""What no other attempt mends, by the code that AWS answers with or the name of the library's error."""

_AT_THIS_TIME = {
    "DisabledException": ("the key is disabled", "enable it"),
    "KMSInvalidStateException": ("the key is to be deleted, or not ready", "cancel its deletion, or wait"),
    "KeyUnavailableException": _BUSY,
    "DependencyTimeoutException": _BUSY,
    "KMSInternalException": _BUSY,
    "ThrottlingException": _BUSY,
    "LimitExceededException": _BUSY,
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "ExpiredToken": _DENIED,
    "ExpiredTokenException": _DENIED,
    "IncompleteSignature": _DENIED,
    "InvalidClientTokenId": _DENIED,
    "InvalidSignatureException": _DENIED,
    "NotAuthorized": _DENIED,
    "OptInRequired": _DENIED,
    "UnrecognizedClientException": _DENIED,
    "CredentialRetrievalError": _DENIED,
    "NoCredentialsError": _DENIED,
    "SSOTokenLoadError": _DENIED,
    "TokenRetrievalError": _DENIED,
    "UnauthorizedSSOTokenError": _DENIED,
    "SSLError": ("its certificate is not trusted", "set AWS_CA_BUNDLE to a file with the certificate of its authority"),
}
"""What may be mended from outside while a job tries again. So is all that neither table has."""

_UNREACHABLE = (
    f"cannot be reached, or does not answer as AWS KMS does within {READ_SECONDS:g} s",
    "see the region, the network, and AWS_ENDPOINT_URL if it is set",
)


class Aws:
    """A key of AWS KMS.

    Args:
        key: its ARN, `alias/NAME`, or id.
        client: the client of boto3 for `kms`.
    """

    def __init__(self, key: str, client: Any) -> None:
        self.name = f"aws:{key}"
        self._key, self._client = key, client
        self._errors = library("botocore.exceptions", self.name)

    def wrap(self, secret: bytes, context: str) -> str:
        """See `udfs.keys.kms.Kms`. The text is base64."""
        return base64.b64encode(self._asked("encrypt", "CiphertextBlob", context, Plaintext=secret)).decode()

    def unwrap(self, wrapped: str, context: str) -> bytes:
        """See `udfs.keys.kms.Kms`."""
        try:
            sealed = base64.b64decode(wrapped, validate=True)
        except (binascii.Error, ValueError):
            sealed = b""
        if not sealed:
            raise KeysError(about(self.name, *_DAMAGED))
        return self._asked("decrypt", "Plaintext", context, CiphertextBlob=sealed)

    def _asked(self, operation: str, wanted: str, context: str, **data: bytes) -> bytes:
        try:
            ask = getattr(self._client, operation)
            found = ask(KeyId=self._key, EncryptionContext={_CONTEXT: context}, **data).get(wanted)
            failure = "" if isinstance(found, bytes) else "no answer"
        except self._errors.ClientError as error:
            failure = str(error.response.get("Error", {}).get("Code"))
        except Exception as error:  # an answer that is none of AWS's ends in AttributeError, binascii.Error and others
            failure = type(error).__name__
        if failure:
            raise _error(self.name, failure)
        return found


def open_aws(key: str) -> Aws:
    """The key with an ARN, alias or id. Nothing is sent yet.

    Raises:
        KeysError: it is none of these, the library `boto3` is not installed, or its configuration is wrong.
    """
    if not _KEY.fullmatch(key):
        raise bad_name()
    name = f"aws:{key}"
    client = _client(name, key.split(":")[3] if key.startswith("arn:") else None)
    if not is_safe(client.meta.endpoint_url):
        problem = "the endpoint must be an https address; http is for this machine alone"
        raise KeysError(about(name, problem, "see AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_KMS"))
    return Aws(key, client)


def _client(name: str, region: str | None) -> Any:
    boto3, errors = library("boto3.session", name), library("botocore.exceptions", name)
    config = library("botocore.config", name).Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 2},
    )
    for talkative in _TALKATIVE:
        logger = logging.getLogger(talkative)
        logger.setLevel(max(logger.level, logging.INFO))
    try:
        return boto3.Session().client("kms", region_name=region, config=config)
    except errors.BotoCoreError as error:
        failure = type(error).__name__
    except ValueError:
        failure = "InvalidConfigError"
    raise _error(name, failure)


def _error(name: str, failure: str) -> KeysError:
    if failure in _CANNOT:
        return KeysError(about(name, *_CANNOT[failure]))
    return KeysUnavailable(about(name, *_AT_THIS_TIME.get(failure, _UNREACHABLE)))
