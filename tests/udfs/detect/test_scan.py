"""The scan removes work, never findings: whatever a recognizer finds, its text is a candidate."""

import re
import string
import sys
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.plan import PatternPlan, RecognizerPlan
from tests.udfs.detect import reference
from udfs.detect import alphabet, databases, gates
from udfs.detect.alphabet import Alphabet
from udfs.detect.exact import judge
from udfs.detect.recognizers import build, presidio
from udfs.detect.scan import Scan
from udfs.detect.translate import Atom, NotTranslatableError, translate

ANYWHERE = gates.Gate("", 0, False)
JUDGES = [judge(recognizer, 0.0) for recognizer in build(reference.plan(threshold=0.0))]
SCAN = Scan(JUDGES)
PATTERNS = [(p.regex, r.global_regex_flags) for r in presidio().values() for p in getattr(r, "patterns", [])]


def pairs(of: Scan, texts: Sequence[str | None]) -> list[tuple[int, int]]:
    """Text and recognizer of every hit, each pair once."""
    return sorted({
        (hits.first + text, of.gates[gate].recognizer)
        for hits in of.hits(pa.array(texts, pa.string()))
        for text, gate in zip(hits.text.tolist(), hits.gate.tolist(), strict=True)
    })  # fmt: skip


def atoms_of_all() -> set[Atom]:
    atoms: set[Atom] = set()

    def write(atom: Atom) -> str:
        atoms.add(atom)
        return "."

    for pattern, flags in PATTERNS:
        translate(pattern, flags, write)
    return atoms


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(reference.texts(), min_size=1, max_size=10))
def test_whatever_is_found_was_a_candidate(texts: list[str]) -> None:
    candidates = set(pairs(SCAN, texts))
    for number, one in enumerate(JUDGES):
        missed = [text for i, text in enumerate(texts) if (i, number) not in candidates and one.analyze(text)]
        assert not missed, one.name


def test_most_texts_are_no_candidates() -> None:
    quiet = pa.array(["The quick brown fox jumps over the lazy dog, as ever", "", None, "Größe zählt – oder nicht?"])
    assert SCAN.unscanned == ()
    assert pairs(SCAN, quiet.to_pylist()) == []


def test_what_the_scan_cannot_express_sees_every_text() -> None:
    own = RecognizerPlan("Own", "OWN", (PatternPlan("p", r"[[:alpha:]]{3}9", 0.9),))
    own_scan = Scan([judge(r, 0.35) for r in build(reference.plan([], [own]))])
    assert own_scan.unscanned == (0,)
    assert pairs(own_scan, ["a", None, "", "b"]) == [(0, 0), (3, 0)]


@pytest.mark.parametrize(
    "pattern",
    [
        "[[:alpha:]]", r"\p{L}+", "(?:abc){e<=1}", "(?|a|b)", r"\X", "(?V1)[a--b]", "a**", "(", "(?a)\\w+", "(?x) a",
        "q*", "", r"\b", "(?=a)", "^$", r"(?<n>a)\g<n>",
    ],
)  # fmt: skip
def test_patterns_that_are_not_translated(pattern: str) -> None:
    with pytest.raises(NotTranslatableError):
        translate(pattern, int(regex.IGNORECASE), lambda atom: atom.source)


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        (r"(?<!\d)\d{3}(?!\d)", ["123", "a123b", "\n123\n", "٣٣٣"]),
        (r"(?<=id:?\s?)\d+", ["id 7", "id:7", "ID7"]),
        (r"x{2,3}?y?", ["xx", "axxxb"]),
        (r"(?:ab|c)+d*$", ["ab", "xcab\nz"]),
        (r"(a)(?:b|\1)c", ["aac", "abc"]),
        (r"(?P<q>[ab])z(?P=q)", ["aza", "bzB"]),
        (r"(a)?b(?(1)c|d)", ["abc", "bd"]),
        (r"^\W*kilo\b", ["kilo", "--Kilo-", "\u212ailo"]),
        (r"[^a-z]{2}", ["éÉ", "12", "00"]),
        (r"\B\w{2}\b", ["abcd", "äöü"]),
        (r"(?>a+)b", ["aab"]),
        (r"a++b", ["aab"]),
        (r"[\D\S]q.", ["1qx", "xq\n"]),
        (r"\bstraße\b", ["STRAßE", "straße", "\u1e9e straße"]),
        (r"(?i:s)T", ["ſT", "st"]),
        (r"a{70,80}", ["a" * 70]),
        (r"[Α-Ω]{2}σ", ["ΑΣΣ", "ωας"]),
    ],
)
def test_translated_patterns_match_at_least_as_much(pattern: str, texts: list[str]) -> None:
    own = RecognizerPlan("Own", "OWN", (PatternPlan("p", pattern, 0.9),))
    (one,) = [judge(r, 0.35) for r in build(reference.plan([], [own]))]
    own_scan = Scan([one])
    assert own_scan.unscanned == () or sys.version_info < (3, 11)
    matching = [text for text in texts if one.analyze(text)]
    assert matching
    assert sorted({text for text, _ in pairs(own_scan, matching)}) == list(range(len(matching)))


def test_a_class_of_the_alphabet_holds_every_character_of_the_class() -> None:
    atoms = sorted(atoms_of_all())
    chosen = {atom for atom in atoms if "^" in atom.source or "\\U" in atom.source or atom in atoms[::12]}
    whole = Alphabet(atoms)
    for atom in chosen:
        codes = alphabet._members(atom.source, int(regex.IGNORECASE) if atom.ignore_case else 0)
        in_bytes = set(whole.encode("".join(map(chr, codes.tolist())).encode()))
        assert in_bytes <= whole._members[atom], atom


def test_word_characters_and_no_others_have_word_bytes() -> None:
    encoded = Alphabet(atoms_of_all()).encode(alphabet._universe().encode())
    is_word_byte = np.isin(
        np.frombuffer(encoded, dtype=np.uint8), list((string.ascii_letters + string.digits + "_").encode())
    )
    is_word = np.zeros(0x110000, dtype=bool)
    is_word[alphabet._members(r"\w")] = True
    assert (is_word_byte == np.delete(is_word, range(0xD800, 0xE000))).all()
    assert encoded.count(b"\n") == 1


def test_boundaries_are_where_word_characters_begin_and_end() -> None:
    spaced = "\n" + "\n".join(c for c in alphabet._universe() if c != "\n") + "\n"
    at_boundary = {match.group() for match in regex.finditer(r"(?<=\n)\b.(?=\n)", spaced, regex.DOTALL)}
    assert at_boundary == set(regex.findall(r"\w", spaced))


def test_an_alphabet_that_is_full_still_holds_every_class() -> None:
    many = {Atom(f"[\\U{code:08x}]", True) for code in range(0x400, 0x530)}
    crowded = Alphabet(many)
    for atom in many:
        codes = alphabet._members(atom.source, int(regex.IGNORECASE))
        assert set(crowded.encode("".join(map(chr, codes.tolist())).encode())) <= crowded._members[atom]


def test_digits_of_the_phone_matcher_are_digits_here() -> None:
    assert set(re.findall(r"\d", alphabet._universe())) <= set(regex.findall(r"\d", alphabet._universe()))


def test_context_gates_match_where_the_lowered_text_holds_the_word() -> None:
    odd = [c for c in alphabet._universe() if c.lower() != c]
    for character in odd:
        (gate,) = gates.context_gates([character.lower()], ANYWHERE)
        assert regex.fullmatch(gate.pattern, character, gate.flags) or character.lower() == "σ", hex(ord(character))
    for word, text in (("i\u0307d", "\u0130D"), ("\u0307d", "\u0130D"), ("σας", "ΣΑΣ"), ("kg", "\u212aG")):
        (gate,) = gates.context_gates([word], ANYWHERE)
        assert regex.search(gate.pattern, text, gate.flags), word


def test_a_refused_expression_makes_its_recognizer_see_every_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "_dumped", lambda numbered: None)
    databases._compiled.cache_clear()
    refused = Scan(JUDGES[:3])
    databases._compiled.cache_clear()
    assert refused.unscanned == (0, 1, 2)
    assert pairs(refused, ["a", ""]) == [(0, 0), (0, 1), (0, 2)]
