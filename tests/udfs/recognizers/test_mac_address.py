"""MAC addresses in their three forms, and longer rows of pairs."""

import hypothesis.strategies as st
from hypothesis import given

from udfs.detect.exact import judge
from udfs.detect.scan import Scan
from udfs.recognizers.mac_address import RECOGNIZERS

JUDGE = judge(RECOGNIZERS[0], 0.35)
_BYTES = st.binary(min_size=6, max_size=6).filter(lambda b: b not in (bytes(6), b"\xff" * 6))


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, score in JUDGE.analyze(text) if score >= 0.35]


def test_the_scan_takes_the_patterns() -> None:
    assert Scan([JUDGE]).unscanned == ()


@given(_BYTES.filter(lambda b: not b.hex().isdigit()), st.booleans())
def test_every_address_is_found_in_three_forms(address: bytes, upper: bool) -> None:
    written = [address.hex(":"), address.hex("-"), address.hex(".", 2)]
    for text in (text.upper() if upper else text for text in written):
        assert found(f"mac {text}, and") == [text]


@given(st.binary(min_size=5, max_size=20).filter(lambda b: len(b) != 6), st.sampled_from(":-"))
def test_shorter_and_longer_rows_are_not_found(row: bytes, by: str) -> None:
    assert found(row.hex(by)) == []


@given(st.uuids())
def test_uuids_are_not_found(value: object) -> None:
    assert found(str(value)) == []


@given(_BYTES, st.sampled_from(["x{}", "{}x", "{}:00", "0:{}", "{}-ff", "_{}"]))
def test_a_part_of_something_longer_is_not_found(address: bytes, form: str) -> None:
    assert found(form.format(address.hex(":"))) == []
