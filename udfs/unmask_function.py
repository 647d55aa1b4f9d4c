"""`unmask` and `erase` for Flink SQL: what they do is in `udfs.unmasking` and `udfs.keys.subjects`."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from udfs.function import Function, FunctionFailed, Setup, by_group, groups
from udfs.grants import GrantRefused, load_grant, load_trusted
from udfs.keys.subjects import erase_all
from udfs.keys.table import open_table
from udfs.series import text
from udfs.unmasking import Permission, Unmasker, UnmaskError, now

UNMASKED = "ROW<`value` STRING, event STRING>"
"""SQL type of what `unmask` gives."""


class Unmask(Function):
    """`unmask(text, entity [, segment])`: ROW of the value that was masked (NULL if refused) and its audit event."""

    name = "unmask"
    once = True

    def _prepare(self, setup: Setup) -> None:
        self._segment = setup.segment
        table, grant, trust = (setup.optional(f"weir.{name}") for name in ("key-table", "grant", "trust"))
        if grant and not trust:
            raise FunctionFailed("job parameter weir.trust must name the public keys of those who may grant")
        permission = Permission(_token(grant), _trusted(trust), open_table(table) if table else None)
        self._unmasker = Unmasker(setup.plan(), setup.keys(), permission)

    def _run(self, rows: int, value: Any, entity: Any, segment: Any = None) -> pa.Array:
        chosen = self._segment if segment is None else segment
        if chosen is None:
            raise FunctionFailed("name a segment in the call, or set job parameter weir.segment")
        return by_group(text(value, rows), groups(rows, entity, chosen), lambda key, part: self._unmasked(part, *key))

    def _unmasked(self, texts: pa.Array, entity: str | None, segment: str | None) -> pa.Array:
        if entity is None or segment is None:
            raise FunctionFailed("entity and segment must be given; got NULL")
        try:
            done = self._unmasker.unmask(entity, segment, texts)
        except UnmaskError as error:
            raise FunctionFailed(str(error)) from None
        return pa.StructArray.from_arrays([done.values, done.events], ["value", "event"])


def _trusted(path: str | None) -> Callable[[], Mapping[str, Ed25519PublicKey]]:
    """Reads the public keys, once now, so that a job without them does not start."""
    if path is None:
        return dict
    load_trusted(path)
    return lambda: load_trusted(path)


def _token(path: str | None) -> str | None:
    """A grant that cannot be read is as good as one that is forged: it is refused, value by value, and written down."""
    try:
        return load_grant(path) if path else None
    except GrantRefused:
        return ""


class Erase(Function):
    """`erase(subject)`: destroys the keys of a person, and gives the audit event that proves it."""

    name = "erase"
    once = True

    def _prepare(self, setup: Setup) -> None:
        self._keys = setup.keys()
        self._table = open_table(setup.required("weir.key-table", "/path/keys.db"))
        plan = setup.optional_plan()
        self._epoch = plan.key_epoch if plan else None

    def _run(self, rows: int, subject: Any) -> pa.Array:
        ring = self._keys.keyring()
        persons = text(subject, rows).to_pylist()
        done = iter(erase_all(self._table, ring, [p for p in persons if p], now(), self._epoch))
        return pa.array([next(done).event() if p else None for p in persons], pa.string())
