"""`weir list masks`: the masks that are installed, and can be named in a policy."""

import inspect
import re
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from jobs.commands.shared import JSON, known_or_fail, out, print_json

if TYPE_CHECKING:
    from policy.catalog import MaskInfo

app = typer.Typer(help="What a policy can name.", no_args_is_help=True)


@app.command("masks")
def masks(
    name: Annotated[str | None, typer.Argument(help="Only this mask, with everything about it.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Everything about each, as Markdown.")] = False,
    json: Annotated[bool, JSON] = False,
) -> None:
    """The installed masks, their parameters and what they do.

    Example: `weir list masks keep_last`
    """
    from udfs.catalog import installed

    known = installed().masks
    known_or_fail("mask", [name] if name else [], list(known))
    chosen = [known[name]] if name else list(known.values())
    if json:
        print_json([_facts(mask) for mask in chosen])
    elif markdown:
        out().print(_page(chosen), markup=False, soft_wrap=True, end="")
    elif name:
        out().print(_doc(chosen[0]), markup=False)
    else:
        out().print(_table(chosen))


def _facts(mask: "MaskInfo") -> dict[str, object]:
    params = list(mask.params.model_fields)
    return {"name": mask.name, "keyed": mask.keyed, "shorthand": mask.shorthand, "params": params, "doc": mask.doc}


def _doc(mask: "MaskInfo") -> str:
    return inspect.cleandoc(mask.doc)


def _summary(mask: "MaskInfo") -> str:
    first = _doc(mask).split("\n\n")[0].replace("\n", " ")
    return first.removeprefix(f"{mask.name}: ")


def _table(chosen: "list[MaskInfo]") -> Table:
    table = Table("mask", "parameters", "key", "what it does", box=box.SIMPLE_HEAD)
    for mask in chosen:
        params = ", ".join(mask.params.model_fields) or "–"
        table.add_row(mask.name, params, "yes" if mask.keyed else "no", _summary(mask))
    return table


HEAD = """\
# Masks

This page is written by `make schema` from the documentation of the masks in `udfs/mask/`; `weir list masks NAME`
prints one of them. A policy names a mask as `redact`, `{keep_last: 4}` or `{pseudonym: {scope: growth}}`. What a mask
leaves readable is its exposure: none < shape < partial < pseudonym < reversible < clear.
"""


def _page(chosen: "list[MaskInfo]") -> str:
    sections = [HEAD]
    for mask in chosen:
        prose = _doc(mask).partition("\n>>> ")[0]
        params = ", ".join(f"`{p}`" for p in mask.params.model_fields) or "none"
        bare = f" A bare value sets `{mask.shorthand}`." if mask.shorthand else ""
        text = _listed(prose.removeprefix(f"{mask.name}: "))
        sections.append(f"\n## {mask.name}\n{text}\n\nParameters: {params}.{bare}\n")
    return "".join(sections)


def _listed(prose: str) -> str:
    """The labelled lines of a mask's documentation (`Keeps: …`) as a list."""
    first, *rest = prose.strip().split("\n")
    lines = [re.sub(r"^([A-Z][a-z]+):", r"- **\1**:", line) for line in rest]
    return "\n".join([first[:1].upper() + first[1:], *lines])
