"""The key table keeps its promises in SQLite and in PostgreSQL: the same key for whoever asks, no key after an erasure,
never more spent than permitted."""

import random
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.keys.tables import AT, place, postgres, row, rows, table
from udfs.keys import KeysUnavailable
from udfs.keys._sqlite import Sqlite
from udfs.keys.table import KeyTable, Name, Row, open_table

__all__ = ["place", "postgres", "table"]

# What is found


def test_what_is_added_is_found(table):
    added = rows(3)
    by_reference = {r.reference: r for r in added}
    assert table.get_or_add(added) == by_reference
    assert table.find([r.reference for r in added]) == by_reference


def test_a_new_table_has_nothing(table):
    assert table.find([bytes(16)]) == {}
    assert (table.samples(), table.names(), table.counts()) == ([], [], {})
    assert table.erase([bytes(16)], AT) == []


@pytest.mark.parametrize("method", ["find", "get_or_add"])
def test_nothing_is_asked_for(table, method):
    assert getattr(table, method)([]) == {}


def test_nothing_is_erased_when_nothing_is_named(table):
    table.get_or_add(rows(2))
    assert table.erase([], AT) == []
    assert table.counts() == {1: 2}


def test_the_first_key_stays(table):
    first, second = row(bytes(16)), row(bytes(16))
    assert table.get_or_add([first]) == table.get_or_add([second]) == {bytes(16): first}


def test_a_row_that_is_given_twice_is_one(table):
    given = row()
    assert table.get_or_add([given, given]) == {given.reference: given}


def test_more_rows_than_fit_a_statement(table):
    many = rows(9001)
    assert len(table.get_or_add(many)) == 9001
    assert len(table.find([r.reference for r in many])) == 9001
    assert len(table.erase([r.reference for r in many], AT)) == 9001
    assert table.counts() == {}


def test_it_is_there_when_opened_again(place, table):
    added = table.get_or_add(rows(2))
    assert open_table(place).find(list(added)) == added


def test_samples_and_counts(table):
    table.get_or_add([row(), row(), row(scope="segment:b", wrapping=2), row(epoch=3, wrapping=2)])
    assert [r[1:4] for r in table.samples()] == [("segment:a", 1, 1), ("segment:a", 3, 2), ("segment:b", 1, 2)]
    assert table.counts() == {1: 2, 2: 2}


def test_names_are_kept_once_for_each_scope_and_epoch(table):
    first, other, second = (Name(s, 1, w, secrets.token_bytes(40)) for s, w in (("a", 1), ("b", 1), ("a", 2)))
    for name in (first, other, second):
        table.keep_name(name)
    assert sorted(table.names()) == sorted([other, second])


# Erasure


def test_erased_keys_are_absent(table):
    added = rows(3)
    table.get_or_add(added)
    first, second, third = (r.reference for r in added)
    assert sorted(table.erase([first, second, first, bytes(16)], AT)) == sorted([first, second])
    assert list(table.find([first, second, third])) == [third]
    assert table.counts() == {1: 1}
    assert [r.reference for r in table.samples()] == [third]


def test_an_erasure_happens_once(table):
    (added,) = table.get_or_add([row()])
    assert table.erase([added], AT) == [added]
    assert table.erase([added], AT + 1) == []


def test_who_comes_back_gets_a_new_key(table):
    before, after = row(bytes(16)), row(bytes(16))._replace(created=AT + 9)
    table.get_or_add([before])
    table.erase([bytes(16)], AT + 5)
    assert table.get_or_add([after]) == {bytes(16): after}
    assert table.find([bytes(16)])[bytes(16)].wrapped != before.wrapped
    assert table.erase([bytes(16)], AT + 10) == [bytes(16)]


@given(st.lists(st.tuples(st.booleans(), st.sets(st.integers(0, 9)))))
def test_any_order_of_additions_and_erasures(tmp_path_factory, steps):
    table = open_table(tmp_path_factory.mktemp("keys") / "keys.db")
    expected: dict[bytes, Row] = {}
    for add, numbers in steps:
        references = [bytes([number]) * 16 for number in numbers]
        if add:
            added = [row(reference) for reference in references]
            expected |= {r.reference: r for r in added if r.reference not in expected}
            assert table.get_or_add(added) == {reference: expected[reference] for reference in references}
        else:
            assert sorted(table.erase(references, AT)) == sorted(set(references) & set(expected))
            expected = {reference: r for reference, r in expected.items() if reference not in references}
    assert table.find([bytes([number]) * 16 for number in range(10)]) == expected
    table.close()


def test_no_byte_of_an_erased_key_is_left_in_the_files(tmp_path):
    """Through page splits, growth and shrinking of rows: what was erased, replaced or re-wrapped is in no file."""
    table, chance, ever = open_table(tmp_path / "keys.db"), random.Random(7), []

    def new(references):
        made = [row(r, scope="s" * chance.randrange(1, 60)) for r in references]
        ever.extend(r.wrapped for r in table.get_or_add(made).values())

    def change(found):
        changed = [r._replace(wrapping=300, wrapped=chance.randbytes(40)) for r in found]
        ever.extend(r.wrapped for r in changed)
        return changed

    def check():
        live = {r.wrapped for r in table.find(references).values()}
        content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert len(live) > 200 and all(wrapped in content for wrapped in live)
        assert [w for w in ever if w not in live and (w[:8] in content or w[-8:] in content)] == []

    references = [chance.randbytes(16) for _ in range(1500)]
    for start in range(0, 1500, 50):
        new(references[start : start + 50])
    for _ in range(5):
        table.erase(chance.sample(references, 400), AT)
        new(chance.sample(references, 300))
    assert table.rewrap(change) > 700
    check()
    table.erase(references[:1000], AT)
    check()


def test_an_erasure_says_when_a_reader_keeps_copies_alive(tmp_path):
    path = tmp_path / "keys.db"
    table = KeyTable(Sqlite(str(path), wait=0.2))
    added = row()
    table.get_or_add([added])
    other = Sqlite(str(path))
    other._connection.execute("BEGIN")
    other._connection.execute("SELECT COUNT(*) FROM weir_subject_key").fetchall()
    with pytest.raises(KeysUnavailable, match="copies stay in its journal"):
        table.erase([added.reference], AT)
    other._connection.execute("COMMIT")
    assert table.find([added.reference]) == {}
    assert table.erase([added.reference], AT) == []
    assert added.wrapped not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


# Re-wrapping


def test_rewrap_changes_what_it_is_told(table):
    added = table.get_or_add(rows(25))
    chosen = set(list(added)[:10])
    fresh = {reference: secrets.token_bytes(40) for reference in chosen}

    def change(found):
        assert len(found) <= 4
        return [r._replace(wrapping=2, wrapped=fresh[r.reference]) for r in found if r.reference in chosen]

    assert table.rewrap(change, size=4) == 10
    assert table.counts() == {1: 15, 2: 10}
    expected = {ref: r._replace(wrapping=2, wrapped=fresh[ref]) if ref in chosen else r for ref, r in added.items()}
    assert table.find(list(added)) == expected


def test_rewrap_revives_nobody(table, place):
    """Who is erased, or erased and back, between the reading and the writing of a chunk."""
    gone, back, stays = (row(bytes([n]) * 16) for n in range(3))
    table.get_or_add([gone, back, stays])
    returned = row(back.reference)

    def change(found):
        other = open_table(place)
        other.erase([gone.reference, back.reference], AT)
        other.get_or_add([returned])
        return [r._replace(wrapping=2, wrapped=secrets.token_bytes(40)) for r in found]

    assert table.rewrap(change) == 1
    found = table.find([gone.reference, back.reference, stays.reference])
    assert found.keys() == {back.reference, stays.reference}
    assert found[back.reference] == returned


# Grants


@pytest.mark.parametrize(
    ("spendings", "limit", "expected", "spent"),
    [
        ([3, 2], 5, [True, True], 5),
        ([3, 3, 2], 5, [True, False, True], 5),
        ([6], 5, [False], 0),
        ([1], 0, [False], 0),
        ([5, 1], 5, [True, False], 5),
        ([0, 0], 0, [True, True], 0),
        ([2**40, 2**40], 2**41 - 1, [True, False], 2**40),
    ],
)
def test_spending(table, spendings, limit, expected, spent):
    assert [table.spend("grant", count, limit) for count in spendings] == expected
    assert table.spent("grant") == spent
    assert table.spent("another") == 0


def test_a_limit_that_is_lower_now(table):
    assert table.spend("grant", 4, 5)
    assert not table.spend("grant", 1, 3)
    assert not table.spend("grant", 0, 3)
    assert table.spent("grant") == 4


def test_a_grant_is_not_paid_back(table):
    with pytest.raises(ValueError, match="0 or more"):
        table.spend("grant", -1, 5)
