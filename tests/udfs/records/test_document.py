"""Locating the values of JSON documents: held against a walker that goes character by character."""

import json
from itertools import pairwise

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.path import EACH
from udfs.records.document import MAX_DEPTH, encode, invalid, locate, raw_bounds, text_of
from udfs.records.paths import PathTable
from udfs.records.sheet import KEY, LITERAL, NULL, NUMBER, STRING, Sheet, flat, splice

SPACES = st.text(alphabet=" \t\r\n", max_size=6)


def walk(text: str, at: int = 0, path: tuple = ()) -> tuple[list, int]:
    """All values and keys of one JSON text, by plain recursion: (path, kind, text as written), and where it ended."""
    at = skip(text, at)
    if text[at] == "{":
        return walk_object(text, at, path)
    if text[at] == "[":
        return walk_array(text, at, path)
    if text[at] == '"':
        end = string_end(text, at)
        return [(path, STRING, text[at + 1 : end - 1])], end
    end = at
    while end < len(text) and text[end] not in ",]} \t\r\n":
        end += 1
    kind = {"t": LITERAL, "f": LITERAL, "n": NULL}.get(text[at], NUMBER)
    return [(path, kind, text[at:end])], end


def walk_object(text: str, at: int, path: tuple) -> tuple[list, int]:
    found, at = [], skip(text, at + 1)
    while text[at] != "}":
        end = string_end(text, at)
        step = json.loads(text[at:end])
        found.append(((*path, step), KEY, text[at + 1 : end - 1]))
        inner, at = walk(text, skip(text, end) + 1, (*path, step))
        found += inner
        at = skip(text, at)
        at = skip(text, at + 1) if text[at] == "," else at
    return found, at + 1


def walk_array(text: str, at: int, path: tuple) -> tuple[list, int]:
    found, at = [], skip(text, at + 1)
    while text[at] != "]":
        inner, at = walk(text, at, (*path, EACH))
        found += inner
        at = skip(text, at)
        at = skip(text, at + 1) if text[at] == "," else at
    return found, at + 1


def skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def string_end(text: str, at: int) -> int:
    at += 1
    while text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at + 1


@st.composite
def documents(draw) -> bytes:
    value = draw(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts(),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(), inner, max_size=4),
            max_leaves=12,
        )
    )
    indent = draw(st.sampled_from([None, 0, 1, 7]))
    text = json.dumps(value, ensure_ascii=draw(st.booleans()), indent=indent, separators=draw(separators()))
    return (draw(SPACES) + text + draw(SPACES)).encode()


def texts() -> st.SearchStrategy[str]:
    special = st.text(alphabet='"\\{}[]:, \n\t/é😀a1', max_size=12)
    return special | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def separators() -> st.SearchStrategy[tuple[str, str]]:
    return st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t: \r\n"), (",          ", ":            ")])


def sheet_of(batch: list[bytes], table: PathTable) -> Sheet:
    buffer, offsets = flat(pa.array(batch, pa.binary()))
    return Sheet(buffer, offsets, len(batch), (True,), locate(buffer, offsets, table))


@settings(max_examples=300, deadline=None)
@given(st.lists(documents(), min_size=1, max_size=6))
def test_every_value_and_key_is_located_as_the_walker_finds_it(batch):
    table = PathTable()
    sheet = sheet_of(batch, table)
    leaves = sheet.leaves
    got = [
        (int(c), table.paths[p], int(k), sheet.buffer[s:e].tobytes().decode())
        for c, p, k, s, e in zip(leaves.cell, leaves.path, leaves.kind, leaves.start, leaves.end, strict=True)
    ]
    want = [(number, *leaf) for number, doc in enumerate(batch) for leaf in walk(doc.decode())[0]]
    assert got == want
    assert leaves.escaped.tolist() == ["\\" in leaf[3] for leaf in want]


@given(documents())
def test_what_is_valid_is_accepted(document):
    assert invalid(document) is None


@given(st.binary(max_size=40))
def test_what_is_refused_is_what_the_standard_library_refuses(raw):
    try:
        json.loads(raw.decode("utf-8"), parse_constant=lambda _: 1 / 0)
        valid = True
    except (ValueError, ZeroDivisionError):
        valid = False
    assert (invalid(raw) is None) == valid


@pytest.mark.parametrize(
    "document",
    [
        b"1e400",
        b"-0.10",
        b"9" * 6000,
        b'{"a":1,"a":2}',
        b'"\\ud800"',
        b'"\\ud83d\\ude00"',
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
    ],
)
def test_odd_but_valid(document):
    assert invalid(document) is None


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "json: empty record"),
        (b" \r\n", "json: empty record"),
        (b"{", "json: not valid JSON"),
        (b'{"a":NaN}', "json: not valid JSON"),
        (b"[Infinity]", "json: not valid JSON"),
        (b"[1,]", "json: not valid JSON"),
        (b"{'a':1}", "json: not valid JSON"),
        (b"01", "json: not valid JSON"),
        (b'"a\nb"', "json: not valid JSON"),
        (b'"a" "b"', "json: not valid JSON"),
        (b"\xef\xbb\xbf{}", "json: not valid JSON"),
        (b'"\xff"', "encoding: not valid UTF-8"),
        (b'"\xed\xa0\x80"', "encoding: not valid UTF-8"),
        (b"[" * 10_000 + b"]" * 10_000, "json: nested deeper than 512 levels"),
        (b'{"a":' * 600 + b"1" + b"}" * 600, "json: nested deeper than 512 levels"),
    ],
)
def test_broken(document, reason):
    assert invalid(document) == reason


def test_brackets_in_a_string_are_not_depth():
    assert invalid(b'["' + b"[" * 5000 + b'"]') is None


@given(st.text(max_size=12), st.booleans())
def test_bounds_follow_the_code_points(text, ascii_only):
    raw = json.dumps(text, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")[1:-1]
    bounds = raw_bounds(raw)
    assert [text_of(raw[a:b]) for a, b in pairwise(bounds)] == list(text_of(raw))
    assert bounds[-1] == len(raw)


@given(st.lists(documents(), min_size=1, max_size=5), st.data())
def test_a_splice_changes_its_spans_and_nothing_else(batch, data):
    sheet = sheet_of(batch, PathTable())
    leaves = sheet.leaves
    strings = np.flatnonzero((leaves.kind == STRING) | (leaves.kind == NUMBER))
    chosen = strings[np.array([data.draw(st.booleans()) for _ in strings], np.bool_)]
    grow = (leaves.kind[chosen] == STRING).astype(np.int64)
    start, end = leaves.start[chosen] - grow, leaves.end[chosen] + grow
    marks = [f'"<{i}>"'.encode() for i in range(len(chosen))]
    out = splice(sheet, start, end, pa.array(marks, pa.binary())).to_pylist()
    want = [bytearray(d) for d in batch]
    for s, e, c, mark in reversed(list(zip(start, end, leaves.cell[chosen], marks, strict=True))):
        base = int(sheet.offsets[c])
        want[c][s - base : e - base] = mark
    assert out == [bytes(w) for w in want]
    assert all(orjson.loads(d) is not NotImplemented for d in out if b"e" not in d)


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_encoded_texts_are_json(texts):
    for text, raw in zip(texts, encode(pa.array(texts, pa.string()), quoted=True).to_pylist(), strict=True):
        assert json.loads(raw) == text


def test_data_as_keys_in_their_thousands():
    table = PathTable()
    batch = [orjson.dumps({"m": {f"k{i * 7 + j}": j for j in range(7)}}) for i in range(3000)]
    sheet = sheet_of(batch, table)
    leaf = int(np.flatnonzero(sheet.leaves.kind == NUMBER)[-1])
    assert table.paths[int(sheet.leaves.path[leaf])] == ("m", "k20999")
    assert table.full is False
