"""Every mask on one core, and the libraries that a user would take instead.

`udfs.mask.apply` over 100,000 distinct values of an entity that the mask is usual for, in batches of 10,000, as the job
does; for masks with a way back `udfs.mask.unmask` too. Peers (`benchmarks.mask_peers`) get 10,000 of the same values.
CPU time is what counts, the best of some runs.

A mask's ratio is that to the best of its peers. The bare ciphers of `cryptography`, a call for each value, are measured
as the floor and are none of them: what they give is no text that could stand in a record, and names no key.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

import pyarrow as pa
from stdnum import luhn

from benchmarks.engines import seconds
from benchmarks.mask_peers import FLOOR, Run, peers
from benchmarks.quality.values import faker, ip
from policy.plan import MaskPlan
from udfs.keys import Keys
from udfs.mask import apply, installed_mask, unmask, validated

COUNT = 100_000
"""Values for a mask."""

BATCH = 10_000
"""Values of a batch, and values for a peer."""

QUICK = 1.0
"""CPU seconds. What takes less is run five times after one to warm up; the rest twice."""

AT_LEAST = 2.0
"""The goal: so many times as fast as the best peer."""

AT_MOST = 2.0
"""The goal: `fpe` takes so many times as long as `token`."""

WEIR = "Weir"
"""Who measures what is no peer."""


def _cards(draw: random.Random) -> str:
    body = draw.choice(("4", "51", "53", "55")).ljust(15, "x")
    body = "".join(draw.choice("0123456789") if c == "x" else c for c in body)
    return body + str(luhn.calc_check_digit(body))


@cache
def _pool(kind: str) -> list[str]:
    generator = faker("en_US")
    generator.seed_instance(1)
    return sorted({str(getattr(generator, kind)()) for _ in range(4_000)})


def _name(draw: random.Random) -> str:
    return f"{draw.choice(_pool('first_name'))} {draw.choice(_pool('last_name'))}"


def _email(draw: random.Random) -> str:
    return f"{_name(draw).replace(' ', '.').lower()}@{draw.choice(_pool('domain_name'))}"


def _date(draw: random.Random) -> str:
    born = date(1930, 1, 1) + timedelta(days=draw.randrange(29_000))
    return born.strftime(draw.choice(("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%b %d, %Y", "%Y/%m/%d", "%Y%m%d")))


VALUES: dict[str, Callable[[random.Random], str]] = {
    "16-digit card numbers": _cards,
    "names": _name,
    "e-mail addresses": _email,
    "dates in six forms": _date,
    "IP addresses": ip,
    "ZIP+4": lambda draw: f"{draw.randrange(501, 99951):05}-{draw.randrange(10_000):04}",
    "salaries": lambda draw: f"{draw.randrange(2_000_000, 25_000_000) / 100:.2f}",
}
"""What makes one value, by what the values are."""


@cache
def values(kind: str, count: int = COUNT) -> tuple[str, ...]:
    """Distinct values of a kind of `VALUES`, the same each time.

    >>> len(set(values("names", 50))), values("ZIP+4", 1)[0][5]
    (50, '-')
    """
    draw, found = random.Random(1), dict[str, None]()
    while len(found) < count:
        found[VALUES[kind](draw)] = None
    return tuple(found)


@dataclass(frozen=True)
class Case:
    """What is measured: a mask on values.

    Attributes:
        name: what the tables call it.
        mask: the mask.
        values: of which kind the values are, a key of `VALUES`.
        entity: the entity that they are findings of.
        params: the mask's parameters.
        peers: a key of `benchmarks.mask_peers.peers()`, or None where there is no peer.
        back: True for the way back.
    """

    name: str
    mask: str
    values: str
    entity: str
    params: dict[str, Any] = field(default_factory=dict)
    peers: str | None = None
    back: bool = False


_CARDS = ("16-digit card numbers", "CREDIT_CARD")
_NAMES = ("names", "PERSON")
_EMAILS = ("e-mail addresses", "EMAIL_ADDRESS")
_DATES = ("dates in six forms", "DATE_OF_BIRTH")
_GCM = {"algorithm": "aes-256-gcm"}
_SHIFT = {"days": 100, "subject": "person", "order": "day_first"}

CASES = (
    Case("redact", "redact", *_EMAILS, {}, "redact"),
    Case("replace", "replace", *_EMAILS, {}, "replace"),
    Case("keep_first", "keep_first", *_CARDS, {"count": 4}, "keep_first"),
    Case("keep_last", "keep_last", *_CARDS, {"count": 4}, "keep_last"),
    Case("truncate", "truncate", *_NAMES, {"count": 3}),
    Case("generalize date: year", "generalize", *_DATES, {"date": "year", "order": "day_first"}, "year"),
    Case("generalize bucket", "generalize", "salaries", "SALARY", {"bucket": 5000}),
    Case("generalize postcode", "generalize", "ZIP+4", "US_ZIP_CODE", {"postcode": 3}),
    Case("generalize ip", "generalize", "IP addresses", "IP_ADDRESS", {"ip": {"v4": 24, "v6": 48}}, "network"),
    Case("noise", "noise", "salaries", "SALARY", {"percent": 10}),
    Case("shift_date", "shift_date", *_DATES, _SHIFT, "shifted"),
    Case("hash", "hash", *_EMAILS, {}, "hash"),
    Case("pseudonym", "pseudonym", *_EMAILS, {}, "hash"),
    Case("pseudonym, 16 digits", "pseudonym", *_CARDS, {"alphabet": "decimal", "length": 16}, "digits"),
    Case("surrogate, name", "surrogate", *_NAMES, {}, "fake name"),
    Case("surrogate, e-mail", "surrogate", *_EMAILS, {}, "fake e-mail"),
    Case("surrogate, card", "surrogate", *_CARDS, {}, "fake card"),
    Case("token", "token", *_CARDS, {}, "token"),
    Case("token, back", "token", *_CARDS, {}, "token, back", back=True),
    Case("encrypt", "encrypt", *_CARDS, {}, "encrypt"),
    Case("encrypt, back", "encrypt", *_CARDS, {}, "encrypt, back", back=True),
    Case("encrypt aes-256-gcm", "encrypt", *_CARDS, _GCM, "encrypt"),
    Case("encrypt aes-256-gcm, back", "encrypt", *_CARDS, _GCM, "encrypt, back", back=True),
    Case("fpe", "fpe", *_CARDS, {}, "fpe"),
    Case("fpe, back", "fpe", *_CARDS, {}, "fpe, back", back=True),
    Case("presidio.redact", "presidio.redact", *_EMAILS, {}, "redact"),
    Case("presidio.replace", "presidio.replace", *_EMAILS, {}, "replace"),
    Case("presidio.mask", "presidio.mask", *_CARDS, {"chars_to_mask": 12}, "keep_last"),
    Case("presidio.hash", "presidio.hash", *_EMAILS, {}, "hash"),
    Case("keep", "keep", *_EMAILS),
    Case("null", "null", *_EMAILS),
    Case("drop_field", "drop_field", *_EMAILS),
    Case("drop_record", "drop_record", *_EMAILS),
)
"""Everything that is measured: each installed mask once at least."""

KEYS = Keys.of(bytes(range(32)))


def plan(case: Case) -> MaskPlan:
    """The plan of a case's mask, as a compiled policy has it."""
    mask = installed_mask(case.mask)
    scope, epoch = ("benchmark", None if mask.info.names_key else 1) if mask.info.keyed else (None, None)
    exposure = mask.info.exposure(validated(mask, case.params))
    return MaskPlan(case.mask, case.params, exposure, scope, epoch, case.params.get("subject"))


def weir(case: Case, count: int = COUNT) -> Run:
    """A run of the case's mask over `count` values, a batch at a time; it gives the batches that it made."""
    chosen = plan(case)
    batches = _batches(list(values(case.values, count)))
    if case.back:
        sealed = [apply(chosen, case.entity, batch, KEYS) for batch in batches]
        return lambda: [unmask(chosen, case.entity, batch, KEYS) for batch in sealed]
    people = _batches([f"p-{i // 4}" for i in range(count)]) if chosen.subject else [None] * len(batches)
    return lambda: [apply(chosen, case.entity, b, KEYS, whom) for b, whom in zip(batches, people, strict=True)]


def _batches(texts: Sequence[str]) -> list[pa.StringArray]:
    return [pa.array(texts[i : i + BATCH], pa.string()) for i in range(0, len(texts), BATCH)]


@dataclass(frozen=True)
class Measured:
    """One measurement.

    Attributes:
        mask: name of the case.
        values: what the values were.
        who: `WEIR` or a peer.
        us: CPU microseconds a value.
    """

    mask: str
    values: str
    who: str
    us: float


def best(run: Run, count: int) -> float:
    """CPU microseconds a value of a run over `count` values."""
    first = seconds(run, repeats=1, warm=False)
    again = seconds(run, repeats=5 if first < QUICK else 2, warm=False)
    return again / count * 1e6


def measure(say: Callable[[str], None], cases: Sequence[Case] = CASES, count: int = COUNT) -> list[Measured]:
    """Measures masks and their peers.

    Args:
        say: is told what is being measured.
        cases: what to measure.
        count: values for each mask; peers get `BATCH` of them at the most.
    """
    measured, known = [], dict[tuple[str, str, str], float]()
    few = min(count, BATCH)
    for case in cases:
        say(f"{case.name}: {WEIR}")
        measured.append(Measured(case.name, case.values, WEIR, best(weir(case, count), count)))
        for who, peer in peers()[case.peers].items() if case.peers else ():
            at = (str(case.peers), case.values, who)
            if at not in known:
                say(f"{case.name}: {who}")
                known[at] = best(peer(list(values(case.values, count)[:few])), few)
            measured.append(Measured(case.name, case.values, who, known[at]))
    return measured


@dataclass(frozen=True)
class Compared:
    """A mask beside its best peer.

    Attributes:
        ours: the mask's measurement.
        peer: that of its best peer; None where it has none.
    """

    ours: Measured
    peer: Measured | None

    @property
    def ratio(self) -> float:
        """How many times as fast as the peer. There must be one."""
        return self.peer.us / self.ours.us if self.peer else float("nan")


def compared(measured: Sequence[Measured]) -> list[Compared]:
    """Each mask beside its best peer; the floor is no peer."""
    found = []
    for ours in (m for m in measured if m.who == WEIR):
        others = [m for m in measured if m.mask == ours.mask and m.who != WEIR and not m.who.startswith(FLOOR)]
        found.append(Compared(ours, min(others, key=lambda m: m.us, default=None)))
    return found


def goals(measured: Sequence[Measured]) -> list[tuple[str, str, str]]:
    """What the goals are about: what, its value, the goal. The masks that run Presidio's own operators have none."""
    ratios = {c.ours.mask: c.ratio for c in compared(measured) if c.peer and not c.ours.mask.startswith("presidio.")}
    least = min(ratios, key=lambda mask: ratios[mask])
    reached = sum(ratio >= AT_LEAST for ratio in ratios.values())
    us = {m.mask: m.us for m in measured if m.who == WEIR}
    return [
        ("masks at least twice as fast as their best peer", f"{reached} of {len(ratios)}", "all"),
        (f"the least of the ratios to the best peer: {least}", f"{ratios[least]:,.2f}", f"{AT_LEAST:g}"),
        ("time of fpe (FF1) ÷ time of token (AES-SIV)", f"{us['fpe'] / us['token']:,.2f}", f"at most {AT_MOST:g}"),
    ]


HEAD = ("mask", "values", "Weir, values/s", "µs a value", "best peer", "its values/s", "Weir ÷ peer")
PEER_HEAD = ("mask", "library", "values/s", "µs a value", "Weir ÷ this")
GOAL_HEAD = ("what", "measured", "goal")


def table(measured: Sequence[Measured]) -> list[list[str]]:
    """The masks as a table, each beside its best peer."""
    return [[c.ours.mask, c.ours.values, *_rate(c.ours), *_beside(c)] for c in compared(measured)]


def peer_table(measured: Sequence[Measured]) -> list[list[str]]:
    """The peers as a table."""
    ours = {m.mask: m.us for m in measured if m.who == WEIR}
    return [[m.mask, m.who, *_rate(m), f"{m.us / ours[m.mask]:,.2f}"] for m in measured if m.who != WEIR]


def _rate(one: Measured) -> tuple[str, str]:
    return f"{1e6 / one.us:,.0f}", f"{one.us:,.3f}"


def _beside(pair: Compared) -> tuple[str, str, str]:
    return (pair.peer.who, _rate(pair.peer)[0], f"{pair.ratio:,.2f}") if pair.peer else ("–", "–", "–")
