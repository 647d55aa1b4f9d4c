"""What is made of the measurements over Kafka: rates, percentiles, memory, tables; and what a job is told to do."""

import json
import os

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.kafka import show, tables
from benchmarks.kafka.job import NO_OP, SQL, Order
from benchmarks.kafka.measure import LIVES, MAIN, SHAPES, Drain, Latency, Measured
from benchmarks.kafka.rate import POINTS, Held, Late, growth, held, late, rate
from benchmarks.kafka.stream import Expected, ends, wrong
from benchmarks.kafka.watch import DRIVER, JVM, WORKER, Sample, family, memory
from benchmarks.page import PAGE, put
from jobs.outputs import AT_LEAST_ONCE
from policy.compile import compile_plan
from policy.load import load_policy_text
from udfs.catalog import installed


def batches(*sizes: int, every: int = 1_000) -> np.ndarray:
    """Times of messages that are written in batches, each some time after the one before."""
    return np.concatenate([np.full(size, number * every) for number, size in enumerate(sizes)])


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (batches(100, 100, 100, 100, 100), 100),
        (batches(110, 100, 50), 75),  # the last batch is smaller, and counts as it is
        (batches(900, 100, 100), 100),  # one batch has most: what is in it does not count
        (batches(10, 90, 100, 100), 100),  # the part is reached inside of a batch
        (np.arange(100_000) // 10, 10_000),  # no batches at all
    ],
)
def test_a_rate_is_of_whole_batches(times: np.ndarray, expected: float) -> None:
    assert rate(times) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("times", [np.array([], np.int64), np.array([5]), batches(100)])
def test_no_rate_is_made_up(times: np.ndarray) -> None:
    with pytest.raises(ValueError, match="more --rows"):
        rate(times)


def test_percentiles_are_of_what_was_seen() -> None:
    assert late(np.array([1.0] * 98 + [500.0, 900.0])) == Late(1.0, 500.0, 100)
    assert late(np.array([7.0])) == Late(7.0, 7.0, 1)
    with pytest.raises(ValueError, match="none was read"):
        late(np.array([]))


def look(done: int, jvm: float, worker: float) -> Sample:
    return Sample(0.0, done, {JVM: jvm, WORKER: worker, DRIVER: 1.0})


def test_memory_is_told_at_the_parts_of_a_backlog() -> None:
    looks = [look(0, 300, 0), look(0, 500, 200), look(12, 600, 210), look(30, 700, 220), look(55, 710, 230)]
    looks += [look(80, 720, 240), look(100, 730, 250), look(100, 20, 0)]  # the worker ended: that says nothing
    points = held(looks, 100)
    assert [p.part for p in points] == list(POINTS)
    assert [p.jvm for p in points] == [600, 700, 710, 720, 730]
    assert growth(points) == (30, 30)


@pytest.mark.parametrize("looks", [[], [look(0, 500, 200)], [look(100, 500, 0)]])
def test_memory_of_a_job_that_was_not_seen_is_not_told(looks: list[Sample]) -> None:
    with pytest.raises(ValueError, match="no"):
        held(looks, 100)


def test_memory_is_that_of_a_process_and_its_children() -> None:
    assert os.getpid() in family(os.getppid())
    assert os.getppid() not in family(os.getpid())
    assert memory(os.getpid())[DRIVER] > 10
    assert memory(os.getpid())[JVM] == 0


def test_records_are_dealt_out_to_all_partitions() -> None:
    assert [sum(ends(rows)) for rows in range(20)] == list(range(20))
    assert max(ends(999)) - min(ends(999)) == 1


def test_what_must_come_out_is_counted_over_all_rounds() -> None:
    expected = Expected({"a": pa.array(["x", None, "y"]), "quarantine": pa.array([None, "why", None])})
    after = {rows: tuple(expected.after(rows).values()) for rows in (0, 1, 2, 3, 5, 300)}
    assert list(expected.after(1)) == ["a", "quarantine", "audit"]
    assert after == {0: (0, 0, 0), 1: (1, 0, 1), 2: (1, 1, 2), 3: (2, 1, 3), 5: (3, 2, 5), 300: (200, 100, 300)}


def test_other_numbers_are_wrong() -> None:
    assert wrong({"a": 5, "b": 9}, {"a": 5, "b": 10, "c": 1}) == [
        "b must have 10 messages; it has 9",
        "c must have 1 messages; it has 0",
    ]
    assert not wrong({"a": 96}, {"a": 100}, 0.05)
    assert wrong({"a": 94}, {"a": 100}, 0.05) and wrong({"a": 1}, {"a": 0}, 0.05)


@pytest.mark.parametrize("count", [1, 2, 4, 6, 8, 13])
def test_a_policy_has_as_many_segments_as_asked_for(count: int) -> None:
    plan = compile_plan(load_policy_text(tables.policy(count)), installed())
    assert [s.name for s in plan.segments] == list(tables.segments(count)) == [s.sink for s in plan.segments]
    assert len(plan.segments) == count


def test_tables_say_what_is_asked_for() -> None:
    outputs = {"support": "t.support", "audit": "t.audit", "quarantine": "t.quarantine"}
    exact = tables.tables("t", outputs, {"properties.x": "y"}, tables.Form(ends=[3, 2]))
    assert "'scan.bounded.specific-offsets' = 'partition:0,offset:3;partition:1,offset:2'" in exact
    assert len({part.split("'")[0] for part in exact.split("'sink.transactional-id-prefix' = '")[1:]}) == 3
    assert exact.count("'properties.x' = 'y'") == 4
    loose = tables.tables("t", outputs, {}, tables.Form(AT_LEAST_ONCE))
    assert "SET 'weir.delivery' = 'at-least-once'" in loose
    assert "transactional" not in loose and "exactly" not in loose and "bounded" not in loose
    plain = tables.tables("t", outputs, {}, tables.Form(sinks=tables.PLAIN))
    assert (exact.count("'properties.linger.ms'"), plain.count("'properties.linger.ms'")) == (3, 0)


def measured() -> Measured:
    rates = {job: 100.0 * (1 + n) for n, job in enumerate((*MAIN, *SHAPES))}
    points = [Held(part, 1_000 + 400 * part, 200 + 4 * part) for part in POINTS]
    times = Late(10, 1_020, 5), Late(1, 2, 5)
    return Measured(rates, [Latency(job, 50, *times) for job in LIVES], points, 1_000_000)


def test_tables_have_a_row_for_each_job() -> None:
    all_of_it = measured()
    assert [row[1:] for row in show.rates(all_of_it)] == [
        ["100", "3.00"], ["200", "1.50"], ["300", "1.00"], ["400", "0.75"], ["500", "0.60"],
    ]  # fmt: skip
    assert [row[:2] for row in show.shapes(all_of_it)] == [
        ["1", "1"], ["2", "1"], ["4", "1"], ["6", "1"], ["8", "1"], ["6", "2"],
    ]  # fmt: skip
    assert show.latencies(all_of_it)[0][-4:] == ["10", "1,020", "1", "2"]
    assert show.memory(all_of_it)[-1] == ["growth from 25% to 100%", "+300, grows", "+3, flat"]
    heads = (show.RATE_HEAD, show.SHAPE_HEAD, show.LATENCY_HEAD, show.MEMORY_HEAD)
    rows = (show.rates, show.shapes, show.latencies, show.memory)
    assert all({len(row) for row in make(all_of_it)} == {len(head)} for head, make in zip(heads, rows, strict=True))


def test_every_job_is_another_one_and_has_partitions_for_its_tasks() -> None:
    jobs = [*MAIN, *SHAPES]
    assert len(set(jobs)) == len(jobs)
    assert {job.kind for job in MAIN} == {SQL, NO_OP, Drain().kind}
    assert max(job.parallelism for job in jobs) <= len(ends(1))


def test_a_plot_is_the_same_each_time() -> None:
    looks = [look(done, 500 + done, 200) for done in range(0, 100, 10)]
    first = show.plot(looks)
    assert first == show.plot(looks)
    assert "records drained" in first


def test_the_page_has_a_place_for_every_table() -> None:
    page = PAGE.read_text("utf-8")
    for name in ("kafka-rates", "kafka-shapes", "kafka-latency", "kafka-memory"):
        assert put(page, name, "new\n") != page


def test_an_order_goes_to_a_process_as_it_is() -> None:
    order = Order(NO_OP, "p.yaml", "t.sql", "k", 2, {"a": "b"})
    assert Order(**json.loads(order.to_json())) == order
