"""An item counts as expired only if DynamoDB may have deleted it, within five years of its time to live."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from migration_spark import comparison, writing
from migration_spark.export import Export
from migration_spark.fingerprint_rows import Sides

from tests.spark.tables import table

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

EXPORTED = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
YEAR = dt.timedelta(days=365)
SECOND = dt.timedelta(seconds=1)
SPEC = table({"id": "text", "until": "timestamptz"}, attributes={"until": "epoch_seconds"}, ttl="until")


def expiring(spark: SparkSession, at: dt.datetime | None) -> DataFrame:
    text = at and at.strftime("%Y-%m-%d %H:%M:%S")
    rows = spark.createDataFrame([("one", "a", text)], "_cluster string, id string, until string")
    return rows.selectExpr("_cluster", "id", "cast(until AS timestamp) AS until")


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        (EXPORTED + SECOND, "missing"),
        (EXPORTED, "expired"),
        (EXPORTED - 5 * YEAR + SECOND, "expired"),
        (EXPORTED - 5 * YEAR, "missing"),
        (EXPORTED.replace(year=2022), "missing"),
        (EXPORTED.replace(year=2020), "missing"),
        (EXPORTED.replace(year=1), "missing"),
        (EXPORTED.replace(year=9999), "missing"),
        (None, "missing"),
    ],
)
def test_an_item_that_is_gone_is_expired_only_if_dynamodb_may_have_deleted_it(
    spark: SparkSession, at: dt.datetime | None, kind: str
) -> None:
    other = spark.createDataFrame([(json.dumps({"Item": {"id": {"S": "b"}}}),)], "value string")
    export = Export(1, int(EXPORTED.timestamp()), other)
    tally, *_ = comparison.tally(Sides(SPEC, expiring(spark, at), export))

    assert {name: tally[name] for name in ("expired", "missing")} == {"expired": 0, "missing": 0, kind: 1}


@pytest.mark.parametrize(
    ("back", "expirable"),
    [(-20 * YEAR, 1), (YEAR, 1), (5 * YEAR + dt.timedelta(days=2), 1), (5 * YEAR + dt.timedelta(days=6), 0)],
)
def test_whatever_may_be_deleted_until_the_export_is_expirable(
    spark: SparkSession, tmp_path: Path, back: dt.timedelta, expirable: int
) -> None:
    rows = writing.prepared(SPEC, expiring(spark, dt.datetime.now(dt.UTC) - back))
    written = writing.write_items(SPEC, rows, 1, str(tmp_path / "out"), ["one"])

    assert (written.totals["item"], written.totals["expirable"]) == (1, expirable)
