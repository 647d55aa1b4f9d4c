r"""Patterns that take too long, those that only look like it, and what is said about them.

The pairs of `MENDED` are the promise of the hint: what is refused has a form close by that is not.
"""

import time

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.meaning import PATTERN_FLAGS
from policy.pattern_tree import UnreadableError, read
from policy.patterns import hazard, not_understood, pattern_problem
from tests.policy.policies import SEGMENT, warnings_of
from tests.policy.test_errors import lines_about
from udfs.detect.recognizers import available

FLAGS = int(PATTERN_FLAGS)

EXPONENTIAL = [
    r"(a+)+$",
    r"(\w+\s?)*x",
    r"(a|aa)+b",
    r"(.*)*x",
    r"(a*)*b",
    r"(a|a)*b",
    r"(?:[a-z]+\.?)+@",
    r"(x|xy|y)*z",
    r"(?:\d+-?)+x",
    r"(?:[\w.]+@[\w.]+,?)*x",
    r"(?:ab|a|b)*c",
    r"(?:(?:ab)+c?)+d",
    r"(\d{1,3}\.?)+x",
    r"ID-(\w+)+-\d",
    r"<(a+)+>",
    r"(?:x+x+)+y",
    r"x([a-zA-Z]+)*$",
    r"x(a|a?)+$",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(?=(\w+)+;)x\w",
    r"foo(?!(?:a|a)+b)\w",
    r"(?:(?:\d+)?,?)+;",
    r"(?:\w|\d)+-",
    r"(?:[0-9]+|[0-9a-f]+)+-",
    r"\bname:\s*(\w+\s*)+\.",
    r"(?>(a+)+b)c",
    r"(?:a+)+?b",
    r"(?:a*?)*?b",
    r"(?i:(?:A|a)+)b",
    r"(\p{L}+)+\d",
    r"(?:é|[à-ü])+1",
    r"(?:\d{3,}-?){2,}x",
    r"(?:[ab]*c?[ab]*)*d",
    r"(?:[^<]+|<[^>]*>|<)*>>",
    r"(\w)(?:\1+)+;",
    r"(?P<q>['a])(?:(?P=q)+)+;",
    r"(?:a(?:b|c)?|ab)*(?<!z)d",
    r"x(?:(a+)+b)?",
]
POLYNOMIAL = [
    r"\d+\d+x",
    r"\d*\d*\d*x",
    r".*foo.*bar",
    r"\w+\d+x",
    r"\w*\d*\w*!",
    r"\s+\s+x",
    r"\s*[\s,]*\s*x",
    r"\s*\w+\s*\w*\s*x;",
    r"[\s\S]*a[\s\S]*b",
    r".*,.*,.*;",
    r"(?:ab)*(?:a|b)*x",
    r"\d{2,}\d{65,99}x",
]
LONG = [r"(?:[a-z]{1,10}){1,10}\d", r"(?:\w{1,20}\s?){1,20};", r"(?:a?b?c?){20}d", r"(?:\d{1,5}[ -]?){4,9}x"]
"""Bounded, and far too much all the same."""

MENDED = [
    (r"(a+)+$", r"a+$"),
    (r"(\w+\s?)*x", r"(?:\w++\s?)*x"),
    (r"(\w+\s?)*x", r"(?>\w+\s?)*+x"),
    (r"(\w+\s?)*x", r"(?:\w+\s)*\w*x"),
    (r"(\w+\s?)*x", r"\w{1,30}(?:\s\w{1,30}){0,4}\sx"),
    (r"(a|aa)+b", r"a+b"),
    (r"(a|aa)+b", r"(?>(?:a|aa)+)b"),
    (r"\d*\d*\d*x", r"\d*x"),
    (r"\d+\d+x", r"\d++x"),
    (r"\w+\d+x", r"\w{1,20}\d{1,20}x"),
    (r"(?:[a-z]+\.?)+@", r"[a-z]+(?:\.[a-z]+)*@"),
    (r"(?:\d+-?)+x", r"\d+(?:-\d+)*x"),
    (r"\s*\w+\s*\w*\s*x;", r"\s*\w+(?:\s+\w+)?\s*;"),
    (r"\s*:?\s*\d", r"\s{0,3}:?\s{0,3}\d"),
    (r"(?:[^<]+|<[^>]*>|<)*>>", r"(?:[^<]|<[^>]*>)*>>"),
    (r"(?:\d{1,5}[ -]?){4,9}x", r"\d{1,5}(?:[ -]\d{1,5}){3,8}x"),
]

GOOD = [
    # Codes, numbers, dates.
    r"\bEMP-\d{6}\b", r"\d{3}-\d{2}-\d{4}", r"\b[A-Z]{2}\d{6}[A-D]?\b", r"(?<!\d)\d{16}(?!\d)", r"\d+", r"\d+-\d+",
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b", r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?", r"[+-]?\d+(?:\.\d+)?%",
    r"\b(?:\d[ -]?){13,19}\b", r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    r"\b[A-Z]{2}[0-9]{2}(?:[ ]?[A-Z0-9]{3,5}){2,6}\b", r"#(?:[0-9a-f]{3}){1,2}\b",
    r"\b(?:4\d{3}|5[1-5]\d\d)(?:[ -]?\d{4}){3}\b",
    r"(?:\d{1,3},)*\d{3}", r"\d{1,20}\d{1,20}x", r"\d{5}(?:[-\s]\d{4})?", r"v\d+(?:\.\d+){1,3}(?:-[a-z]+)?",
    # Addresses on the net.
    r"[\w.]+@[\w.]+\.[a-z]{2,}\b", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", r"https?://[^\s/]+(?:/[^\s?#]*)?(?:\?[^\s#]*)?",
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}", r"\b(?:www\.)?[a-z-]+\.(?:com|org|net)\b",
    r"(?:/[\w.-]+)+", r"[a-z]:\\(?:[^\\]+\\)*[^\\]*;", r"\bs3://[a-z0-9.-]{3,63}/\S*",
    # Words.
    r"\w+", r"\b\w+\b", r"\w+ \w+", r"\w+\s\w+", r"(?:\w+ )*\w+;", r"(?:\w+\s)*x",
    r"\b[A-Z][a-z]+(?: [A-Z][a-z]+){1,3}\b",
    r"(?:Mr|Mrs|Dr)\.? [a-z]+", r"a*b", r"(?:a|b)*c", r"(?:ab|cd)*e", r"(?:a+b)*c", r"(?:a+b+)*c", r"(?:a|bc|d)+$",
    r"foo|bar|foobar", r"(?:foo|foobar)x", r"(?:a|ab)x", r"(?:abc|abd|ab)+?e", r"colou?r",
    r"(?:one|two)(?:, (?:one|two))*\.",
    r"(\w)\1", r"(['\"])[^'\"]*\1", r"(?P<q>['\"])[^'\"]*(?P=q)", r"\p{Lu}\p{Ll}+", r"[[:alpha:]]+-\d",
    r"\N{EN DASH}\d+",
    r"\x41\u00e9+\U0001F600?z", r"[]a]+x", r"[^]a]+a", r"a{,3}b", r"a{b", r"x{}y", r"(?#a comment)a+b", r"(?i)abc+",
    # What is tried once, and what is told apart by what stands beside it.
    r"(?>a+)b", r"a++b", r"(?:a++b?)*c", r"a*+b", r"(?:\w++\s?)+x", r"\w++\w++x", r"(?:\w+\b\W*)*x",
    r"\b\w+\b\s*\b\w+\b\s*x",
    r"(?:\w+(?!\w)\s?)*x", r"(?:(?<!\w)\w+\s?)*x", r"(?:(?!--).)*--", r"-----BEGIN(?:(?!-----)[\s\S])*(?:-----END)?",
    r"(?=\d+x)\d", r"(?!\w+;)\w", r"(?<=id: )\d+", r"(?:\"(?:[^\"\\]|\\.)*\"\s*:)+x", r"<[^>]+>", r"\{[^{}]*\}",
    r"\([^()]*\)",
    # Ambiguous, but nothing behind it can fail.
    r"(?:a+)+", r"(\w+\s?)+", r"\d+\d+", r"x(?:a|aa)*", r"id: ?(?:\d+-?)+", r"(?:[a-z]+\.?)+", r"\w+.*", r"(?:a+b?)+|x",
    # Names and values.
    r"(?:password|pwd)\s*[:=]\s*\S+", r"key=(\w{8,64})(?!\w)", r"\"d\"\s{0,3}:\s{0,3}\"[\w-]{40,1400}\"",
    r"token[ :=]+[0-9a-f]{32}\b",
    r"^\s*[\w-]+:\s", r"^#+ .*$", r"^\s+|\s+$", r"id\s*:?\s*\d", r"(?:[^,;\n]*,){3}x", r"(?:\d+,)*\d+;",
    r"^(?:[^\t\n]*\t){5}\d", r"(?m:^)a(?-i:b)c",
]  # fmt: skip


@pytest.mark.parametrize("pattern", EXPONENTIAL)
def test_exponential(pattern: str) -> None:
    found = hazard(pattern, FLAGS)
    assert found is not None
    assert found.degree is None
    message, hint = pattern_problem(pattern, FLAGS) or ("", "")
    assert "exponential backtracking" in message
    assert "++" in hint


@pytest.mark.parametrize("pattern", POLYNOMIAL)
def test_polynomial(pattern: str) -> None:
    found = hazard(pattern, FLAGS)
    assert found is not None
    assert found.degree is not None
    assert found.degree >= 3
    assert f"to the power of {found.degree}" in pattern_problem(pattern, FLAGS)[0]  # type: ignore[index]


@pytest.mark.parametrize("pattern", LONG)
def test_bounds_that_are_too_high(pattern: str) -> None:
    found = hazard(pattern, FLAGS)
    assert found is not None
    assert found.steps > 1_000_000


@pytest.mark.parametrize("pattern", GOOD)
def test_good(pattern: str) -> None:
    assert not_understood(pattern, FLAGS) is None
    assert hazard(pattern, FLAGS) is None


@pytest.mark.parametrize(("bad", "good"), MENDED)
def test_what_is_refused_can_be_mended(bad: str, good: str) -> None:
    assert hazard(bad, FLAGS) is not None
    assert pattern_problem(good, FLAGS) is None


def test_more_is_good_than_bad() -> None:
    bad = EXPONENTIAL + POLYNOMIAL + LONG
    assert len(set(bad)) > 40
    assert len(set(GOOD)) > 80
    assert not set(bad) & set(GOOD)


def test_what_is_installed_is_good() -> None:
    installed = {p.regex for r in available().values() for p in getattr(r, "patterns", None) or ()}
    short = [p for p in installed if len(p) < 150]  # the others are lists of words, and take a second each
    assert len(short) > 150
    assert not [p for p in short if not_understood(p, FLAGS) or hazard(p, FLAGS)]


ATTACKS = [
    (r"(a+)+$", "", "a"),
    (r"(\w+\s?)*x;", "", "a"),
    (r"(a|aa)+b", "", "a"),
    (r"(?:[a-z]+\.?)+@", "", "a"),
    (r"(?:[\w.]+@[\w.]+,?)*x;", "", "a@aa"),
    (r"(?:\d{3,}-?){2,}x", "", "1"),
    (r"\d+\d+x", "", "1"),
]


@pytest.mark.parametrize(("pattern", "before", "again"), ATTACKS)
def test_regex_itself_does_not_end_on_them(pattern: str, before: str, again: str) -> None:
    compiled = regex.compile(pattern, FLAGS)
    with pytest.raises(TimeoutError):
        compiled.search(before + again * 10_000 + "! @ x; x b", timeout=0.5)


@pytest.mark.parametrize("pattern", [good for _, good in MENDED])
@pytest.mark.parametrize("again", ["a", "aa.", "1", "a1", "a ", "1-", "<", "ab", " ", "id ", "a, "])
def test_regex_itself_ends_on_the_mended(pattern: str, again: str) -> None:
    list(regex.compile(pattern, FLAGS).finditer(again * 400 + "!", timeout=5))


@pytest.mark.parametrize(
    ("pattern", "start", "end"),
    [(r"id-(\d+)+x", 3, 9), (r"(?:x|\d+\d+z)abc", 5, 11), (r"(?=.(a|aa)+b)[0-9]{4}", 4, 11), (r"a+ (\w+\s?)*x", 3, 12)],
)
def test_the_part_is_told(pattern: str, start: int, end: int) -> None:
    assert hazard(pattern, FLAGS)[:2] == (start, end)  # type: ignore[index]


@pytest.mark.parametrize("pattern", ["", "a*", r"\b", r"\b\d*", "(?=foo)|x*", "(?:a|)", "^", "(?<!x)", "a|b?"])
def test_what_matches_the_empty_text_is_refused(pattern: str) -> None:
    assert pattern_problem(pattern, FLAGS) == (
        "the pattern matches the empty text",
        "make at least one part of it required",
    )


@pytest.mark.parametrize(
    "pattern", ["(", "[a", "*a", "a{2,1}", "(?P<1>a)", "(?<=a", r"\p{Nope}", "a)", "(?P=b)", "(?z)a"]
)
def test_what_is_no_expression_is_refused(pattern: str) -> None:
    message, hint = pattern_problem(pattern, FLAGS) or ("", "")
    assert message.startswith("no valid regular expression")
    assert hint


UNREADABLE = [
    r"(?:abc){e<=1}",
    r"a(?R)?b",
    r"(?P<n>a)(?&n)",
    r"(?V1)[a--b]",
    r"(?x) a",
    r"\101+x",
    r"(a)(?(1)b|c)",
    r"\X+",
    "(?|(a)|b)",
]


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_what_is_not_understood_is_not_refused_and_warned_of(pattern: str) -> None:
    regex.compile(pattern, FLAGS)
    assert not_understood(pattern, FLAGS)
    assert pattern_problem(pattern, FLAGS) is None
    body = f"entities: {{A: internal}}\nrecognizers: [{{entity: A, patterns: [{{regex: '{pattern}', score: 1}}]}}]"
    (warning,) = warnings_of(body, SEGMENT)
    assert warning.startswith("p.yaml:5 recognizers[0].patterns[0].regex: it is not known whether the pattern can take")


def test_deep_and_large_patterns_are_read_in_bounded_time() -> None:
    for pattern in (
        "(" * 200 + "a" + ")" * 200,
        "(?:" * 8 + "[a-z]" + "{1,30})" * 8,
        "|".join(f"w{i}x*y" for i in range(3000)),
    ):
        begun = time.perf_counter()
        pattern_problem(pattern, FLAGS)
        assert time.perf_counter() - begun < 10
    assert not_understood("(?:" * 8 + "[a-z]" + "{1,30})" * 8, FLAGS) == "the expression is too large"


def test_it_is_an_error_of_the_policy_with_its_line() -> None:
    policy = r"""
weir: 1
name: t
version: 1
entities: {A: internal}
recognizers:
  - entity: A
    patterns:
      - {regex: 'EMP-\d+', score: 1}
      - {regex: 'EMP-(\d+)*x', score: 1}
segments: {s: {clearance: internal, sink: s}}
"""
    (line,) = lines_about(policy)
    assert line == (
        "p.yaml:10 recognizers[0].patterns[1].regex: characters 5 to 10 can match the same text in too many ways "
        r"(exponential backtracking); bound its repeats with low counts, or let each match in one way: \w++ or (?>...) "
        "never go back"
    )


ATOMS = st.sampled_from(["a", r"\d", r"\w", "[a-f]", "[x-z]", r"\s", "[.,]", "-", "é", r"\S", r"[^\w]", "7"])
_ALL = "aefxyz0759 \t.,-é_!Q"


def overlap(one: str, other: str) -> bool:
    return bool(set(regex.findall(one, _ALL, FLAGS)) & set(regex.findall(other, _ALL, FLAGS)))


@given(ATOMS, ATOMS)
def test_neighbours_are_refused_when_they_can_match_the_same(one: str, other: str) -> None:
    assert (hazard(f"{one}+{other}+;", FLAGS) is not None) == overlap(one, other)
    assert (hazard(f"{one}*(?:x;)?{other}*;", FLAGS) is not None) == overlap(one, other)


@given(ATOMS, ATOMS)
def test_repeats_in_repeats_are_refused_unless_something_parts_them(one: str, parting: str) -> None:
    assert hazard(f"(?:{one}+{parting}?)*;", FLAGS) is not None
    if not overlap(one, parting):
        assert hazard(f"(?:{one}+{parting})*;", FLAGS) is None
        assert hazard(f"{one}+(?:{parting}{one}+)*;", FLAGS) is None


@given(st.text(alphabet="ab01()[]{}|*+?.^$\\dwsbB<>=!:,-P#'x", max_size=14))
@settings(max_examples=400)
def test_any_text_is_judged(pattern: str) -> None:
    """No text breaks the reading, and what `regex` accepts is read to its end or said not to be understood."""
    pattern_problem(pattern, FLAGS)
    try:
        regex.compile(pattern, FLAGS)
    except Exception:
        return
    try:
        assert read(pattern, FLAGS).end == len(pattern)
    except UnreadableError as error:
        assert str(error)
