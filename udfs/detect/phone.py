"""Phone numbers: what `phonenumbers.PhoneNumberMatcher` finds for several regions, with their common work done once.

Presidio runs one matcher per region over the whole text, each with the same search, the same candidates and the same
groups inside them; only the last step, parsing and verifying, depends on the region. Here that step alone is done for
each region, and only for those whose numbering plan has room for the digits. The steps are those of phonenumbers 9.0
(Apache-2.0, `phonenumbermatcher.py`), which are not public; the differential tests hold this file to the matcher. One
thing differs on purpose: the matcher gives up on a text after 65,535 candidates that are no numbers; this search does
not.
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

from udfs.detect.phone_plan import is_international, is_national

Span = tuple[int, int, float]

_ONE_REGION = (ZaMobileNumberRecognizer, ZaTelephoneNumberRecognizer)
"""Recognizers that keep some of a region's numbers: they judge a text themselves once it is known to hold one."""

_START = re.compile(rf"{reference._LEAD_CLASS}|\d")
_ASCII_NATIONAL = re.compile(r"[0-9 ()\[\]./-]+")
"""A candidate without plus, extension, carrier code or characters that are digits in other scripts."""
_ASCII_INTERNATIONAL = re.compile(r"[ ()\[\]./-]*\+([0-9 ()\[\]./-]+)")
_SHORT = 20
"""Characters of a candidate that is certain to be within all of the matcher's limits on digits and blocks."""
_FEWEST = 2
"""`phonenumberutil.parse` takes nothing shorter."""
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ$%")
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
_CAPTURING = re.compile(r"\((?!\?)")
_GROUP = re.compile(r"\((?!\?)[^()]*\)")


class _Candidate(NamedTuple):
    text: str
    start: int


def is_known(recognizer: EntityRecognizer) -> bool:
    """True for the recognizers that `analyzer` can judge: Presidio's own, with valid numbers wanted."""
    return type(recognizer) in (PhoneRecognizer, *_ONE_REGION) and recognizer.leniency >= phonenumbers.Leniency.VALID


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
    """A pattern that every text with a number has: digits, with at most four punctuation characters between them.

    Also `int` behind a digit: a candidate that is cut behind this mark of an extension is dialled by its letters.
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


@lru_cache(maxsize=1)
def find(text: str, regions: tuple[str, ...], leniency: int) -> frozenset[tuple[int, int]]:
    """The spans that a matcher of any of the regions finds, but for those inside others.

    It remembers the last text: two recognizers ask for the numbers of South Africa.

    Args:
        text: the text.
        regions: ISO 3166-1 alpha-2 codes in upper case.
        leniency: 0 to 3, as in `phonenumbers.Leniency`.

    >>> sorted(find("call +1 425 882-8080 or 030 123456", ("US", "DE"), 1))
    [(5, 20), (24, 34)]
    """
    search = _Search(text, leniency)
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
        end = candidate.start + len(candidate.text)
        if not matched and end not in waiting:
            waiting[end] = at_index
            continue
        for region in at_index:
            waiting.setdefault(matched[region][1] if region in matched else end, []).append(region)
    return frozenset(found)


class _Search:
    """One text's search. It keeps what it has verified, because groups of a candidate come up more than once."""

    def __init__(self, text: str, leniency: int) -> None:
        self._text = text
        self._strict = leniency >= phonenumbers.Leniency.VALID
        self._leniency = leniency
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
        if text.isdigit():  # nothing to divide it by, and no date
            return dict.fromkeys(self._verified(candidate, regions, whole=True), (start, start + len(text)))
        if reference._SLASH_SEPARATED_DATES.search(text):
            return {}
        if reference._TIME_STAMPS.search(text) and reference._TIME_STAMPS_SUFFIX.match(self._text, start + len(text)):
            return {}
        matched = dict.fromkeys(self._verified(candidate, regions, whole=True), (start, start + len(text)))
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

    def _verified(self, candidate: _Candidate, regions: Sequence[str], whole: bool = False) -> Sequence[str]:
        """The regions in which the candidate, or group of a candidate, is a number.

        A plain candidate that is one in any region is one for all: what the others could find in it lies inside of it,
        because a search that starts within a candidate of this form ends where the candidate ends.

        Args:
            whole: True when it is no group.
        """
        text = candidate.text
        digits = text.translate(_NO_DIGITS)
        if len(digits) < _FEWEST or (self._strict and self._is_in_word(candidate)):
            return ()
        if _has_country_code(text):
            return regions if self._is_number(candidate, "") else ()
        if not (self._strict and _ASCII_NATIONAL.fullmatch(text)):
            return [region for region in regions if self._is_number(candidate, region)]
        if not _has_room(digits, tuple(regions)):
            return ()
        in_regions = (r for r in regions if _plan(r).has_room(digits) and self._is_number(candidate, r))
        if whole and len(text) <= _SHORT:
            return regions if any(in_regions) else ()
        return list(in_regions)

    def _is_in_word(self, candidate: _Candidate) -> bool:
        """True when a Latin letter, a currency sign or `%` stands next to the candidate, as for an IBAN's digits."""
        text, start = candidate
        before = self._text[start - 1 : start]
        after = self._text[start + len(text) : start + len(text) + 1]
        return _is_of_word(after) or (_is_of_word(before) and text[:1].isdigit())

    def _is_number(self, candidate: _Candidate, region: str) -> bool:
        known = self._known.get((candidate, region))
        if known is None and self._leniency == phonenumbers.Leniency.VALID:
            known = _is_plain_number(candidate.text, region)
        if known is None:
            matcher = reference.PhoneNumberMatcher(self._text, region or "ZZ", self._leniency)
            known = matcher._parse_and_verify(candidate.text, candidate.start) is not None
            self._known[candidate, region] = known
        return known


def _is_plain_number(text: str, region: str) -> bool | None:
    """The verdict on a candidate in ASCII with nothing of a word next to it; None when only the library can tell."""
    if any(c in text for c in "()[]") and (
        not reference._MATCHING_BRACKETS.fullmatch(text) or reference._PUB_PAGES.search(text)
    ):
        return False
    if _ASCII_NATIONAL.fullmatch(text):
        return is_national(text.translate(_NO_DIGITS), region) if region else None
    return is_international(text.translate(_NO_DIGITS)) if _ASCII_INTERNATIONAL.fullmatch(text) else None


def _is_of_word(neighbour: str) -> bool:
    """What `_parse_and_verify` does not bear next to a number; nothing is never one."""
    if neighbour < "\x80":
        return neighbour in _WORD
    matcher = reference.PhoneNumberMatcher
    return bool(matcher._is_latin_letter(neighbour) or matcher._is_invalid_punctuation_symbol(neighbour))


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


def _has_room(digits: str, regions: tuple[str, ...]) -> bool:
    """False when no valid number is dialled with these digits in any of the regions."""
    shapes = _shapes(regions)
    return shapes is None or shapes.fullmatch(digits) is not None


@lru_cache(maxsize=64)
def _shapes(regions: tuple[str, ...]) -> re.Pattern[str] | None:
    shapes = {_plan(region).shape for region in regions}
    return re.compile("|".join(sorted(s.pattern for s in shapes if s))) if None not in shapes else None


class _Plan(NamedTuple):
    """What can be dialled in a region.

    Attributes:
        shape: matches all digits that may be a valid number: a prefix to go abroad and anything, or country code,
            national prefix, number. None where a national prefix rule adds digits: then it is not known how many
            there have to be.
        prefixes: matches digits that may begin with a prefix or the country code.
        formats: how numbers are written: a group for each format, the first that fits counts.
        required: for each of these groups, from 1, whether the number is written with its national prefix.
    """

    shape: re.Pattern[str] | None
    prefixes: re.Pattern[str]
    formats: re.Pattern[str]
    required: tuple[bool, ...]

    def has_room(self, digits: str) -> bool:
        """False when no valid number is dialled with these digits."""
        if self.shape is None:
            return True
        if not self.shape.fullmatch(digits):
            return False
        return self.prefixes.match(digits) is not None or not self._needs_prefix(digits)

    def _needs_prefix(self, number: str) -> bool:
        match = self.formats.fullmatch(number)
        return match is not None and self.required[match.lastindex or 0]


@lru_cache(maxsize=512)
def _plan(region: str) -> _Plan:
    metadata = _metadata(region)
    main = _metadata(phonenumberutil.region_code_for_country_code(metadata.country_code))
    prefixes = "|".join(sorted({m.national_prefix_for_parsing for m in (metadata, main)} - {None})) or "(?!)"
    abroad = metadata.international_prefix or "(?!)"
    code = metadata.country_code
    numbers = {d.national_number_pattern for r in REGIONS_OF[code] for d in _descs(_metadata(r))}
    removed = [_removed_prefix(m) for m in (metadata, main)]
    shape = rf"(?:{abroad})\d*|(?:{code})?(?:{'|'.join(filter(None, removed))}){{0,2}}(?:{'|'.join(sorted(numbers))})"
    return _Plan(
        None if None in removed else re.compile(shape),
        re.compile(f"{prefixes}|{abroad}|{code}"),
        re.compile("|".join(f"({_format(f)})" for f in main.number_format) or "(?!)"),
        (False, *(_needs_prefix(f) for f in main.number_format)),
    )


def _removed_prefix(metadata: Any) -> str | None:
    """What a region's rule for national prefixes takes off a number; None when it puts other digits in its place."""
    prefix = metadata.national_prefix_for_parsing or ""
    rule = metadata.national_prefix_transform_rule
    if rule is None:
        return prefix
    kept = re.fullmatch(r"\\([12])", rule)
    groups = list(_GROUP.finditer(prefix))
    if kept is None or len(groups) != re.compile(prefix).groups:
        return None
    group = groups[int(kept.group(1)) - 1]
    return prefix[: group.start()] + prefix[group.end() :]


def _format(form: Any) -> str:
    leading = f"(?={form.leading_digits_pattern[-1]})" if form.leading_digits_pattern else ""
    pattern = _CAPTURING.sub("(?:", form.pattern)
    return f"{leading}(?:{pattern})"


def _needs_prefix(form: Any) -> bool:
    rule = form.national_prefix_formatting_rule
    if not rule or form.national_prefix_optional_when_formatting:
        return False
    return not phonenumberutil._formatting_rule_has_first_group_only(rule)
