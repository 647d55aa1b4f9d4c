r"""Addresses on the web.

Finds: URLs with a scheme and a host that has a public suffix, is an IP address, or stands in a network of one's own
    (`http://intranet/a`, `http://db.local:5432`); hosts that begin with `www.`; hosts with a path; bare hosts.
Leaves alone: the domains of e-mail addresses, names of files (`main.py`), code (`self.name`), packages
    (`org.apache.flink`), products (`Node.js`, `ASP.NET`), sentences joined without a space (`end.In`). Of these, what
    could be a host as well is found beside a word such as `website`.
Check: the public suffix, by the list that ships with tldextract.
Reference: RFC 3986 sections 3 and 4; RFC 1034 section 3.5 (names); RFC 6761, RFC 6762, RFC 8375 (own networks).
"""

import re

from udfs.recognizers._base import Pattern, Recognizer
from udfs.recognizers.email import public_suffix

_BARE = 0.55
_AMBIGUOUS = 0.3
"""Only beside a word."""
_SUFFIXES = """
sure: com org net edu gov mil int biz io co dev app online xyz cloud site tech store club
extensions: cc hm md ml mm ms pm ps py rs sc sh so st tf ts vi ws
words: ad ai al am an as by do id is la ma mk my ne pa sr td th tm to us
joins: at be ge gt in info it lt me no
packages: com org net edu gov io java javax jakarta kotlin scala android androidx sun dev self this
own: local localhost localdomain internal intranet lan home corp private test svc arpa example
"""
"""Suffixes and names.

`sure`: generic suffixes that no file, method or word has, and whose bare hosts are many. Suffixes that are `extensions`
of files too; that are `words`, or usual names in code; and `joins`, words too, but with many bare hosts: `say.it`
seldom has a long word before it. First names of `packages`, as in Java. Names of networks of one's `own`.
"""
_KINDS = {kind: frozenset(names.split()) for kind, names in re.findall(r"(\w+): (.*)", _SUFFIXES)}
_LONG = 5
"""Letters of a word that is seldom the end of a sentence which the next one follows without a space."""
_PRODUCTS = frozenset(("asp.net", "ado.net", "vb.net", "ml.net", "socket.io", "system.io", "java.io", "java.net"))
_SPLIT = re.compile(
    r"(?:[a-z][a-z0-9+.\-]*://)?(?:[^/?#\s@]*@)?(\[[0-9a-f:.]+\]|[^:/?#\s]*)(:[0-9]+)?(.*)", re.I | re.S
)
"""An optional scheme and user; the host, the port, and the rest."""
_IPV4 = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")


def _with_scheme(host: str, port: str | None, rest: str) -> bool:
    if host.startswith("[") or _IPV4.fullmatch(host) or public_suffix(host):
        return True
    name, _, last = host.lower().rpartition(".")
    return last in _KINDS["own"] or (not name and len(host) > 1 and (port is not None or len(rest) > 1))


def _is_written_as_one(host: str) -> bool:
    """False for `end.In`, `Node.Js`, `System.IO`: the last part begins larger than the first."""
    return not host.rpartition(".")[2][0].isupper() or host == host.upper() or host == host.title()


def _bare(host: str, rest: str) -> bool | float:
    suffix = public_suffix(host)
    if not suffix or not _is_written_as_one(host) or host.lower() in _PRODUCTS:
        return False
    labels, last = host.lower().split("."), suffix.rpartition(".")[2].lower()
    if labels[0] in _KINDS["packages"] and len(labels) > 1:
        return False
    if last in _KINDS["extensions"] and (len(labels) == 2 or (last == "md" and len(rest) < 2)):
        return _AMBIGUOUS
    return True if len(rest) > 1 else _without_path(labels, last)


def _without_path(labels: list[str], last: str) -> float:
    if len(labels) == 2 and (last in _KINDS["words"] or (last in _KINDS["joins"] and len(labels[0]) < _LONG)):
        return _AMBIGUOUS
    known = last in _KINDS["sure"] or len(last) == 2 or last == "info" or last.startswith("xn--")
    return _BARE if known or "-" in labels[0] else _AMBIGUOUS


def _check(text: str) -> bool | float:
    match = _SPLIT.match(text)
    if match is None:
        return False
    host, port, rest = match[1].rstrip("."), match[2], match[3]
    if "://" in text:
        return _with_scheme(host, port, rest)
    if host[:4].lower() == "www." and public_suffix(host[4:]):
        return True
    return _bare(host, rest)


_LETTERS = r"0-9a-zA-Z\u00c0-\u024f\u0370-\u052f"
"""Latin, Greek and Cyrillic. In other scripts a word may stand before a host without a space."""
_SCHEMES = "https?|ftps?|sftp|wss?|ssh|git|ldaps?|s3|rtsp|rtmp"
_INSIDE = r"[^\0\s<>\"`\\^|(){}\[\]\u201c\u201d\u00ab\u00bb]"
_LAST = r"[^\0\s<>\"`\\^|(){}\[\]\u201c\u201d\u00ab\u00bb.,;:!?'*_~\u2019\u2026\u3002\uff0c]"
_NESTED = r"\([^\0\s<>\"()]{0,128}\)|\[[^\0\s<>\"\[\]]{0,128}\]|\{[^\0\s<>\"{}]{0,128}\}"
_REST = rf"(?:(?:{_INSIDE}|{_NESTED})*(?:{_LAST}|{_NESTED}))?"
"""The rest of a URL: brackets only in pairs, and not the full stop, comma or quote behind it."""

RECOGNIZERS = (
    Recognizer(
        "Url",
        "URL",
        (
            Pattern(
                "URLs with a scheme",
                rf"(?<![0-9A-Za-z])(?:{_SCHEMES})://(?:[^\0\s/?#@<>\"]{{1,128}}@)?"
                rf"(?:\[[0-9a-f:.]{{2,45}}\]|[^\W_](?:[\w.\-]{{0,252}}[^\W_])?)(?::[0-9]{{1,5}})?(?:[/?#]{_REST})?",
                0.6,
            ),
            Pattern(
                "hosts, with and without a path",
                rf"(?<![{_LETTERS}_@./%\\-])[{_LETTERS}](?:[{_LETTERS}.\-]{{0,250}}[{_LETTERS}])?"
                r"\.(?:xn--[0-9a-z\-]{2,59}|[a-z\u0430-\u044f]{2,24})"
                # neither the user of an e-mail address, nor a name that goes on, nor a call
                rf"(?![{_LETTERS}_@(]|[.\-][{_LETTERS}_]|[+%][0-9A-Za-z_.+\-%]{{0,64}}@)"
                rf"(?::[0-9]{{2,5}}(?![0-9]))?(?:[/?#]{_REST})?",
                _BARE,
            ),
        ),
        context=("url", "website", "link", "site", "homepage", "visit", "domain", "webpage"),
        check=_check,
        against=("file", "package", "module", "class", "import", "function", "method", "library"),
        replaces=("UrlRecognizer",),
        reference="https://www.rfc-editor.org/rfc/rfc3986#section-3",
    ),
)
