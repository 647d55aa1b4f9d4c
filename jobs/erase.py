"""The erase job: reads persons who are to be forgotten, destroys their keys, and writes the proof to the audit.

weir run erase --policy orders.yaml --tables tables.sql --key-file weir.key --key-table keys.db \\
    --source erasures --column customer_id
"""

import sys
from collections.abc import Sequence

from jobs.columns import quoted
from jobs.pairs import Session, Settings, exit_code, insert, settings_of
from jobs.segment import command_line


def run(settings: Settings, *, source: str, column: str) -> str:
    """Run the job: for every row of the source the keys of the person are destroyed, and an event goes to the audit.

    To erase a person twice does no harm: the second event says that there was nothing. So a row that is read again
    after a failure costs nothing either.

    Args:
        source: table of the persons.
        column: its column (STRING) with what a policy's `subject` path holds.

    Returns:
        The job's id.

    Raises:
        SqlErrors: what is wrong with the tables file.
        JobFailed: the job broke.
        Exception: as `jobs.pairs.Session`.
    """
    session = Session(settings, "erase")
    origin = session.table(source, "source")
    session.columns(origin, [column], "the source")
    audit, event = session.audit()
    query = f"SELECT erase(CAST({quoted(column)} AS STRING)) AS weir_event FROM {origin.sql}"
    return session.run(query, [insert(audit, {event: "weir_event"}, "weir_event IS NOT NULL")])


def main(words: Sequence[str] | None = None) -> int:
    """Run under Flink's client. Returns the exit code."""
    known = command_line(__doc__.split("\n")[0])
    for name in ("source", "column"):
        known.add_argument(f"--{name}", required=True)
    given = known.parse_args(words)
    return exit_code(lambda: run(settings_of(given), source=given.source, column=given.column))


if __name__ == "__main__":
    sys.exit(main())
