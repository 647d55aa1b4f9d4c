"""`weir check`: every error in a policy, and warnings."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.shared import FAILED, JSON, POLICY, err, out, print_json, print_policy_errors


def command(policy: Annotated[Path, POLICY], json: Annotated[bool, JSON] = False) -> None:
    """Check a policy: every error at once, each with its line and a hint, and what is allowed but perhaps not meant.

    The exit code is 1 when there is an error. Warnings alone do not change it.

    Example: `weir check orders.yaml`
    """
    from policy.check import check_policy
    from udfs.catalog import installed

    checked = check_policy(policy, installed())
    if json:
        errors = [asdict(error) for error in checked.errors]
        digest = checked.plan.digest if checked.plan else None
        print_json({"ok": not errors, "errors": errors, "warnings": list(checked.warnings), "digest": digest})
    else:
        print_policy_errors(checked.errors)
        for warning in checked.warnings:
            err().print(f"warning: {warning}", style="yellow", markup=False, soft_wrap=True)
    if checked.errors:
        if not json:
            count = len(checked.errors)
            err().print(f"{count} error{'s' if count > 1 else ''}: the policy can't be used", style="bold red")
        raise typer.Exit(FAILED)
    if checked.plan and not json:
        plan = checked.plan
        facts = f"{len(plan.entities)} entities, {len(plan.segments)} segments, every clearance holds"
        out().print(f"[green]ok[/green] {plan.name} version {plan.version}: {facts}; plan {plan.digest[:12]}")
