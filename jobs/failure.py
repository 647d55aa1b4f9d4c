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
)
"""Classes (or packages, ending in a dot) whose messages name files, hosts, tables and options, never a record."""


_SHADED = "org.apache.flink.kafka.shaded."
"""Flink's SQL connector carries Kafka's classes under names that begin so."""

_KNOWN = (
    (
        "java.lang.ArrayIndexOutOfBoundsException",
        "Index 0 out of bounds for length 0",
        "a function of Weir was called with constants alone; at least one argument must be a table's column",
    ),
    ("java.lang.RuntimeException", "No client connected within timeout", "a Python worker did not start"),
)
"""Failures whose own text helps nobody: class, part of the message, and what it means. The first is how Flink 2.3 fails
on a vectorised function without a column among its arguments."""


class JobFailed(Exception):
    """A job broke. The message names the cause without a value of the data, and where the log is."""


def failed(error: Exception) -> JobFailed:
    """The failure behind an exception that PyFlink raised while a job was started or ran."""
    causes = list(_causes(getattr(error, "java_exception", None)))
    return JobFailed(f"the job failed: {_what(causes) or type(error).__name__}; see the log in {log_directory()}")


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
        if any(cause == name and text in message for cause, message in causes):
            return meaning
    for name, message in reversed(causes):
        if _is_setup(name) and message:
            return f"{name.rpartition('.')[2]}: {' '.join(message.split())}"
    return causes[-1][0] if causes else ""


def _is_setup(name: str) -> bool:
    name = name.removeprefix(_SHADED)
    return any(name == known or (known.endswith(".") and name.startswith(known)) for known in _SPEAKS_OF_SETUP)
