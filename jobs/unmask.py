"""The unmask job: brings the values of a masked column back, with a grant, and writes every use of it to the audit.

weir run unmask --policy orders.yaml --tables tables.sql --key-file weir.key --key-table keys.db \\
    --grant bob.grant --trust officers --source orders --column card --entity CREDIT_CARD --segment support \\
    --sink opened
"""

import sys
from collections.abc import Sequence

from jobs.columns import quoted
from jobs.pairs import Session, Settings, exit_code, insert, literal, settings_of
from jobs.segment import command_line
from jobs.statements import SqlErrors


def run(settings: Settings, *, source: str, column: str, entity: str, segment: str, sink: str) -> str:
    """Run the job: every row of the source whose value comes back goes to the sink, and one event for each to the
    audit table, in the same checkpoint. A refused value goes nowhere; its event says why.

    Args:
        source: table with the masked values.
        column: its column (STRING) that is to be unmasked.
        entity: the entity of the values.
        segment: the segment whose mask made them.
        sink: table that gets the rows. Its columns are found in the source by name.

    Returns:
        The job's id.

    Raises:
        udfs.unmasking.UnmaskError: the segment has no such mask, or one without a way back.
        SqlErrors: what is wrong with the tables file.
        JobFailed: the job broke.
        Exception: as `jobs.pairs.Session`.
    """
    session = Session(settings, "unmask")
    _check_call(session, entity, segment)
    origin, target = session.table(source, "source"), session.table(sink, "sink")
    wanted = [c.name for c in target.stored]
    session.columns(origin, [column, *(name for name in wanted if name != column)], "the source")
    session.columns(target, [column], "the sink")
    kept = ", ".join(quoted(name) for name in wanted if name != column)
    call = f"unmask({quoted(column)}, {literal(entity)}, {literal(segment)}) AS weir_opened"
    query = f"SELECT {f'{kept}, ' if kept else ''}{call} FROM {origin.sql}"
    values = {name: "weir_opened.`value`" if name == column else quoted(name) for name in wanted}
    audit, event = session.audit()
    rows = insert(target, values, "weir_opened.`value` IS NOT NULL")
    events = insert(audit, {event: "weir_opened.event"}, "weir_opened.event IS NOT NULL")
    return session.run(query, [rows, events])


def _check_call(session: Session, entity: str, segment: str) -> None:
    """Entity and segment are known before the job starts, not when the first row comes."""
    from udfs.unmasking import UnmaskError, mask_of

    try:
        mask_of(session.plan, entity, segment)
    except UnmaskError as error:
        raise SqlErrors([str(error)]) from None


def main(words: Sequence[str] | None = None) -> int:
    """Run under Flink's client. Returns the exit code."""
    known = command_line(__doc__.split("\n")[0])
    known.add_argument("--grant", help="grant file")
    known.add_argument("--trust", help="public keys of those who may grant")
    for name in ("source", "column", "entity", "segment", "sink"):
        known.add_argument(f"--{name}", required=True)
    given = known.parse_args(words)
    call = {name: getattr(given, name) for name in ("source", "column", "entity", "segment", "sink")}
    return exit_code(lambda: run(settings_of(given), **call))


if __name__ == "__main__":
    sys.exit(main())
