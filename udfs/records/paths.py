"""Paths, interned: every place of a value in a record is a small number, so that batches are handled as arrays."""

import re
from collections.abc import Container, Sequence

from policy.path import EACH, Path, Step, parse_path

MAX_PATHS = 65_536
"""Distinct paths that are remembered; a stream whose keys are data starts afresh beyond, so that memory stays
bounded."""

ROOT = 0
HIDDEN = "*"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")


class PathTable:
    """Numbers for paths, each given once.

    >>> table = PathTable()
    >>> table.child(table.child(0, "items"), EACH)
    2
    >>> len(table.paths[2])
    2
    """

    def __init__(self) -> None:
        self.paths: list[Path] = [()]
        self.parents: list[int] = [ROOT]
        self._ids: dict[tuple[int, Step], int] = {}

    def child(self, parent: int, step: Step) -> int:
        """The number of the path one step below `parent`.

        Args:
            parent: number of the path above; 0 is the root.
            step: a key, or `policy.path.EACH`.
        """
        known = self._ids.get((parent, step))
        if known is not None:
            return known
        self._ids[(parent, step)] = number = len(self.paths)
        self.paths.append((*self.paths[parent], step))
        self.parents.append(parent)
        return number

    @property
    def full(self) -> bool:
        """True when the table should be replaced before the next batch."""
        return len(self.paths) > MAX_PATHS


def display(path: Path, policy_keys: frozenset[str], secret_steps: Container[int] = ()) -> str:
    """A path as it may be shown: in audit events, reasons and on screens.

    Keys can be data (`{"4111 1111 1111 1111": 5}`), so a key is shown only when the policy names it, or when it
    looks like a name and holds no finding; any other is shown as `*`.

    Args:
        path: the steps.
        policy_keys: keys that the policy's own paths name.
        secret_steps: positions in the path of keys in which something was found.

    >>> display(("items", EACH, "card no"), frozenset({"items"}))
    'items[*].*'
    >>> display(("items", "sku"), frozenset())
    'items.sku'
    >>> display(("by", "emp_1"), frozenset(), {1})
    'by.*'
    >>> display((), frozenset())
    '$'
    """
    text = ""
    for place, step in enumerate(path):
        if step is EACH:
            text += "[*]"
            continue
        key = str(step)
        shown = key in policy_keys or (bool(_NAME.fullmatch(key)) and place not in secret_steps)
        text += ("." if text else "") + (key if shown else HIDDEN)
    return text or "$"


def keys_of(paths: Sequence[str]) -> frozenset[str]:
    """The keys that a policy's paths name.

    >>> sorted(keys_of(["a.b[*].c"]))
    ['a', 'b', 'c']
    """
    return frozenset(step for path in paths for step in parse_path(path) if isinstance(step, str))
