"""What a mask makes of a value of each type: the expected outcome of every cell, as the documents promise it.

`docs/formats.md` is written from here (`python -m tests.formats.page`), and the tests run every cell in every format.
"""

from dataclasses import dataclass
from typing import Any

TEXT = "Kay Sørby 730194"
PLAIN = "Kay Soerby730194"
MOMENT = "1987-06-05 04:03"
AMOUNT = "7301945678901.25"
"""Texts of 16 characters, so that each fits CHAR(16): for most masks, for `fpe`, for those of dates, for `noise`."""


@dataclass(frozen=True)
class Type:
    """A column type.

    Attributes:
        sql: as a tables file says it.
        value: what is masked, as text; None for the four texts above.
        kept: another value, at an edge of the type, for columns that no mask changes.
    """

    sql: str
    value: str | None
    kept: str


TYPES = {
    "string": Type("STRING", None, "Ida Bäcker: \"a,b;c\"\t\\ 'q' 🂡"),
    "bytes": Type("BYTES", None, "Ida Bäcker 55820"),
    "char": Type("CHAR(16)", None, "Ida Bäcker 55820"),
    "varchar": Type("VARCHAR(16)", None, "Ida"),
    "array": Type("ARRAY<STRING>", None, "Ida Bäcker 55820"),
    "map": Type("MAP<STRING, STRING>", None, "Ida Bäcker 55820"),
    "row": Type("ROW<`text` STRING, `note` STRING>", None, "Ida Bäcker 55820"),
    "deep": Type("ROW<`inner` ROW<`text` STRING>>", None, "Ida Bäcker 55820"),
    "boolean": Type("BOOLEAN", "true", "false"),
    "tinyint": Type("TINYINT", "42", "-128"),
    "smallint": Type("SMALLINT", "7301", "-32768"),
    "int": Type("INT", "7301945", "-2147483648"),
    "bigint": Type("BIGINT", "4539578763621486", "-9223372036854775808"),
    "float": Type("FLOAT", "73.25", "1.1754944E-38"),
    "double": Type("DOUBLE", "73.0125", "1.7976931348623157E308"),
    "decimal": Type("DECIMAL(20, 2)", "7301945.25", "-999999999999999999.99"),
    "date": Type("DATE", "1987-06-05", "0001-01-01"),
    "time": Type("TIME", "04:03:02", "23:59:59"),
    "timestamp": Type("TIMESTAMP(3)", "1987-06-05 04:03:02.125", "9999-12-31 23:59:59.999"),
    "timestamp_ltz": Type("TIMESTAMP_LTZ(3)", "1987-06-05 04:03:02.125", "1969-12-31 23:59:59.999"),
}

CONTAINERS = ("array", "map", "row", "deep")
ONLY_OUTSIDE = ("bytes", "timestamp_ltz", *CONTAINERS)
"""Types that no ROW of the tests holds: the first two are refused there, the others are what they are in."""

OUTCOMES = """
mask             string  bytes   char    varchar array   map     row     deep    boolean tinyint smallint int     bigint  float   double  decimal date    time    timestamp timestamp_ltz
keep             same    same    same    same    same    same    same    same    same    same    same     same    same    same    same    same    same    same    same      same
keep_first       masked  masked  masked  masked  masked  masked  masked  masked  refused refused refused  refused refused refused refused refused refused refused refused   refused
keep_last        masked  masked  masked  masked  masked  masked  masked  masked  refused refused refused  refused refused refused refused refused refused refused refused   refused
presidio.mask    masked  masked  masked  masked  masked  masked  masked  masked  refused refused refused  refused refused refused refused refused refused refused refused   refused
truncate         masked  masked  masked  masked  masked  masked  masked  masked  refused masked  masked   masked  masked  masked  masked  masked  refused refused refused   refused
redact           empty   empty   empty   empty   empty   empty   empty   empty   NULL    NULL    NULL     NULL    NULL    NULL    NULL    NULL    NULL    NULL    NULL      NULL
presidio.redact  empty   empty   empty   empty   empty   empty   empty   empty   NULL    NULL    NULL     NULL    NULL    NULL    NULL    NULL    NULL    NULL    NULL      NULL
null             NULL    NULL    NULL    NULL    NULL    NULL    NULL    NULL    NULL    NULL    NULL     NULL    NULL    NULL    NULL    NULL    NULL    NULL    NULL      NULL
replace          masked  masked  masked  masked  masked  masked  masked  masked  masked  masked  masked   masked  masked  masked  masked  masked  masked  masked  masked    masked
presidio.replace masked  masked  masked  masked  masked  masked  masked  masked  masked  masked  masked   masked  masked  masked  masked  masked  masked  masked  masked    masked
hash             masked  masked  refused refused masked  masked  masked  masked  refused refused refused  refused refused refused refused refused refused refused refused   refused
presidio.hash    masked  masked  refused refused masked  masked  masked  masked  refused refused refused  refused refused refused refused refused refused refused refused   refused
pseudonym        masked  masked  masked  masked  masked  masked  masked  masked  refused refused refused  refused refused refused refused refused refused refused refused   refused
token            masked  masked  refused refused masked  masked  masked  masked  refused refused refused  refused refused refused refused refused refused refused refused   refused
encrypt          masked  masked  refused refused masked  masked  masked  masked  refused refused refused  refused refused refused refused refused refused refused refused   refused
fpe              masked  masked  masked  masked  masked  masked  masked  masked  refused refused refused  masked  masked  refused refused masked  refused refused refused   refused
surrogate        masked  masked  masked  masked  masked  masked  masked  masked  refused masked  masked   masked  masked  masked  masked  masked  refused refused refused   refused
noise            masked  masked  masked  masked  masked  masked  masked  masked  refused masked  masked   masked  masked  masked  masked  masked  refused refused refused   refused
generalize       masked  masked  masked  masked  masked  masked  masked  masked  masked  refused refused  refused refused masked  masked  masked  refused refused masked    masked
shift_date       masked  masked  masked  masked  masked  masked  masked  masked  refused refused refused  masked  masked  refused refused refused masked  refused masked    masked
drop_field       NULL    NULL    NULL    NULL    removed removed removed removed NULL    NULL    NULL     NULL    NULL    NULL    NULL    NULL    NULL    NULL    NULL      NULL
drop_record      withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld withheld
"""  # noqa: E501

MEANING = {
    "same": "the value, exactly as it was",
    "masked": "what the mask makes of the value, as a value of the same type",
    "empty": "the empty text; inside a nested column, in the place of each text",
    "NULL": "NULL; inside a nested column, in the place of each value",
    "removed": "an ARRAY without the element, a MAP without the entry, NULL in the field of a ROW",
    "withheld": "the segment does not get the record",
    "refused": "the job does not start: the error names the tables file, the line, the column and the mask",
}

FPE_NUMBER = {"fpe": {"keep_first": 1}}
PARAMETERS: dict[str, dict[str, Any]] = {
    "keep_first": {"": {"keep_first": 4}},
    "keep_last": {"": {"keep_last": 4}},
    "presidio.mask": {"": {"presidio.mask": {"chars_to_mask": 12}}},
    "truncate": {"": {"truncate": 4}, "tinyint": {"truncate": 1},
                 **{kind: {"truncate": 2} for kind in ("boolean", "smallint", "int", "float", "double")}},
    "replace": {"": {"replace": "GONE"}},
    "presidio.replace": {"": {"presidio.replace": "GONE"}},
    "fpe": {"": {"fpe": "alphanumeric"}, "int": FPE_NUMBER, "bigint": FPE_NUMBER, "decimal": FPE_NUMBER},
    "noise": {"": {"noise": {"percent": 10}}},
    "generalize": {
        "": {"generalize": "year"},
        "boolean": {"generalize": {"values": {"true": "false"}, "otherwise": "redact"}},
        **{kind: {"generalize": {"bucket": 10}} for kind in ("tinyint", "smallint", "int", "bigint")},
        **{kind: {"generalize": {"coordinates": 1}} for kind in ("float", "double", "decimal")},
        **{kind: {"generalize": "day"} for kind in ("timestamp", "timestamp_ltz")},
    },
    "shift_date": {"": {"shift_date": {"days": 30, "subject": "id"}}},
}  # fmt: skip
"""The parameters of a mask where a policy must or should give some: of all types under "", of one under its name."""

FIXED = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint", "float", "double", "decimal"), "0"),
    "boolean": "false",
    "date": "2000-01-01",
    "time": "00:00:00",
    **dict.fromkeys(("timestamp", "timestamp_ltz"), "2000-01-01 00:00:00"),
}
"""The fixed values of `replace`, for types that are no texts."""

OTHER_VALUES = {
    ("fpe", ""): PLAIN,
    ("noise", ""): AMOUNT,
    ("generalize", ""): MOMENT,
    ("generalize", "decimal"): "73.25",
    ("shift_date", ""): MOMENT,
    **dict.fromkeys((("shift_date", "int"), ("shift_date", "bigint")), "19870605"),
}
"""Values of masks that do not take those of `TYPES`."""

MADE = {
    ("keep_first", ""): "Kay Sxxxx xxxxxx",
    ("keep_last", ""): "xxx xxxxx xx0194",
    ("presidio.mask", ""): "************0194",
    ("truncate", ""): "Kay ",
    ("truncate", "tinyint"): "4",
    ("truncate", "smallint"): "73",
    ("truncate", "int"): "73",
    ("truncate", "bigint"): "4539",
    ("truncate", "float"): "73",
    ("truncate", "double"): "73",
    ("truncate", "decimal"): "7301",
    **{(mask, kind): FIXED.get(kind, "GONE") for mask in ("replace", "presidio.replace") for kind in ("", *FIXED)},
    ("generalize", ""): "1987",
    ("generalize", "boolean"): "false",
    ("generalize", "float"): "73.2",
    ("generalize", "double"): "73.0",
    ("generalize", "decimal"): "73.2",
    **dict.fromkeys((("generalize", "timestamp"), ("generalize", "timestamp_ltz")), "1987-06-05 00:00:00"),
}
"""What masks without a key make."""


@dataclass(frozen=True)
class Cell:
    """One mask on one type."""

    type: str
    mask: str
    outcome: str

    @property
    def name(self) -> str:
        """Of its column."""
        return f"{self.type}_{self.mask.replace('.', '_')}"

    @property
    def entity(self) -> str:
        """What stands there."""
        return f"C_{self.name.upper()}"

    @property
    def policy(self) -> Any:
        """The mask, as a policy says it."""
        if self.mask in ("replace", "presidio.replace") and self.type in FIXED:
            return {self.mask: FIXED[self.type]}
        given = PARAMETERS.get(self.mask, {})
        return given.get(self.type, given.get("", {self.mask: {}}))

    @property
    def value(self) -> str:
        """What stands in the column, as text."""
        kind = TYPES[self.type]
        if self.outcome == "same":
            return kind.kept
        return OTHER_VALUES.get((self.mask, self.type)) or kind.value or OTHER_VALUES.get((self.mask, ""), TEXT)

    @property
    def made(self) -> str | None:
        """What a mask without a key makes of it, as text."""
        return MADE.get((self.mask, self.type)) or (MADE.get((self.mask, "")) if self.is_text else None)

    @property
    def is_text(self) -> bool:
        """True for texts, alone or nested."""
        return TYPES[self.type].value is None


def _read() -> dict[tuple[str, str], Cell]:
    head, *lines = [line.split() for line in OUTCOMES.strip().splitlines()]
    assert head[1:] == list(TYPES)
    return {
        (kind, line[0]): Cell(kind, line[0], word)
        for line in lines
        for kind, word in zip(head[1:], line[1:], strict=True)
    }


CELLS = _read()
"""Every cell, by type and mask."""


DOCUMENTS = """
mask             text     number      boolean     null
keep             same     same        same        same
keep_first       masked   masked      masked      same
keep_last        masked   masked      masked      same
presidio.mask    masked   masked      masked      same
truncate         masked   masked      masked      same
redact           empty    empty       empty       same
presidio.redact  empty    empty       empty       same
null             NULL     NULL        NULL        same
replace          masked   masked      masked      same
presidio.replace masked   masked      masked      same
hash             masked   masked      masked      same
presidio.hash    masked   masked      masked      same
pseudonym        masked   masked      masked      same
token            masked   masked      masked      same
encrypt          masked   masked      masked      same
fpe              masked   masked      quarantined same
surrogate        masked   masked      masked      same
noise            masked   masked      quarantined same
generalize       masked   masked      quarantined same
shift_date       masked   masked      quarantined same
drop_field       removed  removed     removed     same
drop_record      withheld withheld    withheld    same
"""
"""Outcomes for the values of JSON documents, in the words of `MEANING`; a masked value is a text there."""

DOCUMENT_VALUES = {"text": TEXT, "number": "7301945.25", "boolean": "true", "null": "null"}
DOCUMENT_OTHERS = {
    ("fpe", "text"): PLAIN,
    ("noise", "text"): AMOUNT,
    ("generalize", "text"): MOMENT,
    ("generalize", "number"): "19870605",
    ("shift_date", "text"): MOMENT,
    ("shift_date", "number"): "19870605",
}
