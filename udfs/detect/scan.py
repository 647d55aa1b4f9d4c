"""The scan: which recognizer has to look at which text.

All patterns of all active recognizers, simplified (`translate`) and written in bytes for characters (`alphabet`), run
over the joined texts of a batch with Hyperscan. What it reports is more than the recognizers would find, and never
less.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from udfs.detect.alphabet import Alphabet, alphabet_of
from udfs.detect.databases import BITS, Databases
from udfs.detect.exact import Judge
from udfs.detect.gates import Gate, context_gates
from udfs.detect.translate import Atom, NotTranslatableError, needs, parse, translate
from udfs.detect.window import Ints, Joined

_CHUNK = 1 << 25
"""Bytes of text that are scanned at a time. It bounds the memory that a batch of long texts takes."""


@dataclass(frozen=True)
class Hits:
    """Where the recognizers have to look, in one part of a batch: hits, sorted by gate, text and end.

    Attributes:
        first: index in the batch of the part's first text; all other indexes count from it.
        joined: the part's texts.
        text: per hit, index of its text.
        gate: per hit, number of the gate (see `Scan.gates`).
        end: per hit, the offset behind it in the joined texts, in code points.
        invalid: indexes of texts that are no valid UTF-8; they have no hits.
    """

    first: int
    joined: Joined
    text: Ints
    gate: Ints
    end: Ints
    invalid: list[int]


class Place(NamedTuple):
    """A gate of a recognizer.

    Attributes:
        recognizer: index of the recognizer.
        gate: the gate, or None for a recognizer that has to judge every text: then the ends of its hits mean nothing.
    """

    recognizer: int
    gate: Gate | None


class Scan:
    """Gives the texts, recognizers and places that need the exact judgement.

    Args:
        judges: the active recognizers.

    Attributes:
        gates: every gate, ordered by recognizer; a hit names it by its index.
        quiet: per recognizer with patterns that are looked for by context words alone, the gate that lets these through
            where a field speaks for them.
        unscanned: indexes of the recognizers that judge every text: those with code of their own that is not known
            here, and those with a pattern that the scan cannot express.
    """

    def __init__(self, judges: Sequence[Judge]) -> None:
        atoms: set[Atom] = set()
        plans = [_gates(judge, atoms) for judge in judges]
        alphabet = alphabet_of(frozenset(atoms))
        written = [[_written(gate, alphabet) for gate in plan or ()] for plan in plans]
        sources = tuple(sorted({source for plan in written for source in plan}))
        gates_of = {s: g for plan, of in zip(plans, written, strict=True) for g, s in zip(plan or (), of, strict=True)}
        of_numbers = {source for source, gate in gates_of.items() if _is_of_numbers(gate, alphabet)}
        self._databases = Databases(sources, of_numbers, alphabet.digits)
        unknown = {i for i, plan in enumerate(plans) if plan is None}
        unscanned = unknown | {i for i, plan in enumerate(written) if self._databases.refused.intersection(plan)}
        self.unscanned = tuple(sorted(unscanned))
        self.gates: list[Place] = []
        self.quiet: dict[int, int] = {}
        self._always: list[int] = []
        served: dict[str, list[int]] = {source: [] for source in sources}
        for number, plan in enumerate(plans):
            if number in unscanned:
                self._always.append(len(self.gates))
                self.gates.append(Place(number, None))
                continue
            for gate, source in zip(plan or (), written[number], strict=True):
                served[source].append(len(self.gates))
                self.gates.append(Place(number, gate))
            by_context = _by_context(judges[number].gates or (), plan or ())
            if by_context:
                self.quiet[number] = len(self.gates)
                self.gates.append(Place(number, Gate("", 0, False, by_context)))
        self._alphabet = alphabet
        self._routes = _routes([served[source] for source in sources])
        parse.cache_clear()

    def hits(self, texts: pa.StringArray, asked: Mapping[int, Ints] | None = None) -> Iterator[Hits]:
        """Where to look, in parts of the batch that follow each other. Null and empty texts have no hits.

        Args:
            texts: the batch.
            asked: per recognizer, the texts (ascending) in which its field speaks for it: there, those of its patterns
                are let through too that the scan looks for by context words alone.
        """
        for first, part in _chunks(texts):
            here = {r: of[(of >= first) & (of < first + len(part))] - first for r, of in (asked or {}).items()}
            yield self._in_part(first, part, [(self.quiet[r], of) for r, of in here.items()])

    def _in_part(self, first: int, texts: pa.StringArray, asked: Sequence[tuple[int, Ints]]) -> Hits:
        filled = pc.fill_null(texts.cast(pa.large_binary()), b"")
        invalid: list[int] = []
        try:
            joined = _joined(filled, b"\0").decode("utf-8")
        except UnicodeDecodeError:
            filled, invalid = _without_invalid(filled)
            joined = _joined(filled, b"\0").decode("utf-8")
        encoded = self._alphabet.encode(_joined(filled, b"\n"))
        lengths = pc.utf8_length(filled.cast(pa.large_string())).to_numpy(zero_copy_only=False).astype(np.int64)
        starts = np.cumsum(lengths + 1) - lengths
        text, gate, end = self._hits(encoded, starts, starts + lengths)
        for number, rows in [*((number, np.arange(len(lengths))) for number in self._always), *asked]:
            rows = rows[lengths[rows] > 0]
            text, gate = np.concatenate([text, rows]), np.concatenate([gate, np.full(len(rows), number)])
            end = np.concatenate([end, starts[rows]])
        order = np.lexsort((end, gate))
        whole = Joined(joined, starts, starts + lengths)
        return Hits(first, whole, text[order], gate[order], end[order], invalid)

    def _hits(self, encoded: bytes, starts: Ints, stops: Ints) -> tuple[Ints, Ints, Ints]:
        """Text, gate, and offset behind each hit, each once."""
        hits = self._databases.hits(encoded, starts, stops)
        expression, end = hits & ((1 << BITS) - 1), hits >> BITS
        text = np.searchsorted(starts, end - 1, side="right") - 1
        inside = text >= 0
        text, expression, end = text[inside], expression[inside], end[inside]
        begins, targets = self._routes
        counts = begins[expression + 1] - begins[expression]
        shift = np.repeat(begins[expression] - (np.cumsum(counts) - counts), counts)
        return np.repeat(text, counts), targets[shift + np.arange(len(shift))], np.repeat(end, counts)


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
            chosen += context_gates(judge.context, gate) if loose and not gate.certain else [gate]
        for gate in chosen:
            translate(gate.pattern, gate.flags, write)
    except NotTranslatableError:
        return None
    return chosen


def _by_context(gates: Sequence[Gate], chosen: Sequence[Gate]) -> tuple[int, ...]:
    """The patterns that no chosen gate looks for itself."""
    near = {number for gate in chosen if gate.near for number in gate.serves}
    return tuple(sorted({number for gate in gates for number in gate.serves} - near))


def _written(gate: Gate, alphabet: Alphabet) -> str:
    return translate(gate.pattern, gate.flags, alphabet.write).expression


def _is_of_numbers(gate: Gate, alphabet: Alphabet) -> bool:
    """True when every match of a gate holds a digit."""
    tree = parse(gate.pattern, gate.flags)
    return needs(tree, tree.state.flags, alphabet.is_of_digits)


def _routes(served: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """For each expression, where its gates begin; and the gates."""
    begins = np.cumsum([0, *map(len, served)])
    return begins, np.array(list(chain.from_iterable(served)), dtype=np.int64)


def _without_invalid(texts: pa.LargeBinaryArray) -> tuple[pa.LargeBinaryArray, list[int]]:
    """The texts with empty ones in place of those that are no valid UTF-8, and the indexes of these."""
    values = texts.to_pylist()
    invalid = [i for i, value in enumerate(values) if not _is_utf8(value)]
    for i in invalid:
        values[i] = b""
    return pa.array(values, pa.large_binary()), invalid


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _chunks(texts: pa.StringArray) -> Iterator[tuple[int, pa.StringArray]]:
    lengths = pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
    number = np.cumsum(lengths, dtype=np.int64) // _CHUNK
    bounds = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(texts)]
    for start, end in pairwise(bounds):
        if end > start:
            yield start, texts.slice(start, end - start)


def _joined(texts: pa.LargeBinaryArray, between: bytes) -> bytes:
    """The texts with a separator before, between and behind them."""
    row = pa.LargeListArray.from_arrays([0, len(texts)], texts)
    return between + pc.binary_join(row, pa.scalar(between, pa.large_binary()))[0].as_py() + between
