"""docs/formats.md, written from the tables that the tests run: `python -m tests.formats.page`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.formats.cells import CELLS, DOCUMENTS, MEANING, TYPES

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "formats.md"

BRIEFLY = ("keep", "keep_last", "redact", "replace", "drop_field", "drop_record")
"""Masks whose cells run in each format with the other tests: one of each outcome. Those of all masks take minutes."""

HEAD = """# Formats, types and masks

What becomes of a value of each type under each mask. This page is written from the tables in `tests/formats/`
(`python -m tests.formats.page`), and the tests run every cell: through the engine, which stands between a format that
was read and one that is written, and through jobs from file to file.

## Formats

A mask is applied between the formats, so it makes the same of a value whatever it was read from.

| format | what is read | not in Flink's format | run by |
| --- | --- | --- | --- |
| JSON documents | a STRING or BYTES column with one document in each row | | `tests/flink/test_documents.py` |
| JSON columns | typed columns | | `tests/formats/test_files.py` |
| CSV | typed columns | MAP, a ROW in a ROW, NULL for a ROW | `tests/formats/test_files.py` |
| Parquet | typed columns | | `tests/formats/test_files.py` |
| Avro files | typed columns | TIMESTAMP_LTZ | `tests/formats/test_files.py` |
| Avro with a registry | typed columns | TIMESTAMP_LTZ | `tests/kafka/test_avro.py` |

Files are written and read without Flink (pyarrow, fastavro), and compared value by value. `make test` runs the cells of
six masks in each format, one of each outcome; `make test ARGS="-m long tests/formats"` runs them all, in minutes.

- **CSV** cannot tell an ARRAY of one NULL from NULL: `csv.null-literal` stands for both. BYTES are base64.
- **Parquet**: times are INT64 with `'parquet.write.int64.timestamp' = 'true'`; INT96 cannot hold the years after 2262.

## Typed columns

A field rule brings the mask to the column. Fields of a ROW behave as columns do, and so do elements and entries.

"""

RULES = """
- **Bounded texts.** What a mask makes longer than `CHAR(n)` or `VARCHAR(n)` allows is NULL. The table's texts have 16
  characters, as `CHAR(16)` has; `hash`, `token` and `encrypt` never fit there, and are refused.
- **Numbers** do not begin with a zero. A number that `fpe` or `surrogate` makes begin with one is NULL: as a number it
  would lose the zero, and two values would become one. `{fpe: {keep_first: 1}}` avoids that. FLOAT and DOUBLE lose
  zeros at the end as well, so masks with a way back are refused there.
- **What a mask does not understand** is refused where it understands no value of the type (`noise` on a DATE). Where it
  depends on the value, the record goes to quarantine, or the value becomes NULL with `otherwise: redact`.
- **The parameters count.** The tables show each mask with parameters that suit the type, as far as there are any:
  `replace` with a value of the type, `generalize` by year for texts, to a day for TIMESTAMP, to coordinates for FLOAT,
  DOUBLE and DECIMAL, to ranges for whole numbers. `{replace: GONE}` on a BIGINT is refused too.
- **Inside nested columns** BYTES and TIMESTAMP_LTZ are refused; see [tables.md](tables.md).
- **NULL** stays NULL under every mask, and so does a nested column that is NULL.

## JSON documents

A masked number or boolean is a text: `"7301xxx.xx"` stands where 7301945.25 stood. `quarantined` means that the mask
does not understand the value, and the record goes to quarantine.

"""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _part(kinds: Sequence[str]) -> str:
    masks = dict.fromkeys(mask for _, mask in CELLS)
    rows = [[f"`{mask}`", *(CELLS[kind, mask].outcome for kind in kinds)] for mask in masks]
    return _table(["mask", *(TYPES[kind].sql.replace("`", "") for kind in kinds)], rows)


def page() -> str:
    """The whole page."""
    kinds = list(TYPES)
    documents = [line.split() for line in DOCUMENTS.strip().splitlines()]
    return (
        HEAD
        + _table(["outcome", "what the segment gets"], MEANING.items())
        + "\n"
        + _part(kinds[:8])
        + "\n"
        + _part(kinds[8:15])
        + "\n"
        + _part(["boolean", *kinds[16:]])
        + RULES
        + _table(documents[0], [[f"`{mask}`", *words] for mask, *words in documents[1:]])
    )


if __name__ == "__main__":
    PAGE.write_text(page())
