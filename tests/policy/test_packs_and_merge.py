"""Packs: found, merged, overridden, and in disagreement."""

from pathlib import Path

import pytest

from policy.check import check_policy
from policy.compile import compile_plan, warnings
from policy.errors import PolicyErrors
from policy.load import installed_packs, load_policy, load_policy_text
from policy.model import Policy
from tests.policy.catalogs import CATALOG
from tests.policy.policies import HEAD, SEGMENT

A = """
weir: 1
entities: {URL: confidential, EMAIL_ADDRESS: internal}
recognizers:
  - {entity: BADGE, deny_list: [a]}
  - {entity: HAT, deny_list: [a]}
fields: {x: URL, y.z: EMAIL_ADDRESS}
"""


def write(folder: Path, policy: str, **packs: str) -> Path:
    for name, text in packs.items():
        (folder / f"{name}.yaml").write_text(text)
    (folder / "p.yaml").write_text(HEAD + policy + SEGMENT)
    return folder / "p.yaml"


def load(folder: Path, policy: str, **packs: str) -> Policy:
    return load_policy(write(folder, policy, **packs))


def errors(folder: Path, policy: str, **packs: str) -> list[str]:
    with pytest.raises(PolicyErrors) as caught:
        load(folder, policy, **packs)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_installed_packs() -> None:
    assert installed_packs() == ["pci", "secrets"]


def test_the_policy_comes_first_and_overrides(tmp_path: Path) -> None:
    policy = load(
        tmp_path,
        "include: [a.yaml]\nentities: {URL: regulated, BADGE: public, HAT: public}\nfields: {q: public, x: scan}\n"
        "recognizers:\n  - {entity: HAT, deny_list: [b]}\n",
        a=A,
    )
    assert policy.entities == {"URL": "regulated", "BADGE": "public", "HAT": "public", "EMAIL_ADDRESS": "internal"}
    assert list(policy.fields.items()) == [("q", "public"), ("x", "scan"), ("y.z", "EMAIL_ADDRESS")]
    assert [(r.entity, r.deny_list) for r in policy.recognizers] == [("HAT", ["b"]), ("BADGE", ["a"])]


def test_a_pack_beside_the_policy_comes_before_an_installed_one(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "pci.yaml").write_text("{weir: 1, entities: {URL: internal}}")
    assert load(tmp_path, "include: [packs/pci.yaml]\n").entities == {"URL": "internal"}


def test_text_without_a_folder_includes_installed_packs_only(tmp_path: Path) -> None:
    text = HEAD + "include: [a.yaml]\n" + SEGMENT
    (tmp_path / "a.yaml").write_text("weir: 1")
    load_policy_text(text, base=tmp_path)
    with pytest.raises(PolicyErrors, match=r"include\[0\]: no such pack"):
        load_policy_text(text)


def test_two_packs_that_agree(tmp_path: Path) -> None:
    policy = load(tmp_path, "include: [a.yaml, b.yaml]\nentities: {BADGE: public, HAT: public}\n", a=A, b=A)
    assert len(policy.recognizers) == 2


def test_two_packs_that_disagree(tmp_path: Path) -> None:
    b = "weir: 1\nentities:\n  URL: regulated\nfields:\n  x: scan\nrecognizers:\n  - {entity: HAT, deny_list: [b]}\n"
    assert errors(tmp_path, "include: [a.yaml, b.yaml]\n", a=A, b=b) == [
        "b.yaml:3 entities.URL: disagrees with a.yaml; say in the policy itself which one holds",
        "b.yaml:5 fields.x: disagrees with a.yaml; say in the policy itself which one holds",
        "b.yaml:7 recognizers[0]: disagrees with a.yaml; say in the policy itself which one holds",
    ]
    settled = "entities: {URL: public}\nfields: {x: URL}\nrecognizers: [{entity: HAT, deny_list: [c]}]\n"
    assert load(tmp_path, "include: [a.yaml, b.yaml]\n" + settled, a=A, b=b).entities["URL"] == "public"


def test_countries_of_packs(tmp_path: Path) -> None:
    us, gb = "{weir: 1, countries: [us]}", "weir: 1\ncountries: [gb]"
    assert load(tmp_path, "include: [a.yaml, b.yaml]\n", a=A, b=us).countries == ["us"]
    assert load(tmp_path, "include: [a.yaml, b.yaml]\ncountries: [us, gb]\n", a=us, b=gb).countries == ["us", "gb"]
    assert errors(tmp_path, "include: [a.yaml, b.yaml]\n", a=us, b=gb) == [
        "b.yaml:2 countries: disagrees with a.yaml; say in the policy itself which one holds"
    ]


def test_errors_in_a_pack_are_located_there_together_with_those_of_the_policy(tmp_path: Path) -> None:
    a = "weir: 1\nsegments: {}\ninclude: []\nlevel: x\nentities:\n  URL: [1]\n"
    b = "weir: 1\nentities:\n  URL: top\nfields: {a..b: URL}\n"
    b += "recognizers:\n  - {entity: A, patterns: [{regex: (, score: 1}]}\n"
    misplaced = "this key is not for packs; move it to the policy; a pack has no segments and includes nothing"
    assert errors(tmp_path, "include: [a.yaml, b.yaml]\nfield: {}\n", a=a, b=b) == [
        "p.yaml:5 field: unknown key; did you mean 'fields'?",
        f"a.yaml:2 segments: {misplaced}",
        f"a.yaml:3 include: {misplaced}",
        "a.yaml:4 level: unknown key; known are 'countries', 'description', 'entities', 'fields', 'name', "
        "'recognizers' and 'weir'",
        "a.yaml:6 entities.URL: must be text; got a list",
        "b.yaml:3 entities.URL: unknown level 'top'; levels are 'public', 'internal', 'confidential' and 'regulated'",
        'b.yaml:4 fields."a..b": no valid path: a key is missing at character 3',
        "b.yaml:6 recognizers[0].patterns[0].regex: no valid regular expression: missing ) at character 2; "
        "single quotes keep backslashes as they are in YAML",
    ]


def test_a_recognizer_of_a_pack_is_located_at_its_own_index(tmp_path: Path) -> None:
    policy = load(tmp_path, "include: [a.yaml]\nrecognizers:\n  - {entity: HAT, deny_list: [b]}\n", a=A)
    with pytest.raises(PolicyErrors) as caught:
        compile_plan(policy, CATALOG)
    said = str(caught.value).replace(f"{tmp_path}/", "")
    assert "p.yaml:6 recognizers[0].entity: the entity 'HAT' has no level" in said
    assert "a.yaml:5 recognizers[0].entity: the entity 'BADGE' has no level" in said
    assert "a.yaml:6" not in said


def test_lowering_what_a_pack_says_is_a_warning(tmp_path: Path) -> None:
    policy = load(tmp_path, "include: [packs/pci.yaml]\nentities:\n  CREDIT_CARD: internal\n  CARD_PIN: regulated\n")
    said = [line.replace(f"{tmp_path}/", "") for line in warnings(policy, compile_plan(policy, CATALOG), CATALOG)]
    assert said == [
        "p.yaml:6 entities.CREDIT_CARD: 'internal' is below 'regulated', the level that packs/pci.yaml gives it; "
        "make sure that this is meant"
    ]


@pytest.mark.parametrize(
    "name", ["/etc/hosts", "~/p.yaml", "C:\\p.yaml", "file:///etc/hosts", "https://x.example/p", "", "a\\0b"]
)
def test_includes_that_are_refused(tmp_path: Path, name: str) -> None:
    assert errors(tmp_path, f'include: ["{name}"]\n' if "\\0" in name else f"include: ['{name}']\n")


def test_a_folder_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    assert "no such pack" in errors(tmp_path, "include: [a.yaml]\n")[0]


def test_check_tells_a_mistyped_key_and_an_unknown_mask_in_one_run(tmp_path: Path) -> None:
    path = write(tmp_path, "entitys: {}\n")
    path.write_text(path.read_text().replace("sink: s", "sink: s, default_mask: redcat"))
    checked = check_policy(path, CATALOG)
    assert [error.message for error in checked.errors] == ["unknown key", "unknown mask 'redcat'"]
    assert checked.plan is None


def test_check_of_a_good_policy(tmp_path: Path) -> None:
    checked = check_policy(write(tmp_path, "entities: {URL: internal}\n"), CATALOG)
    assert (checked.errors, checked.warnings) == ((), ())
    assert checked.plan is not None and checked.plan.recognizers == ("UrlRecognizer",)


def test_check_of_a_policy_that_cannot_be_read(tmp_path: Path) -> None:
    checked = check_policy(tmp_path / "none.yaml", CATALOG)
    assert (checked.policy, checked.plan, len(checked.errors)) == (None, None, 1)
