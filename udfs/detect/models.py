"""Language models: spaCy pipelines that a policy names, checked when a job starts."""

import re
from collections.abc import Iterable, Sequence

import spacy
from spacy.language import Language

from policy.plan import ModelPlan

Span = tuple[int, int, str, float]
"""First code point, the one behind the last, entity, score."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_NOT_FOR_ENTITIES = ("tagger", "morphologizer", "parser", "senter", "lemmatizer", "attribute_ruler", "textcat")
"""Components that a statistical `ner` does not read (https://spacy.io/models#design-modify). Rules may read them."""
BATCH = 64
"""Texts that a pipeline takes at a time."""


class Model:
    """One pipeline; `load` makes it.

    Attributes:
        name: its name.
        finds: the entities that it finds.

    Raises:
        ValueError: the pipeline sets no entities, or knows none of the labels of an entity.
    """

    def __init__(self, plan: ModelPlan, nlp: Language) -> None:
        self.name = plan.spacy
        self.finds = sorted(set(plan.entities.values()))
        self._entities = dict(plan.entities)
        self._score = plan.score
        self._nlp = nlp
        setters = [name for name in nlp.pipe_names if "doc.ents" in nlp.get_pipe_meta(name).assigns]
        self._check(setters)
        only_ner = all(nlp.get_pipe_meta(name).factory == "ner" for name in setters)
        self._disabled = [name for name in _NOT_FOR_ENTITIES if only_ner and name in nlp.pipe_names]

    def _check(self, setters: list[str]) -> None:
        if not setters:
            raise ValueError(f"model {self.name} has no component that sets entities; name one with 'ner'")
        labels = {label for name in setters for label in getattr(self._nlp.get_pipe(name), "labels", ())}
        found = {entity for label, entity in self._entities.items() if label in labels}
        missing = sorted(set(self._entities.values()) - found)
        if missing or not found:
            what = ", ".join(missing) or "any entity"
            raise ValueError(
                f"model {self.name} has none of the labels for {what}; it has: {', '.join(sorted(labels)) or 'none'}; "
                "map its labels under models.entities"
            )

    def find(self, texts: Sequence[str]) -> tuple[list[list[Span]], dict[int, str]]:
        """Finds the named entities in each text.

        Returns:
            Per text its spans, and by index the texts that could not be judged, each with a reason: too long a text is
            refused, for a cut could go through a name. Treat those as not scanned.

        Raises:
            RuntimeError: the pipeline failed; none of the texts is judged. The message holds nothing of them.
        """
        limit = self._nlp.max_length
        failed = {i: f"longer than model {self.name} takes" for i, text in enumerate(texts) if len(text) > limit}
        spans: list[list[Span]] = [[] for _ in texts]
        chosen = [i for i in range(len(texts)) if i not in failed]
        plain = [_SURROGATES.sub("\ufffd", texts[i]) for i in chosen]
        try:
            with self._nlp.memory_zone():
                for i, doc in zip(chosen, self._nlp.pipe(plain, batch_size=BATCH, disable=self._disabled), strict=True):
                    spans[i] = [
                        (e.start_char, e.end_char, self._entities[e.label_], self._score)
                        for e in doc.ents
                        if e.label_ in self._entities
                    ]
        except Exception as error:
            raise RuntimeError(f"model {self.name} failed: {type(error).__name__}") from None
        return spans, failed


def load(models: Iterable[ModelPlan]) -> tuple[Model, ...]:
    """Loads a plan's models.

    Raises:
        LookupError: a pipeline is not installed. Without it, data would pass unseen.
        ValueError: a pipeline cannot find what the plan wants of it.
    """
    return tuple(Model(plan, _pipeline(plan.spacy)) for plan in models)


def _pipeline(name: str) -> Language:
    try:
        return spacy.load(name)
    except OSError:
        pass
    raise LookupError(
        f"model {name} is not installed; install it on every machine of the job: python -m spacy download {name} "
        "(or its wheel with pip), or name the folder of a pipeline"
    )
