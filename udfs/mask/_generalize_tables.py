"""Tables of values and what is more general, from a file."""

import csv
from pathlib import Path

from policy.words import problem

MOST_ROWS = 100_000
"""As many rows go into a plan: some 5 MB."""


def read_hierarchy(file: str, level: int) -> dict[str, str]:
    """The general value of each value in a file of hierarchies.

    The file is UTF-8 CSV (RFC 4180) without a header, a row for each value: the value, and what it becomes at level 1,
    2, …, as ARX (arx.deidentifier.org) exports it. The separator is a semicolon if the first row has one, otherwise a
    comma. Empty rows do not count.

    Args:
        file: its path on the machine where the policy is compiled.
        level: 1 or more.

    Raises:
        PydanticCustomError: the file cannot be read, or is none of these. The message names the row, never a value.
    """
    rows = _rows(file)
    width = len(rows[0][1])
    if not 1 <= level < width:
        raise problem(f"the hierarchy has no level {level}", f"its levels are 1 to {width - 1}")
    table: dict[str, str] = {}
    for line, row in rows:
        if len(row) != width:
            raise problem(f"row {line} of the hierarchy has {len(row)} columns, and the first has {width}")
        value, general = row[0], row[level]
        if not value or not general:
            raise problem(f"row {line} of the hierarchy has an empty value at level 0 or {level}")
        if value == general:
            raise problem(f"row {line} of the hierarchy leaves its value as it is at level {level}")
        if table.setdefault(value, general) != general:
            raise problem(f"row {line} of the hierarchy has a value that an earlier row generalises otherwise")
    return table


def _rows(file: str) -> list[tuple[int, list[str]]]:
    text = _text(file)
    delimiter = ";" if ";" in text.lstrip("\n").partition("\n")[0] else ","
    # Errors are raised outside of the `except`, so that they carry no row as their context.
    try:
        rows = [
            (number, row)
            for number, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter, strict=True), 1)
            if row
        ]
    except csv.Error:
        rows = None
    if rows is None:
        raise problem("the hierarchy is not CSV", "quote values with a separator or a quote in them")
    if not rows or len(rows[0][1]) < 2:
        raise problem("the hierarchy has no levels", "each row is a value and what it becomes at level 1, 2, ...")
    if len(rows) > MOST_ROWS:
        raise problem(f"the hierarchy has {len(rows)} rows", f"at most {MOST_ROWS} go into a plan")
    return rows


def _text(file: str) -> str:
    try:
        return Path(file).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        message = error.strerror or "it cannot be read"
    except UnicodeDecodeError:
        message = "it is not UTF-8"
    raise problem(
        f"no hierarchy could be read from the file: {message}",
        "give the path of a CSV file, from the folder that you start from",
    )
