"""The page of measurements: tables that a measurement writes between two marks."""

import re
from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "measurements.md"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table. Columns of numbers stand to the right.

    >>> print(markdown(("a", "b"), [("x", "1.5")]))
    | a | b |
    | --- | ---: |
    | x | 1.5 |
    """
    marks = ["---:" if rows and re.match(r"[-\d.,]+$", rows[0][i]) else "---" for i in range(len(head))]
    lines = [head, marks, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def put(text: str, name: str, content: str) -> str:
    """A page with what stands between the marks of a name replaced.

    Raises:
        LookupError: the page has no such marks.

    >>> put("a\\n<!-- x -->\\nold\\n<!-- /x -->\\nb", "x", "new")
    'a\\n<!-- x -->\\nnew\\n<!-- /x -->\\nb'
    """
    before, opening, rest = text.partition(f"<!-- {name} -->\n")
    _, closing, after = rest.partition(f"<!-- /{name} -->")
    if not opening or not closing:
        raise LookupError(
            f"the page must have the marks <!-- {name} --> and <!-- /{name} -->; write them where it goes"
        )
    return f"{before}{opening}{content}\n{closing}{after}"


def write(name: str, content: str) -> None:
    """Write a table into docs/measurements.md."""
    PAGE.write_text(put(PAGE.read_text("utf-8"), name, content), "utf-8")
