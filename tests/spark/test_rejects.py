"""Rejected rows: all are counted, a bounded number is written, and keyless rows never meet in a single task."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import keys, rejects, writing
from migration_spark.typed_rows import ROW, UNREADABLE

from tests.spark.tables import table

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

SPEC = table({"id": "text", "ratio": "double"})
SCHEMA = "_cluster string, id string, ratio double"
MANY, FEW = 300, 7


def prepared(spark: SparkSession, *values: tuple[Any, ...]) -> DataFrame:
    return writing.prepared(SPEC, spark.createDataFrame(list(values), SCHEMA))


def unreadable(spark: SparkSession, *clusters: str) -> DataFrame:
    rows = [(cluster, "expires", json.dumps({"id": "u"})) for cluster in clusters]
    return spark.createDataFrame(rows, f"_cluster string, `{UNREADABLE}` string, `{ROW}` string")


def test_all_are_counted_and_of_each_cluster_and_reason_some_are_written(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejects, "MOST_WRITTEN", 20)
    many = [("one", None, float(n)) for n in range(MANY)]
    rows = prepared(spark, *many, *[("two", "", float(n)) for n in range(FEW)], ("one", "a", 1.0))

    groups = rejects.write(rows, unreadable(spark, "two", "two"), str(tmp_path / "out"))

    assert groups == [
        {"cluster": "one", "reason": "key attribute id is null", "rows": MANY, "written": 20},
        {"cluster": "two", "reason": "key attribute id is empty", "rows": FEW, "written": FEW},
        {"cluster": "two", "reason": "unreadable expires", "rows": 2, "written": 2},
    ]
    (file,) = (tmp_path / "out").glob("*.json")
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    counts = {(line["cluster"], line["reason"]): 0 for line in lines}
    for line in lines:
        counts[line["cluster"], line["reason"]] += 1
    assert counts == {(of["cluster"], of["reason"]): of["written"] for of in groups}


@pytest.mark.parametrize("key", [None, ""])
def test_rows_without_a_key_are_no_duplicates_and_share_none(
    spark: SparkSession, tmp_path: Path, key: str | None
) -> None:
    rows = prepared(spark, *[("one", key, float(n)) for n in range(MANY)], ("one", "a", 1.0))

    assert not keys.may_repeat(rows, 2)
    written = writing.write_items(SPEC, rows, 2, str(tmp_path / "out"), ["one"])
    assert {name: count for name, count in written.totals.items() if count} == {"item": 1, "rejected": MANY}


def test_rows_without_a_key_leave_no_key_without_an_item(spark: SparkSession, tmp_path: Path) -> None:
    keyless = [("one", None, float(n)) for n in range(MANY)]
    result = spark.createDataFrame([*keyless, ("one", "a", 1.0)], SCHEMA).repartition(2, "ratio")
    spec = table({"id": "text", "ratio": "double"}, latest="ratio")
    written = writing.write_items(spec, writing.prepared(spec, result), 2, str(tmp_path / "out"), ["one"])

    assert {name: count for name, count in written.totals.items() if count} == {"item": 1, "rejected": MANY}
