"""Key files are refused unless they are private and hold a key; derived keys follow RFC 5869 and never meet."""

import base64
import hmac
import os
import stat
import traceback

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from udfs.keys import (
    KEY_BYTES,
    Epoch,
    KeyFileError,
    Keyring,
    Keys,
    KeysError,
    KeysUnavailable,
    derive,
    key_id,
    load_keyring,
    new_root,
    write_keyring,
)
from udfs.keys.derive import hkdf

ROOT = bytes(range(32))
NAME = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)

# RFC 5869, appendix A.1 to A.3: secret, salt, info, length, output keying material.
RFC_5869 = [
    (
        "0b" * 22,
        "000102030405060708090a0b0c",
        "f0f1f2f3f4f5f6f7f8f9",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        bytes(range(0x50)).hex(),
        bytes(range(0x60, 0xB0)).hex(),
        bytes(range(0xB0, 0x100)).hex(),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
        "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    (
        "0b" * 22,
        "",
        "",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
]


@pytest.fixture
def key_file(tmp_path):
    def write(content: bytes, mode: int = 0o600):
        path = tmp_path / "root.key"
        path.write_bytes(content)
        path.chmod(mode)
        return path

    return write


def error_of(path) -> str:
    with pytest.raises(KeyFileError) as caught:
        load_keyring(path)
    assert str(path) in str(caught.value)
    return "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "content",
    [
        ROOT.hex().encode(),
        ROOT.hex().encode() + b"\n",
        ROOT.hex().upper().encode() + b"\r\n",
        base64.b64encode(ROOT),
        base64.b64encode(ROOT) + b"\n",
    ],
)
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_reads_a_key(key_file, content, mode):
    assert load_keyring(key_file(content, mode)) == Keyring.of(ROOT)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        ROOT.hex().encode()[:-1],
        ROOT.hex().encode() + b"0",
        ROOT[:31].hex().encode(),
        ROOT.hex().encode()[:-1] + b"g",
        b"0x" + ROOT.hex().encode(),
        ROOT.hex(" ").encode(),
        (ROOT.hex() + "\n" + ROOT.hex()).encode(),
        base64.b64encode(ROOT[:31]),
        base64.b64encode(ROOT + b"\x00"),
        base64.b64encode(ROOT).rstrip(b"="),
        base64.b64encode(ROOT)[:20] + b"\n" + base64.b64encode(ROOT)[20:],
        ROOT,
        b"\xef\xbb\xbf" + ROOT.hex().encode(),
        b"-----BEGIN PRIVATE KEY-----\n" * 100,
        b"x" * (1 << 20) + b"\n",
    ],
)
def test_refuses_what_is_no_key_and_does_not_show_it(key_file, content):
    text = error_of(key_file(content))
    assert "to make one, run: weir keys new " in text
    for part in (content.decode("latin-1").strip(), ROOT.hex()[:16], base64.b64encode(ROOT).decode()[:16]):
        assert not part or part not in text


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o644, 0o700 | 0o010, 0o601, 0o602, 0o620])
def test_refuses_a_file_that_others_could_use(key_file, mode):
    text = error_of(key_file(ROOT.hex().encode(), mode))
    assert f"mode 0600 or stricter); got {mode:04o}" in text
    assert "chmod 600" in text
    assert ROOT.hex()[:16] not in text


def test_refuses_a_missing_file(tmp_path):
    assert "there is no such file; to make one, run: " in error_of(tmp_path / "absent.key")


def test_refuses_a_folder_and_a_pipe_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is not a regular file" in error_of(tmp_path / "pipe")
    assert "is not a regular file" in error_of(tmp_path)


def test_judges_the_file_behind_a_link(tmp_path, key_file):
    path = key_file(ROOT.hex().encode(), 0o644)
    (tmp_path / "link").symlink_to(path)
    assert "got 0644" in error_of(tmp_path / "link")
    path.chmod(0o600)
    assert load_keyring(tmp_path / "link").root(1) == ROOT


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_refuses_a_file_that_it_cannot_read(key_file):
    assert "cannot be read (Permission denied)" in error_of(key_file(ROOT.hex().encode(), 0o000))


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_writes_a_private_key_that_it_reads(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_keyring(tmp_path / "new.key", Keyring.of(new_root()))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.key").stat().st_mode) == 0o600
    assert len(load_keyring(tmp_path / "new.key").root(1)) == KEY_BYTES


def test_writes_another_key_each_time(tmp_path):
    for name in ("a", "b"):
        write_keyring(tmp_path / name, Keyring.of(new_root()))
    assert load_keyring(tmp_path / "a") != load_keyring(tmp_path / "b")


def test_never_overwrites(tmp_path, key_file):
    path = key_file(b"something")
    with pytest.raises(KeyFileError, match="exists and is not overwritten"):
        write_keyring(path, Keyring.of(ROOT))
    assert path.read_bytes() == b"something"
    (tmp_path / "dangling").symlink_to(tmp_path / "target")
    with pytest.raises(KeyFileError, match="exists and is not overwritten"):
        write_keyring(tmp_path / "dangling", Keyring.of(ROOT))


def test_cannot_write_where_there_is_no_folder(tmp_path):
    with pytest.raises(KeyFileError, match="cannot be created"):
        write_keyring(tmp_path / "absent" / "root.key", Keyring.of(ROOT))


@pytest.mark.parametrize(("secret", "salt", "info", "output"), RFC_5869)
def test_hkdf_agrees_with_rfc_5869(secret, salt, info, output):
    length = len(bytes.fromhex(output))
    found = hkdf(bytes.fromhex(secret), bytes.fromhex(salt), bytes.fromhex(info), length)
    assert found.hex() == output


def test_derived_keys_stay_as_they_are():
    """What was masked under earlier versions stays joinable. Computed by another program from RFC 5869."""
    assert (
        derive(ROOT, "weir/1/hash", "segment:test").hex()
        == "55e04f6d1dd4894ca299a5773701acb18a0adb3d7b98d0aa8b95fe5205bd4f0b"
    )


@given(one=st.tuples(NAME, NAME), two=st.tuples(NAME, NAME))
def test_other_purposes_and_scopes_give_other_keys(one, two):
    assume(one != two)
    assert derive(ROOT, *one) != derive(ROOT, *two)


@given(text=st.text("abc/:1", min_size=3, max_size=8), cuts=st.tuples(st.integers(1, 7), st.integers(1, 7)))
def test_the_border_between_purpose_and_scope_counts(text, cuts):
    a, b = (min(cut, len(text) - 1) for cut in cuts)
    assume(a != b)
    assert derive(ROOT, text[:a], text[a:]) != derive(ROOT, text[:b], text[b:])


@given(purpose=NAME, scope=NAME)
def test_a_derived_key_has_32_bytes_and_depends_on_the_root(purpose, scope):
    key = derive(ROOT, purpose, scope)
    assert len(key) == KEY_BYTES
    assert key != ROOT
    assert key != derive(ROOT[::-1], purpose, scope)


@pytest.mark.parametrize(
    ("root", "purpose", "scope"),
    [(b"", "p", "s"), (ROOT[:31], "p", "s"), (ROOT + b"\x00", "p", "s"), (ROOT, "", "s"), (ROOT, "p", "")],
)
def test_refuses_to_derive_from_less(root, purpose, scope):
    with pytest.raises(ValueError, match="must have") as caught:
        derive(root, purpose, scope)
    assert ROOT.hex()[:8] not in str(caught.value)
    assert repr(ROOT)[2:20] not in str(caught.value)


@given(one=st.tuples(NAME, NAME, st.integers(1, 4)), two=st.tuples(NAME, NAME, st.integers(1, 4)))
def test_other_epochs_give_other_keys(one, two):
    assume(one != two)
    assert derive(ROOT, *one) != derive(ROOT, *two)


def test_the_key_of_a_later_epoch_is_as_documented():
    """Computed by another program from RFC 5869: the epoch is the third part, in decimal."""
    parts = [b"weir/1/token", b"segment:test", b"2"]
    info = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    pseudorandom = hmac.digest(bytes(32), ROOT, "sha256")
    assert derive(ROOT, "weir/1/token", "segment:test", 2) == hmac.digest(pseudorandom, info + b"\x01", "sha256")


@pytest.mark.parametrize(
    ("epochs", "problem"),
    [
        ([], "numbers from 1, ascending"),
        ([Epoch(0, root=ROOT)], "numbers from 1, ascending"),
        ([Epoch(2, "previous", root=ROOT), Epoch(1, root=ROOT)], "numbers from 1, ascending"),
        ([Epoch(1, "previous", root=ROOT), Epoch(1, root=ROOT)], "numbers from 1, ascending"),
        ([Epoch(1, root=ROOT), Epoch(2, root=ROOT)], "exactly one active"),
        ([Epoch(1, "previous", root=ROOT)], "exactly one active"),
        ([Epoch(1, "old", root=ROOT), Epoch(2, root=ROOT)], "active, previous or retired"),
        ([Epoch(1)], "must have the root key of epoch 1"),
        ([Epoch(1, root=ROOT[:31])], "32 bytes; got 31 for epoch 1"),
    ],
)
def test_refuses_what_is_no_keyring(epochs, problem):
    with pytest.raises(KeysError, match=problem) as caught:
        Keyring(tuple(epochs))
    assert ROOT.hex()[:8] not in str(caught.value)


def test_rotation_writes_anew_and_still_opens():
    first = Keyring.of(ROOT)
    second = first.rotated(new_root(), now=1_700_000_000_000)
    assert (first.active, second.active, second.opening) == (1, 2, (1, 2))
    assert second.derive("p", "s", 1) == first.derive("p", "s")
    assert second.derive("p", "s") != first.derive("p", "s")
    assert set(first.by_id("p", "s")) < set(second.by_id("p", "s"))


def test_a_retired_epoch_neither_writes_nor_opens():
    ring = Keyring.of(ROOT, new_root()).retired(1)
    assert ring.opening == (2,)
    assert len(ring.by_id("p", "s")) == 1
    with pytest.raises(KeysError, match="epoch 1 of the keyring is retired"):
        ring.derive("p", "s", 1)
    assert ring.epochs[0].root == ROOT
    assert ring.retired(1, destroy=True).epochs[0].root is None


def test_the_active_epoch_and_an_absent_one_are_not_retired():
    with pytest.raises(KeysError, match="is the active one; run `weir keys rotate`"):
        Keyring.of(ROOT).retired(1)
    with pytest.raises(KeysError, match="has no epoch 3, only 1"):
        Keyring.of(ROOT).retired(3)


def test_no_representation_shows_a_key():
    ring = Keyring.of(ROOT)
    for shown in (repr(ring), str(ring), repr(ring.epochs[0]), repr(Keys.of(ROOT))):
        assert ROOT.hex()[:8] not in shown and repr(ROOT)[2:20] not in shown


@pytest.mark.parametrize("retired", [False, True])
def test_a_keyring_is_read_as_it_was_written(tmp_path, retired):
    path = tmp_path / "ring"
    ring = Keyring.of(ROOT).rotated(new_root(), now=1_767_225_600_123)
    ring = ring.retired(1, destroy=True) if retired else ring
    write_keyring(path, ring)
    assert load_keyring(path) == ring
    write_keyring(path, ring.rotated(new_root(), now=0), replace=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_keyring(path).active == 3
    assert [p.name for p in tmp_path.iterdir()] == ["ring"]


def test_two_changes_at_once_are_refused(tmp_path, key_file):
    path = key_file(ROOT.hex().encode())
    path.with_name("root.key.new").write_text("")
    with pytest.raises(KeyFileError, match="if no other change is under way, remove it"):
        write_keyring(path, Keyring.of(ROOT), replace=True)
    assert load_keyring(path).root(1) == ROOT


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is not valid JSON"),
        ('{"weir_keys": 2, "epochs": []}', "weir_keys: "),
        ('{"weir_keys": 1}', "epochs: Field required"),
        ('{"weir_keys": 1, "epochs": []}', "must have epochs"),
        ('{"weir_keys": 1, "epochs": [{"epoch": 1, "state": "active", "key": "00"}]}', "the root key of epoch 1"),
        ('{"weir_keys": 1, "epochs": [{"epoch": 1, "state": "active"}]}', "must have the root key of epoch 1"),
        ('{"weir_keys": 1, "epochs": [{"epoch": 1, "state": "old", "key": "%s"}]}', "epochs.0.state: "),
        ('{"weir_keys": 1, "epochs": [{"epoch": 1, "state": "active", "kye": "%s"}]}', "epochs.0.kye: Extra"),
        ('{"weir_keys": 1, "epochs": [{"epoch": 1, "state": "active", "created": "soon", "key": "%s"}]}', "ISO 8601"),
        (
            '{"weir_keys": 1, "kms": "x:y", "epochs": [{"epoch": 1, "state": "active", "wrapped": "%s"}]}',
            "vault:MOUNT/KEY",
        ),
    ],
)
def test_refuses_a_broken_keyring_and_does_not_show_it(key_file, content, problem):
    with pytest.raises(KeysError) as caught:
        load_keyring(key_file(content.replace("%s", ROOT.hex()).encode()))
    text = "".join(traceback.format_exception(caught.value))
    assert problem in text and ROOT.hex()[:16] not in text


def test_reads_keys_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("WEIR_TEST_KEYS", ROOT.hex() + "\n")
    assert load_keyring("env:WEIR_TEST_KEYS").root(1) == ROOT
    monkeypatch.setenv("WEIR_TEST_KEYS", ROOT.hex()[:-1])
    with pytest.raises(KeysError, match="environment variable WEIR_TEST_KEYS: must be one line") as caught:
        load_keyring("env:WEIR_TEST_KEYS")
    assert ROOT.hex()[:16] not in str(caught.value)
    with pytest.raises(KeysError, match="environment variable WEIR_ABSENT: is not set"):
        load_keyring("env:WEIR_ABSENT")


def test_a_job_reads_its_keys_again_and_stops_when_it_cannot():
    now, reads, ring = [0.0], [], Keyring.of(ROOT)

    def load():
        reads.append(now[0])
        if now[0] > 250:
            raise KeysUnavailable("the service is down")
        return ring

    keys = Keys(load, keep=100, clock=lambda: now[0])
    for now[0] in (1, 99, 100, 199, 201):
        assert keys.keyring() is ring
    assert reads == [0, 100, 201]
    now[0] = 301
    for _ in range(2):
        with pytest.raises(KeysUnavailable):
            keys.keyring()


def test_keys_open_by_their_ids():
    keys = Keys.of(ROOT, bytes(32))
    opening = keys.opening("weir/1/token", "segment:a")
    for epoch in (1, 2):
        key = keys.keyring().derive("weir/1/token", "segment:a", epoch)
        assert opening[key_id(key)] == key
    for absent in (b"none", key_id(keys.keyring().derive("weir/1/token", "segment:b"))):
        with pytest.raises(KeyError):
            opening[absent]
