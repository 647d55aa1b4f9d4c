"""Bad policies and every line that is said about them, to the letter; and that no line holds a value."""

from pathlib import Path

import pytest
import yaml

from policy.compile import compile_errors, compile_plan
from policy.errors import Origins, PolicyErrors, did_you_mean, in_order, show_word
from policy.load import load_policy, load_policy_text, read_policy_text
from tests.policy.catalogs import CATALOG

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "errors.yaml").read_text())


def lines_about(text: str | bytes, base: Path | None = None) -> list[str]:
    """All that loading and compiling say."""
    loaded = read_policy_text(text, "p.yaml", base)
    errors = list(loaded.errors)
    if loaded.policy is not None:
        errors += compile_errors(loaded.policy, CATALOG)
    return [str(error) for error in in_order(errors)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_every_line(case: dict[str, object]) -> None:
    assert lines_about(str(case["policy"])) == case["errors"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_it_does_not_load_or_does_not_compile(case: dict[str, object]) -> None:
    with pytest.raises(PolicyErrors) as caught:
        compile_plan(load_policy_text(str(case["policy"]), "p.yaml"), CATALOG)
    assert str(caught.value)
    assert set(str(caught.value).splitlines()) <= set(case["errors"])  # type: ignore[call-overload]


def test_the_cases_have_names_of_their_own() -> None:
    assert len({case["case"] for case in CASES}) == len(CASES) > 60


SECRETS = ["4111111111111111", "536-90-4399", "sk_live_4242424242424242", "ann.lee@example.com", "k4242424242424242"]
SPOTS = [
    "description: [{}]",
    "name: {}",
    "version: {}",
    "threshold: {}",
    "effective_from: {}",
    "unknown_fields: {}",
    "levels: [public, {}]",
    "countries: [{}]",
    "include: [{}]",
    "entities: {{URL: {}}}",
    "fields: {{a: {}}}",
    "recognizers: [{}]",
    "recognizers: [{{entity: {}, deny_list: [x]}}]",
    "recognizers: [{{entity: A, patterns: [{{regex: '({}', score: 1}}]}}]",
    "recognizers: [{{entity: A, deny_list: {}}}]",
    "audit: {}",
    "audit: {{sink: {}}}",
    "quarantine: {{clearance: {}}}",
    "segments: {{s: {{clearance: {}, sink: s}}}}",
    "segments: {{s: {{clearance: public, sink: {}, masks: 3}}}}",
    "segments: {{s: {{clearance: public, sink: s, default_mask: {}}}}}",
    "segments: {{s: {{clearance: public, sink: s, default_mask: {{redact: {}}}}}}}",
    "segments: {{s: {{clearance: public, sink: s, default_mask: {{keep_last: {}}}}}}}",
    "segments: {{s: {{clearance: public, sink: s, default_mask: {{replace: '{{{}}}'}}}}}}",
    "segments: {{s: {{clearance: public, sink: s, default_mask: {{hash: {{scope: ' {}'}}}}}}}}",
    "segments: {{s: {{clearance: public, sink: s, default_mask: {{hash: {{alphabet: {}}}}}}}}}",
    "segments: {{s: {{clearance: public, sink: s, accept: {{a: [{}, null]}}}}}}",
    "segments: {{s: {{clearance: public, sink: s, above_clearance: {}}}}}",
    "segments: {{s: {{clearance: public, sink: s, max_exposure: {}}}}}",
    "segments: {{s: {{clearance: public, sink: s, consumers: {}}}}}",
    "nothing: '{}' x",
    "nothing: [{}",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("spot", SPOTS)
def test_no_line_repeats_a_value(spot: str, secret: str) -> None:
    """Law 2: what was pasted into the wrong place is nowhere in the messages."""
    wrong = spot.format(secret)
    own = {line.split(":")[0] for line in wrong.splitlines()}
    head = [line for line in ("weir: 1", "name: t", "version: 1") if line.split(":")[0] not in own]
    tail = [] if "segments" in own else ["segments: {s: {clearance: public, sink: s}}"]
    said = "\n".join(lines_about("\n".join([*head, wrong, *tail])))
    assert secret not in said
    assert said or "@" not in secret  # the others are names as good as any in some places


def test_show_word_and_kind() -> None:
    assert show_word("a" * 41) == "text"
    assert show_word("a\nb") == "text"
    assert show_word("v12345") == "'v12345'"
    assert show_word("v123456") == "text"
    assert show_word({"a": 1}) == "a mapping"


def test_did_you_mean_keeps_the_case_of_the_option() -> None:
    assert did_you_mean("credit_crad", ["CREDIT_CARD", "URL"]) == "did you mean 'CREDIT_CARD'?"
    assert did_you_mean(3, ["a"]) == ""
    assert did_you_mean("x", []) == ""


def test_errors_are_sorted_by_file_and_line_and_said_once() -> None:
    a = Origins().error(("a",), "x")
    assert in_order([a, a]) == (a,)


def test_a_file_that_is_not_there_is_a_located_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyErrors) as caught:
        load_policy(tmp_path / "none.yaml")
    assert (
        str(caught.value)
        == f"{tmp_path / 'none.yaml'}:1 policy: cannot be read (no such file or directory); check the path"
    )


def test_a_folder_is_no_policy(tmp_path: Path) -> None:
    with pytest.raises(PolicyErrors, match=r":1 policy: cannot be read \(is a directory\)"):
        load_policy(tmp_path)


def test_a_file_that_is_too_long_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    path.write_bytes(b"# " + b"x" * 600_000)
    with pytest.raises(PolicyErrors, match="longer than 512 KiB"):
        load_policy(path)


def test_other_encodings_are_told_with_their_line() -> None:
    text = "weir: 1\nname: t\ndescription: café\n"
    assert lines_about(text.encode("latin-1")) == ["p.yaml:3 policy: the file is not UTF-8; save it as UTF-8"]
    assert lines_about(text.encode("utf-16")) == ["p.yaml:1 policy: the file is not UTF-8; save it as UTF-8"]


def test_a_byte_order_mark_is_no_harm() -> None:
    text = "weir: 1\nname: t\nversion: 1\nsegments: {s: {clearance: public, sink: s}}\n"
    assert load_policy_text(b"\xef\xbb\xbf" + text.encode()).name == "t"


def test_line_ends_of_windows_count_as_one_line() -> None:
    assert lines_about("weir: 1\r\nname: t\r\nversion: 0\r\nsegments: {s: {clearance: public, sink: s}}\r\n") == [
        "p.yaml:3 version: must be at least 1"
    ]
