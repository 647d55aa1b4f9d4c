r"""E-mail addresses.

Finds: addresses in plain text, in `<…>`, behind `mailto:` and `name=`, with tags, with letters of all scripts, and with
    `%40` for `@` as in URLs. The span begins behind `=`, `/`, `?`, `|`, quotes and brackets, which RFC 5322 allows and
    hardly anybody has, and ends before the full stop of a sentence, and before a sentence that follows without a space.
Leaves alone: names without a public suffix (`root@localhost`), packages and files with `@` (`logo@2x.png`,
    `react@18.2.0`), `git@github.com`, which is one account for everybody and names the place of a repository.
Check: the domain has a name beneath a public suffix, by the list that ships with tldextract.
Reference: RFC 5321 section 4.1.2, RFC 5322 section 3.4.1, RFC 6531 (letters of all scripts); https://publicsuffix.org .
"""

from functools import lru_cache

import tldextract

from udfs.recognizers._base import Pattern, Recognizer

_KNOWN_HOSTS = 1 << 16
"""Hosts that are remembered. One look-up costs about 30 us, and streams repeat their hosts."""
_suffixes = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)
"""The public suffix list as packaged: no network, no cache folder, the same answer on every machine."""
_ACCOUNTS = ("git", "hg", "svn")
"""Accounts of hosts of code, the same for all who use them."""


@lru_cache(maxsize=_KNOWN_HOSTS)
def public_suffix(host: str) -> str:
    """The public suffix of a host that has a name beneath it; empty where there is none.

    Args:
        host: a host's name, without port or user.

    >>> public_suffix("mail.example.co.uk"), public_suffix("co.uk"), public_suffix("localhost")
    ('co.uk', '', '')
    """
    found = _suffixes(host)
    return found.suffix if found.domain else ""


def _check(text: str) -> bool:
    name, _, host = text.replace("%40", "@").rpartition("@")
    if name.lower() in _ACCOUNTS or any(pair in host for pair in _NEVER):
        return False
    return public_suffix(host) != ""


_NEVER = ("..", "-.", ".-", "_.", "._")
"""No label of a host begins or ends like this (RFC 1034 section 3.5), but for a trailing dot."""
_CHAR = r"[\w+\-'\u2019&~!#$*^]"
_ATOM = rf"{_CHAR}{{1,64}}"
_TOP = r"(?:xn--[0-9a-z\-]{2,59}|[^\W\d_]{2,24})"

RECOGNIZERS = (
    Recognizer(
        "EmailAddress",
        "EMAIL_ADDRESS",
        (
            Pattern(
                "e-mail addresses",
                # A name is begun once, not at each of its characters: otherwise a long run takes time by its square.
                rf"(?=(?<![\w+])(?<!{_CHAR}\.)[\w+])(?:{_ATOM}\.){{0,16}}{_ATOM}(?:@|%40)[^\W_][\w.\-]*?\."
                # In "ann@example.com.Thanks" a new sentence begins behind "com".
                rf"(?:(?-i:(?:xn--[0-9a-z\-]{{2,59}}|[a-z]{{2,24}})(?=\.[A-Z]))|{_TOP}(?![^\W_]|_\w|@|[.\-]\w))",
                0.5,
            ),
        ),
        context=("email", "mail"),
        check=_check,
        replaces=("EmailRecognizer",),
        reference="https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1",
    ),
)
