"""A job's failure, told without a value.

Flink's formats and connectors quote the record that they failed on in their exceptions. So only messages of those that
are known to speak of set-up are repeated; of all others the class is named, and the log.
"""

import re
from collections.abc import Iterator
from typing import Any

from jobs.local import log_directory

_OURS = re.compile(r"^(?:[\w.]+\.)?(BatchFailed|FunctionFailed|SetUpFailed): (.+)$", re.MULTILINE)
"""The last line of a Python traceback that one of Weir's own exceptions ends; their messages are value-free by rule."""

_SPEAKS_OF_SETUP = (
    "java.io.FileNotFoundException",
    "java.nio.file.NoSuchFileException",
    "java.nio.file.AccessDeniedException",
    "java.net.ConnectException",
    "java.net.UnknownHostException",
    "com.amazonaws.services.s3.model.AmazonS3Exception",
    "org.apache.flink.core.fs.UnsupportedFileSystemSchemeException",
    "org.apache.flink.sql.parser.",
    "org.apache.flink.table.api.",
    "org.apache.flink.table.catalog.",
    "org.apache.flink.configuration.IllegalConfigurationException",
    "org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException",
    "org.apache.kafka.common.errors.UnknownTopicOrPartitionException",
    "org.apache.kafka.common.errors.TopicAuthorizationException",
    "org.apache.kafka.common.errors.SaslAuthenticationException",
    "org.apache.kafka.common.errors.TransactionalIdAuthorizationException",
    "org.apache.kafka.common.errors.InvalidTxnTimeoutException",
    "org.apache.kafka.common.errors.RecordTooLargeException",
    "org.apache.kafka.common.errors.TimeoutException",
)
"""Classes (or packages, ending in a dot) whose messages name files, hosts, tables and options, never a record."""


_NEXT = {
    "RecordTooLargeException": "raise 'properties.max.request.size' of the output's table, "
    "and max.message.bytes of its topic, to what the quarantine needs: a record in base64 takes a third more",
}
"""What to do about a failure whose own message does not say it."""

_FORMAT = re.compile(r"^\tat org\.apache\.flink\.formats\.(avro|csv|json|parquet|protobuf|raw)\.", re.MULTILINE)
"""A line of a stack trace in one of Flink's formats. They are listed: a message before it may hold any text."""

_SQL_STATES = (
    ("08", "it cannot be reached; check host and port"),
    ("28", "it refused user or password"),
    ("3D", "it has no database of this name"),
    ("42P01", "it has no table of this name"),
    ("42703", "a column of the table is not there"),
    ("42501", "the user may not do this"),
    ("42P10", "the table lacks a unique index on the columns of its PRIMARY KEY"),
    ("42", "it refused the statement; compare the columns' types"),
    ("22", "a value does not fit its column"),
    ("23502", "a column that is NOT NULL would become NULL"),
    ("23", "a row breaks a rule of the table"),
    ("54", "a value is too long for an index of the table"),
    ("53", "it lacks connections, memory or disk"),
)
"""What a database says by its SQL state: how the state begins, and what that means. A database's own messages quote
values. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html."""

_SHADED = "org.apache.flink.kafka.shaded."
"""Flink's SQL connector carries Kafka's classes under names that begin so."""

_KNOWN = (
    (
        "java.lang.ArrayIndexOutOfBoundsException",
        "Index 0 out of bounds for length 0",
        "a function of Weir was called with constants alone; at least one argument must be a table's column",
    ),
    (
        "org.apache.flink.core.fs.UnsupportedFileSystemSchemeException",
        "for scheme 's3",
        "there is no file system for s3://; give it flink-s3-fs-hadoop-2.3.0.jar, which `make jars` fetches: here by "
        "--jar, on a cluster in a folder of its own in plugins/",
    ),
    (
        "org.apache.flink.util.FlinkExpectedException",
        "The TaskExecutor is shutting down",
        "a task manager ended itself, as it does when an output that failed fails again while it is closed; most "
        "likely a database refused a row, or has no such table",
    ),
    ("java.lang.RuntimeException", "No client connected within timeout", "a Python worker did not start"),
    (
        "java.io.IOException",
        "No space left on device",
        "No space left on device: the disk of an output or of the checkpoints is full; make room, and start the job "
        "again from its last checkpoint",
    ),
    (
        "org.apache.kafka.common.KafkaException",
        "The transaction timeout is larger than the maximum value allowed by the broker",
        "properties.transaction.timeout.ms of an output is larger than the broker's transaction.max.timeout.ms",
    ),
    (
        "org.apache.flink.util.FlinkRuntimeException",
        "Exceeded checkpoint tolerable failure threshold",
        "checkpoints failed, or took longer than execution.checkpointing.timeout, which is bounded by "
        "properties.transaction.timeout.ms of the outputs",
    ),
)
"""Failures whose own text helps nobody: class, part of the message, and what it means. The first is how Flink 2.3 fails
on a vectorised function without a column among its arguments."""


class JobFailed(Exception):
    """A job broke. The message names the cause without a value of the data, and where the log is."""


def failed(error: Exception) -> JobFailed:
    """The failure behind an exception that PyFlink raised while a job was started or ran."""
    what = _of_database(error) or _what(causes(error)) or _of_format(error) or type(error).__name__
    return JobFailed(f"the job failed: {what}; see the log in {log_directory()}")


def causes(error: Exception) -> list[tuple[str, str]]:
    """Classes and messages of the Java exceptions behind one of PyFlink's, outermost first. Messages may quote data."""
    return list(_causes(getattr(error, "java_exception", None)))


def simple(name: str) -> str:
    """A Java class without its package.

    >>> simple("java.util.concurrent.TimeoutException")
    'TimeoutException'
    """
    return name.rpartition(".")[2]


def _of_database(error: Exception) -> str:
    """What a database refused, or nothing."""
    state = next(_sql_states(getattr(error, "java_exception", None)), "")
    meaning = next((meaning for start, meaning in _SQL_STATES if state.startswith(start)), "it refused the job")
    return f"the database: {meaning} (SQL state {state})" if state else ""


def _of_format(error: Exception) -> str:
    """Which format broke, and how; or the class of the innermost cause alone. What it broke on is in its message."""
    names = [name for name, _ in causes(error)]
    found = _FORMAT.search(str(error))
    if found is None or not names:
        return names[-1] if names else ""
    return f"the {found[1]} format could not read or write a record ({names[-1]}); compare the data with the columns"


def _sql_states(java: Any) -> Iterator[str]:
    while java is not None:
        if "getSQLState" in dir(java) and java.getSQLState():
            yield str(java.getSQLState())
        java = java.getCause()


def _causes(java: Any) -> Iterator[tuple[str, str]]:
    while java is not None:
        yield str(java.getClass().getName()), str(java.getMessage() or "")
        java = java.getCause()


def _what(causes: list[tuple[str, str]]) -> str:
    for _, message in causes:
        own = _OURS.findall(message)
        if own:
            return f"{own[-1][0]}: {own[-1][1]}"
    for name, text, meaning in _KNOWN:
        if any(cause.removeprefix(_SHADED) == name and text in message for cause, message in causes):
            return meaning
    for name, message in reversed(causes):
        if _is_setup(name) and message:
            hint = _NEXT.get(simple(name), "")
            return f"{simple(name)}: {' '.join(message.split())}" + (f"; {hint}" if hint else "")
    return ""


def _is_setup(name: str) -> bool:
    name = name.removeprefix(_SHADED)
    return any(name == known or (known.endswith(".") and name.startswith(known)) for known in _SPEAKS_OF_SETUP)
