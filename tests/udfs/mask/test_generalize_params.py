"""What `generalize` takes as parameters, and tables from files."""

import json
import re

import pyarrow as pa
import pytest

from policy.catalog import KINDS
from udfs.mask import MaskContext, MaskError, validated
from udfs.mask.generalize import MASK


def general(params, *values):
    return MASK.apply(pa.array(values, pa.string()), validated(MASK, params), MaskContext("PERSON")).to_pylist()


@pytest.mark.parametrize(
    ("params", "kinds"),
    [
        ({"date": "year"}, {"date"}),
        ({"bucket": 10}, {"number"}),
        ({"bands": [18]}, {"number"}),
        ({"bands": [18], "as_of": "2024-01-31"}, {"date"}),
        ({"postcode": 3}, {"postcode", "place"}),
        ({"postcode": "outward"}, {"postcode", "place"}),
        ({"ip": {}}, {"ip"}),
        ({"geohash": 5}, {"place"}),
        ({"coordinates": 0}, {"place"}),
        ({"values": {"a": "b"}}, set(KINDS)),
    ],
)
def test_kinds_follow_the_form(params, kinds):
    assert MASK.info.kinds(validated(MASK, params)) == kinds


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "must say how to generalize in one way; got none"),
        ({"date": "year", "ip": {}}, "must say how to generalize in one way; got date, ip"),
        ({"geohash": 5, "origin": 1}, "'origin' does not go with 'geohash'"),
        ({"bands": [18, 19]}, "bands: must ascend by 2 or more"),
        ({"bucket": 1}, "bucket: must be more than 0, and not 1"),
        ({"postcode": "all"}, "postcode: must be 1 to 8, or 'outward'"),
        ({"hierarchy": "x.csv"}, "'hierarchy' needs a level"),
    ],
)
def test_says_what_is_wrong_with_parameters(params, message):
    with pytest.raises(MaskError, match=re.escape(message)):
        validated(MASK, params)


HIERARCHY = "Paris;France;Europe\nOslo;Norway;Europe\n\nLima;Peru;*\n"


@pytest.fixture
def hierarchy(tmp_path):
    """Writes a hierarchy, and gives the parameters of a mask with it."""

    def written(text, level=1):
        file = tmp_path / "places.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return {"hierarchy": str(file), "level": level}

    return written


def test_a_hierarchy_gives_the_level(hierarchy):
    assert general(hierarchy(HIERARCHY), "Oslo", "Lima", None) == ["Norway", "Peru", None]
    assert general(hierarchy(HIERARCHY, 2), "Oslo", "Lima", "Paris") == ["Europe", "*", "Europe"]


@pytest.mark.parametrize(
    "text",
    [
        "Paris,France\r\nOslo,Norway\r\n",
        "\ufeffParis;France\nOslo;Norway",
        '"Paris";"France"\n"Oslo";Norway\nOslo;Norway\n',
        "Paris,France,;\nOslo,Norway,x".replace(",;", ",y"),
    ],
)
def test_a_hierarchy_may_be_written_in_several_ways(hierarchy, text):
    assert general(hierarchy(text), "Paris", "Oslo") == ["France", "Norway"]


def test_other_values_are_not_in_a_hierarchy(hierarchy):
    for value in ("Rome", "France", "paris", "Paris "):
        with pytest.raises(MaskError, match="must be one of the values in the table"):
            general(hierarchy(HIERARCHY), value)


def test_a_plan_holds_the_table_and_no_file(hierarchy, tmp_path):
    params = hierarchy(HIERARCHY)
    planned = validated(MASK, params).model_dump(mode="json")
    (tmp_path / "places.csv").unlink()
    assert str(tmp_path) not in json.dumps(planned)
    assert general(planned, "Oslo") == ["Norway"]
    assert MASK.info.kinds(validated(MASK, planned)) == set(KINDS)


@pytest.mark.parametrize(
    ("text", "level", "message"),
    [
        ("", 1, "the hierarchy has no levels"),
        ("\n\n", 1, "the hierarchy has no levels"),
        ("Paris\nOslo\n", 1, "the hierarchy has no levels"),
        (HIERARCHY, 3, "the hierarchy has no level 3"),
        (HIERARCHY, 0, "the hierarchy has no level 0"),
        ("Paris;France\nOslo\n", 1, "row 2 of the hierarchy has 1 columns, and the first has 2"),
        ("Paris;France\nOslo;Norway;Europe\n", 1, "row 2 of the hierarchy has 3 columns"),
        (
            "Paris;France\nParis;Texas\n",
            1,
            "row 2 of the hierarchy has a value that an earlier row generalises otherwise",
        ),
        ("Paris;France\n;Norway\n", 1, "row 2 of the hierarchy has an empty value"),
        ("Paris;France\nOslo;\n", 1, "row 2 of the hierarchy has an empty value"),
        ("Paris;France\nOslo;Oslo\n", 1, "row 2 of the hierarchy leaves its value as it is at level 1"),
        ('Paris;France\n"Oslo;Norway\n', 1, "the hierarchy is not CSV"),
        (b"Paris;France\nMalm\xf6;Sweden\n", 1, "it is not UTF-8"),
    ],
)
def test_says_what_is_wrong_with_a_hierarchy(hierarchy, text, level, message):
    with pytest.raises(MaskError, match=re.escape(message)) as caught:
        validated(MASK, hierarchy(text, level))
    assert not re.search("Paris|Oslo|Malm|France|Norway|Texas", str(caught.value))


def test_says_that_there_is_no_hierarchy(tmp_path):
    for file in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(MaskError, match="no hierarchy could be read from the file"):
            validated(MASK, {"hierarchy": str(file), "level": 1})
