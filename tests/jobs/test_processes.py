"""A process is told by the mark in its environment: from its first moment on, and not once it has ended."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from jobs.processes import all_marked, marked

NAME, TEXT = "WEIR_TEST_MARK", f"{os.getpid()}=a=b"
MARK = f"{NAME}={TEXT}"


@contextmanager
def running(script: str = "exec sleep 60") -> Iterator[int]:
    """A process that becomes another program, as Flink's scripts do, and has the mark; it ends with the block."""
    with subprocess.Popen(["bash", "-c", script], env={NAME: TEXT, "AGAIN": script}) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def test_a_process_is_told_in_its_first_moment():
    """One look right after the start misses 1.5 in 100, which made one start of a cluster in many fail."""
    seen = []
    for _ in range(400):
        with running() as pid:
            seen.append(marked(pid, MARK))
    assert all(seen)


def test_a_process_is_told_while_it_becomes_others():
    with running('exec bash -c "$AGAIN"') as pid:
        end = time.monotonic() + 1
        while time.monotonic() < end:
            assert marked(pid, MARK)


def test_what_has_ended_has_no_mark():
    with running("exit 0") as pid:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended, and its number is not free yet
        assert not marked(pid, MARK)
    assert not marked(pid, MARK)


def test_a_mark_is_the_whole_of_it():
    with running() as pid:
        assert all_marked(MARK) == [pid]
        shorter = (MARK[:-1], MARK[:-2], MARK[:-3], MARK[:-4], f"{NAME}=")  # with and without an = at its end
        for other in (*shorter, MARK + "0", MARK[1:], "X" + MARK):
            assert not marked(pid, other)
    assert all_marked(MARK) == []


def test_processes_without_an_environment_and_of_the_kernel_have_none():
    with subprocess.Popen(["sleep", "60"], env={}) as process:
        assert not marked(process.pid, MARK)
        process.kill()
    assert not marked(2, MARK)
