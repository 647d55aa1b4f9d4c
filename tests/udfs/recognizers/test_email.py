"""E-mail addresses: generated ones in what surrounds them, and what has an at sign for other reasons."""

import time

import hypothesis.strategies as st
import pytest
from hypothesis import given

from udfs.detect.exact import judge
from udfs.detect.scan import Scan
from udfs.recognizers.email import RECOGNIZERS, public_suffix

JUDGE = judge(RECOGNIZERS[0], 0.35)
_NAMES = st.from_regex(r"[a-z0-9_äéжø]{1,10}([.+_-][a-z0-9]{1,8}){0,3}", fullmatch=True).filter(lambda n: n != "git")
_HOSTS = st.from_regex(
    r"([a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?\.){1,3}(com|de|co\.uk|museum|com\.br|xn--p1ai|org)", fullmatch=True
)
_AROUND = st.sampled_from(
    [
        "{}",
        "to {}.",
        "<{}>",
        "mailto:{}?subject=x",
        "email={}&x=1",
        '"{}"',
        "'{}'",
        "({})",
        "{},",
        "{}...",
        "**{}**",
        "a {}; b",
        "[{}]",
        "{}\n",
        "\t{}\t",
        "{}!",
        "{}?",
        "to:{}",
        "{}.Thanks for",
        "{}.It is",
    ]
)


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, score in JUDGE.analyze(text) if score >= 0.35]


def test_the_scan_takes_the_patterns() -> None:
    assert Scan([JUDGE]).unscanned == ()


@given(_NAMES, _HOSTS, _AROUND)
def test_addresses_are_found_in_what_surrounds_them(name: str, host: str, around: str) -> None:
    if public_suffix(host):
        assert found(around.format(f"{name}@{host}")) == [f"{name}@{host}"]


@given(_NAMES, _HOSTS)
def test_capitals_and_escapes_are_found(name: str, host: str) -> None:
    if public_suffix(host) and "xn--" not in host:
        assert found(f"to {name}%40{host}") == [f"{name}%40{host}"]
        upper = f"{name}@{host}".upper()
        assert found(f"to {upper}") == [upper]


@given(
    _NAMES, st.from_regex(r"[a-z]{1,12}|[0-9]{1,3}(\.[0-9]{1,3}){1,3}|[a-z]{2,8}\.(png|js|local|py1)", fullmatch=True)
)
def test_hosts_without_a_public_suffix_are_not_found(name: str, host: str) -> None:
    assert found(f"{name}@{host}") == []


@pytest.mark.parametrize("host", ["a..com", "-a.com", "a-.com", ".a.com", "a_.com", "com", "co.uk", "a.c", "a.com1"])
def test_hosts_that_are_none_are_not_found(host: str) -> None:
    assert found(f"ann@{host}") == []


@pytest.mark.parametrize("host", ["github.com", "gitlab.example.org", "bitbucket.org"])
def test_repositories_are_not_found(host: str) -> None:
    assert found(f"git@{host}:org/repo.git") == []
    assert found(f"digit@{host}") == [f"digit@{host}"]


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "a." * 100_000, "a-.b" * 50_000, "a+" * 100_000, "a@" * 100_000, "a@a." * 50_000]
)
def test_long_runs_take_no_time_to_speak_of(text: str) -> None:
    begin = time.perf_counter()
    found(f"{text}@")
    assert time.perf_counter() - begin < 4


@given(st.text("ab.@-_%40+ ü", max_size=60))
def test_what_is_found_is_an_address(text: str) -> None:
    for value in found(text):
        name, _, host = value.replace("%40", "@").rpartition("@")
        assert name
        assert public_suffix(host)
        assert not {"..", "-.", ".-"} & {host[i : i + 2] for i in range(len(host))}
