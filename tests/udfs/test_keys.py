"""Key files are refused unless they are private and hold a key; derived keys follow RFC 5869 and never meet."""

import base64
import os
import stat
import traceback

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from udfs.keys import KEY_BYTES, KeyFileError, _hkdf, derive, load_root_key, write_root_key

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
        load_root_key(path)
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
    assert load_root_key(key_file(content, mode)) == ROOT


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
    ],
)
def test_refuses_what_is_no_key_and_does_not_show_it(key_file, content):
    text = error_of(key_file(content))
    assert "openssl rand -hex 32" in text
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
    assert load_root_key(tmp_path / "link") == ROOT


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_refuses_a_file_that_it_cannot_read(key_file):
    assert "cannot be read (Permission denied)" in error_of(key_file(ROOT.hex().encode(), 0o000))


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_writes_a_private_key_that_it_reads(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_root_key(tmp_path / "new.key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.key").stat().st_mode) == 0o600
    assert len(load_root_key(tmp_path / "new.key")) == KEY_BYTES


def test_writes_another_key_each_time(tmp_path):
    for name in ("a", "b"):
        write_root_key(tmp_path / name)
    assert load_root_key(tmp_path / "a") != load_root_key(tmp_path / "b")


def test_never_overwrites(tmp_path, key_file):
    path = key_file(b"something")
    with pytest.raises(KeyFileError, match="exists and is not overwritten"):
        write_root_key(path)
    assert path.read_bytes() == b"something"
    (tmp_path / "dangling").symlink_to(tmp_path / "target")
    with pytest.raises(KeyFileError, match="exists and is not overwritten"):
        write_root_key(tmp_path / "dangling")


def test_cannot_write_where_there_is_no_folder(tmp_path):
    with pytest.raises(KeyFileError, match="cannot be created"):
        write_root_key(tmp_path / "absent" / "root.key")


@pytest.mark.parametrize(("secret", "salt", "info", "output"), RFC_5869)
def test_hkdf_agrees_with_rfc_5869(secret, salt, info, output):
    length = len(bytes.fromhex(output))
    found = _hkdf(bytes.fromhex(secret), bytes.fromhex(salt) or None, bytes.fromhex(info), length)
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
