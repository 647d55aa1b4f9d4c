r"""What stands next to a secret's name: is it a secret, or a placeholder, a reference, a label?

The rules are about the value alone, since a finding is the value alone.
"""

import math
import re
from collections import Counter

_FILLER_WORDS = """
password passwd passphrase passcode pass pwd username user login token secretkey apikey api_key api-key access_token
accesstoken credential credentials auth authorization bearer basic digest none null nil undefined true false yes no
string str text char varchar number integer int bool boolean object array list dict any void optional required default
empty unknown hidden encrypted redacted masked secure disabled enabled value key name todo fixme tbd n/a nan unset
blank changeit changeme change-me change_me replaceme replace_me placeholder example sample dummy input email hash
sha256 sha1 md5 sha512 hmac rs256 hs256 es256 plain plaintext env file vault keyring prompt ask stdin
client_credentials header cookie query body field label title description hint error invalid missing incorrect forgot
reset confirm showpassword newpassword currentpassword oldpassword confirmpassword passwordfield function return
import export const static public private self this new await async lambda print type typeof interface
"""
_FILLERS = frozenset(_FILLER_WORDS.split())
"""Words that are no secret where a secret's name is assigned to."""

_HINTS = re.compile(
    r"(?i)(?:^|[^a-z])(?:your|insert|enter|replace|put|paste|fill|set|add)[ _.-]?(?:own|the|in|with|a|an|new"
    r"|real|actual"
    r"|api|app|access|auth|secret|client|token|key|pass|aws|azure|github|account|value|password|personal|privat"
    r"e|bot|db)"
    r"|place[ _-]?holder|change[ _-]?(?:me|it|this)|(?:goes|put|key|token|secret|password|value)[ _-]here"
    r"|redacted|censored|obfuscated|not[ _-]?a[ _-]?(?:real|secret|valid)|to[ _-]?be[ _-]?(?:set|defined|replac"
    r"ed|filled)"
    r"|example[ _-]?(?:key|token|secret|password|value)|(?:dummy|sample|fake|mock)[ _-]?(?:key|token|secret|val"
    r"ue|api)"
)
_TEMPLATE = re.compile(
    r"\s*(?:\$\{[^{}]*\}.*|\$\(.*|\$\{\{.*|\{\{[^{}]*\}\}.*|\{%.*|<[^>]*>.*|%\(.*|%[-+ 0#]?\d*[a-z]|%[A-Z_]{2,}"
    r"%|#\{.*|@@?[A-Za-z_.-]+@+|\[[A-Za-z _.-]*\]"
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
    r"(?:\.{0,2}/|~/|[A-Za-z]:[\\/])[\w .@%{}$+*-]*(?:[\\/][\w .@%{}$+*-]*)*|[\w./-]+\.(?:pem|key|crt|cer|pub|t"
    r"xt|json|ya?ml|xml|properties|conf|cfg|ini"
    r"|env|jks|p12|pfx|php|py|js|ts|java|go|rb|html?|css|png|svg|log|sql|sh|md|local|com|org|net|io)"
)
_SLASHED = re.compile(r"[a-z][a-z0-9-]{0,14}(?:/[a-z0-9-]{1,14}){1,8}")
_URL = re.compile(r"(?i)[a-z][a-z0-9+.-]{1,20}:/{2}[^\s@]*")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_VERSION = re.compile(
    r"(?i)[<>=~^v]{0,2}\d{1,4}(?:\.\d{1,6}){1,3}(?:[-+._](?:rc|alpha|beta|snapshot|final|release|dev|build)?"
    r"[\w.-]{0,20})?"
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+Z?)?|\d{1,2}:\d{2}(?::\d{2})?")
_HASHED = re.compile(
    r"(?i)(?:sha(?:1|224|256|384|512)|md5)[:$-].*|(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\w+)\b.*|h1:.*"
)
_PAIR = re.compile(r"=[^=]|:\d+(?:\.\d+)+$")
"""What is a name and a value once more, or a package and its version."""
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SIGNS = frozenset("!@#%^&*()[]{}<>?$~")
_SNAKE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+|[A-Z]+(?:_[A-Z0-9]+)+")
_SNAKE_WORDS = re.compile(r"[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+")
_NAMED = re.compile(r"(?i)pass|pwd|secret|token|key|cred|auth")
_COMMON_PAIRS = """
aa ab ac ad ag ai al am an ap ar as at au ba bb bc be bi bl bo bu ca cc ce ch ci ck cl co cr ct cu da dd de di do dr
ds du ea ec ed ee ef eg el em en ep eq er es et ev ex fa fe ff fi fl fo fr fu ge gh gi gr gs ha he hi ho ia ib ic id
ie if ig il im in io ip ir is it iv iz ke la ld le li ll lo ls lt lu ly ma me mi mo mp ms na nc nd ne nf ng ni no ns
nt nu ob oc od ol om on oo op or os ot ou ow pa pe pi pl po pp pr ps pt qu ra rc rd re rg ri rl rm rn ro rr rs rt ru
sa sc se sh si sl so sp ss st su ta tc te th ti tl to tr ts tt tu ty ub uc ue ul um un up ur us ut va ve vi wa wi xt
xx yp yy ze zz
"""
_COMMON = frozenset(_COMMON_PAIRS.split())
"""The 200 pairs of letters that make up 85 % of the words in the source of Python's standard library."""


def entropy(value: str) -> float:
    """Shannon's entropy of the characters, in bits each (C. E. Shannon, A Mathematical Theory of Communication, 1948).

    >>> entropy("aabb"), entropy("abcd")
    (1.0, 2.0)
    """
    counts = Counter(value).values()
    return sum(n / len(value) * math.log2(len(value) / n) for n in counts)


def wordy(value: str) -> float:
    """The share of a value's letters and long numbers that are in words, as names of things are made of.

    A word has three letters or more, in one case but for its first, and mostly pairs of letters that are common. Short
    numbers count for nothing.

    >>> wordy("app-decryption-secret-1"), wordy("kX9vQ2mL7pT4")
    (1.0, 0.0)
    """
    runs = [run for run in _RUN.findall(value) if not (run.isdigit() and len(run) <= 2)]
    total = sum(map(len, runs))
    return sum(len(run) for run in runs if _is_word(run.lower())) / total if total else 0.0


def _is_word(run: str) -> bool:
    pairs = [run[i : i + 2] in _COMMON for i in range(len(run) - 1)]
    return len(run) >= 3 and sum(pairs) >= (0.65 if len(run) > 3 else 1) * len(pairs)


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


def is_fragment(value: str) -> bool:
    """True for what stands between two strings of a program, or begins a sentence: a quote was taken for another one.

    >>> [is_fragment(v) for v in (" + user + ", ",remember:", ".$p[", "application:", "x+9(z")]
    [True, True, True, True, False]
    """
    if value[0] in "*&" and value[1:].rstrip("})];,").isidentifier():
        return True
    between = value[0] in "+.,;:)]}|" and value[-1] in "+.,;:=([{|&"
    return between or value != value.strip() or bool(re.fullmatch(r"[A-Za-z_ -]+[:=?]", value))


def is_name(value: str) -> bool:
    """True for what is named as a secret is, in one of the ways that programs name things.

    >>> [is_name(v) for v in ("db_password", "API_TOKEN", "open_sesame")]
    [True, True, False]
    """
    return bool(_SNAKE.fullmatch(value) and _NAMED.search(value))


def is_reference(value: str) -> bool:
    """True for a dotted name of a program, a path, an address without credentials, a version, or a date.

    >>> [is_reference(v) for v in ("config.token", "/run/secrets/db", "https://a.example/b", "1.2.3-rc1")]
    [True, True, True, True]
    >>> is_reference("Tr0ub4dor&3")
    False
    """
    shapes = (_DOTTED, _PATH, _SLASHED, _URL, _EMAIL, _VERSION, _DATE)
    return any(shape.fullmatch(value) for shape in shapes) or bool(_HASHED.match(value))


def password(value: str) -> bool | None:
    """Judges what is quoted next to a password's name: a weak one is one, too.

    Returns:
        False for what is no password, None otherwise.
    """
    if len(value) < 4 or is_fragment(value) or is_placeholder(value) or is_reference(value):
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
    return False if is_name(value) else None


def secret(value: str) -> bool | None:
    """Judges what stands next to the name of a secret, a token or a key: only what looks random is one.

    Returns:
        False for what is no secret, None otherwise.
    """
    if len(value) < 8 or is_fragment(value) or is_placeholder(value) or is_reference(value) or " " in value:
        return False
    if _SNAKE_WORDS.fullmatch(value) or ("?" in value and len(_SIGNS & set(value)) < 3):
        return False
    if _UUID.fullmatch(value):
        return None
    if value.isdigit():
        return None if len(value) >= 14 and entropy(value) > 2.2 else False
    if entropy(value) < min(2.8, 0.7 * math.log2(len(value))):
        return False
    if sum(c in _SIGNS for c in value) >= 4:
        return None
    return False if wordy(value) >= (0.75 if any(map(str.isdigit, value)) else 0.5) else None


def bare_secret(value: str) -> bool | None:
    """As `secret`, without quotes around it: an expression of a program is none."""
    if _REFERENCE.fullmatch(value) or _PAIR.search(value) or (value.isalpha() and len(value) < 16):
        return False
    return secret(value)
