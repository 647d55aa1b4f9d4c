"""Who is erased is erased everywhere, and nobody else; a table that is wrapped anew stays what it was."""

import hashlib
import json
import secrets

import pytest

from tests.udfs.keys.tables import AT, place, postgres, table
from udfs.keys import Keyring, KeysError
from udfs.keys.derive import derive, key_id
from udfs.keys.subjects import SubjectKeys, erase, rewrap
from udfs.keys.table import KeyTable, Name, Row

__all__ = ["place", "postgres", "table"]

ROOTS = [bytes(range(n, n + 32)) for n in (0, 100, 200)]
RING = Keyring.of(ROOTS[0])
SECOND = RING.rotated(ROOTS[1], AT)
A, B = "segment:a", "segment:b"


def key_of(table: KeyTable, subject: str = "ann", scope: str = A, epoch: int = 1, ring: Keyring = RING):
    return SubjectKeys(table).keys_for(ring, scope, epoch, [subject])[0]


def test_a_person_is_erased_everywhere_and_nobody_else(table):
    places = [(A, 1), (B, 1), (A, 2)]
    anns = [key_of(table, "ann", *place, ring=SECOND) for place in places]
    bobs = [key_of(table, "bob", *place, ring=SECOND) for place in places]
    erased = erase(table, SECOND, "ann", AT)
    assert (erased.time, erased.keys, erased.scopes) == (AT, 3, (A, B))
    assert table.find([reference for reference, _ in anns]) == {}
    assert [key_of(table, "bob", *place, ring=SECOND) for place in places] == bobs


def test_once_more_does_nothing_more(table):
    key_of(table)
    first, second = (json.loads(erase(table, RING, "ann", AT).event()) for _ in range(2))
    assert (first["outcome"], first["keys"], first["scopes"]) == ("erased", 1, [A])
    assert (second["outcome"], second["keys"], second["scopes"]) == ("nothing", 0, [])
    assert first["subject"] == second["subject"]


@pytest.mark.parametrize("subject", ["Ann", "ann ", "bob", "an"])
def test_somebody_else_is_not_erased(table, subject):
    before = key_of(table)
    assert erase(table, RING, subject, AT).keys == 0
    assert key_of(table) == before


def test_the_event_names_the_person_as_audit_events_do(table):
    key_of(table, "Zoë", ring=SECOND)
    for epoch in (None, 1, 2):
        key = SECOND.derive("weir/1/audit", "digest", epoch)
        expected = hashlib.blake2b("Zoë".encode(), key=key, digest_size=16).hexdigest()
        erased = erase(table, SECOND, "Zoë", AT, epoch)
        assert erased.subject == expected
        assert "Zo" not in erased.event()


def test_who_comes_back_is_new(table):
    """Under the same reference; a key by its id shows that what was sealed before is not of the new key."""
    before, old = key_of(table)
    erase(table, RING, "ann", AT)
    after, new = key_of(table)
    assert before == after
    assert old != new
    assert key_id(derive(old, "weir/1/token", A)) != key_id(derive(new, "weir/1/token", A))
    assert SubjectKeys(table).opened(RING, A, [before]) == {after: new}
    assert erase(table, RING, "ann", AT).keys == 1


@pytest.mark.parametrize(
    "ring",
    [Keyring.of(ROOTS[2]), Keyring.of(ROOTS[2], ROOTS[0]), Keyring.of(ROOTS[0], ROOTS[2]), Keyring.of(ROOTS[0])],
    ids=["other", "moved", "half", "earlier"],
)
def test_a_keyring_of_another_table_erases_nothing(table, ring):
    """It would compute other references, and report that there is nothing to erase."""
    found = [key_of(table, epoch=epoch, ring=SECOND) for epoch in (1, 2)]
    for action in (lambda: erase(table, ring, "ann", AT), lambda: rewrap(table, ring)):
        with pytest.raises(KeysError, match="nothing was changed"):
            action()
    assert [key_of(table, epoch=epoch, ring=SECOND) for epoch in (1, 2)] == found


def test_a_retired_epoch_does_not_hinder(table):
    key_of(table, ring=SECOND)
    assert erase(table, SECOND.retired(1), "ann", AT).keys == 1


def test_what_a_destroyed_root_wrapped_is_gone_as_it_is(table):
    key_of(table, ring=SECOND)
    key_of(table, epoch=2, ring=SECOND)
    erased = erase(table, SECOND.retired(1, destroy=True), "ann", AT)
    assert (erased.keys, erased.scopes) == (1, (A,))


# Wrapping anew


def test_rewrap_keeps_keys_and_lets_epochs_be_destroyed(table):
    people = [f"p{n}" for n in range(20)]
    before = SubjectKeys(table).keys_for(SECOND, A, 1, people)
    other = SubjectKeys(table).keys_for(SECOND, B, 2, people)
    assert rewrap(table, SECOND) == 20
    assert table.counts() == {2: 40}
    assert rewrap(table, SECOND) == 0
    assert SubjectKeys(table).keys_for(SECOND, A, 1, people) == before
    left = SECOND.retired(1, destroy=True)
    assert SubjectKeys(table).opened(left, A, [reference for reference, _ in before]) == dict(before)
    assert SubjectKeys(table).keys_for(left, B, 2, people) == other


@pytest.mark.parametrize("rotations", [1, 2, 3])
def test_a_person_can_be_erased_after_the_root_that_named_them_is_destroyed(table, rotations):
    reference, _ = key_of(table)
    key_of(table, "bob")
    ring = RING
    for number in range(rotations):
        ring = ring.rotated(secrets.token_bytes(32), AT)
        assert rewrap(table, ring) == 2
        ring = ring.retired(number + 1, destroy=True)
    assert erase(table, ring, "ann", AT).keys == 1
    assert table.find([reference]) == {}
    assert sum(table.counts().values()) == 1


def test_rewrap_leaves_what_a_retired_root_wrapped(table):
    key_of(table, ring=SECOND)
    for ring in (SECOND.retired(1), SECOND.retired(1, destroy=True)):
        assert rewrap(table, ring) == 0
        assert table.counts() == {1: 1}


def test_a_name_that_was_tampered_with_is_noticed(table):
    key_of(table)
    rewrap(table, SECOND)
    (name,) = table.names()
    table.keep_name(Name(name.scope, name.epoch, name.wrapping, secrets.token_bytes(40)))
    with pytest.raises(KeysError, match="nothing was changed"):
        erase(table, SECOND, "ann", AT)


def test_no_key_is_shown():
    wrapped = b"wrapped-secret-of-40-bytes"
    assert "wrapped-secret" not in repr([Row(bytes(16), A, 1, 1, wrapped, AT), Name(A, 1, 1, wrapped)])
