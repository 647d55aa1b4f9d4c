"""The readers in `docs/readers`, in Java and Python, open what the masks make, without Weir, and refuse the rest."""

import base64
import importlib.util
import operator
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

from jobs.local import JavaNotFound, find_java
from policy.plan import MaskPlan
from udfs.crypto.envelope import TEXT
from udfs.keys import Keyring, Keys, derive, write_keyring
from udfs.mask import apply

READERS = Path(__file__).resolve().parents[3] / "docs" / "readers"
PAGE = (READERS.parent / "envelope.md").read_text(encoding="utf-8")

ROOTS = [bytes(range(32)), bytes(range(32, 64))]
SCOPE = "segment:ünit"
ENTITY = "EMAIL_ADDRESS"
MASKINGS = {
    "siv": MaskPlan("token", {}, "reversible", SCOPE),
    "gcm": MaskPlan("encrypt", {"algorithm": "aes-256-gcm"}, "reversible", SCOPE),
    "gcm-siv": MaskPlan("encrypt", {}, "reversible", SCOPE),
}
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


class Case(NamedTuple):
    """A text and what a reader is told of it."""

    key: str
    purpose: str
    scope: str
    epoch: str
    entity: str
    text: str


def cases_of(masking: str, epoch: int = 1, values: Sequence[str] = VALUES) -> list[Case]:
    """What a job with the keys of that many epochs makes, for everybody."""
    plan, keys = MASKINGS[masking], Keys.of(*ROOTS[:epoch])
    texts = apply(plan, ENTITY, pa.array(values), keys).to_pylist()
    key = ROOTS[epoch - 1].hex()
    return [Case(key, f"weir/1/{plan.name}", SCOPE, str(epoch), ENTITY, text) for text in texts]


def changed(case: Case, change: Callable[[bytes], bytes]) -> Case:
    """The case with other bytes in its text."""
    data = change(base64.urlsafe_b64decode(case.text[4:] + "=" * (-len(case.text) % 4)))
    return case._replace(text="wr1." + base64.urlsafe_b64encode(data).decode().rstrip("="))


def flipped(place: int, bit: int, data: bytes) -> bytes:
    return data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


TEXT_CHANGES: dict[str, Callable[[str], str]] = {
    "cut": lambda text: text[:-4],
    "cut to the header": lambda text: text[:12],
    "longer": lambda text: text + "AAAA",
    "padding": lambda text: text + "=",
    "one character more than bytes can be": lambda text: text[:-1] if len(text) % 4 == 2 else text + "A",
    "other bits that belong to no byte": lambda text: text[:-1] + chr(ord(text[-1]) + 1),
    "another alphabet": lambda text: text[:12] + "+/" + text[14:],
    "space before": lambda text: " " + text,
    "space after": lambda text: text + " ",
    "another prefix": lambda text: "wr2" + text[3:],
    "capital prefix": lambda text: "WR1" + text[3:],
    "no prefix": lambda text: text[4:],
    "a value": lambda text: "ann@example.com",
    "a long value": lambda text: "ann@example.com" * 9,
    "nothing": lambda text: "",
    "only a prefix": lambda text: "wr1.",
}
ELSEWHERE = {
    "entity": {"entity": "PERSON"},
    "entity, with more": {"entity": ENTITY + "ES"},
    "scope": {"scope": "scope:ünit"},
    "scope, in other bytes": {"scope": "segment:u\u0308nit"},
    "epoch": {"epoch": "2"},
    "epoch, not as it is written": {"epoch": "01"},
    "purpose": {"purpose": "weir/1/pseudonym"},
    "key": {"key": bytes(32).hex()},
}
NO_KEYS = ["", "00" * 31, "00" * 33, "0g" * 32, base64.b64encode(ROOTS[0]).decode()]


Answers = Callable[[Sequence[Case]], list[tuple[bool, str]]]
"""For each case True and the value, or False and a message."""

# One start of Java for many cases. What is thrown for a text, and is of another kind, ends it.
EACH = r"""
import static java.nio.charset.StandardCharsets.UTF_8;

class Each {
    public static void main(String[] args) throws Exception {
        for (String line : new String(System.in.readAllBytes(), UTF_8).split("\n")) {
            String[] told = line.split("\t", -1);
            String[] parts = told[3].equals("1") ? new String[] {told[1], told[2]}
                : new String[] {told[1], told[2], told[3]};
            String answer;
            try {
                answer = "true\t" + WeirReader.open(WeirReader.maskKey(told[0], parts), told[4], told[5]);
            } catch (java.security.GeneralSecurityException | IllegalArgumentException error) {
                answer = "false\t" + error.getMessage();
            }
            System.out.write((answer + "\n").getBytes(UTF_8));
        }
        System.out.flush();
    }
}
"""


@pytest.fixture(scope="module")
def java() -> Path:
    try:
        home = find_java()
    except JavaNotFound as error:
        pytest.skip(str(error))
    if not (home / "bin" / "javac").is_file():
        pytest.skip(f"the Java at {home} has no compiler")
    return home / "bin"


def compiled(java: Path, folder: Path, **sources: str) -> Path:
    for name, source in sources.items():
        (folder / f"{name}.java").write_text(source, encoding="utf-8")
    options = ["-Xlint:all", "-Werror", "-encoding", "UTF-8", "-d", folder]
    subprocess.run([java / "javac", *options, *folder.glob("*.java")], check=True, timeout=120)
    return folder


def source(name: str) -> str:
    return (READERS / name).read_text(encoding="utf-8")


def extended() -> str:
    """The reader in Java with what the page says to put into it."""
    [addition] = re.findall(r"```java\n( +case 3 .+?)```", PAGE, re.DOTALL)
    place = "            default ->"
    assert source("WeirReader.java").count(place) == 1
    return source("WeirReader.java").replace(place, addition + place)


@pytest.fixture(scope="module")
def plain_classes(java: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(java, tmp_path_factory.mktemp("plain"), WeirReader=source("WeirReader.java"), Each=EACH)


@pytest.fixture(scope="module")
def all_classes(java: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {"WeirReader": extended(), "GcmSiv": source("GcmSiv.java"), "Each": EACH}
    return compiled(java, tmp_path_factory.mktemp("all"), **files)


def java_answers(java: Path, classes: Path, cases: Sequence[Case]) -> list[tuple[bool, str]]:
    lines = "\n".join("\t".join(case) for case in cases)
    command = [java / "java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", classes, "Each"]
    done = subprocess.run(command, input=lines, capture_output=True, encoding="utf-8", timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    answers = [line.partition("\t") for line in done.stdout.removesuffix("\n").split("\n")]
    return [(word == "true", rest) for word, _, rest in answers]


def python_answers(cases: Sequence[Case]) -> list[tuple[bool, str]]:
    spec = importlib.util.spec_from_file_location("weir_reader", READERS / "weir_reader.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def answer(case: Case) -> tuple[bool, str]:
        parts = [case.purpose, case.scope] + ([] if case.epoch == "1" else [case.epoch])
        try:
            return True, module.opened(module.mask_key(case.key, *parts), case.entity, case.text)
        except ValueError as error:
            assert error.__context__ is None or error.__suppress_context__
            return False, str(error)

    return [answer(case) for case in cases]


@pytest.fixture(params=["java", "python"])
def answers(request: pytest.FixtureRequest) -> Answers:
    """A reader that opens all algorithms."""
    if request.param == "python":
        return python_answers
    return partial(java_answers, request.getfixturevalue("java"), request.getfixturevalue("all_classes"))


def refused(answers: Answers, cases: dict[str, Case]) -> dict[str, str]:
    """The messages; nothing was opened, and no message has a value, a text or a key."""
    found = dict(zip(cases, answers(list(cases.values())), strict=True))
    assert not [name for name, (opened, _) in found.items() if opened]
    for name, (_, message) in found.items():
        case = cases[name]
        assert message and not [
            secret for secret in ("ann@", "wr1", case.text, case.key) if secret and secret in message
        ]
    return {name: message for name, (_, message) in found.items()}


@pytest.mark.parametrize("epoch", [1, 2])
def test_opens_what_the_masks_make(answers, epoch):
    cases = [case for masking in MASKINGS for case in cases_of(masking, epoch)]
    assert answers(cases) == [(True, value) for value in VALUES] * len(MASKINGS)


@pytest.fixture(scope="module")
def persons(tmp_path_factory):
    """What is made for two persons by a job under its second epoch, each with the person's data key, which is taken out
    of the table as the page says."""
    folder = tmp_path_factory.mktemp("keys")
    write_keyring(folder / "weir.key", Keyring.of(*ROOTS))
    keys, made = Keys.open(folder / "weir.key", str(folder / "keys.db")), []
    for plan in MASKINGS.values():
        own = MaskPlan(plan.name, plan.params | {"subject": "who"}, "reversible", SCOPE, subject="who")
        texts = apply(own, ENTITY, pa.array(VALUES[:2] * 4), keys, pa.array(["ann", "bob"] * 4)).to_pylist()
        made += [(f"weir/1/{plan.name}", text) for text in texts]
    with sqlite3.connect(folder / "keys.db") as table:
        rows = {row[0]: row[1:] for row in table.execute("SELECT reference, wrapping, wrapped FROM weir_subject_key")}
    assert len(rows) == 2
    cases = []
    for purpose, text in made:
        wrapping, wrapped = rows[base64.urlsafe_b64decode(text[4:] + "=" * (-len(text) % 4))[6:22]]
        data_key = aes_key_unwrap(derive(ROOTS[wrapping - 1], "weir/1/subject-wrap", SCOPE, wrapping), wrapped)
        cases.append(Case(data_key.hex(), purpose, SCOPE, "1", ENTITY, text))
    return cases


def test_opens_what_is_made_under_the_keys_of_persons(answers, persons):
    assert answers(persons) == [(True, value) for value in VALUES[:2]] * 4 * len(MASKINGS)


def test_persons_texts_open_under_no_other_key(answers, persons):
    ann, bob = persons[:2]
    others = {
        "another person": ann._replace(key=bob.key),
        "the root key": ann._replace(key=ROOTS[1].hex(), epoch="2"),
        "the first root key": ann._replace(key=ROOTS[0].hex()),
        "the data key with the epoch": ann._replace(epoch="2"),
    }
    assert set(refused(answers, others).values()) == {"sealed under another key"}


@pytest.mark.parametrize("number", [0, 8, 16], ids=[*MASKINGS])
def test_persons_texts_cannot_change_hands_or_be_cut(answers, persons, number):
    case = persons[number]
    header = {f"byte {place}": changed(case, partial(flipped, place, 1)) for place in range(22)}
    size = (len(case.text) - 4) * 3 // 4
    cut = {f"cut to {left}": changed(case, operator.itemgetter(slice(left))) for left in range(size)}
    refused(answers, header | cut)


@pytest.mark.parametrize("masking", MASKINGS)
def test_refuses_a_text_with_any_byte_changed(answers, masking):
    [case] = cases_of(masking, values=["ann@example.com"])
    size = (len(case.text) - 4) * 3 // 4
    bits = [(place, bit) for place in range(size) for bit in (1, 0x80)]
    refused(answers, {f"byte {place} ^ {bit}": changed(case, partial(flipped, place, bit)) for place, bit in bits})


@pytest.mark.parametrize("masking", MASKINGS)
def test_refuses_what_is_no_text_of_the_masks(answers, masking):
    [case] = cases_of(masking, values=["ann@example.com"])
    refused(answers, {name: case._replace(text=change(case.text)) for name, change in TEXT_CHANGES.items()})


@pytest.mark.parametrize("masking", MASKINGS)
def test_refuses_another_place_and_key(answers, masking):
    [case] = cases_of(masking, values=["ann@example.com"])
    messages = refused(answers, {name: case._replace(**where) for name, where in ELSEWHERE.items()})
    for name, message in messages.items():
        assert ("another key" in message) == (not name.startswith("entity"))


def test_refuses_what_is_no_key(answers):
    [case] = cases_of("siv", values=["ann@example.com"])
    messages = refused(answers, {key: case._replace(key=key) for key in NO_KEYS})
    assert set(messages.values()) == {"the key must be 64 hexadecimal digits"}


def test_the_reader_of_the_page_opens_two_algorithms_and_says_so_of_the_third(java, plain_classes):
    cases = [cases_of(masking, values=["ann@example.com"])[0] for masking in MASKINGS]
    found = java_answers(java, plain_classes, cases)
    assert found[:2] == [(True, "ann@example.com")] * 2
    assert found[2] == (False, "sealed by an algorithm that is not known here")


@pytest.fixture(params=["java", "python"])
def command(request: pytest.FixtureRequest) -> list[str | Path]:
    if request.param == "python":
        return [sys.executable, READERS / "weir_reader.py"]
    return [request.getfixturevalue("java") / "java", "-cp", request.getfixturevalue("plain_classes"), "WeirReader"]


def run(command: Sequence[str | Path], arguments: Sequence[str], *lines: str) -> subprocess.CompletedProcess[str]:
    # Java reads its arguments in the machine's language, and Python writes in it.
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    text = "".join(f"{line}\n" for line in lines)
    return subprocess.run(
        [*command, *arguments], input=text, capture_output=True, encoding="utf-8", timeout=120, env=environment
    )


EXAMPLES = re.findall(r"wr1\.[A-Za-z0-9_-]{34,}", PAGE)


@pytest.mark.parametrize(("purpose", "example"), [*zip(["weir/1/token", "weir/1/encrypt"], EXAMPLES, strict=True)])
def test_opens_the_worked_examples_of_the_page(command, purpose, example):
    done = run(command, [purpose, "segment:support", "1", ENTITY], ROOTS[0].hex(), example)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ann@example.com\n", "")


def test_writes_a_value_for_each_text_and_stops_at_one_that_does_not_open(command):
    first, second, third = cases_of("siv", 2, ["Zoë 𝒜🎂", "x" * 33, "qqq"])
    bad = changed(second, partial(flipped, 30, 1)).text
    done = run(command, [first.purpose, SCOPE, "2", ENTITY], first.key, first.text, bad, third.text)
    assert done.returncode != 0
    assert done.stdout == "Zoë 𝒜🎂\n"
    assert "changed, or of another entity" in done.stderr
    assert not [secret for secret in (first.key, bad, "xxx", "qqq") if secret in done.stderr]


@pytest.mark.parametrize("lines", [[], ["00" * 31], ["0g" * 32]], ids=["no input", "short key", "no digits"])
def test_ends_without_a_key(command, lines):
    done = run(command, ["weir/1/token", SCOPE, "1", ENTITY], *lines)
    assert done.returncode != 0
    assert done.stdout == "" and "must be 64 hexadecimal digits" in done.stderr
    assert not [line for line in lines if line in done.stderr]


def test_the_page_shows_the_reader_and_says_how_texts_are_found():
    assert f"```java\n{source('WeirReader.java')}```\n" in PAGE
    assert {f"(readers/{path.name})" for path in READERS.iterdir() if path.is_file()} <= set(
        re.findall(r"\(readers/[\w.]+\)", PAGE)
    )
    assert f"    {TEXT}\n" in PAGE
