"""What YAML is read as: plain data where its versions agree, an error everywhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.yaml_source import MAX_DEPTH, MAX_ERRORS, parse, resolve

READ = [
    ("a: 1", {"a": 1}),
    ("a: -3", {"a": -3}),
    ("a: 0", {"a": 0}),
    ("a: 1.5", {"a": 1.5}),
    ("a: .5", {"a": 0.5}),
    ("a: 1.0e+3", {"a": 1000.0}),
    ("a: true", {"a": True}),
    ("a: False", {"a": False}),
    ("a: null", {"a": None}),
    ("a: ~", {"a": None}),
    ("a: 'no'", {"a": "no"}),
    ('a: "1"', {"a": "1"}),
    ("a: nope", {"a": "nope"}),
    ("a: 2026-01-01", {"a": "2026-01-01"}),
    ("a: 2026-01-01T00:00:00Z", {"a": "2026-01-01T00:00:00Z"}),
    ("a: 1.2.3", {"a": "1.2.3"}),
    ("a: 12:60x", {"a": "12:60x"}),
    ("a: =", {"a": "="}),
    ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
    ("a: x\n  y", {"a": "x y"}),
    ("a: []\nb: {}", {"a": [], "b": {}}),
    ("a:\n- b:\n  - c: 1\n- d", {"a": [{"b": [{"c": 1}]}, "d"]}),
    ("--- \na: 1\n...\n", {"a": 1}),
    ("a: '\\d'", {"a": "\\d"}),
    ("payload.items[*].card: X", {"payload.items[*].card": "X"}),
    ('payload."a b": X', {'payload."a b"': "X"}),
]
ODD = [
    "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "010", "-010",
    "00", "0o17", "0x1F", "0b11", "1_000", "1_0.5", "12:30", "190:20:30", "190:20:30.15", "1e3", "1E5", "1.5e3", ".5e3",
    ".inf", "-.inf", ".Inf", ".nan", ".NaN",
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), READ)
def test_read(text: str, value: object) -> None:
    source = parse(text, "p.yaml")
    assert source.errors == ()
    assert source.value == value
    assert repr(source.value) == repr(value)  # 1 is not True


@pytest.mark.parametrize("word", ODD)
def test_what_the_versions_of_yaml_read_differently_must_be_quoted(word: str) -> None:
    (error,) = parse(f"a: {word}", "p.yaml").errors
    assert "YAML" in error.message
    assert parse(f"a: '{word}'", "p.yaml").value == {"a": word}
    assert parse(f"a: '{word}'", "p.yaml").errors == ()
    assert parse(f"{word}: 1", "p.yaml").errors


def test_lines_of_every_node() -> None:
    text = "a: 1\n\n# remark\nb:\n  c: [1,\n    2]\n  d:\n  - e: x\n    f: y\n"
    assert parse(text, "p").lines == {
        (): 1, ("a",): 1, ("b",): 4, ("b", "c"): 5, ("b", "c", 0): 5, ("b", "c", 1): 6, ("b", "d"): 7,
        ("b", "d", 0): 8, ("b", "d", 0, "e"): 8, ("b", "d", 0, "f"): 9,
    }  # fmt: skip


def test_the_first_of_two_keys_is_kept_and_what_is_in_the_second_is_read_for_errors() -> None:
    source = parse("a: {b: 1}\na: {b: 2, c: no}\n", "p")
    assert source.value == {"a": {"b": 1}}
    assert [(e.line, e.path) for e in source.errors] == [(2, "a"), (2, "a.c")]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_depth_is_limited(opening: str) -> None:
    source = parse(opening * 100_000, "p")
    assert not source.readable
    assert f"nested deeper than {MAX_DEPTH} levels" in source.errors[-1].message


def test_the_number_of_errors_is_limited() -> None:
    assert len(parse("a: [" + "no, " * 5000 + "]", "p").errors) == MAX_ERRORS


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    source = parse(text, "p")
    assert source.readable or source.errors
    assert all(1 <= error.line <= text.count("\n") + text.count("\r") + 1 for error in source.errors)


@given(st.binary(max_size=100))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    source = parse(data, "p")
    assert source.readable or source.errors


@given(st.text(st.sampled_from("0123456789_:.eE+-xonNyf~abc"), max_size=8))
def test_a_plain_word_without_a_problem_means_what_is_written(text: str) -> None:
    """A value that is not text is written back to the same number; everything else stays as it was written."""
    value, problem, _ = resolve(text)
    if problem or value is None or isinstance(value, bool):
        return
    assert value == text if isinstance(value, str) else float(value) == float(text)
