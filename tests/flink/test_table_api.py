"""The functions from the Table API, and registered as SQL's own DDL does it."""

from pathlib import Path

from pyflink.table.expressions import col

from jobs.local import environment
from jobs.sql import joined
from jobs.statements import split
from tests.flink.runs import POLICY
from udfs import functions


def test_from_the_table_api(tmp_path: Path, key_file: Path) -> None:
    (tmp_path / "it's a policy:1.yaml").write_text(POLICY)
    parameters = {"weir.policy": str(tmp_path / "it's a policy:1.yaml"), "weir.keys": str(key_file)}
    t_env = environment(options={"pipeline.global-job-parameters": joined(parameters)})
    texts = t_env.from_elements([("card 4111 1111 1111 1111",), ("nothing",)], ["note"])
    masked = texts.select(
        functions.mask_text(col("note"), "support").alias("a"), functions.detect(col("note")).alias("b")
    )
    with masked.execute().collect() as rows:
        assert [list(row) for row in rows] == [["card xxxx xxxx xxxx 1111", ["CREDIT_CARD"]], ["nothing", []]]


def test_the_file_registers_every_function() -> None:
    text = (Path(functions.__file__).parent / "functions.sql").read_text()
    registered = {statement.text.split("'")[1] for statement in split(text)}
    declared = {n for n, v in vars(functions).items() if hasattr(v, "_java_user_defined_function")}
    assert registered == {f"udfs.functions.{name}" for name in declared} and len(declared) == 13
