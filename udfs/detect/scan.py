"""The scan: which recognizer has to look at which text."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from presidio_analyzer import EntityRecognizer


class Scan:
    """Gives the (text, recognizer) pairs that the exact judgement has to see: more than needed, never less."""

    def __init__(self, recognizers: Sequence[EntityRecognizer]) -> None:
        self._count = len(recognizers)

    def candidates(self, texts: pa.StringArray) -> Iterator[tuple[int, int]]:
        """The pairs of text index and recognizer index. Null and empty texts have none."""
        for text in pc.indices_nonzero(pc.fill_null(pc.greater(pc.binary_length(texts), 0), False)).to_pylist():
            for recognizer in range(self._count):
                yield text, recognizer
