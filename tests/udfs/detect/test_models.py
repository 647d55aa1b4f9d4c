"""Language models, with pipelines that are made here."""

from pathlib import Path

import pytest
import spacy
from spacy.training import Example

from policy.plan import ModelPlan
from udfs.detect.models import load


@pytest.fixture(scope="module")
def ruler(tmp_path_factory: pytest.TempPathFactory) -> str:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(  # type: ignore[attr-defined]
        [{"label": "PERSON", "pattern": "Ann Lee"}, {"label": "ORG", "pattern": "Acme"}]
    )
    nlp.max_length = 1000
    path = tmp_path_factory.mktemp("ruler")
    nlp.to_disk(path)
    return str(path)


def test_rules(ruler: str) -> None:
    model = load([ModelPlan(ruler, {"PERSON": "PERSON"}, 0.7)])[0]
    spans, failed = model.find(["", "\ud800 Ann Lee of Acme", "nobody"])
    assert (spans, failed) == ([[], [(2, 9, "PERSON", 0.7)], []], {})


def test_statistics(tmp_path: Path) -> None:
    spacy.util.fix_random_seed(1)
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    names = ["Ann", "Bob", "Cy", "Dee"]
    made = [Example.from_dict(nlp.make_doc(f"I met {n} today"), {"entities": [(6, 6 + len(n), "PER")]}) for n in names]
    optimizer = nlp.initialize(lambda: made)
    for _ in range(25):
        nlp.update(made, sgd=optimizer)
    nlp.to_disk(tmp_path / "m")
    model = load([ModelPlan(str(tmp_path / "m"), {"PER": "PERSON"}, 0.85)])[0]
    assert model.find(["I met Bob today"])[0] == [[(6, 9, "PERSON", 0.85)]]


def test_refusals(ruler: str, tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="python -m spacy download no_such_model"):
        load([ModelPlan("no_such_model", {"PER": "PERSON"}, 1.0)])
    with pytest.raises(ValueError, match="none of the labels for LOCATION; it has: ORG, PERSON"):
        load([ModelPlan(ruler, {"PERSON": "PERSON", "GPE": "LOCATION"}, 1.0)])
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(ValueError, match="no component that sets entities"):
        load([ModelPlan(str(tmp_path / "blank"), {"PER": "PERSON"}, 1.0)])


def test_too_long_a_text_is_refused(ruler: str) -> None:
    model = load([ModelPlan(ruler, {"PERSON": "PERSON"}, 1.0)])[0]
    model._nlp.max_length = 20
    spans, failed = model.find(["Ann Lee", "Ann Lee " * 9])
    assert spans == [[(0, 7, "PERSON", 1.0)], []]
    assert list(failed) == [1]
