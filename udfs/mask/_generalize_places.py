"""Places made coarser: postcodes, addresses of the Internet, coordinates."""

import re
from collections.abc import Callable
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import AF_INET6, inet_ntop, inet_pton

_COUNTRY = re.compile(r"[A-Z]{1,3}-(?=\d)")
"""A country before the code: `D-10115`, `LV-1050`. No British or Canadian code begins with letters and a hyphen."""

_POSTCODE = re.compile(r"(?=.*\d)[A-Z0-9]+(?:[ -][A-Z0-9]+)*")

_POSTCODE_LENGTHS = range(3, 11)
"""Letters and digits: from the Faroe Islands' 3 to Iran's 10 (UPU, postal addressing systems)."""

_UK = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?|GIR)(?: ?\d[A-Z]{2})?")
"""Outward and inward code (Royal Mail, Programmer's Guide to the Postcode Address File, postcode formats)."""

_EMBEDDED = (
    (0x2002, 16, 16),  # 6to4, RFC 3056, section 2
    (0x64FF9B << 64, 96, 96),  # NAT64, 64:ff9b::/96, RFC 6052, section 2.1
    (0x20010000, 32, 96),  # Teredo, RFC 4380, section 4: the client's address, inverted
    (0, 96, 96),  # IPv4-compatible, RFC 4291, section 2.5.5.1
)
"""Of IPv6 addresses with an IPv4 one in them: the prefix, how many bits it has, and at which bit the other begins."""

_FIRST_GROUPS = frozenset({0, 0x64, 0x2002})
"""Of 16 bits: of these (and of others, which do not matter), but for Teredo's, which has many neighbours."""

_TEREDO = 0x20010000
"""Its first 32 bits."""

_BITS = re.compile(r"\d{1,3}", re.ASCII)

_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"
"""G. Niemeyer, geohash.org, 2008 (in the public domain): digits and letters without a, i, l and o."""

_HASHED = re.compile(rf"[{_GEOHASH}]{{1,20}}")

_DEGREES = r"[+-]?\d{1,3}(?:\.\d{1,30})?"

_PAIR = re.compile(rf"({_DEGREES})(?: ?[,;]\s{{0,3}}| )({_DEGREES})", re.ASCII)

_ONE = re.compile(_DEGREES, re.ASCII)


def postcode_area(count: int, sparse: frozenset[str]) -> Callable[[str], str | None]:
    """A function that gives the first letters and digits of a postcode, in upper case and without separators.

    What is sparsely populated becomes zeros (45 CFR 164.514(b)(2)(i)(B) wants that). None for what is no postcode, or
    has no more than those letters and digits.

    >>> general = postcode_area(3, frozenset({"036"}))
    >>> general("90210-1234"), general("sw1a 1aa"), general("03601"), general("101"), general("London")
    ('902', 'SW1', '000', None, None)
    """

    def general(text: str) -> str | None:
        code = _COUNTRY.sub("", text.strip().upper(), count=1)
        if not text.isascii() or not _POSTCODE.fullmatch(code):  # of the text, since `ß` is `SS` in capitals
            return None
        code = code.replace(" ", "").replace("-", "")
        if len(code) not in _POSTCODE_LENGTHS or len(code) <= count:
            return None
        area = code[:count]
        return "0" * count if area in sparse else area

    return general


def outward_code(text: str) -> str | None:
    """The outward code of a British postcode: the first of its two parts. One alone stays.

    >>> outward_code("sw1a 1aa"), outward_code("M11AE"), outward_code("EC1A"), outward_code("90210")
    ('SW1A', 'M1', 'EC1A', None)
    """
    match = _UK.fullmatch(text.strip().upper()) if text.isascii() else None
    return match[1] if match else None


def network(v4: int, v6: int) -> Callable[[str], str | None]:
    """A function that gives the network of so many bits that an address lies in; one that is as coarse stays.

    An IPv6 address that is an IPv4 one in disguise gives away no more of it than `v4` bits. None for no address.

    >>> general = network(24, 48)
    >>> general("192.0.2.33"), general("2001:db8:1:2::3"), general("192.0.0.0/16"), general("192.0.2.256")
    ('192.0.2.0/24', '2001:db8:1::/48', '192.0.0.0/16', None)
    >>> general("::ffff:192.0.2.33"), general("2002:c000:221::1")
    ('192.0.2.0/24', '2002:c000:200::/40')
    """

    mask = (1 << 32) - (1 << 32 - v4)

    def dotted(quad: tuple[int, int, int, int]) -> str:
        a, b, c, d = quad
        kept = (a << 24 | b << 16 | c << 8 | d) & mask
        return f"{kept >> 24}.{kept >> 16 & 255}.{kept >> 8 & 255}.{kept & 255}/{v4}"

    def general(text: str) -> str | None:
        host, slash, prefix = text.partition("/")
        quad = None if slash else _quad(host)
        if quad is not None:
            return dotted(quad)
        number = None if slash else _number(host)
        if number is not None:
            kept = number >> 128 - v6 << 128 - v6
            return f"{inet_ntop(AF_INET6, kept.to_bytes(16, 'big'))}/{v6}"
        try:
            address = ip_address(host)
        except ValueError:
            return None
        bits: int = address.max_prefixlen
        if slash and not (_BITS.fullmatch(prefix) and int(prefix) <= bits):
            return None
        bits = int(prefix) if slash else bits
        if isinstance(address, IPv4Address):
            return _network(address, min(bits, v4))
        mapped = address.ipv4_mapped
        if mapped is not None and bits >= 96:
            return _network(mapped, min(bits - 96, v4))
        return _network(address, min(bits, v6, _shown(int(address), v4)))

    return general


_OCTETS = {str(octet): octet for octet in range(256)}
"""The decimal texts of octets: without zeros before them, which some read as octal digits."""


def _quad(text: str) -> tuple[int, int, int, int] | None:
    """The octets of an IPv4 address in the usual form, in a tenth of `ipaddress`'s time; None for anything else."""
    parts = text.split(".")
    if len(parts) != 4:
        return None
    a, b, c, d = (_OCTETS.get(part) for part in parts)
    return None if a is None or b is None or c is None or d is None else (a, b, c, d)


def _number(text: str) -> int | None:
    """The number of an IPv6 address that has no zone and can have no IPv4 address in it; None for anything else.

    The system reads it in a tenth of the time that `ipaddress` takes, and writes it alike, but for the IPv4 addresses.
    """
    if ":" not in text or not text.isascii():
        return None
    try:
        number = int.from_bytes(inet_pton(AF_INET6, text), "big")
    except (OSError, ValueError):
        return None
    return None if number >> 112 in _FIRST_GROUPS or number >> 96 == _TEREDO else number


def _shown(address: int, v4: int) -> int:
    """How many bits may be seen of an IPv6 address, for the IPv4 address in it."""
    return next((begin + v4 for prefix, bits, begin in _EMBEDDED if address >> 128 - bits == prefix), 128)


def _network(address: IPv4Address | IPv6Address, bits: int) -> str:
    hidden = address.max_prefixlen - bits
    # Of the number, so that no zone of a link (`%eth0`) stays.
    return f"{type(address)(int(address) >> hidden << hidden)}/{bits}"


def geohash_cell(length: int) -> Callable[[str], str | None]:
    """A function that gives the geohash, of so many characters, of a latitude and a longitude in degrees, or shortens
    one that is given in lower case; one that is as short stays.

    >>> general = geohash_cell(5)
    >>> general("57.64911, 10.40744"), general("u4pruydqqvj"), general("57.64911"), general("91, 0")
    ('u4pru', 'u4pru', None, None)
    """

    def general(text: str) -> str | None:
        if _HASHED.fullmatch(text) and not text.isdigit():
            return text[:length]
        pair = _pair(text)
        return None if pair is None else geohash(*pair, length)

    return general


def geohash(latitude: Decimal, longitude: Decimal, length: int) -> str:
    """The geohash of a place: bits of the longitude and the latitude in turns, five to a character.

    >>> geohash(Decimal("42.6"), Decimal("-5.6"), 5)
    'ezs42'
    """
    bits = 5 * length
    x, y = _cell(longitude, 180, (bits + 1) // 2), _cell(latitude, 90, bits // 2)
    woven = 0
    for place in range(bits):
        woven = woven << 1 | ((y if place % 2 else x) >> (bits - 1 - place) // 2 & 1)
    return "".join(_GEOHASH[woven >> 5 * place & 31] for place in reversed(range(length)))


def _cell(degrees: Decimal, bound: int, bits: int) -> int:
    """Which of 2**bits equal parts of -bound to bound it lies in; the upper bound in the last."""
    numerator, denominator = degrees.as_integer_ratio()
    return min((numerator + bound * denominator << bits) // (2 * bound * denominator), 2**bits - 1)


def rounded(decimals: int) -> Callable[[str], str | None]:
    """A function that rounds a latitude and a longitude in degrees, or one of them alone, to so many decimals.

    >>> general = rounded(1)
    >>> general("52.5200, 13.4050"), general("-0.04"), general("52"), general("200"), general("Berlin")
    ('52.5,13.4', '0.0', '52.0', None, None)
    """

    def general(text: str) -> str | None:
        parts = _pair(text) or _single(text)
        # Adding zero makes a negative zero positive.
        return ",".join(f"{round(part, decimals) + 0:.{decimals}f}" for part in parts) if parts else None

    return general


def _pair(text: str) -> tuple[Decimal, Decimal] | None:
    match = _PAIR.fullmatch(text.strip())
    pair = (Decimal(match[1]), Decimal(match[2])) if match else None
    return pair if pair and abs(pair[0]) <= 90 and abs(pair[1]) <= 180 else None


def _single(text: str) -> tuple[Decimal] | None:
    degrees = Decimal(text.strip()) if _ONE.fullmatch(text.strip()) else None
    return (degrees,) if degrees is not None and abs(degrees) <= 180 else None
