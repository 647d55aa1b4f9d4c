"""The reader in `docs/readers` opens what the masks make, with nothing but a Java, and refuses the rest."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.local import JavaNotFound, find_java
from udfs.crypto.envelope import TEXT
from udfs.keys import derive, key_id
from udfs.mask import MASKS, MaskContext

READER = Path(__file__).resolve().parents[3] / "docs" / "readers" / "WeirReader.java"
PAGE = READER.parents[1] / "envelope.md"

ROOT = bytes(range(32))
MASKINGS = {"token": {}, "encrypt": {}, "encrypt gcm": {"algorithm": "aes-256-gcm"}}
# About a block: none, one, one whole, one more, several; and text that is not ASCII.
VALUES = [
    "a",
    "fifteen letters",
    "sixteen letters!",
    "seventeen letters",
    "x" * 32,
    "x" * 33,
    "ann@example.com",
    "Zoë 𝒜🎂",
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """Compiles the reader; gives a function that runs it."""
    try:
        home = find_java()
    except JavaNotFound as error:
        pytest.skip(str(error))
    if not (home / "bin" / "javac").is_file():
        pytest.skip(f"the Java at {home} has no compiler")
    classes = tmp_path_factory.mktemp("classes")
    subprocess.run([home / "bin" / "javac", "-Xlint:all", "-Werror", "-d", classes, READER], check=True)

    def run(arguments: Sequence[str], texts: Sequence[str], key: bytes = ROOT) -> subprocess.CompletedProcess[str]:
        command = [home / "bin" / "java", "-cp", classes, "WeirReader", *arguments]
        lines = "\n".join([key.hex(), *texts]) + "\n"
        # Java reads its arguments in the machine's language.
        environment = os.environ | {"LC_ALL": "C.UTF-8"}
        return subprocess.run(command, input=lines, capture_output=True, encoding="utf-8", timeout=120, env=environment)

    return run


def texts(masking: str, values: Sequence[str], epoch: int = 1, reference: bytes = b"") -> list[str]:
    mask = MASKS[masking.split()[0]]
    key = derive(ROOT, f"weir/1/{mask.info.name}", "segment:ünit", epoch)
    context = MaskContext("EMAIL_ADDRESS", key, key_id(key), reference)
    return mask.apply(pa.array(values), mask.info.params(**MASKINGS[masking]), context).to_pylist()


def arguments(masking: str, scope="segment:ünit", epoch="1", entity="EMAIL_ADDRESS") -> list[str]:
    return [f"weir/1/{masking.split()[0]}", scope, epoch, entity]


@pytest.mark.parametrize("masking", MASKINGS)
@pytest.mark.parametrize("epoch", [1, 2])
@pytest.mark.parametrize("reference", [b"", bytes(range(16))], ids=["everybody's", "a person's"])
def test_opens_what_the_masks_make(reader, masking, epoch, reference):
    done = reader(arguments(masking, epoch=str(epoch)), texts(masking, VALUES, epoch, reference))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == VALUES


def changed(text: str, place: int) -> str:
    other = "A" if text[place] != "A" else "B"
    return text[:place] + other + text[place:][1:]


@pytest.mark.parametrize("masking", MASKINGS)
@pytest.mark.parametrize(
    "tamper",
    [
        lambda text: changed(text, 5),  # version
        lambda text: changed(text, 6),  # algorithm
        lambda text: changed(text, 9),  # key id
        lambda text: changed(text, 14),  # synthetic IV or nonce
        lambda text: changed(text, 38),  # ciphertext
        lambda text: changed(text, len(text) - 4),  # ciphertext or tag
        lambda text: text[:-4],
        lambda text: text + "AAAA",
        lambda text: text + "=",
    ],
    ids=["version", "algorithm", "key id", "nonce", "ciphertext", "end", "cut", "longer", "padding"],
)
def test_refuses_changed_texts(reader, masking, tamper):
    [good] = texts(masking, ["ann@example.com"])
    done = reader(arguments(masking), [tamper(good)])
    assert done.returncode != 0
    assert "ann@" not in done.stdout + done.stderr


@pytest.mark.parametrize("masking", MASKINGS)
@pytest.mark.parametrize(
    "where", [{"entity": "PERSON"}, {"scope": "scope:ünit"}, {"epoch": "2"}], ids=["entity", "scope", "epoch"]
)
def test_refuses_another_place(reader, masking, where):
    done = reader(arguments(masking, **where), texts(masking, ["ann@example.com"]))
    assert done.returncode != 0
    assert "ann@" not in done.stdout + done.stderr


def test_refuses_another_root_key(reader):
    assert reader(arguments("token"), texts("token", ["ann@example.com"]), key=bytes(32)).returncode != 0


def test_opens_the_worked_examples_of_the_page(reader):
    page = PAGE.read_text(encoding="utf-8")
    examples = re.findall(r"wr1\.[A-Za-z0-9_-]{34,}", page)
    assert len(examples) == 2
    for masking, example in zip(["token", "encrypt"], examples, strict=True):
        done = reader([f"weir/1/{masking}", "segment:support", "1", "EMAIL_ADDRESS"], [example])
        assert done.stdout == "ann@example.com\n"


def test_the_page_leads_to_the_reader_and_says_how_texts_are_found():
    page = PAGE.read_text(encoding="utf-8")
    assert "(readers/WeirReader.java)" in page
    assert f"    {TEXT}\n" in page
