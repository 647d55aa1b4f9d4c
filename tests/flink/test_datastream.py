"""The DataStream builder: every record reaches its outputs and no other, with workers as threads and as processes."""

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.local import prepare
from jobs.segment import load_plan
from tests.flink.runs import POLICY, SEGMENTS

DOCUMENTS = [
    b'{"id":1,"note":"nothing"}',
    b'{"id":2,"note":"card 4111 1111 1111 1111"}',
    b'{"id":3,"note":"\xff"}',
    b"{",
    b'{"id":4,"note":"zoe@example.com"}',
]


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    return tmp_path / "policy.yaml"


def _environment(mode: str) -> Any:
    prepare()
    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment

    config = Configuration()
    config.set_string("python.execution-mode", mode)
    config.set_string("python.executable", sys.executable)  # Flink asks for `python`, which not each machine has
    config.set_string("restart-strategy.type", "disable")
    config.set_string("parallelism.default", "1")
    return StreamExecutionEnvironment.get_execution_environment(config)


def _collect(stream: Any, job: str) -> list[Any]:
    with stream.execute_and_collect(job) as results:
        return list(results)


def _tagged(name: str, stream: Any) -> Any:
    from pyflink.common import Types

    def show(value: Any) -> str:
        parts = list(value) if hasattr(value, "get_row_kind") else [value]
        shown = [base64.b64encode(bytes(p)).decode() if not isinstance(p, str) else p for p in parts]
        return json.dumps([name, *shown])

    return stream.map(show, output_type=Types.STRING())


def _outputs(results: list[str]) -> Iterator[tuple[str, list[str]]]:
    for result in results:
        name, *values = json.loads(result)
        yield name, values


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("text", "thread"),
        ("bytes", "process"),
        pytest.param("text", "process", marks=pytest.mark.long),
        pytest.param("bytes", "thread", marks=pytest.mark.long),
    ],
)
def test_every_record_reaches_its_outputs(mode: str, kind: str, policy: Path, key_file: Path) -> None:
    env = _environment(mode)
    from pyflink.common import Types

    from jobs.datastream import segment_stream

    text = kind == "text"
    documents = [d for i, d in enumerate(DOCUMENTS) if i != 2 or not text]
    # PyFlink cannot make a collection of byte arrays.
    stream = env.from_collection([base64.b64encode(d).decode() for d in documents], Types.STRING())
    if text:
        stream = stream.map(lambda v: base64.b64decode(v).decode(), Types.STRING())
    else:
        stream = stream.map(base64.b64decode, Types.PRIMITIVE_ARRAY(Types.BYTE()))
    outputs = segment_stream(stream, policy, key_file)
    assert set(outputs.segments) == set(SEGMENTS)
    everything = _tagged("audit", outputs.audit).union(
        _tagged("quarantine", outputs.quarantine), *(_tagged(n, s) for n, s in outputs.segments.items())
    )
    got: dict[str, list[list[str]]] = {}
    for name, values in _outputs(_collect(everything, f"{mode} {kind}")):
        got.setdefault(name, []).append(values)

    def decoded(name: str) -> list[bytes]:
        return sorted(v[0].encode() if text else base64.b64decode(v[0]) for v in got[name])

    good = sorted(d for d in DOCUMENTS if b"\xff" not in d and d != b"{")
    bad = [b"{"] if text else sorted([b"{", DOCUMENTS[2]])
    assert decoded("vault") == good
    assert decoded("open") == [DOCUMENTS[0]]
    assert b'{"id":2,"note":"card xxxx xxxx xxxx 1111"}' in decoded("support") and len(decoded("support")) == 3
    assert decoded("quarantine") == bad
    events = [json.loads(v[0]) for v in got["audit"]]
    assert len(events) == len(documents) and sum(e["quarantine"] is not None for e in events) == len(bad)
    assert "4111 1111" not in json.dumps([got[n] for n in ("audit", "support", "open") if text])


def test_nothing_leaks_into_the_main_output_when_only_that_is_read(policy: Path, key_file: Path) -> None:
    env = _environment("process")
    from pyflink.common import Types

    from jobs.datastream import segment_stream

    stream = env.from_collection([d.decode() for d in (DOCUMENTS[1], b"{")], Types.STRING())
    events = _collect(segment_stream(stream, load_plan(policy), key_file).audit, "main output")
    assert [json.loads(e)["quarantine"] is None for e in events] == [True, False]
    assert "4111" not in str(events)


def test_a_stream_of_another_type_is_refused(policy: Path, key_file: Path) -> None:
    env = _environment("process")
    from pyflink.common import Types

    from jobs.datastream import segment_stream

    with pytest.raises(TypeError, match="must be of STRING or PRIMITIVE_ARRAY"):
        segment_stream(env.from_collection([1], Types.INT()), policy, key_file)
