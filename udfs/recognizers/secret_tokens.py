r"""Keys and tokens of the large clouds and code hosts, JSON Web Tokens, private keys.

Finds: keys of AWS, Azure and Google Cloud, tokens of GitHub, GitLab, Slack, Stripe, npm; JSON Web Tokens; private keys
    in PEM, OpenPGP and PuTTY form, also in one line.
Leaves alone: publishable keys, public keys, certificates, placeholders.
Check: the CRC-32 at the end of GitHub's and npm's tokens; the header of a JSON Web Token; the base32 alphabet of AWS
    access key ids. A right checksum makes the score 1.0. A wrong one lowers it and does not drop the finding: examples
    and cut tokens fail it, and what looks like a token is better masked.
Reference: named at each pattern.
"""

import base64
import binascii
import json
import zlib

from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers.secret_vendors import is_filler

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DOUBTFUL = 0.6
"""The score of a token whose checksum is wrong."""


def base62_crc32(text: str) -> str:
    """The checksum of GitHub's and npm's tokens: CRC-32 (ISO-HDLC) in base62, six characters.

    Reference: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/

    >>> base62_crc32("123456789")
    '3jZRME'
    """
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits


def _with_checksum(value: str) -> bool | float:
    body = value.split("_", 1)[-1]
    if is_filler(value):
        return False
    return True if body[-6:] == base62_crc32(body[:-6]) else _DOUBTFUL


def _github(value: str) -> bool | float:
    if value.startswith("github_pat_"):
        return not is_filler(value)
    return _with_checksum(value)


def _npm(value: str) -> bool | float:
    return _with_checksum(value)


def _aws(value: str) -> float | bool:
    """Behind the prefix, ids are base32 (RFC 4648 section 6), in which no 0, 1, 8 and 9 occur."""
    if is_filler(value):
        return False
    return _DOUBTFUL if set(value[4:]) & set("0189") else 0.95


def _jwt(value: str) -> bool | float:
    """RFC 7515 section 4.1.1: the header is a JSON object with `alg`."""
    head = value.split(".", 1)[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return _DOUBTFUL
    return True if isinstance(header, dict) and "alg" in header else _DOUBTFUL


def _key(value: str) -> bool | None:
    return False if is_filler(value) else None


_TAIL = r"(?![0-9A-Za-z_])"
_HEAD = r"(?<![0-9A-Za-z])"

RECOGNIZERS = (
    # IAM user guide, "IAM identifiers": AKIA long-term, ASIA temporary, ABIA and ACCA service credentials; A3T of old.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    Recognizer(
        "AwsAccessKey",
        "AWS_ACCESS_KEY",
        (
            Pattern(
                "access key id", rf"(?-i:{_HEAD}(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{{16}}(?![0-9A-Za-z]))", 0.95
            ),
        ),
        check=_aws,
        reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
    ),
    # 40 characters of base64 have no mark of their own: only beside their name.
    # https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
    Recognizer(
        "AwsSecretKey",
        "AWS_SECRET_KEY",
        (
            Pattern(
                "beside its name",
                r"\b(?:aws|amazon|secret|access)[\w. \"'-]{0,30}(?:key|token|aws|secret)\w{0,12}[\"'\]\\]{0,3}"
                r"\s{0,3}(?:[:=,>]|=>|:=|\bis\b){1,2}\s{0,3}\\?[\"'`]?"
                r"(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
                0.95,
            ),
        ),
        check=lambda value: (
            False
            if is_filler(value) or not set("0123456789/+") & set(value) or (value.isalnum() and value.lower() == value)
            else None
        ),
        reference="https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html",
    ),
    Recognizer(
        "AzureKey",
        "AZURE_KEY",
        (
            # 64 bytes in base64 (storage), 32 bytes (Service Bus, Event Hubs, IoT Hub).
            # https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
            Pattern(
                "account key in a connection string",
                r"\b(?:Account_?Key|SharedAccessKey|AccessKey|SharedSecret(?:Value)?|primary_?key|storage_?key)"
                r"[\"']?\s{0,2}[=:]\s{0,2}[\"']?(?P<value>[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=)",
                1.0,
            ),
            # https://learn.microsoft.com/rest/api/storageservices/create-service-sas
            Pattern("shared access signature", r"[?&]sig=(?P<value>[A-Za-z0-9%+/]{43,120}(?:%3D|=))", 0.9),
            # Three characters, a digit, "Q~", then 31 to 34. https://learn.microsoft.com/purview/sit-defn-client-secret-api-key
            Pattern(
                "Entra client secret",
                r"(?-i:(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-]))",
                0.9,
            ),
        ),
        check=_key,
        reference="https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string",
    ),
    Recognizer(
        "GoogleKey",
        "GCP_KEY",
        (
            # https://cloud.google.com/docs/authentication/api-keys : "AIza" and 35 more.
            Pattern("API key", rf"(?-i:{_HEAD}AIza[0-9A-Za-z_-]{{35}}(?![0-9A-Za-z_-]))", 0.95),
            # https://developers.google.com/identity/protocols/oauth2
            Pattern("OAuth client secret", rf"(?-i:{_HEAD}GOCSPX-[0-9A-Za-z_-]{{28}}(?![0-9A-Za-z_-]))", 0.95),
            Pattern("OAuth access token", rf"(?-i:{_HEAD}ya29\.[0-9A-Za-z_.-]{{30,2048}})", 0.9),
            Pattern("OAuth refresh token", rf"(?-i:{_HEAD}1//0[0-9A-Za-z_-]{{40,130}})", 0.9),
            # https://cloud.google.com/storage/docs/authentication/hmackeys
            Pattern("HMAC key id", rf"(?-i:{_HEAD}GOOG1?[0-9A-Z]{{20,57}}(?![0-9A-Za-z]))", 0.8),
            # https://firebase.google.com/docs/cloud-messaging : server keys of old.
            Pattern("Cloud Messaging key", rf"(?-i:{_HEAD}AAAA[0-9A-Za-z_-]{{7}}:[0-9A-Za-z_-]{{140}}{_TAIL})", 0.95),
        ),
        check=_key,
        reference="https://cloud.google.com/docs/authentication/api-keys",
    ),
    # https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    Recognizer(
        "GithubToken",
        "GITHUB_TOKEN",
        (
            Pattern("token with prefix", rf"(?-i:{_HEAD}gh[pousr]_[A-Za-z0-9]{{36,251}}{_TAIL})", 0.95),
            Pattern(
                "fine-grained personal access token",
                rf"(?-i:{_HEAD}github_pat_(?:[A-Za-z0-9]{{22}}_[A-Za-z0-9]{{59}}|\w{{82}}){_TAIL})",
                1.0,
            ),
        ),
        check=_github,
        reference="https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/",
    ),
    # https://docs.gitlab.com/security/tokens/ , "Token prefixes"
    Recognizer(
        "GitlabToken",
        "GITLAB_TOKEN",
        (
            Pattern(
                "token with prefix",
                rf"(?-i:{_HEAD}gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|wt|soat|ffct)-[0-9A-Za-z_.-]{{20,300}})",
                0.95,
            ),
            Pattern("runner registration token", rf"(?-i:{_HEAD}GR1348941[0-9A-Za-z_-]{{20}}(?![0-9A-Za-z_-]))", 0.95),
            Pattern("session cookie", r"\b_gitlab_session=(?P<value>[0-9a-f]{32})\b", 0.9),
        ),
        check=_key,
        reference="https://docs.gitlab.com/security/tokens/",
    ),
    Recognizer(
        "SlackToken",
        "SLACK_TOKEN",
        (
            # https://docs.slack.dev/authentication/tokens : bot, user, app-level, configuration and refresh tokens.
            Pattern(
                "bot, user or legacy token", rf"(?-i:{_HEAD}xox[abeoprs]-[0-9]{{1,14}}-[0-9A-Za-z-]{{10,250}})", 1.0
            ),
            Pattern(
                "app-level token", rf"(?i:{_HEAD}xapp-[0-9]-[A-Z0-9]{{5,20}}-[0-9]{{5,20}}-[0-9a-z]{{20,128}})", 1.0
            ),
            Pattern("configuration token", rf"(?i:{_HEAD}xoxe(?:\.xox[bp])?-[0-9]-[0-9A-Za-z-]{{50,400}})", 1.0),
            # https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks : the URL is the secret.
            Pattern(
                "incoming webhook",
                r"https?://hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,100}",
                1.0,
            ),
        ),
        reference="https://docs.slack.dev/authentication/tokens",
    ),
    # https://docs.stripe.com/keys ; https://docs.stripe.com/webhooks . Publishable keys (pk_) are meant to be seen.
    Recognizer(
        "StripeKey",
        "STRIPE_KEY",
        (
            Pattern(
                "secret or restricted key",
                rf"(?-i:{_HEAD}[sr]k_(?:live|test|prod)_[0-9A-Za-z]{{10,247}}(?![0-9A-Za-z]))",
                1.0,
            ),
            Pattern("webhook signing secret", rf"(?-i:{_HEAD}whsec_[0-9A-Za-z+/]{{24,128}}={{0,2}})", 1.0),
        ),
        check=_key,
        reference="https://docs.stripe.com/keys",
    ),
    # https://docs.npmjs.com/about-access-tokens
    Recognizer(
        "NpmToken",
        "VENDOR_API_KEY",
        (Pattern("npm", rf"(?-i:{_HEAD}npm_[0-9A-Za-z]{{36}}{_TAIL})", 0.95),),
        check=_npm,
        reference="https://docs.npmjs.com/about-access-tokens",
    ),
    # RFC 7519; RFC 7515 section 7.1 (three parts), RFC 7516 section 7.1 (five). {" in base64url begins with eyJ; the
    # payload may begin with a space, so only its ey is sure. An unsecured token ends in a dot.
    Recognizer(
        "JsonWebToken",
        "JWT",
        (
            Pattern(
                "signed or unsecured",
                rf"(?-i:{_HEAD}e(?:yJ|wo|w0)[0-9A-Za-z_-]{{10,4096}}\.e[0-9A-Za-z_-]{{6,8192}}\."
                rf"[0-9A-Za-z_-]{{0,2048}})",
                0.9,
            ),
            Pattern(
                "encrypted",
                rf"(?-i:{_HEAD}eyJ[0-9A-Za-z_-]{{10,4096}}\.[0-9A-Za-z_-]{{0,2048}}\.[0-9A-Za-z_-]{{10,64}}\."
                rf"[0-9A-Za-z_-]{{1,16384}}\.[0-9A-Za-z_-]{{16,64}})",
                0.9,
            ),
            Pattern("in base64", rf"(?-i:{_HEAD}ZXlK[0-9A-Za-z+/_-]{{60,8192}}={{0,2}})", 0.8),
        ),
        check=_jwt,
        reference="https://www.rfc-editor.org/rfc/rfc7515#section-7.1",
    ),
    # RFC 7468 sections 10 and 11 (PKCS #8), the older labels of OpenSSL and OpenSSH, RFC 9580 section 6.2 (OpenPGP).
    # What a cut block still has of the key belongs to it: up to the next dashes, or the end.
    Recognizer(
        "PrivateKey",
        "PRIVATE_KEY",
        (
            Pattern(
                "block",
                r"-----BEGIN[0-9A-Z _]{0,32}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----)[\s\S])*"
                r"(?:-----END[0-9A-Z _]{0,32}PRIVATE KEY(?: BLOCK)?-----)?",
                1.0,
            ),
            Pattern(
                "SSH2 block",
                r"---- BEGIN SSH2 (?:ENCRYPTED )?PRIVATE KEY ----(?:(?!----)[\s\S])*(?:---- END SSH2 "
                r"(?:ENCRYPTED )?PRIVATE KEY ----)?",
                1.0,
            ),
            # https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html
            Pattern(
                "PuTTY",
                r"PuTTY-User-Key-File-[23]:[\s\S]{0,6000}?Private-Lines:\s?\d{1,4}(?:\s{1,2}"
                r"[A-Za-z0-9+/=]{1,76}){0,200}",
                1.0,
            ),
            # RFC 7517 section 9.3, RFC 7518 section 6: the private part of a JSON Web Key.
            Pattern("JSON Web Key", r"\"d\"\s{0,3}:\s{0,3}\"(?P<value>[0-9A-Za-z_-]{40,1400})\"", 0.9),
            # wg(8): 32 bytes in base64.
            Pattern("WireGuard", r"\b(?:PrivateKey|PresharedKey)\s{0,4}=\s{0,4}(?P<value>[0-9A-Za-z+/]{43}=)", 0.95),
            # LS0tLS1CRUdJTi is "-----BEGIN " in base64.
            Pattern(
                "in base64",
                r"(?-i:LS0tLS1CRUdJTi[A-Za-z0-9+/]{0,60}(?:UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW)"
                r"[A-Za-z0-9+/=]{0,8192})",
                1.0,
            ),
        ),
        reference="https://www.rfc-editor.org/rfc/rfc7468#section-10",
    ),
)
