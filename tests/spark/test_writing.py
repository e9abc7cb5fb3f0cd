"""Rows on their way to items: each counts once, in its class."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import writing
from migration_spark.errors import SpecError
from migration_spark.item_tasks import Volume
from migration_spark.jvm_functions import item_text, rejection
from migration_spark.keys import duplicate_samples
from migration_spark.redaction import Sample
from migration_spark.spec import KeyAttribute
from migration_spark.storage import Storage
from pyspark.sql import functions as F

from tests.spark.tables import table

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

MAX_ITEM_BYTES = 409_600
SCHEMA = "_cluster string, id string, version bigint, ratio double, document string, mail string, until timestamp"
COLUMNS = {"id": "text", "version": "bigint", "ratio": "double", "document": "json", "mail": "text"}
ATTRIBUTES = {"document": "M", "until": "epoch_seconds"}


def rows(spark: SparkSession, *values: tuple[Any, ...]) -> DataFrame:
    return spark.createDataFrame([(*row, *[None] * (7 - len(row))) for row in values], SCHEMA)


def write(
    result: DataFrame,
    folder: Path,
    **changes: Any,  # noqa: ANN401 - fields of a table
) -> tuple[dict[str, int], dict[str, Any], list[dict[str, Any]]]:
    spec = table(COLUMNS, **{"attributes": ATTRIBUTES, "ttl": "until", **changes})
    written = writing.write_items(spec, writing.prepared(spec, result), 1, str(folder), ["one", "two"])
    files = writing.list_files(Storage(result.sparkSession), str(folder))
    lines = [
        json.loads(line)["Item"]
        for file in files
        for line in gzip.decompress((folder / file["name"]).read_bytes()).splitlines()
    ]
    return written.totals, written.clusters, sorted(lines, key=lambda item: str(item["id"]))


def test_every_row_is_counted_once_per_cluster_and_rejects_are_not_written(spark: SparkSession, tmp_path: Path) -> None:
    result = rows(
        spark, ("one", "a", 1), ("two", "b", 1), ("two", None, 1), ("one", "", 1), ("one", "n", 1, float("nan"))
    )

    totals, clusters, lines = write(result, tmp_path / "out")

    assert {name: count for name, count in totals.items() if count} == {"item": 2, "rejected": 3}
    assert clusters["one"] == {"item": 1, "rejected": 2, "superseded": 0, "duplicate": 0, "unmatched": 0}
    assert clusters["two"] == {"item": 1, "rejected": 1, "superseded": 0, "duplicate": 0, "unmatched": 0}
    assert lines == [{"id": {"S": "a"}, "version": {"N": "1"}}, {"id": {"S": "b"}, "version": {"N": "1"}}]


def test_rows_that_share_a_key_are_found_and_named(spark: SparkSession, tmp_path: Path) -> None:
    result = rows(spark, ("one", "a", 1), ("two", "a", 2), ("two", "b", 1))
    spec = table(COLUMNS, attributes=ATTRIBUTES)

    totals, _, _ = write(result, tmp_path / "out")

    assert (totals["item"], totals["duplicate"]) == (1, 2)
    assert duplicate_samples(writing.prepared(spec, result)) == [
        Sample("a in one, two", "key ca978112ca1b in one, two")
    ]


@pytest.mark.parametrize("key", ["NULL", "''", "'k9'", "'k29999'"])
def test_one_shared_key_among_many_is_found_whichever_it_is(spark: SparkSession, tmp_path: Path, key: str) -> None:
    columns = [
        F.lit("one").alias("_cluster"),
        F.concat(F.lit("k"), "id").alias("id"),
        F.col("id").alias("version"),
        *[F.lit(None).cast(kind).alias(name) for name, kind in (("ratio", "double"), ("document", "string"))],
        *[F.lit(None).cast(kind).alias(name) for name, kind in (("mail", "string"), ("until", "timestamp"))],
    ]
    many = spark.range(30_000).select(*columns)
    repeated = many.limit(1).withColumn("id", F.expr(key)).withColumn("_cluster", F.lit("two"))

    totals, clusters, _ = write(many.unionByName(repeated), tmp_path / "out")

    refused = key in ("NULL", "''")
    assert (totals["item"], totals["rejected"], totals["duplicate"]) == ((30_000, 1, 0) if refused else (29_999, 0, 2))
    assert clusters["two"]["rejected" if refused else "duplicate"] == 1


def test_the_latest_row_stays_and_ties_are_always_settled_alike(spark: SparkSession, tmp_path: Path) -> None:
    source = [("two", "a", 1), ("one", "a", 3), ("two", "a", None), ("two", "t", 5, 0.5), ("one", "t", 5, 0.25)]

    first = write(rows(spark, *source), tmp_path / "first", latest="version")
    second = write(rows(spark, *source[::-1]), tmp_path / "second", latest="version")

    assert first == second
    assert (first[0]["item"], first[0]["superseded"]) == (2, 3)
    assert [(item["id"], item["version"]) for item in first[2]] == [
        ({"S": "a"}, {"N": "3"}),
        ({"S": "t"}, {"N": "5"}),
    ]
    assert first[2][1]["ratio"] == {"N": "0.25"}


def test_a_table_without_rows_leaves_no_object_behind(spark: SparkSession, tmp_path: Path) -> None:
    totals, _, lines = write(rows(spark, ("one", "a", 1)).where("id = 'x'"), tmp_path / "out")

    assert (totals["item"], lines) == (0, [])
    assert [path for path in (tmp_path / "out").iterdir() if path.suffix == ".gz"] == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((None,), "key attribute id is null"),
        (("",), "key attribute id is empty"),
        (("k" * 2049,), "key attribute id is longer than 2048 bytes"),
        (("a", 1, None, None, ""), "key attribute mail is empty"),
        (("a", 1, None, None, "m" * 1025), "key attribute mail is longer than 1024 bytes"),
        (("a", 1, float("inf")), "ratio is not a number that DynamoDB can hold"),
        (("a", 1, 1e126), "ratio is not a number that DynamoDB can hold"),
        (("a", 1, 1e-131), "ratio is not a number that DynamoDB can hold"),
        (("a", 1, None, "[1]"), "document is not a JSON object"),
        (("a", 1, None, '{"a": 1'), "document is not a JSON object"),
        (("a", 1, None, '{"a": 1} {}'), "document is not a JSON object"),
        (("a", 1, None, '{"a": 1, "b": {"c": 1, "c": 2}}'), "document has a name twice"),
        (("a", 1, None, '{"a": {"": 1}}'), "document has an empty name"),
        (("a", 1, None, '{"a":' * 33 + "1" + "}" * 33), "document is nested deeper than 32"),
        (
            ("a", 1, None, '{"n": 123456789012345678901234567890123456789}'),
            "document has a number that DynamoDB cannot hold",
        ),
        (("a", 1, None, json.dumps({"t": "x" * MAX_ITEM_BYTES})), f"item larger than {MAX_ITEM_BYTES} bytes"),
        (("a", 1, 0.0, '{"a": [{}, {}], "deep": "' + "{" * 99 + '", "n": "' + "9" * 60 + '"}', "m@x"), None),
        (("a", 1, None, json.dumps({str(n): {"a": [n]} for n in range(99)})), None),
    ],
)
def test_a_row_is_rejected_for_the_reason_that_it_has(
    spark: SparkSession, row: tuple[Any, ...], reason: str | None
) -> None:
    spec = table(COLUMNS, attributes=ATTRIBUTES, index_keys=(KeyAttribute("mail", "S", 1024),))
    result = rows(spark, ("one", *row))

    assert result.select(rejection(spec, result)).collect()[0][0] == reason


def test_a_select_that_does_not_fit_its_key_is_refused(spark: SparkSession) -> None:
    result = rows(spark, ("one", "a", 1))
    with pytest.raises(SpecError, match=r"Thing\.version: the select gives N, the key says S"):
        writing.prepared(table(COLUMNS, key=(KeyAttribute("version", "S", 2048),)), result)
    with pytest.raises(SpecError, match="the key attribute gone is not among the select's columns"):
        writing.prepared(table(COLUMNS, key=(KeyAttribute("gone", "S", 2048),)), result)


@pytest.mark.parametrize(
    ("megabytes", "expected"), [(0, 1), (1, 1), (100, 4), (130, 1), (400, 2), (2_000, 12), (100_000, 625)]
)
def test_files_hold_a_few_hundred_megabytes_where_a_table_has_that_much(megabytes: int, expected: int) -> None:
    of = Volume(megabytes * 3_000, megabytes * 1024 * 1024)

    assert of.files == expected
    assert megabytes < 128 or 128 <= megabytes / of.files <= 256
    assert not megabytes or of.rows_per_file == 256 * 3_000


def test_ten_terabytes_stay_below_the_objects_that_an_import_takes() -> None:
    of = Volume(30_000_000_000, 10 * 1024**4)

    assert of.files == 20_000
    assert of.rows / of.rows_per_file <= 20_001


def test_a_file_is_not_in_the_order_of_its_keys_and_is_the_same_each_time(spark: SparkSession, tmp_path: Path) -> None:
    result = rows(spark, *[("one", f"k{n:03}", n) for n in range(200)])
    orders = []
    for name in ("first", "second"):
        spec = table(COLUMNS, attributes=ATTRIBUTES, ttl="until")
        writing.write_items(spec, writing.prepared(spec, result), 2, str(tmp_path / name), ["one"])
        lines = {
            path.name.split("-")[1]: [
                json.loads(line)["Item"]["id"]["S"] for line in gzip.decompress(path.read_bytes()).splitlines()
            ]
            for path in (tmp_path / name).glob("*.gz")
        }
        orders.append(lines)

    assert orders[0] == orders[1]
    assert sorted(key for keys in orders[0].values() for key in keys) == [f"k{n:03}" for n in range(200)]
    assert not any(keys == sorted(keys) for keys in orders[0].values())


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"),
        (1e-7, "1.0E-7"),
        (2e23, "2E+23"),
        (8.41e21, "8.41E+21"),
        (-9.8765432101234567e17, "-9.876543210123457E+17"),
        (5e-324, "4.9E-324"),
    ],
)
def test_a_double_is_written_with_the_fewest_digits_that_give_it_back(
    spark: SparkSession, number: float, text: str
) -> None:
    result = rows(spark, ("one", "a", None, number))
    line = result.select(item_text(table(COLUMNS, attributes=ATTRIBUTES), result)).collect()[0][0]

    assert json.loads(line) == {"Item": {"id": {"S": "a"}, "ratio": {"N": text}}}
    assert float(text) == number
