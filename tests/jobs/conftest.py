"""Fixtures for the tests of the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from tests.jobs.cli import CARD, POLICY, SECRET, Weir


@pytest.fixture
def weir() -> Weir:
    runner = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"})
    return lambda *words, **options: runner.invoke(app, [str(word) for word in words], **options)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.jsonl"
    documents = [{"mail": SECRET, "pay": {"card": CARD}}, {"sku": "A-1", "by": "EMP-123456"}, {"sku": "A-2"}]
    path.write_text("".join(json.dumps(document) + "\n" for document in documents) + '{"mail": "' + SECRET + "\n")
    return path
