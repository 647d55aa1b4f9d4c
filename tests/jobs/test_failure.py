"""A failure is told by what is known to hold no value; everything else by its class alone."""

from typing import Any

import pytest

from jobs.failure import failed

VALUE = "4111 1111 1111 1111"


class _Class:
    def __init__(self, name: str) -> None:
        self._name = name

    def getName(self) -> str:
        return self._name


class Java:
    """What py4j shows of a Java exception."""

    def __init__(self, name: str, message: str | None, cause: "Java | None" = None) -> None:
        self._parts = (name, message, cause)

    def getClass(self) -> _Class:
        return _Class(self._parts[0])

    def getMessage(self) -> str | None:
        return self._parts[1]

    def getCause(self) -> "Java | None":
        return self._parts[2]


def _told(*causes: tuple[str, str | None], trace: str = VALUE) -> str:
    java: Java | None = None
    for name, message in reversed(causes):
        java = Java(name, message, java)
    error: Any = Exception(trace)
    error.java_exception = java
    return str(failed(error))


SHADED = "org.apache.flink.kafka.shaded.org.apache.kafka.common."

TOO_LONG = "The transaction timeout is larger than the maximum value allowed by the broker"

JOB = ("org.apache.flink.runtime.client.JobExecutionException", "Job execution failed.")


@pytest.mark.parametrize(
    ("causes", "expected"),
    [
        ([JOB, ("java.io.IOException", f"Failed to deserialize JSON '{VALUE}'.")], "java.io.IOException"),
        ([JOB, ("java.lang.NumberFormatException", f'For input string: "{VALUE}"')], "java.lang.NumberFormatException"),
        ([JOB, ("java.lang.RuntimeException", f"Traceback\nValueError: {VALUE}")], "java.lang.RuntimeException"),
        ([JOB, ("java.io.FileNotFoundException", "/a is not there")], "FileNotFoundException: /a is not there"),
        (
            [JOB, ("java.lang.RuntimeException", f"Traceback\n  x = '{VALUE}'\nudfs.shipped.SetUpFailed: no key\n")],
            "SetUpFailed: no key",
        ),
        (
            [JOB, ("java.lang.RuntimeException", "No client connected within timeout"), ("x.Timeout", "3 min")],
            "a Python worker did not start",
        ),
        ([JOB, ("org.apache.flink.table.api.TableException", "No\n  table")], "TableException: No table"),
        ([JOB, ("java.io.IOException", "No space left on device")], "No space left on device: the disk of an output"),
        (
            [JOB, (f"{SHADED}KafkaException", TOO_LONG)],
            "properties.transaction.timeout.ms of an output is larger",
        ),
        ([JOB, (f"{SHADED}errors.RecordTooLargeException", "9 bytes")], "RecordTooLargeException: 9 bytes; raise"),
        ([JOB, (f"{SHADED}config.ConfigException", f"Invalid value {VALUE}")], f"{SHADED}config.ConfigException"),
        ([JOB, ("java.lang.IllegalArgumentException", f"for key '{VALUE}' in JAAS")], "java.lang.IllegalArgumentExc"),
        ([], "Exception"),
    ],
)  # fmt: skip
def test_what_is_told(causes: list[tuple[str, str | None]], expected: str) -> None:
    told = _told(*causes)
    assert told.startswith(f"the job failed: {expected}")
    assert "; see the log in " in told
    assert VALUE not in told


def test_a_format_is_named_by_the_stack_trace() -> None:
    trace = f"java.io.IOException: {VALUE}\n\tat java.base/java.io.A.b(A.java:1)\n"
    told = _told(JOB, ("java.io.IOException", VALUE), trace=trace + "\tat org.apache.flink.formats.csv.B.c(B.java:7)\n")
    assert told.startswith("the job failed: the csv format could not read or write a record (java.io.IOException); ")
    assert VALUE not in told
    assert _told(JOB, ("java.io.IOException", VALUE), trace=trace).startswith("the job failed: java.io.IOException; ")
    planted = _told(JOB, ("java.io.IOException", VALUE), trace="x\n\tat org.apache.flink.formats.secret.B.c(B.java:7)")
    assert planted.startswith("the job failed: java.io.IOException; ") and "secret" not in planted
    assert _told(trace="\tat org.apache.flink.formats.csv.B.c(B.java:7)").startswith("the job failed: Exception; ")
