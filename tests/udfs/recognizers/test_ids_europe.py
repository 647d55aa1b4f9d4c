"""Identifiers of Europe by what is published: the examples of python-stdnum's modules, and the registers' own.

Every valid example is found, as a whole value and inside a sentence, as it is printed and without its separators. No
invalid one is found.
"""

import ast
import doctest
import importlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.path import parse_path
from tests.udfs.detect import reference
from udfs.detect import NO_FIELD, Detector, Fields
from udfs.detect.exact import judge
from udfs.detect.scan import Scan
from udfs.recognizers import (
    Recognizer,
    ids_europe_east,
    ids_europe_north,
    ids_europe_south,
    ids_europe_vat,
    ids_europe_west,
)

RECOGNIZERS: dict[str, Recognizer] = {
    recognizer.name: recognizer
    for module in (ids_europe_east, ids_europe_north, ids_europe_south, ids_europe_vat, ids_europe_west)
    for recognizer in module.RECOGNIZERS
}
CLAIMS = """
ad.nrt AdNrt | al.nipt AlNipt | at.tin AtTin | at.uid AtVat | at.vnr AtVnr | be.bis BeNn | be.eid BeEid | be.nn BeNn
be.ssn BeNn | be.vat BeVat | bg.egn BgEgn | bg.pnf BgPnf | bg.vat BgVat | by.unp ByUnp | ch.ssn ChAhv | ch.uid ChUid
ch.vat ChVat | cy.vat CyVat | cz.dic CzVat | cz.rc CzRc | de.idnr DeTaxId | de.stnr DeTaxNumber | de.vat DeVatId
dk.cpr DkCpr | dk.cvr DkVat | ee.ik EeIk | ee.kmkr EeVat | ee.registrikood EeRegistrikood | es.cif EsCif
es.cups EsCups | es.dni EsNif | es.nie EsNie | fi.alv FiVat | fi.hetu FiHetu | fi.veronumero FiVeronumero
fi.ytunnus FiYtunnus | fr.nif FrNif | fr.nir FrNir | fr.siren FrSiren | fr.siret FrSiret | fr.tva FrVat
gr.amka GrAmka | gr.vat GrAfm | hr.oib HrOib | hu.anum HuVat | ie.pps IePps | ie.vat IeVat | is_.kennitala IsKennitala
it.codicefiscale ItFiscalCode | it.iva ItVatCode | lt.asmens LtAsmens | lt.pvm LtVat | lu.tva LuVat | mc.tva FrVat
md.idno MdIdno | me.pib MePib | mk.edb MkEdb | mt.vat MtVat | nl.bsn NlBsn | nl.btw NlVat
nl.identiteitskaartnummer NlDocument | nl.onderwijsnummer NlOnderwijsnummer | no.fodselsnummer NoFodselsnummer
no.mva NoVat | no.orgnr NoOrgnr | pl.nip PlNip | pl.pesel PlPesel | pl.regon PlRegon | pt.cc PtCc | pt.nif PtNif
ro.cnp RoCnp | ro.cui RoVat | rs.pib RsPib | ru.inn RuInn | ru.ogrn RuOgrn | se.orgnr SeOrgnr
se.personnummer SePersonnummer | se.vat SeVat | si.ddv SiVat | si.emso SiEmso | sk.dph SkVat | sk.rc SkRc
tr.tckimlik TrNationalId | tr.vkn TrVkn | ua.edrpou UaEdrpou | ua.rntrc UaRntrc
"""
MODULES = dict(claim.split() for line in CLAIMS.strip().splitlines() for claim in line.split(" | "))
NOT_CLAIMED = {
    ("cz.dic", "7103192745"): "a person's birth number, which is CZ_RC",
    ("it.codicefiscale", "00743110157"): "a company's, which is IT_VAT_CODE",
    ("ch.uid", "100155212"): "nobody writes it so",
    ("mc.tva", "FR 61 954 506 077"): "valid in France",
}
"""Valid examples of a module that are found under another entity, and invalid ones that are another country's."""
LOOSE = "36554266806"
"""Sum of digits right, repeated digits wrong: not found unless a word says that it is a German tax number."""
JUDGES = {name: judge(recognizer, 0.35) for name, recognizer in RECOGNIZERS.items()}
UNCHECKED = {"AlNipt": 1.0, "CzRc": 0.3, "SkRc": 0.3, "DkCpr": 0.8, "LtAsmens": 0.1}
"""Recognizers with values that have no check digit, by the share of changed digits that stay valid."""
ASKED = {
    "AdNrt": "NRT",
    "BgPnf": "ЛНЧ",
    "ByUnp": "УНП",
    "ChUid": "UID",
    "EeRegistrikood": "registrikood",
    "FiVeronumero": "veronumero",
    "FrSiren": "SIREN",
    "FrSiret": "SIRET",
    "GrAfm": "ΑΦΜ",
    "MePib": "PIB",
    "MkEdb": "ЕДБ",
    "NlBsn": "BSN",
    "NlDocument": "paspoort",
    "PlNip": "NIP",
    "PlRegon": "REGON",
    "PtNif": "NIF",
    "RsPib": "PIB",
    "RuInn": "ИНН",
    "RuOgrn": "ОГРН",
    "TrVkn": "VKN",
    "UaEdrpou": "ЄДРПОУ",
    "DeTaxNumber": "Steuer",
    "FiYtunnus": "tunnus",
    "HuTaj": "TAJ",
    **{name: r.context[0].upper() for name, r in RECOGNIZERS.items() if name.endswith("Vat")},
}
"""Recognizers that find some of their values where this word stands before them only, or in a field of that name."""


DIGITS_NEED_WORD = {"AtTin", "BeEid", "CzRc", "HuTaxId", "MdIdno", "NlOnderwijsnummer", "NoOrgnr", "SkRc", "UaRntrc"}
"""One of ten or so random numbers is valid: digits alone need a word, except as a whole value."""


def is_plain(recognizer: str, value: str) -> bool:
    """True for digits alone; of Czech and Slovak ones, those of nine, which have no check digit."""
    return value.isdecimal() and (recognizer not in ("CzRc", "SkRc") or len(value) == 9)


def examples(name: str) -> Iterator[tuple[str, bool]]:
    """The values in a module's docstring that `validate` takes by themselves, and whether they are valid."""
    module = importlib.import_module(f"stdnum.{name}")
    for example in doctest.DocTestParser().get_examples(module.__doc__ or ""):
        if example.source.startswith("validate("):
            call = ast.parse(example.source, mode="eval").body
            assert isinstance(call, ast.Call)
            values = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
            if len(values) == 1 and not call.keywords and (name, values[0]) not in NOT_CLAIMED:
                yield str(values[0]).strip().removeprefix("УНП "), example.exc_msg is None


def printed(name: str, value: str) -> set[str]:
    """A value as it is given, as its module prints it, and without separators."""
    module = importlib.import_module(f"stdnum.{name}")
    forms = {value, "".join(filter(str.isalnum, value))}
    if hasattr(module, "format"):
        forms.add(module.format(value))
    return {form for form in forms if module.is_valid(form) and (name, form) not in NOT_CLAIMED}


@cache
def detector() -> Detector:
    """All recognizers of Europe at once: to build one is what takes time."""
    return Detector(replace(reference.plan(sorted(RECOGNIZERS)), judgement="weir", languages=("en",)))


def found(recognizer: str, texts: Sequence[str], field: str | None = None) -> list[list[str]]:
    """What one of the recognizers finds in each text, all of which stand in one field if there is one."""
    place = np.full(len(texts), NO_FIELD if field is None else 0, np.int64)
    fields = Fields(place, [parse_path(field or "nowhere")])
    values: list[list[str]] = [[] for _ in texts]
    for finding in detector().detect(pa.array(texts, pa.string()), fields).findings:
        if finding.detector == recognizer:
            values[finding.text].append(texts[finding.text][finding.start : finding.end])
    return values


def valid_values(name: str) -> list[str]:
    """The valid examples of a module in every form."""
    return sorted({form for value, valid in examples(name) if valid for form in printed(name, value)})


@pytest.mark.parametrize("name", sorted(name for name in MODULES if MODULES[name] not in ASKED))
def test_valid_examples_are_found(name: str) -> None:
    values = valid_values(name)
    assert values
    assert found(MODULES[name], values) == [[v] for v in values]
    texts = [text for v in values for text in (f"We have {v} here.", f"({v})")]
    weak = MODULES[name] in DIGITS_NEED_WORD
    assert found(MODULES[name], texts) == [
        [] if weak and is_plain(MODULES[name], v) else [v] for v in values for _ in range(2)
    ]
    word = RECOGNIZERS[MODULES[name]].context[0].strip("()").upper()
    assert found(MODULES[name], [f"{word}: {v}" for v in values]) == [[v] for v in values]


@pytest.mark.parametrize("name", sorted(name for name in MODULES if MODULES[name] in ASKED))
def test_valid_examples_are_found_where_a_word_names_them(name: str) -> None:
    recognizer, values = MODULES[name], valid_values(name)
    word = ASKED[recognizer]
    assert values
    assert found(recognizer, values, word.lower()) == [[v] for v in values]
    texts = [text for v in values for text in (f"Our {word} is {v}.", f"{word}: {v}")]
    assert found(recognizer, texts) == [[v] for v in values for _ in range(2)]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_invalid_examples_are_not_found(name: str) -> None:
    recognizer = MODULES[name]
    word = ASKED.get(recognizer, RECOGNIZERS[recognizer].context[0])
    values = [value for value, valid in examples(name) if not valid and value != LOOSE]
    texts = [text for v in values for text in (v, f"We have {v} here.", f"{word}: {v}.")]
    assert dict(zip(texts, found(recognizer, texts), strict=True)) == {text: [] for text in texts}


@pytest.mark.parametrize("name", sorted(name for name in MODULES if MODULES[name] not in ASKED))
def test_other_digits_are_not_found(name: str) -> None:
    """One digit of a valid value changed: most of these are invalid by every check there is."""
    recognizer = MODULES[name]
    values = [value for value, valid in examples(name) if valid]
    changed = [
        value[:i] + digit + value[i + 1 :]
        for value in values
        for i, old in enumerate(value)
        if old.isdigit()
        for digit in "0123456789"
        if digit != old
    ]
    hits = sum(any(score >= 0.35 for _, _, score in JUDGES[recognizer].analyze(text)) for text in changed)
    assert hits <= UNCHECKED.get(recognizer, 0.05) * len(changed)


def test_every_recognizer_is_searched_for_by_the_scan() -> None:
    assert Scan(list(JUDGES.values())).unscanned == ()


def test_every_recognizer_says_where_its_form_is_published() -> None:
    assert {r.name for r in RECOGNIZERS.values() if not r.reference.startswith("http")} == set()
    assert {r.name for r in RECOGNIZERS.values() if r.country is None or not r.context} == set()


@pytest.mark.parametrize("name", sorted(RECOGNIZERS))
def test_few_random_digits_are_found(name: str) -> None:
    analyze = JUDGES[name].analyze
    dice = random.Random(name)
    for length in range(8, 14):
        texts = ["".join(dice.choices("0123456789", k=length)) for _ in range(300)]
        hits = sum(any(score >= 0.35 for _, _, score in analyze(text)) for text in texts)
        assert hits <= 0.16 * len(texts), f"{hits} of {len(texts)} with {length} digits"


def test_tax_numbers_with_other_repetitions_need_a_word() -> None:
    assert found("DeTaxId", [LOOSE, f"We have {LOOSE} here.", f"Steuer-ID {LOOSE}"]) == [[], [], [LOOSE]]


PUBLISHED = {
    "HuTaxId": "8071592153",
    "LuMatricule": "1893120105732",
    "DeSocialSecurity": "15 070649 C 103",
    "RuSnils": "112-233-445 95",
    "FiHetu": "010594Y9032",
    "SePersonnummer": "670919-9530",
    "TrNationalId": "10000000146",
    "EsNif": "12345678Z",
    "ItFiscalCode": "RSSMRA85T10A562S",
}
"""Examples of the registers themselves and of the OECD's and the European Commission's pages on tax numbers."""


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_examples_of_registers_are_found(name: str) -> None:
    value = PUBLISHED[name]
    among = [] if name in DIGITS_NEED_WORD else [value]
    assert found(name, [value, f"We have {value} here."]) == [[value], among]


@settings(max_examples=50, deadline=None)
@given(st.text(st.sampled_from("0123456789 -./+ABCDEXYZabc\u0661\u06f2\uff13\u2013\xa0УНП"), max_size=40))
def test_checks_never_raise(text: str) -> None:
    for name in JUDGES:
        assert all(0 < score <= 1 for _, _, score in JUDGES[name].analyze(text))


@pytest.mark.parametrize("name", sorted(RECOGNIZERS))
def test_digits_of_other_scripts_are_nobodys_number(name: str) -> None:
    modules = [module for module, recognizer in MODULES.items() if recognizer == name]
    values = [value for module in modules for value, valid in examples(module) if valid]
    foreign = [
        value.translate(str.maketrans("0123456789", "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669"))
        for value in values
    ]
    assert [JUDGES[name].analyze(value) for value in foreign] == [[] for _ in foreign]
