"""JSON documents: where every value stands, for a whole batch at once.

A document that leaves Weir is the one that came in, byte for byte, but for the spans that were masked. So documents
are not parsed to objects and written again; their tokens are located. All documents of a batch are located together,
by array operations over their joined bytes (about 6 µs for a document of 500 bytes on one core), once each is known
to be valid JSON.

Grammar: RFC 8259.
"""

import json
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from policy.path import EACH, Step
from udfs.records.paths import ROOT, PathTable
from udfs.records.sheet import KEY, LITERAL, NULL, NUMBER, STRING, Bytes, Ints, Leaves, slices

MAX_DEPTH = 512
"""Levels of nesting that are read; a document that nests deeper is refused."""

_QUOTE, _BACKSLASH, _OPEN_OBJECT, _CLOSE_OBJECT, _OPEN_ARRAY, _CLOSE_ARRAY, _COLON, _COMMA = range(1, 9)
_TOKENS = np.zeros(256, np.uint8)
for _number, _character in enumerate(b'"\\{}[]:,', start=1):
    _TOKENS[_character] = _number
_SPACE = np.zeros(256, np.bool_)
_SPACE[list(b" \t\n\r")] = True

_Flags = npt.NDArray[np.bool_]


def invalid(document: bytes) -> str | None:
    """Why a document can't be read, or None when it is valid JSON.

    Numbers of any size are valid, and so are duplicate keys and lone surrogate escapes: the grammar allows them.

    >>> invalid(b'{"a": 1e400, "a": 123456789012345678901234567890}')
    >>> invalid(b'{"a": NaN}')
    'json: not valid JSON'
    >>> invalid(b'[' * 600 + b']' * 600)
    'json: nested deeper than 512 levels'
    """
    try:
        orjson.loads(document)
        return None if document.count(b"{") + document.count(b"[") <= MAX_DEPTH else _too_deep(document)
    except orjson.JSONDecodeError:
        return _invalid_by_the_book(document)


def _invalid_by_the_book(document: bytes) -> str | None:
    # orjson refuses what the grammar allows: numbers beyond a double, lone surrogates. The standard library, told to
    # keep its hands off numbers, decides then.
    try:
        text = document.decode("utf-8")
    except UnicodeDecodeError:
        return "encoding: not valid UTF-8"
    if not text.strip(" \t\r\n"):
        return "json: empty record"
    deep = _too_deep(document)
    if deep:
        return deep
    try:
        json.loads(text, parse_int=len, parse_float=len, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return "json: not valid JSON"
    return None


def _refuse(_: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")


def _too_deep(document: bytes) -> str | None:
    kind = _TOKENS[np.frombuffer(document, np.uint8)]
    _, kind, _ = _outside_strings(kind)
    depth = np.cumsum(_delta(kind))
    return f"json: nested deeper than {MAX_DEPTH} levels" if depth.size and depth.max() > MAX_DEPTH else None


class _Tokens(NamedTuple):
    """Tokens outside strings, and opening quotes, in order; `close` gives each opening quote's closing one (else
    -1)."""

    at: Ints
    kind: Bytes
    close: Ints


def _outside_strings(kind: Bytes) -> _Tokens:
    at = np.flatnonzero(kind)
    kind = kind[at]
    slash = at[kind == _BACKSLASH]
    if slash.size:
        drop = kind == _BACKSLASH
        drop |= np.isin(at, _escaped(slash), assume_unique=True)
        at, kind = at[~drop], kind[~drop]
    quote = kind == _QUOTE
    inside = (np.cumsum(quote) & 1).astype(np.bool_)
    keep = inside == quote  # an opening quote is "inside" from itself on; a closing one, and what follows it, is not
    close = np.full(int(keep.sum()), -1, np.int64)
    kept_kind = kind[keep]
    closing = at[quote & ~inside]
    close[np.flatnonzero(kept_kind == _QUOTE)[: closing.size]] = closing
    return _Tokens(at[keep], kept_kind, close)


def _escaped(slash: Ints) -> Ints:
    """Positions right after an odd run of backslashes."""
    first = np.flatnonzero(np.diff(slash, prepend=-2) != 1)
    length = np.diff(np.append(first, slash.size))
    return (slash[first] + length)[length % 2 == 1]


def _delta(kind: Bytes) -> Ints:
    opens = (kind == _OPEN_OBJECT) | (kind == _OPEN_ARRAY)
    closes = (kind == _CLOSE_OBJECT) | (kind == _CLOSE_ARRAY)
    return opens.astype(np.int64) - closes


def locate(buffer: Bytes, offsets: Ints, paths: PathTable, root: int = ROOT) -> Leaves:
    """Every value, and every key, of a batch of valid documents.

    Args:
        buffer: the documents' bytes, one after the other.
        offsets: documents + 1 byte positions.
        paths: gets the paths that are new.
        root: number of the path at which the documents stand.

    Returns:
        The leaves in the order of their place. A key's path is that of its member's value. Empty cells have none.

    >>> table = PathTable()
    >>> leaves = locate(np.frombuffer(b'{"a":[1,"x"]}', np.uint8), np.array([0, 13]), table)
    >>> [(int(s), int(e), table.paths[p]) for s, e, p in zip(leaves.start, leaves.end, leaves.path)][0]
    (2, 3, ('a',))
    """
    tokens = _outside_strings(_TOKENS[buffer])
    counts = np.diff(np.searchsorted(tokens.at, offsets))
    cell = np.repeat(np.arange(len(offsets) - 1), counts)
    scalars = _scalars(buffer, tokens)
    roots = _root_scalars(buffer, offsets, counts)

    is_key, by_key = _members(tokens.kind)
    step, steps = _steps(buffer, tokens, is_key, by_key)
    parent = _parents(tokens.kind, step, steps, paths, root)

    string = np.flatnonzero(tokens.kind == _QUOTE)
    key = is_key[string]
    # A value is introduced by the token before it; a key stands in its container itself.
    place = np.where(key, string, string - 1)
    root_string = np.concatenate([[True], cell[1:] != cell[:-1]])[string] if string.size else np.empty(0, np.bool_)
    string_parent = np.where(root_string, -1, parent[place])
    string_step = np.where(key, step[string], step[place])
    path = _children(
        np.concatenate([string_parent, parent[scalars.token], np.full(len(roots.start), -1)]),
        np.concatenate([string_step, step[scalars.token], np.zeros(len(roots.start), np.int64)]),
        steps,
        paths,
        root,
    )
    start = np.concatenate([tokens.at[string] + 1, scalars.start, roots.start])
    end = np.concatenate([tokens.close[string], scalars.end, roots.end])
    kinds = np.concatenate([np.where(key, KEY, STRING), _scalar_kinds(buffer, scalars.start), roots.kind])
    cells = np.concatenate([cell[string], cell[scalars.token], roots.cell])
    order = np.argsort(start, kind="stable")
    start, end = start[order], end[order]
    return Leaves(cells[order], path[order], kinds[order].astype(np.uint8), start, end, _has_escape(buffer, start, end))


def _has_escape(buffer: Bytes, start: Ints, end: Ints) -> _Flags:
    escaped = np.zeros(len(start), np.bool_)
    slash = np.flatnonzero(buffer == ord("\\"))
    if len(start):
        leaf = np.maximum(np.searchsorted(start, slash, "right") - 1, 0)
        escaped[leaf[slash < end[leaf]]] = True
    return escaped


class _Scalars(NamedTuple):
    """Numbers and literals: the token that introduces each, and its span."""

    token: Ints
    start: Ints
    end: Ints


def _scalars(buffer: Bytes, tokens: _Tokens) -> _Scalars:
    kind = tokens.kind
    introduces = (kind == _COLON) | (kind == _COMMA) | (kind == _OPEN_ARRAY)
    ends = (kind == _COMMA) | (kind == _CLOSE_OBJECT) | (kind == _CLOSE_ARRAY)
    token = np.flatnonzero(introduces[:-1] & ends[1:])
    start, end = _trim(buffer, tokens.at[token] + 1, tokens.at[token + 1])
    full = start < end  # an empty array has nothing between its brackets
    return _Scalars(token[full], start[full], end[full])


def _trim(buffer: Bytes, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    start, end = start.copy(), end.copy()
    for _ in range(4):
        space = (start < end) & _SPACE[buffer[np.minimum(start, len(buffer) - 1)]]
        if not space.any():
            break
        start += space
    for _ in range(4):
        space = (start < end) & _SPACE[buffer[end - 1]]
        if not space.any():
            break
        end -= space
    # Rare: more white space than that. One by one, so that a megabyte of it costs no megabyte of array passes.
    filled = np.flatnonzero(start < end)
    loose = filled[_SPACE[buffer[start[filled]]] | _SPACE[buffer[end[filled] - 1]]]
    for i in loose:
        text = buffer[start[i] : end[i]].tobytes()
        start[i] += len(text) - len(text.lstrip(b" \t\r\n"))
        end[i] = start[i] + len(text.strip(b" \t\r\n"))
    return start, end


def _scalar_kinds(buffer: Bytes, start: Ints) -> Bytes:
    first = buffer[start]
    kinds = np.full(len(start), NUMBER, np.uint8)
    kinds[(first == ord("t")) | (first == ord("f"))] = LITERAL
    kinds[first == ord("n")] = NULL
    return kinds


class _Roots(NamedTuple):
    cell: Ints
    start: Ints
    end: Ints
    kind: Bytes


def _root_scalars(buffer: Bytes, offsets: Ints, counts: Ints) -> _Roots:
    """Documents that are a lone number or literal: they have no token at all."""
    lone = np.flatnonzero((counts == 0) & (np.diff(offsets) > 0))
    start, end = _trim(buffer, offsets[lone], offsets[lone + 1])
    return _Roots(lone, start, end, _scalar_kinds(buffer, start))


def _members(kind: Bytes) -> tuple[_Flags, _Flags]:
    """Which tokens are keys, and which are the colons behind them."""
    colon = kind == _COLON
    key = np.zeros(len(kind), np.bool_)
    key[:-1] = colon[1:]
    return key, colon


def _steps(buffer: Bytes, tokens: _Tokens, is_key: _Flags, colon: _Flags) -> tuple[Ints, list[Step]]:
    """The step of each token: of a key and its colon, the key's number; of any other token, 0 (an element)."""
    step = np.zeros(len(tokens.kind), np.int64)
    key = np.flatnonzero(is_key)
    encoded = slices(buffer, tokens.at[key] + 1, tokens.close[key]).dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64) + 1
    step[key] = codes
    step[np.flatnonzero(colon)] = codes
    return step, [EACH, *(_key_text(raw) for raw in encoded.dictionary.to_pylist())]


def _key_text(raw: bytes) -> str:
    return str(json.loads(b'"' + raw + b'"')) if b"\\" in raw else raw.decode("utf-8")


def _parents(kind: Bytes, step: Ints, steps: list[Step], paths: PathTable, root: int) -> Ints:
    """The path number of the container in which each token stands (-1: outside any)."""
    opens = (kind == _OPEN_OBJECT) | (kind == _OPEN_ARRAY)
    depth = np.cumsum(_delta(kind))
    parent = np.full(len(kind), -1, np.int64)
    for level in range(1, int(depth.max(initial=0)) + 1):
        here = np.flatnonzero(depth == level)
        opening = here[opens[here]]
        before = np.maximum(opening - 1, 0)
        inside = level > 1
        container = _children(
            parent[before] if inside else np.full(len(opening), -1),
            step[before] if inside else before * 0,
            steps,
            paths,
            root,
        )
        parent[here] = container[np.cumsum(opens[here]) - 1]
    return parent


def _children(parent: Ints, step: Ints, steps: list[Step], paths: PathTable, root: int) -> Ints:
    """The path numbers of parent and step, pair by pair; a parent of -1 gives the root."""
    if not len(parent):
        return parent
    pair = np.where(parent < 0, 0, (parent + 1) * len(steps) + step)
    if int(pair.max()) < 1 << 22:
        seen = np.zeros(int(pair.max()) + 1, np.bool_)
        seen[pair] = True
        distinct = np.flatnonzero(seen)
        rank = np.cumsum(seen) - 1
        inverse = rank[pair]
    else:
        distinct, inverse = np.unique(pair, return_inverse=True)
    numbers = [
        root if p < len(steps) else paths.child(p // len(steps) - 1, steps[p % len(steps)]) for p in distinct.tolist()
    ]
    return np.array(numbers, np.int64)[inverse]


def encode(texts: pa.Array, quoted: bool) -> pa.Array:
    """Texts as they stand in a JSON string.

    Args:
        texts: pa.string(); a null becomes `null`, where quoted.
        quoted: True for whole values, with quotes around; False for parts of a string.

    Returns:
        pa.binary(), no nulls.

    >>> encode(pa.array(['a"b', None]), quoted=True).to_pylist()
    [b'"a\\\\"b"', b'null']
    """
    special = pc.any(pc.match_substring_regex(texts, r'["\\\x00-\x1f]')).as_py()
    if special:
        escaped = [None if t is None else json.dumps(t, ensure_ascii=False)[1:-1] for t in texts.to_pylist()]
        texts = pa.array(escaped, pa.string())
    if quoted:
        return pc.fill_null(pc.binary_join_element_wise('"', texts, '"', ""), "null").cast(pa.binary())
    return pc.fill_null(texts, "").cast(pa.binary())


def text_of(raw: bytes) -> str:
    """The text that the inside of a JSON string stands for; a lone surrogate becomes U+FFFD, one code point for one.

    >>> text_of(rb'caf\\u00e9 \\ud800')
    'café \ufffd'
    """
    text = str(json.loads(b'"' + raw + b'"'))
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def raw_bounds(raw: bytes) -> list[int]:
    """Where each code point of a JSON string's text starts in its bytes, and where the last one ends.

    Args:
        raw: the bytes between the quotes.

    Returns:
        One byte position per code point of `text_of(raw)`, and the length of raw.

    >>> raw_bounds(rb'a\\u00e9\\ud83d\\ude00b')
    [0, 1, 7, 19, 20]
    """
    bounds = [0]
    at = 0
    while at < len(raw):
        at += _unit(raw, at)
        bounds.append(at)
    return bounds


def _unit(raw: bytes, at: int) -> int:
    lead = raw[at]
    if lead != 0x5C:
        return 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if raw[at + 1] != 0x75:
        return 2
    high = 0xD800 <= int(raw[at + 2 : at + 6], 16) <= 0xDBFF
    paired = high and raw[at + 6 : at + 8] == b"\\u" and 0xDC00 <= int(raw[at + 8 : at + 12], 16) <= 0xDFFF
    return 12 if paired else 6
