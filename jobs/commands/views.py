"""How `weir try` shows a record on a terminal: its findings, and each segment's view beside it, masks coloured."""

import json
import re
from difflib import SequenceMatcher
from typing import Any

import orjson
from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

MASKED = "bold black on yellow"
"""Style of what a mask wrote."""

WHY = {
    "accept": "not delivered: the record does not meet what the segment accepts",
    "above_clearance": "not delivered: the record is above the segment's clearance",
}
"""Why a record is denied, by the policy's key."""

_NARROWEST = 36
"""Columns of the terminal that a view needs at least; with fewer, views stand one below the other."""

_LONGEST = 600
"""Characters of a value that are shown."""

_WORDS = re.compile(r"\W|\w+")


class _Number(str):
    """A number as it was written: `10.10`, `1e400`."""


class _Pairs(list[tuple[str, Any]]):
    """An object's members in their order, repeated ones too."""


_JSON = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number, parse_constant=_Number, strict=False
)


def show_trial(console: Console, trial: dict[str, Any]) -> None:
    """Print one trial of `weir try`."""
    number = trial["record"]
    if trial["quarantine"] is not None:
        console.rule(f"[bold red]record {number}: quarantined", align="left")
        console.print(f"{trial['quarantine']}; no segment gets anything of it\n", markup=False)
        return
    console.rule(f"[bold]record {number}: {trial['level']}", align="left")
    if trial["findings"]:
        console.print(_findings(trial["findings"]))
    original = _parsed(trial["input"])
    panels = [Panel(_lines(original, original), title="as it came")]
    panels += [_segment(name, decided, original) for name, decided in trial["segments"].items()]
    console.print(_beside(panels, console.width))


def _findings(findings: list[dict[str, Any]]) -> Table:
    table = Table("path", "span", "entity", "score", "found by", box=box.SIMPLE_HEAD, pad_edge=False)
    for f in findings:
        path = f"{f['path']} (key)" if f.get("key") else f["path"]
        table.add_row(Text(path), f"{f['start']}–{f['end']}", f["entity"], f"{f['score']:.2f}", f["detector"])
    return table


def _segment(name: str, decided: dict[str, Any], original: Any) -> Panel:
    if decided["decision"] != "deliver":
        why = Text(WHY.get(decided["rule"], "not delivered"), style="red")
        return Panel(why, title=f"{name}: {decided['decision']}", border_style="red")
    masks = ", ".join(f"{entity} {mask}" for entity, mask in decided["masks"].items()) or "nothing to mask"
    body = Group(_lines(_parsed(decided["view"]), original), Text(masks, style="dim"))
    return Panel(body, title=name, border_style="green")


def _beside(panels: list[Panel], width: int) -> RenderableType:
    if width // len(panels) < _NARROWEST:
        return Group(*panels)
    grid = Table.grid(expand=True)
    for _ in panels:
        grid.add_column(ratio=1)
    grid.add_row(*panels)
    return grid


def _parsed(value: Any) -> Any:
    """A view with its numbers as written and its members in order; the bare text where it can't be shown as JSON."""
    if isinstance(value, dict):
        value = orjson.dumps(value, default=str)
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError):
        return _Number(text)


def _lines(value: Any, original: Any, indent: int = 0) -> Text:
    """A value as indented JSON; what differs from the original is coloured."""
    if isinstance(value, _Pairs):
        alike = isinstance(original, _Pairs) and len(original) == len(value)
        before = original if alike else [(None, None)] * len(value)
        members = [
            Text.assemble(_scalar(key, old_key, '"'), ": ", _lines(member, old, indent + 2))
            for (key, member), (old_key, old) in zip(value, before, strict=True)
        ]
        return _block("{", members, "}", indent)
    if isinstance(value, list):
        elements = original if isinstance(original, list) and len(original) == len(value) else [None] * len(value)
        return _block("[", [_lines(v, old, indent + 2) for v, old in zip(value, elements, strict=True)], "]", indent)
    if isinstance(value, str) and not isinstance(value, _Number):
        return _scalar(value, original, '"')
    return _scalar(_literal(value), _literal(original), "")


def _literal(value: Any) -> str:
    """A number, true, false or null as JSON writes it; nothing for anything else."""
    if isinstance(value, str):
        return str(value)
    return json.dumps(value) if value is None or isinstance(value, bool) else ""


def _block(opening: str, parts: list[Text], closing: str, indent: int) -> Text:
    if not parts:
        return Text(opening + closing)
    space = " " * (indent + 2)
    joined = Text(",\n").join(Text(space) + part for part in parts)
    return Text.assemble(opening, "\n", joined, "\n", " " * indent, closing)


def _scalar(value: str, original: Any, quote: str) -> Text:
    if len(value) > _LONGEST:
        same = "" if value == original else MASKED
        return Text(f"{quote}{_safe(value[:_LONGEST])}… ({len(value):,} characters){quote}", style=same)
    if value == original:
        return Text(quote + _safe(value) + quote)
    if not isinstance(original, str) or len(original) > _LONGEST:
        return Text(quote + _safe(value) + quote, style=MASKED)
    return Text.assemble(quote, _difference(value, original), quote) if value else Text(quote + quote, style=MASKED)


def _difference(value: str, original: str) -> Text:
    """The new words of a value coloured, those that it kept not."""
    after, before = _WORDS.findall(value), _WORDS.findall(original)
    text = Text()
    for tag, _, _, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        text.append(_safe("".join(after[start:end])), style=None if tag == "equal" else MASKED)
    return text


def _safe(text: str) -> str:
    """A text with everything escaped that would steer the terminal or end the string, so that data stays data."""
    return "".join(c if c.isprintable() and c not in '"\\' else json.dumps(c)[1:-1] for c in text)
