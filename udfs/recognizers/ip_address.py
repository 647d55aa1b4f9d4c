r"""Addresses of the Internet Protocol, version 4 and 6.

Finds: IPv4 addresses; IPv6 addresses in every form of RFC 4291, with a zone; also with a port, a prefix length, in
    brackets, in URLs. The span is the address.
Leaves alone: versions of software, object identifiers, times, MAC addresses, fingerprints, `std::vector`, `a[::2]`.
Check: `ipaddress`. Version 4 is less sure where its first number is as small as those of versions, or it ends in 0.0;
    version 6 where it begins like no address that is in use.
Reference: RFC 791; RFC 4291 section 2.2 and RFC 5952 (text forms); RFC 4007 section 11 (zones); the registries of IANA
    at https://www.iana.org/assignments/ipv6-address-space .
"""

from ipaddress import AddressValueError, IPv4Address, IPv6Address

from udfs.recognizers._base import Pattern, Recognizer

_LIKE_A_VERSION = 0.5
_UNUSUAL = 0.5
_SHORT = 0.3
"""`1::8`, `ab::12`: an address, a slice, a name. Only beside a word."""
_VERSIONS = 20
"""Versions seldom have a first number from here on."""
_GROUPS = 8


def _four(text: str) -> bool | float:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return _LIKE_A_VERSION if text.endswith(".0.0") or int(text.partition(".")[0]) < _VERSIONS else True


def _is_in_use(text: str) -> bool:
    """True for beginnings of the global, unique local, link-local and multicast blocks, loopback, IPv4 inside."""
    first = text.partition(":")[0].rjust(4, "0").lower()
    if text == "::1" or "." in text or text.lower().startswith(("64:ff9b:", "::ffff:")):
        return True
    return first[0] in "23" or first[:2] in ("fc", "fd", "ff") or first in ("fe80", "fec0")


def _six(text: str) -> bool | float:
    address = text.partition("%")[0]
    groups = address.split(":")
    short = "::" in address
    if not short and len(groups) != (_GROUPS - 1 if "." in address else _GROUPS):
        return False
    if (short and not any(map(str.isdigit, address))) or all(len(group) == 2 for group in groups):
        return False
    try:
        IPv6Address(address)
    except AddressValueError:
        return False
    if _is_in_use(address) or not short:
        return True
    return _UNUSUAL if sum(map(bool, groups)) > 2 else _SHORT


def _check(text: str) -> bool | float:
    return _six(text) if ":" in text else _four(text)


_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_DOTTED = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_PRODUCTS = "chrome|chromium|edg|edga|opr|safari|version|firefox|crios|vivaldi|yabrowser|samsungbrowser|electron"

RECOGNIZERS = (
    Recognizer(
        "IpAddress",
        "IP_ADDRESS",
        (
            Pattern(
                "IPv4 addresses",
                # behind "-", a file's or a package's version; behind the name of a browser, the browser's
                rf"(?<![0-9A-Za-z_.])(?<![A-Za-z_]-)(?<!(?:{_PRODUCTS})/)(?<!::ffff:){_DOTTED}"
                r"(?![0-9A-Za-z_]|\.[0-9A-Za-z_]|-[A-Za-z_])",
                _LIKE_A_VERSION,
            ),
            Pattern(
                "IPv6 addresses",
                # not the colon of "2001:db8::1: unreachable"
                rf"(?<![0-9A-Za-z_:.])(?:[0-9a-f]{{1,4}}(?::[0-9a-f]{{0,4}}){{2,8}}|:(?::[0-9a-f]{{0,4}}){{1,8}})"
                rf"(?:(?<=:){_DOTTED}|(?<=[0-9a-f]|::))(?:%[0-9a-z]{{1,16}})?(?![0-9A-Za-z_]|:[0-9a-f:]|\.[0-9])",
                _UNUSUAL,
            ),
        ),
        context=("ipv4", "ipv6", "addr", "subnet", "gateway"),
        check=_check,
        against=(
            "version",
            "release",
            "firmware",
            "build",
            "chrome",
            "driver",
            "oid",
            "snmp",
            "section",
            "chapter",
            "clause",
            "upgrade",
            "package",
            "library",
            "assembly",
        ),
        replaces=("IpRecognizer",),
        reference="https://www.rfc-editor.org/rfc/rfc4291#section-2.2",
    ),
)
