"""What the segment job is measured against: the same job with a function that does nothing, and Presidio in a row
UDF."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyflink.table.udf import FunctionContext, ScalarFunction

from policy.path import EACH, Path, first_match, parse_path
from policy.plan import Plan
from udfs.segment_function import TAIL, Arrow, SegmentFunction


@dataclass
class NoOp(SegmentFunction):
    """Gives each segment as many records as the real job does, as they came, and an audit event of the usual length.

    Attributes:
        shares: for each segment, which part of the records it gets, 0 to 1.
        event: the audit event that every record gets.
    """

    shares: tuple[float, ...] = field(default=())
    event: str = ""

    def open(self, function_context: FunctionContext) -> None:
        """Nothing to make ready."""

    def eval(self, *values: Any) -> Arrow:
        """The batch as it came."""
        batch = self.shape.read(values)
        rows = batch.records.num_rows
        document = batch.records.column(0)
        place = np.arange(rows) / max(rows, 1)
        columns = [pc.if_else(pa.array(place < share), document, None) for share in self.shares]
        columns += [pa.array([self.event] * rows, pa.string()), *(pa.nulls(rows, kind) for _, _, kind in TAIL[1:])]
        return Arrow(pa.StructArray.from_arrays(columns, names=[f"f{i}" for i in range(len(columns))]))


class Presidio(ScalarFunction):
    """A row at a time: parse, analyse each text that the policy does not call clean, replace what is found, write.

    It does for one output what a user of Presidio writes in an afternoon: no levels, no segments, no audit. It is told
    the policy's clean fields and entities, as Weir is.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def open(self, function_context: FunctionContext) -> None:
        """Load the analyzer with the plan's recognizers."""
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_anonymizer import AnonymizerEngine

        from udfs.detect.recognizers import build

        registry = RecognizerRegistry(recognizers=list(build(self._plan)), supported_languages=["en"])
        for recognizer in registry.recognizers:
            recognizer.supported_language = "en"
        self._analyzer = AnalyzerEngine(registry=registry, nlp_engine=blank_nlp(), supported_languages=["en"])
        self._anonymizer = AnonymizerEngine()
        self._rules = [parse_path(f.path) for f in self._plan.fields]
        self._clean = [not f.scan and f.entity is None for f in self._plan.fields]

    def eval(self, line: bytes) -> bytes:
        """The document with every finding replaced; nothing of one that can't be read."""
        try:
            return orjson.dumps(self._walk(orjson.loads(line), ()))
        except orjson.JSONDecodeError:
            return b""

    def _walk(self, value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return {key: self._walk(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._walk(inner, (*path, EACH)) for inner in value]
        rule = first_match(self._rules, path)
        if not isinstance(value, str) or (rule is not None and self._clean[rule]):
            return value
        found = self._analyzer.analyze(value, "en", score_threshold=self._plan.threshold)
        return self._anonymizer.anonymize(value, found).text if found else value


def blank_nlp() -> Any:
    """A spaCy engine of Presidio's without a model."""
    import spacy
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    engine = SpacyNlpEngine(ner_model_configuration=NerModelConfiguration())
    engine.nlp = {"en": spacy.blank("en")}
    return engine
