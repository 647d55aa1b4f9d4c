"""Checks a run against what is known of its input: every record accounted for, nothing leaked, nothing spoilt."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from examples.orders.leaks import Leak, Needles, Value
from examples.orders.outputs import Run, original
from policy.plan import Plan, SegmentPlan


@dataclass(frozen=True)
class Check:
    """Something that was checked: what, whether it holds, and the figures."""

    what: str
    holds: bool
    detail: str


def verify(run: Run) -> list[Check]:
    """Every check of a run. All are made, whether or not an earlier one fails."""
    return [*accounting(run), *integrity(run), *leaks(run)]


# -- accounting: nothing lost, nothing twice ---------------------------------------------------------------------------


def accounting(run: Run) -> Iterator[Check]:
    """In = delivered + denied + quarantined for each segment, by the audit and by what really lies in the tables."""
    events, records = Counter(e["input"] for e in run.events), Counter(digest(run, line) for line in run.lines)
    yield Check(
        "one audit event for each record",
        events == records,
        f"{len(run.lines):,} records, {len(run.events):,} events; matched by keyed digest",
    )
    lost = sum(e["quarantine"] is not None for e in run.events)
    for segment in run.plan.segments:
        decided = Counter(_decision(e, segment.name) for e in run.events)
        delivered, denied = decided["deliver"], decided["deny"]
        written = len(run.segments[segment.name])
        yield Check(
            f"accounts of {segment.name}",
            delivered + denied + lost == len(run.lines) and written == delivered,
            f"{delivered:,} delivered + {denied:,} denied + {lost:,} quarantined = {len(run.lines):,}",
        )
    kept = Counter(digest(run, original(row)) for row in run.quarantine)
    yield Check(
        "quarantine keeps the original bytes",
        kept == Counter(e["input"] for e in run.events if e["quarantine"] is not None),
        f"{len(run.quarantine):,} rows, each with its reason",
    )


def digest(run: Run, value: bytes) -> str:
    """The digest by which the audit names a record: keyed BLAKE2b (RFC 7693) of 128 bits."""
    key = run.keys.keyring().derive("weir/1/audit", "digest", run.plan.key_epoch)
    return hashlib.blake2b(value, key=key, digest_size=16).hexdigest()


def _decision(event: dict[str, Any], segment: str) -> str | None:
    return next((d["decision"] for d in event["decisions"] if d["segment"] == segment), None)


# -- integrity: what came out is what the audit says, and what was not masked is untouched -----------------------------


def integrity(run: Run) -> Iterator[Check]:
    """What lies in the tables is what the audit says, is valid JSON, differs by masks only, and joins as allowed."""
    wrong = [name for name in run.segments if not _as_audited(run, name)]
    yield Check("every view is the one that the audit names", not wrong, _names(wrong, "matched by keyed digest"))
    broken = [name for name, lines in run.segments.items() if not all(map(_is_json, lines))]
    yield Check(
        "every view is valid JSON", not broken, _names(broken, f"{sum(map(len, run.segments.values())):,} views")
    )
    clean = {
        line for line, truth in zip(run.lines, run.truth, strict=True) if truth.kind == "telemetry" and not truth.values
    }
    missing = len(clean - set(run.segments["telemetry"]))
    yield Check(
        "what is not sensitive leaves byte for byte as it came",
        not missing,
        f"{len(clean):,} telemetry records compared, with 10.10, 1e400 and thirty-digit numbers; {missing} differ",
    )
    analytics, marketing, support = (_emails(run.segments[name]) for name in ("analytics", "marketing", "support"))
    shared = analytics.keys() & marketing.keys()
    joined = sum(analytics[i] == marketing[i] for i in shared)
    yield Check(
        "analytics and marketing join on pseudonyms, as the policy allows",
        bool(shared) and joined == len(shared),
        f"{joined:,} of {len(shared):,} shared records have the same pseudonym in both",
    )
    linked = set(support.values()) & set(analytics.values())
    yield Check("support's pseudonyms join with nobody's", bool(support) and not linked, f"{len(linked)} in common")


def _as_audited(run: Run, segment: str) -> bool:
    said = Counter(d["output"] for e in run.events for d in e["decisions"] if d["segment"] == segment and d["output"])
    return said == Counter(digest(run, line) for line in run.segments[segment])


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _emails(lines: list[bytes]) -> dict[str, str]:
    documents = (json.loads(line) for line in lines)
    return {d["id"]: d["payload"]["customer"]["email"] for d in documents if d["type"] == "order"}


def _names(wrong: list[str], otherwise: str) -> str:
    return f"not so in {', '.join(wrong)}" if wrong else otherwise


# -- leaks: no planted value where it must not be ----------------------------------------------------------------------


def leaks(run: Run) -> Iterator[Check]:
    """Looks in every place for every planted value that must not be seen there."""
    planted = {(v["entity"], v["value"]) for truth in run.truth for v in truth.values}
    yield _control(planted, run.lines)
    for segment in run.plan.segments:
        visible = visible_to(run.plan, segment)
        hidden = {value for value in planted if value[0] not in visible}
        yield _searched(f"segment {segment.name}", hidden, run.segments[segment.name])
    yield _searched("the audit", planted, run.audit)
    yield _searched("quarantine's reasons", planted, [_aside(row) for row in run.quarantine])
    yield _searched("logs and messages", planted, [path.read_bytes() for path in run.logs])


def _control(planted: set[Value], lines: list[bytes]) -> Check:
    """A search that finds nothing proves nothing, unless it finds everything where everything is."""
    found = {(leak.entity, leak.value) for leak in Needles(planted).leaks(b"\n".join(lines))}
    return Check("the search for leaks finds all in the input", found == planted, f"{len(found):,} of {len(planted):,}")


def visible_to(plan: Plan, segment: SegmentPlan) -> set[str]:
    """Entities whose values a segment may see: up to its clearance, and without a mask. No others, known or not."""
    masked = {entity for entity, mask in segment.masks.items() if mask.exposure != "clear"}
    return {entity for entity, level in plan.entities.items() if level <= segment.clearance} - masked


def _aside(row: dict[str, Any]) -> bytes:
    """A quarantined row without the record itself, which only the cleared may read."""
    return json.dumps({name: value for name, value in row.items() if name != "record"}, ensure_ascii=False).encode()


def _searched(place: str, values: set[Value], lines: list[bytes]) -> Check:
    data = b"\n".join(lines)
    found = Needles(values).leaks(data)
    return Check(
        f"no leak in {place}", not found, _told(found) or f"{len(values):,} values looked for in {len(data):,} bytes"
    )


def _told(found: list[Leak]) -> str:
    """Which kinds were found, and in which forms; never the value, not even here."""
    values, forms = defaultdict(set), defaultdict(set)
    for leak in found:
        values[leak.entity].add(leak.value)
        forms[leak.entity].add(leak.form)
    return "; ".join(f"{len(values[e])} of {e} ({', '.join(sorted(forms[e]))})" for e in sorted(values))
