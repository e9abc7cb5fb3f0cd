"""The jobs write or refuse every column of a select, and drop none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import writing
from migration_spark.errors import SpecError

from tests.spark.tables import table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COLUMNS = {"id": "text", "version": "numeric", "words": "text[]"}


@pytest.mark.parametrize(
    ("select", "cause"),
    [
        ("'one' AS _cluster, 'a' AS id, 1 AS _price", "the select returns _price, which would not be written"),
        ("'one' AS _cluster, 'a' AS id, 1 AS `_`", "the select returns _, which would not be written"),
        ("'one' AS _cluster, 'a' AS id, 1 AS `_Source_row`", "the select returns _Source_row, which would not be"),
        ("'one' AS _Cluster, 'a' AS id", "the select lacks _cluster"),
        ("'one' AS _cluster, 'a' AS id, 'b' AS ID", "the select returns id and ID, the same name in Spark"),
        (
            "'one' AS _cluster, 'a' AS id, 'b' AS price, 'c' AS price",
            "the select returns price and price, the same name",
        ),
        (
            "'one' AS _cluster, 'a' AS id, 1 AS `k`, 2 AS `\u212a`",
            "the select returns k and \u212a, the same name in Spark",
        ),
    ],
)
def test_a_column_that_would_be_lost_or_mistaken_is_refused_by_name(
    spark: SparkSession, select: str, cause: str
) -> None:
    with pytest.raises(SpecError, match=f"^Thing: {cause}"):
        writing.prepared(table(COLUMNS), spark.sql(f"SELECT {select}"))


@pytest.mark.parametrize(
    ("value", "changes", "cause"),
    [
        ("'10'", {"attributes": {"version": "N"}}, "version is a number that moves as text, where 10 comes before 9"),
        ("'10'", {"plain_attributes": {"version": "version"}}, "version is a number that moves as text, where 10"),
        ("array('a')", {}, "version is L, which has no order"),
        ("'{}'", {"attributes": {"version": "M"}}, "version is document, which has no order"),
        ("1 AS other, 2", {"latest": "gone"}, "the select lacks gone, by which the latest row is chosen"),
    ],
)
def test_the_latest_row_is_chosen_by_what_has_an_order(
    spark: SparkSession,
    value: str,
    changes: dict[str, Any],
    cause: str,
) -> None:
    result = spark.sql(f"SELECT 'one' AS _cluster, 'a' AS id, {value} AS version")
    with pytest.raises(SpecError, match=f"^Thing: {cause}"):
        writing.prepared(table(COLUMNS, **{"latest": "version", **changes}), result)


def test_a_time_to_live_is_seconds_or_is_refused(spark: SparkSession) -> None:
    result = spark.sql("SELECT 'one' AS _cluster, 'a' AS id, 1.5 AS until")
    with pytest.raises(SpecError, match="the time to live until must be an attribute declared as epoch_seconds"):
        writing.prepared(table(COLUMNS, ttl="until"), result)
