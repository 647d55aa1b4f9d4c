"""URLs and bare hosts, in what surrounds them; and names with dots that are no hosts."""

import time

import hypothesis.strategies as st
import pytest
from hypothesis import given

from udfs.detect.exact import judge
from udfs.detect.scan import Scan
from udfs.recognizers.email import public_suffix
from udfs.recognizers.url import RECOGNIZERS

JUDGE = judge(RECOGNIZERS[0], 0.35)
_LABEL = r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?"
_HOSTS = st.from_regex(rf"({_LABEL}\.){{1,3}}(com|de|co\.uk|org|net|io|fr|com\.br)", fullmatch=True).filter(
    public_suffix
)
_PATHS = st.from_regex(
    r"(/[a-z0-9._~%+-]{0,8}){0,3}(\?[a-z]{1,4}=[a-z0-9%,]{0,5}(&[a-z]=1)?)?(#[a-z]{1,5})?", fullmatch=True
)
_AROUND = st.sampled_from(
    [
        "{}",
        "see {}.",
        "<{}>",
        "({})",
        '"{}"',
        "'{}'",
        "[x]({})",
        "{},",
        "{}; b",
        "**{}**",
        "{}\n",
        "url={}",
        "{}!",
        "`{}`",
    ]
)
_LAST = ".,;:!?'*_~"


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, score in JUDGE.analyze(text) if score >= 0.35]


def test_the_scan_takes_the_patterns() -> None:
    assert Scan([JUDGE]).unscanned == ()


@given(
    st.sampled_from(["http", "https", "ftp", "wss", "HTTPS"]), _HOSTS, st.sampled_from(["", ":8080"]), _PATHS, _AROUND
)
def test_urls_are_found_in_what_surrounds_them(scheme: str, host: str, port: str, path: str, around: str) -> None:
    url = f"{scheme}://{host}{port}{path.rstrip(_LAST)}"
    assert found(around.format(url)) == [url]


@given(_HOSTS, _PATHS, _AROUND)
def test_hosts_with_a_path_are_found(host: str, path: str, around: str) -> None:
    path = path.rstrip(_LAST)
    if len(path) > 1 and host.split(".")[0] not in ("com", "org", "net", "edu", "gov", "io", "java", "sun", "dev"):
        assert found(around.format(host + path)) == [host + path]


@given(_HOSTS, st.from_regex(r"[a-z0-9]{1,8}([.+_-][a-z0-9]{1,8}){0,3}", fullmatch=True), _AROUND)
def test_the_parts_of_an_email_address_are_not_found(host: str, name: str, around: str) -> None:
    assert found(around.replace("url=", "").format(f"{name}@{host}")) == []


@given(
    st.from_regex(
        r"[a-z_]{2,12}\.(py|md|sh|js|rs|so|ts|cc|txt|json|html|id|is|name|today|now|data|items)", fullmatch=True
    )
)
def test_files_and_code_are_not_found(name: str) -> None:
    assert found(f"open {name} and") == []


@given(st.from_regex(r"[a-z]{2,10}\.(In|It|The|Is|My|So|To|At|Be|No|We|Me|Next|Now|Life)", fullmatch=True))
def test_sentences_without_a_space_are_not_found(text: str) -> None:
    assert found(f"at the {text} way") == []


@given(st.from_regex(r"(com|org|net|io|java)(\.[a-z]{2,9}){1,4}", fullmatch=True))
def test_packages_are_not_found(name: str) -> None:
    assert found(f"import {name};") == []


@given(st.floats(allow_nan=False, allow_infinity=False), st.tuples(*[st.integers(0, 99)] * 3))
def test_numbers_and_versions_are_not_found(number: float, parts: tuple[int, ...]) -> None:
    assert found(str(number)) == found(".".join(map(str, parts))) == []


@pytest.mark.parametrize(
    "text", ["a." * 100_000, "a" * 200_000, "http://" + "a" * 200_000, "http://" * 30_000, "(" * 99_999]
)
def test_long_runs_take_no_time_to_speak_of(text: str) -> None:
    begin = time.perf_counter()
    found(f"http://example.com/{text}")
    found(text)
    assert time.perf_counter() - begin < 4
