"""Recognizers of our own: better than Presidio's where those are known to err, or where Presidio has none.

One file each; its presence is its registration. It exports `RECOGNIZERS`, a tuple of `Recognizer`, and says in its
docstring what it finds, what it leaves alone, what it checks, and by which reference. Its cases stand in
`tests/udfs/recognizers/cases/NAME.yaml`. Packages outside of Weir add theirs by an entry point of the group
`weir.recognizers` that names such a module.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from presidio_analyzer import EntityRecognizer

from udfs.recognizers._base import Pattern, Recognizer

__all__ = ["ENTRY_POINTS", "Pattern", "Recognizer", "own"]

ENTRY_POINTS = "weir.recognizers"
"""The entry point group of packages that bring recognizers."""


@cache
def own() -> dict[str, EntityRecognizer]:
    """Every recognizer of our own and of installed extensions, by name, in order of name.

    Raises:
        ImportError: a module exports no recognizers, or two have the same name: what would silently be missing must not
            be.

    >>> own() == dict(sorted(own().items()))
    True
    """
    found: dict[str, EntityRecognizer] = {}
    for origin, recognizer in (*_ours(), *_of_extensions()):
        if recognizer.name in found:
            raise ImportError(f"{origin}: a recognizer named '{recognizer.name}' is already installed; rename one")
        found[recognizer.name] = recognizer
    return dict(sorted(found.items()))


def _ours() -> Iterator[tuple[str, EntityRecognizer]]:
    for name in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        if not name.startswith("_"):
            module = importlib.import_module(f"{__name__}.{name}")
            yield from ((f"udfs/recognizers/{name}.py", r) for r in _exported(module))


def _of_extensions() -> Iterator[tuple[str, EntityRecognizer]]:
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: (p.name, p.value)):
        distribution = point.dist.name if point.dist else point.name
        for recognizer in _exported(point.load()):
            recognizer.source = distribution
            yield f"{distribution}, entry point {point.name}", recognizer


def _exported(module: ModuleType) -> tuple[EntityRecognizer, ...]:
    exported = getattr(module, "RECOGNIZERS", ())
    if not exported or not all(isinstance(recognizer, EntityRecognizer) for recognizer in exported):
        raise ImportError(
            f"{module.__name__} must export RECOGNIZERS = (Recognizer(...), ...); a file that has none begins with '_'"
        )
    return tuple(exported)
