"""Compare writes as many differences as it counts, with the values of the samples."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import comparison, difference_samples, differences
from migration_spark.comparison import BAD
from migration_spark.fingerprint_rows import Sides
from migration_spark.jvm_functions import item_text

from tests.spark.tables import bootstrapped, export_of, lines_of, table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

COLUMNS = {"id": "text", "n": "numeric(20,4)", "tags": "text[]", "at": "timestamptz"}
SPEC = table(COLUMNS, attributes={"tags": "SS"}, tolerances={"n": "0.02"}, exclude=("at",))
ROWS = 300


@pytest.fixture(scope="module")
def result(spark: SparkSession) -> DataFrame:
    rows = spark.sql(
        f"""
        SELECT 'one' AS _cluster, concat('k', id) AS id, cast(id * 10.5 AS decimal(20,4)) AS n,
               array('b', 'a') AS tags, timestamp'2027-01-01 00:00:00' AS at
        FROM range({ROWS})
        """
    )
    return spark.createDataFrame(
        rows.collect(), "_cluster string, id string, n decimal(20,4), tags array<string>, at timestamp"
    )


def damaged(result: DataFrame) -> list[str]:
    """Return an export's lines with more differences of a class than the samples show."""
    items = {item["id"]["S"]: item for item in map(item_of, result.select(item_text(SPEC, result)).collect())}
    for number in range(150):
        items[f"k{number}"]["tags"] = {"L": [{"S": "a"}]}
        items[f"k{number}"]["n"] = {"N": "-1"}
    items["k150"]["new"] = {"S": "x"}
    items["k151"]["n"] = {"N": "1585.51"}  # within its tolerance
    items["k152"]["at"] = {"S": "2000-01-01T00:00:00.000000Z"}  # excluded
    del items["k153"], items["k154"]
    lines = lines_of([*items.values(), {**items["k155"], "id": {"S": "other"}}, items["k156"], items["k156"]])
    return [*lines, '{"Item": {"id": ', "no item"]


def item_of(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of Spark
    return dict(json.loads(row[0])["Item"])


@pytest.mark.parametrize("way", ["by buckets", "key by key"])
def test_every_difference_is_written_as_often_as_it_is_counted(
    spark: SparkSession, result: DataFrame, way: str
) -> None:
    written = bootstrapped(SPEC, result) if way == "by buckets" else None
    sides = Sides(SPEC, result, export_of(spark, damaged(result)), bootstrapped=written)
    tally, suspects, scope = comparison.tally(sides)

    rows = differences.rows(replace(sides, **scope._asdict())).collect()

    counts = {kind: tally[kind] for kind in BAD}
    assert counts == {"changed": 151, "missing": 2, "extra": 1, "duplicate": 1, "undecodable": 2}
    assert Counter(row["class"] for row in rows if row["number"] == 1) == Counter(
        {kind: number for kind, number in counts.items() if kind != "undecodable"}
    )
    columns = Counter(row["column"] for row in rows if row["class"] == "changed")
    assert columns == tally["changedAttributes"] == {"n": 150, "tags": 150, "(unknown attributes)": 1}
    shown = {
        tuple(sample[name] for name in differences.COLUMNS[:5])
        for sample in difference_samples.fetch(sides, tally, suspects)
    }
    of_keys = {difference for difference in shown if difference[0] != "undecodable"}
    assert of_keys < {tuple(row[name] for name in differences.COLUMNS[:5]) for row in rows}
    assert {tuple(row)[:5] for row in rows if row["class"] != "changed"} == {
        ("missing", "k153", "(whole item)", "present", "absent"),
        ("missing", "k154", "(whole item)", "present", "absent"),
        ("extra", "other", "(whole item)", "absent", "present"),
        ("duplicate", "k156", "(whole item)", "present", "present 3 times"),
    }
    assert {tuple(row)[1:5] for row in rows if row["key"] in ("k7", "k150")} == {
        ("k7", "n", "N:73.5", "N:-1"),
        ("k7", "tags", 'SS:["a","b"]', 'L:[{"S":"a"}]'),
        ("k150", "(unknown attributes)", "(absent)", "new"),
    }
