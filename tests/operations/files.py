"""Alert rules and dashboard as objects, and the metrics that their queries ask for."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONF = ROOT / "flink-conf"
RUNBOOK = ROOT / "docs" / "operations.md"


def rules() -> list[dict[str, Any]]:
    """The alert rules."""
    (group,) = yaml.safe_load((CONF / "prometheus" / "alerts.yml").read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def dashboard() -> dict[str, Any]:
    """Grafana's dashboard."""
    found: dict[str, Any] = json.loads((CONF / "grafana" / "segment.json").read_text())
    return found


def queries() -> list[str]:
    """Every query of rules and dashboard, Grafana's own variables replaced."""
    panels = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    shown = [query.replace("$__rate_interval", "5m").replace("$job", ".*") for query in panels]
    return [rule["expr"] for rule in rules()] + shown


def selectors(query: str) -> Iterator[promql_parser.VectorSelector]:
    """The selectors in a query. It must be PromQL."""
    yield from _selectors(promql_parser.parse(query))


def _selectors(node: Any) -> Iterator[promql_parser.VectorSelector]:
    if isinstance(node, promql_parser.VectorSelector):
        yield node
        return
    for name in ("expr", "lhs", "rhs", "vector_selector", "vs"):
        below = getattr(node, name, None)
        if below is not None:
            yield from _selectors(below)
    for argument in getattr(node, "args", None) or ():
        yield from _selectors(argument)


def anchors() -> set[str]:
    """The anchors of the runbook's headings, as the web shows them."""
    headings = re.findall(r"^#+ (.+)$", RUNBOOK.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


METRICS_USED = {str(selector.name) for query in queries() for selector in selectors(query)}
"""Every metric that an alert or a panel asks for."""
