"""What somebody learns from masked values who has no key, but all else: the program, the list of all possible values,
keys of his own, and any hash.

He takes the masked values of a few hundred secrets under a key that he has not, and guesses each one. For masks of
exposure `none`, `pseudonym` and `reversible` no way to guess may be better than chance: of n guesses among N equally
likely values, the number of right ones is binomial with p = 1/N, and `by_chance` is what it exceeds with a probability
below 1e-9. All keys are fixed, so that a test passes always or never (but for the nonces of `encrypt`). That he would
find something where there is something, the weak masks at the end show.
"""

import base64
import binascii
import datetime
import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from math import comb, sqrt
from random import Random

import numpy as np
import pytest
from stdnum import luhn

from tests.udfs.mask.masking import masked, opened
from udfs.keys import Keys
from udfs.mask import MASKS, MaskError, validated

SECRET = Keys.of(hashlib.sha256(b"nobody knows this").digest())
HIS_OWN = [Keys.of(bytes(32)), Keys.of(b"\xff" * 32), Keys.of(hashlib.sha256(b"weir").digest())]
SAMPLE = 200
"""Secrets of which he has the masked value."""


def card(middle: int) -> str:
    """A card of one BIN with known last four digits and a right check digit: the sixth digit of its middle makes it
    so, which counts once (ISO/IEC 7812-1, annex B)."""
    digits = f"411111{middle:05}01234"
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits))
    return f"{digits[:11]}{-total % 10}1234"


@dataclass(frozen=True)
class Population:
    """All possible values of something, in ascending order, each equally likely."""

    entity: str
    candidates: tuple[str, ...]

    @property
    def secrets(self) -> list[str]:
        return Random(7).sample(self.candidates, SAMPLE)


def days(first: str, last: str) -> list[str]:
    bounds = [datetime.date.fromisoformat(day).toordinal() for day in (first, last)]
    return [datetime.date.fromordinal(day).isoformat() for day in range(bounds[0], bounds[1] + 1)]


@cache
def population(name: str) -> Population:
    entity, candidates = {
        "numbers of one area and group": ("US_SSN", [f"512-33-{serial:04}" for serial in range(10_000)]),
        "birthdays": ("DATE_OF_BIRTH", days("1940-01-01", "2009-12-31")),
        "ids of five digits": ("EMPLOYEE_ID", [f"{number:05}" for number in range(100_000)]),
        "pins": ("PIN", [f"{number:04}" for number in range(10_000)]),
        "cards of one bin with known last four": (
            "CREDIT_CARD",
            [card(middle) for middle in range(10**5)],
        ),
    }[name]
    return Population(entity, tuple(candidates))


POPULATIONS = (
    "numbers of one area and group",
    "birthdays",
    "ids of five digits",
    "pins",
    "cards of one bin with known last four",
)

HIDING = (
    ("redact", {}),
    ("replace", {}),
    ("null", {}),
    ("presidio.replace", {}),
    ("presidio.redact", {}),
    ("hash", {}),
    ("hash", {"ignore_case": True, "ignore_space": True}),
    ("presidio.hash", {}),
    ("presidio.hash", {"hash_type": "sha512"}),
    ("pseudonym", {}),
    ("pseudonym", {"alphabet": "hex", "length": 10}),
    ("pseudonym", {"alphabet": "decimal", "length": 13, "prefix": "c-"}),
    ("surrogate", {}),
    ("token", {}),
    ("encrypt", {}),
    ("encrypt", {"algorithm": "aes-256-gcm"}),
    ("fpe", {}),
    ("fpe", {"keep_first": 6, "keep_last": 4}),
)


def fits(name: str, params: dict, which: str) -> bool:
    """fpe needs a million possible values: six digits that do not stay."""
    digits = sum(map(str.isdigit, population(which).candidates[0]))
    return name != "fpe" or digits - params.get("keep_first", 0) - params.get("keep_last", 0) >= 6


def cases() -> list[tuple[str, dict, str]]:
    """Each mask with the first population, and each one that is keyed, with its first parameters, with all others."""
    found = [(name, params, POPULATIONS[0]) for name, params in HIDING if fits(name, params, POPULATIONS[0])]
    for which in POPULATIONS[1:]:
        fitting = [(n, p) for n, p in HIDING if MASKS[n].info.keyed and fits(n, p, which)]
        found += [(name, params, which) for name, params in dict(reversed(fitting)).items()]
    return found


CASES = cases()
each_case = pytest.mark.parametrize(
    ("name", "params", "which"), CASES, ids=[f"{name}{params or ''}-{which}" for name, params, which in CASES]
)


def by_chance(guesses: int, share: float) -> int:
    """As many right guesses as chance exceeds with a probability below 1e-9."""
    rest, hits = 1.0, -1
    while rest >= 1e-9:
        hits += 1
        rest -= comb(guesses, hits) * share**hits * (1 - share) ** (guesses - hits)
    return hits


def test_the_cards_are_valid():
    assert all(map(luhn.is_valid, population("cards of one bin with known last four").secrets))


def test_the_bound_is_that_of_the_binomial_distribution():
    assert by_chance(10, 0.0001) == 2  # P(X > 2) = 1.2e-10 and P(X > 1) = 4.5e-7
    assert by_chance(1, 0.5) == 1
    assert by_chance(100, 0.5) == 79  # P(X > 79) = 5.6e-10 and P(X > 78) = 2.3e-9


Way = Callable[[list[str], Keys], list[str | None]]
"""A mask: what it makes of values under keys."""


@dataclass(frozen=True)
class View:
    """What he has: the masked values, the possible ones, and the mask itself."""

    outputs: list[str]
    candidates: tuple[str, ...]
    mask: Way


Guesses = list[set[str]]
"""For each masked value the values that he takes it for, most often none or one."""


def cuts(output: str) -> tuple[str, ...]:
    half = len(output) // 2
    return (output, output[:half], output[half:]) if half >= 6 else (output,)


def with_keys_of_his_own(view: View) -> Guesses:
    """Masks all possible values under other keys, and looks for the whole, the first or the last half of them."""
    guesses: Guesses = [set() for _ in view.outputs]
    for keys in HIS_OWN if len(view.candidates) <= 10_000 else HIS_OWN[:1]:
        known: dict[str, str] = {}
        for value, made in zip(view.candidates, view.mask(list(view.candidates), keys), strict=True):
            known.update(dict.fromkeys(cuts(made or ""), value))
        for guess, output in zip(guesses, view.outputs, strict=True):
            guess |= {known[cut] for cut in cuts(output) if cut in known}
    return guesses


HASHES = (
    lambda data: hashlib.md5(data).digest(),
    lambda data: hashlib.sha1(data).digest(),
    lambda data: hashlib.sha256(data).digest(),
    lambda data: hashlib.blake2b(data).digest(),
    lambda data: zlib.crc32(data).to_bytes(4, "big"),
)


@lru_cache(maxsize=1)
def hashed(candidates: tuple[str, ...]) -> dict[bytes, str]:
    """The value of each hash, by the first four bytes of it."""
    return {digest(value.encode())[:4]: value for digest in HASHES for value in candidates}


def readings(output: str) -> set[bytes]:
    """The four bytes that begin at each place of a text, read as hexadecimal digits, base64 and base32."""
    ways = ((8, "", binascii.unhexlify), (6, "==", base64.urlsafe_b64decode), (7, "=", base64.b32decode))
    found = set()
    for place in range(len(output)):
        for width, padding, decode in ways:
            text = output[place : place + width].replace("+", "-").replace("/", "_")
            try:
                found.add(decode((text.upper() if width == 7 else text) + padding)[:4])
            except ValueError:
                continue
    return found


def with_a_hash(view: View) -> Guesses:
    """Hashes all possible values without a key, and looks for the beginnings of the hashes."""
    known = hashed(view.candidates)
    return [{known[four] for four in readings(output) if four in known} for output in view.outputs]


ENCODINGS = (
    lambda value: value,
    lambda value: value[::-1],
    lambda value: "".join(filter(str.isalnum, value)),
    lambda value: value.encode().hex(),
    lambda value: base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
)


@lru_cache(maxsize=1)
def encoded(candidates: tuple[str, ...]) -> list[dict[str, str]]:
    """The value of each text, for each encoding."""
    return [{encode(value): value for value in candidates} for encode in ENCODINGS]


def with_an_encoding(view: View) -> Guesses:
    """Looks for all possible values, as they are and encoded, anywhere in the masked ones."""
    guesses: Guesses = [set() for _ in view.outputs]
    for known in encoded(view.candidates):
        width = len(next(iter(known)))
        for guess, output in zip(guesses, view.outputs, strict=True):
            pieces = {output[place : place + width] for place in range(len(output) - width + 1)}
            guess |= {known[piece] for piece in pieces if piece in known}
    return guesses


def letters(texts: list[str] | tuple[str, ...], width: int, at_end: bool) -> np.ndarray:
    cut = [text[-width:].rjust(width) if at_end else text[:width].ljust(width) for text in texts]
    return np.frombuffer("".join(cut).encode("utf-32-le"), np.uint32).reshape(len(cut), width)


def by_place(view: View) -> Guesses:
    """Takes a value that has the most characters in common, place by place from the start, and one from the end."""
    guesses: Guesses = [set() for _ in view.outputs]
    width = len(view.candidates[0])
    for at_end in (False, True):
        known = letters(view.candidates, width, at_end)
        places = [place for place in range(width) if (known[:, place] != known[0, place]).any()]
        columns = [np.ascontiguousarray(known[:, place]) for place in places]
        for guess, output in zip(guesses, letters(view.outputs, width, at_end)[:, places], strict=True):
            same = np.zeros(len(known), np.uint8)
            for column, letter in zip(columns, output, strict=True):
                same += column == letter
            guess.add(view.candidates[int(same.argmax())])
    return guesses


ATTACKS = (with_keys_of_his_own, with_a_hash, with_an_encoding, by_place)


def ranks(items: list) -> np.ndarray:
    """The rank of each; equal ones share theirs."""
    order = {item: place for place, item in enumerate(sorted(set(items)))}
    return np.array([order[item] for item in items], float)


def correlation(left: list, right: list) -> float:
    """Spearman's; 0 where one side is all the same. Of n independent pairs, 6/sqrt(n - 1) are six standard deviations,
    which chance exceeds with a probability of 2e-9."""
    a, b = ranks(left), ranks(right)
    return 0.0 if not a.std() or not b.std() else float(np.corrcoef(a, b)[0, 1])


def findings(view: View, secrets: list[str]) -> list[str]:
    """The ways in which he learns more than by chance."""
    found = []
    for attack in ATTACKS:
        guesses = attack(view)
        bound = by_chance(max(len(secrets), sum(map(len, guesses))), 1 / len(view.candidates))
        if sum(secret in guess for secret, guess in zip(secrets, guesses, strict=True)) > bound:
            found.append(attack.__name__)
    sizes = [len(output) for output in view.outputs]
    lasts = [output[::-1] for output in view.outputs]
    for name, told in (("order", view.outputs), ("order from the end", lasts), ("length", sizes)):
        if abs(correlation(secrets, told)) > 6 / sqrt(len(secrets) - 1):
            found.append(name)
    return found


@each_case
def test_without_the_key_nobody_guesses_better_than_by_chance(name, params, which):
    people = population(which)

    def mask(values: list[str], keys: Keys) -> list[str | None]:
        return masked(name, params, values, people.entity, keys)

    outputs = [made or "" for made in mask(people.secrets, SECRET)]
    assert findings(View(outputs, people.candidates, mask), people.secrets) == []


@pytest.mark.parametrize(("params", "which"), [(params, which) for name, params, which in CASES if name == "fpe"])
def test_numbers_open_to_others_under_other_keys(params, which):
    people = population(which)
    outputs = masked("fpe", params, people.secrets, people.entity, SECRET)
    for keys in HIS_OWN:
        guesses = opened("fpe", params, outputs, people.entity, keys)
        hits = sum(secret == guess for secret, guess in zip(people.secrets, guesses, strict=True))
        assert hits <= by_chance(SAMPLE, 1 / len(people.candidates))


@pytest.mark.parametrize("name", ["token", "encrypt"])
def test_sealed_values_do_not_open_under_other_keys(name):
    for output in masked(name, {}, population("pins").secrets[:50], keys=SECRET):
        for keys in HIS_OWN:
            with pytest.raises(MaskError, match="unknown key id"):
                opened(name, {}, [output], keys=keys)


def test_every_mask_is_tried_or_declared_to_show_something():
    shown = {name for name, mask in MASKS.items() if mask.info.effect != "value"}
    shown |= {"keep", "keep_first", "keep_last", "truncate", "presidio.mask", "generalize", "noise", "shift_date"}
    assert {name for name, _ in HIDING} == set(MASKS) - shown
    exposures = {MASKS[name].info.exposure(validated(MASKS[name], params)) for name, params in HIDING}
    assert exposures == {"none", "pseudonym", "reversible"}


def keyed_hash(value: str, keys: Keys) -> str:
    return masked("hash", {}, [value], keys=keys)[0] or ""


WEAK = {
    "a hash without a key": lambda value: hashlib.sha256(value.encode()).hexdigest(),
    "part of a hash in base64": lambda value: "id-" + base64.b64encode(hashlib.md5(value.encode()).digest()).decode(),
    "part of a hash in base32": lambda value: (
        base64.b32encode(hashlib.sha1(value.encode()).digest()).decode().lower()[:16]
    ),
    "a check sum": lambda value: f"{zlib.crc32(value.encode()):08x}",
    "a keyed hash and a check sum": lambda value: (
        masked("hash", {}, [value], keys=SECRET)[0] + WEAK["a check sum"](value)
    ),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "the value among others": lambda value: f"x{value}y",
    "the value reversed": lambda value: value[::-1],
    "one digit changed": lambda value: value[:-1] + str((int(value[-1]) + 3) % 10),
    "a key that he has": lambda value: keyed_hash(value, HIS_OWN[0]),
    "half of it under a key that he has": lambda value: (
        keyed_hash(value, HIS_OWN[0])[:32] + keyed_hash(value, SECRET)[:32]
    ),
    "a number that grows with it": lambda value: f"{3 * int(value[-4:]) + 77:09}",
    "its length grows with it": lambda value: "x" * (int(value[-4:]) // 100 + 1),
    "a number that grows with it, from the end": lambda value: f"{3 * int(value[-4:]) + 77:06}"[::-1],
}


@pytest.mark.parametrize("weak", WEAK.values(), ids=WEAK)
def test_weak_masks_are_seen_through(weak):
    people = population("numbers of one area and group")
    outputs = [weak(secret) for secret in people.secrets]

    def under_keys(values: list[str], keys: Keys) -> list[str | None]:
        return masked("hash", {}, values, people.entity, keys)

    assert findings(View(outputs, people.candidates, under_keys), people.secrets) != []
