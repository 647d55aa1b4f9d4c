"""Identifiers outside Europe: the examples of python-stdnum, Presidio's finds, random numbers, texts of all kinds."""

import ast
import doctest
import importlib
import random
import re
from collections.abc import Iterator

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from presidio_analyzer import PatternRecognizer

from udfs.cases import Case, found
from udfs.detect import installed
from udfs.detect.exact import judge
from udfs.detect.recognizers import presidio
from udfs.detect.scan import Scan
from udfs.recognizers import ids_africa, ids_americas, ids_americas_south, ids_asia, ids_asia_east, ids_oceania
from udfs.recognizers._ids import validator
from udfs.recognizers._ids_world import birthday

THRESHOLD = 0.35
MODULES = (ids_africa, ids_americas, ids_americas_south, ids_asia, ids_asia_east, ids_oceania)
RECOGNIZERS = {r.name: r for module in MODULES for r in module.RECOGNIZERS}
JUDGES = {name: judge(r, THRESHOLD) for name, r in RECOGNIZERS.items()}

STDNUM = """
ar.cbu ar.cuit ar.dni au.abn au.acn au.tfn br.cnpj br.cpf ca.bc_phn ca.bn ca.sin cl.rut cn.ric cn.uscc co.nit cr.cpf
cr.cpj cr.cr cu.ni do.cedula do.rnc dz.nif ec.ci ec.ruc eg.tn gh.tin gn.nifp gt.nit id.nik id.npwp il.hp il.idnr
in_.aadhaar in_.epic in_.gstin in_.pan in_.vid jp.cn jp.in_ ke.pin kr.brn kr.rrn ma.ice mu.nid mx.curp mx.rfc my.nric
mz.nuit nz.bankaccount nz.ird pe.cui pe.ruc pk.cnic py.ruc sg.uen sn.ninea sv.nit th.moa th.pin tn.mf tw.ubn uy.rut
ve.rif vn.mst za.idnr za.tin
"""
OTHER_NAMES = {"nz.bankaccount": "NzBankAccount", "th.pin": "ThTnin", "za.idnr": "ZaId"}
# What each module of python-stdnum is found by.
CLAIMS = {m: OTHER_NAMES.get(m, "".join(part.title() for part in re.split("[._]", m))) for m in STDNUM.split()}

# Forms without a check, or that every ninth number has: a word before them that makes them findings, and which forms.
BY_WORD = {
    "ArDni": ("documento", ""),
    "CrCpf": ("cédula", r"\d+|\d-\d{3}-\d{3}"),
    "CrCr": ("residencia", ""),
    "DzNif": ("fiscale", ""),
    "EgTn": ("taxpayer", ""),
    "GtNit": ("contribuyente", r"\d+"),
    "MxRfc": ("contribuyente", r"[A-Z]{4}\d{6}"),
    "PeCui": ("identidad", r"\d{8}"),
    "PkCnic": ("cnic", r"\d+"),
    "PyRuc": ("contribuyente", r"\d+"),
    "SnNinea": ("ninea", r"\d{3} ?\d{4}"),
    "TnMf": ("matricule", r"\d{3}[A-Z]"),
    "TwUbn": ("統編", ""),
}


def examples(module: str, word: str = "validate") -> Iterator[tuple[str, bool]]:
    """The values that a module's documentation gives to a function, and whether they are valid."""
    doc = importlib.import_module(f"stdnum.{module}").__doc__ or ""
    for example in doctest.DocTestParser().get_examples(doc):
        call = ast.parse(example.source.strip(), mode="eval").body
        if isinstance(call, ast.Call) and ast.unparse(call.func) == word and len(call.args) == 1 and not call.keywords:
            yield ast.literal_eval(call.args[0]).strip(), example.exc_msg is None


def forms(module: str) -> list[str]:
    """Valid values of the documentation, as written there, plain, and as the module prints them."""
    stdnum = importlib.import_module(f"stdnum.{module}")
    written = {value for value, right in examples(module) if right}
    valid = [*written, *(value for value, _ in examples(module, "format"))]
    written |= {stdnum.compact(value) for value in valid}
    if hasattr(stdnum, "format"):
        written |= {stdnum.format(value) for value in valid}
    return sorted(form for form in written if validator(module)(form))


def needs_word(name: str, form: str) -> bool:
    return name in BY_WORD and (not BY_WORD[name][1] or re.fullmatch(BY_WORD[name][1], form) is not None)


def alone(name: str, text: str) -> list[str]:
    """What a recognizer finds in a text in which no word speaks for it."""
    return [text[start:end] for start, end, score in JUDGES[name].analyze(text) if score >= THRESHOLD]


def valid_forms() -> list[tuple[str, str]]:
    return [(name, form) for module, name in CLAIMS.items() for form in forms(module)]


def test_the_scan_takes_every_pattern() -> None:
    assert Scan(list(JUDGES.values())).unscanned == ()


def test_every_claim_has_an_example() -> None:
    without = {module for module in CLAIMS if not forms(module)}
    assert without == {"mu.nid"}
    assert set(BY_WORD) <= set(CLAIMS.values()) <= set(RECOGNIZERS)


# One of ten or so random numbers is valid, and Presidio knows none of these: inside a text, digits alone are nothing.
DIGITS_NEED_WORD = """
ArCuit CaBcPhn CaBn ClRut CoNit CrCpj CuNi DoCedula DoRnc EcCi EcRuc EgNationalId GnNifp IdNik IdNpwp IlHp IlIdnr InVid
JpCn JpIn MyNric MzNuit NzBankAccount NzIrd PeCui PeRuc SaNationalId SvNit ThMoa VnMst
"""


def is_weak(name: str, form: str) -> bool:
    return form.isdecimal() and name in DIGITS_NEED_WORD.split()


@pytest.mark.parametrize(("name", "form"), [(n, f) for n, f in valid_forms() if not needs_word(n, f)])
def test_published_values_are_found_alone_and_in_a_sentence(name: str, form: str) -> None:
    among = [] if is_weak(name, form) else [form]
    assert alone(name, form) == [form]
    assert alone(name, f" {form}\n") == [form]
    assert alone(name, f"We were told that {form} is right.") == among
    assert alone(name, f'{{"value":"{form}"}}') == among


@pytest.mark.parametrize(("name", "form"), [(n, f) for n, f in valid_forms() if is_weak(n, f) and not needs_word(n, f)])
def test_weak_values_are_found_in_a_text_beside_a_word(name: str, form: str) -> None:
    words = [word for word in RECOGNIZERS[name].context if " " not in word]
    plain = next((word for word in words if word[0] != "("), None)
    short = next((word.strip("()").upper() for word in words if word[0] == "("), None)
    texts = [f"We were told that {plain} {form} is right."] * bool(plain) + [f"Our {short} is {form}."] * bool(short)
    assert texts
    assert found(name, texts) == [[form]] * len(texts)


@pytest.mark.parametrize("name", sorted(BY_WORD))
def test_weak_forms_are_found_beside_a_word_and_in_a_field_of_its_name_only(name: str) -> None:
    word = BY_WORD[name][0]
    weak = [form for n, form in valid_forms() if n == name and needs_word(name, form)]
    assert weak
    assert [alone(name, form) for form in weak] == [[]] * len(weak)
    cases: list[Case] = [*(f"{word} {form}" for form in weak), *({word: form} for form in weak)]
    assert found(name, cases) == [[form] for form in weak] * 2


@pytest.mark.parametrize(
    ("name", "value"), [(n, v) for module, n in CLAIMS.items() for v, right in examples(module) if not right]
)
def test_published_wrong_values_are_not_found(name: str, value: str) -> None:
    assert alone(name, value) == []
    assert alone(name, f"We were told that {value} is wrong.") == []


# What is found without a check that python-stdnum has: see the recognizers.
UNCHECKED = {"KrRrn", "MxRfc"}


@pytest.mark.parametrize("module", sorted(m for m, n in CLAIMS.items() if n not in UNCHECKED))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_changed_digit_is_found_only_where_it_is_valid(module: str, data: st.DataObject) -> None:
    usual = forms(module)
    if not usual:
        return
    form = data.draw(st.sampled_from(usual))
    place = data.draw(st.sampled_from([i for i, c in enumerate(form) if c in "0123456789"] or [0]))
    changed = form[:place] + data.draw(st.sampled_from("0123456789")) + form[place + 1 :]
    for value in alone(CLAIMS[module], changed):
        assert validator(module)(value) or CLAIMS[module] == "ZaId"


@pytest.mark.parametrize("name", sorted(RECOGNIZERS))
def test_parts_of_longer_runs_and_prices_are_left_alone(name: str) -> None:
    for module in (m for m, n in CLAIMS.items() if n == name):
        for form in forms(module):
            around = ("X{}", "{}X", "{}-00000", "/{}", "{}/index", "€{}", "0.{}", "{}@example.org", "{}_a")
            assert [f for f in around if form in alone(name, f.format(form))] == []


RATE = 0.15
"""The largest share of 400 random numbers of one length that a recognizer may take without a word: a check digit lets
one of ten or eleven pass, and 3.3 deviations more are allowed."""


@pytest.mark.parametrize("length", range(8, 14))
def test_random_numbers_are_rarely_found(length: int) -> None:
    drawn = random.Random(length)
    numbers = ["".join(drawn.choices("0123456789", k=length)) for _ in range(400)]
    rates = {name: sum(bool(alone(name, number)) for number in numbers) / 400 for name in JUDGES}
    assert {name: rate for name, rate in rates.items() if rate > RATE} == {}


@pytest.mark.parametrize("name", sorted(RECOGNIZERS))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(st.characters() | st.sampled_from("0123456789AXZ-. /")))
def test_a_check_never_raises(name: str, text: str) -> None:
    verdict = RECOGNIZERS[name].validate_result(text)
    assert verdict is None or verdict is False or 0 < float(verdict) <= 1


# Presidio's recognizers that ours replace, and which of their finds are valid.
REPLACED = {
    "AuAbnRecognizer": ("AuAbn", "au.abn"),
    "AuAcnRecognizer": ("AuAcn", "au.acn"),
    "AuMedicareRecognizer": ("AuMedicare", ""),
    "AuTfnRecognizer": ("AuTfn", "au.tfn"),
    "CaSinRecognizer": ("CaSin", "ca.sin"),
    "InAadhaarRecognizer": ("InAadhaar", ""),
    "InGstinRecognizer": ("InGstin", "in_.gstin"),
    "InPanRecognizer": ("InPan", "in_.pan"),
    "KrBrnRecognizer": ("KrBrn", "kr.brn"),
    "KrFrnRecognizer": ("KrFrn", ""),
    "KrRrnRecognizer": ("KrRrn", ""),
    "NgNinRecognizer": ("NgNin", ""),
    "SgFinRecognizer": ("SgNric", ""),
    "SgUenRecognizer": ("SgUen", "sg.uen"),
    "ThTninRecognizer": ("ThTnin", "th.pin"),
    "ZaIdNumberRecognizer": ("ZaId", ""),
    "ZaIncomeTaxNumberRecognizer": ("ZaTin", "za.tin"),
}
CHECKED_BY_OURS = {
    "SgFinRecognizer": ids_asia.singaporean,
    "KrFrnRecognizer": lambda value: birthday(value[2:4], value[4:6]),
    "KrRrnRecognizer": lambda value: birthday(value[2:4], value[4:6]),
}


def test_every_replaced_recognizer_is_held_against_ours() -> None:
    assert {old for r in RECOGNIZERS.values() for old in r.replaces} == set(REPLACED)
    assert set(REPLACED) <= set(installed())


@pytest.mark.parametrize("old", sorted(REPLACED))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_presidio_finds_and_is_valid_is_found(old: str, data: st.DataObject) -> None:
    theirs = presidio()[old]
    assert isinstance(theirs, PatternRecognizer)
    pattern = data.draw(st.sampled_from(theirs.patterns)).regex
    value = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    name, module = REPLACED[old]
    of_presidio = [s for _, _, s in judge(theirs, THRESHOLD).analyze(value) if s >= THRESHOLD]
    is_valid = validator(module) if module else CHECKED_BY_OURS.get(old, lambda _: True)
    repeated = len({c for c in value if c.isdigit()}) == 1
    if of_presidio and value.isprintable() and not repeated and is_valid(value.upper()):
        assert alone(name, value), value
