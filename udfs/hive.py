"""Apache Hive's masking functions, and Spark's `mask`, over Arrow string arrays.

They do what the originals do, so that a query moves over with its results. Sources: Apache Hive LanguageManual UDF,
"Data Masking Functions", and the classes `GenericUDFMask*` of Hive
(ql/src/java/org/apache/hadoop/hive/ql/udf/generic); Apache Spark SQL built-in function `mask` (since 3.4). What that
means:

- An upper-case letter is one of Unicode category Lu, a lower-case letter Ll, a digit Nd. All else is "other" and
stays by
  default: letters of scripts without case (Chinese, Arabic, Hindi, ...) too.
- Characters are UTF-16 units, as in Java: one beyond U+FFFF is two, and both are "other". Half of a pair becomes `?`.
- A value of at most `n` characters comes out of `mask_show_first_n` and `mask_show_last_n` in the clear. The masks that
  policies use, `keep_first` and `keep_last`, hide such a value; these functions are for queries that rely on Hive.

Two things differ on purpose. `mask_hash` takes a key, because the plain SHA-256 of Hive is reversed by trying the
likely values. A replacement character beyond U+FFFF is an error, where Java would write half of it.
"""

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from udfs.keys import KEY_BYTES
from udfs.mask._flat import Flat, Ints, Units, build, flatten
from udfs.mask._keyed import digests, distinct, fixed_width, hexadecimal

KEEP = -1
"""In the place of a replacement character: the characters of this kind stay."""

Char = str | int | None
"""A replacement character, as Hive takes it: a string, of which the first character counts; a code point; `KEEP`; or
None or an empty string for the default."""

_DEFAULTS = (ord("X"), ord("x"), ord("n"), KEEP)

_KINDS = {"Lu": 0, "Ll": 1, "Nd": 2}
_OTHER = 3

_Chars = tuple[int, ...]
_Bools = npt.NDArray[np.bool_]


def mask(
    values: pa.StringArray, upper: Char = "X", lower: Char = "x", digit: Char = "n", other: Char = KEEP
) -> pa.StringArray:
    """Hive's `mask`: replaces every letter and digit.

    Args:
        values: the strings; null stays null.
        upper: replaces upper-case letters.
        lower: replaces lower-case letters.
        digit: replaces digits.
        other: replaces all other characters.

    Raises:
        ValueError: a replacement character is beyond U+FFFF, or no character.

    >>> mask(pa.array(["abcd-EFGH-8765-4321", None])).to_pylist()
    ['xxxx-XXXX-nnnn-nnnn', None]
    >>> mask(pa.array(["abcd-EFGH-8765-4321"]), "U", "l", "#").to_pylist()
    ['llll-UUUU-####-####']
    """
    flat = flatten(values, "utf-16-le")
    return build(_replaced(flat, _chars(upper, lower, digit, other)), flat.offsets, values)


def mask_first_n(
    values: pa.StringArray,
    n: int | None = 4,
    upper: Char = "X",
    lower: Char = "x",
    digit: Char = "n",
    other: Char = KEEP,
) -> pa.StringArray:
    """Hive's `mask_first_n`: replaces letters and digits among the first `n` characters.

    Args:
        values: the strings; null stays null.
        n: number of characters; None for 4, below 0 for 0.
        upper: replaces upper-case letters, and so on as in `mask`.
        lower: see `mask`.
        digit: see `mask`.
        other: see `mask`.

    Raises:
        ValueError: as `mask`.

    >>> mask_first_n(pa.array(["1234-5678-8765-4321"]), 4).to_pylist()
    ['nnnn-5678-8765-4321']
    """
    flat = flatten(values, "utf-16-le")
    return _where(values, flat, _from_start(flat) < _count(n), _chars(upper, lower, digit, other))


def mask_last_n(
    values: pa.StringArray,
    n: int | None = 4,
    upper: Char = "X",
    lower: Char = "x",
    digit: Char = "n",
    other: Char = KEEP,
) -> pa.StringArray:
    """Hive's `mask_last_n`: replaces letters and digits among the last `n` characters; otherwise as `mask_first_n`.

    >>> mask_last_n(pa.array(["1234-5678-8765-4321"]), 4).to_pylist()
    ['1234-5678-8765-nnnn']
    """
    flat = flatten(values, "utf-16-le")
    return _where(values, flat, _from_end(flat) < _count(n), _chars(upper, lower, digit, other))


def mask_show_first_n(
    values: pa.StringArray,
    n: int | None = 4,
    upper: Char = "X",
    lower: Char = "x",
    digit: Char = "n",
    other: Char = KEEP,
) -> pa.StringArray:
    """Hive's `mask_show_first_n`: replaces letters and digits after the first `n` characters; otherwise as
    `mask_first_n`.

    >>> mask_show_first_n(pa.array(["1234-5678-8765-4321"]), 4).to_pylist()
    ['1234-nnnn-nnnn-nnnn']
    """
    flat = flatten(values, "utf-16-le")
    return _where(values, flat, _from_start(flat) >= _count(n), _chars(upper, lower, digit, other))


def mask_show_last_n(
    values: pa.StringArray,
    n: int | None = 4,
    upper: Char = "X",
    lower: Char = "x",
    digit: Char = "n",
    other: Char = KEEP,
) -> pa.StringArray:
    """Hive's `mask_show_last_n`: replaces letters and digits before the last `n` characters; otherwise as
    `mask_first_n`.

    >>> mask_show_last_n(pa.array(["1234-5678-8765-4321"]), 4).to_pylist()
    ['nnnn-nnnn-nnnn-4321']
    """
    flat = flatten(values, "utf-16-le")
    return _where(values, flat, _from_end(flat) >= _count(n), _chars(upper, lower, digit, other))


def mask_hash(values: pa.StringArray, key: bytes) -> pa.StringArray:
    """Hive's `mask_hash`, keyed: 64 hexadecimal digits of HMAC-SHA-256 (Hive: of plain SHA-256).

    Args:
        values: the strings; null stays null.
        key: 32 bytes, as `udfs.keys.derive` gives them. Results can be joined where the keys are the same.

    Raises:
        ValueError: the key has another length.

    >>> mask_hash(pa.array(["panda", None]), bytes(32)).to_pylist()
    ['c43a180a5995504889accdb96fe19ab93f40e946efe0c012da5a0e58a4598b98', None]
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key must have {KEY_BYTES} bytes; got {len(key)}")
    texts, indices = distinct(values)
    return fixed_width(hexadecimal(digests(texts, key))).take(indices)


def spark_mask(
    values: pa.StringArray,
    upper: str | None = "X",
    lower: str | None = "x",
    digit: str | None = "n",
    other: str | None = None,
) -> pa.StringArray:
    """Spark's `mask`: as Hive's, but None keeps the characters of a kind, and a replacement is exactly one character.

    Args:
        values: the strings; null stays null.
        upper: replaces upper-case letters.
        lower: replaces lower-case letters.
        digit: replaces digits.
        other: replaces all other characters.

    Raises:
        ValueError: a replacement has not exactly one character, or one beyond U+FFFF.

    >>> spark_mask(pa.array(["AbCD123-@$#"]), None, "q", "d", "o").to_pylist()
    ['AqCDdddoooo']
    """
    chars = (upper, lower, digit, other)
    if any(char is not None and len(char) != 1 for char in chars):
        raise ValueError("a replacement must be exactly one character, or NULL to keep the original")
    return mask(values, *(KEEP if char is None else char for char in chars))


def _chars(*chars: Char) -> _Chars:
    return tuple(_code(char, default) for char, default in zip(chars, _DEFAULTS, strict=True))


def _code(char: Char, default: int) -> int:
    if char is None or char == "":
        return default
    code = ord(char[0]) if isinstance(char, str) else char
    if code != KEEP and (not 0 <= code <= 0xFFFF or unicodedata.category(chr(code)) == "Cs"):
        raise ValueError("a replacement must be a character up to U+FFFF, or -1 to keep the original")
    return code


def _count(n: int | None) -> int:
    return 4 if n is None else min(max(n, 0), 2**31 - 1)


def _from_start(flat: Flat) -> Ints:
    """Of each unit: how many come before it in its value."""
    return np.arange(len(flat.units), dtype=np.int32) - np.repeat(flat.offsets[:-1], flat.lengths)


def _from_end(flat: Flat) -> Ints:
    """Of each unit: how many come after it in its value."""
    return np.repeat(flat.offsets[1:] - 1, flat.lengths) - np.arange(len(flat.units), dtype=np.int32)


def _where(values: pa.StringArray, flat: Flat, chosen: _Bools, chars: _Chars) -> pa.StringArray:
    return build(np.where(chosen, _replaced(flat, chars), flat.units), flat.offsets, values)


def _replaced(flat: Flat, chars: _Chars) -> Units:
    return _table(128 if flat.units.dtype == np.uint8 else 0x10000, chars).take(flat.units)


@lru_cache(maxsize=64)
def _table(units: int, chars: _Chars) -> Units:
    """What each unit below `units` becomes: bytes as long as all of it is ASCII."""
    kinds = _kinds()[:units]
    codes = np.array(chars, np.int32).take(kinds)
    replaced = np.where(codes == KEEP, np.arange(units), codes)
    return replaced.astype(np.uint8 if replaced.max() < 128 else np.uint16)


@lru_cache(maxsize=1)
def _kinds() -> npt.NDArray[np.uint8]:
    kinds = (_KINDS.get(unicodedata.category(chr(code)), _OTHER) for code in range(0x10000))
    return np.fromiter(kinds, np.uint8, 0x10000)
