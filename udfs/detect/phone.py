"""Phone numbers: what `phonenumbers.PhoneNumberMatcher` finds for several regions, with the regions' common work done once.

Presidio runs one matcher per region over the whole text, each with the same search, the same candidates and the same groups
inside them; only the last step, parsing and verifying, depends on the region. Here that step alone is done for each region,
and only for those whose numbering plan has room for the digits. The steps are those of phonenumbers 9.0 (Apache-2.0,
`phonenumbermatcher.py`), which are not public; the differential tests hold this file to the matcher. One thing differs on
purpose: the matcher gives up on a text after 65,535 candidates that are no numbers, and this search does not.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS_OF
from phonenumbers import phonenumbermatcher as reference
from phonenumbers import phonenumberutil
from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import (
    PhoneRecognizer,
    ZaMobileNumberRecognizer,
    ZaTelephoneNumberRecognizer,
)

Span = tuple[int, int, float]

_ONE_REGION = (ZaMobileNumberRecognizer, ZaTelephoneNumberRecognizer)
"""Recognizers that keep some of a region's numbers: they judge the text themselves once it is known to hold a number."""

_START = re.compile(rf"{reference._LEAD_CLASS}|\d")
_ASCII_NATIONAL = re.compile(r"[0-9 ()\[\]./-]+")
"""A candidate without plus, extension, carrier code or characters that are digits in other scripts."""
_ASCII_INTERNATIONAL = re.compile(r"[ ()\[\]./-]*\+([0-9 ()\[\]./-]+)")
_NO_DIGITS = {ord(c): None for c in " ()[]./-+"}
_TYPES = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
_LONGEST_PREFIX = 8
"""No national prefix that is replaced by a part of itself has more digits in front of that part (Japan: 7)."""


class _Candidate(NamedTuple):
    text: str
    start: int


def is_known(recognizer: EntityRecognizer) -> bool:
    """True for the recognizers that `analyzer` can judge: Presidio's own, not what others derive from them."""
    return type(recognizer) in (PhoneRecognizer, *_ONE_REGION)


def analyzer(recognizer: Any) -> Callable[[str], list[Span]]:
    """Gives the spans of a text that a phone recognizer finds, in code points, with their score."""
    regions = tuple(recognizer.supported_regions)

    def analyze(text: str) -> list[Span]:
        return sorted((start, end, recognizer.SCORE) for start, end in find(text, regions, recognizer.leniency))

    def filtered(text: str) -> list[Span]:
        if not find(text, regions, recognizer.leniency):
            return []
        return [(r.start, r.end, r.score) for r in recognizer.analyze(text, recognizer.supported_entities, None)]

    return filtered if type(recognizer) in _ONE_REGION else analyze


def gate(regions: Iterable[str]) -> str:
    """A pattern that every text with a number has: digits, with at most four punctuation characters between two of them.

    Also the letters `int` behind a digit: a candidate that is cut behind this mark of an extension is dialled by its letters.
    """
    punctuation = f"[{phonenumberutil._VALID_PUNCTUATION}X]"
    digits = _fewest_digits(tuple(regions))
    return rf"\d(?:{punctuation}{{0,4}}\d){{{digits - 1}}}|\d[ \u00a0\t,]*[iI\u0130\u0131][nN][tT]"


@lru_cache(maxsize=64)
def _fewest_digits(regions: Sequence[str]) -> int:
    """The digits of the shortest number that is valid in a region, or from abroad with its country code."""
    national = [min(_lengths(_metadata(region))) for region in regions]
    abroad = (len(str(m.country_code)) + min(_lengths(m)) for m in map(_metadata, phonenumbers.SUPPORTED_REGIONS))
    return min(*national, *abroad)


def _lengths(metadata: Any) -> list[int]:
    """The lengths of a region's national numbers; those of local ones too where a prefix rule makes them national."""
    descs = [metadata.general_desc, *_descs(metadata)]
    lengths = [n for desc in descs for n in desc.possible_length if n > 0]
    if metadata.national_prefix_transform_rule:
        lengths += [n for desc in descs for n in desc.possible_length_local_only if n > 0]
    return lengths


def _metadata(region: str) -> Any:
    return phonenumbers.PhoneMetadata.metadata_for_region(region)


def _descs(metadata: Any) -> list[Any]:
    descs = (getattr(metadata, name) for name in _TYPES)
    return [desc for desc in descs if desc is not None and desc.national_number_pattern]


def find(text: str, regions: Sequence[str], leniency: int) -> set[tuple[int, int]]:
    """All spans that a matcher of any of the regions finds.

    Args:
        text: the text.
        regions: ISO 3166-1 alpha-2 codes in upper case.
        leniency: 0 to 3, as in `phonenumbers.Leniency`.

    >>> sorted(find("call +1 425 882-8080 or 030 123456", ("US", "DE"), 1))
    [(5, 20), (24, 34)]
    """
    search = _Search(text, regions, leniency)
    found: set[tuple[int, int]] = set()
    waiting: dict[int, list[str]] = {0: list(regions)}
    while waiting:
        index = min(waiting)
        at_index = waiting.pop(index)
        candidate = search.next(index)
        if candidate is None:
            continue
        matched = search.extract(candidate, at_index)
        found.update(matched.values())
        for region in at_index:
            end = matched[region][1] if region in matched else candidate.start + len(candidate.text)
            waiting.setdefault(end, []).append(region)
    return found


class _Search:
    """One text's search. It keeps what it has verified, because groups of a candidate come up more than once."""

    def __init__(self, text: str, regions: Sequence[str], leniency: int) -> None:
        self._text = text
        self._matcher = reference.PhoneNumberMatcher(text, regions[0] if regions else None, leniency)
        self._known: dict[tuple[_Candidate, str], bool] = {}

    def next(self, index: int) -> _Candidate | None:
        """The first candidate at or behind an index, as `PhoneNumberMatcher._find` sees it."""
        start = _START.search(self._text, index)
        while start is not None:
            match = reference._PATTERN.match(self._text, start.start())
            if match is not None:
                return _Candidate(_cut(reference._SECOND_NUMBER_START_PATTERN, match.group()), match.start())
            start = _START.search(self._text, start.start() + 1)
        return None

    def extract(self, candidate: _Candidate, regions: Sequence[str]) -> dict[str, tuple[int, int]]:
        """For each region that a number of it is in the candidate, its span, as `_extract_match`."""
        text, start = candidate
        if reference._SLASH_SEPARATED_DATES.search(text):
            return {}
        if reference._TIME_STAMPS.search(text) and reference._TIME_STAMPS_SUFFIX.match(self._text, start + len(text)):
            return {}
        matched = {region: (start, start + len(text)) for region in self._verified(candidate, regions)}
        for group in self._groups(candidate):
            left = [region for region in regions if region not in matched]
            if not left:
                break
            span = group.start, group.start + len(group.text)
            matched |= dict.fromkeys(self._verified(group, left), span)
        return matched

    def _groups(self, candidate: _Candidate) -> Iterable[_Candidate]:
        """The parts of a candidate that may be numbers of their own, as `_extract_inner_match`."""
        text, start = candidate
        for pattern in reference._INNER_MATCHES:
            match = pattern.search(text)
            if match:
                yield _Candidate(_cut(reference._UNWANTED_END_CHAR_PATTERN, text[: match.start()]), start)
            while match:
                yield _Candidate(_cut(reference._UNWANTED_END_CHAR_PATTERN, match.group(1)), start + match.start(1))
                match = pattern.search(text, match.start() + 1)

    def _verified(self, candidate: _Candidate, regions: Sequence[str]) -> list[str]:
        """The regions in which the whole candidate is a number."""
        if _has_country_code(candidate.text):
            return list(regions) if self._is_number(candidate, "") else []
        if _ASCII_NATIONAL.fullmatch(candidate.text):
            digits = candidate.text.translate(_NO_DIGITS)
            regions = [region for region in regions if _has_room(digits, region)]
        return [region for region in regions if self._is_number(candidate, region)]

    def _is_number(self, candidate: _Candidate, region: str) -> bool:
        known = self._known.get((candidate, region))
        if known is None:
            self._matcher.preferred_region = region or "ZZ"
            known = self._matcher._parse_and_verify(candidate.text, candidate.start) is not None
            self._known[candidate, region] = known
        return known


def _cut(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return text[: match.start()] if match else text


@lru_cache(maxsize=4096)
def _starts_with_country_code(digits: str) -> bool:
    return any(int(digits[:n]) in REGIONS_OF for n in (1, 2, 3) if digits[:1] != "0" and len(digits) >= n)


def _has_country_code(text: str) -> bool:
    """True for `+` and a country code that exists: then the number is the same whatever region is assumed."""
    match = _ASCII_INTERNATIONAL.fullmatch(text)
    return match is not None and _starts_with_country_code(match.group(1).translate(_NO_DIGITS)[:3])


def _has_room(digits: str, region: str) -> bool:
    """False when a region's numbering plan has no number that is dialled with these digits."""
    shape = _shape(region)
    return shape is None or shape.fullmatch(digits) is not None


@lru_cache(maxsize=512)
def _shape(region: str) -> re.Pattern[str] | None:
    """What may be dialled in a region: a prefix to go abroad and anything, or country code, national prefix, number.

    None where a national prefix rule adds digits: then it is not known how many digits there have to be.
    """
    metadata = _metadata(region)
    main = _metadata(phonenumberutil.region_code_for_country_code(metadata.country_code))
    rules = {m.national_prefix_transform_rule for m in (metadata, main)} - {None}
    if any(not re.fullmatch(r"\\[12]", rule) for rule in rules):
        return None
    prefixes = {m.national_prefix_for_parsing for m in (metadata, main)} - {None}
    prefix = rf"\d{{0,{_LONGEST_PREFIX}}}" if rules else f"(?:{'|'.join(sorted(prefixes))}){{0,2}}"
    numbers = {d.national_number_pattern for r in REGIONS_OF[metadata.country_code] for d in _descs(_metadata(r))}
    abroad = metadata.international_prefix or "(?!)"
    return re.compile(rf"(?:{abroad})\d*|(?:{metadata.country_code})?{prefix}(?:{'|'.join(sorted(numbers))})")
