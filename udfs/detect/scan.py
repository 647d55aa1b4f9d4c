"""The scan: which recognizer has to look at which text.

All patterns of all active recognizers, simplified (`translate`) and written in bytes for characters (`alphabet`), run
over the joined texts of a batch with Hyperscan. What it reports is more than the recognizers would find, and never
less.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import hyperscan
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from udfs.detect.alphabet import Alphabet
from udfs.detect.exact import Judge
from udfs.detect.gates import Gate, context_gates
from udfs.detect.translate import Atom, NotTranslatableError, translate

_FLAGS = hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_MULTILINE
_CHUNK = 1 << 25
"""Bytes of text that are scanned at a time. It bounds the memory that a batch of long texts takes."""
_GROUP = 32
"""Expressions in a database. 170 in one took 6 s to compile and 174 ms to scan 1.6 MB; in groups, 2 s and 125 ms."""
_BITS = 20
"""Bits of the number that an expression has in a hit; its place has the others."""

_Ints = np.ndarray[Any, np.dtype[np.int64]]


class Pair(NamedTuple):
    """A text that a recognizer has to judge.

    Attributes:
        text: index of the text in the batch.
        recognizer: index of the recognizer.
        certain: False when only a context word could raise what there may be to the threshold.
    """

    text: int
    recognizer: int
    certain: bool


class _Use(NamedTuple):
    """An expression that serves a recognizer."""

    source: str
    recognizer: int
    certain: bool


class Scan:
    """Gives the pairs of text and recognizer that need the exact judgement.

    Args:
        judges: the active recognizers.

    Attributes:
        unscanned: indexes of the recognizers that judge every text: those with code of their own that is not known
            here, and those with a pattern that the scan cannot express.
    """

    def __init__(self, judges: Sequence[Judge]) -> None:
        atoms: set[Atom] = set()
        plans = [_gates(judge, atoms) for judge in judges]
        self._alphabet = Alphabet(atoms)
        uses = [use for i, plan in enumerate(plans) for use in _uses(i, plan or [], self._alphabet)]
        sources = tuple(sorted({use.source for use in uses}))
        dumps, refused = _compiled(sources)
        self._databases = [_loaded(dump) for dump in dumps]
        unknown = {i for i, plan in enumerate(plans) if plan is None}
        self.unscanned = tuple(sorted(unknown | {use.recognizer for use in uses if use.source in refused}))
        self._recognizers = len(judges)
        self._routes = _routes(sources, uses)

    def candidates(self, texts: pa.StringArray) -> list[Pair]:
        """The pairs to judge, sorted by text and recognizer. Null and empty texts have none.

        Args:
            texts: the batch. A text that is no valid UTF-8 is a pair with every recognizer.
        """
        return [pair for first, part in _chunks(texts) for pair in self._pairs(first, part)]

    def _pairs(self, first: int, texts: pa.StringArray) -> list[Pair]:
        filled = pc.fill_null(texts.cast(pa.large_binary()), b"")
        try:
            encoded = self._alphabet.encode(_joined(filled))
        except UnicodeDecodeError:
            return self._around_invalid(first, texts)
        lengths = pc.utf8_length(filled.cast(pa.large_string())).to_numpy(zero_copy_only=False).astype(np.int64)
        starts = np.cumsum(lengths + 1) - lengths
        text, expression = self._hits(encoded, starts)
        keys = np.concatenate([self._routed(text, expression), self._always(np.flatnonzero(lengths))])
        return [
            Pair(first + key // 2 // self._recognizers, key // 2 % self._recognizers, key % 2 == 0)
            for key in _first_of_each(keys).tolist()
        ]

    def _around_invalid(self, first: int, texts: pa.StringArray) -> list[Pair]:
        if len(texts) == 1:
            return [Pair(first, recognizer, True) for recognizer in range(self._recognizers)]
        half = len(texts) // 2
        return self._pairs(first, texts.slice(0, half)) + self._pairs(first + half, texts.slice(half))

    def _hits(self, encoded: bytes, starts: _Ints) -> tuple[_Ints, _Ints]:
        """The texts and expressions that match, each pair once."""
        found: list[int] = []
        add = found.append

        def note(expression: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add((end - 1) << _BITS | expression)

        for database in self._databases:
            database.scan(encoded, match_event_handler=note)
        hits = np.array(found, dtype=np.int64)
        text = np.searchsorted(starts, hits >> _BITS, side="right") - 1
        keys = np.unique((text << _BITS | hits & ((1 << _BITS) - 1))[text >= 0])
        return keys >> _BITS, keys & ((1 << _BITS) - 1)

    def _routed(self, text: _Ints, expression: _Ints) -> _Ints:
        """A key for each recognizer that an expression serves."""
        begins, targets = self._routes
        counts = begins[expression + 1] - begins[expression]
        shift = np.repeat(begins[expression] - (np.cumsum(counts) - counts), counts)
        return np.repeat(text, counts) * self._recognizers * 2 + targets[shift + np.arange(len(shift))]

    def _always(self, text: _Ints) -> _Ints:
        unscanned = np.array(self.unscanned, dtype=np.int64)
        return ((text * self._recognizers)[:, None] + unscanned).ravel() * 2


def _gates(judge: Judge, atoms: set[Atom]) -> list[Gate] | None:
    """A recognizer's gates, and into `atoms` the classes in them; None when it has to judge every text."""

    def write(atom: Atom) -> str:
        atoms.add(atom)
        return "."

    if judge.gates is None:
        return None
    chosen: list[Gate] = []
    try:
        for gate in judge.gates:
            loose = translate(gate.pattern, gate.flags, write).loose
            chosen += context_gates(judge.context) if loose and not gate.certain else [gate]
        for gate in chosen:
            translate(gate.pattern, gate.flags, write)
    except NotTranslatableError:
        return None
    return chosen


def _uses(recognizer: int, gates: Sequence[Gate], alphabet: Alphabet) -> Iterator[_Use]:
    for gate in gates:
        yield _Use(translate(gate.pattern, gate.flags, alphabet.write).expression, recognizer, gate.certain)


def _routes(sources: Sequence[str], uses: Sequence[_Use]) -> tuple[_Ints, _Ints]:
    """For each expression, where its targets begin; and the targets: twice the recognizer, plus 1 if not certain."""
    targets: dict[str, set[int]] = {source: set() for source in sources}
    for use in uses:
        targets[use.source].add(use.recognizer * 2 + (not use.certain))
    begins = np.cumsum([0, *(len(targets[source]) for source in sources)])
    flat = [target for source in sources for target in sorted(targets[source])]
    return begins, np.array(flat, dtype=np.int64)


def _first_of_each(keys: _Ints) -> _Ints:
    """Of the keys that differ in their last bit only, the even one."""
    keys = np.unique(keys)
    return keys[np.insert(keys[1:] >> 1 != keys[:-1] >> 1, 0, True)] if len(keys) else keys


def _chunks(texts: pa.StringArray) -> Iterator[tuple[int, pa.StringArray]]:
    lengths = pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
    number = np.cumsum(lengths, dtype=np.int64) // _CHUNK
    bounds = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(texts)]
    for start, end in pairwise(bounds):
        if end > start:
            yield start, texts.slice(start, end - start)


def _joined(texts: pa.LargeBinaryArray) -> bytes:
    """The texts with a line feed before, between and behind them."""
    row = pa.LargeListArray.from_arrays([0, len(texts)], texts)
    return b"\n" + pc.binary_join(row, pa.scalar(b"\n", pa.large_binary()))[0].as_py() + b"\n"


@lru_cache(maxsize=8)
def _compiled(sources: tuple[str, ...]) -> tuple[list[bytes], set[str]]:
    """Databases in Hyperscan's own serialized form, and the expressions that it refuses."""
    dumps: list[bytes] = []
    refused: set[str] = set()
    for start in range(0, len(sources), _GROUP):
        numbered = list(enumerate(sources[start : start + _GROUP], start))
        dump = _dumped(numbered)
        if dump is not None:
            dumps.append(dump)
            continue
        alone = {source: _dumped([(number, source)]) for number, source in numbered}
        refused |= {source for source, dump in alone.items() if dump is None}
        dumps += [dump for dump in alone.values() if dump is not None]
    return dumps, refused


def _dumped(numbered: Sequence[tuple[int, str]]) -> bytes | None:
    """A database of numbered expressions, serialized, or None when one of them is refused."""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile([s.encode() for _, s in numbered], ids=[number for number, _ in numbered], flags=_FLAGS)
    except hyperscan.error:
        return None
    return bytes(hyperscan.dumpb(database))


def _loaded(dump: bytes) -> Any:
    """A database with a scratch of its own, so that detectors in several threads can scan at once."""
    database = hyperscan.loadb(dump, hyperscan.HS_MODE_BLOCK)
    database.scratch = hyperscan.Scratch(database)
    return database
