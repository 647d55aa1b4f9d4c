"""`weir try`: what a policy makes of some records, segment by segment. No Flink."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from jobs.commands.shared import FAILED, JSON, KEY_TABLE, POLICY, err, fail, known_or_fail, out, plan_of
from jobs.commands.views import show_trial

if TYPE_CHECKING:
    import pyarrow as pa

    from policy.plan import Plan
    from udfs.keys import Keys


def command(
    policy: Annotated[Path, POLICY],
    records: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON records, one a line.")],
    segment: Annotated[list[str] | None, typer.Option(help="Only this segment; may be given again.")] = None,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", "--key", help="The keys, or env:NAME. Without: random ones."),
    ] = None,
    key_table: Annotated[str | None, KEY_TABLE] = None,
    columns: Annotated[
        bool, typer.Option("--columns", help="Treat a record's members as typed columns, not as one document.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Records to show.")] = 100,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Show what a policy makes of some records: their level, their findings, and each segment's view side by side.

    This prints the records themselves, so use test records, or a screen that nobody else sees. The exit code is 1 when
    a record was quarantined.

    Example: `weir try orders.yaml samples.jsonl --segment support`
    """
    plan = plan_of(policy)
    known_or_fail("segment", segment or [], [s.name for s in plan.segments])
    lines = _lines(records, limit)
    with TemporaryDirectory() as folder:
        trials = _trials(plan, _keys(key_file, key_table, Path(folder)), lines, columns, segment)
    for trial in trials:
        if json:
            _print_json(trial)
        else:
            show_trial(out(), trial)
    quarantined = sum(trial["quarantine"] is not None for trial in trials)
    if not json:
        out().print(f"{len(trials)} records tried, {quarantined} quarantined.", style="bold")
    if quarantined:
        raise typer.Exit(FAILED)


def _lines(records: Path, limit: int) -> list[bytes]:
    with records.open("rb") as file:
        lines = [line.rstrip(b"\r\n") for line, _ in zip(file, range(limit), strict=False)]
        if file.read(1):
            err().print(f"Only the first {limit} records are shown; --limit shows more.", style="yellow")
    return lines


def _keys(key_file: Path | None, key_table: str | None, folder: Path) -> "Keys":
    """The keys that were named; without any, new ones for this run."""
    from udfs.keys import Keyring, Keys, KeysError, new_root, write_keyring

    if key_file is None:
        note = "No key file: pseudonyms and hashes are made with a random key and differ in every run."
        err().print(note, style="yellow")
        key_file, key_table = folder / "weir.key", str(folder / "keys.db")
        write_keyring(key_file, Keyring.of(new_root()))
    try:
        return Keys.open(key_file, key_table)
    except KeysError as error:
        fail(str(error))


def _trials(
    plan: "Plan", keys: "Keys", lines: list[bytes], columns: bool, segments: list[str] | None
) -> list[dict[str, Any]]:
    """What became of each record: level, quarantine reason, findings; each segment's decision, rule, masks and view."""
    import pyarrow as pa

    from udfs.engine import Engine
    from udfs.keys import KeysError

    if not lines:
        return []
    batch = _typed(lines) if columns else pa.RecordBatch.from_arrays([pa.array(lines, pa.binary())], ["record"])
    try:
        engine = Engine(plan, keys, batch.schema.names, document=not columns, segments=segments)
    except KeysError as error:
        fail(str(error))
    outcome = engine.run(batch)
    findings, _ = engine.findings(batch)
    views = {name: view.to_pylist() for name, view in outcome.segments.items()}
    trials = []
    for row, event in enumerate(map(orjson.loads, outcome.audit.to_pylist())):
        decided = {
            d["segment"]: {
                "decision": d["decision"], "rule": d["rule"], "masks": d["masks"], "view": views[d["segment"]][row],
            }
            for d in event["decisions"]
        }  # fmt: skip
        known = {"level": event["level"], "quarantine": event["quarantine"], "findings": findings[row]}
        trials.append({"record": row + 1, **known, "segments": decided, "input": lines[row]})
    return trials


def _typed(lines: list[bytes]) -> "pa.RecordBatch":
    import pyarrow as pa

    rows = []
    for number, line in enumerate(lines, 1):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            fail(f"record {number}: must be a JSON object with --columns; it is not JSON")
        if not isinstance(row, dict) or any(isinstance(value, dict | list) for value in row.values()):
            fail(f"record {number}: must be a flat JSON object with --columns; for nested records leave --columns out")
        rows.append(row)
    names = list(dict.fromkeys(name for row in rows for name in row))
    try:
        arrays = [pa.array([row.get(name) for row in rows]) for name in names]
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        fail("with --columns, all values of a column must be of one type: all text, all numbers, or all true and false")
    return pa.RecordBatch.from_arrays([_strings(a) for a in arrays], names)


def _strings(array: "pa.Array") -> "pa.Array":
    """A column of nothing but nulls has no type of its own; it counts as text."""
    import pyarrow as pa

    return array.cast(pa.string()) if pa.types.is_null(array.type) else array


def _print_json(trial: dict[str, Any]) -> None:
    """A trial as one line of JSON, with the views' bytes as they are; the record itself is in the caller's file."""
    shown = {name: value for name, value in trial.items() if name != "input"}
    sys.stdout.buffer.write(orjson.dumps(shown, default=_fragment, option=orjson.OPT_APPEND_NEWLINE))


def _fragment(value: Any) -> Any:
    return orjson.Fragment(value) if isinstance(value, bytes) else str(value)
