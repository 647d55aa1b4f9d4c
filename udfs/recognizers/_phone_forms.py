"""How phone numbers are written: expressions for the candidates, and how likely a candidate is a number.

ITU-T E.123 recommends spaces between groups, brackets around a prefix that is not always dialled, a plus before the
country code; hyphens, dots and slashes are used as well. Which digits are assigned is judged by the numbering plans of
`phonenumbers`.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS_OF

from udfs.detect.phone_plan import is_international as is_assigned
from udfs.detect.phone_plan import is_national

_SPACE = " \\xa0\\u2009\\u202f"
_DASH = "\\-\\u2010-\\u2015"
SEP = f"[{_SPACE}{_DASH}./]"
"""One separator of groups."""
_GAP = f"[{_SPACE}{_DASH}./()]{{0,3}}"
_LONGEST = {
    8: "45 47 216 222 223 226 227 228 232 235 236 241 253 257 266 350 356 357 370 371 373 374 386 389 505 509 599 670 "
    "675 686 853 961 965 973 975 993",
    9: "32 33 34 36 40 51 93 94 211 212 213 218 220 221 224 231 233 237 240 242 244 245 249 250 251 252 255 256 258 "
    "260 261 262 264 265 268 351 354 355 376 377 382 385 387 421 423 508 590 591 594 596 681 689 962 963 967 968 979 "
    "992 994 995 998",
    10: "20 27 44 48 52 53 58 60 64 84 95 98 225 229 230 243 254 263 267 353 372 378 380 506 685 850 855 856 880 881 "
    "960 964 966 970 976 996",
}
"""Country codes by the digits of their longest number, where these are eight to ten: what stands behind so many is not
part of it. Source: phonenumbers 9.0.43, `possible_length`; the tests compare them."""
_FEWEST = 7
"""Digits of the shortest number that is found without a country."""
_MOST = 15
"""Digits of the longest number, with its country code: E.164, section 6.2.1."""

_EXTENSION = (
    rf"(?:[{_SPACE},;]{{0,3}}(?:extension|extn?\b\.?|ext|x|#|durchwahl|dw|poste|anexo|ramal|interno|int\.)"
    rf"[{_SPACE}:.=]{{0,2}}[0-9]{{1,7}})?"
)
"""RFC 3966, section 3 (`;ext=`), and the words that `phonenumbers` knows."""
_END = r"(?!\w)"


def _international() -> str:
    """Country codes and their numbers; those of a known length are not taken apart, however they are written."""
    inside = rf"[)]?(?:{_GAP}[(]0[)])?"
    known = [rf"(?:{'|'.join(of.split())}){inside}(?:{_GAP}[0-9]){{{n - 1},{n}}}" for n, of in _LONGEST.items()]
    of_ten = rf"[17][)]?(?:{_GAP}[0-9]){{10}}"
    other = rf"[1-9](?:{_GAP}[0-9]){{5,15}}{_EXTENSION}(?!\w|{SEP}?[0-9])"
    return rf"(?:{'|'.join([of_ten, *known])}){_EXTENSION}{_END}|{other}"


INTERNATIONAL = rf"(?<![\w+])(?:[(]?\+[(]?|(?<![0-9][{_SPACE}.,/:{_DASH}])[(]?00{SEP}?[(]?)(?:{_international()})"
"""A plus, or two zeros, and a country code."""
_BEFORE = rf"(?<![\w+/.{_DASH}])"
NORTH_AMERICAN = (
    rf"{_BEFORE}(?:(?:001|1){SEP}{{1,3}})?(?:[(][0-9]{{3}}[)]{SEP}{{0,3}}[0-9]{{3}}{SEP}?|"
    rf"[0-9]{{3}}{SEP}{{1,3}}[0-9]{{3}}{SEP}{{1,3}})[0-9]{{4}}{_EXTENSION}{_END}(?![{_DASH}./][0-9])"
)
"""Three digits, three, and four. Source: North American Numbering Plan Administrator, https://www.nanpa.com ."""
TRUNK = (
    rf"{_BEFORE}(?<![0-9][{_SPACE}:,])(?<!(?-i:[A-Z]{{2}}[0-9]{{2}} [A-Z]{{4}} ))"
    rf"(?:[(]?0(?!0)|(?:8{SEP}?)?[(][1-9])"
    rf"(?:{_GAP}[0-9]){{6,12}}{_EXTENSION}{_END}(?!{SEP}[0-9])"
)
"""A trunk prefix (0, or Russia's 8), or brackets around an area code. An IBAN's digits behind its letters are none."""


def digits_of(fewest: int, most: int) -> str:
    """Digits, at most one separator between two, that are no part of a longer number, a path, a name or an amount.

    Args:
        fewest: the digits that there must at least be.
        most: the digits that there may be.
    """
    return (
        rf"(?<![\w+/.@#$€£¥=%\\{_DASH}])(?<![0-9)][{_SPACE}:,])[0-9](?:{SEP}?[0-9]){{{fewest - 1},{most - 1}}}"
        rf"(?![\w@/\\])(?!{SEP}[0-9])(?!:[0-9])(?!,[0-9]{{1,2}}(?![0-9]))(?![{_DASH}]\w)(?!\.[a-z]{{2,4}}\b)(?![{_SPACE}]?[%€£$])"
    )


_LABELS = (
    "tel|tél|tlf|tlph|phone|ph|telephone|t[eé]l[eé]phone|telefon[eo]?|tel[eé]fono|telefoon|fone|fono|fon|fax|mobile?|"
    "mob|m[oó]vil|cel|celular|cell|gsm|handy|sms|msisdn|whatsapp|hotline|dial|reach|"
    r"call(?:s|ed|ing)?(?: (?:me|us|him|her|them|back|now|at|on|via))?|"
    r"text(?:ed)?(?: (?:me|us|him|her|them|at))"
)
LABELLED = (
    rf"(?<![\w@#])(?:{_LABELS})(?:[ .](?:no|nr|num|number|n[°º])\b)?(?: (?:is|at|me|us|on))?[ .:=)\t]{{1,4}}"
    rf"(?P<value>[(]?[0-9](?:{_GAP}[0-9]){{5,13}}{_EXTENSION}){_END}(?!{SEP}[0-9])"
)
"""A word for a phone right before the digits; as context words, the short ones would be found in `hotel`, `cancel`."""

_PUNCTUATION = dict.fromkeys(map(ord, "+()./- \xa0\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u2015"))
_BEHIND = re.compile(r"[a-z#;,]", re.IGNORECASE)
_NOT_DIGITS = re.compile(r"[^0-9]+")
groups_of = re.compile(r"[0-9]+").findall
"""The groups of digits in a text."""
_ZERO = re.compile(r"[(]0[)]")
_NORTH = re.compile(rf"(?:1{SEP}+)?([(]?)([0-9]{{3}})[)]?{SEP}*([0-9]{{3}}){SEP}*[0-9]{{4}}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DAY = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|"
    r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}"
)

_GERMAN_MOBILE = ("015", "016", "017")
_FREE = frozenset({"0700", "0800", "0808", "0900", "1300", "1700", "1800", "1900"})
"""What numbers begin with that are free, shared or premium in many plans."""
_PHONES_ALONE = frozenset({(3, 2, 2, 2), (2, 3, 2, 2), (3, 3, 2, 2), (1, 3, 3, 2, 2), (1, 3, 3, 3)})
"""Groups in which hardly anything but a phone number is written: those of the number formats of `phonenumbers` that are
neither dates, thousands, cards nor pairs."""


def bare(text: str) -> tuple[str, str]:
    """A candidate without its extension; and the digits of that.

    >>> bare("(212) 555-0123 ext. 12"), bare("030/123456")
    (('(212) 555-0123', '2125550123'), ('030/123456', '030123456'))
    """
    digits = text.translate(_PUNCTUATION)
    if digits.isdecimal():
        return text, digits
    behind = _BEHIND.search(text)
    body = text[: behind.start()].rstrip() if behind else text
    return body, _NOT_DIGITS.sub("", body)


def is_international(body: str) -> bool:
    """True for what begins with a plus, or with two zeros next to each other.

    >>> is_international("(+49) 30 123456"), is_international("0049 30 123456"), is_international("0-04-493815-2")
    (True, True, False)
    """
    return "+" in body or body.lstrip("(").startswith("00")


def international(body: str, digits: str) -> float | None:
    """How likely digits with a country code are a number; None when it takes a word beside them.

    Args:
        body: the candidate, which begins with a plus or two zeros.
        digits: its digits.

    >>> international("+49 30 123456", "4930123456"), international("+1 123 456 7890", "11234567890")
    (1.0, 0.5)
    """
    plus = "+" in body
    if "(0)" in body:
        digits = _NOT_DIGITS.sub("", _ZERO.sub("", body))
    if not plus:
        digits = digits[2:]
    if not digits:
        return None
    if is_assigned(digits) or (plus and len(digits) <= _FEWEST and _parsed(f"+{digits}", None)):
        return 1.0 if plus else 0.6
    printed = len(digits) + (1 if plus else 2) < len(body)
    if not _FEWEST < len(digits) <= _MOST or not (plus or printed):
        return None
    if digits[0] in "17" and len(digits) != 11:
        return None
    if plus and any(int(digits[:n]) in REGIONS_OF for n in (1, 2, 3)):
        return 0.5
    return 0.4 if plus and printed else _behind_zeros(body)


def _behind_zeros(body: str) -> float | None:
    """The score of a number behind two zeros that is not valid: its country code must stand apart."""
    groups = groups_of(body)
    code = groups[0][2:] or groups[1]
    return 0.45 if code and len(code) < 4 and int(code) in REGIONS_OF else None


def north_american(body: str, digits: str) -> float | None:
    """How likely three, three and four digits are a number; None when they are not written so.

    >>> north_american("(212) 555-0123", "2125550123"), north_american("212 555 01234", "21255501234")
    (0.9, None)
    """
    match = _NORTH.fullmatch(body)
    if match is None:
        return None
    bracket, area, exchange = match.groups()
    spaced = not (bracket or "-" in body or "." in body or "/" in body)
    if area[0] == "0":
        return None
    if area[0] == "1" or exchange[0] in "01":
        return 0.36 if spaced else 0.45
    if area in _areas():
        return 0.9 if bracket else 0.65
    return 0.45 if spaced else 0.6


def is_other(body: str, groups: Sequence[str], regions: Sequence[str] = ()) -> bool:
    """True for what looks like numbers and is known not to be one: dates, years, addresses, amounts, SSNs.

    Bolivia and Tajikistan print numbers in the groups of an SSN: with spaces, it may be one in a policy's countries.

    >>> is_other("2024-03-12", ["2024", "03", "12"]), is_other("030 123456", ["030", "123456"])
    (True, False)
    """
    if len(groups) == 1:
        return len(body) == 8 and _DAY.fullmatch(body) is not None
    sizes = [len(group) for group in groups]
    if len(groups) > 2 and _is_date(groups, sizes):
        return True
    if (sizes == [3, 2, 4] and not (regions and " " in body)) or (
        sizes == [4, 4] and all(map(_YEAR.fullmatch, groups))
    ):
        return True
    if "." not in body or " " in body or "-" in body or "(" in body:
        return False
    if len(groups) == 4:
        return all(int(group) < 256 for group in groups)
    if len(groups) == 2:
        return groups[0][0] != "0" or len(groups[0]) < 4
    return sizes[0] < 3 and all(size == 3 for size in sizes[1:])


def _is_date(groups: Sequence[str], sizes: Sequence[int]) -> bool:
    """True when three of the groups, first ones, are a date: year first or last."""
    if sizes[0] == 4 and sizes[1] < 3 and sizes[2] < 3:
        year, month, day = groups[:3]
    elif sizes[2] == 4 and sizes[0] < 3 and sizes[1] < 3:
        day, month, year = groups[:3]
    else:
        return False
    return _YEAR.fullmatch(year) is not None and int(month) <= 31 and int(day) <= 31


def trunk(body: str, groups: Sequence[str], digits: str) -> float | None:
    """How likely groups that begin with a trunk prefix or brackets are a number; None when it takes a word beside it.

    >>> trunk("030 123456", ["030", "123456"], "030123456"), trunk("0123 4567", ["0123", "4567"], "01234567")
    (0.5, None)
    """
    sizes, size, bracket = tuple(map(len, groups)), len(digits), "(" in body
    if len(groups) == 1 or sizes[-1] < 2 or size < 8 or size > 13:
        return None
    if digits[:4] in _FREE:
        return 0.5
    if size == 8:
        return 0.4 if _is_printed(body, sizes, groups[0]) else None
    if groups[0] == "0" and body[1] != " " and body[:3] != "(0)":
        return None
    if size > 11 and not bracket:
        return 0.4 if size == 12 and len(set(sizes)) > 1 and len(groups) < 4 else None
    if (sizes == (5, 4) and "-" in body) or (body[0] == "(" and _YEAR.fullmatch(groups[0])):
        return None
    return 0.6 if bracket else 0.5


def _is_printed(body: str, sizes: tuple[int, ...], first: str) -> bool:
    """True for eight digits in groups that phone numbers alone have: `(01) 234 567`, `08 123 456`, `08-12 34 56`."""
    if "(" in body:
        return _YEAR.match(first) is None
    return sizes == (2, 3, 3) or (len(sizes) > 2 and " " in body and ("-" in body or "/" in body))


def grouped(body: str, groups: Sequence[str], digits: str) -> float | None:
    """How likely groups of digits without any mark are a number; None when it takes a word beside them.

    >>> grouped("612 34 56 78", ["612", "34", "56", "78"], "612345678")
    0.4
    """
    sizes = tuple(map(len, groups))
    if sizes in _PHONES_ALONE and "." not in body and "/" not in body:
        return 0.4
    if sizes in ((2, 4, 4), (2, 5, 4)):
        return 0.4 if is_national(digits, "BR") else None
    if sizes == (3, 4, 4):
        return 0.4 if is_national(digits, "CN") else None
    return 0.4 if digits[:4] in _FREE and len(digits) > 9 else None


@lru_cache(maxsize=4096)
def is_valid(digits: str, regions: Iterable[str]) -> bool:
    """True when the digits, dialled in one of the regions, are a valid number.

    Args:
        digits: ASCII digits.
        regions: ISO 3166-1 alpha-2 codes in upper case.
    """
    return any(is_national(digits, r) or (is_national(digits, r) is None and _parsed(digits, r)) for r in regions)


def _parsed(digits: str, region: str | None) -> bool:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def plain(digits: str) -> float | None:
    """How likely digits alone are a number; None when it takes a word beside them.

    Two digits in ten are assigned to an area in North America. Elsewhere a trunk prefix says as much: Germany's plan
    alone has room for nearly all that begins with it. UPCs have twelve digits and often begin with a zero.

    >>> plain("2125552368"), plain("12125552368"), plain("03012345678"), plain("1234567890")
    (0.4, 0.4, 0.4, None)
    """
    size = len(digits)
    if digits[0] == "0":
        is_number = (9 < size < 12 and digits[1] != "0") or (size == 12 and digits[:3] in _GERMAN_MOBILE)
    else:
        north = digits[1:] if size == 11 and digits[0] == "1" else digits
        is_number = len(north) == 10 and north[3] > "1" and north[:3] in _areas()
    return 0.4 if is_number else None


@lru_cache(maxsize=1)
def _areas() -> frozenset[str]:
    """The area codes of North America. Some countries there are told from others by their area codes alone."""
    countries = [phonenumbers.PhoneMetadata.metadata_for_region(r).leading_digits for r in REGIONS_OF[1]]
    leading = re.compile("|".join(f"(?:{digits})" for digits in countries if digits))
    areas = (str(area) for area in range(200, 1000))
    return frozenset(area for area in areas if leading.fullmatch(area) or is_national(f"{area}2345678", "US"))


@lru_cache(maxsize=64)
def fewest(regions: Sequence[str]) -> int:
    """The digits of the shortest number of the regions, at least four."""
    lengths = [_lengths(region) for region in regions]
    return max(4, min(_FEWEST, *(min(of) for of in lengths))) if lengths else _FEWEST


def _lengths(region: str) -> list[int]:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    return [n for n in metadata.general_desc.possible_length if n > 0]
