"""Hive's masking functions and Spark's mask do what the originals do."""

import hashlib
import hmac
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs import hive

KEEP = hive.KEEP
CCN = "1234-5678-8765-4321"
TEST = "TestString-123"
SYMBOLS = "AbCD123-@$#"

# Apache Hive: LanguageManual UDF, "Data Masking Functions"; with TestString-123: Hive's own tests, udf_mask*.q.out.
HIVE = [
    (hive.mask, "abcd-EFGH-8765-4321", (), "xxxx-XXXX-nnnn-nnnn"),
    (hive.mask, "abcd-EFGH-8765-4321", ("U", "l", "#"), "llll-UUUU-####-####"),
    (hive.mask, TEST, ("X", "x", "0", "1"), "XxxxXxxxxx1000"),
    (hive.mask, TEST, ("X", "x", "0", ":"), "XxxxXxxxxx:000"),
    (hive.mask, "abcd-EFGH", (KEEP, "l"), "llll-EFGH"),
    (hive.mask, "abcd-EFGH-12", (KEEP, KEEP, KEEP, KEEP), "abcd-EFGH-12"),
    (hive.mask, "aB-1", ("", None, "", None), "xX-n"),
    (hive.mask, "aB-1", ("UVW", "lmn", "##", "??"), "lU?#"),
    (hive.mask, "aB-1", (85, 108, 35, 63), "lU?#"),
    (hive.mask_first_n, CCN, (4,), "nnnn-5678-8765-4321"),
    (hive.mask_first_n, CCN, (), "nnnn-5678-8765-4321"),
    (hive.mask_first_n, CCN, (None,), "nnnn-5678-8765-4321"),
    (hive.mask_first_n, CCN, (6,), "nnnn-n678-8765-4321"),
    (hive.mask_first_n, CCN, (0,), CCN),
    (hive.mask_first_n, CCN, (-3,), CCN),
    (hive.mask_first_n, CCN, (10**12,), "nnnn-nnnn-nnnn-nnnn"),
    (hive.mask_first_n, TEST, (4, "X", "x", "0", ":"), "XxxxString-123"),
    (hive.mask_last_n, CCN, (4,), "1234-5678-8765-nnnn"),
    (hive.mask_last_n, CCN, (), "1234-5678-8765-nnnn"),
    (hive.mask_last_n, CCN, (19,), "nnnn-nnnn-nnnn-nnnn"),
    (hive.mask_last_n, CCN, (-1,), CCN),
    (hive.mask_last_n, TEST, (4, "X", "x", "0", ":"), "TestString:000"),
    (hive.mask_show_first_n, CCN, (4,), "1234-nnnn-nnnn-nnnn"),
    (hive.mask_show_first_n, CCN, (), "1234-nnnn-nnnn-nnnn"),
    (hive.mask_show_first_n, CCN, (0,), "nnnn-nnnn-nnnn-nnnn"),
    (hive.mask_show_first_n, CCN, (-1,), "nnnn-nnnn-nnnn-nnnn"),
    (hive.mask_show_first_n, "1234", (4,), "1234"),
    (hive.mask_show_first_n, TEST, (4, "X", "x", "0", ":"), "TestXxxxxx:000"),
    (hive.mask_show_last_n, CCN, (4,), "nnnn-nnnn-nnnn-4321"),
    (hive.mask_show_last_n, CCN, (), "nnnn-nnnn-nnnn-4321"),
    (hive.mask_show_last_n, "123", (4,), "123"),
    (hive.mask_show_last_n, CCN, (0,), "nnnn-nnnn-nnnn-nnnn"),
    (hive.mask_show_last_n, TEST, (4, "X", "x", "0", ":"), "XxxxXxxxxx-123"),
]

# Apache Spark SQL, built-in function `mask`: the examples of its documentation.
SPARK = [
    ("abcd-EFGH-8765-4321", (), "xxxx-XXXX-nnnn-nnnn"),
    ("abcd-EFGH-8765-4321", ("Q",), "xxxx-QQQQ-nnnn-nnnn"),
    (SYMBOLS, ("Q", "q"), "QqQQnnn-@$#"),
    (SYMBOLS, (), "XxXXnnn-@$#"),
    (SYMBOLS, ("Q",), "QxQQnnn-@$#"),
    (SYMBOLS, ("Q", "q", "d"), "QqQQddd-@$#"),
    (SYMBOLS, ("Q", "q", "d", "o"), "QqQQdddoooo"),
    (SYMBOLS, (None, "q", "d", "o"), "AqCDdddoooo"),
    (SYMBOLS, (None, None, "d", "o"), "AbCDdddoooo"),
    (SYMBOLS, (None, None, None, "o"), "AbCD123oooo"),
    (None, (None, None, None, "o"), None),
    (None, (), None),
    (SYMBOLS, (None, None, None, None), SYMBOLS),
]

# By Java's rules: Character.getType of each UTF-16 unit.
UNICODE = [
    (hive.mask, "Zoë ÄÖ", (), "Xxx XX"),
    (hive.mask, "Ж я ٣ ４", (), "X x n n"),
    (hive.mask, "中文 नम ª ǅ", (), "中文 नम ª ǅ"),
    (hive.mask, "中e\u0301", ("X", "x", "n", "o"), "oxo"),
    (hive.mask, "𝒜a😀", (), "𝒜x😀"),
    (hive.mask, "😀", ("X", "x", "n", "o"), "oo"),
    (hive.mask, "aé", ("X", "ö", "n"), "öö"),
    (hive.mask, "ab", ("X", "ö", "n"), "öö"),
    (hive.mask_first_n, "😀ab", (2,), "😀ab"),
    (hive.mask_first_n, "😀ab", (3,), "😀xb"),
    (hive.mask_first_n, "a😀b", (2, "X", "x", "n", "o"), "xo?b"),
    (hive.mask_show_last_n, "a😀b", (2, "X", "x", "n", "o"), "xo?b"),
    (hive.mask_show_first_n, "a😀b", (2, "X", "x", "n", "o"), "a?ox"),
    (hive.mask_last_n, "ab😀", (1, "X", "x", "n", "o"), "ab?o"),
]

FUNCTIONS = [hive.mask_first_n, hive.mask_last_n, hive.mask_show_first_n, hive.mask_show_last_n]
TEXT = st.text(st.sampled_from("abXY09-. éÄж中ªǅ٣\u0301😀𝒜"), max_size=12)


@pytest.mark.parametrize(("function", "value", "arguments", "expected"), HIVE + UNICODE)
def test_gives_what_hive_gives(function, value, arguments, expected):
    assert function(pa.array([value]), *arguments).to_pylist() == [expected]
    mixed = pa.array([value, None, "😀", ""])
    assert function(mixed, *arguments).to_pylist()[:2] == [expected, None]


@pytest.mark.parametrize(("value", "arguments", "expected"), SPARK)
def test_gives_what_spark_gives(value, arguments, expected):
    assert hive.spark_mask(pa.array([value], pa.string()), *arguments).to_pylist() == [expected]


@pytest.mark.parametrize("arguments", [("",), ("XX",), ("X", "ab"), ("X", "x", ""), ("X", "x", "n", "oo"), ("😀",)])
def test_spark_takes_exactly_one_character(arguments):
    with pytest.raises(ValueError, match="a replacement must be"):
        hive.spark_mask(pa.array(["a"]), *arguments)


@pytest.mark.parametrize("char", ["😀", 0x1F600, -2, "\ud800", 0xDC00])
@pytest.mark.parametrize("function", [hive.mask, *FUNCTIONS])
def test_refuses_what_is_no_character_of_java(function, char):
    with pytest.raises(ValueError, match=r"must be a character up to U\+FFFF"):
        function(pa.array(["secret"]), other=char)


@pytest.mark.parametrize("values", [pa.array([1]), pa.chunked_array([["a"]]), pa.array(["a"], pa.large_string())])
@pytest.mark.parametrize("function", [hive.mask, hive.mask_show_last_n])
def test_refuses_other_than_a_string_array(function, values):
    with pytest.raises(TypeError, match="must be a StringArray"):
        function(values)


def java(value: str, chosen: range, chars: str) -> str:
    """Hive's algorithm, one UTF-16 unit after the other."""
    data = value.encode("utf-16-le")
    units = [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]
    kinds = {"Lu": 0, "Ll": 1, "Nd": 2}
    masked = [
        chars[kinds.get(unicodedata.category(chr(unit)), 3)] if i in chosen else chr(unit)
        for i, unit in enumerate(units)
    ]
    text = "".join(masked).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text.encode("utf-8", "replace").decode()


@given(values=st.lists(st.none() | TEXT, max_size=8), n=st.integers(0, 14), which=st.integers(0, 3))
def test_agrees_with_hives_algorithm(values, n, which):
    def expected(value):
        length = len(value.encode("utf-16-le")) // 2
        chosen = [range(n), range(max(length - n, 0), length), range(n, length), range(length - n)][which]
        return java(value, chosen, "Xxn.")

    found = FUNCTIONS[which](pa.array(values, pa.string()), n, "X", "x", "n", ".")
    found.validate(full=True)
    assert found.to_pylist() == [None if value is None else expected(value) for value in values]


@given(values=st.lists(st.none() | TEXT, max_size=8), start=st.integers(0, 8), which=st.integers(0, 3))
def test_a_slice_is_masked_like_the_whole(values, start, which):
    array = pa.array(values, pa.string())
    assert FUNCTIONS[which](array.slice(start)).to_pylist() == FUNCTIONS[which](array).to_pylist()[start:]


@given(values=st.lists(TEXT, max_size=8))
def test_mask_leaves_no_letter_with_case_and_no_digit(values):
    masked = "".join(hive.mask(pa.array(values, pa.string()), "#", "#", "#").to_pylist())
    assert [
        c for c in masked if len(c.encode("utf-16-le")) == 2 and unicodedata.category(c) in ("Lu", "Ll", "Nd")
    ] == []


@given(value=st.text())
def test_mask_hash_is_keyed_and_not_hives(value):
    found = hive.mask_hash(pa.array([value, None, value]), b"k" * 32).to_pylist()
    assert found == [found[0], None, found[0]]
    assert found[0] == hmac.digest(b"k" * 32, value.encode(), "sha256").hex()
    assert found[0] != hashlib.sha256(value.encode()).hexdigest()
    assert found[0] != hive.mask_hash(pa.array([value]), b"l" * 32)[0].as_py()


@pytest.mark.parametrize("key", [b"", b"k" * 31, b"k" * 33])
def test_mask_hash_needs_a_whole_key(key):
    with pytest.raises(ValueError, match="the key must have 32 bytes"):
        hive.mask_hash(pa.array(["a"]), key)
