"""Every mask is measured on values that it understands, and its peers do what they are measured for."""

import ipaddress
import re
from collections import Counter
from hashlib import sha256
from typing import Any

import pytest

from benchmarks import masks
from benchmarks.mask_peers import FLOOR, KEY, peers
from benchmarks.masks import CASES, VALUES, WEIR, Case, Measured, compared, goals, values
from benchmarks.page import PAGE, put
from udfs.mask import MASKS

CARD, FEW = "4111111111111111", 40


def made(task: str, name: str, text: str) -> Any:
    (only,) = peers()[task][name]([text])()
    return only


def test_every_installed_mask_is_measured() -> None:
    assert {case.mask for case in CASES} == {*MASKS}
    assert {case.mask for case in CASES if case.back} == {name for name, mask in MASKS.items() if mask.open}


def test_cases_have_names_of_their_own_and_peers_that_there_are() -> None:
    assert not [name for name, times in Counter(case.name for case in CASES).items() if times > 1]
    assert {case.peers for case in CASES if case.peers} == {*peers()}


@pytest.mark.parametrize("kind", VALUES)
def test_values_are_distinct_and_repeat(kind: str) -> None:
    once = values(kind, 2_000)
    assert len(set(once)) == len(once) == 2_000
    assert values.__wrapped__(kind, 2_000) == once


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mask_understands_what_it_is_measured_on(case: Case) -> None:
    given = values(case.values, FEW)
    (result,) = masks.weir(case, FEW)()
    texts = result.to_pylist()
    if case.back or case.mask == "keep":
        assert texts == list(given)
    else:
        assert not [text for before, text in zip(given, texts, strict=True) if text == before]


def test_all_values_are_masked_a_batch_at_a_time() -> None:
    keep = next(case for case in CASES if case.mask == "keep")
    count = masks.BATCH + 5
    assert [len(batch) for batch in masks.weir(keep, count)()] == [masks.BATCH, 5]


@pytest.mark.parametrize(
    ("task", "name", "text", "expected"),
    [
        ("redact", "Presidio Redact", "ann@x.org", ""),
        ("replace", "Presidio Replace", "ann@x.org", "<EMAIL_ADDRESS>"),
        ("keep_first", "Presidio Mask", CARD, "4111************"),
        ("keep_last", "Presidio Mask", CARD, "************1111"),
        ("keep_last", "MaskOps", CARD, "411111******1111"),
        ("hash", "Presidio Hash", "ann", sha256(b"ann" + KEY).hexdigest()),
        # RFC 2104 written out: the inner and the outer digest, with a key of less than a block of 64 bytes.
        (
            "hash",
            "hmac",
            "ann",
            sha256(
                bytes(b ^ 0x5C for b in KEY.ljust(64, b"\0"))
                + sha256(bytes(b ^ 0x36 for b in KEY.ljust(64, b"\0")) + b"ann").digest()
            ).digest(),
        ),
        ("year", "dateutil", "03.02.1984", "1984"),
        ("shifted", "dateutil", "03.02.1984", "1984-02-20T00:00:00"),
        ("network", "ipaddress", "192.0.2.77", "192.0.2.0/24"),
        ("network", "ipaddress", "2001:db8:1:2::3", "2001:db8:1::/48"),
        ("network", "MaskOps", "192.0.2.77", "192.0.*.*"),
    ],
)
def test_a_peer_does_what_it_is_measured_for(task: str, name: str, text: str, expected: object) -> None:
    assert made(task, name, text) == expected


@pytest.mark.parametrize("task", ["token", "encrypt", "fpe"])
def test_what_a_peer_encrypted_comes_back(task: str) -> None:
    names = [name for name in peers()[task] if not name.startswith("MaskOps")]
    assert names == [*peers()[f"{task}, back"]]
    for name in names:
        sealed, opened = made(task, name, CARD), made(f"{task}, back", name, CARD)
        assert sealed not in (CARD, CARD.encode())
        assert opened in (CARD, CARD.encode())


@pytest.mark.parametrize(("task", "repeats"), [("token", True), ("fpe", True), ("encrypt", False)])
def test_only_what_stands_for_a_token_repeats(task: str, repeats: bool) -> None:
    for name in peers()[task]:
        assert (made(task, name, CARD) == made(task, name, CARD)) is repeats, name


@pytest.mark.parametrize("name", ["ff3 (FF3-1, withdrawn)", "MaskOps FF1", "MaskOps FF3-1"])
def test_format_preserving_peers_keep_the_form(name: str) -> None:
    result = made("fpe", name, CARD)
    assert re.fullmatch(r"\d{16}", result)
    assert result != CARD


@pytest.mark.parametrize(
    ("task", "form"),
    [("fake name", r"[A-Z].* .+"), ("fake e-mail", r"\S+@example\.(com|net|org)"), ("fake card", r"\d{11,19}")],
)
def test_fakes_are_of_the_kind(task: str, form: str) -> None:
    for name in peers()[task]:
        assert re.fullmatch(form, made(task, name, CARD)), name


def test_maskops_has_a_number_of_as_many_digits_for_a_number_and_always_the_same() -> None:
    (name,) = peers()["digits"]
    assert re.fullmatch(r"\d{16}", made("digits", name, CARD))
    assert made("digits", name, CARD) == made("digits", name, CARD) != CARD


def test_every_value_goes_through_every_peer() -> None:
    for case in CASES:
        given = list(values(case.values, FEW))
        for name, peer in peers()[case.peers].items() if case.peers else ():
            assert len(list(peer(given)())) == FEW, (case.name, name)


def test_maskops_leaves_no_address_as_it_was() -> None:
    given = list(values("IP addresses", FEW))
    assert {ipaddress.ip_address(text).version for text in given} == {4, 6}
    assert not [a for a, b in zip(given, peers()["network"]["MaskOps"](given)(), strict=True) if a == b]


def rates(**us: float) -> list[Measured]:
    """Measurements: those named `mask__who` of a peer."""
    names = [name.partition("__") for name in us]
    return [Measured(mask, "v", who or WEIR, time) for (mask, _, who), time in zip(names, us.values(), strict=True)]


def test_the_ratio_is_to_the_best_peer_and_the_floor_is_none() -> None:
    measured = [
        *rates(token=2.0, token__slow=9.0, token__fast=5.0, noise=1.0),
        Measured("token", "v", f"{FLOOR}x", 1.0),
    ]
    token, noise = compared(measured)
    assert (token.peer, token.ratio) == (measured[2], 2.5)
    assert noise.peer is None
    assert masks.table(measured)[1][-3:] == ["–", "–", "–"]
    assert [row[-1] for row in masks.peer_table(measured)] == ["4.50", "2.50", "0.50"]


def test_goals_count_the_masks_and_name_the_least() -> None:
    measured = rates(token=2.0, token__a=4.0, fpe=3.0, fpe__a=3.3, **{"presidio.hash": 9.0, "presidio.hash__a": 1.0})
    assert [value for _, value, _ in goals(measured)] == ["1 of 2", "1.10", "1.50"]
    assert goals(measured)[1][0].endswith(": fpe")


def test_a_measurement_fills_the_tables() -> None:
    chosen = [case for case in CASES if case.name in ("redact", "token", "fpe", "noise")]
    said: list[str] = []
    measured = masks.measure(said.append, chosen, 200)
    assert [m.mask for m in measured if m.who == WEIR] == ["redact", "noise", "token", "fpe"]
    assert len(said) == len(measured)
    assert all(m.us > 0 for m in measured)
    assert {len(row) for row in masks.table(measured)} == {len(masks.HEAD)}
    assert {len(row) for row in masks.peer_table(measured)} == {len(masks.PEER_HEAD)}


@pytest.mark.parametrize("name", ["masks", "mask-peers", "mask-goals"])
def test_the_page_has_a_place_for_every_table(name: str) -> None:
    page = PAGE.read_text("utf-8")
    assert put(page, name, "new") != page
