"""The presence of a file registers a mask."""

import subprocess
import sys
from pathlib import Path

import pytest

import udfs.mask

NEW_MASK = '''
"""shout: a mask of a test."""
import pyarrow.compute as pc
from policy.catalog import MaskInfo
from udfs.mask._base import Mask, Params, always

class ShoutParams(Params):
    pass

def shout(values, params, context):
    return pc.utf8_upper(values)

MASK = Mask(MaskInfo("NAME", ShoutParams, always("clear"), doc=__doc__), shout)
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(udfs.mask, "__path__", [*udfs.mask.__path__, str(tmp_path)])
    yield tmp_path
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(f"udfs.mask.{path.stem}", None)
        vars(udfs.mask).pop(path.stem, None)


def test_a_new_file_is_a_new_mask(folder):
    (folder / "test_new_shout.py").write_text(NEW_MASK.replace("NAME", "shout"))
    found = udfs.mask._discover()
    assert set(found) == {*udfs.mask.MASKS, "shout"}


def test_two_masks_of_one_name_are_an_error(folder):
    (folder / "test_new_twin.py").write_text(NEW_MASK.replace("NAME", "redact"))
    with pytest.raises(ImportError, match="a mask named 'redact' is already installed"):
        udfs.mask._discover()


@pytest.mark.parametrize("text", ["", "MASK = 5", "MASKS = (1, 2)", "def mask(values): return values"])
def test_a_file_without_a_mask_is_an_error(folder, text):
    (folder / "test_new_none.py").write_text(text)
    with pytest.raises(ImportError, match=r"test_new_none.py must export MASK"):
        udfs.mask._discover()


def test_a_helper_file_is_no_mask(folder):
    (folder / "_test_new_helper.py").write_text("")
    assert udfs.mask._discover() == udfs.mask.MASKS


def test_every_file_is_a_mask_of_its_name():
    files = [path.stem for path in Path(udfs.mask.__file__).parent.glob("*.py") if not path.stem.startswith("_")]
    singles = sorted(name for name in udfs.mask.MASKS if "." not in name)
    assert sorted({*files} - {"operators", "presidio"}) == singles
    assert {name.split(".")[0] for name in udfs.mask.MASKS if "." in name} == {"presidio"}


def test_order_is_the_same_in_every_process_and_no_flink_is_loaded():
    code = "import sys, udfs.mask; print(list(udfs.mask.MASKS), [m for m in ('pyflink', 'py4j') if m in sys.modules])"
    lines = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert lines == {f"{list(udfs.mask.MASKS)} []\n"}
