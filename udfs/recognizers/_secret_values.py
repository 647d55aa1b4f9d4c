r"""What stands next to a secret's name: is it a secret, or a placeholder, a reference, a label?

The rules are about the value alone, since a finding is the value alone.
"""

import math
import re
from collections import Counter

_FILLERS = frozenset(
    """
    password passwd passphrase passcode pass pwd username user login token secretkey apikey api_key api-key access_token
    accesstoken credential credentials auth authorization bearer basic digest none null nil undefined true false yes no
    string str text char varchar number integer int bool boolean object array list dict any void optional required default
    empty unknown hidden encrypted redacted masked secure disabled enabled value key name todo fixme tbd n/a nan unset blank
    changeit changeme change-me change_me replaceme replace_me placeholder example sample dummy input email hash sha256 sha1
    md5 sha512 hmac rs256 hs256 es256 plain plaintext env file vault keyring prompt ask stdin client_credentials header
    cookie query body field label title description hint error invalid missing incorrect forgot reset confirm showpassword
    newpassword currentpassword oldpassword confirmpassword passwordfield function return import export const static
    public private self this new await async lambda print type typeof interface
    """.split()
)
"""Words that are no secret where a secret's name is assigned to."""

_HINTS = re.compile(
    r"(?i)(?:^|[^a-z])(?:your|my|insert|enter|replace|put|paste|fill|set|add)[ _.-]?(?:own|the|in|with|a|an|new|real|actual"
    r"|api|app|access|auth|secret|client|token|key|pass|aws|azure|github|account|value|password|personal|private|bot|db)"
    r"|place[ _-]?holder|change[ _-]?(?:me|it|this)|(?:goes|put|key|token|secret|password|value)[ _-]here"
    r"|redacted|censored|obfuscated|not[ _-]?a[ _-]?(?:real|secret|valid)|to[ _-]?be[ _-]?(?:set|defined|replaced|filled)"
    r"|example[ _-]?(?:key|token|secret|password|value)|(?:dummy|sample|fake|mock)[ _-]?(?:key|token|secret|value|api)"
)
_TEMPLATE = re.compile(
    r"\s*(?:\$\{.*|\$\(.*|\$\{\{.*|\{\{.*|\{%.*|<[^>]*>.*|%\(.*|%[-+ 0#]?\d*[a-z]|%[A-Z_]{2,}%|#\{.*|@@?[A-Za-z_.-]+@+|\[[A-Za-z _.-]*\]"
    r"|\{[\w. -]*\}|\$[A-Za-z_]\w*|\$\d|&[a-z_]\w*|\*[a-z_]\w*|__[A-Za-z_]+__|~.{0,3}|!(?:[A-Za-z]+\b).*|@\w+/.*|"
    r"(?i:ENC|vault|secretsmanager|ssm|arn|op|azurekeyvault|projects|kms|file|ref|env|secrets?)[:(/].*)\s*",
    re.DOTALL,
)
_SAME = re.compile(
    r"(?s)(.)\1*|[xX*.•_#?0-]+|(?:[xX]{3,}[-_.:]?)+|(?i:(?:abc|123|foo|bar|baz|qux|test|lorem|ipsum)[-_.]?){1,4}"
)
_REFERENCE = re.compile(
    r"[\w$@]+(?:\[[^\]]*\]?|\([^)]*\)?)?(?:(?:\.|->|::|\?\.|!\.)[A-Za-z_$][\w$]*(?:\[[^\]]*\]?|\([^)]*\)?)?)+[;,]?"
    r"|[A-Za-z_$][\w$.]*(?:\(.*|\[.*)|(?:new|await|return|function|lambda|class|typeof)\b.*"
)
_DOTTED = re.compile(r"[A-Za-z_$][A-Za-z_$]*(?:(?:\.|->|::)[A-Za-z_$][A-Za-z_$0-9]{0,24})+")
_PATH = re.compile(
    r"(?:\.{0,2}/|~/|[A-Za-z]:[\\/])[\w .@%{}$+*-]*(?:[\\/][\w .@%{}$+*-]*)*|[\w./-]+\.(?:pem|key|crt|cer|pub|txt|json|ya?ml|xml|properties|conf|cfg|ini"
    r"|env|jks|p12|pfx|php|py|js|ts|java|go|rb|html?|css|png|svg|log|sql|sh|md|local|com|org|net|io)"
)
_URL = re.compile(r"(?i)[a-z][a-z0-9+.-]{1,20}:/{2}[^\s@]*")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_VERSION = re.compile(
    r"(?i)[<>=~^v]{0,2}\d{1,4}(?:\.\d{1,6}){1,3}(?:[-+._](?:rc|alpha|beta|snapshot|final|release|dev|build)?[\w.-]{0,20})?"
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+Z?)?|\d{1,2}:\d{2}(?::\d{2})?")
_HASHED = re.compile(
    r"(?i)(?:sha(?:1|224|256|384|512)|md5)[:$-].*|(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\w+)\b.*|h1:.*"
)
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_NAMED = re.compile(r"(?i)pass|pwd|secret|token|key|cred|auth")
_VOWELS = frozenset("aeiouyAEIOUY")
_CONSONANTS = re.compile(r"(?i)[bcdfghjklmnpqrstvwxz]{5}")


def entropy(value: str) -> float:
    """Shannon's entropy of the characters, in bits each (C. E. Shannon, A Mathematical Theory of Communication, 1948).

    >>> entropy("aabb"), entropy("abcd")
    (1.0, 2.0)
    """
    counts = Counter(value).values()
    return sum(n / len(value) * math.log2(len(value) / n) for n in counts)


def wordy(value: str) -> float:
    """The share of a value's letters and digits that are in words, as names of things are made of.

    A word has three letters or more, in one case but for its first, with vowels among its consonants. Short numbers
    count as such: `us-east-1`.

    >>> wordy("app-decryption-secret"), wordy("kX9vQ2mL7pT4")
    (1.0, 0.0)
    """
    runs = _RUN.findall(value)
    total = sum(map(len, runs))
    return sum(len(run) for run in runs if _is_word(run)) / total if total else 0.0


def _is_word(run: str) -> bool:
    if run.isdigit():
        return len(run) <= 2
    vowels = sum(c in _VOWELS for c in run)
    return 3 <= len(run) <= 16 and 0.2 <= vowels / len(run) <= 0.75 and not _CONSONANTS.search(run)


def is_placeholder(value: str) -> bool:
    """True for what stands where a secret would: templates, fillers, words that ask for one.

    >>> [is_placeholder(v) for v in ("${DB_PASSWORD}", "xxxx", "your_api_key", "<token>", "changeme", "hunter2")]
    [True, True, True, True, True, False]
    """
    return (
        value.lower().strip(" .:!?") in _FILLERS
        or bool(_SAME.fullmatch(value))
        or bool(_TEMPLATE.fullmatch(value))
        or bool(_HINTS.search(value))
    )


def is_reference(value: str) -> bool:
    """True for an expression of a program, a path, an address without credentials, a version, or a date.

    >>> [is_reference(v) for v in ("os.environ['TOKEN']", "getPassword()", "/run/secrets/db", "https://a.example/b")]
    [True, True, True, True]
    >>> is_reference("Tr0ub4dor&3")
    False
    """
    shapes = (_DOTTED, _PATH, _URL, _EMAIL, _VERSION, _DATE)
    return any(shape.fullmatch(value) for shape in shapes) or bool(_HASHED.match(value))


def password(value: str) -> bool | None:
    """Judges what is quoted next to a password's name: a weak one is one, too.

    Returns:
        False for what is no password, None otherwise.
    """
    if len(value) < 4 or is_placeholder(value) or is_reference(value) or _UUID.fullmatch(value):
        return False
    words = value.split()
    if len(words) > 1 and (len(words) > 2 or value.replace(" ", "").isalpha()):
        return False
    if re.fullmatch(r"[A-Za-z]+(?:[-_. :][A-Za-z]+)+[:?.!]*", value) and (_NAMED.search(value) or len(value) > 24):
        return False
    humps = re.findall(r"[A-Z]?[a-z]{2,}", value)
    return False if len(humps) > 1 and "".join(humps) == value and _NAMED.search(value) else None


def bare_password(value: str) -> bool | None:
    """Judges what stands without quotes next to a password's name: programs have names of variables there."""
    if password(value) is False or _REFERENCE.fullmatch(value):
        return False
    if re.fullmatch(r"[A-Za-z_]+", value) or re.fullmatch(r"[\d.,]{1,5}", value):
        return False
    if re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)+|[A-Z]+(?:_[A-Z0-9]+)+", value) and _NAMED.search(value):
        return False
    return None


def secret(value: str) -> bool | None:
    """Judges what stands next to the name of a secret, a token or a key: only what looks random is one.

    Returns:
        False for what is no secret, None otherwise.
    """
    if len(value) < 8 or is_placeholder(value) or is_reference(value) or " " in value.strip():
        return False
    if _UUID.fullmatch(value):
        return None
    if value.isdigit():
        return None if len(value) >= 14 and entropy(value) > 2.2 else False
    least = min(3.0, 0.75 * math.log2(len(value)))
    if entropy(value) < least:
        return False
    return None if wordy(value) < (0.6 if any(map(str.isdigit, value)) else 0.5) else False


def bare_secret(value: str) -> bool | None:
    """As `secret`, without quotes around it: an expression of a program is none."""
    return False if _REFERENCE.fullmatch(value) else secret(value)
