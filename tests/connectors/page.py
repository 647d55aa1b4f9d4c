"""Examples of the documents, so that what a reader copies is what the tests run."""

import re

from jobs.layout import default_conf


def example(heading: str, language: str = "sql") -> str:
    """The first block of code in a language under a heading of docs/tables.md."""
    conf = default_conf()
    assert conf is not None
    text = (conf.parent / "docs" / "tables.md").read_text(encoding="utf-8")
    part = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"^```{language}\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/tables.md has no {language} under {heading}"
    return found[1]
