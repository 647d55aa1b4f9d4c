"""Refusal: the account of a record that the engine itself failed on."""

import base64
import hashlib

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from policy.plan import Plan
from udfs.audit import VERSION
from udfs.keys import Keys


class Refusal:
    """Writes the audit event of such a record (the event's shape is that of `udfs.audit`).

    Args:
        plan: the policy in force.
        keys: the digests' key is derived from them, as the engine derives it.
        bare: True when the record is one document and nothing beside it.
    """

    def __init__(self, plan: Plan, keys: Keys, bare: bool) -> None:
        self._bare = bare
        self._policy = {"name": plan.name, "version": plan.version, "digest": plan.digest}
        self._key = keys.keyring().derive("weir/1/audit", "digest", plan.key_epoch)

    def event(
        self,
        record: pa.RecordBatch,
        coordinates: pa.RecordBatch | None,
        producer: pa.Array | None,
        time: pa.Array | None,
        reason: str,
    ) -> str:
        """The event of one record, as JSON. All arguments have one row; reason must hold no value of it."""
        event = {
            "weir": VERSION,
            "time": None if time is None else time[0].as_py(),
            "coordinates": {} if coordinates is None else coordinates.to_pylist()[0],
            "producer": None if producer is None else self._unseen(producer[0].as_py()),
            "input": self._digest(record),
            "policy": self._policy,
            "level": None,
            "quarantine": reason,
            "findings": [],
            "decisions": [],
        }
        return json_of(event).decode()

    def _unseen(self, producer: str | None) -> str | None:
        """A producer's name that nobody could search for sensitive values stands as its digest."""
        return None if producer is None else f"digest:{self._mac(producer.encode())}"

    def _digest(self, record: pa.RecordBatch) -> str | None:
        if not self._bare:
            return self._mac(json_of(record.to_pylist()[0]))
        only = record.column(0).cast(pa.binary())[0].as_py()
        return None if only is None else self._mac(only)

    def _mac(self, content: bytes) -> str:
        return hashlib.blake2b(content, key=self._key, digest_size=16).hexdigest()


def as_json(rows: pa.RecordBatch, wanted: pa.Array) -> pa.Array:
    """Rows as JSON objects, where they are wanted.

    Args:
        rows: columns of scalar types.
        wanted: pa.bool_(), for each row.

    Returns:
        pa.binary(), null where a row is not wanted. Bytes stand as `{"base64": "..."}`, decimals and times as text.

    >>> as_json(pa.RecordBatch.from_pydict({"a": [1, 2], "b": [b"x", None]}), pa.array([True, False])).to_pylist()
    [b'{"a":1,"b":{"base64":"eA=="}}', None]
    """
    texts: list[bytes | None] = [None] * rows.num_rows
    chosen = pc.indices_nonzero(wanted)
    for index, row in zip(chosen.to_pylist(), rows.take(chosen).to_pylist(), strict=True):
        texts[index] = json_of(row)
    return pa.array(texts, pa.binary())


def json_of(row: object) -> bytes:
    """A row as JSON, as evidence has it: digests are made of it, and the quarantine holds it.

    Args:
        row: a dictionary of values as pyarrow gives them. Bytes stand as `{"base64": "..."}`, decimals as text.

    >>> json_of({"line": b"{}", "@key": None})
    b'{"line":{"base64":"e30="},"@key":null}'
    """
    return orjson.dumps(row, default=_plain)


def _plain(value: object) -> object:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else str(value)
