"""`weir keys` with a service that wraps: who wraps stays who it is, unless another is named."""

import json

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from udfs.keys import load_keyring

pytestmark = pytest.mark.xdist_group("vault")


def weir(*words):
    done = CliRunner().invoke(app, ["keys", *map(str, words)])
    assert done.exit_code == 0, done.output
    return done


def test_keys_stay_wrapped_until_somebody_says_none(vault, tmp_path):
    path, table = tmp_path / "weir.key", tmp_path / "keys.db"
    weir("new", path, "--kms", vault.name)
    weir("rotate", path)
    roots = [epoch.root for epoch in load_keyring(path).epochs]
    for words in (["re-wrap", path], ["re-wrap", path, "--key-table", table]):
        before = path.read_text()
        weir(*words)
        assert json.loads(path.read_text())["kms"] == vault.name and path.read_text() != before
        assert not [root for root in roots if root.hex() in path.read_text()]
    assert [epoch.root for epoch in load_keyring(path).epochs] == roots
    weir("re-wrap", path, "--kms", "none")
    assert [entry["key"] for entry in json.loads(path.read_text())["epochs"]] == [root.hex() for root in roots]
