"""The summary adds up, and says so when it does not."""

import json

import pytest
from rich.console import Console

from jobs.progress import SegmentCount, Summary, watch
from jobs.segment import variables_of

SUMMARY = Summary(
    policy="orders",
    version=7,
    digest="ab" * 32,
    records=1000,
    quarantined=10,
    segments=(SegmentCount("vault", 990, 0, "vault", "/out/vault"), SegmentCount("open", 90, 900, "open", "/out/open")),
    outputs={"audit": "/out/audit", "quarantine": "/out/[q]"},
    seconds=2.0,
)


def _shown(summary: Summary) -> str:
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(summary)
    return console.export_text()


def test_a_balanced_run() -> None:
    assert SUMMARY.balanced and SUMMARY.rows_per_second == 500
    text = _shown(SUMMARY)
    assert "1,000 records in 2.0 s, 500 a second" in text and "every record is accounted for" in text
    assert "/out/[q]" in text, "brackets in a path are no markup"


@pytest.mark.parametrize("change", [{"records": 1001}, {"quarantined": 9}])
def test_a_run_that_lost_something(change: dict[str, int]) -> None:
    lost = Summary(**{**SUMMARY.__dict__, **change})
    assert not lost.balanced and "records are missing" in _shown(lost)


def test_for_scripts() -> None:
    told = json.loads(json.dumps(SUMMARY.as_dict()))
    assert (told["balanced"], told["rows_per_second"], told["segments"][1]["denied"]) == (True, 500, 900)


def test_a_job_on_a_cluster_has_no_counts_here() -> None:
    handed = Summary(**{**SUMMARY.__dict__, "finished": False, "job": "j1"})
    assert "handed to the cluster as job j1" in _shown(handed)


def test_watching_ends_with_the_job() -> None:
    looks = iter([False, False, True])
    watch(lambda: next(looks), dict, ("vault",))
    assert next(looks, None) is None


@pytest.mark.parametrize("word", ["", "a", "=b"])
def test_a_variable_without_name_or_value(word: str) -> None:
    with pytest.raises(ValueError, match="--set must be NAME=VALUE"):
        variables_of([word])
