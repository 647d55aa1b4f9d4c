"""Paths: text and steps and back, and which rule covers what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.path import ANY, EACH, Path, PathError, Step, covers, first_match, format_path, parse_path

KEYS = st.text(max_size=8) | st.sampled_from(
    ["a", "b", "*", "[*]", "$", "a.b", '"', "\\", "/a", "é", "", " ", "\ud800"]
)
STEPS: st.SearchStrategy[Step] = KEYS | st.sampled_from([EACH, ANY])
PATHS: st.SearchStrategy[Path] = st.lists(STEPS, min_size=1, max_size=6).map(tuple)
FEW: st.SearchStrategy[Path] = st.lists(st.sampled_from(["a", "b", EACH, ANY]), min_size=1, max_size=4).map(tuple)

GOOD = [
    ("email", ("email",)),
    ("payload.items[*].card", ("payload", "items", EACH, "card")),
    ("[*].card", (EACH, "card")),
    ("[*][*]", (EACH, EACH)),
    ("*", (ANY,)),
    ("*.*.cvv", (ANY, ANY, "cvv")),
    ("*[*]", (ANY, EACH)),
    ('payload."a.b"', ("payload", "a.b")),
    ('"a"[*]', ("a", EACH)),
    ('"*"', ("*",)),
    (r'"a\"b\\c"', ('a"b\\c',)),
    (r'"\u00e9"', ("é",)),
    ("naïve.名前", ("naïve", "名前")),
    ("a-b_c.$ref.@id.x:y.p#q.a/b.c+d", ("a-b_c", "$ref", "@id", "x:y", "p#q", "a/b", "c+d")),
    ("0.1", ("0", "1")),
]
BAD = [
    "", ".", "a.", ".a", "a..b", "$", "$.a", "/a/b", "a[0]", "a[]", "a[*", "a[*]b", "a.[*]", "a b", " a", "a ", "a*",
    "**", "*a", "a[*].", '"a', 'a"b"', '"a"b', '"a""b"', '"\\x"', '"a\nb"', "a,b", "a\\b", "a{b}", "[a]", "a\n",
    "a(b)", "'a'", "a..*",
]  # fmt: skip


@pytest.mark.parametrize(("text", "steps"), GOOD)
def test_parse(text: str, steps: Path) -> None:
    assert parse_path(text) == steps
    assert parse_path(format_path(steps)) == steps


@pytest.mark.parametrize("text", BAD)
def test_no_path(text: str) -> None:
    with pytest.raises(PathError) as caught:
        parse_path(text)
    assert caught.value.message


@given(PATHS)
def test_round_trip(path: Path) -> None:
    assert parse_path(format_path(path)) == path


@given(st.text(max_size=20))
def test_any_text_is_a_path_or_a_path_error(text: str) -> None:
    try:
        path = parse_path(text)
    except PathError:
        return
    assert parse_path(format_path(path)) == path


@given(FEW, FEW)
def test_covers_is_prefix_by_step(rule: Path, path: Path) -> None:
    each = [r == p or (r is ANY and isinstance(p, str)) for r, p in zip(rule, path, strict=False)]
    assert covers(rule, path) == (len(rule) <= len(path) and all(each))


@given(FEW, FEW)
def test_what_is_beneath_a_covered_path_is_covered(rule: Path, path: Path) -> None:
    assert covers(rule, (*rule, *path))
    assert not covers((*rule, *path), rule)


@given(st.lists(FEW, max_size=6), FEW)
def test_first_match_is_the_first(rules: list[Path], path: Path) -> None:
    index = first_match(rules, path)
    assert [covers(rule, path) for rule in rules[:index]] == [False] * (len(rules) if index is None else index)
    assert index is None or covers(rules[index], path)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("a", "ab"), ("a.b", "a"), ("a", "A"), ("*", "[*]"), ("a.*", "a[*]"), ("a[*]", "a.b"), ("a[*]", "a"),
        ("a.b", "a[*].b"), ('"*"', "a"), ("a.b", '"a.b"'),
    ],
)  # fmt: skip
def test_does_not_cover(rule: str, path: str) -> None:
    assert not covers(parse_path(rule), parse_path(path))
