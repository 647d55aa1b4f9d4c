r"""Passwords and tokens in addresses, connection strings and headers.

Finds: URLs with a password, connection strings, the credentials of authorization headers and of cookies.
Leaves alone: URLs without a password, or with a template in its place; headers whose value is a variable.
Check: the password is no placeholder.
Reference: RFC 3986 section 3.2.1; RFC 9110 section 11.6.2; RFC 7617; RFC 6750 section 2.1.
"""

import re

from udfs.recognizers import _secret_values as values
from udfs.recognizers._base import Pattern, Recognizer

_PASSWORD = re.compile(r"://[^\s/?#:@]*:([^\s/?#]+)@")
_WEAK = ("password", "pass", "pwd", "secret", "test", "token", "key", "hidden", "example")
"""Words that may well be the password in an address, where a template is written with signs."""


def _url(value: str) -> bool | None:
    found = _PASSWORD.search(value)
    if not found:
        value = value.rstrip(",")
        return False if values.is_name(value) or values.is_placeholder(value) or values.is_reference(value) else None
    part = found[1]
    if part.lower() in _WEAK:
        return None
    return False if values.is_placeholder(part) or part[0] in "${<[%" else None


def _header(value: str) -> bool | None:
    return False if values.is_placeholder(value) or (value.isalpha() and len(value) < 20) else None


RECOGNIZERS = (
    # RFC 3986 section 3.2.1: user information with a password, in front of the host. Up to the end of the URL, so that
    # no part of it is left to a finding of another kind. A placeholder (***, ${...}, {{...}}, <...>) is no password.
    Recognizer(
        "ConnectionString",
        "CONNECTION_STRING",
        (
            Pattern(
                "URL with a password",
                r"\b[a-z][a-z0-9+.-]{1,30}://[^\s/?#:@\"'<>]{0,256}:[^\s/?#\"'<>]{1,256}@[^\s\"'<>]{1,2048}",
                0.9,
            ),
            Pattern(
                "pairs",
                r"\b(?:server|data source|host|hostname|user id|uid|username|user|database|initial catalog|dbna"
                r"me)\s?=[^\r\n\"';&]{1,200};?[^\r\n\"'<>]{0,300}?\b(?:password|pwd|passwd)\s?=\s?(?P<value>"
                r"[^\s;\"'&<>${}()]{3,128})",
                0.8,
            ),
        ),
        check=_url,
        reference="https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
    ),
    Recognizer(
        "AuthorizationHeader",
        "AUTHORIZATION_HEADER",
        (
            Pattern(
                "header",
                r"\b(?:proxy-|x-)?(?:authorization|auth)[\"']?\]?\s{0,3}(?:=>|[:=,])\s{0,3}\\?[\"']?(?:basic|be"
                r"arer|token|apikey|api-key|digest|negotiate|aws|sso-key|splunk|bot|key)\s{1,3}(?P<value>"
                r"[0-9A-Za-z._~+/=:-]{8,4096})",
                0.9,
            ),
            Pattern(
                "header without a scheme",
                r"\bauthorization:\s{0,3}(?P<value>(?=[0-9A-Za-z._~+/=:-]{0,120}[0-9])[0-9A-Za-z._~+/=:-]{16,4096})",
                0.7,
            ),
            Pattern(
                "bearer token",
                r"\bbearer\s(?P<value>(?=[0-9A-Za-z._~+/=-]{0,200}[0-9])[0-9A-Za-z._~+/=-]{20,4096})",
                0.7,
            ),
            Pattern(
                "key header",
                r"\bx-[a-z-]{0,30}(?:key|token|secret|auth)[\"']?\s{0,3}(?::|=>|,)\s{0,3}[\"']?(?P<value>"
                r"(?=[0-9A-Za-z._~+/=-]{0,200}[0-9])[0-9A-Za-z._~+/=-]{10,2048})",
                0.8,
            ),
        ),
        check=_header,
        reference="https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2",
    ),
)
