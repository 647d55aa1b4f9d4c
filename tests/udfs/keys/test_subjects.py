"""A person's key is the same for whoever asks, is kept for a short time only, and once destroyed opens nothing."""

import hashlib
import hmac
import secrets
import threading

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.keys.tables import AT, place, postgres, shown, table
from udfs.keys import Keyring, KeysError, KeysUnavailable
from udfs.keys.derive import derive, hkdf
from udfs.keys.subjects import SubjectKeys, erase, rewrap
from udfs.keys.table import KeyTable, open_table

__all__ = ["place", "postgres", "table"]

ROOTS = [bytes(range(n, n + 32)) for n in (0, 100, 200)]
RING = Keyring.of(ROOTS[0])
SECOND = RING.rotated(ROOTS[1], AT)
A, B = "segment:a", "segment:b"
SUBJECT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counting:
    """A key table that counts how often it is asked."""

    def __init__(self, table: KeyTable) -> None:
        self._table = table
        self.asked: list[str] = []

    def __getattr__(self, name: str):
        self.asked.append(name)
        return getattr(self._table, name)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def key_of(table: KeyTable, subject: str = "ann", scope: str = A, epoch: int = 1, ring: Keyring = RING):
    return SubjectKeys(table).keys_for(ring, scope, epoch, [subject])[0]


# What the design says, by other means


def unwrapped_by_hand(key: bytes, wrapped: bytes) -> bytes:
    """RFC 3394, section 2.2.2, as it is written there."""
    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    a, r = wrapped[:8], [wrapped[i : i + 8] for i in range(8, len(wrapped), 8)]
    n = len(r)
    for j in range(5, -1, -1):
        for i in range(n, 0, -1):
            block = (int.from_bytes(a, "big") ^ (n * j + i)).to_bytes(8, "big") + r[i - 1]
            plain = decryptor.update(block)
            a, r[i - 1] = plain[:8], plain[8:]
    assert a == bytes.fromhex("A6A6A6A6A6A6A6A6")
    return b"".join(r)


def derived_by_hand(root: bytes, *parts: str) -> bytes:
    info = b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)
    prk = hmac.digest(bytes(32), root, "sha256")
    return hmac.digest(prk, info + b"\x01", "sha256")


@pytest.mark.parametrize(("epoch", "suffix"), [(1, ()), (2, ("2",))])
def test_rows_are_as_documented(table, epoch, suffix):
    root = ROOTS[epoch - 1]
    reference, key = key_of(table, "Zoë", epoch=epoch, ring=SECOND)
    naming = derived_by_hand(root, "weir/1/subject", A, *suffix)
    assert reference == hmac.digest(naming, "Zoë".encode(), "sha256")[:16]
    (row,) = table.find([reference]).values()
    assert row[1:4] == (A, epoch, epoch)
    assert unwrapped_by_hand(derived_by_hand(root, "weir/1/subject-wrap", A, *suffix), row.wrapped) == key


def test_by_hand_is_as_published():
    """RFC 3394, section 4.6: 256 bits of data under a key of 256 bits."""
    kek = bytes.fromhex("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")
    wrapped = "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
    expected = "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F"
    assert unwrapped_by_hand(kek, bytes.fromhex(wrapped)).hex().upper() == expected
    assert derived_by_hand(ROOTS[0], "a", "b") == hkdf(ROOTS[0], b"", b"\0\0\0\1a\0\0\0\1b", 32)


def test_the_table_names_nobody(tmp_path):
    table = open_table(tmp_path / "keys.db")
    people = [f"person-{n}@example.org" for n in range(50)]
    keys = SubjectKeys(table).keys_for(RING, A, 1, people)
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    bare = [hashlib.new(name, person.encode()).digest() for person in people for name in ("sha256", "sha1", "md5")]
    assert not [secret for secret in [*map(str.encode, people), *(key for _, key in keys)] if secret in content]
    assert not [digest for digest in bare if digest[:8] in content]


# Keys


def test_each_person_has_a_key_of_their_own_everywhere(table):
    subjects = SubjectKeys(table)
    found = [
        pair
        for scope, epoch in ((A, 1), (B, 1), (A, 2), (B, 2))
        for pair in subjects.keys_for(SECOND, scope, epoch, ["ann", "bob", "Ann", "ann ", "Zoë", "Zoe\u0308"])
    ]
    assert len({reference for reference, _ in found}) == len({key for _, key in found}) == 24
    assert all(len(reference) == 16 and len(key) == 32 for reference, key in found)


@given(st.lists(SUBJECT, max_size=20), st.integers(0, 5))
def test_the_same_key_for_whoever_asks(tmp_path_factory, people, size):
    table = open_table(tmp_path_factory.mktemp("keys") / "keys.db")
    small = SubjectKeys(table, size=size)
    first = small.keys_for(RING, A, 1, people)
    assert [small.keys_for(RING, A, 1, [person])[0] for person in people] == first
    assert SubjectKeys(table).keys_for(RING, A, 1, people[::-1]) == first[::-1]
    assert SubjectKeys(table).opened(RING, A, [reference for reference, _ in first]) == dict(first)
    assert sum(table.counts().values()) == len(set(people))
    table.close()


def test_nobody(table):
    subjects = SubjectKeys(table)
    assert subjects.keys_for(RING, A, 1, []) == []
    assert subjects.opened(RING, A, []) == {}


def test_a_key_from_a_data_key_is_not_the_data_key(table):
    _, data_key = key_of(table)
    assert derive(data_key, "weir/1/token", A) not in (data_key, derive(data_key, "weir/1/encrypt", A))


@pytest.mark.parametrize("subject", ["", "\ud800secret-subject"])
def test_a_subject_that_is_none(table, subject):
    for action in (lambda: key_of(table, subject), lambda: erase(table, RING, subject, AT)):
        with pytest.raises(KeysError, match="non-empty string") as caught:
            action()
        assert "secret-subject" not in shown(caught)
    assert table.counts() == {}


def test_threads_that_race_for_the_same_persons(place, table):
    people, results, start = [f"p{n}" for n in range(400)], [], threading.Barrier(4)

    def work() -> None:
        subjects = SubjectKeys(open_table(place))
        start.wait(30)
        results.append(subjects.keys_for(RING, A, 1, people))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(result == results[0] for result in results)


# What a job keeps


def test_one_question_for_who_is_known_and_two_for_who_is_new(table, clock):
    counting = Counting(table)
    subjects = SubjectKeys(counting, ttl=60, clock=clock)
    steps = [
        (["ann", "bob", "ann"], ["find", "sample", "get_or_add"]),  # the sample once only
        (["bob", "ann"], []),
        (["bob", "eve"], ["find", "get_or_add"]),
        ([], []),
    ]
    for people, expected in steps:
        counting.asked.clear()
        subjects.keys_for(RING, A, 1, people)
        assert counting.asked == expected
    other = SubjectKeys(counting)
    counting.asked.clear()
    found = other.keys_for(RING, A, 1, ["ann", "bob", "eve"])
    other.opened(RING, A, [reference for reference, _ in found])
    other.opened(RING, A, [reference for reference, _ in found])
    assert counting.asked == ["find", "find"]


@pytest.mark.parametrize(("later", "asked"), [(0.0, False), (59.9, False), (60.0, True), (1e6, True)])
def test_a_key_is_kept_for_its_time(table, clock, later, asked):
    counting = Counting(table)
    subjects = SubjectKeys(counting, ttl=60, clock=clock)
    ((reference, key),) = subjects.keys_for(RING, A, 1, ["ann"])
    subjects.opened(RING, A, [reference])
    counting.asked.clear()
    clock.now += later
    assert subjects.keys_for(RING, A, 1, ["ann"]) == [(reference, key)]
    assert subjects.opened(RING, A, [reference]) == {reference: key}
    assert bool(counting.asked) is asked


def test_what_is_used_all_the_time_is_asked_again_too(table, clock):
    subjects = SubjectKeys(table, ttl=60, clock=clock)
    before = subjects.keys_for(RING, A, 1, ["ann"])
    erase(table, RING, "ann", AT)
    for _ in range(5):
        clock.now += 11
        assert subjects.keys_for(RING, A, 1, ["ann"]) == before
    clock.now += 11
    ((reference, key),) = subjects.keys_for(RING, A, 1, ["ann"])
    assert reference == before[0][0]
    assert key != before[0][1]


def test_old_keys_leave_the_memory(table, clock):
    subjects = SubjectKeys(table, ttl=60, clock=clock)
    found = subjects.keys_for(RING, A, 1, ["ann", "bob"])
    subjects.opened(RING, A, [reference for reference, _ in found])
    clock.now += 61
    subjects.keys_for(RING, A, 1, [])
    assert len(subjects._kept) == 0


def test_no_more_keys_are_kept_than_asked_for(table):
    subjects = SubjectKeys(table, size=10)
    for start in range(0, 60, 15):
        found = subjects.keys_for(RING, A, 1, [f"p{n}" for n in range(start, start + 15)])
        assert len(set(found)) == 15
        subjects.opened(RING, A, [reference for reference, _ in found])
        assert len(subjects._kept) == 10


def test_a_table_serves_one_keyring_alone(table):
    """Not even for persons who are new to it, or with what is kept from before."""
    subjects = SubjectKeys(table)
    before = subjects.keys_for(RING, A, 1, ["ann"])
    for person in ("ann", "bob"):
        for other in (subjects, SubjectKeys(table)):
            with pytest.raises(KeysError, match="nothing was changed"):
                other.keys_for(Keyring.of(ROOTS[2]), A, 1, [person])
    assert table.counts() == {1: 1}
    assert subjects.keys_for(RING, A, 1, ["ann"]) == before


def test_a_retired_epoch_makes_no_keys_whatever_is_kept(table):
    subjects = SubjectKeys(table)
    ((reference, _),) = subjects.keys_for(SECOND, A, 1, ["ann"])
    retired = SECOND.retired(1)
    with pytest.raises(KeysError, match="retired"):
        subjects.keys_for(retired, A, 1, ["ann"])
    assert SubjectKeys(table).opened(retired, A, [reference]) == {}


# Opening


def test_what_is_not_there_is_not_opened(table):
    (mine, key), (other, _) = key_of(table), key_of(table, scope=B)
    subjects = SubjectKeys(table)
    assert subjects.opened(RING, A, [mine, other, bytes(16), b"", b"short", mine]) == {mine: key}
    erase(table, RING, "ann", AT)
    assert SubjectKeys(table).opened(RING, A, [mine, other]) == {}


@pytest.mark.parametrize("damage", ["another root", "first bit", "last bit", "cut", "another row", "empty"])
def test_a_row_that_does_not_open(table, damage):
    reference, _ = key_of(table)
    row, ring = table.find([reference])[reference], RING
    other = table.find([key_of(table, scope=B)[0]])
    wrapped = {
        "another root": row.wrapped,
        "first bit": bytes([row.wrapped[0] ^ 128]) + row.wrapped[1:],
        "last bit": row.wrapped[:-1] + bytes([row.wrapped[-1] ^ 1]),
        "cut": row.wrapped[:-8],
        "another row": next(iter(other.values())).wrapped,
        "empty": b"",
    }[damage]
    if damage == "another root":
        table.erase([reference], AT)
        ring = Keyring.of(ROOTS[2])
        stolen = row._replace(reference=secrets.token_bytes(16))
        reference = next(iter(table.get_or_add([stolen])))
    table.rewrap(lambda rows: [r._replace(wrapped=wrapped) for r in rows if r.reference == reference])
    with pytest.raises(KeysError, match="does not open") as caught:
        SubjectKeys(table).opened(ring, A, [reference])
    assert not isinstance(caught.value, KeysUnavailable)
    if damage != "another root":
        with pytest.raises(KeysError, match="does not open"):
            key_of(table)


def test_a_job_with_an_earlier_keyring_waits_for_the_new_one(table):
    reference, key = key_of(table)
    rewrap(table, SECOND)
    for action in (lambda: key_of(table), lambda: SubjectKeys(table).opened(RING, A, [reference])):
        with pytest.raises(KeysUnavailable, match="epoch 2"):
            action()
    assert key_of(table, ring=SECOND) == (reference, key)


def test_a_server_that_is_gone_leaves_what_is_kept(postgres, clock):
    table = open_table(postgres.url(postgres.new_schema()))
    subjects = SubjectKeys(table, ttl=60, clock=clock)
    found = subjects.keys_for(RING, A, 1, ["ann"])
    postgres.stop()
    try:
        assert subjects.keys_for(RING, A, 1, ["ann"]) == found
        clock.now += 61
        for people in (["ann"], ["bob"]):
            with pytest.raises(KeysUnavailable):
                subjects.keys_for(RING, A, 1, people)
        with pytest.raises(KeysUnavailable):
            erase(table, RING, "ann", AT)
    finally:
        postgres.start()
    assert subjects.keys_for(RING, A, 1, ["ann"]) == found
