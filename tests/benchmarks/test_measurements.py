"""What is measured on is what is said, and the page gets the tables."""

import random

import pytest

from benchmarks.engines import Measured, ratios
from benchmarks.growth import many
from benchmarks.page import PAGE, markdown, put
from benchmarks.quality import secrets
from benchmarks.run import PARTS
from benchmarks.texts import texts


@pytest.mark.parametrize("size", [50, 150, 4_000])
def test_texts_have_the_size_that_is_asked_for(size: int) -> None:
    assert all(size - 30 <= len(t) <= size + 60 for t in texts(50, size))


@pytest.mark.parametrize(("per_text", "low", "high"), [(0.0, 0, 0), (0.3, 0.2, 0.4), (1.0, 1, 1), (3.0, 3, 3)])
def test_texts_hold_as_many_values_as_asked_for(per_text: float, low: float, high: float) -> None:
    rows, empty = texts(400, 400, per_text), texts(400, 400, 0.0)
    signs = sum(t.count("@") for t in rows)
    assert sum(t.count("@") for t in empty) == 0
    assert low / 5 * 400 * 0.6 <= signs <= high / 5 * 400 * 1.4


def test_texts_repeat_by_seed_alone() -> None:
    assert texts(20, 150) == texts(20, 150) != texts(20, 150, seed=2)
    assert len(texts(25_000, 50)) == 25_000


@pytest.mark.parametrize("count", [5, 25, 300])
def test_a_plan_has_as_many_recognizers_as_asked_for(count: int) -> None:
    plan = many(count)
    assert len(plan.recognizers) + len(plan.own_recognizers) == count
    assert set(plan.segments[0].masks) >= {own.entity for own in plan.own_recognizers}


def test_ratios_are_of_rates() -> None:
    whos = ("Weir", "Weir, with audit", "Weir, detector", "MaskOps", "Presidio")
    where = [(shape, kinds) for shape in ("short", "long", "nothing") for kinds in ("five", "all")]
    rows = [Measured(*at, who, 1, 6.0 if who == "MaskOps" else 2.0) for at in where for who in whos]
    rows += [Measured("code", "secrets", who, 1, 2.0) for who in ("Weir, detector", "detect-secrets")]
    found = {(shape, what): value for shape, what, value, _ in ratios(rows)}
    assert found["short", "Weir ÷ MaskOps, five"] == 3.0  # three times the time is a third of the rate
    assert found["short", "Weir ÷ Presidio, five"] == 1.0


def test_lines_with_secrets_say_where_they_stand() -> None:
    made = secrets.lines(3)
    true = [line for line in made if line.span]
    assert made == secrets.lines(3)
    assert len(made) == 3 * len(true)
    assert {line.kind for line in true} == {*secrets._VALUES}
    assert all(len(line.text[slice(*line.span)]) >= 8 for line in true)
    assert all("{value}" not in line.text and "{url}" not in line.text for line in made)


def test_github_tokens_have_their_checksum() -> None:
    from udfs.recognizers.secret_tokens import base62_crc32

    token = secrets._VALUES["GitHub token"](random.Random(1))
    body = token.split("_", 1)[1]
    assert body[-6:] == base62_crc32(body[:-6])


@pytest.mark.parametrize("page", ["no marks", "<!-- x -->\nopen", "<!-- /x -->"])
def test_a_page_without_marks_is_refused(page: str) -> None:
    with pytest.raises(LookupError, match="marks"):
        put(page, "x", "new")


def test_the_page_has_a_place_for_every_table() -> None:
    page = PAGE.read_text("utf-8")
    names = ["job", "engine", "ratios", "growth", "start", "quality", "nothing", "secrets"]
    for name in names + [f"{part}-machine" for part in PARTS]:
        assert put(page, name, "new") != page


def test_a_table_is_markdown() -> None:
    assert markdown(("a", "b"), [("x", "1,5"), ("y", "2")]).splitlines() == [
        "| a | b |",
        "| --- | ---: |",
        "| x | 1,5 |",
        "| y | 2 |",
    ]
