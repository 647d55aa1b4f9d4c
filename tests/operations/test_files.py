"""Alert rules and dashboard: sound queries on metrics that exist, a runbook for each alert, a sound layout."""

import itertools
import re
import shutil
import subprocess

import promql_parser
import pytest

from tests.operations.files import (
    CONF,
    METRICS_USED,
    ROOT,
    RUNBOOK,
    anchors,
    dashboard,
    queries,
    rules,
    selectors,
)
from udfs.meters import METRICS, PREFIX


def test_every_query_is_promql_and_asks_for_a_metric() -> None:
    assert len(queries()) > 25
    for query in queries():
        assert [selector for selector in selectors(query) if selector.name], query


def test_all_names_in_a_query_are_found() -> None:
    """The walk through the queries misses none that a plain search finds."""
    assert {name for query in queries() for name in re.findall(r"\bflink_\w+", query)} == METRICS_USED


def test_metrics_of_ours_are_those_that_the_code_makes() -> None:
    ours = {name.removeprefix(PREFIX) for name in METRICS_USED if "_weir_" in name}
    assert len(ours) > 8 and ours <= set(METRICS)


def test_every_alert_has_a_summary_and_a_place_in_the_runbook() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names)) >= 9
    for rule in rules():
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert ROOT / page == RUNBOOK and anchor in anchors(), rule["alert"]
        assert rule["annotations"]["summary"] and rule["labels"]["severity"] in ("page", "ticket")
        assert re.fullmatch(r"\d+m", rule["for"])


def test_every_alert_is_named_in_the_runbook() -> None:
    page = RUNBOOK.read_text()
    assert not [rule["alert"] for rule in rules() if f"`{rule['alert']}`" not in page]


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 12
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    for one, other in itertools.combinations([panel["gridPos"] for panel in panels], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above


def test_the_reader_chooses_the_datasource() -> None:
    page = dashboard()
    variables = {variable["name"]: variable["type"] for variable in page["templating"]["list"]}
    assert variables["datasource"] == "datasource"
    for panel in page["panels"]:
        assert all(target["datasource"]["uid"] == "${datasource}" for target in [panel, *panel["targets"]])
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_labels_of_a_query_are_those_that_the_metric_has() -> None:
    """Who groups by a label of ours asks for a metric that has it."""
    ours = {label for labels, _, _ in METRICS.values() for label in labels.split(", ") if label}
    for query in queries():
        asked = {label for group in re.findall(r"by \(([^)]*)\)", query) for label in group.split(", ")} & ours
        names = [str(s.name).removeprefix(PREFIX) for s in selectors(query) if str(s.name).startswith(PREFIX + "weir_")]
        for label in asked:
            assert any(label in METRICS[name][0].split(", ") for name in names), query


def test_the_reference_lists_every_metric_as_the_code_has_it() -> None:
    rows = re.findall(r"^\| `(weir_\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$", RUNBOOK.read_text(), re.M)
    told = {name: (labels.strip(), unit.strip(), meaning.strip()) for name, labels, unit, meaning in rows}
    assert told == METRICS


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool of Prometheus is not on the path")
def test_alerts_fire_when_and_only_when_they_should() -> None:
    done = subprocess.run(
        ["promtool", "test", "rules", CONF / "prometheus" / "alerts.test.yml"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_query_that_is_no_promql_is_refused() -> None:
    try:
        promql_parser.parse("sum by (rate(")
    except ValueError:
        return
    raise AssertionError("the parser takes anything")
