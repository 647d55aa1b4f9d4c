r"""Passwords, secrets and keys next to the names that say what they are.

Finds: the value of an assignment, an argument, an element or an attribute in some thirty kinds of files: source code,
    settings, JSON, YAML, XML, SQL, command lines, URLs, mails.
Leaves alone: placeholders, templates, references to variables and functions, paths, addresses, labels, names of
    algorithms, values named as hashes, public keys or ids.
Check: by the value alone (see `_secret_values`): shape, Shannon's entropy, and how much of it is words.
Reference: CWE-798, Use of Hard-coded Credentials. https://cwe.mitre.org/data/definitions/798.html
"""

from udfs.recognizers import _secret_values as values
from udfs.recognizers._base import Pattern, Recognizer


def _words(*words: str) -> str:
    return "|".join(words)


_BEFORE = "".join(
    rf"(?<!{word})(?<!{word}[_. -])" for word in ("public", "csrf", "xsrf", "primary", "foreign", "unique")
)
"""What makes another thing of the name behind it: `public_key`, `csrf-token`."""
_PASSWORD = (
    r"(?:pass(?:w(?:or)?d|phrase|code|wrd|wort|(?![ \t]))(?!ed|ing|ion|ive|age|enger|port|text|through"
    r"|thru|es\b|by|aport|eport)"
    r"|pswd|pwd|paswd|psw|kennwort|mot_?de_?passe|contrase(?:n|ñ)a|senha|wachtwoord|parola)s?"
)
"""Names of passwords, in the languages of many settings."""
_SECRET = (
    rf"(?:secret(?!ary|ion|aria)|{_BEFORE}(?<!jsonweb)token(?!i[sz])"
    rf"|{_BEFORE}(?<!partition[_. -])(?<!sort[_. -])(?<!cache[_. -])(?<!index[_. -])(?<!mon)(?<!tur)(?<!hot)"
    rf"(?<!pub)key"
    r"|credentials?|creds?|(?<!prior[_. -])(?<!pre[_. -])auth(?!or|entic|ent)"
    r"|authorization[_.-]?code|bearer|webhook|salt|access_?code|pin_?code"
    r"|signature|hmac|session_?id|(?<![a-z])(?:otp|sas|sid|dsn|pat)(?![a-z])|(?:service|client|app)_?id(?=[\"'\s:=>]))"
)
"""Names of secrets, tokens and keys."""
_OTHER = _words(
    *("hash", "digest", "checksum", "fingerprint", "file", "path", "dir", "folder", "ur[il]", "endpoint", r"names?\b"),
    *(
        "type",
        r"len\b",
        "length",
        "size",
        "(?<!ac)count",
        "limit",
        "expir",
        "policy",
        "label",
        "hint",
        "regex",
        "pattern",
    ),
    *(
        "ttl",
        "timeout",
        r"age\b",
        "format",
        "field",
        "column",
        "prompt",
        "message",
        "error",
        "alias",
        "board",
        "code_?c",
    ),
    *(r"word\b", "store", "(?<!st)ring", "pair", "press", "frame", "public", "enabled", "required", "algorithm"),
    *(
        r"alg\b",
        "method",
        r"mode\b",
        "version",
        "provider",
        "class",
        "param",
        "header",
        "reset",
        "help",
        "title",
        "desc",
    ),
    *("valid", "strength", "change", "forgot", "index", "audience", "issuer", "realm", "scope", r"[_-]id\b"),
    *(r"(?-i:Id\b)", r"ref\b", r"[_.-]arn\b", "cert"),
)
NOT = rf"(?![\w.-]{{0,24}}(?:{_OTHER}))"
"""What must not follow: then the name is one of something else."""
_REST = r"[\w.-]{0,24}?"
_CLOSE = r"[\]\)\\\"'`*]{0,4}"
_TYPE = (
    r"(?:\s{0,2}:?\s{0,2}"
    r"(?:&?(?:'static )?str(?:ing)?\b|nsstring\s?\*?|char\b|final\b|text\b|varchar\(\d{1,4}\))\??)?"
)
_SIGN = r"[ \t]{0,12}(?:=>|:{0,3}={1,3}|[?+.|!]{1,2}=|<-|->|:|,|>|\|{1,2}|\(|-{2,6}|\bis:?\b|\bto\b)[ \t]{0,12}"
_SPACE = r"[ \t]{1,12}"
_WRAPPERS = _words(
    *(
        "string::from",
        "secretstr",
        "securestring",
        r"buffer\.from",
        "bytes",
        "str",
        r"new \w{1,24}",
        r"base64\.b64decode",
    ),
    *("some", "atob", "quote", "text", r"@?json\.\w{1,12}"),
)
_WRAP = rf"(?:\(|\[|(?:{_WRAPPERS})[(\[])?"
_OPEN = r"[a-z@$]?\\{0,2}[\"'`]{1,3}"
_QUOTED = r"(?P<value>[^\"'`\r\n\\]{4,512})\\{0,2}[\"'`]"
_BARE = r"(?P<value>[^\s\"'`<>,;(){}\[\]|&\\][^\s\"'`<>,;&\\|)]{7,512})(?=[\s\"'`<,;&\\|)]|$)"
_BARE_PASSWORD = r"(?P<value>[^\s\"'`<>,;(){}\[\]|&$%\\/][^\s\"'`<>,;&\\()]{3,128})(?=[\s\"'`<,;&\\)]|$)"
_NAMED = r"\bname[\"']?\s{0,3}[:=]\s{0,3}[\"']?[\w.-]{0,40}"
_VALUED = r"[\"']?\s{0,3}[,;]?\s{1,24}[\"']?(?:default_?)?value[\"']?\s{0,3}[:=>]\s{0,3}"
_ADDED = r"<\s?[\w:]{1,24}\s{1,4}(?:key|name|id|property)\s?=\s?[\"'][\w.:-]{0,40}"


def _quoted(name: str) -> str:
    return name + NOT + _REST + _CLOSE + _TYPE + f"(?:{_SIGN}{_WRAP}|{_SPACE})" + _OPEN + _QUOTED


def _line(name: str) -> str:
    """A line of its own, as in settings: nothing but a name and a value."""
    head = r"^[ \t]*(?:export[ \t]{1,4}|set[ \t]{1,4}|-[ \t]{1,4})?[\w.-]{0,48}"
    return (
        head
        + name
        + NOT
        + _REST
        + r"[ \t]{0,4}(?:=|:[ \t])[ \t]{0,4}(?P<value>[\w!@#%^*?+~.][\w!@#%^*?+=~.-]{3,64})[ \t]*$"
    )


def _spaced(name: str, value: str) -> str:
    """A name and a value with white space between them: command lines, Docker files, Redis, Tcl."""
    head = (
        r"(?:(?<![\w-])--?[a-z-]{0,24}|^[ \t]*(?:env|arg|setenv|set|setx|export|requirepass|declare)"
        r"[ \t]{1,4}[\w.-]{0,40})"
    )
    return head + name + NOT + _REST + r"(?:[ \t]{1,8}|=)[\"']?" + value


def _bare(name: str, value: str) -> str:
    return name + NOT + _REST + _CLOSE + _SIGN + r"(?:[|>][-+]?\s{1,12})?" + value


_COMMANDS = (
    Pattern(
        "SQL",
        r"\b(?:identified\s{1,3}(?:with\s{1,3}\w{1,40}\s{1,3})?by|password)\s{1,3}(?:password\s{1,3})?'"
        r"(?P<value>[^'\r\n]{4,128})'",
        0.8,
    ),
    Pattern(
        "option",
        r"(?<![\w-])--?(?:[a-z]{1,20}-){0,2}(?:password|passwd|passphrase|pass|pwd|pw)(?:\s{1,3}|=)[\"']?"
        + _BARE_PASSWORD,
        0.7,
    ),
    Pattern(
        "URL or option of a tool",
        r"\b(?:mysql|mysqldump|mysqladmin|mongo|sshpass|psexec|plink)\b[^\r\n|;]{0,80}?\s-p\s?[\"']?" + _BARE_PASSWORD,
        0.7,
    ),
    Pattern(
        "curl user",
        r"\bcurl\b[^\r\n]{0,400}?\s(?:-u|--user|--proxy-user)[\s=]{0,3}[\"']?[^\s:\"']{1,64}:" + _BARE_PASSWORD,
        0.8,
    ),
    Pattern("net user", r"\bnet1?(?:\.exe)?\s{1,3}user\s{1,3}[\w\"$%.-]{1,40}\s{1,3}" + _BARE_PASSWORD, 0.6),
    Pattern(
        "netrc",
        r"\b(?:machine\s{1,4}\S{1,100}|default)\s{1,16}login\s{1,4}\S{1,64}\s{1,16}password\s{1,4}(?P<value>"
        r"\S{4,128})",
        0.9,
    ),
    Pattern("psexec", r"\bpsexec\S{0,8}\b[^\r\n]{0,120}\s-u\s{1,3}\S{1,60}\s{1,3}-p\s{1,3}" + _BARE_PASSWORD, 0.8),
    Pattern(
        "argument of a log-in",
        r"\b(?:networkcredential|usernamepassword\w{0,30}|directoryentry|mysqli?_p?connect|dbi(?:->|\.)connect)"
        r"\s{0,2}\("
        r"(?:[^\"'\r\n]{0,20}[\"'][^\"'\r\n]{1,100}[\"'],\s{0,40}){1,2}[\"'](?P<value>[^\"'\r\n]{4,80})[\"']",
        0.8,
    ),
    Pattern(
        "Cisco IOS",
        r"^\s{0,4}(?:enable|username\s\S{1,40}(?:\sprivilege\s\d{1,2})?)\s{1,3}(?:password|secret)\s{1,3}"
        r"(?:level\s\d{1,2}\s)?(?:\d\s{1,3})?(?P<value>\S{4,128})",
        0.8,
    ),
    Pattern("SNMP community", r"\bsnmp-server\s{1,3}community\s{1,3}(?P<value>\S{4,64})\s{1,3}r[ow]\b", 0.8),
    Pattern(
        "Ansible vault",
        r"\$ansible_vault;[\d.]{3,5};\w{3,12}(?:;\S{0,60})?;?(?P<value>(?:\s{1,12}[0-9a-f]{16,80}){1,400})",
        0.9,
    ),
    Pattern(
        "secure string",
        r"\bconvertto-securestring\s{1,3}(?:-string\s{1,3})?[\"'](?P<value>[^\"'\r\n]{4,128})[\"']",
        0.9,
    ),
    Pattern(
        "crypt",
        r"(?<![\w$])(?P<value>\$(?:1|2[abxy]?|5|6|8|y|apr1|argon2id?|pbkdf2(?:-sha\d{1,3})?|scrypt)\$"
        r"[\w.,=$+/-]{20,200})",
        0.9,
    ),
    Pattern(
        "sentence",
        r"\b(?:password|passphrase|passcode|pwd)(?:\s{1,2}for\s[^\r\n.]{1,60}?)?\s{1,2}(?:is|was|will be|=|:)"
        r"\s{1,2}[\"'](?P<value>[^\"'\r\n ]{4,64})[\"']",
        0.7,
    ),
)
"""Command lines (mysql(1), curl(1), netrc(5), net user, PsExec), SQL, crypt(5)."""

RECOGNIZERS = (
    Recognizer(
        "PasswordQuoted",
        "PASSWORD",
        (
            Pattern("assignment", _quoted(_PASSWORD), 0.8),
            Pattern("name and value", _NAMED + _PASSWORD + NOT + r"[\w.-]{0,20}" + _VALUED + r"[\"']" + _QUOTED, 0.7),
            Pattern("attributes", _ADDED + _PASSWORD + r"[\w.-]{0,20}[\"']\s{1,8}value\s?=\s?[\"']" + _QUOTED, 0.8),
            Pattern("line", _line(_PASSWORD), 0.6),
            Pattern(
                "element",
                r"<[\w.:-]{0,24}"
                + _PASSWORD
                + NOT
                + r"[\w.-]{0,16}(?:\s[^<>]{0,80})?>\s{0,12}(?P<value>[^<>\r\n]{4,128}?)\s{0,12}</",
                0.7,
            ),
            *_COMMANDS,
        ),
        check=values.password,
        reference="https://cwe.mitre.org/data/definitions/798.html",
    ),
    Recognizer(
        "PasswordBare",
        "PASSWORD",
        (
            Pattern("assignment", _bare(_PASSWORD, _BARE_PASSWORD), 0.6),
            Pattern("spaced", _spaced(_PASSWORD, _BARE_PASSWORD), 0.6),
            Pattern("name and value", _NAMED + _PASSWORD + NOT + r"[\w.-]{0,20}" + _VALUED + _BARE_PASSWORD, 0.6),
        ),
        check=values.bare_password,
        reference="https://cwe.mitre.org/data/definitions/798.html",
    ),
    Recognizer(
        "SecretQuoted",
        "GENERIC_SECRET",
        (
            Pattern("assignment", _quoted(_SECRET), 0.7),
            Pattern("name and value", _NAMED + _SECRET + NOT + r"[\w.-]{0,20}" + _VALUED + r"[\"']" + _QUOTED, 0.7),
            Pattern("attributes", _ADDED + _SECRET + r"[\w.-]{0,20}[\"']\s{1,8}value\s?=\s?[\"']" + _QUOTED, 0.7),
        ),
        check=values.secret,
        reference="https://cwe.mitre.org/data/definitions/798.html",
    ),
    Recognizer(
        "SecretBare",
        "GENERIC_SECRET",
        (
            Pattern("assignment", _bare(_SECRET, _BARE), 0.5),
            Pattern("spaced", _spaced(_SECRET, _BARE), 0.5),
            Pattern(
                "Kubernetes secret",
                r"\bkind:\s{0,4}[\"']?secret\b[\s\S]{0,400}?\bdata:\s{1,12}[\w.-]{1,60}:\s{0,3}[\"']?(?P<value>"
                r"[A-Za-z0-9+/]{10,512}={0,2})",
                0.7,
            ),
            Pattern(
                "element",
                r"<[\w.:-]{0,24}"
                + _SECRET
                + r"[\w.-]{0,16}(?:\s[^<>]{0,80})?>\s{0,12}(?P<value>[^<>\s]{8,512})\s{0,12}</",
                0.7,
            ),
            Pattern("name and value", _NAMED + _SECRET + NOT + r"[\w.-]{0,20}" + _VALUED + _BARE, 0.6),
        ),
        check=values.bare_secret,
        reference="https://cwe.mitre.org/data/definitions/798.html",
    ),
)
