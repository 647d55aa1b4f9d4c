"""Addresses of IP: every address in every form that `ipaddress` knows, and what only looks like one."""

from ipaddress import IPv4Address, IPv6Address

import hypothesis.strategies as st
import pytest
from hypothesis import given

from udfs.detect.exact import judge
from udfs.detect.scan import Scan
from udfs.recognizers.ip_address import RECOGNIZERS

JUDGE = judge(RECOGNIZERS[0], 0.35)
_AROUND = st.sampled_from(["{}", "({})", "from {} to", "ip={},", "{}.", '"{}"', "//{}/x"])


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, score in JUDGE.analyze(text) if score >= 0.35]


def test_the_scan_takes_the_patterns() -> None:
    assert Scan([JUDGE]).unscanned == ()


@given(st.ip_addresses(v=4), _AROUND)
def test_every_ipv4_address_is_found(address: IPv4Address, around: str) -> None:
    assert found(around.format(address)) == [str(address)]
    assert found(f"{address}:8080") == found(f"{address}/24") == [str(address)]


@given(st.ip_addresses(v=4), st.sampled_from(["{}.5", "7.{}", "v{}", "libx-{}.jar", "{}-beta", "x_{}", "Chrome/{} "]))
def test_what_goes_on_is_no_ipv4_address(address: IPv4Address, form: str) -> None:
    assert found(form.format(address)) == []


@given(st.ip_addresses(v=6, network="2000::/3") | st.ip_addresses(v=6, network="fe80::/10"), _AROUND)
def test_every_ipv6_address_in_use_is_found(address: IPv6Address, around: str) -> None:
    if any(map(str.isdigit, str(address))):
        assert found(around.format(address)) == [str(address)]
        assert found(f"[{address}]:443") == [str(address)]
    assert found(around.format(address.exploded.upper())) == [address.exploded.upper()]


@given(st.ip_addresses(v=4))
def test_ipv4_inside_of_ipv6(address: IPv4Address) -> None:
    for text in (f"::ffff:{address}", f"64:ff9b::{address}", f"2001:db8:0:0:0:0:{address}"):
        assert found(f"x {text} y") == [text]


@given(st.text("0123456789abcdef:.", max_size=40))
def test_nothing_is_found_that_is_no_address(text: str) -> None:
    for value in found(text):
        IPv6Address(value) if ":" in value else IPv4Address(value)


@given(st.times())
def test_times_are_not_found(time: object) -> None:
    assert found(f"at {time}") == found(f"{time},") == []


@given(st.lists(st.integers(0, 255), min_size=5, max_size=32))
def test_rows_of_pairs_are_not_found(row: list[int]) -> None:
    assert found(":".join(f"{byte:02x}" for byte in row)) == []


@given(st.from_regex(r"[A-Za-z_]\w{0,8}::[A-Za-z_]\w{0,8}(::[a-z]{1,5})?", fullmatch=True))
def test_names_in_scopes_are_not_found(name: str) -> None:
    if not any(map(str.isdigit, name)):
        assert found(name) == []


@pytest.mark.parametrize(
    "text", ["::", "a[::2]", "x[1::2]", "[::-1]", "1::8", "::/0", "0x::1x", "::1.2.3", "1.2.3.4.5"]
)
def test_what_looks_like_one(text: str) -> None:
    assert found(text) == []
