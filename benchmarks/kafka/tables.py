"""A job's files: the policy of the orders example with as many segments as are asked for, and tables on Kafka."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from benchmarks.data import EXAMPLE
from jobs.outputs import EXACTLY_ONCE

AUDIT, QUARANTINE = "audit", "quarantine"

_SOURCE = """\
SET 'weir.source' = 'orders';
SET 'weir.document' = 'line';
SET 'weir.coordinates' = 'topic, partition, offset';
SET 'weir.producer' = 'header:producer';
SET 'weir.time' = 'ts';
SET 'weir.delivery' = '{delivery}';
SET 'execution.checkpointing.interval' = '{checkpoint}';
CREATE TABLE orders (
  `line` BYTES,
  `topic` STRING NOT NULL METADATA VIRTUAL,
  `partition` INT NOT NULL METADATA VIRTUAL,
  `offset` BIGINT NOT NULL METADATA VIRTUAL,
  `headers` MAP<STRING, BYTES> METADATA VIRTUAL,
  `ts` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL
) WITH ({options});
"""

_COLUMNS = {
    AUDIT: "`event` STRING",
    QUARANTINE: "`record` BYTES, `reason` STRING, `coordinates` STRING, `producer` STRING, `policy` STRING",
}
_SEGMENT = "`line` BYTES, `ts` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'"
"""A segment's messages keep the time of the record that they came from."""

PLAIN, PACKED, POOLED = "plain", "packed", "pooled"

# Of Kafka's producer, as in the example: milliseconds to wait for more messages, and bytes of what is sent at once.
_PACKED = {"properties.linger.ms": "50", "properties.batch.size": "262144"}

SINKS = {
    PACKED: _PACKED,
    PLAIN: {},
    # Names of transactions are used again, and not new with each checkpoint.
    POOLED: _PACKED | {"sink.transaction-naming-strategy": "pooling"},
}
"""Options of outputs, by name."""


@dataclass(frozen=True)
class Form:
    """What tables are like.

    Args:
        delivery: of every output, `exactly-once` or `at-least-once`.
        checkpoint: the interval, as Flink reads it.
        sinks: which of `SINKS` outputs have.
        ends: for each partition of the source, where the job ends; none for a job without an end.
    """

    delivery: str = EXACTLY_ONCE
    checkpoint: str = "2 s"
    sinks: str = PACKED
    ends: Sequence[int] = ()


def segments(count: int) -> dict[str, str]:
    """Names of segments, each with that of the example's whose rules it has.

    Args:
        count: how many: the first of the example's, or all and then copies.

    >>> segments(2)
    {'payments': 'payments', 'support': 'support'}
    >>> list(segments(8).items())[-2:]
    [('payments_2', 'payments'), ('support_2', 'support')]
    """
    own = list(_policy()["segments"])
    return {f"{own[i % len(own)]}{f'_{i // len(own) + 1}' if i >= len(own) else ''}": own[i % len(own)]
            for i in range(count)}  # fmt: skip


def policy(count: int) -> str:
    """The example's policy with so many segments, as JSON, which is YAML. A segment's table has its name."""
    text = _policy()
    text["segments"] = {name: {**text["segments"][rules], "sink": name} for name, rules in segments(count).items()}
    return json.dumps(text, indent=1)


def _policy() -> dict[str, Any]:
    text = dict(yaml.safe_load((EXAMPLE / "policy.yaml").read_text("utf-8")))
    del text["effective_from"]  # YAML reads it as a time, and would write it in another form
    return text


def tables(source: str, outputs: Mapping[str, str], client: Mapping[str, str], form: Form) -> str:
    """A tables file.

    Args:
        source: the topic that is read.
        outputs: topics by table: segments, audit, quarantine.
        client: the options of a Kafka table that say where the broker is and who asks.
        form: what else is asked for.
    """
    ends = ";".join(f"partition:{number},offset:{end}" for number, end in enumerate(form.ends))
    bounds = {"scan.bounded.mode": "specific-offsets", "scan.bounded.specific-offsets": ends} if ends else {}
    reads = {
        "connector": "kafka",
        "topic": source,
        "format": "raw",
        "scan.startup.mode": "earliest-offset",
        "properties.group.id": "weir-bench",
        "properties.isolation.level": "read_committed",
    }
    text = _SOURCE.format(
        delivery=form.delivery, checkpoint=form.checkpoint, options=_options({**reads, **bounds, **client})
    )  # fmt: skip
    return text + "".join(_output(name, topic, client, form) for name, topic in outputs.items())


def _output(name: str, topic: str, client: Mapping[str, str], form: Form) -> str:
    options = {
        "connector": "kafka",
        "topic": topic,
        "format": "json" if name == QUARANTINE else "raw",
        "sink.delivery-guarantee": form.delivery,
    }
    if form.delivery == EXACTLY_ONCE:
        options |= {"sink.transactional-id-prefix": f"weir-{topic}", "properties.transaction.timeout.ms": "600000"}
    all_of_them = _options({**options, **SINKS[form.sinks], **client})
    return f"CREATE TABLE `{name}` ({_COLUMNS.get(name, _SEGMENT)}) WITH ({all_of_them});\n"


def _options(given: Mapping[str, str]) -> str:
    return ", ".join(f"'{name}' = '{value}'" for name, value in given.items())
