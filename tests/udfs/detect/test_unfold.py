"""What hides a value is undone, and where it stood is known; what hides nothing stays as it is."""

import base64
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.udfs.detect import reference
from udfs.detect import Detector
from udfs.detect.unfold import Unfolded, unfold
from udfs.detect.unfold.gate import suspects

CASES = yaml.safe_load((Path(__file__).parent / "unfold.yaml").read_text("utf-8"))

# Published examples: a test card (Visa), a number that the SSA voided after it was printed in advertisements, the IBAN
# of the registry's own example, the key of AWS's documentation, a number from the range for fiction.
VALUES = (
    "4111 1111 1111 1111",
    "457-55-5462",
    "jane.doe@example.com",
    "DE89 3704 0440 0532 0130 00",
    "AKIAIOSFODNN7EXAMPLE",
    "+1 415-555-0123",
)


def in_reading(readings: list[Unfolded], text: str, plain: str) -> list[str]:
    """What of the text stands for a value, in each reading that has it."""
    return [
        text[reading.start[at] : reading.end[at + len(plain) - 1]]
        for reading in readings
        for at in [reading.text.find(plain)]
        if at >= 0
    ]


@pytest.mark.parametrize(("text", "plain", "span"), CASES["reads"])
def test_a_hidden_value_is_read(text: str, plain: str, span: str) -> None:
    assert suspects(pa.array([text])).tolist() == [0]
    found = in_reading(unfold(text), text, plain)
    assert found == [span]


@cache
def detector() -> Detector:
    return Detector(reference.plan(reference.FIVE))


def values_in(texts: list[str]) -> set[tuple[str, str]]:
    found = detector().detect(pa.array(texts, pa.string()))
    assert not found.failed
    return {(f.entity, re.sub(r"[\W_]", "", texts[f.text][f.start : f.end])) for f in found.findings}


@pytest.mark.parametrize("text", CASES["harmless"])
def test_a_harmless_text_gives_nothing_new(text: str) -> None:
    assert values_in([reading.text for reading in unfold(text)]) <= values_in([text])


def test_there_are_more_texts_that_hide_nothing() -> None:
    assert len(CASES["harmless"]) > len(CASES["reads"])


def wide(value: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)


def inserted(what: str, chosen: str = r"\w") -> Callable[[str], str]:
    return lambda value: re.sub(rf"(?<=[A-Za-z0-9@])(?={chosen})", lambda _: what, value)


def marked(value: str) -> str:
    return re.sub(r"[0-9]", lambda m: m.group() + "\u0336", value)


def cyrillic(value: str) -> str:
    return value.translate(str.maketrans("aeo", "аео"))


def each(form: str) -> Callable[[str], str]:
    return lambda value: "".join(form.format(ord(c)) for c in value)


def quoted_printable(value: str) -> str:
    return "=3D" + "".join(f"={ord(c):02X}" if c in "@-+" else c for c in value)


def as_base64(value: str) -> str:
    return base64.b64encode(f"the number is {value} ok".encode()).decode()


def url_safe(value: str) -> str:
    return base64.urlsafe_b64encode(f"is this it? {value} > here".encode()).decode().rstrip("=")


# Words are in base64 and hex with the value, as in a message: a look at ASCII text finds them (see the gate).
DISGUISES: dict[str, Callable[[str], str]] = {
    "full-width": wide,
    "zero-width space": inserted("\u200b"),
    "soft hyphen": inserted("\u00ad"),
    "word joiner": inserted("\u2060"),
    "marks": marked,
    "Cyrillic letters": cyrillic,
    "percent": lambda value: quote(value, safe=""),
    "percent, all of it": lambda value: "".join(f"%{byte:02x}" for byte in value.encode()),
    "decimal references": each("&#{};"),
    "hexadecimal references": each("&#x{:X};"),
    "named references": lambda value: value.replace("@", "&commat;").replace(" ", "&nbsp;").replace("-", "&hyphen;"),
    "JSON": lambda value: json.dumps(value)[1:-1],
    "JavaScript": lambda value: "".join(rf"\u{ord(c):04x}" if ord(c) < 65536 else c for c in value),
    "C": lambda value: "".join(rf"\x{ord(c):02x}" if c.isascii() else c for c in value),
    "HTML": lambda value: escape(value),
    "tags": inserted("<b>", "[0-9][0-9]|ple"),
    "comments": inserted("<!-- -->", "[0-9][0-9]|ple"),
    "quoted-printable": quoted_printable,
    "base64": as_base64,
    "URL-safe base64": url_safe,
    "hex": lambda value: f"the number is {value} ok".encode().hex(),
}
IN_PLACE = sorted(DISGUISES.keys() - {"base64", "URL-safe base64", "hex", "quoted-printable"})
CODED = DISGUISES.keys() - {"full-width", "marks", "zero-width space", "soft hyphen", "word joiner", "tags", "comments"}
"""With letters in codes: a look-alike among these leaves no code."""
PLAIN = st.sampled_from(VALUES)
WORDS = st.sampled_from(["", "it is ", "see (", "a: "])


def shown(text: str) -> str:
    """Without what is between the groups of a value: separators may be others in a reading."""
    return re.sub(r"[ -]", "", text)


def read(text: str, value: str) -> bool:
    return any(shown(value) in shown(reading.text) for reading in [*unfold(text)])


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", sorted(DISGUISES))
def test_each_disguise_of_each_value(name: str, value: str) -> None:
    hidden = DISGUISES[name](value)
    text = f"it is {hidden} ok"
    if hidden == value or (name == "JSON" and value.isascii()):
        assert unfold(text) == []
        return
    assert suspects(pa.array([text])).tolist() == [0]
    assert read(text, value), [reading.text for reading in unfold(text)]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", IN_PLACE)
def test_the_span_is_that_of_the_disguise(name: str, value: str) -> None:
    hidden = DISGUISES[name](value)
    text = f"it is {hidden} ok"
    if hidden == value:
        return
    for reading in unfold(text):
        begin = reading.text.index("it is ") + len("it is ")
        last = reading.text.rindex(" ok") - 1
        assert text[reading.start[begin] : reading.end[last]] == hidden


@pytest.mark.parametrize("outer", sorted(DISGUISES))
@pytest.mark.parametrize("inner", sorted(DISGUISES))
@given(value=PLAIN, before=WORDS)
@settings(max_examples=8)
def test_a_disguise_in_a_disguise(inner: str, outer: str, value: str, before: str) -> None:
    once = DISGUISES[inner](value)
    twice = DISGUISES[outer](once)
    text = f"{before}{twice} ok"
    if once == value or twice == once or (outer == "Cyrillic letters" and inner in CODED):
        return
    assert suspects(pa.array([text])).tolist() == [0], text
    assert read(text, value), (text, [reading.text for reading in unfold(text)])


TEXTS = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(VALUES),
        st.sampled_from(["%4", "%40", "%25", "&#", "&#64;", "&amp;", "\\", "\\u", "\\ud835", "\\u0040", "=\n", "=3D",
                         "<b>", "</b>", "<!--", "\u200b", "\u0336", "４", "ﬃ", "а", "²", "–", "。", "_", "--", "O", "l",
                         "NDExMSAxMTExIDExMTEgMTExMQ", "3431313120313131", "%EF%BC%94", "%ff", "\\777\\101", "\0"]),
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(TEXTS)
@settings(max_examples=400)
def test_any_text_has_sound_readings(text: str) -> None:
    readings = unfold(text)
    for reading in readings:
        assert reading.text != text
        assert len(reading.text) == len(reading.start) == len(reading.end)
        assert (reading.start < reading.end).all()
        assert (reading.start[1:] >= reading.start[:-1]).all() and (reading.end[1:] >= reading.end[:-1]).all()
        assert not len(reading.start) or (reading.start[0] >= 0 and reading.end[-1] <= len(text))
        reading.text.encode()
    assert sum(len(reading.text) for reading in readings) <= 16 * len(text)


@given(st.lists(st.none() | TEXTS, max_size=6))
@settings(max_examples=200)
def test_what_is_not_suspected_has_no_readings(texts: list[str | None]) -> None:
    chosen = suspects(pa.array(texts, pa.string())).tolist()
    assert chosen == sorted(set(chosen))
    for index, text in enumerate(texts):
        if index not in chosen:
            assert text is None or unfold(text) == []


@given(st.lists(st.none() | TEXTS, max_size=5), st.integers(0, 5))
def test_suspicion_does_not_depend_on_the_batch(texts: list[str | None], first: int) -> None:
    batch = pa.array(texts, pa.string()).slice(first)
    alone = [i for i, text in enumerate(texts[first:]) if len(suspects(pa.array([text], pa.string())))]
    assert set(alone) <= set(suspects(batch).tolist())
    assert suspects(batch).tolist() == suspects(batch.cast(pa.large_string())).tolist()


@pytest.mark.parametrize(
    "piece",
    ["<b>", "<", "%4", "%40", "&#64;", "&amp;", "\\", "\\u0040", "=\n", "1 ", "11", "1-", "1l", "OO", "aB", "AB12.",
     "4111.", "e\u0301", "\u0301", "\u200b\u0301", "а.", "aа", "NDEx", "7", "=3D", "<!--", "1  ", "A\n"],
)  # fmt: skip
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    def cost(times: int) -> float:
        text = "a%40b 4" + piece * times
        begin = time.process_time()
        unfold(text)
        return time.process_time() - begin

    cost(10)
    assert min(cost(20000), cost(20000)) < 20 * max(min(cost(4000), cost(4000)), 0.02)


@pytest.mark.parametrize("text", CASES["ordinary"])
def test_an_ordinary_text_is_not_suspected(text: str) -> None:
    assert suspects(pa.array([text])).tolist() == []


def test_threads_share_no_scratch() -> None:
    batch = pa.array([f"a{i}%40b" if i % 3 else "plain" for i in range(2000)])
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: suspects(batch).tolist(), range(16)))
    assert all(result == [i for i in range(2000) if i % 3] for result in results)


def test_no_more_layers_than_three_are_undone() -> None:
    text = VALUES[2]
    for depth in range(6):
        text = text.replace("@", "%40") if depth == 0 else text.replace("%", "%25")
        assert bool(in_reading(unfold(text), text, VALUES[2])) == (depth < 3)


def test_empty_batches_have_no_suspects() -> None:
    for batch in (pa.array([], pa.string()), pa.array([None, None], pa.string()), pa.array(["", ""])):
        assert suspects(batch).tolist() == []
