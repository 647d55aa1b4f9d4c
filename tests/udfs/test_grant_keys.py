"""Keys of signers: what is written is what is read, and what others could have changed is not trusted."""

import hashlib
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from udfs.grant_keys import LONGEST_BYTES, PASSPHRASE, load_private, load_trusted, public_line, thumbprint, write_keys
from udfs.grants import Grant, check, sign
from udfs.keys.errors import KeyFileError

RFC_8032 = {  # section 7.1: secret key, public key, message, signature
    "1": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
        "24655141438e7a100b",
    ),
    "2": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
        "eeb00d291612bb0c00",
    ),
    "3": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
        "8dc027beceea1ec40a",
    ),
    "SHA(abc)": (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac1"
        "7ad9bef1177331a704",
    ),
}

ANN, EVE = (Ed25519PrivateKey.from_private_bytes(bytes.fromhex(RFC_8032[n][0])) for n in "12")
PUBLIC = ANN.public_key()
PUBLIC_PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("vector", RFC_8032.values(), ids=RFC_8032)
def test_keys_sign_as_rfc_8032_says(tmp_path: Path, vector: tuple[str, ...]) -> None:
    secret, public, message, signature = map(bytes.fromhex, vector)
    paths = write_keys(tmp_path, "ann", Ed25519PrivateKey.from_private_bytes(secret))
    assert load_private(paths[0]).sign(message) == signature
    key = load_trusted(paths[1])["ann"]
    assert key.public_bytes_raw() == public
    key.verify(signature, message)


def test_the_fingerprint_is_that_of_rfc_8037() -> None:
    assert thumbprint(PUBLIC) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"  # appendix A.3


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    for name, key in (("ann", ANN), ("eve", EVE)):
        write_keys(tmp_path, name, key)
    return tmp_path


def test_keys_are_written_and_read(keys: Path) -> None:
    assert (keys / "ann.key").stat().st_mode & 0o777 == 0o600
    assert (keys / "ann.pub").stat().st_mode & 0o022 == 0
    assert load_private(keys / "ann.key").private_bytes_raw() == ANN.private_bytes_raw()
    assert load_trusted(keys) == {"ann": PUBLIC, "eve": EVE.public_key()}


@pytest.mark.parametrize("name", ["Zoë", "李明", "हिन्दी", "ann.lee", "ann@desk"])
def test_names_of_every_script_do(tmp_path: Path, name: str) -> None:
    private, public = write_keys(tmp_path, name, ANN)
    grant = Grant(name, "case 12", ("CREDIT_CARD",), ("segment:support",), 1, 0, 0, 1000)
    checked = check(sign(grant, load_private(private), private.stem), load_trusted(public), 0)
    assert (checked.signer, checked.who) == (name, name)


@pytest.mark.parametrize("name", ["", "../ann", "a b", ".ann", "-ann", "Zoe\u0308"])
def test_writes_no_keys_of_a_name_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyFileError, match="name"):
        write_keys(tmp_path, name, ANN)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".key", ".pub"])
def test_writes_over_no_file_and_leaves_no_half_of_a_pair(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"ann{suffix}").write_text("kept")
    with pytest.raises(KeyFileError, match="is not overwritten"):
        write_keys(tmp_path, "ann", ANN)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["kept"]


def test_a_passphrase_locks_the_private_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "correct horse")
    path, _ = write_keys(tmp_path, "ann", ANN)
    assert "ENCRYPTED" in path.read_text()
    assert load_private(path).public_key() == PUBLIC
    monkeypatch.setenv(PASSPHRASE, "wrong horse")
    with pytest.raises(KeyFileError, match="passphrase") as caught:
        load_private(path)
    assert "horse" not in str(caught.value)
    monkeypatch.delenv(PASSPHRASE)
    with pytest.raises(KeyFileError, match=f"set {PASSPHRASE}"):
        load_private(path)


def private_pem(key: object) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined,no-any-return]


def public_pem(key: object) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o660, 0o666, 0o644])
def test_a_private_key_that_others_could_touch_is_refused(keys: Path, mode: int) -> None:
    (keys / "ann.key").chmod(mode)
    with pytest.raises(KeyFileError, match="owner alone"):
        load_private(keys / "ann.key")


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", bytes(100), PUBLIC_PEM, private_pem(Ed448PrivateKey.generate()), b"x" * (LONGEST_BYTES + 1)],
)
def test_a_private_key_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ann.key"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match=r"ann\.key") as caught:
        load_private(path)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666, 0o620, 0o602])
@pytest.mark.parametrize("name", ["ann.pub", "trust.yaml"])
def test_trust_that_others_could_write_is_refused(keys: Path, name: str, mode: int) -> None:
    (keys / "trust.yaml").write_text(f"ann: {public_line(PUBLIC)}\n")
    (keys / name).chmod(mode)
    with pytest.raises(KeyFileError, match="others can write it"):
        load_trusted(keys / name)


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o1777])
def test_a_folder_of_trust_that_others_could_write_is_refused(keys: Path, mode: int) -> None:
    keys.chmod(mode)
    with pytest.raises(KeyFileError, match="others can write it"):
        load_trusted(keys)


def test_one_file_that_others_could_write_spoils_the_folder(keys: Path) -> None:
    (keys / "eve.pub").chmod(0o666)
    with pytest.raises(KeyFileError, match=r"eve\.pub"):
        load_trusted(keys)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ann.pub", b""),
        ("ann.pub", b"hello"),
        ("ann.pub", private_pem(ANN)),
        ("ann.pub", public_pem(Ed448PrivateKey.generate())),
        ("ann.pub", public_pem(generate_private_key(SECP256R1()))),
        ("ann.pub", b"x" * (LONGEST_BYTES + 1)),
        ("a b.pub", PUBLIC_PEM),
        ("-a.pub", PUBLIC_PEM),
        ("trust.yaml", b""),
        ("trust.yaml", b"- ann"),
        ("trust.yaml", b"ann: 7"),
        ("trust.yaml", b"ann: hello"),
        ("trust.yaml", b"ann: AAAA"),
        ("trust.yaml", b"ann: [x"),
        ("trust.yaml", f"ann: {public_line(PUBLIC)[:-1]}".encode()),
        ("trust.yaml", f"../ann: {public_line(PUBLIC)}".encode()),
        ("trust.yaml", f"ann: {public_line(PUBLIC)}\nann: {public_line(EVE.public_key())}".encode()),
        ("trust.yaml", f"ann: {public_line(PUBLIC)}\neve: short".encode()),
        ("trust.yaml", b"ann: \xff"),
    ],
)
def test_trust_that_is_none_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match=re.escape(name)) as caught:
        load_trusted(path)
    assert caught.value.__context__ is None


def test_trust_in_a_file_of_names(tmp_path: Path) -> None:
    path = tmp_path / "trust.yaml"
    path.write_text(f"ann: {public_line(PUBLIC)}\nZoë: {public_line(EVE.public_key())}\n")
    path.chmod(0o644)
    assert load_trusted(path) == {"ann": PUBLIC, "Zoë": EVE.public_key()}


def test_a_folder_without_keys_trusts_nobody(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "README").write_text("no key")
    with pytest.raises(KeyFileError, match="no public keys"):
        load_trusted(tmp_path)
    with pytest.raises(KeyFileError, match="cannot be read"):
        load_trusted(tmp_path / "nothing")
